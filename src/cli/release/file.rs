//! The file of an auditor's secret: five lines, and a sixth once something was released with it.
//!
//! ```text
//! #breeze-auditor-secret⇥v1
//! office⇥CNTAO
//! day⇥20261124
//! round⇥1
//! secret⇥64 hex digits
//! frame⇥SHA-256 of the frame it was released for
//! ```

use crate::domain::problem::{Code, Problem};
use crate::error::{Error, Result};
use crate::sampling::ticket::{Digest, DrawId, lowercase_hex};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

const FIRST: &str = "#breeze-auditor-secret\tv1";

/// The secret of an auditor for one draw.
pub struct Secret {
    /// The office.
    pub office: String,
    /// The inspection day, `YYYYMMDD`.
    pub day: String,
    /// The round.
    pub round: u32,
    /// The secret itself.
    pub a: Digest,
}

impl Secret {
    /// The draw it is for.
    pub fn draw(&self) -> DrawId<'_> {
        DrawId { office: &self.office, day: &self.day, round: self.round }
    }
}

/// Writes a new secret for the owner's eyes only, whole or not at all.
///
/// # Errors
/// A file that is there already: no secret is ever overwritten.
pub fn make(path: &Path, secret: &Secret) -> Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A temporary file has mode 0600 from the start; it appears under its name when it is complete.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    let Secret { office, day, round, a } = secret;
    let a = hex::encode(a);
    writeln!(file, "{FIRST}\noffice\t{office}\nday\t{day}\nround\t{round}\nsecret\t{a}")?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        // Its commitment is published next, so its name must last as well.
        Ok(_) => sync_folder(folder),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => {
            let words = format!("{} is there already: no secret is overwritten", path.display());
            Err(Error::environment(words))
        }
        Err(error) => Err(error.error.into()),
    }
}

/// Nothing to do where folders cannot be opened as files.
fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) { Ok(File::open(folder)?.sync_all()?) } else { Ok(()) }
}

/// Reads a secret, and the digest it was released for.
///
/// # Errors
/// A file that cannot be read, or is none of ours.
pub fn read(path: &Path) -> Result<(Secret, Option<String>)> {
    parse(path, &mut named(path, File::open(path))?)
}

/// Binds a secret to the digest of a frame for good.
///
/// # Errors
/// As [`read`]; a secret that is bound to another digest.
pub fn bind(path: &Path, digest: &str) -> Result<Secret> {
    let mut file = named(path, OpenOptions::new().read(true).append(true).open(path))?;
    // Two terminals must not release for two frames.
    file.lock()?;
    match parse(path, &mut file)? {
        (secret, Some(known)) if known == digest => Ok(secret),
        (secret, Some(known)) => {
            let words = format!(
                "this secret was released for another frame of {}, {known}: whoever shows a second one \
                 wants a second draw",
                secret.draw()
            );
            Err(Problem::new(Code::EntropyReleased, words).into())
        }
        (secret, None) => {
            file.write_all(format!("frame\t{digest}\n").as_bytes())?;
            file.sync_all()?;
            Ok(secret)
        }
    }
}

fn named(path: &Path, opened: std::io::Result<File>) -> Result<File> {
    opened.map_err(|error| Error::environment(format!("{}: {error}", path.display())))
}

fn parse(path: &Path, file: &mut File) -> Result<(Secret, Option<String>)> {
    let mut text = String::new();
    let whole = file.read_to_string(&mut text).is_ok() && text.ends_with('\n');
    let parsed = if whole { lines(&text) } else { None };
    parsed.ok_or_else(|| {
        let words = format!("{} is no whole file of an auditor's secret", path.display());
        Error::environment(words)
    })
}

fn lines(text: &str) -> Option<(Secret, Option<String>)> {
    let mut lines = text.lines();
    let mut value = |key: &str| lines.next()?.strip_prefix(key)?.strip_prefix('\t');
    value("#breeze-auditor-secret").filter(|version| *version == "v1")?;
    let office = value("office")?.to_owned();
    let day = value("day")?.to_owned();
    let round = value("round")?.parse().ok()?;
    let a = lowercase_hex(value("secret")?)?;
    let bound = match lines.next() {
        None => None,
        Some(line) => {
            let digest: Digest = lowercase_hex(line.strip_prefix("frame\t")?)?;
            Some(hex::encode(digest))
        }
    };
    lines.next().is_none().then_some((Secret { office, day, round, a }, bound))
}
