//! Release: on sight of a frozen frame the missing part of the seed comes in, and the draw is made.

use crate::domain::digest;
use crate::domain::draw::Draw;
use crate::domain::entropy::Chain;
use crate::domain::key::{Caller, Role};
use crate::domain::master::MasterKey;
use crate::domain::problem::{Code, Problem};
use crate::error::Result;
use crate::flow::{draw, freeze, reveal};
use crate::sampling::file::{Entropy, Released};
use crate::sampling::ticket::{Digest, lowercase_hex};
use crate::store::entropy::Given;
use crate::store::{self, Store, chain};
use chrono::{DateTime, SecondsFormat, Utc};

/// Takes what is released for a frozen frame and draws, in one transaction; the same again changes
/// nothing. Whether an auditor released the right value shows when they open their secret.
///
/// # Errors
/// Not found; [`Code::Forbidden`] for whoever is no auditor, where the header names one;
/// [`Code::EntropyNotAwaited`] for a draw of entropy `none`; [`Code::EntropyReleased`] when another value
/// was released; [`Code::BeaconRoundAhead`]; what is no value.
pub fn release(
    store: &Store,
    master: &MasterKey,
    caller: &Caller,
    id: &str,
    value: &str,
    now: DateTime<Utc>,
) -> Result<Draw> {
    store.write(|conn| {
        let office = draw::own(conn, caller, id)?.office;
        let office = office.as_str();
        chain::lock(conn, &[office])?;
        // Read again: only now nobody else can release.
        let draw = draw::own(conn, caller, id)?;
        let released = released(&super::of(&draw)?, caller, value, now)?;
        if let Some(known) = store::entropy::release_of(conn, id)? {
            return same(draw, &known, value).map_err(Into::into);
        }
        let given = Given {
            value: value.to_owned(),
            at: now,
            by: caller.actor.clone(),
            chain_sequence: chain::next_sequence(conn, office)?,
        };
        store::entropy::insert_release(conn, id, &given)?;
        let actor = caller.actor.as_str();
        let entry = chain::Entry { office, kind: "entropy.released", actor, object: id };
        chain::append(conn, now, entry, digest::of(&given.value))?;
        let frozen = freeze::kept(conn, master, draw)?;
        let draw = draw::make(conn, frozen, &released, actor, now)?;
        reveal::if_due(conn, master, draw, now)
    })
}

/// The value for what the header names, if the caller may give it and it can be known by now.
fn released(
    named: &Entropy,
    caller: &Caller,
    value: &str,
    now: DateTime<Utc>,
) -> Result<Released, Problem> {
    let wrong = |words: &str| Problem::field("/value", Code::ValueNotAllowed, words);
    match named {
        Entropy::None => {
            let words = "the frame names entropy `none`: nothing is awaited for it";
            Err(Problem::new(Code::EntropyNotAwaited, words))
        }
        Entropy::Auditor { .. } if caller.role != Role::Auditor => {
            let words = "the frame names an auditor: only a key of role auditor releases for it";
            Err(Problem::new(Code::Forbidden, words))
        }
        Entropy::Auditor { .. } => {
            let words = "a release is 64 lowercase hex digits, as `breeze release frame` prints it";
            lowercase_hex(value).map(Released::Auditor).ok_or_else(|| wrong(words))
        }
        Entropy::Beacon { chain, round } => {
            is_past(chain, *round, now)?;
            // Its signature, which stands beside it, is longer; and a release is for good.
            let words = "the value of a round is its randomness, 64 lowercase hex digits";
            let value = lowercase_hex(value).map(|value: Digest| value.to_vec());
            value.map(Released::Beacon).ok_or_else(|| wrong(words))
        }
    }
}

/// A value that cannot be known yet is invented.
fn is_past(chain: &str, round: u64, now: DateTime<Utc>) -> Result<(), Problem> {
    let comes = Chain::find(chain).and_then(|chain| chain.time_of(round));
    match comes.filter(|comes| *comes > now) {
        None => Ok(()),
        Some(comes) => {
            let at = comes.to_rfc3339_opts(SecondsFormat::Secs, true);
            let words = format!("round {round} of {chain} comes at {at}");
            Err(Problem::new(Code::BeaconRoundAhead, words))
        }
    }
}

fn same(draw: Draw, known: &Given, sent: &str) -> Result<Draw, Problem> {
    if known.value == sent {
        return Ok(draw);
    }
    let at = known.at.format("%Y-%m-%d %H:%M UTC");
    let words = format!(
        "another value was released for {} on {at}, by {}, and the draw is made from it",
        draw.id, known.by
    );
    Err(Problem::new(Code::EntropyReleased, words))
}
