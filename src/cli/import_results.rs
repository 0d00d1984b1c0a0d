//! `breeze import-results`: results that were found before Breeze, by the same rules as over the API.
//!
//! A command of its own and no option of `breeze results`: that one records inspections of drawn
//! items, which enter the rates; this one brings in what was found without a draw, which does not.

use crate::cli::import::{bare, digest, named};
use crate::cli::{Done, Out};
use crate::config::Settings;
use crate::domain::imported::ResultImport;
use crate::domain::key::Caller;
use crate::error::{Error, Result};
use crate::flow::import::Source;
use crate::flow::result_import::{self, MOST_EXPANDED, Order};
use std::fs::File;
use std::path::PathBuf;
use uuid::Uuid;

/// Which file.
#[derive(clap::Args)]
pub struct ImportResults {
    /// CSV or NDJSON, plain or gzip, at most 200,000 rows
    file: PathBuf,
}

/// Does it. The same file again changes nothing.
///
/// # Errors
/// Those of the flow; a file that cannot be read.
pub fn run(settings: &Settings, ask: &ImportResults, out: &Out) -> Result<Done> {
    let unreadable =
        |error: Error| Error::environment(format!("{}: {}", ask.file.display(), bare(error)));
    let (sha256, _) = digest(&ask.file).map_err(unreadable)?;
    let app = settings.open()?;
    let source = Source::new(File::open(&ask.file)?, named(&ask.file), MOST_EXPANDED)?;
    let order = Order { id: Uuid::now_v7().to_string(), caller: Caller::operator("cli"), sha256 };
    let import = result_import::process(&app.store, &|| app.now(), &order, &source)?;
    out.say(&import, || words(&import))?;
    Ok(if import.counts.rejected > 0 { Done::Faults } else { Done::Fine })
}

/// Rejected rows that are shown in words; `--json` has up to 1,000.
const SHOWN: usize = 20;

fn words(import: &ResultImport) -> String {
    let counts = &import.counts;
    let mut lines = vec![format!(
        "{} rows: {} created, {} unchanged, {} revised, {} rejected",
        counts.received, counts.created, counts.unchanged, counts.revised, counts.rejected
    )];
    for row in import.rows.iter().take(SHOWN) {
        let number = row.declaration_number.as_deref().unwrap_or("?").escape_debug().to_string();
        let faults = row.errors.iter().map(|error| {
            let field = error.pointer.trim_start_matches('/');
            let colon = if field.is_empty() { "" } else { ": " };
            format!("{field}{colon}{} ({})", error.detail, error.code.as_str())
        });
        let faults: Vec<_> = faults.collect();
        lines.push(format!("row {} ({number}): {}", row.row, faults.join("; ")));
    }
    if import.rows.len() > SHOWN {
        lines.push("… and more: see them with --json".to_owned());
    }
    lines.join("\n")
}
