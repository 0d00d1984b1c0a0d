//! `breeze list`: print a day's sample list in working order.

use crate::api::sample_lists::ItemAnswer;
use crate::cli::{Done, Out};
use crate::config::Settings;
use crate::domain::id::OfficeCode;
use crate::domain::key::Caller;
use crate::error::Result;
use crate::flow::list::{self, Line, Progress, in_working_order};
use chrono::NaiveDate;
use serde_json::json;

/// Which list.
#[derive(clap::Args)]
pub struct List {
    /// The office
    #[arg(long)]
    office: OfficeCode,
    /// The inspection day, YYYY-MM-DD
    #[arg(long)]
    day: NaiveDate,
}

/// Prints it: all rounds of the day as one list.
///
/// # Errors
/// An office that is not registered.
pub fn run(settings: &Settings, asked: &List, out: &Out) -> Result<Done> {
    let app = settings.open()?;
    let caller = Caller::operator("cli");
    let lists = list::of_day(&app.store, &caller, asked.office.as_str(), asked.day)?;
    let draws: Vec<String> = lists.iter().map(|list| list.draw.id.clone()).collect();
    let retrospective = lists.iter().any(|list| list.draw.retrospective);
    let mut lines: Vec<Line> = lists.into_iter().flat_map(|list| list.lines).collect();
    lines.sort_by(in_working_order);
    let progress = Progress::of(lines.iter().map(|line| &line.item));
    let items: Vec<ItemAnswer> = lines.into_iter().map(ItemAnswer::new).collect();
    let answer = json!({
        "office": asked.office, "day": asked.day, "draws": draws, "retrospective": retrospective,
        "progress": progress, "items": items,
    });
    out.say(&answer, || words(asked, &draws, progress, &items))?;
    Ok(Done::Fine)
}

fn words(asked: &List, draws: &[String], progress: Progress, items: &[ItemAnswer]) -> String {
    let List { office, day } = asked;
    if draws.is_empty() {
        return format!("{office} has no draw of {day} yet");
    }
    let Progress { total, done, failed, .. } = progress;
    let head = format!("{}: {done} of {total} done, {failed} failed", draws.join(", "));
    if items.is_empty() { head } else { format!("{head}\n{}", table(items)) }
}

fn table(items: &[ItemAnswer]) -> String {
    let mut table = comfy_table::Table::new();
    table.set_header([
        "item",
        "declaration",
        "exporter",
        "goods",
        "to",
        "quantity",
        "location",
        "why",
        "assignee",
        "state",
    ]);
    for item in items {
        let why: Vec<_> = item.reasons.iter().map(|reason| reason.text.en.as_str()).collect();
        let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
        table.add_row([
            item.item.clone(),
            item.declaration_number.clone(),
            item.exporter_name.clone().unwrap_or_else(|| item.exporter_id.clone()),
            item.commodity_code.clone(),
            item.destination_country.clone(),
            format!("{} {}", item.quantity, item.unit),
            or_dash(&item.location),
            why.join("; "),
            or_dash(&item.assignee),
            item.state.as_str().to_owned(),
        ]);
    }
    table.to_string()
}
