//! The report of a month or a year: live while it may move, frozen once it is published.
//!
//! A report is made of figures ([`Figures`]), which a door puts into words; what is published is that
//! text, byte for byte, with its digest. Later amendments never change it: what they moved is said
//! beside it ([`moved`]).

mod figures;
mod performance;

pub use figures::{CampaignFigures, Disclosure, Figures, Part};
pub use performance::Performance;

use crate::domain::chain::NO_OFFICE;
use crate::domain::digest;
use crate::domain::figures::{Erratum, canonical, moved};
use crate::domain::key::{Caller, Scope};
use crate::domain::period::{Period, PeriodKind};
use crate::domain::problem::{Code, Problem};
use crate::error::{Error, Result};
use crate::store::reports::Publication;
use crate::store::{self, Store, chain};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::Value;

/// How figures become a document.
pub type Write = fn(&Figures) -> Result<Value>;

/// A report as it is answered.
#[derive(Clone, Debug)]
pub struct Edition {
    /// The report, RFC 8785; the published one where there is one.
    pub text: String,
    /// Its publication.
    pub publication: Option<Publication>,
    /// What moved since.
    pub errata: Vec<Erratum>,
}

/// Hours by which the day begins earliest and ends latest somewhere on earth.
pub(super) const FARTHEST: TimeDelta = TimeDelta::hours(14);

/// The period of a report: a month or a year that has begun somewhere.
///
/// # Errors
/// An impossible question for a text that is no label of the kind, and for a period that lies ahead.
pub fn period(kind: PeriodKind, label: &str, now: DateTime<Utc>) -> Result<Period, Problem> {
    let example = if kind == PeriodKind::Year { "2026" } else { "2026-10" };
    let read = Period::parse(label).ok().filter(|period| period.kind() == kind);
    let period = read.ok_or_else(|| {
        let shown = label.escape_debug();
        let words = format!("{kind}: `{shown}` is no {kind}: write {example}");
        Problem::new(Code::QuestionImpossible, words)
    })?;
    if period.first() > (now + FARTHEST).date_naive() {
        let words = format!("{kind}: {period} lies ahead; ask for one that has begun");
        return Err(Problem::new(Code::QuestionImpossible, words));
    }
    Ok(period)
}

/// The report of a period: as published, for whoever may see all offices; else live, of the caller's
/// offices.
///
/// # Errors
/// Those of the database.
pub fn read(
    store: &Store,
    caller: &Caller,
    period: Period,
    now: DateTime<Utc>,
    write: Write,
) -> Result<Edition> {
    let (live, published) = store.snapshot(|conn| {
        let figures = figures::of(conn, caller, period, now)?;
        let published = match caller.scope {
            Scope::All => store::reports::find(conn, &period.to_string())?,
            Scope::Only(_) => None,
        };
        Ok((write(&figures)?, published))
    })?;
    edition(&live, published)
}

/// Publishes the report of a period that is over. Publishing it again changes nothing: the answer is
/// what was published, and `false`.
///
/// # Errors
/// [`Code::Forbidden`] for a caller of some offices; [`Code::PeriodNotOver`].
pub fn publish(
    store: &Store,
    caller: &Caller,
    period: Period,
    now: DateTime<Utc>,
    write: Write,
) -> Result<(Edition, bool)> {
    if caller.scope != Scope::All {
        let words = "a report speaks of all offices: only a key of all offices may publish one";
        return Err(Problem::new(Code::Forbidden, words).into());
    }
    over(period, now)?;
    // Read as of one moment, and not under the lock, which would hold up every other writer.
    let live = store.snapshot(|conn| write(&figures::of(conn, caller, period, now)?))?;
    let (text, label) = (canonical(&live), period.to_string());
    let (published, new) = store.write(|conn| {
        chain::lock(conn, &[NO_OFFICE])?;
        if let Some(published) = store::reports::find(conn, &label)? {
            return Ok((published, false));
        }
        let publication = Publication {
            period: label.clone(),
            report: text.clone(),
            sha256: digest::sha256_hex(text.as_bytes()),
            published_at: now,
            published_by: caller.actor.clone(),
            chain_sequence: chain::next_sequence(conn, NO_OFFICE)?,
        };
        store::reports::insert(conn, &publication)?;
        let (kind, actor) = ("report.published", caller.actor.as_str());
        let entry = chain::Entry { office: NO_OFFICE, kind, actor, object: &label };
        chain::append(conn, now, entry, digest::of(&(&label, &publication.sha256)))?;
        Ok((publication, true))
    })?;
    Ok((edition(&live, Some(published))?, new))
}

fn edition(live: &Value, published: Option<Publication>) -> Result<Edition> {
    let text = canonical(live);
    let Some(publication) = published else {
        return Ok(Edition { text, publication: None, errata: Vec::new() });
    };
    let read = |text: &str| {
        serde_json::from_str::<Value>(text).map_err(|error| Error::Inner(error.into()))
    };
    // Both as read from their text, so that numbers are rounded alike.
    let errata = moved(&read(&publication.report)?, &read(&text)?);
    Ok(Edition { text: publication.report.clone(), publication: Some(publication), errata })
}

/// Whether the period has ended everywhere.
fn over(period: Period, now: DateTime<Utc>) -> Result<(), Problem> {
    let latest: NaiveDate = (now - FARTHEST).date_naive();
    if latest > period.last() {
        return Ok(());
    }
    let words = format!("{period} is not over: publish it once {} has passed", period.last());
    Err(Problem::new(Code::PeriodNotOver, words))
}
