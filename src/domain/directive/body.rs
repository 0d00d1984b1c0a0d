//! A directive as people order it.

use super::{Order, Target};
use crate::domain::day;
use crate::domain::id::{DeclarationNumber, ExporterId, OfficeCode};
use crate::domain::policy::{note, prefix};
use crate::domain::problem::{Code, FieldError, Problem};
use crate::domain::reference::country;
use crate::domain::text;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest reason, in characters.
const LONGEST_REASON: usize = 500;
/// Most days between the first and the last.
const MOST_DAYS: i64 = 366;
/// Largest limit.
const MOST: i64 = 1_000_000;

/// A directive as it is ordered: at least one of `declaration_number`, `exporter_id` and
/// `commodity`; what is named must all hold.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"declaration_number": null, "exporter_id": "91370200MA3C", "commodity": "8507",
    "destination_country": "KE", "office": "CNTAO", "reason": "complaint of a buyer, file 2026-118",
    "from": "2026-11-24", "until": "2026-12-31", "limit": 20}))]
pub struct DirectiveBody {
    /// One declaration, also one that is yet to come.
    #[serde(default)]
    pub declaration_number: Option<String>,
    /// An exporter.
    #[serde(default)]
    pub exporter_id: Option<String>,
    /// HS prefix, 2 to 10 digits.
    #[serde(default)]
    pub commodity: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(default)]
    pub destination_country: Option<String>,
    /// Office; null for all of them. A manager names one of the own.
    #[serde(default)]
    pub office: Option<String>,
    /// Why, up to 500 characters.
    pub reason: String,
    /// First inspection day; not in the past.
    #[serde(deserialize_with = "day::one")]
    pub from: NaiveDate,
    /// Last inspection day, at most 366 days after the first.
    #[serde(deserialize_with = "day::one")]
    pub until: NaiveDate,
    /// The largest number of declarations it takes, 1 to 1,000,000; null for all of them.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub limit: Option<i64>,
}

/// Why a directive ends before its time.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "the complaint was withdrawn"}))]
pub struct ClosureBody {
    /// Why, up to 500 characters.
    pub reason: String,
}

impl ClosureBody {
    /// The reason, if it says something.
    ///
    /// # Errors
    /// What is wrong with it, with its pointer.
    pub fn reason(&self) -> Result<String, Problem> {
        text::said("/reason", &self.reason, LONGEST_REASON)
            .map_err(|error| Problem::fields(vec![error]))
    }
}

impl DirectiveBody {
    /// The order it stands for.
    ///
    /// # Errors
    /// Every rule that is broken, with its pointer.
    pub fn order(&self) -> Result<Order, Problem> {
        let mut errors = Vec::new();
        let target = self.target(&mut errors);
        let reason = note(&mut errors, text::said("/reason", &self.reason, LONGEST_REASON));
        errors.extend(self.breach_of_days());
        let limit = note(&mut errors, limit(self.limit)).flatten();
        match reason {
            Some(reason) if errors.is_empty() => {
                Ok(Order { target, reason, from: self.from, until: self.until, limit })
            }
            _ => Err(Problem::fields(errors)),
        }
    }

    fn target(&self, errors: &mut Vec<FieldError>) -> Target {
        let Self { declaration_number, exporter_id, commodity, destination_country, .. } = self;
        if declaration_number.is_none() && exporter_id.is_none() && commodity.is_none() {
            let words = "an order without a target would be a policy: name a declaration_number, an \
                         exporter_id or a commodity";
            errors.push(FieldError::new("", Code::DirectiveInvalid, words));
        }
        let number = declaration_number.as_deref();
        let number = number.map(|n| DeclarationNumber::parse_field("/declaration_number", n));
        let exporter = exporter_id.as_deref();
        let exporter = exporter.map(|id| ExporterId::parse_field("/exporter_id", id));
        let office = self.office.as_deref();
        let office = office.map(|code| OfficeCode::parse_field("/office", code));
        let commodity = commodity.as_deref();
        let commodity = commodity.map(|text| prefix("/commodity", text).map(|()| text.to_owned()));
        let country = destination_country.as_deref().map(alpha2);
        Target {
            declaration_number: note(errors, number.transpose()).flatten(),
            exporter_id: note(errors, exporter.transpose()).flatten(),
            commodity: note(errors, commodity.transpose()).flatten(),
            destination_country: note(errors, country.transpose()).flatten(),
            office: note(errors, office.transpose()).flatten(),
        }
    }

    fn breach_of_days(&self) -> Option<FieldError> {
        let (from, until) = (self.from, self.until);
        let words = match (until - from).num_days() {
            ..0 => format!("{until} lies before the first day, {from}: choose a later one"),
            0..=MOST_DAYS => return None,
            _ => format!(
                "{until} is more than {MOST_DAYS} days after {from}: choose an earlier one and order \
                 again when it ends"
            ),
        };
        Some(FieldError::new("/until", Code::DirectiveInvalid, words))
    }
}

fn alpha2(text: &str) -> Result<String, FieldError> {
    let found = country::find(text).map(|country| country.alpha2.to_owned());
    found.ok_or_else(|| {
        let words = format!("`{}` is no ISO 3166-1 alpha-2 country code", text.escape_debug());
        FieldError::new("/destination_country", Code::CountryUnknown, words)
    })
}

fn limit(limit: Option<i64>) -> Result<Option<u32>, FieldError> {
    let Some(limit) = limit else { return Ok(None) };
    let fits = Some(limit).filter(|limit| (1..=MOST).contains(limit));
    fits.and_then(|limit| u32::try_from(limit).ok()).map(Some).ok_or_else(|| {
        let words = format!("{limit} is not between 1 and {MOST}; leave it out for no limit");
        FieldError::new("/limit", Code::NumberOutOfRange, words)
    })
}
