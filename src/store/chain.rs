//! The hash chains: one a office, locked before anything of the office is written.

use crate::domain::chain::{Event, GENESIS, Receipt};
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::connection::each;
use crate::store::schema::{chain_heads, events};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// Locks the chains of some offices until the transaction ends, in bytewise order, so that no two
/// writers wait for each other. Whoever holds the lock sees everything committed for the office.
///
/// # Errors
/// Those of the database.
pub fn lock(conn: &mut Conn, offices: &[&str]) -> Result<()> {
    let mut offices = offices.to_vec();
    offices.sort_unstable();
    offices.dedup();
    for office in offices {
        let new = (
            chain_heads::office.eq(office),
            chain_heads::sequence.eq(0_i64),
            chain_heads::head.eq(GENESIS),
        );
        each!(conn, c => diesel::insert_into(chain_heads::table).values(new).on_conflict_do_nothing().execute(c))?;
        if let Conn::Pg(c) = conn {
            // SQLite's writer holds the whole database already.
            chain_heads::table
                .filter(chain_heads::office.eq(office))
                .select(chain_heads::sequence)
                .for_update()
                .first::<i64>(c)?;
        }
    }
    Ok(())
}

/// The number of the next event of a locked chain.
///
/// # Errors
/// Those of the database.
pub fn next_sequence(conn: &mut Conn, office: &str) -> Result<i64> {
    Ok(head(conn, office)?.0 + 1)
}

fn head(conn: &mut Conn, office: &str) -> Result<(i64, String)> {
    let found = chain_heads::table
        .filter(chain_heads::office.eq(office))
        .select((chain_heads::sequence, chain_heads::head))
        .first(conn)
        .optional()?;
    found.ok_or_else(|| {
        Error::inner(format!("chain `{office}` was not locked before it was written"))
    })
}

/// Who does what to what: an event before it has its place.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Office, or [`crate::domain::chain::NO_OFFICE`].
    pub office: &'a str,
    /// Kind of change.
    pub kind: &'a str,
    /// Who.
    pub actor: &'a str,
    /// What.
    pub object: &'a str,
}

/// Appends an event to a locked chain.
///
/// # Errors
/// Those of the database, and an internal error when the chain was not locked.
pub fn append(
    conn: &mut Conn,
    now: DateTime<Utc>,
    entry: Entry<'_>,
    payload_sha256: String,
) -> Result<Receipt> {
    let (last, previous) = head(conn, entry.office)?;
    let event = Event {
        office: entry.office.to_owned(),
        sequence: last + 1,
        at_ms: now.timestamp_millis(),
        kind: entry.kind.to_owned(),
        actor: entry.actor.to_owned(),
        object: entry.object.to_owned(),
        payload_sha256,
    };
    let head = event.head_after(&previous);
    diesel::update(chain_heads::table.filter(chain_heads::office.eq(entry.office)))
        .set((chain_heads::sequence.eq(event.sequence), chain_heads::head.eq(&head)))
        .execute(conn)?;
    diesel::insert_into(events::table)
        .values((
            events::office.eq(&event.office),
            events::sequence.eq(event.sequence),
            events::at_ms.eq(event.at_ms),
            events::kind.eq(&event.kind),
            events::actor.eq(&event.actor),
            events::object.eq(&event.object),
            events::payload_sha256.eq(&event.payload_sha256),
            events::head.eq(&head),
        ))
        .execute(conn)?;
    Ok(Receipt { sequence: event.sequence, head })
}

/// The receipt of an event that happened.
///
/// # Errors
/// Those of the database; an unknown event.
pub fn receipt(conn: &mut Conn, office: &str, sequence: i64) -> Result<Receipt> {
    let head = events::table
        .filter(events::office.eq(office).and(events::sequence.eq(sequence)))
        .select(events::head)
        .first(conn)?;
    Ok(Receipt { sequence, head })
}

/// Events of a chain after a number, in order, with the head after each.
///
/// # Errors
/// Those of the database.
pub fn after(
    conn: &mut Conn,
    office: &str,
    sequence: i64,
    limit: i64,
) -> Result<Vec<(Event, String)>> {
    type Row = (String, i64, i64, String, String, String, String, String);
    let rows: Vec<Row> = events::table
        .filter(events::office.eq(office).and(events::sequence.gt(sequence)))
        .order(events::sequence)
        .limit(limit)
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(office, sequence, at_ms, kind, actor, object, payload_sha256, head)| {
            (Event { office, sequence, at_ms, kind, actor, object, payload_sha256 }, head)
        })
        .collect())
}

/// Every chain with its last number and head, in bytewise order.
///
/// # Errors
/// Those of the database.
pub fn heads(conn: &mut Conn) -> Result<Vec<(String, i64, String)>> {
    let mut heads: Vec<(String, i64, String)> = chain_heads::table.load(conn)?;
    heads.sort();
    Ok(heads)
}
