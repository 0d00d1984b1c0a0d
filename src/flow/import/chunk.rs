//! A file in chunks: read and checked on a thread of their own, while the chunk before is stored.

use super::read_csv::CsvRows;
use super::read_ndjson::NdjsonRows;
use super::row::{Body, Columns, Row};
use super::source::{self, Format, Source};
use crate::domain::declaration::{self, Checked, DeclarationBody};
use crate::domain::problem::{Code, FieldError, Problem};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use std::io::BufRead;
use std::sync::mpsc::sync_channel;

/// Most rows of a chunk.
const MOST_ROWS: usize = 5_000;
/// Bytes of rows from which on a chunk is full, so that long rows do not fill the memory.
const FULL: usize = 4 << 20;

/// A checked row, of a declaration unless it says otherwise.
pub struct Entry<C = Checked> {
    /// Counts from 1.
    pub line: u64,
    /// Where it begins in the text.
    pub byte_offset: u64,
    /// Its number as far as it can be read.
    pub number: Option<String>,
    /// What it says, or every rule it breaks.
    pub checked: Result<C, Vec<FieldError>>,
    /// The row as it was sent.
    pub content: Vec<u8>,
}

enum Rows<R, B: Body> {
    Csv(Box<CsvRows<R, B>>),
    Ndjson(NdjsonRows<R, B>),
    Empty,
}

impl<R: BufRead, B: Body> Rows<R, B> {
    fn next(&mut self) -> std::io::Result<Option<Row<B>>> {
        match self {
            Self::Csv(rows) => rows.next(),
            Self::Ndjson(rows) => rows.next(),
            Self::Empty => Ok(None),
        }
    }

    fn offset(&self) -> u64 {
        match self {
            Self::Csv(rows) => rows.offset(),
            Self::Ndjson(rows) => rows.offset(),
            Self::Empty => 0,
        }
    }
}

/// The columns of a CSV; none for NDJSON.
///
/// # Errors
/// [`Code::EmptyFile`]; those of the file, and of [`Columns::parse`].
pub fn heading<B: Body>(source: &Source) -> Result<Option<Vec<String>>> {
    let text = source.text()?;
    let (heading, empty) = match source.format {
        Format::Csv => {
            let mut rows = CsvRows::<_, B>::new(text);
            let heading = rows.heading()?.map(|heading| heading.names().to_vec());
            let empty = heading.is_none();
            (heading, empty)
        }
        // What is broken here will be broken when the rows are read, and is named there.
        Format::Ndjson => (None, matches!(NdjsonRows::<_, B>::new(text).next(), Ok(None))),
    };
    match empty {
        false => Ok(heading),
        true => {
            let words = "the file is empty: there is nothing but blank lines, if anything";
            Err(Problem::new(Code::EmptyFile, words).into())
        }
    }
}

fn rows<B: Body>(source: &Source) -> Result<Rows<impl BufRead + Send, B>> {
    let text = source.text()?;
    Ok(match source.format {
        Format::Ndjson => Rows::Ndjson(NdjsonRows::new(text)),
        Format::Csv => {
            let mut rows = CsvRows::new(text);
            match rows.heading()?.is_some() {
                true => Rows::Csv(Box::new(rows)),
                false => Rows::Empty,
            }
        }
    })
}

/// By which rules rows are checked.
#[derive(Clone, Copy)]
pub struct Rules {
    /// The moment of the import.
    pub now: DateTime<Utc>,
    /// Whether declarations may be old.
    pub historical: bool,
}

struct Chunks<R, B: Body, F> {
    rows: Rows<R, B>,
    /// Holds a row against the rules.
    check: F,
    line: u64,
    /// Why the file ends early.
    broken: Option<Error>,
}

impl<R: BufRead, B: Body, F> Chunks<R, B, F> {
    /// The next chunk; none at the end.
    fn next<C>(&mut self) -> Result<Option<Vec<Entry<C>>>>
    where
        F: Fn(&B) -> Result<C, Vec<FieldError>>,
    {
        if let Some(broken) = self.broken.take() {
            return Err(broken);
        }
        let (mut chunk, mut size) = (Vec::new(), 0);
        while chunk.len() < MOST_ROWS && size < FULL {
            match self.entry() {
                Some(entry) => {
                    size += entry.content.len();
                    chunk.push(entry);
                }
                None => break,
            }
        }
        match (chunk.is_empty(), self.broken.take()) {
            (true, Some(broken)) => Err(broken),
            (true, None) => Ok(None),
            (false, broken) => {
                self.broken = broken;
                Ok(Some(chunk))
            }
        }
    }

    fn entry<C>(&mut self) -> Option<Entry<C>>
    where
        F: Fn(&B) -> Result<C, Vec<FieldError>>,
    {
        if self.broken.is_some() {
            return None;
        }
        let row = match self.rows.next() {
            Ok(row) => row?,
            Err(error) => self.break_off(error)?,
        };
        self.line += 1;
        let Row { byte_offset, number, body, mut errors, content } = row;
        let number = number.or_else(|| body.as_ref()?.number().map(str::to_owned));
        let checked = match body {
            None => Err(errors),
            Some(body) => match (self.check)(&body) {
                Ok(checked) if errors.is_empty() => Ok(checked),
                Ok(_) => Err(errors),
                Err(more) => {
                    errors.extend(more);
                    Err(errors)
                }
            },
        };
        Some(Entry { line: self.line, byte_offset, number, checked, content })
    }

    /// The row in which a file breaks off is rejected by its place; a fault of the machine is no
    /// row's.
    fn break_off(&mut self, error: std::io::Error) -> Option<Row<B>> {
        let offset = self.rows.offset();
        let error = source::fault(error);
        let row = match &error {
            Error::Problem(problem) => {
                let words = format!("{}, in the row that begins at byte {offset}", problem.detail);
                let code = match problem.code {
                    Code::BodyTooLarge => Code::BodyTooLarge,
                    _ => Code::MalformedBody,
                };
                Some(Row::broken(offset, Vec::new(), FieldError::new("", code, words)))
            }
            _ => None,
        };
        self.broken = Some(error);
        row
    }
}

/// Does something with each chunk of a file of declarations in order, while the next one is read.
///
/// # Errors
/// Those of the file and of `work`; the first ends it.
pub fn each(
    source: &Source,
    rules: Rules,
    work: impl FnMut(Vec<Entry>) -> Result<()>,
) -> Result<()> {
    let Rules { now, historical } = rules;
    each_of(source, move |body: &DeclarationBody| declaration::parse(body, now, historical), work)
}

/// Does the same with each chunk of any file, whose rows `check` holds against their rules.
///
/// # Errors
/// As [`each`].
pub fn each_of<B: Body + Send, C: Send>(
    source: &Source,
    check: impl Fn(&B) -> Result<C, Vec<FieldError>> + Send,
    mut work: impl FnMut(Vec<Entry<C>>) -> Result<()>,
) -> Result<()>
where
    B::Heading: Send,
{
    let mut chunks = Chunks { rows: rows::<B>(source)?, check, line: 0, broken: None };
    std::thread::scope(|scope| {
        // One chunk is stored, one waits, one is read: memory does not grow with the file.
        let (sender, chunks_read) = sync_channel(1);
        scope.spawn(move || {
            while let Some(next) = chunks.next().transpose() {
                let ended = next.is_err();
                if sender.send(next).is_err() || ended {
                    break;
                }
            }
        });
        chunks_read.into_iter().try_for_each(|chunk| work(chunk?))
    })
}
