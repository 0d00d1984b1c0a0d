//! Open: the auditor gives the secret behind commitment and release, so that anybody can recompute
//! the draw.

use crate::domain::digest;
use crate::domain::draw::{Draw, DrawState};
use crate::domain::key::Caller;
use crate::domain::master::MasterKey;
use crate::domain::problem::{Code, Problem};
use crate::domain::signal::SignalKind;
use crate::error::{Error, Result};
use crate::flow::{commit, draw, reveal, signal};
use crate::sampling::file::Entropy;
use crate::sampling::ticket::{Digest, DrawId, auditor_commitment, auditor_release, lowercase_hex};
use crate::store::entropy::Given;
use crate::store::{self, Conn, Store, chain};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

/// Takes the secret of the auditor of a draw, which must open the commitment in the header of the frame;
/// the same again changes nothing. A draw whose items all have results is revealed with it.
///
/// It is taken also where something else was released than follows from it: only with it in the files
/// does a verification find that out. A signal says so at once.
///
/// # Errors
/// Not found; [`Code::EntropyNotAwaited`] where the header names no auditor, or nothing was released
/// yet; [`Code::AuditorSecretWrong`] for a secret that does not open the commitment.
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
        let a = opens(&draw, secret)?;
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
        compare(conn, &draw, &a, now)?;
        reveal::if_due(conn, master, draw, now)
    })
}

/// Raises a signal where another value was released than the auditor's secret gives: somebody who was not
/// the auditor chose it, or the auditor erred.
fn compare(conn: &mut Conn, draw: &Draw, a: &Digest, now: DateTime<Utc>) -> Result<()> {
    let release = store::entropy::release_of(conn, &draw.id)?;
    let release = release.ok_or_else(|| Error::inner("a drawn frame without a release"))?;
    if release.value == hex::encode(auditor_release(a, &draw.frame_sha256)) {
        return Ok(());
    }
    let evidence = json!({
        "draw": draw.id, "released_by": release.by,
        "released_at": release.at.to_rfc3339_opts(SecondsFormat::Secs, true),
    });
    signal::raise_one(conn, draw, (SignalKind::ReleaseWrong, evidence), "breeze", now)
}

/// The secret, if it opens the commitment in the header of a frame that was drawn from.
fn opens(draw: &Draw, secret: &str) -> Result<Digest> {
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
    let wrong = |words: &str| Problem::field("/value", Code::AuditorSecretWrong, words).into();
    let words = "a secret is 64 lowercase hex digits, as `breeze release secret` prints it";
    let a: Digest = lowercase_hex(secret).ok_or_else(|| wrong(words))?;
    let day = commit::day_text(draw.day);
    let id = DrawId { office: draw.office.as_str(), day: &day, round: draw.round };
    if auditor_commitment(&id, &a) != commitment {
        return Err(wrong("it does not open the commitment in the header of the frame"));
    }
    Ok(a)
}
