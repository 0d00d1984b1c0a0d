//! The file an import reads: plain or gzip, CSV or NDJSON, never held in memory.

use crate::domain::problem::{Code, Problem};
use crate::error::{Error, Result};
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Seek};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A heading, then one declaration a row.
    Csv,
    /// One JSON object a line.
    Ndjson,
}

/// A file that can be read from its beginning as often as needed.
pub struct Source {
    file: File,
    /// How its rows are written.
    pub format: Format,
    gzip: bool,
    /// Most bytes after decompression.
    most: u64,
    read: Arc<AtomicU64>,
}

/// Bytes of the buffers between the layers.
const BUFFER: usize = 128 * 1024;

/// The first two bytes of gzip.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

impl Source {
    /// Takes a file. gzip is known by its first bytes, whatever anybody says; the format, when it
    /// is not given, by the first character: `{` begins NDJSON.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn new(mut file: File, format: Option<Format>, most: u64) -> Result<Self> {
        let mut start = Vec::new();
        file.rewind()?;
        (&file).take(2).read_to_end(&mut start)?;
        let mut source = Self {
            file,
            format: format.unwrap_or(Format::Csv),
            gzip: start == MAGIC,
            most,
            read: Arc::default(),
        };
        if format.is_none() && source.first_character()? == Some(b'{') {
            source.format = Format::Ndjson;
        }
        Ok(source)
    }

    /// Whether it is gzip.
    pub fn is_gzip(&self) -> bool {
        self.gzip
    }

    /// Bytes of the file read so far, for a progress bar.
    pub fn position(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.read)
    }

    /// Reads the text from its beginning. One reader at a time.
    pub(super) fn text(&self) -> std::io::Result<Box<dyn BufRead + Send + '_>> {
        (&self.file).rewind()?;
        self.read.store(0, Ordering::Relaxed);
        let counted = Counted { inner: &self.file, read: &self.read };
        let raw = BufReader::with_capacity(BUFFER, counted);
        Ok(match self.gzip {
            false => Box::new(buffered(raw, self.most)),
            true => Box::new(buffered(MultiGzDecoder::new(raw), self.most)),
        })
    }

    fn first_character(&self) -> Result<Option<u8>> {
        let mut start = Vec::new();
        // What is broken here will be broken when the rows are read, and is named there.
        let _ = self.text()?.take(4_096).read_to_end(&mut start);
        let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start);
        Ok(text.trim_ascii_start().first().copied())
    }
}

fn buffered<R: Read>(inner: R, most: u64) -> BufReader<Bounded<R>> {
    BufReader::with_capacity(BUFFER, Bounded { inner, left: most, most })
}

/// Counts what is read of the file.
struct Counted<'a> {
    inner: &'a File,
    read: &'a AtomicU64,
}

impl Read for Counted<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(into)?;
        self.read.fetch_add(u64::try_from(count).unwrap_or(0), Ordering::Relaxed);
        Ok(count)
    }
}

/// Ends with an error after a number of bytes, so that a small file cannot expand without end.
struct Bounded<R> {
    inner: R,
    left: u64,
    most: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(into)?;
        let left = u64::try_from(count).ok().and_then(|count| self.left.checked_sub(count));
        self.left = left.ok_or_else(|| {
            let words = format!("the text has more than {} bytes after decompression", self.most);
            std::io::Error::new(ErrorKind::FileTooLarge, words)
        })?;
        Ok(count)
    }
}

/// What a failure to read means: the file's fault, or the machine's.
pub(super) fn fault(error: std::io::Error) -> Error {
    let code = match error.kind() {
        ErrorKind::FileTooLarge => Code::BodyTooLarge,
        // flate2 speaks of broken gzip in these words.
        ErrorKind::UnexpectedEof | ErrorKind::InvalidInput | ErrorKind::InvalidData => {
            Code::MalformedBody
        }
        _ => return error.into(),
    };
    let words = match error.kind() {
        ErrorKind::UnexpectedEof => "the gzip ends in the middle".to_owned(),
        ErrorKind::FileTooLarge => error.to_string(),
        _ => format!("the gzip is broken: {error}"),
    };
    Problem::new(code, words).into()
}
