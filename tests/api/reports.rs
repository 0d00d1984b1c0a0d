//! Reports of months and years: live until they are published, then frozen, with what moved since.

use crate::command_line::breeze as run;
use crate::drawn::*;
use crate::support::*;
use breeze::domain::key::Role;
use rstest::rstest;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::io::Read;

/// `breeze` on the application's database: exit code, output, what it says of errors.
fn breeze(app: &TestApp, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = run(app, arguments);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

const NOVEMBER: &str = "/v1/reports/monthly/2026-11";

/// A day of November with three results: two passes and a failure, one of them after three days.
fn november(engine: Engine) -> (TestApp, String, String) {
    let app = TestApp::start(engine);
    let inspector = app.inspector("CNTAO", "insp-07");
    let manager = app.key(Role::Manager, &[]);
    day(&app, 3);
    let [first, second, third] = ["EXP-01", "EXP-02", "EXP-03"].map(|number| item(&app, number));
    put(&app, &inspector, 1, &pass(&first)).expect(201);
    put(&app, &inspector, 2, &fail(&second)).expect(201);
    app.set_clock("2026-11-27T02:00:00Z");
    put(&app, &inspector, 3, &pass(&third)).expect(201);
    (app, inspector, manager)
}

/// The report as it stands in the answer, byte for byte.
fn bytes(answer: &Answer) -> String {
    let text = answer.text();
    let (_, report) = text.split_once("\"report\":").unwrap();
    report.strip_suffix('}').unwrap().to_owned()
}

#[rstest]
fn a_month_is_reported_live(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, _, manager) = november(engine);
    let answer = app.get(NOVEMBER).key(&manager).send().expect(200).json();
    assert_eq!((&answer["publication"], &answer["errata"]), (&Value::Null, &json!([])));
    let report = &answer["report"];
    assert_eq!(
        (&report["version"], &report["kind"]),
        (&json!("breeze/report/v1"), &json!("month"))
    );
    assert_eq!((&report["scope"], &report["compared_with"]), (&Value::Null, &json!("2025-11")));
    assert_eq!(report["provisional"], true);
    let note = report["notes"][0]["en"].as_str().unwrap();
    assert!(note.starts_with("the period is not over"), "{note}");
    let summary = &report["summary"];
    assert_eq!((&summary["rate"]["inspected"], &summary["rate"]["failed"]), (&json!(3), &json!(1)));
    assert_eq!(summary["rate"]["estimated_rate"], json!(0.333333));
    assert_eq!(summary["coverage"]["drawn"], 3);
    assert_eq!(summary["change"]["reason"], "nothing_inspected_before");
    assert_eq!(report["regions"]["africa"]["rate"]["failed"], 1);
    assert_eq!(report["regions"]["europe"]["rate"]["estimated_rate"], Value::Null);
    assert_eq!(report["regions"].as_object().unwrap().len(), 7);
    // Two results on the day, one three days later.
    let performance = json!({"results": 3, "median_days": 0, "within_1_day": 0.666667,
        "within_7_days": 1, "not_inspected_share": 0, "amendments": 0});
    assert_eq!(report["offices"]["CNTAO"]["performance"], performance);
    assert_eq!(report["provinces"]["CN-SD"]["performance"], performance);
    assert_eq!(
        report["disclosure"],
        json!({"draws": 1, "revealed": 1, "retrospective": 0, "entropy": {"none": 1},
            "missing_draws": 0, "directive_share": 0})
    );
    assert_eq!(report["defects"]["major"]["label-missing"]["defects"], 2);
    let before = &report["provinces"]["CN-SD"]["change"]["before"];
    assert_eq!(before, &report["offices"]["CNTAO"]["change"]["before"]);
    assert_eq!(before["inspected"], 0, "nothing is a rate of nulls, not no rate");
    let year = app.get("/v1/reports/annual/2026").key(&manager).send().expect(200).json();
    let months = &year["report"]["months"];
    assert_eq!(months.as_object().unwrap().len(), 12);
    assert_eq!(months["2026-11"]["rate"]["failed"], 1);
    assert_eq!(months["2026-10"]["rate"]["estimated_rate"], Value::Null);
}

#[rstest]
fn a_published_report_stays_and_says_what_moved(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, inspector, manager) = november(engine);
    let path = format!("{NOVEMBER}/publication");
    app.put(&path).key(&manager).send().problem(409, "period-not-over");
    app.set_clock("2026-12-02T02:00:00Z");
    let own = app.key(Role::Manager, &["CNTAO"]);
    app.put(&path).key(&own).send().problem(403, "forbidden");
    let live = bytes(&app.get(NOVEMBER).key(&manager).send().expect(200));
    let published = app.put(&path).key(&manager).send().expect(201);
    assert_eq!(bytes(&published), live, "the same data gives the same bytes");
    let publication = published.json()["publication"].clone();
    let digest = hex::encode(Sha256::digest(live.as_bytes()));
    assert_eq!(publication["sha256"], digest, "anybody can check it");
    assert_eq!(publication["published_at"], "2026-12-02T02:00:00Z");
    app.set_clock("2026-12-03T02:00:00Z");
    let again = app.put(&path).key(&app.key(Role::Manager, &[])).send().expect(200);
    assert_eq!(again.text(), published.text(), "publishing again changes nothing");
    let events = app.get("/v1/events?limit=500&office=-").key(&app.admin).send().expect(200).json();
    let events = events["items"].as_array().unwrap().clone();
    let of_report = |event: &&Value| event["type"] == "breeze.report.published";
    let events: Vec<_> = events.iter().filter(of_report).collect();
    assert_eq!(events.len(), 1);
    assert_eq!(
        (&events[0]["source"], &events[0]["subject"]),
        (&json!("/v1/offices/-"), &json!("2026-11"))
    );

    let amended = json!({"outcome": "fail", "inspected_at": "2026-11-24T18:30:00+08:00",
        "defects": [], "reason": "the laboratory's report"});
    let amend = app.post(&format!("/v1/inspections/{}/amendments", uuid(1))).key(&inspector);
    amend.json(&amended).send().expect(201);
    let later = app.get(NOVEMBER).key(&manager).send().expect(200);
    assert_eq!(bytes(&later), live, "the frozen bytes stay");
    let later = later.json();
    assert_eq!(later["publication"], publication);
    let errata = later["errata"].as_array().unwrap();
    let of = |pointer: &str| errata.iter().find(|erratum| erratum["pointer"] == pointer);
    let failed = of("/summary/rate/failed").unwrap();
    assert_eq!((&failed["published"], &failed["now"]), (&json!(1), &json!(2)));
    assert_eq!(of("/offices/CNTAO/performance/amendments").unwrap()["now"], 1);
    assert_eq!(of("/defects/failed_without_defects").unwrap()["now"], 1);
    assert!(of("/summary/rate/inspected").is_none());
    let file = app.get(&format!("{NOVEMBER}.csv")).key(&manager).send().expect(200).text();
    for line in ["errata.published,/summary/rate/failed,1", "errata.now,/summary/rate/failed,2"] {
        assert!(file.contains(&format!("\n{line}\n")), "{line}: {file}");
    }

    // A key of some offices gets its own figures, live.
    let own = app.get(NOVEMBER).key(&own).send().expect(200).json();
    assert_eq!((&own["publication"], &own["report"]["scope"]), (&Value::Null, &json!(["CNTAO"])));
    assert_eq!(own["report"]["summary"]["rate"]["failed"], 2);
    let foreign = app.get(NOVEMBER).key(&app.key(Role::Manager, &["CNSHA"])).send().expect(200);
    let foreign = foreign.json()["report"].clone();
    assert_eq!(
        (&foreign["summary"]["coverage"]["declared"], &foreign["disclosure"]["draws"]),
        (&json!(0), &json!(0))
    );
    assert!(foreign["offices"].get("CNTAO").is_none());
}

/// One of many replicas publishes; the others answer with what it published.
#[rstest]
fn published_by_several_at_once_it_is_one_text(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, _, manager) = november(engine);
    app.set_clock("2026-12-02T02:00:00Z");
    let replicas: Vec<TestApp> = (0..2).map(|_| app.replica()).collect();
    let answers: Vec<(u16, String)> = std::thread::scope(|scope| {
        let publish = |app: &TestApp| {
            let answer = app.put(&format!("{NOVEMBER}/publication")).key(&manager).send();
            (answer.status, answer.text())
        };
        let threads: Vec<_> =
            replicas.iter().map(|app| scope.spawn(move || publish(app))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|(code, _)| *code == 201).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|(_, text)| *text == answers[0].1), "{answers:?}");
    assert_eq!(breeze::flow::publish::broken_chain(&app.app.store, "-").unwrap(), None);
}

/// The entries of a zip with their texts.
fn entries(bytes: &[u8]) -> Vec<(String, String)> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let one = |at: usize| {
        let mut file = zip.by_index(at).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        (file.name().unwrap().into_owned(), text)
    };
    let count = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap().len();
    (0..count).map(one).collect()
}

#[rstest]
fn a_report_comes_as_table_and_workbook(#[values(Sqlite, Postgres)] engine: Engine) {
    let (app, _, manager) = november(engine);
    let mut named = office();
    named["name"] = "=HYPERLINK(\"http://example\")".into();
    app.put("/v1/offices/CNTAO").key(&app.admin).json(&named).send().expect(200);
    let file = app.get(&format!("{NOVEMBER}.csv")).key(&manager).send().expect(200).text();
    assert!(file.starts_with("part,figure,value\n"), "{file}");
    assert!(file.contains("\nsummary,rate.failed,1\n"), "{file}");
    assert!(file.contains("\nregions,africa.rate.estimated_rate,0.333333\n"), "{file}");
    assert!(file.contains("\noffices,CNTAO.name,\"'=HYPERLINK"), "no cell is a formula: {file}");
    let book = app.get(&format!("{NOVEMBER}.xlsx")).key(&manager).send().expect(200);
    let entries = entries(book.bytes());
    let text = |name: &str| entries.iter().find(|(other, _)| other == name).unwrap().1.clone();
    let workbook = text("xl/workbook.xml");
    for sheet in
        ["summary", "months", "regions", "offices", "provinces", "campaigns", "defects", "errata"]
    {
        assert!(workbook.contains(&format!("name=\"{sheet}\"")), "{sheet}: {workbook}");
    }
    assert!(entries.iter().all(|(_, text)| !text.contains("<f>")), "no formula");
    assert!(text("xl/sharedStrings.xml").contains("'=HYPERLINK"));

    let folder = app.app.spool.join("november.xlsx");
    let command = ["report", "monthly", "2026-11"];
    let out = folder.to_str().unwrap();
    let (code, table, words) = breeze(&app, &[&command[..], &["--out", out]].concat());
    // The command's clock is that of the machine.
    assert!(code == Some(0) || words.contains("lies ahead"), "{table}{words}");
    let (code, _, words) = breeze(&app, &["report", "monthly", "2026-Q4"]);
    assert!(code == Some(2) && words.contains("2026-10"), "{words}");
    let (code, _, words) = breeze(&app, &["report", "monthly", "2026-01", "--out", "report.pdf"]);
    assert!(code == Some(2) && words.contains(".xlsx"), "{words}");
}

#[rstest]
fn a_month_without_anything_says_so(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let manager = app.key(Role::Manager, &[]);
    let answer = app.get("/v1/reports/monthly/2025-05").key(&manager).send().expect(200);
    assert!(!answer.text().contains("NaN"));
    let report = answer.json()["report"].clone();
    assert_eq!(report["notes"][0]["en"], "nothing was declared");
    assert_eq!(report["summary"]["rate"]["estimated_rate"], Value::Null);
    assert_eq!(report["summary"]["change"]["reason"], "nothing_inspected");
    assert_eq!(report["summary"]["coverage"]["target_proportion"], Value::Null);
    let published = app.put("/v1/reports/annual/2024/publication").key(&manager).send();
    assert_eq!(published.expect(201).json()["errata"], json!([]));
    app.get("/v1/reports/monthly/2025-05.xlsx").key(&manager).send().expect(200);
    for (path, words) in [
        ("/v1/reports/monthly/2027-01", "lies ahead"),
        ("/v1/reports/annual/2027", "lies ahead"),
        ("/v1/reports/monthly/2026-13", "2026-10"),
        ("/v1/reports/monthly/2026", "2026-10"),
        ("/v1/reports/annual/2026-10", "write 2026"),
    ] {
        let problem = app.get(path).key(&manager).send().problem(422, "question-impossible");
        assert!(problem["detail"].as_str().unwrap().contains(words), "{problem}");
    }
}

#[rstest]
fn regions_are_held_against_the_year_before(#[values(Sqlite, Postgres)] engine: Engine) {
    use crate::history::{declare, draw, policy};
    use breeze::domain::inspection::ItemState;
    let app = TestApp::start(engine);
    let manager = app.key(Role::Manager, &[]);
    app.office("CNTAO");
    policy(&app, "1.0", "1.0");
    let goods = |year: &str| {
        let country = |n: usize| if n < 15 { "KE" } else { "DE" };
        (0..30).map(|n| (format!("{year}-{n:02}"), country(n), "850760")).collect::<Vec<_>>()
    };
    declare(&app, "CNTAO", "2025-02-03", &goods("old"));
    declare(&app, "CNTAO", "2026-02-02", &goods("new"));
    // Ten of fifteen to Africa failed a year ago, none now; of those to Europe one each time.
    draw(&app, "CNTAO", "2025-02-03", |number| match number.split_once('-').unwrap().1 {
        n if n < "10" || n == "20" => ItemState::Failed,
        _ => ItemState::Passed,
    });
    draw(&app, "CNTAO", "2026-02-02", |number| match number {
        "new-20" => ItemState::Failed,
        _ => ItemState::Passed,
    });
    let report = app.get("/v1/reports/monthly/2026-02").key(&manager).send().expect(200).json();
    let regions = &report["report"]["regions"];
    let africa = &regions["africa"]["change"];
    assert_eq!((&africa["verdict"], &africa["reason"]), (&json!("fell"), &Value::Null));
    assert_eq!(africa["difference"]["value"], json!(-0.666667));
    assert_eq!(africa["before"]["failed"], 10);
    assert_eq!(regions["europe"]["change"]["verdict"], "no_clear_change");
    assert_eq!(regions["europe"]["change"]["difference"]["value"], 0);
    let year = app.get("/v1/reports/annual/2026").key(&manager).send().expect(200).json();
    let february = &year["report"]["months"]["2026-02"]["change"];
    assert_eq!(february["verdict"], "fell");
    assert_eq!(february["difference"], report["report"]["summary"]["change"]["difference"]);
    let disclosure = &report["report"]["disclosure"];
    assert_eq!((&disclosure["draws"], &disclosure["retrospective"]), (&json!(1), &json!(1)));
}
