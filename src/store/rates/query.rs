//! The queries behind rates.

use super::{CancelledRows, Detail, DrawnRow, Filter, FrameRows, InspectedRow, Place, WaitingRows};
use crate::domain::draw::Selection;
use crate::domain::inspection::ItemState;
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::draws::{fit, frozen_ids};
use crate::store::prefix::{self, any_prefix};
use crate::store::schema::{candidates, declarations, sample_items};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::connection::DefaultLoadingMode;
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sql_types::Text;

/// A query inside the filter; the tables name day and country differently.
macro_rules! inside {
    ($query:expr, $filter:expr, $table:ident, $day:ident, $country:ident) => {{
        let filter: &Filter = $filter;
        let days = $table::$day.between(filter.days.0, filter.days.1);
        let mut query = $query.filter(days).into_boxed();
        if let Some(offices) = &filter.offices {
            query = query.filter($table::office.eq_any(offices));
        }
        if !filter.regions.is_empty() {
            query = query.filter($table::region.eq_any(&filter.regions));
        }
        if !filter.countries.is_empty() {
            query = query.filter($table::$country.eq_any(&filter.countries));
        }
        if !filter.exporters.is_empty() {
            query = query.filter($table::exporter_id.eq_any(&filter.exporters));
        }
        if let Some(any) = any_prefix!($table, filter.commodities) {
            query = query.filter(any);
        }
        query
    }};
}

/// Day, office, region, country, commodity, exporter.
type PlaceRow = (NaiveDate, String, String, String, String, String);

macro_rules! place_columns {
    ($table:ident, $day:ident, $country:ident) => {
        (
            $table::$day,
            $table::office,
            $table::region,
            $table::$country,
            $table::commodity_code,
            $table::exporter_id,
        )
    };
}

fn place(row: PlaceRow, selection: Option<Selection>) -> Place {
    let (day, office, region, country, commodity, exporter) = row;
    Place { day, office, region, country, commodity, exporter, selection }
}

/// Hands over the rows of the frames, drawn or not, one by one: there may be millions.
///
/// # Errors
/// Those of the database and of `each`.
pub fn frames(
    conn: &mut Conn,
    filter: &Filter,
    mut each: impl FnMut(FrameRows) -> Result<()>,
) -> Result<()> {
    // One prefix at a time: of several at once SQLite would search the days instead of the index.
    for commodities in prefix::apart(&filter.commodities) {
        frames_of(conn, &Filter { commodities, ..filter.clone() }, &mut each)?;
    }
    Ok(())
}

fn frames_of(
    conn: &mut Conn,
    filter: &Filter,
    each: &mut impl FnMut(FrameRows) -> Result<()>,
) -> Result<()> {
    use candidates as c;
    let columns = (place_columns!(c, day, country), c::take_all, c::pi);
    let mut query = inside!(c::table.select(columns), filter, c, day, country);
    // A frame counts once it is drawn.
    let frozen = frozen_ids(conn)?;
    if !frozen.is_empty() {
        query = query.filter(c::draw_id.ne_all(frozen));
    }
    if let Some(only) = filter.only() {
        query = query.filter(c::take_all.eq(only == Selection::Directive));
    }
    for row in query.load_iter::<(PlaceRow, bool, i64), DefaultLoadingMode>(conn)? {
        let (row, take_all, pi) = row?;
        let selection = if take_all { Selection::Directive } else { Selection::Random };
        each(FrameRows { place: place(row, Some(selection)), pi: fit(pi)?, rows: 1 })?;
    }
    Ok(())
}

/// Declarations neither cancelled nor in a frame, and those in a frame that is not drawn yet, by place as
/// finely as is told. None where the filter asks for a selection.
///
/// # Errors
/// Those of the database.
pub fn waiting(conn: &mut Conn, filter: &Filter, detail: Detail) -> Result<Vec<WaitingRows>> {
    if !filter.selections.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = waiting_rows(conn, filter, detail, None)?;
    let frozen = frozen_ids(conn)?;
    if !frozen.is_empty() {
        rows.extend(waiting_rows(conn, filter, detail, Some(frozen))?);
    }
    rows.into_iter()
        .map(|(row, rows)| Ok(WaitingRows { place: place(row, None), rows: fit(rows)? }))
        .collect()
}

/// Declarations by place: those of some frames, or those that are in none and not cancelled.
fn waiting_rows(
    conn: &mut Conn,
    filter: &Filter,
    detail: Detail,
    in_frames: Option<Vec<String>>,
) -> Result<Vec<(PlaceRow, i64)>> {
    use declarations as d;
    macro_rules! load {
        ($by:expr, $columns:expr) => {{
            let by_place = d::table.group_by($by).select(($columns, count_star()));
            let query = inside!(by_place, filter, d, inspection_day, destination_country);
            match in_frames {
                None => {
                    query.filter(d::draw_id.is_null().and(d::cancelled_at.is_null())).load(conn)?
                }
                Some(frozen) => query.filter(d::draw_id.eq_any(frozen)).load(conn)?,
            }
        }};
    }
    let (day, office, region) = (d::inspection_day, d::office, d::region);
    let nothing = || "".into_sql::<Text>();
    Ok(match detail {
        Detail::Region => {
            let columns = (day, office, region, nothing(), nothing(), nothing());
            load!((day, office, region), columns)
        }
        Detail::Country => {
            let columns = (day, office, region, d::destination_country, nothing(), nothing());
            load!((day, office, region, d::destination_country), columns)
        }
        Detail::Goods => {
            let columns = place_columns!(d, inspection_day, destination_country);
            load!(columns, columns)
        }
    })
}

/// Live declarations that were cancelled and are in no frame, one by one. None where the filter asks
/// for a selection.
///
/// # Errors
/// Those of the database.
pub fn cancelled(conn: &mut Conn, filter: &Filter) -> Result<Vec<CancelledRows>> {
    use declarations as d;
    if !filter.selections.is_empty() {
        return Ok(Vec::new());
    }
    let columns = place_columns!(d, inspection_day, destination_country);
    let cancelled = d::draw_id.is_null().and(d::cancelled_at.is_not_null());
    let query = d::table
        .filter(cancelled.and(d::historical.eq(false)))
        .select((columns, d::cancelled_at.assume_not_null()));
    let rows: Vec<(PlaceRow, NaiveDateTime)> =
        inside!(query, filter, d, inspection_day, destination_country).load(conn)?;
    let cancelled_row = |(row, at): (PlaceRow, NaiveDateTime)| CancelledRows {
        rows: WaitingRows { place: place(row, None), rows: 1 },
        at: at.and_utc(),
    };
    Ok(rows.into_iter().map(cancelled_row).collect())
}

type ItemRow = (PlaceRow, String, i64, String);

/// Every drawn declaration, whatever its result.
///
/// # Errors
/// Those of the database.
pub fn drawn(conn: &mut Conn, filter: &Filter) -> Result<Vec<DrawnRow>> {
    use sample_items as i;
    let columns = (place_columns!(i, day, country), i::selection, i::pi, i::state);
    let mut query = inside!(i::table.select(columns), filter, i, day, country);
    if let Some(only) = filter.only() {
        query = query.filter(i::selection.eq(only.as_str()));
    }
    let rows: Vec<ItemRow> = query.load(conn)?;
    rows.into_iter().map(drawn_row).collect()
}

fn drawn_row((row, selection, pi, state): ItemRow) -> Result<DrawnRow> {
    let selection =
        Selection::find(&selection).ok_or_else(|| Error::inner("an item has no selection"))?;
    let state =
        ItemState::find(&state).ok_or_else(|| Error::inner("an item has no valid state"))?;
    Ok(DrawnRow { place: place(row, Some(selection)), pi: fit(pi)?, state })
}

type InspectedItem = (PlaceRow, String, Option<String>, i64, String, Option<i64>);

/// Every inspected declaration with who inspected it.
///
/// # Errors
/// Those of the database.
pub fn inspected(conn: &mut Conn, filter: &Filter) -> Result<Vec<InspectedRow>> {
    use sample_items as i;
    let place = place_columns!(i, day, country);
    let columns = (place, i::selection, i::inspected_by, i::pi, i::state, i::score_ppb);
    let inspected = [ItemState::Passed, ItemState::Failed].map(ItemState::as_str);
    let query = i::table.filter(i::state.eq_any(inspected)).select(columns);
    let mut query = inside!(query, filter, i, day, country);
    if let Some(only) = filter.only() {
        query = query.filter(i::selection.eq(only.as_str()));
    }
    let rows: Vec<InspectedItem> = query.load(conn)?;
    rows.into_iter()
        .map(|(row, selection, inspector, pi, state, score_ppb)| {
            let DrawnRow { place, pi, state } = drawn_row((row, selection, pi, state))?;
            let failed = state == ItemState::Failed;
            let score_ppb = score_ppb.map(fit).transpose()?;
            Ok(InspectedRow { place, inspector, pi, failed, score_ppb })
        })
        .collect()
}

pub(super) use {inside, place_columns};
