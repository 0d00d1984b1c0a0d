//! `breeze bundle`: write the published files of a draw into a folder.

use crate::cli::{Done, Out};
use crate::config::Settings;
use crate::domain::key::Caller;
use crate::error::Result;
use crate::flow::{self, publish::Files};
use serde_json::json;
use std::fs::File;
use std::io::Write;
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
    let path = ask.out.clone().unwrap_or_else(|| PathBuf::from(&ask.draw));
    let mut folder = Folder { path, names: Vec::new(), file: None };
    flow::publish::bundle(&app.store, &app.master, Some(&caller), &ask.draw, &mut folder)?;
    let Folder { path: folder, names, .. } = folder;
    out.say(&json!({ "folder": folder, "files": names }), || {
        format!("{} files in {}", names.len(), folder.display())
    })?;
    Ok(Done::Fine)
}

/// A folder the files are written into; made with the first of them.
struct Folder {
    path: PathBuf,
    names: Vec<String>,
    file: Option<File>,
}

impl Files for Folder {
    fn begin(&mut self, name: &str) -> Result<()> {
        std::fs::create_dir_all(&self.path)?;
        self.file = Some(File::create(self.path.join(name))?);
        self.names.push(name.to_owned());
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match &mut self.file {
            Some(file) => Ok(file.write_all(bytes)?),
            None => Ok(()),
        }
    }
}
