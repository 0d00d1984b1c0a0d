//! Learn: keep in step with the result in force what the risk score learns from.

use crate::domain::draw::SampleItem;
use crate::domain::inspection::Inspection;
use crate::domain::key::Scope;
use crate::domain::lesson::Lesson;
use crate::domain::office::Office;
use crate::error::{Error, Result};
use crate::store::inspections::{Filter, Place};
use crate::store::{self, Conn, Store, chain};
use std::collections::HashMap;

/// Learns what the result in force of an inspection teaches, inside the transaction that put it in
/// force. Goods that were not inspected teach nothing: also what was imported of them is forgotten,
/// for Breeze's own result stands in its place.
pub(super) fn from_inspection(
    conn: &mut Conn,
    inspection: &Inspection,
    item: &SampleItem,
) -> Result<()> {
    let office = office(conn, &item.office)?;
    keep(conn, inspection, item, &office)
}

fn keep(
    conn: &mut Conn,
    inspection: &Inspection,
    item: &SampleItem,
    office: &Office,
) -> Result<()> {
    match Lesson::of_inspection(inspection, item, &office.calendar) {
        Some(lesson) => store::lessons::put(conn, &[lesson]),
        None => store::lessons::remove(conn, &item.candidate.declaration_number),
    }
}

/// An office that must be there, for something of it is.
pub(super) fn office(conn: &mut Conn, code: &str) -> Result<Office> {
    let office = store::offices::find(conn, code)?;
    office.ok_or_else(|| Error::inner(format!("office `{code}` is not there, and its rows are")))
}

/// What the migrations leave to do.
const CHORE: &str = "learn-anew";

/// Inspections that are learned from again in one transaction.
const PAGE: i64 = 500;

/// Learns anew where that is left to do since a migration. A start that was killed half-way leaves it to
/// the next one; two at once do the same.
///
/// # Errors
/// Those of the database.
pub fn anew_if_left(store: &Store) -> Result<()> {
    if !store.read(|conn| store::chores::is_left(conn, CHORE))? {
        return Ok(());
    }
    let inspections = anew(store)?;
    tracing::info!(inspections, "lessons were learned anew");
    store.write(|conn| store::chores::done(conn, CHORE))
}

/// Learns anew from every inspection: the migration fills the table as well as SQL can, which is not
/// to the office-local day on SQLite, nor back to the first of several results that say the same. How
/// many inspections there are.
///
/// # Errors
/// Those of the database.
pub fn anew(store: &Store) -> Result<u64> {
    let (mut count, mut after) = (0, None);
    loop {
        let page = store.write(|conn| page_anew(conn, after.as_ref()))?;
        count += page.1;
        after = match page.0 {
            None => return Ok(count),
            last => last,
        };
    }
}

/// Learns anew from the inspections after a place; where they end, and how many they are.
fn page_anew(conn: &mut Conn, after: Option<&Place>) -> Result<(Option<Place>, u64)> {
    let everything = Filter::default();
    let read =
        |conn: &mut Conn| store::inspections::list(conn, &Scope::All, &everything, after, PAGE);
    let seen = read(conn)?;
    chain::lock(conn, &seen.iter().map(|(i, _)| i.office.as_str()).collect::<Vec<_>>())?;
    // Read again: only now nobody else can amend one.
    let page = read(conn)?;
    let mut offices: HashMap<String, Office> = HashMap::new();
    for (inspection, item) in &page {
        if !offices.contains_key(&item.office) {
            offices.insert(item.office.clone(), office(conn, &item.office)?);
        }
        let Some(office) = offices.get(&item.office) else { continue };
        keep(conn, inspection, item, office)?;
    }
    let count = u64::try_from(page.len()).unwrap_or(u64::MAX);
    Ok((page.last().map(place).transpose()?, count))
}

fn place((_, item): &(Inspection, SampleItem)) -> Result<Place> {
    let position = i32::try_from(item.position).map_err(|error| Error::Inner(error.into()))?;
    Ok((item.day, item.draw_id.clone(), position))
}
