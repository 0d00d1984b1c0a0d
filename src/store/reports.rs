//! Published reports, and what only reports ask for.

use crate::error::Result;
use crate::store::Conn;
use crate::store::draws::fit;
use crate::store::schema::{
    amendments, declarations, draws, inspections, report_publications, sample_items,
};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::dsl::count_star;
use diesel::prelude::*;

/// A report as it was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The label of its period, `2026-10` or `2026`.
    pub period: String,
    /// The report, byte for byte.
    pub report: String,
    /// SHA-256 of `report`, hex.
    pub sha256: String,
    /// When.
    pub published_at: DateTime<Utc>,
    /// Who.
    pub published_by: String,
    /// The number of its event in the chain `-`.
    pub chain_sequence: i64,
}

/// Keeps a publication.
///
/// # Errors
/// Those of the database; the period is published already.
pub fn insert(conn: &mut Conn, new: &Publication) -> Result<()> {
    use report_publications as p;
    diesel::insert_into(p::table)
        .values((
            p::period.eq(&new.period),
            p::report.eq(&new.report),
            p::sha256.eq(&new.sha256),
            p::published_at.eq(new.published_at.naive_utc()),
            p::published_by.eq(&new.published_by),
            p::chain_sequence.eq(new.chain_sequence),
        ))
        .execute(conn)?;
    Ok(())
}

/// The publication of a period, if there is one.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, period: &str) -> Result<Option<Publication>> {
    type Row = (String, String, String, NaiveDateTime, String, i64);
    let row: Option<Row> = report_publications::table.find(period).get_result(conn).optional()?;
    Ok(row.map(|(period, report, sha256, at, published_by, chain_sequence)| {
        let published_at = at.and_utc();
        Publication { period, report, sha256, published_at, published_by, chain_sequence }
    }))
}

/// When a result of a live day was recorded.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The office.
    pub office: String,
    /// The inspection day.
    pub day: NaiveDate,
    /// When it was recorded first.
    pub at: DateTime<Utc>,
}

/// When the results of some days were recorded first, in no order; draws that were made afterwards are
/// left out, for their days had passed.
///
/// # Errors
/// Those of the database.
pub fn recorded(
    conn: &mut Conn,
    days: (NaiveDate, NaiveDate),
    offices: Option<&[String]>,
) -> Result<Vec<Recorded>> {
    let item = inspections::draw_id
        .eq(sample_items::draw_id)
        .and(inspections::position.eq(sample_items::position));
    let live = draws::retrospective.eq(false).and(sample_items::day.between(days.0, days.1));
    let mut query = inspections::table
        .inner_join(sample_items::table.on(item))
        .inner_join(draws::table.on(draws::id.eq(inspections::draw_id)))
        .filter(live)
        .select((sample_items::office, sample_items::day, inspections::recorded_at))
        .into_boxed();
    if let Some(offices) = offices {
        query = query.filter(sample_items::office.eq_any(offices));
    }
    let rows: Vec<(String, NaiveDate, NaiveDateTime)> = query.load(conn)?;
    let recorded =
        |(office, day, at): (_, _, NaiveDateTime)| Recorded { office, day, at: at.and_utc() };
    Ok(rows.into_iter().map(recorded).collect())
}

/// How many amendments the results of some days got, by office.
///
/// # Errors
/// Those of the database.
pub fn amended(
    conn: &mut Conn,
    days: (NaiveDate, NaiveDate),
    offices: Option<&[String]>,
) -> Result<Vec<(String, u64)>> {
    let item = inspections::draw_id
        .eq(sample_items::draw_id)
        .and(inspections::position.eq(sample_items::position));
    let mut query = amendments::table
        .inner_join(inspections::table.on(inspections::id.eq(amendments::inspection_id)))
        .inner_join(sample_items::table.on(item))
        .group_by(sample_items::office)
        .select((sample_items::office, count_star()))
        .filter(sample_items::day.between(days.0, days.1))
        .into_boxed();
    if let Some(offices) = offices {
        query = query.filter(sample_items::office.eq_any(offices));
    }
    let rows: Vec<(String, i64)> = query.load(conn)?;
    rows.into_iter().map(|(office, count)| Ok((office, fit(count)?))).collect()
}

/// Days of offices with declarations that no frame holds, by office and day; also those on which
/// something is drawn and more came in afterwards.
///
/// # Errors
/// Those of the database.
pub fn undrawn_days(
    conn: &mut Conn,
    days: (NaiveDate, NaiveDate),
    offices: Option<&[String]>,
) -> Result<Vec<(String, NaiveDate)>> {
    use declarations as d;
    let mut query = d::table
        .filter(d::inspection_day.between(days.0, days.1))
        .filter(d::draw_id.is_null().and(d::cancelled_at.is_null()))
        .select((d::office, d::inspection_day))
        .distinct()
        .into_boxed();
    if let Some(offices) = offices {
        query = query.filter(d::office.eq_any(offices));
    }
    Ok(query.order((d::office, d::inspection_day)).load(conn)?)
}
