//! A manager asks why a rate changed, who is stricter than colleagues, and what a campaign did: in
//! worlds whose truth is known.

use crate::support::*;
use breeze::domain::declaration::parse;
use breeze::domain::inspection::ItemState;
use breeze::domain::key::{Caller, Role};
use breeze::flow::declare::{Intake, OnChange};
use breeze::store;
use rstest::rstest;
use serde_json::{Value, json};

const WHY: &str = "/v1/trends/decomposition";
const INSPECTORS: &str = "/v1/trends/inspectors";
const HISTORICAL: Intake = Intake { historical: true, on_change: OnChange::Refuse };

/// Goods of a declaration: number, country, commodity, exporter.
type Goods = (String, &'static str, &'static str, &'static str);

/// An application whose offices can do whatever is drawn.
fn start(engine: Engine, offices: &[&str]) -> TestApp {
    let app = TestApp::start(engine);
    let mut large = office();
    large["daily_capacity"] = 3000.into();
    for code in offices {
        app.put(&format!("/v1/offices/{code}")).key(&app.admin).json(&large).send().expect(201);
    }
    app
}

/// A policy that has governed since a day: rules as text.
fn policy(app: &TestApp, id: &str, from: &str, rules: &str) {
    let file = format!("id = \"{id}\"\nfrom = {from}\nfloor = 0.01\n{rules}");
    let post = app.post("/v1/policies?historical=true").key(&app.admin);
    post.body("application/toml", file).send().expect(201);
}

fn everything(app: &TestApp) {
    policy(app, "past", "2020-01-01", "\n[[rules]]\nproportion = 1\n");
}

fn declare(app: &TestApp, office: &str, day: &str, goods: &[Goods]) {
    let now = app.app.now();
    let checked = goods.iter().map(|(number, country, commodity, exporter)| {
        let mut body = battery();
        body["declaration_number"] = number.as_str().into();
        body["office"] = office.into();
        body["destination_country"] = (*country).into();
        body["commodity_code"] = (*commodity).into();
        body["exporter_id"] = (*exporter).into();
        body["declared_at"] = format!("{day}T09:00:00+08:00").into();
        parse(&serde_json::from_value(body).unwrap(), now, true).unwrap()
    });
    let checked: Vec<_> = checked.collect();
    let (caller, store) = (Caller::operator("test"), &app.app.store);
    let done = breeze::flow::declare::put_all(store, &caller, &checked, HISTORICAL, now, "test");
    assert!(done.unwrap().iter().all(Result::is_ok));
}

/// Draws a day and gives every item a result and whoever found it, by its declaration number.
fn draw(app: &TestApp, office: &str, day: &str, found: impl Fn(&str) -> (bool, Option<String>)) {
    let caller = Caller::operator("test");
    let day = day.parse().unwrap();
    let (store, now) = (&app.app.store, app.app.now());
    let (draw, _) =
        breeze::flow::draw::draw(store, &app.app.master, &caller, office, day, now).unwrap();
    let result = store.write(|conn| {
        for item in store::items::of_draw(conn, &draw.id)? {
            let (failed, inspector) = found(&item.candidate.declaration_number);
            let state = if failed { ItemState::Failed } else { ItemState::Passed };
            store::items::set_result(conn, &item, state, None, inspector.as_deref())?;
        }
        Ok(())
    });
    result.unwrap();
}

/// The number that a declaration's number ends with.
fn index(number: &str) -> usize {
    number.rsplit('-').next().unwrap().parse().unwrap()
}

fn get(app: &TestApp, key: &str, path: &str) -> Value {
    app.get(path).key(key).send().expect(200).json()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// The parts, which add up to the observed change.
fn parts(answer: &Value) -> Value {
    let parts = &answer["parts"];
    let sum = number(&parts["quality"]["value"])
        + ["mix", "targeting", "inspectors", "imbalance"]
            .iter()
            .map(|part| number(&parts[part]))
            .sum::<f64>();
    let rate = |side: &str, which: &str| number(&answer[side]["rate"][which]);
    let change = |which: &str| rate("now", which) - rate("before", which);
    assert!((sum - number(&answer["observed_change"])).abs() < 1e-12, "{answer}");
    assert!((sum - change("observed_rate")).abs() < 1e-12, "{answer}");
    let estimated = sum - number(&parts["targeting"]);
    assert!((estimated - number(&answer["estimated_change"])).abs() < 1e-12, "{answer}");
    assert!((estimated - change("estimated_rate")).abs() < 1e-12, "{answer}");
    for side in ["now", "before"] {
        let strata = answer["post_strata"].as_array().unwrap();
        let of = |field: &str| strata.iter().map(|one| number(&one[side][field])).sum::<f64>();
        assert!((of("share") - 1.0).abs() < 1e-12, "{answer}");
        assert_eq!(of("declared"), number(&answer[side]["declared"]));
    }
    parts.clone()
}

fn holds(interval: &Value, truth: f64) -> bool {
    number(&interval["ci_low"]) <= truth && truth <= number(&interval["ci_high"])
}

/// In both months a fifth of the electronics fails and a twenty-fifth of the shoes; in the second the
/// policy aims at the electronics.
fn aimed(engine: Engine) -> TestApp {
    let app = start(engine, &["CNTAO"]);
    policy(&app, "flat", "2020-01-01", "\n[[rules]]\nproportion = 0.3\n");
    let rules =
        "\n[[rules]]\nproportion = 0.1\n\n[[rules]]\ncommodity = \"85\"\nproportion = 0.6\n";
    policy(&app, "aimed", "2026-02-01", rules);
    for (month, day) in ["2026-01-15", "2026-02-16"].into_iter().enumerate() {
        let goods: Vec<Goods> = (0..1000)
            .map(|n| {
                let country = ["KE", "DE", "BR"][n / 2 % 3];
                let code = if n % 2 == 0 { "850760" } else { "640399" };
                (format!("M{month}-{n}"), country, code, "91370200MA3C")
            })
            .collect();
        declare(&app, "CNTAO", day, &goods);
        draw(&app, "CNTAO", day, |number| {
            let n = index(number);
            let every = if n.is_multiple_of(2) { 5 } else { 25 };
            ((n / 2).is_multiple_of(every), None)
        });
    }
    breeze::flow::rates::rebuild(&app.app.store).unwrap();
    app
}

#[rstest]
fn goods_that_are_aimed_at_fail_more_and_the_answer_says_so(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = aimed(engine);
    let manager = app.key(Role::Manager, &["CNTAO"]);
    let answer = get(&app, &manager, &format!("{WHY}?now=2026-02&compare=previous_period"));
    let parts = parts(&answer);
    assert_eq!(answer["before"]["period"], "2026-01");
    assert!(number(&answer["observed_change"]) > 0.03, "{answer}");
    for side in ["now", "before"] {
        assert!(holds(&answer[side]["rate"], 0.12), "{answer}");
    }
    assert_eq!(answer["largest"], "targeting");
    assert!(holds(&parts["quality"], 0.0), "{answer}");
    assert_eq!((number(&parts["mix"]), number(&parts["inspectors"])), (0.0, 0.0));
    assert_eq!(answer["strictness"]["inspectors"], 0, "nobody is recorded");
    let sentence = &answer["sentence"];
    let words = sentence["en"].as_str().unwrap();
    let named = words.contains("riskier goods were drawn") && words.contains("(targeting)");
    assert!(named && words.starts_with("The observed rate rose by"), "{words}");
    assert!(words.ends_with("Quality: no clear change."), "{words}");
    assert!(sentence["zh"].as_str().unwrap().contains("抽样定向"));
    let strata = answer["post_strata"].as_array().unwrap();
    assert_eq!(strata.len(), 6);
    assert!(strata.iter().all(|one| one["merged"] == false));

    // Only electronics: among them nothing was aimed.
    let only = get(&app, &manager, &format!("{WHY}?now=2026-02&before=2026-01&commodity=85"));
    assert!(number(&only["parts"]["targeting"]).abs() < 0.01, "{only}");
    let (code, stdout, _) = command(&app, &["why", "--now", "2026-02", "--before", "2026-01"]);
    assert_eq!(code, Some(0));
    assert!(stdout.contains(words) && stdout.contains("estimated"), "{stdout}");
    let json = ["why", "--now", "2026-02", "--compare", "previous_period", "--json"];
    let (_, stdout, _) = command(&app, &json);
    assert_eq!(serde_json::from_str::<Value>(&stdout).unwrap(), answer);
}

/// Eight of a hundred fail in both months. Four inspectors work in the second, and `before` of them in
/// the first; the fourth fails twice as many in the second.
fn strict(engine: Engine, before: usize) -> TestApp {
    let app = start(engine, &["CNTAO", "CNSHA"]);
    for inspector in ["insp-1", "insp-2", "insp-3", "insp-4"] {
        app.inspector("CNTAO", inspector);
    }
    everything(&app);
    for (month, day, inspectors, each) in
        [(0, "2026-01-15", before, 200), (1, "2026-02-16", 4, 400)]
    {
        let goods: Vec<Goods> = (0..inspectors * each)
            .map(|n| {
                let country = ["KE", "DE"][n % 2];
                (format!("S{month}-{n}"), country, "850760", ["E1", "E2", "E3"][n % 3])
            })
            .collect();
        declare(&app, "CNTAO", day, &goods);
        draw(&app, "CNTAO", day, |number| {
            let n = index(number);
            let who = n / 25 % inspectors + 1;
            let finds = if who == 4 && month == 1 { 4 } else { 2 };
            (n % 25 < finds, Some(format!("insp-{who}")))
        });
    }
    breeze::flow::rates::rebuild(&app.app.store).unwrap();
    app
}

#[rstest]
fn an_inspector_twice_as_strict_is_named_and_explains_the_change(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = strict(engine, 3);
    let manager = app.key(Role::Manager, &["CNTAO"]);
    let found = get(&app, &manager, &format!("{INSPECTORS}?from=2026-01&to=2026-02"));
    let items = found["items"].as_array().unwrap();
    let flags: Vec<_> = items
        .iter()
        .map(|item| (item["inspector"].as_str().unwrap(), item["flagged"].as_bool().unwrap()))
        .collect();
    let expected = [("insp-1", false), ("insp-2", false), ("insp-3", false), ("insp-4", true)];
    assert_eq!(flags, expected, "{found}");
    // 208 of 2,200 failed: of 400 as many as 37.8, of 600 as many as 56.7.
    assert!((number(&items[3]["expected"]) - 400.0 * 208.0 / 2200.0).abs() < 1e-9, "{found}");
    assert_eq!((&items[3]["inspected"], &items[3]["failed"]), (&json!(400), &json!(64)));
    assert_eq!(found["expected_from"], "strata");
    assert!(number(&items[3]["strictness"]["ci_low"]) > 1.0);
    assert_eq!(found["pairs"]["possible"], 12);
    assert_eq!(found["pairs"]["items"], json!([]));

    let answer = get(&app, &manager, &format!("{WHY}?now=2026-02&before=2026-01"));
    let parts = parts(&answer);
    assert_eq!(answer["largest"], "inspectors", "{answer}");
    assert!((number(&answer["observed_change"]) - 0.02).abs() < 1e-12);
    let inspectors = number(&parts["inspectors"]);
    assert!((0.012..0.021).contains(&inspectors), "{answer}");
    assert!(holds(&parts["quality"], 0.0), "{answer}");
    let words = answer["sentence"]["en"].as_str().unwrap();
    assert!(words.contains("stricter inspectors were at work"), "{words}");
    let named = json!([{"office": "CNTAO", "inspector": "insp-4"}]);
    let strictness = &answer["strictness"];
    assert_eq!((&strictness["flagged_now"], &strictness["flagged_before"]), (&named, &json!([])));

    let file = app.get(&format!("{INSPECTORS}.csv?from=2026-01&to=2026-02")).key(&manager).send();
    let file = file.expect(200).text();
    assert!(file.starts_with("office,inspector,inspected,failed,expected,strictness,"), "{file}");
    assert!(file.contains("\nCNTAO,insp-4,400,64,") && file.lines().count() == 5, "{file}");
    let (code, stdout, _) = command(&app, &["inspectors", "--from", "2026-01", "--to", "2026-02"]);
    assert_eq!(code, Some(0));
    assert!(stdout.contains("insp-4") && stdout.contains("not a finding"), "{stdout}");

    // A key of another office sees nobody.
    let other = app.key(Role::Manager, &["CNSHA"]);
    let none = get(&app, &other, &format!("{INSPECTORS}?from=2026-01&to=2026-02"));
    assert_eq!((&none["items"], &none["pairs"]["possible"]), (&json!([]), &json!(0)));
    let foreign = app.get(&format!("{INSPECTORS}?from=2026&to=2026&office=CNTAO")).key(&other);
    foreign.send().problem(404, "not-found");
}

/// One strictness each over both months cannot tell who changed; the answer names who stands apart now.
#[rstest]
fn an_inspector_who_becomes_stricter_is_named_beside_the_change(#[values(Sqlite)] engine: Engine) {
    let app = strict(engine, 4);
    let answer = get(&app, &app.admin, &format!("{WHY}?now=2026-02&before=2026-01"));
    parts(&answer);
    assert_eq!(answer["largest"], "quality");
    let named = json!([{"office": "CNTAO", "inspector": "insp-4"}]);
    let strictness = &answer["strictness"];
    assert_eq!((&strictness["flagged_now"], &strictness["flagged_before"]), (&named, &json!([])));
    let (_, stdout, _) = command(&app, &["why", "--now", "2026-02", "--before", "2026-01"]);
    assert!(stdout.contains("apart from colleagues now: insp-4 of CNTAO"), "{stdout}");
}

#[rstest]
fn an_inspector_who_always_meets_one_exporter_is_listed(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = start(engine, &["CNTAO"]);
    everything(&app);
    // Twelve days of eight items: two for each inspector. The friend's two always come to insp-1.
    for n in 0..12 {
        let day = format!("2026-03-{:02}", 2 + n / 5 * 7 + n % 5);
        let exporters = ["FRIEND", "FRIEND", "E1", "E1", "E2", "E2", "E3", "E3"];
        let goods: Vec<Goods> = exporters
            .iter()
            .enumerate()
            .map(|(at, &exporter)| (format!("P{n}-{at}"), "KE", "850760", exporter))
            .collect();
        declare(&app, "CNTAO", &day, &goods);
        draw(&app, "CNTAO", &day, |number| {
            let at = index(number);
            let who = if at < 2 { 1 } else { 2 + (at + n) % 3 };
            (false, Some(format!("insp-{who}")))
        });
    }
    breeze::flow::rates::rebuild(&app.app.store).unwrap();
    let found = get(&app, &app.admin, &format!("{INSPECTORS}?from=2026-03&to=2026-03"));
    let pairs = &found["pairs"];
    assert_eq!((&pairs["possible"], &pairs["flagged"]), (&json!(16), &json!(1)), "{found}");
    let pair = &pairs["items"][0];
    assert_eq!((&pair["inspector"], &pair["exporter_id"]), (&json!("insp-1"), &json!("FRIEND")));
    // Two of eight items, two of them the friend's: a half a day.
    assert_eq!((&pair["met"], &pair["expected"]), (&json!(24), &json!(6.0)));
    assert!(found["items"].as_array().unwrap().iter().all(|item| item["flagged"] == false));
}

/// Electronics to Africa and to Europe failed alike at a fifth each month; during a campaign those to
/// Africa fail half as often.
fn campaigned(engine: Engine) -> TestApp {
    let app = start(engine, &["CNTAO", "CNSHA"]);
    everything(&app);
    let campaign = |id: &str, from: &str, regions: Value| {
        let body = json!({"id": id, "name": id, "from": from, "until": "2026-03-31",
            "regions": regions, "commodities": ["85"],
            "steps": [{"from": from, "proportion": 1}]});
        let post = app.post("/v1/campaigns?historical=true").key(&app.admin);
        post.json(&body).send().expect(201);
    };
    campaign("africa", "2026-03-02", json!(["africa"]));
    campaign("electronics", "2026-03-03", json!([]));
    let days = ["2025-12-15", "2026-01-15", "2026-02-16", "2026-03-16"];
    for (month, day) in days.into_iter().enumerate() {
        let goods: Vec<Goods> = (0..600)
            .map(|n| {
                let code = if n < 500 { "850760" } else { "640399" };
                (format!("C{month}-{n}"), ["KE", "DE"][n % 2], code, "91370200MA3C")
            })
            .collect();
        declare(&app, "CNTAO", day, &goods);
        draw(&app, "CNTAO", day, |number| {
            let n = index(number);
            let every = if month == 3 && n.is_multiple_of(2) { 10 } else { 5 };
            ((n / 2).is_multiple_of(every), None)
        });
    }
    breeze::flow::rates::rebuild(&app.app.store).unwrap();
    app
}

#[rstest]
fn a_campaign_is_held_against_the_same_goods_elsewhere(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = campaigned(engine);
    let manager = app.key(Role::Manager, &["CNTAO"]);
    let effect = |id: &str| format!("/v1/campaigns/{id}/effect");
    let answer = get(&app, &manager, &effect("africa"));
    assert_eq!(answer["during"], json!({"from": "2026-03-02", "to": "2026-03-31"}));
    let before = json!({"from": "2026-01-31", "to": "2026-03-01", "which": "before_start"});
    assert_eq!(answer["before"], before, "nothing was inspected a year before");
    // 25 of 250 against 50 of 250, elsewhere 50 of 250 both times.
    for (side, time, failed) in [
        ("inside", "during", 25),
        ("inside", "before", 50),
        ("elsewhere", "during", 50),
        ("elsewhere", "before", 50),
    ] {
        let rate = &answer[side][time];
        let counted = (&rate["inspected"], &rate["failed"]);
        assert_eq!(counted, (&json!(250), &json!(failed)), "{side} {time}");
    }
    let figures = &answer["effect"];
    assert!((number(&figures["value"]) + 0.5).abs() < 1e-9, "{answer}");
    assert_eq!((&figures["verdict"], &figures["against"]), (&json!("fell"), &json!("elsewhere")));
    assert!(holds(figures, -0.5) && number(&figures["ci_high"]) < 0.0, "{answer}");
    let words = answer["sentence"]["en"].as_str().unwrap();
    assert!(words.contains("failed 50 % less often"), "{words}");
    let trend = &answer["trend_before"];
    assert_eq!((&trend["to"], &trend["months"]), (&json!("2026-02-28"), &json!(3)));
    assert!(holds(&trend["slope"], 0.0), "{answer}");

    let year = get(&app, &manager, &format!("{}?before=previous_year", effect("africa")));
    assert_eq!(
        (&year["effect"]["value"], &year["effect"]["verdict"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(year["before"]["from"], "2025-03-02");
    assert!(year["sentence"]["en"].as_str().unwrap().contains("no effect can be told"));

    // Electronics everywhere: there is no elsewhere.
    let plain = get(&app, &manager, &effect("electronics"));
    assert_eq!((&plain["elsewhere"], &plain["trend_before"]), (&Value::Null, &Value::Null));
    assert_eq!(plain["effect"]["against"], "before");
    assert!((number(&plain["effect"]["value"]) + 0.25).abs() < 1e-9, "{plain}");
    assert!(plain["sentence"]["en"].as_str().unwrap().contains("everywhere"));

    // Another office inspected none of it.
    let other = app.key(Role::Manager, &["CNSHA"]);
    let none = get(&app, &other, &effect("africa"));
    assert_eq!(none["inside"]["during"]["inspected"], 0);
    let (code, stdout, _) = command(&app, &["campaign", "effect", "africa"]);
    assert_eq!(code, Some(0));
    assert!(stdout.contains(words) && stdout.contains("3 months"), "{stdout}");
}

#[rstest]
fn a_campaign_without_effect_yet_says_why(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let campaign = json!({"id": "spring", "name": "Spring", "from": "2027-01-01",
        "until": "2027-06-30", "regions": ["africa"],
        "steps": [{"from": "2027-01-01", "proportion": 0.2}]});
    let created = app.post("/v1/campaigns").key(&app.admin).json(&campaign).send().expect(201);
    let ask = |query: &str| app.get(&format!("/v1/campaigns/{query}")).key(&app.admin).send();
    let detail = |answer: Answer| {
        let problem = answer.problem(422, "question-impossible");
        problem["detail"].as_str().unwrap().to_owned()
    };
    assert!(detail(ask("spring/effect")).contains("not approved"));
    let approve = app.put("/v1/campaigns/spring/approval").key(&app.key(Role::Policy, &[]));
    let approve = approve.header("If-Match", created.header("etag").unwrap());
    approve.json(&json!({})).send().expect(200);
    assert!(detail(ask("spring/effect")).contains("begins on 2027-01-01"));
    assert!(detail(ask("spring/effect?before=autumn")).contains("before_start"));
    ask("autumn/effect").problem(404, "not-found");
}

#[rstest]
fn a_change_that_cannot_be_explained_hears_why(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    app.key(Role::Manager, &["CNTAO"]);
    everything(&app);
    let goods = [("W-1".to_owned(), "KE", "850760", "E1")];
    declare(&app, "CNTAO", "2026-02-02", &goods);
    draw(&app, "CNTAO", "2026-02-02", |_| (false, None));
    breeze::flow::rates::rebuild(&app.app.store).unwrap();
    for (query, words) in [
        ("now=2026-02&before=2026-01", "before: nothing was inspected in 2026-01"),
        ("now=2026-03&before=2026-02", "now: nothing was inspected in 2026-03"),
        ("now=2026-02", "compare=previous_year"),
        ("now=2026-02&before=2026-01&compare=previous_year", "not both"),
        ("now=2026-02&compare=yesterday", "previous_period"),
        ("now=2026-02&before=2026", "overlaps"),
        ("now=spring&before=2026", "now: `spring`"),
        ("now=2026-01&before=2026-02", "before: 2026-02 lies after 2026-01"),
        ("now=2026-W53&compare=previous_year", "no partner"),
        ("now=2026-02&before=2026-01&region=moon", "latin-america"),
    ] {
        let problem = app.get(&format!("{WHY}?{query}")).key(&app.admin).send();
        let problem = problem.problem(422, "question-impossible");
        assert!(problem["detail"].as_str().unwrap().contains(words), "{query}: {problem}");
    }
    app.get(&format!("{WHY}?before=2026")).key(&app.admin).send().problem(400, "invalid-parameter");
    let (code, _, words) = command(&app, &["why", "--now", "2026-03", "--before", "2026-02"]);
    assert_eq!(code, Some(2));
    assert!(words.contains("nothing was inspected in 2026-03"), "{words}");
}

/// The program on the application's database.
fn command(app: &TestApp, arguments: &[&str]) -> (Option<i32>, String, String) {
    let key = app.app.spool.join("master.key");
    std::fs::write(&key, hex::encode(app.app.master.bytes())).unwrap();
    let mut breeze = std::process::Command::new(env!("CARGO_BIN_EXE_breeze"));
    breeze.args(arguments).args(["--database", &app.database_url(), "--master-key-file"]).arg(key);
    let output = breeze.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}
