//! What happens by itself: commitments ahead, draws at the cut-offs, reveals, charts evaluated. Any number of replicas
//! may do it at once; unique keys and locks make each thing happen once.

use crate::domain::draw::DrawState;
use crate::domain::key::{Caller, Scope};
use crate::domain::master::MasterKey;
use crate::domain::office::Office;
use crate::error::Result;
use crate::flow::{commit, draw, entropy, reveal, risk, watch};
use crate::store::{self, Store};
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::collections::BTreeSet;

/// What one round of the scheduler did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tick {
    /// Commitments published.
    pub committed: usize,
    /// Draws made.
    pub drawn: usize,
    /// Frames frozen that wait for their entropy.
    pub frozen: usize,
    /// Of all frames that wait, those that have waited too long since the last look: each an alarm.
    pub overdue: usize,
    /// Draws that should be and could not be made: each an alarm.
    pub missing: usize,
    /// Draws revealed.
    pub revealed: usize,
    /// Risk models fitted by the approved recipe.
    pub refitted: usize,
    /// Signals raised by the charts of periods that are over.
    pub signalled: usize,
}

/// For how many days from today the scales of the risk model are measured ahead of the draws.
const SCALED_AHEAD: usize = 4;

/// Does what is due. What fails is logged, a draw counted as well, and the others go on.
///
/// # Errors
/// Those of the database, when it cannot even be asked what is due.
pub fn tick(store: &Store, master: &MasterKey, now: DateTime<Utc>) -> Result<Tick> {
    reach_back(store, master, now, 7)
}

/// [`tick`], for the start of a process: looks a year back for days with live declarations that no
/// commitment stands for, as when no scheduler ran.
///
/// # Errors
/// As [`tick`].
pub fn catch_up(store: &Store, master: &MasterKey, now: DateTime<Utc>) -> Result<Tick> {
    reach_back(store, master, now, 366)
}

fn reach_back(store: &Store, master: &MasterKey, now: DateTime<Utc>, days: u64) -> Result<Tick> {
    let mut done = Tick::default();
    let offices = store.read(|conn| store::offices::all(conn, &Scope::All))?;
    for office in &offices {
        match commit::ahead(store, master, office, now) {
            Ok(made) => done.committed += made,
            Err(error) => tracing::error!(office = %office.code, %error, "no commitments ahead"),
        }
    }
    match risk::refit(store, now) {
        Ok(refitted) => done.refitted += usize::from(refitted),
        Err(error) => tracing::error!(%error, "the risk model of the night is missing"),
    }
    let ahead = now.date_naive().iter_days().take(SCALED_AHEAD);
    if let Err(error) = risk::prepare(store, ahead, now) {
        tracing::error!(%error, "no scales ahead");
    }
    for (office, day) in due(store, &offices, now, days)? {
        match draw::draw(store, master, &Caller::operator("scheduler"), &office, day, now) {
            Ok((draw, draw::Made::Now)) if draw.state == DrawState::Frozen => done.frozen += 1,
            Ok((_, draw::Made::Now)) => done.drawn += 1,
            Ok((_, draw::Made::Before)) => {}
            Err(error) => {
                done.missing += 1;
                tracing::error!(office, %day, %error, "a draw is missing");
            }
        }
    }
    done.overdue = entropy::remind(store, now)?;
    done.revealed = reveal::overdue(store, master, now)?;
    // Last, for it may read half a year; where nothing is due it costs a look at two months of days.
    match watch::evaluate(store, "scheduler", now) {
        Ok(evaluated) => done.signalled = evaluated.raised.len(),
        Err(error) => tracing::error!(%error, "the charts of a period are not evaluated"),
    }
    Ok(done)
}

/// The days whose frames have closed and that wait for their draw, the earliest first: those with a
/// commitment, and those of the last `back` days with live declarations.
fn due(
    store: &Store,
    offices: &[Office],
    now: DateTime<Utc>,
    back: u64,
) -> Result<Vec<(String, NaiveDate)>> {
    store.snapshot(|conn| {
        // No office is more than a day ahead of UTC.
        let horizon = now.date_naive().succ_opt().unwrap_or(now.date_naive());
        let mut due: BTreeSet<(NaiveDate, String)> = BTreeSet::new();
        for (office, day) in store::commitments::due(conn, horizon)? {
            due.insert((day, office));
        }
        let first = horizon.checked_sub_days(Days::new(back)).unwrap_or(horizon);
        for office in offices {
            let code = office.code.as_str();
            for day in store::declarations::days_waiting(conn, code, (first, horizon))? {
                due.insert((day, code.to_owned()));
            }
        }
        let closed = |(day, code): &(NaiveDate, String)| {
            let office = offices.iter().find(|office| office.code.as_str() == code);
            office.is_some_and(|office| now >= office.calendar.closes_at(*day))
        };
        Ok(due.into_iter().filter(closed).map(|(day, office)| (office, day)).collect())
    })
}
