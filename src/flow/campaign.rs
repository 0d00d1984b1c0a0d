//! Propose a campaign, revise the proposal, approve another person's, close one, and list them.

use crate::domain::approval::Approval;
use crate::domain::campaign::{self, Campaign, CampaignClosure, CampaignState};
use crate::domain::chain::NO_OFFICE;
use crate::domain::key::{Caller, Scope};
use crate::domain::problem::{Code, Problem};
use crate::domain::{digest, text};
use crate::error::Result;
use crate::flow::approval::{self, Seen};
use crate::store::campaigns::StoredCampaign;
use crate::store::{self, Conn, Store, chain};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

/// What happens when a campaign of that id is proposed already, with other content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnChange {
    /// It is refused.
    Refuse,
    /// It becomes the next revision of the proposal.
    Revise,
}

/// Longest reason of a closure, in characters.
const LONGEST_REASON: usize = 1_000;

/// Proposes a campaign, and says whether anything is new; the same content again is the same
/// proposal. It runs once another person approves it.
///
/// # Errors
/// [`Code::DayPassed`] for one that would have begun before now without being `historical`;
/// [`Code::IdTaken`]; [`Code::AlreadyApproved`]; [`Code::OfficeUnknown`]; [`Code::Forbidden`] for a
/// key of some offices, or history that is no administrator's.
pub fn propose(
    store: &Store,
    caller: &Caller,
    draft: &Campaign,
    historical: bool,
    on_change: OnChange,
    now: DateTime<Utc>,
) -> Result<(StoredCampaign, bool)> {
    approval::of_all_offices(caller, "campaign")?;
    store.write(|conn| {
        chain::lock(conn, &[NO_OFFICE])?;
        let Some(last) = store::campaigns::find(conn, &draft.id)? else {
            let new = Revision { campaign: draft.clone(), revision: 1, historical };
            return Ok((new.keep(conn, caller, now)?, true));
        };
        if last.campaign == *draft && (last.historical || !historical) {
            return Ok((last, false));
        }
        may_change(&last)?;
        if on_change == OnChange::Refuse {
            let words = format!(
                "`{}` is proposed already, otherwise, as r{}: revise it, or choose another id",
                draft.id, last.revision
            );
            return Err(Problem::new(Code::IdTaken, words).into());
        }
        let historical = last.historical || historical;
        let next = Revision { campaign: draft.clone(), revision: last.revision + 1, historical };
        Ok((next.keep(conn, caller, now)?, true))
    })
}

/// Revises a proposal by a JSON merge patch (RFC 7396) of its body; a patch that changes nothing
/// makes no revision.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::PreconditionRequired`], [`Code::PreconditionFailed`];
/// [`Code::AlreadyApproved`]; rules that the result breaks; those of [`propose`].
pub fn revise(
    store: &Store,
    caller: &Caller,
    id: &str,
    patch: &Value,
    seen: Seen,
    now: DateTime<Utc>,
) -> Result<StoredCampaign> {
    approval::of_all_offices(caller, "campaign")?;
    store.write(|conn| {
        chain::lock(conn, &[NO_OFFICE])?;
        let last = existing(conn, id)?;
        seen.check(Some(last.revision), 'r')?;
        may_change(&last)?;
        let campaign = campaign::patched(&last.campaign, patch)?;
        if campaign.id != id {
            let words = "the id of a campaign stays: propose another campaign";
            return Err(Problem::field("/id", Code::ValueNotAllowed, words).into());
        }
        if campaign == last.campaign {
            return Ok(last);
        }
        let (revision, historical) = (last.revision + 1, last.historical);
        Revision { campaign, revision, historical }.keep(conn, caller, now)
    })
}

fn may_change(last: &StoredCampaign) -> Result<(), Problem> {
    if last.approval.is_none() {
        return Ok(());
    }
    let words = format!(
        "`{}` is approved and does not change any more: close it and propose another",
        last.campaign.id
    );
    Err(Problem::new(Code::AlreadyApproved, words))
}

/// A revision that is about to be kept.
struct Revision {
    campaign: Campaign,
    revision: i32,
    historical: bool,
}

impl Revision {
    /// Keeps it, inside a transaction that holds the lock of the chain `-`.
    fn keep(self, conn: &mut Conn, caller: &Caller, now: DateTime<Utc>) -> Result<StoredCampaign> {
        let Self { campaign, revision, historical } = self;
        if historical {
            approval::may_bring_history(caller, "campaign")?;
        }
        let remedy = "bring it in as history, or choose";
        approval::begins_ahead(campaign.from, historical, now, remedy)?;
        let offices = campaign.scope.offices.iter().enumerate();
        let offices = offices.map(|(at, code)| (format!("/offices/{at}"), code.as_str()));
        approval::registered(conn, offices)?;
        let stored = StoredCampaign {
            campaign,
            revision,
            historical,
            proposed_at: now,
            proposed_by: caller.actor.clone(),
            approval: None,
            closure: None,
        };
        store::campaigns::insert(conn, &stored)?;
        let kind = if revision == 1 { "campaign.proposed" } else { "campaign.revised" };
        log(conn, &stored, kind, &caller.actor, stored.campaign.sha256(), now)?;
        Ok(stored)
    }
}

fn log(
    conn: &mut Conn,
    stored: &StoredCampaign,
    kind: &str,
    actor: &str,
    payload_sha256: String,
    now: DateTime<Utc>,
) -> Result<()> {
    let object = format!("{}@{}", stored.campaign.id, stored.revision);
    let entry = chain::Entry { office: NO_OFFICE, kind, actor, object: &object };
    chain::append(conn, now, entry, payload_sha256).map(drop)
}

/// Approves the last revision of a campaign that somebody else proposed.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::PreconditionRequired`], [`Code::PreconditionFailed`];
/// [`Code::OwnProposal`]; [`Code::AlreadyApproved`] by another; [`Code::DayPassed`] when the first
/// day has passed meanwhile; [`Code::Forbidden`] for a key of some offices.
pub fn approve(
    store: &Store,
    caller: &Caller,
    id: &str,
    seen: Seen,
    note: Option<&str>,
    now: DateTime<Utc>,
) -> Result<StoredCampaign> {
    approval::of_all_offices(caller, "campaign")?;
    store.write(|conn| {
        chain::lock(conn, &[NO_OFFICE])?;
        let last = existing(conn, id)?;
        seen.check(Some(last.revision), 'r')?;
        if let Some(given) = &last.approval {
            approval::again(caller, given)?;
            return Ok(last);
        }
        let given = approval::second_person(caller, &last.proposed_by, note, now)?;
        let remedy = "revise it to begin on";
        approval::begins_ahead(last.campaign.from, last.historical, now, remedy)?;
        stand_for(conn, last, given, now)
    })
}

fn stand_for(
    conn: &mut Conn,
    stored: StoredCampaign,
    given: Approval,
    now: DateTime<Utc>,
) -> Result<StoredCampaign> {
    store::campaigns::approve(conn, &stored.campaign.id, stored.revision, &given)?;
    let payload = digest::of(&(stored.campaign.sha256(), &given.note));
    log(conn, &stored, "campaign.approved", &given.by, payload, now)?;
    Ok(StoredCampaign { approval: Some(given), ..stored })
}

/// Closes an approved campaign before its last day. One person may: it lowers no day that has begun at
/// an office of its scope. The same again changes nothing.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::PreconditionRequired`], [`Code::PreconditionFailed`];
/// [`Code::NotApproved`]; [`Code::AlreadyClosed`] otherwise; a last day before today, or behind the
/// campaign's own; [`Code::Forbidden`] for a key of some offices.
pub fn close(
    store: &Store,
    caller: &Caller,
    id: &str,
    seen: Seen,
    last_day: Option<NaiveDate>,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<StoredCampaign> {
    approval::of_all_offices(caller, "campaign")?;
    let reason = text::said("/reason", reason, LONGEST_REASON);
    let reason = reason.map_err(|error| Problem::fields(vec![error]))?;
    store.write(|conn| {
        chain::lock(conn, &[NO_OFFICE])?;
        let stored = existing(conn, id)?;
        seen.check(Some(stored.revision), 'r')?;
        if stored.approval.is_none() {
            let words = format!("`{id}` is only proposed: there is nothing to close");
            return Err(Problem::new(Code::NotApproved, words).into());
        }
        if let Some(closure) = &stored.closure {
            same_closure(closure, last_day, &reason)?;
            return Ok(stored);
        }
        let today = latest_today(conn, &stored.campaign, now)?;
        let last_day = last_day.unwrap_or(today);
        may_close(&stored.campaign, last_day, today)?;
        let by = caller.actor.clone();
        let closure = CampaignClosure { last_day, reason: reason.clone(), by, at: now };
        store::campaigns::close(conn, id, &closure)?;
        let payload = digest::of(&(last_day, &closure.reason));
        log(conn, &stored, "campaign.closed", &caller.actor, payload, now)?;
        Ok(StoredCampaign { closure: Some(closure), ..stored })
    })
}

fn same_closure(
    closure: &CampaignClosure,
    last_day: Option<NaiveDate>,
    reason: &str,
) -> Result<(), Problem> {
    if closure.reason == reason && last_day.is_none_or(|day| day == closure.last_day) {
        return Ok(());
    }
    let words = format!("`{}` closed it with the last day {}", closure.by, closure.last_day);
    Err(Problem::new(Code::AlreadyClosed, words))
}

/// The latest day that has begun at an office of the scope, for its frame may be closed and not drawn;
/// UTC's where there is no office.
fn latest_today(conn: &mut Conn, campaign: &Campaign, now: DateTime<Utc>) -> Result<NaiveDate> {
    let within = &campaign.scope.offices;
    let offices = store::offices::all(conn, &Scope::All)?.into_iter();
    let offices = offices.filter(|office| within.is_empty() || within.contains(&office.code));
    let days = offices.map(|office| office.calendar.local_day(now));
    Ok(days.max().unwrap_or_else(|| now.date_naive()))
}

fn may_close(campaign: &Campaign, last_day: NaiveDate, today: NaiveDate) -> Result<(), Problem> {
    let until = campaign.until;
    let refuse = |code, words: String| Err(Problem::field("/last_day", code, words));
    if last_day > until {
        let words = format!("{last_day} lies behind the campaign's own last day, {until}");
        return refuse(Code::ValueNotAllowed, words);
    }
    if last_day < today {
        let words = format!("{today} has begun at an office of its scope: choose {today} or later");
        return refuse(Code::DayPassed, words);
    }
    Ok(())
}

fn existing(conn: &mut Conn, id: &str) -> Result<StoredCampaign> {
    let found = store::campaigns::find(conn, id)?;
    found.ok_or_else(|| Problem::not_found("campaign", id).into())
}

/// One campaign.
///
/// # Errors
/// [`Code::NotFound`].
pub fn find(store: &Store, id: &str) -> Result<StoredCampaign> {
    store.snapshot(|conn| existing(conn, id))
}

/// The campaigns that are in some of the states on a day, or all of them for none, by id.
///
/// # Errors
/// Those of the database.
pub fn list(
    store: &Store,
    states: &[CampaignState],
    day: NaiveDate,
) -> Result<Vec<StoredCampaign>> {
    let mut campaigns = store.snapshot(store::campaigns::all)?;
    campaigns.retain(|stored| states.is_empty() || states.contains(&stored.state_on(day)));
    Ok(campaigns)
}
