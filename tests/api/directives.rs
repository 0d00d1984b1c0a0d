//! Directives: what is ordered is certain to be drawn, is counted apart, and leaves every other
//! declaration its chance; and whoever cancels what was drawn meets the inspector next time.

use crate::support::*;
use breeze::api::download::unzip;
use breeze::domain::key::Role;
use breeze::sampling::verify::{Verdict, verify};
use chrono::TimeDelta;
use rstest::rstest;
use serde_json::{Value, json};

/// After the cut-off of the story's day, 18:00 in Qingdao.
const EVENING: &str = "2026-11-24T10:00:05Z";
/// The morning after, 09:00.
const NEXT_MORNING: &str = "2026-11-25T01:00:00Z";
/// The evening after.
const NEXT_EVENING: &str = "2026-11-25T10:00:05Z";
const CERTAIN: u64 = 1 << 32;

fn goods(office: &str, exporter: &str, commodity: &str, country: &str) -> Value {
    let mut body = battery();
    body["office"] = office.into();
    body["exporter_id"] = exporter.into();
    body["commodity_code"] = commodity.into();
    body["destination_country"] = country.into();
    body
}

fn declare(app: &TestApp, number: &str, body: &Value) {
    let customs = app.key(Role::Customs, &[]);
    app.put(&format!("/v1/declarations/{number}")).key(&customs).json(body).send().expect(201);
}

/// An order of the day for CNTAO with these fields besides.
fn order(fields: &Value) -> Value {
    let mut body = json!({"office": "CNTAO", "reason": "a complaint", "from": "2026-11-24", "until": "2026-12-24"});
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn post(app: &TestApp, key: &str, body: &Value) -> Answer {
    app.post("/v1/directives").key(key).json(body).send()
}

/// Orders it as the administrator; the id.
fn ordered(app: &TestApp, fields: &Value) -> String {
    let made = post(app, &app.admin, &order(fields)).expect(201).json();
    made["id"].as_str().unwrap().to_owned()
}

fn find(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/v1/directives/{id}")).key(&app.admin).send().expect(200).json()
}

fn draw(app: &TestApp, office: &str, day: &str) -> Value {
    let body = json!({"office": office, "day": day});
    app.post("/v1/draws").key(&app.admin).json(&body).send().expect(201).json()
}

/// The items that a directive took: number, words in English.
fn by_order(app: &TestApp, draw: &Value) -> Vec<(String, String)> {
    let path = format!("/v1/sample-lists/{}", draw["id"].as_str().unwrap());
    let list = app.get(&path).key(&app.admin).send().expect(200).json();
    let items = list["items"].as_array().unwrap().clone();
    let taken = items.iter().filter(|item| item["selection"] == "directive");
    let mut taken: Vec<_> = taken
        .map(|item| {
            assert_eq!(item["pi"], CERTAIN, "{item}");
            let reason = &item["reasons"][0];
            assert_eq!(reason["code"], "directive", "{item}");
            let words = reason["text"]["en"].as_str().unwrap().to_owned();
            (item["declaration_number"].as_str().unwrap().to_owned(), words)
        })
        .collect();
    taken.sort();
    assert_eq!(list["progress"]["directive"]["total"], taken.len(), "{list}");
    assert_eq!(draw["frame"]["take_all"], taken.len(), "{draw}");
    taken
}

fn numbers(taken: &[(String, String)]) -> Vec<&str> {
    taken.iter().map(|(number, _)| number.as_str()).collect()
}

#[rstest]
fn what_is_ordered_is_drawn_and_says_by_which_order(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    for (number, exporter, commodity, country) in [
        ("E-01", "X-1", "850760", "KE"),
        ("E-02", "X-2", "640399", "KE"),
        ("E-03", "X-2", "640399", "NG"),
        ("E-04", "X-3", "950300", "DE"),
        ("E-05", "X-3", "950310", "US"),
        ("E-06", "X-4", "070320", "US"),
        ("E-07", "X-4", "070320", "VN"),
        ("E-08", "X-4", "080510", "US"),
        ("E-09", "X-5", "080510", "AU"),
    ] {
        declare(&app, number, &goods("CNTAO", exporter, commodity, country));
    }
    let number = ordered(&app, &json!({"declaration_number": "E-01", "reason": "seal broken"}));
    let exporter = ordered(&app, &json!({"exporter_id": "X-2"}));
    let prefix = ordered(&app, &json!({"commodity": "9503"}));
    let fields = json!({"exporter_id": "X-4", "commodity": "07", "destination_country": "US"});
    let combined = ordered(&app, &fields);
    // It names what is not there, and the next one what is taken already.
    let idle = ordered(&app, &json!({"declaration_number": "E-99"}));
    let second = ordered(&app, &json!({"exporter_id": "X-1"}));
    app.set_clock(EVENING);
    let draw = draw(&app, "CNTAO", "2026-11-24");
    let taken = by_order(&app, &draw);
    assert_eq!(numbers(&taken), ["E-01", "E-02", "E-03", "E-04", "E-05", "E-06"]);
    let expected = [(0, &number), (1, &exporter), (2, &exporter), (3, &prefix), (5, &combined)];
    for (at, id) in expected {
        assert!(taken[at].1.contains(id.as_str()), "{:?} by {id}", taken[at]);
    }
    assert_eq!(taken[0].1, format!("certain, by directive {number}: seal broken"));
    let counts = [&number, &exporter, &prefix, &combined, &idle, &second];
    let counts = counts.map(|id| find(&app, id)["taken"].as_u64().unwrap());
    assert_eq!(counts, [1, 2, 2, 1, 0, 0], "the first one takes what several hold");
    let path = format!("/v1/sample-lists/{}.csv", draw["id"].as_str().unwrap());
    let file = app.get(&path).key(&app.admin).send().expect(200).text();
    assert!(file.contains("directive") && file.contains("seal broken"), "{file}");
}

#[rstest]
fn a_limit_counts_over_all_offices_and_days(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    app.office("CNSHA");
    let fields = json!({"exporter_id": "X-1", "limit": 3, "office": null});
    let id = ordered(&app, &fields);
    // By number E-1 comes first, by acceptance E-9 does.
    for (number, office) in [("E-9", "CNSHA"), ("E-1", "CNSHA"), ("E-2", "CNTAO"), ("E-3", "CNTAO")]
    {
        app.advance(TimeDelta::seconds(1));
        declare(&app, number, &goods(office, "X-1", "850760", "KE"));
    }
    app.set_clock(EVENING);
    assert_eq!(numbers(&by_order(&app, &draw(&app, "CNTAO", "2026-11-24"))), ["E-2", "E-3"]);
    assert_eq!(numbers(&by_order(&app, &draw(&app, "CNSHA", "2026-11-24"))), ["E-9"]);
    app.set_clock(NEXT_MORNING);
    declare(&app, "E-4", &goods("CNTAO", "X-1", "850760", "KE"));
    app.set_clock(NEXT_EVENING);
    assert!(by_order(&app, &draw(&app, "CNTAO", "2026-11-25")).is_empty());
    let directive = find(&app, &id);
    assert_eq!((&directive["taken"], &directive["limit"]), (&json!(3), &json!(3)), "{directive}");
}

#[rstest]
fn offices_that_freeze_at_once_share_a_limit(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let replica = app.replica();
    let offices = ["CNNGB", "CNSHA", "CNSZX", "CNTAO"];
    offices.iter().for_each(|office| app.office(office));
    let first = ordered(&app, &json!({"exporter_id": "X-1", "limit": 5, "office": null}));
    let second = ordered(&app, &json!({"commodity": "85", "limit": 6, "office": null}));
    for office in offices {
        for n in 0..4 {
            let number = format!("{office}-{n}");
            declare(&app, &number, &goods(office, "X-1", "850760", "KE"));
        }
    }
    app.set_clock(EVENING);
    std::thread::scope(|scope| {
        for (at, office) in offices.into_iter().enumerate() {
            let app = if at % 2 == 0 { &app } else { &replica };
            scope.spawn(move || draw(app, office, "2026-11-24"));
        }
    });
    let counts = [&first, &second].map(|id| find(&app, id)["taken"].as_u64().unwrap());
    assert_eq!(counts, [5, 6]);
}

#[rstest]
fn a_directive_takes_nothing_before_its_first_day_and_after_its_last(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    let days = json!({"exporter_id": "X-1", "from": "2026-11-25", "until": "2026-11-25"});
    let id = ordered(&app, &days);
    assert_eq!(find(&app, &id)["state"], "scheduled");
    for (day, state, expected) in [
        ("2026-11-24", "scheduled", vec![]),
        ("2026-11-25", "in_force", vec!["E-2026-11-25"]),
        ("2026-11-26", "ended", vec![]),
    ] {
        app.set_clock(&format!("{day}T01:00:00Z"));
        let number = format!("E-{day}");
        let mut body = goods("CNTAO", "X-1", "850760", "KE");
        body["declared_at"] = format!("{day}T08:00:00+08:00").into();
        declare(&app, &number, &body);
        assert_eq!(find(&app, &id)["state"], state, "{day}");
        app.set_clock(&format!("{day}T10:00:05Z"));
        assert_eq!(numbers(&by_order(&app, &draw(&app, "CNTAO", day))), expected, "{day}");
    }
}

fn everything(app: &TestApp) {
    let file = "id = \"all\"\nfrom = 2026-11-24\nfloor = 0.01\n\n[[rules]]\nproportion = 1.0\n";
    app.govern(file);
}

fn cancel(app: &TestApp, number: &str) {
    let customs = app.key(Role::Customs, &[]);
    let path = format!("/v1/declarations/{number}/cancellation");
    app.put(&path).key(&customs).json(&json!({})).send().expect(200);
}

fn automatic(app: &TestApp, number: &str) -> Vec<Value> {
    let path = format!("/v1/directives?declaration_number={number}");
    let page = app.get(&path).key(&app.admin).send().expect(200).json();
    page["items"].as_array().unwrap().clone()
}

#[rstest]
fn who_cancels_what_was_drawn_is_drawn_again(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    app.office("CNSHA");
    everything(&app);
    declare(&app, "E-1", &goods("CNTAO", "X-1", "850760", "KE"));
    declare(&app, "E-2", &goods("CNTAO", "X-1", "640399", "KE"));
    declare(&app, "E-3", &goods("CNTAO", "X-2", "640399", "KE"));
    cancel(&app, "E-3");
    app.set_clock(EVENING);
    draw(&app, "CNTAO", "2026-11-24");
    // It belongs to the day after, and was declared before the cancellation.
    declare(&app, "E-4", &goods("CNTAO", "X-1", "850710", "DE"));
    cancel(&app, "E-4");
    declare(&app, "E-5", &goods("CNTAO", "X-1", "850710", "DE"));
    cancel(&app, "E-1");
    cancel(&app, "E-1");
    assert_eq!((automatic(&app, "E-3").len(), automatic(&app, "E-4").len()), (0, 0), "not drawn");
    let made = automatic(&app, "E-1");
    assert_eq!(made.len(), 1, "once: {made:?}");
    let fields = ["kind", "exporter_id", "commodity", "office", "limit", "from", "until"];
    assert_eq!(
        fields.map(|name| made[0][name].clone()),
        [
            "automatic".into(),
            "X-1".into(),
            "8507".into(),
            Value::Null,
            Value::Null,
            "2026-11-24".into(),
            "2026-12-25".into()
        ],
    );
    assert!(made[0]["event"].as_str().unwrap().starts_with("CNTAO/"), "{made:?}");

    app.set_clock(NEXT_MORNING);
    declare(&app, "E-6", &goods("CNTAO", "X-1", "850760", "KE"));
    declare(&app, "E-7", &goods("CNTAO", "X-1", "850860", "KE"));
    declare(&app, "E-8", &goods("CNTAO", "X-2", "850760", "KE"));
    declare(&app, "E-9", &goods("CNSHA", "X-1", "850760", "KE"));
    app.set_clock(NEXT_EVENING);
    let taken = by_order(&app, &draw(&app, "CNTAO", "2026-11-25"));
    assert_eq!(numbers(&taken), ["E-5", "E-6"]);
    assert!(taken[0].1.contains("E-1, of the same exporter and heading, was drawn and cancelled"));
    let elsewhere = by_order(&app, &draw(&app, "CNSHA", "2026-11-25"));
    assert_eq!(numbers(&elsewhere), ["E-9"], "another office is no way out");
    foreign_offices_learn_no_number(&app, &made[0], "CNSHA-20261125-1");
    assert_eq!(breeze::flow::publish::broken_chain(&app.app.store, "CNTAO").unwrap(), None);
}

/// What was drawn and cancelled at CNTAO is shown to its own keys alone, though it holds everywhere.
fn foreign_offices_learn_no_number(app: &TestApp, made: &Value, draw: &str) {
    let own = app.key(Role::Manager, &["CNTAO"]);
    let path = format!("/v1/directives/{}", made["id"].as_str().unwrap());
    let list = |key: &str, query: &str| {
        let page = app.get(&format!("/v1/directives{query}")).key(key).send().expect(200).json();
        page["items"].as_array().unwrap().clone()
    };
    assert_eq!(list(&own, "?declaration_number=E-1").len(), 1);
    let read = app.get(&path).key(&own).send().expect(200).json();
    assert_eq!(read["cancelled_declaration"], "E-1");
    for role in [Role::Manager, Role::Inspector, Role::Auditor] {
        let foreign = app.key(role, &["CNSHA"]);
        let read = app.get(&path).key(&foreign).send().expect(200).json();
        assert_eq!(read["cancelled_declaration"], Value::Null, "{read}");
        assert_eq!(read["reason"], "a drawn declaration of this exporter was cancelled");
        assert_eq!(list(&foreign, ""), [read], "as one and in the list");
        assert_eq!(list(&foreign, "?declaration_number=E-1"), Vec::<Value>::new(), "no oracle");
    }
    let foreign = app.key(Role::Manager, &["CNSHA"]);
    for path in [format!("/v1/sample-lists/{draw}"), format!("/v1/sample-lists/{draw}/items/1")] {
        let text = app.get(&path).key(&foreign).send().expect(200).text();
        assert!(!text.contains("E-1"), "{text}");
        assert!(text.contains("a drawn declaration of this exporter was cancelled"), "{text}");
        assert!(text.contains("该出口商有申报被抽中后撤销"), "{text}");
    }
}

#[rstest]
fn directives_stand_in_the_order_they_were_given_in(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    let fields = json!({"exporter_id": "X-1", "limit": 1});
    let mut given: Vec<String> = (0..12).map(|_| ordered(&app, &fields)).collect();
    assert!(!given.is_sorted(), "the ids are no order: {given:?}");
    for number in ["E-1", "E-2"] {
        declare(&app, number, &goods("CNTAO", "X-1", "850760", "KE"));
    }
    app.set_clock(EVENING);
    draw(&app, "CNTAO", "2026-11-24");
    let taken: Vec<u64> =
        given.iter().map(|id| find(&app, id)["taken"].as_u64().unwrap()).collect();
    assert_eq!(taken, [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    given.push(ordered(&app, &fields));
    let (mut seen, mut path) = (Vec::new(), "/v1/directives?limit=5".to_owned());
    loop {
        let page = app.get(&path).key(&app.admin).send().expect(200).json();
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/directives?limit=5&cursor={cursor}");
    }
    seen.reverse();
    assert_eq!(seen, given, "the latest first");
}

#[rstest]
fn a_day_full_of_orders_leaves_every_other_declaration_a_chance(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let mut small = office();
    small["daily_capacity"] = 3.into();
    app.put("/v1/offices/CNTAO").key(&app.admin).json(&small).send().expect(201);
    ordered(&app, &json!({"exporter_id": "X-1"}));
    for n in 0..5 {
        declare(&app, &format!("A-{n}"), &goods("CNTAO", "X-1", "850760", "KE"));
        declare(&app, &format!("B-{n}"), &goods("CNTAO", "X-2", "640399", "DE"));
    }
    app.tick();
    app.set_clock(EVENING);
    let draw = draw(&app, "CNTAO", "2026-11-24");
    let id = draw["id"].as_str().unwrap();
    assert_eq!(by_order(&app, &draw).len(), 5);
    let frame = app.get(&format!("/v1/draws/{id}/frame")).key(&app.admin).send().expect(200);
    let frame = frame.text();
    let rows: Vec<Vec<&str>> = frame.lines().map(|line| line.split('\t').collect()).collect();
    let chances = rows.iter().filter(|row| row[0].starts_with("B-"));
    let chances: Vec<u64> = chances.map(|row| row[6].parse().unwrap()).collect();
    assert!(chances.len() == 5 && chances.iter().all(|pi| (1..CERTAIN).contains(pi)), "{frame}");
    assert_eq!(rows.iter().filter(|row| row[0].starts_with("A-") && row[5] == "1").count(), 5);
    app.advance(TimeDelta::days(7));
    assert_eq!(app.tick().revealed, 1);
    let bundle = app.get(&format!("/v1/draws/{id}/audit-bundle")).send().expect(200);
    let report = verify(&unzip(bundle.bytes().to_vec()).unwrap());
    assert_eq!(report.verdict, Verdict::Verified);
    let path = format!("/v1/draws/{id}/verifications");
    let answer = app.post(&path).key(&app.admin).send().expect(200).json();
    assert_eq!(answer["verdict"], "verified");
    let (code, _, words) = command(&app, &["verify", id]);
    assert_eq!(code, Some(0), "from the database, with the chain: {words}");
}

#[rstest]
fn a_closed_directive_takes_nothing_any_more(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let manager = app.key(Role::Manager, &["CNTAO"]);
    let id = ordered(&app, &json!({"exporter_id": "X-1"}));
    let close = |key: &str, reason: &str| {
        let request = app.put(&format!("/v1/directives/{id}/closure")).key(key);
        request.json(&json!({ "reason": reason })).send()
    };
    close(&manager, " ").faults(&[("/reason", "required")]);
    let closed = close(&manager, "withdrawn").expect(200).json();
    assert_eq!(closed["state"], "closed");
    assert_eq!(closed["closure"]["reason"], "withdrawn");
    assert_eq!(closed["closure"]["closed_at"], "2026-11-24T01:00:00Z");
    app.advance(TimeDelta::hours(1));
    assert_eq!(close(&manager, "withdrawn").expect(200).json(), closed);
    close(&manager, "not needed").problem(409, "directive-closed");
    declare(&app, "E-1", &goods("CNTAO", "X-1", "850760", "KE"));
    app.set_clock(EVENING);
    assert!(by_order(&app, &draw(&app, "CNTAO", "2026-11-24")).is_empty());
    let count = |query: &str| {
        let page = app.get(&format!("/v1/directives?{query}")).key(&manager).send().expect(200);
        page.json()["items"].as_array().unwrap().len()
    };
    assert_eq!(count("state=closed"), 1);
    assert_eq!(count("state=in_force&state=scheduled&state=ended"), 0);
    assert_eq!(count("state=in_force&state=closed&exporter_id=X-1"), 1);
    assert_eq!((count("exporter_id=X-2"), count("office=CNTAO")), (0, 1));
}

#[rstest]
fn an_order_belongs_to_the_offices_of_who_gives_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let manager = app.key(Role::Manager, &["CNTAO"]);
    let foreign = app.key(Role::Manager, &["CNSHA"]);
    let officer = app.key(Role::Policy, &[]);
    let everywhere = order(&json!({"exporter_id": "X-1", "office": null}));
    for key in [&manager, &app.key(Role::Manager, &[]), &app.key(Role::Policy, &["CNTAO"])] {
        post(&app, key, &everywhere).faults(&[("/office", "required")]);
    }
    post(&app, &foreign, &order(&json!({"exporter_id": "X-1"}))).problem(404, "not-found");
    let unknown = order(&json!({"exporter_id": "X-1", "office": "NOWHERE"}));
    post(&app, &officer, &unknown).faults(&[("/office", "office-unknown")]);
    let own = post(&app, &manager, &order(&json!({"exporter_id": "X-1"}))).expect(201);
    let location = own.header("location").unwrap().to_owned();
    let own = own.json();
    assert!(own["event"].as_str().unwrap().starts_with("CNTAO/"), "{own}");
    let all = post(&app, &officer, &everywhere).expect(201).json();
    assert!(all["event"].as_str().unwrap().starts_with("-/"), "{all}");

    app.get(&location).key(&foreign).send().problem(404, "not-found");
    let closure = app.put(&format!("{location}/closure")).json(&json!({"reason": "no"}));
    closure.clone().key(&foreign).send().problem(404, "not-found");
    let path = format!("/v1/directives/{}", all["id"].as_str().unwrap());
    let everywhere = app.put(&format!("{path}/closure")).json(&json!({"reason": "no"}));
    everywhere.clone().key(&manager).send().problem(403, "forbidden");
    app.get(&path).key(&foreign).send().expect(200);
    let seen = |key: &str| {
        let page = app.get("/v1/directives").key(key).send().expect(200).json();
        page["items"].as_array().unwrap().len()
    };
    assert_eq!((seen(&manager), seen(&foreign), seen(&officer)), (2, 1, 2));
    let first = app.get("/v1/directives?limit=1").key(&officer).send().expect(200).json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let path = format!("/v1/directives?limit=1&cursor={cursor}");
    let second = app.get(&path).key(&officer).send().expect(200).json();
    assert_ne!(first["items"][0]["id"], second["items"][0]["id"]);
    assert_eq!(second["next_cursor"], Value::Null);
    everywhere.clone().key(&officer).send().expect(200);
}

#[rstest]
fn an_exporters_system_learns_nothing_of_orders(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let auditor = app.key(Role::Auditor, &["CNTAO"]);
    for path in ["/v1/directives", "/v1/directives/D-1", "/v1/signals"] {
        app.get(path).key(&customs).send().problem(403, "forbidden");
    }
    post(&app, &customs, &order(&json!({"exporter_id": "X-1"}))).problem(403, "forbidden");
    ordered(&app, &json!({"exporter_id": "X-1"}));
    declare(&app, "E-1", &goods("CNTAO", "X-1", "850760", "KE"));
    app.set_clock(EVENING);
    draw(&app, "CNTAO", "2026-11-24");
    cancel(&app, "E-1");
    let events = |key: &str, query: &str| {
        let answer = app.get(&format!("/v1/events?office=CNTAO{query}")).key(key).send();
        let answer = answer.expect(200).json();
        let kinds = answer["items"].as_array().unwrap().iter();
        let kinds: Vec<_> = kinds.map(|event| event["type"].as_str().unwrap().to_owned()).collect();
        (kinds, answer["next_after"].as_i64().unwrap())
    };
    let (all, last) = events(&auditor, "");
    let of_orders = all.iter().filter(|kind| kind.contains("directive")).count();
    assert_eq!(of_orders, 3, "ordered, applied, and the automatic one: {all:?}");
    let (seen, same) = events(&customs, "");
    assert!(seen.iter().all(|kind| !kind.contains("directive")), "{seen:?}");
    assert_eq!((seen.len() + 3, same), (all.len(), last));
    // A page of what is not theirs is empty and leads on.
    let at = all.iter().position(|kind| kind == "breeze.directive.ordered").unwrap();
    let (page, next) = events(&customs, &format!("&after={at}&limit=1"));
    assert_eq!((page.len(), usize::try_from(next).unwrap()), (0, at + 1));
}

#[rstest]
fn an_order_that_breaks_a_rule_says_where_and_how_to_mend_it(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    let cases: [(Value, &str, &str); 13] = [
        (json!({}), "", "directive-invalid"),
        (json!({"destination_country": "KE"}), "", "directive-invalid"),
        (json!({"declaration_number": "a b"}), "/declaration_number", "id-invalid"),
        (json!({"exporter_id": ""}), "/exporter_id", "id-invalid"),
        (json!({"commodity": "8"}), "/commodity", "value-not-allowed"),
        (
            json!({"exporter_id": "X", "destination_country": "ZZ"}),
            "/destination_country",
            "country-unknown",
        ),
        (json!({"exporter_id": "X", "reason": ""}), "/reason", "required"),
        (json!({"exporter_id": "X", "reason": "a\tb"}), "/reason", "control-character"),
        (json!({"exporter_id": "X", "from": "2026-11-23"}), "/from", "directive-invalid"),
        (json!({"exporter_id": "X", "until": "2026-11-23"}), "/until", "directive-invalid"),
        (json!({"exporter_id": "X", "until": "2027-11-26"}), "/until", "directive-invalid"),
        (json!({"exporter_id": "X", "limit": 0}), "/limit", "number-out-of-range"),
        (json!({"exporter_id": "X", "until": "soon"}), "/until", "time-invalid"),
    ];
    for (fields, pointer, code) in cases {
        post(&app, &app.admin, &order(&fields)).faults(&[(pointer, code)]);
    }
    let mut endless = order(&json!({"exporter_id": "X"}));
    endless.as_object_mut().unwrap().remove("until");
    post(&app, &app.admin, &endless).faults(&[("/until", "required")]);
    let mut misspelt = order(&json!({"exporter": "X"}));
    misspelt["exporter_id"] = "X".into();
    post(&app, &app.admin, &misspelt).faults(&[("/exporter", "unknown-field")]);
    let page = app.get("/v1/directives").key(&app.admin).send().expect(200).json();
    assert_eq!(page["items"], json!([]));
    for query in ["state=open", "limit=0", "colour=red"] {
        let path = format!("/v1/directives?{query}");
        app.get(&path).key(&app.admin).send().problem(400, "invalid-parameter");
    }
}

#[rstest]
fn an_order_that_is_sent_again_is_the_same_order(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let manager = app.key(Role::Manager, &["CNTAO"]);
    let send = |fields: &Value| {
        let request = app.post("/v1/directives").key(&manager).header("Idempotency-Key", "one");
        request.json(&order(fields)).send()
    };
    // What was refused may be mended under the same key.
    let fields = json!({"exporter_id": "X-1", "from": "2026-11-23"});
    send(&fields).faults(&[("/from", "directive-invalid")]);
    let first = send(&json!({"exporter_id": "X-1"})).expect(201).json();
    assert_eq!(send(&json!({"exporter_id": "X-1"})).expect(201).json(), first);
    send(&json!({"exporter_id": "X-2"})).problem(422, "idempotency-mismatch");
    let page = app.get("/v1/directives").key(&manager).send().expect(200).json();
    assert_eq!(page["items"], json!([first]));
}

#[rstest]
fn what_was_ordered_is_counted_apart(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let inspector = app.inspector("CNTAO", "insp-07");
    everything(&app);
    ordered(&app, &json!({"exporter_id": "X-1"}));
    for (number, exporter) in [("E-1", "X-1"), ("E-2", "X-1"), ("E-3", "X-2"), ("E-4", "X-2")] {
        declare(&app, number, &goods("CNTAO", exporter, "850760", "KE"));
    }
    app.set_clock(EVENING);
    let draw = draw(&app, "CNTAO", "2026-11-24");
    let path = format!("/v1/sample-lists/{}", draw["id"].as_str().unwrap());
    let list = app.get(&path).key(&inspector).send().expect(200).json();
    for (n, item) in list["items"].as_array().unwrap().iter().enumerate() {
        let body = match item["declaration_number"].as_str().unwrap() {
            "E-1" => crate::drawn::fail(item["item"].as_str().unwrap()),
            "E-3" => continue,
            _ => crate::drawn::pass(item["item"].as_str().unwrap()),
        };
        crate::drawn::put(&app, &inspector, n, &body).expect(201);
    }
    let tally = |total, done, passed, failed| json!({"total": total, "done": done, "passed": passed, "failed": failed, "not_inspected": 0});
    let mut expected = tally(4, 3, 2, 1);
    expected["random"] = tally(2, 1, 1, 0);
    expected["directive"] = tally(2, 2, 1, 1);
    let list = app.get(&path).key(&inspector).send().expect(200).json();
    assert_eq!(list["progress"], expected);
    let lists = app.get("/v1/sample-lists").key(&inspector).send().expect(200).json();
    assert_eq!(lists["items"][0]["progress"], expected);

    let rates = "/v1/trends/failure-rates?period=month&from=2026-11&to=2026-11";
    let whole = app.get(rates).key(&app.admin).send().expect(200).json()["items"][0].clone();
    assert_eq!(whole["directive"], json!({"drawn": 2, "inspected": 2, "failed": 1}));
    assert_eq!((&whole["rate"]["inspected"], &whole["rate"]["failed"]), (&json!(3), &json!(1)));
    let split = app.get(&format!("{rates}&split_by=selection")).key(&app.admin).send();
    let split = split.expect(200).json();
    let counts = |at: usize| split["items"][at]["directive"]["drawn"].as_u64().unwrap();
    assert_eq!((counts(0), counts(1)), (2, 0), "{split}");
    let file = app.get(&rates.replace("rates?", "rates.csv?")).key(&app.admin).send().expect(200);
    assert!(file.text().contains("directive_drawn,directive_inspected,directive_failed"));
}

/// `breeze` on the application's database, answering in JSON.
fn command(app: &TestApp, arguments: &[&str]) -> (Option<i32>, Value, String) {
    let key = app.app.spool.join("master.key");
    std::fs::write(&key, hex::encode(app.app.master.bytes())).unwrap();
    let mut breeze = std::process::Command::new(env!("CARGO_BIN_EXE_breeze"));
    breeze.args(arguments).arg("--json").env("BREEZE_DATABASE", app.database_url());
    let output = breeze.env("BREEZE_MASTER_KEY_FILE", key).output().unwrap();
    let json = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code(), json, String::from_utf8_lossy(&output.stderr).into_owned())
}

#[rstest]
fn the_operator_orders_lists_and_closes(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    // The command goes by the clock of the machine: days that will not pass soon.
    let days = ["--from", "2099-01-01", "--until", "2099-02-01", "--reason", "a tip"];
    let named = ["directive", "order", "--exporter-id", "X-1", "--limit", "2"];
    let (code, made, words) = command(&app, &[&named[..], &days[..]].concat());
    assert_eq!((code, &made["limit"]), (Some(0), &json!(2)), "{words}");
    let id = made["id"].as_str().unwrap();
    let (_, list, _) = command(&app, &["directive", "list", "--exporter-id", "X-1"]);
    assert_eq!(list, json!([made]));
    let close = ["directive", "close", id, "--reason", "done"];
    let (code, closed, words) = command(&app, &close);
    assert_eq!((code, &closed["state"]), (Some(0), &json!("closed")), "{words}");
    let (code, _, words) = command(&app, &[&["directive", "order"], &days[..]].concat());
    assert_eq!(code, Some(2));
    assert!(words.contains("declaration_number"), "{words}");
    assert_eq!(command(&app, &["signals", "list"]).1, json!([]));
}
