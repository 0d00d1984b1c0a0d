//! Where the entropy of a draw comes from, besides the operator's secret.

use std::{fmt, str::FromStr};

use super::{
    FileError,
    reader::Field,
    shape::{is_chain, whole},
};
use crate::sampling::ticket::{Digest, lowercase_hex};

/// What the header of the frame names; `none`, `auditor:<commitment>` or `beacon:<chain>:<round>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entropy {
    /// One key makes the draw: its holder can predict and steer it. "Operator-trusted".
    None,
    /// A second party committed to a secret and releases a value on sight of the closed frame.
    Auditor {
        /// `H("breeze/v1/auditor-commit", office, day, round, a)`.
        commitment: Digest,
    },
    /// A round of public randomness that lies after the closing of the frame.
    Beacon {
        /// Name of the chain, `[A-Za-z0-9._-]{1,64}`.
        chain: String,
        /// Round of the chain, from 1.
        round: u64,
    },
}

impl fmt::Display for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Entropy::None => f.write_str("none"),
            Entropy::Auditor { commitment } => write!(f, "auditor:{}", hex::encode(commitment)),
            Entropy::Beacon { chain, round } => write!(f, "beacon:{chain}:{round}"),
        }
    }
}

/// What an entropy looks like, in words.
const SHAPE: &str = "`none`, `auditor:<64 hex digits>` or `beacon:<chain>:<round from 1>`";

/// The text names no entropy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an entropy is {SHAPE}")]
pub struct NotAnEntropy;

impl FromStr for Entropy {
    type Err = NotAnEntropy;

    fn from_str(text: &str) -> Result<Self, NotAnEntropy> {
        Self::from_text(text).ok_or(NotAnEntropy)
    }
}

impl Entropy {
    pub(super) fn parse(field: &Field) -> Result<Self, FileError> {
        Self::from_text(field.text).ok_or_else(|| field.fault(SHAPE))
    }

    fn from_text(text: &str) -> Option<Self> {
        if text == "none" {
            return Some(Entropy::None);
        }
        if let Some(commitment) = text.strip_prefix("auditor:") {
            return lowercase_hex(commitment).map(|commitment| Entropy::Auditor { commitment });
        }
        let (chain, round) = text.strip_prefix("beacon:")?.split_once(':')?;
        let round = whole(round).filter(|round| *round > 0)?;
        is_chain(chain).then(|| Entropy::Beacon { chain: chain.into(), round })
    }
}

/// What came in after the frame closed and enters the seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Released {
    /// Nothing: entropy `none`.
    None,
    /// What the second party released, `HM(a, "breeze/v1/auditor-release", frame_sha256)`.
    Auditor(Digest),
    /// The value of the beacon's round.
    Beacon(Vec<u8>),
}

impl Released {
    /// The parts of the seed.
    pub fn parts(&self) -> Vec<&[u8]> {
        match self {
            Released::None => Vec::new(),
            Released::Auditor(value) => vec![value],
            Released::Beacon(value) => vec![value],
        }
    }
}
