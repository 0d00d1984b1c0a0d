//! Changes of who is responsible for a sample item, with their reasons. Only ever added to.

use crate::error::Result;
use crate::store::Conn;
use crate::store::draws::fit;
use crate::store::schema::assignments;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Counts from 1 for each item.
    pub number: u32,
    /// Who was responsible.
    pub from: Option<String>,
    /// Who is.
    pub to: Option<String>,
    /// Why.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
    /// By which key.
    pub by: String,
    /// Its event in the office's chain.
    pub chain_sequence: i64,
}

type Row = (String, i32, i32, Option<String>, Option<String>, String, NaiveDateTime, String, i64);

/// The changes of an item, the first one first.
///
/// # Errors
/// Those of the database.
pub fn of_item(conn: &mut Conn, draw_id: &str, position: u32) -> Result<Vec<Assignment>> {
    let position = fit::<_, i32>(position)?;
    let rows: Vec<Row> = assignments::table
        .filter(assignments::draw_id.eq(draw_id).and(assignments::position.eq(position)))
        .order(assignments::number)
        .load(conn)?;
    rows.into_iter()
        .map(|(_, _, number, from, to, reason, at, by, chain_sequence)| {
            let (number, at) = (fit(number)?, at.and_utc());
            Ok(Assignment { number, from, to, reason, at, by, chain_sequence })
        })
        .collect()
}

/// Keeps a change.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut Conn, draw_id: &str, position: u32, new: &Assignment) -> Result<()> {
    diesel::insert_into(assignments::table)
        .values((
            assignments::draw_id.eq(draw_id),
            assignments::position.eq(fit::<_, i32>(position)?),
            assignments::number.eq(fit::<_, i32>(new.number)?),
            assignments::assignee_before.eq(new.from.as_deref()),
            assignments::assignee.eq(new.to.as_deref()),
            assignments::reason.eq(&new.reason),
            assignments::assigned_at.eq(new.at.naive_utc()),
            assignments::assigned_by.eq(&new.by),
            assignments::chain_sequence.eq(new.chain_sequence),
        ))
        .execute(conn)?;
    Ok(())
}
