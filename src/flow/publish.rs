//! Publish: the files of a draw, made again byte for byte from what is kept.

use crate::domain::draw::{Draw, DrawState, SampleItem};
use crate::domain::key::{Caller, Role};
use crate::domain::master::MasterKey;
use crate::domain::problem::{Code, Problem};
use crate::error::{Error, Result};
use crate::flow::{commit, draw, freeze};
use crate::sampling::file::{self, Opening, Place, Reveal, Sample, SampleRow};
use crate::sampling::ticket::Digest;
use crate::sampling::verify::{Bundle, Report, verify};
use crate::store::draws::Commitment;
use crate::store::{self, Conn, Store};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// The published files of a draw: all of them once it is revealed; before, auditors get commitment,
/// frame and roster.
///
/// # Errors
/// Not found; [`Code::NotRevealed`] for everybody else.
pub fn bundle(
    store: &Store,
    master: &MasterKey,
    caller: Option<&Caller>,
    id: &str,
) -> Result<(Draw, Bundle)> {
    store.snapshot(|conn| {
        let draw = visible(conn, caller, id)?;
        let files = files(conn, master, &draw)?;
        Ok((draw, Bundle { files }))
    })
}

/// A draw whose files the caller may have.
fn visible(conn: &mut Conn, caller: Option<&Caller>, id: &str) -> Result<Draw> {
    let found = store::draws::find(conn, id)?.ok_or_else(|| Problem::not_found("draw", id))?;
    if found.state == DrawState::Revealed {
        return Ok(found);
    }
    match caller {
        Some(caller) if matches!(caller.role, Role::Auditor | Role::Admin) => {
            draw::own(conn, caller, id)
        }
        _ => {
            let words = format!(
                "draw `{id}` is not revealed yet; its commitment and digests are in /v1/draw-commitments"
            );
            Err(Problem::new(Code::NotRevealed, words).into())
        }
    }
}

fn files(conn: &mut Conn, master: &MasterKey, draw: &Draw) -> Result<BTreeMap<String, Vec<u8>>> {
    let (secret, _) = commit::secret(master, draw.office.as_str(), draw.day, draw.round);
    let mut files = BTreeMap::new();
    files.insert(
        file::COMMITMENT.to_owned(),
        file::commitment_bytes(&freeze::digest(&draw.commitment)?).to_vec(),
    );
    files.insert(file::FRAME.to_owned(), frame_file(conn, draw, &secret)?);
    files.insert(file::ROSTER.to_owned(), draw.roster.clone().into_bytes());
    if draw.state == DrawState::Revealed {
        let sample = sample(draw, store::items::of_draw(conn, &draw.id)?)?;
        files.insert(file::SAMPLE.to_owned(), sample.to_bytes());
        let reveal = Reveal { secret, opening: Opening::None };
        files.insert(file::REVEAL.to_owned(), reveal.to_bytes());
    }
    Ok(files)
}

fn frame_file(conn: &mut Conn, draw: &Draw, secret: &Digest) -> Result<Vec<u8>> {
    let candidates = store::draws::candidates(conn, &draw.id)?;
    let texts = freeze::RowTexts::of(&candidates, secret);
    let bytes = freeze::frame(draw, &candidates, &texts)?.to_bytes();
    if file::sha256_hex(&bytes) != draw.frame_sha256 {
        // Whoever downloads it will find the difference; so must the operator.
        tracing::error!(
            draw = draw.id,
            "the kept frame no longer gives the digest it was frozen with"
        );
    }
    Ok(bytes)
}

fn sample(draw: &Draw, items: Vec<SampleItem>) -> Result<Sample> {
    let rows = items.into_iter().map(|item| SampleRow {
        number: item.candidate.declaration_number,
        ticket: item.ticket,
        place: match item.interval {
            None => Place::Certain,
            Some((cumulated_from, cumulated_to, hit)) => {
                Place::Drawn { cumulated_from, cumulated_to, hit }
            }
        },
        inspector: item.inspector,
    });
    Ok(Sample {
        seed: freeze::digest(&draw.seed)?,
        start: draw.start,
        frame: freeze::digest(&draw.frame_sha256)?,
        rows: rows.collect(),
    })
}

/// The frame of a draw as a file, for auditors.
///
/// # Errors
/// Not found; [`Code::NotRevealed`].
pub fn frame(store: &Store, master: &MasterKey, caller: &Caller, id: &str) -> Result<Vec<u8>> {
    store.snapshot(|conn| {
        let draw = visible(conn, Some(caller), id)?;
        let (secret, _) = commit::secret(master, draw.office.as_str(), draw.day, draw.round);
        frame_file(conn, &draw, &secret)
    })
}

/// Recomputes a draw of the caller's offices from its published files.
///
/// # Errors
/// Not found.
pub fn verification(
    store: &Store,
    master: &MasterKey,
    caller: &Caller,
    id: &str,
) -> Result<Report> {
    let bundle = store.snapshot(|conn| {
        let draw = draw::own(conn, caller, id)?;
        Ok(Bundle { files: files(conn, master, &draw)? })
    })?;
    Ok(verify(&bundle))
}

/// Commitments with the draws that redeemed them, by day, office and round; open to everybody.
///
/// # Errors
/// Those of the database.
pub fn commitments(
    store: &Store,
    filter: &store::draws::Filter,
    after: Option<&(NaiveDate, String, i32)>,
    limit: i64,
) -> Result<Vec<(Commitment, Option<Draw>)>> {
    store.snapshot(|conn| store::draws::commitments(conn, filter, after, limit))
}

/// Recomputes the chain of an office; the number of its first event that does not follow.
///
/// # Errors
/// Those of the database.
pub fn broken_chain(store: &Store, office: &str) -> Result<Option<i64>> {
    store.snapshot(|conn| {
        let (mut previous, mut last) = (crate::domain::chain::GENESIS.to_owned(), 0);
        loop {
            let events = store::chain::after(conn, office, last, 10_000)?;
            let Some((final_event, _)) = events.last() else { break };
            let reached = final_event.sequence;
            for (event, head) in events {
                if event.sequence != last + 1 || event.head_after(&previous) != head {
                    return Ok(Some(last + 1));
                }
                (previous, last) = (head, event.sequence);
            }
            last = reached;
        }
        let heads = store::chain::heads(conn)?;
        let kept = heads.into_iter().find(|(code, _, _)| code == office);
        match kept {
            Some((_, sequence, head)) if (sequence, &head) != (last, &previous) => {
                Ok(Some(last + 1))
            }
            None if last > 0 => {
                Err(Error::inner(format!("chain `{office}` has events and no head")))
            }
            _ => Ok(None),
        }
    })
}
