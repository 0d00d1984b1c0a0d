//! The same list as a file: CSV as a stream, XLSX as a whole; and which form the caller wants.

use crate::api::error::ApiError;
use crate::domain::problem::{Code, Problem};
use crate::error::{Error, Result};
use actix_web::http::header::{self, ContentDisposition, DispositionParam, DispositionType};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use futures_util::Stream;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

/// Media type of CSV (RFC 4180, RFC 7111).
pub const CSV: &str = "text/csv; charset=utf-8; header=present";
/// Media type of a workbook.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A JSON document.
    Json,
    /// Comma separated values.
    Csv,
    /// A workbook.
    Xlsx,
}

impl Form {
    /// The first of `offered` with the highest quality that `Accept` gives to any; the first one
    /// when nothing was asked.
    ///
    /// # Errors
    /// [`Code::NotAcceptable`].
    pub fn asked(req: &HttpRequest, offered: &[Self]) -> Result<Self, Problem> {
        let asked = req.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
        Self::accepted(asked.filter(|asked| !asked.trim().is_empty()).unwrap_or("*/*"), offered)
    }

    fn accepted(accept: &str, offered: &[Self]) -> Result<Self, Problem> {
        let mut best: Option<(u32, Self)> = None;
        for form in offered {
            let quality = quality(accept, form.media_type());
            if quality > best.map_or(0, |(quality, _)| quality) {
                best = Some((quality, *form));
            }
        }
        best.map(|(_, form)| form).ok_or_else(|| {
            let possible: Vec<_> = offered.iter().map(|form| form.media_type()).collect();
            Problem::new(Code::NotAcceptable, format!("possible here: {}", possible.join(", ")))
        })
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv",
            Self::Xlsx => XLSX,
        }
    }
}

/// The quality in thousandths that an `Accept` header gives to a media type: the most specific
/// range decides (RFC 9110, 12.5.1).
fn quality(accept: &str, media_type: &str) -> u32 {
    let kind = media_type.split('/').next().unwrap_or_default();
    let mut best = (0, 0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let rank = match name.split_once('/') {
            _ if name == media_type => 3,
            Some((own, "*")) if own == kind => 2,
            Some(("*", "*")) => 1,
            _ => continue,
        };
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1_000, thousandths);
        if rank > best.0 {
            best = (rank, weight);
        }
    }
    best.1
}

fn thousandths(weight: &str) -> u32 {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    let part = format!("{part:0<3}");
    let part = part.get(..3).and_then(|digits| digits.parse::<u32>().ok()).unwrap_or(0);
    if whole == "0" { part } else { 1_000 }
}

/// One cell of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words; made harmless.
    Text(String),
    /// A number of ours.
    Number(f64),
    /// Nothing.
    Empty,
}

impl From<Option<String>> for Cell {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Empty, Self::Text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u32> for Cell {
    fn from(number: u32) -> Self {
        Self::Number(f64::from(number))
    }
}

/// The columns of a list: heading, and how a row fills it.
pub type Columns<R> = &'static [(&'static str, fn(&R) -> Cell)];

/// A text that no spreadsheet takes for a formula: an apostrophe before `=`, `+`, `-`, `@` (also
/// of full width), tab and line breaks. What people type reaches other people's spreadsheets.
pub fn harmless(text: &str) -> String {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\t' | '\r' | '\n') => {
            format!("'{text}")
        }
        _ => text.to_owned(),
    }
}

/// The heading row of a CSV.
///
/// # Errors
/// None that a heading can cause.
pub fn csv_heading<R>(columns: Columns<R>) -> Result<Bytes> {
    csv([columns.iter().map(|(heading, _)| (*heading).to_owned()).collect()])
}

/// Some rows of a CSV.
///
/// # Errors
/// None that a row can cause.
pub fn csv_rows<R>(columns: Columns<R>, rows: &[R]) -> Result<Bytes> {
    let text = |row: &R, fill: fn(&R) -> Cell| in_text(&fill(row));
    csv(rows.iter().map(|row| columns.iter().map(|(_, fill)| text(row, *fill)).collect()))
}

/// Rows of equal length as a CSV.
///
/// # Errors
/// Rows of different lengths.
pub fn csv(rows: impl IntoIterator<Item = Vec<String>>) -> Result<Bytes> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(&row).map_err(|error| Error::Inner(error.into()))?;
    }
    let bytes = writer.into_inner().map_err(|error| Error::inner(error.to_string()))?;
    Ok(bytes.into())
}

/// Rows of a CSV that are written at a time.
const BATCH: usize = 200;

/// The parts of a CSV of rows that are at hand, each written when it is sent.
pub fn csv_parts<R: 'static>(
    columns: Columns<R>,
    rows: Vec<R>,
) -> impl Stream<Item = Result<Bytes, ApiError>> {
    let mut rows = rows.into_iter();
    let heading = std::iter::once_with(move || csv_heading(columns));
    let parts = std::iter::from_fn(move || {
        let batch: Vec<R> = rows.by_ref().take(BATCH).collect();
        (!batch.is_empty()).then(|| csv_rows(columns, &batch))
    });
    let parts = heading.chain(parts).map(|part| part.map_err(ApiError));
    futures_util::stream::iter(parts)
}

/// A workbook of one sheet.
///
/// # Errors
/// More rows than a sheet can hold.
pub fn xlsx<R>(columns: Columns<R>, rows: &[R]) -> Result<Vec<u8>> {
    workbook(columns, rows).map_err(|error| Error::Inner(error.into()))
}

fn workbook<R>(columns: Columns<R>, rows: &[R]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let bold = Format::new().set_bold();
    for ((heading, _), column) in columns.iter().zip(0..) {
        sheet.write_string_with_format(0, column, *heading, &bold)?;
    }
    for (row, line) in rows.iter().zip(1..) {
        for ((_, fill), column) in columns.iter().zip(0..) {
            write_cell(sheet, line, column, fill(row))?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofit();
    workbook.save_to_buffer()
}

/// One sheet of a workbook.
#[derive(Clone, Debug)]
pub struct Sheet {
    name: String,
    heading: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// A sheet of rows below a heading.
    pub fn new(name: &str, heading: &[&str], rows: Vec<Vec<Cell>>) -> Self {
        let heading = heading.iter().map(|&column| column.to_owned()).collect();
        Self { name: name.to_owned(), heading, rows }
    }
}

/// A workbook of several sheets.
///
/// # Errors
/// More rows or columns than a sheet can hold.
pub fn book(sheets: &[Sheet]) -> Result<Vec<u8>> {
    sheets_book(sheets).map_err(|error| Error::Inner(error.into()))
}

fn sheets_book(sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // Without a clock the same sheets are the same file.
    workbook.set_properties(
        &DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(1980, 1, 1)?),
    );
    let bold = Format::new().set_bold();
    for Sheet { name, heading, rows } in sheets {
        let sheet = workbook.add_worksheet().set_name(name)?;
        for (heading, column) in heading.iter().zip(0..) {
            sheet.write_string_with_format(0, column, harmless(heading), &bold)?;
        }
        for (row, line) in rows.iter().zip(1..) {
            for (cell, column) in row.iter().zip(0..) {
                write_cell(sheet, line, column, cell.clone())?;
            }
        }
        sheet.set_freeze_panes(1, 0)?;
        sheet.autofit();
    }
    workbook.save_to_buffer()
}

/// Rows of cells as CSV.
///
/// # Errors
/// None that a row can cause.
pub fn rows_csv(rows: &[Vec<Cell>]) -> Result<Vec<u8>> {
    Ok(csv(rows.iter().map(|row| row.iter().map(in_text).collect()))?.to_vec())
}

fn in_text(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => harmless(text),
        Cell::Number(number) => number.to_string(),
        Cell::Empty => String::new(),
    }
}

fn write_cell(sheet: &mut Worksheet, row: u32, column: u16, cell: Cell) -> Result<(), XlsxError> {
    match cell {
        Cell::Text(text) => sheet.write_string(row, column, harmless(&text)).map(drop),
        Cell::Number(number) => sheet.write_number(row, column, number).map(drop),
        Cell::Empty => Ok(()),
    }
}

/// An answer that a browser saves under a name.
pub fn download(name: &str, media_type: &str) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.content_type(media_type);
    response.insert_header(ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(name.to_owned())],
    });
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[Form] = &[Form::Json, Form::Csv, Form::Xlsx];

    #[test]
    fn no_cell_is_a_formula() {
        for bad in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\n=1", "＝1"] {
            assert_eq!(harmless(bad), format!("'{bad}"));
        }
        for fine in ["", "Yard 3", "1-2", "'=", "a=b"] {
            assert_eq!(harmless(fine), fine);
        }
    }

    #[test]
    fn accept_decides_and_json_is_first() {
        let asked = |accept| Form::accepted(accept, ALL).ok();
        assert_eq!(asked("*/*"), Some(Form::Json));
        assert_eq!(asked("text/csv"), Some(Form::Csv));
        assert_eq!(asked("text/*, application/json;q=0.9"), Some(Form::Csv));
        assert_eq!(asked("text/csv;q=0.5, */*;q=0.1"), Some(Form::Csv));
        assert_eq!(asked("application/json;q=0, */*"), Some(Form::Csv));
        assert_eq!(asked(XLSX), Some(Form::Xlsx));
        assert_eq!(asked("text/html"), None);
        assert_eq!(asked("text/csv;q=0"), None);
    }

    #[test]
    fn a_csv_quotes_what_it_must() {
        const COLUMNS: Columns<&str> = &[("a", |row| (*row).into()), ("b", |_| Cell::Empty)];
        assert_eq!(csv_heading(COLUMNS).unwrap(), "a,b\n");
        assert_eq!(csv_rows(COLUMNS, &["x,\"y\"", "=1"]).unwrap(), "\"x,\"\"y\"\"\",\n'=1,\n");
    }

    #[test]
    fn a_workbook_is_a_zip_file() {
        const COLUMNS: Columns<u32> = &[("n", |row| (*row).into())];
        assert!(xlsx(COLUMNS, &[1, 2]).unwrap().starts_with(b"PK"));
    }
}
