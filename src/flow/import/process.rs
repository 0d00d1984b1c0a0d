//! From the first row to the last: per row, all or nothing, or only checked.

use super::chunk::{self, Entry, Rules};
use super::register::register;
use super::repeated::Numbers;
use super::source::Source;
use super::tally::{Tally, Verdict};
use super::{Order, look_up};
use crate::domain::declaration::Checked;
use crate::domain::id::OfficeCode;
use crate::domain::import::{Counts, Failure, Import, Mode, State};
use crate::domain::problem::{Code, Problem};
use crate::error::{Error, Result};
use crate::flow::declare;
use crate::store::{self, Conn, Store, chain};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// Tells the time, chunk by chunk.
pub type Clock<'a> = &'a dyn Fn() -> DateTime<Utc>;

/// Hears the counts so far, and says whether the import goes on.
pub type Progress<'a> = &'a mut dyn FnMut(&Counts) -> ControlFlow<()>;

/// An import at work.
struct Run<'a> {
    store: &'a Store,
    clock: Clock<'a>,
    order: &'a Order,
    source: &'a Source,
    rules: Rules,
    on_progress: Progress<'a>,
    counts: Counts,
    /// The offices of the rows that passed the check of an atomic import.
    offices: BTreeSet<OfficeCode>,
}

/// How often an atomic import is tried when the world changes between its check and its storing.
const TRIES: usize = 3;

/// Processes an import that [`super::begin`] has written down, to its end. After every chunk,
/// `on_progress` hears the counts so far; when it breaks, the import ends there.
///
/// # Errors
/// [`Code::ImportRefused`] for an atomic import with a rejected row; [`Code::Interrupted`]; a file that breaks off; the
/// database. The record of the import then says how far it came.
pub fn process(
    store: &Store,
    clock: Clock<'_>,
    order: &Order,
    source: &Source,
    on_progress: Progress<'_>,
) -> Result<Import> {
    let rules = Rules { now: clock(), historical: order.options.intake.historical };
    let counts = Counts::default();
    let offices = BTreeSet::new();
    let mut run = Run { store, clock, order, source, rules, on_progress, counts, offices };
    if let Err(error) = run.go() {
        let error = run.told(error);
        run.end(&failure(&error));
        return Err(error);
    }
    look_up::find(store, &order.caller, &order.id, clock())
}

impl Run<'_> {
    fn go(&mut self) -> Result<()> {
        let options = &self.order.options;
        match (options.mode, options.dry_run) {
            (Mode::PerRow, false) => self.per_row()?,
            (_, true) => self.check()?,
            (Mode::Atomic, false) => return self.all_or_nothing(),
        }
        self.finish()
    }

    fn finish(&self) -> Result<()> {
        self.store.write(|conn| self.record(conn, &self.counts, State::Done))
    }

    /// Every chunk is a transaction of its own.
    fn per_row(&mut self) -> Result<()> {
        chunk::each(self.source, self.rules, |rows| {
            self.counts = self.store.write(|conn| {
                let tally = self.settled(conn, &rows)?;
                let counts = self.counts.plus(&tally.counts);
                store::imports::add_rows(conn, &self.order.id, &tally.rows)?;
                self.record(conn, &counts, State::Running)?;
                Ok(counts)
            })?;
            go_on((self.on_progress)(&self.counts))
        })
    }

    /// Every chunk is stored and taken back; only its outcome is kept.
    fn check(&mut self) -> Result<()> {
        let options = &self.order.options;
        let mut numbers = Numbers::new(options.mode, options.intake.on_change);
        chunk::each(self.source, self.rules, |rows| {
            numbers.make_room(&rows)?;
            let early: Vec<_> = rows.iter().map(|row| numbers.verdict(row)).collect();
            let (fresh, repeated): (Vec<_>, Vec<_>) =
                rows.into_iter().zip(early).partition(|(_, verdict)| verdict.is_none());
            let fresh: Vec<Entry> = fresh.into_iter().map(|(row, _)| row).collect();
            let (verdicts, registered) = self.store.rehearse(|conn| self.settle(conn, &fresh))?;
            for (row, verdict) in fresh.iter().zip(&verdicts) {
                let Ok(outcome) = verdict else { continue };
                numbers.remember(row, *outcome);
                if let (Mode::Atomic, Ok(checked)) = (options.mode, &row.checked) {
                    self.offices.insert(checked.declaration.office.clone());
                }
            }
            let mut tally = tally(&fresh, verdicts);
            if options.dry_run {
                // What the import would register; an atomic one registers when it stores.
                tally.counts.registered.extend(registered);
            }
            for (row, verdict) in repeated {
                tally.add(&row, verdict.unwrap_or_else(|| Err(Vec::new())));
            }
            let counts = self.counts.plus(&tally.counts);
            self.store.write(|conn| {
                store::imports::add_rows(conn, &self.order.id, &tally.rows)?;
                self.record(conn, &counts, State::Running)
            })?;
            self.counts = counts;
            go_on((self.on_progress)(&self.counts))
        })
    }

    /// First every row is checked, then all are stored in one transaction. Should a row be refused
    /// only now, because the world has changed in between, it begins anew.
    fn all_or_nothing(&mut self) -> Result<()> {
        for _ in 0..TRIES {
            self.counts = Counts::default();
            self.store.write(|conn| store::imports::drop_rows(conn, &self.order.id, false))?;
            self.check()?;
            if self.counts.rejected > 0 {
                return Err(self.refused().into());
            }
            if self.store_all()? {
                return Ok(());
            }
        }
        Err(Problem::new(Code::Busy, "frames close while the file is stored: try again").into())
    }

    /// Stores every row in one transaction; `false` when one was refused, and so none was stored.
    /// The chains of all its offices are locked at its start: locked as the rows come, two files in
    /// different orders would wait for each other.
    fn store_all(&mut self) -> Result<bool> {
        let mut refused = false;
        let checked = self.counts.clone();
        let stored = self.store.write(|conn| {
            let mut counts = Counts::default();
            let offices: Vec<&str> = self.offices.iter().map(OfficeCode::as_str).collect();
            chain::lock(conn, &offices)?;
            chunk::each(self.source, self.rules, |rows| {
                go_on((self.on_progress)(&checked))?;
                let tally = self.settled(conn, &rows)?;
                counts = counts.plus(&tally.counts);
                refused = counts.rejected > 0;
                match refused {
                    true => Err(Error::inner("a row was refused after it was checked")),
                    false => Ok(()),
                }
            })?;
            self.record(conn, &counts, State::Done)?;
            Ok(counts)
        });
        match stored {
            Err(_) if refused => Ok(false),
            Err(error) => Err(error),
            Ok(counts) => {
                self.counts = counts;
                // It is stored: there is nothing to break off any more.
                let _ = (self.on_progress)(&self.counts);
                Ok(true)
            }
        }
    }

    fn refused(&self) -> Problem {
        let Counts { received, rejected, .. } = self.counts;
        let words = format!(
            "{rejected} of {received} rows were rejected, so nothing was stored; \
             import {} lists them",
            self.order.id
        );
        Problem::new(Code::ImportRefused, words)
    }

    /// Stores a chunk, inside a transaction, and counts what became of it.
    fn settled(&self, conn: &mut Conn, rows: &[Entry]) -> Result<Tally> {
        let (verdicts, registered) = self.settle(conn, rows)?;
        let mut tally = tally(rows, verdicts);
        tally.counts.registered.extend(registered);
        Ok(tally)
    }

    /// What becomes of each row, inside a transaction, and which offices it registers.
    fn settle(&self, conn: &mut Conn, rows: &[Entry]) -> Result<(Vec<Verdict>, Vec<String>)> {
        let Order { id, caller, options, .. } = self.order;
        let now = (self.clock)();
        let sound: Vec<&Checked> =
            rows.iter().filter_map(|row| row.checked.as_ref().ok()).collect();
        let registered = match options.register {
            None => Vec::new(),
            Some(registration) => {
                let offices = sound.iter().map(|row| &row.declaration.office).collect();
                register(conn, caller, offices, registration, now)?
            }
        };
        let accepted = declare::accept(conn, caller, &sound, options.intake, now, Some(id))?;
        let mut accepted = accepted.into_iter();
        let verdict = |row: &Entry| match &row.checked {
            Err(errors) => Err(errors.clone()),
            Ok(_) => match accepted.next() {
                Some(Ok(accepted)) => Ok(accepted.outcome),
                Some(Err(problem)) => Err(problem.into_errors()),
                None => Err(Vec::new()),
            },
        };
        Ok((rows.iter().map(verdict).collect(), registered))
    }

    /// Writes down how far it is. An import that was taken for dead must not go on: its sender has
    /// been told to send it again.
    fn record(&self, conn: &mut Conn, counts: &Counts, state: State) -> Result<()> {
        let now = (self.clock)();
        match store::imports::progress(conn, &self.order.id, counts, state, now)? {
            true => Ok(()),
            false => Err(interrupted()),
        }
    }

    /// A fault of the file, with how far the import came.
    fn told(&self, error: Error) -> Error {
        match error {
            Error::Problem(problem)
                if !matches!(problem.code, Code::ImportRefused | Code::Interrupted) =>
            {
                let Counts { received, .. } = self.counts;
                let kept = match (self.order.options.mode, self.order.options.dry_run) {
                    (Mode::PerRow, false) => "what was accepted is kept",
                    _ => "nothing was stored",
                };
                let detail = format!(
                    "{}; import {} ended after {received} rows, {kept}: mend the file and send it \
                     whole, which is safe",
                    problem.detail, self.order.id
                );
                Problem { detail, ..*problem }.into()
            }
            other => other,
        }
    }

    /// Writes down why it ended; when even that fails, its silence will tell. The counts of rows that
    /// stand alone are in the record already, of one more chunk than is known here when it was stored
    /// and only the answer of the database was lost.
    fn end(&self, failure: &Failure) {
        let state = match failure.code {
            Code::ImportRefused => State::Refused,
            _ => State::Failed,
        };
        let Order { id, options, .. } = self.order;
        let written = self.store.write(|conn| {
            if (options.mode, options.dry_run) == (Mode::Atomic, false) {
                self.keep_rejected(conn)?;
            }
            store::imports::end(conn, id, state, failure, (self.clock)())
        });
        if let Err(cause) = written {
            tracing::warn!(import = %id, %cause, "the end of an import was not written down");
        }
    }

    /// Nothing of an atomic import is stored: of its check there stay the rejected rows, and how many
    /// were received. When all was stored and only the answer of the database was lost, it is done.
    fn keep_rejected(&self, conn: &mut Conn) -> Result<()> {
        let id = &self.order.id;
        let Counts { received, rejected, .. } = self.counts;
        let counts = Counts { received, rejected, ..Counts::default() };
        store::imports::progress(conn, id, &counts, State::Running, (self.clock)())?;
        match store::imports::find(conn, id)? {
            Some(import) if import.state != State::Done => {
                store::imports::drop_rows(conn, id, true)
            }
            _ => Ok(()),
        }
    }
}

fn interrupted() -> Error {
    let Failure { code, detail } = Failure::interrupted();
    Problem::new(code, detail).into()
}

fn go_on(flow: ControlFlow<()>) -> Result<()> {
    match flow {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(interrupted()),
    }
}

fn tally(rows: &[Entry], verdicts: Vec<Verdict>) -> Tally {
    let mut tally = Tally::default();
    rows.iter().zip(verdicts).for_each(|(row, verdict)| tally.add(row, verdict));
    tally
}

/// What the record says; a cause that is ours stays in the log.
fn failure(error: &Error) -> Failure {
    let (code, detail) = match error {
        Error::Problem(problem) => (problem.code, problem.detail.clone()),
        Error::Busy(_) | Error::Away(_) => {
            (Code::Busy, "the database was busy or away: send the file again".into())
        }
        Error::Full(_) => (Code::StorageFull, "the storage was full: send the file again".into()),
        Error::Inner(_) | Error::Environment(_) => (
            Code::Internal,
            "the import broke off through a fault of ours, which the log names: send the file \
             again; rows that were accepted answer `unchanged`"
                .into(),
        ),
    };
    Failure { code, detail }
}
