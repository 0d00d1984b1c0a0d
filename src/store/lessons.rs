//! Lessons: what the risk score learns from, by exporter and in time.
//!
//! A projection: every row can be made again from inspections, amendments and imported results. It is
//! written in the transaction that changes the result in force, under the lock of its office.

use crate::domain::decimal::Decimal;
use crate::domain::lesson::{Lesson, Selection, Source};
use crate::domain::money::Money;
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::schema::{declarations, lessons};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Date, Text};
use diesel::upsert::excluded;
use std::collections::{BTreeMap, HashMap};

#[derive(Queryable, Insertable)]
#[diesel(table_name = lessons, treat_none_as_default_value = false)]
struct Row {
    declaration_number: String,
    exporter_id: String,
    office: String,
    known_on: NaiveDate,
    failed: bool,
    severity: String,
    inspector: Option<String>,
    source: String,
    selection: String,
}

fn corrupt(what: &str) -> Error {
    Error::inner(format!("a stored lesson has no valid {what}"))
}

impl Row {
    fn of(lesson: &Lesson) -> Self {
        let Lesson { source, selection, .. } = lesson;
        let own = lesson.clone();
        Self {
            declaration_number: own.declaration_number,
            exporter_id: own.exporter_id,
            office: own.office,
            known_on: own.known_on,
            failed: own.failed,
            severity: own.severity,
            inspector: own.inspector,
            source: source.as_str().into(),
            selection: selection.as_str().into(),
        }
    }

    fn read(self) -> Result<Lesson> {
        Ok(Lesson {
            source: Source::find(&self.source).ok_or_else(|| corrupt("source"))?,
            selection: Selection::find(&self.selection).ok_or_else(|| corrupt("selection"))?,
            declaration_number: self.declaration_number,
            exporter_id: self.exporter_id,
            office: self.office,
            known_on: self.known_on,
            failed: self.failed,
            severity: self.severity,
            inspector: self.inspector,
        })
    }
}

/// What a lesson that is there takes from the new one: everything.
macro_rules! upsert {
    ($rows:expr) => {
        diesel::insert_into(lessons::table)
            .values($rows)
            .on_conflict(lessons::declaration_number)
            .do_update()
            .set((
                lessons::exporter_id.eq(excluded(lessons::exporter_id)),
                lessons::office.eq(excluded(lessons::office)),
                lessons::known_on.eq(excluded(lessons::known_on)),
                lessons::failed.eq(excluded(lessons::failed)),
                lessons::severity.eq(excluded(lessons::severity)),
                lessons::inspector.eq(excluded(lessons::inspector)),
                lessons::source.eq(excluded(lessons::source)),
                lessons::selection.eq(excluded(lessons::selection)),
            ))
    };
}

/// Keeps lessons, each in place of any that its declaration has. Of several of one declaration the
/// last one counts.
///
/// # Errors
/// Those of the database.
pub fn put(conn: &mut Conn, new: &[Lesson]) -> Result<()> {
    // One statement of PostgreSQL touches a row once.
    let each: BTreeMap<&str, &Lesson> =
        new.iter().map(|lesson| (lesson.declaration_number.as_str(), lesson)).collect();
    let each: Vec<&Lesson> = each.into_values().collect();
    match conn {
        Conn::Sqlite(conn) => {
            for lesson in each {
                upsert!(Row::of(lesson)).execute(conn)?;
            }
        }
        Conn::Pg(conn) => {
            for batch in each.chunks(1_000) {
                let rows: Vec<Row> = batch.iter().map(|lesson| Row::of(lesson)).collect();
                upsert!(rows).execute(conn)?;
            }
        }
    }
    Ok(())
}

/// Forgets what a declaration taught.
///
/// # Errors
/// Those of the database.
pub fn remove(conn: &mut Conn, number: &str) -> Result<()> {
    let own = lessons::table.filter(lessons::declaration_number.eq(number));
    diesel::delete(own).execute(conn)?;
    Ok(())
}

/// A declaration was revised: what it taught is another exporter's.
///
/// # Errors
/// Those of the database.
pub fn set_exporter(conn: &mut Conn, number: &str, exporter: &str) -> Result<()> {
    let own = lessons::table.filter(lessons::declaration_number.eq(number));
    diesel::update(own).set(lessons::exporter_id.eq(exporter)).execute(conn)?;
    Ok(())
}

/// What a declaration taught.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, number: &str) -> Result<Option<Lesson>> {
    let row: Option<Row> = lessons::table
        .filter(lessons::declaration_number.eq(number))
        .get_result(conn)
        .optional()?;
    row.map(Row::read).transpose()
}

/// One outcome of an exporter's past.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Past {
    /// The exporter.
    #[diesel(sql_type = Text)]
    pub exporter_id: String,
    /// The declaration.
    #[diesel(sql_type = Text)]
    pub declaration_number: String,
    /// The office-local day since which it is known.
    #[diesel(sql_type = Date)]
    pub known_on: NaiveDate,
    /// Whether its goods failed.
    #[diesel(sql_type = Bool)]
    pub failed: bool,
    /// Its severity.
    #[diesel(sql_type = Text)]
    pub severity: String,
}

/// The latest of each exporter by the index alone, however many there are: SQLite looks them up by
/// number, for it has no lateral joins, and PostgreSQL would read every lesson for that.
const SQLITE_LATEST: &str = "SELECT l.exporter_id, l.declaration_number, l.known_on, l.failed, \
    l.severity FROM json_each(?) e JOIN lessons l ON l.declaration_number IN \
    (SELECT p.declaration_number FROM lessons p WHERE p.exporter_id = e.value AND p.known_on < ? \
    ORDER BY p.known_on DESC, p.declaration_number DESC LIMIT 4) \
    ORDER BY l.known_on, l.declaration_number";
const PG_LATEST: &str = "SELECT l.exporter_id, l.declaration_number, l.known_on, l.failed, \
    l.severity FROM unnest($1) AS e (id) CROSS JOIN LATERAL \
    (SELECT * FROM lessons p WHERE p.exporter_id = e.id AND p.known_on < $2 \
    ORDER BY p.known_on DESC, p.declaration_number DESC LIMIT 4) l \
    ORDER BY l.known_on, l.declaration_number";

/// The last four outcomes of each exporter that are known before a day, in the order of their days,
/// those of one day in bytewise order of declaration number; the latest comes last. Exporters without
/// any are left out.
///
/// A declaration that is being scored may have a lesson of its own when its result was imported:
/// leave out what bears its number, and three are left.
///
/// # Errors
/// Those of the database.
pub fn of_exporters(
    conn: &mut Conn,
    exporters: &[&str],
    before: NaiveDate,
) -> Result<HashMap<String, Vec<Past>>> {
    let mut past: HashMap<String, Vec<Past>> = HashMap::new();
    let mut exporters = exporters.to_vec();
    exporters.sort_unstable();
    exporters.dedup();
    for batch in exporters.chunks(500) {
        for row in latest_of(conn, batch, before)? {
            past.entry(row.exporter_id.clone()).or_default().push(row);
        }
    }
    Ok(past)
}

fn latest_of(conn: &mut Conn, exporters: &[&str], before: NaiveDate) -> Result<Vec<Past>> {
    Ok(match conn {
        Conn::Sqlite(conn) => {
            let list = serde_json::to_string(exporters).map_err(|e| Error::Inner(e.into()))?;
            diesel::sql_query(SQLITE_LATEST)
                .bind::<Text, _>(list)
                .bind::<Date, _>(before)
                .load(conn)?
        }
        Conn::Pg(conn) => diesel::sql_query(PG_LATEST)
            .bind::<Array<Text>, _>(exporters)
            .bind::<Date, _>(before)
            .load(conn)?,
    })
}

/// A lesson with the facts of its declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What was found.
    pub lesson: Lesson,
    /// HS code, 4 to 10 digits.
    pub commodity_code: String,
    /// ISO 3166-1 alpha-2.
    pub destination_country: String,
    /// Net weight, in kilograms.
    pub net_weight_kg: Option<Decimal>,
    /// Value with its currency.
    pub value: Option<Money>,
    /// The day whose frame the declaration belongs to.
    pub inspection_day: NaiveDate,
}

/// Where an example stands in the order: the day since which it is known, declaration number.
pub type Place = (NaiveDate, String);

impl Example {
    /// Its place in the order.
    pub fn place(&self) -> Place {
        (self.lesson.known_on, self.lesson.declaration_number.clone())
    }
}

/// What is selected of a declaration beside its lesson.
type Facts = (String, String, Option<String>, Option<i64>, Option<String>, NaiveDate);

/// Everything that is known before a day with the facts of its declarations, in the order of
/// (`known_on`, declaration number bytewise), a page after a place in that order.
///
/// The facts are those of the revision in force; a declaration in a frame has no later one.
///
/// # Errors
/// Those of the database.
pub fn training(
    conn: &mut Conn,
    before: NaiveDate,
    after: Option<&Place>,
    limit: i64,
) -> Result<Vec<Example>> {
    let mut query = lessons::table
        .inner_join(
            declarations::table
                .on(declarations::declaration_number.eq(lessons::declaration_number)),
        )
        .filter(lessons::known_on.lt(before))
        .select((
            lessons::all_columns,
            (
                declarations::commodity_code,
                declarations::destination_country,
                declarations::net_weight_kg,
                declarations::value_minor,
                declarations::currency,
                declarations::inspection_day,
            ),
        ))
        .into_boxed();
    if let Some((day, number)) = after {
        let later = lessons::known_on.eq(*day).and(lessons::declaration_number.gt(number));
        // The first condition lets the index find the place.
        query =
            query.filter(lessons::known_on.ge(*day)).filter(lessons::known_on.gt(*day).or(later));
    }
    let order = (lessons::known_on, lessons::declaration_number);
    let rows: Vec<(Row, Facts)> = query.order(order).limit(limit).load(conn)?;
    rows.into_iter().map(example).collect()
}

fn example((row, facts): (Row, Facts)) -> Result<Example> {
    let (commodity_code, destination_country, weight, minor, currency, inspection_day) = facts;
    let value = match (minor, currency) {
        (Some(minor), Some(code)) => {
            Some(Money::stored(minor, &code).ok_or_else(|| corrupt("currency"))?)
        }
        _ => None,
    };
    Ok(Example {
        lesson: row.read()?,
        commodity_code,
        destination_country,
        net_weight_kg: weight.map(Decimal::stored),
        value,
        inspection_day,
    })
}

/// Examples that are in memory at a time.
const PAGE: i64 = 5_000;

/// Does something with each example of [`training`] in its order; memory holds a page at a time. All
/// pages are of one moment when the caller reads in a snapshot.
///
/// # Errors
/// Those of the database and of `work`; the first ends it.
pub fn each_before(
    conn: &mut Conn,
    before: NaiveDate,
    mut work: impl FnMut(Example) -> Result<()>,
) -> Result<()> {
    let mut after: Option<Place> = None;
    loop {
        let page = training(conn, before, after.as_ref(), PAGE)?;
        after = page.last().map(Example::place);
        if after.is_none() {
            return Ok(());
        }
        page.into_iter().try_for_each(&mut work)?;
    }
}
