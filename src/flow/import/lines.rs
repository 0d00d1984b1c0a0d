//! Lines of a text with their places, each bounded in length.

use crate::domain::import::LONGEST_ROW;
use std::collections::VecDeque;
use std::io::{BufRead, Read, Result};

/// A line without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it begins, in bytes from the beginning of the text.
    pub offset: u64,
    /// Its bytes, or as many as a row may have at most.
    pub bytes: Vec<u8>,
    /// How it ended: LF, CR LF, or nothing at the end of the text.
    pub end: &'static [u8],
    /// Whether it was too long, so that its rest was passed over.
    pub cut: bool,
}

impl Line {
    /// Whether there is nothing but white space.
    pub fn is_blank(&self) -> bool {
        self.bytes.iter().all(u8::is_ascii_whitespace)
    }
}

/// Reads lines, and takes lines back.
pub struct Lines<R> {
    text: R,
    offset: u64,
    returned: VecDeque<Line>,
}

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

fn long(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

impl<R: BufRead> Lines<R> {
    /// Reads a text; a byte order mark at its beginning is passed over.
    pub fn new(text: R) -> Self {
        Self { text, offset: 0, returned: VecDeque::new() }
    }

    /// Where the next line begins.
    pub fn offset(&self) -> u64 {
        self.returned.front().map_or(self.offset, |line| line.offset)
    }

    /// Where reading ended so far, lines that were given back included.
    pub fn read_up_to(&self) -> u64 {
        self.offset
    }

    /// Gives back lines that were read, to be read again in the same order.
    pub fn give_back(&mut self, lines: Vec<Line>) {
        for line in lines.into_iter().rev() {
            self.returned.push_front(line);
        }
    }

    /// The next line; none at the end.
    ///
    /// # Errors
    /// Those of the text.
    pub fn next(&mut self) -> Result<Option<Line>> {
        if let Some(line) = self.returned.pop_front() {
            return Ok(Some(line));
        }
        let mut offset = self.offset;
        let mut bytes = Vec::with_capacity(192);
        // More than a row may have: room for the line's end, and for the mark of the first one.
        let room = if offset == 0 { 2 + MARK.len() } else { 2 };
        let most = LONGEST_ROW + room;
        let count = (&mut self.text).take(long(most)).read_until(b'\n', &mut bytes)?;
        if count == 0 {
            return Ok(None);
        }
        self.offset += long(count);
        if offset == 0 && bytes.starts_with(MARK) {
            bytes.drain(..MARK.len());
            offset = long(MARK.len());
        }
        let end: &'static [u8] = match bytes.as_slice() {
            [.., b'\r', b'\n'] => b"\r\n",
            [.., b'\n'] => b"\n",
            _ => b"",
        };
        bytes.truncate(bytes.len() - end.len());
        let cut = bytes.len() > LONGEST_ROW;
        if cut && end.is_empty() {
            self.skip()?;
        }
        bytes.truncate(LONGEST_ROW);
        Ok(Some(Line { offset, bytes, end, cut }))
    }

    /// Passes over the rest of a line.
    fn skip(&mut self) -> Result<()> {
        loop {
            let buffer = self.text.fill_buf()?;
            let found = buffer.iter().position(|byte| *byte == b'\n');
            let count = found.map_or(buffer.len(), |at| at + 1);
            self.text.consume(count);
            self.offset += long(count);
            if found.is_some() || count == 0 {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8]) -> Vec<(u64, String, bool)> {
        let mut lines = Lines::new(text);
        std::iter::from_fn(|| lines.next().unwrap())
            .map(|line| (line.offset, String::from_utf8(line.bytes).unwrap(), line.cut))
            .collect()
    }

    #[test]
    fn offsets_count_bytes_with_the_byte_order_mark_and_both_kinds_of_line_end() {
        let lines = all("\u{feff}ä\r\nb\n\nc".as_bytes());
        let expected = [(3, "ä", false), (7, "b", false), (9, "", false), (10, "c", false)];
        assert_eq!(lines, expected.map(|(at, text, cut)| (at, text.to_owned(), cut)));
    }

    #[test]
    fn a_line_of_the_greatest_length_is_whole_and_a_longer_one_is_cut() {
        for (length, cut) in [(LONGEST_ROW, false), (LONGEST_ROW + 1, true), (200_000, true)] {
            for end in ["\n", "\r\n"] {
                let text = format!("{}{end}next", "x".repeat(length));
                let lines = all(text.as_bytes());
                assert_eq!(lines.len(), 2, "{length}");
                assert_eq!((lines[0].1.len(), lines[0].2), (length.min(LONGEST_ROW), cut));
                assert_eq!(lines[1], (text.len() as u64 - 4, "next".to_owned(), false));
            }
        }
    }
}
