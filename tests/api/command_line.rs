//! The operator beside the running server: the list of the day, and a file of results.

use crate::drawn::*;
use crate::support::*;
use breeze::domain::key::Role;
use flate2::{Compression, write::GzEncoder};
use rstest::rstest;
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

/// The command line beside the server.
pub fn breeze(app: &TestApp, args: &[&str]) -> Output {
    breeze_as(app, "", args)
}

/// Acting as the holder of a key, where one is given.
fn breeze_as(app: &TestApp, api_key: &str, args: &[&str]) -> Output {
    let folder = &app.app.spool;
    let key = folder.join("master");
    std::fs::write(&key, "07".repeat(32)).unwrap();
    Command::new(env!("CARGO_BIN_EXE_breeze"))
        .args(args)
        .env("BREEZE_DATABASE", app.database_url())
        .env("BREEZE_MASTER_KEY_FILE", key)
        .env("BREEZE_KEY", api_key)
        .output()
        .unwrap()
}

#[track_caller]
fn json_of(output: &Output, code: i32) -> Value {
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{words}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn gzipped(path: &Path, text: &str) {
    let mut file = GzEncoder::new(std::fs::File::create(path).unwrap(), Compression::fast());
    file.write_all(text.as_bytes()).unwrap();
    file.finish().unwrap();
}

#[rstest]
fn a_file_of_results_is_recorded_for_what_was_drawn(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    app.inspector("CNTAO", "insp-07");
    day(&app, 5);
    let file = app.app.spool.join("truth.csv.gz");
    gzipped(
        &file,
        "\u{feff}declaration_number,fails,severity\nEXP-01,no,0\nEXP-02,yes,2\nELSEWHERE,yes,1\nEXP-03,perhaps,0\n",
    );
    let file = file.to_str().unwrap();
    let report = json_of(&breeze(&app, &["results", file, "--json"]), 1);
    let counts = |report: &Value| {
        ["received", "created", "unchanged", "not_drawn", "unknown", "rejected"]
            .map(|name| report[name].as_u64().unwrap())
    };
    assert_eq!(counts(&report), [4, 2, 0, 0, 1, 1]);
    let fault = |row: u64| {
        let rows = report["rows"].as_array().unwrap();
        rows.iter().find(|one| one["row"] == row).unwrap().clone()
    };
    assert_eq!((&fault(3)["outcome"], &fault(3)["code"]), (&json!("unknown"), &json!("not-found")));
    assert_eq!(fault(3)["declaration_number"], "ELSEWHERE");
    assert_eq!(fault(4)["errors"][0]["pointer"], "/fails");
    let again = json_of(&breeze(&app, &["results", file, "--json"]), 1);
    assert_eq!(counts(&again), [4, 0, 2, 0, 1, 1], "the same file changes nothing");

    let listed = app.get("/v1/inspections?outcome=fail").key(&app.admin).send().json();
    assert_eq!(listed["items"][0]["declaration_number"], "EXP-02");
    assert_eq!(listed["items"][0]["inspected_at"], "2026-11-24T10:00:00Z");
    assert_eq!(listed["items"][0]["inspector"], "insp-07");
    assert_eq!(listed["items"][0]["recorded_by"], "cli");

    let plain = app.app.spool.join("more.csv");
    std::fs::write(
        &plain,
        "note,outcome,declaration_number,inspected_at,not_inspected_reason\n\
         seen,pass,EXP-03,2026-11-24T19:00:00+08:00,\n,not_inspected,EXP-04,,goods_left\n,fail,EXP-01,,\n,pass,,,\n",
    )
    .unwrap();
    let output = breeze(&app, &["results", plain.to_str().unwrap()]);
    let words = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        words.starts_with(
            "4 rows: 2 recorded, 0 recorded before, 0 not drawn, 0 unknown, 2 rejected\n"
        ),
        "{words}"
    );
    assert!(
        words.contains("row 3, EXP-01")
            && words.contains("/amendments")
            && words.contains("(already-recorded)"),
        "{words}"
    );

    // Its day is not drawn yet; a fault of the file is a fault all the same.
    app.set_clock("2026-11-25T01:00:00Z");
    let customs = app.key(Role::Customs, &["CNTAO"]);
    app.put("/v1/declarations/NEW-1").key(&customs).json(&battery()).send().expect(201);
    let undrawn = "declaration_number,fails\nNEW-1,no\nNEW-1,perhaps\n";
    std::fs::write(&plain, undrawn).unwrap();
    let report = json_of(&breeze(&app, &["results", plain.to_str().unwrap(), "--json"]), 1);
    assert_eq!(counts(&report), [2, 0, 0, 1, 0, 1]);

    std::fs::write(&plain, "declaration_number,severity\nEXP-05,1\n").unwrap();
    assert_eq!(breeze(&app, &["results", plain.to_str().unwrap()]).status.code(), Some(2));
    assert_eq!(breeze(&app, &["results", "no-such-file.csv"]).status.code(), Some(3));
}

#[rstest]
fn the_operator_prints_the_list_in_working_order(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    app.inspector("CNTAO", "insp-07");
    day(&app, 11);
    let args = ["list", "--office", "CNTAO", "--day", "2026-11-24"];
    let report = json_of(&breeze(&app, &[&args[..], &["--json"]].concat()), 0);
    assert_eq!(report["draws"], json!([DRAW]));
    assert_eq!(report["progress"]["total"], 11);
    assert_eq!(report["items"], list(&app, &app.admin)["items"]);
    let words = String::from_utf8(breeze(&app, &args).stdout).unwrap();
    assert!(words.starts_with(&format!("{DRAW}: 0 of 11 done, 0 failed\n")), "{words}");
    let (row_2, row_10) = (words.find("EXP-02").unwrap(), words.find("EXP-10").unwrap());
    assert!(row_2 < row_10, "{words}");
    let none = breeze(&app, &["list", "--office", "CNTAO", "--day", "2026-11-25"]);
    assert_eq!(String::from_utf8(none.stdout).unwrap(), "CNTAO has no draw of 2026-11-25 yet\n");
    let foreign = breeze(&app, &["list", "--office", "CNSHA", "--day", "2026-11-25"]);
    assert_eq!(foreign.status.code(), Some(2));
}

/// The command runs by the clock of the machine, so its days lie far ahead.
#[rstest]
fn two_people_stand_for_a_policy_at_the_command_line(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    let [officer, other] = [(); 2].map(|()| app.key(Role::Policy, &[]));
    let file = app.app.spool.join("policy.toml");
    std::fs::write(&file, toml("far", "2999-01-01")).unwrap();
    let file = file.to_str().unwrap();
    let checked = json_of(&breeze(&app, &["policy", "check", file, "--json"]), 0);
    assert_eq!((&checked["id"], &checked["rules"]), (&json!("far"), &json!(2)));
    let customs = app.key(Role::Customs, &[]);
    assert_eq!(breeze_as(&app, &customs, &["policy", "load", file]).status.code(), Some(2));
    let loaded = breeze_as(&app, &officer, &["policy", "load", file]);
    let words = String::from_utf8(loaded.stdout).unwrap();
    assert!(words.starts_with("policy far@1 is proposed from 2999-01-01 on"), "{words}");
    assert!(words.contains("breeze policy approve far --version 1"), "{words}");
    let approve = |key: &str, version: &str| {
        breeze_as(&app, key, &["policy", "approve", "far", "--version", version, "--json"])
    };
    for (key, version, code) in [
        (&officer, "1", "needs another person"),
        (&other, "2", "it is v1 by now"),
        (&app.admin, "1", "role"),
    ] {
        let refused = approve(key, version);
        let words = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(2), "{words}");
        assert!(words.contains(code), "{code}: {words}");
    }
    let approved = json_of(&approve(&other, "1"), 0);
    assert_eq!(approved["state"], "approved");
    let listed = json_of(&breeze(&app, &["policy", "list", "--json"]), 0);
    assert_eq!(listed[1]["approval"], approved["approval"]);
    let table = String::from_utf8(breeze(&app, &["policy", "list"]).stdout).unwrap();
    assert!(table.contains("approved by key:"), "{table}");
    let goods = ["--office", "CNTAO", "--country", "KE", "--commodity", "850760"];
    let explain =
        |more: &[&str]| breeze(&app, &[&["policy", "explain"], &goods[..], more].concat());
    let answer = json_of(&explain(&["--day", "2999-01-01", "--json"]), 0);
    assert_eq!(answer["winner"]["rule"], "africa/85");
    let words = String::from_utf8(explain(&[]).stdout).unwrap();
    assert!(words.starts_with("2 % by default on ") && words.contains("default@1"), "{words}");

    // The operator is one person as well.
    std::fs::write(file, toml("own", "2999-02-01")).unwrap();
    breeze(&app, &["policy", "load", file]);
    let own = breeze(&app, &["policy", "approve", "own"]);
    assert_eq!(own.status.code(), Some(2), "{}", String::from_utf8_lossy(&own.stderr));

    std::fs::write(file, toml("far", "2999-01-01").replace("africa", "atlantis")).unwrap();
    let faults = json_of(&breeze(&app, &["policy", "check", file, "--json"]), 1);
    assert_eq!(faults["errors"][0]["pointer"], "/rules/1/region");
}

#[rstest]
fn a_campaign_goes_its_way_at_the_command_line(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let other = app.key(Role::Manager, &[]);
    let file = app.app.spool.join("campaign.json");
    let mut body = json!({"id": "breeze", "name": "Breeze", "regions": ["africa"], "from": "2999-01-01",
        "until": "2999-12-31", "steps": [{"from": "2999-01-01", "proportion": 0.1}]});
    std::fs::write(&file, body.to_string()).unwrap();
    let load = ["campaign", "load", file.to_str().unwrap()];
    let words = String::from_utf8(breeze(&app, &load).stdout).unwrap();
    assert!(words.starts_with("campaign breeze r1, proposed: 2999-01-01"), "{words}");
    assert!(words.contains("breeze campaign approve breeze --revision 1"), "{words}");
    body["until"] = "2999-06-30".into();
    std::fs::write(&file, body.to_string()).unwrap();
    let loaded = json_of(&breeze(&app, &[&load[..], &["--json"]].concat()), 0);
    assert_eq!((&loaded["revision"], &loaded["until"]), (&json!(2), &json!("2999-06-30")));
    let approve = ["campaign", "approve", "breeze", "--revision", "2", "--note", "go", "--json"];
    assert_eq!(breeze(&app, &approve).status.code(), Some(2), "an own proposal");
    let approved = json_of(&breeze_as(&app, &other, &approve), 0);
    assert_eq!(
        (&approved["state"], &approved["approval"]["note"]),
        (&json!("scheduled"), &json!("go"))
    );
    let close = ["campaign", "close", "breeze", "--reason", "enough", "--last-day", "2999-03-31"];
    let words = String::from_utf8(breeze(&app, &close).stdout).unwrap();
    assert!(words.contains("last day 2999-03-31: enough"), "{words}");
    let shown = json_of(&breeze(&app, &["campaign", "show", "breeze", "--json"]), 0);
    assert_eq!(shown["closure"]["by"], "cli");
    let listed = breeze(&app, &["campaign", "list", "--state", "scheduled"]);
    let words = String::from_utf8(listed.stdout).unwrap();
    assert!(words.contains("breeze r2") && words.contains("10 % from 2999-01-01"), "{words}");
    let none = json_of(&breeze(&app, &["campaign", "list", "--state", "ended", "--json"]), 0);
    assert_eq!(none, json!([]));
}

#[rstest]
fn an_order_at_the_command_line_is_given_as_the_holder_of_the_key(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let order = |key: &str| {
        let days = ["--from", "2027-01-04", "--until", "2027-01-08"];
        let what = ["directive", "order", "--json", "--exporter-id", "X1", "--reason", "a recall"];
        breeze_as(&app, key, &[what.as_slice(), &days].concat())
    };
    let customs = app.key(Role::Customs, &["CNTAO"]);
    assert_eq!(order(&customs).status.code(), Some(2), "customs orders nothing");
    let policy = app.key(Role::Policy, &[]);
    let made = json_of(&order(&policy), 0);
    assert!(made["ordered_by"].as_str().unwrap().starts_with("key:"), "{made}");
}
