//! `breeze directive`: order what must be inspected, close orders, list them.

use crate::api::directives::DirectiveAnswer;
use crate::cli::acting::Acting;
use crate::cli::{Done, Out};
use crate::config::Settings;
use crate::domain::day;
use crate::domain::directive::{ClosureBody, DirectiveBody, DirectiveState};
use crate::domain::key::Caller;
use crate::error::Result;
use crate::flow;
use crate::store::directives::Filter;
use chrono::NaiveDate;
use clap::{Args, Subcommand};

/// What to do with directives.
#[derive(Subcommand)]
pub enum Directives {
    /// Order what must be inspected: everything that is named must hold
    Order(Order),
    /// End a directive before its time
    Close {
        /// Its id
        id: String,
        /// Why
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// List the directives, the latest first
    List {
        /// scheduled, in_force, ended or closed; repeat for more
        #[arg(long, value_parser = state)]
        state: Vec<DirectiveState>,
        /// Exporter that is named
        #[arg(long)]
        exporter_id: Vec<String>,
        /// Declaration that is named, or whose cancellation made one
        #[arg(long)]
        declaration_number: Vec<String>,
        /// How many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=100_000))]
        limit: i64,
    },
}

/// An order; at least one of declaration number, exporter and commodity.
#[derive(Args)]
pub struct Order {
    /// One declaration, also one that is yet to come
    #[arg(long)]
    declaration_number: Option<String>,
    /// Every declaration of an exporter
    #[arg(long)]
    exporter_id: Option<String>,
    /// HS prefix
    #[arg(long)]
    commodity: Option<String>,
    /// Destination, alpha-2
    #[arg(long)]
    destination_country: Option<String>,
    /// Office; all of them where it is left out
    #[arg(long)]
    office: Option<String>,
    /// Why
    #[arg(long)]
    reason: String,
    /// First inspection day, YYYY-MM-DD
    #[arg(long, value_parser = day::parse)]
    from: NaiveDate,
    /// Last inspection day, at most 366 days after the first
    #[arg(long, value_parser = day::parse)]
    until: NaiveDate,
    /// The largest number of declarations it takes
    #[arg(long)]
    limit: Option<i64>,
    #[command(flatten)]
    acting: Acting,
}

fn state(text: &str) -> Result<DirectiveState, String> {
    use DirectiveState::{Closed, Ended, InForce, Scheduled};
    match text {
        "scheduled" => Ok(Scheduled),
        "in_force" => Ok(InForce),
        "ended" => Ok(Ended),
        "closed" => Ok(Closed),
        _ => Err("choose scheduled, in_force, ended or closed".into()),
    }
}

/// Does it.
///
/// # Errors
/// Those of the flow.
pub fn run(settings: &Settings, directives: Directives, out: &Out) -> Result<Done> {
    let app = settings.open_existing()?;
    let now = app.now();
    match directives {
        Directives::Order(order) => {
            let caller = order.acting.caller(&app, ("POST", "/v1/directives"))?;
            let order = body(order).order()?;
            let made = flow::directive::order(&app.store, &caller, &order, None, now)?;
            let made = DirectiveAnswer::new(made, now);
            out.say(&made, || {
                let until = made.until;
                format!("directive {} takes {} until {until}", made.id, target(&made))
            })?;
        }
        Directives::Close { id, reason, acting } => {
            let caller = acting.caller(&app, ("PUT", "/v1/directives/{id}/closure"))?;
            let body = ClosureBody { reason };
            let closed = flow::directive::close(&app.store, &caller, &id, &body, now)?;
            let closed = DirectiveAnswer::new(closed, now);
            out.say(&closed, || format!("directive {id} takes nothing any more"))?;
        }
        Directives::List { state, exporter_id, declaration_number, limit } => {
            let filter = Filter {
                offices: Vec::new(),
                exporters: exporter_id,
                numbers: declaration_number,
                states: state,
            };
            let caller = Caller::operator("cli");
            let found = flow::directive::list(&app.store, &caller, &filter, None, limit, now)?;
            let found = found.into_iter().map(|counted| DirectiveAnswer::new(counted, now));
            let found: Vec<_> = found.collect();
            out.say(&found, || table(&found))?;
        }
    }
    Ok(Done::Fine)
}

fn body(order: Order) -> DirectiveBody {
    DirectiveBody {
        declaration_number: order.declaration_number,
        exporter_id: order.exporter_id,
        commodity: order.commodity,
        destination_country: order.destination_country,
        office: order.office,
        reason: order.reason,
        from: order.from,
        until: order.until,
        limit: order.limit,
    }
}

/// What a directive names, in words.
fn target(directive: &DirectiveAnswer) -> String {
    let named = [
        ("declaration", &directive.declaration_number),
        ("exporter", &directive.exporter_id),
        ("commodity", &directive.commodity),
        ("to", &directive.destination_country),
        ("at", &directive.office),
    ];
    let named =
        named.iter().filter_map(|(word, value)| Some(format!("{word} {}", value.as_ref()?)));
    named.collect::<Vec<_>>().join(", ")
}

fn table(directives: &[DirectiveAnswer]) -> String {
    let mut table = comfy_table::Table::new();
    table.set_header(["directive", "state", "takes", "days", "taken", "reason", "ordered by"]);
    for directive in directives {
        let state = serde_json::to_value(directive.state).unwrap_or_default();
        let most = directive.limit.map(|limit| format!(" of {limit}")).unwrap_or_default();
        table.add_row([
            directive.id.clone(),
            state.as_str().unwrap_or_default().replace('_', " "),
            target(directive),
            format!("{} to {}", directive.from, directive.until),
            format!("{}{most}", directive.taken),
            directive.reason.clone(),
            directive.ordered_by.clone(),
        ]);
    }
    table.to_string()
}
