//! `sample.tsv`: who was drawn, in draw order, and what shows it.

use std::fmt::Write as _;

use super::{
    FileError, SAMPLE,
    reader::{FORMAT, Fields, Reader},
    shape::{SHORT_ID, is_short_id},
};
use crate::sampling::ticket::Digest;

const HEADING: [&str; 7] = [
    "position",
    "declaration_number",
    "ticket",
    "cumulated_from",
    "cumulated_to",
    "hit",
    "inspector",
];

/// What stands where a field does not apply.
const NONE: &str = "-";

/// The drawn rows; `position` is their place in [`Sample::rows`], from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The seed of the draw.
    pub seed: Digest,
    /// The random start, in units of 2⁻³².
    pub start: u32,
    /// SHA-256 of `frame.tsv`.
    pub frame: Digest,
    /// First the certain rows, then the drawn ones, each in the order of the line.
    pub rows: Vec<SampleRow>,
}

/// A drawn item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleRow {
    /// Declaration number.
    pub number: String,
    /// Its ticket.
    pub ticket: u64,
    /// How it came to be drawn.
    pub place: Place,
    /// Who inspects it; `None` where nobody may.
    pub inspector: Option<String>,
}

/// How a row came to be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// π = 1: no chance was needed.
    Certain,
    /// A step of the line hit it: `cumulated_from ≤ hit · 2³² + start < cumulated_to`.
    Drawn {
        /// Where the row begins on the line, in units of 2⁻³².
        cumulated_from: u64,
        /// Where it ends.
        cumulated_to: u64,
        /// Which step, from 0.
        hit: u64,
    },
}

impl Sample {
    /// Line of the file on which the first row stands.
    pub const FIRST_ROW: usize = 6;

    /// The bytes of `sample.tsv`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (key, version) = FORMAT;
        let mut text = format!("{key}\t{version}\n");
        // Writing to a String does not fail, here and below.
        let _ = writeln!(text, "#seed\t{}", hex::encode(self.seed));
        let _ = writeln!(text, "#start\t{}", self.start);
        let _ = writeln!(text, "#frame\t{}", hex::encode(self.frame));
        let _ = writeln!(text, "{}", HEADING.join("\t"));
        for (position, row) in (1..).zip(&self.rows) {
            row.write(position, &mut text);
        }
        text.into_bytes()
    }

    /// Reads `sample.tsv`.
    ///
    /// # Errors
    /// The first place where something else stands than [`Sample::to_bytes`] would write.
    pub fn parse(bytes: &[u8]) -> Result<Self, FileError> {
        let mut reader = Reader::new(SAMPLE, bytes)?;
        reader.format()?;
        let seed = reader.value("#seed")?.hex()?;
        let start = reader.value("#start")?.whole(0, u32::MAX.into())?;
        let frame = reader.value("#frame")?.hex()?;
        reader.heading(&HEADING)?;
        let mut rows = Vec::new();
        let mut position = 0;
        while let Some(line) = reader.line()? {
            position += 1;
            rows.push(SampleRow::parse(reader.fields(line, &HEADING), position)?);
        }
        Ok(Sample { seed, start, frame, rows })
    }
}

impl SampleRow {
    fn write(&self, position: u64, text: &mut String) {
        let SampleRow { number, ticket, .. } = self;
        let inspector = self.inspector.as_deref().unwrap_or(NONE);
        let _ = match self.place {
            Place::Certain => {
                writeln!(text, "{position}\t{number}\t{ticket}\t-\t-\t-\t{inspector}")
            }
            Place::Drawn { cumulated_from: from, cumulated_to: to, hit } => {
                writeln!(text, "{position}\t{number}\t{ticket}\t{from}\t{to}\t{hit}\t{inspector}")
            }
        };
    }

    fn parse(mut fields: Fields, position: u64) -> Result<Self, FileError> {
        fields.take()?.whole::<u64>(position, position)?;
        let row = SampleRow {
            number: fields.take()?.id()?.into(),
            ticket: fields.take()?.whole(0, u64::MAX)?,
            place: place(&mut fields)?,
            inspector: inspector(&mut fields)?,
        };
        fields.end()?;
        Ok(row)
    }
}

fn place(fields: &mut Fields) -> Result<Place, FileError> {
    let [from, to, hit] = [fields.take()?, fields.take()?, fields.take()?];
    if from.text != NONE {
        return Ok(Place::Drawn {
            cumulated_from: from.whole(0, u64::MAX)?,
            cumulated_to: to.whole(0, u64::MAX)?,
            hit: hit.whole(0, u64::MAX)?,
        });
    }
    match [to, hit].iter().find(|field| field.text != NONE) {
        Some(field) => Err(field.fault("`-` in all of cumulated_from, cumulated_to and hit")),
        None => Ok(Place::Certain),
    }
}

fn inspector(fields: &mut Fields) -> Result<Option<String>, FileError> {
    let field = fields.take()?;
    if field.text == NONE {
        return Ok(None);
    }
    Ok(Some(field.shaped(is_short_id, SHORT_ID)?.into()))
}
