//! Fit a model from everything that was known before a day.

use super::backtest::{self, Previous};
use super::past::Past;
use super::read::{Summary, model_of, recipe_of};
use super::sheet::Sheet;
use crate::domain::chain::NO_OFFICE;
use crate::domain::digest::{self, sha256_hex};
use crate::domain::key::Caller;
use crate::domain::problem::{Code, Problem};
use crate::domain::risk::RiskModel;
use crate::error::{Error, Result};
use crate::flow::approval;
use crate::statistics::risk::{self, History, Lesson, Outcome, Recipe};
use crate::store::lessons::Example;
use crate::store::{self, Conn, Store, chain};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Everything that was known before a day, labelled with what was known before each row's own day.
pub(super) struct Training {
    pub rows: Vec<TrainingRow>,
    /// The currency most values are in.
    pub currency: Option<&'static str>,
    /// SHA-256 over all that was learned from.
    pub sha256: String,
}

/// One lesson with the exporter's past before its inspection day.
pub(super) struct TrainingRow {
    pub sheet: Sheet,
    pub past: Past,
    /// The inspection day.
    pub day: NaiveDate,
    /// The day since which the result is known.
    pub known_on: NaiveDate,
    pub failed: bool,
    pub inspector: Option<String>,
}

impl Training {
    /// Reads what was known before a day.
    pub fn read(conn: &mut Conn, before: NaiveDate) -> Result<Self> {
        let mut examples = Vec::new();
        store::lessons::each_before(conn, before, |example| {
            examples.push(example);
            Ok(())
        })?;
        let mut history = History::default();
        for Example { lesson, .. } in &examples {
            history.tell(Outcome {
                exporter_id: &lesson.exporter_id,
                day: lesson.known_on,
                number: &lesson.declaration_number,
                failed: lesson.failed,
                severity: Some(&lesson.severity),
            });
        }
        let rows: Vec<TrainingRow> = examples.iter().map(|row| labelled(row, &history)).collect();
        let currency = usual_currency(&rows);
        Ok(Self { sha256: digest_of(&examples), currency, rows })
    }

    /// What was known before a day, as lessons as of that day.
    pub fn lessons(&self, as_of: NaiveDate) -> Vec<Lesson<'_>> {
        let known = self.rows.iter().filter(|row| row.known_on < as_of);
        known.map(|row| row.lesson(self.currency, as_of)).collect()
    }
}

impl TrainingRow {
    fn lesson(&self, currency: Option<&str>, as_of: NaiveDate) -> Lesson<'_> {
        Lesson {
            facts: self.sheet.facts(currency, &self.past),
            age_days: u32::try_from((as_of - self.day).num_days()).unwrap_or(0),
            failed: self.failed,
            inspector: self.inspector.as_deref(),
        }
    }
}

fn labelled(example: &Example, history: &History) -> TrainingRow {
    let lesson = &example.lesson;
    // An imported result may be known before the day of its own declaration.
    let own = Some(lesson.declaration_number.as_str());
    let known = history.before_for(&lesson.exporter_id, example.inspection_day, own);
    TrainingRow {
        sheet: Sheet::from(example),
        past: Past { streak: known.streak, last_severity: known.last_severity.to_owned() },
        day: example.inspection_day,
        known_on: lesson.known_on,
        failed: lesson.failed,
        inspector: lesson.inspector.clone(),
    }
}

/// The currency of most values; of two equally frequent the first in bytewise order.
fn usual_currency(rows: &[TrainingRow]) -> Option<&'static str> {
    let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
    for currency in rows.iter().filter_map(|row| row.sheet.currency()) {
        *counts.entry(currency).or_default() += 1;
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(currency, _)| currency)
}

/// What was learned from, a line a result, as a digest.
fn digest_of(examples: &[Example]) -> String {
    let mut text = String::new();
    for example in examples {
        let lesson = &example.lesson;
        let weight = example.net_weight_kg.as_ref().map_or("-", |weight| weight.as_str());
        let value = example.value.as_ref();
        let value = value.map(|money| format!("{} {}", money.amount(), money.currency.code));
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{weight}\t{}\t{}\t{}",
            lesson.declaration_number,
            example.inspection_day,
            lesson.known_on,
            lesson.office,
            lesson.exporter_id,
            example.destination_country,
            example.commodity_code,
            value.as_deref().unwrap_or("-"),
            lesson.severity,
            lesson.inspector.as_deref().unwrap_or("-"),
        );
    }
    sha256_hex(text.as_bytes())
}

/// Whether a model was fitted now or before.
pub type Made = bool;

/// Fits a model by a recipe from all that was known before `as_of`, judges the recipe on results it
/// had not seen, and keeps the model. The same recipe, day and results give the same model, and the
/// answer says whether it is new.
///
/// # Errors
/// A recipe that makes no sense, a day that lies ahead; those of the database.
pub fn fit(
    store: &Store,
    caller: &Caller,
    recipe: &Recipe,
    as_of: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(RiskModel, Made)> {
    approval::of_all_offices(caller, "risk model")?;
    check(recipe, as_of, now)?;
    let (training, previous) = store.snapshot(|conn| {
        let previous = match store::risk_models::active(conn)? {
            Some(kept) => Some(Previous {
                version: kept.version,
                as_of: kept.as_of,
                recipe: recipe_of(&kept)?,
                model: model_of(conn, &kept)?,
            }),
            None => None,
        };
        Ok((Training::read(conn, as_of)?, previous))
    })?;
    let (drafted, text) = draft(recipe, &training, previous, as_of, now, &caller.actor)?;
    store.write(|conn| {
        chain::lock(conn, &[NO_OFFICE])?;
        if let Some(model) = store::risk_models::same(conn, &drafted)? {
            return Ok((model, false));
        }
        let version = store::risk_models::last_version(conn)? + 1;
        let model = RiskModel { version, ..drafted.clone() };
        store::risk_models::insert(conn, &model, &text)?;
        let object = format!("risk@{version}");
        let actor = &caller.actor;
        let entry =
            chain::Entry { office: NO_OFFICE, kind: "risk_model.fitted", actor, object: &object };
        chain::append(conn, now, entry, model.sha256.clone())?;
        Ok((model, true))
    })
}

fn check(recipe: &Recipe, as_of: NaiveDate, now: DateTime<Utc>) -> Result<()> {
    if let Err(error) = recipe.check() {
        return Err(Problem::field("/recipe", Code::NumberOutOfRange, error.to_string()).into());
    }
    // Somewhere on Earth it is tomorrow already.
    let latest = (now + TimeDelta::hours(14)).date_naive();
    if as_of > latest {
        let words = format!("{as_of} lies ahead: nothing more is known then than on {latest}");
        return Err(Problem::field("/as_of", Code::NumberOutOfRange, words).into());
    }
    Ok(())
}

/// A model as it will be kept, and its text.
fn draft(
    recipe: &Recipe,
    training: &Training,
    previous: Option<Previous>,
    as_of: NaiveDate,
    now: DateTime<Utc>,
    actor: &str,
) -> Result<(RiskModel, String)> {
    let fitted = risk::fit(recipe, &training.lessons(as_of));
    let text = json(&fitted)?;
    let model = RiskModel {
        version: 0,
        as_of,
        recipe: digest::canonical_json(recipe),
        recipe_sha256: digest::of(recipe),
        lessons: fitted.rows,
        failures: fitted.failed,
        lessons_sha256: training.sha256.clone(),
        currency: training.currency.map(str::to_owned),
        summary: json(&Summary::of(&fitted))?,
        sha256: sha256_hex(text.as_bytes()),
        backtest: json(&backtest::run(recipe, training, previous))?,
        fitted_at: now,
        fitted_by: actor.to_owned(),
    };
    Ok((model, text))
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Inner(error.into()))
}
