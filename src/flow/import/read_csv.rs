//! CSV: a heading, then one declaration a record.
//!
//! A quotation mark too many must not swallow the file: a record that runs on for too long, or whose
//! mark closes in the wrong place, loses its first line only. The same holds when a later row happens
//! to close it: no field of a declaration holds a line end, so whatever ran on into another line is
//! one record only where its cells fit the heading and every line end stands in a column that is
//! passed over. The lines that were read along with it are then read again, each for itself.

use super::lines::{Line, Lines};
use super::quotes::{self, Place};
use super::row::{Body, Columns, Row, too_long, utf8};
use crate::domain::import::LONGEST_ROW;
use crate::domain::problem::{Code, FieldError, Problem};
use std::io::{BufRead, Result};

/// A record as text, or why there is none.
struct Record {
    offset: u64,
    bytes: Vec<u8>,
    fault: Option<FieldError>,
}

/// Reads the rows of a CSV; blank lines are none.
pub struct CsvRows<R, B: Body> {
    lines: Lines<R>,
    /// Lines that begin before this place stand alone.
    alone_until: u64,
    heading: Option<B::Heading>,
}

impl<R: BufRead, B: Body> CsvRows<R, B> {
    /// Reads a text; [`CsvRows::heading`] comes first.
    pub fn new(text: R) -> Self {
        Self { lines: Lines::new(text), alone_until: 0, heading: None }
    }

    /// Reads the heading; none in an empty file.
    ///
    /// # Errors
    /// Those of the text, and of [`Columns::parse`].
    pub fn heading(&mut self) -> crate::error::Result<Option<&B::Heading>> {
        let Some(record) = self.record().map_err(super::source::fault)? else { return Ok(None) };
        if let Some(fault) = record.fault {
            return Err(Problem::new(fault.code, format!("the heading: {}", fault.detail)).into());
        }
        let text = utf8(record.offset, &record.bytes).map_err(|fault| {
            let words = format!("{}: save the file as UTF-8", fault.detail);
            Problem::new(fault.code, words)
        })?;
        let names = quotes::split(text).into_iter().map(String::from).collect();
        Ok(Some(self.heading.insert(Columns::parse(names)?)))
    }

    /// Where the next row begins.
    pub fn offset(&self) -> u64 {
        self.lines.offset()
    }

    /// The next row.
    ///
    /// # Errors
    /// Those of the text.
    pub fn next(&mut self) -> Result<Option<Row<B>>> {
        let record = self.record()?;
        let heading = self.heading.as_ref();
        Ok(record.zip(heading).map(|(record, heading)| row(heading, record)))
    }

    /// The next record: one line, or more when a line ends between quotation marks.
    fn record(&mut self) -> Result<Option<Record>> {
        let first = loop {
            match self.lines.next()? {
                None => return Ok(None),
                Some(line) if line.is_blank() => {}
                Some(line) => break line,
            }
        };
        if first.cut {
            return Ok(Some(Record::broken(first, too_long)));
        }
        let alone = first.offset < self.alone_until;
        match quotes::follow(Place::Start, &first.bytes) {
            Some(Place::Quoted) if !alone => self.run_on(first),
            Some(Place::Quoted) | None => Ok(Some(Record::broken(first, unbalanced))),
            Some(_) => Ok(Some(Record { offset: first.offset, bytes: first.bytes, fault: None })),
        }
    }

    /// Reads on while a quotation mark is open.
    fn run_on(&mut self, first: Line) -> Result<Option<Record>> {
        let mut more: Vec<Line> = Vec::new();
        let mut length = first.bytes.len() + first.end.len();
        let mut place = Place::Quoted;
        loop {
            let Some(line) = self.lines.next()? else {
                return Ok(Some(self.give_up(first, more, unbalanced)));
            };
            length += line.bytes.len() + line.end.len();
            let too_long_now = line.cut || length > LONGEST_ROW;
            let next = quotes::follow(place, &line.bytes);
            more.push(line);
            place = match next {
                _ if too_long_now => return Ok(Some(self.give_up(first, more, too_long))),
                None => return Ok(Some(self.give_up(first, more, unbalanced))),
                Some(Place::Quoted) => Place::Quoted,
                Some(_) => {
                    let record = join(&first, &more);
                    let whole =
                        self.heading.as_ref().is_none_or(|names| names.may_run_on(&record.bytes));
                    return Ok(Some(match whole {
                        true => record,
                        false => self.give_up(first, more, unbalanced),
                    }));
                }
            };
        }
    }

    /// Only the first line is lost; the others are read again, each for itself.
    fn give_up(&mut self, first: Line, more: Vec<Line>, fault: fn(u64) -> FieldError) -> Record {
        self.lines.give_back(more);
        self.alone_until = self.lines.read_up_to();
        Record::broken(first, fault)
    }
}

fn join(first: &Line, more: &[Line]) -> Record {
    let Line { offset, mut bytes, mut end, .. } = first.clone();
    for line in more {
        bytes.extend_from_slice(end);
        bytes.extend_from_slice(&line.bytes);
        end = line.end;
    }
    Record { offset, bytes, fault: None }
}

impl Record {
    fn broken(line: Line, fault: fn(u64) -> FieldError) -> Self {
        Self { offset: line.offset, bytes: line.bytes, fault: Some(fault(line.offset)) }
    }
}

fn unbalanced(byte_offset: u64) -> FieldError {
    let words = format!(
        "a quotation mark of the row that begins at byte {byte_offset} opens or closes in the \
         wrong place"
    );
    FieldError::new("", Code::QuoteUnbalanced, words)
}

fn row<B: Body>(heading: &B::Heading, record: Record) -> Row<B> {
    let Record { offset, bytes, fault } = record;
    let text = match fault.map_or_else(|| utf8(offset, &bytes), Err) {
        Ok(text) => text,
        Err(fault) => return Row::broken(offset, bytes, fault),
    };
    let cells = quotes::split(text);
    let columns = heading.names().len();
    if cells.len() != columns {
        let words = format!("{} fields where the heading has {}", cells.len(), columns);
        let number = heading.number(&cells);
        let fault = FieldError::new("", Code::ColumnCount, words);
        return Row { number, ..Row::broken(offset, bytes, fault) };
    }
    let (body, errors) = heading.body(&cells);
    Row { byte_offset: offset, number: None, body: Some(body), errors, content: bytes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::declaration::DeclarationBody;

    type CsvRows<R> = super::CsvRows<R, DeclarationBody>;
    type Row = super::Row<DeclarationBody>;

    const HEADING: &str = "declaration_number,office,exporter_id,destination_country,commodity_code,quantity,unit,declared_at,description\n";

    /// Place, number, description and code of every row after the heading.
    fn rows(text: &[u8]) -> Vec<(u64, String, String, Option<Code>)> {
        let text = [HEADING.as_bytes(), text].concat();
        let start = HEADING.len() as u64;
        let mut rows = CsvRows::new(text.as_slice());
        rows.heading().unwrap().unwrap();
        std::iter::from_fn(|| rows.next().unwrap())
            .map(|row| {
                let body = row.body.unwrap_or_default();
                let number = body.declaration_number.or(row.number).unwrap_or_default();
                let code = row.errors.first().map(|error| error.code);
                (row.byte_offset - start, number, body.description.unwrap_or_default(), code)
            })
            .collect()
    }

    fn good(number: &str, description: &str) -> String {
        format!("{number},A,E,KE,850760,1,C62,2026-11-24T00:00:00Z,{description}\n")
    }

    #[test]
    fn a_record_may_hold_marks_and_commas() {
        let text = good("1", "\"a \"\"b\"\", c\"") + "\r\n" + &good("2", "5\" pipe");
        let second = text.len() as u64 - good("2", "5\" pipe").len() as u64;
        let expected = [
            (0, "1".into(), "a \"b\", c".into(), None),
            (second, "2".into(), "5\" pipe".into(), None),
        ];
        assert_eq!(rows(text.as_bytes()), expected);
    }

    #[test]
    fn only_a_column_that_is_passed_over_may_hold_line_ends() {
        let heading = HEADING.replace("description", "_note");
        let text = good("1", "\"two\r\nlines, \"\"a\"\"\"") + &good("2", "");
        let numbers = |heading: &str| {
            let text = [heading, &text].concat();
            let mut rows = CsvRows::new(text.as_bytes());
            rows.heading().unwrap().unwrap();
            let number = |row: Row| row.body.and_then(|body| body.declaration_number);
            std::iter::from_fn(|| rows.next().unwrap()).map(number).collect::<Vec<_>>()
        };
        assert_eq!(numbers(&heading), [Some("1".into()), Some("2".into())]);
        assert_eq!(numbers(HEADING), [None, None, Some("2".into())]);
    }

    #[test]
    fn a_mark_that_a_later_row_happens_to_close_costs_its_own_row_only() {
        let first = "\"open,A,E,KE,850760,1,C62,2026-11-24T00:00:00Z,\n".to_owned();
        let last = good("1", "\"open");
        for (one, four) in [(&last, good("4", "5\"")), (&first, good("4\"", ""))] {
            let text = one.clone() + &good("2", "") + &good("3", "") + &four + &good("5", "");
            let rows = rows(text.as_bytes());
            assert_eq!(rows[0].3, Some(Code::QuoteUnbalanced));
            let rest: Vec<_> = rows[1..].iter().map(|row| (&*row.1, row.3)).collect();
            let four = if four.starts_with("4\"") { "4\"" } else { "4" };
            assert_eq!(rest, [("2", None), ("3", None), (four, None), ("5", None)]);
        }
    }

    #[test]
    fn a_mark_too_many_costs_its_own_row_only() {
        let text = good("1", "\"open") + &good("2", "") + &good("3", "\"shut\"") + &good("4", "");
        let codes: Vec<_> = rows(text.as_bytes()).into_iter().map(|row| (row.1, row.3)).collect();
        let broken = Some(Code::QuoteUnbalanced);
        let rest = [("2".into(), None), ("3".into(), None), ("4".into(), None)];
        assert_eq!(codes[0], (String::new(), broken));
        assert_eq!(codes[1..], rest);
    }

    #[test]
    fn a_mark_that_is_never_closed_costs_its_own_row_only() {
        let mut text = good("0", "") + &good("1", "\"open");
        for number in 2..2_000 {
            text += &good(&number.to_string(), "");
        }
        let rows = rows(text.as_bytes());
        assert_eq!(rows.len(), 2_000);
        let faults: Vec<_> = rows.iter().filter(|row| row.3.is_some()).collect();
        assert_eq!(
            faults,
            [&(good("0", "").len() as u64, String::new(), String::new(), Some(Code::RowTooLong))]
        );
    }

    #[test]
    fn records_of_many_lines_are_whole_again_after_a_broken_one() {
        let mut text = HEADING.replace("description", "_note") + &good("1", "\"open");
        for number in 2..2_000 {
            text += &good(&number.to_string(), "");
        }
        text += &good("last", "\"two\nlines\"");
        let mut rows = CsvRows::new(text.as_bytes());
        rows.heading().unwrap().unwrap();
        let last = std::iter::from_fn(|| rows.next().unwrap()).last().unwrap();
        assert_eq!(last.body.unwrap().declaration_number.as_deref(), Some("last"));
    }

    #[test]
    fn rubbish_is_named_and_the_rows_around_it_are_read() {
        let mut text = good("1", "").into_bytes();
        text.extend_from_slice(b"2,too,few\n");
        text.extend_from_slice(b"3,A,E,KE,850760,1,C62,2026-11-24T00:00:00Z,\xff\n");
        text.extend_from_slice(&vec![b'x'; 100_000]);
        text.push(b'\n');
        text.extend_from_slice(good("5", "").as_bytes());
        let codes: Vec<_> = rows(&text).into_iter().map(|row| (row.1, row.3)).collect();
        let expected = [
            ("1".into(), None),
            ("2".into(), Some(Code::ColumnCount)),
            (String::new(), Some(Code::BadUtf8)),
            (String::new(), Some(Code::RowTooLong)),
            ("5".into(), None),
        ];
        assert_eq!(codes, expected);
    }

    #[test]
    fn a_heading_may_have_a_byte_order_mark_and_an_empty_file_has_none() {
        let text = format!("\u{feff}{HEADING}");
        assert!(CsvRows::new(text.as_bytes()).heading().unwrap().is_some());
        for empty in ["", "\n \r\n", "\u{feff}"] {
            assert!(CsvRows::new(empty.as_bytes()).heading().unwrap().is_none(), "{empty:?}");
        }
        assert!(CsvRows::new(&b"\xff\xfed\0"[..]).heading().is_err());
    }
}
