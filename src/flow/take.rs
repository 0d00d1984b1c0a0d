//! Take what directives order: which rows of a frame are certain, and by which order.

use crate::domain::declaration::StoredDeclaration;
use crate::domain::directive::{Row, take};
use crate::domain::{digest, draw::Draw};
use crate::error::Result;
use crate::store::{self, Conn, chain};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{BTreeMap, HashMap};

/// The directive that takes each declaration of a frame, by declaration number; of those that none
/// takes there is nothing. Inside a transaction that holds the office's lock.
pub(super) fn taken(
    conn: &mut Conn,
    office: &str,
    day: NaiveDate,
    declared: &[StoredDeclaration],
) -> Result<HashMap<String, String>> {
    let mut directives = store::directives::in_force(conn, office, day)?;
    directives.sort_by(|a, b| a.place().cmp(&b.place()));
    let limited = directives.iter().filter(|directive| directive.order.limit.is_some());
    let limited: Vec<&str> = limited.map(|directive| directive.id.as_str()).collect();
    let before = store::directives::taken(conn, &limited)?;
    let frame = declared.iter().map(|stored| Row {
        declaration: &stored.declaration,
        received_at: stored.received_at,
        chain_sequence: stored.chain_sequence,
    });
    Ok(take(&directives, &before, frame))
}

/// Logs which directive took what, where any did: the frame says only that a row is certain.
pub(super) fn log(
    conn: &mut Conn,
    draw: &Draw,
    taken: &HashMap<String, String>,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    if taken.is_empty() {
        return Ok(());
    }
    let sorted: BTreeMap<&String, &String> = taken.iter().collect();
    let office = draw.office.as_str();
    let entry = chain::Entry { office, kind: "directives.applied", actor, object: &draw.id };
    chain::append(conn, now, entry, digest::of(&sorted)).map(drop)
}
