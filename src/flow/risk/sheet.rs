//! What a score needs of a declaration, with numbers as numbers.

use super::past::Past;
use crate::domain::decimal::Decimal;
use crate::domain::declaration::Declaration;
use crate::domain::money::Money;
use crate::statistics::risk::Facts;
use crate::store;
use crate::store::lessons::Example;

/// A declaration as the risk score sees it.
#[derive(Clone, Debug)]
pub(in crate::flow) struct Sheet {
    pub number: String,
    pub office: String,
    pub exporter_id: String,
    pub destination_country: String,
    pub commodity_code: String,
    net_weight_kg: Option<f64>,
    value: Option<(f64, &'static str)>,
}

impl Sheet {
    /// The facts as of a moment of the exporter's past. Amounts of another currency than the model's
    /// count as missing: there is no rate to trust.
    pub fn facts<'a>(&'a self, currency: Option<&str>, past: &'a Past) -> Facts<'a> {
        let value = self.value.filter(|(_, own)| currency == Some(own)).map(|(amount, _)| amount);
        Facts {
            commodity_code: &self.commodity_code,
            destination_country: &self.destination_country,
            office: &self.office,
            exporter_id: &self.exporter_id,
            net_weight_kg: self.net_weight_kg,
            value,
            streak: past.streak,
            last_severity: &past.last_severity,
        }
    }

    /// What makes two goods lines identical: commodity, destination, net weight. One without a weight
    /// repeats nothing.
    pub fn line(&self) -> Option<(&str, &str, u64)> {
        let weight = self.net_weight_kg?.to_bits();
        Some((&self.commodity_code, &self.destination_country, weight))
    }

    /// The currency of its value.
    pub fn currency(&self) -> Option<&'static str> {
        self.value.map(|(_, currency)| currency)
    }
}

/// The weight as a number: at most 15 digits fit a double.
fn weight(decimal: &Decimal) -> Option<f64> {
    decimal.as_str().parse().ok()
}

/// The amount in whole units of its currency.
fn amount(money: &Money) -> Option<(f64, &'static str)> {
    Some((money.amount().parse().ok()?, money.currency.code))
}

impl From<&Declaration> for Sheet {
    fn from(declaration: &Declaration) -> Self {
        Self {
            number: declaration.number.to_string(),
            office: declaration.office.to_string(),
            exporter_id: declaration.exporter_id.to_string(),
            destination_country: declaration.destination_country.alpha2.to_owned(),
            commodity_code: declaration.commodity_code.clone(),
            net_weight_kg: declaration.net_weight_kg.as_ref().and_then(weight),
            value: declaration.value.as_ref().and_then(amount),
        }
    }
}

impl From<&Example> for Sheet {
    fn from(example: &Example) -> Self {
        Self {
            number: example.lesson.declaration_number.clone(),
            office: example.lesson.office.clone(),
            exporter_id: example.lesson.exporter_id.clone(),
            destination_country: example.destination_country.clone(),
            commodity_code: example.commodity_code.clone(),
            net_weight_kg: example.net_weight_kg.as_ref().and_then(weight),
            value: example.value.as_ref().and_then(amount),
        }
    }
}

impl From<store::risk_models::Sheet> for Sheet {
    fn from(row: store::risk_models::Sheet) -> Self {
        let (number, office, exporter_id, destination_country, commodity_code, kg, minor, code) =
            row;
        let money = minor.zip(code).and_then(|(minor, code)| Money::stored(minor, &code));
        Self {
            number,
            office,
            exporter_id,
            destination_country,
            commodity_code,
            net_weight_kg: kg.and_then(|kg| kg.parse().ok()),
            value: money.as_ref().and_then(amount),
        }
    }
}
