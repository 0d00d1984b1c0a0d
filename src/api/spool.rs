//! Large bodies: written to a file of the spool while their digest is taken, so that a slow client
//! holds nothing but its connection.

use crate::api::error::ApiError;
use crate::app::App;
use crate::domain::problem::{Code, Problem};
use crate::error::{Error, Result};
use actix_web::web;
use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Write;
use std::time::Duration;

/// How long a body may pause on its way.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes that are collected before they are written at once.
const BATCH: usize = 1 << 20;

/// A body that has arrived.
pub struct Spooled {
    /// A file without a name, gone when it is closed.
    pub file: File,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
}

struct Desk {
    file: File,
    digest: Sha256,
    size: u64,
}

impl Desk {
    fn write(mut self, bytes: &[u8]) -> Result<Self> {
        self.file.write_all(bytes)?;
        self.digest.update(bytes);
        Ok(self)
    }

    fn count(&mut self, bytes: usize, most: u64) -> Result<(), Problem> {
        self.size += u64::try_from(bytes).unwrap_or(u64::MAX);
        match self.size > most {
            false => Ok(()),
            true => {
                let words = format!("an import has at most {most} bytes as sent");
                Err(Problem::new(Code::BodyTooLarge, words))
            }
        }
    }
}

/// Takes a body of at most `most` bytes as sent.
///
/// # Errors
/// A body that is too large, ends early, or pauses for more than 30 seconds; a full disk.
pub async fn spool(app: &App, mut payload: web::Payload, most: u64) -> Result<Spooled, ApiError> {
    let folder = app.spool.clone();
    let file = block(move || Ok(tempfile::tempfile_in(folder)?)).await?;
    let mut desk = Desk { file, digest: Sha256::new(), size: 0 };
    let mut batch = Vec::new();
    loop {
        let next = tokio::time::timeout(PATIENCE, payload.next()).await.map_err(|_| {
            Problem::new(Code::MalformedBody, "the body paused for more than 30 seconds")
        })?;
        let Some(bytes) = next else { break };
        let bytes = bytes.map_err(|error| {
            let words = format!("the body did not arrive whole: {error}; send it again");
            Problem::new(Code::MalformedBody, words)
        })?;
        desk.count(bytes.len(), most)?;
        batch.extend_from_slice(&bytes);
        if batch.len() >= BATCH {
            (desk, batch) = write(desk, batch).await?;
        }
    }
    let (desk, _) = write(desk, batch).await?;
    Ok(Spooled { file: desk.file, sha256: hex::encode(desk.digest.finalize()) })
}

async fn write(desk: Desk, mut batch: Vec<u8>) -> Result<(Desk, Vec<u8>), ApiError> {
    block(move || {
        let desk = desk.write(&batch)?;
        batch.clear();
        Ok((desk, batch))
    })
    .await
}

async fn block<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T, ApiError> {
    Ok(web::block(work).await.map_err(|cancelled| Error::Inner(cancelled.into()))??)
}
