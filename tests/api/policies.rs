//! A policy officer loads inspection proportions; a version never changes.

use crate::support::*;
use breeze::domain::key::Role;
use rstest::rstest;
use serde_json::{Value, json};

#[rstest]
fn a_first_start_knows_the_built_in_policy(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let mut answer = app.get("/v1/policies").key(&app.admin).send().expect(200).json();
    let sha256 = answer["items"][0].as_object_mut().unwrap().remove("sha256").unwrap();
    assert_eq!(sha256.as_str().unwrap().len(), 64);
    assert_eq!(
        answer,
        json!({"items": [{"id": "default", "version": 1, "from": "2000-01-01", "floor_ppm": 5_000,
            "rules": [{"name": "default", "place": null, "commodity": null, "office": null,
                "proportion_ppm": 20_000}],
            "historical": true, "created_at": "2026-11-24T01:00:00Z", "created_by": "built-in"}]})
    );
    let one = app.get("/v1/policies/default").key(&app.admin).send().expect(200).json();
    assert_eq!(one["items"][0]["sha256"], sha256);
}

#[rstest]
fn each_change_of_a_policy_is_a_version(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let officer = app.key(Role::Policy, &[]);
    let load = |file: &str, status: u16| {
        let post = app.post("/v1/policies").key(&officer);
        post.body("application/toml", file).send().expect(status).json()
    };
    let first = load(&toml("breeze", "2027-01-01"), 201);
    assert_eq!(first["version"], 1);
    assert_eq!(
        first["rules"][1],
        json!({"name": "africa/85", "place": {"region": "africa"}, "commodity": "85",
            "office": null, "proportion_ppm": 100_000})
    );
    assert_eq!(first["created_by"], format!("key:{}", officer.split('_').nth(1).unwrap()));
    app.set_clock("2026-11-24T02:00:00Z");
    assert_eq!(load(&toml("breeze", "2027-01-01"), 200), first, "loaded before");
    let second = load(&toml("breeze", "2027-02-01"), 201);
    assert_eq!(second["version"], 2);
    assert_ne!(second["sha256"], first["sha256"]);
    let read = app.get("/v1/policies/breeze").key(&officer).send().expect(200);
    assert_eq!(read.json(), json!({ "items": [first, second] }));
    app.get("/v1/policies/none").key(&officer).send().problem(404, "not-found");
}

#[rstest]
fn a_policy_file_that_breaks_a_rule_is_refused(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let post = |media: &str, file: &[u8]| {
        app.post("/v1/policies").key(&app.admin).body(media, file).send()
    };
    let good = toml("breeze", "2027-01-01");
    for (from, to, words) in [
        ("id = \"breeze\"", "id = \"Breeze!\"", "slug"),
        ("floor = 0.005", "floor = 1.5", "floor"),
        ("floor = 0.005", "flor = 0.005", "flor"),
        ("2027-01-01", "2026-01-01", "has passed"),
        ("\"africa\"", "\"atlantis\"", "atlantis"),
        ("proportion = 0.1\n", "proportion = 0\n", "proportion 0"),
        ("[[rules]]\nproportion = 0.02\n", "", "rule"),
        ("id =", "id", ""),
    ] {
        let file = good.replace(from, to);
        assert_ne!(file, good, "{from}");
        let problem = post("application/toml", file.as_bytes()).problem(422, "policy-invalid");
        assert!(problem["detail"].as_str().unwrap().contains(words), "{problem}");
    }
    post("application/toml", b"id = \"\xff\"").problem(400, "bad-utf8");
    post("application/json", good.as_bytes()).problem(415, "unsupported-media-type");
    let list = app.get("/v1/policies").key(&app.admin).send().expect(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[rstest]
fn only_an_administrator_governs_days_that_have_passed(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let officer = app.key(Role::Policy, &[]);
    let file = toml("breeze", "2020-01-01");
    let load = |key: &str| {
        let post = app.post("/v1/policies?historical=true").key(key);
        post.body("application/toml", file.clone()).send()
    };
    load(&officer).problem(403, "forbidden");
    let loaded: Value = load(&app.admin).expect(201).json();
    assert_eq!(loaded["historical"], true);
}

/// A policy decides for every office.
#[rstest]
fn a_key_of_one_office_loads_no_policy_for_all(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    for role in [Role::Policy, Role::Admin] {
        let bound = app.key(role, &["CNTAO"]);
        let post = app.post("/v1/policies").key(&bound);
        let file = toml("breeze", "2027-01-01");
        let refused = post.body("application/toml", file).send().problem(403, "forbidden");
        assert!(refused["detail"].as_str().unwrap().contains("all offices"), "{refused}");
        app.get("/v1/policies").key(&bound).send().expect(200);
    }
}
