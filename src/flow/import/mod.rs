//! Import: many declarations in one file, each row with its outcome.
//!
//! The file is read in chunks of up to 5,000 rows; a chunk is one transaction together with the
//! outcomes of its rows and the counts so far, so that an import that is cut off has counted exactly
//! what it stored, and the same file sent again ends in the same state. Memory does not grow with
//! the file.

pub(super) mod chunk;
pub(super) mod heading;
mod lines;
mod look_up;
mod outcome_file;
mod process;
mod quotes;
mod read_csv;
mod read_ndjson;
mod register;
mod repeated;
pub(super) mod row;
mod source;
mod tally;

pub(super) use look_up::sender;
pub use look_up::{end_interrupted, find, list, rows};
pub use outcome_file::{outcome_heading, outcome_line};
pub use process::process;
pub use register::Registration;
pub use source::{Format, Source};

use crate::domain::declaration::DeclarationBody;
use crate::domain::import::{Counts, Import, Mode, State};
use crate::domain::key::{Caller, Role};
use crate::domain::problem::{Code, Problem};
use crate::error::Result;
use crate::flow::declare::{Intake, OnChange};
use crate::store::{self, Store};
use chrono::{DateTime, Utc};

/// How a file is imported.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether rows stand alone.
    pub mode: Mode,
    /// Check only.
    pub dry_run: bool,
    /// Inspection days and what happens with other content.
    pub intake: Intake,
    /// Register offices as they come.
    pub register: Option<Registration>,
}

impl Default for Options {
    fn default() -> Self {
        let intake = Intake { historical: false, on_change: OnChange::Revise };
        Self { mode: Mode::PerRow, dry_run: false, intake, register: None }
    }
}

/// Whose import it is, and how it is done.
#[derive(Clone, Debug)]
pub struct Order {
    /// UUIDv7.
    pub id: String,
    /// Who sends it.
    pub caller: Caller,
    /// SHA-256 of the file as it was sent.
    pub sha256: String,
    /// How it is done.
    pub options: Options,
}

/// Whether a caller may import so.
///
/// # Errors
/// [`Code::Forbidden`] for history without being an administrator.
pub fn permit(caller: &Caller, options: &Options) -> Result<(), Problem> {
    if options.intake.historical && caller.role != Role::Admin {
        let words = "history is brought in by an administrator: send it without `historical`, or \
            with a key of role admin";
        return Err(Problem::new(Code::Forbidden, words));
    }
    Ok(())
}

/// Writes down a new import, after a look at the heading of its file.
///
/// # Errors
/// Those of [`permit`]; [`Code::EmptyFile`]; a heading with columns that are missing, doubled or unknown.
pub fn begin(store: &Store, order: &Order, source: &Source, now: DateTime<Utc>) -> Result<Import> {
    let Order { id, caller, sha256, options } = order;
    permit(caller, options)?;
    let heading = chunk::heading::<DeclarationBody>(source)?;
    let import = Import {
        id: id.clone(),
        sha256: sha256.clone(),
        state: State::Running,
        mode: options.mode,
        dry_run: options.dry_run,
        historical: options.intake.historical,
        counts: Counts::default(),
        failure: None,
        created_at: now,
        finished_at: None,
        actor: caller.actor.clone(),
        heading,
        touched_at: now,
    };
    store.write(|conn| store::imports::insert(conn, &import))?;
    Ok(import)
}
