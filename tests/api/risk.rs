//! The risk score at work: learned from results, approved by a second person, aiming the draw, and
//! explained to whoever doubts it.

use crate::command_line::breeze;
use crate::support::*;
use breeze::api::download::unzip;
use breeze::domain::key::Role;
use breeze::sampling::verify::{Verdict, verify};
use rstest::rstest;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// After the cut-off of the story's day, 18:00 in Qingdao.
const EVENING: &str = "2026-11-24T10:00:05Z";

/// The n-th declaration of the past: a day of autumn 2026, one of twenty exporters.
fn exporter(n: usize) -> String {
    format!("X{:02}", n % 20)
}

/// Goods of the first five exporters fail, and every eleventh of the others.
fn fails(n: usize) -> bool {
    n % 20 < 5 || n.is_multiple_of(11)
}

fn past(count: usize) -> (String, String) {
    let mut declarations =
        "declaration_number,office,exporter_id,destination_country,commodity_code,quantity,unit,\
                            net_weight_kg,value,currency,declared_at\n"
            .to_owned();
    let mut results = "declaration_number,outcome,inspected_at,selection\n".to_owned();
    for n in 0..count {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 9, 1).unwrap()
            + chrono::Days::new(u64::try_from(n * 80 / count).unwrap());
        let (country, code) =
            (["KE", "NG", "BR", "VN"][n / 3 % 4], ["640399", "850760"][n / 7 % 2]);
        let exporter = exporter(n);
        let weight = 10 + n % 37;
        let _ = writeln!(
            declarations,
            "P-{n:04},CNTAO,{exporter},{country},{code},1,C62,{weight},100,CNY,{day}T09:00:00+08:00"
        );
        let outcome = if fails(n) { "fail" } else { "pass" };
        let _ = writeln!(results, "P-{n:04},{outcome},{day}T15:00:00+08:00,all");
    }
    (declarations, results)
}

/// An office with a past of so many declarations, all of them inspected before Breeze.
fn with_past(app: &TestApp, count: usize) {
    app.office("CNTAO");
    let (declarations, results) = past(count);
    let import = app.post("/v1/declaration-imports?historical=true").key(&app.admin);
    let import = import.body("text/csv", declarations).send().expect(201).json();
    assert_eq!(import["created"], count, "{import}");
    let import = app.post("/v1/result-imports").key(&app.admin).body("text/csv", results);
    assert_eq!(import.send().expect(201).json()["created"], count);
}

/// Today's declarations: one of each exporter for each number of `each`.
fn declare(app: &TestApp, each: usize) {
    let customs = app.key(Role::Customs, &["CNTAO"]);
    for n in 0..20 * each {
        let mut body = battery();
        body["exporter_id"] = exporter(n).into();
        body["net_weight_kg"] = "12.5".into();
        let path = format!("/v1/declarations/D-{n:04}");
        app.put(&path).key(&customs).json(&body).send().expect(201);
    }
}

fn fit(app: &TestApp, key: &str) -> Value {
    app.post("/v1/risk-models").key(key).json(&json!({})).send().expect(201).json()
}

fn activation(app: &TestApp, key: &str, version: i32) -> Answer {
    let path = format!("/v1/risk-models/{version}/activation");
    app.put(&path).key(key).json(&json!({"note": "read"})).send()
}

/// Fitted by one, activated by another.
fn aimed(app: &TestApp) {
    let one = app.key(Role::Policy, &[]);
    let other = app.key(Role::Manager, &[]);
    assert_eq!(fit(app, &one)["version"], 1);
    activation(app, &other, 1).expect(200);
}

fn draw(app: &TestApp) -> Value {
    let manager = app.key(Role::Manager, &["CNTAO"]);
    let body = json!({"office": "CNTAO", "day": "2026-11-24"});
    app.post("/v1/draws").key(&manager).json(&body).send().expect(201).json()
}

/// Number, factor and chance of every row of a frame.
fn frame(app: &TestApp, id: &str) -> Vec<(String, u32, u64)> {
    let auditor = app.key(Role::Auditor, &[]);
    let text = app.get(&format!("/v1/draws/{id}/frame")).key(&auditor).send().expect(200).text();
    let rows = text.lines().filter(|line| line.starts_with("D-"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('\t').collect();
        (cells[0].to_owned(), cells[4].parse().unwrap(), cells[6].parse().unwrap())
    })
    .collect()
}

#[rstest]
fn a_model_aims_the_draw_once_a_second_person_activated_it(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    with_past(&app, 600);
    declare(&app, 3);
    let (one, other) = (app.key(Role::Policy, &[]), app.key(Role::Policy, &[]));
    let model = fit(&app, &one);
    assert_eq!((&model["version"], &model["lessons"]), (&json!(1), &json!(600)));
    assert_eq!((&model["active"], &model["activation"]), (&json!(false), &Value::Null));
    let variance = |name: &str| {
        let factors = model["factors"].as_array().unwrap();
        factors.iter().find(|one| one["factor"] == name).unwrap()["variance"].as_f64().unwrap()
    };
    assert!(variance("exporter") > 0.0 || variance("streak") > 0.0, "{model}");
    let judged = &model["backtest"]["all_rows"];
    let first = judged["precision"].as_array().unwrap().iter().find(|one| one["percent"] == 20);
    let (first, base) = (first.unwrap()["precision"].as_f64(), judged["base_rate"].as_f64());
    assert!(first.unwrap() > 2.0 * base.unwrap(), "{judged}");

    let again = app.post("/v1/risk-models").key(&other).json(&json!({})).send().expect(200).json();
    assert_eq!(again["label"], model["label"], "the same results give the same model");
    activation(&app, &one, 1).problem(403, "own-proposal");
    let before = frame_preview(&app);
    assert_eq!(before["risk_model"], Value::Null, "nothing is aimed by an own proposal");
    let active = activation(&app, &other, 1).expect(200).json();
    assert_eq!(
        (&active["active"], &active["activation"]["kind"]),
        (&json!(true), &json!("approved"))
    );

    let preview = frame_preview(&app);
    app.set_clock(EVENING);
    let draw = draw(&app);
    assert_eq!(draw["risk_model"], model["label"]);
    assert_eq!(draw["frame"]["asked_by_policy"], preview["asked_by_policy"]);
    assert_eq!(preview["rows"], 60);
    assert!(!preview.to_string().contains("D-0"), "sizes, never names: {preview}");
    let rows = frame(&app, "CNTAO-20261124-1");
    let mean = |bad: bool| {
        let rows = rows
            .iter()
            .filter(|(number, ..)| (number[2..].parse::<usize>().unwrap() % 20 < 5) == bad);
        let factors: Vec<f64> = rows.map(|(_, factor, _)| f64::from(*factor) / 65_536.0).collect();
        factors.iter().sum::<f64>() / f64::from(u32::try_from(factors.len()).unwrap())
    };
    assert!(mean(true) > 4.0 * mean(false), "{} against {}", mean(true), mean(false));
    assert!(rows.iter().all(|(_, factor, pi)| (13_107..=524_288).contains(factor) && *pi > 0));

    let auditor = app.key(Role::Auditor, &[]);
    app.advance(chrono::TimeDelta::days(8));
    app.tick();
    let bundle =
        app.get("/v1/draws/CNTAO-20261124-1/audit-bundle").key(&auditor).send().expect(200);
    let verdict = verify(&unzip(bundle.bytes().to_vec()).unwrap()).verdict;
    assert_eq!(verdict, Verdict::Verified);
}

fn frame_preview(app: &TestApp) -> Value {
    let manager = app.key(Role::Manager, &["CNTAO"]);
    let body = json!({"office": "CNTAO", "day": "2026-11-24"});
    app.post("/v1/draw-previews").key(&manager).json(&body).send().expect(200).json()
}

#[rstest]
fn every_factor_of_a_frame_can_be_recomputed_and_every_item_says_why(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    with_past(&app, 600);
    let everything =
        "id = \"tenth\"\nfrom = 2026-11-24\nfloor = 0\n\n[[rules]]\nproportion = 0.3\n";
    app.govern(everything);
    declare(&app, 3);
    aimed(&app);
    app.set_clock(EVENING);
    draw(&app);
    let id = "CNTAO-20261124-1";
    let explain = breeze(&app, &["risk", "explain", id, "--json"]);
    assert!(explain.status.success(), "{}", String::from_utf8_lossy(&explain.stderr));
    let explained: Value = serde_json::from_slice(&explain.stdout).unwrap();
    assert_eq!((&explained["rows"], &explained["differing"]), (&json!(60), &json!([])));

    let inspector = app.inspector("CNTAO", "insp-07");
    let path = format!("/v1/sample-lists/{id}");
    let list = app.get(&path).key(&inspector).send().expect(200).json();
    let items = list["items"].as_array().unwrap();
    let why: Vec<&str> = items
        .iter()
        .flat_map(|item| item["reasons"].as_array().unwrap())
        .filter(|reason| reason["code"] == "risk")
        .map(|reason| reason["text"]["en"].as_str().unwrap())
        .collect();
    assert!(why.iter().any(|words| words.contains("this exporter")), "{list}");

    let profile = |number: &str| {
        let path = format!("/v1/declarations/{number}/risk-profile");
        app.get(&path).key(&inspector).send().expect(200).json()
    };
    let item = items[0]["declaration_number"].as_str().unwrap();
    let frozen = &profile(item)["frozen"];
    assert_eq!(frozen["inclusion_probability"], items[0]["inclusion_probability"]);
    let (suspect, proper) = (profile("D-0000"), profile("D-0012"));
    let probability = |profile: &Value| profile["frozen"]["score"]["probability"].as_f64().unwrap();
    assert!(probability(&suspect) > 0.5 && probability(&proper) < 0.3, "{suspect} {proper}");
    let points = suspect["frozen"]["score"]["contributions"][0]["points"].as_f64().unwrap();
    assert!(points > 0.5, "{suspect}");
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let path = "/v1/declarations/D-0000/risk-profile";
    app.get(path).key(&customs).send().problem(403, "forbidden");
}

#[rstest]
fn each_night_the_approved_recipe_learns_anew_until_it_is_withdrawn(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    with_past(&app, 400);
    assert_eq!(app.tick().refitted, 0, "nobody approved a recipe");
    let one = app.key(Role::Policy, &[]);
    assert_eq!(fit(&app, &one)["version"], 1);
    activation(&app, &app.key(Role::Manager, &[]), 1).expect(200);
    assert_eq!(app.tick().refitted, 0, "as of today it is fitted");
    app.set_clock("2026-11-25T00:00:30Z");
    assert_eq!(app.tick().refitted, 1);
    assert_eq!(app.tick().refitted, 0);
    let manager = app.key(Role::Manager, &[]);
    let models = app.get("/v1/risk-models").key(&manager).send().expect(200).json();
    let latest = &models["items"][0];
    assert_eq!((&latest["version"], &latest["active"]), (&json!(2), &json!(true)));
    assert_eq!(latest["activation"]["kind"], "refitted");
    assert_eq!(latest["backtest"]["previous"]["version"], 1);

    let withdraw = |version: i32| {
        let path = format!("/v1/risk-models/{version}/withdrawal");
        app.put(&path).key(&manager).json(&json!({"note": "the codes were swapped"})).send()
    };
    withdraw(1).problem(409, "risk-model-not-active");
    assert_eq!(withdraw(2).expect(200).json()["active"], false);
    app.set_clock("2026-11-26T00:00:30Z");
    assert_eq!(app.tick().refitted, 0, "nothing is approved any more");
    let proposer = models["items"][1]["fitted_by"].as_str().unwrap().to_owned();
    assert!(proposer.starts_with("key:"), "{proposer}");
    activation(&app, &one, 2).problem(403, "own-proposal");
    activation(&app, &app.key(Role::Policy, &[]), 1).problem(409, "risk-model-outdated");
}

#[rstest]
fn of_nothing_nothing_is_learned_and_every_factor_stays_one(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    declare(&app, 2);
    let one = app.key(Role::Policy, &[]);
    let model = fit(&app, &one);
    assert_eq!((&model["lessons"], &model["no_effects"]), (&json!(0), &json!("no_results")));
    assert_eq!(model["backtest"], Value::Null);
    activation(&app, &app.key(Role::Policy, &[]), 1).expect(200);
    app.set_clock(EVENING);
    draw(&app);
    assert!(frame(&app, "CNTAO-20261124-1").iter().all(|(_, factor, _)| *factor == 65_536));
}

#[rstest]
fn a_declaration_is_assessed_without_being_stored(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    with_past(&app, 600);
    let manager = app.key(Role::Manager, &["CNTAO"]);
    let assess = |exporter: &str| {
        let mut body = battery();
        body["exporter_id"] = exporter.into();
        let path = "/v1/risk-assessments?day=2026-11-25";
        app.post(path).key(&manager).json(&body).send().expect(200).json()
    };
    let even = assess("X00");
    assert_eq!((&even["score"], &even["factor"]), (&Value::Null, &json!(1.0)));
    // 2 %, rounded down to units of 2⁻³².
    assert_eq!(even["asked_probability"], 85_899_345_f64 / 2_f64.powi(32));
    aimed(&app);
    let (suspect, proper) = (assess("X00"), assess("X12"));
    assert!(suspect["factor"].as_f64() > proper["factor"].as_f64(), "{suspect} {proper}");
    assert_eq!((&suspect["rule"], &suspect["policy"]), (&json!("default"), &json!("default@1")));
    assert!(suspect["past"].as_str().unwrap().starts_with('F'), "{suspect}");
    let stranger = assess("NEVER-SEEN");
    assert_eq!(stranger["past"], "none/none");
    let stored = app.get("/v1/declarations?exporter_id=NEVER-SEEN").key(&manager).send();
    assert_eq!(stored.expect(200).json()["items"], json!([]));

    let mut elsewhere = battery();
    elsewhere["office"] = "CNSHA".into();
    app.office("CNSHA");
    let foreign = app.post("/v1/risk-assessments").key(&manager).json(&elsewhere).send();
    foreign.faults(&[("/office", "office-unknown")]);
    let broken = json!({"office": "CNTAO", "destination_country": "XX"});
    let broken = app.post("/v1/risk-assessments").key(&manager).json(&broken).send();
    assert_eq!(broken.problem(422, "invalid")["errors"].as_array().unwrap().len(), 5);
}

#[rstest]
fn what_makes_no_sense_is_refused_with_the_reason(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let (one, other) = (app.key(Role::Policy, &[]), app.key(Role::Policy, &[]));
    let fit = |body: Value| app.post("/v1/risk-models").key(&one).json(&body).send();
    fit(json!({"as_of": "2027-01-01"})).faults(&[("/as_of", "number-out-of-range")]);
    let mut recipe = fit(json!({})).expect(201).json()["recipe"].clone();
    recipe["half_life_days"] = json!(0);
    fit(json!({"recipe": recipe})).faults(&[("/recipe", "number-out-of-range")]);
    recipe["half_life_days"] = json!(365);
    let (early, wide) = (json!("2026-11-01"), fit(json!({"recipe": recipe})).expect(201).json());
    assert_eq!(wide["version"], 2);
    activation(&app, &other, 2).expect(200);
    let old = fit(json!({"as_of": early, "recipe": null})).expect(201).json();
    let version = i32::try_from(old["version"].as_i64().unwrap()).unwrap();
    activation(&app, &other, version).problem(409, "risk-model-outdated");
    activation(&app, &other, 99).problem(404, "not-found");
    let narrow = app.key(Role::Policy, &["CNTAO"]);
    activation(&app, &narrow, 1).problem(403, "forbidden");
    app.get("/v1/risk-models/first").key(&one).send().problem(404, "not-found");
}

#[rstest]
fn a_policy_is_estimated_on_what_was_drawn_before_anybody_signs_it(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    with_past(&app, 600);
    app.govern("id = \"tenth\"\nfrom = 2026-11-24\nfloor = 0\n\n[[rules]]\nproportion = 0.2\n");
    declare(&app, 5);
    aimed(&app);
    let manager = app.key(Role::Manager, &["CNTAO"]);
    let estimate = |rules: Value| {
        let policy = json!({"id": "more", "from": "2027-01-01", "floor": 0, "rules": rules});
        app.post("/v1/policy-estimates").key(&manager).json(&json!({"policy": policy})).send()
    };
    estimate(json!([{"proportion": 0.2}])).problem(409, "nothing-drawn");
    app.set_clock(EVENING);
    draw(&app);
    let inspector = app.inspector("CNTAO", "insp-07");
    let list = app.get("/v1/sample-lists/CNTAO-20261124-1").key(&inspector).send().json();
    for item in list["items"].as_array().unwrap() {
        let number = item["declaration_number"].as_str().unwrap();
        let n: usize = number[2..].parse().unwrap();
        let result = json!({"item": format!("CNTAO-20261124-1/{}", item["position"]),
            "outcome": if fails(n) { "fail" } else { "pass" }, "inspected_at": EVENING});
        let path = format!("/v1/inspections/0198e0f0-0000-7000-8000-{n:012}");
        app.put(&path).key(&inspector).json(&result).send().expect(201);
    }
    let same = estimate(json!([{"proportion": 0.2}])).expect(200).json();
    let of = |estimate: &Value, side: &str, name: &str| estimate["total"][side][name].clone();
    let failed = same["total"]["failed"].as_f64().unwrap();
    assert_eq!(of(&same, "before", "failures").as_f64(), Some(failed));
    assert_eq!(same["total"]["declared"], 100);
    let doubled = estimate(json!([{"proportion": 0.4}, {"country": "NG", "proportion": 1}]));
    let doubled = doubled.expect(200).json();
    let more = of(&doubled, "proposed", "asked").as_f64().unwrap();
    assert!((30.0..=45.0).contains(&more), "a mean of 40 over the window's own scores: {doubled}");
    assert!(
        of(&doubled, "proposed", "expected").as_f64().unwrap() <= 30.0,
        "the office has room for 30"
    );
    assert_eq!(of(&doubled, "proposed", "short_frames"), 1);
    assert_eq!(doubled["rules"][1]["declared"], 0);
    assert_eq!(doubled["offices"][0]["name"], "CNTAO");
    let even = estimate(json!([{"proportion": 0.2, "targeting_exponent": 0}])).expect(200).json();
    let (aimed, even) = (
        of(&same, "before", "failures_per_inspection"),
        of(&even, "proposed", "failures_per_inspection"),
    );
    assert!(even.as_f64() < aimed.as_f64(), "equal chances find less: {even} {aimed}");
    let broken = estimate(json!([{"proportion": 0}]));
    broken.faults(&[("/policy/rules/0/proportion", "number-out-of-range")]);
}

#[rstest]
fn a_preview_tells_what_is_ordered_and_how_many_inspections_are_short(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    app.govern("id = \"all\"\nfrom = 2026-11-24\nfloor = 0\n\n[[rules]]\nproportion = 1\n");
    declare(&app, 2);
    let order = json!({"exporter_id": "X03", "office": "CNTAO", "reason": "seen before",
        "from": "2026-11-24", "until": "2026-11-30", "limit": 1});
    app.post("/v1/directives").key(&app.admin).json(&order).send().expect(201);
    let preview = frame_preview(&app);
    assert_eq!((&preview["rows"], &preview["take_all"]), (&json!(40), &json!(1)));
    assert_eq!(
        (&preview["asked_by_policy"], &preview["expected_size"]),
        (&json!(39.0), &json!(29.0))
    );
    assert_eq!(preview["shortfall"], 10.0);
    assert_eq!(preview["strata"][0]["name"], "africa/85");
    assert_eq!(preview["rules"][0]["expected_size"], 29.0);
    app.set_clock(EVENING);
    assert_eq!(draw(&app)["drawn"], 30);
    let manager = app.key(Role::Manager, &["CNTAO"]);
    let body = json!({"office": "CNTAO", "day": "2026-11-24"});
    app.post("/v1/draw-previews").key(&manager).json(&body).send().problem(409, "already-drawn");
}

#[rstest]
fn a_file_is_scored_with_the_points_of_each_factor(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    with_past(&app, 600);
    let (declarations, _) = past(600);
    let file = app.app.spool.join("past.csv");
    std::fs::write(
        &file,
        declarations + "P-9999,CNTAO,X00,XX,640399,1,C62,1,1,CNY,2026-11-01T09:00:00+08:00\n",
    )
    .unwrap();
    let scores = app.app.spool.join("scores.csv");
    let (file, out) = (file.to_str().unwrap(), scores.to_str().unwrap());
    let none = breeze(&app, &["risk", "score", file, "--out", out]);
    assert_eq!(none.status.code(), Some(2), "no model is active");
    aimed(&app);
    let told = breeze(&app, &["risk", "score", file, "--out", out, "--json"]);
    assert_eq!(told.status.code(), Some(1), "one row goes to no country");
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!((&told["scored"], &told["rejected"]), (&json!(600), &json!(1)));
    let mut reader = csv::Reader::from_path(out).unwrap();
    assert_eq!(
        &reader.headers().unwrap().iter().take(2).collect::<Vec<_>>(),
        &["declaration_number", "probability"]
    );
    for row in reader.records().map(Result::unwrap) {
        let number = |at: usize| row[at].parse::<f64>().unwrap();
        let points: f64 = (2..row.len()).map(number).sum();
        let odds = number(1) / (1.0 - number(1));
        assert!((odds.log2() - points).abs() < 1e-9, "{row:?}");
    }
}
