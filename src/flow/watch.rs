//! Watch the failure rates: evaluate the control charts of the periods that are over, and raise what
//! they say as signals.
//!
//! A period is evaluated once, when all its items have results or seven days after its end, and only
//! while it ended within the last eight weeks: results that are amended later raise no old news. What is
//! charted: every region over all offices and every office, by week and by month; every region ×
//! chapter by month. (By week they would be some hundred charts of a few inspections each, read from the rows of
//! half a year.) A period that was evaluated is kept, so a second look changes nothing, and neither does
//! another replica: whoever holds the lock first has evaluated it.

mod evidence;
mod series;

use crate::domain::chain::NO_OFFICE;
use crate::domain::key::Caller;
use crate::domain::period::{Period, PeriodKind};
use crate::domain::signal::Signal;
use crate::error::Result;
use crate::flow::report::FARTHEST;
use crate::flow::signal::{self, Said};
use crate::store::{Store, chain, chart_evaluations};
use chrono::{DateTime, Days, NaiveDate, Utc};

/// Days after the end of a period after which it is evaluated though results are missing.
const PATIENCE: u64 = 7;
/// Days after the end of a period after which it is not evaluated any more.
const REACH: u64 = 8 * 7;

/// What an evaluation did.
#[derive(Clone, Debug, Default)]
pub struct Evaluated {
    /// The periods evaluated.
    pub periods: Vec<Period>,
    /// The periods that are over and wait for results.
    pub waiting: Vec<Period>,
    /// The signals that are new.
    pub raised: Vec<Signal>,
}

/// Evaluates what is due, over all offices, whoever asks.
///
/// # Errors
/// Those of the database.
pub fn evaluate(store: &Store, actor: &str, now: DateTime<Utc>) -> Result<Evaluated> {
    let (due, waiting) = due(store, now)?;
    let mut done = Evaluated { waiting, ..Evaluated::default() };
    for period in due {
        let said = series::said(store, period)?;
        if let Some(raised) = raise(store, period, &said, actor, now)? {
            done.periods.push(period);
            done.raised.extend(raised);
        }
    }
    Ok(done)
}

/// [`evaluate`], told as one caller may hear it: signals of their offices only.
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_for(store: &Store, caller: &Caller, now: DateTime<Utc>) -> Result<Evaluated> {
    let mut done = evaluate(store, &caller.actor, now)?;
    done.raised.retain(|signal| caller.scope.holds(&signal.office));
    Ok(done)
}

/// The periods to evaluate, and those that wait for results. Without draws there is nothing to evaluate
/// nor to wait for.
fn due(store: &Store, now: DateTime<Utc>) -> Result<(Vec<Period>, Vec<Period>)> {
    let (today, everywhere) = (now.date_naive(), (now - FARTHEST).date_naive());
    let back = |days| today.checked_sub_days(Days::new(days)).unwrap_or(today);
    let (reach, patient) = (back(REACH), back(PATIENCE));
    let over = |period: &Period| reach <= period.last() && period.last() < everywhere;
    let kinds = [PeriodKind::Week, PeriodKind::Month];
    let periods = kinds.into_iter().flat_map(|kind| Period::covering(kind, (reach, today)));
    let periods: Vec<Period> = periods.filter(over).collect();
    let first = periods.iter().map(|period| period.first()).min().unwrap_or(today);
    let (done, (drawn, open)) = store.snapshot(|conn| {
        let done = chart_evaluations::labels(conn)?;
        if periods.iter().all(|period| done.contains(&period.to_string())) {
            return Ok((done, Default::default()));
        }
        Ok((done, chart_evaluations::drawn_and_open(conn, (first, today))?))
    })?;
    let any = |days: &[NaiveDate], period: &Period| {
        days.iter().any(|day| period.first() <= *day && *day <= period.last())
    };
    let left = periods.into_iter().filter(|period| !done.contains(&period.to_string()));
    let left = left.filter(|period| any(&drawn, period));
    Ok(left.partition(|period| !any(&open, period) || period.last() <= patient))
}

/// Raises what a period says and keeps that it was evaluated; none where somebody else did it first.
fn raise(
    store: &Store,
    period: Period,
    said: &[Said],
    actor: &str,
    now: DateTime<Utc>,
) -> Result<Option<Vec<Signal>>> {
    let label = period.to_string();
    store.write(|conn| {
        let chains = said.iter().map(|said| said.office.as_str()).chain([NO_OFFICE]);
        chain::lock(conn, &chains.collect::<Vec<_>>())?;
        if chart_evaluations::is_done(conn, &label)? {
            return Ok(None);
        }
        let mut raised = Vec::new();
        for said in said {
            raised.push(signal::keep(conn, said.clone(), actor, now)?);
        }
        chart_evaluations::insert(conn, &label, now, i64::try_from(raised.len()).unwrap_or(0))?;
        Ok(Some(raised))
    })
}
