//! `breeze rates --check` and `--rebuild`: the sums that rates are read from.

use crate::cli::{Done, Out};
use crate::config::Settings;
use crate::error::Result;
use crate::flow::rates::{self, Checked, Difference};
use serde_json::{Value, json};

/// Differences that are printed one by one; of more, the number is enough.
const SHOWN: usize = 20;

/// Does it.
///
/// # Errors
/// Those of the flow.
pub fn run(settings: &Settings, rebuild: bool, out: &Out) -> Result<Done> {
    let app = settings.open_existing()?;
    if rebuild {
        let office_months = rates::rebuild(&app.store)?;
        out.say(&json!({ "office_months": office_months }), || {
            format!("the sums of {office_months} months of offices were made anew")
        })?;
        return Ok(Done::Fine);
    }
    let checked = rates::check(&app.store)?;
    out.say(&answer(&checked), || words(&checked))?;
    Ok(if checked.differences.is_empty() { Done::Fine } else { Done::Faults })
}

fn answer(checked: &Checked) -> Value {
    let differences: Vec<Value> = checked.differences.iter().take(SHOWN).map(one).collect();
    json!({
        "office_months": checked.office_months,
        "cells": checked.cells,
        "differences": checked.differences.len(),
        "first": differences,
    })
}

fn one(difference: &Difference) -> Value {
    json!({ "cell": cell(difference), "what": what(difference) })
}

fn cell(Difference { key, .. }: &Difference) -> String {
    let code = if key.code.is_empty() { String::new() } else { format!(" {}", key.code) };
    let (view, office, region) = (key.view.as_str(), &key.office, &key.region);
    let selection = key.selection.as_str();
    format!("{view} {}{code} {office} {region} {selection}", key.first_day)
}

fn what(difference: &Difference) -> String {
    match (difference.kept, difference.counted) {
        (None, _) => "is missing".into(),
        (_, None) => "is kept and has no rows".into(),
        (Some(kept), Some(counted)) => {
            let inspected = (kept.inspected, kept.failed);
            if inspected == (counted.inspected, counted.failed) && kept.rows == counted.rows {
                return "has the right counts and other sums".into();
            }
            format!(
                "keeps {} rows, {} inspected, {} failed; its rows say {}, {}, {}",
                kept.rows,
                kept.inspected,
                kept.failed,
                counted.rows,
                counted.inspected,
                counted.failed
            )
        }
    }
}

fn words(checked: &Checked) -> String {
    let Checked { office_months, cells, differences } = checked;
    let looked = format!("{cells} cells in {office_months} months of offices");
    if differences.is_empty() {
        return format!("{looked}: every one is what its rows add up to");
    }
    let mut lines: Vec<String> =
        differences.iter().take(SHOWN).map(|d| format!("{}: {}", cell(d), what(d))).collect();
    let count = differences.len();
    if count > SHOWN {
        lines.push(format!("… and {} more", count - SHOWN));
    }
    lines.push(format!("{looked}: {count} differ; `breeze rates --rebuild` makes them anew"));
    lines.join("\n")
}
