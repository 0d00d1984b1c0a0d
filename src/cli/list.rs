//! `breeze list`: print a day's sample list in working order.

use crate::api::sample_lists::ItemAnswer;
use crate::app::App;
use crate::cli::{Done, Out};
use crate::config::Settings;
use crate::domain::draw::DrawState;
use crate::domain::id::OfficeCode;
use crate::domain::key::Caller;
use crate::error::Result;
use crate::flow::list::{self, Line, Progress, Tally, in_working_order};
use chrono::NaiveDate;
use serde::Serialize;

/// Which list.
#[derive(clap::Args)]
pub struct List {
    /// The office
    #[arg(long)]
    office: OfficeCode,
    /// The inspection day, YYYY-MM-DD
    #[arg(long, value_parser = crate::domain::day::parse)]
    day: NaiveDate,
}

/// Prints it.
///
/// # Errors
/// An office that is not registered.
pub fn run(settings: &Settings, asked: &List, out: &Out) -> Result<Done> {
    let app = settings.open_existing()?;
    let list = DayList::read(&app, asked.office.as_str(), asked.day)?;
    out.say(&list, || list.words())?;
    Ok(Done::Fine)
}

/// All rounds of an office's day as one list.
#[derive(Serialize)]
pub(super) struct DayList {
    office: String,
    day: NaiveDate,
    draws: Vec<String>,
    frozen: Vec<String>,
    retrospective: bool,
    progress: Progress,
    items: Vec<ItemAnswer>,
}

impl DayList {
    /// Reads it in working order.
    pub fn read(app: &App, office: &str, day: NaiveDate) -> Result<Self> {
        let caller = Caller::operator("cli");
        let lists = list::of_day(&app.store, &caller, office, day)?;
        let draws = lists.iter().map(|list| list.draw.id.clone()).collect();
        let waits = |list: &&list::SampleList| list.draw.state == DrawState::Frozen;
        let frozen = lists.iter().filter(waits).map(|list| list.draw.id.clone()).collect();
        let retrospective = lists.iter().any(|list| list.draw.retrospective);
        let mut lines: Vec<Line> = lists.into_iter().flat_map(|list| list.lines).collect();
        lines.sort_by(in_working_order);
        let progress = Progress::of(lines.iter().map(|line| &line.item));
        let items = lines.into_iter().map(ItemAnswer::new).collect();
        Ok(Self { office: office.to_owned(), day, draws, frozen, retrospective, progress, items })
    }

    /// The list as a table.
    pub fn words(&self) -> String {
        if self.draws.is_empty() {
            return format!("{} has no draw of {} yet", self.office, self.day);
        }
        let frozen = self.frozen.join(", ");
        if self.draws.len() == self.frozen.len() {
            return format!("{frozen} is frozen and waits for its entropy: there is no list yet");
        }
        let Tally { total, done, failed, .. } = self.progress.whole;
        let mut head =
            format!("{}: {done} of {total} done, {failed} failed", self.draws.join(", "));
        // A later round of a day leaves the list of the earlier one as it is.
        if !frozen.is_empty() {
            head.push_str(&format!("; {frozen} waits for its entropy"));
        }
        let ordered = self.progress.directive.total;
        if ordered > 0 {
            head.push_str(&format!("; {ordered} by directive"));
        }
        if self.items.is_empty() { head } else { format!("{head}\n{}", table(&self.items)) }
    }
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
