//! What inspectors find: recorded once, corrected with a reason, never edited.

use crate::drawn::*;
use crate::support::*;
use breeze::domain::key::Role;
use diesel::connection::SimpleConnection;
use rstest::rstest;
use serde_json::{Value, json};
use std::sync::Barrier;

fn status(app: &TestApp, number: &str) -> Value {
    let path = format!("/v1/declarations/{number}/status");
    app.get(&path).key(&app.admin).send().expect(200).json()["status"].clone()
}

#[rstest]
fn an_inspector_works_off_the_list_and_the_last_result_reveals_the_draw(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let inspector = app.inspector("CNTAO", "insp-07");
    day(&app, 3);
    let (first, second, third) = (item(&app, "EXP-01"), item(&app, "EXP-02"), item(&app, "EXP-03"));

    let passed = put(&app, &inspector, 1, &pass(&first)).expect(201).json();
    assert_eq!(passed["id"], uuid(1));
    assert_eq!(passed["item"], first);
    assert_eq!(passed["declaration_number"], "EXP-01");
    assert_eq!(passed["inspector"], "insp-07");
    assert_eq!(passed["assignee"], "insp-07");
    assert_eq!(passed["outcome"], "pass");
    assert_eq!(passed["not_inspected_reason"], Value::Null);
    assert_eq!(passed["inspected_at"], "2026-11-24T10:30:00Z");
    assert_eq!(passed["recorded_at"], "2026-11-24T10:00:05Z");
    assert_eq!(passed["amendments"], 0);
    assert_eq!(passed["receipt"]["head"].as_str().unwrap().len(), 64);
    let failed = put(&app, &inspector, 2, &fail(&second)).expect(201).json();
    assert_eq!(failed["defects"][0]["code"], "label-missing");
    assert_eq!(failed["note"], "two cartons\nwithout labels");

    let progress = list(&app, &inspector)["progress"].clone();
    let expected = json!({"total": 3, "done": 2, "passed": 1, "failed": 1, "not_inspected": 0});
    assert_eq!(progress["random"], expected, "nothing was ordered");
    assert_eq!(status(&app, "EXP-01"), "inspected_pass");
    assert_eq!(status(&app, "EXP-02"), "inspected_fail");
    assert_eq!(status(&app, "EXP-03"), "held");
    let draw = || app.get(&format!("/v1/draws/{DRAW}")).key(&app.admin).send().json();
    assert_eq!(draw()["revealed"], false);

    put(&app, &inspector, 3, &gone(&third)).expect(201);
    assert_eq!(status(&app, "EXP-03"), "not_inspected");
    assert_eq!(draw()["revealed"], true, "every item has its result");
}

#[rstest]
fn the_last_open_item_may_be_closed_by_a_cancellation(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let inspector = app.key(Role::Inspector, &["CNTAO"]);
    day(&app, 1);
    let only = item(&app, "EXP-01");
    let path = "/v1/declarations/EXP-01/cancellation";
    app.put(path).key(&customs).json(&json!({"reason": "given up"})).send().expect(200);
    put(&app, &inspector, 1, &pass(&only)).problem(409, "cancelled");
    let list = list(&app, &inspector);
    assert_eq!(list["items"][0]["state"], "not_inspected");
    assert_eq!(list["items"][0]["not_inspected_reason"], "cancelled");
    assert_eq!(list["state"], "revealed");
}

#[rstest]
fn asked_again_an_inspection_answers_the_same_and_another_is_refused(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let inspector = app.inspector("CNTAO", "insp-07");
    day(&app, 2);
    let (first, second) = (item(&app, "EXP-01"), item(&app, "EXP-02"));
    let created = put(&app, &inspector, 1, &pass(&first)).expect(201).json();
    // The same instant in another time zone, the inspector named: the same content.
    let mut same = pass(&first);
    same["inspected_at"] = "2026-11-24T10:30:00Z".into();
    same["inspector"] = "insp-07".into();
    same["note"] = "".into();
    assert_eq!(put(&app, &inspector, 1, &same).expect(200).json(), created);
    let get = app.get(&format!("/v1/inspections/{}", uuid(1))).key(&inspector).send();
    assert_eq!(get.expect(200).json(), created);

    let mut other = pass(&first);
    other["units_inspected"] = 33.into();
    let problem = put(&app, &inspector, 1, &other).problem(409, "already-recorded");
    assert_eq!(problem["errors"][0]["pointer"], "/units_inspected");
    put(&app, &inspector, 2, &pass(&first)).problem(409, "already-recorded");
    put(&app, &inspector, 1, &pass(&second)).problem(409, "id-taken");
}

#[rstest]
fn of_two_inspectors_at_once_exactly_one_records_the_item(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let keys = [app.inspector("CNTAO", "insp-07"), app.inspector("CNTAO", "insp-08")];
    day(&app, 5);
    for n in 1..=5 {
        let item = item(&app, &format!("EXP-{n:02}"));
        let gate = Barrier::new(4);
        let mut answers: Vec<(u16, usize)> = std::thread::scope(|scope| {
            let send = |key: &String, id: usize| {
                let (app, gate, item, key) = (&app, &gate, &item, key.clone());
                scope.spawn(move || {
                    gate.wait();
                    (put(app, &key, id, &pass(item)).status, id)
                })
            };
            // Each inspector's phone sends its own result twice.
            let (one, two) = (10 * n, 10 * n + 1);
            let sent = [
                send(&keys[0], one),
                send(&keys[1], two),
                send(&keys[0], one),
                send(&keys[1], two),
            ];
            sent.map(|sent| sent.join().unwrap()).into()
        });
        answers.sort_unstable();
        let statuses: Vec<u16> = answers.iter().map(|(status, _)| *status).collect();
        assert_eq!(statuses, [200, 201, 409, 409]);
        assert_eq!(answers[0].1, answers[1].1, "one inspector won, the other did not");
    }
}

#[rstest]
fn another_offices_item_is_as_missing_as_one_that_was_not_drawn(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let own = app.key(Role::Inspector, &["CNTAO"]);
    let foreign = app.key(Role::Inspector, &["CNSHA"]);
    day(&app, 1);
    let item = item(&app, "EXP-01");
    put(&app, &foreign, 1, &pass(&item)).problem(404, "not-found");
    put(&app, &own, 1, &pass(&format!("{DRAW}/2"))).problem(404, "not-found");
    put(&app, &own, 1, &pass(&format!("{DRAW}/99999999999"))).faults(&[("/item", "id-invalid")]);
    put(&app, &own, 1, &pass("EXP-01")).faults(&[("/item", "id-invalid")]);
    put(&app, &own, 1, &pass(&item)).expect(201);
    let path = format!("/v1/inspections/{}", uuid(1));
    app.get(&path).key(&foreign).send().problem(404, "not-found");
    let amendments = format!("{path}/amendments");
    app.get(&amendments).key(&foreign).send().problem(404, "not-found");
    let mut body = pass(&item);
    body.as_object_mut().unwrap().remove("item");
    body["reason"] = "none of my business".into();
    app.post(&amendments).key(&foreign).json(&body).send().problem(404, "not-found");
    // The id alone tells the stranger nothing.
    put(&app, &foreign, 1, &pass(&item)).problem(404, "not-found");
    app.get("/v1/inspections?office=CNTAO").key(&foreign).send().problem(404, "not-found");
    let seen = app.get("/v1/inspections").key(&foreign).send().expect(200).json();
    assert_eq!(seen["items"], json!([]));
    for role in [Role::Manager, Role::Admin, Role::Auditor] {
        let key = app.key(role, &["CNTAO"]);
        app.get(&path).key(&key).send().expect(200);
        put(&app, &key, 2, &pass(&item)).problem(403, "forbidden");
    }
}

#[rstest]
fn it_is_recorded_who_inspected(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let alone = app.key(Role::Inspector, &["CNTAO"]);
    day(&app, 3);
    // No roster: anyone of the office may record, and nobody is named.
    let answer = put(&app, &alone, 1, &pass(&item(&app, "EXP-01"))).expect(201).json();
    assert_eq!(answer["inspector"], Value::Null);
    let mut named = pass(&item(&app, "EXP-02"));
    named["inspector"] = "insp-07".into();
    put(&app, &alone, 2, &named).faults(&[("/inspector", "inspector-unknown")]);

    let own = app.inspector("CNTAO", "insp-07");
    app.inspector("CNTAO", "insp-08");
    put(&app, &alone, 2, &pass(&item(&app, "EXP-02"))).faults(&[("/inspector", "required")]);
    // An office's key names anyone of the roster; an inspector's own key only its holder.
    named["inspector"] = "insp-08".into();
    put(&app, &own, 2, &named).faults(&[("/inspector", "value-not-allowed")]);
    let answer = put(&app, &alone, 2, &named).expect(201).json();
    assert_eq!(answer["inspector"], "insp-08");
    let answer = put(&app, &own, 3, &pass(&item(&app, "EXP-03"))).expect(201).json();
    assert_eq!(answer["inspector"], "insp-07");
    // The first one again, although there is a roster now.
    put(&app, &alone, 1, &pass(&item(&app, "EXP-01"))).expect(200);
    let list = list(&app, &own);
    let by: Vec<_> = list["items"].as_array().unwrap().iter().map(|i| &i["inspected_by"]).collect();
    assert_eq!(by, [&Value::Null, &json!("insp-08"), &json!("insp-07")]);
}

#[rstest]
fn every_fault_of_a_result_is_named(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let inspector = app.key(Role::Inspector, &["CNTAO"]);
    day(&app, 1);
    let item = item(&app, "EXP-01");
    let with = |name: &str, value: Value| {
        let mut body = fail(&item);
        body[name] = value;
        put(&app, &inspector, 1, &body)
    };
    with("inspected_at", json!("yesterday")).faults(&[("/inspected_at", "time-invalid")]);
    with("inspected_at", json!("2026-11-24 18:45:00")).faults(&[("/inspected_at", "time-invalid")]);
    with("inspected_at", json!("2026-11-22T10:00:00Z"))
        .faults(&[("/inspected_at", "time-invalid")]);
    with("inspected_at", json!("2026-11-26T10:00:00Z"))
        .faults(&[("/inspected_at", "time-invalid")]);
    with("units_nonconforming", json!(33))
        .faults(&[("/units_nonconforming", "number-out-of-range")]);
    with("defects", json!([{"code": "no-such", "class": "major", "count": 1}]))
        .faults(&[("/defects/0/code", "defect-unknown")]);
    with("defects", json!([{"code": "label-missing", "class": "fatal", "count": 1}]))
        .faults(&[("/defects/0/class", "value-not-allowed")]);
    with("not_inspected_reason", json!("cancelled"))
        .faults(&[("/not_inspected_reason", "value-not-allowed")]);
    with("outcome", json!("maybe")).faults(&[("/outcome", "value-not-allowed")]);
    with("office", json!("CNTAO")).faults(&[("/office", "unknown-field")]);
    let mut bare = gone(&item);
    bare["not_inspected_reason"] = Value::Null;
    put(&app, &inspector, 1, &bare).faults(&[("/not_inspected_reason", "required")]);
    let odd = app.put("/v1/inspections/7").key(&inspector).json(&pass(&item)).send();
    odd.faults(&[("/id", "id-invalid")]);
    app.get("/v1/inspections/7").key(&inspector).send().problem(404, "not-found");
}

fn correction(item: &str, body: &Value, reason: &str) -> Value {
    let mut body = body.clone();
    assert_eq!(body["item"], item);
    body.as_object_mut().unwrap().remove("item");
    body["reason"] = reason.into();
    body
}

#[rstest]
fn what_was_not_inspected_is_amended_to_a_pass_and_the_original_stays(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let inspector = app.inspector("CNTAO", "insp-07");
    day(&app, 2);
    let item = item(&app, "EXP-01");
    let first = put(&app, &inspector, 1, &gone(&item)).expect(201).json();
    let path = format!("/v1/inspections/{}/amendments", uuid(1));
    let post = |body: &Value| app.post(&path).key(&inspector).json(body).send();

    post(&correction(&item, &pass(&item), " ")).faults(&[("/reason", "required")]);
    let amended = post(&correction(&item, &pass(&item), "they came back")).expect(201).json();
    assert_eq!((&amended["outcome"], &amended["amendments"]), (&json!("pass"), &json!(1)));
    assert_eq!(amended["recorded_at"], first["recorded_at"]);
    assert_ne!(amended["receipt"], first["receipt"]);
    assert_eq!(status(&app, "EXP-01"), "inspected_pass");
    // What is in force is not corrected again; the first PUT again is still the first PUT.
    assert_eq!(post(&correction(&item, &pass(&item), "once more")).expect(200).json(), amended);
    assert_eq!(put(&app, &inspector, 1, &gone(&item)).expect(200).json(), amended);
    assert_eq!(
        app.get(&format!("/v1/inspections/{}", uuid(1))).key(&inspector).send().json(),
        amended
    );

    post(&correction(&item, &fail(&item), "a second look")).expect(201);
    let history = app.get(&path).key(&inspector).send().expect(200).json();
    assert_eq!(history["original"]["outcome"], "not_inspected");
    assert_eq!(history["original"]["not_inspected_reason"], "goods_left");
    let items = history["items"].as_array().unwrap();
    let told: Vec<_> = items.iter().map(|a| (&a["number"], &a["reason"], &a["outcome"])).collect();
    let (one, two) = (json!(1), json!(2));
    assert_eq!(
        told,
        [
            (&one, &json!("they came back"), &json!("pass")),
            (&two, &json!("a second look"), &json!("fail")),
        ]
    );
    let progress = list(&app, &inspector)["progress"].clone();
    assert_eq!((&progress["failed"], &progress["not_inspected"]), (&json!(1), &json!(0)));
}

#[rstest]
fn an_idempotency_key_gets_the_first_answer_again_for_two_days(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let inspector = app.key(Role::Inspector, &["CNTAO"]);
    day(&app, 1);
    let item = item(&app, "EXP-01");
    put(&app, &inspector, 1, &gone(&item)).expect(201);
    let path = format!("/v1/inspections/{}/amendments", uuid(1));
    let post = |token: &str, body: &Value| {
        app.post(&path).key(&inspector).header("Idempotency-Key", token).json(body).send()
    };
    let to_pass = correction(&item, &pass(&item), "they came back");
    let to_fail = correction(&item, &fail(&item), "a second look");
    // What was refused is not kept.
    post("one", &correction(&item, &pass(&item), "")).faults(&[("/reason", "required")]);
    let first = post("one", &to_pass).expect(201).json();
    post("two", &to_fail).expect(201);
    assert_eq!(post("one", &to_pass).expect(201).json(), first, "the answer of then");
    post("one", &to_fail).problem(422, "idempotency-mismatch");
    post(&"x".repeat(256), &to_pass).problem(400, "invalid-parameter");
    let now = app.get(&format!("/v1/inspections/{}", uuid(1))).key(&inspector).send().json();
    assert_eq!((&now["outcome"], &now["amendments"]), (&json!("fail"), &json!(2)));
    app.advance(chrono::TimeDelta::hours(49));
    let later = post("one", &to_pass).expect(201).json();
    assert_eq!(later["amendments"], 3, "the key is forgotten, so it is a request of its own");
}

#[rstest]
fn a_request_at_work_is_waited_for_and_one_left_behind_is_done_again(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let inspector = app.key(Role::Inspector, &["CNTAO"]);
    day(&app, 1);
    let item = item(&app, "EXP-01");
    put(&app, &inspector, 1, &gone(&item)).expect(201);
    let path = format!("/v1/inspections/{}/amendments", uuid(1));
    let body = correction(&item, &pass(&item), "they came back");
    let post = || {
        let request = app.post(&path).key(&inspector).header("Idempotency-Key", "one");
        request.json(&body).send()
    };
    post().expect(201);
    // As a process leaves it that dies between work and answer.
    let sql = "UPDATE idempotency_keys SET status = 0, body = ''";
    app.app.store.write(|conn| Ok(conn.batch_execute(sql)?)).unwrap();
    post().problem(409, "idempotency-in-flight");
    app.advance(chrono::TimeDelta::seconds(61));
    let again = post().expect(200).json();
    assert_eq!(again["amendments"], 1, "the work was done already: nothing happens twice");
}

#[rstest]
fn a_batch_keeps_its_good_rows_whatever_stands_beside_them(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let inspector = app.key(Role::Inspector, &["CNTAO"]);
    day(&app, 4);
    let row = |n: usize, mut body: Value| {
        body["id"] = uuid(n).into();
        body
    };
    let items: Vec<String> = (1..=4).map(|n| item(&app, &format!("EXP-{n:02}"))).collect();
    put(&app, &inspector, 1, &pass(&items[0])).expect(201);
    let mut misspelt = row(5, pass(&items[3]));
    misspelt["outcome"] = "passed".into();
    let sent = json!({"inspections": [
        row(1, pass(&items[0])), row(2, fail(&items[1])), row(3, pass(&items[1])), misspelt,
        row(6, pass(&format!("{DRAW}/77"))), {"item": items[3]}, 7, row(8, gone(&items[2])),
    ]});
    let batch = || {
        let request = app.post("/v1/inspection-batches").key(&inspector).json(&sent);
        request.send().expect(200).json()
    };
    let answer = batch();
    let outcomes: Vec<_> = answer["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["outcome"].as_str().unwrap(), row["problem"]["code"].as_str()))
        .collect();
    assert_eq!(
        outcomes,
        [
            ("unchanged", None),
            ("created", None),
            ("rejected", Some("already-recorded")),
            ("rejected", Some("invalid")),
            ("rejected", Some("not-found")),
            ("rejected", Some("invalid")),
            ("rejected", Some("invalid")),
            ("created", None),
        ]
    );
    assert_eq!(answer["items"][3]["problem"]["errors"][0]["pointer"], "/outcome");
    assert_eq!(answer["items"][3]["id"], uuid(5));
    assert_eq!(answer["items"][1]["receipt"]["head"].as_str().unwrap().len(), 64);
    assert_eq!(
        (&answer["created"], &answer["unchanged"], &answer["rejected"]),
        (&json!(2), &json!(1), &json!(5))
    );
    let again = batch();
    assert_eq!(
        (&again["created"], &again["unchanged"], &again["rejected"]),
        (&json!(0), &json!(3), &json!(5))
    );
    assert_eq!(list(&app, &inspector)["progress"]["done"], 3);

    let many: Vec<Value> = (0..501).map(|n| row(n, pass(&items[0]))).collect();
    let request = app.post("/v1/inspection-batches").key(&inspector);
    request.json(&json!({"inspections": many})).send().faults(&[("/inspections", "too-long")]);
}

#[rstest]
fn inspections_are_listed_by_filter_page_and_file(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let inspector = app.key(Role::Inspector, &["CNTAO"]);
    day(&app, 12);
    for n in 1..=12 {
        let item = item(&app, &format!("EXP-{n:02}"));
        let mut body = if n % 3 == 0 { fail(&item) } else { pass(&item) };
        body["note"] = "=HYPERLINK(\"x\")".into();
        put(&app, &inspector, n, &body).expect(201);
    }
    let get = |path: &str| app.get(path).key(&inspector).send().expect(200);
    let mut seen = Vec::new();
    let mut path = "/v1/inspections?limit=5&outcome=pass".to_owned();
    loop {
        let page = get(&path).json();
        seen.extend(page["items"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/inspections?limit=5&outcome=pass&cursor={cursor}");
    }
    let items: Vec<_> = seen.iter().map(|i| i["item"].as_str().unwrap().to_owned()).collect();
    assert_eq!(items.len(), 8);
    let positions: Vec<u32> =
        items.iter().map(|i| i.rsplit_once('/').unwrap().1.parse().unwrap()).collect();
    assert!(positions.is_sorted(), "{positions:?}");
    assert_eq!(get("/v1/inspections?from=2026-11-25").json()["items"], json!([]));
    assert_eq!(
        get("/v1/inspections?to=2026-11-24&outcome=fail&outcome=pass").json()["items"]
            .as_array()
            .unwrap()
            .len(),
        12
    );
    app.get("/v1/inspections?outcome=maybe")
        .key(&inspector)
        .send()
        .problem(400, "invalid-parameter");

    let file = get("/v1/inspections.csv?outcome=fail");
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
    let mut reader = csv::Reader::from_reader(file.bytes());
    let note = reader.headers().unwrap().iter().position(|name| name == "note").unwrap();
    let notes: Vec<_> = reader.records().map(|row| row.unwrap()[note].to_owned()).collect();
    assert_eq!(notes, ["'=HYPERLINK(\"x\")"; 4]);
    let accepted =
        app.get("/v1/inspections?outcome=fail").key(&inspector).header("Accept", "text/csv");
    assert_eq!(accepted.send().expect(200).bytes(), file.bytes());
    let html = app.get("/v1/inspections").key(&inspector).header("Accept", "text/html").send();
    html.problem(406, "not-acceptable");
}

#[rstest]
fn what_was_found_cannot_be_edited_behind_the_back_of_the_log(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let inspector = app.inspector("CNTAO", "insp-07");
    day(&app, 2);
    let item = item(&app, "EXP-01");
    put(&app, &inspector, 1, &gone(&item)).expect(201);
    let path = format!("/v1/inspections/{}/amendments", uuid(1));
    let body = correction(&item, &pass(&item), "they came back");
    app.post(&path).key(&inspector).json(&body).send().expect(201);
    let open = crate::drawn::item(&app, "EXP-02");
    let assignment = format!("/v1/sample-lists/{}/assignment", open.replace('/', "/items/"));
    let body = json!({"assignee": null, "reason": "ill"});
    app.put(&assignment).key(&inspector).json(&body).send().expect(200);
    for table in ["inspections", "amendments", "assignments"] {
        for sql in [format!("UPDATE {table} SET reason = 'x'"), format!("DELETE FROM {table}")] {
            let sql = sql.replace("inspections SET reason", "inspections SET outcome");
            let mut conn = app.app.store.reader().unwrap();
            let error = conn.batch_execute(&sql).unwrap_err().to_string();
            assert!(error.contains("append-only"), "{sql}: {error}");
        }
    }
}
