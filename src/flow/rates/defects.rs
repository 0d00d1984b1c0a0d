//! Which defects are found how often: Pareto's list, by class.

use super::ask::Ask;
use super::cells::{Cell, weighted};
use super::labels::is_asked;
use super::responses::{ClassKey, Responses};
use super::{Scene, of, responses};
use crate::domain::key::Caller;
use crate::domain::period::PeriodKind;
use crate::domain::reference::defect::DefectClass;
use crate::error::{Error, Result};
use crate::statistics::{Confidence, Rate, Sums, Tally, Target, rate};
use crate::store::rates::DefectRow;
use crate::store::{self, Conn, Store};
use std::collections::{BTreeMap, BTreeSet};

/// What was found in some days.
#[derive(Clone, Debug)]
pub struct Defects {
    /// Counts and rate of all goods that are asked for; none where there are none.
    pub whole: Option<Cell>,
    /// Inspected declarations on which a defect was found.
    pub with_defects: u64,
    /// Failed without a defect that is named.
    pub failed_without: u64,
    /// By class, the gravest first; within one by the number of inspections, the most first.
    pub items: Vec<DefectItem>,
}

/// A kind of defect in one class.
#[derive(Clone, Debug)]
pub struct DefectItem {
    /// How grave it was found to be.
    pub class: DefectClass,
    /// Its code.
    pub code: String,
    /// Inspected declarations on which it was found.
    pub inspections: u64,
    /// Units with it.
    pub defects: u64,
    /// `inspections` as a share of those of its class.
    pub share: f64,
    /// That share and those before it in its class.
    pub cumulated_share: f64,
    /// What share of the goods declared have it, weighted back, with its interval.
    pub rate: Rate,
}

/// Which defects were found, of the goods that are asked for; the periods and splits of the question do
/// not matter.
///
/// # Errors
/// Those of [`super::failure_rates`].
pub fn defects(store: &Store, caller: &Caller, ask: &Ask) -> Result<Defects> {
    store.snapshot(|conn| defects_of(conn, caller, ask))
}

/// [`defects`] inside a snapshot.
pub(in crate::flow) fn defects_of(conn: &mut Conn, caller: &Caller, ask: &Ask) -> Result<Defects> {
    let ask = Ask { split_by: Vec::new(), ..ask.clone() };
    let cells = of(conn, caller, &ask)?;
    let Scene { known, narrowed, .. } = Scene::of(conn, caller, &ask)?;
    let filter = ask.filter(narrowed);
    let mut rows = store::rates::defects(conn, &filter)?;
    rows.retain(|row| is_asked(&ask, &known, &row.place));
    let whole = whole(cells);
    let failed = whole.as_ref().map_or(0, |cell| cell.rate.failed);
    let failed_with = count(rows.iter().filter(|row| row.failed).count());
    let items = items(&rows, whole.as_ref(), &responses(conn, ask.days)?)?;
    Ok(Defects {
        whole,
        with_defects: count(rows.len()),
        failed_without: failed.saturating_sub(failed_with),
        items,
    })
}

/// The cells of all periods as one.
fn whole(cells: Vec<Cell>) -> Option<Cell> {
    let mut cells = cells.into_iter();
    let mut whole = cells.next()?;
    for cell in cells {
        whole.counts += cell.counts;
        whole.sums += cell.sums;
        whole.provisional |= cell.provisional;
    }
    whole.rate = rate(&whole.sums, Target::Declarations, Confidence::NINETY_FIVE);
    Some(whole)
}

/// What is known of one code in one class.
#[derive(Default)]
struct Found {
    inspections: u64,
    defects: u64,
    by_class: BTreeMap<ClassKey, Tally>,
}

fn items(
    rows: &[DefectRow],
    whole: Option<&Cell>,
    responses: &Responses,
) -> Result<Vec<DefectItem>> {
    let mut found = BTreeMap::<(DefectClass, &str), Found>::new();
    for row in rows {
        let month = PeriodKind::Month.of(row.place.day).first();
        let class = (month, row.place.office.clone(), row.place.region.clone());
        // An inspection counts once for a code, however many entries it has of it.
        let mut seen = BTreeSet::new();
        for defect in &row.defects {
            let one = found.entry((defect.class, &defect.code)).or_default();
            one.defects += u64::try_from(defect.count).unwrap_or_default();
            if seen.insert((defect.class, &defect.code)) {
                one.inspections += 1;
                let tally = one.by_class.entry(class.clone()).or_default();
                tally.add_inspected(row.pi, true).map_err(|error| Error::Inner(error.into()))?;
            }
        }
    }
    let nothing = Sums::default();
    let all = whole.map_or(&nothing, |cell| &cell.sums);
    let items = found.into_iter().map(|((class, code), found)| {
        let rate = of_found(&found, all, responses)?;
        let Found { inspections, defects, .. } = found;
        let code = code.to_owned();
        let (share, cumulated_share) = (0.0, 0.0);
        Ok(DefectItem { class, code, inspections, defects, share, cumulated_share, rate })
    });
    let mut items = items.collect::<Result<Vec<_>>>()?;
    items.sort_by(|a, b| {
        let order = |item: &DefectItem| (item.class, std::cmp::Reverse(item.inspections));
        order(a).cmp(&order(b)).then_with(|| a.code.cmp(&b.code))
    });
    cumulate(&mut items);
    Ok(items)
}

/// The rate of having it: the sums of everything inspected, with "has it" in the place of "failed".
fn of_found(found: &Found, all: &Sums, responses: &Responses) -> Result<Rate> {
    let mut with = Sums::default();
    for (key, tally) in &found.by_class {
        with += weighted(&tally.sums(), responses.class(key).factor)?;
    }
    let Sums { failed, wy, ay, by, .. } = with;
    let sums = Sums { failed, wy, ay, by, ..*all };
    Ok(rate(&sums, Target::Declarations, Confidence::NINETY_FIVE))
}

fn cumulate(items: &mut [DefectItem]) {
    for class in DefectClass::ALL {
        let of_class = |item: &&mut DefectItem| item.class == class;
        let total: u64 = items.iter_mut().filter(of_class).map(|item| item.inspections).sum();
        let mut before = 0;
        for item in items.iter_mut().filter(of_class) {
            before += item.inspections;
            item.share = share(item.inspections, total);
            item.cumulated_share = share(before, total);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share to some digits")]
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
