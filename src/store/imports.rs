//! Imports and the outcomes of their rows.

use crate::domain::import::{Counts, Failure, Import, ImportRow, Mode, RowOutcome, State};
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::schema::{import_rows, imports};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text};
use std::borrow::Cow;
use std::collections::BTreeSet;

#[derive(Queryable, Insertable)]
#[diesel(table_name = imports, treat_none_as_default_value = false)]
struct Row {
    id: String,
    sha256: String,
    state: String,
    mode: String,
    dry_run: bool,
    historical: bool,
    received: i64,
    created: i64,
    unchanged: i64,
    revised: i64,
    rejected: i64,
    warnings: String,
    failure: Option<String>,
    heading: Option<String>,
    actor: String,
    created_at: NaiveDateTime,
    touched_at: NaiveDateTime,
    finished_at: Option<NaiveDateTime>,
}

fn corrupt() -> Error {
    Error::inner("a stored import cannot be read")
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Inner(error.into()))
}

/// Counts stay far below 2⁶³: a file of so many rows would never end.
fn big(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl Row {
    fn of(import: &Import) -> Result<Self> {
        let counts = &import.counts;
        Ok(Self {
            id: import.id.clone(),
            sha256: import.sha256.clone(),
            state: import.state.as_str().into(),
            mode: import.mode.as_str().into(),
            dry_run: import.dry_run,
            historical: import.historical,
            received: big(counts.received),
            created: big(counts.created),
            unchanged: big(counts.unchanged),
            revised: big(counts.revised),
            rejected: big(counts.rejected),
            warnings: json(&counts.warnings)?,
            failure: import.failure.as_ref().map(json).transpose()?,
            heading: import.heading.as_ref().map(json).transpose()?,
            actor: import.actor.clone(),
            created_at: import.created_at.naive_utc(),
            touched_at: import.touched_at.naive_utc(),
            finished_at: import.finished_at.map(|at| at.naive_utc()),
        })
    }

    fn read(self) -> Result<Import> {
        let count = |number: i64| u64::try_from(number).map_err(|_| corrupt());
        let failure = self.failure.as_deref().map(serde_json::from_str::<Failure>).transpose();
        let heading = self.heading.as_deref().map(serde_json::from_str).transpose();
        Ok(Import {
            state: State::find(&self.state).ok_or_else(corrupt)?,
            mode: Mode::find(&self.mode).ok_or_else(corrupt)?,
            counts: Counts {
                received: count(self.received)?,
                created: count(self.created)?,
                unchanged: count(self.unchanged)?,
                revised: count(self.revised)?,
                rejected: count(self.rejected)?,
                warnings: serde_json::from_str(&self.warnings).map_err(|_| corrupt())?,
                registered: BTreeSet::new(),
            },
            failure: failure.map_err(|_| corrupt())?,
            heading: heading.map_err(|_| corrupt())?,
            id: self.id,
            sha256: self.sha256,
            dry_run: self.dry_run,
            historical: self.historical,
            actor: self.actor,
            created_at: self.created_at.and_utc(),
            touched_at: self.touched_at.and_utc(),
            finished_at: self.finished_at.map(|at| at.and_utc()),
        })
    }
}

/// Keeps a new import.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut Conn, import: &Import) -> Result<()> {
    diesel::insert_into(imports::table).values(Row::of(import)?).execute(conn)?;
    Ok(())
}

/// One import.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, id: &str) -> Result<Option<Import>> {
    let row: Option<Row> = imports::table.filter(imports::id.eq(id)).first(conn).optional()?;
    row.map(Row::read).transpose()
}

/// Imports of an actor, or of everybody, the newest first, before an id.
///
/// # Errors
/// Those of the database.
pub fn list(
    conn: &mut Conn,
    actor: Option<&str>,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Import>> {
    let mut query = imports::table.into_boxed();
    if let Some(actor) = actor {
        query = query.filter(imports::actor.eq(actor));
    }
    if let Some(before) = before {
        query = query.filter(imports::id.lt(before));
    }
    let rows: Vec<Row> = query.order(imports::id.desc()).limit(limit).load(conn)?;
    rows.into_iter().map(Row::read).collect()
}

/// Writes down how far a running import is; `false` when it runs no more, because it was taken for
/// dead meanwhile.
///
/// # Errors
/// Those of the database.
pub fn progress(
    conn: &mut Conn,
    id: &str,
    counts: &Counts,
    state: State,
    now: DateTime<Utc>,
) -> Result<bool> {
    let finished = (state != State::Running).then(|| now.naive_utc());
    let running = imports::id.eq(id).and(imports::state.eq(State::Running.as_str()));
    let touched = diesel::update(imports::table.filter(running))
        .set((
            imports::state.eq(state.as_str()),
            imports::received.eq(big(counts.received)),
            imports::created.eq(big(counts.created)),
            imports::unchanged.eq(big(counts.unchanged)),
            imports::revised.eq(big(counts.revised)),
            imports::rejected.eq(big(counts.rejected)),
            imports::warnings.eq(json(&counts.warnings)?),
            imports::touched_at.eq(now.naive_utc()),
            imports::finished_at.eq(finished),
        ))
        .execute(conn)?;
    Ok(touched > 0)
}

/// Ends a running import that failed; its counts stay as they are, for they were written together
/// with what they count.
///
/// # Errors
/// Those of the database.
pub fn end(
    conn: &mut Conn,
    id: &str,
    state: State,
    failure: &Failure,
    now: DateTime<Utc>,
) -> Result<()> {
    let running = imports::id.eq(id).and(imports::state.eq(State::Running.as_str()));
    diesel::update(imports::table.filter(running))
        .set(ended(state, failure, now)?)
        .execute(conn)?;
    Ok(())
}

/// Ends every running import whose last sign of life lies before a moment; how many they were.
///
/// # Errors
/// Those of the database.
pub fn end_silent(
    conn: &mut Conn,
    silent_since: DateTime<Utc>,
    failure: &Failure,
    now: DateTime<Utc>,
) -> Result<usize> {
    let silent = imports::state
        .eq(State::Running.as_str())
        .and(imports::touched_at.lt(silent_since.naive_utc()));
    Ok(diesel::update(imports::table.filter(silent))
        .set(ended(State::Failed, failure, now)?)
        .execute(conn)?)
}

/// Ends every running import that a key has sent; how many they were.
///
/// # Errors
/// Those of the database.
pub fn end_sent(conn: &mut Conn, failure: &Failure, now: DateTime<Utc>) -> Result<usize> {
    let sent = imports::state.eq(State::Running.as_str()).and(imports::actor.like("key:%"));
    Ok(diesel::update(imports::table.filter(sent))
        .set(ended(State::Failed, failure, now)?)
        .execute(conn)?)
}

#[derive(AsChangeset)]
#[diesel(table_name = imports)]
struct Ended {
    state: &'static str,
    failure: String,
    finished_at: NaiveDateTime,
}

fn ended(state: State, failure: &Failure, now: DateTime<Utc>) -> Result<Ended> {
    let state = state.as_str();
    Ok(Ended { state, failure: json(failure)?, finished_at: now.naive_utc() })
}

/// Takes outcomes of rows back: all, or all but the rejected ones.
///
/// # Errors
/// Those of the database.
pub fn drop_rows(conn: &mut Conn, import: &str, keep_rejected: bool) -> Result<()> {
    let rows = import_rows::table.filter(import_rows::import_id.eq(import));
    let kept = if keep_rejected { RowOutcome::Rejected.as_str() } else { "" };
    diesel::delete(rows.filter(import_rows::outcome.ne(kept))).execute(conn)?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = import_rows, treat_none_as_default_value = false)]
struct OutcomeRow<'a> {
    import_id: &'a str,
    line: i64,
    byte_offset: i64,
    outcome: &'a str,
    declaration_number: Option<Cow<'a, str>>,
    errors: String,
    content: Option<Cow<'a, str>>,
}

/// Text of a file as a database takes it: PostgreSQL has no NUL.
fn storable(text: &Option<String>) -> Option<Cow<'_, str>> {
    let text = text.as_deref()?;
    Some(match text.contains('\0') {
        true => text.replace('\0', "\u{fffd}").into(),
        false => text.into(),
    })
}

impl<'a> OutcomeRow<'a> {
    fn of(import: &'a str, row: &'a ImportRow) -> Result<Self> {
        Ok(Self {
            import_id: import,
            line: big(row.row),
            byte_offset: big(row.byte_offset),
            outcome: row.outcome.as_str(),
            declaration_number: storable(&row.declaration_number),
            errors: json(&row.errors)?,
            content: storable(&row.content),
        })
    }
}

/// An array for each column: the statement is short and the same for any number of rows.
const PG_INSERT: &str = "INSERT INTO import_rows (import_id, line, byte_offset, outcome, \
    declaration_number, errors, content) SELECT $1, * FROM unnest($2, $3, $4, $5, $6, $7)";

/// Keeps the outcomes of rows.
///
/// # Errors
/// Those of the database.
pub fn add_rows(conn: &mut Conn, import: &str, rows: &[ImportRow]) -> Result<()> {
    let rows = rows.iter().map(|row| OutcomeRow::of(import, row)).collect::<Result<Vec<_>>>()?;
    match conn {
        Conn::Sqlite(conn) => {
            for row in rows {
                diesel::insert_into(import_rows::table).values(row).execute(conn)?;
            }
        }
        Conn::Pg(conn) => add_columns(conn, import, &rows)?,
    }
    Ok(())
}

fn add_columns(conn: &mut PgConnection, import: &str, rows: &[OutcomeRow<'_>]) -> Result<()> {
    type Words = Array<Nullable<Text>>;
    let (lines, offsets): (Vec<i64>, Vec<i64>) =
        rows.iter().map(|row| (row.line, row.byte_offset)).unzip();
    let outcomes: Vec<&str> = rows.iter().map(|row| row.outcome).collect();
    let numbers: Vec<_> = rows.iter().map(|row| row.declaration_number.as_deref()).collect();
    let errors: Vec<&str> = rows.iter().map(|row| row.errors.as_str()).collect();
    let contents: Vec<_> = rows.iter().map(|row| row.content.as_deref()).collect();
    diesel::sql_query(PG_INSERT)
        .bind::<Text, _>(import)
        .bind::<Array<BigInt>, _>(lines)
        .bind::<Array<BigInt>, _>(offsets)
        .bind::<Array<Text>, _>(outcomes)
        .bind::<Words, _>(numbers)
        .bind::<Array<Text>, _>(errors)
        .bind::<Words, _>(contents)
        .execute(conn)?;
    Ok(())
}

type StoredRow = (String, i64, i64, String, Option<String>, String, Option<String>);

/// Outcomes of an import after a row, in order.
///
/// # Errors
/// Those of the database.
pub fn rows(
    conn: &mut Conn,
    import: &str,
    outcome: Option<RowOutcome>,
    after: u64,
    limit: i64,
) -> Result<Vec<ImportRow>> {
    let mut query = import_rows::table
        .filter(import_rows::import_id.eq(import).and(import_rows::line.gt(big(after))))
        .into_boxed();
    if let Some(outcome) = outcome {
        query = query.filter(import_rows::outcome.eq(outcome.as_str()));
    }
    let rows: Vec<StoredRow> = query.order(import_rows::line).limit(limit).load(conn)?;
    rows.into_iter().map(row).collect()
}

fn row(row: StoredRow) -> Result<ImportRow> {
    let (_, line, byte_offset, outcome, declaration_number, errors, content) = row;
    Ok(ImportRow {
        row: u64::try_from(line).map_err(|_| corrupt())?,
        byte_offset: u64::try_from(byte_offset).map_err(|_| corrupt())?,
        declaration_number,
        outcome: RowOutcome::find(&outcome).ok_or_else(corrupt)?,
        errors: serde_json::from_str(&errors).map_err(|_| corrupt())?,
        content,
    })
}
