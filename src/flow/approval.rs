//! What policies and campaigns share: two people, days to come, and offices that exist.

use crate::domain::approval::{Approval, open_day};
use crate::domain::key::{Caller, Role, Scope};
use crate::domain::problem::{Code, FieldError, Problem};
use crate::domain::text;
use crate::error::Result;
use crate::store::{self, Conn};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeSet;

/// Which state of the thing the caller has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Whichever there is: the operator at the command line.
    Whichever,
    /// None that was named.
    Nothing,
    /// This version or revision.
    Number(i32),
}

impl Seen {
    /// Holds it against the last version or revision there is; `tag` is the letter of its ETag.
    pub(super) fn check(self, last: Option<i32>, tag: char) -> Result<(), Problem> {
        match (self, last) {
            (Self::Whichever, _) | (Self::Nothing, None) => Ok(()),
            (Self::Number(seen), Some(last)) if seen == last => Ok(()),
            (Self::Nothing, Some(last)) => Err(Problem::new(
                Code::PreconditionRequired,
                format!("send the last state you have seen, If-Match: \"{tag}{last}\" for example"),
            )),
            (Self::Number(seen), Some(last)) => Err(Problem::new(
                Code::PreconditionFailed,
                format!("it is {tag}{last} by now, not {tag}{seen}"),
            )),
            (Self::Number(_), None) => {
                Err(Problem::new(Code::PreconditionFailed, "nothing of this id is there yet"))
            }
        }
    }
}

/// What decides for every office is written by those of all offices.
pub(super) fn of_all_offices(caller: &Caller, what: &str) -> Result<(), Problem> {
    if caller.scope == Scope::All {
        return Ok(());
    }
    let words = format!(
        "a {what} holds for all offices: only a key of all offices may propose, approve or close one"
    );
    Err(Problem::new(Code::Forbidden, words))
}

/// History is brought in by administrators.
pub(super) fn may_bring_history(caller: &Caller, what: &str) -> Result<(), Problem> {
    if caller.role == Role::Admin {
        return Ok(());
    }
    let words = format!("only an administrator may bring in a {what} for days that have passed");
    Err(Problem::new(Code::Forbidden, words))
}

/// The first day of a proposal lies ahead, unless it is history.
pub(super) fn begins_ahead(
    from: NaiveDate,
    historical: bool,
    now: DateTime<Utc>,
    remedy: &str,
) -> Result<(), Problem> {
    let first = open_day(now);
    if historical || from >= first {
        return Ok(());
    }
    let words = format!("`from` is {from}, which has passed: {remedy} {first} or later");
    Err(Problem::field("/from", Code::DayPassed, words))
}

/// The approval that a caller gives to what somebody else proposed.
pub(super) fn second_person(
    caller: &Caller,
    proposed_by: &str,
    note: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Approval, Problem> {
    if caller.actor == proposed_by {
        let words = format!("`{proposed_by}` proposed it: it needs another person's approval");
        return Err(Problem::new(Code::OwnProposal, words));
    }
    let note = note.filter(|note| !note.trim().is_empty());
    let note = note.map(|note| text::checked("/note", note, 1_000)).transpose();
    let note = note.map_err(|error| Problem::fields(vec![error]))?;
    Ok(Approval { by: caller.actor.clone(), at: now, note })
}

/// What is approved stays so: the same person may say it again, another hears who did.
pub(super) fn again(caller: &Caller, given: &Approval) -> Result<(), Problem> {
    if caller.actor == given.by {
        return Ok(());
    }
    let words = format!("`{}` approved it on {}", given.by, given.at.date_naive());
    Err(Problem::new(Code::AlreadyApproved, words))
}

/// Every office that a proposal names must be registered: pointer and code of each.
pub(super) fn registered<'a>(
    conn: &mut Conn,
    named: impl Iterator<Item = (String, &'a str)>,
) -> Result<()> {
    let mut named = named.peekable();
    if named.peek().is_none() {
        return Ok(());
    }
    let offices = store::offices::all(conn, &Scope::All)?;
    let known: BTreeSet<&str> = offices.iter().map(|office| office.code.as_str()).collect();
    let unknown = named.filter(|(_, office)| !known.contains(office)).map(|(pointer, office)| {
        let words = format!("there is no office `{office}`: register it first");
        FieldError::new(pointer, Code::OfficeUnknown, words)
    });
    let errors: Vec<FieldError> = unknown.collect();
    if errors.is_empty() { Ok(()) } else { Err(Problem::fields(errors).into()) }
}
