//! The sampling plan of a drawn shipment: how many units to open and what condemns the lot, frozen with
//! the item, and what the result in force says of it.

use crate::domain::reference::defect::DefectClass;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a lot's size counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LotUnit {
    /// The declared quantity.
    Quantity,
    /// The declared packages.
    Packages,
}

/// What is held against the acceptance number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Nonconforming units, never more than were opened.
    Units,
    /// Nonconformities, of which a unit may have several.
    Nonconformities,
}

/// The sampling plan of an item, frozen when it was drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ItemPlan {
    /// The rule that gave it: `id@version/name`.
    #[schema(example = "plans@1/electronics")]
    pub rule: String,
    /// `iso2859-1`, `gbt2828.1`, `z1.4` or `detection`.
    #[schema(example = "iso2859-1")]
    pub standard: String,
    /// The edition, in words.
    #[schema(example = "ISO 2859-1:1999")]
    pub edition: String,
    /// Units in the lot.
    #[schema(example = 1200)]
    pub lot_size: u64,
    /// What they are.
    pub lot_unit: LotUnit,
    /// Units to open: the largest sample size of the classes.
    #[schema(example = 80)]
    pub sample_size: u64,
    /// What is held against the acceptance numbers.
    pub counted: Counted,
    /// One plan a class of defects, in order of severity; a single one without class holds for all
    /// defects together.
    pub classes: Vec<ClassPlan>,
}

/// The plan of one class of defects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClassPlan {
    /// The class; `None` for all together.
    pub class: Option<DefectClass>,
    /// Units to open for it.
    #[schema(example = 80)]
    pub sample_size: u64,
    /// Accept up to here.
    #[schema(example = 2)]
    pub acceptance_number: u64,
    /// Refuse from here on.
    #[schema(example = 3)]
    pub rejection_number: u64,
    /// Whether every unit of the lot is opened.
    pub whole_lot: bool,
    /// The cell of the standard; `None` for a detection plan.
    pub cell: Option<TableCell>,
    /// The assumptions of a detection plan; `None` for a standard's.
    pub detection: Option<DetectionTerms>,
}

/// The cell of a standard's table that a plan was read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TableCell {
    /// The table.
    #[schema(example = "Table 2-A")]
    pub table: String,
    /// The inspection level.
    #[schema(example = "II")]
    pub level: String,
    /// The acceptance quality limit, as the column is headed.
    #[schema(example = "1.0")]
    pub aql: String,
    /// `normal`, `tightened`, `reduced`, or `discontinued`: then no sample accepts, and every unit is
    /// opened.
    #[schema(example = "normal")]
    pub severity: String,
    /// Code letter of the lot size.
    #[schema(example = "J")]
    pub initial_letter: String,
    /// Code letter of the cell that the arrow leads to.
    #[schema(example = "J")]
    pub final_letter: String,
    /// `own`, `up` or `down`.
    #[schema(example = "own")]
    pub arrow: String,
    /// The acceptance number of the next tighter limit with the same sample size, which the switching
    /// score is counted by; `None` where there is none.
    pub tighter_acceptance_number: Option<u64>,
}

/// What a detection plan assumes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DetectionTerms {
    /// `hypergeometric`, `binomial` or `poisson`.
    #[schema(example = "hypergeometric")]
    pub model: String,
    /// Confidence, a decimal below 1.
    #[schema(example = "0.95")]
    pub confidence: String,
    /// Share of units to be detected, a decimal.
    #[schema(example = "0.05")]
    pub detection_level: String,
    /// Chance to see a defect in a unit that is opened, a decimal up to 1.
    #[schema(example = "1")]
    pub efficacy: String,
}

/// What the result in force says under the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LotVerdict {
    /// Whether every class accepts.
    pub accepted: bool,
    /// One a class, as the plan has them.
    pub classes: Vec<ClassVerdict>,
}

/// What it says of one class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClassVerdict {
    /// The class; `None` for all together.
    pub class: Option<DefectClass>,
    /// Nonconforming units, or nonconformities.
    pub nonconforming: u64,
    /// Whether the class accepts: fewer than the rejection number.
    pub accepted: bool,
    /// Whether it accepts above the acceptance number, as the reduced tables of Z1.4 allow; inspection
    /// then goes back to normal.
    pub in_gap: bool,
}
