//! A customs system sends files, with rubbish in some rows.

use crate::support::*;
use breeze::app::{App, Limits};
use breeze::domain::import::{Counts, Mode, RowOutcome, State};
use breeze::domain::key::{Caller, Role};
use breeze::flow::import::{Format, Options, Order, Source};
use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};
use std::io::{Seek, Write};
use std::ops::ControlFlow;

const PATH: &str = "/v1/declaration-imports";
const HEADING: &str = "declaration_number,office,exporter_id,exporter_name,destination_country,\
    commodity_code,quantity,unit,value,currency,declared_at\n";

/// A row that nobody could object to.
fn row(number: &str) -> String {
    format!(
        "{number},CNTAO,91370200MA3C,\"Haiyun, Electric\",KE,850760,1200,C62,153294.00,CNY,\
         2026-11-24T08:22:03+08:00\n"
    )
}

/// A CSV of good rows.
fn rows(count: usize) -> String {
    let rows: String = (1..=count).map(|number| row(&format!("EXP-{number}"))).collect();
    format!("{HEADING}{rows}")
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn csv(app: &TestApp, key: &str, query: &str, body: impl Into<Vec<u8>>) -> Request {
    app.post(&format!("{PATH}{query}")).key(key).body("text/csv", body)
}

fn ndjson(app: &TestApp, key: &str, body: impl Into<Vec<u8>>) -> Request {
    app.post(PATH).key(key).body("application/x-ndjson", body)
}

/// `[received, created, unchanged, revised, rejected]`.
fn counts(import: &Value) -> [u64; 5] {
    ["received", "created", "unchanged", "revised", "rejected"]
        .map(|name| import[name].as_u64().unwrap_or_else(|| panic!("{name}: {import}")))
}

/// Line, outcome, and what is wrong where.
type Outcome = (u64, String, Vec<(String, String)>);

/// The outcome of each row.
fn outcomes(rows: &Value) -> Vec<Outcome> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let error = |error: &Value| (text(&error["pointer"]), text(&error["code"]));
    let row = |row: &Value| {
        let errors = row["errors"].as_array().unwrap().iter().map(error).collect();
        (row["row"].as_u64().unwrap(), text(&row["outcome"]), errors)
    };
    rows["items"].as_array().unwrap().iter().map(row).collect()
}

fn fault(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

#[rstest]
fn every_row_has_its_outcome_and_the_rejected_ones_can_be_mended_and_sent_again(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let bad = [
        row("E-2").replace(",KE,", ",ZZ,"),
        row("E-3").replace("Haiyun, Electric", "=cmd()"),
        row("E-4").replace("CNTAO", "CNSHA"),
        row("E-5").replace(",1200,", ",-5,"),
        "E-6,too,few\n".to_owned(),
    ];
    let body = format!("{HEADING}{}{}{}", row("E-1"), bad.concat(), row("E-7"));
    let body = body.replace("E-3,CNTAO", "E 3,CNTAO");
    let answer = csv(&app, &customs, "", body.as_str()).send().expect(201);
    let import = answer.json();
    let path = answer.header("location").unwrap().to_owned();
    assert_eq!(path, format!("{PATH}/{}", import["id"].as_str().unwrap()));
    assert_eq!(
        import,
        json!({
            "id": import["id"], "sha256": import["sha256"], "state": "done", "mode": "per_row",
            "dry_run": false, "historical": false, "received": 7, "created": 2, "unchanged": 0,
            "revised": 0, "rejected": 5, "warnings": {}, "failure": null,
            "created_at": "2026-11-24T01:00:00Z", "finished_at": "2026-11-24T01:00:00Z"
        })
    );
    assert_eq!(app.get(&path).key(&customs).send().expect(200).json(), import);
    let listed = app.get(&format!("{path}/rows")).key(&customs).send().expect(200).json();
    let rejected = "rejected".to_owned();
    assert_eq!(
        outcomes(&listed),
        [
            (2, rejected.clone(), fault("/destination_country", "country-unknown")),
            (3, rejected.clone(), fault("/declaration_number", "id-invalid")),
            (4, rejected.clone(), fault("/office", "office-unknown")),
            (5, rejected.clone(), fault("/quantity", "decimal-invalid")),
            (6, rejected.clone(), fault("", "column-count")),
        ]
    );
    let second = &listed["items"][0];
    assert_eq!(second["byte_offset"], HEADING.len() + row("E-1").len());
    assert_eq!(second["declaration_number"], "E-2");
    assert_eq!(second["content"], bad[0].trim_end());

    let file = app.get(&format!("{path}/rows.csv?outcome=rejected")).key(&customs).send();
    let file = file.expect(200);
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
    let by_accept = app.get(&format!("{path}/rows?outcome=rejected")).key(&customs);
    assert_eq!(by_accept.header("Accept", "text/csv").send().expect(200).text(), file.text());
    let file = file.text();
    let mut lines = file.lines();
    let heading = HEADING.trim_end();
    assert_eq!(lines.next(), Some(format!("{heading},_row,_field,_code,_words").as_str()));
    assert_eq!(
        lines.next(),
        Some(
            "E-2,CNTAO,91370200MA3C,\"Haiyun, Electric\",ZZ,850760,1200,C62,153294.00,CNY,\
             2026-11-24T08:22:03+08:00,2,destination_country,country-unknown,\
             `ZZ` is no ISO 3166-1 alpha-2 country code"
        )
    );
    assert!(lines.next().unwrap().contains(",'=cmd(),"), "no formula for a spreadsheet: {file}");

    let mended = file
        .replace(",ZZ,", ",KE,")
        .replace("E 3,", "E-3,")
        .replace(",CNSHA,", ",CNTAO,")
        .replace(",'-5,", ",5,");
    let again = csv(&app, &customs, "", mended).send().expect(201).json();
    assert_eq!(counts(&again), [5, 4, 0, 0, 1]);
    let third = app.get("/v1/declarations/E-3").key(&customs).send().expect(200).json();
    assert_eq!(third["exporter_name"], "=cmd()");
}

/// The file of rejected rows has the replacement character where bytes were no text.
#[rstest]
fn a_damaged_row_that_comes_back_unmended_is_rejected_again(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let mut body = rows(1).into_bytes();
    let at = body.windows(6).position(|bytes| bytes == b"Haiyun").unwrap();
    body[at] = 0xff;
    let send = |body: Vec<u8>| {
        let import = csv(&app, &customs, "", body).send().expect(201).json();
        assert_eq!(counts(&import), [1, 0, 0, 0, 1]);
        format!("{PATH}/{}/rows", import["id"].as_str().unwrap())
    };
    let path = send(body);
    let file = app.get(&path).header("Accept", "text/csv").key(&customs).send().expect(200);
    assert!(file.text().contains('\u{fffd}'));
    let again = send(file.text().into_bytes());
    let listed = app.get(&again).key(&customs).send().expect(200).json();
    assert_eq!(outcomes(&listed), [(1, "rejected".into(), fault("/exporter_name", "bad-utf8"))]);
    let damaged = battery().as_object().unwrap().clone();
    let damaged: Value =
        damaged.into_iter().chain([("description".into(), json!("a\u{fffd}"))]).collect();
    let import = ndjson(&app, &customs, damaged.to_string()).send().expect(201).json();
    assert_eq!(counts(&import), [1, 0, 0, 0, 1]);
}

#[rstest]
fn a_list_is_no_row(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let list = json!([
        "EXP-1",
        "CNTAO",
        "X",
        null,
        null,
        "KE",
        "850760",
        null,
        "1",
        "C62",
        null,
        null,
        null,
        null,
        null,
        "2026-11-24T08:22:03+08:00"
    ]);
    let import = ndjson(&app, &customs, list.to_string()).send().expect(201).json();
    assert_eq!(counts(&import), [1, 0, 0, 0, 1]);
    let path = format!("{PATH}/{}/rows", import["id"].as_str().unwrap());
    let listed = app.get(&path).key(&customs).send().expect(200).json();
    assert_eq!(outcomes(&listed), [(1, "rejected".into(), fault("", "wrong-type"))]);
}

#[rstest]
fn the_same_file_again_moves_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let file = rows(7).replace(",153294.00,", ",153294.005,");
    let first = csv(&app, &customs, "", file.as_str()).send().expect(201).json();
    assert_eq!(counts(&first), [7, 7, 0, 0, 0]);
    assert_eq!(first["warnings"], json!({"value-rounded": 7}));
    let heads = || app.get("/v1/chain-heads").key(&app.admin).send().expect(200).json();
    let before = (heads(), app.get("/v1/declarations").key(&customs).send().text());
    app.advance(TimeDelta::minutes(1));
    let second = csv(&app, &customs, "", file).send().expect(201).json();
    assert_eq!(counts(&second), [7, 0, 7, 0, 0]);
    assert_eq!(second["sha256"], first["sha256"]);
    assert_eq!((heads(), app.get("/v1/declarations").key(&customs).send().text()), before);
}

#[rstest]
fn ndjson_says_the_same_as_a_put(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let mut body = battery();
    body["declaration_number"] = "E/1".into();
    let mut other = body.clone();
    other["quantity"] = 5.into();
    let text = format!("\u{feff}{body}\r\n\r\n{other}\n{{\"office\":\n");
    let import = ndjson(&app, &customs, text).send().expect(201).json();
    assert_eq!(counts(&import), [3, 1, 0, 0, 2]);
    let path = format!("{PATH}/{}", import["id"].as_str().unwrap());
    let listed = app.get(&format!("{path}/rows")).key(&customs).send().expect(200).json();
    let rejected = "rejected".to_owned();
    let wrong = fault("/quantity", "wrong-type");
    let broken = fault("", "malformed-json");
    assert_eq!(outcomes(&listed), [(2, rejected.clone(), wrong), (3, rejected, broken)]);
    app.put("/v1/declarations/E%2F1").key(&customs).json(&battery()).send().expect(200);
    let file = app.get(&format!("{path}/rows.csv")).key(&customs).send().expect(200).text();
    let line = file.lines().nth(1).unwrap();
    assert!(line.starts_with("E/1,CNTAO,91370200MA3C,Haiyun Electric,SHP-77,KE,"), "{line}");
    assert!(line.contains(",5,C62,40,980.5,1020,153294.00,CNY,"), "{line}");
}

#[rstest]
fn gzip_is_known_by_its_header_or_its_first_bytes(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let file = gzip(rows(3).as_bytes());
    let send = || csv(&app, &customs, "", file.clone());
    let first = send().header("Content-Encoding", "gzip").send().expect(201).json();
    assert_eq!(counts(&first), [3, 3, 0, 0, 0]);
    assert_eq!(counts(&send().send().expect(201).json()), [3, 0, 3, 0, 0]);
    // Members in a row are one text.
    let two = [gzip(HEADING.as_bytes()), gzip(row("X").as_bytes())].concat();
    assert_eq!(counts(&csv(&app, &customs, "", two).send().expect(201).json())[1], 1);
    let plain = csv(&app, &customs, "", rows(3)).header("Content-Encoding", "gzip").send();
    plain.problem(400, "malformed-body");
    let other = csv(&app, &customs, "", rows(3)).header("Content-Encoding", "br").send();
    other.problem(415, "unsupported-media-type");
}

/// The first chunk is 5,000 rows; the break lies in the second.
#[rstest]
fn a_file_that_breaks_off_keeps_what_was_accepted_and_is_whole_when_it_is_sent_again(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let whole = gzip(rows(5_100).as_bytes());
    let broken = whole.get(..whole.len() - 100).unwrap();
    let problem = csv(&app, &customs, "", broken).send().problem(400, "malformed-body");
    let words = problem["detail"].as_str().unwrap();
    assert!(words.contains("the gzip ends in the middle"), "{words}");
    let imports = app.get(PATH).key(&customs).send().expect(200).json();
    let import = &imports["items"][0];
    assert_eq!(
        (&import["state"], &import["failure"]["code"]),
        (&json!("failed"), &json!("malformed-body"))
    );
    let [received, created, .., rejected] = counts(import);
    assert!((5_000..5_100).contains(&created) && rejected == 1, "{import}");
    assert_eq!(received, created + 1);
    let path = format!("{PATH}/{}/rows", import["id"].as_str().unwrap());
    let listed = app.get(&path).key(&customs).send().expect(200).json();
    assert_eq!(outcomes(&listed), [(received, "rejected".into(), fault("", "malformed-body"))]);
    assert!(words.contains(&format!("after {received} rows")), "{words}");
    let again = csv(&app, &customs, "", whole).send().expect(201).json();
    assert_eq!(counts(&again), [5_100, 5_100 - created, created, 0, 0]);
}

#[rstest]
fn all_or_nothing_stores_nothing_when_a_row_is_rejected(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let file = format!("{}{}{}", rows(3), row("EXP-2"), row("E-5").replace("CNTAO", "CNSHA"));
    let problem = csv(&app, &customs, "?mode=atomic", file).send().problem(422, "import-refused");
    let import = app.get(PATH).key(&customs).send().expect(200).json()["items"][0].clone();
    let id = import["id"].as_str().unwrap();
    assert!(problem["detail"].as_str().unwrap().contains(id), "{problem}");
    assert_eq!((&import["state"], counts(&import)), (&json!("refused"), [5, 0, 0, 0, 2]));
    let listed = app.get(&format!("{PATH}/{id}/rows")).key(&customs).send().expect(200).json();
    let rejected = "rejected".to_owned();
    assert_eq!(
        outcomes(&listed),
        [
            (4, rejected.clone(), fault("/declaration_number", "number-repeated")),
            (5, rejected, fault("/office", "office-unknown")),
        ]
    );
    let none = app.get("/v1/declarations").key(&customs).send().expect(200).json();
    assert_eq!(none["items"], json!([]));
    let mended = csv(&app, &customs, "?mode=atomic", rows(3)).send().expect(201).json();
    assert_eq!((&mended["state"], counts(&mended)), (&json!("done"), [3, 3, 0, 0, 0]));
}

#[rstest]
fn a_dry_run_says_what_would_happen_and_stores_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    csv(&app, &customs, "", rows(2)).send().expect(201);
    let file = format!(
        "{HEADING}{}{}{}{}{}",
        row("EXP-1"),
        row("EXP-2").replace(",KE,", ",NA,"),
        row("E-3"),
        row("E-4").replace(",KE,", ",ZZ,"),
        row("E-3")
    );
    let before = app.get("/v1/declarations").key(&customs).send().text();
    let import = csv(&app, &customs, "?dry_run=true", file.as_str()).send().expect(201).json();
    assert_eq!(counts(&import), [5, 1, 2, 1, 1]);
    assert_eq!((&import["dry_run"], &import["state"]), (&json!(true), &json!("done")));
    let path = format!("{PATH}/{}/rows", import["id"].as_str().unwrap());
    let listed = app.get(&path).key(&customs).send().expect(200).json();
    let lines: Vec<_> = outcomes(&listed).into_iter().map(|row| (row.0, row.1)).collect();
    assert_eq!(lines, [(2, "revised".to_owned()), (4, "rejected".to_owned())]);
    assert_eq!(app.get("/v1/declarations").key(&customs).send().text(), before);
    let real = csv(&app, &customs, "", file).send().expect(201).json();
    assert_eq!(counts(&real), counts(&import));
}

/// The first of the repeated rows lies in another chunk, which a dry run has taken back.
#[rstest]
fn a_dry_run_remembers_the_numbers_of_earlier_chunks(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let file = format!("{}{}{}", rows(5_000), row("EXP-1"), row("EXP-2").replace(",KE,", ",NA,"));
    let counted =
        |query: &str| counts(&csv(&app, &customs, query, file.as_str()).send().expect(201).json());
    assert_eq!(counted("?dry_run=true"), [5_002, 5_000, 1, 1, 0]);
    assert_eq!(counted("?dry_run=true&on_change=reject"), [5_002, 5_000, 1, 0, 1]);
    assert_eq!(counted(""), [5_002, 5_000, 1, 1, 0]);
}

/// What the first rows did is taken back when the second chunk comes, and what was stored before has
/// a frame that is closed.
#[rstest]
fn a_dry_run_says_of_a_repeated_number_what_the_import_says(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    app.office("CNSHA");
    let customs = app.key(Role::Customs, &["CNTAO", "CNSHA"]);
    csv(&app, &customs, "", HEADING.to_owned() + &row("OLD")).send().expect(201);
    app.set_clock("2026-11-24T10:00:00Z");
    let changed = |number: &str| row(number).replace(",KE,", ",NA,");
    let second = [
        changed("EXP-1"),
        changed("EXP-1"),
        row("EXP-1"),
        row("EXP-2").replace("CNTAO", "CNSHA"),
        changed("OLD"),
        row("OLD"),
    ];
    let first = rows(4_999) + &row("OLD");
    let file = first + &second.concat();
    for (query, number) in [("?on_change=reject", "A-"), ("", "B-")] {
        let file = file.replace("EXP-", number);
        let told = |query: &str| {
            let import = csv(&app, &customs, query, file.as_str()).send().expect(201).json();
            let path = format!("{PATH}/{}/rows", import["id"].as_str().unwrap());
            let listed = app.get(&path).key(&customs).send().expect(200).json();
            let codes = |(row, outcome, faults): Outcome| {
                (row, outcome, faults.first().map(|fault| fault.1.clone()))
            };
            let told: Vec<_> = outcomes(&listed).into_iter().map(codes).collect();
            (counts(&import), told)
        };
        let dry = told(&format!("{query}{}dry_run=true", if query.is_empty() { "?" } else { "&" }));
        assert_eq!(dry, told(query));
        let rejected = |row, code: &str| (row, "rejected".to_owned(), Some(code.to_owned()));
        assert!(dry.1.contains(&rejected(5_004, "office-fixed")), "{dry:?}");
        assert!(dry.1.contains(&rejected(5_005, "frame-closed")), "{dry:?}");
    }
}

#[rstest]
fn other_content_is_a_revision_or_is_refused(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    csv(&app, &customs, "", rows(2)).send().expect(201);
    let file = rows(2).replace(",1200,", ",1300,");
    let refused = csv(&app, &customs, "?on_change=reject", file.as_str()).send().expect(201).json();
    assert_eq!(counts(&refused), [2, 0, 0, 0, 2]);
    let path = format!("{PATH}/{}/rows?limit=1", refused["id"].as_str().unwrap());
    let page = app.get(&path).key(&customs).send().expect(200);
    assert!(page.header("link").is_some_and(|link| link.contains("rel=\"next\"")));
    let conflict = fault("/quantity", "revision-conflict");
    assert_eq!(outcomes(&page.json()), [(1, "rejected".to_owned(), conflict.clone())]);
    let cursor = page.json()["next_cursor"].as_str().unwrap().to_owned();
    let next = app.get(&format!("{path}&cursor={cursor}")).key(&customs).send().expect(200).json();
    assert_eq!(outcomes(&next), [(2, "rejected".to_owned(), conflict)]);
    let revised = csv(&app, &customs, "", file).send().expect(201).json();
    assert_eq!(counts(&revised), [2, 0, 0, 2, 0]);
    let stored = app.get("/v1/declarations/EXP-1").key(&customs).send().expect(200).json();
    assert_eq!((&stored["revision"], &stored["quantity"]), (&json!(2), &json!("1300")));
    // The frame of the day closes at 18:00 in Qingdao.
    app.set_clock("2026-11-24T10:00:00Z");
    let late = csv(&app, &customs, "", rows(2)).send().expect(201).json();
    assert_eq!(counts(&late), [2, 0, 0, 0, 2]);
    let path = format!("{PATH}/{}/rows?limit=1", late["id"].as_str().unwrap());
    let listed = app.get(&path).key(&customs).send().expect(200).json();
    assert_eq!(outcomes(&listed)[0].2, fault("/quantity", "frame-closed"));
}

#[rstest]
fn history_is_for_administrators(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let file = rows(1).replace("2026-11-24T08", "2019-03-04T08");
    csv(&app, &customs, "?historical=true", file.as_str()).send().problem(403, "forbidden");
    let live = csv(&app, &customs, "", file.as_str()).send().expect(201).json();
    assert_eq!(counts(&live), [1, 0, 0, 0, 1], "too old for live intake");
    let past = csv(&app, &app.admin, "?historical=true", file).send().expect(201).json();
    assert_eq!((&past["historical"], counts(&past)), (&json!(true), [1, 1, 0, 0, 0]));
    let stored = app.get("/v1/declarations/EXP-1").key(&customs).send().expect(200).json();
    assert_eq!(stored["inspection_day"], "2019-03-04");
    assert_eq!(stored["historical"], true);
}

#[rstest]
fn an_import_is_seen_by_its_sender_and_by_those_who_see_all(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let import = csv(&app, &customs, "", rows(1)).send().expect(201).json();
    let path = format!("{PATH}/{}", import["id"].as_str().unwrap());
    let other = app.key(Role::Customs, &["CNTAO"]);
    for path in [path.clone(), format!("{path}/rows"), format!("{path}/rows.csv")] {
        app.get(&path).key(&customs).send().expect(200);
        app.get(&path).key(&app.admin).send().expect(200);
        app.get(&path).key(&app.key(Role::Auditor, &[])).send().expect(200);
        app.get(&path).key(&other).send().problem(404, "not-found");
        app.get(&path).key(&app.key(Role::Manager, &[])).send().problem(403, "forbidden");
    }
    let bound = |role| app.key(role, &["CNTAO"]);
    for key in [other, bound(Role::Auditor), bound(Role::Admin)] {
        app.get(&path).key(&key).send().problem(404, "not-found");
        app.get(&format!("{path}/rows")).key(&key).send().problem(404, "not-found");
        app.get(&format!("{path}/rows.csv")).key(&key).send().problem(404, "not-found");
        let none = app.get(PATH).key(&key).send().expect(200).json();
        assert_eq!(none, json!({"items": [], "next_cursor": null}));
    }
    let admin = bound(Role::Admin);
    let own = csv(&app, &admin, "", rows(1)).send().expect(201).json();
    let path = format!("{PATH}/{}", own["id"].as_str().unwrap());
    assert_eq!(app.get(&path).key(&admin).send().expect(200).json(), own);
    let all = app.get(PATH).key(&app.admin).send().expect(200).json();
    assert_eq!(all["items"], json!([own, import]));
    app.get(&format!("{PATH}/none")).key(&customs).send().problem(404, "not-found");
}

#[rstest]
fn a_file_without_its_columns_is_refused_as_a_whole(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let send = |body: &str| csv(&app, &customs, "", body).send();
    let problem = send("declaration_number,office\n").problem(422, "column-missing");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 6);
    let twice = rows(1).replace("exporter_name", "office");
    send(&twice).problem(422, "column-doubled");
    send(&rows(1).replace("exporter_name", "colour")).problem(422, "unknown-field");
    csv(&app, &customs, "", &b"\xff\xfed\0"[..]).send().problem(400, "bad-utf8");
    let none = app.get(PATH).key(&customs).send().expect(200).json();
    assert_eq!(none["items"], json!([]), "what was never begun leaves no record");
    for empty in ["", "\n \r\n", "\u{feff}"] {
        send(empty).problem(422, "empty-file");
        ndjson(&app, &customs, empty).send().problem(422, "empty-file");
    }
    let import = send(HEADING).expect(201).json();
    assert_eq!((&import["state"], counts(&import)), (&json!("done"), [0; 5]));
    let passed_over = rows(1).replace("exporter_name", "_note");
    assert_eq!(counts(&send(&passed_over).expect(201).json()), [1, 1, 0, 0, 0]);
}

#[rstest]
fn what_is_no_import_is_refused(#[values(Sqlite, Postgres)] engine: Engine) {
    let limits = Limits { import: 100_000, import_expanded: 200_000, ..Limits::default() };
    let app = TestApp::start_with(engine, |app| App { limits, ..app });
    let customs = app.key(Role::Customs, &["CNTAO"]);
    for (media, status) in [
        ("application/json", 415),
        ("text/csv; charset=gbk", 415),
        ("text/csv; charset=\"UTF-8\"", 201),
    ] {
        let answer = app.post(PATH).key(&customs).body(media, rows(1)).send();
        assert_eq!(answer.status, status, "{media}: {}", answer.text());
    }
    for query in ["?mode=some", "?dry_run=perhaps", "?on_change=ask", "?colour=red"] {
        csv(&app, &customs, query, rows(1)).send().problem(400, "invalid-parameter");
    }
    let manager = app.key(Role::Manager, &["CNTAO"]);
    csv(&app, &manager, "", rows(1)).send().problem(403, "forbidden");
    csv(&app, &customs, "", rows(2_000)).send().problem(413, "body-too-large");
    let expanding = gzip(rows(2_000).as_bytes());
    csv(&app, &customs, "", expanding).send().problem(413, "body-too-large");
}

fn wait_for_the_end(app: &TestApp, key: &str, path: &str) -> Value {
    for _ in 0..1_200 {
        let import = app.get(path).key(key).send().expect(200).json();
        if import["state"] != "running" {
            return import;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{path} does not end");
}

#[rstest]
fn a_sender_who_does_not_wait_asks_later(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let send = csv(&app, &customs, "", rows(300)).header("Prefer", "respond-async");
    let answer = send.send().expect(202);
    assert_eq!(answer.header("preference-applied"), Some("respond-async"));
    assert_eq!(answer.json()["state"], "running");
    let import = wait_for_the_end(&app, &customs, answer.header("location").unwrap());
    assert_eq!((&import["state"], counts(&import)), (&json!("done"), [300, 300, 0, 0, 0]));
}

#[test]
fn after_fifty_thousand_rows_nobody_has_to_wait() {
    let app = TestApp::start(Sqlite);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let answer = csv(&app, &customs, "", rows(60_001)).send().expect(202);
    let so_far = answer.json();
    assert!(so_far["received"].as_u64().unwrap() > 50_000, "{so_far}");
    let import = wait_for_the_end(&app, &customs, answer.header("location").unwrap());
    assert_eq!(counts(&import), [60_001, 60_001, 0, 0, 0]);
}

#[rstest]
fn a_long_outcome_file_is_streamed_whole(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let file = rows(1_234).replace(",KE,", ",ZZ,");
    let import = csv(&app, &customs, "", file).send().expect(201).json();
    let path = format!("{PATH}/{}/rows.csv", import["id"].as_str().unwrap());
    let file = app.get(&path).key(&customs).send().expect(200).text();
    assert_eq!(file.lines().count(), 1_235);
    let warned = app.get(&format!("{path}?outcome=warned")).key(&customs).send().expect(200);
    assert_eq!(warned.text().lines().count(), 1);
}

/// The process that ran it is gone: nothing of it moves any more.
#[rstest]
fn an_interrupted_import_is_told_from_a_running_one(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let order = order("0198c5a0-0000-7000-8000-000000000000", Options::default());
    let source = source(rows(1).as_bytes(), Format::Csv);
    breeze::flow::import::begin(&app.app.store, &order, &source, app.app.now()).unwrap();
    let path = format!("{PATH}/{}", order.id);
    let state = || {
        let import = app.get(&path).key(&app.admin).send().expect(200).json();
        if import["state"] == "failed" {
            assert_eq!(import["failure"]["code"], "interrupted");
        }
        (import["state"].as_str().unwrap().to_owned(), import["failure"]["detail"].clone())
    };
    assert_eq!(state(), ("running".into(), Value::Null));
    app.advance(TimeDelta::minutes(6));
    let failed = state();
    assert_eq!(failed.0, "failed");
    assert!(failed.1.as_str().unwrap().starts_with("the import broke off"));
    let ended = breeze::flow::import::end_interrupted(&app.app.store, app.app.now()).unwrap();
    assert_eq!((ended, state()), (1, failed));
    // Should it be alive after all, it stops: its sender was told to send it again.
    let process = breeze::flow::import::process(
        &app.app.store,
        &|| app.app.now(),
        &order,
        &source,
        &mut |_| ControlFlow::Continue(()),
    );
    assert!(process.is_err());
    app.get("/v1/declarations/EXP-1").key(&app.admin).send().problem(404, "not-found");
}

/// The process is told to stop: what is at work ends after its chunk, and says so.
#[rstest]
fn an_import_that_is_stopped_says_so_and_keeps_what_it_accepted(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(Mode::PerRow, Mode::Atomic)] mode: Mode,
) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    let App { store, .. } = &app.app;
    let options = Options { mode, ..Options::default() };
    let order = order("0198c5a0-0000-7000-8000-000000000000", options);
    let file = rows(6_000).replacen(",153294.00,", ",153294.005,", 1);
    let source = source(file.as_bytes(), Format::Csv);
    breeze::flow::import::begin(store, &order, &source, app.app.now()).unwrap();
    let mut chunks = 0;
    // An atomic one has two chunks to check, and is stopped while it stores.
    let most = if mode == Mode::Atomic { 3 } else { 1 };
    let ended =
        breeze::flow::import::process(store, &|| app.app.now(), &order, &source, &mut |_| {
            chunks += 1;
            if chunks == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    assert!(ended.is_err());
    let import = app.get(&format!("{PATH}/{}", order.id)).key(&app.admin).send().json();
    assert_eq!(import["failure"]["code"], "interrupted");
    let kept = if mode == Mode::Atomic { 0 } else { 5_000 };
    assert_eq!((&import["state"], &import["created"]), (&json!("failed"), &json!(kept)));
    let first = app.get("/v1/declarations/EXP-1").key(&app.admin).send();
    assert_eq!(first.status, if kept > 0 { 200 } else { 404 });
    let path = format!("{PATH}/{}/rows", order.id);
    let listed = outcomes(&app.get(&path).key(&app.admin).send().expect(200).json());
    assert_eq!(listed.len(), if kept > 0 { 1 } else { 0 }, "a warning about what is not stored");
}

/// Two files that name offices in different orders must not wait for each other.
#[test]
fn an_atomic_import_holds_all_its_offices_from_the_start() {
    let app = TestApp::start(Postgres);
    app.office("CNTAO");
    app.office("CNSHA");
    let options = Options { mode: Mode::Atomic, ..Options::default() };
    let order = order("0198c5a0-0000-7000-8000-000000000000", options);
    let file = rows(5_000) + &row("LAST").replace("CNTAO", "CNSHA");
    let source = source(file.as_bytes(), Format::Csv);
    let (store, now) = (&app.app.store, || app.app.now());
    breeze::flow::import::begin(store, &order, &source, now()).unwrap();
    let mut other = PgConnection::establish(&app.database_url()).unwrap();
    let free = "SELECT 1 FROM chain_heads WHERE office = 'CNSHA' FOR UPDATE NOWAIT";
    let mut held = Vec::new();
    breeze::flow::import::process(store, &now, &order, &source, &mut |_| {
        held.push(other.batch_execute(free).is_err());
        ControlFlow::Continue(())
    })
    .unwrap();
    // Two chunks are checked, two are stored, and then it is done.
    assert_eq!(held, [false, false, true, true, false]);
}

/// A chunk was stored and counted, and only the answer of the database was lost.
#[rstest]
fn the_end_of_an_import_takes_no_count_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    let App { store, .. } = &app.app;
    let order = order("0198c5a0-0000-7000-8000-000000000000", Options::default());
    let source = source(rows(3).as_bytes(), Format::Csv);
    let now = || app.app.now();
    breeze::flow::import::begin(store, &order, &source, now()).unwrap();
    let ended = breeze::flow::import::process(store, &now, &order, &source, &mut |counts| {
        let stored = Counts { received: 7, created: 7, ..counts.clone() };
        let progress = breeze::store::imports::progress;
        store.write(|conn| progress(conn, &order.id, &stored, State::Running, now())).unwrap();
        ControlFlow::Break(())
    });
    assert!(ended.is_err());
    let import = app.get(&format!("{PATH}/{}", order.id)).key(&app.admin).send().json();
    assert_eq!((&import["state"], counts(&import)), (&json!("failed"), [7, 7, 0, 0, 0]));
    assert_eq!(import["finished_at"], "2026-11-24T01:00:00Z");
}

fn order(id: &str, options: Options) -> Order {
    let caller = Caller::operator("test");
    Order { id: id.to_owned(), caller, sha256: "0".repeat(64), options }
}

fn source(bytes: &[u8], format: Format) -> Source {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    Source::new(file, Some(format), 1 << 20).unwrap()
}

/// Pieces of files, good and broken, in any order.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => (0..20_u8).prop_map(|number| row(&format!("E{number}")).into_bytes()),
        1 => (0..20_u8).prop_map(|n| row(&format!("E{n}")).replace("KE", "ZZ").into_bytes()),
        1 => Just(format!("{}\n", battery()).into_bytes()),
        2 => "[\",\r\n{}a\u{0}é]{0,12}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..40),
        1 => Just(vec![b'x'; 70_000]),
    ]
}

#[test]
fn any_bytes_are_counted_and_nothing_panics() {
    let app = TestApp::start(Sqlite);
    app.office("CNTAO");
    let store = &app.app.store;
    let next = std::cell::Cell::new(0);
    let file = (prop::collection::vec(piece(), 0..12), any::<bool>(), any::<bool>(), 0..3_usize);
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) };
    proptest!(config, |((pieces, with_heading, csv, packed) in file)| {
        let mut bytes = if with_heading { HEADING.as_bytes().to_vec() } else { Vec::new() };
        bytes.extend(pieces.concat());
        if packed > 0 {
            bytes = gzip(&bytes);
        }
        if packed > 1 {
            bytes.truncate(bytes.len() * 2 / 3);
        }
        let format = if csv { Format::Csv } else { Format::Ndjson };
        next.set(next.get() + 1);
        let order = order(&format!("import-{}", next.get()), Options::default());
        let source = source(&bytes, format);
        if breeze::flow::import::begin(store, &order, &source, app.app.now()).is_ok() {
            let now = || app.app.now();
            let mut heard = Counts::default();
            let ended = breeze::flow::import::process(store, &now, &order, &source, &mut |counts| {
                heard = counts.clone();
                ControlFlow::Continue(())
            });
            let import = breeze::flow::import::find(store, &order.caller, &order.id, now());
            let import = import.unwrap();
            prop_assert_eq!(ended.is_ok(), import.failure.is_none());
            prop_assert_eq!(&import.counts, &heard);
            let Counts { received, created, unchanged, revised, rejected, .. } = heard;
            prop_assert_eq!(received, created + unchanged + revised + rejected);
            let kept = breeze::flow::import::rows(store, &order.caller, &order.id, None, 0, 500);
            let kept = kept.unwrap();
            let outcomes = kept.iter().filter(|row| row.outcome == RowOutcome::Rejected);
            prop_assert_eq!(outcomes.count() as u64, rejected);
            for row in &kept {
                breeze::flow::import::outcome_line(&import, row).unwrap();
            }
        }
    });
}
