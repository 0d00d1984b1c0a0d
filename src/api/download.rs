//! Files on their way out: spooled to disk, then streamed, so that no answer holds a whole file.

use crate::error::{Error, Result};
use crate::sampling::verify::Bundle;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use futures_util::stream;
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;
use zip::write::SimpleFileOptions;

/// Bytes read from disk at a time.
const PIECE: usize = 64 * 1024;
/// Bytes read of one zipped file; a frame of ten million rows stays below.
const MOST_UNZIPPED: u64 = 2 << 30;

/// Puts bytes into a file that vanishes when it has been sent.
///
/// # Errors
/// Those of the disk.
pub fn spool(folder: &Path, bytes: &[u8]) -> Result<File> {
    let mut file = tempfile::tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// Zips a bundle: the same bundle gives the same bytes.
///
/// # Errors
/// Those of the disk.
pub fn zip(folder: &Path, bundle: &Bundle) -> Result<File> {
    let mut file = tempfile::tempfile_in(folder)?;
    zip_to(&mut file, bundle)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

fn zip_to(file: &mut File, bundle: &Bundle) -> Result<()> {
    let failed = |error: zip::result::ZipError| Error::Inner(error.into());
    let mut archive = zip::ZipWriter::new(file);
    // The default time of an entry is a constant, not the clock.
    let options = SimpleFileOptions::default();
    for (name, bytes) in &bundle.files {
        archive.start_file(name.as_str(), options).map_err(failed)?;
        archive.write_all(bytes)?;
    }
    archive.finish().map_err(failed)?;
    Ok(())
}

/// Reads a zipped bundle.
///
/// # Errors
/// Bytes that are no zip.
pub fn unzip(bytes: Vec<u8>) -> Result<Bundle> {
    let failed = |error: zip::result::ZipError| Error::Inner(error.into());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(failed)?;
    let mut bundle = Bundle::default();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).map_err(failed)?;
        let name = entry.name().map_err(failed)?.into_owned();
        let mut bytes = Vec::new();
        // A zip can promise more than any disk holds.
        (&mut entry).take(MOST_UNZIPPED).read_to_end(&mut bytes)?;
        bundle.files.insert(name, bytes);
    }
    Ok(bundle)
}

/// Streams a file as an answer.
pub fn answer(file: File, media_type: &str, name: &str) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type(media_type);
    response.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
    if let Ok(about) = file.metadata() {
        response.no_chunking(about.len());
        response.insert_header((CONTENT_LENGTH, about.len()));
    }
    response.streaming(stream::unfold(file, |file| async move {
        match web::block(move || piece(file)).await {
            Ok(Ok((piece, _))) if piece.is_empty() => None,
            Ok(Ok((piece, file))) => Some((Ok::<_, std::io::Error>(Bytes::from(piece)), file)),
            // The length was announced: the reader notices that the rest is missing.
            Ok(Err(error)) => {
                tracing::error!(%error, "a file broke off while it was sent");
                None
            }
            Err(_) => None,
        }
    }))
}

fn piece(mut file: File) -> std::io::Result<(Vec<u8>, File)> {
    let mut piece = Vec::with_capacity(PIECE);
    let most = u64::try_from(PIECE).unwrap_or(u64::MAX);
    (&mut file).take(most).read_to_end(&mut piece)?;
    Ok((piece, file))
}
