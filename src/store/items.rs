//! Sample items: what was drawn, with the result in force.

use crate::domain::draw::{Candidate, SampleItem, Selection};
use crate::domain::inspection::{ItemState, NotInspectedReason};
use crate::domain::risk::RiskContribution;
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::draws::{fit, scored};
use crate::store::schema::sample_items;
use chrono::NaiveDate;
use diesel::prelude::*;
use std::collections::HashMap;

#[derive(Queryable, Insertable)]
#[diesel(table_name = sample_items, treat_none_as_default_value = false)]
pub(super) struct Row {
    draw_id: String,
    position: i32,
    declaration_number: String,
    office: String,
    day: NaiveDate,
    region: String,
    country: String,
    commodity_code: String,
    exporter_id: String,
    selection: String,
    rule: String,
    proportion_ppm: i32,
    factor: i64,
    pi: i64,
    ticket: String,
    cumulated_from: Option<i64>,
    cumulated_to: Option<i64>,
    hit: Option<i64>,
    inspector: Option<String>,
    assignee: Option<String>,
    state: String,
    not_inspected_reason: Option<String>,
    inspected_by: Option<String>,
    directive: Option<String>,
    score_ppb: Option<i64>,
    past: Option<String>,
    contributions: Option<String>,
}

impl Row {
    fn of(item: &SampleItem) -> Result<Self> {
        let c = &item.candidate;
        let at = |pick: fn((u64, u64, u64)) -> u64| item.interval.map(pick).map(fit).transpose();
        Ok(Self {
            draw_id: item.draw_id.clone(),
            position: fit(item.position)?,
            declaration_number: c.declaration_number.clone(),
            office: item.office.clone(),
            day: item.day,
            region: c.region.clone(),
            country: c.country.clone(),
            commodity_code: c.commodity_code.clone(),
            exporter_id: c.exporter_id.clone(),
            selection: match item.selection {
                Selection::Random => "random".into(),
                Selection::Directive => "directive".into(),
            },
            rule: c.rule.clone(),
            proportion_ppm: fit(c.proportion_ppm)?,
            factor: i64::from(c.factor),
            pi: fit(c.pi)?,
            ticket: item.ticket.to_string(),
            cumulated_from: at(|(from, _, _)| from)?,
            cumulated_to: at(|(_, to, _)| to)?,
            hit: at(|(_, _, hit)| hit)?,
            inspector: item.inspector.clone(),
            assignee: item.assignee.clone(),
            state: item.state.as_str().into(),
            not_inspected_reason: item.not_inspected_reason.map(|r| r.as_str().into()),
            inspected_by: item.inspected_by.clone(),
            directive: c.directive.clone(),
            score_ppb: c.scored.as_ref().map(|scored| i64::from(scored.score_ppb)),
            past: c.scored.as_ref().map(|scored| scored.past.clone()),
            contributions: written(&item.contributions)?,
        })
    }

    pub(super) fn read(self) -> Result<SampleItem> {
        let interval = match (self.cumulated_from, self.cumulated_to, self.hit) {
            (Some(from), Some(to), Some(hit)) => Some((fit(from)?, fit(to)?, fit(hit)?)),
            _ => None,
        };
        let selection = match self.selection.as_str() {
            "directive" => Selection::Directive,
            _ => Selection::Random,
        };
        Ok(SampleItem {
            draw_id: self.draw_id,
            position: fit(self.position)?,
            office: self.office,
            day: self.day,
            selection,
            ticket: self
                .ticket
                .parse()
                .map_err(|_| Error::inner("a stored ticket cannot be read"))?,
            interval,
            inspector: self.inspector,
            assignee: self.assignee,
            state: ItemState::find(&self.state)
                .ok_or_else(|| Error::inner("a stored item has no valid state"))?,
            not_inspected_reason: self
                .not_inspected_reason
                .as_deref()
                .and_then(NotInspectedReason::find),
            inspected_by: self.inspected_by,
            contributions: read(self.contributions.as_deref())?,
            candidate: Candidate {
                declaration_number: self.declaration_number,
                region: self.region,
                country: self.country,
                commodity_code: self.commodity_code,
                exporter_id: self.exporter_id,
                rule: self.rule,
                proportion_ppm: fit(self.proportion_ppm)?,
                factor: fit(self.factor)?,
                take_all: selection == Selection::Directive,
                pi: fit(self.pi)?,
                scored: scored(self.score_ppb, self.past)?,
                directive: self.directive,
            },
        })
    }
}

/// Contributions as kept: none is nothing.
fn written(contributions: &[RiskContribution]) -> Result<Option<String>> {
    let text = || serde_json::to_string(contributions).map_err(|e| Error::Inner(e.into()));
    (!contributions.is_empty()).then(text).transpose()
}

fn read(text: Option<&str>) -> Result<Vec<RiskContribution>> {
    let parse = |text| serde_json::from_str(text).map_err(|e| Error::Inner(e.into()));
    text.map_or(Ok(Vec::new()), parse)
}

/// Keeps the items of a draw.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut Conn, items: &[SampleItem]) -> Result<()> {
    match conn {
        Conn::Sqlite(conn) => {
            for item in items {
                diesel::insert_into(sample_items::table).values(Row::of(item)?).execute(conn)?;
            }
        }
        Conn::Pg(conn) => {
            for batch in items.chunks(1_000) {
                let rows = batch.iter().map(Row::of).collect::<Result<Vec<_>>>()?;
                diesel::insert_into(sample_items::table).values(rows).execute(conn)?;
            }
        }
    }
    Ok(())
}

/// The items of a draw, in draw order.
///
/// # Errors
/// Those of the database.
pub fn of_draw(conn: &mut Conn, draw_id: &str) -> Result<Vec<SampleItem>> {
    let rows: Vec<Row> = sample_items::table
        .filter(sample_items::draw_id.eq(draw_id))
        .order(sample_items::position)
        .load(conn)?;
    rows.into_iter().map(Row::read).collect()
}

/// The numbers of the declarations that a draw drew, in draw order.
///
/// # Errors
/// Those of the database.
pub fn numbers_of_draw(conn: &mut Conn, draw_id: &str) -> Result<Vec<String>> {
    Ok(sample_items::table
        .filter(sample_items::draw_id.eq(draw_id))
        .order(sample_items::position)
        .select(sample_items::declaration_number)
        .load(conn)?)
}

/// The items of all rounds of an office and day, in draw order.
///
/// # Errors
/// Those of the database.
pub fn of_day(conn: &mut Conn, office: &str, day: NaiveDate) -> Result<Vec<SampleItem>> {
    let rows: Vec<Row> = sample_items::table
        .filter(sample_items::office.eq(office).and(sample_items::day.eq(day)))
        .order((sample_items::draw_id, sample_items::position))
        .load(conn)?;
    rows.into_iter().map(Row::read).collect()
}

/// One item.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, draw_id: &str, position: u32) -> Result<Option<SampleItem>> {
    let row: Option<Row> =
        sample_items::table.find((draw_id, fit::<_, i32>(position)?)).first(conn).optional()?;
    row.map(Row::read).transpose()
}

/// The item of a declaration, if it was drawn.
///
/// # Errors
/// Those of the database.
pub fn of_declaration(conn: &mut Conn, number: &str) -> Result<Option<SampleItem>> {
    let row: Option<Row> = sample_items::table
        .filter(sample_items::declaration_number.eq(number))
        .get_result(conn)
        .optional()?;
    row.map(Row::read).transpose()
}

/// The items of those declarations that were drawn, by declaration number.
///
/// # Errors
/// Those of the database.
pub fn of_declarations(conn: &mut Conn, numbers: &[&str]) -> Result<HashMap<String, SampleItem>> {
    let mut items = HashMap::new();
    for batch in numbers.chunks(500) {
        let rows: Vec<Row> = sample_items::table
            .filter(sample_items::declaration_number.eq_any(batch))
            .load(conn)?;
        for row in rows {
            items.insert(row.declaration_number.clone(), row.read()?);
        }
    }
    Ok(items)
}

/// How many items of a draw, drawn by chance or by order, are in a state.
pub type Tally = (String, Selection, ItemState, u64);

/// How many items of some draws are in each state, by chance and by order.
///
/// # Errors
/// Those of the database.
pub fn tally(conn: &mut Conn, draw_ids: &[&str]) -> Result<Vec<Tally>> {
    use sample_items as i;
    let by = (i::draw_id, i::selection, i::state);
    let rows: Vec<(String, String, String, i64)> = i::table
        .filter(i::draw_id.eq_any(draw_ids))
        .group_by(by)
        .select((i::draw_id, i::selection, i::state, diesel::dsl::count_star()))
        .load(conn)?;
    rows.into_iter()
        .map(|(draw_id, selection, state, count)| {
            let selection = Selection::find(&selection)
                .ok_or_else(|| Error::inner("a stored item has no selection"))?;
            let state = ItemState::find(&state)
                .ok_or_else(|| Error::inner("a stored item has no valid state"))?;
            Ok((draw_id, selection, state, fit(count)?))
        })
        .collect()
}

/// Sets the result in force.
///
/// # Errors
/// Those of the database.
pub fn set_result(
    conn: &mut Conn,
    item: &SampleItem,
    state: ItemState,
    reason: Option<NotInspectedReason>,
    inspected_by: Option<&str>,
) -> Result<()> {
    let key = (item.draw_id.as_str(), fit::<_, i32>(item.position)?);
    diesel::update(sample_items::table.find(key))
        .set((
            sample_items::state.eq(state.as_str()),
            sample_items::not_inspected_reason.eq(reason.map(NotInspectedReason::as_str)),
            sample_items::inspected_by.eq(inspected_by),
        ))
        .execute(conn)?;
    Ok(())
}

/// Sets who is responsible.
///
/// # Errors
/// Those of the database.
pub fn set_assignee(conn: &mut Conn, item: &SampleItem, assignee: Option<&str>) -> Result<()> {
    let key = (item.draw_id.as_str(), fit::<_, i32>(item.position)?);
    diesel::update(sample_items::table.find(key))
        .set(sample_items::assignee.eq(assignee))
        .execute(conn)?;
    Ok(())
}

/// Whether a draw has items without a result.
///
/// # Errors
/// Those of the database.
pub fn any_open(conn: &mut Conn, draw_id: &str) -> Result<bool> {
    let found: Option<i32> = sample_items::table
        .filter(
            sample_items::draw_id.eq(draw_id).and(sample_items::state.eq(ItemState::Open.as_str())),
        )
        .select(sample_items::position)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}
