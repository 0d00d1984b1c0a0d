//! What nobody sends by honest mistake: refused in words, never a failure of ours.

use crate::drawn::*;
use crate::support::*;
use breeze::domain::key::{Caller, Role};
use breeze::store::declarations::Filter;
use rstest::rstest;
use serde_json::{Value, json};

#[rstest]
fn a_nul_in_an_address_names_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    for path in [
        "/v1/offices/CN%00TAO",
        "/v1/offices/CNTAO/inspectors/%00",
        "/v1/declarations/EXP%00",
        "/v1/declarations/EXP%00/status",
        "/v1/declaration-imports/%00",
        "/v1/draws/%00",
        "/v1/sample-lists/%00/items/1",
        "/v1/policies/%00",
        "/v1/api-keys/%00",
    ] {
        app.get(path).key(&app.admin).send().problem(404, "not-found");
    }
    app.put("/v1/declarations/E%00").key(&customs).json(&battery()).send().expect(404);
    app.get("/v1/draws/%00/audit-bundle").send().problem(404, "not-found");
    for query in [
        "/v1/declarations?exporter_id=a%00b",
        "/v1/declarations?office=%00",
        "/v1/draws?office=%00",
        "/v1/draw-commitments?office=CNTAO%00",
        "/v1/inspections?inspector=%00",
        "/v1/events?office=%00",
        "/v1/regions/africa?day=%00",
    ] {
        let problem = app.get(query).key(&app.admin).send().problem(400, "invalid-parameter");
        assert!(problem["detail"].as_str().unwrap().contains("NUL"), "{query}: {problem}");
    }
    app.get("/v1/draw-commitments?office=%00").send().problem(400, "invalid-parameter");
}

#[rstest]
fn a_nul_in_a_body_names_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let inspector = app.inspector("CNTAO", "insp-07");
    day(&app, 1);
    let draw = json!({"office": "CN\0TAO", "day": "2026-11-24"});
    app.post("/v1/draws").key(&app.admin).json(&draw).send().problem(404, "not-found");
    put(&app, &inspector, 1, &pass("CNTAO\0/1")).faults(&[("/item", "id-invalid")]);
    let item = item(&app, "EXP-01");
    let spoilt = |field: &str| {
        let mut body = pass(&item);
        body[field] = json!("a\0b");
        put(&app, &inspector, 1, &body)
    };
    spoilt("inspector").faults(&[("/inspector", "id-invalid")]);
    spoilt("note").faults(&[("/note", "control-character")]);
    spoilt("inspected_at").faults(&[("/inspected_at", "time-invalid")]);
    let mut row = pass("\0/1");
    row["id"] = json!(uuid(1));
    let mut unnamed = pass(&item);
    unnamed["id"] = json!("\0");
    let batch = json!({"inspections": [row, unnamed, {"\0": "\0"}, "\0"]});
    let batch = app.post("/v1/inspection-batches").key(&inspector).json(&batch).send().expect(200);
    assert_eq!(batch.json()["rejected"], 4);
    put(&app, &inspector, 1, &pass(&item)).expect(201);
    let mut amendment = pass(&item);
    amendment.as_object_mut().unwrap().remove("item");
    amendment["reason"] = json!("a\0b");
    let path = format!("/v1/inspections/{}/amendments", uuid(1));
    let answer = app.post(&path).key(&inspector).json(&amendment).send();
    answer.faults(&[("/reason", "control-character")]);
    let assignment = json!({"assignee": "\0", "reason": "\0"});
    let path = format!("/v1/sample-lists/{DRAW}/items/1/assignment");
    let answer = app.put(&path).key(&inspector).json(&assignment).send();
    answer.faults(&[("/reason", "control-character"), ("/assignee", "id-invalid")]);
}

/// Repeats a parameter.
fn many(path: &str, pair: &str, times: usize) -> String {
    format!("{path}{}", vec![pair; times].join("&"))
}

#[rstest]
fn a_parameter_has_a_hundred_values_at_most(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    let rates = "/v1/trends/failure-rates?period=month&from=2026-01&to=2026-02&";
    for (path, pair) in [
        ("/v1/declarations?", "commodity=85"),
        ("/v1/declarations?", "exporter_id=A"),
        ("/v1/declarations?", "%63ommodity=85"),
        ("/v1/draws?", "office=CNTAO"),
        ("/v1/draw-commitments?", "office=CNTAO"),
        ("/v1/inspections?", "inspector=A"),
        ("/v1/inspections.csv?", "outcome=pass"),
        ("/v1/sample-lists?", "office=CNTAO"),
        (rates, "commodity=85"),
    ] {
        let ask = |times| app.get(&many(path, pair, times)).key(&app.admin).send();
        ask(100).expect(200);
        for times in [101, 1_200] {
            let problem = ask(times).problem(400, "invalid-parameter");
            let words = format!("{times} values are more than 100");
            assert!(problem["detail"].as_str().unwrap().contains(&words), "{problem}");
        }
    }
    let splits = format!("{rates}split_by={}", vec!["region"; 101].join(","));
    app.get(&splits).key(&app.admin).send().problem(400, "invalid-parameter");
}

#[rstest]
fn a_day_has_a_year_of_four_digits(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    for day in ["+262142-12-31", "-262143-01-01", "10000-01-01", "0001-01-01", "2026-02-30"] {
        let body = json!({"office": "CNTAO", "day": day});
        let answer = app.post("/v1/draws").key(&app.admin).json(&body).send();
        answer.faults(&[("/day", "time-invalid")]);
        let mut closed = office();
        closed["holidays"] = json!(["2026-10-01", day]);
        let answer = app.put("/v1/offices/CNTAO").key(&app.admin).json(&closed).send();
        answer.faults(&[("/holidays/1", "time-invalid")]);
        let file = toml("breeze", &format!("\"{day}\""));
        let post = app.post("/v1/policies?historical=true").key(&app.admin);
        post.body("application/toml", file).send().faults(&[("/from", "time-invalid")]);
        for path in [
            "/v1/declarations?from=",
            "/v1/declarations?to=",
            "/v1/draws?from=",
            "/v1/draw-commitments?to=",
            "/v1/inspections?from=",
            "/v1/sample-lists?day=",
            "/v1/regions?day=",
        ] {
            let path = format!("{path}{}", day.replace('+', "%2B"));
            app.get(&path).key(&app.admin).send().problem(400, "invalid-parameter");
        }
        let rates = "/v1/trends/failure-rates?period=day&to=2026&from=";
        let rates = format!("{rates}{}", day.replace('+', "%2B"));
        app.get(&rates).key(&app.admin).send().problem(422, "question-impossible");
    }
}

/// A cursor of a list with another place in it.
fn forged(app: &TestApp, path: &str, place: &Value) -> String {
    let page = app.get(&format!("{path}limit=1")).key(&app.admin).send().expect(200).json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let mut cursor: Value = serde_json::from_slice(&hex::decode(cursor).unwrap()).unwrap();
    cursor["after"] = place.clone();
    format!("{path}limit=1&cursor={}", hex::encode(cursor.to_string()))
}

#[rstest]
fn a_forged_place_is_no_place(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let inspector = app.inspector("CNTAO", "insp-07");
    day(&app, 2);
    for (n, number) in [(1, "EXP-01"), (2, "EXP-02")] {
        put(&app, &inspector, n, &pass(&item(&app, number))).expect(201);
    }
    for place in [
        json!(["2026-11-24", "CNTAO", 4_000_000_000_u32]),
        json!(["2026-11-24", "CNTAO", -3_000_000_000_i64]),
        json!(["2026-11-24", "CN\0TAO", 1]),
        json!(["+262142-12-31", "CNTAO", 1]),
        json!(["-262143-01-01", "CNTAO", 1]),
        json!(["2026-11-24", "CNTAO"]),
        json!(null),
    ] {
        for path in ["/v1/draw-commitments?", "/v1/inspections?"] {
            let cursor = forged(&app, path, &place);
            app.get(&cursor).key(&app.admin).send().problem(400, "invalid-cursor");
        }
    }
    for place in [json!("EXP\0"), json!(1)] {
        let cursor = forged(&app, "/v1/declarations?", &place);
        app.get(&cursor).key(&app.admin).send().problem(400, "invalid-cursor");
    }
    for cursor in ["zz", "00", "7b7d", "ff", "%E2%82%AC"] {
        let path = format!("/v1/draws?cursor={cursor}");
        app.get(&path).key(&app.admin).send().problem(400, "invalid-cursor");
    }
}

#[rstest]
fn what_takes_no_query_refuses_one(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    for path in ["/v1/me?colour=red", "/v1/offices?=", "/v1?x", "/healthz?x=1", "/v1/units?a=b"] {
        app.get(path).key(&app.admin).send().problem(400, "invalid-parameter");
    }
    app.get("/v1/me?").key(&app.admin).send().expect(200);
    app.request("HEAD", "/v1/me?colour=red").key(&app.admin).send().expect(400);
    let put = app.put("/v1/offices/CNTAO?x=1").key(&app.admin).json(&office()).send();
    put.problem(400, "invalid-parameter");
}

/// An address is kept by proxies and histories: a key in it is not safe any more.
#[rstest]
fn a_key_in_the_address_is_refused_and_not_repeated(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    for path in [
        "/v1/me?key=",
        "/v1/me?",
        "/v1/declarations?exporter_id=",
        "/v1/draw-commitments?%6Bey=%20",
    ] {
        let path = format!("{path}{}", app.admin);
        for request in [app.get(&path), app.get(&path).key(&app.admin)] {
            let problem = request.send().problem(400, "invalid-parameter");
            let words = problem["detail"].as_str().unwrap();
            assert!(words.contains("revoke it"), "{path}: {words}");
            assert!(!problem.to_string().contains(&app.admin), "{path}: {problem}");
        }
    }
}

/// Even where no door has looked before.
#[rstest]
fn a_search_of_foreign_offices_alone_finds_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let both = app.key(Role::Customs, &["CNTAO", "CNSHA"]);
    let mut other = battery();
    other["office"] = json!("CNSHA");
    app.put("/v1/declarations/E1").key(&both).json(&battery()).send().expect(201);
    app.put("/v1/declarations/E2").key(&both).json(&other).send().expect(201);
    let own = breeze::domain::key::Scope::Only(vec!["CNTAO".parse().unwrap()]);
    let caller = Caller { scope: own, ..Caller::operator("test") };
    let found = |offices: &[&str]| -> Vec<String> {
        let offices = offices.iter().map(ToString::to_string).collect();
        let filter = Filter { offices, ..Filter::default() };
        let rows = breeze::flow::look_up::search(&app.app.store, &caller, &filter, None, 10);
        rows.unwrap().iter().map(|row| row.declaration.number.to_string()).collect()
    };
    assert_eq!(found(&["CNSHA"]), Vec::<String>::new());
    assert_eq!(found(&["CNSHA", "CNTAO"]), ["E1"]);
    assert_eq!(found(&[]), ["E1"]);
}

/// The chain of no office tells of keys and policies.
#[rstest]
fn the_chain_of_no_office_is_there_for_those_who_watch_all(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let feed = |key: &str| app.get("/v1/events?office=-").key(key).send();
    for role in [Role::Auditor, Role::Admin] {
        let kinds = feed(&app.key(role, &[])).expect(200).json();
        assert_eq!(kinds["items"][0]["type"], "breeze.policy.proposed");
        let problem = feed(&app.key(role, &["CNTAO"])).problem(404, "not-found");
        assert_eq!(problem["detail"], "there is no office `-`");
    }
    for role in [Role::Customs, Role::Manager] {
        feed(&app.key(role, &[])).problem(404, "not-found");
    }
}

#[rstest]
fn a_policy_has_a_thousand_rules_and_the_size_of_a_body_at_most(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let post = |file: String| {
        app.post("/v1/policies").key(&app.admin).body("application/toml", file).send()
    };
    let of = |rules: usize| {
        let head =
            "id = \"many\"\nfrom = 2027-01-01\nfloor = 0.005\n\n[[rules]]\nproportion = 0.02\n";
        let rule = |n: usize| format!("[[rules]]\ncommodity = \"85{n:04}\"\nproportion = 0.1\n");
        format!("{head}{}", (1..rules).map(rule).collect::<String>())
    };
    let problem = post(of(1_001)).problem(422, "invalid");
    assert!(problem["detail"].as_str().unwrap().contains("1001 rules are more than 1000"));
    let large = format!("# {}\n{}", "x".repeat(256 * 1024), of(1));
    post(large).problem(413, "body-too-large");
    post(of(1_000)).expect(201);
}
