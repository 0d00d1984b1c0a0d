//! The operator imports files at the command line.

use crate::support::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use rstest::rstest;
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Output, Stdio};

const HEADING: &str = "declaration_number,office,exporter_id,destination_country,commodity_code,\
    quantity,unit,declared_at\n";
const REGISTER: [&str; 6] =
    ["--historical", "--register-offices", "--time-zone", "Asia/Seoul", "--capacity", "9"];

fn rows(count: usize) -> String {
    let row =
        |number| format!("E-{number},{},X,KE,850760,1,C62,2020-01-01T00:00:00+09:00\n", number % 3);
    HEADING.to_owned() + &(1..=count).map(row).collect::<String>()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// `breeze import` of a file of this name, in the folder of the story.
fn command(app: &TestApp, name: &str, args: &[&str]) -> Command {
    let folder = &app.app.spool;
    std::fs::write(folder.join("master"), "07".repeat(32)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_breeze"));
    command
        .current_dir(folder)
        .args(["import", name])
        .args(args)
        .env("BREEZE_DATABASE", app.database_url())
        .env("BREEZE_MASTER_KEY_FILE", folder.join("master"));
    command
}

fn import(app: &TestApp, name: &str, args: &[&str]) -> Output {
    command(app, name, args).output().unwrap()
}

fn write(app: &TestApp, name: &str, bytes: impl AsRef<[u8]>) {
    std::fs::write(app.app.spool.join(name), bytes).unwrap();
}

#[track_caller]
fn json_of(output: &Output, code: i32) -> Value {
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{words}");
    assert_eq!(words, "", "no progress in a pipe");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn counts(import: &Value) -> [u64; 5] {
    ["received", "created", "unchanged", "revised", "rejected"]
        .map(|name| import[name].as_u64().unwrap())
}

#[rstest]
fn history_is_imported_with_its_offices_and_rejected_rows_are_mended(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let file = rows(6).replace("E-4,1,X,KE", "E-4,1,X,ZZ");
    write(&app, "old.csv.gz", gzip(&file));
    let args = [&REGISTER[..], &["--json", "--rejected", "out.csv"]].concat();
    let first = json_of(&import(&app, "old.csv.gz", &args), 1);
    assert_eq!(counts(&first), [6, 5, 0, 0, 1]);
    assert_eq!(first["registered_offices"], json!(["0", "1", "2"]));
    assert_eq!((&first["historical"], &first["state"]), (&json!(true), &json!("done")));
    let office = app.get("/v1/offices/2").key(&app.admin).send().expect(200).json();
    assert_eq!(office["cut_off"], "24:00");
    assert_eq!(office["daily_capacity"], 9);
    assert_eq!(office["working_days"], json!([1, 2, 3, 4, 5, 6, 7]));
    let stored = app.get("/v1/declarations/E-1").key(&app.admin).send().expect(200).json();
    assert_eq!(stored["inspection_day"], "2020-01-01");

    let out = std::fs::read_to_string(app.app.spool.join("out.csv")).unwrap();
    write(&app, "mended.csv", out.replace(",ZZ,", ",KE,"));
    let mended = json_of(&import(&app, "mended.csv", &["--historical", "--json"]), 0);
    assert_eq!(counts(&mended), [1, 1, 0, 0, 0]);

    let again = import(&app, "old.csv.gz", &["--historical"]);
    assert_eq!(again.status.code(), Some(1));
    let words = String::from_utf8(again.stdout).unwrap();
    let (id, words) = words.split_once('\n').unwrap();
    assert!(id.starts_with("import 0"), "{id}");
    assert_eq!(
        words,
        "6 rows: 0 created, 5 unchanged, 0 revised, 1 rejected\n\
         row 4 (E-4): destination_country: `ZZ` is no ISO 3166-1 alpha-2 country code\n"
    );
}

#[rstest]
fn offices_are_registered_with_a_time_zone_alone_and_named(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    write(&app, "old.csv", rows(3));
    let zone = ["--historical", "--register-offices", "--time-zone", "Asia/Seoul"];
    let said = |more: &[&'static str]| {
        let output = import(&app, "old.csv", &[&zone[..], more].concat());
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8(output.stdout).unwrap()
    };
    for mode in ["per_row", "atomic"] {
        let dry = said(&["--dry-run", "--mode", mode]);
        assert!(dry.contains("\n3 offices would be registered: 0, 1, 2\n"), "{dry}");
    }
    let words = said(&["--mode", "atomic"]);
    assert!(words.contains("\n3 offices registered: 0, 1, 2\n"), "{words}");
    let office = app.get("/v1/offices/2").key(&app.admin).send().expect(200).json();
    assert_eq!(office["daily_capacity"], 1_000);
    assert!(!said(&[]).contains("registered"));
}

#[rstest]
fn killed_half_way_and_started_again_it_ends_in_the_same_state(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    const ROWS: u64 = 22_000;
    let app = TestApp::start(engine);
    write(&app, "many.csv", rows(22_000));
    let mut process = command(&app, "many.csv", &REGISTER);
    let mut process = process.stdout(Stdio::null()).spawn().unwrap();
    let imports = || {
        let imports = app.get("/v1/declaration-imports").key(&app.admin).send();
        imports.expect(200).json()["items"][0].clone()
    };
    while imports()["received"].as_u64().unwrap_or(0) == 0 && process.try_wait().unwrap().is_none()
    {
    }
    process.kill().unwrap();
    process.wait().unwrap();
    let before = imports();
    let args = [&REGISTER[..], &["--json"]].concat();
    let after = json_of(&import(&app, "many.csv", &args), 0);
    // What the first one counted is what it stored, to the row.
    let stored = before["created"].as_u64().unwrap();
    assert_eq!(counts(&after), [ROWS, ROWS - stored, stored, 0, 0]);
    let once_more = json_of(&import(&app, "many.csv", &args), 0);
    assert_eq!(counts(&once_more), [ROWS, 0, ROWS, 0, 0]);
}

#[rstest]
fn all_or_nothing_and_only_checked(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    // Without a telling name, the content says what it is.
    let row = json!({
        "declaration_number": "N-1", "office": "7", "exporter_id": "X", "destination_country": "KE",
        "commodity_code": "850760", "quantity": "1", "unit": "C62",
        "declared_at": "2020-01-01T00:00:00Z"
    });
    write(&app, "declarations", gzip(&format!("\n{row}\n{row}\n")));
    let with = |more: &[&'static str]| [&REGISTER[..], &["--json"], more].concat();
    let refused = json_of(&import(&app, "declarations", &with(&["--mode", "atomic"])), 1);
    assert_eq!((&refused["state"], counts(&refused)), (&json!("refused"), [2, 0, 0, 0, 1]));
    assert_eq!(refused["failure"]["code"], "import-refused");
    let dry = json_of(&import(&app, "declarations", &with(&["--dry-run"])), 0);
    assert_eq!(counts(&dry), [2, 1, 1, 0, 0]);
    app.get("/v1/offices/7").key(&app.admin).send().problem(404, "not-found");
    let real = json_of(&import(&app, "declarations", &with(&[])), 0);
    assert_eq!(counts(&real), [2, 1, 1, 0, 0]);
    write(&app, "other.ndjson", row.to_string().replace("KE", "NA"));
    let other = json_of(&import(&app, "other.ndjson", &with(&["--on-change", "reject"])), 1);
    assert_eq!(counts(&other), [1, 0, 0, 0, 1]);
}

#[rstest]
fn wrong_usage_and_a_broken_file_are_told_apart(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let failed = |name: &str, args: &[&str], code: i32, said: &str| {
        let output = import(&app, name, args);
        let words = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{words}");
        assert!(words.contains(said), "{words}");
        String::from_utf8(output.stdout).unwrap()
    };
    write(&app, "good.csv", rows(1));
    failed("good.csv", &["--register-offices"], 2, "--time-zone");
    failed("good.csv", &["--mode", "some"], 2, "per_row");
    failed("none.csv", &[], 3, "none.csv");
    for (out, said) in [("nowhere/out.csv", "nowhere/out.csv: "), ("./good.csv", "another one")] {
        let args = [&REGISTER[..], &["--rejected", out]].concat();
        failed("good.csv", &args, 3, said);
    }
    let imports = app.get("/v1/declaration-imports").key(&app.admin).send().expect(200).json();
    assert_eq!(imports["items"], json!([]), "nothing was imported");
    assert_eq!(std::fs::read_to_string(app.app.spool.join("good.csv")).unwrap(), rows(1));
    write(&app, "columns.csv", "declaration_number,colour\n");
    failed("columns.csv", &[], 2, "`colour`");
    let whole = gzip(&rows(5_100));
    write(&app, "broken.csv.gz", whole.get(..whole.len() - 50).unwrap());
    let args = [&REGISTER[..], &["--json"]].concat();
    let told = failed("broken.csv.gz", &args, 3, "the gzip ends in the middle");
    let import: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(import["state"], "failed");
    assert!(counts(&import)[1] >= 5_000, "{import}");
}
