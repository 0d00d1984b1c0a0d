//! Answers kept for `Idempotency-Key`: each is claimed before the work and kept after it.

use crate::domain::problem::{Code, Problem};
use crate::error::Result;
use crate::store::Conn;
use crate::store::connection::each;
use crate::store::schema::idempotency_keys as kept;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;

/// How long an answer is kept.
const KEPT: TimeDelta = TimeDelta::hours(48);
/// How long work may take; a claim older than this was left by a process that died.
const AT_WORK: TimeDelta = TimeDelta::minutes(1);
/// The status of a claim whose work is not done.
const OPEN: i32 = 0;

/// Who uses which key for what.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The API key's holder: nobody sees another's answers.
    pub api_key: String,
    /// The text of the header.
    pub token: String,
    /// Digest of the request.
    pub fingerprint: String,
}

impl Claim {
    /// The key was used for another request.
    pub fn mismatch(&self) -> Problem {
        let words = format!("key `{}` was used for another request", self.token);
        Problem::new(Code::IdempotencyMismatch, words)
    }

    /// The first request has not been answered yet.
    pub fn in_flight(&self) -> Problem {
        let words = format!("the first request with key `{}` is still at work", self.token);
        Problem::new(Code::IdempotencyInFlight, words)
    }
}

/// What was found under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing: the work is the claimant's now.
    Nothing,
    /// The answer of the first request: status and body.
    Answer(i32, String),
    /// The first request is still at work.
    AtWork,
    /// The key was used for another request.
    Other,
}

/// Claims a key, or says what it was used for.
///
/// # Errors
/// Those of the database.
pub fn claim(conn: &mut Conn, claim: &Claim, now: DateTime<Utc>) -> Result<Found> {
    let own = kept::table.filter(kept::api_key.eq(&claim.api_key));
    diesel::delete(own.filter(kept::created_at.lt((now - KEPT).naive_utc()))).execute(conn)?;
    let left = kept::status.eq(OPEN).and(kept::created_at.lt((now - AT_WORK).naive_utc()));
    diesel::delete(own.filter(left)).execute(conn)?;
    let row = (
        kept::api_key.eq(&claim.api_key),
        kept::token.eq(&claim.token),
        kept::fingerprint.eq(&claim.fingerprint),
        kept::status.eq(OPEN),
        kept::body.eq(""),
        kept::created_at.eq(now.naive_utc()),
    );
    let made = each!(conn, c => diesel::insert_into(kept::table).values(row).on_conflict_do_nothing().execute(c))?;
    if made > 0 {
        return Ok(Found::Nothing);
    }
    type Row = (String, String, String, i32, String, NaiveDateTime);
    let row: Option<Row> =
        kept::table.find((&claim.api_key, &claim.token)).first(conn).optional()?;
    Ok(match row {
        Some((_, _, fingerprint, ..)) if fingerprint != claim.fingerprint => Found::Other,
        Some((_, _, _, status, body, _)) if status != OPEN => Found::Answer(status, body),
        // Released between the two statements: the client's next try will find it free.
        _ => Found::AtWork,
    })
}

/// Keeps the answer of claimed work.
///
/// # Errors
/// Those of the database.
pub fn keep(conn: &mut Conn, claim: &Claim, status: i32, body: &str) -> Result<()> {
    diesel::update(kept::table.find((&claim.api_key, &claim.token)))
        .set((kept::status.eq(status), kept::body.eq(body)))
        .execute(conn)?;
    Ok(())
}

/// Gives a claim up: the work was refused, and may be asked for again.
///
/// # Errors
/// Those of the database.
pub fn release(conn: &mut Conn, claim: &Claim) -> Result<()> {
    diesel::delete(kept::table.find((&claim.api_key, &claim.token))).execute(conn)?;
    Ok(())
}
