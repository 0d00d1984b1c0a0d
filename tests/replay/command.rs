//! `breeze replay` and `breeze risk backtest`: two files in, tables or JSON and an exit code out.

use breeze::flow::replay::World;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// A folder with the first six weeks of an invented year and two policies.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let world = crate::stage::world("2025-02-11");
    write(&folder, "declarations.csv", &declarations(&world));
    let rows = world.declared().iter().map(|row| {
        let fails = if row.truth.failed { "yes" } else { "no" };
        format!("{},{fails},{}\n", row.number, world.texts().get(row.truth.severity))
    });
    let results = "declaration_number,fails,severity\n".to_owned() + &rows.collect::<String>();
    write(&folder, "results.csv", &results);
    for (name, proportion) in [("one.toml", "0.1"), ("other.toml", "0.05")] {
        let policy = format!(
            "id = \"p\"\nfrom = 2025-01-01\nfloor = 0.005\n[[rules]]\nproportion = {proportion}\n"
        );
        write(&folder, name, &policy);
    }
    folder
}

fn declarations(world: &World) -> String {
    let heading = "declaration_number,office,exporter_id,destination_country,commodity_code,\
        quantity,unit,net_weight_kg,value,currency,declared_at\n";
    let rows = world.declared().iter().map(|row| {
        let texts = world.texts();
        format!(
            "{},{},{},{},{},1,C62,{:.6},{:.2},CNY,{}T08:00:00+08:00\n",
            row.number,
            texts.get(row.office),
            texts.get(row.exporter),
            row.country.alpha2,
            texts.get(row.commodity),
            row.net_weight_kg.unwrap(),
            row.value.unwrap(),
            row.day,
        )
    });
    heading.to_owned() + &rows.collect::<String>()
}

fn write(folder: &TempDir, name: &str, text: &str) {
    std::fs::write(folder.path().join(name), text).unwrap();
}

fn breeze(folder: &Path, args: &[&str]) -> Output {
    let breeze = env!("CARGO_BIN_EXE_breeze");
    Command::new(breeze).current_dir(folder).args(args).output().unwrap()
}

const FILES: [&str; 4] = ["--declarations", "declarations.csv", "--results", "results.csv"];

fn replay(folder: &TempDir, more: &[&str]) -> Output {
    breeze(folder.path(), &[&["replay"], &FILES[..], &["--policy", "one.toml"], more].concat())
}

fn backtest(folder: &TempDir, more: &[&str]) -> Output {
    breeze(folder.path(), &[&["risk", "backtest"], &FILES[..], more].concat())
}

#[track_caller]
fn json_of(output: &Output, code: i32) -> Value {
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[track_caller]
fn words(output: &Output, code: i32) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{err}");
    (out, err)
}

#[test]
fn two_policies_are_played_side_by_side_without_a_database() {
    let folder = folder();
    let more = ["--against", "other.toml", "--refit", "weekly", "--json"];
    let answer = json_of(&replay(&folder, &more), 0);
    let totals = &answer["replay"]["totals"];
    assert_eq!((&totals["from"], &totals["to"]), (&"2025-01-01".into(), &"2025-02-11".into()));
    assert_eq!(answer["read"]["declarations"]["received"], totals["declared"]);
    let asked = |side: &str| answer[side]["totals"]["asked"].as_f64().unwrap();
    let ratio = asked("replay") / asked("replay_against");
    assert!((1.9..2.1).contains(&ratio), "{ratio}");
    let pair = &answer["comparison"]["rules"][0];
    assert_eq!(pair["policy"]["proportion_ppm"], 100_000);
    assert_eq!(pair["declarations"], totals["declared"]);
    let again = json_of(&replay(&folder, &more), 0);
    assert_eq!(again, answer);
    let seed = "07".repeat(32);
    let other = json_of(&replay(&folder, &[&more[..], &["--seed", &seed]].concat()), 0);
    assert_ne!(other["replay"]["drawn_sha256"], answer["replay"]["drawn_sha256"]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4, "nothing was made");
}

#[test]
fn the_tables_say_what_was_played() {
    let folder = folder();
    let more = ["--against", "other.toml", "--from", "2025-01-10", "--capacity", "2"];
    let (out, err) = words(&replay(&folder, &more), 0);
    assert_eq!(err, "", "no progress in a pipe");
    let expected = [
        "p (one.toml)",
        "p (other.toml)",
        "first day",
        "2025-01-10",
        "found with equal chances",
        "days over capacity",
        "2025-02",
        "CNTAO",
        "default: 10 %, exponent 2",
        "models: 2",
    ];
    for words in expected {
        assert!(out.contains(words), "{words} is missing in\n{out}");
    }
}

#[test]
fn rejected_rows_are_named_and_end_with_1() {
    let folder = folder();
    let file = std::fs::read_to_string(folder.path().join("declarations.csv")).unwrap();
    let (heading, rows) = file.split_once('\n').unwrap();
    let odd = rows.lines().next().unwrap().replace("CN", "C?");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(format!("{heading}\n{odd}\n{rows}").as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    std::fs::write(folder.path().join("declarations.csv"), &gzip).unwrap();
    let (_, err) = words(&replay(&folder, &[]), 1);
    assert!(err.contains("rows rejected: 1 × id-invalid") && err.contains("row 1 ("), "{err}");
    std::fs::write(folder.path().join("declarations.csv"), &gzip[..gzip.len() / 2]).unwrap();
    let (_, err) = words(&replay(&folder, &[]), 3);
    assert!(err.contains("declarations.csv: the gzip ends in the middle"), "{err}");
}

#[test]
fn wrong_usage_ends_with_2_and_a_file_that_is_not_there_with_3() {
    let folder = folder();
    write(&folder, "bad.toml", "id = \"p\"\nfrom = 2025-01-01\n[[rules]]\nproportion = 2\n");
    let cases: [(&[&str], &str); 6] = [
        (&["--from", "2025-02-02", "--to", "2025-02-01"], "exchange them"),
        (&["--from", "2026-02-02"], "choose other days"),
        (&["--seed", "00"], "64 hex digits"),
        (&["--refit", "hourly"], "choose daily, weekly, monthly or never"),
        (&["--against", "bad.toml"], "bad.toml: "),
        (&["--simulate", "2"], "cannot be used with"),
    ];
    for (more, expected) in cases {
        let (_, err) = words(&replay(&folder, more), 2);
        assert!(err.contains(expected), "{more:?}: {err}");
    }
    let bare = breeze(folder.path(), &["replay", "--policy", "one.toml"]);
    assert!(words(&bare, 2).1.contains("--declarations"));
    words(&breeze(folder.path(), &["replay"]), 2);
    let (_, err) = words(&replay(&folder, &["--campaign", "nowhere.toml"]), 3);
    assert!(err.contains("nowhere.toml"), "{err}");
    std::fs::remove_file(folder.path().join("results.csv")).unwrap();
    let (_, err) = words(&replay(&folder, &[]), 3);
    assert!(err.contains("results.csv"), "{err}");
}

#[test]
fn a_backtest_judges_what_it_has_not_learned_from() {
    let folder = folder();
    let answer = json_of(&backtest(&folder, &["--split", "2025-02-01", "--json"]), 0);
    let rows = |at: &Value| at.as_u64().unwrap();
    let received = rows(&answer["read"]["declarations"]["received"]);
    assert_eq!(rows(&answer["model"]["results"]) + rows(&answer["all_rows"]["rows"]), received);
    // No two invented declarations weigh the same.
    assert_eq!(answer["new_rows"], answer["all_rows"]);
    assert!(answer["all_rows"]["auc"].as_f64().unwrap() > 0.65);
    assert!(!answer["model"]["kept"].as_array().unwrap().is_empty());
    let (out, _) = words(&backtest(&folder, &["--split", "2025-02-01"]), 0);
    for words in ["precision at 10 %", "calibration slope", "new rows", "exporter"] {
        assert!(out.contains(words), "{words} is missing in\n{out}");
    }
    for split in ["2025-01-01", "2025-03-01"] {
        let (_, err) = words(&backtest(&folder, &["--split", split]), 2);
        assert!(err.contains("results are of 2025-01-01 to 2025-02-11"), "{err}");
    }
}

#[test]
fn goods_lines_that_repeat_are_judged_once() {
    let folder = folder();
    let file = std::fs::read_to_string(folder.path().join("declarations.csv")).unwrap();
    // Every declaration weighs the same: a line is a commodity and a country.
    let mut cells = Vec::new();
    for (at, line) in file.lines().enumerate() {
        let mut row: Vec<&str> = line.split(',').collect();
        if at > 0 {
            row[7] = "5";
        }
        cells.push(row.join(","));
    }
    write(&folder, "declarations.csv", &cells.join("\n"));
    let answer = json_of(&backtest(&folder, &["--split", "2025-02-01", "--json"]), 0);
    let [all, new] = ["all_rows", "new_rows"].map(|rows| answer[rows]["rows"].as_u64().unwrap());
    assert!(new > 0 && new < all, "{new} of {all}");
}

#[test]
fn invented_worlds_are_played_by_number() {
    let folder = tempfile::tempdir().unwrap();
    let (out, _) = words(&breeze(folder.path(), &["replay", "--simulate", "2"]), 0);
    assert!(out.contains("failures found per inspection, aimed / equal: "), "{out}");
    let (_, err) = words(&breeze(folder.path(), &["replay", "--simulate", "1"]), 2);
    assert!(err.contains("2..=1000"), "{err}");
}
