//! From text to a valid declaration: every field is looked at, every fault is named.

use super::{Declaration, DeclarationBody, MoneyBody};
use crate::domain::decimal::Decimal;
use crate::domain::id::{DeclarationNumber, ExporterId, OfficeCode};
use crate::domain::money::Money;
use crate::domain::problem::{Code, FieldError};
use crate::domain::reference::commodity::{self, Edition};
use crate::domain::reference::country::{self, Country};
use crate::domain::reference::{currency, unit};
use crate::domain::text;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// A valid declaration and what deserves a word about it.
pub struct Checked {
    /// The declaration.
    pub declaration: Declaration,
    /// Warnings: accepted all the same.
    pub warnings: Vec<FieldError>,
}

/// Collects faults and warnings while the fields are read.
#[derive(Default)]
struct Findings {
    errors: Vec<FieldError>,
    warnings: Vec<FieldError>,
}

impl Findings {
    fn error(&mut self, pointer: &str, code: Code, detail: impl Into<String>) {
        self.errors.push(FieldError::new(pointer, code, detail));
    }

    fn warn(&mut self, pointer: &str, code: Code, detail: impl Into<String>) {
        self.warnings.push(FieldError::new(pointer, code, detail));
    }

    fn kept<T>(&mut self, result: Result<T, FieldError>) -> Option<T> {
        result.map_err(|error| self.errors.push(error)).ok()
    }

    /// The text of a field that must be there.
    fn required<'a>(&mut self, pointer: &str, text: &'a Option<String>) -> Option<&'a str> {
        let text = text.as_deref().filter(|text| !text.is_empty());
        if text.is_none() {
            self.error(
                pointer,
                Code::Required,
                format!("`{}` is missing", &pointer.trim_start_matches('/')),
            );
        }
        text
    }

    /// A free text; empty is absent.
    fn optional(&mut self, pointer: &str, text: &Option<String>, longest: usize) -> Option<String> {
        let text = text.as_deref().filter(|text| !text.is_empty())?;
        self.kept(text::checked(pointer, text, longest))
    }

    fn decimal(&mut self, pointer: &str, text: &str) -> Option<Decimal> {
        let decimal = Decimal::parse(text);
        match decimal {
            Ok(decimal) => {
                if decimal.is_zero() {
                    self.warn(pointer, Code::ZeroAmount, "is zero");
                }
                Some(decimal)
            }
            Err(error) => {
                self.error(
                    pointer,
                    Code::DecimalInvalid,
                    format!("`{}` {error}", text.escape_debug()),
                );
                None
            }
        }
    }

    fn optional_decimal(&mut self, pointer: &str, text: &Option<String>) -> Option<Decimal> {
        let text = text.as_deref().filter(|text| !text.is_empty())?;
        self.decimal(pointer, text)
    }

    fn country(&mut self, text: &str) -> Option<&'static Country> {
        let country = country::find(text);
        if country.is_none() {
            let words = format!("`{}` is no ISO 3166-1 alpha-2 country code", text.escape_debug());
            self.error("/destination_country", Code::CountryUnknown, words);
        }
        country
    }

    fn commodity(&mut self, text: &str) -> Option<String> {
        let pointer = "/commodity_code";
        match commodity::lookup(text) {
            Ok(Edition::Known(_)) => {}
            Ok(Edition::NotIn(_)) => {
                let words = format!("`{text}` is not in HS 2022, but its chapter is");
                self.warn(pointer, Code::CommodityNotInEdition, words);
            }
            Err(error) => {
                let words = format!("`{}` {error}", text.escape_debug());
                self.error(pointer, Code::CommodityUnknown, words);
                return None;
            }
        }
        Some(text.to_owned())
    }

    fn unit(&mut self, text: &str) -> Option<String> {
        let is_code =
            (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if !is_code {
            let words = format!(
                "`{}` is no unit code of one to three letters or digits",
                text.escape_debug()
            );
            self.error("/unit", Code::ValueNotAllowed, words);
            return None;
        }
        if unit::find(text).is_none() {
            let words = format!("`{text}` is not among the known UN/ECE Rec 20 units");
            self.warn("/unit", Code::UnitUnknown, words);
        }
        Some(text.to_owned())
    }

    fn packages(&mut self, number: Option<i64>) -> Option<i64> {
        let number = number?;
        if !(0..=1_000_000_000).contains(&number) {
            let words = format!("{number} is not between 0 and 1,000,000,000");
            self.error("/packages", Code::NumberOutOfRange, words);
        }
        Some(number)
    }

    fn money(&mut self, body: &Option<MoneyBody>) -> Option<Money> {
        let body = body.as_ref()?;
        let Some(currency) = currency::find(&body.currency) else {
            let words = format!(
                "`{}` is no ISO 4217 currency with minor units",
                body.currency.escape_debug()
            );
            self.error("/value/currency", Code::CurrencyUnknown, words);
            return None;
        };
        let pointer = "/value/amount";
        match Money::parse(&body.amount, currency) {
            Ok(parsed) => {
                if parsed.rounded {
                    let words = format!(
                        "`{}` became {} {}",
                        body.amount,
                        parsed.money.amount(),
                        currency.code
                    );
                    self.warn(pointer, Code::ValueRounded, words);
                }
                if parsed.money.minor == 0 {
                    self.warn(pointer, Code::ZeroAmount, "is zero");
                }
                Some(parsed.money)
            }
            Err(error) => {
                let words = format!("`{}` {error}", body.amount.escape_debug());
                self.error(pointer, Code::DecimalInvalid, words);
                None
            }
        }
    }

    fn declared_at(
        &mut self,
        text: &str,
        now: DateTime<Utc>,
        historical: bool,
    ) -> Option<DateTime<Utc>> {
        let pointer = "/declared_at";
        let Ok(at) = DateTime::parse_from_rfc3339(text) else {
            let words = format!("`{}` is no RFC 3339 time with offset", text.escape_debug());
            self.error(pointer, Code::TimeInvalid, words);
            return None;
        };
        // Both engines keep microseconds.
        let at = at.with_timezone(&Utc).trunc_subsecs(6);
        let earliest = if historical { DateTime::UNIX_EPOCH } else { now - TimeDelta::days(90) };
        let latest = now + TimeDelta::days(1);
        if at < earliest || at > latest {
            let words = format!(
                "`{text}` does not lie between {} and {}",
                earliest.date_naive(),
                latest.date_naive()
            );
            self.error(pointer, Code::DeclaredAtImplausible, words);
            return None;
        }
        Some(at)
    }
}

/// Parses a body once, for good.
///
/// `historical` lifts the rule that a declaration is at most 90 days old.
///
/// # Errors
/// Every field that breaks a rule, in the order of the fields.
pub fn parse(
    body: &DeclarationBody,
    now: DateTime<Utc>,
    historical: bool,
) -> Result<Checked, Vec<FieldError>> {
    let mut found = Findings::default();
    let f = &mut found;
    let number = f
        .required("/declaration_number", &body.declaration_number)
        .and_then(|text| f.kept(DeclarationNumber::parse_field("/declaration_number", text)));
    let office = f
        .required("/office", &body.office)
        .and_then(|text| f.kept(OfficeCode::parse_field("/office", text)));
    let exporter_id = f
        .required("/exporter_id", &body.exporter_id)
        .and_then(|text| f.kept(ExporterId::parse_field("/exporter_id", text)));
    let exporter_name = f.optional("/exporter_name", &body.exporter_name, 200);
    let consignment = f.optional("/consignment", &body.consignment, 100);
    let country = f
        .required("/destination_country", &body.destination_country)
        .and_then(|text| f.country(text));
    let commodity_code =
        f.required("/commodity_code", &body.commodity_code).and_then(|text| f.commodity(text));
    let description = f.optional("/description", &body.description, 500);
    let quantity =
        f.required("/quantity", &body.quantity).and_then(|text| f.decimal("/quantity", text));
    let unit = f.required("/unit", &body.unit).and_then(|text| f.unit(text));
    let packages = f.packages(body.packages);
    let net_weight_kg = f.optional_decimal("/net_weight_kg", &body.net_weight_kg);
    let gross_weight_kg = f.optional_decimal("/gross_weight_kg", &body.gross_weight_kg);
    let value = f.money(&body.value);
    let location = f.optional("/location", &body.location, 100);
    let declared_at = f
        .required("/declared_at", &body.declared_at)
        .and_then(|text| f.declared_at(text, now, historical));
    let needed =
        (number, office, exporter_id, country, commodity_code, quantity, unit, declared_at);
    match needed {
        (
            Some(number),
            Some(office),
            Some(exporter_id),
            Some(destination_country),
            Some(commodity_code),
            Some(quantity),
            Some(unit),
            Some(declared_at),
        ) if found.errors.is_empty() => Ok(Checked {
            declaration: Declaration {
                number,
                office,
                exporter_id,
                exporter_name,
                consignment,
                destination_country,
                commodity_code,
                description,
                quantity,
                unit,
                packages,
                net_weight_kg,
                gross_weight_kg,
                value,
                location,
                declared_at,
            },
            warnings: found.warnings,
        }),
        _ => Err(found.errors),
    }
}
