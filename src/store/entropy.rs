//! Entropy after the freeze: settings of offices, commitments of auditors, what was released and
//! what opened it. Only ever added to.

use crate::domain::entropy::{EntropySettings, EntropySource};
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::draws::fit;
use crate::store::schema::{
    auditor_commitments, auditor_secrets, entropy_releases, entropy_settings,
};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

/// A setting of an office: code, number, first day, source.
pub(super) type SettingRow = (String, i32, NaiveDate, String);

/// The settings out of the rows of one office, in order of their numbers.
pub(super) fn settings(rows: Vec<SettingRow>) -> Result<EntropySettings> {
    let read = |(_, _, from, text): SettingRow| {
        let source = EntropySource::find(&text);
        let unknown = || Error::inner(format!("an office has the unknown entropy `{text}`"));
        Ok((from, source.ok_or_else(unknown)?))
    };
    rows.into_iter().map(read).collect::<Result<_>>().map(EntropySettings)
}

/// The settings of one office, or of all, by office and number.
pub(super) fn setting_rows(conn: &mut Conn, office: Option<&str>) -> Result<Vec<SettingRow>> {
    use entropy_settings as s;
    let columns = (s::office, s::number, s::from_day, s::entropy);
    let mut query = s::table.select(columns).order((s::office, s::number)).into_boxed();
    if let Some(office) = office {
        query = query.filter(s::office.eq(office));
    }
    Ok(query.load(conn)?)
}

/// Sets where an office takes entropy from, from a day on, in place of whatever held then or later;
/// inside a transaction that holds the office's lock.
///
/// # Errors
/// Those of the database.
pub fn set(
    conn: &mut Conn,
    office: &str,
    from: NaiveDate,
    source: EntropySource,
    now: DateTime<Utc>,
) -> Result<()> {
    use entropy_settings as s;
    let last: Option<i32> = s::table
        .filter(s::office.eq(office))
        .select(diesel::dsl::max(s::number))
        .get_result(conn)?;
    diesel::insert_into(s::table)
        .values((
            s::office.eq(office),
            s::number.eq(last.unwrap_or(0) + 1),
            s::from_day.eq(from),
            s::entropy.eq(source.to_string()),
            s::set_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// What an auditor committed to for one draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditorCommitment {
    /// Office.
    pub office: String,
    /// Inspection day.
    pub day: NaiveDate,
    /// Round.
    pub round: u32,
    /// `H("breeze/v1/auditor-commit", office, day, round, a)`, hex.
    pub commitment: String,
    /// When it was published.
    pub committed_at: DateTime<Utc>,
    /// By which key.
    pub committed_by: String,
    /// Its event in the office's chain.
    pub chain_sequence: i64,
}

type CommitmentRow = (String, NaiveDate, i32, String, NaiveDateTime, String, i64);

fn commitment(row: CommitmentRow) -> Result<AuditorCommitment> {
    let (office, day, round, commitment, at, committed_by, chain_sequence) = row;
    let (round, committed_at) = (fit(round)?, at.and_utc());
    Ok(AuditorCommitment {
        office,
        day,
        round,
        commitment,
        committed_at,
        committed_by,
        chain_sequence,
    })
}

/// Keeps the commitment of an auditor; inside a transaction that holds the office's lock.
///
/// # Errors
/// Those of the database; there is one already.
pub fn insert_commitment(conn: &mut Conn, new: &AuditorCommitment) -> Result<()> {
    use auditor_commitments as c;
    diesel::insert_into(c::table)
        .values((
            c::office.eq(&new.office),
            c::day.eq(new.day),
            c::round.eq(fit::<_, i32>(new.round)?),
            c::commitment.eq(&new.commitment),
            c::committed_at.eq(new.committed_at.naive_utc()),
            c::committed_by.eq(&new.committed_by),
            c::chain_sequence.eq(new.chain_sequence),
        ))
        .execute(conn)?;
    Ok(())
}

/// The commitment of an auditor for an office, day and round.
///
/// # Errors
/// Those of the database.
pub fn commitment_of(
    conn: &mut Conn,
    office: &str,
    day: NaiveDate,
    round: u32,
) -> Result<Option<AuditorCommitment>> {
    let key = (office, day, fit::<_, i32>(round)?);
    let row: Option<CommitmentRow> =
        auditor_commitments::table.find(key).get_result(conn).optional()?;
    row.map(commitment).transpose()
}

/// Something an auditor gave for a draw: a release, or the secret behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Lowercase hex.
    pub value: String,
    /// When.
    pub at: DateTime<Utc>,
    /// By which key.
    pub by: String,
    /// Its event in the office's chain.
    pub chain_sequence: i64,
}

type GivenRow = (String, String, NaiveDateTime, String, i64);

fn given((_, value, at, by, chain_sequence): GivenRow) -> Given {
    Given { value, at: at.and_utc(), by, chain_sequence }
}

/// Keeps what was released for a frozen frame.
///
/// # Errors
/// Those of the database; something was released already.
pub fn insert_release(conn: &mut Conn, draw_id: &str, new: &Given) -> Result<()> {
    use entropy_releases as r;
    diesel::insert_into(r::table)
        .values((
            r::draw_id.eq(draw_id),
            r::value.eq(&new.value),
            r::released_at.eq(new.at.naive_utc()),
            r::released_by.eq(&new.by),
            r::chain_sequence.eq(new.chain_sequence),
        ))
        .execute(conn)?;
    Ok(())
}

/// What was released for a draw.
///
/// # Errors
/// Those of the database.
pub fn release_of(conn: &mut Conn, draw_id: &str) -> Result<Option<Given>> {
    let row: Option<GivenRow> =
        entropy_releases::table.find(draw_id).get_result(conn).optional()?;
    Ok(row.map(given))
}

/// Keeps the secret of an auditor.
///
/// # Errors
/// Those of the database; it was given already.
pub fn insert_secret(conn: &mut Conn, draw_id: &str, new: &Given) -> Result<()> {
    use auditor_secrets as s;
    diesel::insert_into(s::table)
        .values((
            s::draw_id.eq(draw_id),
            s::secret.eq(&new.value),
            s::given_at.eq(new.at.naive_utc()),
            s::given_by.eq(&new.by),
            s::chain_sequence.eq(new.chain_sequence),
        ))
        .execute(conn)?;
    Ok(())
}

/// The secret of the auditor of a draw, once it was given.
///
/// # Errors
/// Those of the database.
pub fn secret_of(conn: &mut Conn, draw_id: &str) -> Result<Option<Given>> {
    let row: Option<GivenRow> = auditor_secrets::table.find(draw_id).get_result(conn).optional()?;
    Ok(row.map(given))
}
