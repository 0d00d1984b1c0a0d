//! What the score sees of a declaration, and what it learns from.

use super::streak::Streak;

/// What the score sees of a declaration: known before it is inspected, and nothing that says how
/// it was chosen.
///
/// Texts are compared byte by byte. A weight or value that is negative, infinite or no number
/// counts as missing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Facts<'a> {
    /// HS commodity code, 4 to 10 digits.
    pub commodity_code: &'a str,
    /// Destination country, ISO 3166-1 alpha-2.
    pub destination_country: &'a str,
    /// The office it was declared at.
    pub office: &'a str,
    /// The exporter.
    pub exporter_id: &'a str,
    /// Net weight in kilograms, where declared.
    pub net_weight_kg: Option<f64>,
    /// Value, where declared; in one currency for all rows of a model.
    pub value: Option<f64>,
    /// The exporter's last outcomes known before the day.
    pub streak: Streak,
    /// The severity of the exporter's last outcome known before the day: `pass` after a pass,
    /// `none` without history.
    pub last_severity: &'a str,
}

impl<'a> Facts<'a> {
    /// The first digits of the commodity code; all of a shorter one.
    pub(super) fn heading(&self, digits: usize) -> &'a str {
        self.commodity_code.get(..digits).unwrap_or(self.commodity_code)
    }

    /// The weight, where it is one.
    pub(super) fn weight(&self) -> Option<f64> {
        self.net_weight_kg.and_then(quantity)
    }

    /// log₁₀(weight + 0.1).
    pub(super) fn log_weight(&self) -> Option<f64> {
        self.weight().map(|weight| libm::log10(weight + 0.1))
    }

    /// log₁₀(value + 1).
    pub(super) fn log_value(&self) -> Option<f64> {
        self.value.and_then(quantity).map(|value| libm::log10(value + 1.0))
    }

    /// log₁₀ of the value of a unit of weight, as the difference of the two.
    pub(super) fn log_unit_value(&self) -> Option<f64> {
        Some(self.log_value()? - self.log_weight()?)
    }
}

/// A quantity that can be one; adding 0 makes one of the two zeros.
fn quantity(number: f64) -> Option<f64> {
    (number.is_finite() && number >= 0.0).then_some(number + 0.0)
}

/// A result to learn from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lesson<'a> {
    /// The declaration, with its exporter's history as known before its day.
    pub facts: Facts<'a>,
    /// Days from the declaration to the day of the fit.
    pub age_days: u32,
    /// Whether it failed.
    pub failed: bool,
    /// Who inspected it, where known. Fitted so that strictness does not pass for risk; never
    /// part of a score.
    pub inspector: Option<&'a str>,
}
