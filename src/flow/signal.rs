//! Raise signals, acknowledge them, and look them up.

use crate::domain::digest;
use crate::domain::draw::{Candidate, Draw};
use crate::domain::key::Caller;
use crate::domain::problem::{Code, Problem};
use crate::domain::signal::{self, Acknowledgement, Signal, SignalKind, signal_id};
use crate::domain::text;
use crate::error::Result;
use crate::store::signals::Filter;
use crate::store::{self, Conn, Store, chain};
use chrono::{DateTime, NaiveDate, Utc};

/// Longest note, in characters.
const LONGEST_NOTE: usize = 500;

/// Raises what a draw says about its day, inside the transaction that froze its frame.
pub(super) fn raise(
    conn: &mut Conn,
    draw: &Draw,
    frame: &[Candidate],
    actor: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut earlier = store::draws::of_day(conn, draw.office.as_str(), draw.day)?;
    earlier.retain(|other| other.round < draw.round);
    signal::of_draw(draw, &earlier, frame)
        .into_iter()
        .try_for_each(|said| raise_one(conn, draw, said, actor, now))
}

/// Raises one signal about a draw, inside a transaction that holds the office's lock.
pub(super) fn raise_one(
    conn: &mut Conn,
    draw: &Draw,
    (kind, evidence): (SignalKind, serde_json::Value),
    actor: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let (id, office) = (signal_id(&draw.id, kind), draw.office.to_string());
    let said = Said { id, kind, office, day: draw.day, evidence };
    keep(conn, said, actor, now).map(drop)
}

/// A signal that is not raised yet.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub id: String,
    pub kind: SignalKind,
    pub office: String,
    pub day: NaiveDate,
    pub evidence: serde_json::Value,
}

/// Raises a signal, inside a transaction that holds the lock of its chain.
pub(super) fn keep(
    conn: &mut Conn,
    Said { id, kind, office, day, evidence }: Said,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<Signal> {
    let signal = Signal {
        id,
        kind,
        day,
        evidence,
        raised_at: now,
        chain_sequence: chain::next_sequence(conn, &office)?,
        office,
        acknowledged: None,
    };
    let office = signal.office.as_str();
    store::signals::insert(conn, &signal)?;
    let entry = chain::Entry { office, kind: "signal.raised", actor, object: &signal.id };
    chain::append(conn, now, entry, digest::of(&(kind, &signal.evidence)))?;
    tracing::warn!(office, signal = signal.id, "a signal was raised");
    Ok(signal)
}

/// Says that somebody knows of a signal; saying the same again changes nothing.
///
/// # Errors
/// Not found; [`Code::SignalAcknowledged`] when it was acknowledged with another note.
pub fn acknowledge(
    store: &Store,
    caller: &Caller,
    id: &str,
    note: &str,
    now: DateTime<Utc>,
) -> Result<Signal> {
    let note = text::said("/note", note, LONGEST_NOTE);
    let note = note.map_err(|error| Problem::fields(vec![error]))?;
    store.write(|conn| {
        let office = own(conn, caller, id)?.office;
        chain::lock(conn, &[&office])?;
        // Read again: only now nobody else can acknowledge it.
        let mut signal = own(conn, caller, id)?;
        match &signal.acknowledged {
            Some(known) if known.note == note => return Ok(signal),
            Some(known) => {
                let at = known.acknowledged_at.format("%Y-%m-%d %H:%M UTC");
                let words = format!("`{id}` was acknowledged on {at} with another note");
                return Err(Problem::new(Code::SignalAcknowledged, words).into());
            }
            None => {}
        }
        let known = Acknowledgement {
            note: note.clone(),
            acknowledged_at: now,
            acknowledged_by: caller.actor.clone(),
            chain_sequence: chain::next_sequence(conn, &office)?,
        };
        store::signals::acknowledge(conn, id, &known)?;
        let (office, actor) = (office.as_str(), caller.actor.as_str());
        let entry = chain::Entry { office, kind: "signal.acknowledged", actor, object: id };
        chain::append(conn, now, entry, digest::of(&(id, &note)))?;
        signal.acknowledged = Some(known);
        Ok(signal)
    })
}

/// One signal of the caller's offices.
///
/// # Errors
/// Not found.
pub fn find(store: &Store, caller: &Caller, id: &str) -> Result<Signal> {
    store.read(|conn| own(conn, caller, id))
}

/// One signal of the caller's offices, inside a transaction; foreign and missing are alike.
fn own(conn: &mut Conn, caller: &Caller, id: &str) -> Result<Signal> {
    let found = store::signals::find(conn, id)?;
    let own = found.filter(|signal| caller.scope.holds(&signal.office));
    own.ok_or_else(|| Problem::not_found("signal", id).into())
}

/// Signals of the caller's offices, the latest day first.
///
/// # Errors
/// Those of the database.
pub fn list(
    store: &Store,
    caller: &Caller,
    filter: &Filter,
    after: Option<&(NaiveDate, String)>,
    limit: i64,
) -> Result<Vec<Signal>> {
    store.read(|conn| store::signals::list(conn, &caller.scope, filter, after, limit))
}
