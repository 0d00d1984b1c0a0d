//! The published files of a draw, byte for byte: the contract with the outside.
//!
//! | file | content |
//! |---|---|
//! | `commitment.txt` | the commitment in hex, one line ([`parse_commitment`]) |
//! | `frame.tsv` | header, then one row per declaration ([`Frame`]) |
//! | `roster.tsv` | inspectors, their room and conflicts ([`Roster`]) |
//! | `sample.tsv` | seed, start, digest of the frame, then the drawn rows ([`Sample`]) |
//! | `reveal.txt` | the secret, and what opens the entropy ([`Reveal`]) |
//!
//! One encoding and no other: UTF-8 without byte order mark, TAB between fields, every line ends in
//! LF, no quoting, integers without sign or leading zero, lowercase hex, ids
//! `[A-Za-z0-9._/-]{1,40}`, rows sorted bytewise. The readers accept only what the writers write, so
//! whatever parses is written again as the same bytes, and a changed bit cannot hide in spelling.

mod commitment;
mod entropy;
mod frame;
mod header;
mod reader;
mod reveal;
mod roster;
mod sample;
mod shape;

use sha2::{Digest as _, Sha256};

pub(super) use self::shape::days_between;
pub use self::{
    commitment::{commitment_bytes, parse_commitment},
    entropy::{Entropy, NotAnEntropy, Released},
    frame::{Frame, FrameRow},
    header::{FrameHeader, Version},
    reveal::{Opening, Reveal, beacon_value},
    roster::Roster,
    sample::{Place, Sample, SampleRow},
};
use super::ticket::Digest;

/// Name of the file that holds the commitment.
pub const COMMITMENT: &str = "commitment.txt";
/// Name of the file that holds the frame.
pub const FRAME: &str = "frame.tsv";
/// Name of the file that holds the roster.
pub const ROSTER: &str = "roster.tsv";
/// Name of the file that holds the sample.
pub const SAMPLE: &str = "sample.tsv";
/// Name of the file that holds the reveal.
pub const REVEAL: &str = "reveal.txt";

/// Names of all published files of a draw.
pub const ALL: [&str; 5] = [COMMITMENT, FRAME, ROSTER, SAMPLE, REVEAL];

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file} line {line}, {field}: expected {expected}, found {found}")]
pub struct FileError {
    /// Name of the file.
    pub file: &'static str,
    /// Line, from 1.
    pub line: usize,
    /// Column or header key.
    pub field: &'static str,
    /// What the format asks for.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

/// SHA-256 of a file.
pub fn sha256(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}

/// SHA-256 of a file as lowercase hex, as the log and the header name it.
///
/// ```
/// let empty = breeze::sampling::file::sha256_hex(b"");
/// assert_eq!(empty, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
/// ```
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(sha256(bytes))
}
