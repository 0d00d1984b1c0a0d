//! A drawn day for the stories of lists and results.

use crate::support::*;
use breeze::domain::key::Role;
use breeze::flow::schedule::tick;
use serde_json::{Value, json};

/// The draw of the day.
pub const DRAW: &str = "CNTAO-20261124-1";
/// After the cut-off of the day, 18:00 in Qingdao.
const EVENING: &str = "2026-11-24T10:00:05Z";

/// The id of the n-th inspection of a story.
pub fn uuid(n: usize) -> String {
    format!("0198c5a0-0000-7000-8000-{n:012}")
}

/// Every declaration of the day is drawn: `EXP-01` stands in row 1, and so on.
pub fn day(app: &TestApp, declarations: usize) {
    let file = "id = \"all\"\nfrom = 2026-11-24\nfloor = 0.01\n\n[[rules]]\nname = \"everything\"\nproportion = 1.0\n";
    app.govern(file);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    // The commitment is published before the frame closes.
    tick(&app.app.store, &app.app.master, app.app.now()).unwrap();
    for n in 1..=declarations {
        let mut body = battery();
        body["location"] = format!("Row {n}").into();
        app.put(&format!("/v1/declarations/EXP-{n:02}"))
            .key(&customs)
            .json(&body)
            .send()
            .expect(201);
    }
    app.set_clock(EVENING);
    let body = json!({"office": "CNTAO", "day": "2026-11-24"});
    let draw = app.post("/v1/draws").key(&app.admin).json(&body).send().expect(201).json();
    assert_eq!((&draw["id"], &draw["drawn"]), (&json!(DRAW), &json!(declarations)));
    assert_eq!(draw["revealed"], false, "{draw}");
}

/// The list of the day.
pub fn list(app: &TestApp, key: &str) -> Value {
    app.get(&format!("/v1/sample-lists/{DRAW}")).key(key).send().expect(200).json()
}

/// The item of a declaration: draw id `/` position.
pub fn item(app: &TestApp, number: &str) -> String {
    let list = list(app, &app.admin);
    let items = list["items"].as_array().unwrap();
    let found = items.iter().find(|item| item["declaration_number"] == number);
    found.unwrap()["item"].as_str().unwrap().to_owned()
}

/// A pass of an item.
pub fn pass(item: &str) -> Value {
    json!({
        "item": item, "outcome": "pass", "inspected_at": "2026-11-24T18:30:00+08:00",
        "units_inspected": 32, "units_nonconforming": 0
    })
}

/// A failure of an item.
pub fn fail(item: &str) -> Value {
    json!({
        "item": item, "outcome": "fail", "inspected_at": "2026-11-24T18:45:00+08:00",
        "units_inspected": 32, "units_nonconforming": 2, "note": "two cartons\nwithout labels",
        "defects": [{"code": "label-missing", "class": "major", "count": 2}]
    })
}

/// A result of an item that could not be inspected.
pub fn gone(item: &str) -> Value {
    json!({
        "item": item, "outcome": "not_inspected", "not_inspected_reason": "goods_left",
        "inspected_at": "2026-11-24T19:00:00+08:00"
    })
}

/// Sends the n-th inspection of a story.
pub fn put(app: &TestApp, key: &str, n: usize, body: &Value) -> Answer {
    app.put(&format!("/v1/inspections/{}", uuid(n))).key(key).json(body).send()
}
