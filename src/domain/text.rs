//! Free text as people type it.

use crate::domain::problem::{Code, FieldError};

/// Checks a text of at most `longest` characters without control characters.
///
/// # Errors
/// `too-long` or `control-character`, for the field at `pointer`.
pub fn checked(pointer: &str, text: &str, longest: usize) -> Result<String, FieldError> {
    if text.chars().count() > longest {
        let words = format!("has more than {longest} characters");
        return Err(FieldError::new(pointer, Code::TooLong, words));
    }
    match text.chars().position(char::is_control) {
        None => Ok(text.to_owned()),
        Some(at) => Err(FieldError::new(
            pointer,
            Code::ControlCharacter,
            format!("has a control character as character {}", at + 1),
        )),
    }
}
