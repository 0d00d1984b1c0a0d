//! What happens by itself: commitments ahead, draws at the cut-offs, reveals. Any number of replicas
//! may do it at once; unique keys and locks make each thing happen once.

use crate::domain::key::{Caller, Scope};
use crate::domain::master::MasterKey;
use crate::error::Result;
use crate::flow::{commit, draw, reveal};
use crate::store::{self, Store};
use chrono::{DateTime, Utc};

/// What one round of the scheduler did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tick {
    /// Commitments published.
    pub committed: usize,
    /// Draws made.
    pub drawn: usize,
    /// Draws that should be and could not be made: each an alarm.
    pub missing: usize,
    /// Draws revealed.
    pub revealed: usize,
}

/// Does what is due, days that were missed included.
///
/// # Errors
/// Those of the database; a draw that fails is counted and logged, and the others go on.
pub fn tick(store: &Store, master: &MasterKey, now: DateTime<Utc>) -> Result<Tick> {
    let mut done = Tick::default();
    let offices = store.read(|conn| store::offices::all(conn, &Scope::All))?;
    for office in &offices {
        done.committed += commit::ahead(store, master, office, now)?;
    }
    let scheduler = Caller::operator("scheduler");
    // No office is more than a day ahead of UTC.
    let horizon = now.date_naive().succ_opt().unwrap_or(now.date_naive());
    for (code, day) in store.read(|conn| store::draws::due(conn, horizon))? {
        let closed = offices
            .iter()
            .find(|office| office.code.as_str() == code)
            .is_some_and(|office| now >= office.calendar.closes_at(day));
        if !closed {
            continue;
        }
        match draw::draw(store, master, &scheduler, &code, day, now) {
            Ok((_, draw::Made::Now)) => done.drawn += 1,
            Ok((_, draw::Made::Before)) => {}
            Err(error) => {
                done.missing += 1;
                tracing::error!(office = code, %day, %error, "a draw is missing");
            }
        }
    }
    done.revealed = reveal::overdue(store, master, now)?;
    Ok(done)
}
