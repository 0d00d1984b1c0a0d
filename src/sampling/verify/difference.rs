//! The first thing that differs.

use std::fmt;

use crate::sampling::file::FileError;

/// Where the published files and the recomputation part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Name of the file; empty where it concerns the folder.
    pub file: &'static str,
    /// Line, from 1, where there is one.
    pub line: Option<usize>,
    /// Column or header key; empty where it concerns the whole file.
    pub field: &'static str,
    /// What should stand there; empty where words say it all.
    pub expected: String,
    /// What stands there.
    pub found: String,
    /// What it means.
    pub words: String,
}

impl Difference {
    /// A difference that words alone can say.
    pub(super) fn of_file(file: &'static str, words: impl Into<String>) -> Self {
        Difference { file, words: words.into(), ..Difference::default() }
    }

    /// The same, with what should stand there and what does.
    pub(super) fn with(self, expected: impl ToString, found: impl ToString) -> Self {
        Difference { expected: expected.to_string(), found: found.to_string(), ..self }
    }

    /// The same, with its place.
    pub(super) fn at(self, line: usize, field: &'static str) -> Self {
        Difference { line: Some(line), field, ..self }
    }
}

impl From<FileError> for Difference {
    fn from(error: FileError) -> Self {
        let FileError { file, line, field, expected, found } = error;
        let words = "this is not how the file is written".into();
        Difference { file, line: Some(line), field, expected, found, words }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.file)?;
        if let Some(line) = self.line {
            write!(f, " line {line}, {}", self.field)?;
        }
        if !self.file.is_empty() {
            f.write_str(": ")?;
        }
        if !self.expected.is_empty() {
            write!(f, "expected {}, found {}; ", self.expected, self.found)?;
        }
        f.write_str(&self.words)
    }
}
