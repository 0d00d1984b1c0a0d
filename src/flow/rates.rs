//! Report failure rates: of any period, split and filtered, weighted back to all declarations.
//!
//! Rows are added up by place ([`parts`]), places join to cells ([`cells`]), and a cell takes the
//! response factors of its classes ([`responses`]) when it is read. Classes are always whole, office
//! × month × region, whatever is filtered or split. Every sum is made in one fixed order, so the same
//! data gives the same bits, whichever engine holds it.

mod ask;
pub mod cells;
pub mod parts;
pub mod responses;

pub use ask::{Ask, Split, Words};
pub use cells::{Cell, Label, MOST_CELLS};

use crate::domain::id::OfficeCode;
use crate::domain::key::Caller;
use crate::domain::period::PeriodKind;
use crate::domain::problem::Problem;
use crate::error::Result;
use crate::store::{self, Conn, Store};
use parts::{Parts, Rows};
use responses::Responses;

/// The failure rates that are asked for, in order of period and labels; only of the caller's
/// offices, though response classes pool over all.
///
/// # Errors
/// Not found for an office that is unknown or foreign; an invalid parameter for an answer of more
/// than [`MOST_CELLS`] cells.
pub fn failure_rates(store: &Store, caller: &Caller, ask: &Ask) -> Result<Vec<Cell>> {
    let (parts, responses) = store.snapshot(|conn| read(conn, caller, ask))?;
    cells::assemble(ask, &parts, &responses)
}

/// Everything a rate needs, as of one moment.
fn read(conn: &mut Conn, caller: &Caller, ask: &Ask) -> Result<(Parts, Responses)> {
    let filter = ask.filter(offices(conn, caller, &ask.offices)?);
    let detail = ask.detail();
    let rows = Rows {
        frames: store::rates::frames(conn, &filter, detail)?,
        waiting: store::rates::waiting(conn, &filter, detail)?,
        drawn: store::rates::drawn(conn, &filter, detail)?,
    };
    let parts = parts::add(rows, ask.tells_selections())?;
    // Classes are whole months, wherever in a month the days begin and end.
    let month = |day| PeriodKind::Month.of(day);
    let months = (month(ask.days.0).first(), month(ask.days.1).last());
    let responses = Responses::of(&store::rates::responses(conn, months)?)?;
    Ok((parts, responses))
}

/// The offices asked for, or all of the caller's.
fn offices(conn: &mut Conn, caller: &Caller, asked: &[OfficeCode]) -> Result<Vec<String>> {
    let own = store::offices::all(conn, &caller.scope)?;
    let own: Vec<String> = own.into_iter().map(|office| office.code.into()).collect();
    if asked.is_empty() {
        return Ok(own);
    }
    let known = |office: &OfficeCode| {
        let found = own.iter().find(|own| *own == office.as_str());
        found.cloned().ok_or_else(|| Problem::not_found("office", office).into())
    };
    asked.iter().map(known).collect()
}
