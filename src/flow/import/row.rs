//! A row as it was read: what it says, or why it says nothing.

use crate::domain::import::LONGEST_ROW;
use crate::domain::problem::{Code, FieldError, Problem};
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// What the rows of a file say: declarations, or results.
pub trait Body: DeserializeOwned {
    /// The columns of a CSV that says it.
    type Heading: Columns<Self>;

    /// The declaration's number.
    fn number(&self) -> Option<&str>;
}

/// The columns of a file: which of them says what.
pub trait Columns<B>: Sized {
    /// Reads the first record of a file.
    ///
    /// # Errors
    /// Columns that are missing, doubled or unknown.
    fn parse(names: Vec<String>) -> Result<Self, Problem>;

    /// The names in order.
    fn names(&self) -> &[String];

    /// What a row says, and what is wrong with cells that no body could say.
    fn body(&self, cells: &[Cow<'_, str>]) -> (B, Vec<FieldError>);

    /// The number of a row that cannot be read as a whole.
    fn number(&self, cells: &[Cow<'_, str>]) -> Option<String>;

    /// Whether a record of several lines can be one row: it has a cell for each column, and only
    /// those that are passed over hold a line end.
    fn may_run_on(&self, record: &[u8]) -> bool {
        let text = String::from_utf8_lossy(record);
        let cells = super::quotes::split(&text);
        let one_line = |cell: &Cow<'_, str>| !cell.contains(['\r', '\n']);
        cells.len() == self.names().len()
            && self.names().iter().zip(&cells).all(|(name, c)| name.starts_with('_') || one_line(c))
    }
}

/// A row of a file.
#[derive(Debug)]
pub struct Row<B> {
    /// Where it begins in the text.
    pub byte_offset: u64,
    /// Its number, where that can be read and the body cannot.
    pub number: Option<String>,
    /// What it says; none when it cannot be read.
    pub body: Option<B>,
    /// What stands against it already.
    pub errors: Vec<FieldError>,
    /// The row as it was sent.
    pub content: Vec<u8>,
}

impl<B> Row<B> {
    /// A row that cannot be read.
    pub fn broken(byte_offset: u64, content: Vec<u8>, error: FieldError) -> Self {
        Self { byte_offset, number: None, body: None, errors: vec![error], content }
    }
}

/// The row that begins there is longer than any may be.
pub fn too_long(byte_offset: u64) -> FieldError {
    let words =
        format!("the row that begins at byte {byte_offset} has more than {LONGEST_ROW} bytes");
    FieldError::new("", Code::RowTooLong, words)
}

/// The text of a row.
///
/// # Errors
/// [`Code::BadUtf8`] with the place of the first byte at fault.
pub fn utf8(byte_offset: u64, content: &[u8]) -> Result<&str, FieldError> {
    std::str::from_utf8(content).map_err(|error| {
        let good = u64::try_from(error.valid_up_to()).unwrap_or(0);
        let words = format!("byte {} of the file is not UTF-8", byte_offset + good);
        FieldError::new("", Code::BadUtf8, words)
    })
}
