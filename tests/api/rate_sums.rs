//! The sums that rates are read from: moved with every draw and result, at all times what the rows say.

use crate::command_line::breeze;
use crate::drawn::*;
use crate::support::*;
use breeze::domain::key::Role;
use breeze::flow::rates::check;
use diesel::connection::SimpleConnection;
use rstest::rstest;
use serde_json::{Value, json};

/// The cells that differ from their rows; there must be some to compare.
#[track_caller]
fn differing(app: &TestApp) -> usize {
    let checked = check(&app.app.store).unwrap();
    assert!(checked.cells > 0);
    checked.differences.len()
}

#[rstest]
fn every_result_correction_and_cancellation_moves_the_sums(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let inspector = app.inspector("CNTAO", "insp-07");
    let customs = app.key(Role::Customs, &["CNTAO"]);
    day(&app, 4);
    assert_eq!(differing(&app), 0, "after the draw");
    let items = ["EXP-01", "EXP-02", "EXP-03"].map(|number| item(&app, number));
    put(&app, &inspector, 1, &pass(&items[0])).expect(201);
    put(&app, &inspector, 1, &pass(&items[0])).expect(200);
    put(&app, &inspector, 2, &fail(&items[1])).expect(201);
    put(&app, &inspector, 3, &gone(&items[2])).expect(201);
    assert_eq!(differing(&app), 0, "after results");
    let cancel = app.put("/v1/declarations/EXP-04/cancellation").key(&customs);
    cancel.json(&json!({})).send().expect(200);
    assert_eq!(differing(&app), 0, "after a cancellation");
    for (id, outcome) in [(1, fail(&items[0])), (3, pass(&items[2])), (2, gone(&items[1]))] {
        let mut amended = outcome;
        amended["reason"] = json!("seen again");
        amended.as_object_mut().unwrap().remove("item");
        let path = format!("/v1/inspections/{}/amendments", uuid(id));
        app.post(&path).key(&inspector).json(&amended).send().expect(201);
        assert_eq!(differing(&app), 0, "after amendment {id}");
    }
    let rates = "/v1/trends/failure-rates?period=day&from=2026-11-24&to=2026-11-24";
    let cell = app.get(rates).key(&app.admin).send().expect(200).json()["items"][0].clone();
    let counts = ["declared", "drawn", "open", "not_inspected"].map(|field| cell[field].clone());
    assert_eq!(counts, [json!(4), json!(4), json!(0), json!(2)]);
    let rate = &cell["rate"];
    assert_eq!((&rate["inspected"], &rate["failed"]), (&json!(2), &json!(1)));
}

#[rstest]
fn what_differs_is_found_named_and_made_anew(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let inspector = app.inspector("CNTAO", "insp-07");
    day(&app, 2);
    put(&app, &inspector, 1, &fail(&item(&app, "EXP-01"))).expect(201);
    let command = |argument: &str| {
        let output = breeze(&app, &["rates", argument, "--json"]);
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), answer)
    };
    assert_eq!(command("--check").0, Some(0));
    let sql = "UPDATE rate_sums SET failed = failed + 1, inspected = inspected + 1 WHERE view = 'month'; \
        DELETE FROM rate_sums WHERE view = 'day'";
    app.app.store.write(|conn| Ok(conn.batch_execute(sql)?)).unwrap();
    let (code, answer) = command("--check");
    assert_eq!((code, &answer["differences"]), (Some(1), &json!(2)));
    let first = answer["first"].to_string();
    assert!(first.contains("is missing") && first.contains("2 inspected"), "{first}");
    let told = breeze(&app, &["rates", "--check"]);
    assert!(String::from_utf8_lossy(&told.stdout).contains("--rebuild"));
    assert_eq!(command("--rebuild"), (Some(0), json!({"office_months": 1})));
    assert_eq!(command("--check").0, Some(0));
}

#[rstest]
fn a_database_from_before_the_sums_gets_them_at_its_first_start(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let inspector = app.inspector("CNTAO", "insp-07");
    day(&app, 2);
    put(&app, &inspector, 1, &fail(&item(&app, "EXP-01"))).expect(201);
    let sql = "DELETE FROM rate_sums; INSERT INTO chores (name) VALUES ('sum-anew')";
    app.app.store.write(|conn| Ok(conn.batch_execute(sql)?)).unwrap();
    assert!(differing(&app) > 0);
    app.app.prepare().unwrap();
    assert_eq!(differing(&app), 0);
}
