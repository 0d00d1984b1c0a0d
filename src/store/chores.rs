//! Chores: what a migration leaves to be done once in code. Each stays until it is done, so that a start
//! that was killed half-way is made up for by the next one.

use crate::error::Result;
use crate::store::Conn;
use crate::store::schema::chores;
use diesel::prelude::*;

/// Whether a chore is left to do.
///
/// # Errors
/// Those of the database.
pub fn is_left(conn: &mut Conn, name: &str) -> Result<bool> {
    let found: Option<String> = chores::table
        .filter(chores::name.eq(name))
        .select(chores::name)
        .get_result(conn)
        .optional()?;
    Ok(found.is_some())
}

/// Writes down that a chore is done; done twice is done.
///
/// # Errors
/// Those of the database.
pub fn done(conn: &mut Conn, name: &str) -> Result<()> {
    diesel::delete(chores::table.filter(chores::name.eq(name))).execute(conn)?;
    Ok(())
}
