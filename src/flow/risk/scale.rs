//! Scales: how the scores of a model become factors under the rules that are in force, measured on
//! the declarations of the 90 days before the fit and kept with the model.

use super::past::Pasts;
use super::read::model_of;
use super::sheet::Sheet;
use crate::domain::in_force::InForce;
use crate::domain::key::Scope;
use crate::domain::policy::Goods;
use crate::domain::problem::Code;
use crate::domain::reference::country;
use crate::domain::risk::RiskModel;
use crate::error::{Error, Result};
use crate::flow::in_force;
use crate::statistics::risk::{FEWEST, Model, Scale, calibrate};
use crate::store::risk_models::StoredScale;
use crate::store::{self, Conn, Store};
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::collections::{BTreeMap, HashMap};

/// How far back the declarations lie on which scales are measured.
const WINDOW: Days = Days::new(90);

/// A kept scale.
pub(super) fn read(stored: &StoredScale) -> Result<Scale> {
    serde_json::from_str(&stored.scale).map_err(|error| Error::Inner(error.into()))
}

/// Measures the scales of the active model under what is in force on some days, so that no draw has
/// to do it while others wait.
pub(in crate::flow) fn prepare(
    store: &Store,
    days: impl IntoIterator<Item = NaiveDate>,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(kept) = store.read(store::risk_models::active)? else { return Ok(()) };
    let mut model = None;
    for day in days {
        let Some(in_force) = store.read(|conn| unmeasured(conn, kept.version, day))? else {
            continue;
        };
        let model = match &model {
            Some(model) => model,
            None => model.insert(model_of(&kept)?),
        };
        let measured = store.snapshot(|conn| measure(conn, &kept, model, &in_force))?;
        let sha256 = in_force.sha256();
        store.write(|conn| {
            store::risk_models::insert_scales(conn, kept.version, &sha256, &measured, now)
        })?;
    }
    Ok(())
}

/// What is in force on a day, where no scales are kept for it. A day without a policy is the draw's
/// to refuse.
fn unmeasured(conn: &mut Conn, version: i32, day: NaiveDate) -> Result<Option<InForce>> {
    let in_force = match in_force::on(conn, day) {
        Err(Error::Problem(problem)) if problem.code == Code::NoPolicy => return Ok(None),
        on_day => on_day?.in_force,
    };
    let kept = store::risk_models::scales(conn, version, &in_force.sha256())?;
    Ok(kept.is_empty().then_some(in_force))
}

/// A declaration's probability and the number of the rule that applies to it.
struct Reference {
    rule: usize,
    probability: f64,
}

/// Measures the scale of every rule that is in force.
pub(super) fn measure(
    conn: &mut Conn,
    kept: &RiskModel,
    model: &Model,
    in_force: &InForce,
) -> Result<BTreeMap<String, StoredScale>> {
    let rules = in_force.rules();
    let reference = reference(conn, kept, model, in_force)?;
    let all: Vec<f64> = reference.iter().map(|one| one.probability).collect();
    let floor_ppm = in_force.policy.floor_ppm;
    let mut scales = BTreeMap::new();
    for (number, rule) in rules.iter().enumerate() {
        let own = reference.iter().filter(|one| one.rule == number);
        let own: Vec<f64> = own.map(|one| one.probability).collect();
        let measured = if own.len() < FEWEST { &all } else { &own };
        let scale = calibrate(measured, rule.proportion_ppm, floor_ppm, rule.exponent_milli);
        let scale = serde_json::to_string(&scale).map_err(|error| Error::Inner(error.into()))?;
        let declarations = u64::try_from(measured.len()).unwrap_or(u64::MAX);
        scales.insert(rule.rule.to_owned(), StoredScale { declarations, scale });
    }
    Ok(scales)
}

/// The declarations of the window with their scores as of the fit, office by office and day by day.
fn reference(
    conn: &mut Conn,
    kept: &RiskModel,
    model: &Model,
    in_force: &InForce,
) -> Result<Vec<Reference>> {
    let rules: HashMap<&str, usize> =
        in_force.rules().iter().enumerate().map(|(at, rule)| (rule.rule, at)).collect();
    let first = kept.as_of.checked_sub_days(WINDOW).unwrap_or(NaiveDate::MIN);
    let mut reference = Vec::new();
    let mut pasts = Pasts::before(kept.as_of);
    for office in store::offices::all(conn, &Scope::All)? {
        for day in first.iter_days().take_while(|day| *day < kept.as_of) {
            let declared = store::risk_models::declared(conn, office.code.as_str(), day)?;
            let sheets: Vec<Sheet> = declared.into_iter().map(Sheet::from).collect();
            let exporters: Vec<&str> = sheets.iter().map(|s| s.exporter_id.as_str()).collect();
            pasts.extend(conn, &exporters)?;
            for sheet in &sheets {
                let Some(goods) = goods(sheet) else { continue };
                let Some(applied) = in_force.applied(goods) else { continue };
                let rule = rules.get(applied.rule).copied();
                let past = pasts.of(&sheet.exporter_id, &sheet.number);
                let facts = sheet.facts(kept.currency.as_deref(), &past);
                let probability = model.probability(&facts);
                reference.extend(rule.map(|rule| Reference { rule, probability }));
            }
        }
    }
    Ok(reference)
}

/// What a rule is asked about.
fn goods(sheet: &Sheet) -> Option<Goods<'_>> {
    Some(Goods {
        office: &sheet.office,
        country: &sheet.destination_country,
        region: country::find(&sheet.destination_country)?.region,
        commodity: &sheet.commodity_code,
    })
}
