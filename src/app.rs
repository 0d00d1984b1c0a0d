//! The application: what every door needs.

use crate::domain::master::MasterKey;
use crate::domain::problem::{Code, Problem};
use crate::error::Result;
use crate::store::Store;
use chrono::{DateTime, SubsecRound, Utc};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Tells the time. Time is an argument below the doors; tests bring clocks of their own.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// What every door needs. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub store: Store,
    /// The key of all draws.
    pub master: MasterKey,
    /// The clock.
    pub clock: Clock,
    /// Where large bodies are spooled.
    pub spool: PathBuf,
    /// Limits of the doors.
    pub limits: Limits,
    /// Places for work on the published files of a draw: everybody may ask for them, and it is the
    /// heaviest work there is.
    pub builders: Arc<Semaphore>,
    /// Places for rates that tell countries or commodities apart: each reads about every
    /// declaration of its days.
    pub detail_readers: Arc<Semaphore>,
}

/// How many requests may do the heaviest kinds of work at a time.
const HEAVY: usize = 2;

/// Limits of what one request may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest JSON body, in bytes.
    pub json: usize,
    /// Largest import body as sent, in bytes.
    pub import: u64,
    /// Largest import body after decompression, in bytes.
    pub import_expanded: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { json: 256 * 1024, import: 1 << 30, import_expanded: 8 << 30 }
    }
}

impl App {
    /// An application with the usual limits.
    pub fn new(store: Store, master: MasterKey, clock: Clock, spool: PathBuf) -> Self {
        Self {
            store,
            master,
            clock,
            spool,
            limits: Limits::default(),
            builders: Arc::new(Semaphore::new(HEAVY)),
            detail_readers: Arc::new(Semaphore::new(HEAVY)),
        }
    }

    /// Claims one of the few places for work that reads about every declaration of its days.
    ///
    /// # Errors
    /// [`Code::Busy`] while all are taken.
    pub fn detail_reader(&self) -> Result<OwnedSemaphorePermit, Problem> {
        self.detail_readers.clone().try_acquire_owned().map_err(|_| {
            let words = "estimates, fits or rates in detail are at work: ask again in a moment";
            Problem::new(Code::Busy, words)
        })
    }

    /// Now, to the millisecond: what both engines and the chain keep without loss.
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)().trunc_subsecs(3)
    }

    /// Runs the migrations and what a first start needs: the built-in policy and the master key's
    /// fingerprint.
    ///
    /// # Errors
    /// Those of the database; another master key than the one the database knows.
    pub fn prepare(&self) -> Result<()> {
        for migration in crate::store::migrate::run(&self.store)? {
            tracing::info!(migration, "migrated");
        }
        crate::flow::learn::anew_if_left(&self.store)?;
        crate::flow::rates::anew_if_left(&self.store)?;
        crate::flow::start::prepare(&self.store, &self.master, self.now())
    }
}
