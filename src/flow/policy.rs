//! Load a policy and list what is in force when.

use crate::domain::chain::NO_OFFICE;
use crate::domain::policy::{self, Policy};
use crate::domain::problem::{Code, Problem};
use crate::error::Result;
use crate::store::policies::StoredPolicy;
use crate::store::{self, Conn, Store, chain};
use chrono::{DateTime, Utc};

/// Loads a policy file as the next version of its id, and says whether it is new; the same content
/// again is the same version.
///
/// # Errors
/// [`Code::PolicyInvalid`] for a file that breaks a rule, or that would govern days that have
/// passed without being `historical`.
pub fn load(
    store: &Store,
    file: &str,
    historical: bool,
    now: DateTime<Utc>,
    actor: &str,
) -> Result<(StoredPolicy, bool)> {
    // The lock of the chain `-` is everybody's: nothing is read under it that can be read before.
    let draft = policy::parse_toml(file, 1)?;
    store.write(|conn| {
        chain::lock(conn, &[NO_OFFICE])?;
        add(conn, draft.clone(), historical, now, actor)
    })
}

/// [`load`] of a policy that was read, inside a transaction that holds the lock of the chain `-`.
pub(super) fn add(
    conn: &mut Conn,
    draft: Policy,
    historical: bool,
    now: DateTime<Utc>,
    actor: &str,
) -> Result<(StoredPolicy, bool)> {
    let versions = store::policies::versions(conn, &draft.id)?;
    if let Some(last) = versions.last().filter(|last| same_content(&last.policy, &draft)) {
        return Ok((last.clone(), false));
    }
    // Somewhere on Earth it is still yesterday: twelve hours of grace.
    let today = (now - chrono::TimeDelta::hours(12)).date_naive();
    if draft.from < today && !historical {
        let words = format!(
            "`from` is {}, which has passed: choose a day from {today} on, or load it with --historical",
            draft.from
        );
        return Err(Problem::new(Code::PolicyInvalid, words).into());
    }
    let version = versions.last().map_or(1, |last| last.policy.version + 1);
    let policy = Policy { version, ..draft };
    let object = format!("{}@{version}", policy.id);
    let digest = policy.sha256();
    let stored = StoredPolicy { policy, historical, created_at: now, created_by: actor.to_owned() };
    store::policies::insert(conn, &stored)?;
    let entry = chain::Entry { office: NO_OFFICE, kind: "policy.loaded", actor, object: &object };
    chain::append(conn, now, entry, digest)?;
    Ok((stored, true))
}

fn same_content(stored: &Policy, draft: &Policy) -> bool {
    *stored == Policy { version: stored.version, ..draft.clone() }
}

/// Every version of every policy.
///
/// # Errors
/// Those of the database.
pub fn list(store: &Store) -> Result<Vec<StoredPolicy>> {
    store.read(store::policies::all)
}

/// The versions of one policy, the first one first.
///
/// # Errors
/// [`Code::NotFound`].
pub fn find(store: &Store, id: &str) -> Result<Vec<StoredPolicy>> {
    let versions = store.read(|conn| store::policies::versions(conn, id))?;
    if versions.is_empty() {
        return Err(Problem::not_found("policy", id).into());
    }
    Ok(versions)
}
