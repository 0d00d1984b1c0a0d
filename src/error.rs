//! What can go wrong, in words that know nothing of HTTP.
//!
//! A [`Problem`] is the caller's to mend and says how. The other kinds are ours: their cause goes to
//! the log and never to the caller.

use crate::domain::problem::Problem;

/// The inner cause of a failure that is ours; for the log only.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Every failure below the doors.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request cannot be granted, for a reason its sender can understand and mend.
    #[error("{0}")]
    Problem(Box<Problem>),
    /// The database is busy with others: the same request will work in a moment.
    #[error("the database is busy: {0}")]
    Busy(Cause),
    /// The database cannot be reached.
    #[error("the database cannot be reached: {0}")]
    Away(Cause),
    /// The disk is full.
    #[error("the storage is full: {0}")]
    Full(Cause),
    /// What the operator named cannot be used: a file, a port, a key, a database.
    #[error("{0}")]
    Environment(String),
    /// Anything that should not have happened.
    #[error("internal error: {0}")]
    Inner(Cause),
}

/// The result of everything below the doors.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// What the operator named cannot be used, in words.
    pub fn environment(words: impl Into<String>) -> Self {
        Self::Environment(words.into())
    }

    /// An internal error out of a sentence.
    pub fn inner(words: impl Into<String>) -> Self {
        Self::Inner(words.into().into())
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<std::io::Error> for Error {
    fn from(cause: std::io::Error) -> Self {
        match cause.kind() {
            std::io::ErrorKind::StorageFull => Self::Full(cause.into()),
            _ => Self::Inner(cause.into()),
        }
    }
}
