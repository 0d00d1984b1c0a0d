//! Signals: a draw says when its day could not be done, once, and a manager says that it is known.

use crate::support::*;
use breeze::domain::key::Role;
use rstest::rstest;
use serde_json::{Value, json};

/// After the cut-off of the story's day, 18:00 in Qingdao.
const EVENING: &str = "2026-11-24T10:00:05Z";

/// An office that can do ten inspections a day, with so many declarations of the day; all asked for.
fn crowded(app: &TestApp, office_code: &str, declarations: usize) {
    let mut office = office();
    office["daily_capacity"] = 10.into();
    let path = format!("/v1/offices/{office_code}");
    app.put(&path).key(&app.admin).json(&office).send().expect(201);
    let mut file = String::from(
        "declaration_number,office,exporter_id,destination_country,commodity_code,quantity,unit,declared_at\n",
    );
    for n in 0..declarations {
        let exporter = if n < 12 { 0 } else { n };
        file.push_str(&format!(
            "{office_code}-{n:02},{office_code},X-{exporter},KE,850760,1,C62,2026-11-24T08:22:03+08:00\n"
        ));
    }
    let customs = app.key(Role::Customs, &[office_code]);
    let import = app.post("/v1/declaration-imports").key(&customs).body("text/csv", file);
    assert_eq!(import.send().expect(201).json()["created"], declarations);
}

fn everything(app: &TestApp) {
    let file = "id = \"all\"\nfrom = 2026-11-24\nfloor = 0.01\n\n[[rules]]\nproportion = 1.0\n";
    app.govern(file);
}

fn draw(app: &TestApp, office: &str) {
    let body = json!({"office": office, "day": "2026-11-24"});
    app.post("/v1/draws").key(&app.admin).json(&body).send().expect(201);
}

fn signals(app: &TestApp, key: &str, query: &str) -> Vec<Value> {
    let page = app.get(&format!("/v1/signals?{query}")).key(key).send().expect(200).json();
    page["items"].as_array().unwrap().clone()
}

#[rstest]
fn a_day_that_asks_for_more_than_twice_the_capacity_raises_a_signal(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    everything(&app);
    crowded(&app, "CNTAO", 21);
    crowded(&app, "CNSHA", 20);
    app.set_clock(EVENING);
    draw(&app, "CNTAO");
    draw(&app, "CNSHA");
    assert_eq!(
        signals(&app, &app.admin, ""),
        [json!({"id": "CNTAO-20261124-1-capacity-shortfall", "kind": "capacity_shortfall",
            "state": "open", "office": "CNTAO", "day": "2026-11-24",
            "evidence": {"draw": "CNTAO-20261124-1", "retrospective": true, "rows": 21,
                "rounds": 1, "take_all": 0, "capacity": 10, "asked_milli": 21_000, "given_milli": 10_000,
                "shrink_ppm": 476_190, "largest_exporters": [12, 1, 1, 1, 1]},
            "raised_at": "2026-11-24T10:00:05Z", "acknowledgement": null})],
        "exactly a half, as in CNSHA, is none"
    );
    // Asked again, the draw is the same, and so is the signal.
    let again = json!({"office": "CNTAO", "day": "2026-11-24"});
    app.post("/v1/draws").key(&app.admin).json(&again).send().expect(200);
    assert_eq!(signals(&app, &app.admin, "").len(), 1);
    assert_eq!(breeze::flow::publish::broken_chain(&app.app.store, "CNTAO").unwrap(), None);
}

/// Brings in so many declarations of the day as history and draws them as its next round.
fn another_round(app: &TestApp, name: &str, declarations: usize) {
    let mut file = String::from(
        "declaration_number,office,exporter_id,destination_country,commodity_code,quantity,unit,declared_at\n",
    );
    for n in 0..declarations {
        file.push_str(&format!(
            "{name}-{n},CNTAO,X-{n},KE,850760,1,C62,2026-11-24T08:22:03+08:00\n"
        ));
    }
    let import = app.post("/v1/declaration-imports?historical=true").key(&app.admin);
    assert_eq!(import.body("text/csv", file).send().expect(201).json()["created"], declarations);
    draw(app, "CNTAO");
}

/// What an earlier round used is no shortfall of a later one: the day got what it asked for.
#[rstest]
fn what_counts_is_the_day_over_all_its_rounds(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    everything(&app);
    crowded(&app, "CNTAO", 10);
    app.set_clock(EVENING);
    draw(&app, "CNTAO");
    another_round(&app, "SECOND", 3);
    assert_eq!(signals(&app, &app.admin, ""), Vec::<Value>::new(), "10 of 13, at least");
    another_round(&app, "THIRD", 20);
    let found = signals(&app, &app.admin, "");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["id"], "CNTAO-20261124-3-capacity-shortfall");
    let evidence = &found[0]["evidence"];
    let numbers = ["rows", "rounds", "capacity", "asked_milli"].map(|name| &evidence[name]);
    assert_eq!(numbers, [&json!(20), &json!(3), &json!(10), &json!(33_000)], "{evidence}");
    another_round(&app, "FOURTH", 3);
    assert_eq!(signals(&app, &app.admin, ""), found, "the day has said so");
    assert_eq!(breeze::flow::publish::broken_chain(&app.app.store, "CNTAO").unwrap(), None);
}

#[rstest]
fn orders_beyond_the_capacity_raise_a_signal_of_their_own(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    crowded(&app, "CNTAO", 12);
    let order = json!({"exporter_id": "X-0", "office": "CNTAO", "reason": "a tip",
        "from": "2026-11-24", "until": "2026-11-24"});
    app.post("/v1/directives").key(&app.admin).json(&order).send().expect(201);
    app.set_clock(EVENING);
    draw(&app, "CNTAO");
    let found = signals(&app, &app.admin, "");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["kind"], "directives_over_capacity");
    let evidence = &found[0]["evidence"];
    assert_eq!((&evidence["take_all"], &evidence["capacity"]), (&json!(12), &json!(10)));
}

#[rstest]
fn a_manager_says_once_that_a_signal_is_known(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    everything(&app);
    crowded(&app, "CNTAO", 21);
    let manager = app.key(Role::Manager, &["CNTAO"]);
    let foreign = app.key(Role::Manager, &["CNSHA"]);
    let auditor = app.key(Role::Auditor, &["CNTAO"]);
    app.set_clock(EVENING);
    draw(&app, "CNTAO");
    let path = "/v1/signals/CNTAO-20261124-1-capacity-shortfall";
    let say = |key: &str, note: &str| {
        let request = app.put(&format!("{path}/acknowledgement")).key(key);
        request.json(&json!({ "note": note })).send()
    };
    app.get(path).key(&foreign).send().problem(404, "not-found");
    say(&foreign, "known").problem(404, "not-found");
    say(&auditor, "known").problem(403, "forbidden");
    say(&manager, "  ").faults(&[("/note", "required")]);
    assert!(signals(&app, &foreign, "").is_empty());
    app.get("/v1/signals?office=CNTAO").key(&foreign).send().problem(404, "not-found");
    let known = say(&manager, "fair week").expect(200).json();
    assert_eq!(known["state"], "acknowledged");
    let by = known["acknowledgement"]["acknowledged_by"].as_str().unwrap();
    assert!(by.starts_with("key:"), "{known}");
    assert_eq!(say(&manager, "fair week").expect(200).json(), known);
    say(&manager, "something else").problem(409, "signal-acknowledged");
    assert_eq!(app.get(path).key(&auditor).send().expect(200).json(), known);
    for (query, count) in [
        ("state=open", 0),
        ("state=acknowledged&kind=capacity_shortfall", 1),
        ("kind=directives_over_capacity", 0),
        ("from=2026-11-24&to=2026-11-24&office=CNTAO", 1),
        ("to=2026-11-23", 0),
        ("from=2026-11-25", 0),
    ] {
        assert_eq!(signals(&app, &manager, query).len(), count, "{query}");
    }
    for query in ["kind=storm", "state=seen", "from=today"] {
        let path = format!("/v1/signals?{query}");
        app.get(&path).key(&manager).send().problem(400, "invalid-parameter");
    }
    assert_eq!(breeze::flow::publish::broken_chain(&app.app.store, "CNTAO").unwrap(), None);
}
