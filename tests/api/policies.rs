//! Inspection proportions: one person proposes a version, another approves it, and it never changes.

use crate::support::*;
use breeze::domain::key::Role;
use rstest::rstest;
use serde_json::{Value, json};

/// The actor behind a key.
fn actor(key: &str) -> String {
    format!("key:{}", key.split('_').nth(1).unwrap())
}

fn propose(app: &TestApp, key: &str, file: &str) -> Answer {
    app.post("/v1/policies").key(key).body("application/toml", file).send()
}

fn approve(app: &TestApp, key: &str, id: &str, etag: &str) -> Answer {
    let put = app.put(&format!("/v1/policies/{id}/approval")).key(key).header("If-Match", etag);
    put.json(&json!({"note": "as decided"})).send()
}

#[rstest]
fn a_first_start_knows_the_built_in_policy(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let mut answer = app.get("/v1/policies").key(&app.admin).send().expect(200).json();
    let sha256 = answer["items"][0].as_object_mut().unwrap().remove("sha256").unwrap();
    assert_eq!(sha256.as_str().unwrap().len(), 64);
    assert_eq!(
        answer,
        json!({"items": [{"id": "default", "version": 1, "state": "approved", "from": "2000-01-01",
            "floor": 0.005, "floor_ppm": 5_000, "targeting_exponent": 2.0, "free_capacity": "unused",
            "rules": [{"name": "default", "place": null, "commodity": null, "office": null,
                "proportion": 0.02, "proportion_ppm": 20_000, "targeting_exponent": 2.0}],
            "historical": true, "created_at": "2026-11-24T01:00:00Z", "created_by": "built-in",
            "approval": {"by": "built-in", "at": "2026-11-24T01:00:00Z", "note": null}}]})
    );
    let one = app.get("/v1/policies/default").key(&app.admin).send().expect(200);
    assert_eq!(one.header("etag"), Some("\"v1\""));
    assert_eq!(one.json()["items"][0]["sha256"], sha256);
}

#[rstest]
fn each_change_of_a_policy_is_a_version(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let officer = app.key(Role::Policy, &[]);
    let first = propose(&app, &officer, &toml("breeze", "2027-01-01")).expect(201);
    assert_eq!(first.header("etag"), Some("\"v1\""));
    let first = first.json();
    assert_eq!((&first["version"], &first["state"]), (&json!(1), &json!("proposed")));
    assert_eq!(
        first["rules"][1],
        json!({"name": "africa/85", "place": {"region": "africa"}, "commodity": "85", "office": null,
            "proportion": 0.1, "proportion_ppm": 100_000, "targeting_exponent": 2.0})
    );
    assert_eq!(first["created_by"], actor(&officer));
    app.set_clock("2026-11-24T02:00:00Z");
    let again = propose(&app, &officer, &toml("breeze", "2027-01-01")).expect(200);
    assert_eq!(again.json(), first, "an answer that was lost is asked for again");

    let later = toml("breeze", "2027-02-01");
    propose(&app, &officer, &later).problem(428, "precondition-required");
    let revise = |etag: &str| {
        let post = app.post("/v1/policies").key(&officer).header("If-Match", etag);
        post.body("application/toml", later.clone()).send()
    };
    for stale in ["\"v2\"", "\"r1\"", "*", "v1"] {
        revise(stale).problem(412, "precondition-failed");
    }
    let second = revise("\"v1\"").expect(201).json();
    assert_eq!(second["version"], 2);
    assert_ne!(second["sha256"], first["sha256"]);
    let retried = revise("\"v1\"").expect(200);
    assert_eq!((retried.header("etag"), retried.json()), (Some("\"v2\""), second.clone()));
    let read = app.get("/v1/policies/breeze").key(&officer).send().expect(200);
    assert_eq!(read.header("etag"), Some("\"v2\""));
    assert_eq!(read.json(), json!({ "items": [first, second] }));
    app.get("/v1/policies/none").key(&officer).send().problem(404, "not-found");
    let new = app.post("/v1/policies").key(&officer).header("If-Match", "\"v1\"");
    let new = new.body("application/toml", toml("new", "2027-01-01")).send();
    new.problem(412, "precondition-failed");
}

#[rstest]
fn a_policy_may_be_written_in_json(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let officer = app.key(Role::Policy, &[]);
    let file = toml("breeze", "2027-01-01");
    let written = propose(&app, &officer, &file).expect(201).json();
    let body = json!({"id": "breeze", "from": "2027-01-01", "floor": 0.005, "rules": [
        {"proportion": 0.02}, {"region": "africa", "commodity": "85", "proportion": "0.1"}]});
    let post = |body: &Value| app.post("/v1/policies").key(&officer).json(body).send();
    assert_eq!(post(&body).expect(200).json(), written, "the same content");
    let mut aimed = body.clone();
    aimed["id"] = "aimed".into();
    aimed["targeting_exponent"] = json!(1.5);
    aimed["free_capacity"] = json!("unused");
    aimed["rules"][0]["proportion"] = json!(0.000_01);
    aimed["rules"][1]["targeting_exponent"] = json!(0);
    aimed["floor"] = json!(0);
    let answer = post(&aimed).expect(201).json();
    let exponents = ["/targeting_exponent", "/rules/0/targeting_exponent"];
    assert!(exponents.iter().all(|at| answer.pointer(at) == Some(&json!(1.5))), "{answer}");
    assert_eq!(answer["rules"][1]["targeting_exponent"], 0.0);
    assert_eq!(answer["rules"][0]["proportion_ppm"], 10);
}

#[rstest]
fn a_policy_needs_two_people(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let [officer, other] = [(); 2].map(|()| app.key(Role::Policy, &[]));
    let manager = app.key(Role::Manager, &[]);
    let path = "/v1/policies/breeze/approval";
    approve(&app, &other, "breeze", "\"v1\"").problem(404, "not-found");
    propose(&app, &officer, &toml("breeze", "2027-01-01")).expect(201);

    let unread = app.put(path).key(&other).json(&json!({})).send();
    unread.problem(428, "precondition-required");
    approve(&app, &other, "breeze", "\"v2\"").problem(412, "precondition-failed");
    approve(&app, &officer, "breeze", "\"v1\"").problem(403, "own-proposal");
    approve(&app, &app.admin, "breeze", "\"v1\"").problem(403, "forbidden");
    let bound = app.key(Role::Manager, &["CNTAO"]);
    let refused = approve(&app, &bound, "breeze", "\"v1\"").problem(403, "forbidden");
    assert!(refused["detail"].as_str().unwrap().contains("all offices"), "{refused}");
    let long = json!({"note": "x".repeat(1_001)});
    let put = app.put(path).key(&other).header("If-Match", "\"v1\"");
    put.clone().json(&long).send().faults(&[("/note", "too-long")]);
    put.json(&json!({"remark": ""})).send().faults(&[("/remark", "unknown-field")]);

    app.set_clock("2026-11-24T03:00:00Z");
    let approved = approve(&app, &manager, "breeze", "\"v1\"").expect(200);
    assert_eq!(approved.header("etag"), Some("\"v1\""));
    let approved = approved.json();
    assert_eq!(approved["state"], "approved");
    assert_eq!(
        approved["approval"],
        json!({"by": actor(&manager), "at": "2026-11-24T03:00:00Z", "note": "as decided"})
    );
    app.set_clock("2026-11-24T04:00:00Z");
    assert_eq!(approve(&app, &manager, "breeze", "\"v1\"").expect(200).json(), approved);
    approve(&app, &other, "breeze", "\"v1\"").problem(409, "already-approved");
    approve(&app, &officer, "breeze", "\"v1\"").problem(409, "already-approved");

    // The next version is a proposal again, while the first one stays approved.
    let post = app.post("/v1/policies").key(&other).header("If-Match", "\"v1\"");
    post.body("application/toml", toml("breeze", "2027-02-01")).send().expect(201);
    let items = app.get("/v1/policies/breeze").key(&other).send().json()["items"].clone();
    assert_eq!((&items[0]["state"], &items[1]["state"]), (&json!("approved"), &json!("proposed")));
    approve(&app, &manager, "breeze", "\"v1\"").problem(412, "precondition-failed");

    let events = app.get("/v1/events?office=-&limit=500").key(&app.admin).send().json();
    let told = events["items"].as_array().unwrap().iter();
    let told = told.filter(|event| event["type"].as_str().unwrap().contains("policy"));
    let told: Vec<_> = told
        .map(|event| (event["type"].as_str().unwrap(), event["subject"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ("breeze.policy.proposed", "default@1"),
            ("breeze.policy.approved", "default@1"),
            ("breeze.policy.proposed", "breeze@1"),
            ("breeze.policy.approved", "breeze@1"),
            ("breeze.policy.proposed", "breeze@2"),
        ]
    );
}

#[rstest]
fn a_proposal_whose_day_has_passed_is_approved_no_more(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let [officer, other] = [(); 2].map(|()| app.key(Role::Policy, &[]));
    propose(&app, &officer, &toml("breeze", "2026-11-25")).expect(201);
    // Somewhere on Earth the 25th lasts until the 26th at noon.
    app.set_clock("2026-11-26T12:00:00Z");
    let late = approve(&app, &other, "breeze", "\"v1\"").problem(422, "invalid");
    let fault = &late["errors"][0];
    assert_eq!((&fault["pointer"], &fault["code"]), (&json!("/from"), &json!("day-passed")));
    let words = fault["detail"].as_str().unwrap();
    assert!(words.contains("propose the next version, from 2026-11-26"), "{words}");
}

/// The proportions and rules that a frame of the day was frozen with.
fn drawn(app: &TestApp, day: &str, number: &str) -> (Value, String) {
    let customs = app.key(Role::Customs, &["CNTAO"]);
    app.set_clock(&format!("{day}T01:00:00Z"));
    app.put(&format!("/v1/declarations/{number}"))
        .key(&customs)
        .json(&{
            let mut body = battery();
            body["declared_at"] = format!("{day}T00:30:00Z").into();
            body
        })
        .send()
        .expect(201);
    app.set_clock(&format!("{day}T10:00:05Z"));
    let body = json!({"office": "CNTAO", "day": day});
    let draw = app.post("/v1/draws").key(&app.admin).json(&body).send().expect(201).json();
    let path = format!("/v1/draws/{}/frame", draw["id"].as_str().unwrap());
    let frame = app.get(&path).key(&app.admin).send().expect(200).text();
    let row = frame.lines().find(|line| line.starts_with(number)).unwrap().to_owned();
    (draw, row)
}

#[rstest]
fn an_unapproved_policy_governs_no_draw(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let [officer, other] = [(); 2].map(|()| app.key(Role::Policy, &[]));
    propose(&app, &officer, &toml("breeze", "2026-11-24")).expect(201);
    approve(&app, &officer, "breeze", "\"v1\"").problem(403, "own-proposal");
    let (draw, row) = drawn(&app, "2026-11-24", "EXP-1");
    assert_eq!(draw["policy"]["id"], "default");
    assert!(row.contains("\tdefault\t20000\t"), "{row}");

    // Nobody brings a policy into force for a coming day by calling it history.
    app.set_clock("2026-11-25T01:00:00Z");
    let history = app.post("/v1/policies?historical=true").key(&app.admin);
    let alone = history.body("application/toml", toml("alone", "2026-11-24")).send().expect(201);
    assert_eq!(alone.json()["state"], "proposed");
    let (draw, _) = drawn(&app, "2026-11-25", "EXP-2");
    assert_eq!(draw["policy"]["id"], "default");
    // Approved by a second person it holds for the days to come as well.
    approve(&app, &other, "alone", "\"v1\"").expect(200);
    let (draw, row) = drawn(&app, "2026-11-26", "EXP-3");
    assert_eq!(draw["policy"]["id"], "alone");
    assert!(row.contains("\tafrica/85\t100000\t"), "{row}");
}

#[rstest]
fn a_body_that_breaks_rules_is_refused_with_every_fault(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    let post = |body: &Value| app.post("/v1/policies").key(&app.admin).json(body).send();
    let rules = |rules: Value| {
        let mut all = vec![json!({"proportion": 0.02})];
        all.extend(rules.as_array().unwrap().iter().cloned());
        json!({"id": "p", "from": "2027-01-01", "floor": 0.005, "rules": all})
    };
    type Faults<'a> = &'a [(&'a str, &'a str)];
    let bad: [(Value, Faults<'_>); 12] = [
        (
            json!([{"region": "africa", "proportion": 0.1}, {"name": "b", "region": "africa", "proportion": 0.2}]),
            &[("/rules/2", "policy-invalid")],
        ),
        (
            json!([{"grouping": "gcc", "proportion": 0.1}, {"grouping": "belt-and-road", "proportion": 0.2}]),
            &[("/rules/2", "policy-invalid")],
        ),
        (
            json!([{"region": "africa", "proportion": 0}]),
            &[("/rules/1/proportion", "number-out-of-range")],
        ),
        (
            json!([{"region": "africa", "proportion": 1.01}]),
            &[("/rules/1/proportion", "number-out-of-range")],
        ),
        (
            json!([{"region": "africa", "proportion": 0.001}]),
            &[("/rules/1/proportion", "policy-invalid")],
        ),
        (
            json!([{"region": "atlantis", "proportion": 0.1}]),
            &[("/rules/1/region", "value-not-allowed")],
        ),
        (
            json!([{"grouping": "hansa", "proportion": 0.1}]),
            &[("/rules/1/grouping", "value-not-allowed")],
        ),
        (json!([{"country": "XX", "proportion": 0.1}]), &[("/rules/1/country", "country-unknown")]),
        (
            json!([{"commodity": "77", "proportion": 0.1}]),
            &[("/rules/1/commodity", "commodity-unknown")],
        ),
        (
            json!([{"commodity": "9801", "proportion": 0.1}]),
            &[("/rules/1/commodity", "commodity-unknown")],
        ),
        (
            json!([{"office": "CNTAO", "proportion": 0.1}, {"office": "CNXXX", "proportion": 0.1}]),
            &[("/rules/2/office", "office-unknown")],
        ),
        (
            json!([{"region": "atlantis", "proportion": 2}, {"commodity": "8", "proportion": 0.1}]),
            &[
                ("/rules/1/region", "value-not-allowed"),
                ("/rules/1/proportion", "number-out-of-range"),
                ("/rules/2/commodity", "value-not-allowed"),
            ],
        ),
    ];
    for (broken, faults) in bad {
        post(&rules(broken)).faults(faults);
    }
    let mut no_default = rules(json!([]));
    no_default["rules"] = json!([{"region": "africa", "proportion": 0.1}]);
    post(&no_default).faults(&[("/rules", "policy-invalid")]);
    let mut past = rules(json!([]));
    past["from"] = "2026-11-22".into();
    post(&past).faults(&[("/from", "day-passed")]);

    let toml_faults = [
        ("id = \"breeze\"", "id = \"Breeze!\"", "/id", "id-invalid"),
        ("floor = 0.005", "floor = 1.5", "/floor", "number-out-of-range"),
        ("floor = 0.005", "flor = 0.005", "/flor", "unknown-field"),
        ("2027-01-01", "\"2026-13-01\"", "/from", "time-invalid"),
    ];
    let good = toml("breeze", "2027-01-01");
    for (from, to, pointer, code) in toml_faults {
        let file = good.replace(from, to);
        assert_ne!(file, good, "{from}");
        propose(&app, &app.admin, &file).faults(&[(pointer, code)]);
    }
    propose(&app, &app.admin, &good.replace("id =", "id")).problem(422, "malformed-toml");
    let send = |media: &str, body: &[u8]| {
        app.post("/v1/policies").key(&app.admin).body(media, body).send()
    };
    send("application/toml", b"id = \"\xff\"").problem(400, "bad-utf8");
    send("application/json", good.as_bytes()).problem(400, "malformed-json");
    send("text/plain", good.as_bytes()).problem(415, "unsupported-media-type");
    let list = app.get("/v1/policies").key(&app.admin).send().expect(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "nothing was kept");
}

#[rstest]
fn only_an_administrator_brings_in_history(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let officer = app.key(Role::Policy, &[]);
    let file = toml("breeze", "2020-01-01");
    let load = |key: &str, query: &str| {
        let post = app.post(&format!("/v1/policies{query}")).key(key);
        post.body("application/toml", file.clone()).send()
    };
    load(&officer, "?historical=true").problem(403, "forbidden");
    load(&officer, "").faults(&[("/from", "day-passed")]);
    let loaded: Value = load(&app.admin, "?historical=true").expect(201).json();
    assert_eq!((&loaded["historical"], &loaded["state"]), (&json!(true), &json!("proposed")));
    assert_eq!(load(&app.admin, "?historical=true").expect(200).json(), loaded);
    assert_eq!(load(&officer, "").expect(200).json(), loaded);
}

/// A policy decides for every office.
#[rstest]
fn a_key_of_one_office_proposes_no_policy_for_all(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    for role in [Role::Policy, Role::Admin] {
        let bound = app.key(role, &["CNTAO"]);
        let refused =
            propose(&app, &bound, &toml("breeze", "2027-01-01")).problem(403, "forbidden");
        assert!(refused["detail"].as_str().unwrap().contains("all offices"), "{refused}");
        app.get("/v1/policies").key(&bound).send().expect(200);
    }
}

#[rstest]
fn history_that_one_person_brings_in_governs_no_live_frame_that_is_drawn_late(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    app.put("/v1/declarations/LATE-1").key(&customs).json(&battery()).send().expect(201);
    app.set_clock("2026-11-27T01:00:00Z");
    let all = "id = \"alone\"\nfrom = 2026-11-20\nfloor = 1\n\n[[rules]]\nproportion = 1\n";
    let load = app.post("/v1/policies?historical=true").key(&app.admin);
    load.body("application/toml", all).send().expect(201);
    let approved = all.replace("alone", "too-late").replace("2026-11-20", "2026-11-27");
    app.govern(&approved);
    let draw = json!({"office": "CNTAO", "day": "2026-11-24"});
    let draw = app.post("/v1/draws").key(&app.admin).json(&draw).send().expect(201).json();
    assert_eq!((&draw["frame"]["rows"], &draw["policy"]["id"]), (&json!(1), &json!("default")));
}
