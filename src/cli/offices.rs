//! `breeze offices`: register offices and inspectors.

use crate::cli::{Done, Out};
use crate::config::Settings;
use crate::domain::id::{InspectorId, OfficeCode};
use crate::domain::key::Caller;
use crate::domain::office::{InspectorBody, Office, OfficeBody};
use crate::error::Result;
use crate::flow;
use chrono::NaiveDate;
use clap::Subcommand;
use serde_json::json;

/// What to do with offices.
#[derive(Subcommand)]
pub enum Offices {
    /// Register an office, or change it
    Set {
        /// Its code
        code: OfficeCode,
        /// Its name
        #[arg(long)]
        name: String,
        /// Its province, ISO 3166-2
        #[arg(long)]
        province: Option<String>,
        /// IANA time zone
        #[arg(long)]
        time_zone: String,
        /// Wall time at which a day's frame closes, 00:00 to 24:00
        #[arg(long, default_value = "06:00")]
        cut_off: String,
        /// Inspections a day
        #[arg(long)]
        capacity: u32,
        /// Days of the week, 1 = Monday to 7 = Sunday
        #[arg(long, value_delimiter = ',', default_value = "1,2,3,4,5")]
        working_days: Vec<u8>,
        /// Dates without work
        #[arg(long, value_delimiter = ',', value_parser = crate::domain::day::parse)]
        holidays: Vec<NaiveDate>,
        /// Where draws take entropy from after the freeze: none, auditor, beacon:quicknet or
        /// beacon:default [default: as it is; none for a new office]
        #[arg(long)]
        entropy: Option<String>,
    },
    /// List the offices
    List,
    /// Put an inspector on the roster of an office, or change one
    Inspector {
        /// The office
        office: OfficeCode,
        /// The inspector's id
        id: InspectorId,
        /// The inspector's name
        #[arg(long)]
        name: String,
        /// How many items of a draw chance may assign to the inspector on one day
        #[arg(long)]
        room: u32,
        /// Exporters with a conflict of interest
        #[arg(long, value_delimiter = ',')]
        conflicts: Vec<String>,
        /// Take the inspector off duty
        #[arg(long)]
        inactive: bool,
    },
}

/// Does it.
///
/// # Errors
/// Those of the flow.
pub fn run(settings: &Settings, offices: Offices, out: &Out) -> Result<Done> {
    let app = match offices {
        Offices::List => settings.open_existing()?,
        _ => settings.open()?,
    };
    let caller = Caller::operator("cli");
    match offices {
        Offices::Set {
            code,
            name,
            province,
            time_zone,
            cut_off,
            capacity,
            working_days,
            holidays,
            entropy,
        } => {
            let body = OfficeBody {
                name,
                province,
                time_zone,
                cut_off,
                daily_capacity: capacity,
                working_days,
                holidays,
                entropy,
            };
            let (office, _) = flow::offices::put(&app.store, &caller, &code, body, app.now())?;
            out.say(&about(&office), || format!("office {code} is registered"))?;
        }
        Offices::List => {
            let offices = flow::offices::list(&app.store, &caller)?;
            out.say(&offices.iter().map(about).collect::<Vec<_>>(), || table(&offices))?;
        }
        Offices::Inspector { office, id, name, room, conflicts, inactive } => {
            let body = InspectorBody { name, room, conflicts, active: !inactive };
            let (inspector, _) = flow::offices::put_inspector(
                &app.store,
                &caller,
                office.as_str(),
                &id,
                body,
                app.now(),
            )?;
            let answer = json!({ "office": office, "id": id, "inspector": inspector.body() });
            out.say(&answer, || format!("inspector {id} is on the roster of {office}"))?;
        }
    }
    Ok(Done::Fine)
}

fn about(office: &Office) -> serde_json::Value {
    json!({ "code": office.code, "office": office.body() })
}

fn table(offices: &[Office]) -> String {
    if offices.is_empty() {
        return "no offices yet: register one with `breeze offices set`".into();
    }
    let mut table = comfy_table::Table::new();
    table.set_header(["code", "name", "time zone", "cut-off", "capacity", "entropy"]);
    for office in offices {
        let body = office.body();
        let capacity = body.daily_capacity.to_string();
        table.add_row([
            office.code.as_str(),
            &body.name,
            &body.time_zone,
            &body.cut_off,
            &capacity,
            body.entropy.as_deref().unwrap_or("none"),
        ]);
    }
    table.to_string()
}
