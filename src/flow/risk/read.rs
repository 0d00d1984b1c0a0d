//! Models with what is known of them.

use super::backtest::Backtest;
use crate::domain::problem::Problem;
use crate::domain::risk::{RiskActivation, RiskModel};
use crate::error::{Error, Result};
use crate::statistics::risk::{Factor, Model, NoEffects, Recipe};
use crate::store::{self, Conn, Store};
use serde::{Deserialize, Serialize};

/// A model with its parts read.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// As it is kept.
    pub kept: RiskModel,
    /// The recipe.
    pub recipe: Recipe,
    /// What the model is made of.
    pub summary: Summary,
    /// How the recipe did; none while there were too few results.
    pub backtest: Option<Backtest>,
    /// When it became the active one, if ever.
    pub activation: Option<RiskActivation>,
    /// Whether it is the active one.
    pub active: bool,
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| Error::Inner(error.into()))
}

/// The recipe of a kept model.
pub(super) fn recipe_of(kept: &RiskModel) -> Result<Recipe> {
    parse(&kept.recipe)
}

/// The mathematics of a kept model.
pub(super) fn model_of(conn: &mut Conn, kept: &RiskModel) -> Result<Model> {
    parse(&store::risk_models::text(conn, kept.version)?)
}

/// What a model is made of, without its effects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Log-odds of a declaration about which nothing is known.
    pub intercept: f64,
    /// All factors of the recipe, kept or dropped.
    pub factors: Vec<SummaryFactor>,
    /// Why no factor has effects; none where one has.
    pub no_effects: Option<NoEffects>,
    /// Whether the effects settled within the recipe's sweeps.
    pub settled: bool,
}

/// A factor of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SummaryFactor {
    /// Which.
    pub factor: Factor,
    /// The variance of its effects; 0 when it was dropped.
    pub variance: f64,
    /// Levels with an effect.
    pub levels: usize,
}

impl Summary {
    /// What a model is made of.
    pub(super) fn of(model: &Model) -> Self {
        let factors = model.factors.iter().map(|one| SummaryFactor {
            factor: one.factor,
            variance: one.variance,
            levels: one.levels.len(),
        });
        Self {
            intercept: model.intercept,
            factors: factors.collect(),
            no_effects: model.no_effects,
            settled: model.settled,
        }
    }
}

/// Reads the parts of kept models, inside a transaction.
pub(super) fn fitted(conn: &mut Conn, kept: Vec<RiskModel>) -> Result<Vec<Fitted>> {
    let active = store::risk_models::active_version(conn)?;
    let versions: Vec<i32> = kept.iter().map(|kept| kept.version).collect();
    let activations = store::risk_models::activations_of(conn, &versions)?;
    let read = kept.into_iter().map(|kept| {
        let own = activations.iter().rev().find(|one| one.version == Some(kept.version));
        Ok(Fitted {
            recipe: recipe_of(&kept)?,
            summary: parse(&kept.summary)?,
            backtest: parse(&kept.backtest)?,
            activation: own.cloned(),
            active: active == Some(kept.version),
            kept,
        })
    });
    read.collect()
}

/// Models, the latest first, below a version.
///
/// # Errors
/// Those of the database.
pub fn list(store: &Store, below: Option<i32>, limit: i64) -> Result<Vec<Fitted>> {
    store.snapshot(|conn| {
        let kept = store::risk_models::list(conn, below, limit)?;
        fitted(conn, kept)
    })
}

/// One model.
///
/// # Errors
/// Not found.
pub fn find(store: &Store, version: i32) -> Result<Fitted> {
    store.snapshot(|conn| find_in(conn, version))
}

/// [`find`], inside a transaction.
pub(super) fn find_in(conn: &mut Conn, version: i32) -> Result<Fitted> {
    let kept = store::risk_models::find(conn, version)?;
    let kept = kept.ok_or_else(|| Problem::not_found("risk model", version))?;
    fitted(conn, vec![kept])?.pop().ok_or_else(|| Error::inner("one model went in, none came out"))
}
