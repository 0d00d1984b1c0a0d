//! Files on their way out: spooled to disk, then streamed, so that no answer holds a whole file.

use crate::app::App;
use crate::domain::problem::{Code, Problem};
use crate::error::{Error, Result};
use crate::flow::publish::Files;
use crate::sampling::file;
use crate::sampling::verify::Bundle;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use futures_util::stream;
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;
use tokio::sync::OwnedSemaphorePermit;
use zip::write::SimpleFileOptions;

/// Bytes read from disk at a time.
const PIECE: usize = 64 * 1024;
/// Bytes read of one zipped file; a frame of ten million rows stays below.
const MOST_UNZIPPED: u64 = 2 << 30;

/// Claims one of the few places for work on the files of a draw.
///
/// # Errors
/// [`Code::Busy`] while all are taken.
pub fn place(app: &App) -> Result<OwnedSemaphorePermit, Problem> {
    app.builders.clone().try_acquire_owned().map_err(|_| {
        Problem::new(Code::Busy, "the files of other draws are at work: ask again in a moment")
    })
}

/// One file of a draw as it is, on its way into the spool.
pub struct Plain(File);

impl Plain {
    /// An empty file that vanishes when it has been sent.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn new(spool: &Path) -> Result<Self> {
        Ok(Self(tempfile::tempfile_in(spool)?))
    }

    /// The file, to be read from its beginning.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn finish(self) -> Result<File> {
        rewound(self.0)
    }
}

impl Files for Plain {
    fn begin(&mut self, _: &str) -> Result<()> {
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.0.write_all(bytes)?)
    }
}

/// The files of a draw as a zip, on its way into the spool: the same files give the same bytes.
pub struct Zip(zip::ZipWriter<File>);

impl Zip {
    /// An empty zip that vanishes when it has been sent.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn new(spool: &Path) -> Result<Self> {
        Ok(Self(zip::ZipWriter::new(tempfile::tempfile_in(spool)?)))
    }

    /// The zip, to be read from its beginning.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn finish(self) -> Result<File> {
        rewound(self.0.finish().map_err(unzipped)?)
    }
}

impl Files for Zip {
    fn begin(&mut self, name: &str) -> Result<()> {
        // The default time of an entry is a constant, not the clock.
        self.0.start_file(name, SimpleFileOptions::default()).map_err(unzipped)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.0.write_all(bytes)?)
    }
}

fn rewound(mut file: File) -> Result<File> {
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// A full disk says so through the zip as well.
fn unzipped(error: zip::result::ZipError) -> Error {
    match error {
        zip::result::ZipError::Io(error) => error.into(),
        error => Error::Inner(error.into()),
    }
}

/// Reads a zipped bundle: the files of a draw; others are named and not read.
///
/// # Errors
/// Bytes that are no zip; one in which two programs could see different files: a name twice, or a
/// path that would be extracted over a file of the draw.
pub fn unzip(bytes: Vec<u8>) -> Result<Bundle> {
    let listed = entries(&bytes);
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(unzipped)?;
    // The archive keeps its entries by name: of two with one name it shows the last.
    if listed != Some(archive.len()) {
        return Err(ambiguous("a name stands in it twice"));
    }
    let mut bundle = Bundle::default();
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(unzipped)?;
        let name = entry.name().map_err(unzipped)?.into_owned();
        let base = name.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
        let ours = file::ALL.contains(&name.as_str());
        if !ours && file::ALL.contains(&base.as_str()) {
            return Err(ambiguous(&format!("`{name}` looks like a file of the draw and is none")));
        }
        let mut content = Vec::new();
        if ours {
            // A zip can promise more than any disk holds.
            entry.take(MOST_UNZIPPED + 1).read_to_end(&mut content)?;
        }
        if u64::try_from(content.len()).unwrap_or(u64::MAX) > MOST_UNZIPPED {
            let words = format!("`{name}` has more than {MOST_UNZIPPED} bytes: unzip it yourself");
            return Err(Error::environment(words));
        }
        bundle.files.insert(name, content);
    }
    Ok(bundle)
}

fn ambiguous(words: &str) -> Error {
    Error::environment(format!("this zip does not say the same to every program: {words}"))
}

/// How many entries the end of the zip says it has (APPNOTE 4.3.16); `None` where it has no end.
fn entries(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(4).rposition(|four| four == b"PK\x05\x06")?;
    let count = bytes.get(end + 10..end + 12)?;
    Some(usize::from(u16::from_le_bytes(count.try_into().ok()?)))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn zipped(names: &[&str]) -> Vec<u8> {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for name in names {
            archive.start_file(*name, SimpleFileOptions::default()).unwrap();
            archive.write_all(name.as_bytes()).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    #[test]
    fn a_zip_reads_as_the_files_of_a_draw_and_names_the_others() {
        let bundle = unzip(zipped(&["frame.tsv", "README"])).unwrap();
        assert_eq!(bundle.files["frame.tsv"], b"frame.tsv");
        assert_eq!(bundle.files["README"], b"", "named, not read");
    }

    #[test]
    fn a_zip_that_shows_two_programs_two_things_is_refused() {
        for name in ["./frame.tsv", "x/frame.tsv", "Frame.TSV", "x\\roster.tsv"] {
            let error = unzip(zipped(&["frame.tsv", name])).unwrap_err().to_string();
            assert!(error.contains("does not say the same"), "{name}: {error}");
        }
        // The same length, so that only the names of the entry change.
        let mut twice = zipped(&["frame.tsv", "frame.tsw"]);
        let places: Vec<_> =
            (0..twice.len() - 9).filter(|at| twice[*at..*at + 9] == *b"frame.tsw").collect();
        for at in places {
            twice[at + 8] = b'v';
        }
        let error = unzip(twice).unwrap_err().to_string();
        assert!(error.contains("twice"), "{error}");
    }
}
