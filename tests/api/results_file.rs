//! An outsider recomputes the rates from the results file: by the program without a database, and by a
//! short script without the program.

use crate::command_line::breeze;
use crate::history::declare;
use crate::support::*;
use crate::trends::{get, winter};
use breeze::domain::key::Role;
use rstest::rstest;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

const FILE: &str = "/v1/trends/results.csv";
const QUARTER: &str = "from=2026-01-01&to=2026-03-31";

fn file(app: &TestApp, key: &str, query: &str) -> String {
    let answer = app.get(&format!("{FILE}?{query}")).key(key).send().expect(200);
    assert!(answer.header("content-disposition").unwrap().contains("results.csv"));
    answer.text()
}

fn saved(app: &TestApp, text: &str) -> PathBuf {
    let path = app.app.spool.join("results-file.csv");
    std::fs::write(&path, text).unwrap();
    path
}

/// What `breeze estimate` makes of a file.
#[track_caller]
fn estimated(app: &TestApp, text: &str, args: &[&str]) -> Value {
    let path = saved(app, text);
    let args = [&["estimate", path.to_str().unwrap(), "--json"], args].concat();
    let output = breeze(app, &args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A quarter with gaps and open results in it, and goods that wait for their frame.
fn quarter(engine: Engine) -> TestApp {
    let app = winter(engine);
    let goods: Vec<_> =
        ["KE", "US"].map(|country| (format!("LATE-{country}"), country, "850760")).into();
    declare(&app, "CNTAO", "2026-03-30", &goods);
    app
}

#[rstest]
fn an_outsider_gets_the_same_rates_to_the_last_bit(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = quarter(engine);
    // Days inside months are widened to the months.
    let text = file(&app, &app.admin, "from=2026-01-15&to=2026-03-02");
    assert_eq!(text, file(&app, &app.admin, QUARTER));
    for (args, query) in [
        (vec![], "period=month"),
        (vec!["--split-by", "region"], "period=month&split_by=region"),
        (vec!["--split-by", "region,chapter"], "period=month&split_by=region,chapter"),
        (
            vec!["--period", "quarter", "--split-by", "office,selection", "--target", "process"],
            "period=quarter&split_by=office,selection&target=process",
        ),
        (vec!["--period", "year", "--split-by", "chapter"], "period=year&split_by=chapter"),
    ] {
        let asked = get(&app, &app.admin, &format!("{query}&{QUARTER}")).expect(200).json();
        assert_eq!(estimated(&app, &text, &args), asked, "{query}");
        assert!(asked["items"].to_string().contains("\"estimated_rate\":0."), "{query}");
    }
}

#[rstest]
fn a_file_of_some_offices_or_regions_states_the_responses_of_pooled_classes(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = quarter(engine);
    let own = app.key(Role::Manager, &["CNTAO"]);
    let of_office = file(&app, &app.admin, &format!("{QUARTER}&office=CNTAO"));
    assert_eq!(
        file(&app, &own, QUARTER),
        of_office,
        "a key of an office gets a file of its office"
    );
    assert!(!of_office.contains("CNSHA"));
    app.get(&format!("{FILE}?{QUARTER}&office=CNSHA")).key(&own).send().problem(404, "not-found");
    let of_region = file(&app, &app.admin, &format!("{QUARTER}&region=africa&region=asia"));
    for (text, filter) in [(of_office, "office=CNTAO"), (of_region, "region=africa&region=asia")] {
        let query = format!("period=month&split_by=region&{QUARTER}&{filter}");
        // The sentence names the filter, which the file's reader does not know; the numbers are the same.
        let plain = |mut rates: Value| {
            for item in rates["items"].as_array_mut().unwrap() {
                item.as_object_mut().unwrap().remove("headline");
            }
            rates
        };
        let asked = plain(get(&app, &app.admin, &query).expect(200).json());
        let own = plain(estimated(&app, &text, &["--split-by", "region"]));
        assert_eq!(own, asked, "{filter}");
    }
}

#[test]
fn the_file_names_nobody_and_is_the_same_on_both_engines_and_from_the_command_line() {
    let [sqlite, postgres] = [quarter(Sqlite), quarter(Postgres)];
    let text = file(&sqlite, &sqlite.admin, QUARTER);
    assert_eq!(text, file(&postgres, &postgres.admin, QUARTER));
    let path = sqlite.app.spool.join("written.csv");
    let path = path.to_str().unwrap();
    let written = breeze(&sqlite, &["results-file", path, "--from", "2026-Q1", "--to", "2026-Q1"]);
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    assert_eq!(std::fs::read_to_string(path).unwrap(), text);
    // Neither number, nor exporter, nor country, nor the day.
    for named in ["CNTAO-0-01", "91370200MA3C", ",KE,", "2026-01-29", "2026-01-30"] {
        assert!(!text.contains(named), "{named}");
    }
    assert!(text.contains("waiting,2026-03-01,CNTAO,africa,85,,1,,,,,,\r\n"), "{text}");
    let rows: Vec<&str> = text.lines().collect();
    let items = rows.iter().filter(|row| row.starts_with("item,")).count();
    let drawn = get(&sqlite, &sqlite.admin, &format!("period=year&{QUARTER}")).expect(200).json();
    assert_eq!(Some(items as u64), drawn["items"][0]["drawn"].as_u64());
}

#[rstest]
fn a_short_script_comes_to_the_same_rates(
    #[values("declarations", "process")] target: &str,
    #[values("", "&office=CNTAO")] filter: &str,
) {
    let app = quarter(Sqlite);
    let path = saved(&app, &file(&app, &app.admin, &format!("{QUARTER}{filter}")));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reestimate.py");
    let Ok(output) =
        Command::new("python3").arg(script).arg(path).args([target, "region"]).output()
    else {
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    let printed: BTreeMap<String, Vec<f64>> = printed
        .lines()
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let numbers = cells[2..].iter().map(|cell| cell.parse().unwrap_or(f64::NAN)).collect();
            (cells[..2].join(" "), numbers)
        })
        .collect();
    let query = format!("period=month&split_by=region&target={target}&{QUARTER}{filter}");
    let asked = get(&app, &app.admin, &query).expect(200).json();
    let mut compared = 0;
    for item in asked["items"].as_array().unwrap() {
        let label =
            format!("{} {}", item["period"].as_str().unwrap(), item["region"].as_str().unwrap());
        let rate = &item["rate"];
        if rate["estimated_rate"].is_null() {
            continue;
        }
        let fields = ["inspected", "failed", "estimated_rate", "ci_low", "ci_high"];
        for (field, own) in fields.into_iter().zip(&printed[&label]) {
            let said = rate[field].as_f64().unwrap();
            assert!((said - own).abs() < 1e-9, "{label} {field}: {said}, the script says {own}");
        }
        compared += 1;
    }
    assert!(compared >= 10, "{compared}");
}

#[test]
fn a_packed_file_is_read_and_a_broken_one_is_refused_with_its_place() {
    let app = quarter(Sqlite);
    let text = file(&app, &app.admin, QUARTER);
    let path = app.app.spool.join("results.csv.gz");
    let mut packed = flate2::write::GzEncoder::new(
        std::fs::File::create(&path).unwrap(),
        flate2::Compression::fast(),
    );
    std::io::Write::write_all(&mut packed, text.as_bytes()).unwrap();
    packed.finish().unwrap();
    let path = path.to_str().unwrap();
    let table = breeze(&app, &["estimate", path, "--period", "quarter"]);
    let table = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(table.contains("2026-Q1") && table.contains("recomputed"), "{table}");
    let refused = |args: &[&str], code: i32, words: &str| {
        let output = breeze(&app, args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(words), "{said}");
    };
    refused(&["estimate", path, "--period", "week"], 2, "whole months");
    refused(&["estimate", path, "--split-by", "country"], 2, "does not tell apart by country");
    refused(&["estimate", "nowhere.csv"], 3, "nowhere.csv");
    let broken = saved(&app, &text.replacen(",passed,", ",lost,", 1));
    let broken = broken.to_str().unwrap();
    refused(&["estimate", broken], 3, "column `state`: `lost` is none of passed, failed");
    // A result that was turned around no longer fits what the classes say; one that is left out neither.
    let turned = saved(&app, &text.replacen(",not_inspected,", ",passed,", 1));
    refused(&["estimate", turned.to_str().unwrap()], 3, "the row says otherwise");
    app.get(&format!("{FILE}?from=1900&to=2026"))
        .key(&app.admin)
        .send()
        .problem(422, "question-impossible");
}
