//! Declarations: one export shipment line as declared.

use crate::domain::decimal::Decimal;
use crate::domain::id::{DeclarationNumber, ExporterId, OfficeCode};
use crate::domain::money::Money;
use crate::domain::policy::Goods;
use crate::domain::problem::FieldError;
use crate::domain::reference::country::Country;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

mod canonical;
mod parse;
pub use parse::{Checked, parse};

/// A declaration as sent: everything is text until it is checked. The same names are the keys of an
/// NDJSON row and, with `value` and `currency` flat, the columns of a CSV.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"office": "CNTAO", "exporter_id": "91370200MA3C", "exporter_name": "Haiyun Electric",
    "consignment": null, "destination_country": "KE", "commodity_code": "850760",
    "description": "Lithium-ion batteries", "quantity": "1200", "unit": "C62", "packages": 40,
    "net_weight_kg": "980.5", "gross_weight_kg": "1020",
    "value": {"amount": "153294.00", "currency": "CNY"}, "location": "Yard 3, row 12",
    "declared_at": "2026-11-24T09:22:03+08:00"}))]
pub struct DeclarationBody {
    /// The customs number; in a PUT it may be left out, for the path has it.
    #[serde(default)]
    pub declaration_number: Option<String>,
    /// Code of the office.
    pub office: Option<String>,
    /// Id of the exporter.
    pub exporter_id: Option<String>,
    /// Name of the exporter, up to 200 characters.
    #[serde(default)]
    pub exporter_name: Option<String>,
    /// Groups the lines of one shipment.
    #[serde(default)]
    pub consignment: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub destination_country: Option<String>,
    /// HS code, 4 to 10 digits.
    pub commodity_code: Option<String>,
    /// What it is, in words, up to 500 characters.
    #[serde(default)]
    pub description: Option<String>,
    /// Decimal as text.
    pub quantity: Option<String>,
    /// UN/ECE Rec 20.
    pub unit: Option<String>,
    /// Number of packages.
    #[serde(default)]
    pub packages: Option<i64>,
    /// Decimal as text, kilograms.
    #[serde(default)]
    pub net_weight_kg: Option<String>,
    /// Decimal as text, kilograms.
    #[serde(default)]
    pub gross_weight_kg: Option<String>,
    /// What it is worth.
    #[serde(default, deserialize_with = "crate::domain::json::object")]
    pub value: Option<MoneyBody>,
    /// Where it stands, up to 100 characters.
    #[serde(default)]
    pub location: Option<String>,
    /// RFC 3339 with offset.
    pub declared_at: Option<String>,
}

/// Money as sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoneyBody {
    /// Decimal as text.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
}

/// A declaration whose every field is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The natural key.
    pub number: DeclarationNumber,
    /// The office that may inspect it.
    pub office: OfficeCode,
    /// Who exports.
    pub exporter_id: ExporterId,
    /// The exporter's name.
    pub exporter_name: Option<String>,
    /// Groups the lines of one shipment.
    pub consignment: Option<String>,
    /// Where it goes.
    pub destination_country: &'static Country,
    /// HS code, 4 to 10 digits, of a chapter that exists.
    pub commodity_code: String,
    /// In words.
    pub description: Option<String>,
    /// How much.
    pub quantity: Decimal,
    /// Of what unit.
    pub unit: String,
    /// In how many packages.
    pub packages: Option<i64>,
    /// Kilograms net.
    pub net_weight_kg: Option<Decimal>,
    /// Kilograms gross.
    pub gross_weight_kg: Option<Decimal>,
    /// What it is worth.
    pub value: Option<Money>,
    /// Where it stands.
    pub location: Option<String>,
    /// When it was declared, by the client's clock.
    pub declared_at: DateTime<Utc>,
}

impl Declaration {
    /// What a rule is asked about.
    pub fn goods(&self) -> Goods<'_> {
        Goods {
            office: self.office.as_str(),
            country: self.destination_country.alpha2,
            region: self.destination_country.region,
            commodity: &self.commodity_code,
        }
    }

    /// The body that would make this declaration.
    pub fn body(&self) -> DeclarationBody {
        let text = |decimal: &Decimal| decimal.as_str().to_owned();
        DeclarationBody {
            declaration_number: Some(self.number.to_string()),
            office: Some(self.office.to_string()),
            exporter_id: Some(self.exporter_id.to_string()),
            exporter_name: self.exporter_name.clone(),
            consignment: self.consignment.clone(),
            destination_country: Some(self.destination_country.alpha2.to_owned()),
            commodity_code: Some(self.commodity_code.clone()),
            description: self.description.clone(),
            quantity: Some(text(&self.quantity)),
            unit: Some(self.unit.clone()),
            packages: self.packages,
            net_weight_kg: self.net_weight_kg.as_ref().map(text),
            gross_weight_kg: self.gross_weight_kg.as_ref().map(text),
            value: self.value.as_ref().map(|money| MoneyBody {
                amount: money.amount(),
                currency: money.currency.code.to_owned(),
            }),
            location: self.location.clone(),
            declared_at: Some(self.declared_at.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        }
    }

    /// The canonical JSON text of [`Declaration::body`], whose digest the chain records.
    pub fn canonical_json(&self) -> String {
        canonical::text(self)
    }

    /// The names of the fields in which two declarations of one number differ.
    pub fn differing_fields(&self, other: &Self) -> Vec<&'static str> {
        let pairs = [
            ("office", self.office == other.office),
            ("exporter_id", self.exporter_id == other.exporter_id),
            ("exporter_name", self.exporter_name == other.exporter_name),
            ("consignment", self.consignment == other.consignment),
            ("destination_country", self.destination_country == other.destination_country),
            ("commodity_code", self.commodity_code == other.commodity_code),
            ("description", self.description == other.description),
            ("quantity", self.quantity == other.quantity),
            ("unit", self.unit == other.unit),
            ("packages", self.packages == other.packages),
            ("net_weight_kg", self.net_weight_kg == other.net_weight_kg),
            ("gross_weight_kg", self.gross_weight_kg == other.gross_weight_kg),
            ("value", self.value == other.value),
            ("location", self.location == other.location),
            ("declared_at", self.declared_at == other.declared_at),
        ];
        pairs.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
    }
}

/// The stratum of a region and a commodity.
pub fn stratum(region: &str, commodity_code: &str) -> String {
    let chapter = commodity_code.get(..2).unwrap_or(commodity_code);
    format!("{region}/{chapter}")
}

/// A declaration as it is kept.
#[derive(Clone, Debug)]
pub struct StoredDeclaration {
    /// What is declared.
    pub declaration: Declaration,
    /// The office-local day whose frame it belongs to; never moves.
    pub inspection_day: NaiveDate,
    /// When the server accepted the first revision.
    pub received_at: DateTime<Utc>,
    /// Whether it came by historical intake.
    pub historical: bool,
    /// Accepted, with a word.
    pub warnings: Vec<FieldError>,
    /// Counts from 1.
    pub revision: i32,
    /// Its latest event in the office's chain.
    pub chain_sequence: i64,
    /// When and why it was cancelled.
    pub cancelled: Option<(DateTime<Utc>, Option<String>)>,
    /// The draw whose frame holds it.
    pub draw_id: Option<String>,
}

/// Where a declaration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeclarationState {
    /// Its frame is not frozen: until the cut-off it can be revised, and cancelled out of it.
    Open,
    /// Its frame is frozen.
    Closed,
    /// It is cancelled.
    Cancelled,
}

impl StoredDeclaration {
    /// Where it stands.
    pub fn state(&self) -> DeclarationState {
        match (&self.cancelled, &self.draw_id) {
            (Some(_), _) => DeclarationState::Cancelled,
            (None, Some(_)) => DeclarationState::Closed,
            (None, None) => DeclarationState::Open,
        }
    }
}

/// What a customs system may do with the goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The draw of its inspection day has not happened.
    NotDrawnYet,
    /// It was in the draw and was not drawn.
    Released,
    /// It was drawn and waits for its inspection.
    Held,
    /// Inspected, passed.
    InspectedPass,
    /// Inspected, failed.
    InspectedFail,
    /// Drawn, but could not be inspected.
    NotInspected,
    /// Cancelled by the declarant.
    Cancelled,
}
