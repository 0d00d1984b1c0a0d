//! `breeze import`: a file of declarations, by the same rules as over the API.

use crate::app::App;
use crate::cli::{Done, Out};
use crate::config::Settings;
use crate::domain::import::{self as domain, Counts, ImportRow, Mode, RowOutcome, State};
use crate::domain::key::Caller;
use crate::domain::problem::{Code, Problem};
use crate::error::{Error, Result};
use crate::flow;
use crate::flow::declare::{Intake, OnChange};
use crate::flow::import::{Format, Options, Order, Registration, Source};
use chrono_tz::Tz;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use uuid::Uuid;

/// Which file, and how.
#[derive(clap::Args)]
pub struct Import {
    /// CSV or NDJSON, plain or gzip
    file: PathBuf,
    /// Inspection days follow `declared_at`
    #[arg(long)]
    historical: bool,
    /// Register offices that are unknown: seven days of work, cut-off at the end of the day. Needs
    /// --time-zone. They are live from then on: each day is drawn
    #[arg(long, requires = "time_zone")]
    register_offices: bool,
    /// IANA time zone of offices that are registered, such as Asia/Seoul: needed with
    /// --register-offices
    #[arg(long)]
    time_zone: Option<Tz>,
    /// Inspections a day of offices that are registered
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(..=100_000))]
    capacity: u32,
    /// Each row for itself, or all or none (at most 100,000 rows)
    #[arg(long, value_enum, default_value = "per_row")]
    mode: Choice,
    /// Check only, also against what is stored
    #[arg(long)]
    dry_run: bool,
    /// What happens to a row whose number is stored with other content
    #[arg(long, value_enum, default_value = "revise")]
    on_change: Change,
    /// Write the rejected rows to this CSV, to be mended and imported again
    #[arg(long, value_name = "OUT.csv")]
    rejected: Option<PathBuf>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
enum Choice {
    PerRow,
    Atomic,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Change {
    Revise,
    Reject,
}

impl Import {
    fn options(&self) -> Options {
        let on_change = match self.on_change {
            Change::Revise => OnChange::Revise,
            Change::Reject => OnChange::Refuse,
        };
        let time_zone = self.time_zone.filter(|_| self.register_offices);
        Options {
            mode: match self.mode {
                Choice::PerRow => Mode::PerRow,
                Choice::Atomic => Mode::Atomic,
            },
            dry_run: self.dry_run,
            intake: Intake { historical: self.historical, on_change },
            register: time_zone
                .map(|time_zone| Registration { time_zone, daily_capacity: self.capacity }),
        }
    }
}

/// Does it.
///
/// # Errors
/// Those of the flow; a file that cannot be read.
pub fn run(settings: &Settings, import: &Import, out: &Out) -> Result<Done> {
    let unreadable =
        |error: Error| Error::environment(format!("{}: {}", import.file.display(), bare(error)));
    let (sha256, size) = digest(&import.file).map_err(unreadable)?;
    let rejected = import.rejected.as_deref().map(|path| Rejected::open(path, &import.file));
    let rejected = rejected.transpose()?;
    let app = settings.open()?;
    let file = File::open(&import.file)?;
    let source = Source::new(file, named(&import.file), app.limits.import_expanded)?;
    let id = Uuid::now_v7().to_string();
    let order = Order { id, caller: Caller::operator("cli"), sha256, options: import.options() };
    flow::import::begin(&app.store, &order, &source, app.now())?;
    let bar = bar(size);
    let position = source.position();
    let mut registered = BTreeSet::new();
    let ended = flow::import::process(&app.store, &|| app.now(), &order, &source, &mut |counts| {
        registered.clone_from(&counts.registered);
        bar.set_position(position.load(Ordering::Relaxed));
        bar.set_message(progress(counts));
        ControlFlow::Continue(())
    });
    bar.finish_and_clear();
    if let Some(into) = rejected {
        let path = into.path.display().to_string();
        into.write(&app, &order)
            .map_err(|error| Error::environment(format!("{path}: {}", bare(error))))?;
    }
    tell(&app, &order, registered, ended, out)
}

/// What went wrong, without the name of the kind.
pub(super) fn bare(error: Error) -> String {
    match error {
        Error::Inner(cause) | Error::Full(cause) => cause.to_string(),
        other => other.to_string(),
    }
}

/// SHA-256 and size of a file.
pub(super) fn digest(path: &Path) -> Result<(String, u64)> {
    let mut file = File::open(path)?;
    let (mut digest, mut size) = (Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok((hex::encode(digest.finalize()), size));
        }
        digest.update(buffer.get(..count).unwrap_or_default());
        size += u64::try_from(count).unwrap_or(0);
    }
}

/// The format a name speaks of; else the content decides.
pub(super) fn named(path: &Path) -> Option<Format> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    match name.rsplit_once('.')?.1 {
        "csv" => Some(Format::Csv),
        "ndjson" | "jsonl" => Some(Format::Ndjson),
        _ => None,
    }
}

/// Shows itself on a terminal only.
fn bar(size: u64) -> ProgressBar {
    let bar = ProgressBar::new(size);
    let style = "{bar:30} {percent:>3} %  {msg}  {bytes_per_sec}  {eta} left";
    bar.with_style(
        ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()),
    )
}

fn progress(counts: &Counts) -> String {
    format!("{} rows, {} rejected", counts.received, counts.rejected)
}

/// Rows that are read at once.
const BATCH: i64 = 500;

fn rejected(app: &App, order: &Order, after: u64, limit: i64) -> Result<Vec<ImportRow>> {
    let outcome = Some(RowOutcome::Rejected);
    flow::import::rows(&app.store, &order.caller, &order.id, outcome, after, limit)
}

/// Where the rejected rows go; open before anything is imported, so that they are not lost.
struct Rejected<'a> {
    path: &'a Path,
    file: File,
}

impl<'a> Rejected<'a> {
    /// Opens the file; what stands in it stays until the import has ended.
    fn open(path: &'a Path, imported: &Path) -> Result<Self> {
        let named = |words: String| Error::environment(format!("{}: {words}", path.display()));
        let same = path
            .canonicalize()
            .ok()
            .filter(|path| imported.canonicalize().ok().as_ref() == Some(path));
        if same.is_some() {
            let words = "is the file that is imported: name another one for the rejected rows";
            return Err(named(words.into()));
        }
        let file = File::options().write(true).create(true).truncate(false).open(path);
        Ok(Self { path, file: file.map_err(|error| named(error.to_string()))? })
    }

    fn write(self, app: &App, order: &Order) -> Result<()> {
        let import = flow::import::find(&app.store, &order.caller, &order.id, app.now())?;
        // A pipe or a device has no length to cut.
        if self.file.metadata()?.is_file() {
            self.file.set_len(0)?;
        }
        let mut file = BufWriter::new(self.file);
        file.write_all(&flow::import::outcome_heading(&import)?)?;
        let mut after = 0;
        loop {
            let rows = rejected(app, order, after, BATCH)?;
            let Some(last) = rows.last() else { break };
            after = last.row;
            for row in &rows {
                file.write_all(&flow::import::outcome_line(&import, row)?)?;
            }
        }
        Ok(file.flush()?)
    }
}

/// Says what came of it: a file that broke off is the environment's fault, rejected rows are faults
/// that were found.
fn tell(
    app: &App,
    order: &Order,
    registered: BTreeSet<String>,
    ended: Result<domain::Import>,
    out: &Out,
) -> Result<Done> {
    let refused = |problem: &Problem| problem.code == Code::ImportRefused;
    match ended {
        Err(Error::Problem(problem)) if !refused(&problem) => {
            say(app, order, registered, out)?;
            Err(Error::environment(problem.detail))
        }
        Err(Error::Problem(_)) => {
            say(app, order, registered, out)?;
            Ok(Done::Faults)
        }
        Err(error) => Err(error),
        Ok(import) => {
            say(app, order, registered, out)?;
            Ok(if import.counts.rejected > 0 { Done::Faults } else { Done::Fine })
        }
    }
}

/// Rejected rows that are shown in words.
const SHOWN: i64 = 5;

/// What came of it, in JSON.
#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    import: domain::Import,
    /// Offices that were registered on the way, or in a dry run would be.
    registered_offices: BTreeSet<String>,
}

fn say(app: &App, order: &Order, registered_offices: BTreeSet<String>, out: &Out) -> Result<()> {
    let import = flow::import::find(&app.store, &order.caller, &order.id, app.now())?;
    let rows = rejected(app, order, 0, SHOWN)?;
    let report = Report { import, registered_offices };
    out.say(&report, || words(&report, &rows))
}

fn words(report: &Report, rows: &[ImportRow]) -> String {
    let Report { import, registered_offices } = report;
    let counts = &import.counts;
    let mut lines = vec![format!("import {}", import.id)];
    lines.push(format!(
        "{} rows: {} created, {} unchanged, {} revised, {} rejected{}",
        counts.received,
        counts.created,
        counts.unchanged,
        counts.revised,
        counts.rejected,
        match (import.dry_run, import.state) {
            (true, _) => " (checked only, nothing was stored)",
            (_, State::Refused) => " (nothing was stored)",
            _ => "",
        }
    ));
    if !registered_offices.is_empty() {
        lines.push(registered(registered_offices, import.dry_run));
    }
    lines.extend(counts.warnings.iter().map(|(code, count)| format!("  {count} × {code}")));
    for row in rows {
        let number = row.declaration_number.as_deref().unwrap_or("?").escape_debug().to_string();
        let faults = row.errors.iter().map(|error| {
            let field = error.pointer.trim_start_matches('/');
            let colon = if field.is_empty() { "" } else { ": " };
            format!("{field}{colon}{}", error.detail)
        });
        let faults: Vec<_> = faults.collect();
        lines.push(format!("row {} ({number}): {}", row.row, faults.join("; ")));
    }
    if u64::try_from(rows.len()).is_ok_and(|shown| shown < counts.rejected) {
        lines.push(format!(
            "… all {} rejected rows: import again with --rejected OUT.csv, or \
             GET /v1/declaration-imports/{}/rows.csv?outcome=rejected",
            counts.rejected, import.id
        ));
    }
    lines.join("\n")
}

fn registered(offices: &BTreeSet<String>, dry_run: bool) -> String {
    let (noun, verb) = match (offices.len(), dry_run) {
        (1, false) => ("office", ""),
        (_, false) => ("offices", ""),
        (1, true) => ("office", "would be "),
        (_, true) => ("offices", "would be "),
    };
    let codes: Vec<&str> = offices.iter().map(String::as_str).collect();
    format!("{} {noun} {verb}registered: {}", offices.len(), codes.join(", "))
}
