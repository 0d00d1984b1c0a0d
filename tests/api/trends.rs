//! A manager reads failure rates: weighted back to all declarations, of the own offices, the same on
//! both engines to the last bit.

use crate::history::{command, declare, draw, policy};
use crate::support::*;
use breeze::domain::inspection::ItemState;
use breeze::domain::key::Role;
use rstest::rstest;
use serde_json::{Value, json};

const RATES: &str = "/v1/trends/failure-rates";

/// Three hundred declarations of two offices in the winter of 2026, drawn and mostly inspected.
pub fn winter(engine: Engine) -> TestApp {
    let app = TestApp::start(engine);
    app.key(Role::Manager, &["CNTAO", "CNSHA"]);
    policy(&app, "0.5", "0.2");
    let countries = ["KE", "EG", "BR", "US", "DE", "VN", "IT", "AU"];
    let codes = ["850760", "640399", "950300", "0703"];
    let days = ["2026-01-29", "2026-01-30", "2026-02-02", "2026-02-27", "2026-03-31"];
    for (at, day) in days.iter().enumerate() {
        for office in ["CNTAO", "CNSHA"] {
            let goods: Vec<_> = (0..30 + at)
                .map(|n| (format!("{office}-{at}-{n:02}"), countries[n % 8], codes[n / 3 % 4]))
                .collect();
            declare(&app, office, day, &goods);
            draw(&app, office, day, |number| {
                match number.bytes().map(u32::from).sum::<u32>() % 7 {
                    0 | 1 => ItemState::Failed,
                    2 => ItemState::NotInspected,
                    3 if at == 4 => ItemState::Open,
                    _ => ItemState::Passed,
                }
            });
        }
    }
    app
}

pub fn get(app: &TestApp, key: &str, query: &str) -> Answer {
    app.get(&format!("{RATES}?{query}")).key(key).send()
}

#[test]
fn the_same_data_gives_the_same_bits_on_both_engines() {
    let apps = [winter(Sqlite), winter(Postgres)];
    let year = "from=2026-01-01&to=2026-12-31";
    for query in [
        "period=month",
        "period=week&split_by=region",
        "period=day&target=process",
        "period=quarter&split_by=office,selection",
        "period=year&split_by=grouping&split_by=chapter",
        "period=month&split_by=subheading,country&region=africa&region=europe",
        "period=month&grouping=belt-and-road&commodity=85&commodity=0703",
        "period=month&country=KE&office=CNTAO&split_by=heading&selection=random",
    ] {
        let [sqlite, postgres] = apps.each_ref().map(|app| {
            let answer = get(app, &app.admin, &format!("{query}&{year}")).expect(200);
            let file = app.get(&format!("{RATES}.csv?{query}&{year}")).key(&app.admin).send();
            (answer.text(), file.expect(200).text())
        });
        assert_eq!(sqlite, postgres, "{query}");
        let items = serde_json::from_str::<Value>(&sqlite.0).unwrap()["items"].clone();
        assert!(!items.as_array().unwrap().is_empty(), "{query}");
    }
}

#[rstest]
fn cells_and_filters_add_up_to_the_whole(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = winter(engine);
    let total = |query: &str| {
        let query = format!("period=year&from=2026&to=2026&{query}");
        let answer = get(&app, &app.admin, &query).expect(200).json();
        let items = answer["items"].as_array().unwrap().clone();
        let sum = |field: &str| items.iter().map(|i| i[field].as_u64().unwrap()).sum::<u64>();
        let of_rate = |field: &str| items.iter().map(|i| i["rate"][field].as_u64().unwrap()).sum();
        let rates: [u64; 2] = [of_rate("inspected"), of_rate("failed")];
        ([sum("declared"), sum("drawn"), sum("open"), sum("not_inspected")], rates)
    };
    let whole = total("");
    assert_eq!(whole.0[0], 320);
    assert!(whole.0.iter().chain(&whole.1).all(|&count| count > 0), "{whole:?}");
    for split in ["region", "country,office", "chapter", "selection", "subheading"] {
        assert_eq!(total(&format!("split_by={split}")), whole, "{split}");
    }
    let parts = ["KE", "EG", "BR", "US", "DE", "VN", "IT", "AU"];
    let parts = parts.map(|country| total(&format!("country={country}")).0[0]);
    assert_eq!(parts.iter().sum::<u64>(), 320);
    let filters = ["office=CNTAO&office=CNSHA", "commodity=85&commodity=6&commodity=9&commodity=0"];
    for filter in filters {
        assert_eq!(total(filter), whole, "{filter}");
    }
    assert_eq!(total("selection=directive").0[0], 0);
}

#[rstest]
fn kept_sums_and_rows_give_the_same_bits(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = winter(engine);
    let exporter = battery()["exporter_id"].as_str().unwrap().to_owned();
    for query in [
        "period=month&from=2026-01&to=2026-04&split_by=region",
        "period=week&from=2026-01&to=2026-04&split_by=office,selection",
        "period=year&from=2026&to=2026&split_by=country",
        "period=month&from=2026&to=2026&split_by=grouping",
        "period=quarter&from=2026&to=2026&split_by=chapter,region&commodity=8&commodity=64",
    ] {
        // The sentence names the exporter; nothing else may differ.
        let unworded = |query: &str| {
            let mut answer = get(&app, &app.admin, query).expect(200).json();
            for item in answer["items"].as_array_mut().unwrap() {
                assert!(item.as_object_mut().unwrap().remove("headline").is_some());
            }
            answer
        };
        // Every declaration is of this exporter, whom the kept sums do not tell apart.
        let rows = unworded(&format!("{query}&exporter={exporter}"));
        assert_eq!(unworded(query), rows, "{query}");
    }
    let by_exporter = get(&app, &app.admin, "period=year&from=2026&to=2026&split_by=exporter");
    let items = by_exporter.expect(200).json()["items"].clone();
    assert_eq!((&items[0]["exporter"], &items[0]["declared"]), (&json!(exporter), &json!(320)));
}

#[rstest]
fn provinces_and_campaigns_are_filters_and_splits(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = winter(engine);
    let province = |office: &str, province: &str| {
        let path = format!("/v1/offices/{office}");
        let mut body = app.get(&path).key(&app.admin).send().expect(200).json();
        let known = body.as_object_mut().unwrap();
        let fields = ["name", "time_zone", "cut_off", "daily_capacity", "working_days", "holidays"];
        known.retain(|field, _| fields.contains(&field.as_str()));
        body["province"] = province.into();
        app.put(&path).key(&app.admin).json(&body).send().expect(200);
    };
    province("CNTAO", "CN-SD");
    province("CNSHA", "CN-SH");
    let year = "period=year&from=2026&to=2026";
    let items = |query: &str| {
        get(&app, &app.admin, &format!("{year}&{query}")).expect(200).json()["items"].clone()
    };
    let split = items("split_by=province");
    assert_eq!((&split[0]["province"], &split[1]["province"]), (&json!("CN-SD"), &json!("CN-SH")));
    let own = items("province=CN-SD");
    assert_eq!(own[0]["rate"], items("office=CNTAO")[0]["rate"]);
    let unknown = get(&app, &app.admin, &format!("{year}&province=CN-GD"));
    let problem = unknown.problem(422, "question-impossible");
    assert!(problem["detail"].as_str().unwrap().contains("CN-SD"), "{problem}");

    let campaign = json!({"id": "spring", "name": "Spring", "from": "2027-01-01", "until": "2027-06-30",
        "regions": ["africa"], "commodities": ["8507"],
        "steps": [{"from": "2027-01-01", "proportion": 0.2}]});
    app.post("/v1/campaigns").key(&app.admin).json(&campaign).send().expect(201);
    let goods = items("campaign=spring");
    assert_eq!(goods[0]["rate"], items("region=africa&commodity=8507")[0]["rate"]);
    assert!(goods[0]["declared"].as_u64().unwrap() > 0);
    assert_eq!(items("split_by=campaign")[0]["campaign"], "spring");
    get(&app, &app.admin, &format!("{year}&campaign=autumn")).problem(404, "not-found");
}

#[rstest]
fn a_rate_is_answered_in_the_one_shape(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let manager = app.key(Role::Manager, &["CNTAO"]);
    policy(&app, "1.0", "1.0");
    let goods: Vec<_> = (0..4).map(|n| (format!("A-{n}"), "KE", "850760")).collect();
    declare(&app, "CNTAO", "2026-02-02", &goods);
    draw(&app, "CNTAO", "2026-02-02", |number| match number {
        "A-0" => ItemState::Failed,
        _ => ItemState::Passed,
    });
    // One came afterwards, one was cancelled before any frame.
    let late: Vec<_> = (4..6).map(|n| (format!("A-{n}"), "KE", "850760")).collect();
    declare(&app, "CNTAO", "2026-02-02", &late);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let cancel = app.put("/v1/declarations/A-5/cancellation").key(&customs);
    cancel.json(&json!({})).send().expect(200);
    // Cancelled after the draw: it stays in the frame.
    let cancel = app.put("/v1/declarations/A-3/cancellation").key(&customs);
    cancel.json(&json!({})).send().expect(200);

    let query = "period=month&from=2026-W01&to=2026-Q1&split_by=region";
    let none = |period: &str| match period {
        // The first period begins with the week that was asked for.
        "2025-12" => json!({
            "en": "No goods to Africa through office CNTAO were declared for 29 to 31 December 2025",
            "zh": "2025年12月29日至31日没有申报经海关CNTAO、运往非洲的货物"}),
        _ => {
            let (year, month) = period.split_once('-').unwrap();
            let number: usize = month.parse().unwrap();
            let month = ["", "January", "February", "March"][number];
            json!({
                "en": format!("No goods to Africa through office CNTAO were declared for {month} {year}"),
                "zh": format!("{year}年{number}月没有申报经海关CNTAO、运往非洲的货物")})
        }
    };
    let empty = |period: &str| {
        json!({"period": period, "region": "africa", "declared": 0, "in_frames": 0,
            "not_in_frame": 0, "drawn": 0, "open": 0, "not_inspected": 0,
            "directive": {"drawn": 0, "inspected": 0, "failed": 0}, "provisional": false, "small": true,
            "rate": {"inspected": 0, "failed": 0, "observed_rate": null, "estimated_rate": null,
                "standard_error": null, "ci_low": null, "ci_high": null, "effective_n": null,
                "target": "declarations", "method": "hajek/weighted-clopper-pearson"},
            "change": null, "headline": none(period)})
    };
    let answer = get(&app, &manager, query).expect(200).json();
    assert_eq!(
        answer,
        json!({"period": "month", "split_by": ["region"], "from": "2025-12-29",
            "to": "2026-03-31", "target": "declarations", "compare": null, "items": [empty("2025-12"), empty("2026-01"), {
                "period": "2026-02", "region": "africa", "declared": 5, "in_frames": 4,
                "not_in_frame": 1, "drawn": 4, "open": 0, "not_inspected": 0,
                "directive": {"drawn": 0, "inspected": 0, "failed": 0}, "provisional": true, "small": true,
                "rate": {"inspected": 4, "failed": 1, "observed_rate": 0.25,
                    "estimated_rate": 0.25, "standard_error": 0.0, "ci_low": 0.25,
                    "ci_high": 0.25, "effective_n": 4.0, "target": "declarations",
                    "method": "hajek/weighted-clopper-pearson"}, "change": null, "headline": {
                    "en": "Too few goods to Africa through office CNTAO were inspected in February 2026 to name a rate: 4 (95 %: 25.0 to 25.0 %)",
                    "zh": "2026年2月经海关CNTAO、运往非洲的货物仅检验4批，不足以给出不合格率（95%区间：25.0%至25.0%）"}},
                empty("2026-03")]})
    );
    let process = get(&app, &manager, &format!("{query}&target=process")).expect(200).json();
    let rate = &process["items"][2]["rate"];
    assert_eq!((&process["target"], &rate["target"]), (&json!("process"), &json!("process")));
    // Clopper & Pearson 1934, one of four.
    let near = |field: &str, want: f64| (rate[field].as_f64().unwrap() - want).abs() < 1e-9;
    assert!(near("ci_low", 0.006_309_463_2) && near("ci_high", 0.805_879_550_3), "{rate}");

    let waiting =
        get(&app, &manager, "period=day&from=2026-02-02&to=2026-02-02&split_by=selection");
    let waiting = waiting.expect(200).json()["items"][0].clone();
    assert_eq!((&waiting["selection"], &waiting["not_in_frame"]), (&Value::Null, &json!(1)));
    let rate = &waiting["rate"];
    assert_eq!((&rate["inspected"], &rate["failed"]), (&json!(0), &json!(0)));
    for field in
        ["observed_rate", "estimated_rate", "standard_error", "ci_low", "ci_high", "effective_n"]
    {
        assert_eq!(rate.get(field), Some(&Value::Null), "{field}");
    }
    let none = get(&app, &manager, "period=year&from=2020&to=2020").expect(200).json();
    assert_eq!((&none["items"][0]["declared"], none["items"][1].is_null()), (&json!(0), true));
    assert_eq!(none["items"][0]["rate"]["estimated_rate"], Value::Null);
}

#[rstest]
fn a_key_sees_the_rates_of_its_offices(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = winter(engine);
    let own = app.key(Role::Manager, &["CNTAO"]);
    let year = "period=year&from=2026&to=2026";
    let items = |key: &str, query: &str| {
        get(&app, key, &format!("{year}&{query}")).expect(200).json()["items"].clone()
    };
    let all = items(&app.admin, "split_by=office");
    assert_eq!((&all[0]["office"], &all[1]["office"]), (&json!("CNSHA"), &json!("CNTAO")));
    assert_eq!(items(&own, "split_by=office"), json!([all[1]]));
    assert_eq!(items(&app.admin, "split_by=office&office=CNTAO"), json!([all[1]]));
    for office in ["CNSHA", "NOWHERE"] {
        get(&app, &own, &format!("{year}&office={office}")).problem(404, "not-found");
    }
    get(&app, &app.admin, &format!("{year}&office=NOWHERE")).problem(404, "not-found");
    for role in [Role::Auditor, Role::Policy, Role::Manager, Role::Admin] {
        get(&app, &app.key(role, &[]), year).expect(200);
    }
    for role in [Role::Customs, Role::Inspector] {
        get(&app, &app.key(role, &["CNTAO"]), year).problem(403, "forbidden");
    }
    app.get(&format!("{RATES}?{year}")).send().problem(401, "unauthenticated");
}

#[rstest]
fn a_wrong_question_hears_what_is_possible(#[values(Sqlite)] engine: Engine) {
    let app = TestApp::start(engine);
    for (query, words) in [
        ("", "period"),
        ("period=month&from=2026", "to"),
        ("period=fortnight&from=2026&to=2026", "quarter"),
        ("period=month&from=2026-13&to=2026", "2026-W05"),
        ("period=month&from=2027&to=2026", "after"),
        ("period=month&from=2026&to=2026&split_by=importer", "subheading"),
        ("period=month&from=2026&to=2026&province=CN-XX", "no office has a province"),
        ("period=day&from=1000&to=9999", "longer periods"),
        ("period=month&from=2026&to=2026&grouping=nato", "belt-and-road"),
        ("period=month&from=2026&to=2026&target=all", "process"),
        ("period=month&from=2026&to=2026&compare=last_year", "previous_year"),
        (
            "period=month&from=2026&to=2026&compare=previous_year&target=declarations",
            "ask for `process`",
        ),
        // 31 years are not too many, but both ranges are.
        ("period=day&from=2000&to=2026&compare=previous_year", "longer periods"),
        ("period=month&from=2026&to=2026&colour=red", "colour"),
    ] {
        let code = match words {
            "period" | "to" | "colour" => (400, "invalid-parameter"),
            _ => (422, "question-impossible"),
        };
        let problem = get(&app, &app.admin, query).problem(code.0, code.1);
        assert!(problem["detail"].as_str().unwrap().contains(words), "{query}: {problem}");
    }
}

#[rstest]
fn the_same_rates_come_as_a_file(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    app.key(Role::Manager, &["-1A"]);
    policy(&app, "1.0", "1.0");
    declare(&app, "-1A", "2026-02-02", &[("B-1".into(), "NA", "0703")]);
    draw(&app, "-1A", "2026-02-02", |_| ItemState::Passed);
    let query = "period=week&from=2026-W06&to=2026-W06&split_by=office,country";
    let file = app.get(&format!("{RATES}.csv?{query}")).key(&app.admin).send().expect(200);
    assert_eq!(
        file.text(),
        "period,office,country,declared,in_frames,not_in_frame,drawn,open,not_inspected,inspected,\
         failed,directive_drawn,directive_inspected,directive_failed,observed_rate,estimated_rate,standard_error,ci_low,ci_high,effective_n,provisional,\
         small,target,method\n2026-W06,'-1A,NA,1,1,0,1,0,0,1,0,0,0,0,0,0,,0,0,1,false,true,declarations,\
         hajek/weighted-clopper-pearson\n"
    );
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
    let accepted = app.get(&format!("{RATES}?{query}")).key(&app.admin);
    let accepted = accepted.header("Accept", "text/csv").send().expect(200);
    assert_eq!(accepted.text(), file.text());
}

#[rstest]
fn the_operator_prints_the_same_rates(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = winter(engine);
    let year = ["--period", "month", "--from", "2026-01-01", "--to", "2026", "--split-by"];
    let (code, json, _) = command(&app, &[&year[..], &["region,office", "--json"]].concat());
    let query = "period=month&from=2026-01-01&to=2026-12-31&split_by=region,office";
    let api = get(&app, &app.admin, query).expect(200).json();
    assert_eq!((code, serde_json::from_str::<Value>(&json).unwrap()), (Some(0), api));

    let (code, table, _) = command(&app, &[&year[..], &["region"]].concat());
    assert_eq!(code, Some(0));
    for words in ["2026-01", "africa", "fewer than 30 inspected", "results are missing still"] {
        assert!(table.contains(words), "{table}");
    }
    let (code, _, words) = command(&app, &[&year[..], &["planet"]].concat());
    assert_eq!(code, Some(2));
    assert!(words.contains("subheading"), "{words}");
}
