//! Declarations in force and their superseded revisions.

use crate::domain::decimal::Decimal;
use crate::domain::declaration::{Declaration, DeclarationBody, StoredDeclaration};
use crate::domain::id::{DeclarationNumber, ExporterId, OfficeCode};
use crate::domain::key::Scope;
use crate::domain::money::Money;
use crate::domain::reference::country;
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::draws::narrowed;
use crate::store::prefix::any_prefix;
use crate::store::schema::{declaration_revisions, declarations, draws, sample_items};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

mod columns;

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(
    table_name = declarations,
    primary_key(declaration_number),
    treat_none_as_default_value = false,
    treat_none_as_null = true
)]
struct Row<'a> {
    declaration_number: Cow<'a, str>,
    office: Cow<'a, str>,
    inspection_day: NaiveDate,
    exporter_id: Cow<'a, str>,
    exporter_name: Option<Cow<'a, str>>,
    consignment: Option<Cow<'a, str>>,
    destination_country: Cow<'a, str>,
    region: Cow<'a, str>,
    commodity_code: Cow<'a, str>,
    description: Option<Cow<'a, str>>,
    quantity: Cow<'a, str>,
    unit: Cow<'a, str>,
    packages: Option<i64>,
    net_weight_kg: Option<Cow<'a, str>>,
    gross_weight_kg: Option<Cow<'a, str>>,
    value_minor: Option<i64>,
    currency: Option<Cow<'a, str>>,
    location: Option<Cow<'a, str>>,
    declared_at: NaiveDateTime,
    received_at: NaiveDateTime,
    historical: bool,
    warnings: Cow<'a, str>,
    revision: i32,
    chain_sequence: i64,
    cancelled_at: Option<NaiveDateTime>,
    cancellation_reason: Option<Cow<'a, str>>,
    draw_id: Option<Cow<'a, str>>,
}

fn corrupt(what: &str) -> Error {
    Error::inner(format!("a stored declaration has no valid {what}"))
}

impl<'a> Row<'a> {
    fn of(stored: &'a StoredDeclaration) -> Self {
        let d = &stored.declaration;
        let text = |text: &'a Option<String>| text.as_deref().map(Cow::Borrowed);
        let decimal = |decimal: &'a Option<Decimal>| decimal.as_ref().map(|d| d.as_str().into());
        // Most rows have no warning: no allocation for them.
        let warnings = match stored.warnings.as_slice() {
            [] => Cow::Borrowed("[]"),
            some => serde_json::to_string(some).unwrap_or_else(|_| "[]".into()).into(),
        };
        Self {
            declaration_number: d.number.as_str().into(),
            office: d.office.as_str().into(),
            inspection_day: stored.inspection_day,
            exporter_id: d.exporter_id.as_str().into(),
            exporter_name: text(&d.exporter_name),
            consignment: text(&d.consignment),
            destination_country: d.destination_country.alpha2.into(),
            region: d.destination_country.region.code().into(),
            commodity_code: d.commodity_code.as_str().into(),
            description: text(&d.description),
            quantity: d.quantity.as_str().into(),
            unit: d.unit.as_str().into(),
            packages: d.packages,
            net_weight_kg: decimal(&d.net_weight_kg),
            gross_weight_kg: decimal(&d.gross_weight_kg),
            value_minor: d.value.as_ref().map(|money| money.minor),
            currency: d.value.as_ref().map(|money| money.currency.code.into()),
            location: text(&d.location),
            declared_at: d.declared_at.naive_utc(),
            received_at: stored.received_at.naive_utc(),
            historical: stored.historical,
            warnings,
            revision: stored.revision,
            chain_sequence: stored.chain_sequence,
            cancelled_at: stored.cancelled.as_ref().map(|(at, _)| at.naive_utc()),
            cancellation_reason: stored
                .cancelled
                .as_ref()
                .and_then(|(_, why)| why.as_deref())
                .map(Cow::Borrowed),
            draw_id: text(&stored.draw_id),
        }
    }

    fn read(self) -> Result<StoredDeclaration> {
        let own = |text: Option<Cow<'a, str>>| text.map(Cow::into_owned);
        let decimal = |text: Option<Cow<'a, str>>| text.map(|t| Decimal::stored(t.into_owned()));
        let value = match (self.value_minor, self.currency) {
            (Some(minor), Some(code)) => {
                Some(Money::stored(minor, &code).ok_or_else(|| corrupt("currency"))?)
            }
            _ => None,
        };
        let declaration = Declaration {
            number: DeclarationNumber::parse(&self.declaration_number)
                .map_err(|_| corrupt("number"))?,
            office: OfficeCode::parse(&self.office).map_err(|_| corrupt("office"))?,
            exporter_id: ExporterId::parse(&self.exporter_id).map_err(|_| corrupt("exporter"))?,
            exporter_name: own(self.exporter_name),
            consignment: own(self.consignment),
            destination_country: country::find(&self.destination_country)
                .ok_or_else(|| corrupt("country"))?,
            commodity_code: self.commodity_code.into_owned(),
            description: own(self.description),
            quantity: Decimal::stored(self.quantity.into_owned()),
            unit: self.unit.into_owned(),
            packages: self.packages,
            net_weight_kg: decimal(self.net_weight_kg),
            gross_weight_kg: decimal(self.gross_weight_kg),
            value,
            location: own(self.location),
            declared_at: self.declared_at.and_utc(),
        };
        Ok(StoredDeclaration {
            declaration,
            inspection_day: self.inspection_day,
            received_at: self.received_at.and_utc(),
            historical: self.historical,
            warnings: serde_json::from_str(&self.warnings)
                .map_err(|_| corrupt("list of warnings"))?,
            revision: self.revision,
            chain_sequence: self.chain_sequence,
            cancelled: self.cancelled_at.map(|at| (at.and_utc(), own(self.cancellation_reason))),
            draw_id: own(self.draw_id),
        })
    }
}

/// One declaration.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, number: &str) -> Result<Option<StoredDeclaration>> {
    let row: Option<Row> = declarations::table
        .filter(declarations::declaration_number.eq(number))
        .get_result(conn)
        .optional()?;
    row.map(Row::read).transpose()
}

/// The declarations of some numbers, by number.
///
/// SQLite looks each one up with a statement that stays prepared; PostgreSQL takes them at once.
///
/// # Errors
/// Those of the database.
pub fn find_many(conn: &mut Conn, numbers: &[&str]) -> Result<HashMap<String, StoredDeclaration>> {
    let mut rows: Vec<Row> = Vec::new();
    match conn {
        Conn::Sqlite(conn) => {
            for number in numbers {
                let one = declarations::table.filter(declarations::declaration_number.eq(number));
                // Not `first`: SQLite plans a statement anew whenever its bound LIMIT is set.
                rows.extend(one.get_result(conn).optional()?);
            }
        }
        Conn::Pg(conn) => {
            let many = declarations::table.filter(declarations::declaration_number.eq_any(numbers));
            rows = many.load(conn)?;
        }
    }
    rows.into_iter().map(|row| Ok((row.declaration_number.to_string(), row.read()?))).collect()
}

/// Inserts new declarations and says of each whether it was new; what is there is left alone.
///
/// SQLite takes one row at a time, whose statement stays prepared; PostgreSQL takes a column at a
/// time.
///
/// # Errors
/// Those of the database.
pub fn insert_new(conn: &mut Conn, new: &[&StoredDeclaration]) -> Result<Vec<bool>> {
    match conn {
        Conn::Sqlite(conn) => new
            .iter()
            .map(|stored| {
                let row = Row::of(stored);
                let made =
                    diesel::insert_or_ignore_into(declarations::table).values(row).execute(conn)?;
                Ok(made > 0)
            })
            .collect(),
        Conn::Pg(conn) => {
            let rows: Vec<Row<'_>> = new.iter().copied().map(Row::of).collect();
            let mut made: HashSet<String> = columns::insert(conn, &rows)?.into_iter().collect();
            // A number that stands twice is new once: the first time.
            Ok(new.iter().map(|stored| made.remove(stored.declaration.number.as_str())).collect())
        }
    }
}

/// Puts a new revision in force and keeps the superseded one.
///
/// # Errors
/// Those of the database.
pub fn revise(
    conn: &mut Conn,
    old: &StoredDeclaration,
    new: &StoredDeclaration,
    now: DateTime<Utc>,
    actor: &str,
) -> Result<()> {
    let number = old.declaration.number.as_str();
    let body =
        serde_json::to_string(&old.declaration.body()).map_err(|e| Error::Inner(e.into()))?;
    diesel::insert_into(declaration_revisions::table)
        .values((
            declaration_revisions::declaration_number.eq(number),
            declaration_revisions::revision.eq(old.revision),
            declaration_revisions::body.eq(body),
            declaration_revisions::received_at.eq(old.received_at.naive_utc()),
            declaration_revisions::superseded_at.eq(now.naive_utc()),
            declaration_revisions::superseded_by.eq(actor),
        ))
        .execute(conn)?;
    diesel::update(declarations::table.filter(declarations::declaration_number.eq(number)))
        .set(Row::of(new))
        .execute(conn)?;
    Ok(())
}

/// A superseded revision: its number, what it said, when it was superseded.
pub type Superseded = (i32, DeclarationBody, DateTime<Utc>);

/// The superseded revisions of a declaration, the first one first.
///
/// # Errors
/// Those of the database.
pub fn superseded(conn: &mut Conn, number: &str) -> Result<Vec<Superseded>> {
    let rows: Vec<(i32, String, NaiveDateTime)> = declaration_revisions::table
        .filter(declaration_revisions::declaration_number.eq(number))
        .order(declaration_revisions::revision)
        .select((
            declaration_revisions::revision,
            declaration_revisions::body,
            declaration_revisions::superseded_at,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(revision, body, superseded)| {
            let body = serde_json::from_str(&body).map_err(|e| Error::Inner(e.into()))?;
            Ok((revision, body, superseded.and_utc()))
        })
        .collect()
}

/// Marks a declaration cancelled.
///
/// # Errors
/// Those of the database.
pub fn cancel(
    conn: &mut Conn,
    number: &str,
    at: DateTime<Utc>,
    reason: Option<&str>,
    sequence: i64,
) -> Result<()> {
    diesel::update(declarations::table.filter(declarations::declaration_number.eq(number)))
        .set((
            declarations::cancelled_at.eq(Some(at.naive_utc())),
            declarations::cancellation_reason.eq(reason),
            declarations::chain_sequence.eq(sequence),
        ))
        .execute(conn)?;
    Ok(())
}

/// What a search asks for; empty lists and `None` do not restrict.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Filter {
    /// Offices, already inside the caller's.
    pub offices: Vec<String>,
    /// Countries, alpha-2.
    pub countries: Vec<String>,
    /// Regions.
    pub regions: Vec<String>,
    /// Exporters.
    pub exporters: Vec<String>,
    /// Commodity prefixes.
    pub commodities: Vec<String>,
    /// First and last inspection day.
    pub days: (Option<NaiveDate>, Option<NaiveDate>),
}

/// Declarations inside a filter, by number, after a number.
///
/// # Errors
/// Those of the database.
pub fn search(
    conn: &mut Conn,
    scope: &Scope,
    filter: &Filter,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<StoredDeclaration>> {
    let mut query = declarations::table.into_boxed();
    if let Some(offices) = narrowed(scope, &filter.offices) {
        query = query.filter(declarations::office.eq_any(offices));
    }
    if !filter.countries.is_empty() {
        query = query.filter(declarations::destination_country.eq_any(&filter.countries));
    }
    if !filter.regions.is_empty() {
        query = query.filter(declarations::region.eq_any(&filter.regions));
    }
    if !filter.exporters.is_empty() {
        query = query.filter(declarations::exporter_id.eq_any(&filter.exporters));
    }
    if let Some(first) = filter.days.0 {
        query = query.filter(declarations::inspection_day.ge(first));
    }
    if let Some(last) = filter.days.1 {
        query = query.filter(declarations::inspection_day.le(last));
    }
    if let Some(any) = any_prefix!(declarations, filter.commodities) {
        query = query.filter(any);
    }
    if let Some(after) = after {
        query = query.filter(declarations::declaration_number.gt(after));
    }
    let rows: Vec<Row> = query.order(declarations::declaration_number).limit(limit).load(conn)?;
    rows.into_iter().map(Row::read).collect()
}

/// The declarations that a draw drew, by number.
///
/// # Errors
/// Those of the database.
pub fn of_sample(conn: &mut Conn, draw_id: &str) -> Result<HashMap<String, StoredDeclaration>> {
    let drawn = sample_items::table
        .filter(sample_items::draw_id.eq(draw_id))
        .select(sample_items::declaration_number);
    let rows: Vec<Row> =
        declarations::table.filter(declarations::declaration_number.eq_any(drawn)).load(conn)?;
    rows.into_iter()
        .map(|row| Ok((row.declaration_number.clone().into_owned(), row.read()?)))
        .collect()
}

/// The frame of a day that is about to close or has closed, as far as it is not drawn.
#[derive(Clone, Copy, Debug)]
pub struct OpenFrame<'a> {
    /// The office.
    pub office: &'a str,
    /// The inspection day.
    pub day: NaiveDate,
    /// When it closes: what is cancelled later stays in it. Historical declarations came in after
    /// that time, so each cancellation of theirs counts.
    pub closes_at: DateTime<Utc>,
}

/// Every declaration that belongs into the frame and is in none yet.
///
/// # Errors
/// Those of the database.
pub fn undrawn(conn: &mut Conn, frame: OpenFrame<'_>) -> Result<Vec<StoredDeclaration>> {
    let rows: Vec<Row> = undrawn_of(frame).load(conn)?;
    rows.into_iter().map(Row::read).collect()
}

/// Whether a frame has declarations that are in none yet.
///
/// # Errors
/// Those of the database.
pub fn any_undrawn(conn: &mut Conn, frame: OpenFrame<'_>) -> Result<bool> {
    let found: Option<i32> =
        undrawn_of(frame).select(declarations::revision).first(conn).optional()?;
    Ok(found.is_some())
}

#[diesel::dsl::auto_type]
fn undrawn_of<'a>(frame: OpenFrame<'a>) -> _ {
    let office: &'a str = frame.office;
    let day: NaiveDate = frame.day;
    let closes_at: NaiveDateTime = frame.closes_at.naive_utc();
    let cancelled_late = declarations::historical
        .eq(false)
        .and(declarations::cancelled_at.assume_not_null().ge(closes_at));
    declarations::table
        .filter(declarations::office.eq(office))
        .filter(declarations::inspection_day.eq(day))
        .filter(declarations::draw_id.is_null())
        .filter(declarations::cancelled_at.is_null().or(cancelled_late))
}

/// Puts every declaration that belongs into a frame into that of a draw; how many they are.
///
/// # Errors
/// Those of the database.
pub fn enter_frame(conn: &mut Conn, frame: OpenFrame<'_>, draw_id: &str) -> Result<usize> {
    Ok(diesel::update(undrawn_of(frame))
        .set(declarations::draw_id.eq(Some(draw_id)))
        .execute(conn)?)
}

/// The numbers of those in the frame of a draw that are cancelled.
///
/// # Errors
/// Those of the database.
pub fn cancelled_of(conn: &mut Conn, draw_id: &str) -> Result<BTreeSet<String>> {
    let cancelled: Vec<String> = declarations::table
        .filter(declarations::draw_id.eq(draw_id))
        .filter(declarations::cancelled_at.is_not_null())
        .select(declarations::declaration_number)
        .load(conn)?;
    Ok(cancelled.into_iter().collect())
}

/// The last inspection day of an office that has a declaration.
///
/// # Errors
/// Those of the database.
pub fn last_day(conn: &mut Conn, office: &str) -> Result<Option<NaiveDate>> {
    Ok(declarations::table
        .filter(declarations::office.eq(office))
        .select(diesel::dsl::max(declarations::inspection_day))
        .first(conn)?)
}

/// The days of an office in a span that have live declarations in no frame. Historical ones wait
/// until they are asked for.
///
/// # Errors
/// Those of the database.
pub fn days_waiting(
    conn: &mut Conn,
    office: &str,
    (first, last): (NaiveDate, NaiveDate),
) -> Result<Vec<NaiveDate>> {
    Ok(declarations::table
        .filter(declarations::office.eq(office))
        .filter(declarations::inspection_day.between(first, last))
        .filter(declarations::draw_id.is_null().and(declarations::cancelled_at.is_null()))
        .filter(declarations::historical.eq(false))
        .select(declarations::inspection_day)
        .distinct()
        .load(conn)?)
}

/// Whether any draw of a day has happened.
///
/// # Errors
/// Those of the database.
pub fn is_drawn(conn: &mut Conn, office: &str, day: NaiveDate) -> Result<bool> {
    let found: Option<i32> = draws::table
        .filter(draws::office.eq(office).and(draws::day.eq(day)))
        .select(draws::round)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}
