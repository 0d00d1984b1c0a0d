//! Look up imports and their rows. An import is its sender's; it may name any office, so
//! auditors and administrators of all offices see all, and those of some offices only their own.

use crate::domain::import::{Failure, Import, ImportRow, RowOutcome};
use crate::domain::key::{Caller, Role, Scope};
use crate::domain::problem::Problem;
use crate::error::Result;
use crate::store::{self, Conn, Engine, Store};
use chrono::{DateTime, Utc};

/// Whose imports a caller sees; none for everybody's.
pub fn sender(caller: &Caller) -> Option<&str> {
    match (caller.role, &caller.scope) {
        (Role::Admin | Role::Auditor, Scope::All) => None,
        _ => Some(&caller.actor),
    }
}

/// One import.
///
/// # Errors
/// [`crate::domain::problem::Code::NotFound`], also for another sender's.
pub fn find(store: &Store, caller: &Caller, id: &str, now: DateTime<Utc>) -> Result<Import> {
    Ok(store.read(|conn| own(conn, caller, id))?.as_of(now))
}

/// An import that the caller may see; foreign and missing are alike.
fn own(conn: &mut Conn, caller: &Caller, id: &str) -> Result<Import> {
    let import = store::imports::find(conn, id)?;
    let own = |import: &Import| sender(caller).is_none_or(|actor| import.actor == actor);
    import.filter(own).ok_or_else(|| Problem::not_found("import", id).into())
}

/// The caller's imports, the newest first, before an id.
///
/// # Errors
/// Those of the database.
pub fn list(
    store: &Store,
    caller: &Caller,
    before: Option<&str>,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<Import>> {
    let imports = store.read(|conn| store::imports::list(conn, sender(caller), before, limit))?;
    Ok(imports.into_iter().map(|import| import.as_of(now)).collect())
}

/// The rows of an import that deserve a word, after a row, in order.
///
/// # Errors
/// Those of [`find`].
pub fn rows(
    store: &Store,
    caller: &Caller,
    id: &str,
    outcome: Option<RowOutcome>,
    after: u64,
    limit: i64,
) -> Result<Vec<ImportRow>> {
    store.read(|conn| {
        own(conn, caller, id)?;
        store::imports::rows(conn, id, outcome, after, limit)
    })
}

/// Ends what an earlier process left running. A SQLite file has one service, so what a key sent and
/// still runs when that starts is dead; another process may hold what gave a sign of life lately.
///
/// # Errors
/// Those of the database.
pub fn end_interrupted(store: &Store, now: DateTime<Utc>) -> Result<usize> {
    let failure = Failure::interrupted();
    let alone = matches!(store.engine(), Engine::Sqlite(_));
    store.write(|conn| {
        let silent = store::imports::end_silent(conn, Import::silent_since(now), &failure, now)?;
        let dead = if alone { store::imports::end_sent(conn, &failure, now)? } else { 0 };
        Ok(silent + dead)
    })
}
