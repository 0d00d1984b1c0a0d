//! Directives, how they were closed, and what they took.

use crate::domain::approval::{SignedBefore, counts};
use crate::domain::directive::{
    Closure, Directive, DirectiveKind, DirectiveState, Order, Place, Target,
};
use crate::domain::id::{DeclarationNumber, ExporterId, OfficeCode};
use crate::domain::key::Scope;
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::draws::{fit, frozen_ids, narrowed};
use crate::store::schema::{candidates, directive_closures, directives, sample_items};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use std::collections::HashMap;

#[derive(Queryable, Insertable)]
#[diesel(table_name = directives, treat_none_as_default_value = false)]
struct Row {
    id: String,
    kind: String,
    office: Option<String>,
    declaration_number: Option<String>,
    exporter_id: Option<String>,
    commodity: Option<String>,
    destination_country: Option<String>,
    reason: String,
    from_day: NaiveDate,
    until_day: NaiveDate,
    most: Option<i64>,
    cancelled_declaration: Option<String>,
    ordered_at: NaiveDateTime,
    ordered_by: String,
    chain: String,
    chain_sequence: i64,
}

type ClosureRow = (String, String, NaiveDateTime, String, i64);

fn corrupt(words: String) -> Error {
    Error::inner(format!("a stored directive cannot be read: {words}"))
}

impl Row {
    fn of(directive: &Directive) -> Self {
        let Order { target, reason, from, until, limit } = directive.order.clone();
        let (chain, chain_sequence) = directive.event.clone();
        Self {
            id: directive.id.clone(),
            kind: directive.kind.as_str().into(),
            office: target.office.map(String::from),
            declaration_number: target.declaration_number.map(String::from),
            exporter_id: target.exporter_id.map(String::from),
            commodity: target.commodity,
            destination_country: target.destination_country,
            reason,
            from_day: from,
            until_day: until,
            most: limit.map(i64::from),
            cancelled_declaration: directive.cancelled_declaration.clone(),
            ordered_at: directive.ordered_at.naive_utc(),
            ordered_by: directive.ordered_by.clone(),
            chain,
            chain_sequence,
        }
    }

    fn read(self, closed: Option<ClosureRow>) -> Result<Directive> {
        let number = self.declaration_number.as_deref().map(DeclarationNumber::parse);
        let exporter = self.exporter_id.as_deref().map(ExporterId::parse);
        let office = self.office.as_deref().map(OfficeCode::parse);
        let target = Target {
            declaration_number: number.transpose().map_err(corrupt)?,
            exporter_id: exporter.transpose().map_err(corrupt)?,
            commodity: self.commodity,
            destination_country: self.destination_country,
            office: office.transpose().map_err(corrupt)?,
        };
        let order = Order {
            target,
            reason: self.reason,
            from: self.from_day,
            until: self.until_day,
            limit: self.most.map(fit).transpose()?,
        };
        let kind = DirectiveKind::find(&self.kind);
        Ok(Directive {
            kind: kind.ok_or_else(|| corrupt(format!("kind `{}`", self.kind)))?,
            id: self.id,
            order,
            cancelled_declaration: self.cancelled_declaration,
            ordered_at: self.ordered_at.and_utc(),
            ordered_by: self.ordered_by,
            event: (self.chain, self.chain_sequence),
            closed: closed.map(|(_, reason, at, by, chain_sequence)| Closure {
                reason,
                closed_at: at.and_utc(),
                closed_by: by,
                chain_sequence,
            }),
        })
    }
}

fn read(rows: Vec<(Row, Option<ClosureRow>)>) -> Result<Vec<Directive>> {
    rows.into_iter().map(|(row, closed)| row.read(closed)).collect()
}

/// Every directive with its closure, if it has one.
#[diesel::dsl::auto_type]
fn with_closures() -> _ {
    directives::table
        .left_join(directive_closures::table.on(directive_closures::directive.eq(directives::id)))
}

/// Keeps a directive.
///
/// # Errors
/// Those of the database; another one for the same cancelled declaration.
pub fn insert(conn: &mut Conn, directive: &Directive) -> Result<()> {
    diesel::insert_into(directives::table).values(Row::of(directive)).execute(conn)?;
    Ok(())
}

/// Keeps how a directive was closed.
///
/// # Errors
/// Those of the database; it is closed already.
pub fn close(conn: &mut Conn, id: &str, closure: &Closure) -> Result<()> {
    use directive_closures as c;
    diesel::insert_into(c::table)
        .values((
            c::directive.eq(id),
            c::reason.eq(&closure.reason),
            c::closed_at.eq(closure.closed_at.naive_utc()),
            c::closed_by.eq(&closure.closed_by),
            c::chain_sequence.eq(closure.chain_sequence),
        ))
        .execute(conn)?;
    Ok(())
}

/// One directive.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, id: &str) -> Result<Option<Directive>> {
    let row: Option<(Row, Option<ClosureRow>)> =
        with_closures().filter(directives::id.eq(id)).get_result(conn).optional()?;
    row.map(|(row, closed)| row.read(closed)).transpose()
}

/// Those of some directives that are there, by id.
///
/// # Errors
/// Those of the database.
pub fn find_many(conn: &mut Conn, ids: &[&str]) -> Result<HashMap<String, Directive>> {
    let mut found = HashMap::new();
    for batch in ids.chunks(500) {
        let rows = with_closures().filter(directives::id.eq_any(batch)).load(conn)?;
        found.extend(read(rows)?.into_iter().map(|directive| (directive.id.clone(), directive)));
    }
    Ok(found)
}

/// Locks directives until the transaction ends, in bytewise order of id. (SQLite's writer holds the
/// whole database already.)
///
/// # Errors
/// Those of the database.
pub fn lock(conn: &mut Conn, ids: &[&str]) -> Result<()> {
    let Conn::Pg(conn) = conn else { return Ok(()) };
    for batch in ids.chunks(500) {
        let locked: Vec<String> = directives::table
            .filter(directives::id.eq_any(batch))
            .order(directives::id)
            .select(directives::id)
            // Not for update: a closure, which refers to the row, need not wait.
            .for_no_key_update()
            .load(conn)?;
        tracing::trace!(locked = locked.len(), "directives are locked");
    }
    Ok(())
}

/// The directives in force at an office on a day, in bytewise order of id: those that were ordered,
/// and not closed, before a moment.
///
/// # Errors
/// Those of the database.
pub fn in_force(
    conn: &mut Conn,
    office: &str,
    day: NaiveDate,
    signed_before: SignedBefore,
) -> Result<Vec<Directive>> {
    use directives as d;
    let rows = with_closures()
        .filter(d::until_day.ge(day).and(d::from_day.le(day)))
        .filter(d::office.is_null().or(d::office.eq(office)))
        .load(conn)?;
    let mut found = read(rows)?;
    found.retain(|directive| {
        let closure = directive.closed.as_ref();
        counts(directive.ordered_at, signed_before)
            && !closure.is_some_and(|closure| counts(closure.closed_at, signed_before))
    });
    found.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    Ok(found)
}

/// How many declarations some directives have taken, over all frames; one that took none is left
/// out.
///
/// # Errors
/// Those of the database.
pub fn taken(conn: &mut Conn, ids: &[&str]) -> Result<HashMap<String, u64>> {
    let mut taken: HashMap<String, u64> = HashMap::new();
    let frozen = if ids.is_empty() { Vec::new() } else { frozen_ids(conn)? };
    for batch in ids.chunks(500) {
        let rows: Vec<(Option<String>, i64)> = sample_items::table
            .filter(sample_items::directive.eq_any(batch))
            .group_by(sample_items::directive)
            .select((sample_items::directive, diesel::dsl::count_star()))
            .load(conn)?;
        // What a frozen frame makes certain is as good as drawn, though no item stands for it yet.
        let waiting: Vec<(Option<String>, i64)> = candidates::table
            .filter(candidates::draw_id.eq_any(&frozen))
            .filter(candidates::directive.eq_any(batch))
            .group_by(candidates::directive)
            .select((candidates::directive, diesel::dsl::count_star()))
            .load(conn)?;
        for (id, count) in rows.into_iter().chain(waiting) {
            *taken.entry(id.unwrap_or_default()).or_default() += fit::<_, u64>(count)?;
        }
    }
    Ok(taken)
}

/// What a list of directives is restricted to; empty lists do not restrict.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Filter {
    /// Offices, already inside the caller's; directives of all offices are left out.
    pub offices: Vec<String>,
    /// Exporters.
    pub exporters: Vec<String>,
    /// Declaration numbers: those that are named, and those whose cancellation made one.
    pub numbers: Vec<String>,
    /// Where they stand on the day.
    pub states: Vec<DirectiveState>,
}

/// Directives inside a filter that hold at an office of the scope, the latest first, after a place in
/// that order; where they stand is as of `day`. A cancelled declaration finds its directive only where
/// it was declared at an office of the scope.
///
/// # Errors
/// Those of the database.
pub fn list(
    conn: &mut Conn,
    scope: &Scope,
    filter: &Filter,
    day: NaiveDate,
    after: Option<Place<'_>>,
    limit: i64,
) -> Result<Vec<Directive>> {
    use directives as d;
    let mut query = with_closures().into_boxed();
    if let Some(offices) = narrowed(scope, &filter.offices) {
        query = match filter.offices.is_empty() {
            true => query.filter(d::office.is_null().or(d::office.eq_any(offices))),
            false => query.filter(d::office.eq_any(offices)),
        };
    }
    if !filter.exporters.is_empty() {
        query = query.filter(d::exporter_id.eq_any(&filter.exporters));
    }
    if !filter.numbers.is_empty() {
        let named = d::declaration_number.eq_any(&filter.numbers);
        let cancelled = d::cancelled_declaration.eq_any(&filter.numbers);
        query = match narrowed(scope, &[]) {
            None => query.filter(named.or(cancelled)),
            Some(own) => query.filter(named.or(cancelled.and(d::chain.eq_any(own)))),
        };
    }
    if !filter.states.is_empty() {
        let asked = |state| filter.states.contains(&state).into_sql::<Bool>();
        let ahead = d::from_day.gt(day).and(asked(DirectiveState::Scheduled));
        let over = d::until_day.lt(day).and(asked(DirectiveState::Ended));
        let within = d::from_day.le(day).and(d::until_day.ge(day));
        let within = within.and(asked(DirectiveState::InForce));
        let closed = directive_closures::directive.is_not_null();
        let open = directive_closures::directive.is_null().and(ahead.or(over).or(within));
        query = query.filter(closed.and(asked(DirectiveState::Closed)).or(open));
    }
    if let Some((at, chain, sequence)) = after {
        let at = at.naive_utc();
        let within = d::chain.eq(chain).and(d::chain_sequence.lt(sequence));
        let at_once = d::ordered_at.eq(at).and(d::chain.lt(chain).or(within));
        query = query.filter(d::ordered_at.lt(at).or(at_once));
    }
    let order = (d::ordered_at.desc(), d::chain.desc(), d::chain_sequence.desc());
    read(query.order(order).limit(limit).load(conn)?)
}
