//! Commitments: published before the frames close, redeemed by the draws.

use crate::domain::draw::{Draw, draw_id};
use crate::error::Result;
use crate::store::Conn;
use crate::store::connection::each;
use crate::store::draws::{Filter, fit};
use crate::store::schema::{commitments, draws};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

/// A published commitment.
#[derive(Clone, Debug)]
pub struct Commitment {
    /// Office.
    pub office: String,
    /// Inspection day.
    pub day: NaiveDate,
    /// Round.
    pub round: u32,
    /// Hex.
    pub commitment: String,
    /// When it was published.
    pub created_at: DateTime<Utc>,
}

type CommitmentRow = (String, NaiveDate, i32, String, NaiveDateTime);

fn commitment(row: CommitmentRow) -> Result<Commitment> {
    let (office, day, round, commitment, created_at) = row;
    Ok(Commitment { office, day, round: fit(round)?, commitment, created_at: created_at.and_utc() })
}

/// Publishes a commitment, unless there is one for that office, day and round.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut Conn, new: &Commitment) -> Result<bool> {
    let row = (
        commitments::office.eq(&new.office),
        commitments::day.eq(new.day),
        commitments::round.eq(fit::<_, i32>(new.round)?),
        commitments::commitment.eq(&new.commitment),
        commitments::created_at.eq(new.created_at.naive_utc()),
    );
    let made = each!(conn, c => diesel::insert_into(commitments::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(made > 0)
}

/// The commitment of an office, day and round.
///
/// # Errors
/// Those of the database.
pub fn find(
    conn: &mut Conn,
    office: &str,
    day: NaiveDate,
    round: u32,
) -> Result<Option<Commitment>> {
    let row: Option<CommitmentRow> =
        commitments::table.find((office, day, fit::<_, i32>(round)?)).first(conn).optional()?;
    row.map(commitment).transpose()
}

/// Commitments of an office (or all) by day, after a place in that order, with the draw if it is.
///
/// # Errors
/// Those of the database.
pub fn list(
    conn: &mut Conn,
    filter: &Filter,
    after: Option<&(NaiveDate, String, i32)>,
    limit: i64,
) -> Result<Vec<(Commitment, Option<Draw>)>> {
    let mut query = commitments::table.into_boxed();
    if !filter.offices.is_empty() {
        query = query.filter(commitments::office.eq_any(&filter.offices));
    }
    if let Some(first) = filter.days.0 {
        query = query.filter(commitments::day.ge(first));
    }
    if let Some(last) = filter.days.1 {
        query = query.filter(commitments::day.le(last));
    }
    if let Some((day, office, round)) = after {
        query = query.filter(
            commitments::day.gt(*day).or(commitments::day.eq(*day).and(
                commitments::office
                    .gt(office)
                    .or(commitments::office.eq(office).and(commitments::round.gt(*round))),
            )),
        );
    }
    let order = (commitments::day, commitments::office, commitments::round);
    let rows: Vec<CommitmentRow> = query.order(order).limit(limit).load(conn)?;
    rows.into_iter()
        .map(|row| {
            let commitment = commitment(row)?;
            let id = draw_id(&commitment.office, commitment.day, commitment.round);
            let draw = crate::store::draws::find(conn, &id)?;
            Ok((commitment, draw))
        })
        .collect()
}

/// The last day with a commitment of an office.
///
/// # Errors
/// Those of the database.
pub fn last_day(conn: &mut Conn, office: &str) -> Result<Option<NaiveDate>> {
    Ok(commitments::table
        .filter(commitments::office.eq(office))
        .select(diesel::dsl::max(commitments::day))
        .first(conn)?)
}

/// Office and day of the commitments up to a day that no draw has redeemed: the draws that are due.
///
/// # Errors
/// Those of the database.
pub fn due(conn: &mut Conn, until: NaiveDate) -> Result<Vec<(String, NaiveDate)>> {
    let drawn = draws::table.filter(
        draws::office
            .eq(commitments::office)
            .and(draws::day.eq(commitments::day))
            .and(draws::round.eq(commitments::round)),
    );
    let mut due: Vec<(String, NaiveDate)> = commitments::table
        .filter(commitments::day.le(until).and(diesel::dsl::not(diesel::dsl::exists(drawn))))
        .select((commitments::office, commitments::day))
        .load(conn)?;
    due.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
    Ok(due)
}
