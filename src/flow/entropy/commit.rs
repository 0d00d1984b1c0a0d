//! Commit: an auditor binds to a secret of the own, before there is anything to choose it by.

use crate::domain::digest;
use crate::domain::draw::draw_id;
use crate::domain::key::Caller;
use crate::domain::problem::{Code, Problem};
use crate::error::Result;
use crate::flow::offices::{self, Put};
use crate::sampling::ticket::{Digest, lowercase_hex};
use crate::store::entropy::AuditorCommitment;
use crate::store::{self, Conn, Store, chain};
use chrono::{DateTime, NaiveDate, Utc};

/// Keeps the commitment of an auditor for an office, day and round; the same again changes nothing,
/// and no other one replaces it. One that comes after the frame has closed is taken as long as the frame
/// is not frozen, and makes the draw retrospective.
///
/// # Errors
/// Not found, for the office; what is no commitment; [`Code::AlreadyCommitted`] to another secret;
/// [`Code::FrameClosed`] when the frame is frozen.
pub fn commit(
    store: &Store,
    caller: &Caller,
    office: &str,
    (day, round): (NaiveDate, u32),
    commitment: &str,
    now: DateTime<Utc>,
) -> Result<(AuditorCommitment, Put)> {
    let is_digest = lowercase_hex(commitment).is_some_and(|_: Digest| true);
    store.write(|conn| {
        let office = offices::own(conn, caller, office)?;
        let code = office.code.as_str();
        if !is_digest {
            let words =
                "a commitment is 64 lowercase hex digits, as `breeze release new` prints it";
            return Err(Problem::field("/commitment", Code::ValueNotAllowed, words).into());
        }
        chain::lock(conn, &[code])?;
        if let Some(known) = store::entropy::commitment_of(conn, code, day, round)? {
            return same(known, commitment).map(|known| (known, Put::Kept)).map_err(Into::into);
        }
        not_frozen(conn, &draw_id(code, day, round))?;
        let new = AuditorCommitment {
            office: code.to_owned(),
            day,
            round,
            commitment: commitment.to_owned(),
            committed_at: now,
            committed_by: caller.actor.clone(),
            chain_sequence: chain::next_sequence(conn, code)?,
        };
        store::entropy::insert_commitment(conn, &new)?;
        let object = draw_id(code, day, round);
        let actor = &caller.actor;
        let entry =
            chain::Entry { office: code, kind: "auditor.committed", actor, object: &object };
        chain::append(conn, now, entry, digest::of(&new.commitment))?;
        Ok((new, Put::Created))
    })
}

fn same(known: AuditorCommitment, sent: &str) -> Result<AuditorCommitment, Problem> {
    if known.commitment == sent {
        return Ok(known);
    }
    let at = known.committed_at.format("%Y-%m-%d %H:%M UTC");
    let words = format!(
        "an auditor committed to another secret on {at}, by {}: a commitment is never replaced",
        known.committed_by
    );
    Err(Problem::new(Code::AlreadyCommitted, words))
}

fn not_frozen(conn: &mut Conn, id: &str) -> Result<()> {
    match store::draws::find(conn, id)? {
        None => Ok(()),
        Some(_) => {
            let words = format!("the frame of {id} is frozen: a commitment comes before it");
            Err(Problem::new(Code::FrameClosed, words).into())
        }
    }
}
