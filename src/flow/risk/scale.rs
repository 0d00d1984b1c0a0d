//! Scales: how the scores of a model become factors under the rules that are in force, measured on
//! the declarations of the 90 days before the fit and kept with the model.

use super::past::Pasts;
use super::read::model_of;
use super::sheet::Sheet;
use crate::domain::approval::{SignedBefore, open_day};
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
use std::sync::{Mutex, PoisonError};

/// How far back the declarations lie on which scales are measured.
const WINDOW: Days = Days::new(90);

/// A kept scale.
pub(super) fn read(stored: &StoredScale) -> Result<Scale> {
    serde_json::from_str(&stored.scale).map_err(|error| Error::Inner(error.into()))
}

/// One measurement at a time: whoever waits finds the scales there.
static MEASURING: Mutex<()> = Mutex::new(());

/// Measures the scales of the active model under what is in force on some days, so that no draw has
/// to do it while others wait.
pub(in crate::flow) fn prepare(
    store: &Store,
    days: impl IntoIterator<Item = NaiveDate>,
    now: DateTime<Utc>,
) -> Result<()> {
    for day in days {
        // Days to come go by what is signed by now, those that have passed by history's rules as well.
        let signed_before = (day >= open_day(now)).then_some(DateTime::<Utc>::MAX_UTC);
        if store.read(|conn| unmeasured(conn, day, signed_before))?.is_none() {
            continue;
        }
        // A thread that panicked measured nothing that would be half done.
        let _alone = MEASURING.lock().unwrap_or_else(PoisonError::into_inner);
        let measured = store.snapshot(|conn| {
            let Some((kept, in_force)) = unmeasured(conn, day, signed_before)? else {
                return Ok(None);
            };
            let model = model_of(conn, &kept)?;
            let scales = measure(conn, &kept, &model, &in_force)?;
            Ok(Some((kept.version, in_force.sha256(), scales)))
        })?;
        let Some((version, sha256, scales)) = measured else { continue };
        store.write(|conn| {
            store::risk_models::insert_scales(conn, version, &sha256, &scales, now)
        })?;
    }
    Ok(())
}

/// The model of a day and what is in force on it, where no scales are kept for both. A day without a
/// policy is the draw's to refuse.
fn unmeasured(
    conn: &mut Conn,
    day: NaiveDate,
    signed_before: SignedBefore,
) -> Result<Option<(RiskModel, InForce)>> {
    let Some(model) = store::risk_models::active_for(conn, day, signed_before)? else {
        return Ok(None);
    };
    let in_force = match in_force::on(conn, day, signed_before) {
        Err(Error::Problem(problem)) if problem.code == Code::NoPolicy => return Ok(None),
        on_day => on_day?.in_force,
    };
    let scales = store::risk_models::scales(conn, model.version, &in_force.sha256())?;
    Ok(scales.is_empty().then_some((model, in_force)))
}

/// The most scores a scale is measured on. Of more, so many are taken at even steps through the sorted
/// scores: their mean differs from that of all by far less than the 1 % that a scale promises.
const ENOUGH: usize = 20_000;

/// Scores in their order, thinned to at most [`ENOUGH`].
fn thinned(mut scores: Vec<f64>) -> Vec<f64> {
    scores.sort_unstable_by(f64::total_cmp);
    if scores.len() <= ENOUGH {
        return scores;
    }
    let middle = |step: usize| (2 * step + 1) * scores.len() / (2 * ENOUGH);
    (0..ENOUGH).filter_map(|step| scores.get(middle(step)).copied()).collect()
}

/// Measures the scale of every rule that is in force.
pub(super) fn measure(
    conn: &mut Conn,
    kept: &RiskModel,
    model: &Model,
    in_force: &InForce,
) -> Result<BTreeMap<String, StoredScale>> {
    let rules = in_force.rules();
    let mut by_rule = reference(conn, kept, model, in_force)?;
    let counts: Vec<usize> = by_rule.iter().map(Vec::len).collect();
    // A rule with few declarations is measured on those of all rules.
    let any_small = counts.iter().any(|count| *count < FEWEST);
    let all = if any_small { thinned(by_rule.concat()) } else { Vec::new() };
    let total = counts.iter().sum();
    let floor_ppm = in_force.policy.floor_ppm;
    let mut scales = BTreeMap::new();
    for ((rule, own), count) in rules.iter().zip(&mut by_rule).zip(counts) {
        let own = thinned(std::mem::take(own));
        let (measured, declarations) = if count < FEWEST { (&all, total) } else { (&own, count) };
        let scale = calibrate(measured, rule.proportion_ppm, floor_ppm, rule.exponent_milli);
        let scale = serde_json::to_string(&scale).map_err(|error| Error::Inner(error.into()))?;
        let declarations = u64::try_from(declarations).unwrap_or(u64::MAX);
        scales.insert(rule.rule.to_owned(), StoredScale { declarations, scale });
    }
    Ok(scales)
}

/// The scores of the window's declarations as of the fit, by rule; office by office and day by day.
fn reference(
    conn: &mut Conn,
    kept: &RiskModel,
    model: &Model,
    in_force: &InForce,
) -> Result<Vec<Vec<f64>>> {
    let rules: HashMap<&str, usize> =
        in_force.rules().iter().enumerate().map(|(at, rule)| (rule.rule, at)).collect();
    let first = kept.as_of.checked_sub_days(WINDOW).unwrap_or(NaiveDate::MIN);
    let mut scores: Vec<Vec<f64>> = vec![Vec::new(); rules.len()];
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
                if let Some(own) = rule.and_then(|rule| scores.get_mut(rule)) {
                    own.push(model.probability(&facts));
                }
            }
        }
    }
    Ok(scores)
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
