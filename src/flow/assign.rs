//! Make another inspector responsible for an item. Chance assigned the first one, so it takes a
//! reason, which is kept.

use crate::domain::digest;
use crate::domain::draw::SampleItem;
use crate::domain::id::InspectorId;
use crate::domain::inspection::{ItemState, NotInspectedReason, parse_reason};
use crate::domain::key::Caller;
use crate::domain::problem::{Code, FieldError, Problem};
use crate::error::{Error, Result};
use crate::flow::list::{self, Line};
use crate::store::assignments::Assignment;
use crate::store::{self, Conn, Store, chain};
use chrono::{DateTime, Utc};

/// Makes an inspector responsible for an open item, or nobody; the same again changes nothing.
///
/// # Errors
/// Not found; an inspector who may not; an item that has a result or is cancelled.
pub fn assign(
    store: &Store,
    caller: &Caller,
    item: (&str, u32),
    assignee: Option<&str>,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(Line, Vec<Assignment>)> {
    let (draw_id, position) = item;
    let reason = parse_reason(reason);
    let id = assignee.map(|id| InspectorId::parse_field("/assignee", id)).transpose();
    let (reason, id) = match (reason, id) {
        (Ok(reason), Ok(id)) => (reason, id),
        (reason, id) => {
            let faults = [reason.err(), id.err()].into_iter().flatten();
            return Err(Problem::fields(faults.collect()).into());
        }
    };
    store.write(|conn| {
        let office = list::own_item(conn, caller, draw_id, position)?.office;
        chain::lock(conn, &[office.as_str()])?;
        // Read again: only now nobody else can write it.
        let mut item = list::own_item(conn, caller, draw_id, position)?;
        if item.assignee.as_deref() != id.as_ref().map(InspectorId::as_str) {
            is_open(&item)?;
            if let Some(id) = &id {
                may_inspect(conn, &item, id)?;
            }
            change(conn, caller, &mut item, id.as_ref(), &reason, now)?;
        }
        list::line_of(conn, caller, item)
    })
}

fn is_open(item: &SampleItem) -> Result<(), Problem> {
    match (item.state, item.not_inspected_reason) {
        (ItemState::Open, _) => Ok(()),
        (_, Some(NotInspectedReason::Cancelled)) => {
            let words = format!("`{}` was cancelled", item.candidate.declaration_number);
            Err(Problem::new(Code::Cancelled, words))
        }
        _ => {
            let words = format!("item `{}` has its result: nobody waits for it", item.id());
            Err(Problem::new(Code::AlreadyRecorded, words))
        }
    }
}

/// On the roster, on duty, and without a conflict of interest.
fn may_inspect(conn: &mut Conn, item: &SampleItem, id: &InspectorId) -> Result<()> {
    let office = &item.office;
    let exporter = &item.candidate.exporter_id;
    let inspector = store::offices::find_inspector(conn, office, id.as_str())?;
    let (code, words) = match inspector {
        None => (Code::InspectorUnknown, format!("`{id}` is not on the roster of `{office}`")),
        Some(inspector) if !inspector.active => {
            (Code::InspectorOffDuty, format!("`{id}` is off duty"))
        }
        Some(inspector) if inspector.conflicts.iter().any(|c| c.as_str() == exporter) => {
            (Code::InspectorConflict, format!("`{id}` has a conflict with exporter `{exporter}`"))
        }
        Some(_) => return Ok(()),
    };
    Err(Problem::fields(vec![FieldError::new("/assignee", code, words)]).into())
}

fn change(
    conn: &mut Conn,
    caller: &Caller,
    item: &mut SampleItem,
    to: Option<&InspectorId>,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let earlier = store::assignments::of_item(conn, &item.draw_id, item.position)?.len();
    let new = Assignment {
        number: u32::try_from(earlier).map_err(|error| Error::Inner(error.into()))? + 1,
        from: item.assignee.clone(),
        to: to.map(ToString::to_string),
        reason: reason.to_owned(),
        at: now,
        by: caller.actor.clone(),
        chain_sequence: chain::next_sequence(conn, &item.office)?,
    };
    store::items::set_assignee(conn, item, new.to.as_deref())?;
    store::assignments::insert(conn, &item.draw_id, item.position, &new)?;
    item.assignee.clone_from(&new.to);
    let object = item.id();
    let entry = chain::Entry {
        office: &item.office,
        kind: "item.assigned",
        actor: &caller.actor,
        object: &object,
    };
    chain::append(conn, now, entry, digest::of(&(&new.from, &new.to, reason)))?;
    Ok(())
}
