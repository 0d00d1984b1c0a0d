//! The queries behind rates.

use super::{CancelledRows, Detail, DrawnRow, Filter, FrameRows, Place, ResponseRows, WaitingRows};
use crate::domain::draw::Selection;
use crate::domain::inspection::ItemState;
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::draws::{fit, frozen_ids};
use crate::store::prefix::any_prefix;
use crate::store::schema::{candidates, declarations, sample_items};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sql_types::Text;

/// A query inside the filter; the tables name day and country differently.
macro_rules! inside {
    ($query:expr, $filter:expr, $table:ident, $day:ident, $country:ident) => {{
        let filter: &Filter = $filter;
        let days = $table::$day.between(filter.days.0, filter.days.1);
        let mut query =
            $query.filter(days.and($table::office.eq_any(&filter.offices))).into_boxed();
        if !filter.regions.is_empty() {
            query = query.filter($table::region.eq_any(&filter.regions));
        }
        if !filter.countries.is_empty() {
            query = query.filter($table::$country.eq_any(&filter.countries));
        }
        if let Some(any) = any_prefix!($table, filter.commodities) {
            query = query.filter(any);
        }
        query
    }};
}

type FrameRow = (NaiveDate, String, String, String, String, bool, i64, i64);

/// The rows of the frames, drawn or not, by place and inclusion probability; in no order.
///
/// # Errors
/// Those of the database.
pub fn frames(conn: &mut Conn, filter: &Filter, detail: Detail) -> Result<Vec<FrameRows>> {
    use candidates as c;
    // A frame counts once it is drawn.
    let frozen = frozen_ids(conn)?;
    macro_rules! load {
        ($counts:expr) => {{
            let mut query = inside!($counts, filter, c, day, country);
            if !frozen.is_empty() {
                query = query.filter(c::draw_id.ne_all(&frozen));
            }
            if let Some(only) = filter.only() {
                query = query.filter(c::take_all.eq(only == Selection::Directive));
            }
            query.load(conn)?
        }};
    }
    let rows: Vec<FrameRow> = match detail {
        Detail::Coarse => {
            let (country, commodity) = ("".into_sql::<Text>(), "".into_sql::<Text>());
            let by = (c::day, c::office, c::region, c::take_all, c::pi);
            let counts = (
                c::day,
                c::office,
                c::region,
                country,
                commodity,
                c::take_all,
                c::pi,
                count_star(),
            );
            load!(c::table.group_by(by).select(counts))
        }
        Detail::Fine => {
            let by =
                (c::day, c::office, c::region, c::country, c::commodity_code, c::take_all, c::pi);
            let counts = (
                c::day,
                c::office,
                c::region,
                c::country,
                c::commodity_code,
                c::take_all,
                c::pi,
                count_star(),
            );
            load!(c::table.group_by(by).select(counts))
        }
    };
    rows.into_iter().map(frame_rows).collect()
}

fn frame_rows(row: FrameRow) -> Result<FrameRows> {
    let (day, office, region, country, commodity, take_all, pi, rows) = row;
    let selection = Some(if take_all { Selection::Directive } else { Selection::Random });
    let place = Place { day, office, region, country, commodity, selection };
    Ok(FrameRows { place, pi: fit(pi)?, rows: fit(rows)? })
}

type WaitingRow = (NaiveDate, String, String, String, String, i64);

/// Declarations neither cancelled nor in a frame, and those in a frame that is not drawn yet, by place;
/// in no order. None where the filter asks for a selection.
///
/// # Errors
/// Those of the database.
pub fn waiting(conn: &mut Conn, filter: &Filter, detail: Detail) -> Result<Vec<WaitingRows>> {
    use declarations as d;
    if !filter.selections.is_empty() {
        return Ok(Vec::new());
    }
    let frozen = frozen_ids(conn)?;
    let in_frame = d::draw_id.eq_any(&frozen).assume_not_null();
    let undrawn = d::draw_id.is_null().and(d::cancelled_at.is_null());
    let waiting = d::table.filter(undrawn.or(in_frame));
    let rows: Vec<WaitingRow> = match detail {
        Detail::Coarse => {
            let (country, commodity) = ("".into_sql::<Text>(), "".into_sql::<Text>());
            let by = (d::inspection_day, d::office, d::region);
            let counts =
                (d::inspection_day, d::office, d::region, country, commodity, count_star());
            let query = waiting.group_by(by).select(counts);
            inside!(query, filter, d, inspection_day, destination_country).load(conn)?
        }
        Detail::Fine => {
            let by = (
                d::inspection_day,
                d::office,
                d::region,
                d::destination_country,
                d::commodity_code,
            );
            let counts = (
                d::inspection_day,
                d::office,
                d::region,
                d::destination_country,
                d::commodity_code,
                count_star(),
            );
            let query = waiting.group_by(by).select(counts);
            inside!(query, filter, d, inspection_day, destination_country).load(conn)?
        }
    };
    rows.into_iter().map(waiting_rows).collect()
}

fn waiting_rows(row: WaitingRow) -> Result<WaitingRows> {
    let (day, office, region, country, commodity, rows) = row;
    let place = Place { day, office, region, country, commodity, selection: None };
    Ok(WaitingRows { place, rows: fit(rows)? })
}

/// Live declarations that were cancelled and are in no frame, by place and instant; in no order. None
/// where the filter asks for a selection.
///
/// # Errors
/// Those of the database.
pub fn cancelled(conn: &mut Conn, filter: &Filter, detail: Detail) -> Result<Vec<CancelledRows>> {
    use declarations as d;
    if !filter.selections.is_empty() {
        return Ok(Vec::new());
    }
    let columns = (
        d::inspection_day,
        d::office,
        d::region,
        d::destination_country,
        d::commodity_code,
        d::cancelled_at.assume_not_null(),
    );
    let cancelled = d::draw_id.is_null().and(d::cancelled_at.is_not_null());
    let query = d::table.filter(cancelled.and(d::historical.eq(false))).select(columns);
    let rows: Vec<CancelledRow> =
        inside!(query, filter, d, inspection_day, destination_country).load(conn)?;
    Ok(rows.into_iter().map(|row| cancelled_row(row, detail)).collect())
}

type CancelledRow = (NaiveDate, String, String, String, String, NaiveDateTime);

fn cancelled_row(row: CancelledRow, detail: Detail) -> CancelledRows {
    let (day, office, region, mut country, mut commodity, at) = row;
    if detail == Detail::Coarse {
        country.clear();
        commodity.clear();
    }
    let place = Place { day, office, region, country, commodity, selection: None };
    CancelledRows { rows: WaitingRows { place, rows: 1 }, at: at.and_utc() }
}

/// How many declarations each day has, cancelled or not, whatever else the filter asks; by day.
///
/// # Errors
/// Those of the database.
pub fn per_day(conn: &mut Conn, filter: &Filter) -> Result<Vec<(NaiveDate, u64)>> {
    use declarations as d;
    let rows: Vec<(NaiveDate, i64)> = d::table
        .group_by(d::inspection_day)
        .select((d::inspection_day, count_star()))
        .filter(d::inspection_day.between(filter.days.0, filter.days.1))
        .filter(d::office.eq_any(&filter.offices))
        .order(d::inspection_day)
        .load(conn)?;
    rows.into_iter().map(|(day, rows)| Ok((day, fit(rows)?))).collect()
}

type ItemRow = (NaiveDate, String, String, String, String, String, String, i32, i64, String);

/// Every drawn declaration, whatever its result; in no order.
///
/// # Errors
/// Those of the database.
pub fn drawn(conn: &mut Conn, filter: &Filter, detail: Detail) -> Result<Vec<DrawnRow>> {
    use sample_items as i;
    let columns = (
        i::day,
        i::office,
        i::region,
        i::country,
        i::commodity_code,
        i::selection,
        i::draw_id,
        i::position,
        i::pi,
        i::state,
    );
    let mut query = inside!(i::table.select(columns), filter, i, day, country);
    if let Some(only) = filter.only() {
        query = query.filter(i::selection.eq(only.as_str()));
    }
    let rows: Vec<ItemRow> = query.load(conn)?;
    rows.into_iter().map(|row| drawn_row(row, detail)).collect()
}

fn drawn_row(row: ItemRow, detail: Detail) -> Result<DrawnRow> {
    let (day, office, region, mut country, mut commodity, selection, draw, position, pi, state) =
        row;
    if detail == Detail::Coarse {
        country.clear();
        commodity.clear();
    }
    let selection =
        Selection::find(&selection).ok_or_else(|| Error::inner("an item has no selection"))?;
    let place = Place { day, office, region, country, commodity, selection: Some(selection) };
    Ok(DrawnRow { place, item: (draw, fit(position)?), pi: fit(pi)?, state: item_state(&state)? })
}

fn item_state(text: &str) -> Result<ItemState> {
    ItemState::find(text).ok_or_else(|| Error::inner("an item has no valid state"))
}

type ResponseRow = (NaiveDate, String, String, String, i64);

/// How the drawn declarations of **all** offices stand, by day, office and region: response classes
/// pool across offices, so they are never narrowed to those of a caller. In no order.
///
/// # Errors
/// Those of the database.
pub fn responses(conn: &mut Conn, days: (NaiveDate, NaiveDate)) -> Result<Vec<ResponseRows>> {
    use sample_items as i;
    let by = (i::day, i::office, i::region, i::state);
    let rows: Vec<ResponseRow> = i::table
        .group_by(by)
        .select((i::day, i::office, i::region, i::state, count_star()))
        .filter(i::day.between(days.0, days.1))
        .load(conn)?;
    rows.into_iter().map(response_rows).collect()
}

fn response_rows(row: ResponseRow) -> Result<ResponseRows> {
    let (day, office, region, state, rows) = row;
    Ok(ResponseRows { day, office, region, state: item_state(&state)?, rows: fit(rows)? })
}
