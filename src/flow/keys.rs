//! Make, list, revoke and check API keys.
//!
//! Whoever is bound to offices has to do with keys of these offices only: an administrator of one
//! port makes no key that opens another, and sees none.

use crate::domain::chain::NO_OFFICE;
use crate::domain::digest;
use crate::domain::id::{InspectorId, OfficeCode};
use crate::domain::key::{ApiKey, Caller, Role, Scope};
use crate::domain::problem::{Code, FieldError, Problem};
use crate::error::Result;
use crate::store::idempotency::{Claim, Found};
use crate::store::{self, Store, chain, idempotency};
use chrono::{DateTime, Datelike, Utc};
use subtle::ConstantTimeEq;

/// What is kept as the status of a claim whose key was made.
const MADE: i32 = 201;

/// What a new key is to be.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// What it is for, in words.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// Its offices; empty for all of its maker's.
    pub offices: Vec<OfficeCode>,
    /// The inspector of the roster who holds it.
    pub inspector: Option<InspectorId>,
    /// From when on it is void.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A new key with its text, which is shown this once.
pub struct Issued {
    /// The key as kept.
    pub key: ApiKey,
    /// `brz_<id>_<secret>`.
    pub text: String,
}

/// Makes a key out of fresh random bytes, which the door brings from the operating system; for a
/// claim of idempotency, once. Claim and key are one transaction. What is kept for a repetition is
/// the id of the key: its text is shown once and kept nowhere.
///
/// # Errors
/// [`Code::KeyIssued`] when the claim was answered with a key before, [`Code::IdempotencyMismatch`]
/// when it was used for something else; [`Code::NotFound`] for an office that is not the caller's; offices that are not registered, an
/// inspector who is on none of their rosters.
pub fn create(
    store: &Store,
    caller: &Caller,
    new: &NewKey,
    claim: Option<&Claim>,
    random: &[u8; 40],
    now: DateTime<Utc>,
) -> Result<Issued> {
    let new = narrowed(caller, new)?;
    let issued = issue(&new, random, now);
    store.write(|conn| {
        chain::lock(conn, &[NO_OFFICE])?;
        if let Some(claim) = claim {
            claim_key(conn, claim, &issued.key)?;
        }
        keep(conn, &new, &issued.key, &caller.actor)
    })?;
    Ok(issued)
}

/// Claims an Idempotency-Key for an API key that is about to be made in the same transaction.
fn claim_key(conn: &mut store::Conn, claim: &Claim, key: &ApiKey) -> Result<()> {
    match idempotency::claim(conn, claim, key.created_at)? {
        Found::Nothing => idempotency::keep(conn, claim, MADE, &key.id),
        Found::Answer(_, id) => {
            let words = format!(
                "this request made the key `{id}` before, and the text of a key is shown once: if it \
                 was lost, revoke `{id}` and ask with a new Idempotency-Key"
            );
            Err(Problem::new(Code::KeyIssued, words).into())
        }
        Found::AtWork => Err(claim.in_flight().into()),
        Found::Other => Err(claim.mismatch().into()),
    }
}

/// The key that a caller may make: the offices that are asked for may narrow the caller's own.
fn narrowed(caller: &Caller, new: &NewKey) -> Result<NewKey> {
    caller.scope.narrow_to(&new.offices)?;
    let mut new = new.clone();
    if new.offices.is_empty() {
        new.offices = caller.scope.offices().to_vec();
    }
    Ok(new)
}

fn issue(new: &NewKey, random: &[u8; 40], now: DateTime<Utc>) -> Issued {
    let hex = hex::encode(random);
    let (id, secret) = hex.split_at(16);
    let key = ApiKey {
        id: id.to_owned(),
        name: new.name.clone(),
        role: new.role,
        scope: Scope::of(new.offices.clone()),
        inspector: new.inspector.clone(),
        secret_sha256: digest::sha256_hex(secret.as_bytes()),
        created_at: now,
        expires_at: new.expires_at,
        revoked_at: None,
    };
    Issued { text: format!("brz_{id}_{secret}"), key }
}

/// Keeps a new key, inside a transaction that holds the lock of the chain `-`.
fn keep(conn: &mut store::Conn, new: &NewKey, key: &ApiKey, actor: &str) -> Result<()> {
    check(conn, new)?;
    store::keys::insert(conn, key)?;
    let entry = chain::Entry { office: NO_OFFICE, kind: "key.created", actor, object: &key.id };
    let offices = key.scope.offices();
    let payload = digest::of(&(&key.name, key.role, offices, &key.inspector, key.expires_at));
    chain::append(conn, key.created_at, entry, payload).map(drop)
}

fn check(conn: &mut store::Conn, new: &NewKey) -> Result<()> {
    let mut errors = Vec::new();
    let mut on_a_roster = false;
    for (at, office) in new.offices.iter().enumerate() {
        if store::offices::find(conn, office.as_str())?.is_none() {
            let words = format!("there is no office `{office}`");
            errors.push(FieldError::new(format!("/offices/{at}"), Code::OfficeUnknown, words));
        } else if let Some(inspector) = &new.inspector {
            on_a_roster |=
                store::offices::find_inspector(conn, office.as_str(), inspector.as_str())?
                    .is_some();
        }
    }
    if let Some(inspector) = new.inspector.as_ref().filter(|_| !on_a_roster) {
        let words = format!("`{inspector}` is on the roster of none of the key's offices");
        errors.push(FieldError::new("/inspector", Code::InspectorUnknown, words));
    }
    if new.expires_at.is_some_and(|end| !(1000..=9999).contains(&end.year())) {
        let words = "lies out of the years 1000 to 9999";
        errors.push(FieldError::new("/expires_at", Code::TimeInvalid, words));
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::fields(errors).into()) }
}

/// Makes the one key of a first start: `None` when any key was ever made. Replicas that start
/// together make one between them.
///
/// # Errors
/// Those of the database.
pub fn first_admin(store: &Store, random: &[u8; 40], now: DateTime<Utc>) -> Result<Option<Issued>> {
    let new = NewKey {
        name: "first start".into(),
        role: Role::Admin,
        offices: Vec::new(),
        inspector: None,
        expires_at: None,
    };
    let issued = issue(&new, random, now);
    let made = store.write(|conn| {
        chain::lock(conn, &[NO_OFFICE])?;
        let first = store::keys::all(conn)?.is_empty();
        if first {
            keep(conn, &new, &issued.key, "first-start")?;
        }
        Ok(first)
    })?;
    Ok(made.then_some(issued))
}

/// Every key that opens nothing but the caller's offices, the oldest first.
///
/// # Errors
/// Those of the database.
pub fn list(store: &Store, caller: &Caller) -> Result<Vec<ApiKey>> {
    let mut keys = store.read(store::keys::all)?;
    keys.retain(|key| key.scope.lies_within(&caller.scope));
    Ok(keys)
}

/// One key that opens nothing but the caller's offices, without its secret.
///
/// # Errors
/// [`Code::NotFound`].
pub fn find(store: &Store, caller: &Caller, id: &str) -> Result<ApiKey> {
    store.read(|conn| own(conn, caller, id))
}

fn own(conn: &mut store::Conn, caller: &Caller, id: &str) -> Result<ApiKey> {
    store::keys::find(conn, id)?
        .filter(|key| key.scope.lies_within(&caller.scope))
        .ok_or_else(|| Problem::not_found("key", id).into())
}

/// Revokes a key that opens nothing but the caller's offices; revoking again changes nothing.
///
/// # Errors
/// [`Code::NotFound`].
pub fn revoke(store: &Store, caller: &Caller, id: &str, now: DateTime<Utc>) -> Result<()> {
    let actor = caller.actor.as_str();
    store.write(|conn| {
        chain::lock(conn, &[NO_OFFICE])?;
        let key = own(conn, caller, id)?;
        if key.revoked_at.is_none() {
            store::keys::revoke(conn, id, now)?;
            let entry = chain::Entry { office: NO_OFFICE, kind: "key.revoked", actor, object: id };
            chain::append(conn, now, entry, digest::of(&id))?;
        }
        Ok(())
    })
}

/// Who holds the key of this text.
///
/// # Errors
/// [`Code::Unauthenticated`], without a word on why.
pub fn authenticate(store: &Store, text: &str, now: DateTime<Utc>) -> Result<Caller> {
    let refused = || Problem::new(Code::Unauthenticated, "the key is unknown, revoked or expired");
    let parts = text.strip_prefix("brz_").and_then(|rest| rest.split_once('_'));
    let (id, secret) = parts.ok_or_else(refused)?;
    let key = store.read(|conn| store::keys::find(conn, id))?;
    // A stranger's key is compared as well, so that its answer takes as long.
    let kept = key.as_ref().map_or("", |key| &key.secret_sha256);
    let sent = digest::sha256_hex(secret.as_bytes());
    let equal: bool = sent.as_bytes().ct_eq(kept.as_bytes()).into();
    match key {
        Some(key) if equal && key.is_valid(now) => Ok(Caller {
            actor: format!("key:{}", key.id),
            role: key.role,
            scope: key.scope,
            inspector: key.inspector,
        }),
        _ => Err(refused().into()),
    }
}
