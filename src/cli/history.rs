//! Two files of history, as commands that need no database read them.

use crate::cli::import::named;
use crate::config::system_clock;
use crate::domain::problem::{Code, Problem};
use crate::error::{Error, Result};
use crate::flow::import::Source;
use crate::flow::replay::World;
use crate::flow::replay::files::{Days, Named, Read, Rows, read};
use chrono_tz::Tz;
use indicatif::{ProgressBar, ProgressStyle};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// Most bytes of a file after decompression.
const MOST: u64 = 8 << 30;
/// Rows between two looks at the progress.
const SELDOM: u64 = 1_000;

/// Which history.
#[derive(clap::Args)]
pub struct History {
    /// Declarations, CSV or NDJSON, plain or gzip: the file of an import
    #[arg(long, value_name = "FILE")]
    pub declarations: PathBuf,
    /// Results, CSV or NDJSON, plain or gzip: declaration_number, and outcome (pass, fail,
    /// not_inspected) or fails (yes, no); severity where there is one
    #[arg(long, value_name = "FILE")]
    pub results: PathBuf,
    /// IANA time zone whose dates are the days; without it each declaration's own offset counts
    #[arg(long)]
    pub time_zone: Option<Tz>,
}

impl History {
    /// Reads them, with a progress bar on a terminal.
    ///
    /// # Errors
    /// A file that cannot be read (environment) or is none of those asked for (usage).
    pub fn read(&self) -> Result<(World, Read)> {
        let (declarations, results) = (open(&self.declarations)?, open(&self.results)?);
        let size = size(&self.declarations) + size(&self.results);
        let bar = bar(size, "reading");
        let positions = [declarations.position(), results.position()];
        let mut rows = 0_u64;
        let mut tell = || {
            rows += 1;
            if rows.is_multiple_of(SELDOM) {
                bar.set_position(positions.iter().map(|at| at.load(Ordering::Relaxed)).sum());
            }
        };
        let names = [&self.declarations, &self.results].map(|path| path.display().to_string());
        let [declarations_name, results_name] = &names;
        let declarations = Named { name: declarations_name, source: &declarations };
        let results = Named { name: results_name, source: &results };
        let days = Days { time_zone: self.time_zone, now: system_clock()() };
        let read = read(declarations, results, days, &mut tell);
        bar.finish_and_clear();
        read.map_err(broken)
    }
}

/// A file that breaks off is the environment's fault, as in an import.
fn broken(error: Error) -> Error {
    match error {
        Error::Problem(problem)
            if matches!(problem.code, Code::MalformedBody | Code::BodyTooLarge) =>
        {
            Error::environment(problem.detail)
        }
        other => other,
    }
}

/// A file of declarations or results.
///
/// # Errors
/// One that cannot be read.
pub fn open(path: &Path) -> Result<Source> {
    let unusable = |words: String| Error::environment(format!("{}: {words}", path.display()));
    let file = File::open(path).map_err(|error| unusable(error.to_string()))?;
    Source::new(file, named(path), MOST).map_err(|error| unusable(error.to_string()))
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |about| about.len())
}

/// The text of a file that an option names.
///
/// # Errors
/// A file that cannot be read, or is no text.
pub fn text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path)
        .map_err(|error| Error::environment(format!("{}: {error}", path.display())))
}

/// Says in which file the problem lies.
pub fn in_file(path: &Path) -> impl FnOnce(Problem) -> Error + '_ {
    move |problem| {
        let detail = format!("{}: {}", path.display(), problem.detail);
        Problem { detail, ..problem }.into()
    }
}

/// Shows itself on a terminal only.
pub fn bar(length: u64, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {bar:30} {percent:>3} %  {eta} left");
    let bar = ProgressBar::new(length);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_message(what)
}

/// What could not be used, in words for standard error.
pub fn say_faults(read: &Read) {
    say_rejected("declarations", &read.declarations);
    say_rejected("results", &read.results);
    let notes = [
        (read.results_of_rejected, "results of declarations that were rejected"),
        (read.without_result, "declarations without a result were left out"),
        (read.values_left_out, "values in another currency than most count as missing"),
    ];
    for (count, words) in notes.iter().filter(|(count, _)| *count > 0) {
        eprintln!("note: {count} {words}");
    }
}

fn say_rejected(what: &str, rows: &Rows) {
    if rows.rejected == 0 {
        return;
    }
    let codes: Vec<_> =
        rows.codes.iter().map(|(code, count)| format!("{count} × {code}")).collect();
    eprintln!("{what}: {} of {} rows rejected: {}", rows.rejected, rows.received, codes.join(", "));
    for row in &rows.first_rejected {
        let number = row.declaration_number.as_deref().unwrap_or("?").escape_debug();
        let details: Vec<_> = row.errors.iter().map(|error| error.detail.as_str()).collect();
        eprintln!("  row {} ({number}): {}", row.row, details.join("; "));
    }
}

/// Whether a row of either file was rejected.
pub fn any_rejected(read: &Read) -> bool {
    read.declarations.rejected + read.results.rejected > 0
}
