//! NDJSON: one object a line.

use super::lines::Lines;
use super::row::{Body, Row, too_long, utf8};
use crate::domain::json;
use crate::domain::problem::{Code, FieldError};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::io::{BufRead, Result};
use std::marker::PhantomData;

/// Reads the rows of an NDJSON text; blank lines are none.
pub struct NdjsonRows<R, B> {
    lines: Lines<R>,
    body: PhantomData<B>,
}

/// What can be said of a row that is JSON but does not say what it should.
#[derive(Deserialize)]
struct Numbered {
    declaration_number: Option<String>,
}

impl<R: BufRead, B: Body> NdjsonRows<R, B> {
    /// Reads a text.
    pub fn new(text: R) -> Self {
        Self { lines: Lines::new(text), body: PhantomData }
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
        loop {
            match self.lines.next()? {
                None => return Ok(None),
                Some(line) if line.is_blank() => {}
                Some(line) if line.cut => {
                    return Ok(Some(Row::broken(line.offset, line.bytes, too_long(line.offset))));
                }
                Some(line) => return Ok(Some(row(line.offset, line.bytes))),
            }
        }
    }
}

fn row<B: Body>(byte_offset: u64, content: Vec<u8>) -> Row<B> {
    let text = match utf8(byte_offset, &content) {
        Ok(text) => text,
        Err(error) => return Row::broken(byte_offset, content, error),
    };
    if let Some(error) = no_object(text) {
        return Row::broken(byte_offset, content, error);
    }
    match serde_json::from_str(text) {
        Ok(body) => Row { byte_offset, number: None, body: Some(body), errors: vec![], content },
        Err(_) => {
            // Once more, slowly, to learn which field it is.
            let errors = match json::parse::<B>(&content) {
                Err(problem) => problem.into_errors(),
                Ok(_) => vec![FieldError::new("", Code::MalformedJson, "is not one JSON object")],
            };
            let number = serde_json::from_str::<Numbered>(text).ok();
            let number = number.and_then(|numbered| numbered.declaration_number);
            Row { byte_offset, number, body: None, errors, content }
        }
    }
}

/// A row is an object. Nothing else may pass: a list would be taken for the fields in their order.
fn no_object(text: &str) -> Option<FieldError> {
    if text.trim_start().starts_with('{') {
        return None;
    }
    Some(match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => FieldError::new("", Code::WrongType, "is JSON, but no object: `{…}`"),
        Err(error) => FieldError::new("", Code::MalformedJson, error.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::declaration::DeclarationBody;

    type NdjsonRows<R> = super::NdjsonRows<R, DeclarationBody>;
    type Row = super::Row<DeclarationBody>;

    /// Place, number, and what is wrong where.
    type Seen = (u64, Option<String>, Vec<(String, Code)>);

    fn rows(text: &[u8]) -> Vec<Seen> {
        let mut rows = NdjsonRows::new(text);
        let errors = |row: &Row| row.errors.iter().map(|e| (e.pointer.clone(), e.code)).collect();
        std::iter::from_fn(|| rows.next().unwrap())
            .map(|row| (row.byte_offset, row.number.clone(), errors(&row)))
            .collect()
    }

    #[test]
    fn every_line_is_a_row_with_its_place_and_its_fault() {
        let text = b"{\"office\":\"A\"}\n\n{\"declaration_number\":\"X1\",\"quantity\":5}\n\
            {\"declaration_number\":\"X2\",\"colour\":\"red\"}\nrubbish\n{\"office\":\"\xff\"}\n[]\n \
            [\"X3\",\"A\",\"E\",null,null,\"KE\",\"850760\",null,\"1\",\"C62\"]\n{}{}";
        let expected = [
            (0, None, vec![]),
            (16, Some("X1".into()), vec![("/quantity".into(), Code::WrongType)]),
            (57, Some("X2".into()), vec![("/colour".into(), Code::UnknownField)]),
            (100, None, vec![(String::new(), Code::MalformedJson)]),
            (108, None, vec![(String::new(), Code::BadUtf8)]),
            (123, None, vec![(String::new(), Code::WrongType)]),
            (126, None, vec![(String::new(), Code::WrongType)]),
            (181, None, vec![(String::new(), Code::MalformedJson)]),
        ];
        assert_eq!(rows(text), expected);
    }

    #[test]
    fn a_byte_order_mark_belongs_to_no_row() {
        assert_eq!(rows(b"\xef\xbb\xbf{}\n{}"), [(3, None, vec![]), (6, None, vec![])]);
    }
}
