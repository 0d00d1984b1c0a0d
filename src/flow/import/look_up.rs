//! Look up imports and their rows. An import is its sender's; auditors and administrators see all.

use crate::domain::import::{Failure, Import, ImportRow, RowOutcome};
use crate::domain::key::{Caller, Role};
use crate::domain::problem::{FieldError, Problem};
use crate::error::Result;
use crate::store::{self, Engine, Store};
use chrono::{DateTime, Utc};

/// Whose imports a caller sees; none for everybody's.
fn sender(caller: &Caller) -> Option<&str> {
    match caller.role {
        Role::Admin | Role::Auditor => None,
        _ => Some(&caller.actor),
    }
}

/// One import.
///
/// # Errors
/// [`crate::domain::problem::Code::NotFound`], also for another sender's.
pub fn find(store: &Store, caller: &Caller, id: &str, now: DateTime<Utc>) -> Result<Import> {
    let import = store.read(|conn| store::imports::find(conn, id))?;
    let own = |import: &Import| sender(caller).is_none_or(|actor| import.actor == actor);
    let import = import.filter(own).ok_or_else(|| Problem::not_found("import", id))?;
    Ok(import.as_of(now))
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
    find(store, caller, id, DateTime::UNIX_EPOCH)?;
    store.read(|conn| store::imports::rows(conn, id, outcome, after, limit))
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

/// What stands against a row, as errors of fields.
pub(super) fn errors_of(problem: Problem) -> Vec<FieldError> {
    match problem.errors.is_empty() {
        true => vec![FieldError::new("", problem.code, problem.detail)],
        false => problem.errors,
    }
}
