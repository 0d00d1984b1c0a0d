//! Policies: versions that never change, and who approved them.

use crate::domain::approval::{Approval, SignedBefore, governs};
use crate::domain::policy::Policy;
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::schema::{policies, policy_approvals};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use std::collections::BTreeMap;

/// A policy as it is kept.
#[derive(Clone, Debug)]
pub struct StoredPolicy {
    /// The policy.
    pub policy: Policy,
    /// Whether it was loaded for days that had passed.
    pub historical: bool,
    /// When it was proposed.
    pub created_at: DateTime<Utc>,
    /// By whom.
    pub created_by: String,
    /// The second person's word.
    pub approval: Option<Approval>,
}

type Row = (String, i32, NaiveDate, i32, String, String, bool, NaiveDateTime, String, Option<i32>);
type ApprovalRow = (String, i32, String, NaiveDateTime, Option<String>);

fn stored(row: Row, approvals: &BTreeMap<(String, i32), Approval>) -> Result<StoredPolicy> {
    let (id, version, from, floor, rules, _, historical, created_at, created_by, exponent) = row;
    let approval = approvals.get(&(id.clone(), version)).cloned();
    let rules = serde_json::from_str(&rules).map_err(|e| Error::Inner(e.into()))?;
    let floor_ppm = u32::try_from(floor).map_err(|e| Error::Inner(e.into()))?;
    let targeting_exponent_milli = exponent.and_then(|milli| u32::try_from(milli).ok());
    let policy = Policy { id, version, from, floor_ppm, targeting_exponent_milli, rules };
    let created_at = created_at.and_utc();
    Ok(StoredPolicy { policy, historical, created_at, created_by, approval })
}

fn by_version(rows: Vec<ApprovalRow>) -> BTreeMap<(String, i32), Approval> {
    let approval = |(id, version, by, at, note): ApprovalRow| {
        ((id, version), Approval { by, at: at.and_utc(), note })
    };
    rows.into_iter().map(approval).collect()
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

/// Keeps the approval of a version.
///
/// # Errors
/// Those of the database; it is approved already.
pub fn approve(conn: &mut Conn, id: &str, version: i32, approval: &Approval) -> Result<()> {
    diesel::insert_into(policy_approvals::table)
        .values((
            policy_approvals::policy_id.eq(id),
            policy_approvals::version.eq(version),
            policy_approvals::approved_by.eq(&approval.by),
            policy_approvals::approved_at.eq(approval.at.naive_utc()),
            policy_approvals::note.eq(&approval.note),
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
    let approvals = by_version(policy_approvals::table.load(conn)?);
    rows.into_iter().map(|row| stored(row, &approvals)).collect()
}

/// The versions of one policy, the first one first.
///
/// # Errors
/// Those of the database.
pub fn versions(conn: &mut Conn, id: &str) -> Result<Vec<StoredPolicy>> {
    let rows: Vec<Row> =
        policies::table.filter(policies::id.eq(id)).order(policies::version).load(conn)?;
    let approvals = policy_approvals::table.filter(policy_approvals::policy_id.eq(id));
    let approvals = by_version(approvals.load(conn)?);
    rows.into_iter().map(|row| stored(row, &approvals)).collect()
}

/// The policy in force on a day, of those that govern it: the latest first day, then the highest
/// version, then the last id. Where none was signed in time for a frame, those that were signed since
/// stand in.
///
/// # Errors
/// Those of the database.
pub fn in_force(
    conn: &mut Conn,
    day: NaiveDate,
    signed_before: SignedBefore,
) -> Result<Option<StoredPolicy>> {
    type Head = (NaiveDate, i32, String, bool, NaiveDateTime);
    let approvals: Vec<(String, i32, NaiveDateTime)> = policy_approvals::table
        .select((
            policy_approvals::policy_id,
            policy_approvals::version,
            policy_approvals::approved_at,
        ))
        .load(conn)?;
    let approvals: BTreeMap<(String, i32), DateTime<Utc>> =
        approvals.into_iter().map(|(id, version, at)| ((id, version), at.and_utc())).collect();
    // Rules may be many: they are read of the one that is found.
    let heads: Vec<Head> = policies::table
        .filter(policies::from_day.le(day))
        .select((
            policies::from_day,
            policies::version,
            policies::id,
            policies::historical,
            policies::created_at,
        ))
        .load(conn)?;
    let found = |signed_before| {
        let governing = heads.iter().filter(|(_, version, id, historical, at)| {
            let approved_at = approvals.get(&(id.clone(), *version)).copied();
            governs(day, approved_at, historical.then_some(at.and_utc()), signed_before)
        });
        governing.max()
    };
    let late = signed_before.map(|_| DateTime::<Utc>::MAX_UTC);
    let found = found(signed_before).or_else(|| found(late));
    let Some((_, version, id, ..)) = found else { return Ok(None) };
    Ok(versions(conn, id)?.into_iter().find(|stored| stored.policy.version == *version))
}
