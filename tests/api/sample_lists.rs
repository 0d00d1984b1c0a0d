//! Sample lists: in walking order, with the reasons, for the own office only.

use crate::drawn::*;
use crate::support::*;
use breeze::domain::key::Role;
use rstest::rstest;
use serde_json::{Value, json};

#[rstest]
fn a_list_stands_in_walking_order_and_says_why(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let inspector = app.inspector("CNTAO", "insp-07");
    day(&app, 11);
    let list = list(&app, &inspector);
    assert_eq!((&list["id"], &list["office"]), (&json!(DRAW), &json!("CNTAO")));
    assert_eq!(list["day"], "2026-11-24");
    assert_eq!(list["retrospective"], false);
    let tally =
        |total| json!({"total": total, "done": 0, "passed": 0, "failed": 0, "not_inspected": 0});
    let mut nothing = tally(11);
    (nothing["random"], nothing["directive"]) = (tally(11), tally(0));
    assert_eq!(list["progress"], nothing);
    let items = list["items"].as_array().unwrap();
    let rows: Vec<_> = items.iter().map(|item| item["location"].as_str().unwrap()).collect();
    let walked: Vec<String> = (1..=11).map(|n| format!("Row {n}")).collect();
    assert_eq!(rows, walked, "Row 2 comes before Row 10");
    let assigned = items.iter().filter(|item| item["assignee"] == "insp-07").count();
    assert_eq!(assigned, 8, "the inspector's room");

    let mut first = items[0].clone();
    let position = first["position"].as_u64().unwrap();
    for varying in ["position", "item", "assignee"] {
        first.as_object_mut().unwrap().remove(varying);
    }
    assert!(first["commodity_name"]["en"].as_str().unwrap().starts_with("Electric accumulators"));
    assert!(first["commodity_name"]["zh"].is_string());
    first.as_object_mut().unwrap().remove("commodity_name");
    assert_eq!(
        first,
        json!({
            "declaration_number": "EXP-01", "exporter_id": "91370200MA3C", "exporter_name": "Haiyun Electric",
            "commodity_code": "850760", "description": "Lithium-ion batteries", "destination_country": "KE",
            "region": "africa", "quantity": "1200", "unit": "C62", "packages": 40, "gross_weight_kg": "1020",
            "location": "Row 1", "selection": "random", "inclusion_probability": 1.0, "pi": 4_294_967_296_u64,
            "reasons": [{
                "code": "proportion", "points": null,
                "text": {"en": "100 % by rule everything", "zh": "按规则 everything 抽取 100 %"}
            }],
            "plan": null, "state": "open", "not_inspected_reason": null, "inspected_by": null,
            "inspection": null
        })
    );
    let path = format!("/v1/sample-lists/{DRAW}/items/{position}");
    let mut alone = app.get(&path).key(&inspector).send().expect(200).json();
    assert_eq!(alone.as_object_mut().unwrap().remove("assignments"), Some(json!([])));
    assert_eq!(alone, items[0]);
}

#[rstest]
fn a_full_day_says_that_its_chances_were_shrunk(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let key = app.key(Role::Inspector, &["CNTAO"]);
    let mut office = office();
    office["daily_capacity"] = 2.into();
    app.put("/v1/offices/CNTAO").key(&app.admin).json(&office).send().expect(200);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let file = "id = \"all\"\nfrom = 2026-11-24\nfloor = 0.01\n\n[[rules]]\nname = \"half\"\nproportion = 0.5\n";
    app.govern(file);
    for n in 1..=16 {
        app.put(&format!("/v1/declarations/EXP-{n}"))
            .key(&customs)
            .json(&battery())
            .send()
            .expect(201);
    }
    app.set_clock("2026-11-24T10:00:05Z");
    let body = json!({"office": "CNTAO", "day": "2026-11-24"});
    app.post("/v1/draws").key(&app.admin).json(&body).send().expect(201);
    let list = list(&app, &key);
    assert_eq!(list["progress"]["total"], 2);
    assert_eq!(list["items"][0]["inclusion_probability"], 0.125);
    let reasons = list["items"][0]["reasons"].as_array().unwrap();
    let told: Vec<_> =
        reasons.iter().map(|reason| reason["text"]["en"].as_str().unwrap()).collect();
    let shrunk = "all chances of the day shrunk to 25 %, to fit 2 inspections";
    assert_eq!(told, ["50 % by rule half", shrunk]);
}

#[rstest]
fn a_stranger_sees_no_list(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let own = app.key(Role::Inspector, &["CNTAO"]);
    let foreign = app.key(Role::Inspector, &["CNSHA"]);
    day(&app, 1);
    let ends = ["", ".csv", ".xlsx", "/items/1"];
    for end in ends {
        let path = format!("/v1/sample-lists/{DRAW}{end}");
        app.get(&path).key(&own).send().expect(200);
        app.get(&path).key(&foreign).send().problem(404, "not-found");
        app.get(&path).key(&app.key(Role::Customs, &["CNTAO"])).send().problem(403, "forbidden");
        let missing = format!("/v1/sample-lists/CNTAO-20261125-1{end}");
        app.get(&missing).key(&own).send().problem(404, "not-found");
    }
    for odd in ["0", "2", "01", "x", "-1", "99999999999"] {
        let path = format!("/v1/sample-lists/{DRAW}/items/{odd}");
        app.get(&path).key(&own).send().problem(404, "not-found");
    }
    app.get("/v1/sample-lists?office=CNTAO").key(&foreign).send().problem(404, "not-found");
    let seen = app.get("/v1/sample-lists").key(&foreign).send().expect(200).json();
    assert_eq!(seen["items"], json!([]));
}

#[rstest]
fn lists_are_found_by_office_and_day(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let key = app.key(Role::Inspector, &["CNTAO"]);
    day(&app, 2);
    app.set_clock("2026-11-25T10:00:05Z");
    let body = json!({"office": "CNTAO", "day": "2026-11-25"});
    app.post("/v1/draws").key(&app.admin).json(&body).send().expect(201);
    let get = |query: &str| {
        app.get(&format!("/v1/sample-lists?{query}")).key(&key).send().expect(200).json()
    };
    let ids = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap().into()).collect()
    };
    assert_eq!(ids(&get("")), ["CNTAO-20261125-1", DRAW]);
    assert_eq!(ids(&get("office=CNTAO&day=2026-11-24")), [DRAW]);
    assert_eq!(ids(&get("from=2026-11-25&to=2026-11-30")), ["CNTAO-20261125-1"]);
    let page = get("limit=1");
    assert_eq!(ids(&page), ["CNTAO-20261125-1"]);
    assert_eq!(page["items"][0]["progress"]["total"], 0, "nothing was declared for that day");
    let cursor = page["next_cursor"].as_str().unwrap();
    let page = get(&format!("limit=1&cursor={cursor}"));
    assert_eq!((ids(&page), &page["next_cursor"]), (vec![DRAW.into()], &Value::Null));
    assert_eq!(page["items"][0]["progress"]["total"], 2);
    for bad in ["day=2026-11-24&from=2026-11-24", "day=24.11.2026", "date=2026-11-24"] {
        let request = app.get(&format!("/v1/sample-lists?{bad}")).key(&key);
        request.send().problem(400, "invalid-parameter");
    }
}

#[rstest]
fn a_list_is_a_file_whose_cells_are_harmless(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let mut bad = battery();
    bad["exporter_name"] = "=cmd|' /C calc'!A0".into();
    bad["location"] = "-1 floor, \"cold\", room 3".into();
    app.put("/v1/declarations/EXP-00").key(&customs).json(&bad).send().expect(201);
    let key = app.key(Role::Inspector, &["CNTAO"]);
    let file = "id = \"all\"\nfrom = 2026-11-24\nfloor = 0.01\n\n[[rules]]\nproportion = 1.0\n";
    app.govern(file);
    app.set_clock("2026-11-24T10:00:05Z");
    let body = json!({"office": "CNTAO", "day": "2026-11-24"});
    app.post("/v1/draws").key(&app.admin).json(&body).send().expect(201);

    let file = app.get(&format!("/v1/sample-lists/{DRAW}.csv")).key(&key).send().expect(200);
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
    let name = format!("attachment; filename=\"{DRAW}.csv\"");
    assert_eq!(file.header("content-disposition"), Some(name.as_str()));
    let mut reader = csv::Reader::from_reader(file.bytes());
    let heading = reader.headers().unwrap().clone();
    let row = reader.records().next().unwrap().unwrap();
    let cell = |name: &str| &row[heading.iter().position(|own| own == name).unwrap()];
    assert_eq!(cell("exporter_name"), "'=cmd|' /C calc'!A0");
    assert_eq!(cell("location"), "'-1 floor, \"cold\", room 3");
    assert_eq!((cell("position"), cell("inclusion_probability")), ("1", "1"));
    let accept = |kind: &str| {
        app.get(&format!("/v1/sample-lists/{DRAW}")).key(&key).header("Accept", kind).send()
    };
    assert_eq!(accept("text/csv").expect(200).bytes(), file.bytes());
    let book = app.get(&format!("/v1/sample-lists/{DRAW}.xlsx")).key(&key).send().expect(200);
    assert!(book.bytes().starts_with(b"PK"));
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    assert_eq!(book.header("content-type"), Some(kind));
    assert_eq!(accept(kind).expect(200).header("content-type"), Some(kind));
    accept("text/html").problem(406, "not-acceptable");
}

#[rstest]
fn an_assignment_changes_with_a_reason_and_is_logged(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let inspector = app.inspector("CNTAO", "insp-07");
    let manager = app.key(Role::Manager, &["CNTAO"]);
    day(&app, 2);
    app.inspector("CNTAO", "insp-08");
    let roster = |id: &str, body: Value| {
        let path = format!("/v1/offices/CNTAO/inspectors/{id}");
        app.put(&path).key(&app.admin).json(&body).send().expect(201)
    };
    roster("friend", json!({"name": "F", "room": 8, "conflicts": ["91370200MA3C"]}));
    roster("away", json!({"name": "A", "room": 8, "active": false}));
    let item = item(&app, "EXP-01");
    let path = format!("/v1/sample-lists/{}/assignment", item.replace('/', "/items/"));
    let assign = |key: &str, to: Value, reason: &str| {
        app.put(&path).key(key).json(&json!({"assignee": to, "reason": reason})).send()
    };
    let events = || {
        let path = "/v1/events?office=CNTAO&after=0&limit=500";
        let page = app.get(path).key(&app.admin).send().json();
        page.to_string().matches("item.assigned").count()
    };

    let changed = assign(&manager, json!("insp-08"), "insp-07 is ill").expect(200).json();
    assert_eq!(changed["assignee"], "insp-08");
    assert_eq!(changed["assignments"][0]["from"], "insp-07");
    assert_eq!(changed["assignments"][0]["to"], "insp-08");
    assert_eq!(changed["assignments"][0]["reason"], "insp-07 is ill");
    assert_eq!(assign(&manager, json!("insp-08"), "again").expect(200).json(), changed);
    let freed = assign(&inspector, Value::Null, "nobody left").expect(200).json();
    assert_eq!((&freed["assignee"], &freed["assignments"][1]["to"]), (&Value::Null, &Value::Null));

    assign(&manager, json!("nobody"), "x").faults(&[("/assignee", "inspector-unknown")]);
    assign(&manager, json!("away"), "x").faults(&[("/assignee", "inspector-off-duty")]);
    assign(&manager, json!("friend"), "x").faults(&[("/assignee", "inspector-conflict")]);
    assign(&manager, json!("a b"), "")
        .faults(&[("/reason", "required"), ("/assignee", "id-invalid")]);
    assign(&app.key(Role::Manager, &["CNSHA"]), json!("insp-08"), "x").problem(404, "not-found");
    assign(&app.admin, json!("insp-08"), "x").problem(403, "forbidden");
    assert_eq!(events(), 2, "what was refused or unchanged leaves no event");

    put(&app, &inspector, 1, &pass(&item)).expect(201);
    assign(&manager, json!("insp-08"), "too late").problem(409, "already-recorded");
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let cancel = app.put("/v1/declarations/EXP-02/cancellation").key(&customs);
    cancel.json(&json!({})).send().expect(200);
    let path = format!(
        "/v1/sample-lists/{}/assignment",
        crate::drawn::item(&app, "EXP-02").replace('/', "/items/")
    );
    let body = json!({"assignee": "insp-08", "reason": "too late"});
    app.put(&path).key(&manager).json(&body).send().problem(409, "cancelled");
}
