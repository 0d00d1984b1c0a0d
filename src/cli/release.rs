//! `breeze release`: the auditor's side of a draw, on the auditor's own machine. No database, no
//! network: a file for each secret.

mod file;

use crate::cli::{Done, Out};
use crate::domain::id::OfficeCode;
use crate::domain::problem::{Code, Problem};
use crate::error::Result;
use crate::sampling::ticket::{Digest, auditor_commitment, auditor_release, lowercase_hex};
use chrono::NaiveDate;
use clap::Subcommand;
use file::Secret;
use serde_json::json;
use std::path::PathBuf;

/// What to do with the secret.
#[derive(Subcommand)]
pub enum Release {
    /// Make the secret of one draw and print the commitment to publish
    New {
        /// The office
        #[arg(long)]
        office: OfficeCode,
        /// The inspection day, YYYY-MM-DD
        #[arg(long, value_parser = crate::domain::day::parse)]
        day: NaiveDate,
        /// Round of the day
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        round: u32,
        /// File to write the secret into; it must not be there yet
        #[arg(long)]
        out: PathBuf,
    },
    /// Print what to release for the frame of this digest; once, for no other digest ever after
    Frame {
        /// File of the secret
        #[arg(long)]
        secret: PathBuf,
        /// SHA-256 of frame.tsv, 64 lowercase hex digits
        #[arg(long)]
        digest: String,
    },
    /// Print the secret itself, for when the draw is revealed
    Secret {
        /// File of the secret
        file: PathBuf,
    },
}

/// Does it.
///
/// # Errors
/// A file that is there already, or is none of ours; a second digest.
pub fn run(ask: Release, out: &Out) -> Result<Done> {
    match ask {
        Release::New { office, day, round, out: path } => {
            let day = day.format("%Y%m%d").to_string();
            let secret = Secret { office: office.into(), day, round, a: rand::random() };
            file::make(&path, &secret)?;
            let commitment = hex::encode(auditor_commitment(&secret.draw(), &secret.a));
            let answer = json!({ "draw": secret.draw().to_string(), "commitment": commitment });
            out.say(&answer, || commitment)?;
        }
        Release::Frame { secret: path, digest } => {
            let digest = sha256(&digest)?;
            // On the disk before it is anywhere else.
            let secret = file::bind(&path, &digest)?;
            let value = hex::encode(auditor_release(&secret.a, &digest));
            let draw = secret.draw().to_string();
            let answer = json!({ "draw": draw, "frame_sha256": digest, "value": value });
            out.say(&answer, || value)?;
        }
        Release::Secret { file: path } => {
            let (secret, digest) = file::read(&path)?;
            if digest.is_none() {
                let words = format!(
                    "{}: nothing was released with this secret yet; given away before the draw it \
                     protects nothing",
                    path.display()
                );
                return Err(Problem::new(Code::EntropyNotAwaited, words).into());
            }
            let value = hex::encode(secret.a);
            let draw = secret.draw().to_string();
            out.say(&json!({ "draw": draw, "value": value }), || value)?;
        }
    }
    Ok(Done::Fine)
}

fn sha256(text: &str) -> Result<String, Problem> {
    let digest = lowercase_hex(text).map(|digest: Digest| hex::encode(digest));
    digest.ok_or_else(|| {
        let words = "the digest of a frame is 64 lowercase hex digits";
        Problem::new(Code::ValueNotAllowed, words)
    })
}
