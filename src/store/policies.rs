//! Policies: versions that never change.

use crate::domain::policy::Policy;
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::schema::policies;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

/// A policy as it is kept.
#[derive(Clone, Debug)]
pub struct StoredPolicy {
    /// The policy.
    pub policy: Policy,
    /// Whether it was loaded for days that had passed.
    pub historical: bool,
    /// When it was loaded.
    pub created_at: DateTime<Utc>,
    /// By whom.
    pub created_by: String,
}

type Row = (String, i32, NaiveDate, i32, String, String, bool, NaiveDateTime, String, Option<i32>);

fn stored(row: Row) -> Result<StoredPolicy> {
    let (id, version, from, floor, rules, _, historical, created_at, created_by, exponent) = row;
    let rules = serde_json::from_str(&rules).map_err(|e| Error::Inner(e.into()))?;
    let floor_ppm = u32::try_from(floor).map_err(|e| Error::Inner(e.into()))?;
    let targeting_exponent_milli = exponent.and_then(|milli| u32::try_from(milli).ok());
    let policy = Policy { id, version, from, floor_ppm, targeting_exponent_milli, rules };
    Ok(StoredPolicy { policy, historical, created_at: created_at.and_utc(), created_by })
}

/// Keeps a new version.
///
/// # Errors
/// Those of the database; the version is there already.
pub fn insert(conn: &mut Conn, stored: &StoredPolicy) -> Result<()> {
    let policy = &stored.policy;
    let rules = serde_json::to_string(&policy.rules).map_err(|e| Error::Inner(e.into()))?;
    let exponent = policy.targeting_exponent_milli.and_then(|milli| i32::try_from(milli).ok());
    diesel::insert_into(policies::table)
        .values((
            policies::id.eq(&policy.id),
            policies::version.eq(policy.version),
            policies::from_day.eq(policy.from),
            policies::floor_ppm.eq(i32::try_from(policy.floor_ppm).unwrap_or(i32::MAX)),
            policies::rules.eq(rules),
            policies::sha256.eq(policy.sha256()),
            policies::historical.eq(stored.historical),
            policies::created_at.eq(stored.created_at.naive_utc()),
            policies::created_by.eq(&stored.created_by),
            policies::targeting_exponent_milli.eq(exponent),
        ))
        .execute(conn)?;
    Ok(())
}

/// Every version, in order of first day, id and version.
///
/// # Errors
/// Those of the database.
pub fn all(conn: &mut Conn) -> Result<Vec<StoredPolicy>> {
    let mut rows: Vec<Row> = policies::table.load(conn)?;
    rows.sort_by(|a, b| (a.2, &a.0, a.1).cmp(&(b.2, &b.0, b.1)));
    rows.into_iter().map(stored).collect()
}

/// The versions of one policy, the first one first.
///
/// # Errors
/// Those of the database.
pub fn versions(conn: &mut Conn, id: &str) -> Result<Vec<StoredPolicy>> {
    let rows: Vec<Row> =
        policies::table.filter(policies::id.eq(id)).order(policies::version).load(conn)?;
    rows.into_iter().map(stored).collect()
}

/// The policy in force on a day: the latest first day, then the highest version, then the last id.
///
/// # Errors
/// Those of the database.
pub fn in_force(conn: &mut Conn, day: NaiveDate) -> Result<Option<StoredPolicy>> {
    let mut rows: Vec<Row> = policies::table.filter(policies::from_day.le(day)).load(conn)?;
    rows.sort_by(|a, b| (a.2, a.1, &a.0).cmp(&(b.2, b.1, &b.0)));
    rows.pop().map(stored).transpose()
}
