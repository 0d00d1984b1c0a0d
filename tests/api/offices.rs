//! An administrator registers offices and puts inspectors on their rosters.

use crate::support::*;
use breeze::domain::key::Role;
use rstest::rstest;
use serde_json::{Value, json};

fn answered(code: &str) -> Value {
    let mut answer = office();
    answer["code"] = json!(code);
    answer["entropy"] = json!("none");
    answer
}

#[rstest]
fn an_office_is_registered_once_and_may_change(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let put = |body: &Value| app.put("/v1/offices/CNTAO").key(&app.admin).json(body).send();
    assert_eq!(put(&office()).expect(201).json(), answered("CNTAO"));
    assert_eq!(put(&office()).expect(200).json(), answered("CNTAO"));
    let mut changed = office();
    changed["name"] = json!("Qingdao Port 青岛");
    changed["daily_capacity"] = json!(0);
    let mut expected = changed.clone();
    expected["code"] = json!("CNTAO");
    expected["entropy"] = json!("none");
    assert_eq!(put(&changed).expect(200).json(), expected);
    let read = app.get("/v1/offices/CNTAO").key(&app.admin).send().expect(200);
    assert_eq!(read.json(), expected);
    let list = app.get("/v1/offices").key(&app.admin).send().expect(200);
    assert_eq!(list.json(), json!({ "items": [expected] }));
}

#[rstest]
fn every_fault_of_an_office_is_named(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let put = |body: &Value| app.put("/v1/offices/CNTAO").key(&app.admin).json(body).send();
    let bad = json!({
        "name": " ", "province": "CN-SD-TOO-LONG", "time_zone": "Mars/Olympus", "cut_off": "24:01",
        "daily_capacity": 100_001, "working_days": [0], "holidays": []
    });
    put(&bad).faults(&[
        ("/name", "required"),
        ("/province", "too-long"),
        ("/time_zone", "time-zone-unknown"),
        ("/cut_off", "time-invalid"),
        ("/daily_capacity", "number-out-of-range"),
        ("/working_days", "value-not-allowed"),
    ]);
    let mut none = office();
    none["working_days"] = json!([]);
    put(&none).faults(&[("/working_days", "value-not-allowed")]);
    let mut negative = office();
    negative["daily_capacity"] = json!(-1);
    put(&negative).faults(&[("/daily_capacity", "wrong-type")]);
    let mut holiday = office();
    holiday["holidays"] = json!(["2026-02-30"]);
    put(&holiday).faults(&[("/holidays/0", "time-invalid")]);
    let code = app.put("/v1/offices/A.B").key(&app.admin).json(&office()).send();
    code.faults(&[("/code", "id-invalid")]);
    app.get("/v1/offices/CNTAO").key(&app.admin).send().problem(404, "not-found");
}

#[rstest]
fn a_change_of_hours_leaves_promised_days_alone(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let declare = |number: &str| {
        let path = format!("/v1/declarations/{number}");
        let answer = app.put(&path).key(&customs).json(&battery()).send().expect(201);
        answer.json()["inspection_day"].as_str().unwrap().to_owned()
    };
    assert_eq!(declare("E1"), "2026-11-24");
    let put = |body: &Value| app.put("/v1/offices/CNTAO").key(&app.admin).json(body).send();
    // 08:00 has passed today, and yet today keeps the 18:00 that E1 was promised.
    assert_eq!(put(&day_office("Qingdao", "08:00")).expect(200).json()["cut_off"], "08:00");
    assert_eq!(declare("E2"), "2026-11-24");
    app.set_clock("2026-11-25T01:00:00Z");
    assert_eq!(declare("E3"), "2026-11-26");
    let mut moved = day_office("Qingdao", "08:00");
    moved["time_zone"] = json!("Europe/Berlin");
    let problem = put(&moved).problem(409, "calendar-fixed");
    assert_eq!(problem["errors"][0]["pointer"], "/time_zone");
}

#[rstest]
fn a_roster_is_kept_per_office(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    app.office("CNSHA");
    let li = json!({"name": "Li Na", "room": 8, "conflicts": ["B2", "A1", "A1"], "active": true});
    let put = |path: &str, body: &Value| app.put(path).key(&app.admin).json(body).send();
    let path = "/v1/offices/CNTAO/inspectors/insp-07";
    let kept = json!({"id": "insp-07", "name": "Li Na", "room": 8, "conflicts": ["A1", "B2"],
        "active": true});
    assert_eq!(put(path, &li).expect(201).json(), kept);
    assert_eq!(put(path, &li).expect(200).json(), kept);
    let short = put("/v1/offices/CNTAO/inspectors/insp-01", &json!({"name": "Wu", "room": 0}));
    let wu = json!({"id": "insp-01", "name": "Wu", "room": 0, "conflicts": [], "active": true});
    assert_eq!(short.expect(201).json(), wu);
    let roster = |code: &str| {
        let path = format!("/v1/offices/{code}/inspectors");
        app.get(&path).key(&app.admin).send().expect(200).json()
    };
    assert_eq!(roster("CNTAO"), json!({ "items": [wu, kept] }));
    assert_eq!(roster("CNSHA"), json!({"items": []}));
    let bad = json!({"name": "", "room": 100_001, "conflicts": ["A1", "a b"]});
    put(path, &bad).faults(&[
        ("/name", "required"),
        ("/room", "number-out-of-range"),
        ("/conflicts/1", "id-invalid"),
    ]);
    put("/v1/offices/NONE/inspectors/insp-07", &li).problem(404, "not-found");
}

#[rstest]
fn a_foreign_office_and_a_missing_one_are_alike(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    app.office("CNSHA");
    let manager = app.key(Role::Manager, &["CNTAO"]);
    for path in ["/v1/offices/{}", "/v1/offices/{}/inspectors"] {
        let words = |code: &str| {
            let answer = app.get(&path.replace("{}", code)).key(&manager).send();
            let problem = answer.problem(404, "not-found");
            problem["detail"].as_str().unwrap().replace(code, "{}")
        };
        assert_eq!(words("CNSHA"), words("NONE"));
    }
    let list = app.get("/v1/offices").key(&manager).send().expect(200);
    assert_eq!(list.json(), json!({"items": [answered("CNTAO")]}));
    let admin = app.key(Role::Admin, &["CNTAO"]);
    let put = app.put("/v1/offices/CNSHA").key(&admin).json(&office()).send();
    put.problem(404, "not-found");
}
