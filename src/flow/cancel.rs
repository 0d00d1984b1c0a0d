//! Cancel a declaration: out of its frame while that is open, counted as not inspected after. What was
//! drawn cannot be cancelled out of: the same goods of the exporter are certain to be drawn next. Where a
//! frozen frame waits for its entropy, that shows when it is drawn (`flow/draw.rs`).

use crate::domain::chain::Receipt;
use crate::domain::declaration::StoredDeclaration;
use crate::domain::digest;
use crate::domain::draw::SampleItem;
use crate::domain::inspection::{ItemState, NotInspectedReason};
use crate::domain::key::Caller;
use crate::domain::master::MasterKey;
use crate::domain::problem::{FieldError, Problem};
use crate::domain::text;
use crate::error::Result;
use crate::flow::{directive, inspect, learn, look_up, rates};
use crate::store::{self, Conn, Store, chain};
use chrono::{DateTime, Utc};

/// Cancels a declaration; cancelling again changes nothing and answers the same.
///
/// # Errors
/// Not found; a reason that breaks a rule.
pub fn cancel(
    store: &Store,
    master: &MasterKey,
    caller: &Caller,
    number: &str,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(StoredDeclaration, Receipt)> {
    let reason = reason.map(|reason| text::checked("/reason", reason, 500)).transpose();
    let reason = reason.map_err(|error: FieldError| Problem::fields(vec![error]))?;
    store.write(|conn| {
        let office = look_up::own(conn, caller, number)?.declaration.office;
        let office = office.as_str();
        chain::lock(conn, &[office])?;
        // Read again: only now nobody else can write it.
        let mut stored = look_up::own(conn, caller, number)?;
        if stored.cancelled.is_none() {
            stored.chain_sequence = chain::next_sequence(conn, office)?;
            stored.cancelled = Some((now, reason.clone()));
            store::declarations::cancel(
                conn,
                number,
                now,
                reason.as_deref(),
                stored.chain_sequence,
            )?;
            let drawn = store::items::of_declaration(conn, number)?;
            let closed = close_item(conn, drawn.as_ref())?;
            let entry = chain::Entry {
                office,
                kind: "declaration.cancelled",
                actor: &caller.actor,
                object: number,
            };
            chain::append(conn, now, entry, digest::of(&(number, &reason)))?;
            if drawn.is_some() {
                let office = learn::office(conn, office)?;
                let why = ("after it had been drawn", caller.actor.as_str());
                directive::after_cancellation(conn, &office, &stored, why, now)?;
            }
            if let Some(item) = closed {
                inspect::after_result(conn, master, &item.draw_id, now)?;
            }
        }
        let receipt = chain::receipt(conn, office, stored.chain_sequence)?;
        Ok((stored, receipt))
    })
}

/// A drawn item that is still open ends as not inspected, reason `cancelled`. Nothing is learned or
/// unlearned: an open item has taught nothing, and what was found before Breeze was found all the same.
fn close_item<'i>(conn: &mut Conn, item: Option<&'i SampleItem>) -> Result<Option<&'i SampleItem>> {
    let open = item.filter(|item| item.state == ItemState::Open);
    if let Some(item) = open {
        let reason = Some(NotInspectedReason::Cancelled);
        rates::kept::moved(conn, item, ItemState::NotInspected)?;
        store::items::set_result(conn, item, ItemState::NotInspected, reason, None)?;
    }
    Ok(open)
}
