//! Report failure rates: of any period, split and filtered, weighted back to all declarations.
//!
//! Sums are kept with each draw and each result (`kept`); where they do not tell apart what is asked,
//! the rows of the frames are added up by place ([`parts`]). Places join to cells ([`cells`]), and a
//! cell takes the response factors of its classes ([`responses`]) when it is read. Classes are always
//! whole, office × month × region, whatever is filtered or split. Every sum of rows is exact, so the
//! same data gives the same bits, whichever way it is read and whichever engine holds it. Who inspected
//! is in no sum; it is read from the rows (`inspected`).

mod ask;
pub mod cells;
pub mod compare;
pub mod coverage;
pub mod defects;
mod headline;
pub(super) mod inspected;
pub(super) mod kept;
mod labels;
pub mod parts;
mod rebuild;
pub mod responses;
pub mod results;
mod scope;

pub use ask::{Ask, Filters, Split, Words};
pub use cells::{Cell, Label, MOST_CELLS};
pub use compare::{Compare, Compared, Comparison, Question, Reason};
pub use coverage::coverage;
pub use defects::defects;
pub use rebuild::{Checked, Difference, anew_if_left, check, rebuild};

use crate::domain::campaign::CampaignScope;
use crate::domain::headline::Headline;
use crate::domain::id::OfficeCode;
use crate::domain::key::{Caller, Scope};
use crate::domain::office::Office;
use crate::domain::period::PeriodKind;
use crate::domain::problem::{Code, Problem};
use crate::error::{Error, Result};
use crate::store::rates::{CancelledRows, Detail, Filter};
use crate::store::sums::View;
use crate::store::{self, Conn, Store};
use ask::Source;
use cells::Cells;
use chrono::NaiveDate;
use labels::Known;
use parts::{Part, Parts, Rows};
use responses::{Classes, Responses};
use std::collections::BTreeSet;

/// A failure rate as it is reported.
#[derive(Clone, Debug)]
pub struct Reported {
    /// The cell, and what it is compared with.
    pub compared: Compared,
    /// What it says, in a sentence.
    pub headline: Headline,
}

/// The failure rates that are asked for, in order of period and labels; only of the caller's
/// offices, though response classes pool over all.
///
/// # Errors
/// Not found for an office or a campaign that is unknown, or an office that is foreign; an impossible
/// question for an unknown province, or an answer of more than [`MOST_CELLS`] cells.
pub fn failure_rates(store: &Store, caller: &Caller, ask: &Ask) -> Result<Vec<Cell>> {
    store.snapshot(|conn| of(conn, caller, ask))
}

/// The same beside those that they are compared with, each with its headline.
///
/// # Errors
/// Those of [`failure_rates`].
pub fn report(store: &Store, caller: &Caller, question: &Question) -> Result<Vec<Reported>> {
    let compared = store.snapshot(|conn| compared(conn, caller, question))?;
    let report = |compared: Compared| {
        let headline = headline::of(&question.ask, &caller.scope, &compared);
        Reported { compared, headline }
    };
    Ok(compared.into_iter().map(report).collect())
}

/// The cells of both ranges in one snapshot. Labels that only one range has are cells of the other too.
fn compared(conn: &mut Conn, caller: &Caller, question: &Question) -> Result<Vec<Compared>> {
    let ask = &question.ask;
    let Some(ask_before) = question.before() else {
        return Ok(compare::pair(question, of(conn, caller, ask)?, Vec::new()));
    };
    let scene = Scene::of(conn, caller, ask)?;
    let (mut now, mut before) =
        (Cells::new(ask, &scene.known)?, Cells::new(&ask_before, &scene.known)?);
    now.stand_beside(&mut before)?;
    let now_responses = scene.fill(conn, ask, &mut now)?;
    let before_responses = scene.fill(conn, &ask_before, &mut before)?;
    now.stand_beside(&mut before)?;
    let now = now.finish(&now_responses)?;
    let before = before.finish(&before_responses)?;
    Ok(compare::pair(question, now, before))
}

/// The failure rates of one range inside a snapshot.
pub(super) fn of(conn: &mut Conn, caller: &Caller, ask: &Ask) -> Result<Vec<Cell>> {
    let scene = Scene::of(conn, caller, ask)?;
    let mut cells = Cells::new(ask, &scene.known)?;
    let responses = scene.fill(conn, ask, &mut cells)?;
    cells.finish(&responses)
}

/// What cells need to know beyond the rows, whatever the days.
struct Scene {
    offices: Vec<Office>,
    /// The codes that the database must narrow rows to; `None` where all offices are asked for.
    narrowed: Option<Vec<String>>,
    known: Known,
}

impl Scene {
    fn of(conn: &mut Conn, caller: &Caller, ask: &Ask) -> Result<Self> {
        let offices = offices(conn, caller, ask)?;
        let known = Known {
            provinces: offices.iter().map(|o| (o.code.to_string(), o.province.clone())).collect(),
            campaigns: campaigns(conn, ask)?,
        };
        let narrowed = narrowed(caller, ask, &offices);
        Ok(Self { offices, narrowed, known })
    }

    /// Reads what is asked for, from where it is read fastest, and the response factors that it takes.
    fn fill(&self, conn: &mut Conn, ask: &Ask, cells: &mut Cells<'_>) -> Result<Responses> {
        let campaigns: Vec<_> = self.known.campaigns.iter().map(|(_, scope)| scope).collect();
        let filter = scope::within(ask.filter(self.narrowed.clone()), &campaigns);
        let scopes: Vec<_> = campaigns.iter().copied().chain(&ask.outside).collect();
        let source = ask.source(&scopes);
        let mut classes = None;
        match source {
            // Whole months of everything: the rows are the classes, and are read once.
            Source::Kept(View::Month) if filter == Filter::of_days(filter.days) => {
                classes = Some(read_whole(conn, &filter, cells)?);
            }
            Source::Kept(_) => read(conn, source, &filter, cells)?,
            // Where it is only some of the months that the sums cannot tell, only their rows are read.
            Source::Rows => {
                for days in ask.pages(&filter) {
                    let page = Filter { days, ..filter.clone() };
                    read(conn, ask.source_of(days, &scopes), &page, cells)?;
                }
            }
        }
        let detail = match source {
            Source::Kept(View::Day | View::Month) => Detail::Region,
            Source::Kept(View::Country) => Detail::Country,
            Source::Kept(View::Chapter) | Source::Rows => Detail::Goods,
        };
        cells.add(&waiting(conn, &self.offices, &filter, detail)?)?;
        match classes {
            Some(classes) => Responses::of(&classes),
            None => responses(conn, ask.days),
        }
    }
}

/// Adds whole months of everything to cells, and counts the classes in passing.
fn read_whole(conn: &mut Conn, filter: &Filter, cells: &mut Cells<'_>) -> Result<Classes> {
    let mut classes = Classes::new();
    for row in store::sums::of_view(conn, View::Month, filter)? {
        let (place, part) = kept::read(row)?;
        cells.add_part(&place, &part)?;
        let class = classes.entry((place.day, place.office, place.region)).or_default();
        class.drawn += part.counts.drawn;
        class.inspected += part.tally.n;
        class.open += part.counts.open;
    }
    Ok(classes)
}

/// Adds what lies inside a filter to cells.
fn read(conn: &mut Conn, source: Source, filter: &Filter, cells: &mut Cells<'_>) -> Result<()> {
    match source {
        Source::Kept(view) => {
            for row in store::sums::of_view(conn, view, filter)? {
                let (place, part) = kept::read(row)?;
                cells.add_part(&place, &part)?;
            }
        }
        Source::Rows => {
            store::rates::frames(conn, filter, |row| {
                Ok(cells.add_part(&row.place, &Part::of_frame(row.pi, row.rows)?)?)
            })?;
            for row in store::rates::drawn(conn, filter)? {
                let part = Part::of_item(row.pi, row.place.selection, row.state)?;
                cells.add_part(&row.place, &part)?;
            }
        }
    }
    Ok(())
}

/// The response factors of all classes of the months that days lie in. Classes are whole months,
/// wherever in a month the days begin and end.
pub(super) fn responses(conn: &mut Conn, days: (NaiveDate, NaiveDate)) -> Result<Responses> {
    let month = |day| PeriodKind::Month.of(day);
    let months = (month(days.0).first(), month(days.1).last());
    let mut classes = Classes::new();
    for (month, office, region, drawn, inspected, open) in store::sums::classes(conn, months)? {
        let class = classes.entry((month, office, region)).or_default();
        let count = |count: i64| u64::try_from(count).map_err(|error| Error::Inner(error.into()));
        class.drawn += count(drawn)?;
        class.inspected += count(inspected)?;
        class.open += count(open)?;
    }
    Responses::of(&classes)
}

/// Declarations that are in no frame yet and will be drawn from.
fn waiting(conn: &mut Conn, offices: &[Office], filter: &Filter, detail: Detail) -> Result<Parts> {
    let mut waiting = store::rates::waiting(conn, filter, detail)?;
    let cancelled = store::rates::cancelled(conn, filter)?;
    waiting.extend(cancelled.into_iter().filter(|c| is_late(offices, c)).map(|c| c.rows));
    parts::add(Rows { waiting, ..Rows::default() })
}

/// Whether a cancellation came after the frame had closed: it stays declared and will be drawn from.
fn is_late(offices: &[Office], cancelled: &CancelledRows) -> bool {
    let place = &cancelled.rows.place;
    let office = offices.iter().find(|office| office.code.as_str() == place.office);
    office.is_some_and(|office| cancelled.at >= office.calendar.closes_at(place.day))
}

/// The offices asked for, or all of the caller's.
fn offices(conn: &mut Conn, caller: &Caller, ask: &Ask) -> Result<Vec<Office>> {
    let own = store::offices::all(conn, &caller.scope)?;
    let find = |office: &OfficeCode| {
        let found = own.iter().find(|own| own.code == *office);
        found.cloned().ok_or_else(|| Problem::not_found("office", office))
    };
    let asked = match ask.offices.as_slice() {
        [] => own.clone(),
        codes => codes.iter().map(find).collect::<Result<_, Problem>>()?,
    };
    if ask.provinces.is_empty() {
        return Ok(asked);
    }
    let has = |office: &Office, province: &String| office.province.as_ref() == Some(province);
    if let Some(unknown) = ask.provinces.iter().find(|p| !own.iter().any(|office| has(office, p))) {
        return Err(no_such_province(unknown, &own).into());
    }
    let inside = |office: &Office| ask.provinces.iter().any(|province| has(office, province));
    Ok(asked.into_iter().filter(inside).collect())
}

fn no_such_province(unknown: &str, own: &[Office]) -> Problem {
    let known: BTreeSet<_> = own.iter().filter_map(|office| office.province.as_deref()).collect();
    let known = known.into_iter().collect::<Vec<_>>().join(", ");
    let known = if known.is_empty() { "no office has a province".into() } else { known };
    let words = format!("province: no office is in `{}`; {known}", unknown.escape_debug());
    Problem::new(Code::QuestionImpossible, words)
}

/// The codes that the database must narrow rows to; `None` where all offices are asked for.
fn narrowed(caller: &Caller, ask: &Ask, offices: &[Office]) -> Option<Vec<String>> {
    let all = matches!(caller.scope, Scope::All);
    let everything = all && ask.offices.is_empty() && ask.provinces.is_empty();
    (!everything).then(|| offices.iter().map(|office| office.code.to_string()).collect())
}

/// The scopes of the campaigns asked for, proposed ones too; of all where rates are split by campaign
/// and none is named.
fn campaigns(conn: &mut Conn, ask: &Ask) -> Result<Vec<(String, CampaignScope)>> {
    if ask.campaigns.is_empty() && !ask.split_by.contains(&Split::Campaign) {
        return Ok(Vec::new());
    }
    let all = store::campaigns::all(conn)?;
    let scope = |stored: &store::campaigns::StoredCampaign| {
        (stored.campaign.id.clone(), stored.campaign.scope.clone())
    };
    let find = |id: &String| -> Result<_> {
        let found = all.iter().find(|stored| stored.campaign.id == *id);
        found.map(scope).ok_or_else(|| Problem::not_found("campaign", id).into())
    };
    match ask.campaigns.as_slice() {
        [] => Ok(all.iter().map(scope).collect()),
        ids => ids.iter().map(find).collect(),
    }
}
