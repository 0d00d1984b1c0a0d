//! A report as a table and as a workbook: every figure of the document, found by walking it.

use crate::api::files::{Cell, Sheet, rows_csv};
use crate::domain::figures::Erratum;
use crate::error::Result;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Parts of the document that are a sheet each, with a row a code.
const LISTS: [&str; 5] = ["months", "regions", "offices", "provinces", "campaigns"];

/// The report as CSV: a row a figure, each with the part of the report it belongs to.
///
/// # Errors
/// None: it is written to memory.
pub fn csv(report: &Value, publication: &Value, errata: &[Erratum]) -> Result<Vec<u8>> {
    let whole = json!({"publication": publication});
    let mut rows = vec![["part", "figure", "value"].map(Cell::from).to_vec()];
    for (path, cell) in flat(report).into_iter().chain(flat(&whole)) {
        let (part, figure) = path.split_once('.').unwrap_or(("report", &path));
        rows.push(vec![part.into(), figure.into(), cell]);
    }
    for erratum in errata {
        for (part, value) in
            [("errata.published", &erratum.published), ("errata.now", &erratum.now)]
        {
            rows.push(vec![part.into(), erratum.pointer.as_str().into(), one(value)]);
        }
    }
    rows_csv(&rows)
}

/// The report as the sheets of a workbook.
pub fn sheets(report: &Value, publication: &Value, errata: &[Erratum]) -> Vec<Sheet> {
    let mut sheets = vec![summary(report, publication)];
    sheets.extend(LISTS.map(|part| list(part, report)));
    sheets.push(defects(report));
    let cells = |erratum: &Erratum| {
        vec![erratum.pointer.as_str().into(), one(&erratum.published), one(&erratum.now)]
    };
    let rows = errata.iter().map(cells).collect();
    sheets.push(Sheet::new("errata", &["pointer", "published", "now"], rows));
    sheets
}

/// What stands in no list of its own.
fn summary(report: &Value, publication: &Value) -> Sheet {
    let mut rest = report.as_object().cloned().unwrap_or_default();
    rest.retain(|part, _| part != "defects" && !LISTS.contains(&part.as_str()));
    rest.insert("publication".to_owned(), publication.clone());
    let found = &report["defects"];
    for count in ["with_defects", "failed_without_defects"] {
        rest.insert(count.to_owned(), found[count].clone());
    }
    let rows = flat(&Value::Object(rest)).into_iter();
    let rows = rows.map(|(path, cell)| vec![path.as_str().into(), cell]).collect();
    Sheet::new("summary", &["figure", "value"], rows)
}

fn list(part: &str, report: &Value) -> Sheet {
    let rows = report[part].as_object().into_iter().flatten();
    let rows = rows.map(|(code, value)| (vec![code.clone()], flat(value)));
    table(part, &["code"], rows.collect())
}

fn defects(report: &Value) -> Sheet {
    let of_class = |class: &'static str| {
        let found = report.pointer(&format!("/defects/{class}"));
        let codes = found.and_then(Value::as_object).into_iter().flatten();
        codes.map(move |(code, value)| (vec![class.to_owned(), code.clone()], flat(value)))
    };
    let mut rows: Vec<_> = ["critical", "major", "minor"].into_iter().flat_map(of_class).collect();
    // Keys are sorted by code; the sheet has the most frequent first.
    rows.sort_by_key(|(key, figures)| {
        let rank = figures.iter().find(|(name, _)| name == "rank").map(|(_, cell)| cell.clone());
        let rank = match rank {
            Some(Cell::Number(rank)) => rank.to_bits(),
            _ => u64::MAX,
        };
        (key.first().cloned(), rank)
    });
    table("defects", &["class", "code"], rows)
}

/// Figures of one row: their paths and values.
type Figures = Vec<(String, Cell)>;

/// Rows whose figures may differ, as one table.
fn table(name: &str, keys: &[&str], rows: Vec<(Vec<String>, Figures)>) -> Sheet {
    let paths = rows.iter().flat_map(|(_, figures)| figures.iter().map(|(path, _)| path));
    let (mut columns, mut seen) = (Vec::new(), BTreeSet::new());
    for path in paths {
        if seen.insert(path.clone()) {
            columns.push(path.clone());
        }
    }
    let line = |(key, figures): &(Vec<String>, Figures)| {
        let of = |column: &String| {
            let found = figures.iter().find(|(path, _)| path == column);
            found.map_or(Cell::Empty, |(_, cell)| cell.clone())
        };
        let key = key.iter().map(|key| Cell::from(key.as_str()));
        key.chain(columns.iter().map(of)).collect()
    };
    let cells = rows.iter().map(line).collect();
    let heading: Vec<&str> =
        keys.iter().copied().chain(columns.iter().map(String::as_str)).collect();
    Sheet::new(name, &heading, cells)
}

/// Every figure below a value with its path, `rate.failed`.
fn flat(value: &Value) -> Figures {
    let mut figures = Vec::new();
    walk(String::new(), value, &mut figures);
    figures
}

fn walk(path: String, value: &Value, figures: &mut Figures) {
    let below = |name: &str| {
        if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
    };
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                walk(below(name), value, figures);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                walk(below(&at.to_string()), value, figures);
            }
        }
        _ => figures.push((path, one(value))),
    }
}

fn one(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Empty,
        Value::String(text) => Cell::Text(text.clone()),
        Value::Number(number) => number.as_f64().map_or(Cell::Empty, Cell::Number),
        other => Cell::Text(other.to_string()),
    }
}
