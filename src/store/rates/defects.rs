//! Defects of the results in force.

use super::query::{inside, place_columns};
use super::{Filter, Place};
use crate::domain::draw::Selection;
use crate::domain::inspection::{Defect, ItemState};
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::draws::fit;
use crate::store::prefix::any_prefix;
use crate::store::schema::sample_items;
use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

/// An inspected declaration with what was found on it.
#[derive(Clone, Debug)]
pub struct DefectRow {
    /// Where it belongs.
    pub place: Place,
    /// Its inclusion probability, in units of 2⁻³².
    pub pi: u64,
    /// Whether it failed.
    pub failed: bool,
    /// What was found, by the result in force; never empty.
    pub defects: Vec<Defect>,
}

/// The defects of the result in force of an item: those of its last amendment, else of its inspection.
const IN_FORCE: &str = "COALESCE((SELECT amendments.defects FROM amendments JOIN inspections ON \
     inspections.id = amendments.inspection_id WHERE inspections.draw_id = sample_items.draw_id AND \
     inspections.position = sample_items.position ORDER BY amendments.number DESC LIMIT 1), \
     (SELECT inspections.defects FROM inspections WHERE inspections.draw_id = sample_items.draw_id \
     AND inspections.position = sample_items.position))";

type Row = ((NaiveDate, String, String, String, String, String), String, i64, String, String);

/// Inspected declarations on which the result in force names defects, in no order.
///
/// # Errors
/// Those of the database.
pub fn defects(conn: &mut Conn, filter: &Filter) -> Result<Vec<DefectRow>> {
    use sample_items as i;
    let inspected = [ItemState::Passed, ItemState::Failed].map(ItemState::as_str);
    let place = place_columns!(i, day, country);
    let query = i::table.filter(i::state.eq_any(inspected)).select((
        place,
        i::selection,
        i::pi,
        i::state,
        sql::<Text>(IN_FORCE),
    ));
    let mut query =
        inside!(query, filter, i, day, country).filter(sql::<Bool>(&format!("{IN_FORCE} <> '[]'")));
    if let Some(only) = filter.only() {
        query = query.filter(i::selection.eq(only.as_str()));
    }
    let rows: Vec<Row> = query.load(conn)?;
    rows.into_iter().map(read).collect()
}

fn read((row, selection, pi, state, defects): Row) -> Result<DefectRow> {
    let (day, office, region, country, commodity, exporter) = row;
    let selection = Selection::find(&selection);
    let place = Place { day, office, region, country, commodity, exporter, selection };
    let defects = serde_json::from_str(&defects).map_err(|error| Error::Inner(error.into()))?;
    Ok(DefectRow { place, pi: fit(pi)?, failed: state == ItemState::Failed.as_str(), defects })
}
