//! Parameters of requests that may be repeated.

use crate::domain::problem::{Code, Problem};

/// Most values of one parameter: each is a term of a query, and engines bound how many they take.
pub const MOST_VALUES: usize = 100;

/// Checks how many values a parameter has.
///
/// # Errors
/// [`Code::InvalidParameter`] for more than [`MOST_VALUES`].
pub fn bounded(name: &str, values: usize) -> Result<(), Problem> {
    if values <= MOST_VALUES {
        return Ok(());
    }
    let words = format!(
        "{name}: {values} values are more than {MOST_VALUES}: ask in parts, or for a wider set"
    );
    Err(Problem::new(Code::InvalidParameter, words))
}
