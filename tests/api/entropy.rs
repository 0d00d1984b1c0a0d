//! Entropy after the freeze: an auditor who commits, releases and opens; a public beacon; and what
//! happens while a frame waits for them.

use crate::drawn::{self, DRAW};
use crate::support::*;
use breeze::api::download::unzip;
use breeze::domain::entropy::CHAINS;
use breeze::domain::key::Role;
use breeze::sampling::ticket::{DrawId, auditor_commitment, auditor_release};
use breeze::sampling::verify::{Bundle, Verdict, verify};
use chrono::TimeDelta;
use rstest::rstest;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};

/// After the cut-off of the story's day, 18:00 in Qingdao.
const EVENING: &str = "2026-11-24T10:00:05Z";
/// The auditor's secret of the stories that need no command.
const A: [u8; 32] = [9; 32];
const COMMITMENT: &str = "/v1/auditor-commitments/CNTAO/2026-11-24/1";

fn commitment() -> String {
    let id = DrawId { office: "CNTAO", day: "20261124", round: 1 };
    hex::encode(auditor_commitment(&id, &A))
}

/// An office that draws as it is told from today on, everything, with committed days ahead.
fn office_with(app: &TestApp, entropy: &str) {
    let mut body = office();
    body["entropy"] = entropy.into();
    let put = app.put("/v1/offices/CNTAO").key(&app.admin).json(&body).send().expect(201);
    assert_eq!(put.json()["entropy"], entropy);
    app.govern("id = \"all\"\nfrom = 2026-11-24\nfloor = 0.01\n\n[[rules]]\nproportion = 1\n");
    app.tick();
}

fn declare(app: &TestApp, numbers: std::ops::RangeInclusive<usize>) {
    let customs = app.key(Role::Customs, &["CNTAO"]);
    for n in numbers {
        let path = format!("/v1/declarations/EXP-{n:02}");
        app.put(&path).key(&customs).json(&battery()).send().expect(201);
    }
}

fn commit(app: &TestApp, auditor: &str, commitment: &str) -> Answer {
    app.put(COMMITMENT).key(auditor).json(&json!({ "commitment": commitment })).send()
}

fn release(app: &TestApp, key: &str, value: &str) -> Answer {
    let path = format!("/v1/draws/{DRAW}/entropy");
    app.put(&path).key(key).json(&json!({ "value": value })).send()
}

fn open(app: &TestApp, key: &str, value: &str) -> Answer {
    let path = format!("/v1/draws/{DRAW}/auditor-secret");
    app.put(&path).key(key).json(&json!({ "value": value })).send()
}

fn draw(app: &TestApp) -> Value {
    app.get(&format!("/v1/draws/{DRAW}")).key(&app.admin).send().expect(200).json()
}

fn digest(app: &TestApp) -> String {
    draw(app)["frame"]["sha256"].as_str().unwrap().to_owned()
}

fn status(app: &TestApp, number: &str) -> Value {
    let path = format!("/v1/declarations/{number}/status");
    app.get(&path).key(&app.admin).send().expect(200).json()["status"].clone()
}

fn bundle(app: &TestApp, key: Option<&str>) -> Bundle {
    let request = app.get(&format!("/v1/draws/{DRAW}/audit-bundle"));
    let request = key.map_or_else(|| request.clone(), |key| request.clone().key(key));
    unzip(request.send().expect(200).bytes().to_vec()).unwrap()
}

/// The files in a folder, as an outsider has them.
fn unpacked(app: &TestApp) -> std::path::PathBuf {
    let folder = app.app.spool.join("draw");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, bytes) in &bundle(app, None).files {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    folder
}

/// The program without a database, as on the auditor's machine.
fn breeze(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_breeze")).args(args).output().unwrap()
}

#[track_caller]
fn says(output: &Output, code: i32) -> String {
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{words}");
    match code {
        0 | 1 => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        _ => words,
    }
}

/// docs/recompute.py on a folder, where there is a Python.
fn recompute(folder: &Path) -> Option<String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/recompute.py");
    let output = Command::new("python3").arg(script).arg(folder).output().ok()?;
    Some(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).trim().to_owned())
}

fn feed(app: &TestApp) -> Vec<String> {
    let feed = app.get("/v1/events?office=CNTAO&limit=500").key(&app.admin).send().expect(200);
    let feed = feed.json()["items"].as_array().unwrap().clone();
    feed.iter().map(|event| event["type"].as_str().unwrap().replace("breeze.", "")).collect()
}

#[rstest]
fn an_auditor_takes_part_in_the_draw_from_commitment_to_reveal(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    office_with(&app, "auditor");
    let inspector = app.inspector("CNTAO", "insp-07");
    let auditor = app.key(Role::Auditor, &["CNTAO"]);
    let listed = || app.get("/v1/draw-commitments?limit=1").send().expect(200).json();
    assert_eq!(listed()["items"][0]["auditor_commitment"], Value::Null);
    assert_eq!(listed()["items"][0]["entropy"], "auditor");

    // Ahead: a secret on the auditor's machine, its commitment to the service.
    let secret = app.app.spool.join("a.txt");
    let secret = secret.to_str().unwrap();
    let new =
        ["release", "new", "--office", "CNTAO", "--day", "2026-11-24", "--out", secret, "--json"];
    let made: Value = serde_json::from_str(&says(&breeze(&new), 0)).unwrap();
    assert_eq!(made["draw"], DRAW);
    let promised = made["commitment"].as_str().unwrap();
    let answer = commit(&app, &auditor, promised).expect(201).json();
    assert_eq!((&answer["commitment"], &answer["round"]), (&json!(promised), &json!(1)));
    assert_eq!(commit(&app, &auditor, promised).expect(200).json(), answer);
    commit(&app, &auditor, &commitment()).problem(409, "already-committed");
    assert_eq!(listed()["items"][0]["auditor_commitment"], promised);

    // The cut-off freezes and draws nothing.
    declare(&app, 1..=3);
    release(&app, &auditor, &"00".repeat(32)).problem(404, "not-found");
    app.set_clock(EVENING);
    let tick = app.tick();
    assert_eq!((tick.frozen, tick.drawn, tick.missing), (1, 0, 0));
    assert_eq!(app.tick().frozen, 0);
    let frozen = draw(&app);
    assert_eq!((&frozen["state"], &frozen["drawn"]), (&json!("frozen"), &json!(0)));
    assert_eq!(frozen["entropy"], format!("auditor:{promised}"));
    assert_eq!((&frozen["frame"]["rows"], &frozen["retrospective"]), (&json!(3), &json!(false)));
    assert_eq!(listed()["items"][0]["frame_sha256"], frozen["frame"]["sha256"]);
    while_it_waits(&app, &auditor);

    // On sight of the digest the auditor releases, and the list is there; another replica does it.
    let digest = digest(&app);
    let frame = ["release", "frame", "--secret", secret, "--digest", &digest];
    let value = says(&breeze(&frame), 0);
    assert_eq!(says(&breeze(&frame), 0), value);
    release(&app, &app.key(Role::Manager, &["CNTAO"]), &value).problem(403, "forbidden");
    release(&app, &auditor, "ABC").faults(&[("/value", "value-not-allowed")]);
    app.advance(TimeDelta::minutes(9));
    let drawn = release(&app.replica(), &auditor, &value).expect(200).json();
    assert_eq!((&drawn["state"], &drawn["drawn"]), (&json!("drawn"), &json!(3)));
    assert_eq!(drawn["frame"], frozen["frame"]);
    assert_eq!(release(&app, &auditor, &value).expect(200).json(), drawn);
    release(&app, &auditor, &"00".repeat(32)).problem(409, "entropy-released");
    assert_eq!(
        (status(&app, "EXP-01"), status(&app, "EXP-03")),
        ("held".into(), "cancelled".into())
    );

    // With every result and the auditor's secret it is revealed.
    for n in 1..=2 {
        let item = drawn::item(&app, &format!("EXP-0{n}"));
        drawn::put(&app, &inspector, n, &drawn::pass(&item)).expect(201);
    }
    assert_eq!(draw(&app)["state"], "drawn", "the auditor's secret is missing");
    let a = says(&breeze(&["release", "secret", secret]), 0);
    open(&app, &auditor, &"00".repeat(32)).faults(&[("/value", "auditor-secret-wrong")]);
    assert_eq!(open(&app, &auditor, &a).expect(200).json()["state"], "revealed");
    open(&app, &auditor, &a).expect(200);
    let path = format!("/v1/draws/{DRAW}/entropy");
    let received = app.get(&path).key(&auditor).send().expect(200).json();
    assert_eq!((&received["release"]["value"], &received["opened"]), (&json!(value), &json!(true)));
    assert_eq!(received["auditor_secret"]["value"], a);

    // Anybody can recompute it.
    assert_eq!(verify(&bundle(&app, None)).verdict, Verdict::Verified);
    let folder = unpacked(&app);
    let words = says(&breeze(&["verify", folder.to_str().unwrap()]), 0);
    assert!(words.starts_with(&format!("VERIFIED {DRAW}: 3 of 3 declarations drawn")), "{words}");
    if let Some(words) = recompute(&folder) {
        assert_eq!(words, format!("AGREES: {DRAW}: 3 of 3 drawn, entropy auditor"));
    }
    let broken = breeze::flow::publish::broken_chain(&app.app.store, "CNTAO").unwrap();
    assert_eq!(broken, None);
    let kinds = feed(&app);
    let at = |kind: &str| kinds.iter().position(|k| k == kind).unwrap_or_else(|| panic!("{kind}"));
    let order =
        ["auditor.committed", "frame.frozen", "entropy.released", "draw.made", "auditor.opened"];
    assert!(order.map(at).is_sorted(), "{kinds:?}");
}

/// Nothing is drawn yet, and everything that reads draws says so.
fn while_it_waits(app: &TestApp, auditor: &str) {
    assert_eq!(status(app, "EXP-01"), "not_drawn_yet");
    let list = app.get(&format!("/v1/sample-lists/{DRAW}")).key(&app.admin).send().expect(200);
    let list = list.json();
    assert_eq!((&list["state"], &list["items"]), (&json!("frozen"), &json!([])));
    let again = json!({"office": "CNTAO", "day": "2026-11-24"});
    let again = app.post("/v1/draws").key(&app.admin).json(&again).send().expect(200).json();
    assert_eq!(again, draw(app));
    let preview = json!({"office": "CNTAO", "day": "2026-11-24"});
    let preview = app.post("/v1/draw-previews").key(&app.admin).json(&preview).send();
    preview.problem(409, "already-drawn");
    let early = bundle(app, Some(auditor));
    assert_eq!(early.files.len(), 3, "commitment, frame and roster");
    assert!(matches!(verify(&early).verdict, Verdict::VerifiedSoFar { .. }));
    let verification = app.post(&format!("/v1/draws/{DRAW}/verifications")).key(&app.admin).send();
    assert_eq!(verification.expect(200).json()["verdict"], "verified_so_far");
    open(app, auditor, &hex::encode(A)).problem(409, "entropy-not-awaited");
    let path = "/v1/declarations/EXP-03/cancellation";
    let customs = app.key(Role::Customs, &["CNTAO"]);
    app.put(path).key(&customs).json(&json!({})).send().expect(200);
    let orders = app.get("/v1/directives").key(&app.admin).send().expect(200).json();
    assert_eq!(orders["items"], json!([]), "what is not drawn is cancelled without an order");
    let late = app.put("/v1/declarations/LATE").key(&customs).json(&battery()).send().expect(201);
    assert_eq!(late.json()["inspection_day"], "2026-11-25");
    let rates = "/v1/trends/failure-rates?period=day&from=2026-11-24&to=2026-11-24";
    let rates = app.get(rates).key(&app.admin).send().expect(200).json();
    let cell = &rates["items"][0];
    let counts = (&cell["declared"], &cell["not_in_frame"], &cell["drawn"]);
    assert_eq!(counts, (&json!(3), &json!(3), &json!(0)), "{cell}");
    let path = format!("/v1/draws/{DRAW}/entropy");
    let waiting = app.get(&path).key(auditor).send().expect(200).json();
    assert_eq!((&waiting["state"], &waiting["release"]), (&json!("frozen"), &Value::Null));
}

#[rstest]
fn without_its_auditor_nothing_is_drawn(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    office_with(&app, "auditor");
    declare(&app, 1..=2);
    app.set_clock(EVENING);
    let tick = app.tick();
    assert_eq!((tick.frozen, tick.drawn, tick.missing), (0, 0, 1), "a missing draw is an alarm");
    let body = json!({"office": "CNTAO", "day": "2026-11-24"});
    let ask = app.post("/v1/draws").key(&app.admin).json(&body);
    ask.send().problem(409, "auditor-commitment-missing");
    // To stop asking the auditor is for days to come.
    let mut none = office();
    none["entropy"] = "none".into();
    app.put("/v1/offices/CNTAO").key(&app.admin).json(&none).send().expect(200);
    ask.send().problem(409, "auditor-commitment-missing");
    // A late commitment is better than none, and is said to be late.
    let auditor = app.key(Role::Auditor, &[]);
    commit(&app, &auditor, &commitment()).expect(201);
    let frozen = ask.send().expect(201).json();
    assert_eq!((&frozen["state"], &frozen["retrospective"]), (&json!("frozen"), &json!(true)));
    commit(&app, &auditor, &"11".repeat(32)).problem(409, "already-committed");
    let sha256 = frozen["frame"]["sha256"].as_str().unwrap();
    release(&app, &auditor, &hex::encode(auditor_release(&A, sha256))).expect(200);
}

#[rstest]
fn a_wrong_release_draws_once_and_shows_when_the_secret_opens(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    office_with(&app, "auditor");
    let auditor = app.key(Role::Auditor, &["CNTAO"]);
    commit(&app, &auditor, &commitment()).expect(201);
    declare(&app, 1..=4);
    app.set_clock(EVENING);
    assert_eq!(app.tick().frozen, 1);
    let wrong = "5a".repeat(32);
    release(&app, &auditor, &wrong).expect(200);
    let right = hex::encode(auditor_release(&A, &digest(&app)));
    release(&app, &auditor, &right).problem(409, "entropy-released");
    // On the seventh day our part is published all the same, and what is missing is said.
    app.advance(TimeDelta::days(7));
    assert_eq!(app.tick().revealed, 1);
    assert_eq!(app.tick().revealed, 0);
    let closed = vec!["the auditor's secret in reveal.txt"];
    assert_eq!(verify(&bundle(&app, None)).verdict, Verdict::VerifiedSoFar { closed });
    let words = recompute(&unpacked(&app));
    assert!(words.is_none_or(|words| words.starts_with("CLOSED: the auditor has not given")));
    // The auditor's own secret is what shows it, so it is taken: once, for all to see.
    for _ in 0..2 {
        open(&app, &auditor, &hex::encode(A)).expect(200);
    }
    let signals = app.get("/v1/signals?kind=release_wrong").key(&auditor).send().expect(200);
    let signals = signals.json()["items"].as_array().unwrap().clone();
    assert_eq!(signals.len(), 1);
    assert_eq!(signals[0]["evidence"]["draw"], DRAW);
    let Verdict::Differs(difference) = verify(&bundle(&app, None)).verdict else {
        panic!("a wrong release must not verify");
    };
    assert_eq!((difference.file, difference.line), ("sample.tsv", Some(2)));
    let words = recompute(&unpacked(&app));
    assert!(words.is_none_or(|words| words.starts_with("DIFFERS: sample.tsv")));
}

#[rstest]
fn a_secret_that_comes_late_completes_the_files(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    office_with(&app, "auditor");
    let auditor = app.key(Role::Auditor, &["CNTAO"]);
    commit(&app, &auditor, &commitment()).expect(201);
    declare(&app, 1..=4);
    app.set_clock(EVENING);
    app.tick();
    // Nothing is revealed while nothing is drawn, and a late list has its seven days as well.
    app.advance(TimeDelta::days(8));
    assert_eq!(app.tick().revealed, 0);
    let right = hex::encode(auditor_release(&A, &digest(&app)));
    assert_eq!(release(&app, &auditor, &right).expect(200).json()["state"], "drawn");
    assert_eq!(app.tick().revealed, 0);
    app.advance(TimeDelta::days(7));
    app.tick();
    assert_eq!(draw(&app)["state"], "revealed");
    assert!(matches!(verify(&bundle(&app, None)).verdict, Verdict::VerifiedSoFar { .. }));
    open(&app, &auditor, &hex::encode(A)).expect(200);
    assert_eq!(verify(&bundle(&app, None)).verdict, Verdict::Verified);
}

#[rstest]
fn a_beacon_decides_after_the_frame_has_closed(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    office_with(&app, "beacon:quicknet");
    declare(&app, 1..=4);
    app.set_clock(EVENING);
    assert_eq!(app.tick().frozen, 1);
    let named = draw(&app)["entropy"].as_str().unwrap().to_owned();
    let round: u64 = named.strip_prefix("beacon:quicknet:").unwrap().parse().unwrap();
    let comes = CHAINS[0].time_of(round).unwrap();
    assert!(
        comes >= EVENING.parse::<chrono::DateTime<chrono::Utc>>().unwrap() + TimeDelta::minutes(10)
    );
    let (manager, value) = (app.key(Role::Manager, &["CNTAO"]), "5a".repeat(32));
    release(&app, &manager, &value).problem(409, "beacon-round-ahead");
    app.set_clock(&comes.to_rfc3339());
    for not_the_randomness in ["5a".to_owned(), "5a".repeat(48)] {
        release(&app, &manager, &not_the_randomness).faults(&[("/value", "value-not-allowed")]);
    }
    // Who can compute the list by now cannot leave it: the next goods of the exporter are certain.
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let path = "/v1/declarations/EXP-02/cancellation";
    app.put(path).key(&customs).json(&json!({})).send().expect(200);
    assert_eq!(release(&app, &manager, &value).expect(200).json()["state"], "drawn");
    assert_eq!(status(&app, "EXP-02"), "cancelled");
    let orders = app.get("/v1/directives").key(&app.admin).send().expect(200).json();
    let order = &orders["items"][0];
    assert_eq!(
        (&order["kind"], &order["cancelled_declaration"], &orders["items"][1]),
        (&json!("automatic"), &json!("EXP-02"), &Value::Null)
    );
    let auditor = app.key(Role::Auditor, &["CNTAO"]);
    open(&app, &auditor, &value).problem(409, "entropy-not-awaited");
    app.advance(TimeDelta::days(8));
    app.tick();
    assert_eq!(verify(&bundle(&app, None)).verdict, Verdict::VerifiedExceptBeacon);
    let words = recompute(&unpacked(&app));
    assert!(words.is_none_or(|words| words.ends_with("4 of 4 drawn, entropy beacon")));
}

#[rstest]
fn a_change_of_entropy_never_touches_a_day_that_takes_declarations(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    app.tick();
    let put = |entropy: Value| {
        let mut body = office();
        body["entropy"] = entropy;
        app.put("/v1/offices/CNTAO").key(&app.admin).json(&body).send()
    };
    put(json!("dice")).faults(&[("/entropy", "value-not-allowed")]);
    put(json!("beacon:dice")).faults(&[("/entropy", "value-not-allowed")]);
    let ahead = || {
        let list = app.get("/v1/draw-commitments?limit=3").send().expect(200).json();
        let list = list["items"].as_array().unwrap().clone();
        list.iter().map(|c| c["entropy"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    put(json!("auditor")).expect(200);
    assert_eq!(ahead(), ["none", "auditor", "auditor"], "today takes declarations already");
    assert_eq!(put(Value::Null).expect(200).json()["entropy"], "auditor", "left out, it stays");
    app.set_clock("2026-11-25T01:00:00Z");
    put(json!("none")).expect(200);
    assert_eq!(ahead(), ["none", "auditor", "none"]);
    declare(&app, 1..=2);
    app.set_clock("2026-11-25T10:00:05Z");
    assert_eq!(app.tick().missing, 1, "the day of the auditor stays the auditor's");
}

#[rstest]
fn whoever_releases_at_once_gets_the_same_draw(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    office_with(&app, "auditor");
    let auditor = app.key(Role::Auditor, &["CNTAO"]);
    commit(&app, &auditor, &commitment()).expect(201);
    declare(&app, 1..=5);
    app.set_clock(EVENING);
    app.tick();
    let replica = app.replica();
    let values = ["00".repeat(32), hex::encode(auditor_release(&A, &digest(&app)))];
    let statuses: Vec<_> = std::thread::scope(|scope| {
        let releasing = (0..8).map(|n| {
            let app = if n % 2 == 0 { &app } else { &replica };
            let (auditor, value) = (&auditor, &values[n / 2 % 2]);
            scope.spawn(move || (n / 2 % 2, release(app, auditor, value).status))
        });
        let releasing: Vec<_> = releasing.collect();
        releasing.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let of = |value: usize| {
        let mut statuses = statuses.iter().filter(|(v, _)| *v == value).map(|(_, s)| *s);
        let first = statuses.next().unwrap();
        assert!(statuses.all(|status| status == first));
        first
    };
    let mut both = [of(0), of(1)];
    both.sort_unstable();
    assert_eq!(both, [200, 409]);
    assert_eq!(feed(&app).iter().filter(|kind| *kind == "draw.made").count(), 1);
    assert_eq!(draw(&app)["drawn"], 5);
}

#[rstest]
fn a_frame_that_waits_too_long_is_an_alarm(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    office_with(&app, "auditor");
    let auditor = app.key(Role::Auditor, &["CNTAO"]);
    commit(&app, &auditor, &commitment()).expect(201);
    declare(&app, 1..=2);
    app.set_clock(EVENING);
    app.tick();
    app.advance(TimeDelta::minutes(59));
    assert_eq!(app.tick().overdue, 0);
    app.advance(TimeDelta::minutes(1));
    let tick = app.tick();
    assert_eq!((tick.overdue, tick.missing), (1, 0));
    assert_eq!(app.replica().tick().overdue, 0, "once");
    let signals = app.get("/v1/signals").key(&auditor).send().expect(200).json();
    let signal = &signals["items"][0];
    assert_eq!(
        (&signal["kind"], &signal["id"]),
        (&json!("entropy_overdue"), &json!(format!("{DRAW}-entropy-overdue")))
    );
    assert_eq!(
        (&signal["evidence"]["draw"], &signal["evidence"]["rows"]),
        (&json!(DRAW), &json!(2))
    );
    // Its week is over and has no result; its chart waits for the frame, though not for ever.
    let evaluate = || {
        let post = app.post("/v1/signal-evaluations").key(&app.key(Role::Manager, &[])).send();
        let done = post.expect(200).json();
        [done["periods"].clone(), done["waiting"].clone()]
    };
    app.set_clock("2026-11-30T02:00:00Z");
    assert_eq!(evaluate(), [json!([]), json!([])], "the week is not over everywhere");
    app.set_clock("2026-11-30T14:00:00Z");
    assert_eq!(evaluate(), [json!([]), json!(["2026-W48"])]);
    app.set_clock("2026-12-06T14:00:00Z");
    assert_eq!(evaluate(), [json!(["2026-W48"]), json!(["2026-11"])]);
}

#[rstest]
fn what_a_frozen_frame_takes_by_order_counts_against_the_limit(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    office_with(&app, "auditor");
    app.office("CNSHA");
    let auditor = app.key(Role::Auditor, &["CNTAO"]);
    commit(&app, &auditor, &commitment()).expect(201);
    let order = json!({"exporter_id": "91370200MA3C", "reason": "a complaint", "from": "2026-11-24",
        "until": "2026-11-24", "limit": 1});
    let order = app.post("/v1/directives").key(&app.admin).json(&order).send().expect(201).json();
    declare(&app, 1..=2);
    let mut elsewhere = battery();
    elsewhere["office"] = "CNSHA".into();
    let customs = app.key(Role::Customs, &["CNSHA"]);
    app.put("/v1/declarations/SHA-1").key(&customs).json(&elsewhere).send().expect(201);
    app.set_clock(EVENING);
    for office in ["CNTAO", "CNSHA"] {
        let body = json!({"office": office, "day": "2026-11-24"});
        app.post("/v1/draws").key(&app.admin).json(&body).send().expect(201);
    }
    let taken = |draw: &str| {
        let draw = app.get(&format!("/v1/draws/{draw}")).key(&app.admin).send().expect(200);
        draw.json()["frame"]["take_all"].as_u64().unwrap()
    };
    assert_eq!((taken(DRAW), taken("CNSHA-20261124-1")), (1, 0));
    let path = format!("/v1/directives/{}", order["id"].as_str().unwrap());
    assert_eq!(app.get(&path).key(&app.admin).send().expect(200).json()["taken"], 1);
    release(&app, &auditor, &"00".repeat(32)).expect(200);
    assert_eq!(app.get(&path).key(&app.admin).send().expect(200).json()["taken"], 1);
}

#[rstest]
fn a_draw_of_one_key_waits_for_nobody(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    drawn::day(&app, 2);
    let auditor = app.key(Role::Auditor, &["CNTAO"]);
    release(&app, &auditor, &"00".repeat(32)).problem(409, "entropy-not-awaited");
    open(&app, &auditor, &"00".repeat(32)).problem(409, "entropy-not-awaited");
    commit(&app, &auditor, &commitment()).problem(409, "frame-closed");
    commit(&app, &auditor, "A").faults(&[("/commitment", "value-not-allowed")]);
    for (path, pointer) in [("2026-13-01/1", "/day"), ("2026-11-24/0", "/round")] {
        let put = app.put(&format!("/v1/auditor-commitments/CNTAO/{path}")).key(&auditor);
        let problem = put.json(&json!({"commitment": commitment()})).send();
        assert_eq!(problem.problem(422, "invalid")["errors"][0]["pointer"], pointer);
    }
}

#[test]
fn the_auditors_command_releases_for_one_frame_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    let file = path.to_str().unwrap();
    let new = ["release", "new", "--office", "CNTAO", "--day", "2026-11-24", "--out", file];
    let commitment = says(&breeze(&new), 0);
    assert_eq!(commitment.len(), 64);
    assert!(says(&breeze(&new), 3).contains("no secret is overwritten"));
    assert!(says(&breeze(&["release", "secret", file]), 2).contains("nothing was released"));
    let frame = |digest: &str| breeze(&["release", "frame", "--secret", file, "--digest", digest]);
    says(&frame("nonsense"), 2);
    let value = says(&frame(&"ab".repeat(32)), 0);
    assert!(says(&frame(&"cd".repeat(32)), 2).contains("wants a second draw"));
    assert_eq!(says(&frame(&"ab".repeat(32)), 0), value);
    let a: [u8; 32] =
        hex::decode(says(&breeze(&["release", "secret", file]), 0)).unwrap().try_into().unwrap();
    assert_eq!(hex::encode(auditor_release(&a, &"ab".repeat(32))), value);
    let id = DrawId { office: "CNTAO", day: "20261124", round: 1 };
    assert_eq!(hex::encode(auditor_commitment(&id, &a)), commitment);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0);
    }
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, &text[..text.len() - 5]).unwrap();
    assert!(says(&frame(&"ab".repeat(32)), 3).contains("no whole file"));
}
