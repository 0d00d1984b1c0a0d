//! Propose a policy, approve another person's, and list them all.

use crate::domain::approval::Approval;
use crate::domain::chain::NO_OFFICE;
use crate::domain::digest;
use crate::domain::key::Caller;
use crate::domain::policy::Policy;
use crate::domain::problem::Problem;
use crate::error::{Error, Result};
use crate::flow::approval::{self, Seen};
use crate::store::policies::StoredPolicy;
use crate::store::{self, Conn, Store, chain};
use chrono::{DateTime, Utc};

/// Proposes a policy as the next version of its id, and says whether it is new; the same content
/// again is the same version. It governs once another person approves it.
///
/// # Errors
/// `day-passed` for one that would govern days that have passed without being `historical`;
/// `precondition-required`, `precondition-failed`; `office-unknown`;
/// `forbidden` for a key of some offices, or history that is no administrator's.
pub fn propose(
    store: &Store,
    caller: &Caller,
    draft: &Policy,
    historical: bool,
    seen: Seen,
    now: DateTime<Utc>,
) -> Result<(StoredPolicy, bool)> {
    approval::of_all_offices(caller, "policy")?;
    if historical {
        approval::may_bring_history(caller, "policy")?;
    }
    store.write(|conn| {
        chain::lock(conn, &[NO_OFFICE])?;
        let versions = store::policies::versions(conn, &draft.id)?;
        let last = versions.last();
        // History that is loaded again as if it were none is still the same history.
        let same = |last: &&StoredPolicy| {
            same_content(&last.policy, draft) && (last.historical || !historical)
        };
        if let Some(last) = last.filter(same) {
            return Ok((last.clone(), false));
        }
        seen.check(last.map(|last| last.policy.version), 'v')?;
        let remedy = "bring it in as history, or choose";
        approval::begins_ahead(draft.from, historical, now, remedy)?;
        approval::registered(conn, offices(draft))?;
        let version = last.map_or(1, |last| last.policy.version + 1);
        let policy = Policy { version, ..draft.clone() };
        let stored = add(conn, policy, historical, &caller.actor, now)?;
        Ok((stored, true))
    })
}

/// The offices of the rules, each with its pointer.
fn offices(policy: &Policy) -> impl Iterator<Item = (String, &str)> {
    policy.rules.iter().enumerate().filter_map(|(at, rule)| {
        let office = rule.office.as_ref()?;
        Some((format!("/rules/{at}/office"), office.as_str()))
    })
}

/// Keeps a version, inside a transaction that holds the lock of the chain `-`.
fn add(
    conn: &mut Conn,
    policy: Policy,
    historical: bool,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<StoredPolicy> {
    let object = object(&policy);
    let digest = policy.sha256();
    let created_by = actor.to_owned();
    let stored = StoredPolicy { policy, historical, created_at: now, created_by, approval: None };
    store::policies::insert(conn, &stored)?;
    let entry = chain::Entry { office: NO_OFFICE, kind: "policy.proposed", actor, object: &object };
    chain::append(conn, now, entry, digest)?;
    Ok(stored)
}

/// The policy that is built in, inside a transaction that holds the lock of the chain `-`. It is
/// nobody's proposal, so it needs no second person.
pub(super) fn add_built_in(conn: &mut Conn, policy: Policy, now: DateTime<Utc>) -> Result<()> {
    const BUILT_IN: &str = "built-in";
    let stored = add(conn, policy, true, BUILT_IN, now)?;
    let given = Approval { by: BUILT_IN.into(), at: now, note: None };
    stand_for(conn, stored, given, now).map(drop)
}

/// Approves the last version of a policy that somebody else proposed.
///
/// # Errors
/// `not-found`; `precondition-required`, `precondition-failed`;
/// `own-proposal`; `already-approved` by another; `day-passed` when the first
/// day has passed meanwhile; `forbidden` for a key of some offices.
pub fn approve(
    store: &Store,
    caller: &Caller,
    id: &str,
    seen: Seen,
    note: Option<&str>,
    now: DateTime<Utc>,
) -> Result<StoredPolicy> {
    approval::of_all_offices(caller, "policy")?;
    store.write(|conn| {
        chain::lock(conn, &[NO_OFFICE])?;
        let last = store::policies::versions(conn, id)?.pop();
        let last = last.ok_or_else(|| Problem::not_found("policy", id))?;
        seen.check(Some(last.policy.version), 'v')?;
        if let Some(given) = &last.approval {
            approval::again(caller, given)?;
            return Ok(last);
        }
        let given = approval::second_person(caller, &last.created_by, note, now)?;
        let remedy = "propose the next version, from";
        approval::begins_ahead(last.policy.from, last.historical, now, remedy)?;
        stand_for(conn, last, given, now)
    })
}

fn stand_for(
    conn: &mut Conn,
    stored: StoredPolicy,
    given: Approval,
    now: DateTime<Utc>,
) -> Result<StoredPolicy> {
    let policy = &stored.policy;
    store::policies::approve(conn, &policy.id, policy.version, &given)?;
    let object = object(policy);
    let (office, kind, actor) = (NO_OFFICE, "policy.approved", given.by.as_str());
    let entry = chain::Entry { office, kind, actor, object: &object };
    chain::append(conn, now, entry, digest::of(&(policy.sha256(), &given.note)))?;
    Ok(StoredPolicy { approval: Some(given), ..stored })
}

fn object(policy: &Policy) -> String {
    format!("{}@{}", policy.id, policy.version)
}

fn same_content(stored: &Policy, draft: &Policy) -> bool {
    *stored == Policy { version: stored.version, ..draft.clone() }
}

/// Every version of every policy.
///
/// # Errors
/// Those of the database.
pub fn list(store: &Store) -> Result<Vec<StoredPolicy>> {
    store.snapshot(store::policies::all)
}

/// The versions of one policy, the first one first; never none.
///
/// # Errors
/// `not-found`.
pub fn find(store: &Store, id: &str) -> Result<Vec<StoredPolicy>> {
    let versions = store.snapshot(|conn| store::policies::versions(conn, id))?;
    if versions.is_empty() {
        return Err(Error::from(Problem::not_found("policy", id)));
    }
    Ok(versions)
}
