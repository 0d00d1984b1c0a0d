//! Results that were found before Breeze: brought in, revised, refused; they teach and enter no rate.

use crate::drawn::{day, gone, item, pass, put};
use crate::lessons::told;
use crate::support::*;
use breeze::domain::key::Role;
use flate2::Compression;
use flate2::write::GzEncoder;
use rstest::rstest;
use serde_json::{Value, json};
use std::io::Write;
use std::process::Command;

const HEADING: &str = "declaration_number,office,exporter_id,destination_country,commodity_code,\
    quantity,unit,declared_at\n";

/// The draw of a day of which everything was brought in as history: `EXP-01` and so on, each drawn.
fn past_day(app: &TestApp, count: usize) {
    let file = "id = \"all\"\nfrom = 2026-11-24\nfloor = 0.01\n\n[[rules]]\nproportion = 1.0\n";
    app.govern(file);
    app.set_clock("2026-11-24T10:00:05Z");
    let row = |n| format!("EXP-{n:02},CNTAO,X{n},KE,850760,1,C62,2026-11-24T09:00:00+08:00\n");
    let file = HEADING.to_owned() + &(1..=count).map(row).collect::<String>();
    let import = app.post("/v1/declaration-imports?historical=true").key(&app.admin);
    assert_eq!(import.body("text/csv", file).send().expect(201).json()["created"], count);
    let body = json!({"office": "CNTAO", "day": "2026-11-24"});
    let draw = app.post("/v1/draws").key(&app.admin).json(&body).send().expect(201).json();
    assert_eq!(draw["drawn"], count);
}

/// Declarations `E-1` … `E-n` of 2 March 2026, a Monday, in two offices by turns from Qingdao on.
fn history(app: &TestApp, count: usize) {
    app.office("CNTAO");
    app.office("CNSHA");
    let row = |n| {
        let office = if n % 2 == 1 { "CNTAO" } else { "CNSHA" };
        format!("E-{n},{office},X{n},KE,850760,1,C62,2026-03-02T09:00:00+08:00\n")
    };
    let file = HEADING.to_owned() + &(1..=count).map(row).collect::<String>();
    let import = app.post("/v1/declaration-imports?historical=true").key(&app.admin);
    assert_eq!(import.body("text/csv", file).send().expect(201).json()["created"], count);
}

fn import(app: &TestApp, file: &str) -> Value {
    let request = app.post("/v1/result-imports").key(&app.admin).body("text/csv", file);
    request.send().expect(201).json()
}

/// Created, unchanged, revised, rejected; they add up.
fn counts(import: &Value) -> [u64; 4] {
    let count = |name| import[name].as_u64().unwrap();
    let counts = ["created", "unchanged", "revised", "rejected"].map(count);
    assert_eq!(count("received"), counts.iter().sum::<u64>());
    counts
}

/// Row, number, pointer and code of each rejected row.
fn rejected(import: &Value) -> Vec<(u64, String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let row = |row: &Value| {
        let error = &row["errors"][0];
        let number = text(&row["declaration_number"]);
        (row["row"].as_u64().unwrap(), number, text(&error["pointer"]), text(&error["code"]))
    };
    import["rows"].as_array().unwrap().iter().map(row).collect()
}

fn kinds(app: &TestApp, office: &str) -> Vec<String> {
    let path = format!("/v1/events?office={office}&limit=500");
    let events = app.get(&path).key(&app.admin).send().expect(200).json();
    let kinds = events["items"].as_array().unwrap().iter().map(|e| e["type"].as_str().unwrap());
    kinds.map(|kind| kind.strip_prefix("breeze.").unwrap().to_owned()).collect()
}

#[rstest]
fn results_are_imported_and_the_same_file_again_changes_nothing(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    history(&app, 4);
    let file = "declaration_number,outcome,inspected_at,selection,probability,severity,inspector\n\
        E-1,fail,2026-03-02T20:30:00Z,random,0.05,critical,old-1\n\
        E-2,pass,2026-03-03T10:00:00+08:00,all,,,\n\
        E-3,fail,2026-03-03T10:00:00+08:00,targeted,,,\n\
        E-4,fail,,,,,\n";
    let first = import(&app, file);
    assert_eq!(counts(&first), [4, 0, 0, 0]);
    assert_eq!(first["rows"], json!([]));
    assert_eq!(first["finished_at"], "2026-11-24T01:00:00Z");
    let path = format!("/v1/result-imports/{}", first["id"].as_str().unwrap());
    assert_eq!(app.get(&path).key(&app.admin).send().expect(200).json(), first);
    let told = |number| told(&app, number).unwrap();
    // 20:30 UTC is the next morning in Qingdao; without a time it was when the frame closed.
    assert_eq!(told("E-1"), "2026-03-03 critical CNTAO/old-1 import random");
    assert_eq!(told("E-2"), "2026-03-03 pass - import all");
    assert_eq!(told("E-3"), "2026-03-03 unstated - import targeted");
    assert_eq!(told("E-4"), "2026-03-02 unstated - import unknown");
    for office in ["CNTAO", "CNSHA"] {
        let kinds = kinds(&app, office);
        let of = kinds.iter().filter(|kind| *kind == "results.imported").count();
        assert_eq!(of, 1, "one event a chunk and office: {kinds:?}");
    }

    let (events, again) = (kinds(&app, "CNTAO"), import(&app, file));
    assert_eq!(counts(&again), [0, 4, 0, 0]);
    assert_eq!(kinds(&app, "CNTAO"), events, "nothing happened");
    let revised = import(&app, &file.replace("E-1,fail", "E-1,pass"));
    assert_eq!(counts(&revised), [0, 3, 1, 0]);
    assert_eq!(told("E-1"), "2026-03-03 pass CNTAO/old-1 import random");
    let back = import(&app, file);
    assert_eq!(counts(&back), [0, 3, 1, 0]);
    assert_eq!(told("E-1"), "2026-03-03 critical CNTAO/old-1 import random");
}

#[rstest]
fn they_come_as_ndjson_gzip_and_in_the_form_of_a_data_set(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    history(&app, 3);
    let file = "{\"declaration_number\":\"E-1\",\"outcome\":\"fail\",\"severity\":\"minor\"}\n\n\
        {\"declaration_number\":\"E-2\",\"outcome\":\"pass\",\"probability\":0.5}\n[]\n";
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(file.as_bytes()).unwrap();
    let request = app.post("/v1/result-imports").key(&app.admin);
    let request = request.body("application/x-ndjson", gzip.finish().unwrap());
    let answer = request.header("Content-Encoding", "gzip").send().expect(201).json();
    assert_eq!(counts(&answer), [1, 0, 0, 2]);
    let text = str::to_owned;
    assert_eq!(
        rejected(&answer),
        [
            (2, text("E-2"), text("/probability"), text("wrong-type")),
            (3, text(""), text(""), text("wrong-type")),
        ]
    );
    assert_eq!(told(&app, "E-1").unwrap(), "2026-03-02 minor - import unknown");
    let set = "declaration_number,fails,severity,_score\nE-2,no,0,7\nE-3,yes,2,9\n";
    assert_eq!(counts(&import(&app, set)), [2, 0, 0, 0]);
    assert_eq!(told(&app, "E-2").unwrap(), "2026-03-02 pass - import unknown");
    assert_eq!(told(&app, "E-3").unwrap(), "2026-03-02 2 - import unknown");
}

#[rstest]
fn every_refused_row_says_why_and_the_others_are_stored(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let inspector = app.inspector("CNTAO", "insp-07");
    day(&app, 3);
    history(&app, 3);
    put(&app, &inspector, 1, &pass(&item(&app, "EXP-01"))).expect(201);
    put(&app, &inspector, 2, &gone(&item(&app, "EXP-02"))).expect(201);
    let file = "declaration_number,outcome,inspected_at,selection\n\
        E-1,pass,,\nNONE,pass,,\nEXP-01,fail,2026-11-24T10:00:00Z,\nEXP-02,pass,2026-11-24T10:00:00Z,\n\
        E-2,pass,2026-11-25T00:00:00Z,\nE-2,pass,2026-02-28T00:00:00Z,\nE-2,pass,2026-03-02,\n\
        E-2,maybe,,\nE-2,pass,,directive\nE-2,pass\n,pass,,\nE-1,pass,,\nE-1,fail,,\nE-3,fail,,\n\
        EXP-03,pass,,\n";
    let answer = import(&app, file);
    assert_eq!(counts(&answer), [2, 1, 0, 12]);
    let expected = [
        (2, "NONE", "/declaration_number", "not-found"),
        (3, "EXP-01", "/declaration_number", "already-recorded"),
        (4, "EXP-02", "/declaration_number", "already-recorded"),
        (5, "E-2", "/inspected_at", "time-invalid"),
        (6, "E-2", "/inspected_at", "time-invalid"),
        (7, "E-2", "/inspected_at", "time-invalid"),
        (8, "E-2", "/outcome", "value-not-allowed"),
        (9, "E-2", "/selection", "value-not-allowed"),
        (10, "E-2", "", "column-count"),
        (11, "", "/declaration_number", "required"),
        (13, "E-1", "/declaration_number", "number-repeated"),
        (15, "EXP-03", "/declaration_number", "declared-live"),
    ];
    let expected: Vec<_> = expected
        .iter()
        .map(|(n, a, b, c)| (*n, a.to_string(), b.to_string(), c.to_string()))
        .collect();
    assert_eq!(rejected(&answer), expected);
    let path = format!("/v1/result-imports/{}", answer["id"].as_str().unwrap());
    assert_eq!(app.get(&path).key(&app.admin).send().expect(200).json(), answer);
    assert_eq!(counts(&import(&app, file)), [0, 3, 0, 12], "and again it is the same");
}

/// Else one administrator alone could move the scores of an exporter's goods of today.
#[rstest]
fn goods_that_were_declared_live_take_no_imported_result(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    day(&app, 1);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    for number in ["WAITS", "CANCELLED"] {
        let path = format!("/v1/declarations/{number}");
        app.put(&path).key(&customs).json(&battery()).send().expect(201);
    }
    let path = "/v1/declarations/CANCELLED/cancellation";
    app.put(path).key(&customs).json(&json!({"reason": null})).send().expect(200);
    let file = "declaration_number,outcome,inspected_at\n\
        EXP-01,pass,2026-11-24T09:30:00Z\nWAITS,pass,2026-11-24T09:30:00Z\n\
        CANCELLED,pass,2026-11-24T09:30:00Z\n";
    let answer = import(&app, file);
    assert_eq!(counts(&answer), [0, 0, 0, 3]);
    let codes = rejected(&answer).into_iter().map(|row| row.3);
    assert_eq!(codes.collect::<Vec<_>>(), ["declared-live"; 3]);
    let words = answer["rows"][0]["errors"][0]["detail"].as_str().unwrap();
    assert!(words.contains("the inspection of its drawn item"), "{words}");
    for number in ["EXP-01", "WAITS", "CANCELLED"] {
        assert_eq!(told(&app, number), None, "{number}");
    }
}

#[rstest]
fn failures_have_at_most_twenty_labels_over_all_imports(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    history(&app, 24);
    let rows = |numbers: std::ops::RangeInclusive<usize>| {
        let rows = numbers.map(|n| format!("E-{n},fail,score-{n}\n"));
        "declaration_number,outcome,severity\n".to_owned() + &rows.collect::<String>()
    };
    assert_eq!(counts(&import(&app, &rows(1..=19))), [19, 0, 0, 0]);
    let passes = "declaration_number,outcome,severity\nE-24,pass,beside-a-pass\n";
    assert_eq!(counts(&import(&app, passes)), [1, 0, 0, 0], "a pass teaches no label");
    let last = import(&app, &rows(19..=22));
    assert_eq!(counts(&last), [1, 1, 0, 2]);
    let full = |row, number: &str| {
        (row, number.to_owned(), "/severity".to_owned(), "too-many-labels".to_owned())
    };
    assert_eq!(rejected(&last), [full(3, "E-21"), full(4, "E-22")]);
    let words = last["rows"][0]["errors"][0]["detail"].as_str().unwrap();
    assert!(words.contains("score-1, ") && words.contains("score-20"), "{words}");
    let known = "declaration_number,outcome,severity\nE-21,fail,score-3\nE-22,fail,\n";
    assert_eq!(counts(&import(&app, known)), [2, 0, 0, 0], "what is known has room for more");
}

#[rstest]
fn a_file_at_fault_stores_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    history(&app, 1);
    let send = |media: &str, body: &[u8]| {
        app.post("/v1/result-imports").key(&app.admin).body(media, body).send()
    };
    send("text/csv", b"").problem(422, "empty-file");
    send("text/csv", b"declaration_number,selection\nE-1,all\n").problem(422, "column-missing");
    send("text/csv", b"outcome\npass\n").problem(422, "column-missing");
    send("text/csv", b"declaration_number,fails,colour\n").problem(422, "unknown-field");
    send("text/csv", b"declaration_number,fails,fails\n").problem(422, "column-doubled");
    send("application/json", b"{}").problem(415, "unsupported-media-type");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(b"declaration_number,fails\nE-1,yes\n").unwrap();
    let whole = gzip.finish().unwrap();
    send("text/csv", &whole[..whole.len() - 9]).problem(400, "malformed-body");
    let many = "E-1,yes\n".repeat(200_001);
    let long = format!("declaration_number,fails\n{many}");
    send("text/csv", long.as_bytes()).problem(413, "body-too-large");
    assert_eq!(told(&app, "E-1"), None);
}

#[rstest]
fn what_an_office_does_not_see_it_does_not_import(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    history(&app, 2);
    let own = app.key(Role::Admin, &["CNTAO"]);
    let file = "declaration_number,fails\nE-1,yes\nE-2,yes\n";
    let request = app.post("/v1/result-imports").key(&own).body("text/csv", file);
    let answer = request.send().expect(201).json();
    assert_eq!(counts(&answer), [1, 0, 0, 1]);
    assert_eq!(rejected(&answer)[0].3, "not-found");
    assert_eq!(told(&app, "E-2"), None);
    let path = format!("/v1/result-imports/{}", answer["id"].as_str().unwrap());
    for (role, offices, status) in [
        (Role::Auditor, &[][..], 200),
        (Role::Auditor, &["CNTAO"][..], 404),
        (Role::Admin, &["CNTAO"][..], 404),
        (Role::Manager, &["CNTAO"][..], 403),
    ] {
        let key = app.key(role, offices);
        assert_eq!(app.get(&path).key(&key).send().status, status, "{role:?} {offices:?}");
    }
    assert_eq!(app.get(&path).key(&own).send().status, 200);
}

#[rstest]
fn an_inspection_takes_the_place_of_what_was_imported(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let inspector = app.inspector("CNTAO", "insp-07");
    past_day(&app, 3);
    app.set_clock("2026-11-25T02:00:00Z");
    let file = "declaration_number,fails\nEXP-01,yes\nEXP-02,yes\nEXP-03,yes\n";
    assert_eq!(counts(&import(&app, file)), [3, 0, 0, 0]);
    assert_eq!(told(&app, "EXP-01").unwrap(), "2026-11-24 unstated - import unknown");
    put(&app, &inspector, 1, &pass(&item(&app, "EXP-01"))).expect(201);
    put(&app, &inspector, 2, &gone(&item(&app, "EXP-02"))).expect(201);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let cancel = app.put("/v1/declarations/EXP-03/cancellation").key(&customs);
    cancel.json(&json!({"reason": null})).send().expect(200);
    assert_eq!(told(&app, "EXP-01").unwrap(), "2026-11-25 pass CNTAO/insp-07 inspection random");
    assert_eq!(told(&app, "EXP-02"), None);
    assert!(told(&app, "EXP-03").is_some(), "a cancellation unlearns nothing");
    assert_eq!(counts(&import(&app, file)), [0, 1, 0, 2]);
    // Imported results enter no rate.
    let path = "/v1/trends/failure-rates?period=day&from=2026-11-24&to=2026-11-24";
    let rates = app.get(path).key(&app.admin).send().expect(200).json();
    let rate = &rates["items"][0]["rate"];
    assert_eq!((&rate["inspected"], &rate["failed"]), (&json!(1), &json!(0)));
}

#[rstest]
fn a_revised_declaration_takes_its_lesson_along_to_its_exporter(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    history(&app, 1);
    import(&app, "declaration_number,fails\nE-1,yes\n");
    let file = format!("{HEADING}E-1,CNTAO,OTHER,KE,850760,1,C62,2026-03-02T09:00:00+08:00\n");
    let request = app.post("/v1/declaration-imports?historical=true").key(&app.admin);
    assert_eq!(request.body("text/csv", file).send().expect(201).json()["revised"], 1);
    assert_eq!(crate::lessons::lesson(&app, "E-1").unwrap().exporter_id, "OTHER");
}

#[rstest]
fn the_operator_imports_results_at_the_command_line(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    history(&app, 1);
    let folder = &app.app.spool;
    std::fs::write(folder.join("master"), "07".repeat(32)).unwrap();
    std::fs::write(folder.join("old.csv"), "declaration_number,fails\nE-1,yes\nE-9,no\n").unwrap();
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_breeze"));
        let command = command.current_dir(folder).arg("import-results").args(args);
        let command = command
            .env("BREEZE_DATABASE", app.database_url())
            .env("BREEZE_MASTER_KEY_FILE", folder.join("master"));
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let words = "2 rows: 1 created, 0 unchanged, 0 revised, 1 rejected\n\
        row 2 (E-9): declaration_number: there is no declaration `E-9` (not-found)\n";
    assert_eq!(run(&["old.csv"]), (Some(1), words.to_owned()));
    let (code, text) = run(&["old.csv", "--json"]);
    let again: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, counts(&again)), (Some(1), [0, 1, 0, 1]));
    assert_eq!(run(&["none.csv"]).0, Some(3));
}
