//! A manager is told when a failure rate leaves what it has been: once, with the numbers, and not by
//! chance alone.

use crate::command_line::breeze;
use crate::support::*;
use breeze::domain::chain::NO_OFFICE;
use breeze::domain::declaration::parse;
use breeze::domain::inspection::ItemState;
use breeze::domain::key::{Caller, Role};
use breeze::flow::declare::{Intake, OnChange};
use breeze::store;
use chrono::{Datelike, Days, NaiveDate, Weekday};
use rstest::rstest;
use serde_json::{Value, json};

const CHART: &str = "/v1/trends/control-chart";
const HISTORICAL: Intake = Intake { historical: true, on_change: OnChange::Refuse };
const AFRICA: &str = "chart-month-africa-2026-10-rate-above-limit";
const OFFICES: [&str; 2] = ["CNTAO", "CNSHA"];

/// Goods of a month in an office: country, how many, how many of them fail.
type Goods = [(&'static str, usize, usize); 3];

/// In Africa 5 of 50 fail over both offices, in Europe 10 of 100, in Asia none of 20.
fn usual(office: &str) -> Goods {
    [("KE", 25, if office == "CNTAO" { 3 } else { 2 }), ("DE", 50, 5), ("VN", 10, 0)]
}

/// The month when Africa's rate triples: 15 of 50.
fn tripled(office: &str) -> Goods {
    let [(_, goods, _), others @ ..] = usual(office);
    let [europe, asia] = others;
    [("KE", goods, if office == "CNTAO" { 8 } else { 7 }), europe, asia]
}

/// The second Tuesday of a month.
fn tuesday(year: i32, month: u32) -> NaiveDate {
    let eighth = NaiveDate::from_ymd_opt(year, month, 8).unwrap();
    let mut days = eighth.iter_days().take(7);
    days.find(|day| day.weekday() == Weekday::Tue).unwrap()
}

/// Fourteen months up to October 2026, of which the last is `last`; everything is drawn and inspected.
fn months(engine: Engine, last: fn(&str) -> Goods) -> TestApp {
    let app = TestApp::start(engine);
    app.key(Role::Manager, &OFFICES);
    let file = "id = \"past\"\nfrom = 2020-01-01\nfloor = 0.01\n\n[[rules]]\nproportion = 1\n";
    let post = app.post("/v1/policies?historical=true").key(&app.admin);
    post.body("application/toml", file).send().expect(201);
    for office in OFFICES {
        let mut large = office_of(500);
        large["name"] = json!(office);
        app.put(&format!("/v1/offices/{office}")).key(&app.admin).json(&large).send().expect(200);
        for month in 0..14 {
            let (year, in_year) = (if month < 4 { 2025 } else { 2026 }, (8 + month) % 12 + 1);
            let goods = if month == 13 { last(office) } else { usual(office) };
            day(&app, office, tuesday(year, in_year), &goods);
        }
    }
    breeze::flow::rates::rebuild(&app.app.store).unwrap();
    app
}

fn office_of(daily_capacity: u32) -> Value {
    let mut office = office();
    office["daily_capacity"] = daily_capacity.into();
    office
}

/// Declares goods of a past day, draws them, and lets the first ones of each country fail.
fn day(app: &TestApp, office: &str, day: NaiveDate, goods: &Goods) {
    let (store, now, caller) = (&app.app.store, app.app.now(), Caller::operator("test"));
    let mut checked = Vec::new();
    for (country, count, failing) in goods {
        for n in 0..*count {
            let outcome = if n < *failing { "FAIL" } else { "PASS" };
            let mut body = battery();
            body["declaration_number"] = format!("{office}-{day}-{country}-{n}-{outcome}").into();
            body["office"] = office.into();
            body["destination_country"] = (*country).into();
            body["declared_at"] = format!("{day}T09:00:00+08:00").into();
            checked.push(parse(&serde_json::from_value(body).unwrap(), now, true).unwrap());
        }
    }
    let done = breeze::flow::declare::put_all(store, &caller, &checked, HISTORICAL, now, "test");
    assert!(done.unwrap().iter().all(Result::is_ok));
    let master = &app.app.master;
    let (draw, _) = breeze::flow::draw::draw(store, master, &caller, office, day, now).unwrap();
    let result = store.write(|conn| {
        for item in store::items::of_draw(conn, &draw.id)? {
            let fails = item.candidate.declaration_number.ends_with("FAIL");
            let state = if fails { ItemState::Failed } else { ItemState::Passed };
            store::items::set_result(conn, &item, state, None, None)?;
        }
        Ok(())
    });
    result.unwrap();
}

fn signals(app: &TestApp, key: &str, query: &str) -> Vec<Value> {
    let page = app.get(&format!("/v1/signals?{query}")).key(key).send().expect(200).json();
    page["items"].as_array().unwrap().clone()
}

fn ids(signals: &[Value]) -> Vec<&str> {
    signals.iter().map(|signal| signal["id"].as_str().unwrap()).collect()
}

#[rstest]
fn a_region_whose_rate_triples_is_signalled_once_and_acknowledged(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = months(engine, tripled);
    let manager = app.key(Role::Manager, &[]);
    let evaluate = || app.post("/v1/signal-evaluations").key(&manager).send().expect(200).json();
    let done = evaluate();
    assert_eq!(done["periods"], json!(["2026-W42", "2026-09", "2026-10"]), "{done}");
    assert_eq!(done["waiting"], json!([]));
    // All goods are of one chapter, so the region's chapter says the same; everything else is silent.
    let chapter = "chart-month-africa-85-2026-10-rate-above-limit";
    let found = signals(&app, &manager, "");
    assert_eq!(ids(&found), [AFRICA, chapter]);
    assert_eq!(done["signals"].as_array().unwrap().len(), 2);
    let signal = app.get(&format!("/v1/signals/{AFRICA}")).key(&manager).send().expect(200).json();
    assert_eq!(
        (&signal["kind"], &signal["state"], &signal["office"], &signal["day"]),
        (&json!("rate_above_limit"), &json!("open"), &json!("-"), &json!("2026-10-31"))
    );
    // By hand: 1/n' = 1/50 + 1/600, z = 0.2/√(0.09/n') = 4.529; fewer than five failures expected of n'.
    let evidence = &signal["evidence"];
    let mut expected = json!({"version": 1, "series": {"region": "africa"}, "period_kind": "month",
        "period": "2026-10", "first_day": "2026-10-01", "last_day": "2026-10-31",
        "rules": ["above_limit"], "declared": 50, "drawn": 50, "open": 0, "provisional": false,
        "inspected": 50, "failed": 15, "effective_n_milli": 50_000, "rate_ppm": 300_000,
        "centre_ppm": 100_000, "low_ppm": 0, "exact": true, "sigma_milli": 1000,
        "z_milli": 4529, "ewma_milli": 906, "cusum_up_milli": 4029, "cusum_down_milli": 0,
        "baseline": {"from": "2025-10", "to": "2026-09", "inspected": 600, "failed": 60}});
    expected["high_ppm"] = evidence["high_ppm"].clone();
    assert_eq!(evidence, &expected);
    let high = evidence["high_ppm"].as_i64().unwrap();
    assert!((250_000..290_000).contains(&high), "{high}");

    let nothing = json!({"periods": [], "waiting": [], "signals": []});
    assert_eq!(evaluate(), nothing, "evaluated again, nothing changes");
    assert_eq!(app.tick().signalled, 0);
    assert_eq!(signals(&app, &manager, ""), found);

    let path = format!("/v1/signals/{AFRICA}/acknowledgement");
    let note = json!({"note": "new suppliers in Mombasa: visited on Monday"});
    let known = app.put(&path).key(&manager).json(&note).send().expect(200).json();
    assert_eq!(known["state"], "acknowledged");
    assert_eq!(app.put(&path).key(&manager).json(&note).send().expect(200).json(), known);
    let open = signals(&app, &manager, "state=open&kind=rate_above_limit");
    assert_eq!(ids(&open), [chapter]);
    assert_eq!(breeze::flow::publish::broken_chain(&app.app.store, NO_OFFICE).unwrap(), None);
}

/// What a period said stays said: results that are amended later raise nothing.
#[rstest]
fn two_replicas_raise_it_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = months(engine, tripled);
    let other = app.replica();
    let [one, two] = std::thread::scope(|scope| {
        let ticks = [&app, &other].map(|app| scope.spawn(|| app.tick().signalled));
        ticks.map(|tick| tick.join().unwrap())
    });
    assert_eq!(one + two, 2, "{one} and {two}");
    assert_eq!(signals(&app, &app.admin, "").len(), 2);
    assert_eq!(breeze::flow::publish::broken_chain(&app.app.store, NO_OFFICE).unwrap(), None);
}

#[rstest]
fn a_period_waits_for_its_results_but_not_for_ever(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = months(engine, tripled);
    app.set_clock("2026-11-02T09:00:00Z");
    let late = tuesday(2026, 10) + Days::new(1);
    let caller = Caller::operator("test");
    let mut body = battery();
    body["declaration_number"] = "LATE".into();
    body["declared_at"] = format!("{late}T09:00:00+08:00").into();
    let checked = parse(&serde_json::from_value(body).unwrap(), app.app.now(), true).unwrap();
    let (store, now) = (&app.app.store, app.app.now());
    let put = breeze::flow::declare::put_all(store, &caller, &[checked], HISTORICAL, now, "test");
    assert!(put.unwrap().iter().all(Result::is_ok));
    breeze::flow::draw::draw(store, &app.app.master, &caller, "CNTAO", late, now).unwrap();
    let evaluate = || {
        let post = app.post("/v1/signal-evaluations").key(&app.key(Role::Manager, &[])).send();
        let done = post.expect(200).json();
        [done["periods"].clone(), done["waiting"].clone()]
    };
    // The week of the missing result ended 15 days ago, the month 2.
    let first = evaluate();
    assert_eq!(first[0], json!(["2026-W37", "2026-W42", "2026-09"]));
    assert_eq!(first[1], json!(["2026-10"]));
    assert_eq!(evaluate(), [json!([]), json!(["2026-10"])]);
    app.set_clock("2026-11-06T23:59:59Z");
    assert_eq!(app.tick().signalled, 0);
    app.set_clock("2026-11-07T00:00:01Z");
    assert_eq!(app.tick().signalled, 2);
    let evidence = signals(&app, &app.admin, "")[0]["evidence"].clone();
    assert_eq!((&evidence["open"], &evidence["provisional"]), (&json!(1), &json!(true)));
    assert_eq!(evaluate(), [json!([]), json!([])]);
}

/// CNTAO's goods all fail three times as often.
fn of_one_office(office: &str) -> Goods {
    if office == "CNTAO" {
        usual(office).map(|(c, n, failed)| (c, n, 3 * failed))
    } else {
        usual(office)
    }
}

#[rstest]
fn keys_of_one_office_see_the_signals_of_theirs_only(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = months(engine, of_one_office);
    let [own, foreign] = OFFICES.map(|office| app.key(Role::Manager, &[office]));
    let post = |key: &str| app.post("/v1/signal-evaluations").key(key).send();
    post(&app.key(Role::Auditor, &[])).problem(403, "forbidden");
    let done = post(&own).expect(200).json();
    let id = "chart-month-office-CNTAO-2026-10-rate-above-limit";
    let told = done["signals"].as_array().unwrap().clone();
    // 8 of 85 a month before, 24 now: z = 5.71, so that EWMA (1.14) and CUSUM (5.21) signal as well.
    let drift = "chart-month-office-CNTAO-2026-10-rate-drift";
    assert_eq!(ids(&told), [id, drift], "{done}");
    assert_eq!(told[1]["evidence"]["rules"], json!(["ewma_high", "cusum_high"]));
    assert_eq!(told[1]["evidence"]["z_milli"], 5710);
    assert!(told.iter().all(|signal| signal["office"] == "CNTAO"), "{done}");
    assert_eq!(signals(&app, &own, "").len(), told.len());
    assert_eq!(signals(&app, &foreign, ""), Vec::<Value>::new());
    app.get(&format!("/v1/signals/{id}")).key(&own).send().expect(200);
    app.get(&format!("/v1/signals/{id}")).key(&foreign).send().problem(404, "not-found");
    let all = signals(&app, &app.admin, "office=-");
    assert!(!all.is_empty() && all.iter().all(|signal| signal["office"] == "-"), "{all:?}");
    let over_all = all[0]["id"].as_str().unwrap();
    app.get(&format!("/v1/signals/{over_all}")).key(&own).send().problem(404, "not-found");
    app.get("/v1/signals?office=-").key(&own).send().problem(404, "not-found");
    for chain in ["CNTAO", NO_OFFICE] {
        assert_eq!(breeze::flow::publish::broken_chain(&app.app.store, chain).unwrap(), None);
    }
    // Their charts are of their goods.
    let query = format!("{CHART}?period=month&from=2026-10&to=2026-10");
    let counts = [&own, &foreign].map(|key| {
        app.get(&query).key(key).send().expect(200).json()["items"][0]["rate"]["failed"].clone()
    });
    assert_eq!(counts, [json!(24), json!(7)]);
}

fn chart(app: &TestApp, query: &str) -> Value {
    let path = format!("{CHART}?period=month&{query}");
    let answer = app.get(&path).key(&app.admin).send().expect(200);
    assert!(!answer.text().contains("NaN") && !answer.text().contains("inf"), "{}", answer.text());
    answer.json()
}

fn near(found: &Value, wanted: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - wanted).abs() < 5e-5, "{found} is not {wanted}");
}

#[rstest]
fn a_chart_shows_every_period_between_its_limits(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = months(engine, tripled);
    let found = chart(&app, "from=2026-09&to=2026-10-15&region=africa");
    assert_eq!((&found["from"], &found["to"]), (&json!("2026-09-01"), &json!("2026-10-31")));
    assert_eq!(found["baseline"], json!({"kind": "moving", "from": null, "to": null}));
    let [september, october] = [0, 1].map(|at| &found["items"][at]);
    assert_eq!(
        (&september["signals"], &september["rate"]["target"]),
        (&json!([]), &json!("process"))
    );
    near(&september["limits"]["z"], 0.0);
    near(&october["rate"]["estimated_rate"], 0.3);
    near(&october["limits"]["centre"], 0.1);
    near(&october["limits"]["z"], 4.52911);
    near(&october["limits"]["ewma"], 0.90582);
    assert_eq!(october["signals"], json!(["above_limit"]));
    assert_eq!((&october["reason"], &october["provisional"]), (&json!(null), &json!(false)));
    // A fixed baseline is a standard: z = 0.2/√(0.09/50).
    let fixed = chart(
        &app,
        "from=2026-10&to=2026-10&region=africa&baseline_from=2025-09&baseline_to=2026-08",
    );
    assert_eq!(fixed["baseline"], json!({"kind": "fixed", "from": "2025-09", "to": "2026-08"}));
    assert_eq!(fixed["items"].as_array().unwrap().len(), 1);
    near(&fixed["items"][0]["limits"]["z"], 4.71405);

    let path = format!("{CHART}.csv?period=month&from=2026-10&to=2026-10&region=africa");
    let file = app.get(&path).key(&app.admin).send().expect(200).text();
    let lines: Vec<&str> = file.lines().collect();
    assert!(
        lines[0].starts_with("period,declared,in_frames,drawn,open,inspected,failed,"),
        "{file}"
    );
    assert!(lines[1].starts_with("2026-10,50,50,50,0,50,15,0.3,"), "{file}");
    let accept = app.get(&path.replace(".csv", "")).key(&app.admin).header("accept", "text/csv");
    assert_eq!(accept.send().expect(200).text(), file);

    let command = ["chart", "--period", "month", "--from", "2026-09", "--to", "2026-10-15"];
    let output = breeze(&app, &[&command[..], &["--region", "africa", "--json"]].concat());
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(printed, found);
}

#[rstest]
fn what_has_no_limits_says_why_in_words(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = months(engine, tripled);
    let reasons = |query: &str| -> Vec<String> {
        let items = chart(&app, query)["items"].clone();
        let one = |item: &Value| {
            let why = item["reason"].as_str().unwrap_or("limits").to_owned();
            assert_eq!(item["limits"].is_null(), why != "limits", "{item}");
            assert_eq!(item["explanation"].is_string(), why != "limits", "{item}");
            why
        };
        items.as_array().unwrap().iter().map(one).collect()
    };
    let first = reasons("from=2025-08&to=2026-03&region=africa");
    assert_eq!(first[..2], ["nothing_inspected", "baseline_not_inspected"]);
    assert_eq!(first[2..], [["baseline_too_short"; 5].as_slice(), &["limits"]].concat());
    assert_eq!(reasons("from=2026-10&to=2026-10&region=asia"), ["baseline_without_failures"]);
    assert_eq!(reasons("from=2026-10&to=2026-10&region=oceania"), ["nothing_inspected"]);
    let fixed = "from=2026-10&to=2026-10&region=africa&baseline_from=2026-08&baseline_to=2026-09";
    assert_eq!(reasons(fixed), ["baseline_too_short"]);
    let running = chart(&app, "from=2026-11&to=2026-11")["items"][0].clone();
    assert_eq!((&running["provisional"], &running["declared"]), (&json!(true), &json!(0)));
    assert_eq!(running["rate"]["estimated_rate"], json!(null));
    for (query, words) in [
        ("baseline_from=2026-08", "baseline_to: "),
        ("baseline_to=2026-08", "baseline_from: "),
        ("baseline_from=2026-08&baseline_to=2026-07", "lies after"),
        ("baseline_from=august&baseline_to=2026-07", "baseline_from: `august` is no period"),
    ] {
        let path = format!("{CHART}?period=month&from=2026-10&to=2026-10&{query}");
        let problem = app.get(&path).key(&app.admin).send().problem(422, "question-impossible");
        assert!(problem["detail"].as_str().unwrap().contains(words), "{problem}");
    }
}
