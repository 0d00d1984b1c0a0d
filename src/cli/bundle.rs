//! `breeze bundle`: write the published files of a draw into a folder.

use crate::cli::{Done, Out};
use crate::config::Settings;
use crate::domain::key::Caller;
use crate::error::Result;
use crate::flow;
use serde_json::json;
use std::path::PathBuf;

/// Which draw, and where to.
#[derive(clap::Args)]
pub struct Bundle {
    /// Id of the draw, {office}-{yyyymmdd}-{round}
    draw: String,
    /// Folder to write into [default: named like the draw]
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Writes the files.
///
/// # Errors
/// Those of the flow and of the disk.
pub fn run(settings: &Settings, ask: &Bundle, out: &Out) -> Result<Done> {
    let app = settings.open_existing()?;
    let caller = Caller::operator("cli");
    let (_, bundle) = flow::publish::bundle(&app.store, &app.master, Some(&caller), &ask.draw)?;
    let folder = ask.out.clone().unwrap_or_else(|| PathBuf::from(&ask.draw));
    std::fs::create_dir_all(&folder)?;
    for (name, bytes) in &bundle.files {
        std::fs::write(folder.join(name), bytes)?;
    }
    let names: Vec<_> = bundle.files.keys().collect();
    out.say(&json!({ "folder": folder, "files": names }), || {
        format!("{} files in {}", names.len(), folder.display())
    })?;
    Ok(Done::Fine)
}
