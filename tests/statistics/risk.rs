//! The risk score against its golden vectors, and what must hold for any results.

use breeze::statistics::risk::{
    Factor, Facts, History, Lesson, Model, Outcome, Past, Recipe, Streak, Variances, fit,
};
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::BTreeMap;

const FIXED: &str = include_str!("../vectors/risk_small_fixed_variances.json");
const NUISANCE: &str = include_str!("../vectors/risk_small_nuisance_inspector.json");
const SELECTED: &str = include_str!("../vectors/risk_small_selected_variances.json");

#[derive(Deserialize)]
struct Vectors {
    as_of: NaiveDate,
    factors: Vec<String>,
    fixed_variances: Option<Vec<f64>>,
    train: Vec<Row>,
    score: Vec<Row>,
    expected: Expected,
}

#[derive(Deserialize)]
struct Row {
    declaration_number: String,
    declared_at: NaiveDate,
    exporter_id: String,
    commodity_code: String,
    destination_country: String,
    office: String,
    net_weight_kg: String,
    value: String,
    inspector: String,
    #[serde(default)]
    severity: String,
    streak: Streak,
    last_severity: String,
    #[serde(default)]
    y: u8,
}

#[derive(Deserialize)]
struct Expected {
    rho: f64,
    variances: BTreeMap<String, f64>,
    bin_edges: BTreeMap<String, Vec<f64>>,
    scores: Vec<ExpectedScore>,
}

#[derive(Deserialize)]
struct ExpectedScore {
    declaration_number: String,
    contributions: BTreeMap<String, f64>,
    probability: f64,
}

impl Row {
    fn facts(&self) -> Facts<'_> {
        Facts {
            commodity_code: &self.commodity_code,
            destination_country: &self.destination_country,
            office: &self.office,
            exporter_id: &self.exporter_id,
            net_weight_kg: self.net_weight_kg.parse().ok(),
            value: self.value.parse().ok(),
            streak: self.streak,
            last_severity: &self.last_severity,
        }
    }

    fn lesson(&self, as_of: NaiveDate) -> Lesson<'_> {
        let age_days = u32::try_from((as_of - self.declared_at).num_days()).unwrap();
        let inspector = Some(self.inspector.as_str());
        Lesson { facts: self.facts(), age_days, failed: self.y == 1, inspector }
    }
}

/// The vectors call factors by other names.
fn factor(name: &str) -> Factor {
    match name {
        "inspector" => Factor::Inspector,
        "num:weight" => Factor::Weight,
        "num:value" => Factor::Value,
        "num:unit_value" => Factor::UnitValue,
        "exporter_id" => Factor::Exporter,
        "exporter_id*hs4" => Factor::ExporterHs4,
        "hs2*destination_country" => Factor::Hs2Country,
        "hs4*destination_country" => Factor::Hs4Country,
        name => Factor::SCORED.into_iter().find(|factor| factor.name() == name).unwrap(),
    }
}

impl Vectors {
    fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap()
    }

    fn lessons(&self) -> Vec<Lesson<'_>> {
        self.train.iter().map(|row| row.lesson(self.as_of)).collect()
    }

    /// The production recipe with the factors and variances of the vectors.
    fn recipe(&self) -> Recipe {
        let factors: Vec<Factor> = self.factors.iter().map(|name| factor(name)).collect();
        let fixed = self.fixed_variances.as_ref().map(|fixed| Variances::Fixed {
            milli: factors
                .iter()
                .zip(fixed)
                .map(|(&factor, variance)| (factor, (variance * 1_000.0).round() as u32))
                .collect(),
        });
        Recipe { factors, variances: fixed.unwrap_or_default(), ..Recipe::default() }
    }

    /// As the vectors were made.
    fn exact(&self) -> Recipe {
        Recipe { settled_digits: 12, sweeps: 20_000, ..self.recipe() }
    }

    fn check_choice(&self, model: &Model) {
        near(model.line_correlation, self.expected.rho, 1e-6);
        let edges = &model.edges;
        let got = [&edges.unit_value, &edges.value, &edges.weight];
        for (got, (name, want)) in got.iter().zip(&self.expected.bin_edges) {
            assert_eq!(got.len(), want.len(), "{name}");
            got.iter().zip(want).for_each(|(got, want)| near(*got, *want, 1e-6));
        }
        let variances: BTreeMap<_, _> =
            model.factors.iter().map(|fitted| (fitted.factor, fitted.variance)).collect();
        let want = self.expected.variances.iter();
        assert_eq!(variances, want.map(|(name, &variance)| (factor(name), variance)).collect());
    }

    fn check_scores(&self, model: &Model, tolerance: f64) {
        assert_eq!(self.score.len(), 60);
        for (row, want) in self.score.iter().zip(&self.expected.scores) {
            assert_eq!(row.declaration_number, want.declaration_number);
            let score = model.score(&row.facts());
            near(score.probability, want.probability, tolerance);
            near(score.intercept, want.contributions["intercept"], tolerance);
            assert_eq!(score.contributions.len() + 1, want.contributions.len());
            let mut got: BTreeMap<_, _> = score
                .contributions
                .iter()
                .map(|contribution| (contribution.factor, contribution.log_odds))
                .collect();
            for (name, want) in want.contributions.iter().filter(|(name, _)| *name != "intercept") {
                near(got.remove(&factor(name)).unwrap(), *want, tolerance);
            }
        }
    }
}

fn near(got: f64, want: f64, tolerance: f64) {
    assert!((got - want).abs() < tolerance, "{got} is not {want}");
}

fn meets(text: &str) {
    let vectors = Vectors::read(text);
    let lessons = vectors.lessons();
    assert_eq!(lessons.len(), 660);
    let exact = fit(&vectors.exact(), &lessons);
    assert!(exact.settled);
    vectors.check_choice(&exact);
    vectors.check_scores(&exact, 1e-6);
    let production = fit(&vectors.recipe(), &lessons);
    vectors.check_choice(&production);
    vectors.check_scores(&production, 1e-4);
}

#[test]
fn scores_under_given_variances_are_those_of_the_vectors() {
    meets(FIXED);
}

#[test]
fn inspectors_are_fitted_and_not_scored_as_in_the_vectors() {
    meets(NUISANCE);
}

#[test]
fn variances_are_chosen_and_factors_dropped_as_in_the_vectors() {
    meets(SELECTED);
}

#[test]
fn histories_of_the_training_rows_are_those_of_the_vectors() {
    let vectors = Vectors::read(FIXED);
    let mut history = History::default();
    // Told from the last to the first: the order of telling must not matter.
    for row in vectors.train.iter().rev() {
        history.tell(Outcome {
            exporter_id: &row.exporter_id,
            day: row.declared_at,
            number: &row.declaration_number,
            failed: row.y == 1,
            severity: Some(&row.severity),
        });
    }
    for row in &vectors.train {
        let past = history.before(&row.exporter_id, row.declared_at);
        let want = Past { streak: row.streak, last_severity: &row.last_severity };
        assert_eq!(past, want, "{}", row.declaration_number);
    }
}

#[test]
fn a_stored_model_is_the_same_to_the_last_bit() {
    let vectors = Vectors::read(NUISANCE);
    let model = fit(&vectors.recipe(), &vectors.lessons());
    let text = serde_json::to_string(&model).unwrap();
    let stored: Model = serde_json::from_str(&text).unwrap();
    assert_eq!(stored, model);
    assert_eq!(serde_json::to_string(&stored).unwrap(), text);
    for row in &vectors.score {
        let (one, other) = (model.score(&row.facts()), stored.score(&row.facts()));
        assert_eq!(one.probability.to_bits(), other.probability.to_bits());
        assert_eq!(one.probability.to_bits(), model.probability(&row.facts()).to_bits());
    }
}

#[test]
fn nothing_about_inspectors_is_in_a_model_but_their_variance() {
    let vectors = Vectors::read(NUISANCE);
    let model = fit(&vectors.recipe(), &vectors.lessons());
    assert_eq!(model.factors[0].factor, Factor::Inspector);
    assert_eq!((model.factors[0].variance, model.factors[0].levels.len()), (0.5, 0));
    assert!(!serde_json::to_string(&model).unwrap().contains("\"I0\""));
}
