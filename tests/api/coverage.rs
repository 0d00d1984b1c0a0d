//! How far it got, and what was found: counted by hand.

use crate::command_line::breeze as run;
use crate::drawn::*;
use crate::history::{declare, draw, policy};
use crate::support::*;
use breeze::domain::inspection::ItemState;
use breeze::domain::key::Role;
use rstest::rstest;
use serde_json::{Value, json};

/// `breeze` on the application's database: exit code, output, what it says of errors.
fn breeze(app: &TestApp, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = run(app, arguments);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[track_caller]
fn near(value: &Value, want: f64) {
    let value = value.as_f64().unwrap_or(f64::NAN);
    assert!((value - want).abs() < 1e-6, "{value} is not {want}");
}

fn items(app: &TestApp, key: &str, path: &str) -> Vec<Value> {
    let answer = app.get(path).key(key).send().expect(200).json();
    answer["items"].as_array().unwrap().clone()
}

/// Four declarations, all drawn: a pass, a failure, one that had left, one cancelled afterwards.
fn four(engine: Engine) -> (TestApp, String) {
    let app = TestApp::start(engine);
    let inspector = app.inspector("CNTAO", "insp-07");
    let customs = app.key(Role::Customs, &["CNTAO"]);
    day(&app, 4);
    let [first, second, third] = ["EXP-01", "EXP-02", "EXP-03"].map(|number| item(&app, number));
    put(&app, &inspector, 1, &pass(&first)).expect(201);
    put(&app, &inspector, 2, &fail(&second)).expect(201);
    put(&app, &inspector, 3, &gone(&third)).expect(201);
    let cancel = app.put("/v1/declarations/EXP-04/cancellation").key(&customs);
    cancel.json(&json!({})).send().expect(200);
    (app, inspector)
}

#[rstest]
fn coverage_says_why_drawn_goods_were_not_inspected(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, _) = four(engine);
    let path = "/v1/trends/coverage?period=month&from=2026-11&to=2026-11&split_by=office";
    let items = items(&app, &app.admin, path);
    assert_eq!(
        items,
        [json!({"period": "2026-11", "office": "CNTAO", "declared": 4, "in_frames": 4,
            "not_in_frame": 0, "drawn": 4, "inspected": 2, "open": 0, "not_inspected": 2,
            "reasons": {"goods_left": 1, "no_access": 0, "office_closed": 0, "other": 0,
                "cancelled": 1},
            "directive": {"drawn": 0, "inspected": 0, "failed": 0}, "target_proportion": 1.0,
            "expected_size": 4.0, "expected_proportion": 1.0, "drawn_proportion": 1.0,
            "inspected_proportion": 0.5, "floor_share": 0.0, "office_days": 1, "shrunk_days": 0,
            "given_share": 1.0})]
    );
}

/// Two days of one office that can do 30: 40 to Kenya and 40 to Germany, then 80 to Kenya.
fn two_days(engine: Engine) -> TestApp {
    let app = TestApp::start(engine);
    app.key(Role::Manager, &["CNTAO", "CNSHA"]);
    // Its floor is 0.01, but Germany's rule asks for no more than that.
    policy(&app, "0.5", "0.01");
    let goods = |name: &str, kenya: usize, germany: usize| {
        let country = move |n: usize| if n < kenya { "KE" } else { "DE" };
        let one = |n: usize| (format!("{name}-{n:03}"), country(n), "850760");
        (0..kenya + germany).map(one).collect::<Vec<_>>()
    };
    declare(&app, "CNTAO", "2026-02-02", &goods("A", 40, 40));
    declare(&app, "CNTAO", "2026-02-03", &goods("B", 80, 0));
    draw(&app, "CNTAO", "2026-02-02", |_| ItemState::Passed);
    draw(&app, "CNTAO", "2026-02-03", |_| ItemState::Open);
    declare(&app, "CNSHA", "2026-02-03", &goods("C", 5, 0));
    app
}

#[rstest]
fn what_the_rules_asked_stands_beside_what_was_reached(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = two_days(engine);
    let month = "/v1/trends/coverage?period=month&from=2026-02&to=2026-02";
    let all = items(&app, &app.admin, month);
    let whole = &all[0];
    let counts = ["declared", "in_frames", "not_in_frame", "office_days", "shrunk_days"];
    assert_eq!(counts.map(|name| whole[name].as_u64().unwrap()), [165, 160, 5, 2, 1]);
    // (40 · 0.5 + 40 · 0.01 + 80 · 0.5) / 160.
    near(&whole["target_proportion"], 60.4 / 160.0);
    // 20.4 of the first day; the second asks 40 and gets the 30 that the office can do.
    near(&whole["expected_size"], 50.4);
    near(&whole["given_share"], 50.4 / 60.4);
    near(&whole["floor_share"], 40.0 / 160.0);
    let drawn = whole["drawn"].as_u64().unwrap();
    assert!((50..=51).contains(&drawn), "{drawn}: Σπ rounded by chance, day by day");
    assert_eq!(whole["open"], 30);

    // Splits that the sums of the database do not tell apart are read in detail, and add up.
    for split in ["region", "country", "chapter,country", "selection", "grouping,country"] {
        let parts = items(&app, &app.admin, &format!("{month}&split_by={split}&region=africa"));
        let kenya = parts.iter().find(|p| p["in_frames"] == 120).unwrap_or_else(|| {
            panic!("{split}: {parts:?}");
        });
        near(&kenya["target_proportion"], 0.5);
        near(&kenya["expected_size"], 50.0);
        near(&kenya["floor_share"], 0.0);
    }
    let own = app.key(Role::Manager, &["CNSHA"]);
    let own = items(&app, &own, month);
    assert_eq!((&own[0]["declared"], &own[0]["in_frames"]), (&json!(5), &json!(0)));
    assert_eq!(own[0]["target_proportion"], Value::Null, "nothing is in frames");

    let file = app.get(&month.replace("coverage?", "coverage.csv?")).key(&app.admin).send();
    let file = file.expect(200).text();
    let [heading, row] = file.lines().collect::<Vec<_>>()[..] else { panic!("{file}") };
    assert!(heading.starts_with("period,declared,in_frames,not_in_frame,drawn,inspected,open"));
    assert!(row.starts_with("2026-02,165,160,5,"), "{row}");
    assert_eq!(heading.split(',').count(), row.split(',').count());
    let command = ["coverage", "--period", "month", "--from", "2026-02", "--to", "2026-02"];
    let (code, json, _) = breeze(&app, &[&command[..], &["--json"]].concat());
    let items = serde_json::from_str::<Value>(&json).unwrap()["items"].clone();
    assert_eq!((code, items), (Some(0), json!(all)));
    let (_, table, _) = breeze(&app, &command);
    assert!(table.contains("1 of 2"), "{table}");
}

#[rstest]
fn defects_are_those_of_the_results_in_force(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, inspector) = four(engine);
    let path = "/v1/trends/defects?from=2026-11&to=2026-11";
    let get = || app.get(path).key(&app.admin).send().expect(200).json();
    let found = get();
    let counts = ["inspected", "failed", "with_defects", "failed_without_defects"];
    assert_eq!(counts.map(|name| found[name].as_u64().unwrap()), [2, 1, 1, 0]);
    let first = &found["items"][0];
    assert_eq!((&first["class"], &first["code"]), (&json!("major"), &json!("label-missing")));
    assert_eq!((&first["inspections"], &first["defects"]), (&json!(1), &json!(2)));
    // One of two inspected, all of equal weight.
    near(&first["per_thousand"]["value"], 500.0);
    assert!(first["name"]["zh"].as_str().is_some());

    // The pass becomes a failure with two kinds, the failure loses its label.
    let amend = |id: usize, defects: Value| {
        let body = json!({"outcome": "fail", "inspected_at": "2026-11-24T18:30:00+08:00",
            "defects": defects, "reason": "seen again"});
        let path = format!("/v1/inspections/{}/amendments", uuid(id));
        app.post(&path).key(&inspector).json(&body).send().expect(201);
    };
    amend(
        1,
        json!([{"code": "label-missing", "class": "major", "count": 1},
        {"code": "label-missing", "class": "major", "count": 4},
        {"code": "electrical-safety", "class": "critical", "count": 1}]),
    );
    amend(2, json!([{"code": "electrical-safety", "class": "critical", "count": 3}]));
    amend(2, json!([]));
    let found = get();
    assert_eq!(counts.map(|name| found[name].as_u64().unwrap()), [2, 2, 1, 1]);
    let rows: Vec<_> = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["class"].clone(), item["inspections"].clone(), item["defects"].clone()))
        .collect();
    assert_eq!(
        rows,
        [(json!("critical"), json!(1), json!(1)), (json!("major"), json!(1), json!(5)),]
    );
    for item in found["items"].as_array().unwrap() {
        near(&item["share"], 1.0);
        near(&item["cumulated_share"], 1.0);
    }
    let file = app.get("/v1/trends/defects.csv?from=2026-11&to=2026-11").key(&app.admin).send();
    let file = file.expect(200).text();
    assert!(file.starts_with("class,code,name_en,name_zh,inspections,defects,share"), "{file}");
    assert_eq!(file.lines().count(), 3, "{file}");
    let foreign = app.key(Role::Manager, &["CNSHA"]);
    let none = app.get(path).key(&foreign).send().expect(200).json();
    assert_eq!((&none["inspected"], &none["items"]), (&json!(0), &json!([])));
    let filtered = app.get(&format!("{path}&region=europe")).key(&app.admin).send();
    assert_eq!(filtered.expect(200).json()["items"], json!([]));
    let command = ["defects", "--from", "2026-11", "--to", "2026-11"];
    let (code, table, _) = breeze(&app, &command);
    assert!(code == Some(0) && table.contains("label-missing"), "{table}");
}
