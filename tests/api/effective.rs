//! Which proportion applies to some goods, and why.

use crate::support::*;
use breeze::domain::key::Role;
use rstest::rstest;
use serde_json::{Value, json};

const ASK: &str = "/v1/effective-proportions?office=CNTAO&destination_country=KE&commodity=";

fn campaign(app: &TestApp, id: &str, from: &str, proportion: f64) {
    let body = json!({"id": id, "name": id, "regions": ["africa"], "groupings": ["belt-and-road"],
        "commodities": ["85"], "from": from, "until": "2026-12-31", "targeting_exponent": 1,
        "steps": [{"from": from, "proportion": proportion}]});
    app.post("/v1/campaigns").key(&app.admin).json(&body).send().expect(201);
    let path = format!("/v1/campaigns/{id}/approval");
    let put = app.put(&path).key(&app.key(Role::Policy, &[])).header("If-Match", "\"r1\"");
    put.json(&json!({})).send().expect(200);
}

fn verdicts(answer: &Value) -> Vec<(String, String)> {
    let stack = answer["stack"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    stack.map(|layer| (text(&layer["rule"]), text(&layer["verdict"]))).collect()
}

fn named(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(rule, verdict)| ((*rule).to_owned(), (*verdict).to_owned())).collect()
}

#[rstest]
fn everything_that_holds_the_goods_has_a_verdict(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let manager = app.key(Role::Manager, &["CNTAO"]);
    app.govern(&toml("breeze", "2026-11-24"));
    campaign(&app, "strong", "2026-11-25", 0.2);
    campaign(&app, "same", "2026-11-25", 0.1);
    let ask = |rest: &str| app.get(&format!("{ASK}{rest}")).key(&manager).send().expect(200).json();

    let today = ask("850760");
    assert_eq!(today["day"], "2026-11-24", "before the cut-off it is the day of today");
    assert_eq!(verdicts(&today), named(&[("africa/85", "applies"), ("default", "less_specific")]));
    assert_eq!(
        today["winner"],
        json!({"kind": "rule", "rule": "africa/85", "proportion": 0.1, "proportion_ppm": 100_000,
            "targeting_exponent": 2.0, "floor": 0.005, "floor_ppm": 5_000})
    );
    assert_eq!(
        today["policy"]["sha256"],
        app.get("/v1/policies/breeze").key(&manager).send().json()["items"][0]["sha256"]
    );

    app.set_clock("2026-11-24T10:00:00Z");
    let next = ask("850760");
    assert_eq!(next["day"], "2026-11-25", "at the cut-off the next working day begins");
    assert_eq!(
        verdicts(&next),
        named(&[
            ("campaign/strong", "applies"),
            ("campaign/same", "not_higher"),
            ("africa/85", "raised"),
            ("default", "less_specific")
        ])
    );
    assert_eq!(
        next["winner"],
        json!({"kind": "campaign", "rule": "campaign/strong", "proportion": 0.2,
            "proportion_ppm": 200_000, "targeting_exponent": 1.0, "floor": 0.005, "floor_ppm": 5_000})
    );
    let first = &next["stack"][0];
    assert_eq!(
        first["scope"],
        json!({"regions": ["africa"], "groupings": ["belt-and-road"], "countries": [],
            "commodities": ["85"], "offices": []})
    );
    assert_eq!(
        first["why"]["en"],
        "20 %: asks for more than the 10 % of the policy's rule africa/85"
    );
    assert_eq!(first["why"]["zh"], "20 %：高于政策规则 africa/85 的 10 %");
    let other = ask("640399&day=2026-11-25");
    assert_eq!(verdicts(&other), named(&[("default", "applies")]));
    // What is asked is what a frame is frozen with.
    assert_eq!(ask("850760&day=2026-11-24")["winner"], today["winner"]);
}

#[rstest]
fn of_equal_proportions_the_policys_rule_stands_then_the_first_campaign(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    app.govern(&toml("breeze", "2026-11-24"));
    campaign(&app, "b", "2026-11-24", 0.1);
    let ask = || app.get(&format!("{ASK}850760")).key(&app.admin).send().expect(200).json();
    assert_eq!(ask()["winner"]["rule"], "africa/85");
    campaign(&app, "c", "2026-11-24", 0.3);
    campaign(&app, "a", "2026-11-24", 0.3);
    assert_eq!(
        verdicts(&ask()),
        named(&[
            ("campaign/a", "applies"),
            ("campaign/c", "not_higher"),
            ("campaign/b", "not_higher"),
            ("africa/85", "raised"),
            ("default", "less_specific")
        ])
    );
}

#[rstest]
fn a_question_that_has_no_answer_says_why(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    let ask =
        |query: &str| app.get(&format!("/v1/effective-proportions?{query}")).key(&app.admin).send();
    let goods = "destination_country=KE&commodity=850760";
    ask(&format!("office=CNTAO&{goods}&day=1999-12-31")).problem(409, "no-policy");
    ask(&format!("office=CNXXX&{goods}")).problem(404, "not-found");
    for bad in [
        "office=CNTAO&destination_country=XX&commodity=850760",
        "office=CNTAO&destination_country=KE&commodity=85",
        "office=CNTAO&destination_country=KE&commodity=770100",
        "office=CNTAO&destination_country=KE",
        "office=CNTAO&destination_country=KE&commodity=850760&day=2026-13-01",
        "office=CNTAO&destination_country=KE&commodity=850760&colour=red",
    ] {
        ask(bad).problem(400, "invalid-parameter");
    }
}

#[rstest]
fn what_is_ordered_of_such_goods_stands_beside_the_rules_but_not_for_exporters(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let manager = app.key(Role::Manager, &["CNTAO"]);
    let order = |target: Value| {
        let mut body = json!({"office": "CNTAO", "reason": "a recall", "from": "2026-11-24",
            "until": "2026-11-30", "limit": 5});
        body.as_object_mut().unwrap().extend(target.as_object().unwrap().clone());
        app.post("/v1/directives").key(&manager).json(&body).send().expect(201).json()["id"].clone()
    };
    let on_goods = order(json!({"commodity": "8507"}));
    order(json!({"commodity": "8507", "exporter_id": "X1"}));
    order(json!({"commodity": "8507", "destination_country": "NG"}));
    let ask = |key: &str| app.get(&format!("{ASK}850760")).key(key).send().expect(200).json();
    assert_eq!(
        ask(&manager)["directives"],
        json!([{"id": on_goods, "commodity": "8507", "destination_country": null, "office": "CNTAO",
            "reason": "a recall", "until": "2026-11-30", "limit": 5}])
    );
    let customs = app.key(Role::Customs, &["CNTAO"]);
    assert_eq!(ask(&customs)["directives"], Value::Null);
}
