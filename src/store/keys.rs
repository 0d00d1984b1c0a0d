//! API keys and the fingerprint of the master key.

use crate::domain::id::{InspectorId, OfficeCode};
use crate::domain::key::{ApiKey, Role, Scope};
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::connection::each;
use crate::store::schema::{api_keys, master_keys};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

type Row = (
    String,
    String,
    String,
    String,
    Option<String>,
    String,
    NaiveDateTime,
    Option<NaiveDateTime>,
    Option<NaiveDateTime>,
);

fn key(row: Row) -> Result<ApiKey> {
    let (id, name, role, offices, inspector, secret_sha256, created, expires, revoked) = row;
    let corrupt = || Error::inner("a stored key cannot be read");
    let offices: Vec<OfficeCode> = serde_json::from_str(&offices).map_err(|_| corrupt())?;
    Ok(ApiKey {
        id,
        name,
        role: Role::find(&role).ok_or_else(corrupt)?,
        scope: Scope::of(offices),
        inspector: inspector
            .map(|id| InspectorId::parse(&id))
            .transpose()
            .map_err(|_| corrupt())?,
        secret_sha256,
        created_at: created.and_utc(),
        expires_at: expires.map(|at| at.and_utc()),
        revoked_at: revoked.map(|at| at.and_utc()),
    })
}

/// Keeps a new key.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut Conn, key: &ApiKey) -> Result<()> {
    let offices = serde_json::to_string(key.scope.offices()).map_err(|e| Error::Inner(e.into()))?;
    diesel::insert_into(api_keys::table)
        .values((
            api_keys::id.eq(&key.id),
            api_keys::name.eq(&key.name),
            api_keys::role.eq(key.role.as_str()),
            api_keys::offices.eq(offices),
            api_keys::inspector.eq(key.inspector.as_ref().map(InspectorId::as_str)),
            api_keys::secret_sha256.eq(&key.secret_sha256),
            api_keys::created_at.eq(key.created_at.naive_utc()),
            api_keys::expires_at.eq(key.expires_at.map(|at| at.naive_utc())),
            api_keys::revoked_at.eq(key.revoked_at.map(|at| at.naive_utc())),
        ))
        .execute(conn)?;
    Ok(())
}

/// One key.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, id: &str) -> Result<Option<ApiKey>> {
    let row: Option<Row> =
        api_keys::table.filter(api_keys::id.eq(id)).get_result(conn).optional()?;
    row.map(key).transpose()
}

/// Every key, the oldest first.
///
/// # Errors
/// Those of the database.
pub fn all(conn: &mut Conn) -> Result<Vec<ApiKey>> {
    let rows: Vec<Row> = api_keys::table.order((api_keys::created_at, api_keys::id)).load(conn)?;
    rows.into_iter().map(key).collect()
}

/// Revokes a key; a revoked one keeps its first time.
///
/// # Errors
/// Those of the database.
pub fn revoke(conn: &mut Conn, id: &str, now: DateTime<Utc>) -> Result<()> {
    diesel::update(api_keys::table.filter(api_keys::id.eq(id).and(api_keys::revoked_at.is_null())))
        .set(api_keys::revoked_at.eq(Some(now.naive_utc())))
        .execute(conn)?;
    Ok(())
}

/// The fingerprint of the master key this database was first used with; kept on first sight.
///
/// # Errors
/// Those of the database.
pub fn master_fingerprint(
    conn: &mut Conn,
    fingerprint: &str,
    now: DateTime<Utc>,
) -> Result<String> {
    let kept = |conn: &mut Conn| {
        master_keys::table.select(master_keys::fingerprint).first::<String>(conn).optional()
    };
    if let Some(known) = kept(conn)? {
        return Ok(known);
    }
    let row =
        (master_keys::fingerprint.eq(fingerprint), master_keys::created_at.eq(now.naive_utc()));
    each!(conn, c => diesel::insert_into(master_keys::table).values(row).on_conflict_do_nothing().execute(c))?;
    kept(conn)?.ok_or_else(|| Error::inner("the master key's fingerprint was not kept"))
}
