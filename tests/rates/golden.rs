//! The golden vectors of estimates and response factors, through the whole assembly.

use super::world::{World, ask_for, day, place};
use breeze::domain::draw::Selection;
use breeze::domain::period::PeriodKind;
use breeze::flow::rates::Words;
use breeze::flow::rates::responses::{ClassCounts, Classes, Responses};
use breeze::statistics::{Rate, Target};
use breeze::store::rates::{FrameRows, Place};
use serde_json::Value;

const ESTIMATE: &str = include_str!("../vectors/estimate.json");

fn cases(with: &str) -> Vec<Value> {
    let vectors: Value = serde_json::from_str(ESTIMATE).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    cases.iter().filter(|case| case["input"].get(with).is_some()).cloned().collect()
}

fn count(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

/// Every class of the case in a month of its own, so that none pools with another.
fn world(case: &Value) -> World {
    let mut world = World::default();
    let at = |month: u64| {
        let place = place(&format!("2026-{month:02}-15"), "QD", ["africa", "KE", "850760"]);
        Place { selection: Some(Selection::Random), ..place }
    };
    for row in case["input"]["frame"].as_array().unwrap() {
        let frame = FrameRows { place: at(1), pi: count(&row["q"]), rows: count(&row["rows"]) };
        world.rows.frames.push(frame);
    }
    let class = |row: &Value| (count(&row["class_drawn"]), count(&row["class_inspected"]));
    let items = case["input"]["items"].as_array().unwrap();
    let classes = items.chunk_by(|one, other| class(one) == class(other));
    for (month, items) in (1..).zip(classes) {
        for item in items {
            let state = if item["failed"] == 1 { "f" } else { "p" };
            world.items(&at(month), Selection::Random, count(&item["q"]), state);
        }
        // Vectors give classes by their ratio alone; the rows missing from it were not inspected.
        let (drawn, inspected) = class(&items[0]);
        let missing = items.len() as u64 * (drawn - inspected);
        assert_eq!(missing % inspected, 0);
        for _ in 0..missing / inspected {
            world.items(&at(month), Selection::Random, 1 << 30, "n");
        }
    }
    world
}

fn assert_rate(got: &Rate, want: &Value, name: &str) {
    let pairs = [
        (got.observed, "observed"),
        (got.estimated, "estimated"),
        (got.standard_error, "se"),
        (got.low, "low"),
        (got.high, "high"),
        (got.effective_n, "effective_n"),
    ];
    for (got, field) in pairs {
        let want = want.get(field).and_then(Value::as_f64);
        let near = match (got, want) {
            (Some(got), Some(want)) => (got - want).abs() <= 1e-12_f64.max(1e-9 * want.abs()),
            (got, want) => got == want,
        };
        assert!(near, "{name}, {field}: {got:?} is not {want:?}");
    }
}

#[test]
fn rates_are_those_of_the_vectors() {
    let cases = cases("items");
    assert_eq!(cases.len(), 16);
    for case in cases {
        for target in [Target::Declarations, Target::Process] {
            let ask = ask_for(PeriodKind::Year, "", target, Words::default());
            let cells = world(&case).rates(&ask);
            assert_eq!(cells.len(), 1);
            let name = format!("{}, {}", case["name"], target.name());
            assert_rate(
                &cells[0].rate,
                &case["expected"][format!("rate_{}", target.name())],
                &name,
            );
        }
    }
}

#[test]
fn response_factors_are_those_of_the_vectors() {
    let cases = cases("classes");
    assert_eq!(cases.len(), 9);
    for case in cases {
        let mut classes = Classes::new();
        for class in case["input"]["classes"].as_array().unwrap() {
            let text = |field: &str| class[field].as_str().unwrap().to_owned();
            let (drawn, inspected) = (count(&class["drawn"]), count(&class["inspected"]));
            let key = (day("2026-02-01"), text("office"), text("stratum"));
            classes.insert(key, ClassCounts { drawn, inspected, open: 0 });
        }
        let responses = Responses::of(&classes).unwrap();
        for want in case["expected"]["factors"].as_array().unwrap() {
            let text = |field: &str| want[field].as_str().unwrap().to_owned();
            let got = responses.class(&(day("2026-02-01"), text("office"), text("stratum"))).factor;
            let ratio = |drawn: f64| drawn / want["inspected"].as_f64().unwrap();
            assert_eq!(got, want["drawn"].as_f64().map(ratio), "{}: {want}", case["name"]);
        }
    }
}
