//! Entropy after the freeze: what the header of a frame names, and what came in for it.
//!
//! An auditor commits ([`commit()`]) before the frame closes, releases ([`release()`]) on sight of its
//! digest, and opens ([`open()`]) what they committed to when the draw is revealed. A frame that waits too
//! long is an alarm ([`remind()`]).

mod commit;
mod open;
mod release;
mod remind;

pub use self::{commit::commit, open::open, release::release, remind::remind};

use crate::domain::draw::{Draw, DrawState};
use crate::domain::entropy::EntropySource;
use crate::domain::key::Caller;
use crate::domain::office::Office;
use crate::domain::problem::{Code, Problem};
use crate::error::{Error, Result};
use crate::flow::{draw, freeze};
use crate::sampling::file::Entropy;
use crate::store::declarations::OpenFrame;
use crate::store::entropy::Given;
use crate::store::{self, Conn, Store};
use chrono::{DateTime, Utc};

/// What the header of a frame that is frozen now names, and whether it was promised too late: after the
/// frame had closed.
///
/// # Errors
/// [`Code::AuditorCommitmentMissing`]: without its auditor nothing of the office is drawn.
pub(super) fn named(
    conn: &mut Conn,
    office: &Office,
    open: OpenFrame<'_>,
    round: u32,
    now: DateTime<Utc>,
) -> Result<(Entropy, bool)> {
    let OpenFrame { office: code, day, closes_at } = open;
    match office.entropy.on(day) {
        EntropySource::None => Ok((Entropy::None, false)),
        EntropySource::Beacon(chain) => {
            let round = chain.round_after(now);
            Ok((Entropy::Beacon { chain: chain.name.to_owned(), round }, false))
        }
        EntropySource::Auditor => {
            let found = store::entropy::commitment_of(conn, code, day, round)?;
            let found = found.ok_or_else(|| missing(code, day, round))?;
            let commitment = freeze::digest(&found.commitment)?;
            Ok((Entropy::Auditor { commitment }, found.committed_at >= closes_at))
        }
    }
}

fn missing(office: &str, day: chrono::NaiveDate, round: u32) -> Problem {
    let words = format!(
        "the auditor of {office} has not committed to round {round} of {day}, and nothing is drawn \
         without: PUT /v1/auditor-commitments/{office}/{day}/{round}"
    );
    Problem::new(Code::AuditorCommitmentMissing, words)
}

/// What the header of a draw names.
pub(super) fn of(draw: &Draw) -> Result<Entropy> {
    draw.entropy
        .parse()
        .map_err(|error: crate::sampling::file::NotAnEntropy| Error::Inner(error.into()))
}

/// What came in for a draw.
#[derive(Clone, Debug)]
pub struct Received {
    /// The draw.
    pub draw: Draw,
    /// What was released on sight of the frozen frame.
    pub release: Option<Given>,
    /// The auditor's own secret; shown once the draw is revealed.
    pub secret: Option<Given>,
    /// Whether the auditor has given the own secret.
    pub opened: bool,
}

/// What came in for a draw of the caller's offices.
///
/// # Errors
/// Not found.
pub fn find(store: &Store, caller: &Caller, id: &str) -> Result<Received> {
    store.snapshot(|conn| {
        let draw = draw::own(conn, caller, id)?;
        let release = store::entropy::release_of(conn, id)?;
        let secret = store::entropy::secret_of(conn, id)?;
        let opened = secret.is_some();
        let secret = secret.filter(|_| draw.state == DrawState::Revealed);
        Ok(Received { draw, release, secret, opened })
    })
}
