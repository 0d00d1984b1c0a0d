//! `breeze results`: record the results of a file for those declarations that were drawn.
//!
//! The file is a CSV, gzip allowed, with a heading row. It needs `declaration_number` and either
//! `outcome` (`pass`, `fail`, `not_inspected`) or `fails` (`yes`, `no`); it may have
//! `not_inspected_reason`, `inspected_at`, `inspector` and `note`. Every other column is ignored.

use crate::cli::{Done, Out};
use crate::config::Settings;
use crate::domain::draw::SampleItem;
use crate::domain::inspection::{InspectionBody, NotInspectedReason, Outcome};
use crate::domain::key::Caller;
use crate::domain::problem::{Code, FieldError, Problem};
use crate::error::{Error, Result};
use crate::flow::{inspect, list, offices};
use crate::{app::App, sampling::ticket};
use chrono::SecondsFormat;
use flate2::read::MultiGzDecoder;
use serde::Serialize;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Which results.
#[derive(clap::Args)]
pub struct Results {
    /// The file, CSV or gzipped CSV
    file: PathBuf,
}

/// Rows that are recorded in one transaction.
const CHUNK: usize = 500;

/// What became of the file.
#[derive(Default, Serialize)]
struct Report {
    received: u64,
    created: u64,
    unchanged: u64,
    not_drawn: u64,
    unknown: u64,
    rejected: u64,
    /// Every row whose declaration was drawn, and every one with a fault.
    rows: Vec<RowReport>,
}

/// What became of one row.
#[derive(Serialize)]
struct RowReport {
    /// Counts data rows from 1, as in an import.
    row: u64,
    declaration_number: String,
    item: Option<String>,
    outcome: &'static str,
    code: Option<Code>,
    detail: Option<String>,
    errors: Vec<FieldError>,
}

/// Records them. Recording the same file again changes nothing.
///
/// # Errors
/// A file that cannot be read, or has not the columns that are needed; the database.
pub fn run(settings: &Settings, results: &Results, out: &Out) -> Result<Done> {
    let app = settings.open()?;
    let named = |error: Error| match error {
        Error::Inner(cause) => Error::environment(format!("{}: {cause}", results.file.display())),
        other => other,
    };
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_reader(open(&results.file).map_err(named)?);
    let columns = Columns::of(reader.headers().map_err(unreadable).map_err(named)?)?;
    let mut report = Report::default();
    let mut chunk = Vec::with_capacity(CHUNK);
    for record in reader.records() {
        chunk.push(record.map_err(unreadable).map_err(named)?);
        if chunk.len() == CHUNK {
            record_chunk(&app, &columns, &mut chunk, &mut report)?;
        }
    }
    record_chunk(&app, &columns, &mut chunk, &mut report)?;
    out.say(&report, || words(&report))?;
    Ok(if report.rejected + report.unknown > 0 { Done::Faults } else { Done::Fine })
}

fn unreadable(error: csv::Error) -> Error {
    Error::Inner(error.into())
}

/// Opens a file and unpacks it when it begins as gzip does; a byte order mark is skipped.
pub(super) fn open(path: &Path) -> Result<Box<dyn Read>> {
    let mut file = BufReader::new(File::open(path)?);
    if file.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        return without_mark(BufReader::new(MultiGzDecoder::new(file)));
    }
    without_mark(file)
}

fn without_mark(mut text: impl BufRead + 'static) -> Result<Box<dyn Read>> {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    if text.fill_buf()?.starts_with(MARK) {
        text.consume(MARK.len());
    }
    Ok(Box::new(text))
}

/// Where the columns stand.
struct Columns(HashMap<&'static str, usize>);

const KNOWN: [&str; 7] = [
    "declaration_number",
    "outcome",
    "fails",
    "not_inspected_reason",
    "inspected_at",
    "inspector",
    "note",
];

impl Columns {
    fn of(heading: &csv::StringRecord) -> Result<Self, Problem> {
        let mut places = HashMap::new();
        for name in KNOWN {
            let mut at = heading.iter().enumerate().filter(|(_, own)| own.trim() == name);
            if let Some((place, _)) = at.next() {
                places.insert(name, place);
            }
            if at.next().is_some() {
                let words = format!("column `{name}` stands twice");
                return Err(Problem::new(Code::ColumnDoubled, words));
            }
        }
        let result = places.contains_key("outcome") || places.contains_key("fails");
        if !places.contains_key("declaration_number") || !result {
            let words = "the file needs `declaration_number`, and `outcome` or `fails`";
            return Err(Problem::new(Code::ColumnMissing, words));
        }
        Ok(Self(places))
    }

    /// The value of a column; empty is absent.
    fn get<'a>(&self, row: &'a csv::StringRecord, name: &str) -> Option<&'a str> {
        let text = row.get(*self.0.get(name)?)?.trim();
        (!text.is_empty()).then_some(text)
    }

    fn number<'a>(&self, row: &'a csv::StringRecord) -> &'a str {
        self.get(row, "declaration_number").unwrap_or_default()
    }
}

fn record_chunk(
    app: &App,
    columns: &Columns,
    chunk: &mut Vec<csv::StringRecord>,
    report: &mut Report,
) -> Result<()> {
    let caller = Caller::operator("cli");
    let numbers: Vec<&str> = chunk.iter().map(|row| columns.number(row)).collect();
    let items = list::drawn(&app.store, &caller, &numbers)?;
    let undrawn: Vec<&str> =
        numbers.iter().copied().filter(|number| !items.contains_key(*number)).collect();
    let known = list::known(&app.store, &caller, &undrawn)?;
    let mut drawn = Vec::new();
    for row in chunk.iter() {
        report.received += 1;
        let place = Place { row: report.received, number: columns.number(row) };
        match items.get(place.number) {
            None => match undrawn_row(columns, row, known.contains(place.number)) {
                Ok(()) => report.not_drawn += 1,
                Err(problem) => report.add(place, None, Err(problem)),
            },
            Some(item) => drawn.push((place, item, body(app, &caller, columns, row, item)?)),
        }
    }
    let bodies: Vec<_> = drawn
        .iter()
        .filter_map(|(_, item, body)| Some((id(item), body.as_ref().ok()?.clone())))
        .collect();
    let mut outcomes =
        inspect::record_all(&app.store, &app.master, &caller, &bodies, app.now())?.into_iter();
    for (place, item, body) in drawn {
        let outcome = match body {
            Err(error) => Err(Problem::fields(vec![error])),
            Ok(_) => outcomes.next().unwrap_or_else(|| Err(Problem::new(Code::Internal, "lost"))),
        };
        let outcome = outcome.map(|(_, made)| made).map_err(hinted);
        report.add(place, Some(item), outcome);
    }
    chunk.clear();
    Ok(())
}

/// What stands against a row whose declaration was not drawn. Its result is checked all the same: a
/// fault of the file is a fault, whatever chance has drawn.
fn undrawn_row(columns: &Columns, row: &csv::StringRecord, known: bool) -> Result<(), Problem> {
    let number = columns.number(row);
    if number.is_empty() {
        let words = "the row names no declaration";
        return Err(Problem::field("/declaration_number", Code::Required, words));
    }
    if !known {
        return Err(Problem::not_found("declaration", number.escape_debug()));
    }
    found(columns, row).map(drop).map_err(|error| Problem::fields(vec![error]))
}

/// How a result is corrected that is there already.
fn hinted(problem: Problem) -> Problem {
    match problem.code {
        Code::AlreadyRecorded => {
            let detail = format!(
                "{}: a result is corrected by an amendment, POST /v1/inspections/{{id}}/amendments",
                problem.detail
            );
            Problem { detail, ..problem }
        }
        _ => problem,
    }
}

/// The id of the inspection that this command records for an item: the same every time, so that the
/// same file changes nothing. A UUID of version 8 out of a SHA-256.
fn id(item: &SampleItem) -> Uuid {
    let digest = ticket::digest("breeze/v1/results", &[item.id().as_bytes()]);
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(byte, digest)| *byte = digest);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// The row as an inspection. What the file leaves open is filled in so that it is the same every
/// time: the assignee inspected, when the frame of the day closed.
fn body(
    app: &App,
    caller: &Caller,
    columns: &Columns,
    row: &csv::StringRecord,
    item: &SampleItem,
) -> Result<Result<InspectionBody, FieldError>> {
    let inspected_at = match columns.get(row, "inspected_at") {
        Some(text) => text.to_owned(),
        None => {
            let office = offices::find(&app.store, caller, &item.office)?;
            let closed = office.calendar.closes_at(item.day);
            closed.to_rfc3339_opts(SecondsFormat::Secs, true)
        }
    };
    Ok(found(columns, row).map(|(outcome, not_inspected_reason)| InspectionBody {
        item: item.id(),
        inspector: columns
            .get(row, "inspector")
            .map(ToOwned::to_owned)
            .or_else(|| item.assignee.clone()),
        outcome,
        not_inspected_reason,
        inspected_at,
        units_inspected: None,
        units_nonconforming: None,
        defects: Vec::new(),
        note: columns.get(row, "note").map(ToOwned::to_owned),
    }))
}

fn found(
    columns: &Columns,
    row: &csv::StringRecord,
) -> Result<(Outcome, Option<NotInspectedReason>), FieldError> {
    let none_of = |pointer: &str, text: &str, possible: &str| {
        let words = format!("`{}` is none of {possible}", text.escape_debug());
        FieldError::new(pointer, Code::ValueNotAllowed, words)
    };
    let outcome = match (columns.get(row, "outcome"), columns.get(row, "fails")) {
        (Some(text), _) => Outcome::find(text)
            .ok_or_else(|| none_of("/outcome", text, "pass, fail, not_inspected"))?,
        (None, Some("yes")) => Outcome::Fail,
        (None, Some("no")) => Outcome::Pass,
        (None, Some(text)) => return Err(none_of("/fails", text, "yes, no")),
        (None, None) => {
            return Err(FieldError::new("/outcome", Code::Required, "there is no result"));
        }
    };
    let reason = columns.get(row, "not_inspected_reason");
    let reason = reason.map(|text| {
        let possible = "goods_left, no_access, office_closed, other";
        NotInspectedReason::find(text)
            .ok_or_else(|| none_of("/not_inspected_reason", text, possible))
    });
    Ok((outcome, reason.transpose()?))
}

/// Which row it is.
#[derive(Clone, Copy)]
struct Place<'a> {
    row: u64,
    number: &'a str,
}

impl Report {
    fn add(
        &mut self,
        place: Place<'_>,
        item: Option<&SampleItem>,
        outcome: Result<inspect::Made, Problem>,
    ) {
        let (outcome, problem) = match outcome {
            Ok(inspect::Made::Now) => ("created", None),
            Ok(inspect::Made::Before) => ("unchanged", None),
            Err(problem) if problem.code == Code::NotFound && item.is_none() => {
                ("unknown", Some(problem))
            }
            Err(problem) => ("rejected", Some(problem)),
        };
        match outcome {
            "created" => self.created += 1,
            "unchanged" => self.unchanged += 1,
            "unknown" => self.unknown += 1,
            _ => self.rejected += 1,
        }
        let (code, detail, errors) = match problem {
            Some(problem) => (Some(problem.code), Some(problem.detail), problem.errors),
            None => (None, None, Vec::new()),
        };
        self.rows.push(RowReport {
            row: place.row,
            declaration_number: place.number.chars().take(100).collect(),
            item: item.map(SampleItem::id),
            outcome,
            code,
            detail,
            errors,
        });
    }
}

/// Rejected rows that are shown in words; `--json` has all.
const SHOWN: usize = 20;

fn words(report: &Report) -> String {
    let Report { received, created, unchanged, not_drawn, unknown, rejected, rows } = report;
    let mut text = format!(
        "{received} rows: {created} recorded, {unchanged} recorded before, {not_drawn} not drawn, {unknown} unknown, \
         {rejected} rejected"
    );
    for row in rows.iter().filter(|row| row.code.is_some()).take(SHOWN) {
        let RowReport { row, declaration_number, code, detail, .. } = row;
        let code = code.map_or("", Code::as_str);
        let detail = detail.as_deref().unwrap_or_default();
        text.push_str(&format!(
            "\n  row {row}, {}: {detail} ({code})",
            declaration_number.escape_debug()
        ));
    }
    if usize::try_from(rejected + unknown).unwrap_or(usize::MAX) > SHOWN {
        text.push_str("\n  … and more: see them all with --json");
    }
    text
}
