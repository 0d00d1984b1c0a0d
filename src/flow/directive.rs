//! Order what must be inspected, close an order, and look orders up.

use crate::domain::approval::open_day;
use crate::domain::chain::NO_OFFICE;
use crate::domain::declaration::StoredDeclaration;
use crate::domain::digest;
use crate::domain::directive::{
    Closure, ClosureBody, Directive, DirectiveKind, Order, Target, directive_id,
};
use crate::domain::key::{Caller, Role, Scope};
use crate::domain::office::Office;
use crate::domain::problem::{Code, Problem};
use crate::error::Result;
use crate::store::directives::Filter;
use crate::store::idempotency::{Claim, Found};
use crate::store::{self, Conn, Store, chain, idempotency};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// A directive and how many declarations it has taken.
pub type Counted = (Directive, u64);

/// What is kept as the status of a claim whose directive was made.
const MADE: i32 = 201;
/// How long the automatic directive lasts.
const AUTOMATIC: TimeDelta = TimeDelta::days(30);

/// Orders what must be inspected; for a claim of idempotency, once.
///
/// # Errors
/// An office that is not the caller's, none where the caller must name one, a first day in the past;
/// a claim that was used for something else.
pub fn order(
    store: &Store,
    caller: &Caller,
    order: &Order,
    claim: Option<&Claim>,
    now: DateTime<Utc>,
) -> Result<Counted> {
    store.write(|conn| {
        let chain = may_order(conn, caller, order)?;
        chain::lock(conn, &[chain])?;
        if let Some(id) = claimed(conn, claim, now)? {
            return own(conn, caller, &id);
        }
        check_first_day(conn, order, now)?;
        let made = (DirectiveKind::Ordered, None);
        let directive = make(conn, chain, made, order.clone(), &caller.actor, now)?;
        if let Some(claim) = claim {
            idempotency::keep(conn, claim, MADE, &directive.id)?;
        }
        Ok((directive, 0))
    })
}

/// The chain that the order belongs to, if the caller may give it.
fn may_order<'a>(conn: &mut Conn, caller: &Caller, order: &'a Order) -> Result<&'a str> {
    let Some(office) = &order.target.office else {
        return match orders_everywhere(caller) {
            true => Ok(NO_OFFICE),
            false => {
                let words = "this key orders for an office of its own: name it";
                Err(Problem::field("/office", Code::Required, words).into())
            }
        };
    };
    caller.scope.narrow_to(&[office])?;
    if store::offices::find(conn, office.as_str())?.is_none() {
        let words = format!("there is no office `{office}`: register it first");
        return Err(Problem::field("/office", Code::OfficeUnknown, words).into());
    }
    Ok(office.as_str())
}

/// Whether a caller orders for all offices at once: a policy officer or administrator of all of them.
fn orders_everywhere(caller: &Caller) -> bool {
    caller.scope == Scope::All && caller.role != Role::Manager
}

/// The id of the directive that a claim was answered with before.
fn claimed(conn: &mut Conn, claim: Option<&Claim>, now: DateTime<Utc>) -> Result<Option<String>> {
    let Some(claim) = claim else { return Ok(None) };
    match idempotency::claim(conn, claim, now)? {
        Found::Nothing => Ok(None),
        Found::Answer(_, id) => Ok(Some(id)),
        Found::AtWork => Err(claim.in_flight().into()),
        Found::Other => Err(claim.mismatch().into()),
    }
}

fn check_first_day(conn: &mut Conn, order: &Order, now: DateTime<Utc>) -> Result<()> {
    let today = today(conn, &order.target, now)?;
    if order.from >= today {
        return Ok(());
    }
    let words = format!("{} has passed: choose a day from {today} on", order.from);
    Err(Problem::field("/from", Code::DirectiveInvalid, words).into())
}

/// The office's local day; for all offices, a day that has not passed anywhere on Earth.
fn today(conn: &mut Conn, target: &Target, now: DateTime<Utc>) -> Result<NaiveDate> {
    let office = match &target.office {
        Some(code) => store::offices::find(conn, code.as_str())?,
        None => None,
    };
    Ok(match office {
        Some(office) => office.calendar.local_day(now),
        None => open_day(now),
    })
}

/// Keeps a directive and its event, inside a transaction that holds the lock of the chain.
fn make(
    conn: &mut Conn,
    chain: &str,
    (kind, cancelled_declaration): (DirectiveKind, Option<String>),
    order: Order,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<Directive> {
    let sequence = chain::next_sequence(conn, chain)?;
    let directive = Directive {
        id: directive_id(now.date_naive(), chain, sequence),
        kind,
        order,
        cancelled_declaration,
        ordered_at: now,
        ordered_by: actor.to_owned(),
        event: (chain.to_owned(), sequence),
        closed: None,
    };
    store::directives::insert(conn, &directive)?;
    let entry =
        chain::Entry { office: chain, kind: "directive.ordered", actor, object: &directive.id };
    let payload = digest::of(&(kind, &directive.order, &directive.cancelled_declaration));
    chain::append(conn, now, entry, payload)?;
    Ok(directive)
}

/// Makes sure that what the exporter of a cancelled drawn declaration declares from the cancellation on
/// under the same heading is inspected, at whatever office: cancelling must not be a way to draw again.
/// It covers what is declared and in no frame yet as well. `when` ends the sentence that says why. Inside
/// a transaction that holds the office's lock.
pub(super) fn after_cancellation(
    conn: &mut Conn,
    office: &Office,
    stored: &StoredDeclaration,
    (when, actor): (&str, &str),
    now: DateTime<Utc>,
) -> Result<()> {
    let cancelled = stored.cancelled.as_ref().map_or(now, |(at, _)| *at);
    let declaration = &stored.declaration;
    let number = declaration.number.to_string();
    let heading = declaration.commodity_code.get(..4).unwrap_or(&declaration.commodity_code);
    let later = cancelled.checked_add_signed(AUTOMATIC).unwrap_or(cancelled);
    let order = Order {
        target: Target {
            exporter_id: Some(declaration.exporter_id.clone()),
            commodity: Some(heading.to_owned()),
            ..Target::default()
        },
        reason: format!("{number} was cancelled {when}"),
        from: office.calendar.local_day(cancelled),
        until: office.calendar.inspection_day(later),
        limit: None,
    };
    let made = (DirectiveKind::Automatic, Some(number));
    make(conn, office.code.as_str(), made, order, actor, now).map(drop)
}

/// Ends a directive before its time; ending it again for the same reason changes nothing.
///
/// # Errors
/// Not found; [`Code::Forbidden`] for one of all offices where the caller has but some;
/// [`Code::DirectiveClosed`] when it was closed for another reason.
pub fn close(
    store: &Store,
    caller: &Caller,
    id: &str,
    body: &ClosureBody,
    now: DateTime<Utc>,
) -> Result<Counted> {
    let reason = body.reason()?;
    store.write(|conn| {
        let (directive, _) = own(conn, caller, id)?;
        let office = directive.order.target.office.as_ref();
        if office.is_none() && !orders_everywhere(caller) {
            let words = "it holds at all offices: a policy officer or administrator of all offices may close it";
            return Err(Problem::new(Code::Forbidden, words).into());
        }
        let chain = office.map_or(NO_OFFICE, |office| office.as_str());
        chain::lock(conn, &[chain])?;
        // Read again: only now nobody else can close it.
        let (mut directive, taken) = own(conn, caller, id)?;
        match &directive.closed {
            Some(closed) if closed.reason == reason => return Ok((directive, taken)),
            Some(closed) => {
                let at = closed.closed_at.format("%Y-%m-%d %H:%M UTC");
                let words = format!("`{id}` was closed on {at} for another reason");
                return Err(Problem::new(Code::DirectiveClosed, words).into());
            }
            None => {}
        }
        let closure = Closure {
            reason: reason.clone(),
            closed_at: now,
            closed_by: caller.actor.clone(),
            chain_sequence: chain::next_sequence(conn, chain)?,
        };
        store::directives::close(conn, id, &closure)?;
        let actor = &caller.actor;
        let entry = chain::Entry { office: chain, kind: "directive.closed", actor, object: id };
        chain::append(conn, now, entry, digest::of(&(id, &reason)))?;
        directive.closed = Some(closure);
        Ok((directive, taken))
    })
}

/// One directive that holds at an office of the caller.
///
/// # Errors
/// Not found.
pub fn find(store: &Store, caller: &Caller, id: &str) -> Result<Counted> {
    store.snapshot(|conn| own(conn, caller, id))
}

/// One directive that holds at an office of the caller, inside a transaction; foreign and missing are
/// alike.
fn own(conn: &mut Conn, caller: &Caller, id: &str) -> Result<Counted> {
    let directive = visible(conn, caller, id)?;
    let directive = directive.ok_or_else(|| Problem::not_found("directive", id))?;
    let taken = store::directives::taken(conn, &[id])?.remove(id).unwrap_or_default();
    Ok((directive, taken))
}

fn visible(conn: &mut Conn, caller: &Caller, id: &str) -> Result<Option<Directive>> {
    let holds = |directive: &Directive| {
        let office = directive.order.target.office.as_ref();
        office.is_none_or(|office| caller.scope.holds(office.as_str()))
    };
    let found = store::directives::find(conn, id)?.filter(holds);
    Ok(found.map(|directive| directive.seen_by(&caller.scope)))
}

/// The directive that a page begins after.
fn page_after(conn: &mut Conn, caller: &Caller, id: &str) -> Result<Directive> {
    let words = "this cursor is not of this list: start without one";
    let found = visible(conn, caller, id)?;
    found.ok_or_else(|| Problem::new(Code::InvalidCursor, words).into())
}

/// Directives that hold at offices of the caller, the latest first, after one of them; where they stand
/// is as of the UTC date.
///
/// # Errors
/// [`Code::InvalidCursor`] for one to begin after that is none of them.
pub fn list(
    store: &Store,
    caller: &Caller,
    filter: &Filter,
    after: Option<&str>,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<Counted>> {
    store.snapshot(|conn| {
        let day = now.date_naive();
        let after = after.map(|id| page_after(conn, caller, id)).transpose()?;
        let after = after.as_ref().map(Directive::place);
        let found = store::directives::list(conn, &caller.scope, filter, day, after, limit)?;
        let ids: Vec<&str> = found.iter().map(|directive| directive.id.as_str()).collect();
        let mut taken = store::directives::taken(conn, &ids)?;
        let counted = found.into_iter().map(|directive| {
            let count = taken.remove(&directive.id).unwrap_or_default();
            (directive.seen_by(&caller.scope), count)
        });
        Ok(counted.collect())
    })
}
