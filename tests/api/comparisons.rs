//! A manager holds rates against those of a year or a period before.

use crate::history::{command, declare, draw, policy};
use crate::support::*;
use breeze::domain::inspection::ItemState;
use breeze::domain::key::Role;
use rstest::rstest;
use serde_json::{Value, json};

const RATES: &str = "/v1/trends/failure-rates";

/// Twenty goods to Kenya a day, all inspected: four fail in the spring of 2025, twenty and then six in
/// that of 2026. Vietnam is there in 2025 alone, Italy in 2026.
fn springs(engine: Engine) -> TestApp {
    let app = TestApp::start(engine);
    app.key(Role::Manager, &["CNTAO"]);
    policy(&app, "1.0", "1.0");
    for (day, failed, other) in
        [("2025-03-12", 4, "VN"), ("2026-03-11", 20, "IT"), ("2026-04-15", 6, "IT")]
    {
        let mut goods: Vec<_> =
            (0..20).map(|n| (format!("{day}-{n:02}"), "KE", "850760")).collect();
        goods.push((format!("{day}-20"), other, "850760"));
        declare(&app, "CNTAO", day, &goods);
        draw(&app, "CNTAO", day, |number| match number[11..].parse::<u32>().unwrap() {
            n if n < failed && n < 20 => ItemState::Failed,
            _ => ItemState::Passed,
        });
    }
    app
}

fn items(app: &TestApp, query: &str) -> Vec<Value> {
    let answer = app.get(&format!("{RATES}?{query}")).key(&app.admin).send().expect(200).json();
    answer["items"].as_array().unwrap().clone()
}

#[rstest]
fn a_month_stands_beside_that_of_a_year_before(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = springs(engine);
    let query = "period=month&from=2026-03&to=2026-04-15&country=KE&compare=previous_year";
    let answer = app.get(&format!("{RATES}?{query}")).key(&app.admin).send().expect(200).json();
    assert_eq!(
        (&answer["target"], &answer["compare"]),
        (&json!("process"), &json!("previous_year"))
    );
    let march = &answer["items"][0];
    let change = &march["change"];
    let before = &change["before"];
    assert_eq!(
        (&before["period"], &before["from"], &before["to"], &before["small"]),
        (&json!("2025-03"), &json!("2025-03-01"), &json!("2025-03-31"), &json!(true))
    );
    let alone = items(&app, "period=month&from=2025-03&to=2025-03&country=KE&target=process");
    assert_eq!(before["rate"], alone[0]["rate"]);
    assert_eq!((&change["verdict"], &change["reason"]), (&json!("rose"), &Value::Null));
    let near = |value: &Value, want: f64| (value.as_f64().unwrap() - want).abs() < 1e-9;
    // Twenty of twenty against four of twenty, everything drawn: with the limits of Clopper & Pearson
    // (0.8316 to 1, 0.0573 to 0.4366), d = 0.8, low = 0.8 − √(0.1684² + 0.2366²).
    for (field, want) in [("value", 0.8), ("ci_low", 0.509_558_920_7), ("ci_high", 0.942_666_002_9)]
    {
        assert!(near(&change["difference"][field], want), "{change}");
    }
    assert!(near(&change["relative_change"]["value"], 4.0), "{change}");
    let en = march["headline"]["en"].as_str().unwrap();
    assert!(
        en.starts_with(
            "100 % of goods to Kenya failed in March 2026, 80.0 points above March 2025"
        ),
        "{en}"
    );
    assert!(
        en.ends_with("more than chance (only 20 inspected; only 20 inspected in March 2025)"),
        "{en}"
    );

    // A part of April is held against the same part.
    let april = &answer["items"][1];
    let change = &april["change"];
    assert_eq!(
        (&change["before"]["from"], &change["before"]["to"]),
        (&json!("2025-04-01"), &json!("2025-04-15"))
    );
    assert_eq!(
        (&change["verdict"], &change["reason"]),
        (&Value::Null, &json!("nothing_inspected_before"))
    );
    assert_eq!(change["difference"], Value::Null);
    let en = april["headline"]["en"].as_str().unwrap();
    assert!(
        en.contains("from 1 to 15 April 2026")
            && en.contains("nothing was declared for 1 to 15 April 2025"),
        "{en}"
    );
}

#[rstest]
fn a_month_stands_beside_the_whole_month_before(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = springs(engine);
    let query = "period=month&from=2026-03-20&to=2026-04&country=KE&compare=previous_period";
    let months = items(&app, query);
    let [march, april] = months.as_slice() else { panic!("{months:?}") };
    // In the last days of March nothing was inspected.
    assert_eq!(march["change"]["reason"], "nothing_inspected");
    assert_eq!(march["change"]["before"]["period"], "2026-02");
    let change = &april["change"];
    assert_eq!(
        (&change["before"]["from"], &change["before"]["rate"]["failed"]),
        (&json!("2026-03-01"), &json!(20))
    );
    assert_eq!(change["verdict"], "fell");
    let zh = april["headline"]["zh"].as_str().unwrap();
    assert!(
        zh.starts_with("2026年4月运往肯尼亚的货物有30.0%不合格，比2026年3月低70.0个百分点"),
        "{zh}"
    );
}

#[rstest]
fn what_only_one_year_has_is_in_both(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = springs(engine);
    let query = "period=year&from=2026&to=2026&split_by=country&compare=previous_year";
    let years = items(&app, query);
    let countries: Vec<_> = years.iter().map(|item| item["country"].as_str().unwrap()).collect();
    assert_eq!(countries, ["IT", "KE", "VN"]);
    let vietnam = &years[2];
    assert_eq!(
        (&vietnam["declared"], &vietnam["change"]["before"]["rate"]["inspected"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(vietnam["change"]["reason"], "nothing_inspected");
    assert_eq!(years[0]["change"]["reason"], "nothing_inspected_before");
    assert_eq!(vietnam["headline"]["en"], "No goods to Vietnam were declared for 2026");
}

#[rstest]
fn a_week_53_has_nothing_before_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = springs(engine);
    let query = "period=week&from=2026-W53&to=2027-W01&compare=previous_year";
    let weeks = items(&app, query);
    assert_eq!(weeks[0]["change"]["reason"], "no_period_before");
    assert_eq!(weeks[0]["change"]["before"], Value::Null);
    assert_eq!(weeks[1]["change"]["before"]["period"], "2026-W01");
    let alone = items(&app, "period=week&from=2026-W53&to=2026-W53&compare=previous_year");
    assert_eq!(alone[0]["change"], weeks[0]["change"]);
}

#[rstest]
fn the_file_and_the_command_say_the_same(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = springs(engine);
    let query = "period=month&from=2026-03&to=2026-04&country=KE&compare=previous_year";
    let file = app.get(&format!("{RATES}.csv?{query}")).key(&app.admin).send().expect(200).text();
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let head = reader.headers().unwrap().clone();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let cell = |row: usize, name: &str| {
        rows[row][head.iter().position(|column| column == name).unwrap()].to_owned()
    };
    assert_eq!(cell(0, "before_period"), "2025-03");
    assert_eq!((cell(0, "before_failed"), cell(0, "difference")), ("4".into(), "0.8".into()));
    assert_eq!((cell(0, "verdict"), cell(0, "reason")), ("rose".into(), String::new()));
    assert_eq!(
        (cell(1, "verdict"), cell(1, "reason")),
        (String::new(), "nothing_inspected_before".into())
    );
    assert_eq!(cell(1, "target"), "process");

    let months = ["--period", "month", "--from", "2026-03", "--to", "2026-04", "--country", "KE"];
    let compare = [&months[..], &["--compare", "previous_period"]].concat();
    let (code, table, _) = command(&app, &compare);
    assert_eq!(code, Some(0));
    for words in ["2026-02", "nothing inspected then", "fell", "-70.0"] {
        assert!(table.contains(words), "{words}: {table}");
    }
    let sentence = "30.0 % of goods to Kenya failed in April 2026, 70.0 points below March 2026";
    assert!(
        table.contains(sentence) && !table.contains("goods to Kenya failed in March"),
        "{table}"
    );
    let (code, _, words) = command(&app, &[&compare[..], &["--target", "declarations"]].concat());
    assert_eq!(code, Some(2));
    assert!(words.contains("leave the target out"), "{words}");
}

/// A key of some offices reads that the sentence is about them.
#[rstest]
fn the_sentence_names_the_offices_of_the_key(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = springs(engine);
    let manager = app.key(Role::Manager, &["CNTAO"]);
    let path = format!("{RATES}?period=year&from=2026&to=2026&commodity=8507&region=africa");
    let sentence = |key: &str| {
        let answer = app.get(&path).key(key).send().expect(200).json();
        answer["items"][0]["headline"]["en"].as_str().unwrap().to_owned()
    };
    assert!(
        sentence(&manager)
            .contains("of goods of heading 8507 to Africa through office CNTAO failed in 2026")
    );
    assert!(sentence(&app.admin).contains("of goods of heading 8507 to Africa failed in 2026"));
}
