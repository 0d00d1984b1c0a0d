//! Import results that were found before Breeze. They teach the risk score.
//!
//! The file is read twice: once to see that it can be read to its end and is not too long, then in
//! chunks of up to 5,000 rows, each a transaction with its events, its lessons and the counts so far.
//! The sender waits for the end. Sent again, every row answers `unchanged`.

mod chunk;
mod columns;

use crate::domain::imported::{self, ImportedResultBody, RejectedResult};
use crate::domain::imported::{ResultCounts, ResultImport};
use crate::domain::key::{Caller, Role};
use crate::domain::problem::{Code, Problem};
use crate::error::Result;
use crate::flow::import::chunk::{each_of, heading};
use crate::flow::import::{self, Source};
use crate::store::{self, Store};
use chrono::{DateTime, Utc};
use std::collections::HashSet;

/// Most rows of a file: whoever sends it waits for the end.
pub const MOST_ROWS: u64 = 200_000;
/// Most bytes of a file as it is sent.
pub const MOST_BYTES: u64 = 64 << 20;
/// Most bytes of a file after decompression.
pub const MOST_EXPANDED: u64 = 256 << 20;
/// Rejected rows that are kept.
const MOST_KEPT: usize = 1_000;

/// Tells the time, chunk by chunk.
pub type Clock<'a> = &'a dyn Fn() -> DateTime<Utc>;

/// Whose import it is.
#[derive(Clone, Debug)]
pub struct Order {
    /// UUIDv7.
    pub id: String,
    /// Who sends it.
    pub caller: Caller,
    /// SHA-256 of the file as it was sent.
    pub sha256: String,
}

/// Whether a caller may import results.
///
/// # Errors
/// [`Code::Forbidden`] without being an administrator.
pub fn permit(caller: &Caller) -> Result<(), Problem> {
    match caller.role {
        Role::Admin => Ok(()),
        _ => Err(Problem::new(Code::Forbidden, "results are brought in by an administrator")),
    }
}

/// Imports a file of results, to its end.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::EmptyFile`], a heading with columns that are missing, doubled or
/// unknown, a file that breaks off or is too long: nothing is stored then. Those of the database: what
/// was stored before stays.
pub fn process(
    store: &Store,
    clock: Clock<'_>,
    order: &Order,
    source: &Source,
) -> Result<ResultImport> {
    permit(&order.caller)?;
    heading::<ImportedResultBody>(source)?;
    measure(source)?;
    let mut import = ResultImport {
        id: order.id.clone(),
        sha256: order.sha256.clone(),
        counts: ResultCounts::default(),
        rows: Vec::new(),
        created_at: clock(),
        finished_at: None,
        actor: order.caller.actor.clone(),
    };
    store.write(|conn| store::result_imports::insert(conn, &import))?;
    store_rows(store, clock, order, source, &mut import)?;
    let now = clock();
    store.write(|conn| store::result_imports::finish(conn, &order.id, now))?;
    Ok(ResultImport { finished_at: Some(now), ..import })
}

/// Stores chunk after chunk, and counts.
fn store_rows(
    store: &Store,
    clock: Clock<'_>,
    order: &Order,
    source: &Source,
    import: &mut ResultImport,
) -> Result<()> {
    let begun = import.created_at;
    let check = move |body: &ImportedResultBody| imported::parse(body, begun);
    let mut numbers = HashSet::new();
    each_of(source, check, |rows| {
        let now = clock();
        let (counts, rejected, more) = store.write(|conn| {
            let outcome = chunk::accept(conn, order, &rows, &numbers, now)?;
            let counts = import.counts.plus(&outcome.counts);
            let rejected = joined(&import.rows, outcome.rejected);
            store::result_imports::progress(conn, &order.id, &counts, &rejected)?;
            Ok((counts, rejected, outcome.numbers))
        })?;
        (import.counts, import.rows) = (counts, rejected);
        numbers.extend(more);
        Ok(())
    })
}

/// Reads a file to its end.
fn measure(source: &Source) -> Result<()> {
    let mut count = 0_u64;
    let unread = |_: &ImportedResultBody| Ok(());
    each_of(source, unread, |rows| {
        count += u64::try_from(rows.len()).unwrap_or(u64::MAX);
        match count > MOST_ROWS {
            false => Ok(()),
            true => {
                let words =
                    format!("an import of results has at most {MOST_ROWS} rows: split the file");
                Err(Problem::new(Code::BodyTooLarge, words).into())
            }
        }
    })
}

/// The rejected rows so far, as many as are kept.
fn joined(so_far: &[RejectedResult], more: Vec<RejectedResult>) -> Vec<RejectedResult> {
    let room = MOST_KEPT.saturating_sub(so_far.len());
    so_far.iter().cloned().chain(more.into_iter().take(room)).collect()
}

/// One import, for whom it is there: its sender, and auditors and administrators of all offices.
///
/// # Errors
/// [`Code::NotFound`], also for another sender's.
pub fn find(store: &Store, caller: &Caller, id: &str) -> Result<ResultImport> {
    let found = store.read(|conn| store::result_imports::find(conn, id))?;
    let own =
        |found: &ResultImport| import::sender(caller).is_none_or(|actor| found.actor == actor);
    found.filter(own).ok_or_else(|| Problem::not_found("import of results", id).into())
}
