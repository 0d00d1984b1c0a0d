//! What the risk score learns from: always what the results in force say, and since when.

use crate::drawn::*;
use crate::support::*;
use breeze::domain::inspection::Finding;
use breeze::domain::key::Role;
use breeze::domain::lesson::Lesson;
use breeze::store;
use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rstest::rstest;
use serde_json::{Value, json};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// What a declaration teaches.
pub fn lesson(app: &TestApp, number: &str) -> Option<Lesson> {
    app.app.store.read(|conn| store::lessons::find(conn, number)).unwrap()
}

/// The same in one line: day, severity, inspector, source, selection.
pub fn told(app: &TestApp, number: &str) -> Option<String> {
    lesson(app, number).map(|l| {
        assert_eq!(l.failed, l.severity != "pass", "{l:?}");
        let inspector = l.inspector.as_deref().unwrap_or("-");
        let (source, selection) = (l.source.as_str(), l.selection.as_str());
        format!("{} {} {inspector} {source} {selection}", l.known_on, l.severity)
    })
}

fn amend(app: &TestApp, key: &str, n: usize, body: Value) {
    assert_eq!(try_amend(app, key, n, body), 201);
}

/// Amends; 200 when nothing of it is new.
fn try_amend(app: &TestApp, key: &str, n: usize, mut body: Value) -> u16 {
    body.as_object_mut().unwrap().remove("item");
    body["reason"] = "a second look".into();
    let path = format!("/v1/inspections/{}/amendments", uuid(n));
    let answer = app.post(&path).key(key).json(&body).send();
    assert!([200, 201].contains(&answer.status), "{}", answer.text());
    answer.status
}

#[rstest]
fn a_lesson_follows_the_result_in_force(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let inspector = app.inspector("CNTAO", "insp-07");
    let customs = app.key(Role::Customs, &["CNTAO"]);
    day(&app, 3);
    let (first, second) = (item(&app, "EXP-01"), item(&app, "EXP-02"));
    assert_eq!(lesson(&app, "EXP-01"), None);
    put(&app, &inspector, 1, &pass(&first)).expect(201);
    let passed = Some("2026-11-24 pass CNTAO/insp-07 inspection random".to_owned());
    assert_eq!(told(&app, "EXP-01"), passed);
    put(&app, &inspector, 2, &gone(&second)).expect(201);
    assert_eq!(lesson(&app, "EXP-02"), None, "what was not inspected teaches nothing");

    // 17:00 UTC is the next day in Qingdao.
    app.set_clock("2026-11-24T17:00:00Z");
    put(&app, &inspector, 1, &pass(&first)).expect(200);
    let mut noted = pass(&first);
    noted["note"] = "looked at again".into();
    amend(&app, &inspector, 1, noted);
    assert_eq!(told(&app, "EXP-01"), passed, "a note teaches nothing new");
    amend(&app, &inspector, 1, fail(&first));
    let failed = Some("2026-11-25 major CNTAO/insp-07 inspection random".to_owned());
    assert_eq!(told(&app, "EXP-01"), failed);
    amend(&app, &inspector, 2, pass(&second));
    let passed = Some("2026-11-25 pass CNTAO/insp-07 inspection random".to_owned());
    assert_eq!(told(&app, "EXP-02"), passed);
    amend(&app, &inspector, 1, gone(&first));
    assert_eq!(lesson(&app, "EXP-01"), None);

    let cancel = |number: &str| {
        let path = format!("/v1/declarations/{number}/cancellation");
        app.put(&path).key(&customs).json(&json!({"reason": null})).send().expect(200);
    };
    cancel("EXP-03");
    assert_eq!(lesson(&app, "EXP-03"), None);
    cancel("EXP-02");
    assert_eq!(told(&app, "EXP-02"), passed, "what was found stays found");
}

/// The lesson that the rows of an inspection and its amendments tell, reckoned from the end backwards.
fn reckoned(app: &TestApp, inspection: usize) -> Option<String> {
    let id = uuid(inspection).parse().unwrap();
    let read = app.app.store.read(|conn| store::inspections::find(conn, id)).unwrap().unwrap();
    let mut all = vec![(&read.finding, read.recorded_at)];
    all.extend(read.amendments.iter().map(|a| (&a.finding, a.recorded_at)));
    let says = |finding: &Finding| {
        let has = |class: &str| finding.defects.iter().any(|d| d.class.as_str() == class);
        let worst = ["critical", "major", "minor"].into_iter().find(|class| has(class));
        let severity = match finding.outcome.as_str() {
            "pass" => "pass",
            "fail" => worst.unwrap_or("unstated"),
            _ => return None,
        };
        Some(format!("{severity} CNTAO/{}", finding.inspector.as_ref().unwrap()))
    };
    let last = says(all.last().unwrap().0)?;
    let (_, since) =
        all.iter().rev().take_while(|(finding, _)| says(finding).as_ref() == Some(&last)).last()?;
    let day = since.with_timezone(&chrono_tz::Asia::Shanghai).date_naive();
    Some(format!("{day} {last} inspection random"))
}

/// A result of any kind: outcome, defect class, inspector.
fn result(item: &str, (outcome, class, inspector): (u8, u8, u8)) -> Value {
    let mut body = match outcome {
        0 => pass(item),
        1 | 2 => fail(item),
        _ => gone(item),
    };
    if outcome == 1 {
        let class = ["critical", "major", "minor"][usize::from(class % 3)];
        body["defects"] = json!([{"code": "label-missing", "class": class, "count": 1},
            {"code": "label-missing", "class": "minor", "count": 1}]);
    } else if outcome == 2 {
        body["defects"] = json!([]);
    }
    body["inspector"] = format!("insp-0{}", 7 + inspector % 2).into();
    body
}

#[rstest]
fn lessons_are_what_the_inspections_and_amendments_say_whatever_came_in_which_order(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    const ITEMS: usize = 4;
    let step = (0..ITEMS, (0_u8..4, 0_u8..3, 0_u8..2));
    let config =
        Config { cases: 2, max_shrink_iters: 8, failure_persistence: None, ..Config::default() };
    let story = |steps: Vec<(usize, (u8, u8, u8))>| {
        let app = TestApp::start(engine);
        app.inspector("CNTAO", "insp-07");
        app.inspector("CNTAO", "insp-08");
        let office = app.key(Role::Inspector, &["CNTAO"]);
        day(&app, ITEMS);
        let items: Vec<String> = (1..=ITEMS).map(|n| item(&app, &format!("EXP-{n:02}"))).collect();
        let mut recorded = [false; ITEMS];
        for (at, kind) in steps {
            app.advance(chrono::TimeDelta::hours(7));
            let body = result(&items[at], kind);
            if std::mem::replace(&mut recorded[at], true) {
                try_amend(&app, &office, at, body);
            } else {
                put(&app, &office, at, &body).expect(201);
            }
            prop_assert_eq!(told(&app, &format!("EXP-{:02}", at + 1)), reckoned(&app, at));
        }
        Ok(())
    };
    TestRunner::new(config).run(&proptest::collection::vec(step, 40), story).unwrap();
}

#[rstest]
fn the_migration_finds_what_was_recorded_before_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let inspector = app.inspector("CNTAO", "insp-07");
    day(&app, 6);
    let items: Vec<String> = (1..=6).map(|n| item(&app, &format!("EXP-{n:02}"))).collect();
    let mut bare = fail(&items[2]);
    bare["defects"] = json!([]);
    for (n, body) in [pass(&items[0]), fail(&items[1]), bare, gone(&items[3]), pass(&items[4])]
        .iter()
        .enumerate()
    {
        put(&app, &inspector, n, body).expect(201);
    }
    amend(&app, &inspector, 4, fail(&items[4]));
    amend(&app, &inspector, 1, gone(&items[1]));
    let all = || (1..=6).map(|n| told(&app, &format!("EXP-{n:02}"))).collect::<Vec<_>>();
    let kept = all();
    assert_eq!(kept.iter().flatten().count(), 3, "{kept:?}");
    let migration = match engine {
        Sqlite => include_str!("../../migrations/sqlite/2026-11-24-000005_lessons/up.sql"),
        Postgres => include_str!("../../migrations/postgres/2026-11-24-000005_lessons/up.sql"),
    };
    let fill = migration.split_once("INSERT INTO lessons").unwrap().1;
    let sql = format!("DELETE FROM lessons; INSERT INTO lessons{fill}");
    app.app.store.write(|conn| Ok(conn.batch_execute(&sql)?)).unwrap();
    assert_eq!(all(), kept);

    // What SQL cannot tell, the start that migrates puts right.
    app.set_clock("2026-11-24T17:00:00Z");
    let mut noted = pass(&items[0]);
    noted["note"] = "looked at again".into();
    amend(&app, &inspector, 0, noted);
    amend(&app, &inspector, 3, pass(&items[3]));
    let kept = all();
    assert_eq!(kept.iter().flatten().count(), 4, "{kept:?}");
    app.app.store.write(|conn| Ok(conn.batch_execute(&sql)?)).unwrap();
    assert_ne!(all(), kept);
    assert_eq!(breeze::flow::learn::anew(&app.app.store).unwrap(), 5);
    assert_eq!(all(), kept);
    let migrations = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite");
    let names = std::fs::read_dir(migrations).unwrap().map(|entry| entry.unwrap().file_name());
    let since = names.filter(|name| *name.to_string_lossy() >= *"2026-11-24-000005_lessons");
    store::migrate::revert(&app.app.store, since.count()).unwrap();
    let later = app.replica();
    // A start that was killed once it had migrated is made up for by the next one.
    store::migrate::run(&later.app.store).unwrap();
    later.app.prepare().unwrap();
    let all = || (1..=6).map(|n| told(&later, &format!("EXP-{n:02}"))).collect::<Vec<_>>();
    assert_eq!(all(), kept, "an upgrade ends where it would have been");
    let left = |conn: &mut store::Conn| store::chores::is_left(conn, "learn-anew");
    assert!(!later.app.store.read(left).unwrap(), "and is done once");
}

#[rstest]
fn the_past_of_an_exporter_is_its_last_four_outcomes_before_a_day(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let mut rows =
        "declaration_number,office,exporter_id,destination_country,commodity_code,quantity,\
        unit,declared_at\n"
            .to_owned();
    app.office("CNTAO");
    for (number, exporter) in [("d", "A"), ("b", "A"), ("c", "A"), ("a", "A"), ("e", "B")] {
        rows += &format!("{number},CNTAO,{exporter},KE,850760,1,C62,2026-03-02T09:00:00+08:00\n");
    }
    let import = app.post("/v1/declaration-imports?historical=true").key(&app.admin);
    import.body("text/csv", rows).send().expect(201);
    // Two of one day stand in bytewise order of their numbers, whichever came first.
    let results = "declaration_number,fails,inspected_at\nd,yes,2026-03-03T09:00:00+08:00\n\
        b,no,2026-03-05T09:00:00+08:00\na,yes,2026-03-05T08:00:00+08:00\n\
        c,no,2026-03-09T09:00:00+08:00\ne,yes,2026-03-04T09:00:00+08:00\n";
    let import = app.post("/v1/result-imports").key(&app.admin).body("text/csv", results);
    assert_eq!(import.send().expect(201).json()["created"], 5);

    let past = |before: &str| {
        let read = app.app.store.read(|conn| {
            store::lessons::of_exporters(conn, &["A", "B", "nobody", "A"], date(before))
        });
        let past = read.unwrap();
        let mut past: Vec<_> = past
            .into_iter()
            .map(|(exporter, past)| {
                let numbers =
                    past.into_iter().map(|p| format!("{}{}", p.declaration_number, p.failed));
                (exporter, numbers.collect::<Vec<_>>().join(" "))
            })
            .collect();
        past.sort();
        past
    };
    let one =
        |a: &str, b: &str| vec![("A".to_owned(), a.to_owned()), ("B".to_owned(), b.to_owned())];
    assert_eq!(past("2026-03-03"), []);
    assert_eq!(past("2026-03-04"), [("A".to_owned(), "dtrue".to_owned())]);
    assert_eq!(past("2026-03-05"), one("dtrue", "etrue"));
    assert_eq!(past("2026-03-09"), one("dtrue atrue bfalse", "etrue"));
    assert_eq!(past("2026-03-10"), one("dtrue atrue bfalse cfalse", "etrue"));

    let order = |before: &str, page: i64| {
        let (mut numbers, mut after) = (String::new(), None);
        loop {
            let read = app
                .app
                .store
                .read(|conn| store::lessons::training(conn, date(before), after.as_ref(), page));
            let read = read.unwrap();
            numbers.extend(read.iter().map(|e| e.lesson.declaration_number.as_str()));
            let Some(last) = read.last() else { return numbers };
            assert_eq!((last.commodity_code.as_str(), &last.value), ("850760", &None));
            assert_eq!(last.destination_country, "KE");
            assert_eq!(last.inspection_day, date("2026-03-02"));
            after = Some(last.place());
        }
    };
    for page in [1, 2, 100] {
        assert_eq!(order("2026-03-10", page), "deabc");
        assert_eq!(order("2026-03-09", page), "deab");
    }
    let mut all = String::new();
    let read = app.app.store.snapshot(|conn| {
        store::lessons::each_before(conn, date("2026-03-10"), |example| {
            all += &example.lesson.declaration_number;
            Ok(())
        })
    });
    read.unwrap();
    assert_eq!(all, "deabc");
}
