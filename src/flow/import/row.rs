//! A row as it was read: what it says, or why it says nothing.

use crate::domain::declaration::DeclarationBody;
use crate::domain::import::LONGEST_ROW;
use crate::domain::problem::{Code, FieldError};

/// A row of a file.
#[derive(Debug)]
pub struct Row {
    /// Where it begins in the text.
    pub byte_offset: u64,
    /// Its number, where that can be read and the body cannot.
    pub number: Option<String>,
    /// What it says; none when it cannot be read.
    pub body: Option<DeclarationBody>,
    /// What stands against it already.
    pub errors: Vec<FieldError>,
    /// The row as it was sent.
    pub content: Vec<u8>,
}

impl Row {
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
