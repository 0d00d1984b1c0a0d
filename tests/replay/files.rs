//! Files of history: every row is used or its fault is counted.

use crate::stage::day;
use breeze::domain::problem::Code;
use breeze::error::{Error, Result};
use breeze::flow::import::Source;
use breeze::flow::replay::World;
use breeze::flow::replay::files::{Days, Named, Read, read};
use breeze::statistics::risk::Streak;
use chrono_tz::Tz;
use std::io::Write;

const HEADING: &str = "declaration_number,office,exporter_id,destination_country,commodity_code,\
    quantity,unit,net_weight_kg,value,currency,declared_at\n";

fn source(text: &str) -> Source {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    Source::new(file, None, 1 << 20).unwrap()
}

fn reading(declarations: &str, results: &str, zone: Option<Tz>) -> Result<(World, Read)> {
    let (declarations, results) = (source(declarations), source(results));
    let now = "2026-11-24T00:00:00Z".parse().unwrap();
    read(
        Named { name: "d.csv", source: &declarations },
        Named { name: "r.csv", source: &results },
        Days { time_zone: zone, now },
        &mut || (),
    )
}

fn row(number: &str, at: &str) -> String {
    format!("{number},10,E,KE,850760,1,C62,980.5,12.50,CNY,{at}\n")
}

const MIDNIGHT: &str = "2020-01-02T00:30:00+09:00";

#[track_caller]
fn refused(declarations: &str, results: &str) -> (Code, String) {
    match reading(declarations, results, None) {
        Err(Error::Problem(problem)) => (problem.code, problem.detail),
        other => panic!("{:?}", other.map(|(world, read)| (world.declared().len(), read))),
    }
}

#[test]
fn a_day_is_the_local_date_of_the_declaration_or_of_the_zone_that_is_named() {
    let declarations = HEADING.to_owned() + &row("A", MIDNIGHT);
    let day_in = |zone: Option<&str>| {
        let zone = zone.map(|zone| zone.parse().unwrap());
        let results = "declaration_number,fails\nA,no\n";
        reading(&declarations, results, zone).unwrap().0.declared()[0].day
    };
    assert_eq!(day_in(None), day("2020-01-02"));
    assert_eq!(day_in(Some("Asia/Seoul")), day("2020-01-02"));
    assert_eq!(day_in(Some("Europe/Berlin")), day("2020-01-01"));
}

#[test]
fn rows_that_cannot_be_used_are_counted_by_code_and_the_others_are_read() {
    let declarations = HEADING.to_owned()
        + &row("A", MIDNIGHT)
        + &row("B", MIDNIGHT).replace("KE", "ZZ")
        + &row("C", MIDNIGHT).replace("CNY", "USD")
        + &row("A", "2020-01-05T00:00:00Z")
        + &row("D", MIDNIGHT)
        + &row("E", MIDNIGHT)
        + "F,too,short\n";
    let results = "severity,declaration_number,outcome\nmajor,A,fail\nmajor,B,fail\n,C,pass\n\
        ,X,pass\n,C,fail\n,D,not_inspected\n,E,maybe\n,C,pass\n";
    let (world, read) = reading(&declarations, results, None).unwrap();
    let numbers: Vec<_> = world.declared().iter().map(|row| &*row.number).collect();
    assert_eq!(numbers, ["A", "C"]);
    assert_eq!(world.declared()[0].day, day("2020-01-02"), "the first of two rows is taken");
    assert_eq!((read.declarations.received, read.declarations.rejected), (7, 3));
    let codes: Vec<_> = read.declarations.codes.into_iter().collect();
    assert_eq!(codes, [("column-count", 1), ("country-unknown", 1), ("number-repeated", 1)]);
    assert_eq!(read.declarations.first_rejected[0].row, 2);
    assert_eq!((read.results.received, read.results.rejected), (8, 3));
    let codes: Vec<_> = read.results.codes.into_iter().collect();
    assert_eq!(codes, [("not-found", 1), ("number-repeated", 1), ("value-not-allowed", 1)]);
    assert_eq!((read.results_of_rejected, read.without_result), (1, 2));
    // The yuan is more frequent than the dollar, whose value counts as missing.
    assert_eq!(read.values_left_out, 1);
    let values: Vec<_> = world.declared().iter().map(|row| row.value).collect();
    assert_eq!(values, [Some(12.5), None]);
}

#[test]
fn severity_is_the_word_of_the_file_and_a_pass_is_a_pass_where_it_says_none() {
    let declarations: String =
        ["A", "B", "C", "D"].iter().map(|number| row(number, MIDNIGHT)).collect();
    let declarations = HEADING.to_owned() + &declarations;
    let results = "declaration_number,fails,severity\nA,yes,2\nB,no,\nC,yes,\nD,no,good\n";
    let (world, _) = reading(&declarations, results, None).unwrap();
    let severity = |at: usize| world.texts().get(world.declared()[at].truth.severity);
    let severities = [severity(0), severity(1), severity(2), severity(3)];
    assert_eq!(severities, ["2", "pass", "unstated", "good"]);
    let known = breeze::flow::replay::Known::NOTHING.after(world.declared()[0].truth);
    let facts = world.facts(&world.declared()[0], known);
    assert_eq!((facts.streak, facts.last_severity), (Streak::F1, "2"));
    assert_eq!((facts.net_weight_kg, facts.value), (Some(980.5), Some(12.5)));
}

#[test]
fn ndjson_is_read_as_an_import_reads_it() {
    let declarations = r#"{"declaration_number":"A","office":"10","exporter_id":"E","destination_country":"KE","commodity_code":"850760","quantity":"1","unit":"C62","declared_at":"2020-01-02T00:30:00+09:00"}"#;
    let (world, _) = reading(declarations, "declaration_number,fails\nA,no\n", None).unwrap();
    assert_eq!(world.declared()[0].day, day("2020-01-02"));
}

#[test]
fn files_that_are_none_of_those_asked_for_are_named_with_their_fault() {
    let good = HEADING.to_owned() + &row("A", MIDNIGHT);
    let results = "declaration_number,fails\nA,no\n";
    let (code, words) = refused("declaration_number,office\nA,10\n", results);
    assert_eq!(code, Code::ColumnMissing);
    assert!(words.starts_with("d.csv: ") && words.contains("exporter_id"), "{words}");
    assert_eq!(refused("\n\n", results).0, Code::EmptyFile);
    assert_eq!(refused(&good, "").0, Code::EmptyFile);
    let (code, words) = refused(&good, "declaration_number\nA\n");
    assert_eq!(code, Code::ColumnMissing);
    assert!(words.starts_with("r.csv: ") && words.contains("outcome"), "{words}");
    let doubled = refused(&good, "declaration_number,fails,fails\nA,no,no\n");
    assert_eq!(doubled.0, Code::ColumnDoubled);
    let (code, words) = refused(&good, "declaration_number,fails\nB,no\n");
    assert_eq!(code, Code::EmptyFile);
    assert!(words.contains("no declaration with a result"), "{words}");
}
