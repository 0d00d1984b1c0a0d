//! The feed: what happened in an office, in the order of its chain, to be pulled.

use crate::domain::chain::{Event, NO_OFFICE};
use crate::domain::draw::SampleItem;
use crate::domain::inspection::ItemState;
use crate::domain::key::{Caller, Role};
use crate::domain::problem::{Code, Problem};
use crate::error::Result;
use crate::flow::offices;
use crate::store::{self, Conn, Store};

/// An event as it is pulled.
#[derive(Clone, Debug)]
pub struct Pulled {
    /// What happened.
    pub event: Event,
    /// The head of the chain after it.
    pub head: String,
    /// For a draw: the declarations to hold. All others of its frame are released.
    pub held: Option<Vec<String>>,
    /// For a result: the declaration, and where its item stands now.
    pub result: Option<(String, ItemState)>,
}

/// What begins the kind of events that are none of the declarants' business: an exporter's system
/// must not learn what is ordered about it.
const INTERNAL: [&str; 3] = ["directive.", "directives.", "signal."];

/// Events of an office after a number, in order, and the number of the last one that was looked at.
/// A key of the role customs does not see those of directives and signals.
///
/// # Errors
/// Not found, as the chain `-` is to all but auditors and administrators of all offices; a key of several offices must name one.
pub fn after(
    store: &Store,
    caller: &Caller,
    office: Option<&str>,
    sequence: i64,
    limit: i64,
) -> Result<(Vec<Pulled>, i64)> {
    let office = match (office, caller.scope.offices()) {
        (Some(office), _) => office.to_owned(),
        (None, [only]) => only.to_string(),
        (None, _) => {
            let words = "this key has several offices: name one with `office`";
            return Err(Problem::new(Code::InvalidParameter, words).into());
        }
    };
    store.snapshot(|conn| {
        if office != NO_OFFICE || !sees_no_office(caller) {
            offices::own(conn, caller, &office)?;
        }
        let events = store::chain::after(conn, &office, sequence, limit)?;
        let last = events.last().map_or(sequence, |(event, _)| event.sequence);
        let seen = events.into_iter().filter(|(event, _)| sees(caller, event));
        let seen = seen.map(|(event, head)| pulled(conn, event, head)).collect::<Result<_>>()?;
        Ok((seen, last))
    })
}

fn sees(caller: &Caller, event: &Event) -> bool {
    let internal = INTERNAL.iter().any(|start| event.kind.starts_with(start));
    !internal || caller.role != Role::Customs
}

/// Whether the chain of no office is there for a caller: it tells of keys and policies.
fn sees_no_office(caller: &Caller) -> bool {
    caller.scope.offices().is_empty() && matches!(caller.role, Role::Auditor | Role::Admin)
}

fn pulled(conn: &mut Conn, event: Event, head: String) -> Result<Pulled> {
    let (mut held, mut result) = (None, None);
    match event.kind.as_str() {
        "draw.made" => {
            held = Some(store::items::numbers_of_draw(conn, &event.object)?);
        }
        "inspection.recorded" | "inspection.amended" => {
            result = item_of(conn, &event.object)?
                .map(|item| (item.candidate.declaration_number, item.state));
        }
        _ => {}
    }
    Ok(Pulled { event, head, held, result })
}

/// The item that an inspection is about.
fn item_of(conn: &mut Conn, inspection: &str) -> Result<Option<SampleItem>> {
    let Ok(id) = inspection.parse() else { return Ok(None) };
    match store::inspections::find(conn, id)? {
        Some(found) => store::items::find(conn, &found.draw_id, found.position),
        None => Ok(None),
    }
}

/// The last number and head of every chain of the caller, for anchoring outside.
///
/// # Errors
/// Those of the database.
pub fn heads(store: &Store, caller: &Caller) -> Result<Vec<(String, i64, String)>> {
    let mut heads = store.read(store::chain::heads)?;
    heads.retain(|(office, _, _)| caller.scope.holds(office));
    Ok(heads)
}
