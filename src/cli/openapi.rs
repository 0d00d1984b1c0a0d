//! `breeze openapi`: print the document.

use crate::api::openapi;
use crate::cli::{Done, Out};
use crate::error::Result;

/// Prints the OpenAPI document.
///
/// # Errors
/// A closed standard output.
pub fn run(out: &Out) -> Result<Done> {
    out.print(&openapi::json())?;
    Ok(Done::Fine)
}
