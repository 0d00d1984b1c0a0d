//! Publish: the files of a draw, made again byte for byte from what is kept.
//!
//! A frame may have millions of rows, so it is read and written a page at a time and never held as
//! a whole; only a verification, which compares everything with everything, holds all files.

use crate::domain::draw::{Draw, DrawState, SampleItem};
use crate::domain::key::{Caller, Role, Scope};
use crate::domain::master::MasterKey;
use crate::domain::problem::{Code, Problem};
use crate::error::{Error, Result};
use crate::flow::{commit, draw, entropy, freeze};
use crate::sampling::file::{self, Entropy, Frame, Opening, Place, Reveal, Sample, SampleRow};
use crate::sampling::ticket::Digest;
use crate::sampling::verify::{Bundle, Report, verify};
use crate::store::commitments::Commitment;
use crate::store::entropy::AuditorCommitment;
use crate::store::{self, Conn, Store};
use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};

/// Rows of a frame that are read and written at a time.
const PAGE: usize = 5_000;

/// Takes the files of a draw, one after the other, in bytewise order of their names.
pub trait Files {
    /// What follows belongs to the file of this name.
    ///
    /// # Errors
    /// Those of the disk.
    fn begin(&mut self, name: &str) -> Result<()>;

    /// The next bytes of the file that was begun.
    ///
    /// # Errors
    /// Those of the disk.
    fn write(&mut self, bytes: &[u8]) -> Result<()>;
}

/// Files that are held in memory.
#[derive(Default)]
struct Held {
    bundle: Bundle,
    name: String,
}

impl Files for Held {
    fn begin(&mut self, name: &str) -> Result<()> {
        name.clone_into(&mut self.name);
        self.write(&[])
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.bundle.files.entry(self.name.clone()).or_default().extend_from_slice(bytes);
        Ok(())
    }
}

/// Writes the published files of a draw: all of them once it is revealed; before, auditors get
/// commitment, frame and roster.
///
/// # Errors
/// Not found; [`Code::NotRevealed`] for everybody else. Then nothing was written.
pub fn bundle(
    store: &Store,
    master: &MasterKey,
    caller: Option<&Caller>,
    id: &str,
    into: &mut impl Files,
) -> Result<Draw> {
    store.snapshot(|conn| {
        let draw = visible(conn, caller, id)?;
        write_all(conn, master, &draw, into)?;
        Ok(draw)
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

/// In bytewise order of the names.
fn write_all(
    conn: &mut Conn,
    master: &MasterKey,
    draw: &Draw,
    into: &mut impl Files,
) -> Result<()> {
    let (secret, _) = commit::secret(master, draw.office.as_str(), draw.day, draw.round);
    into.begin(file::COMMITMENT)?;
    into.write(&file::commitment_bytes(&freeze::digest(&draw.commitment)?))?;
    into.begin(file::FRAME)?;
    write_frame(conn, draw, &secret, into)?;
    let revealed = draw.state == DrawState::Revealed;
    if revealed {
        into.begin(file::REVEAL)?;
        into.write(&Reveal { secret, opening: opening(conn, draw)? }.to_bytes())?;
    }
    into.begin(file::ROSTER)?;
    into.write(draw.roster.as_bytes())?;
    if revealed {
        let sample = sample(draw, store::items::of_draw(conn, &draw.id)?)?;
        into.begin(file::SAMPLE)?;
        into.write(&sample.to_bytes())?;
    }
    Ok(())
}

/// What opens the entropy of a revealed draw.
fn opening(conn: &mut Conn, draw: &Draw) -> Result<Opening> {
    let lost = || Error::inner("a drawn frame without what was released for it");
    Ok(match entropy::of(draw)? {
        Entropy::None => Opening::None,
        Entropy::Auditor { .. } => match store::entropy::secret_of(conn, &draw.id)? {
            Some(given) => Opening::Auditor(freeze::digest(&given.value)?),
            None => Opening::AuditorWithheld,
        },
        Entropy::Beacon { .. } => {
            let given = store::entropy::release_of(conn, &draw.id)?.ok_or_else(lost)?;
            Opening::Beacon(file::beacon_value(&given.value).ok_or_else(lost)?)
        }
    })
}

/// Writes a frame page by page. A page is a small frame of the same header, so that its rows are
/// checked as those of the whole were when it was frozen.
fn write_frame(conn: &mut Conn, draw: &Draw, secret: &Digest, into: &mut impl Files) -> Result<()> {
    let (mut digest, mut last) = (Sha256::new(), String::new());
    loop {
        let candidates =
            store::draws::candidates(conn, &draw.id, &last, i64::try_from(PAGE).unwrap_or(1))?;
        let texts = freeze::RowTexts::of(&candidates, secret);
        let page = freeze::frame(draw, &candidates, &texts)?;
        let mut text = if last.is_empty() { Frame::head(page.header()) } else { String::new() };
        page.rows().iter().for_each(|row| row.write(&mut text));
        digest.update(&text);
        into.write(text.as_bytes())?;
        match candidates.last() {
            Some(row) if candidates.len() == PAGE => last.clone_from(&row.declaration_number),
            _ => break,
        }
    }
    if hex::encode(digest.finalize()) != draw.frame_sha256 {
        // Whoever downloads it will find the difference; so must the operator.
        tracing::error!(
            draw = draw.id,
            "the kept frame no longer gives the digest it was frozen with"
        );
    }
    Ok(())
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

/// Writes the frame of a draw, for auditors.
///
/// # Errors
/// Not found; [`Code::NotRevealed`]. Then nothing was written.
pub fn frame(
    store: &Store,
    master: &MasterKey,
    caller: &Caller,
    id: &str,
    into: &mut impl Files,
) -> Result<()> {
    store.snapshot(|conn| {
        let draw = visible(conn, Some(caller), id)?;
        let (secret, _) = commit::secret(master, draw.office.as_str(), draw.day, draw.round);
        into.begin(file::FRAME)?;
        write_frame(conn, &draw, &secret, into)
    })
}

/// Recomputes a draw of the caller's offices from its published files, which are held in memory.
///
/// # Errors
/// Not found.
pub fn verification(
    store: &Store,
    master: &MasterKey,
    caller: &Caller,
    id: &str,
) -> Result<Report> {
    let mut held = Held::default();
    store.snapshot(|conn| {
        let draw = draw::own(conn, caller, id)?;
        write_all(conn, master, &draw, &mut held)
    })?;
    Ok(verify(&held.bundle))
}

/// A commitment, with what is known of its draw.
#[derive(Clone, Debug)]
pub struct Promise {
    /// Ours.
    pub commitment: Commitment,
    /// The draw that redeemed it.
    pub draw: Option<Draw>,
    /// Where its entropy comes from: as its frame names it, before that as the office is set.
    pub entropy: String,
    /// The auditor's.
    pub auditor: Option<AuditorCommitment>,
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
) -> Result<Vec<Promise>> {
    store.snapshot(|conn| {
        let offices = store::offices::all(conn, &Scope::All)?;
        let set = |c: &Commitment| {
            let office = offices.iter().find(|office| office.code.as_str() == c.office);
            office.map_or_else(String::new, |office| office.entropy.on(c.day).to_string())
        };
        let listed = store::commitments::list(conn, filter, after, limit)?;
        let promise = |(commitment, draw): (Commitment, Option<Draw>)| {
            let Commitment { office, day, round, .. } = &commitment;
            let auditor = store::entropy::commitment_of(conn, office, *day, *round)?;
            let entropy =
                draw.as_ref().map_or_else(|| set(&commitment), |draw| draw.entropy.clone());
            Ok(Promise { commitment, draw, entropy, auditor })
        };
        listed.into_iter().map(promise).collect()
    })
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
