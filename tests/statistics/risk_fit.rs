//! What must hold for a model of any results, however poor.

use breeze::statistics::risk::{
    Factor, Facts, Lesson, Model, NoEffects, Recipe, RecipeError, Streak, Variances, fit,
};
use proptest::prelude::*;

const FACTS: Facts<'static> = Facts {
    commodity_code: "090111",
    destination_country: "EG",
    office: "QD",
    exporter_id: "E1",
    net_weight_kg: Some(100.0),
    value: Some(1_000.0),
    streak: Streak::None,
    last_severity: "none",
};

fn lesson(facts: Facts<'_>, failed: bool) -> Lesson<'_> {
    Lesson { facts, age_days: 30, failed, inspector: Some("I1") }
}

/// All numbers of a model.
fn numbers(model: &Model) -> Vec<f64> {
    let effects = model.factors.iter().flat_map(|fitted| &fitted.levels).map(|level| level.effect);
    let variances = model.factors.iter().map(|fitted| fitted.variance);
    let edges = [&model.edges.weight, &model.edges.value, &model.edges.unit_value];
    let edges = edges.into_iter().flatten().copied();
    let own = [model.intercept, model.line_correlation];
    own.into_iter().chain(effects).chain(variances).chain(edges).collect()
}

fn is_sound(model: &Model) -> bool {
    let p = model.score(&FACTS).probability;
    numbers(model).iter().all(|number| number.is_finite()) && p > 0.0 && p < 1.0
}

fn near(got: f64, want: f64) {
    assert!((got - want).abs() < 1e-9, "{got} is not {want}");
}

#[test]
fn without_results_every_declaration_is_as_likely_to_fail_as_not() {
    let model = fit(&Recipe::default(), &[]);
    assert_eq!((model.rows, model.failed), (0, 0));
    assert_eq!(model.no_effects, Some(NoEffects::NoResults));
    assert_eq!(model.score(&FACTS).probability, 0.5);
    assert_eq!(model.factors.len(), 15);
    assert!(model.factors.iter().all(|fitted| fitted.levels.is_empty()));
}

#[test]
fn passes_alone_give_an_intercept_and_say_so() {
    let lessons: Vec<_> = ["E1", "E2", "E3"]
        .map(|exporter_id| lesson(Facts { exporter_id, net_weight_kg: None, ..FACTS }, false))
        .into();
    let model = fit(&Recipe::default(), &lessons);
    assert_eq!(model.no_effects, Some(NoEffects::OneClass));
    near(model.score(&FACTS).probability, 0.5 / 4.0);
}

#[test]
fn failures_alone_give_an_intercept_and_say_so() {
    // No ρ can be told from one class, so the three identical lines count as three.
    let model = fit(&Recipe::default(), &[lesson(FACTS, true); 3]);
    assert_eq!(model.no_effects, Some(NoEffects::OneClass));
    assert_eq!((model.rows, model.failed, model.line_correlation), (3, 3, 0.0));
    near(model.score(&FACTS).probability, 3.5 / 4.0);
}

#[test]
fn a_few_results_earn_no_factor_its_place() {
    let lessons: Vec<_> = ["E1", "E2", "E3", "E4"]
        .map(|exporter_id| {
            lesson(Facts { exporter_id, net_weight_kg: None, ..FACTS }, exporter_id == "E1")
        })
        .into();
    let model = fit(&Recipe::default(), &lessons);
    assert_eq!(model.no_effects, Some(NoEffects::NothingEarned));
    assert!((model.score(&FACTS).probability - 0.25).abs() < 1e-6);
    assert!(model.score(&FACTS).contributions.is_empty());
}

#[test]
fn a_factor_that_says_nothing_is_dropped_and_one_that_does_is_kept() {
    let exporter_ids: Vec<String> = (0..20).map(|i| format!("E{i:02}")).collect();
    let rows = exporter_ids.iter().enumerate().flat_map(|(i, exporter_id)| {
        let facts = Facts { exporter_id, net_weight_kg: None, value: None, ..FACTS };
        (0..20).map(move |j| lesson(facts, if i < 10 { j < 12 } else { j < 2 }))
    });
    let model = fit(&Recipe::default(), &rows.collect::<Vec<_>>());
    let kept: Vec<Factor> =
        model.factors.iter().filter(|f| f.variance > 0.0).map(|f| f.factor).collect();
    assert_eq!(kept, [Factor::Exporter]);
    assert_eq!((model.no_effects, model.settled), (None, true));
    let risky = model.score(&Facts { exporter_id: "E03", ..FACTS });
    assert!(risky.probability > 0.5, "{risky:?}");
    assert_eq!(risky.contributions[0].level, "E03");
    // A missing number is a level, and a dropped one adds nothing.
    near(risky.log_odds, risky.intercept + risky.contributions[0].log_odds);
}

#[test]
fn a_level_that_was_not_met_adds_nothing() {
    let every = Variances::Fixed { milli: Factor::SCORED.map(|factor| (factor, 100)).into() };
    let recipe = Recipe { variances: every, ..Recipe::default() };
    let model =
        fit(&recipe, &[lesson(FACTS, true), lesson(Facts { exporter_id: "E2", ..FACTS }, false)]);
    let stranger = Facts {
        commodity_code: "870899",
        destination_country: "BR",
        office: "SH",
        exporter_id: "E9",
        net_weight_kg: None,
        value: None,
        streak: Streak::F3,
        last_severity: "critical",
    };
    let score = model.score(&stranger);
    assert_eq!(score.contributions.len(), 14);
    assert!(score.contributions.iter().all(|contribution| contribution.log_odds == 0.0));
    assert_eq!(score.log_odds, model.intercept);
    let labels: Vec<_> = score.contributions.iter().map(|part| part.level.as_str()).collect();
    let want = [
        "87", "8708", "870899", "BR", "SH", "?", "?", "?", "E9", "E9|8708", "87|BR", "8708|BR",
        "F3", "critical",
    ];
    assert_eq!(labels, want);
}

#[test]
fn a_point_doubles_the_odds() {
    let milli = [(Factor::Exporter, 1_000)].into();
    let recipe = Recipe { variances: Variances::Fixed { milli }, ..Recipe::default() };
    let rows = [true, true, false].map(|failed| lesson(FACTS, failed));
    let other = lesson(Facts { exporter_id: "E2", ..FACTS }, false);
    let model = fit(&recipe, &[&rows[..], &[other; 3]].concat());
    let contribution = &model.score(&FACTS).contributions[0];
    near(contribution.points().exp2(), contribution.log_odds.exp());
}

#[test]
fn quantities_that_are_none_count_as_missing() {
    let odd = [None, Some(f64::NAN), Some(f64::INFINITY), Some(-1.0)];
    let model = |quantity: Option<f64>| {
        let facts = Facts { net_weight_kg: quantity, value: quantity, ..FACTS };
        let rows = (0..60).map(|i| lesson(if i % 2 == 0 { facts } else { FACTS }, i % 3 == 0));
        fit(&Recipe::default(), &rows.collect::<Vec<_>>())
    };
    let known = model(None);
    assert!(is_sound(&known));
    odd.into_iter().for_each(|quantity| assert_eq!(model(quantity), known));
}

#[test]
fn identical_lines_that_agree_count_as_one() {
    let line = |code, failed| vec![lesson(Facts { commodity_code: code, ..FACTS }, failed); 10];
    let lessons = [line("090111", true), line("090112", false)].concat();
    let model = fit(&Recipe::default(), &lessons);
    assert_eq!(model.line_correlation, 1.0);
    assert_eq!(model.no_effects, Some(NoEffects::NothingEarned));
}

#[test]
fn results_older_than_any_number_can_hold_still_make_a_model() {
    let aged = |age_days, failed| Lesson { age_days, ..lesson(FACTS, failed) };
    let recipe = Recipe { half_life_days: 1, ..Recipe::default() };
    for ages in [[0, u32::MAX], [u32::MAX, u32::MAX], [u32::MAX, u32::MAX - 9]] {
        let lessons = [aged(ages[0], false), aged(ages[1], true), aged(ages[0], false)];
        assert!(is_sound(&fit(&recipe, &lessons)), "{ages:?}");
    }
}

#[test]
fn a_recipe_that_makes_no_sense_is_refused_and_still_makes_a_model() {
    let recipe = Recipe::default;
    let fixed = |milli| Variances::Fixed { milli: [(Factor::Hs2, milli)].into() };
    let grid = |grid_milli| Variances::Chosen { grid_milli, gain_milli: 0 };
    let wrong = [
        (
            Recipe { factors: vec![Factor::Hs2, Factor::Hs2], ..recipe() },
            RecipeError::Twice(Factor::Hs2),
        ),
        (
            Recipe { factors: vec![Factor::Hs2, Factor::Inspector], ..recipe() },
            RecipeError::NuisanceLate(Factor::Inspector),
        ),
        (Recipe { variances: grid(vec![]), ..recipe() }, RecipeError::Grid),
        (Recipe { variances: grid(vec![10, 0]), ..recipe() }, RecipeError::Variance(0)),
        (Recipe { variances: fixed(u32::MAX), ..recipe() }, RecipeError::Variance(u32::MAX)),
        (Recipe { half_life_days: 0, ..recipe() }, RecipeError::HalfLife(0)),
        (Recipe { bins: 0, ..recipe() }, RecipeError::Bins(0)),
        (Recipe { settled_digits: 99, ..recipe() }, RecipeError::Digits(99)),
        (Recipe { sweeps: 0, ..recipe() }, RecipeError::Sweeps(0)),
    ];
    let other = Facts { commodity_code: "1", exporter_id: "", net_weight_kg: None, ..FACTS };
    let lessons = [lesson(FACTS, true), lesson(FACTS, false), lesson(other, true)];
    for (recipe, error) in wrong {
        assert_eq!(recipe.check(), Err(error));
        assert!(is_sound(&fit(&recipe, &lessons)), "{error}");
    }
}

#[test]
fn a_recipe_has_one_spelling() {
    let text = serde_json::to_string(&Recipe::default()).unwrap();
    assert_eq!(serde_json::from_str::<Recipe>(&text).unwrap(), Recipe::default());
    assert!(text.contains(r#""factors":["inspector","hs2","hs4","hs6","destination_country""#));
    let grid = r#""variances":{"chosen":{"grid_milli":[10,20,50,100,200,500,1000,2000,4000],"gain_milli":2000}}"#;
    assert!(text.contains(grid), "{text}");
    for factor in Factor::SCORED {
        assert_eq!(serde_json::to_value(factor).unwrap(), factor.name());
    }
    for streak in Streak::ALL {
        assert_eq!(serde_json::to_value(streak).unwrap(), streak.label());
    }
}

/// A result in numbers: exporter, commodity, country, weight, value, streak, inspector, age, failed.
type Drawn = ((u8, u8, u8), (Option<u16>, Option<u16>), (usize, u8), u32, bool);

fn drawn() -> impl Strategy<Value = Vec<Drawn>> {
    let who = (0_u8..9, 0_u8..6, 0_u8..4);
    let how_much = (prop::option::of(0_u16..5), prop::option::of(any::<u16>()));
    let row = (who, how_much, (0_usize..7, 0_u8..3), 0_u32..2_000, any::<bool>());
    prop::collection::vec(row, 0..80)
}

struct Words {
    exporter_id: String,
    commodity_code: String,
    country: String,
    inspector: String,
}

fn words(rows: &[Drawn]) -> Vec<Words> {
    let word = |&((exporter, code, country), _, (_, inspector), ..): &Drawn| Words {
        exporter_id: format!("E{exporter}"),
        commodity_code: format!("{:06}", u32::from(code) * 16_667),
        country: format!("C{country}"),
        inspector: format!("I{inspector}"),
    };
    rows.iter().map(word).collect()
}

fn lessons<'a>(rows: &[Drawn], words: &'a [Words]) -> Vec<Lesson<'a>> {
    let lesson = |(row, words): (&Drawn, &'a Words)| {
        let &(_, (weight, value), (streak, inspector), age_days, failed) = row;
        let facts = Facts {
            commodity_code: &words.commodity_code,
            destination_country: &words.country,
            office: "QD",
            exporter_id: &words.exporter_id,
            net_weight_kg: weight.map(f64::from),
            value: value.map(f64::from),
            streak: Streak::ALL[streak],
            last_severity: "none",
        };
        let inspector = (inspector > 0).then_some(words.inspector.as_str());
        Lesson { facts, age_days, failed, inspector }
    };
    rows.iter().zip(words).map(lesson).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_of_results_moves_no_bit(
        (rows, shuffled) in drawn().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        gain_milli in prop_oneof![Just(0), Just(2_000)],
    ) {
        let variances = Variances::Chosen { grid_milli: vec![50, 500], gain_milli };
        let recipe = Recipe { variances, ..Recipe::default() };
        let (words, other) = (words(&rows), words(&shuffled));
        let model = fit(&recipe, &lessons(&rows, &words));
        prop_assert!(is_sound(&model));
        prop_assert_eq!(serde_json::to_string(&model).unwrap(), serde_json::to_string(&fit(&recipe, &lessons(&shuffled, &other))).unwrap());
    }

    #[test]
    fn at_the_mode_expected_failures_are_those_met(rows in drawn(), milli in 1_u32..4_000) {
        let failed = rows.iter().filter(|row| row.4).count();
        prop_assume!(failed > 0 && failed < rows.len());
        // Without weights, decay and inspectors every row counts alike.
        let plain: Vec<Drawn> =
            rows.iter().map(|&(who, (_, value), (streak, _), _, failed)| (who, (None, value), (streak, 0), 0, failed)).collect();
        let words = words(&plain);
        let lessons = lessons(&plain, &words);
        let variances = Variances::Fixed { milli: Factor::SCORED.map(|factor| (factor, milli)).into() };
        let recipe = Recipe { variances, settled_digits: 9, sweeps: 20_000, ..Recipe::default() };
        let model = fit(&recipe, &lessons);
        prop_assert!(model.settled);
        let expected: f64 = lessons.iter().map(|lesson| model.probability(&lesson.facts)).sum();
        prop_assert!((expected - failed as f64).abs() < 1e-5, "{} of {}", expected, failed);
        for fitted in &model.factors {
            let sum: f64 = fitted.levels.iter().map(|level| level.effect).sum();
            prop_assert!(sum.abs() < 1e-5, "{:?} {}", fitted.factor, sum);
        }
    }
}
