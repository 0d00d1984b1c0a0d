//! Signals and who knows of them.

use crate::domain::key::Scope;
use crate::domain::signal::{Acknowledgement, Signal, SignalKind, SignalState};
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::draws::narrowed;
use crate::store::schema::{signal_acknowledgements, signals};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

type Row = (String, String, String, NaiveDate, String, NaiveDateTime, i64);
type AcknowledgementRow = (String, String, NaiveDateTime, String, i64);

fn signal((row, known): (Row, Option<AcknowledgementRow>)) -> Result<Signal> {
    let (id, kind, office, day, evidence, raised_at, chain_sequence) = row;
    let kind = SignalKind::find(&kind).ok_or_else(|| Error::inner("a signal of no known kind"))?;
    let acknowledged = known.map(|(_, note, at, by, chain_sequence)| Acknowledgement {
        note,
        acknowledged_at: at.and_utc(),
        acknowledged_by: by,
        chain_sequence,
    });
    let evidence = serde_json::from_str(&evidence).map_err(|error| Error::Inner(error.into()))?;
    let raised_at = raised_at.and_utc();
    Ok(Signal { id, kind, office, day, evidence, raised_at, chain_sequence, acknowledged })
}

/// Every signal with its acknowledgement, if it has one.
#[diesel::dsl::auto_type]
fn with_acknowledgements() -> _ {
    signals::table.left_join(
        signal_acknowledgements::table.on(signal_acknowledgements::signal.eq(signals::id)),
    )
}

/// Keeps a signal.
///
/// # Errors
/// Those of the database; the id is in use.
pub fn insert(conn: &mut Conn, signal: &Signal) -> Result<()> {
    diesel::insert_into(signals::table)
        .values((
            signals::id.eq(&signal.id),
            signals::kind.eq(signal.kind.as_str()),
            signals::office.eq(&signal.office),
            signals::day.eq(signal.day),
            signals::evidence.eq(signal.evidence.to_string()),
            signals::raised_at.eq(signal.raised_at.naive_utc()),
            signals::chain_sequence.eq(signal.chain_sequence),
        ))
        .execute(conn)?;
    Ok(())
}

/// Keeps who knows of a signal.
///
/// # Errors
/// Those of the database; it is acknowledged already.
pub fn acknowledge(conn: &mut Conn, id: &str, known: &Acknowledgement) -> Result<()> {
    use signal_acknowledgements as a;
    diesel::insert_into(a::table)
        .values((
            a::signal.eq(id),
            a::note.eq(&known.note),
            a::acknowledged_at.eq(known.acknowledged_at.naive_utc()),
            a::acknowledged_by.eq(&known.acknowledged_by),
            a::chain_sequence.eq(known.chain_sequence),
        ))
        .execute(conn)?;
    Ok(())
}

/// One signal.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, id: &str) -> Result<Option<Signal>> {
    let row: Option<(Row, Option<AcknowledgementRow>)> =
        with_acknowledgements().filter(signals::id.eq(id)).get_result(conn).optional()?;
    row.map(signal).transpose()
}

/// What a list of signals is restricted to; empty lists and `None` do not restrict.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Filter {
    /// Kinds.
    pub kinds: Vec<SignalKind>,
    /// Where they stand.
    pub state: Option<SignalState>,
    /// Offices, already inside the caller's.
    pub offices: Vec<String>,
    /// First and last inspection day.
    pub days: (Option<NaiveDate>, Option<NaiveDate>),
}

/// Signals inside a filter, the latest day first, after a signal in that order.
///
/// # Errors
/// Those of the database.
pub fn list(
    conn: &mut Conn,
    scope: &Scope,
    filter: &Filter,
    after: Option<&(NaiveDate, String)>,
    limit: i64,
) -> Result<Vec<Signal>> {
    use signal_acknowledgements::signal as known;
    use signals as s;
    let mut query = with_acknowledgements().into_boxed();
    if let Some(offices) = narrowed(scope, &filter.offices) {
        query = query.filter(s::office.eq_any(offices));
    }
    if !filter.kinds.is_empty() {
        let kinds: Vec<&str> = filter.kinds.iter().map(|kind| kind.as_str()).collect();
        query = query.filter(s::kind.eq_any(kinds));
    }
    match filter.state {
        Some(SignalState::Open) => query = query.filter(known.is_null()),
        Some(SignalState::Acknowledged) => query = query.filter(known.is_not_null()),
        None => {}
    }
    if let Some(first) = filter.days.0 {
        query = query.filter(s::day.ge(first));
    }
    if let Some(last) = filter.days.1 {
        query = query.filter(s::day.le(last));
    }
    if let Some((day, id)) = after {
        query = query.filter(s::day.lt(*day).or(s::day.eq(*day).and(s::id.gt(id))));
    }
    let rows: Vec<(Row, Option<AcknowledgementRow>)> =
        query.order((s::day.desc(), s::id)).limit(limit).load(conn)?;
    rows.into_iter().map(signal).collect()
}
