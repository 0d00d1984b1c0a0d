//! The outcome of rows as a CSV that can be mended and sent again: the columns of the file in their
//! order, then `_row,_field,_code,_words`, which an import passes over.

use super::heading::{ROW, harmless, restored};
use super::quotes;
use crate::domain::import::{COLUMNS, Import, ImportRow};
use crate::domain::problem::FieldError;
use crate::error::{Error, Result};
use serde_json::Value;

/// As much of an unreadable row as is repeated in words.
const SHOWN: usize = 500;

/// The first line.
///
/// # Errors
/// None that is expected.
pub fn outcome_heading(import: &Import) -> Result<Vec<u8>> {
    let mut cells: Vec<String> = names(import).into_iter().map(|(_, name)| name).collect();
    cells.extend([ROW, "_field", "_code", "_words"].map(str::to_owned));
    line(&cells)
}

/// The line of a row.
///
/// # Errors
/// None that is expected.
pub fn outcome_line(import: &Import, row: &ImportRow) -> Result<Vec<u8>> {
    let names = names(import);
    let (mut cells, whole) = match (&row.content, &import.heading) {
        (None, _) => (from_number(&names, row), true),
        (Some(content), Some(heading)) => from_csv(&names, heading, content),
        (Some(content), None) => from_json(&names, content),
    };
    let each =
        |say: fn(&FieldError) -> String| row.errors.iter().map(say).collect::<Vec<_>>().join("; ");
    let mut words = each(|error| error.detail.clone());
    if let Some(content) = row.content.as_ref().filter(|_| !whole) {
        let shown: String = content.chars().take(SHOWN).collect();
        words += &format!("; the row reads: {shown}");
    }
    let code = each(|error| error.code.as_str().to_owned());
    cells.extend([row.row.to_string(), each(column), code, words]);
    line(&cells.iter().map(|cell| harmless(cell).into_owned()).collect::<Vec<_>>())
}

/// The columns to repeat, with their places in the file.
fn names(import: &Import) -> Vec<(usize, String)> {
    let all = match &import.heading {
        Some(heading) => heading.clone(),
        None => COLUMNS.map(str::to_owned).to_vec(),
    };
    all.into_iter().enumerate().filter(|(_, name)| !name.starts_with('_')).collect()
}

fn from_number(names: &[(usize, String)], row: &ImportRow) -> Vec<String> {
    let number = |name: &str| match name {
        "declaration_number" => row.declaration_number.clone().unwrap_or_default(),
        _ => String::new(),
    };
    names.iter().map(|(_, name)| number(name)).collect()
}

fn from_csv(names: &[(usize, String)], heading: &[String], content: &str) -> (Vec<String>, bool) {
    let cells = quotes::split(content);
    let escaped = heading.iter().any(|name| name == ROW);
    let cell = |at: &usize| {
        let cell = cells.get(*at).map(|cell| &**cell).unwrap_or_default();
        if escaped { restored(cell) } else { cell }.to_owned()
    };
    (names.iter().map(|(at, _)| cell(at)).collect(), cells.len() == heading.len())
}

fn from_json(names: &[(usize, String)], content: &str) -> (Vec<String>, bool) {
    let row: Value = serde_json::from_str(content).unwrap_or_default();
    let place = |name: &str| match name {
        "value" if row.get("value").is_some_and(Value::is_object) => "/value/amount".to_owned(),
        "currency" => "/value/currency".to_owned(),
        name => format!("/{name}"),
    };
    let cell = |name: &str| match row.pointer(&place(name)) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    (names.iter().map(|(_, name)| cell(name)).collect(), row.is_object())
}

/// The column of a field at fault.
fn column(error: &FieldError) -> String {
    match error.pointer.as_str() {
        "/value/amount" => "value".into(),
        "/value/currency" => "currency".into(),
        pointer => pointer.trim_start_matches('/').into(),
    }
}

fn line(cells: &[String]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells).map_err(|error| Error::Inner(error.into()))?;
    writer.into_inner().map_err(|error| Error::inner(error.to_string()))
}
