//! What each inspector inspected: rows added up by inspector, month, office, region and chapter.

use super::labels::is_asked;
use super::{Ask, Scene, cells, responses};
use crate::domain::key::Caller;
use crate::domain::period::PeriodKind;
use crate::error::{Error, Result};
use crate::statistics::{Sums, Tally};
use crate::store::rates::{Filter, InspectedRow};
use crate::store::{self, Conn};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// Goods of one kind that one inspector inspected in a month.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::flow) struct Lot {
    /// First day of the month.
    pub month: NaiveDate,
    /// Office.
    pub office: String,
    /// Region.
    pub region: String,
    /// Chapter.
    pub chapter: String,
    /// Who, of the office's roster; none where that is not recorded.
    pub inspector: Option<String>,
}

/// What a lot comes to.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::flow) struct Work {
    /// The sums of its inspected rows, response factors applied.
    pub sums: Sums,
    /// The risks of those that were scored, added up, in units of 10⁻⁹.
    pub score_ppb: u64,
    /// How many were scored.
    pub scored: u64,
}

/// Everything that is asked for and inspected, in the order of lots; `each` sees every row as it comes,
/// the rows of a day on one page. The sums of rows are exact, so the order of the rows does not matter.
pub(in crate::flow) fn lots(
    conn: &mut Conn,
    caller: &Caller,
    ask: &Ask,
    mut each: impl FnMut(Vec<InspectedRow>) -> Result<()>,
) -> Result<Vec<(Lot, Work)>> {
    let Scene { known, narrowed, .. } = Scene::of(conn, caller, ask)?;
    let filter = ask.filter(narrowed);
    let mut lots = BTreeMap::<Lot, (Tally, Work)>::new();
    for days in ask.pages(&filter) {
        let page = Filter { days, ..filter.clone() };
        let mut rows = store::rates::inspected(conn, &page)?;
        rows.retain(|row| is_asked(ask, &known, &row.place));
        for row in &rows {
            let (tally, work) = lots.entry(lot(row)).or_default();
            let added = tally.add_inspected(row.pi, row.failed);
            added.map_err(|error| Error::Inner(error.into()))?;
            if let Some(score) = row.score_ppb {
                // A model never says 0; a risk that was rounded to 0 is above it.
                work.score_ppb += u64::from(score.max(1));
                work.scored += 1;
            }
        }
        each(rows)?;
    }
    let responses = responses(conn, ask.days)?;
    let weighted = |(lot, (tally, work)): (Lot, (Tally, Work))| {
        let class = responses.class(&(lot.month, lot.office.clone(), lot.region.clone()));
        let sums = cells::weighted(&tally.sums(), class.factor)?;
        Ok((lot, Work { sums, ..work }))
    };
    lots.into_iter().map(weighted).collect()
}

fn lot(row: &InspectedRow) -> Lot {
    let place = &row.place;
    let chapter = place.commodity.get(..2).unwrap_or(&place.commodity);
    Lot {
        month: PeriodKind::Month.of(place.day).first(),
        office: place.office.clone(),
        region: place.region.clone(),
        chapter: chapter.to_owned(),
        inspector: row.inspector.clone(),
    }
}
