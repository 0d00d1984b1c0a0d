//! Sums of rates as they are kept: a row for every cell that something was drawn from.
//!
//! They follow from the rows of frames and items, in the transaction that changes those, under the
//! lock of the office; so a cell is read, moved and written without anybody between.

use crate::domain::draw::Selection;
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::rates::Filter;
use crate::store::schema::{draws, rate_sums};
use chrono::NaiveDate;
use diesel::prelude::*;
use std::collections::BTreeSet;
use std::ops::{Add, Sub};

/// How cells are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum View {
    /// Day × office × region.
    Day,
    /// Month × office × region.
    Month,
    /// Month × office × country.
    Country,
    /// Month × office × region × chapter.
    Chapter,
}

impl View {
    /// Every view.
    pub const ALL: [Self; 4] = [Self::Day, Self::Month, Self::Country, Self::Chapter];

    /// The view as text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Country => "country",
            Self::Chapter => "chapter",
        }
    }

    fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.as_str() == text)
    }
}

/// Which cell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// How it is told apart.
    pub view: View,
    /// The country or the chapter; empty by day and month.
    pub code: String,
    /// The day, or the first one of the month.
    pub first_day: NaiveDate,
    /// The office.
    pub office: String,
    /// The reporting region.
    pub region: String,
    /// By chance or by order.
    pub selection: Selection,
}

/// What a cell holds, or by how much it moves. The sums are exact: of weights in units of 2⁻⁶⁴, of
/// squares in units of 2⁻⁵⁶.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the counts and sums of a rate, as everywhere")]
pub struct Kept {
    pub drawn: i64,
    pub open: i64,
    pub not_inspected: i64,
    pub inspected: i64,
    pub failed: i64,
    pub rows: i64,
    pub w: i128,
    pub wy: i128,
    pub a: i128,
    pub a1: i128,
    pub b: i128,
    pub b1: i128,
    pub u: i128,
}

macro_rules! each_field {
    ($one:ident $sign:tt $other:ident, $($field:ident)*) => {
        Kept { $($field: $one.$field $sign $other.$field),* }
    };
}

impl Add for Kept {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        each_field!(self + other, drawn open not_inspected inspected failed rows w wy a a1 b b1 u)
    }
}

impl Sub for Kept {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        each_field!(self - other, drawn open not_inspected inspected failed rows w wy a a1 b b1 u)
    }
}

impl Kept {
    fn sums(&self) -> [i128; 7] {
        [self.w, self.wy, self.a, self.a1, self.b, self.b1, self.u]
    }

    fn is_possible(&self) -> bool {
        let counts = [self.drawn, self.open, self.not_inspected, self.inspected, self.failed];
        counts.iter().all(|&count| count >= 0)
            && self.rows >= 0
            && self.sums().iter().all(|&sum| sum >= 0)
    }
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = rate_sums, primary_key(view, code, first_day, office, region, selection))]
struct Row {
    view: String,
    code: String,
    first_day: NaiveDate,
    office: String,
    region: String,
    selection: String,
    drawn: i64,
    open: i64,
    not_inspected: i64,
    inspected: i64,
    failed: i64,
    frame_rows: i64,
    w: String,
    wy: String,
    a: String,
    a1: String,
    b: String,
    b1: String,
    u: String,
}

impl Row {
    fn of(key: &Key, kept: &Kept) -> Self {
        let [w, wy, a, a1, b, b1, u] = kept.sums().map(|sum| sum.to_string());
        Self {
            view: key.view.as_str().into(),
            code: key.code.clone(),
            first_day: key.first_day,
            office: key.office.clone(),
            region: key.region.clone(),
            selection: key.selection.as_str().into(),
            drawn: kept.drawn,
            open: kept.open,
            not_inspected: kept.not_inspected,
            inspected: kept.inspected,
            failed: kept.failed,
            frame_rows: kept.rows,
            w,
            wy,
            a,
            a1,
            b,
            b1,
            u,
        }
    }

    fn read(self) -> Result<(Key, Kept)> {
        let corrupt = || Error::inner("a row of the sums of rates cannot be read");
        let sum = |text: String| integer(&text).ok_or_else(corrupt);
        let kept = Kept {
            drawn: self.drawn,
            open: self.open,
            not_inspected: self.not_inspected,
            inspected: self.inspected,
            failed: self.failed,
            rows: self.frame_rows,
            w: sum(self.w)?,
            wy: sum(self.wy)?,
            a: sum(self.a)?,
            a1: sum(self.a1)?,
            b: sum(self.b)?,
            b1: sum(self.b1)?,
            u: sum(self.u)?,
        };
        let key = Key {
            view: View::find(&self.view).ok_or_else(corrupt)?,
            code: self.code,
            first_day: self.first_day,
            office: self.office,
            region: self.region,
            selection: Selection::find(&self.selection).ok_or_else(corrupt)?,
        };
        Ok((key, kept))
    }
}

/// Reads a decimal integer by the eighteen digits that fit a word: rates read some hundred thousand.
fn integer(text: &str) -> Option<i128> {
    const WORD: usize = 18;
    let digits = text.strip_prefix('-').unwrap_or(text);
    let head = digits.len() % WORD;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (head, mut rest) = digits.split_at_checked(head)?;
    let mut value = if head.is_empty() { 0 } else { i128::from(head.parse::<i64>().ok()?) };
    while !rest.is_empty() {
        let (word, further) = rest.split_at_checked(WORD)?;
        value = value.checked_mul(10_i128.pow(18))?;
        value = value.checked_add(i128::from(word.parse::<i64>().ok()?))?;
        rest = further;
    }
    Some(if digits.len() < text.len() { -value } else { value })
}

type Id<'k> = (&'k str, &'k str, NaiveDate, &'k str, &'k str, &'k str);

fn id(key: &Key) -> Id<'_> {
    let Key { view, code, first_day, office, region, selection } = key;
    (view.as_str(), code, *first_day, office, region, selection.as_str())
}

/// Moves a cell; the caller holds the lock of its office.
///
/// # Errors
/// Those of the database; a cell that would come to less than nothing, so that it does not follow
/// from the rows.
pub fn move_by(conn: &mut Conn, key: &Key, change: Kept) -> Result<()> {
    let row: Option<Row> = rate_sums::table.find(id(key)).get_result(conn).optional()?;
    let known = row.map(|row| row.read().map(|(_, kept)| kept)).transpose()?;
    let kept = known.unwrap_or_default() + change;
    if !kept.is_possible() {
        return Err(Error::inner(format!(
            "the sums of {key:?} do not follow from its rows: run `breeze rates --rebuild`"
        )));
    }
    let row = Row::of(key, &kept);
    match known {
        Some(_) => diesel::update(rate_sums::table.find(id(key))).set(row).execute(conn)?,
        None => diesel::insert_into(rate_sums::table).values(row).execute(conn)?,
    };
    Ok(())
}

/// The cells of one view inside a filter, in no order. The filter's countries restrict that of
/// countries, its commodities that of chapters.
///
/// # Errors
/// Those of the database.
pub fn of_view(conn: &mut Conn, view: View, filter: &Filter) -> Result<Vec<(Key, Kept)>> {
    use rate_sums as s;
    let mut query = s::table
        .filter(s::view.eq(view.as_str()).and(s::first_day.between(filter.days.0, filter.days.1)))
        .into_boxed();
    if let Some(offices) = &filter.offices {
        query = query.filter(s::office.eq_any(offices));
    }
    if !filter.regions.is_empty() {
        query = query.filter(s::region.eq_any(&filter.regions));
    }
    if view == View::Country && !filter.countries.is_empty() {
        query = query.filter(s::code.eq_any(&filter.countries));
    }
    if view == View::Chapter && !filter.commodities.is_empty() {
        let codes = filter.commodities.iter().flat_map(|prefix| chapters(prefix));
        query = query.filter(s::code.eq_any(codes.collect::<Vec<_>>()));
    }
    if let Some(only) = filter.only() {
        query = query.filter(s::selection.eq(only.as_str()));
    }
    let rows: Vec<Row> = query.load(conn)?;
    rows.into_iter().map(Row::read).collect()
}

/// A class of responses, office × month × region, by selection: its month, office and region, and how
/// many are drawn, inspected and open.
pub type ClassRow = (NaiveDate, String, String, i64, i64, i64);

/// The classes of **all** offices in some months: they pool across offices, so they are never narrowed
/// to those of a caller. In no order.
///
/// # Errors
/// Those of the database.
pub fn classes(conn: &mut Conn, months: (NaiveDate, NaiveDate)) -> Result<Vec<ClassRow>> {
    use rate_sums as s;
    Ok(s::table
        .filter(s::view.eq(View::Month.as_str()).and(s::first_day.between(months.0, months.1)))
        .select((s::first_day, s::office, s::region, s::drawn, s::inspected, s::open))
        .load(conn)?)
}

/// The chapters that begin with one or two digits.
fn chapters(prefix: &str) -> Vec<String> {
    match prefix.len() {
        1 => (0..10).map(|digit| format!("{prefix}{digit}")).collect(),
        _ => vec![prefix.to_owned()],
    }
}

/// All cells of an office's month, by key.
///
/// # Errors
/// Those of the database.
pub fn of_office_month(
    conn: &mut Conn,
    office: &str,
    (first, last): (NaiveDate, NaiveDate),
) -> Result<Vec<(Key, Kept)>> {
    use rate_sums as s;
    let rows: Vec<Row> =
        s::table.filter(s::office.eq(office).and(s::first_day.between(first, last))).load(conn)?;
    let mut cells = rows.into_iter().map(Row::read).collect::<Result<Vec<_>>>()?;
    cells.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    Ok(cells)
}

/// Replaces all cells of an office's month.
///
/// # Errors
/// Those of the database.
pub fn replace_office_month<'a>(
    conn: &mut Conn,
    office: &str,
    (first, last): (NaiveDate, NaiveDate),
    cells: impl IntoIterator<Item = (&'a Key, &'a Kept)>,
) -> Result<()> {
    use rate_sums as s;
    let all = s::office.eq(office).and(s::first_day.between(first, last));
    diesel::delete(s::table.filter(all)).execute(conn)?;
    for (key, kept) in cells {
        diesel::insert_into(s::table).values(Row::of(key, kept)).execute(conn)?;
    }
    Ok(())
}

/// Every office and day that was drawn or has sums, so that neither is overlooked.
///
/// # Errors
/// Those of the database.
pub fn office_days(conn: &mut Conn) -> Result<BTreeSet<(String, NaiveDate)>> {
    use rate_sums as s;
    let drawn: Vec<(String, NaiveDate)> =
        draws::table.select((draws::office, draws::day)).distinct().load(conn)?;
    let kept: Vec<(String, NaiveDate)> =
        s::table.select((s::office, s::first_day)).distinct().load(conn)?;
    Ok(drawn.into_iter().chain(kept).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_read_as_they_are_written() {
        for value in [0, 7, -1, 10_i128.pow(18), 10_i128.pow(36) + 5, i128::MAX, 1 - i128::MAX] {
            assert_eq!(integer(&value.to_string()), Some(value), "{value}");
        }
        for text in ["", "-", "1.5", "+1", "1 ", "999999999999999999999999999999999999999999"] {
            assert_eq!(integer(text), None, "{text}");
        }
    }

    #[test]
    fn a_single_digit_names_ten_chapters() {
        assert_eq!(chapters("8").len(), 10);
        assert_eq!(chapters("85"), ["85"]);
    }
}
