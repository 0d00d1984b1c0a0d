//! Report failure rates: of any period, split and filtered, weighted back to all declarations.
//!
//! Rows are read some days at a time and added up by place ([`parts`]), places join to cells
//! ([`cells`]), and a cell takes the response factors of its classes ([`responses`]) when it is read. Classes are always whole, office
//! × month × region, whatever is filtered or split. Every sum is made in one fixed order, so the same
//! data gives the same bits, whichever engine holds it.

mod ask;
pub mod cells;
mod page;
pub mod parts;
pub mod responses;

pub use ask::{Ask, Split, Words};
pub use cells::{Cell, Label, MOST_CELLS};

use crate::domain::id::OfficeCode;
use crate::domain::key::Caller;
use crate::domain::office::Office;
use crate::domain::period::PeriodKind;
use crate::domain::problem::Problem;
use crate::error::Result;
use crate::store::rates::{CancelledRows, Detail, Filter};
use crate::store::{self, Conn, Store};
use cells::Cells;
use parts::Rows;
use responses::Responses;

/// The failure rates that are asked for, in order of period and labels; only of the caller's
/// offices, though response classes pool over all.
///
/// # Errors
/// Not found for an office that is unknown or foreign; an invalid parameter for an answer of more
/// than [`MOST_CELLS`] cells.
pub fn failure_rates(store: &Store, caller: &Caller, ask: &Ask) -> Result<Vec<Cell>> {
    let (cells, responses) = store.snapshot(|conn| read(conn, caller, ask))?;
    cells.finish(ask, &responses)
}

/// Everything a rate needs, as of one moment.
fn read(conn: &mut Conn, caller: &Caller, ask: &Ask) -> Result<(Cells, Responses)> {
    let offices = offices(conn, caller, &ask.offices)?;
    let codes = offices.iter().map(|office| office.code.as_str().to_owned()).collect();
    let filter = ask.filter(codes);
    let mut cells = Cells::default();
    for days in page::pages(filter.days, &store::rates::per_day(conn, &filter)?) {
        let page = Filter { days, ..filter.clone() };
        let rows = rows(conn, &offices, &page, ask.detail())?;
        cells.add(ask, &parts::add(rows, ask.tells_selections())?)?;
    }
    // Classes are whole months, wherever in a month the days begin and end.
    let month = |day| PeriodKind::Month.of(day);
    let months = (month(ask.days.0).first(), month(ask.days.1).last());
    let responses = Responses::of(&store::rates::responses(conn, months)?)?;
    Ok((cells, responses))
}

fn rows(conn: &mut Conn, offices: &[Office], filter: &Filter, detail: Detail) -> Result<Rows> {
    let mut waiting = store::rates::waiting(conn, filter, detail)?;
    let cancelled = store::rates::cancelled(conn, filter, detail)?;
    waiting.extend(cancelled.into_iter().filter(|c| is_late(offices, c)).map(|c| c.rows));
    let frames = store::rates::frames(conn, filter, detail)?;
    Ok(Rows { frames, waiting, drawn: store::rates::drawn(conn, filter, detail)? })
}

/// Whether a cancellation came after the frame had closed: it stays declared and will be drawn from.
fn is_late(offices: &[Office], cancelled: &CancelledRows) -> bool {
    let place = &cancelled.rows.place;
    let office = offices.iter().find(|office| office.code.as_str() == place.office);
    office.is_some_and(|office| cancelled.at >= office.calendar.closes_at(place.day))
}

/// The offices asked for, or all of the caller's.
fn offices(conn: &mut Conn, caller: &Caller, asked: &[OfficeCode]) -> Result<Vec<Office>> {
    let own = store::offices::all(conn, &caller.scope)?;
    if asked.is_empty() {
        return Ok(own);
    }
    let known = |office: &OfficeCode| {
        let found = own.iter().find(|own| own.code == *office);
        found.cloned().ok_or_else(|| Problem::not_found("office", office).into())
    };
    asked.iter().map(known).collect()
}
