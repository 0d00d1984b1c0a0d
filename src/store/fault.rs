//! What a database error means to the caller.
//!
//! diesel reports several conditions as `Unknown`; their messages are pinned by tests on both
//! engines (`tests/store`).

use crate::error::{Cause, Error};
use diesel::result::{DatabaseErrorKind as Kind, Error as DieselError};

/// Messages of "try again": SQLite's lock, PostgreSQL's deadlock, serialisation and lock time-out.
const BUSY: [&str; 6] = [
    "database is locked",
    "database table is locked",
    "deadlock detected",
    "could not serialize access",
    "canceling statement due to lock timeout",
    TOO_LONG,
];
/// Message of a statement that was given up. The server was busy, but not with a race: done again
/// at once, it would take as long again.
const TOO_LONG: &str = "canceling statement due to statement timeout";
/// Messages of a full disk.
const FULL: [&str; 3] =
    ["database or disk is full", "No space left on device", "could not extend file"];
/// Messages of a server that is gone, going or coming.
const AWAY: [&str; 9] = [
    "server closed the connection",
    "terminating connection",
    "connection to server",
    "no connection to the server",
    "could not connect",
    "could not receive data",
    "could not send data",
    "the database system is",
    "Connection refused",
];

impl From<DieselError> for Error {
    fn from(cause: DieselError) -> Self {
        let said = cause.to_string();
        let any = |words: &[&str]| words.iter().any(|word| said.contains(word));
        match &cause {
            DieselError::DatabaseError(Kind::ClosedConnection, _) => Self::Away(cause.into()),
            DieselError::DatabaseError(Kind::SerializationFailure, _) => Self::Busy(cause.into()),
            DieselError::DatabaseError(Kind::ReadOnlyTransaction, _) => Self::Away(cause.into()),
            DieselError::DatabaseError(..) if any(&BUSY) => Self::Busy(cause.into()),
            DieselError::DatabaseError(..) if any(&FULL) => Self::Full(cause.into()),
            DieselError::DatabaseError(..) if any(&AWAY) => Self::Away(cause.into()),
            _ => Self::Inner(cause.into()),
        }
    }
}

impl From<r2d2::Error> for Error {
    /// No connection in time: the pool is exhausted or the server is away. Either way: come back.
    fn from(cause: r2d2::Error) -> Self {
        Self::Away(cause.into())
    }
}

/// Whether a statement was given up for the time it took.
pub fn took_too_long(cause: &Cause) -> bool {
    cause.to_string().contains(TOO_LONG)
}
