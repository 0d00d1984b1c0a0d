//! Record what inspectors find: one result for each item, whoever asks, however often.

use crate::domain::chain::Receipt;
use crate::domain::digest;
use crate::domain::draw::{SampleItem, parse_item_id};
use crate::domain::id::InspectorId;
use crate::domain::inspection::{Finding, Inspection, InspectionBody, ItemState};
use crate::domain::key::Caller;
use crate::domain::master::MasterKey;
use crate::domain::problem::{Code, FieldError, Problem};
use crate::error::{Error, Result};
use crate::flow::list::own_item;
use crate::flow::{learn, rates, reveal};
use crate::store::inspections::{Filter, Place};
use crate::store::{self, Conn, Store, chain};
use chrono::{DateTime, Days, Utc};
use uuid::Uuid;

/// Whether something was recorded now or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// This request recorded it.
    Now,
    /// It was recorded before, with the same content.
    Before,
}

/// An inspection as it stands.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// With its amendments.
    pub inspection: Inspection,
    /// The item, with the result in force.
    pub item: SampleItem,
    /// The receipt of its latest event.
    pub receipt: Receipt,
}

/// Records an inspection under an id that the client chose.
///
/// # Errors
/// Not found for an item of a foreign office or one that was not drawn; fields that break rules;
/// [`Code::AlreadyRecorded`], [`Code::IdTaken`], [`Code::Cancelled`].
pub fn record(
    store: &Store,
    master: &MasterKey,
    caller: &Caller,
    id: Uuid,
    body: &InspectionBody,
    now: DateTime<Utc>,
) -> Result<(Recorded, Made)> {
    store.write(|conn| {
        lock_offices(conn, caller, [body])?;
        record_locked(conn, master, caller, id, body, now)
    })
}

/// Records many inspections in one transaction: the outcome of each, in order. What stands against
/// one is its outcome and does not touch the others.
///
/// # Errors
/// Those of the database.
pub fn record_all(
    store: &Store,
    master: &MasterKey,
    caller: &Caller,
    rows: &[(Uuid, InspectionBody)],
    now: DateTime<Utc>,
) -> Result<Vec<Result<(Recorded, Made), Problem>>> {
    store.write(|conn| {
        lock_offices(conn, caller, rows.iter().map(|(_, body)| body))?;
        rows.iter()
            .map(|(id, body)| match record_locked(conn, master, caller, *id, body, now) {
                Ok(recorded) => Ok(Ok(recorded)),
                Err(Error::Problem(problem)) => Ok(Err(*problem)),
                Err(error) => Err(error),
            })
            .collect()
    })
}

/// Locks the chains of the items' offices, as far as the items exist and are the caller's.
fn lock_offices<'a>(
    conn: &mut Conn,
    caller: &Caller,
    bodies: impl IntoIterator<Item = &'a InspectionBody>,
) -> Result<()> {
    let mut offices = Vec::new();
    for body in bodies {
        if let Some((draw_id, position)) = parse_item_id(&body.item)
            && let Some(item) = store::items::find(conn, draw_id, position)?
            && caller.scope.holds(&item.office)
        {
            offices.push(item.office);
        }
    }
    chain::lock(conn, &offices.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Records one inspection inside a transaction that holds the office's lock. Every problem is found
/// before anything is written.
fn record_locked(
    conn: &mut Conn,
    master: &MasterKey,
    caller: &Caller,
    id: Uuid,
    body: &InspectionBody,
    now: DateTime<Utc>,
) -> Result<(Recorded, Made)> {
    let item = item_named(conn, caller, &body.item)?;
    let mut finding = Finding::parse(&body.finding(), now).map_err(Problem::fields)?;
    finding.inspector = who(caller, finding.inspector, None)?;
    if let Some(known) = store::inspections::find(conn, id)? {
        same(&known, &item, &finding)?;
        return Ok((recorded(conn, known, item)?, Made::Before));
    }
    if store::inspections::of_item(conn, &item.draw_id, item.position)?.is_some() {
        let words = format!("item `{}` has a result under another id", item.id());
        return Err(Problem::new(Code::AlreadyRecorded, words).into());
    }
    // A closed item without an inspection was closed by the cancellation of its declaration.
    if item.state != ItemState::Open {
        let words = format!("`{}` was cancelled", item.candidate.declaration_number);
        return Err(Problem::new(Code::Cancelled, words).into());
    }
    check(conn, &item, &finding)?;
    write(conn, master, caller, id, item, finding, now)
}

fn write(
    conn: &mut Conn,
    master: &MasterKey,
    caller: &Caller,
    id: Uuid,
    mut item: SampleItem,
    finding: Finding,
    now: DateTime<Utc>,
) -> Result<(Recorded, Made)> {
    let inspection = Inspection {
        id,
        draw_id: item.draw_id.clone(),
        position: item.position,
        office: item.office.clone(),
        declaration_number: item.candidate.declaration_number.clone(),
        finding,
        recorded_at: now,
        recorded_by: caller.actor.clone(),
        chain_sequence: chain::next_sequence(conn, &item.office)?,
        amendments: Vec::new(),
    };
    if !store::inspections::insert(conn, &inspection)? {
        // Another office used the same id in this very moment.
        return Err(id_taken(id).into());
    }
    put_in_force(conn, &mut item, &inspection)?;
    let object = id.to_string();
    let entry = chain::Entry {
        office: &item.office,
        kind: "inspection.recorded",
        actor: &caller.actor,
        object: &object,
    };
    let payload = digest::of(&(item.id(), inspection.finding.body()));
    let receipt = chain::append(conn, now, entry, payload)?;
    after_result(conn, master, &item.draw_id, now)?;
    Ok((Recorded { inspection, item, receipt }, Made::Now))
}

/// Lets the result in force of an inspection stand on its item, and learns from it.
pub(super) fn put_in_force(
    conn: &mut Conn,
    item: &mut SampleItem,
    inspection: &Inspection,
) -> Result<()> {
    let finding = inspection.in_force();
    rates::kept::moved(conn, item, finding.outcome.into())?;
    item.state = finding.outcome.into();
    item.not_inspected_reason = finding.not_inspected_reason;
    item.inspected_by = finding.inspector.as_ref().map(ToString::to_string);
    let by = item.inspected_by.as_deref();
    store::items::set_result(conn, item, item.state, item.not_inspected_reason, by)?;
    learn::from_inspection(conn, inspection, item)
}

/// What follows from a new or corrected result, inside the same transaction: the draw is revealed
/// with its last result.
///
/// # Errors
/// Those of the database.
pub(super) fn after_result(
    conn: &mut Conn,
    master: &MasterKey,
    draw_id: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    reveal::by_id(conn, master, draw_id, now).map(drop)
}

fn item_named(conn: &mut Conn, caller: &Caller, item: &str) -> Result<SampleItem> {
    let Some((draw_id, position)) = parse_item_id(item) else {
        let words = format!("`{}` is no item: draw id, `/`, position", item.escape_debug());
        return Err(Problem::field("/item", Code::IdInvalid, words).into());
    };
    own_item(conn, caller, draw_id, position)
}

/// Who inspected: the inspector who holds the key, or whom the body names. `before` is who the
/// result in force names; a correction may leave that as it is.
pub(super) fn who(
    caller: &Caller,
    named: Option<InspectorId>,
    before: Option<&InspectorId>,
) -> Result<Option<InspectorId>, Problem> {
    match (&caller.inspector, named) {
        (Some(own), Some(other)) if *own != other && before != Some(&other) => {
            let words = format!("the key is `{own}`'s own and cannot record for `{other}`");
            Err(Problem::field("/inspector", Code::ValueNotAllowed, words))
        }
        (Some(own), None) => Ok(Some(own.clone())),
        (_, named) => Ok(named),
    }
}

/// Checks what only the office's records can tell: the inspector and the time.
pub(super) fn check(conn: &mut Conn, item: &SampleItem, finding: &Finding) -> Result<()> {
    let mut errors = Vec::new();
    let office = item.office.as_str();
    match &finding.inspector {
        Some(id) if store::offices::find_inspector(conn, office, id.as_str())?.is_none() => {
            let words = format!("`{id}` is not on the roster of `{office}`");
            errors.push(FieldError::new("/inspector", Code::InspectorUnknown, words));
        }
        None if !store::offices::roster(conn, office)?.is_empty() => {
            let words = format!("name who inspected: `{office}` has a roster");
            errors.push(FieldError::new("/inspector", Code::Required, words));
        }
        _ => {}
    }
    // A day of grace: clocks of phones are set wrong, and offices lie in other time zones.
    let earliest = item.day.checked_sub_days(Days::new(1)).unwrap_or(item.day);
    if finding.inspected_at.date_naive() < earliest {
        let words = format!("lies more than a day before the inspection day {}", item.day);
        errors.push(FieldError::new("/inspected_at", Code::TimeInvalid, words));
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::fields(errors).into()) }
}

/// The same id again is the same inspection, or a mistake.
fn same(known: &Inspection, item: &SampleItem, sent: &Finding) -> Result<(), Problem> {
    if known.item_id() != item.id() {
        return Err(id_taken(known.id));
    }
    let differing = sent.differing_fields(&known.finding);
    if differing.is_empty() {
        return Ok(());
    }
    let code = Code::AlreadyRecorded;
    let error = |name: &&str| FieldError::new(format!("/{name}"), code, "differs from the record");
    Err(Problem {
        code,
        detail: format!("inspection `{}` is recorded with other content", known.id),
        errors: differing.iter().map(error).collect(),
    })
}

fn id_taken(id: Uuid) -> Problem {
    Problem::new(Code::IdTaken, format!("`{id}` is the id of another inspection"))
}

/// An inspection with its receipt.
pub(super) fn recorded(
    conn: &mut Conn,
    inspection: Inspection,
    item: SampleItem,
) -> Result<Recorded> {
    let receipt = chain::receipt(conn, &item.office, inspection.last_sequence())?;
    Ok(Recorded { inspection, item, receipt })
}

/// One inspection of the caller's offices, inside a transaction; foreign and missing are alike.
pub(super) fn own(conn: &mut Conn, caller: &Caller, id: Uuid) -> Result<(Inspection, SampleItem)> {
    let inspection = store::inspections::find(conn, id)?
        .filter(|inspection| caller.scope.holds(&inspection.office))
        .ok_or_else(|| Problem::not_found("inspection", id))?;
    let item = own_item(conn, caller, &inspection.draw_id, inspection.position)?;
    Ok((inspection, item))
}

/// One inspection.
///
/// # Errors
/// Not found.
pub fn find(store: &Store, caller: &Caller, id: Uuid) -> Result<Recorded> {
    store.snapshot(|conn| {
        let (inspection, item) = own(conn, caller, id)?;
        recorded(conn, inspection, item)
    })
}

/// Inspections of the caller's offices, the latest inspection day first.
///
/// # Errors
/// Those of the database.
pub fn list(
    store: &Store,
    caller: &Caller,
    filter: &Filter,
    after: Option<&Place>,
    limit: i64,
) -> Result<Vec<(Inspection, SampleItem)>> {
    store.snapshot(|conn| store::inspections::list(conn, &caller.scope, filter, after, limit))
}
