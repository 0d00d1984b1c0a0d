//! `frame.tsv`: header, heading row, declarations.

use std::fmt::Write as _;

use super::{
    FRAME, FileError, FrameHeader,
    reader::{At, Reader},
    sha256,
    shape::{ID, is_id},
};
use crate::sampling::{
    allocate::{AllocateError, Allocation, CERTAIN, Candidate, WHOLE_PPM, allocate},
    select::OnLine,
    ticket::{Digest, Pseudonym},
};

const HEADING: [&str; 8] = [
    "declaration_number",
    "stratum",
    "rule",
    "proportion_ppm",
    "factor",
    "take_all",
    "pi",
    "exporter",
];

/// A closed frame: its header and its rows, sorted bytewise by number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    header: FrameHeader,
    rows: Vec<FrameRow<'a>>,
}

/// A declaration in its frame. Text is borrowed, so that a million rows cost one allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameRow<'a> {
    /// Declaration number, an id of the files.
    pub number: &'a str,
    /// Stratum, `region/chapter`.
    pub stratum: &'a str,
    /// The rule of the policy that won.
    pub rule: &'a str,
    /// Proportion of that rule in millionths, 1…1,000,000.
    pub proportion_ppm: u32,
    /// Risk factor in units of 2⁻¹⁶, at least 1.
    pub factor: u32,
    /// A directive takes this row whole.
    pub take_all: bool,
    /// Inclusion probability in units of 2⁻³²: 1…2³².
    pub pi: u64,
    /// The exporter, by the name it has in this draw.
    pub exporter: Pseudonym,
}

impl<'a> Frame<'a> {
    /// Line of the file on which the first row stands.
    pub const FIRST_ROW: usize = FrameHeader::LINES + 2;

    /// A frame of these rows, given in any order.
    ///
    /// # Errors
    /// What could not be read back: ids, numbers, day or instant out of shape, a number twice.
    pub fn new(header: FrameHeader, mut rows: Vec<FrameRow<'a>>) -> Result<Self, FileError> {
        let text = header.to_text();
        FrameHeader::parse(&mut Reader::new(FRAME, text.as_bytes())?)?;
        if !rows.is_sorted_by_key(|row| row.number) {
            rows.sort_unstable_by_key(|row| row.number);
        }
        let mut before = "";
        for (line, row) in (Self::FIRST_ROW..).zip(&rows) {
            let at = At { file: FRAME, line };
            row.check(at, before)?;
            before = row.number;
        }
        Ok(Frame { header, rows })
    }

    /// The header.
    pub fn header(&self) -> &FrameHeader {
        &self.header
    }

    /// The rows, sorted bytewise by number.
    pub fn rows(&self) -> &[FrameRow<'a>] {
        &self.rows
    }

    /// The chances that proportion, factor, floor, capacity and directives give, recomputed.
    ///
    /// # Errors
    /// Not for frames of fewer than 2³² rows: their values are in range.
    pub fn allocation(&self) -> Result<Allocation, AllocateError> {
        let candidates: Vec<Candidate> = self.rows.iter().map(FrameRow::candidate).collect();
        allocate(self.header.capacity, self.header.floor_ppm, &candidates)
    }

    /// The bytes of `frame.tsv`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = Self::head(&self.header);
        text.reserve(80 * self.rows.len());
        for row in &self.rows {
            row.write(&mut text);
        }
        text.into_bytes()
    }

    /// SHA-256 of `frame.tsv`.
    pub fn sha256(&self) -> Digest {
        sha256(&self.to_bytes())
    }

    /// What stands before the rows, for writers that stream: header and heading row.
    pub fn head(header: &FrameHeader) -> String {
        let mut text = header.to_text();
        text.push_str(&HEADING.join("\t"));
        text.push('\n');
        text
    }

    /// Reads `frame.tsv`.
    ///
    /// # Errors
    /// The first place where something else stands than [`Frame::to_bytes`] would write.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FileError> {
        let mut reader = Reader::new(FRAME, bytes)?;
        let header = FrameHeader::parse(&mut reader)?;
        reader.heading(&HEADING)?;
        let mut rows = Vec::new();
        let mut before = "";
        while let Some(line) = reader.line()? {
            let row = FrameRow::parse(&reader, line)?;
            row.check(reader.at(), before)?;
            before = row.number;
            rows.push(row);
        }
        Ok(Frame { header, rows })
    }
}

impl<'a> FrameRow<'a> {
    /// The row as the allocation sees it.
    pub fn candidate(&self) -> Candidate<'a> {
        let FrameRow { number, proportion_ppm, factor, take_all, .. } = *self;
        Candidate { number, proportion_ppm, factor, take_all }
    }

    /// Appends the line of this row.
    pub fn write(&self, text: &mut String) {
        let FrameRow { number, stratum, rule, proportion_ppm, factor, pi, exporter, .. } = self;
        let take_all = u8::from(self.take_all);
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "{number}\t{stratum}\t{rule}\t{proportion_ppm}\t{factor}\t{take_all}\t{pi}\t{exporter}"
        );
    }

    fn parse(reader: &Reader<'a>, line: &'a str) -> Result<Self, FileError> {
        let mut fields = reader.fields(line, &HEADING);
        let row = FrameRow {
            number: fields.take()?.text,
            stratum: fields.take()?.text,
            rule: fields.take()?.text,
            proportion_ppm: fields.take()?.whole(1, WHOLE_PPM.into())?,
            factor: fields.take()?.whole(1, u32::MAX.into())?,
            take_all: fields.take()?.whole::<u8>(0, 1)? == 1,
            pi: fields.take()?.whole(1, CERTAIN)?,
            exporter: Pseudonym(fields.take()?.hex()?),
        };
        fields.end()?;
        Ok(row)
    }

    /// Shape, range and order; reader and constructor share it.
    fn check(&self, at: At, before: &str) -> Result<(), FileError> {
        let [number, stratum, rule, ..] = HEADING;
        for (name, text) in [(number, self.number), (stratum, self.stratum), (rule, self.rule)] {
            if !is_id(text) {
                return Err(at.fault(name, ID, text));
            }
        }
        self.check_ranges(at)?;
        if self.number <= before {
            let words = format!("numbers in ascending bytewise order, so one after `{before}`");
            return Err(at.fault(number, words, self.number));
        }
        Ok(())
    }

    fn check_ranges(&self, at: At) -> Result<(), FileError> {
        let wrong = |name, max: u64, found: u64| {
            Err(at.fault(name, format!("a whole number from 1 to {max}"), &found.to_string()))
        };
        match self {
            FrameRow { proportion_ppm, .. } if !(1..=WHOLE_PPM).contains(proportion_ppm) => {
                wrong("proportion_ppm", WHOLE_PPM.into(), (*proportion_ppm).into())
            }
            FrameRow { factor: 0, .. } => wrong("factor", u32::MAX.into(), 0),
            FrameRow { pi, .. } if !(1..=CERTAIN).contains(pi) => wrong("pi", CERTAIN, *pi),
            _ => Ok(()),
        }
    }
}

impl OnLine for FrameRow<'_> {
    fn number(&self) -> &str {
        self.number
    }

    fn stratum(&self) -> &str {
        self.stratum
    }

    fn pi(&self) -> u64 {
        self.pi
    }
}
