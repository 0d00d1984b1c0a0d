//! Risk as it is recorded: what the factors of a score added, and models with what is known of them.
//! The mathematics is in `statistics::risk`.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What one factor of a risk score adds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskContribution {
    /// The factor, as `exporter` or `hs4_country`.
    pub factor: String,
    /// The declaration's level of it, as `6403|KE`.
    pub level: String,
    /// Points in thousandths: 1,000 more double the odds to fail.
    pub milli_points: i32,
}

/// A fitted risk model as it is kept, without its effects, which may be many. Texts are JSON; their
/// shapes are the mathematics' own.
#[derive(Clone, Debug)]
pub struct RiskModel {
    /// Counts from 1.
    pub version: i32,
    /// It knows what was known before this day.
    pub as_of: NaiveDate,
    /// The recipe it was fitted by.
    pub recipe: String,
    /// SHA-256 of the recipe.
    pub recipe_sha256: String,
    /// Results it learned from.
    pub lessons: u64,
    /// Of them, failures.
    pub failures: u64,
    /// SHA-256 of everything it learned from.
    pub lessons_sha256: String,
    /// The currency of the values it learned from; others count as missing.
    pub currency: Option<String>,
    /// What it is made of, without its effects.
    pub summary: String,
    /// SHA-256 of the model's text.
    pub sha256: String,
    /// How the recipe did on results it had not seen.
    pub backtest: String,
    /// When it was fitted.
    pub fitted_at: DateTime<Utc>,
    /// By whom.
    pub fitted_by: String,
}

impl RiskModel {
    /// How draws name it: `risk@version/sha256`.
    pub fn label(&self) -> String {
        format!("risk@{}/{}", self.version, self.sha256)
    }
}

/// Why another model, or none, is active from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActivationKind {
    /// A second person approved the recipe with this model.
    Approved,
    /// A nightly fit by the approved recipe.
    Refitted,
    /// No model is active: every factor is 1.
    Withdrawn,
}

impl ActivationKind {
    /// As text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Refitted => "refitted",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Finds it by its text.
    pub fn find(text: &str) -> Option<Self> {
        [Self::Approved, Self::Refitted, Self::Withdrawn]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// A change of the active model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"number": 2, "version": 14, "kind": "refitted", "note": null,
    "actor": "scheduler", "at": "2026-11-24T00:00:41Z"}))]
pub struct RiskActivation {
    /// Counts from 1.
    pub number: i32,
    /// The model that is active from now on; null after a withdrawal.
    pub version: Option<i32>,
    /// Why.
    pub kind: ActivationKind,
    /// What whoever did it said.
    pub note: Option<String>,
    /// Who.
    pub actor: String,
    /// When.
    pub at: DateTime<Utc>,
}
