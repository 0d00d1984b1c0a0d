//! `breeze verify`: recompute a draw from its published files, with no database and no network; or,
//! given the id of a draw, from the database at hand, with the hash chain of its office.

use crate::api::download;
use crate::cli::{Done, Out};
use crate::config::Settings;
use crate::domain::key::Caller;
use crate::domain::problem::{Code, Problem};
use crate::error::{Error, Result};
use crate::flow;
use crate::sampling::verify::{Bundle, Report, verify};
use serde_json::json;
use std::path::{Path, PathBuf};

/// What to verify.
#[derive(clap::Args)]
pub struct Verify {
    /// Folder or zip with the published files, or the id of a draw in the database
    what: String,
}

/// Verifies and prints the verdict: exit code 1 when something differs.
///
/// # Errors
/// A folder or file that cannot be read; an unknown draw.
pub fn run(settings: &Settings, ask: &Verify, out: &Out) -> Result<Done> {
    let path = PathBuf::from(&ask.what);
    if path.exists() {
        return tell(&verify(&read(&path)?), None, out);
    }
    if ask.what.contains(['/', '\\']) || !is_draw_id(&ask.what) {
        return Err(Error::environment(format!("{}: no such folder or file", ask.what)));
    }
    let app = settings.open_existing()?;
    let caller = Caller::operator("cli");
    let report = flow::publish::verification(&app.store, &app.master, &caller, &ask.what)?;
    let office = report.draw.as_ref().map(|draw| draw.office.clone()).unwrap_or_default();
    let broken = flow::publish::broken_chain(&app.store, &office)?;
    tell(&report, Some((office, broken)), out)
}

/// `{office}-{yyyymmdd}-{round}`.
fn is_draw_id(text: &str) -> bool {
    let mut parts = text.rsplitn(3, '-');
    let digits = |part: Option<&str>| {
        part.is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
    };
    digits(parts.next()) && digits(parts.next()) && parts.next().is_some()
}

/// Reads a folder (its files only) or a zip.
fn read(path: &Path) -> Result<Bundle> {
    if path.is_file() {
        return download::unzip(std::fs::read(path)?).map_err(|error| {
            let words = format!("{}: this is no whole zip: {error}", path.display());
            Problem::new(Code::MalformedBody, words).into()
        });
    }
    let mut bundle = Bundle::default();
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        if entry.path().is_file() {
            let name = entry.file_name().to_string_lossy().into_owned();
            bundle.files.insert(name, std::fs::read(entry.path())?);
        }
    }
    Ok(bundle)
}

fn tell(report: &Report, chain: Option<(String, Option<i64>)>, out: &Out) -> Result<Done> {
    let broken = chain.as_ref().and_then(|(_, broken)| *broken);
    let answer = json!({
        "verdict": report.verdict.name(), "line": report.line(), "candidates": report.candidates,
        "drawn": report.drawn, "notes": report.notes,
        "chain": chain.as_ref().map(|(office, broken)| json!({ "office": office, "first_difference": broken })),
    });
    out.say(&answer, || {
        let mut lines = vec![report.line()];
        lines.extend(report.notes.iter().map(|note| format!("note: {note}")));
        lines.extend(chain.map(|(office, broken)| match broken {
            None => format!(
                "the hash chain of {office} is unbroken (its events; their payloads are not compared)"
            ),
            Some(at) => format!("DIFFERS: the hash chain of {office} breaks at event {at}"),
        }));
        lines.join("\n")
    })?;
    Ok(if report.agrees() && broken.is_none() { Done::Fine } else { Done::Faults })
}
