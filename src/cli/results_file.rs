//! `breeze results-file`: write the file from which an outsider recomputes the rates.

use crate::cli::{Done, Out};
use crate::config::Settings;
use crate::domain::key::Caller;
use crate::error::{Error, Result};
use crate::flow::rates::results::{self, Span};
use serde_json::json;
use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

/// Which results, and where to. Days are widened to whole months.
#[derive(clap::Args)]
pub struct ResultsFile {
    /// The file to write
    file: PathBuf,
    /// First inspection day, or a period: 2026-01-01, 2026-01, 2026-Q1, 2026
    #[arg(long)]
    from: String,
    /// Last inspection day, or a period
    #[arg(long)]
    to: String,
    /// Office; repeat for "or"
    #[arg(long)]
    office: Vec<String>,
    /// Reporting region; repeat for "or"
    #[arg(long)]
    region: Vec<String>,
}

/// Writes it.
///
/// # Errors
/// Days, offices and regions that are none; a file that cannot be written; the database.
pub fn run(settings: &Settings, ask: &ResultsFile, out: &Out) -> Result<Done> {
    let span = Span::parse(&ask.from, &ask.to, &ask.office, &ask.region)?;
    let app = settings.open_existing()?;
    let shown = ask.file.display();
    let file = File::create(&ask.file);
    let file = file.map_err(|error| Error::environment(format!("{shown}: {error}")))?;
    results::write(&app.store, &Caller::operator("cli"), &span, BufWriter::new(&file))?;
    let bytes = file.metadata()?.len();
    let words =
        || format!("{shown}: {bytes} bytes; `breeze estimate {shown}` recomputes the rates");
    out.say(&json!({ "file": shown.to_string(), "bytes": bytes }), words)?;
    Ok(Done::Fine)
}
