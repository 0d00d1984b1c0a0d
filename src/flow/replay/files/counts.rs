//! What was read of two files, and what could not be used.

use crate::domain::problem::{Code, FieldError};
use serde::Serialize;
use std::collections::BTreeMap;

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Read {
    /// The file of declarations.
    pub declarations: Rows,
    /// The file of results.
    pub results: Rows,
    /// Declarations that were left out, for nobody knows what would have been found.
    pub without_result: u64,
    /// Results of declarations that were rejected.
    pub results_of_rejected: u64,
    /// Values in another currency than the most frequent one, which count as missing.
    pub values_left_out: u64,
}

/// The rows of one file.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Rows {
    /// All of them.
    pub received: u64,
    /// Those that could not be used.
    pub rejected: u64,
    /// Rejected rows by the code of their first fault.
    pub codes: BTreeMap<&'static str, u64>,
    /// The first few of them.
    pub first_rejected: Vec<Rejected>,
}

/// A row that could not be used.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rejected {
    /// Counts from 1, the heading left out.
    pub row: u64,
    /// The number, as far as it could be read.
    pub declaration_number: Option<String>,
    /// What is wrong with it.
    pub errors: Vec<FieldError>,
}

/// Rejected rows that are kept to be shown.
const SHOWN: usize = 5;

impl Rows {
    /// Counts a row that could not be used.
    pub(super) fn reject(&mut self, number: Option<&str>, errors: Vec<FieldError>) {
        self.rejected += 1;
        let code = errors.first().map_or(Code::Invalid, |error| error.code);
        *self.codes.entry(code.as_str()).or_default() += 1;
        if self.first_rejected.len() < SHOWN {
            let declaration_number = number.map(|number| number.chars().take(100).collect());
            let row = self.received;
            self.first_rejected.push(Rejected { row, declaration_number, errors });
        }
    }

    /// Counts a row whose number is at fault.
    pub(super) fn reject_one(&mut self, number: &str, code: Code, words: impl Into<String>) {
        let error = FieldError::new("/declaration_number", code, words);
        self.reject(Some(number), vec![error]);
    }
}
