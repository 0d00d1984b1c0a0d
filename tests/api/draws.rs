//! The day's draw: drawn once, committed ahead, frozen, revealed, and recomputed by outsiders.

use crate::support::*;
use breeze::api::download::unzip;
use breeze::domain::declaration::parse;
use breeze::domain::key::{Caller, Role};
use breeze::flow::declare::{Intake, OnChange};
use breeze::flow::schedule::{Tick, tick};
use breeze::sampling::verify::{Bundle, Verdict, verify};
use chrono::{Datelike, NaiveDate, TimeDelta};
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// After the cut-off of the story's day, 18:00 in Qingdao.
const EVENING: &str = "2026-11-24T10:00:05Z";

/// The n-th of many declarations, of several regions and chapters.
fn goods(n: usize) -> Value {
    let countries = ["KE", "NG", "BR", "US", "DE", "VN", "NA", "AU"];
    let codes = ["850760", "640399", "950300", "070320"];
    let mut body = battery();
    body["exporter_id"] = format!("EXPORTER-{}", n % 9).into();
    body["destination_country"] = countries[n % countries.len()].into();
    body["commodity_code"] = codes[n / 3 % codes.len()].into();
    body
}

fn declare(app: &TestApp, key: &str, numbers: std::ops::Range<usize>) {
    for n in numbers {
        app.put(&format!("/v1/declarations/EXP-{n:04}"))
            .key(key)
            .json(&goods(n))
            .send()
            .expect(201);
    }
}

fn policy(app: &TestApp) {
    let file = "id = \"high\"\nfrom = 2026-11-24\nfloor = 0.01\n\n[[rules]]\nproportion = 0.2\n\n\
                [[rules]]\nregion = \"africa\"\nproportion = 0.6\n";
    app.govern(file);
}

fn run_scheduler(app: &TestApp) -> Tick {
    tick(&app.app.store, &app.app.master, app.app.now()).unwrap()
}

fn ask(app: &TestApp, key: &str, day: &str) -> Answer {
    app.post("/v1/draws").key(key).json(&json!({"office": "CNTAO", "day": day})).send()
}

fn bundle(app: &TestApp, key: Option<&str>, draw: &str) -> Answer {
    let request = app.get(&format!("/v1/draws/{draw}/audit-bundle"));
    key.map_or_else(|| request.clone(), |key| request.clone().key(key)).send()
}

fn verdict(zip: &[u8]) -> (Bundle, Verdict) {
    let bundle = unzip(zip.to_vec()).unwrap();
    let verdict = verify(&bundle).verdict;
    (bundle, verdict)
}

#[rstest]
fn a_day_is_drawn_once_and_every_later_call_gets_the_same_draw(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let manager = app.key(Role::Manager, &["CNTAO"]);
    policy(&app);
    declare(&app, &customs, 0..40);
    let open = ask(&app, &manager, "2026-11-24").problem(409, "frame-open");
    assert!(open["detail"].as_str().unwrap().contains("2026-11-24T10:00:00Z"), "{open}");

    app.set_clock(EVENING);
    let first = ask(&app, &manager, "2026-11-24").expect(201).json();
    assert_eq!(first["id"], "CNTAO-20261124-1");
    assert_eq!(first["frame"]["rows"], 40);
    assert_eq!(first["policy"]["id"], "high");
    assert_eq!(first["retrospective"], true, "nobody committed ahead");
    let expected = first["frame"]["expected_size"].as_f64().unwrap();
    let drawn = first["drawn"].as_f64().unwrap();
    assert!((drawn - expected).abs() < 1.0, "{drawn} of {expected}");

    app.advance(TimeDelta::hours(3));
    assert_eq!(ask(&app, &manager, "2026-11-24").expect(200).json(), first);
    assert_eq!(app.replica().get("/v1/draws/CNTAO-20261124-1").key(&manager).send().json(), first);
    let list = app.get("/v1/draws?office=CNTAO").key(&manager).send().expect(200).json();
    assert_eq!(list["items"], json!([first]));
}

#[rstest]
fn commitments_come_first_and_the_secret_last(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let auditor = app.key(Role::Auditor, &[]);
    app.inspector("CNTAO", "insp-07");
    policy(&app);
    let promised = run_scheduler(&app);
    assert_eq!(promised.committed, 24, "the working days of the next 31 days");
    assert_eq!(run_scheduler(&app), Tick::default(), "promised once");
    let path = "/v1/draw-commitments?office=CNTAO&limit=1";
    let commitment = app.get(path).send().expect(200).json()["items"][0].clone();
    assert_eq!((&commitment["day"], &commitment["draw"]), (&json!("2026-11-24"), &Value::Null));

    declare(&app, &customs, 0..40);
    app.set_clock(EVENING);
    assert_eq!(run_scheduler(&app).drawn, 1);
    assert_eq!(run_scheduler(&app).drawn, 0);
    let id = "CNTAO-20261124-1";
    let draw = app.get(&format!("/v1/draws/{id}")).key(&auditor).send().expect(200).json();
    assert_eq!(draw["retrospective"], false);
    assert_eq!(draw["revealed"], false);
    assert_eq!(draw["commitment"], commitment["commitment"]);

    bundle(&app, None, id).problem(409, "not-revealed");
    bundle(&app, Some(&customs), id).problem(409, "not-revealed");
    let (early, so_far) = verdict(bundle(&app, Some(&auditor), id).expect(200).bytes());
    assert_eq!(early.files.len(), 3, "commitment, frame and roster");
    assert!(matches!(so_far, Verdict::VerifiedSoFar { .. }), "{so_far:?}");
    let frame = app.get(&format!("/v1/draws/{id}/frame")).key(&auditor).send().expect(200);
    assert_eq!(frame.bytes(), early.files["frame.tsv"]);

    app.advance(TimeDelta::days(7));
    assert_eq!(run_scheduler(&app).revealed, 1);
    let (whole, verified) = verdict(bundle(&app, None, id).expect(200).bytes());
    assert_eq!(whole.files.len(), 5);
    assert_eq!(verified, Verdict::Verified);
    assert_eq!(whole.files["frame.tsv"], early.files["frame.tsv"]);
    let answer = app.post(&format!("/v1/draws/{id}/verifications")).key(&auditor).send();
    assert_eq!(answer.expect(200).json()["verdict"], "verified");
}

#[rstest]
fn after_the_freeze_nothing_enters_leaves_or_changes(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let manager = app.key(Role::Manager, &["CNTAO"]);
    policy(&app);
    declare(&app, &customs, 0..30);
    app.put("/v1/declarations/EXP-0029/cancellation")
        .key(&customs)
        .json(&json!({}))
        .send()
        .expect(200);
    app.set_clock(EVENING);
    assert_eq!(ask(&app, &manager, "2026-11-24").expect(201).json()["frame"]["rows"], 29);

    let late = app.put("/v1/declarations/LATE-1").key(&customs).json(&goods(1)).send().expect(201);
    assert_eq!(late.json()["inspection_day"], "2026-11-25");
    let mut other = goods(0);
    other["quantity"] = "7".into();
    let revision = app.put("/v1/declarations/EXP-0000").key(&customs).header("If-Match", "\"r1\"");
    revision.json(&other).send().problem(409, "frame-closed");
    let same =
        app.put("/v1/declarations/EXP-0000").key(&customs).json(&goods(0)).send().expect(200);
    assert_eq!(same.json()["state"], "closed");

    let feed = app.get("/v1/events?limit=500").key(&customs).send().expect(200).json();
    let made = feed["items"].as_array().unwrap().iter().find(|e| e["type"] == "breeze.draw.made");
    let held: BTreeSet<String> = made.unwrap()["data"]["held"]
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_str().unwrap().to_owned())
        .collect();
    assert!(!held.is_empty());
    for n in 0..29 {
        let number = format!("EXP-{n:04}");
        let status =
            app.get(&format!("/v1/declarations/{number}/status")).key(&customs).send().json();
        let expected = if held.contains(&number) { "held" } else { "released" };
        assert_eq!(status["status"], expected, "{status}");
    }
    let number = held.first().unwrap();
    let path = format!("/v1/declarations/{number}/cancellation");
    let cancelled =
        app.put(&path).key(&customs).json(&json!({"reason": "given up"})).send().expect(200);
    let again = app.put(&path).key(&customs).json(&json!({"reason": "twice"})).send().expect(200);
    assert_eq!(again.json(), cancelled.json(), "cancelling again changes nothing");
    let status = app.get(&format!("/v1/declarations/{number}/status")).key(&customs).send().json();
    assert_eq!(status["status"], "cancelled");
    assert!(status["list_position"].is_number(), "it stays in the list: {status}");
}

#[rstest]
fn what_comes_in_historically_for_a_drawn_day_is_the_next_round(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let manager = app.key(Role::Manager, &["CNTAO"]);
    policy(&app);
    declare(&app, &customs, 0..20);
    app.set_clock(EVENING);
    let first = ask(&app, &manager, "2026-11-24").expect(201).json();
    let intake = Intake { historical: true, on_change: OnChange::Refuse };
    for n in 20..50 {
        let mut body: breeze::domain::declaration::DeclarationBody =
            serde_json::from_value(goods(n)).unwrap();
        body.declaration_number = Some(format!("OLD-{n}"));
        let (store, now) = (&app.app.store, app.app.now());
        let checked = parse(&body, now, true).unwrap();
        let operator = Caller::operator("test");
        breeze::flow::declare::put(store, &operator, &checked, intake, now).unwrap();
    }
    let second = ask(&app, &manager, "2026-11-24").expect(201).json();
    assert_eq!(second["id"], "CNTAO-20261124-2");
    assert_eq!(second["frame"]["rows"], 30);
    assert_eq!(second["retrospective"], true);
    assert_eq!(
        second["frame"]["capacity"].as_u64().unwrap(),
        30 - first["drawn"].as_u64().unwrap(),
        "what the first round left of the day"
    );
    assert_eq!(ask(&app, &manager, "2026-11-24").expect(200).json(), second);
    let (_, verified) = verdict(bundle(&app, None, "CNTAO-20261124-2").expect(200).bytes());
    assert_eq!(verified, Verdict::Verified);
}

#[rstest]
fn a_draw_that_cannot_be_says_why(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let manager = app.key(Role::Manager, &["CNTAO"]);
    let foreign = app.key(Role::Manager, &["CNSZX"]);
    ask(&app, &foreign, "2026-11-23").problem(404, "not-found");
    ask(&app, &manager, "1999-12-31").problem(409, "no-policy");
    ask(&app, &manager, "2026-11-22").problem(422, "not-a-working-day");
    let empty = ask(&app, &manager, "2026-11-23").expect(201).json();
    assert_eq!((&empty["frame"]["rows"], &empty["drawn"]), (&json!(0), &json!(0)));
    let (_, verified) = verdict(bundle(&app, None, "CNTAO-20261123-1").expect(200).bytes());
    assert_eq!(verified, Verdict::Verified, "an empty frame is still a draw");
    for path in ["", "/frame", "/audit-bundle"] {
        let path = format!("/v1/draws/CNTAO-20991231-1{path}");
        app.get(&path).key(&app.admin).send().problem(404, "not-found");
    }
}

#[rstest]
fn eight_callers_on_two_replicas_draw_two_hundred_days_once(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let offices = ["CNTAO", "CNSZX", "CNNGB", "CNSHA"];
    let manager = app.key(Role::Manager, &offices);
    let replica = app.replica();
    let start = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap();
    let days: Vec<_> =
        start.iter_days().filter(|day| day.weekday().number_from_monday() < 6).take(50).collect();
    std::thread::scope(|scope| {
        for caller in 0..8 {
            let (app, manager, days) =
                (if caller % 2 == 0 { &app } else { &replica }, &manager, &days);
            scope.spawn(move || {
                for day in days {
                    for office in offices {
                        let body = json!({"office": office, "day": day});
                        let answer = app.post("/v1/draws").key(manager).json(&body).send();
                        assert!(matches!(answer.status, 200 | 201), "{}", answer.text());
                    }
                }
            });
        }
    });
    let mut drawn = Vec::new();
    let mut path = "/v1/draws?limit=500".to_owned();
    loop {
        let page = app.get(&path).key(&manager).send().expect(200).json();
        drawn.extend(
            page["items"].as_array().unwrap().iter().map(|d| d["id"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/draws?limit=500&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(drawn.len(), 200);
    assert!(drawn.iter().all(|id| id.ends_with("-1")), "no second round");
    for office in offices {
        let broken = breeze::flow::publish::broken_chain(&app.app.store, office).unwrap();
        assert_eq!(broken, None);
    }
}

#[rstest]
fn a_day_nobody_committed_to_is_drawn_all_the_same(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    declare(&app, &customs, 0..5);
    // No scheduler ran that day; it comes back the evening after.
    app.set_clock("2026-11-25T10:00:05Z");
    assert_eq!(run_scheduler(&app).drawn, 1);
    let draw = app.get("/v1/draws/CNTAO-20261124-1").key(&app.admin).send().expect(200).json();
    assert_eq!((&draw["frame"]["rows"], &draw["retrospective"]), (&json!(5), &json!(true)));
}

#[rstest]
fn a_revision_of_what_was_never_declared_does_not_match(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let put = app.put("/v1/declarations/EXP-0001").key(&customs).header("If-Match", "\"r5\"");
    put.json(&goods(1)).send().problem(412, "precondition-failed");
    app.get("/v1/declarations/EXP-0001").key(&customs).send().problem(404, "not-found");
}

#[rstest]
fn what_is_cancelled_after_the_cut_off_stays_in_the_frame(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let file = "id = \"all\"\nfrom = 2026-11-24\nfloor = 0.01\n\n[[rules]]\nproportion = 1\n";
    app.govern(file);
    declare(&app, &customs, 0..3);
    let cancel = |n: usize| {
        let path = format!("/v1/declarations/EXP-{n:04}/cancellation");
        app.put(&path).key(&customs).json(&json!({})).send().expect(200);
    };
    cancel(0);
    // The frame has closed and the draw is late.
    app.set_clock(EVENING);
    cancel(1);
    assert_eq!(run_scheduler(&app).drawn, 1);
    let draw = app.get("/v1/draws/CNTAO-20261124-1").key(&app.admin).send().expect(200).json();
    assert_eq!((&draw["frame"]["rows"], &draw["drawn"]), (&json!(2), &json!(2)));
    assert_eq!(draw["revealed"], false, "a live list is not told before it is worked off");
    let list =
        app.get("/v1/sample-lists/CNTAO-20261124-1").key(&app.admin).send().expect(200).json();
    assert_eq!(list["progress"]["not_inspected"], 1, "{list}");
    let gone =
        list["items"].as_array().unwrap().iter().find(|i| i["declaration_number"] == "EXP-0001");
    assert_eq!(gone.unwrap()["not_inspected_reason"], "cancelled");
}

#[rstest]
fn history_does_not_slip_into_an_open_frame(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    let row = "declaration_number,office,exporter_id,destination_country,commodity_code,quantity,unit,\
               declared_at\nOLD-1,CNTAO,E-1,KE,850760,1,C62,2026-11-24T08:00:00+08:00\n";
    let import = app
        .post("/v1/declaration-imports?historical=true")
        .key(&app.admin)
        .body("text/csv", row)
        .send();
    assert_eq!(import.json()["rejected"], 1, "{}", import.text());
    let id = import.json()["id"].as_str().unwrap().to_owned();
    let rows = app.get(&format!("/v1/declaration-imports/{id}/rows")).key(&app.admin).send().json();
    assert_eq!(rows["items"][0]["errors"][0]["code"], "frame-open", "{rows}");
}

/// Frames are read and written 5,000 rows at a time.
#[rstest]
fn a_frame_of_several_pages_is_the_one_that_was_frozen(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    app.office("CNSHA");
    let customs = app.key(Role::Customs, &[]);
    let auditor = app.key(Role::Auditor, &[]);
    let mut file = String::from(
        "declaration_number,office,exporter_id,destination_country,commodity_code,quantity,unit,\
         declared_at\n",
    );
    // One frame ends with a page, the other one a row later. By bytes, capitals come first.
    for (office, rows) in [("CNTAO", 5_000), ("CNSHA", 5_001)] {
        for n in 0..rows {
            let letters = if n % 2 == 0 { "EXP" } else { "exp" };
            file.push_str(&format!(
                "{letters}-{office}-{n},{office},X-{},KE,850760,1,C62,2026-11-24T08:22:03+08:00\n",
                n % 7
            ));
        }
    }
    let post = app.post("/v1/declaration-imports").key(&customs).body("text/csv", file);
    assert_eq!(post.send().expect(201).json()["created"], 10_001);
    app.set_clock(EVENING);
    for (office, rows) in [("CNTAO", 5_000), ("CNSHA", 5_001)] {
        let body = json!({"office": office, "day": "2026-11-24"});
        let draw = app.post("/v1/draws").key(&app.admin).json(&body).send().expect(201).json();
        assert_eq!(draw["frame"]["rows"], rows);
        let id = draw["id"].as_str().unwrap();
        let frame = app.get(&format!("/v1/draws/{id}/frame")).key(&auditor).send().expect(200);
        let sha256 = breeze::sampling::file::sha256_hex(frame.bytes());
        assert_eq!(draw["frame"]["sha256"], sha256);
        assert_eq!(frame.text().lines().count(), 13 + rows);
        let (early, so_far) = verdict(bundle(&app, Some(&auditor), id).expect(200).bytes());
        assert_eq!(early.files["frame.tsv"], frame.bytes());
        assert!(matches!(so_far, Verdict::VerifiedSoFar { .. }), "{so_far:?}");
    }
}

#[rstest]
fn only_two_build_the_files_of_draws_at_a_time(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let manager = app.key(Role::Manager, &["CNTAO"]);
    let id = "CNTAO-20261123-1";
    ask(&app, &manager, "2026-11-23").expect(201);
    let paths = ["audit-bundle", "frame"].map(|file| format!("/v1/draws/{id}/{file}"));
    let verify = format!("/v1/draws/{id}/verifications");
    let others = app.app.builders.clone().try_acquire_many_owned(2).unwrap();
    for path in &paths {
        let busy = app.get(path).key(&app.admin).send();
        assert_eq!(busy.header("retry-after"), Some("2"));
        busy.problem(503, "busy");
    }
    app.post(&verify).key(&manager).send().problem(503, "busy");
    app.get(&format!("/v1/draws/{id}")).key(&manager).send().expect(200);
    drop(others);
    // Whoever is done, also in vain, makes room.
    for _ in 0..3 {
        app.get("/v1/draws/CNTAO-20991231-1/audit-bundle").send().problem(404, "not-found");
        paths.iter().for_each(|path| drop(app.get(path).key(&app.admin).send().expect(200)));
        app.post(&verify).key(&manager).send().expect(200);
    }
}
