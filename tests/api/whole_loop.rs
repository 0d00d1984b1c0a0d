//! The whole loop in one story: declaration → frame → draw → list → inspection → rate.

use crate::support::*;
use breeze::api::download::unzip;
use breeze::domain::key::Role;
use breeze::flow::schedule::tick;
use breeze::sampling::verify::{Verdict, verify};
use rstest::rstest;
use serde_json::{Value, json};
use std::fmt::Write;

/// Three hundred declarations; every fourth fails, if it is inspected.
fn file() -> String {
    let mut csv = "declaration_number,office,exporter_id,destination_country,commodity_code,\
                   quantity,unit,declared_at\n"
        .to_owned();
    for n in 0..300 {
        let country = ["KE", "NG", "BR", "DE", "NA"][n % 5];
        let code = ["850760", "640399", "950300"][n / 5 % 3];
        writeln!(
            csv,
            "EXP-{n:03},CNTAO,EXPORTER-{},{country},{code},10,C62,2026-11-24T08:00:00+08:00",
            n % 7
        )
        .unwrap();
    }
    csv
}

fn fails(number: &str) -> bool {
    number.trim_start_matches("EXP-").parse::<usize>().unwrap() % 4 == 0
}

#[rstest]
fn a_day_goes_from_declarations_to_a_rate_that_holds(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let inspector = app.inspector("CNTAO", "insp-07");
    let manager = app.key(Role::Manager, &["CNTAO"]);
    let policy = "id = \"fifth\"\nfrom = 2026-11-24\nfloor = 0.01\n\n[[rules]]\nproportion = 0.1\n\n\
                  [[rules]]\nregion = \"africa\"\nproportion = 0.2\n";
    app.govern(policy);
    tick(&app.app.store, &app.app.master, app.app.now()).unwrap();

    let import = app.post("/v1/declaration-imports").key(&customs).body("text/csv", file()).send();
    let counts = import.json();
    assert_eq!((&counts["created"], &counts["rejected"]), (&json!(300), &json!(0)), "{counts}");

    app.set_clock("2026-11-24T10:00:05Z");
    assert_eq!(tick(&app.app.store, &app.app.master, app.app.now()).unwrap().drawn, 1);
    let id = "CNTAO-20261124-1";
    let list = app.get(&format!("/v1/sample-lists/{id}")).key(&inspector).send().expect(200).json();
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 30, "as many as the office can do");

    let results: Vec<Value> = items
        .iter()
        .map(|item| {
            let number = item["declaration_number"].as_str().unwrap();
            json!({"id": format!("00000000-0000-7000-8000-{:012}", item["position"].as_u64().unwrap()),
                "item": item["item"], "outcome": if fails(number) { "fail" } else { "pass" },
                "inspected_at": "2026-11-24T11:00:00Z"})
        })
        .collect();
    app.set_clock("2026-11-24T12:00:00Z");
    let batch = json!({ "inspections": results });
    let answer = app.post("/v1/inspection-batches").key(&inspector).json(&batch).send();
    assert_eq!(answer.json()["created"], 30, "{}", answer.text());
    let again = app.post("/v1/inspection-batches").key(&inspector).json(&batch).send();
    assert_eq!(again.json()["unchanged"], 30);

    let rates = app
        .get("/v1/trends/failure-rates?period=month&from=2026-11-01&to=2026-11-30")
        .key(&manager)
        .send()
        .expect(200)
        .json();
    let cell = &rates["items"][0];
    assert_eq!((&cell["declared"], &cell["drawn"]), (&json!(300), &json!(30)));
    let rate = &cell["rate"];
    let (low, high) = (rate["ci_low"].as_f64().unwrap(), rate["ci_high"].as_f64().unwrap());
    assert!(low < 0.25 && 0.25 < high, "the true rate is a quarter: {rate}");

    // The customs system pulls what was found.
    let feed = app.get("/v1/events?limit=500").key(&customs).send().expect(200).json();
    let found: Vec<&Value> = feed["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["type"] == "breeze.inspection.recorded")
        .map(|event| &event["data"])
        .collect();
    assert_eq!(found.len(), 30);
    for data in found {
        let state =
            if fails(data["declaration_number"].as_str().unwrap()) { "failed" } else { "passed" };
        assert_eq!(data["item_state"], state, "{data}");
    }

    // Every item has its result, so the secret is out and anybody can recompute the draw.
    let bundle = app.get(&format!("/v1/draws/{id}/audit-bundle")).send().expect(200);
    assert_eq!(verify(&unzip(bundle.bytes().to_vec()).unwrap()).verdict, Verdict::Verified);
    let status = app.get("/v1/declarations/EXP-000/status").key(&customs).send().json();
    assert!(
        ["released", "inspected_fail"].contains(&status["status"].as_str().unwrap()),
        "{status}"
    );
}
