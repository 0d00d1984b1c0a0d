//! What became of the rows of a chunk.

use super::chunk::Entry;
use crate::domain::import::{Counts, ImportRow, LONGEST_KEPT, RowOutcome};
use crate::domain::problem::FieldError;
use crate::flow::declare::Outcome;

/// What became of a row: accepted, or what stands against it.
pub type Verdict = Result<Outcome, Vec<FieldError>>;

/// Counts, and the rows that deserve a word.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many rows became what.
    pub counts: Counts,
    /// Rejected, revised and warned rows.
    pub rows: Vec<ImportRow>,
}

impl Tally {
    /// Counts a row.
    pub fn add(&mut self, entry: &Entry, verdict: Verdict) {
        self.counts.received += 1;
        match verdict {
            Ok(outcome) => self.accepted(entry, outcome),
            Err(errors) => {
                self.counts.rejected += 1;
                let mut row = row(entry, RowOutcome::Rejected, errors);
                row.content = (entry.content.len() <= LONGEST_KEPT)
                    .then(|| String::from_utf8_lossy(&entry.content).into_owned());
                self.rows.push(row);
            }
        }
    }

    fn accepted(&mut self, entry: &Entry, outcome: Outcome) {
        let counts = &mut self.counts;
        match outcome {
            Outcome::Created => counts.created += 1,
            Outcome::Unchanged => counts.unchanged += 1,
            Outcome::Revised => counts.revised += 1,
        }
        let warnings = entry.checked.as_ref().map_or(&[][..], |checked| &checked.warnings);
        for warning in warnings {
            match counts.warnings.get_mut(warning.code.as_str()) {
                Some(count) => *count += 1,
                None => drop(counts.warnings.insert(warning.code.as_str().to_owned(), 1)),
            }
        }
        if outcome == Outcome::Revised {
            self.rows.push(row(entry, RowOutcome::Revised, warnings.to_vec()));
        } else if !warnings.is_empty() {
            self.rows.push(row(entry, RowOutcome::Warned, warnings.to_vec()));
        }
    }
}

fn row(entry: &Entry, outcome: RowOutcome, errors: Vec<FieldError>) -> ImportRow {
    // As much of a number as one may have, and enough more to see what is wrong with it.
    let number = entry.number.as_ref().map(|number| number.chars().take(100).collect());
    ImportRow {
        row: entry.line,
        byte_offset: entry.byte_offset,
        declaration_number: number,
        outcome,
        errors,
        content: None,
    }
}
