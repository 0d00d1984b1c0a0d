//! The header of `frame.tsv`: what was fixed before the seed existed.

use std::fmt;

use super::{
    Entropy, FileError,
    reader::{FORMAT, Field, Reader},
    shape::{SHORT_ID, is_day, is_id, is_instant, is_short_id, whole},
};
use crate::sampling::{
    allocate::WHOLE_PPM,
    ticket::{Digest, DrawId, lowercase_hex},
};

const DAY: &str = "a day as YYYYMMDD";
const INSTANT: &str = "an instant as YYYY-MM-DDTHH:MM:SSZ";

/// The header of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// Office code, `[A-Za-z0-9-]{1,12}`.
    pub office: String,
    /// Inspection day, `YYYYMMDD`.
    pub day: String,
    /// Round of the day, from 1.
    pub round: u32,
    /// Inspections there is room for.
    pub capacity: u64,
    /// Smallest chance before shrinking, in millionths, 0…1,000,000.
    pub floor_ppm: u32,
    /// When the frame closed: `YYYY-MM-DDTHH:MM:SSZ`.
    pub closed_at: String,
    /// The policy in force.
    pub policy: Version,
    /// The active risk model, if any.
    pub risk_model: Option<Version>,
    /// Where entropy comes from after the closing.
    pub entropy: Entropy,
    /// SHA-256 of `roster.tsv`.
    pub roster: Digest,
    /// The commitment to the secret of this draw.
    pub commitment: Digest,
}

/// A version of a policy or model: `id@version/sha256`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its id, `[A-Za-z0-9._/-]{1,40}`.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// SHA-256 of its content.
    pub sha256: Digest,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}/{}", self.id, self.version, hex::encode(self.sha256))
    }
}

impl Version {
    fn parse(field: &Field) -> Result<Self, FileError> {
        Self::from_text(field.text).ok_or_else(|| {
            field.fault("`id@version/sha256`, the digest as 64 lowercase hex digits")
        })
    }

    fn from_text(text: &str) -> Option<Self> {
        let (id, rest) = text.split_once('@')?;
        let (version, sha256) = rest.split_once('/')?;
        let version = whole(version).and_then(|version| u32::try_from(version).ok())?;
        let sha256 = lowercase_hex(sha256)?;
        is_id(id).then(|| Version { id: id.into(), version, sha256 })
    }
}

impl FrameHeader {
    /// How many lines the header takes, the format line included.
    pub const LINES: usize = 12;

    /// What the draw is called.
    pub fn draw_id(&self) -> DrawId<'_> {
        DrawId { office: &self.office, day: &self.day, round: self.round }
    }

    /// The lines of the header.
    pub fn to_text(&self) -> String {
        let risk_model = self.risk_model.as_ref().map_or("none".into(), Version::to_string);
        let lines = [
            (FORMAT.0, FORMAT.1.into()),
            ("#office", self.office.clone()),
            ("#day", self.day.clone()),
            ("#round", self.round.to_string()),
            ("#capacity", self.capacity.to_string()),
            ("#floor_ppm", self.floor_ppm.to_string()),
            ("#closed_at", self.closed_at.clone()),
            ("#policy", self.policy.to_string()),
            ("#risk_model", risk_model),
            ("#entropy", self.entropy.to_string()),
            ("#roster", hex::encode(self.roster)),
            ("#commitment", hex::encode(self.commitment)),
        ];
        lines.iter().map(|(key, value)| format!("{key}\t{value}\n")).collect()
    }

    pub(super) fn parse(reader: &mut Reader) -> Result<Self, FileError> {
        reader.format()?;
        Ok(FrameHeader {
            office: reader.value("#office")?.shaped(is_short_id, SHORT_ID)?.into(),
            day: reader.value("#day")?.shaped(is_day, DAY)?.into(),
            round: reader.value("#round")?.whole(1, u32::MAX.into())?,
            capacity: reader.value("#capacity")?.whole(0, u64::MAX)?,
            floor_ppm: reader.value("#floor_ppm")?.whole(0, WHOLE_PPM.into())?,
            closed_at: reader.value("#closed_at")?.shaped(is_instant, INSTANT)?.into(),
            policy: Version::parse(&reader.value("#policy")?)?,
            risk_model: risk_model(&reader.value("#risk_model")?)?,
            entropy: Entropy::parse(&reader.value("#entropy")?)?,
            roster: reader.value("#roster")?.hex()?,
            commitment: reader.value("#commitment")?.hex()?,
        })
    }
}

fn risk_model(field: &Field) -> Result<Option<Version>, FileError> {
    if field.text == "none" { Ok(None) } else { Version::parse(field).map(Some) }
}
