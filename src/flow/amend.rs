//! Correct a result: what was recorded stays, the correction follows it and is in force.

use crate::domain::digest;
use crate::domain::inspection::{Amendment, AmendmentBody, Finding, Inspection, parse_reason};
use crate::domain::key::Caller;
use crate::domain::master::MasterKey;
use crate::domain::problem::Problem;
use crate::error::{Error, Result};
use crate::flow::inspect::{self, Made, Recorded};
use crate::store::{self, Store, chain};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Corrects an inspection; what is in force already is not corrected again.
///
/// # Errors
/// Not found; fields that break rules.
pub fn amend(
    store: &Store,
    master: &MasterKey,
    caller: &Caller,
    id: Uuid,
    body: &AmendmentBody,
    now: DateTime<Utc>,
) -> Result<(Recorded, Made)> {
    let (reason, sent) = parse(body, now)?;
    store.write(|conn| {
        let office = inspect::own(conn, caller, id)?.0.office;
        chain::lock(conn, &[office.as_str()])?;
        // Read again: only now nobody else can correct it.
        let (mut inspection, mut item) = inspect::own(conn, caller, id)?;
        let before = inspection.in_force();
        let inspector = inspect::who(caller, sent.inspector.clone(), before.inspector.as_ref())?;
        let finding = Finding { inspector, ..sent.clone() };
        if finding == *before {
            return Ok((inspect::recorded(conn, inspection, item)?, Made::Before));
        }
        inspect::check(conn, &item, &finding)?;
        let amendment = Amendment {
            number: next_number(&inspection)?,
            reason: reason.clone(),
            finding,
            recorded_at: now,
            recorded_by: caller.actor.clone(),
            chain_sequence: chain::next_sequence(conn, &office)?,
        };
        store::inspections::amend(conn, id, &amendment)?;
        let object = id.to_string();
        let entry = chain::Entry {
            office: &office,
            kind: "inspection.amended",
            actor: &caller.actor,
            object: &object,
        };
        let payload = digest::of(&(amendment.number, &reason, amendment.finding.body()));
        inspection.amendments.push(amendment);
        inspect::put_in_force(conn, &mut item, &inspection)?;
        let receipt = chain::append(conn, now, entry, payload)?;
        inspect::after_result(conn, master, &item.draw_id, now)?;
        Ok((Recorded { inspection, item, receipt }, Made::Now))
    })
}

/// Reason and result, with every fault of both.
fn parse(body: &AmendmentBody, now: DateTime<Utc>) -> Result<(String, Finding), Problem> {
    let reason = parse_reason(&body.reason);
    let finding = Finding::parse(&body.finding(), now);
    match (reason, finding) {
        (Ok(reason), Ok(finding)) => Ok((reason, finding)),
        (reason, finding) => {
            let faults = reason.err().into_iter().chain(finding.err().into_iter().flatten());
            Err(Problem::fields(faults.collect()))
        }
    }
}

fn next_number(inspection: &Inspection) -> Result<u32> {
    let amendments = u32::try_from(inspection.amendments.len());
    amendments.map(|count| count + 1).map_err(|error| Error::Inner(error.into()))
}

/// An inspection with everything that was ever said about it.
///
/// # Errors
/// Not found.
pub fn history(store: &Store, caller: &Caller, id: Uuid) -> Result<Inspection> {
    store.snapshot(|conn| Ok(inspect::own(conn, caller, id)?.0))
}
