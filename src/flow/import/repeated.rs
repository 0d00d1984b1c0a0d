//! Numbers that stand more than once in a file, where no stored row can tell: in an atomic import,
//! which refuses them, and in a dry one, which takes every chunk back.

use super::chunk::Entry;
use super::tally::Verdict;
use crate::domain::declaration::Checked;
use crate::domain::digest;
use crate::domain::id::OfficeCode;
use crate::domain::import::{MOST_ATOMIC, MOST_DRY, Mode};
use crate::domain::problem::{Code, FieldError, Problem};
use crate::flow::declare::{OnChange, Outcome};
use std::collections::HashMap;

/// The numbers of the rows so far.
pub struct Numbers {
    mode: Mode,
    on_change: OnChange,
    seen: HashMap<String, Seen>,
    rows: u64,
}

/// What a number stands for when its row was stored.
struct Seen {
    line: u64,
    office: OfficeCode,
    content: String,
}

impl Seen {
    fn of(line: u64, checked: &Checked) -> Self {
        Self { line, office: checked.declaration.office.clone(), content: content(checked) }
    }
}

impl Numbers {
    /// None seen yet.
    pub fn new(mode: Mode, on_change: OnChange) -> Self {
        Self { mode, on_change, seen: HashMap::new(), rows: 0 }
    }

    /// Counts the rows of a chunk, of which memory must hold every number.
    ///
    /// # Errors
    /// [`Code::BodyTooLarge`].
    pub fn make_room(&mut self, rows: &[Entry]) -> Result<(), Problem> {
        self.rows += u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let (most, kind) = match self.mode {
            Mode::Atomic => (MOST_ATOMIC, "an atomic"),
            Mode::PerRow => (MOST_DRY, "a dry"),
        };
        if self.rows > most {
            let words = format!("{kind} import has at most {most} rows: split the file");
            return Err(Problem::new(Code::BodyTooLarge, words));
        }
        Ok(())
    }

    /// What becomes of a row because its number stood before; none when it did not.
    pub fn verdict(&mut self, entry: &Entry) -> Option<Verdict> {
        let checked = entry.checked.as_ref().ok()?;
        let number = checked.declaration.number.as_str();
        let new = Seen::of(entry.line, checked);
        let Some(seen) = self.seen.get_mut(number) else {
            if self.mode == Mode::Atomic {
                self.seen.insert(number.to_owned(), new);
            }
            return None;
        };
        let refused = |at, code, words| Some(Err(vec![FieldError::new(at, code, words)]));
        let before = format!("`{number}` stands in row {} already", seen.line);
        if self.mode == Mode::Atomic {
            return refused("/declaration_number", Code::NumberRepeated, before);
        }
        if seen.content == new.content {
            return Some(Ok(Outcome::Unchanged));
        }
        if seen.office != new.office {
            let words = format!("{before}, for office `{}`", seen.office);
            return refused("/office", Code::OfficeFixed, words);
        }
        if self.on_change != OnChange::Revise {
            let words = format!("{before}, with other content");
            return refused("/declaration_number", Code::RevisionConflict, words);
        }
        *seen = new;
        Some(Ok(Outcome::Revised))
    }

    /// Remembers a row that changed something. Where nothing changed, what is stored can tell what
    /// becomes of the number's next row, a closed frame included.
    pub fn remember(&mut self, entry: &Entry, outcome: Outcome) {
        if let (Mode::PerRow, Ok(checked)) = (self.mode, &entry.checked)
            && outcome != Outcome::Unchanged
        {
            let number = checked.declaration.number.to_string();
            self.seen.insert(number, Seen::of(entry.line, checked));
        }
    }
}

/// Tells one content from another; eight hex digits are enough to compare two rows of one number.
fn content(checked: &Checked) -> String {
    digest::sha256_hex(checked.declaration.canonical_json().as_bytes()).chars().take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Mode::Atomic, 100_000)]
    #[case(Mode::PerRow, 1_000_000)]
    fn only_so_many_rows_are_taken_at_once(#[case] mode: Mode, #[case] most: u64) {
        let entry = || Entry {
            line: 1,
            byte_offset: 0,
            number: None,
            checked: Err(Vec::new()),
            content: Vec::new(),
        };
        let mut numbers = Numbers::new(mode, OnChange::Revise);
        numbers.rows = most - 1;
        numbers.make_room(&[entry()]).unwrap();
        let problem = numbers.make_room(&[entry()]).unwrap_err();
        assert_eq!(problem.code, Code::BodyTooLarge);
        assert!(problem.detail.contains(&format!("at most {most} rows")), "{}", problem.detail);
    }
}
