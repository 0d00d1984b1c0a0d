//! Take what directives order: which rows of a frame are certain, and by which order.

use crate::domain::approval::SignedBefore;
use crate::domain::declaration::StoredDeclaration;
use crate::domain::directive::{Directive, Orders, Row, take};
use crate::domain::{
    digest,
    draw::{Candidate, Draw},
};
use crate::error::Result;
use crate::store::{self, Conn, chain};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Whether what is read will be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lock {
    /// It will: the limits that this frame draws on are locked until the transaction ends, in bytewise
    /// order of id, so that two offices never both take what is left of one.
    Taken,
    /// It only tells.
    None,
}

/// The directive that takes each declaration of a frame, by declaration number; of those that none
/// takes there is nothing. Those count that were ordered, and not closed, before `signed_before`.
pub(super) fn taken(
    conn: &mut Conn,
    office: &str,
    day: NaiveDate,
    declared: &[StoredDeclaration],
    signed_before: SignedBefore,
    lock: Lock,
) -> Result<HashMap<String, String>> {
    let mut directives = store::directives::in_force(conn, office, day, signed_before)?;
    directives.sort_by(|a, b| a.place().cmp(&b.place()));
    let limited = limits_drawn_on(&directives, declared);
    let limited: Vec<&str> = limited.iter().map(String::as_str).collect();
    if lock == Lock::Taken {
        store::directives::lock(conn, &limited)?;
    }
    let before = store::directives::taken(conn, &limited)?;
    let frame = declared.iter().map(|stored| Row {
        declaration: &stored.declaration,
        received_at: stored.received_at,
        chain_sequence: stored.chain_sequence,
    });
    Ok(take(&directives, &before, frame))
}

/// The directives with a limit that hold something in a frame.
fn limits_drawn_on(directives: &[Directive], declared: &[StoredDeclaration]) -> BTreeSet<String> {
    let limited = directives.iter().filter(|directive| directive.order.limit.is_some());
    let limited: Vec<Directive> = limited.cloned().collect();
    if limited.is_empty() {
        return BTreeSet::new();
    }
    let orders = Orders::new(&limited);
    let held = declared.iter().flat_map(|stored| orders.holding(&stored.declaration));
    held.map(|directive| directive.id.clone()).collect()
}

/// Logs which directive took what, where any did: the frame says only that a row is certain.
pub(super) fn log(
    conn: &mut Conn,
    draw: &Draw,
    frame: &[Candidate],
    actor: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let taken = frame.iter().filter_map(|c| Some((&c.declaration_number, c.directive.as_ref()?)));
    let taken: BTreeMap<&String, &String> = taken.collect();
    if taken.is_empty() {
        return Ok(());
    }
    let office = draw.office.as_str();
    let entry = chain::Entry { office, kind: "directives.applied", actor, object: &draw.id };
    chain::append(conn, now, entry, digest::of(&taken)).map(drop)
}
