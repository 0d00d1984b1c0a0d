//! Which periods' charts were evaluated, and which days have results.

use crate::error::Result;
use crate::store::Conn;
use crate::store::draws::FROZEN;
use crate::store::schema::{chart_evaluations, draws, rate_sums};
use crate::store::sums::View;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use std::collections::BTreeSet;

/// The labels of all evaluated periods.
///
/// # Errors
/// Those of the database.
pub fn labels(conn: &mut Conn) -> Result<BTreeSet<String>> {
    let labels: Vec<String> =
        chart_evaluations::table.select(chart_evaluations::period).load(conn)?;
    Ok(labels.into_iter().collect())
}

/// Whether a period was evaluated.
///
/// # Errors
/// Those of the database.
pub fn is_done(conn: &mut Conn, period: &str) -> Result<bool> {
    let found: Option<i64> = chart_evaluations::table
        .find(period)
        .select(chart_evaluations::raised)
        .get_result(conn)
        .optional()?;
    Ok(found.is_some())
}

/// Keeps that a period was evaluated, and how many signals that raised.
///
/// # Errors
/// Those of the database; it was evaluated already.
pub fn insert(conn: &mut Conn, period: &str, now: DateTime<Utc>, raised: i64) -> Result<()> {
    use chart_evaluations as e;
    let row = (e::period.eq(period), e::evaluated_at.eq(now.naive_utc()), e::raised.eq(raised));
    diesel::insert_into(e::table).values(row).execute(conn)?;
    Ok(())
}

/// Of some days, those on which anything was drawn, and those on which results are missing, over all
/// offices. A frame that waits for its entropy has neither sums nor results: its day is both.
///
/// # Errors
/// Those of the database.
pub fn drawn_and_open(
    conn: &mut Conn,
    days: (NaiveDate, NaiveDate),
) -> Result<(Vec<NaiveDate>, Vec<NaiveDate>)> {
    use rate_sums as s;
    let of_days = s::view.eq(View::Day.as_str()).and(s::first_day.between(days.0, days.1));
    let drawn = s::table.filter(of_days.and(s::drawn.gt(0)));
    let open = s::table.filter(of_days.and(s::open.gt(0)));
    let frozen =
        draws::table.filter(draws::state.eq(FROZEN).and(draws::day.between(days.0, days.1)));
    let frozen: Vec<NaiveDate> = frozen.select(draws::day).distinct().load(conn)?;
    let mut drawn: Vec<NaiveDate> = drawn.select(s::first_day).distinct().load(conn)?;
    let mut open: Vec<NaiveDate> = open.select(s::first_day).distinct().load(conn)?;
    drawn.extend(&frozen);
    open.extend(&frozen);
    Ok((drawn, open))
}
