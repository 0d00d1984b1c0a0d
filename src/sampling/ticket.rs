//! The keyed hashes of breeze-draw v1: secret, commitment, seed, tickets.
//!
//! `LP(x)` is the length of x as four bytes, big-endian, then x. `HM(key, tag, p…)` is HMAC-SHA256
//! over `LP(tag) ‖ LP(p₁) ‖ …`, `H(tag, p…)` is SHA-256 of the same. The length prefix keeps parts
//! apart: ("ab", "c") and ("a", "bc") differ.
//!
//! Sources: FIPS 180-4 (SHA-256), RFC 2104 and FIPS 198-1 (HMAC).

use std::{fmt, str::FromStr};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};

/// 32 bytes: a secret, a commitment, a seed, a digest.
pub type Digest = [u8; 32];

type Keyed = Hmac<Sha256>;

/// What a draw is called: its parts enter secret, commitment and seed as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrawId<'a> {
    /// Office code.
    pub office: &'a str,
    /// Inspection day, `YYYYMMDD`.
    pub day: &'a str,
    /// Round of the day, from 1.
    pub round: u32,
}

impl fmt::Display for DrawId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.office, self.day, self.round)
    }
}

impl DrawId<'_> {
    /// Calls `with` on office, day, round and `more`, all as bytes.
    fn with_parts<T>(&self, more: &[&[u8]], with: impl FnOnce(&[&[u8]]) -> T) -> T {
        let round = self.round.to_string();
        let mut parts = vec![self.office.as_bytes(), self.day.as_bytes(), round.as_bytes()];
        parts.extend_from_slice(more);
        with(&parts)
    }
}

/// `HM(key, tag, parts…)`.
pub fn keyed(key: &[u8; 32], tag: &str, parts: &[&[u8]]) -> Digest {
    keyed_state(key, tag, parts).finalize().into_bytes().into()
}

/// `H(tag, parts…)`.
pub fn digest(tag: &str, parts: &[&[u8]]) -> Digest {
    let mut state = Sha256::new();
    each_prefixed(tag, parts, |bytes| state.update(bytes));
    state.finalize().into()
}

/// The secret of one draw, from the master key: `HM(master, "breeze/v1/draw-secret", office, day, round)`.
pub fn draw_secret(master: &[u8; 32], draw: &DrawId) -> Digest {
    draw.with_parts(&[], |parts| keyed(master, "breeze/v1/draw-secret", parts))
}

/// What is published before the frame closes: `H("breeze/v1/commit", office, day, round, secret)`.
pub fn commitment(draw: &DrawId, secret: &[u8; 32]) -> Digest {
    draw.with_parts(&[secret], |parts| digest("breeze/v1/commit", parts))
}

/// The commitment of the second party: `H("breeze/v1/auditor-commit", office, day, round, a)`.
pub fn auditor_commitment(draw: &DrawId, a: &[u8; 32]) -> Digest {
    draw.with_parts(&[a], |parts| digest("breeze/v1/auditor-commit", parts))
}

/// What the second party releases on sight of the digest of the closed frame:
/// `HM(a, "breeze/v1/auditor-release", frame_sha256)`, the digest as lowercase hex text.
pub fn auditor_release(a: &[u8; 32], frame_sha256_hex: &str) -> Digest {
    keyed(a, "breeze/v1/auditor-release", &[frame_sha256_hex.as_bytes()])
}

/// The seed: `HM(secret, "breeze/v1/seed", office, day, round, entropy…)`; `entropy` as raw bytes.
pub fn seed(secret: &[u8; 32], draw: &DrawId, entropy: &[&[u8]]) -> Digest {
    draw.with_parts(entropy, |parts| keyed(secret, "breeze/v1/seed", parts))
}

/// The name an exporter bears in the files of one draw, and in no other:
/// the first 8 bytes of `HM(secret, "breeze/v1/exporter", exporter_id)`.
pub fn exporter_pseudonym(secret: &[u8; 32], exporter_id: &str) -> Pseudonym {
    Pseudonym(first(&keyed(secret, "breeze/v1/exporter", &[exporter_id.as_bytes()])))
}

/// The pseudonym of an exporter; as text 16 lowercase hex digits.
///
/// ```
/// use breeze::sampling::ticket::Pseudonym;
/// let name: Pseudonym = "00ff1234abcd5678".parse()?;
/// assert_eq!(name.to_string(), "00ff1234abcd5678");
/// assert!("00FF1234ABCD5678".parse::<Pseudonym>().is_err());
/// # Ok::<(), breeze::sampling::ticket::NotAPseudonym>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym(pub [u8; 8]);

/// The text is not a pseudonym.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a pseudonym is 16 lowercase hex digits")]
pub struct NotAPseudonym;

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl FromStr for Pseudonym {
    type Err = NotAPseudonym;

    fn from_str(text: &str) -> Result<Self, NotAPseudonym> {
        lowercase_hex(text).map(Pseudonym).ok_or(NotAPseudonym)
    }
}

/// The bytes of `N` × 2 lowercase hex digits; anything else is `None`.
pub fn lowercase_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    (lower && hex::decode_to_slice(text, &mut bytes).is_ok()).then_some(bytes)
}

/// All that the seed of a draw decides.
///
/// Holds the HMAC state after key and tag were absorbed and clones it for every ticket, which saves
/// two of four compressions.
#[derive(Clone)]
pub struct Tickets {
    ticket: Keyed,
    stratum: Keyed,
    assign: Keyed,
    start: u32,
}

impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tickets(seed withheld)")
    }
}

impl Tickets {
    /// The tickets of this seed.
    pub fn new(seed: &[u8; 32]) -> Self {
        let tagged = |tag| keyed_state(seed, tag, &[]);
        Tickets {
            ticket: tagged("breeze/v1/ticket"),
            stratum: tagged("breeze/v1/stratum"),
            assign: tagged("breeze/v1/assign"),
            start: u32::from_be_bytes(first(&keyed(seed, "breeze/v1/start", &[]))),
        }
    }

    /// The ticket of a declaration: it decides its place inside its stratum.
    pub fn ticket(&self, number: &str) -> u64 {
        u64::from_be_bytes(first(&finish(&self.ticket, &[number])))
    }

    /// The key of a stratum: it decides the place of the stratum on the line.
    pub fn stratum_key(&self, stratum: &str) -> u64 {
        u64::from_be_bytes(first(&finish(&self.stratum, &[stratum])))
    }

    /// The random start of the steps along the line, in units of 2⁻³².
    pub fn start(&self) -> u32 {
        self.start
    }

    /// The lot of an inspector for an item; the smallest lot gets the item.
    pub fn assignment(&self, number: &str, inspector: &str) -> Digest {
        finish(&self.assign, &[number, inspector])
    }
}

/// The HMAC of what `state` has absorbed and these parts.
fn finish(state: &Keyed, parts: &[&str]) -> Digest {
    let mut state = state.clone();
    for part in parts {
        prefixed(part.as_bytes(), |bytes| state.update(bytes));
    }
    state.finalize().into_bytes().into()
}

fn keyed_state(key: &[u8; 32], tag: &str, parts: &[&[u8]]) -> Keyed {
    let mut state = keyed_by(key);
    each_prefixed(tag, parts, |bytes| state.update(bytes));
    state
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length (RFC 2104)")]
fn keyed_by(key: &[u8; 32]) -> Keyed {
    Keyed::new_from_slice(key).expect("HMAC takes keys of every length")
}

/// Feeds `LP(tag) ‖ LP(p₁) ‖ …`, piece by piece.
fn each_prefixed(tag: &str, parts: &[&[u8]], mut feed: impl FnMut(&[u8])) {
    prefixed(tag.as_bytes(), &mut feed);
    for part in parts {
        prefixed(part, &mut feed);
    }
}

/// Feeds `LP(part)`.
fn prefixed(part: &[u8], mut feed: impl FnMut(&[u8])) {
    // A part of 4 GiB has no encoding; ids and secrets stay far below, so the bound is moot.
    let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
    feed(&length.to_be_bytes());
    feed(part);
}

/// The first `N` ≤ 32 bytes.
fn first<const N: usize>(digest: &Digest) -> [u8; N] {
    digest.first_chunk().copied().unwrap_or([0; N])
}
