//! `reveal.txt`: what opens the commitments.

use super::{
    FileError, REVEAL, Released,
    reader::{Field, Reader},
};
use crate::sampling::ticket::{Digest, auditor_release};

/// The secret of the draw, and what opens its entropy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reveal {
    /// The secret that the commitment was made to.
    pub secret: Digest,
    /// What the entropy named in the header needs.
    pub opening: Opening,
}

/// What opens the entropy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Opening {
    /// Entropy `none`.
    None,
    /// The second party's own secret `a`.
    Auditor(Digest),
    /// The second party has not given its secret, in time or ever: `auditor⇥-`.
    AuditorWithheld,
    /// The value of the beacon's round, 16…128 bytes.
    Beacon(Vec<u8>),
}

impl Opening {
    /// What entered the seed: of the auditor's secret, the release for this frame. `None` where that
    /// secret is withheld.
    pub fn released(&self, frame_sha256: &Digest) -> Option<Released> {
        Some(match self {
            Opening::None => Released::None,
            Opening::Auditor(a) => {
                Released::Auditor(auditor_release(a, &hex::encode(frame_sha256)))
            }
            Opening::AuditorWithheld => return None,
            Opening::Beacon(value) => Released::Beacon(value.clone()),
        })
    }
}

impl Reveal {
    /// The bytes of `reveal.txt`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("secret\t{}\n", hex::encode(self.secret));
        match &self.opening {
            Opening::None => {}
            Opening::Auditor(a) => text.push_str(&format!("auditor\t{}\n", hex::encode(a))),
            Opening::AuditorWithheld => text.push_str("auditor\t-\n"),
            Opening::Beacon(value) => text.push_str(&format!("beacon\t{}\n", hex::encode(value))),
        }
        text.into_bytes()
    }

    /// Reads `reveal.txt`.
    ///
    /// # Errors
    /// The first place where something else stands than [`Reveal::to_bytes`] would write.
    pub fn parse(bytes: &[u8]) -> Result<Self, FileError> {
        let mut reader = Reader::new(REVEAL, bytes)?;
        let secret = reader.value("secret")?.hex()?;
        let opening = match reader.line()? {
            None => Opening::None,
            Some(line) => opening(&reader, line)?,
        };
        reader.end()?;
        Ok(Reveal { secret, opening })
    }
}

fn opening(reader: &Reader, line: &str) -> Result<Opening, FileError> {
    let field = |name, text| Field { at: reader.at(), name, text };
    match line.split_once('\t') {
        Some(("auditor", "-")) => Ok(Opening::AuditorWithheld),
        Some(("auditor", text)) => field("auditor", text).hex().map(Opening::Auditor),
        Some(("beacon", text)) => beacon(&field("beacon", text)).map(Opening::Beacon),
        _ => Err(reader.at().fault("line", "`auditor` or `beacon`, TAB and hex", line)),
    }
}

fn beacon(field: &Field) -> Result<Vec<u8>, FileError> {
    beacon_value(field.text).ok_or_else(|| field.fault("16 to 128 bytes in lowercase hex"))
}

/// The value of a beacon's round out of its text, 16 to 128 bytes in lowercase hex.
pub fn beacon_value(text: &str) -> Option<Vec<u8>> {
    let lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    let value = hex::decode(text).ok().filter(|_| lower);
    value.filter(|value| (16..=128).contains(&value.len()))
}
