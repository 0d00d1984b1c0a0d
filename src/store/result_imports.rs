//! Imports of results that were found before Breeze, and the results themselves with every revision.

use crate::domain::id::{DeclarationNumber, InspectorId};
use crate::domain::imported::{ImportedResult, RejectedResult, ResultCounts, ResultImport};
use crate::domain::lesson::Selection;
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::draws::fit;
use crate::store::schema::{imported_results, result_imports, severity_labels};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap};

#[derive(Queryable, Insertable)]
#[diesel(table_name = result_imports, treat_none_as_default_value = false)]
struct ImportRow {
    id: String,
    sha256: String,
    received: i64,
    created: i64,
    unchanged: i64,
    revised: i64,
    rejected: i64,
    rejections: String,
    actor: String,
    created_at: NaiveDateTime,
    finished_at: Option<NaiveDateTime>,
}

fn corrupt() -> Error {
    Error::inner("a stored import of results cannot be read")
}

fn json(rows: &[RejectedResult]) -> Result<String> {
    serde_json::to_string(rows).map_err(|error| Error::Inner(error.into()))
}

/// Keeps a new import.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut Conn, import: &ResultImport) -> Result<()> {
    let counts = &import.counts;
    let row = ImportRow {
        id: import.id.clone(),
        sha256: import.sha256.clone(),
        received: fit(counts.received)?,
        created: fit(counts.created)?,
        unchanged: fit(counts.unchanged)?,
        revised: fit(counts.revised)?,
        rejected: fit(counts.rejected)?,
        rejections: json(&import.rows)?,
        actor: import.actor.clone(),
        created_at: import.created_at.naive_utc(),
        finished_at: import.finished_at.map(|at| at.naive_utc()),
    };
    diesel::insert_into(result_imports::table).values(row).execute(conn)?;
    Ok(())
}

/// Writes down how far an import is.
///
/// # Errors
/// Those of the database.
pub fn progress(
    conn: &mut Conn,
    id: &str,
    counts: &ResultCounts,
    rejected: &[RejectedResult],
) -> Result<()> {
    diesel::update(result_imports::table.filter(result_imports::id.eq(id)))
        .set((
            result_imports::received.eq(fit::<_, i64>(counts.received)?),
            result_imports::created.eq(fit::<_, i64>(counts.created)?),
            result_imports::unchanged.eq(fit::<_, i64>(counts.unchanged)?),
            result_imports::revised.eq(fit::<_, i64>(counts.revised)?),
            result_imports::rejected.eq(fit::<_, i64>(counts.rejected)?),
            result_imports::rejections.eq(json(rejected)?),
        ))
        .execute(conn)?;
    Ok(())
}

/// Writes down that an import is at its end.
///
/// # Errors
/// Those of the database.
pub fn finish(conn: &mut Conn, id: &str, now: DateTime<Utc>) -> Result<()> {
    diesel::update(result_imports::table.filter(result_imports::id.eq(id)))
        .set(result_imports::finished_at.eq(Some(now.naive_utc())))
        .execute(conn)?;
    Ok(())
}

/// One import.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, id: &str) -> Result<Option<ResultImport>> {
    let row: Option<ImportRow> =
        result_imports::table.filter(result_imports::id.eq(id)).get_result(conn).optional()?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(ResultImport {
        counts: ResultCounts {
            received: fit(row.received)?,
            created: fit(row.created)?,
            unchanged: fit(row.unchanged)?,
            revised: fit(row.revised)?,
            rejected: fit(row.rejected)?,
        },
        rows: serde_json::from_str(&row.rejections).map_err(|_| corrupt())?,
        id: row.id,
        sha256: row.sha256,
        actor: row.actor,
        created_at: row.created_at.and_utc(),
        finished_at: row.finished_at.map(|at| at.and_utc()),
    }))
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = imported_results, treat_none_as_default_value = false)]
struct Row {
    declaration_number: String,
    revision: i32,
    import_id: String,
    office: String,
    outcome: String,
    severity: Option<String>,
    inspected_at: NaiveDateTime,
    inspector: Option<String>,
    selection: String,
    probability_ppm: Option<i32>,
    imported_at: NaiveDateTime,
    imported_by: String,
    chain_sequence: i64,
}

/// A result on its way into the database: by which event of the chain.
#[derive(Clone, Debug)]
pub struct Added {
    /// The result.
    pub result: ImportedResult,
    /// The event that covers it.
    pub chain_sequence: i64,
}

/// By whom and when results are added.
#[derive(Clone, Copy, Debug)]
pub struct Stamp<'a> {
    /// The import.
    pub import: &'a str,
    /// Who.
    pub actor: &'a str,
    /// When.
    pub now: DateTime<Utc>,
}

impl Row {
    fn of(added: &Added, stamp: Stamp<'_>) -> Result<Self> {
        let result = &added.result;
        Ok(Self {
            declaration_number: result.declaration_number.to_string(),
            revision: result.revision,
            import_id: stamp.import.to_owned(),
            office: result.office.clone(),
            outcome: result.outcome().to_owned(),
            severity: result.severity.clone(),
            inspected_at: result.inspected_at.naive_utc(),
            inspector: result.inspector.as_ref().map(ToString::to_string),
            selection: result.selection.as_str().to_owned(),
            probability_ppm: result.probability_ppm.map(fit).transpose()?,
            imported_at: stamp.now.naive_utc(),
            imported_by: stamp.actor.to_owned(),
            chain_sequence: added.chain_sequence,
        })
    }

    fn read(self) -> Result<ImportedResult> {
        let inspector = self.inspector.as_deref().map(InspectorId::parse).transpose();
        Ok(ImportedResult {
            declaration_number: DeclarationNumber::parse(&self.declaration_number)
                .map_err(|_| corrupt())?,
            revision: self.revision,
            office: self.office,
            failed: self.outcome == "fail",
            inspected_at: self.inspected_at.and_utc(),
            selection: Selection::find(&self.selection).ok_or_else(corrupt)?,
            probability_ppm: self.probability_ppm.map(fit).transpose()?,
            severity: self.severity,
            inspector: inspector.map_err(|_| corrupt())?,
        })
    }
}

/// Adds results; what was there stays as an earlier revision.
///
/// # Errors
/// Those of the database.
pub fn add(conn: &mut Conn, added: &[Added], stamp: Stamp<'_>) -> Result<()> {
    match conn {
        Conn::Sqlite(conn) => {
            for added in added {
                let row = Row::of(added, stamp)?;
                diesel::insert_into(imported_results::table).values(row).execute(conn)?;
            }
        }
        Conn::Pg(conn) => {
            for batch in added.chunks(1_000) {
                let rows =
                    batch.iter().map(|one| Row::of(one, stamp)).collect::<Result<Vec<_>>>()?;
                diesel::insert_into(imported_results::table).values(rows).execute(conn)?;
            }
        }
    }
    Ok(())
}

/// The imported results in force of some declarations, by number.
///
/// # Errors
/// Those of the database.
pub fn in_force(conn: &mut Conn, numbers: &[&str]) -> Result<HashMap<String, ImportedResult>> {
    let mut found = HashMap::new();
    for batch in numbers.chunks(500) {
        let rows: Vec<Row> = imported_results::table
            .filter(imported_results::declaration_number.eq_any(batch))
            .order((imported_results::declaration_number, imported_results::revision))
            .load(conn)?;
        for row in rows {
            // In order of revision: the last one stays.
            found.insert(row.declaration_number.clone(), row.read()?);
        }
    }
    Ok(found)
}

/// The labels of severity that imported failures have so far, over all imports.
///
/// # Errors
/// Those of the database.
pub fn labels(conn: &mut Conn) -> Result<BTreeSet<String>> {
    let labels: Vec<String> = severity_labels::table.select(severity_labels::label).load(conn)?;
    Ok(labels.into_iter().collect())
}

/// Keeps labels; those that are there already stay.
///
/// # Errors
/// Those of the database.
pub fn add_labels(conn: &mut Conn, labels: &BTreeSet<String>) -> Result<()> {
    for label in labels.difference(&self::labels(conn)?) {
        let row = severity_labels::label.eq(label.as_str());
        diesel::insert_into(severity_labels::table).values(row).execute(conn)?;
    }
    Ok(())
}
