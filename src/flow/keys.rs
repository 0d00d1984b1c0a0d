//! Make, list, revoke and check API keys.

use crate::domain::chain::NO_OFFICE;
use crate::domain::digest;
use crate::domain::id::{InspectorId, OfficeCode};
use crate::domain::key::{ApiKey, Caller, Role, Scope};
use crate::domain::problem::{Code, FieldError, Problem};
use crate::error::Result;
use crate::store::{self, Store, chain};
use chrono::{DateTime, Utc};
use subtle::ConstantTimeEq;

/// What a new key is to be.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// What it is for, in words.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// Its offices; empty for all.
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

/// Makes a key out of fresh random bytes, which the door brings from the operating system.
///
/// # Errors
/// Offices that are not registered, an inspector who is on none of their rosters.
pub fn create(
    store: &Store,
    new: &NewKey,
    random: &[u8; 40],
    now: DateTime<Utc>,
    actor: &str,
) -> Result<Issued> {
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
    store.write(|conn| {
        chain::lock(conn, &[NO_OFFICE])?;
        check(conn, new)?;
        store::keys::insert(conn, &key)?;
        let entry = chain::Entry { office: NO_OFFICE, kind: "key.created", actor, object: &key.id };
        let offices = key.scope.offices();
        let payload = digest::of(&(&key.name, key.role, offices, &key.inspector, key.expires_at));
        chain::append(conn, now, entry, payload)
    })?;
    Ok(Issued { text: format!("brz_{id}_{secret}"), key })
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
    if errors.is_empty() { Ok(()) } else { Err(Problem::fields(errors).into()) }
}

/// Makes the one key of a first start: `None` when any key was ever made.
///
/// # Errors
/// Those of the database.
pub fn first_admin(store: &Store, random: &[u8; 40], now: DateTime<Utc>) -> Result<Option<Issued>> {
    if !store.read(store::keys::all)?.is_empty() {
        return Ok(None);
    }
    let new = NewKey {
        name: "first start".into(),
        role: Role::Admin,
        offices: Vec::new(),
        inspector: None,
        expires_at: None,
    };
    create(store, &new, random, now, "first-start").map(Some)
}

/// Every key, the oldest first.
///
/// # Errors
/// Those of the database.
pub fn list(store: &Store) -> Result<Vec<ApiKey>> {
    store.read(store::keys::all)
}

/// One key, without its secret.
///
/// # Errors
/// [`Code::NotFound`].
pub fn find(store: &Store, id: &str) -> Result<ApiKey> {
    let key = store.read(|conn| store::keys::find(conn, id))?;
    key.ok_or_else(|| Problem::not_found("key", id).into())
}

/// Revokes a key; revoking again changes nothing.
///
/// # Errors
/// [`Code::NotFound`].
pub fn revoke(store: &Store, id: &str, now: DateTime<Utc>, actor: &str) -> Result<()> {
    store.write(|conn| {
        chain::lock(conn, &[NO_OFFICE])?;
        let key = store::keys::find(conn, id)?.ok_or_else(|| Problem::not_found("key", id))?;
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
