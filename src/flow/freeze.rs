//! Freeze a frame: the declarations of the day with their chances, its roster, its commitment, and
//! where the rest of the seed comes from.

use crate::domain::declaration::{StoredDeclaration, stratum};
use crate::domain::digest;
use crate::domain::draw::{Candidate, Draw, DrawState, draw_id};
use crate::domain::master::MasterKey;
use crate::domain::office::Office;
use crate::error::{Error, Result};
use crate::flow::chances::{Chances, chances};
use crate::flow::take::Lock;
use crate::flow::{commit, entropy, signal, take};
use crate::sampling::assign::Inspector;
use crate::sampling::file::{self, Frame, FrameHeader, FrameRow, Roster, Version};
use crate::sampling::ticket::{Digest, Pseudonym, exporter_pseudonym};
use crate::store::commitments::Commitment;
use crate::store::declarations::OpenFrame;
use crate::store::{self, Conn, chain};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use std::collections::HashMap;

/// A frame that is frozen and about to be drawn from.
pub(super) struct Frozen {
    /// The draw as far as it is known.
    pub draw: Draw,
    /// Its rows, sorted bytewise by number.
    pub candidates: Vec<Candidate>,
    /// What the rows borrow in the published frame.
    pub texts: RowTexts,
    /// SHA-256 of `frame.tsv`.
    pub sha256: Digest,
    /// Its roster.
    pub roster: Roster,
    /// Its secret.
    pub secret: Digest,
}

/// Freezes the undrawn declarations of an open frame as the given round and keeps them, inside a
/// transaction that holds the office's lock. `earlier` are the rounds before. Tells as well whether
/// nothing in it is live, so that nobody's list of the day would be told too early.
pub(super) fn freeze(
    conn: &mut Conn,
    master: &MasterKey,
    office: &Office,
    (open, earlier): (OpenFrame<'_>, &[Draw]),
    actor: &str,
    now: DateTime<Utc>,
) -> Result<(Frozen, bool)> {
    let OpenFrame { office: code, day, closes_at } = open;
    let round = u32::try_from(earlier.len()).unwrap_or(u32::MAX - 1) + 1;
    let (secret, commitment) = commit::secret(master, code, day, round);
    let published = commitment_of(conn, master, code, day, round, now)?;
    if published.commitment != hex::encode(commitment) {
        let words = "the commitment that was published is not of this master key: nothing is drawn";
        return Err(Error::inner(words));
    }
    let (entropy, promised_late) = entropy::named(conn, office, open, round, now)?;
    let declared = store::declarations::undrawn(conn, open)?;
    let historical = |stored: &StoredDeclaration| stored.historical;
    let promised_late = promised_late || published.created_at >= closes_at;
    let retrospective = promised_late || declared.iter().any(historical);
    let past = declared.iter().all(historical);
    let Chances { on_day, scorer, candidates, allocation, capacity } =
        chances(conn, office, day, &declared, earlier, Lock::Taken)?;
    if let Some(scorer) = &scorer {
        scorer.keep(conn, &on_day.in_force, now)?;
    }
    let policy = &on_day.in_force.policy;
    let roster = roster(conn, code, day, &secret)?;
    let draw = Draw {
        id: draw_id(code, day, round),
        office: office.code.clone(),
        day,
        round,
        state: DrawState::Frozen,
        retrospective,
        capacity,
        floor_ppm: policy.floor_ppm,
        policy: (policy.id.clone(), policy.version, policy.sha256()),
        risk_model: scorer.as_ref().map_or("none".into(), |scorer| scorer.kept.label()),
        in_force_sha256: Some(on_day.in_force.sha256()),
        entropy: entropy.to_string(),
        commitment: hex::encode(commitment),
        frame_rows: u64::try_from(candidates.len()).unwrap_or(u64::MAX),
        take_all: u64::try_from(allocation.take_all).unwrap_or(u64::MAX),
        asked: allocation.asked,
        given: allocation.given,
        drawn: 0,
        roster: String::from_utf8_lossy(&roster.to_bytes()).into_owned(),
        roster_sha256: hex::encode(roster.sha256()),
        frame_sha256: String::new(),
        sample_sha256: String::new(),
        seed: String::new(),
        start: 0,
        closed_at: now,
        created_at: now,
        revealed_at: None,
        secret: None,
        campaigns: on_day.campaigns_at(code),
    };
    let frozen = Frozen::of(draw, candidates, roster, secret)?;
    keep(conn, &frozen, open, actor, now)?;
    Ok((frozen, past))
}

impl Frozen {
    /// With the digest of its file.
    fn of(
        mut draw: Draw,
        candidates: Vec<Candidate>,
        roster: Roster,
        secret: Digest,
    ) -> Result<Self> {
        let texts = RowTexts::of(&candidates, &secret);
        let sha256 = frame(&draw, &candidates, &texts)?.sha256();
        draw.frame_sha256 = hex::encode(sha256);
        Ok(Self { draw, candidates, texts, sha256, roster, secret })
    }
}

/// Keeps a frame and its events.
fn keep(
    conn: &mut Conn,
    frozen: &Frozen,
    open: OpenFrame<'_>,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let Frozen { draw, candidates, .. } = frozen;
    if !store::draws::insert(conn, draw)? {
        return Err(Error::inner("a draw was made twice in spite of the lock"));
    }
    store::draws::insert_candidates(conn, draw, candidates)?;
    let entered = store::declarations::enter_frame(conn, open, &draw.id)?;
    if entered != candidates.len() {
        return Err(Error::inner("declarations changed while their frame was frozen"));
    }
    let digests = (&draw.frame_sha256, &draw.roster_sha256);
    let entry = chain::Entry { office: open.office, kind: "frame.frozen", actor, object: &draw.id };
    chain::append(conn, now, entry, digest::of(&digests))?;
    take::log(conn, draw, candidates, actor, now)?;
    signal::raise(conn, draw, candidates, actor, now)
}

/// A frame that was frozen before, as it was kept.
///
/// # Errors
/// An internal error when it no longer gives the digest it was frozen with: then nothing is drawn.
pub(super) fn kept(conn: &mut Conn, master: &MasterKey, draw: Draw) -> Result<Frozen> {
    let (secret, _) = commit::secret(master, draw.office.as_str(), draw.day, draw.round);
    let candidates = store::draws::candidates(conn, &draw.id, "", i64::MAX)?;
    let roster = Roster::parse(draw.roster.as_bytes());
    let roster = roster.map_err(|error| Error::Inner(error.into()))?;
    let promised = draw.frame_sha256.clone();
    let frozen = Frozen::of(draw, candidates, roster, secret)?;
    if frozen.draw.frame_sha256 != promised {
        let words =
            "the kept frame no longer gives the digest it was frozen with: nothing is drawn";
        return Err(Error::inner(words));
    }
    Ok(frozen)
}

/// The commitment that was published ahead; where there is none, it is made now, and the draw is
/// retrospective.
fn commitment_of(
    conn: &mut Conn,
    master: &MasterKey,
    office: &str,
    day: NaiveDate,
    round: u32,
    now: DateTime<Utc>,
) -> Result<Commitment> {
    commit::publish(conn, master, office, day, round, now)?;
    store::commitments::find(conn, office, day, round)?
        .ok_or_else(|| Error::inner("a commitment was published and is not there"))
}

/// The active inspectors with the room that earlier rounds of the day left them.
fn roster(conn: &mut Conn, office: &str, day: NaiveDate, secret: &Digest) -> Result<Roster> {
    let mut taken: HashMap<String, u32> = HashMap::new();
    for item in store::items::of_day(conn, office, day)? {
        if let Some(assignee) = item.assignee {
            *taken.entry(assignee).or_default() += 1;
        }
    }
    let inspectors = store::offices::roster(conn, office)?.into_iter().filter(|i| i.active);
    let inspectors = inspectors.map(|inspector| Inspector {
        room: inspector.room.saturating_sub(taken.get(inspector.id.as_str()).copied().unwrap_or(0)),
        conflicts: inspector
            .conflicts
            .iter()
            .map(|e| exporter_pseudonym(secret, e.as_str()))
            .collect(),
        id: inspector.id.into(),
    });
    Roster::new(inspectors.collect()).map_err(|error| Error::Inner(error.into()))
}

/// The texts that the rows of a frame borrow.
pub(super) struct RowTexts {
    strata: Vec<String>,
    exporters: Vec<Pseudonym>,
}

impl RowTexts {
    /// Strata and pseudonyms of some rows.
    pub fn of(candidates: &[Candidate], secret: &Digest) -> Self {
        let strata = candidates.iter().map(|c| stratum(&c.region, &c.commodity_code)).collect();
        let exporters =
            candidates.iter().map(|c| exporter_pseudonym(secret, &c.exporter_id)).collect();
        Self { strata, exporters }
    }
}

/// The frame as it is published.
///
/// # Errors
/// What could not be read back from the file.
pub(super) fn frame<'a>(
    draw: &Draw,
    candidates: &'a [Candidate],
    texts: &'a RowTexts,
) -> Result<Frame<'a>> {
    let rows = candidates.iter().zip(&texts.strata).zip(&texts.exporters);
    let rows = rows.map(|((c, stratum), exporter)| FrameRow {
        number: &c.declaration_number,
        stratum,
        rule: &c.rule,
        proportion_ppm: c.proportion_ppm,
        factor: c.factor,
        take_all: c.take_all,
        pi: c.pi,
        exporter: *exporter,
    });
    Frame::new(header(draw)?, rows.collect()).map_err(|error| Error::Inner(error.into()))
}

fn header(draw: &Draw) -> Result<FrameHeader> {
    let (id, version, sha256) = draw.policy.clone();
    let version = u32::try_from(version).map_err(|error| Error::Inner(error.into()))?;
    Ok(FrameHeader {
        office: draw.office.to_string(),
        day: commit::day_text(draw.day),
        round: draw.round,
        capacity: u64::from(draw.capacity),
        floor_ppm: draw.floor_ppm,
        closed_at: draw.closed_at.to_rfc3339_opts(SecondsFormat::Secs, true),
        policy: Version { id, version, sha256: digest(&sha256)? },
        risk_model: risk_model(&draw.risk_model)?,
        entropy: entropy::of(draw)?,
        roster: file::sha256(draw.roster.as_bytes()),
        commitment: digest(&draw.commitment)?,
    })
}

/// `risk@version/sha256` as the header of a frame has it.
fn risk_model(label: &str) -> Result<Option<Version>> {
    if label == "none" {
        return Ok(None);
    }
    let lost = || Error::inner("a stored risk model is no `id@version/sha256`");
    let (id, rest) = label.split_once('@').ok_or_else(lost)?;
    let (version, sha256) = rest.split_once('/').ok_or_else(lost)?;
    let version = version.parse().map_err(|_| lost())?;
    Ok(Some(Version { id: id.to_owned(), version, sha256: digest(sha256)? }))
}

/// A stored digest.
pub(super) fn digest(hex_digits: &str) -> Result<Digest> {
    let bytes = hex::decode(hex_digits).map_err(|error| Error::Inner(error.into()))?;
    bytes.try_into().map_err(|_| Error::inner("a stored digest has not 32 bytes"))
}
