//! `breeze report`: the report of a month or a year, live or published.

use crate::api::reports::{Printed, write};
use crate::cli::{Done, Out, percent};
use crate::config::Settings;
use crate::domain::key::Caller;
use crate::domain::period::PeriodKind;
use crate::domain::problem::{Code, Problem};
use crate::error::{Error, Result};
use crate::flow::report;
use clap::Subcommand;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Which report.
#[derive(Subcommand)]
pub enum Report {
    /// The report of a month
    Monthly {
        /// The month: 2026-10
        month: String,
        #[command(flatten)]
        order: Order,
    },
    /// The report of a year
    Annual {
        /// The year: 2026
        year: String,
        #[command(flatten)]
        order: Order,
    },
}

/// What to do with it.
#[derive(clap::Args)]
pub struct Order {
    /// Freeze and publish it, once the period is over; again changes nothing
    #[arg(long)]
    publish: bool,
    /// Write it into a file; its name says how: .json, .csv or .xlsx
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Does it.
///
/// # Errors
/// Those of the flow; a file of another kind or that cannot be written.
pub fn run(settings: &Settings, ask: Report, out: &Out) -> Result<Done> {
    let (kind, label, order) = match ask {
        Report::Monthly { month, order } => (PeriodKind::Month, month, order),
        Report::Annual { year, order } => (PeriodKind::Year, year, order),
    };
    let form = order.out.as_deref().map(form).transpose()?;
    let app = settings.open_existing()?;
    let (now, caller) = (app.now(), Caller::operator("cli"));
    let period = report::period(kind, &label, now)?;
    let edition = match order.publish {
        true => report::publish(&app.store, &caller, period, now, write)?.0,
        false => report::read(&app.store, &caller, period, now, write)?,
    };
    let printed = Printed::new(edition);
    let text = printed.json()?;
    if let (Some(path), Some(form)) = (&order.out, form) {
        let bytes = match form {
            Kind::Json => format!("{text}\n").into_bytes(),
            Kind::Csv => printed.csv()?,
            Kind::Xlsx => printed.xlsx()?,
        };
        std::fs::write(path, bytes)
            .map_err(|error| Error::environment(format!("{}: {error}", path.display())))?;
    }
    match out.json {
        true => out.print(&format!("{text}\n"))?,
        false => {
            let value = serde_json::from_str(&text).map_err(|error| Error::Inner(error.into()))?;
            out.print(&format!("{}\n", words(&value)))?;
        }
    }
    Ok(Done::Fine)
}

enum Kind {
    Json,
    Csv,
    Xlsx,
}

fn form(path: &Path) -> Result<Kind> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => Ok(Kind::Json),
        Some("csv") => Ok(Kind::Csv),
        Some("xlsx") => Ok(Kind::Xlsx),
        _ => {
            let words = format!("{}: name the file .json, .csv or .xlsx", path.display());
            Err(Problem::new(Code::QuestionImpossible, words).into())
        }
    }
}

/// The report in short: the whole and its regions, and whether it is published.
fn words(answer: &Value) -> String {
    let report = &answer["report"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut table = comfy_table::Table::new();
    table.set_header([
        "",
        "declared",
        "drawn",
        "inspected",
        "failed",
        "estimated",
        "95 %",
        "change",
    ]);
    table.add_row(row("all", &report["summary"]));
    for list in ["months", "regions", "offices"] {
        for (code, part) in report[list].as_object().into_iter().flatten() {
            table.add_row(row(code, part));
        }
    }
    let mut lines = vec![format!("report of {}", text(&report["period"])), table.to_string()];
    let notes = report["notes"].as_array().into_iter().flatten();
    lines.extend(notes.map(|note| text(&note["en"])));
    let errata = answer["errata"].as_array().map_or(0, Vec::len);
    lines.push(match answer["publication"].is_null() {
        true => "not published: figures may move".into(),
        false => {
            let published = &answer["publication"];
            let (at, sha256) = (text(&published["published_at"]), text(&published["sha256"]));
            format!("published {at}, sha256 {sha256}; {errata} figures are others now")
        }
    });
    lines.join("\n")
}

fn row(code: &str, part: &Value) -> Vec<String> {
    let (coverage, rate) = (&part["coverage"], &part["rate"]);
    let share = |value: &Value| value.as_f64().map_or_else(|| "–".to_owned(), percent);
    let verdict =
        part.pointer("/change/verdict").and_then(Value::as_str).unwrap_or("–").replace('_', " ");
    vec![
        code.to_owned(),
        coverage["declared"].to_string(),
        coverage["drawn"].to_string(),
        rate["inspected"].to_string(),
        rate["failed"].to_string(),
        share(&rate["estimated_rate"]),
        format!("{} to {}", share(&rate["ci_low"]), share(&rate["ci_high"])),
        verdict,
    ]
}
