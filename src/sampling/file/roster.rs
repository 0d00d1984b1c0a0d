//! `roster.tsv`: who may inspect that day, how much, and for whom not.

use std::{collections::BTreeSet, fmt::Write as _};

use super::{
    FileError, ROSTER,
    reader::{At, Field, Reader},
    sha256,
    shape::{SHORT_ID, is_short_id},
};
use crate::sampling::{
    assign::Inspector,
    ticket::{Digest, Pseudonym},
};

const HEADING: [&str; 3] = ["inspector", "room", "conflicts"];

/// The roster of a draw, sorted bytewise by inspector; empty where the office keeps none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    inspectors: Vec<Inspector>,
}

impl Roster {
    /// A roster of these inspectors, given in any order.
    ///
    /// # Errors
    /// An id that is not `[A-Za-z0-9-]{1,12}`, an inspector twice.
    pub fn new(mut inspectors: Vec<Inspector>) -> Result<Self, FileError> {
        inspectors.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        let mut before = "";
        for (line, inspector) in (2..).zip(&inspectors) {
            check(&inspector.id, At { file: ROSTER, line }, before)?;
            before = &inspector.id;
        }
        Ok(Roster { inspectors })
    }

    /// The inspectors, sorted bytewise by id.
    pub fn inspectors(&self) -> &[Inspector] {
        &self.inspectors
    }

    /// The bytes of `roster.tsv`. Conflicts stand in ascending order, comma separated.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = HEADING.join("\t") + "\n";
        for inspector in &self.inspectors {
            let conflicts: Vec<String> =
                inspector.conflicts.iter().map(Pseudonym::to_string).collect();
            // Writing to a String does not fail.
            let _ = writeln!(text, "{}\t{}\t{}", inspector.id, inspector.room, conflicts.join(","));
        }
        text.into_bytes()
    }

    /// SHA-256 of `roster.tsv`, as the header of the frame names it.
    pub fn sha256(&self) -> Digest {
        sha256(&self.to_bytes())
    }

    /// Reads `roster.tsv`.
    ///
    /// # Errors
    /// The first place where something else stands than [`Roster::to_bytes`] would write.
    pub fn parse(bytes: &[u8]) -> Result<Self, FileError> {
        let mut reader = Reader::new(ROSTER, bytes)?;
        reader.heading(&HEADING)?;
        let mut inspectors: Vec<Inspector> = Vec::new();
        while let Some(line) = reader.line()? {
            let mut fields = reader.fields(line, &HEADING);
            let inspector = Inspector {
                id: fields.take()?.text.into(),
                room: fields.take()?.whole(0, u32::MAX.into())?,
                conflicts: conflicts(&fields.take()?)?,
            };
            fields.end()?;
            check(&inspector.id, reader.at(), inspectors.last().map_or("", |last| &last.id))?;
            inspectors.push(inspector);
        }
        Ok(Roster { inspectors })
    }
}

fn check(id: &str, at: At, before: &str) -> Result<(), FileError> {
    let [name, ..] = HEADING;
    if !is_short_id(id) {
        return Err(at.fault(name, SHORT_ID, id));
    }
    if id <= before {
        let words = format!("inspectors in ascending bytewise order, so one after `{before}`");
        return Err(at.fault(name, words, id));
    }
    Ok(())
}

fn conflicts(field: &Field) -> Result<BTreeSet<Pseudonym>, FileError> {
    let mut known = BTreeSet::new();
    if field.text.is_empty() {
        return Ok(known);
    }
    for text in field.text.split(',') {
        let exporter = text.parse::<Pseudonym>();
        let exporter =
            exporter.ok().filter(|exporter| known.last().is_none_or(|last| last < exporter));
        known.insert(exporter.ok_or_else(|| {
            field.fault("pseudonyms of 16 lowercase hex digits, ascending, a comma between")
        })?);
    }
    Ok(known)
}
