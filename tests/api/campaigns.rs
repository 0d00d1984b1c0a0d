//! Campaigns: proposed, revised, approved by a second person, in the frames of their days, closed.

use crate::support::*;
use breeze::domain::key::Role;
use rstest::rstest;
use serde_json::{Value, json};

/// Key commodities to Africa, in two steps.
fn breeze() -> Value {
    json!({"id": "breeze", "name": "Breeze", "regions": ["africa"], "groupings": ["belt-and-road"],
        "commodities": ["85"], "from": "2026-11-25", "until": "2026-11-27",
        "steps": [{"from": "2026-11-25", "proportion": 0.1}, {"from": "2026-11-26", "proportion": 0.05}]})
}

fn propose(app: &TestApp, key: &str, body: &Value) -> Answer {
    app.post("/v1/campaigns").key(key).json(body).send()
}

fn patch(app: &TestApp, key: &str, etag: &str, patch: &Value) -> Answer {
    let request = app.patch("/v1/campaigns/breeze").key(key).header("If-Match", etag);
    request.body("application/merge-patch+json", patch.to_string()).send()
}

fn approve(app: &TestApp, key: &str, id: &str, etag: &str) -> Answer {
    let put = app.put(&format!("/v1/campaigns/{id}/approval")).key(key).header("If-Match", etag);
    put.json(&json!({})).send()
}

fn close(app: &TestApp, key: &str, body: &Value) -> Answer {
    let put = app.put("/v1/campaigns/breeze/closure").key(key).header("If-Match", "\"r1\"");
    put.json(body).send()
}

fn get(app: &TestApp) -> Answer {
    app.get("/v1/campaigns/breeze").key(&app.admin).send().expect(200)
}

#[rstest]
fn a_campaign_is_proposed_revised_and_approved_by_a_second_person(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let [officer, other] = [(); 2].map(|()| app.key(Role::Policy, &[]));
    let first = propose(&app, &officer, &breeze()).expect(201);
    assert_eq!(first.header("etag"), Some("\"r1\""));
    let first = first.json();
    assert_eq!((&first["state"], &first["revision"]), (&json!("proposed"), &json!(1)));
    assert_eq!((&first["approval"], &first["closure"]), (&Value::Null, &Value::Null));
    for (name, value) in breeze().as_object().unwrap() {
        assert_eq!(&first[name], value);
    }
    assert_eq!(propose(&app, &other, &breeze()).expect(200).json(), first);
    let mut longer = breeze();
    longer["until"] = "2026-12-31".into();
    propose(&app, &officer, &longer).problem(409, "id-taken");

    let until = json!({"until": "2026-12-31"});
    let unread = app.patch("/v1/campaigns/breeze").key(&other);
    let unread = unread.body("application/merge-patch+json", until.to_string()).send();
    unread.problem(428, "precondition-required");
    patch(&app, &other, "\"r2\"", &until).problem(412, "precondition-failed");
    patch(&app, &other, "\"r1\"", &json!({"id": "other"})).faults(&[("/id", "value-not-allowed")]);
    patch(&app, &other, "\"r1\"", &json!({"name": null})).faults(&[("/name", "required")]);
    patch(&app, &other, "\"r1\"", &json!({"offices": ["CNXXX"]}))
        .faults(&[("/offices/0", "office-unknown")]);
    patch(&app, &other, "\"r1\"", &json!({"colour": 1})).faults(&[("/colour", "unknown-field")]);
    let plain = app.patch("/v1/campaigns/breeze").key(&other).header("If-Match", "\"r1\"");
    plain.json(&until).send().problem(415, "unsupported-media-type");
    let zipped = app.patch("/v1/campaigns/breeze").key(&other).header("If-Match", "\"r1\"");
    let zipped = zipped.header("Content-Encoding", "gzip");
    let zipped = zipped.body("application/merge-patch+json", until.to_string()).send();
    zipped.problem(415, "unsupported-media-type");
    assert_eq!(patch(&app, &other, "\"r1\"", &json!({})).expect(200).json(), first);
    let second = patch(&app, &other, "\"r1\"", &until).expect(200);
    assert_eq!(second.header("etag"), Some("\"r2\""));
    assert_eq!(second.json()["until"], "2026-12-31");
    assert_ne!(second.json()["sha256"], first["sha256"]);
    assert_eq!(get(&app).json(), second.json());

    approve(&app, &officer, "breeze", "\"r1\"").problem(412, "precondition-failed");
    approve(&app, &other, "breeze", "\"r2\"").problem(403, "own-proposal");
    approve(&app, &other, "none", "\"r1\"").problem(404, "not-found");
    let closure = app.put("/v1/campaigns/breeze/closure").key(&other).header("If-Match", "\"r2\"");
    closure.json(&json!({"reason": "never mind"})).send().problem(409, "not-approved");
    let approved = approve(&app, &officer, "breeze", "\"r2\"").expect(200).json();
    assert_eq!(approved["state"], "scheduled");
    assert_eq!(approve(&app, &officer, "breeze", "\"r2\"").expect(200).json(), approved);
    approve(&app, &other, "breeze", "\"r2\"").problem(409, "already-approved");
    let fixed = patch(&app, &other, "\"r2\"", &json!({"name": "Gale"}));
    let fixed = fixed.problem(409, "already-approved");
    assert!(fixed["detail"].as_str().unwrap().contains("close it and propose another"), "{fixed}");
    propose(&app, &officer, &breeze()).problem(409, "already-approved");
    assert_eq!(propose(&app, &officer, &longer).expect(200).json(), approved);

    let events = app.get("/v1/events?office=-&limit=500").key(&app.admin).send().json();
    let told = events["items"].as_array().unwrap().iter();
    let told: Vec<_> = told
        .map(|event| (event["type"].as_str().unwrap(), event["subject"].as_str().unwrap()))
        .filter(|(kind, _)| kind.contains("campaign"))
        .collect();
    assert_eq!(
        told,
        [
            ("breeze.campaign.proposed", "breeze@1"),
            ("breeze.campaign.revised", "breeze@2"),
            ("breeze.campaign.approved", "breeze@2"),
        ]
    );
}

/// Declares a battery to Kenya, draws the day, and gives the draw with the rule and proportion of its
/// row in the frame.
fn drawn(app: &TestApp, day: &str) -> (Value, String) {
    let customs = app.key(Role::Customs, &["CNTAO"]);
    app.set_clock(&format!("{day}T01:00:00Z"));
    let mut body = battery();
    body["declared_at"] = format!("{day}T00:30:00Z").into();
    let number = format!("EXP-{day}");
    app.put(&format!("/v1/declarations/{number}")).key(&customs).json(&body).send().expect(201);
    app.set_clock(&format!("{day}T10:00:05Z"));
    let body = json!({"office": "CNTAO", "day": day});
    let draw = app.post("/v1/draws").key(&app.admin).json(&body).send().expect(201).json();
    let path = format!("/v1/draws/{}/frame", draw["id"].as_str().unwrap());
    let frame = app.get(&path).key(&app.admin).send().expect(200).text();
    let row = frame.lines().find(|line| line.starts_with(&number)).unwrap();
    let cells: Vec<&str> = row.split('\t').collect();
    (draw.clone(), format!("{} {}", cells[2], cells[3]))
}

#[rstest]
fn two_steps_stand_in_the_frames_of_their_days(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let [officer, other] = [(); 2].map(|()| app.key(Role::Policy, &[]));
    let proposed = propose(&app, &officer, &breeze()).expect(201).json();
    approve(&app, &other, "breeze", "\"r1\"").expect(200);
    let (draw, row) = drawn(&app, "2026-11-24");
    assert_eq!(
        (row.as_str(), &draw["campaigns"]),
        ("default 20000", &json!([])),
        "it begins later"
    );
    let (draw, row) = drawn(&app, "2026-11-25");
    assert_eq!(row, "campaign/breeze 100000");
    assert_eq!(
        draw["campaigns"],
        json!([{"id": "breeze", "revision": 1, "sha256": proposed["sha256"], "proportion_ppm": 100_000}])
    );
    assert_eq!(get(&app).json()["state"], "running");
    let (_, row) = drawn(&app, "2026-11-26");
    assert_eq!(row, "campaign/breeze 50000");
    let (_, row) = drawn(&app, "2026-11-27");
    assert_eq!(row, "campaign/breeze 50000");
    let (draw, row) = drawn(&app, "2026-11-30");
    assert_eq!((row.as_str(), &draw["campaigns"]), ("default 20000", &json!([])), "it is over");
    assert_eq!(get(&app).json()["state"], "ended");
    let item = app.get("/v1/campaigns?state=ended&state=running").key(&officer).send().json();
    assert_eq!(item["items"][0]["id"], "breeze");
    let none = app.get("/v1/campaigns?state=proposed").key(&officer).send().json();
    assert_eq!(none, json!({"items": []}));
    app.get("/v1/campaigns?state=old").key(&officer).send().problem(400, "invalid-parameter");
}

#[rstest]
fn a_campaign_that_nobody_else_approved_raises_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let [officer, other] = [(); 2].map(|()| app.key(Role::Policy, &[]));
    propose(&app, &officer, &breeze()).expect(201);
    approve(&app, &officer, "breeze", "\"r1\"").problem(403, "own-proposal");
    let bound = app.key(Role::Manager, &["CNTAO"]);
    approve(&app, &bound, "breeze", "\"r1\"").problem(403, "forbidden");
    approve(&app, &app.admin, "breeze", "\"r1\"").problem(403, "forbidden");
    let (_, row) = drawn(&app, "2026-11-25");
    assert_eq!(row, "default 20000");
    // Its first day has passed: it can begin later, not earlier.
    app.set_clock("2026-11-26T12:00:00Z");
    let late = approve(&app, &other, "breeze", "\"r1\"");
    late.faults(&[("/from", "day-passed")]);
    patch(&app, &officer, "\"r1\"", &json!({"name": "Gale"})).faults(&[("/from", "day-passed")]);
    let begins = json!({"from": "2026-11-27", "until": "2026-12-04",
        "steps": [{"from": "2026-11-27", "proportion": 0.3}]});
    patch(&app, &officer, "\"r1\"", &begins).expect(200);
    approve(&app, &other, "breeze", "\"r2\"").expect(200);
    let (_, row) = drawn(&app, "2026-11-27");
    assert_eq!(row, "campaign/breeze 300000");
}

#[rstest]
fn a_campaign_closed_early_lowers_nothing_that_is_frozen(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let [officer, other] = [(); 2].map(|()| app.key(Role::Policy, &[]));
    propose(&app, &officer, &breeze()).expect(201);
    approve(&app, &other, "breeze", "\"r1\"").expect(200);
    let (draw, row) = drawn(&app, "2026-11-25");
    assert_eq!(row, "campaign/breeze 100000");
    let end = |day: Value| json!({"reason": "the goods are fine again", "last_day": day});
    close(&app, &officer, &json!({"reason": " "})).faults(&[("/reason", "required")]);
    close(&app, &officer, &end("2026-11-28".into())).faults(&[("/last_day", "value-not-allowed")]);
    close(&app, &officer, &end("2026-11-23".into())).faults(&[("/last_day", "day-passed")]);
    let bound = app.key(Role::Policy, &["CNTAO"]);
    close(&app, &bound, &end(Value::Null)).problem(403, "forbidden");
    let put = app.put("/v1/campaigns/breeze/closure").key(&officer);
    put.clone().json(&end(Value::Null)).send().problem(428, "precondition-required");
    let stale = put.header("If-Match", "\"r2\"");
    stale.json(&end(Value::Null)).send().problem(412, "precondition-failed");
    let closed = close(&app, &officer, &end(Value::Null)).expect(200).json();
    assert_eq!(closed["closure"]["last_day"], "2026-11-25", "today");
    assert_eq!(closed["state"], "running", "today is its last day");
    assert_eq!(close(&app, &other, &end("2026-11-25".into())).expect(200).json(), closed);
    close(&app, &other, &end("2026-11-26".into())).problem(409, "already-closed");
    app.set_clock("2026-11-26T00:30:00Z");
    assert_eq!(close(&app, &other, &end(Value::Null)).expect(200).json()["state"], "closed");

    let (_, row) = drawn(&app, "2026-11-26");
    assert_eq!(row, "default 20000");
    let path = format!("/v1/draws/{}", draw["id"].as_str().unwrap());
    let kept = app.get(&path).key(&app.admin).send().json();
    assert_eq!(kept["campaigns"], draw["campaigns"], "what was frozen stays");
}

/// The frames of a day that has begun may be closed and not drawn: one person does not lower them.
#[rstest]
fn a_campaign_is_not_closed_on_a_day_that_has_begun_at_an_office_of_its_scope(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let [officer, other] = [(); 2].map(|()| app.key(Role::Policy, &[]));
    app.office("CNTAO");
    let mut west = office();
    west["time_zone"] = "America/Los_Angeles".into();
    app.put("/v1/offices/USLAX").key(&app.admin).json(&west).send().expect(201);
    for (id, offices) in [("breeze", json!([])), ("west", json!(["USLAX"]))] {
        let mut body = breeze();
        (body["id"], body["offices"]) = (id.into(), offices);
        propose(&app, &officer, &body).expect(201);
        approve(&app, &other, id, "\"r1\"").expect(200);
    }
    // The 26th in Qingdao, still the 25th in Los Angeles and at UTC.
    app.set_clock("2026-11-25T20:00:00Z");
    let end = |id: &str, day: Value| {
        let put = app.put(&format!("/v1/campaigns/{id}/closure")).key(&officer);
        let body = json!({"reason": "the goods are fine again", "last_day": day});
        put.header("If-Match", "\"r1\"").json(&body).send()
    };
    end("breeze", "2026-11-25".into()).faults(&[("/last_day", "day-passed")]);
    let closed = end("breeze", Value::Null).expect(200).json();
    assert_eq!(closed["closure"]["last_day"], "2026-11-26");
    end("west", "2026-11-24".into()).faults(&[("/last_day", "day-passed")]);
    let closed = end("west", Value::Null).expect(200).json();
    assert_eq!(closed["closure"]["last_day"], "2026-11-25");
}

#[rstest]
fn history_runs_alone_on_days_that_have_passed(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let officer = app.key(Role::Policy, &[]);
    app.office("CNTAO");
    let mut past = breeze();
    past["from"] = "2026-11-16".into();
    past["steps"] = json!([{"from": "2026-11-16", "proportion": 0.4}]);
    propose(&app, &officer, &past).faults(&[("/from", "day-passed")]);
    let history = |key: &str| app.post("/v1/campaigns?historical=true").key(key).json(&past).send();
    history(&officer).problem(403, "forbidden");
    assert_eq!(history(&app.admin).expect(201).json()["historical"], true);
    patch(&app, &officer, "\"r1\"", &json!({"name": "Gale"})).problem(403, "forbidden");
    let winner = |day: &str| {
        let path = format!(
            "/v1/effective-proportions?office=CNTAO&destination_country=KE&commodity=850760&day={day}"
        );
        app.get(&path).key(&officer).send().expect(200).json()["winner"]["rule"].clone()
    };
    // At nine in the morning of the 24th the 23rd still lasts somewhere.
    assert_eq!(winner("2026-11-22"), "campaign/breeze");
    assert_eq!(winner("2026-11-23"), "default");
    approve(&app, &officer, "breeze", "\"r1\"").expect(200);
    assert_eq!(winner("2026-11-23"), "campaign/breeze");
    assert_eq!(winner("2026-11-27"), "campaign/breeze");
    assert_eq!(winner("2026-11-28"), "default");
}

#[rstest]
fn a_campaign_that_breaks_rules_is_refused_with_every_fault(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let with = |change: Value| {
        let mut body = breeze();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        body
    };
    let twice = json!([{"from": "2026-11-25", "proportion": 0.1}, {"from": "2026-11-25", "proportion": 0.1}]);
    let none = json!({"regions": [], "groupings": [], "commodities": []});
    for (change, pointer, code) in [
        (json!({"id": "Breeze!"}), "/id", "id-invalid"),
        (json!({"name": ""}), "/name", "required"),
        (none, "", "campaign-invalid"),
        (json!({"regions": ["atlantis"]}), "/regions/0", "value-not-allowed"),
        (json!({"groupings": ["hansa"]}), "/groupings/0", "value-not-allowed"),
        (json!({"countries": ["KE", "XX"]}), "/countries/1", "country-unknown"),
        (json!({"commodities": ["8"]}), "/commodities/0", "value-not-allowed"),
        (json!({"commodities": ["85", "7701"]}), "/commodities/1", "commodity-unknown"),
        (json!({"offices": ["CNXXX"]}), "/offices/0", "office-unknown"),
        (json!({"steps": []}), "/steps", "campaign-invalid"),
        (json!({"steps": twice}), "/steps/1/from", "campaign-invalid"),
        (
            json!({"steps": [{"from": "2026-11-25", "proportion": 0}]}),
            "/steps/0/proportion",
            "number-out-of-range",
        ),
        (
            json!({"steps": [{"from": "2026-11-25", "proportion": 1.5}]}),
            "/steps/0/proportion",
            "number-out-of-range",
        ),
        (
            json!({"steps": [{"from": "2026-11-26", "proportion": 0.1}]}),
            "/steps/0/from",
            "campaign-invalid",
        ),
        (json!({"targeting_exponent": 5}), "/targeting_exponent", "number-out-of-range"),
        (json!({"colour": "red"}), "/colour", "unknown-field"),
    ] {
        propose(&app, &app.admin, &with(change)).faults(&[(pointer, code)]);
    }
    let many = with(json!({"id": "", "regions": ["atlantis"], "commodities": ["77"]}));
    propose(&app, &app.admin, &many).faults(&[
        ("/id", "id-invalid"),
        ("/regions/0", "value-not-allowed"),
        ("/commodities/0", "commodity-unknown"),
    ]);
    let bound = app.key(Role::Policy, &["CNTAO"]);
    propose(&app, &bound, &breeze()).problem(403, "forbidden");
    assert_eq!(app.get("/v1/campaigns").key(&bound).send().json(), json!({"items": []}));
    app.get("/v1/campaigns/breeze").key(&bound).send().problem(404, "not-found");
}

#[rstest]
fn the_example_files_are_a_policy_and_a_campaign(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let send = |path: &str, file: &str| {
        app.post(path).key(&app.admin).body("application/toml", file).send().expect(201).json()
    };
    let policy = send("/v1/policies", include_str!("../../docs/examples/policy.toml"));
    assert_eq!(policy["rules"][3]["name"], "toys-plain");
    let file = include_str!("../../docs/examples/breeze-2015.toml");
    let campaign = send("/v1/campaigns?historical=true", file);
    assert_eq!(
        campaign["steps"],
        json!([{"from": "2015-03-15", "proportion": 0.1}, {"from": "2015-05-10", "proportion": 0.05}])
    );
}
