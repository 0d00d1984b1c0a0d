//! A customs system declares, revises, asks and cancels.

use crate::support::*;
use breeze::domain::key::Role;
use rstest::rstest;
use serde_json::{Value, json};

/// What the service answers to [`battery`] under this number, without its receipt.
fn kept(number: &str, revision: i32) -> Value {
    let mut answer = battery();
    let more = json!({
        "declaration_number": number, "revision": revision, "state": "open", "region": "africa",
        "declared_at": "2026-11-24T00:22:03Z", "inspection_day": "2026-11-24",
        "received_at": "2026-11-24T01:00:00Z", "historical": false, "warnings": [],
        "cancelled_at": null, "cancellation_reason": null
    });
    answer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    answer
}

/// Takes the receipt out of an answer: its number; its head is 64 hex digits.
fn receipt(answer: &mut Value) -> i64 {
    let receipt = answer.as_object_mut().unwrap().remove("receipt").unwrap();
    let head = receipt["head"].as_str().unwrap();
    assert!(head.len() == 64 && head.bytes().all(|b| b.is_ascii_hexdigit()), "{receipt}");
    receipt["sequence"].as_i64().unwrap()
}

#[rstest]
fn a_declaration_is_accepted_once_and_answers_the_same_ever_after(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let put = app.put("/v1/declarations/EXP-2026-0001").key(&customs).json(&battery());
    let first = put.send().expect(201);
    assert_eq!(first.header("etag"), Some("\"r1\""));
    let first = first.json();
    app.set_clock("2026-11-24T03:00:00Z");
    let again = put.send().expect(200);
    assert_eq!(again.header("etag"), Some("\"r1\""));
    assert_eq!(again.json(), first);
    let read = app.get("/v1/declarations/EXP-2026-0001").key(&customs).send().expect(200);
    assert_eq!(read.header("etag"), Some("\"r1\""));
    assert_eq!(read.json(), first);
    let mut first = first;
    // The office's registration is the first event of its chain.
    assert_eq!(receipt(&mut first), 2);
    assert_eq!(first, kept("EXP-2026-0001", 1));
}

#[rstest]
fn the_same_content_in_another_spelling_is_the_same_content(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let put = |body: &Value| app.put("/v1/declarations/E1").key(&customs).json(body).send();
    let first = put(&battery()).expect(201).json();
    let mut same = battery();
    same["quantity"] = json!("1200.000");
    same["gross_weight_kg"] = json!("1020.0");
    same["value"]["amount"] = json!("153294");
    same["declared_at"] = json!("2026-11-24T00:22:03.000Z");
    same["declaration_number"] = json!("E1");
    assert_eq!(put(&same).expect(200).json(), first);
}

#[rstest]
fn what_may_be_left_out_is_null(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let least = json!({
        "office": "CNTAO", "exporter_id": "X1", "destination_country": "NA",
        "commodity_code": "8507", "quantity": "1", "unit": "C62",
        "declared_at": "2026-11-24T00:22:03Z"
    });
    let put = |body: &Value| app.put("/v1/declarations/E1").key(&customs).json(body).send();
    let answer = put(&least).expect(201).json();
    let absent = [
        "exporter_name",
        "consignment",
        "description",
        "packages",
        "net_weight_kg",
        "gross_weight_kg",
        "value",
        "location",
        "cancelled_at",
        "cancellation_reason",
    ];
    let mut explicit = least.clone();
    for name in absent {
        assert!(answer.get(name).is_some_and(Value::is_null), "{name}");
        if !name.starts_with("cancel") {
            explicit[name] = Value::Null;
        }
    }
    assert_eq!(answer["region"], "africa", "NA is Namibia");
    assert_eq!(put(&explicit).expect(200).json(), answer);
}

#[rstest]
fn a_number_may_hold_slashes_and_dots(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let path = "/v1/declarations/2026%2F11%2FEXP_1.a-b";
    let answer = app.put(path).key(&customs).json(&battery()).send().expect(201).json();
    assert_eq!(answer["declaration_number"], "2026/11/EXP_1.a-b");
    let read = app.get(path).key(&customs).send().expect(200).json();
    assert_eq!(read["declaration_number"], "2026/11/EXP_1.a-b");
    app.get(&format!("{path}/status")).key(&customs).send().expect(200);
}

#[rstest]
fn every_fault_of_a_declaration_is_named_at_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let bad = json!({
        "office": "A/B", "exporter_id": "", "exporter_name": "a\u{0}b",
        "destination_country": "ZZ", "commodity_code": "770000", "description": "x".repeat(501),
        "quantity": "1e3", "unit": "pieces", "packages": -1, "net_weight_kg": "-1",
        "gross_weight_kg": "1234567890123456", "value": {"amount": "1", "currency": "XXX"},
        "location": "a\tb", "declared_at": "2026-11-24 09:22:03"
    });
    app.put("/v1/declarations/E1").key(&customs).json(&bad).send().faults(&[
        ("/office", "id-invalid"),
        ("/exporter_id", "required"),
        ("/exporter_name", "control-character"),
        ("/destination_country", "country-unknown"),
        ("/commodity_code", "commodity-unknown"),
        ("/description", "too-long"),
        ("/quantity", "decimal-invalid"),
        ("/unit", "value-not-allowed"),
        ("/packages", "number-out-of-range"),
        ("/net_weight_kg", "decimal-invalid"),
        ("/gross_weight_kg", "decimal-invalid"),
        ("/value/currency", "currency-unknown"),
        ("/location", "control-character"),
        ("/declared_at", "time-invalid"),
    ]);
    app.put("/v1/declarations/E1").key(&customs).json(&json!({})).send().faults(&[
        ("/office", "required"),
        ("/exporter_id", "required"),
        ("/destination_country", "required"),
        ("/commodity_code", "required"),
        ("/quantity", "required"),
        ("/unit", "required"),
        ("/declared_at", "required"),
    ]);
    let put = |path: &str, body: &Value| app.put(path).key(&customs).json(body).send();
    put("/v1/declarations/a%20b", &battery()).faults(&[("/declaration_number", "id-invalid")]);
    let mut other = battery();
    other["declaration_number"] = json!("E2");
    put("/v1/declarations/E1", &other).faults(&[("/declaration_number", "value-not-allowed")]);
}

#[rstest]
fn a_time_that_is_not_plausible_is_refused(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    for (at, number) in [("2026-08-26T01:00:00Z", "E1"), ("2026-11-25T01:00:00Z", "E2")] {
        let mut body = battery();
        body["declared_at"] = json!(at);
        app.put(&format!("/v1/declarations/{number}")).key(&customs).json(&body).send().expect(201);
    }
    for at in ["2026-08-26T00:59:59Z", "2026-11-25T01:00:01Z", "0001-01-01T00:00:00Z"] {
        let mut body = battery();
        body["declared_at"] = json!(at);
        let answer = app.put("/v1/declarations/E3").key(&customs).json(&body).send();
        answer.faults(&[("/declared_at", "declared-at-implausible")]);
    }
}

#[rstest]
fn odd_but_possible_content_is_accepted_with_a_word(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let mut odd = battery();
    odd["commodity_code"] = json!("850799");
    odd["quantity"] = json!("0");
    odd["unit"] = json!("ZZZ");
    odd["value"] = json!({"amount": "100.5", "currency": "KRW"});
    let answer = app.put("/v1/declarations/E1").key(&customs).json(&odd).send().expect(201).json();
    let warnings: Vec<_> = answer["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| (w["pointer"].as_str().unwrap(), w["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        warnings,
        [
            ("/commodity_code", "commodity-not-in-edition"),
            ("/quantity", "zero-amount"),
            ("/unit", "unit-unknown"),
            ("/value/amount", "value-rounded"),
        ]
    );
    assert_eq!(answer["value"], json!({"amount": "100", "currency": "KRW"}));
}

#[rstest]
fn other_content_needs_the_revision_it_supersedes(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let put = |body: &Value| app.put("/v1/declarations/E1").key(&customs).json(body);
    put(&battery()).send().expect(201);
    let mut other = battery();
    other["quantity"] = json!("1300");
    other["location"] = Value::Null;

    let problem = put(&other).send().problem(409, "revision-conflict");
    let fields: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["pointer"].clone()).collect();
    assert_eq!(fields, ["/quantity", "/location"]);
    for stale in ["\"r2\"", "\"r0\"", "r1", "\"1\"", "*", "W/\"r1\""] {
        let answer = put(&other).header("If-Match", stale).send();
        answer.problem(412, "precondition-failed");
    }

    app.set_clock("2026-11-24T02:00:00Z");
    let revised = put(&other).header("If-Match", "\"r1\"").send().expect(200);
    assert_eq!(revised.header("etag"), Some("\"r2\""));
    let mut revised = revised.json();
    assert_eq!(receipt(&mut revised), 3);
    let mut expected = kept("E1", 2);
    expected["quantity"] = json!("1300");
    expected["location"] = Value::Null;
    assert_eq!(revised, expected);

    // The same request again finds its own content and changes nothing.
    put(&other).send().expect(200);
    let mut third = battery();
    third["quantity"] = json!("9");
    put(&third).header("If-Match", "\"r1\"").send().problem(412, "precondition-failed");

    let revisions = app.get("/v1/declarations/E1/revisions").key(&customs).send().expect(200);
    let mut first = battery();
    first["declaration_number"] = json!("E1");
    first["declared_at"] = json!("2026-11-24T00:22:03Z");
    let mut second = first.clone();
    second["quantity"] = json!("1300");
    second["location"] = Value::Null;
    assert_eq!(
        revisions.json(),
        json!({"items": [
            {"revision": 1, "declaration": first, "received_at": "2026-11-24T01:00:00Z",
                "superseded_at": "2026-11-24T02:00:00Z"},
            {"revision": 2, "declaration": second, "received_at": "2026-11-24T02:00:00Z",
                "superseded_at": null},
        ]})
    );
}

#[rstest]
fn office_and_day_never_move_with_a_revision(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    app.office("CNSHA");
    let customs = app.key(Role::Customs, &["CNTAO", "CNSHA"]);
    app.put("/v1/declarations/E1").key(&customs).json(&battery()).send().expect(201);
    let mut moved = battery();
    moved["office"] = json!("CNSHA");
    let put = app.put("/v1/declarations/E1").key(&customs).json(&moved);
    let problem = put.header("If-Match", "\"r1\"").send().problem(409, "office-fixed");
    assert_eq!(problem["errors"][0]["pointer"], "/office");
    app.get("/v1/declarations/E1/revisions").key(&customs).send().expect(200);
}

#[rstest]
fn after_the_cut_off_nothing_is_revised_and_new_ones_wait_for_the_next_day(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let put = |number: &str, body: &Value| {
        app.put(&format!("/v1/declarations/{number}")).key(&customs).json(body)
    };
    put("E1", &battery()).send().expect(201);
    app.set_clock("2026-11-24T09:59:59.999Z");
    assert_eq!(put("E2", &battery()).send().expect(201).json()["inspection_day"], "2026-11-24");
    app.set_clock("2026-11-24T10:00:00Z");
    assert_eq!(put("E3", &battery()).send().expect(201).json()["inspection_day"], "2026-11-25");
    let mut other = battery();
    other["quantity"] = json!("1");
    let late = put("E1", &other).header("If-Match", "\"r1\"").send();
    late.problem(409, "frame-closed");
    put("E1", &battery()).send().expect(200);
    // Friday evening belongs to Monday.
    app.set_clock("2026-11-27T10:00:00Z");
    assert_eq!(put("E4", &battery()).send().expect(201).json()["inspection_day"], "2026-11-30");
}

#[rstest]
fn the_status_is_what_customs_asks_for(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    app.put("/v1/declarations/E1").key(&customs).json(&battery()).send().expect(201);
    app.set_clock("2026-11-24T01:00:01.234Z");
    assert_eq!(
        app.get("/v1/declarations/E1/status").key(&customs).send().expect(200).json(),
        json!({"declaration_number": "E1", "revision": 1, "status": "not_drawn_yet",
            "inspection_day": "2026-11-24", "draw": null, "list_position": null,
            "as_of": "2026-11-24T01:00:01.234Z"})
    );
}

#[rstest]
fn a_cancelled_declaration_stays_cancelled(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    app.put("/v1/declarations/E1").key(&customs).json(&battery()).send().expect(201);
    let cancel = |reason: Value| {
        let body = json!({ "reason": reason });
        app.put("/v1/declarations/E1/cancellation").key(&customs).json(&body).send()
    };
    cancel(json!("x\u{7}")).faults(&[("/reason", "control-character")]);
    app.set_clock("2026-11-24T02:00:00Z");
    let first = cancel(json!("shipment given up")).expect(200).json();
    app.set_clock("2026-11-24T03:00:00Z");
    assert_eq!(cancel(json!("another reason")).expect(200).json(), first);

    let mut first = first;
    assert_eq!(receipt(&mut first), 3);
    let mut expected = kept("E1", 1);
    expected["state"] = json!("cancelled");
    expected["cancelled_at"] = json!("2026-11-24T02:00:00Z");
    expected["cancellation_reason"] = json!("shipment given up");
    assert_eq!(first, expected);
    let status = app.get("/v1/declarations/E1/status").key(&customs).send().expect(200).json();
    assert_eq!(status["status"], "cancelled");
    let again = app.put("/v1/declarations/E1").key(&customs).json(&battery()).send();
    again.problem(409, "cancelled");
    let none = app.put("/v1/declarations/E9/cancellation").key(&customs).json(&json!({})).send();
    none.problem(404, "not-found");
}

/// Whoever asks about another office's declaration hears what they would hear if it did not exist.
#[rstest]
fn a_foreign_declaration_and_a_missing_one_are_alike(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let own = app.key(Role::Customs, &["CNTAO"]);
    let foreign = app.key(Role::Customs, &["CNSHA"]);
    app.put("/v1/declarations/E1").key(&own).json(&battery()).send().expect(201);
    let words = |path: &str, number: &str| {
        let path = path.replace("{}", number);
        let problem = app.get(&path).key(&foreign).send().problem(404, "not-found");
        problem["detail"].as_str().unwrap().replace(number, "{}")
    };
    for path in
        ["/v1/declarations/{}", "/v1/declarations/{}/revisions", "/v1/declarations/{}/status"]
    {
        assert_eq!(words(path, "E1"), words(path, "E9"));
    }
    let cancel = |number: &str| {
        let path = format!("/v1/declarations/{number}/cancellation");
        let answer = app.put(&path).key(&foreign).json(&json!({})).send();
        let problem = answer.problem(404, "not-found");
        problem["detail"].as_str().unwrap().replace(number, "{}")
    };
    assert_eq!(cancel("E1"), cancel("E9"));

    // Declaring for an office outside the key's is like declaring for one that does not exist.
    let declare = |office: &str| {
        let mut body = battery();
        body["office"] = json!(office);
        let answer = app.put("/v1/declarations/E2").key(&foreign).json(&body).send();
        let problem = answer.problem(404, "office-unknown");
        problem["detail"].as_str().unwrap().replace(office, "{}")
    };
    assert_eq!(declare("CNTAO"), declare("NONE"));

    // A number is unique in the world: it is taken, and nothing more is told.
    let mut body = battery();
    body["office"] = json!("CNSHA");
    let taken = app.put("/v1/declarations/E1").key(&foreign).json(&body).send();
    let problem = taken.problem(409, "number-taken");
    assert_eq!(problem["errors"], json!([]));
    assert!(!problem.to_string().contains("CNTAO"));

    let list = app.get("/v1/declarations").key(&foreign).send().expect(200).json();
    assert_eq!(list, json!({"items": [], "next_cursor": null}));
    app.get("/v1/declarations?office=CNTAO").key(&foreign).send().problem(404, "not-found");
    let named = app.get("/v1/declarations?office=CNTAO").key(&own).send().expect(200).json();
    assert_eq!(named["items"].as_array().unwrap().len(), 1);
}

/// A page ends where the next begins, whatever the database thinks of the order of letters.
#[rstest]
fn a_search_walks_page_by_page_in_the_order_of_the_numbers(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let mut numbers = vec!["E-10", "E-2", "E1", "Ea", "EB", "e1", "eA", "E_1", "E.1", "E2F"];
    for number in &numbers {
        let mut body = battery();
        body["destination_country"] = json!(if *number == "E1" { "NA" } else { "KE" });
        app.put(&format!("/v1/declarations/{number}")).key(&customs).json(&body).send().expect(201);
    }
    let mut found = Vec::new();
    let mut path = "/v1/declarations?limit=3".to_owned();
    loop {
        let answer = app.get(&path).key(&customs).send().expect(200);
        let page = answer.json();
        for item in page["items"].as_array().unwrap() {
            assert!(item["receipt"].is_null());
            found.push(item["declaration_number"].as_str().unwrap().to_owned());
        }
        let Some(cursor) = page["next_cursor"].as_str() else {
            assert_eq!(answer.header("link"), None);
            break;
        };
        path = format!("/v1/declarations?limit=3&cursor={cursor}");
        assert_eq!(answer.header("link"), Some(format!("<{path}>; rel=\"next\"").as_str()));
        let other = format!("/v1/declarations?limit=3&region=asia&cursor={cursor}");
        app.get(&other).key(&customs).send().problem(400, "invalid-cursor");
    }
    numbers.sort_unstable();
    assert_eq!(found, numbers);

    let count = |query: &str| {
        let answer = app.get(&format!("/v1/declarations?{query}")).key(&customs).send();
        answer.expect(200).json()["items"].as_array().unwrap().len()
    };
    assert_eq!(count("destination_country=NA"), 1);
    assert_eq!(count("destination_country=NA&destination_country=KE"), 10);
    assert_eq!(count("region=africa&commodity=85&exporter_id=91370200MA3C"), 10);
    assert_eq!(count("commodity=86"), 0);
    assert_eq!(count("from=2026-11-25"), 0);
    assert_eq!(count("from=2026-11-24&to=2026-11-24"), 10);
    assert_eq!(count("to=2026-11-23"), 0);
    app.get("/v1/declarations?cursor=00").key(&customs).send().problem(400, "invalid-cursor");
}

#[rstest]
fn two_replicas_agree(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let replica = app.replica();
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let put = |app: &TestApp| app.put("/v1/declarations/E1").key(&customs).json(&battery()).send();
    let first = put(&app).expect(201).json();
    assert_eq!(put(&replica).expect(200).json(), first);
    let read = replica.get("/v1/declarations/E1").key(&customs).send().expect(200);
    assert_eq!(read.json(), first);
}
