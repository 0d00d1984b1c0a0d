//! Inspections as first recorded, and their amendments. Both are only ever added to; the result in
//! force stands on the sample item.

use crate::domain::draw::SampleItem;
use crate::domain::id::InspectorId;
use crate::domain::inspection::{Amendment, Finding, Inspection, ItemState};
use crate::domain::inspection::{NotInspectedReason, Outcome};
use crate::domain::key::Scope;
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::connection::each;
use crate::store::draws::{fit, narrowed};
use crate::store::items;
use crate::store::schema::{amendments, inspections, sample_items};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use std::collections::HashMap;
use uuid::Uuid;

#[derive(Queryable)]
struct FindingRow {
    outcome: String,
    not_inspected_reason: Option<String>,
    inspector: Option<String>,
    inspected_at: NaiveDateTime,
    units_inspected: Option<i64>,
    units_nonconforming: Option<i64>,
    defects: String,
    note: Option<String>,
}

/// The columns of a result are the same in both tables; each is written once here.
macro_rules! finding_columns {
    ($t:ident) => {
        (
            $t::outcome,
            $t::not_inspected_reason,
            $t::inspector,
            $t::inspected_at,
            $t::units_inspected,
            $t::units_nonconforming,
            $t::defects,
            $t::note,
        )
    };
}

macro_rules! finding_values {
    ($t:ident, $finding:expr) => {{
        let finding: &Finding = $finding;
        (
            $t::outcome.eq(finding.outcome.as_str()),
            $t::not_inspected_reason.eq(finding.not_inspected_reason.map(|r| r.as_str())),
            $t::inspector.eq(finding.inspector.as_ref().map(InspectorId::as_str)),
            $t::inspected_at.eq(finding.inspected_at.naive_utc()),
            $t::units_inspected.eq(finding.units_inspected),
            $t::units_nonconforming.eq(finding.units_nonconforming),
            $t::defects
                .eq(serde_json::to_string(&finding.defects).map_err(|e| Error::Inner(e.into()))?),
            $t::note.eq(finding.note.as_deref()),
        )
    }};
}

fn corrupt(what: &str) -> Error {
    Error::inner(format!("a stored inspection has no valid {what}"))
}

impl FindingRow {
    fn read(self) -> Result<Finding> {
        let inspector = self.inspector.as_deref().map(InspectorId::parse).transpose();
        let reason = self.not_inspected_reason.as_deref();
        Ok(Finding {
            inspector: inspector.map_err(|_| corrupt("inspector"))?,
            outcome: Outcome::find(&self.outcome).ok_or_else(|| corrupt("outcome"))?,
            not_inspected_reason: reason
                .map(|r| NotInspectedReason::find(r).ok_or_else(|| corrupt("reason")))
                .transpose()?,
            inspected_at: self.inspected_at.and_utc(),
            units_inspected: self.units_inspected,
            units_nonconforming: self.units_nonconforming,
            defects: serde_json::from_str(&self.defects).map_err(|_| corrupt("list of defects"))?,
            note: self.note,
        })
    }
}

#[derive(Queryable)]
struct Row {
    id: String,
    draw_id: String,
    position: i32,
    office: String,
    declaration_number: String,
    finding: FindingRow,
    recorded_at: NaiveDateTime,
    recorded_by: String,
    chain_sequence: i64,
}

macro_rules! columns {
    () => {
        (
            inspections::id,
            inspections::draw_id,
            inspections::position,
            inspections::office,
            inspections::declaration_number,
            finding_columns!(inspections),
            inspections::recorded_at,
            inspections::recorded_by,
            inspections::chain_sequence,
        )
    };
}

impl Row {
    fn read(self, amendments: &mut HashMap<String, Vec<Amendment>>) -> Result<Inspection> {
        Ok(Inspection {
            amendments: amendments.remove(&self.id).unwrap_or_default(),
            id: self.id.parse().map_err(|_| corrupt("id"))?,
            draw_id: self.draw_id,
            position: fit(self.position)?,
            office: self.office,
            declaration_number: self.declaration_number,
            finding: self.finding.read()?,
            recorded_at: self.recorded_at.and_utc(),
            recorded_by: self.recorded_by,
            chain_sequence: self.chain_sequence,
        })
    }
}

/// Keeps a new inspection; `false` when its id or its item has one already.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut Conn, new: &Inspection) -> Result<bool> {
    let row = (
        inspections::id.eq(new.id.to_string()),
        inspections::draw_id.eq(&new.draw_id),
        inspections::position.eq(fit::<_, i32>(new.position)?),
        inspections::office.eq(&new.office),
        inspections::declaration_number.eq(&new.declaration_number),
        finding_values!(inspections, &new.finding),
        inspections::recorded_at.eq(new.recorded_at.naive_utc()),
        inspections::recorded_by.eq(&new.recorded_by),
        inspections::chain_sequence.eq(new.chain_sequence),
    );
    let made = each!(conn, c => diesel::insert_into(inspections::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(made > 0)
}

/// Keeps a correction.
///
/// # Errors
/// Those of the database.
pub fn amend(conn: &mut Conn, id: Uuid, new: &Amendment) -> Result<()> {
    let row = (
        amendments::inspection_id.eq(id.to_string()),
        amendments::number.eq(fit::<_, i32>(new.number)?),
        amendments::reason.eq(&new.reason),
        finding_values!(amendments, &new.finding),
        amendments::recorded_at.eq(new.recorded_at.naive_utc()),
        amendments::recorded_by.eq(&new.recorded_by),
        amendments::chain_sequence.eq(new.chain_sequence),
    );
    diesel::insert_into(amendments::table).values(row).execute(conn)?;
    Ok(())
}

type AmendmentRow = (String, i32, String, FindingRow, NaiveDateTime, String, i64);

/// The amendments of some inspections, each inspection's in order.
fn amendments_of(conn: &mut Conn, ids: &[&str]) -> Result<HashMap<String, Vec<Amendment>>> {
    let rows: Vec<AmendmentRow> = amendments::table
        .filter(amendments::inspection_id.eq_any(ids))
        .order((amendments::inspection_id, amendments::number))
        .select((
            amendments::inspection_id,
            amendments::number,
            amendments::reason,
            finding_columns!(amendments),
            amendments::recorded_at,
            amendments::recorded_by,
            amendments::chain_sequence,
        ))
        .load(conn)?;
    let mut found: HashMap<String, Vec<Amendment>> = HashMap::new();
    for (id, number, reason, finding, recorded_at, recorded_by, chain_sequence) in rows {
        let amendment = Amendment {
            number: fit(number)?,
            reason,
            finding: finding.read()?,
            recorded_at: recorded_at.and_utc(),
            recorded_by,
            chain_sequence,
        };
        found.entry(id).or_default().push(amendment);
    }
    Ok(found)
}

fn whole(conn: &mut Conn, row: Option<Row>) -> Result<Option<Inspection>> {
    let Some(row) = row else { return Ok(None) };
    let mut amendments = amendments_of(conn, &[&row.id])?;
    row.read(&mut amendments).map(Some)
}

/// One inspection.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Inspection>> {
    let row = inspections::table
        .filter(inspections::id.eq(id.to_string()))
        .select(columns!())
        .first(conn)
        .optional()?;
    whole(conn, row)
}

/// The inspection of an item.
///
/// # Errors
/// Those of the database.
pub fn of_item(conn: &mut Conn, draw_id: &str, position: u32) -> Result<Option<Inspection>> {
    let position = fit::<_, i32>(position)?;
    let row = inspections::table
        .filter(inspections::draw_id.eq(draw_id).and(inspections::position.eq(position)))
        .select(columns!())
        .first(conn)
        .optional()?;
    whole(conn, row)
}

/// The ids of a draw's inspections by position.
///
/// # Errors
/// Those of the database.
pub fn ids_of_draw(conn: &mut Conn, draw_id: &str) -> Result<HashMap<u32, Uuid>> {
    let rows: Vec<(i32, String)> = inspections::table
        .filter(inspections::draw_id.eq(draw_id))
        .select((inspections::position, inspections::id))
        .load(conn)?;
    rows.into_iter()
        .map(|(position, id)| Ok((fit(position)?, id.parse().map_err(|_| corrupt("id"))?)))
        .collect()
}

/// What a list of inspections is restricted to; empty lists and `None` do not restrict.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Filter {
    /// Offices, already inside the caller's.
    pub offices: Vec<String>,
    /// First and last inspection day.
    pub days: (Option<NaiveDate>, Option<NaiveDate>),
    /// Outcomes in force.
    pub outcomes: Vec<Outcome>,
    /// Who inspected.
    pub inspectors: Vec<String>,
}

/// Where an inspection stands in the order of lists: day, draw, position.
pub type Place = (NaiveDate, String, i32);

/// Inspections inside a filter with their items, the latest inspection day first and in draw order
/// within it, after a place in that order.
///
/// # Errors
/// Those of the database.
pub fn list(
    conn: &mut Conn,
    scope: &Scope,
    filter: &Filter,
    after: Option<&Place>,
    limit: i64,
) -> Result<Vec<(Inspection, SampleItem)>> {
    let same_item = sample_items::draw_id
        .eq(inspections::draw_id)
        .and(sample_items::position.eq(inspections::position));
    let mut query = inspections::table
        .inner_join(sample_items::table.on(same_item))
        .select((columns!(), sample_items::all_columns))
        .into_boxed();
    if let Some(offices) = narrowed(scope, &filter.offices) {
        query = query.filter(sample_items::office.eq_any(offices));
    }
    if let Some(first) = filter.days.0 {
        query = query.filter(sample_items::day.ge(first));
    }
    if let Some(last) = filter.days.1 {
        query = query.filter(sample_items::day.le(last));
    }
    if !filter.outcomes.is_empty() {
        let states = filter.outcomes.iter().map(|outcome| ItemState::from(*outcome).as_str());
        query = query.filter(sample_items::state.eq_any(states.collect::<Vec<_>>()));
    }
    if !filter.inspectors.is_empty() {
        query = query.filter(sample_items::inspected_by.eq_any(&filter.inspectors));
    }
    if let Some((day, draw_id, position)) = after {
        let further = sample_items::position.gt(*position);
        query = query.filter(sample_items::day.lt(*day).or(sample_items::day.eq(*day).and(
            sample_items::draw_id.gt(draw_id).or(sample_items::draw_id.eq(draw_id).and(further)),
        )));
    }
    let order = (sample_items::day.desc(), sample_items::draw_id, sample_items::position);
    let rows: Vec<(Row, items::Row)> = query.order(order).limit(limit).load(conn)?;
    let ids: Vec<&str> = rows.iter().map(|(row, _)| row.id.as_str()).collect();
    let mut amendments = amendments_of(conn, &ids)?;
    rows.into_iter().map(|(row, item)| Ok((row.read(&mut amendments)?, item.read()?))).collect()
}
