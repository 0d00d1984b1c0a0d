//! Free text as people type it.

use crate::domain::problem::{Code, FieldError};

/// What a program puts where it could not read a text: a sign of damage, never what was meant.
const REPLACEMENT: char = '\u{fffd}';

/// A text that holds the replacement character was damaged on its way here.
///
/// # Errors
/// `bad-utf8`, for the field at `pointer`.
pub fn undamaged(pointer: &str, text: &str) -> Result<(), FieldError> {
    match text.contains(REPLACEMENT) {
        false => Ok(()),
        true => Err(FieldError::new(
            pointer,
            Code::BadUtf8,
            "has the replacement character: the text was damaged before it came here",
        )),
    }
}

/// Checks a text of at most `longest` characters without control characters and without damage.
///
/// # Errors
/// `too-long`, `control-character` or `bad-utf8`, for the field at `pointer`.
pub fn checked(pointer: &str, text: &str, longest: usize) -> Result<String, FieldError> {
    if text.chars().count() > longest {
        let words = format!("has more than {longest} characters");
        return Err(FieldError::new(pointer, Code::TooLong, words));
    }
    undamaged(pointer, text)?;
    match text.chars().position(char::is_control) {
        None => Ok(text.to_owned()),
        Some(at) => Err(FieldError::new(
            pointer,
            Code::ControlCharacter,
            format!("has a control character as character {}", at + 1),
        )),
    }
}

/// Checks a text that must say something, as [`checked`]; blanks around it are dropped.
///
/// ```
/// use breeze::domain::text::said;
/// assert_eq!(said("/reason", " a complaint ", 500).unwrap(), "a complaint");
/// assert!(said("/reason", "  ", 500).is_err());
/// ```
///
/// # Errors
/// `required` for nothing but blanks, else those of [`checked`].
pub fn said(pointer: &str, text: &str, longest: usize) -> Result<String, FieldError> {
    let text = text.trim();
    if text.is_empty() {
        let words = "says nothing: write what will be understood in a year";
        return Err(FieldError::new(pointer, Code::Required, words));
    }
    checked(pointer, text, longest)
}
