//! The small world of the demo: invented declarations of four weeks, with what would be found if
//! they were inspected.

use crate::domain::declaration::{DeclarationBody, MoneyBody};
use crate::error::{Error, Result};
use chrono::{Days, NaiveDate, NaiveTime, TimeZone};
use chrono_tz::Asia::Shanghai;
use serde::Deserialize;

/// One invented declaration; the columns are those of an import, with three of the demo's own.
#[derive(Clone, Debug, Deserialize)]
pub struct Row {
    /// Its inspection day, 1 to [`DAYS`]; the last is today's list.
    pub day: u64,
    /// The office.
    pub office: String,
    /// Its number, made unique for the day it is played on.
    pub declaration_number: String,
    exporter_id: String,
    exporter_name: String,
    destination_country: String,
    commodity_code: String,
    description: String,
    quantity: String,
    unit: String,
    packages: i64,
    net_weight_kg: String,
    gross_weight_kg: String,
    value: String,
    currency: String,
    location: String,
    declared_at: NaiveTime,
    /// What an inspection finds: `pass` or `fail`.
    pub outcome: String,
    /// The defect, where it fails.
    pub defect: String,
}

/// Inspection days of the sample.
pub const DAYS: u64 = 28;

const SAMPLE: &str = include_str!("../../../data/demo/declarations.csv");

/// The rows in the order of their days.
///
/// # Errors
/// A misprint in the embedded sample.
pub fn rows() -> Result<Vec<Row>> {
    let mut reader = csv::Reader::from_reader(SAMPLE.as_bytes());
    reader.deserialize().map(|row| row.map_err(|error| Error::Inner(error.into()))).collect()
}

impl Row {
    /// The declaration as the customs system sends it on the day before its inspection day.
    pub fn body(&self, inspection_day: NaiveDate) -> DeclarationBody {
        let declared = inspection_day.checked_sub_days(Days::new(1)).unwrap_or(inspection_day);
        let declared =
            Shanghai.from_local_datetime(&declared.and_time(self.declared_at)).earliest();
        let text = |text: &str| Some(text.to_owned());
        DeclarationBody {
            declaration_number: text(&self.declaration_number),
            office: text(&self.office),
            exporter_id: text(&self.exporter_id),
            exporter_name: text(&self.exporter_name),
            consignment: None,
            destination_country: text(&self.destination_country),
            commodity_code: text(&self.commodity_code),
            description: text(&self.description),
            quantity: text(&self.quantity),
            unit: text(&self.unit),
            packages: Some(self.packages),
            net_weight_kg: text(&self.net_weight_kg),
            gross_weight_kg: text(&self.gross_weight_kg),
            value: Some(MoneyBody { amount: self.value.clone(), currency: self.currency.clone() }),
            location: text(&self.location),
            declared_at: declared.map(|at| at.to_rfc3339()),
        }
    }
}
