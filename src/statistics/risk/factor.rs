//! The factors of the score.

use serde::{Deserialize, Serialize};

/// A property that groups declarations into levels, each of which has its effect on the risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// Who inspected. A nuisance: fitted, never scored.
    Inspector,
    /// HS chapter.
    Hs2,
    /// HS heading.
    Hs4,
    /// HS subheading.
    Hs6,
    /// Destination country.
    DestinationCountry,
    /// Office of declaration.
    Office,
    /// Net weight, binned.
    Weight,
    /// Value, binned.
    Value,
    /// Value of a unit of weight, binned.
    UnitValue,
    /// Exporter.
    Exporter,
    /// Exporter within a heading.
    ExporterHs4,
    /// Chapter and country together.
    Hs2Country,
    /// Heading and country together.
    Hs4Country,
    /// The exporter's last outcome and how often in a row.
    Streak,
    /// The severity of the exporter's last outcome.
    LastSeverity,
}

impl Factor {
    /// The factors of a score, in the order in which they are tried.
    pub const SCORED: [Self; 14] = [
        Self::Hs2,
        Self::Hs4,
        Self::Hs6,
        Self::DestinationCountry,
        Self::Office,
        Self::Weight,
        Self::Value,
        Self::UnitValue,
        Self::Exporter,
        Self::ExporterHs4,
        Self::Hs2Country,
        Self::Hs4Country,
        Self::Streak,
        Self::LastSeverity,
    ];

    /// The name, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inspector => "inspector",
            Self::Hs2 => "hs2",
            Self::Hs4 => "hs4",
            Self::Hs6 => "hs6",
            Self::DestinationCountry => "destination_country",
            Self::Office => "office",
            Self::Weight => "weight",
            Self::Value => "value",
            Self::UnitValue => "unit_value",
            Self::Exporter => "exporter",
            Self::ExporterHs4 => "exporter_hs4",
            Self::Hs2Country => "hs2_country",
            Self::Hs4Country => "hs4_country",
            Self::Streak => "streak",
            Self::LastSeverity => "last_severity",
        }
    }

    /// Whether it is fitted only to keep it out of the score.
    #[must_use]
    pub const fn is_nuisance(self) -> bool {
        matches!(self, Self::Inspector)
    }
}
