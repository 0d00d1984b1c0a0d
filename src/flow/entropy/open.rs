//! Open: the auditor gives the secret behind commitment and release, so that anybody can recompute
//! the draw.

use crate::domain::digest;
use crate::domain::draw::{Draw, DrawState};
use crate::domain::key::Caller;
use crate::domain::master::MasterKey;
use crate::domain::problem::{Code, Problem};
use crate::error::Result;
use crate::flow::{commit, draw, freeze, reveal};
use crate::sampling::file::Entropy;
use crate::sampling::ticket::{Digest, DrawId, auditor_commitment, auditor_release, lowercase_hex};
use crate::store::entropy::Given;
use crate::store::{self, Conn, Store, chain};
use chrono::{DateTime, Utc};

/// Takes the secret of the auditor of a draw, which must open both the commitment in the header of the
/// frame and what was released for it; the same again changes nothing. A draw whose items all have
/// results is revealed with it.
///
/// # Errors
/// Not found; [`Code::EntropyNotAwaited`] where the header names no auditor, or nothing was released
/// yet; a secret that does not open the two.
pub fn open(
    store: &Store,
    master: &MasterKey,
    caller: &Caller,
    id: &str,
    secret: &str,
    now: DateTime<Utc>,
) -> Result<Draw> {
    store.write(|conn| {
        let office = draw::own(conn, caller, id)?.office;
        let office = office.as_str();
        chain::lock(conn, &[office])?;
        // Read again: only now nobody else can write it.
        let draw = draw::own(conn, caller, id)?;
        opens(conn, &draw, secret)?;
        if store::entropy::secret_of(conn, id)?.is_some() {
            // Only one secret opens a commitment, so it is the same.
            return Ok(draw);
        }
        let given = Given {
            value: secret.to_owned(),
            at: now,
            by: caller.actor.clone(),
            chain_sequence: chain::next_sequence(conn, office)?,
        };
        store::entropy::insert_secret(conn, id, &given)?;
        let actor = caller.actor.as_str();
        let entry = chain::Entry { office, kind: "auditor.opened", actor, object: id };
        chain::append(conn, now, entry, digest::of(&given.value))?;
        reveal::if_due(conn, master, draw, now)
    })
}

fn opens(conn: &mut Conn, draw: &Draw, secret: &str) -> Result<()> {
    let not_awaited =
        |words: &str| Err(Problem::new(Code::EntropyNotAwaited, words.to_owned()).into());
    let Entropy::Auditor { commitment } = super::of(draw)? else {
        return not_awaited("the frame names no auditor: there is no secret to give");
    };
    if draw.state == DrawState::Frozen {
        return not_awaited(
            "nothing is released for the frame yet: the secret comes after the release, for who has \
             both secrets before it knows the draw",
        );
    }
    let wrong = |words: &str| Problem::field("/value", Code::AuditorSecretWrong, words);
    let words = "a secret is 64 lowercase hex digits, as `breeze release secret` prints it";
    let a: Digest = lowercase_hex(secret).ok_or_else(|| wrong(words))?;
    let day = commit::day_text(draw.day);
    let id = DrawId { office: draw.office.as_str(), day: &day, round: draw.round };
    if auditor_commitment(&id, &a) != commitment {
        return Err(wrong("it does not open the commitment in the header of the frame").into());
    }
    let release = store::entropy::release_of(conn, &draw.id)?.map(|given| given.value);
    let release = release.map(|value| freeze::digest(&value)).transpose()?;
    if release != Some(auditor_release(&a, &draw.frame_sha256)) {
        tracing::error!(draw = draw.id, "what was released is not what the auditor's secret gives");
        let words = "it opens the commitment, but what was released for this frame is another value: \
            the draw will never verify, and whoever relies on it must hear so";
        return Err(wrong(words).into());
    }
    Ok(())
}
