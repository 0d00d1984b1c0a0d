//! Draw: once for every office, day and round, whoever asks, however often, on how many replicas.

use crate::domain::digest;
use crate::domain::draw::{Draw, DrawState, SampleItem, Selection};
use crate::domain::inspection::{ItemState, NotInspectedReason};
use crate::domain::key::Caller;
use crate::domain::master::MasterKey;
use crate::domain::office::Office;
use crate::domain::problem::{Code, Problem};
use crate::error::{Error, Result};
use crate::flow::freeze::{self, Frozen};
use crate::flow::risk::{Past, Scorer, Sheet, contributions};
use crate::flow::{directive, entropy, learn, offices, rates, reveal, risk};
use crate::sampling::draw::draw_closed;
use crate::sampling::file::{self, Entropy, Place, Released, Sample};
use crate::store::declarations::OpenFrame;
use crate::store::{self, Conn, Store, chain};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// Whether a draw was made now or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// This request drew.
    Now,
    /// It was drawn before; this is the same draw.
    Before,
}

/// Draws the sample of an office's day, or answers with the draw there is. Where the office draws with
/// an auditor or a beacon, the frame is frozen and waits for them.
///
/// A day that is drawn already is drawn again only for declarations that came in historically
/// afterwards: they are the next round.
///
/// # Errors
/// [`Code::FrameOpen`] before the cut-off, [`Code::NoPolicy`], [`Code::NotAWorkingDay`],
/// [`Code::AuditorCommitmentMissing`], not found.
pub fn draw(
    store: &Store,
    master: &MasterKey,
    caller: &Caller,
    office: &str,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(Draw, Made)> {
    let known = store.read(|conn| {
        let office = offices::own(conn, caller, office)?;
        latest(conn, &office, day)
    })?;
    if let Some(draw) = known {
        return Ok((draw, Made::Before));
    }
    // Here nobody waits for it; under the lock all of the office would.
    risk::prepare(store, [day], now)?;
    store.write(|conn| {
        // The office exists: it was found above, and none is ever removed.
        chain::lock(conn, &[office])?;
        // Looked at again under the lock: whoever came first has drawn.
        let office = offices::own(conn, caller, office)?;
        if let Some(draw) = latest(conn, &office, day)? {
            return Ok((draw, Made::Before));
        }
        let open = open_frame(&office, day);
        may_draw(conn, &office, open, now)?;
        let earlier = store::draws::of_day(conn, office.code.as_str(), day)?;
        let frame = (open, &earlier[..]);
        let (frozen, past) = freeze::freeze(conn, master, &office, frame, &caller.actor, now)?;
        if entropy::of(&frozen.draw)? != Entropy::None {
            return Ok((frozen.draw, Made::Now));
        }
        let draw = make(conn, frozen, &Released::None, &caller.actor, now)?;
        let draw = match past && draw.retrospective {
            true => reveal::at_once(conn, master, draw, now)?,
            false => reveal::if_due(conn, master, draw, now)?,
        };
        Ok((draw, Made::Now))
    })
}

/// The frame of a day as it would be drawn from now.
fn open_frame(office: &Office, day: NaiveDate) -> OpenFrame<'_> {
    OpenFrame { office: office.code.as_str(), day, closes_at: office.calendar.closes_at(day) }
}

/// The last draw of a day, unless declarations wait that are in no frame. What waits for its entropy
/// comes first: it is not known yet what it leaves of the day's capacity and room.
fn latest(conn: &mut Conn, office: &Office, day: NaiveDate) -> Result<Option<Draw>> {
    let code = office.code.as_str();
    let last = store::draws::of_day(conn, code, day)?.pop();
    match last {
        Some(draw) if draw.state == DrawState::Frozen => Ok(Some(draw)),
        Some(draw) if !store::declarations::any_undrawn(conn, open_frame(office, day))? => {
            Ok(Some(draw))
        }
        _ => Ok(None),
    }
}

fn may_draw(
    conn: &mut Conn,
    office: &Office,
    open: OpenFrame<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    let OpenFrame { day, closes_at, .. } = open;
    if now < closes_at {
        let at = closes_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        return Err(
            Problem::new(Code::FrameOpen, format!("the frame of {day} closes at {at}")).into()
        );
    }
    if !office.calendar.works_on(day) && !store::declarations::any_undrawn(conn, open)? {
        let words = format!(
            "office `{}` does not work on {day} and has no declarations for it",
            office.code
        );
        return Err(Problem::new(Code::NotAWorkingDay, words).into());
    }
    Ok(())
}

/// Draws from a frozen frame with what was released for it, and keeps sample and event. Inside a
/// transaction that holds the office's lock.
pub(super) fn make(
    conn: &mut Conn,
    frozen: Frozen,
    released: &Released,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<Draw> {
    let Frozen { mut draw, candidates, texts, sha256, roster, secret } = frozen;
    let frame = freeze::frame(&draw, &candidates, &texts)?;
    let sample = draw_closed(&frame, &sha256, &roster, &secret, released)
        .map_err(|error| Error::Inner(error.into()))?;
    draw.state = DrawState::Drawn;
    draw.created_at = now;
    draw.sample_sha256 = file::sha256_hex(&sample.to_bytes());
    draw.seed = hex::encode(sample.seed);
    draw.start = sample.start;
    draw.drawn = u64::try_from(sample.rows.len()).unwrap_or(u64::MAX);
    // Cancelled after the frame had closed, before it was frozen or while it waited.
    let cancelled = store::declarations::cancelled_of(conn, &draw.id)?;
    let mut items = items(&draw, &candidates, &cancelled, sample)?;
    if let Some(scorer) = Scorer::of_draw(conn, &draw)? {
        explain(conn, &scorer, &mut items)?;
    }
    store::draws::update(conn, &draw)?;
    store::items::insert(conn, &items)?;
    rates::kept::drawn(conn, &draw, &candidates, &items)?;
    let office = draw.office.as_str();
    let entry = chain::Entry { office, kind: "draw.made", actor, object: &draw.id };
    chain::append(conn, now, entry, digest::of(&draw.sample_sha256))?;
    order_what_left(conn, &draw, &items, actor, now)?;
    Ok(draw)
}

/// Cancelling is no way out of a frame that waits: the value of a beacon is known before it is sent, and
/// with it, to who holds the master key, the sample.
fn order_what_left(
    conn: &mut Conn,
    draw: &Draw,
    items: &[SampleItem],
    actor: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let gone = items.iter().filter(|item| item.state == ItemState::NotInspected);
    let gone: Vec<&str> = gone.map(|item| item.candidate.declaration_number.as_str()).collect();
    if draw.entropy == "none" || gone.is_empty() {
        return Ok(());
    }
    let office = learn::office(conn, draw.office.as_str())?;
    let why = ("after its frame was frozen, out of which it was drawn", actor);
    let left: BTreeMap<String, _> =
        store::declarations::find_many(conn, &gone)?.into_iter().collect();
    let left = left
        .values()
        .filter(|stored| stored.cancelled.as_ref().is_some_and(|(at, _)| *at >= draw.closed_at));
    left.into_iter()
        .try_for_each(|stored| directive::after_cancellation(conn, &office, stored, why, now))
}

fn items(
    draw: &Draw,
    candidates: &[crate::domain::draw::Candidate],
    cancelled: &BTreeSet<String>,
    sample: Sample,
) -> Result<Vec<SampleItem>> {
    let item = |(position, row): (u32, file::SampleRow)| {
        let at =
            candidates.binary_search_by(|c| c.declaration_number.as_str().cmp(&row.number)).ok();
        let candidate = at.and_then(|at| candidates.get(at));
        let candidate =
            candidate.ok_or_else(|| Error::inner("a drawn declaration is not in its frame"))?;
        let gone = cancelled.contains(&row.number);
        Ok(SampleItem {
            draw_id: draw.id.clone(),
            position,
            office: draw.office.to_string(),
            day: draw.day,
            selection: if candidate.take_all { Selection::Directive } else { Selection::Random },
            candidate: candidate.clone(),
            ticket: row.ticket,
            interval: match row.place {
                Place::Certain => None,
                Place::Drawn { cumulated_from, cumulated_to, hit } => {
                    Some((cumulated_from, cumulated_to, hit))
                }
            },
            assignee: row.inspector.clone(),
            inspector: row.inspector,
            state: if gone { ItemState::NotInspected } else { ItemState::Open },
            not_inspected_reason: gone.then_some(NotInspectedReason::Cancelled),
            inspected_by: None,
            contributions: Vec::new(),
        })
    };
    (1..).zip(sample.rows).map(item).collect()
}

/// Notes what the factors of its score added to each drawn item.
fn explain(conn: &mut Conn, scorer: &Scorer, items: &mut [SampleItem]) -> Result<()> {
    let numbers = items.iter().map(|item| item.candidate.declaration_number.clone());
    let numbers: Vec<String> = numbers.collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let declared = store::declarations::find_many(conn, &numbers)?;
    for item in items {
        let past = item.candidate.scored.as_ref().and_then(|scored| Past::find(&scored.past));
        let stored = declared.get(&item.candidate.declaration_number);
        if let Some((stored, past)) = stored.zip(past) {
            item.contributions =
                contributions(&scorer.score(&Sheet::from(&stored.declaration), &past));
        }
    }
    Ok(())
}

/// One draw of the caller's offices.
///
/// # Errors
/// Not found.
pub fn find(store: &Store, caller: &Caller, id: &str) -> Result<Draw> {
    store.read(|conn| own(conn, caller, id))
}

/// One draw of the caller's offices, inside a transaction.
pub(super) fn own(conn: &mut Conn, caller: &Caller, id: &str) -> Result<Draw> {
    store::draws::find(conn, id)?
        .filter(|draw| caller.scope.holds(draw.office.as_str()))
        .ok_or_else(|| Problem::not_found("draw", id).into())
}

/// Draws of the caller's offices, the latest day first.
///
/// # Errors
/// Those of the database.
pub fn list(
    store: &Store,
    caller: &Caller,
    filter: &store::draws::Filter,
    after: Option<&(NaiveDate, String)>,
    limit: i64,
) -> Result<Vec<Draw>> {
    store.read(|conn| store::draws::list(conn, &caller.scope, filter, after, limit))
}
