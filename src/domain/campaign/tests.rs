use super::*;
use serde_json::{Value, json};

fn body(change: impl Fn(&mut Value)) -> Vec<u8> {
    let mut body = json!({"id": "breeze", "name": "Breeze", "regions": ["africa"], "groupings": ["belt-and-road"],
        "commodities": ["85"], "from": "2026-03-02", "until": "2026-08-31",
        "steps": [{"from": "2026-03-02", "proportion": 0.1}, {"from": "2026-04-27", "proportion": "0.05"}]});
    change(&mut body);
    body.to_string().into_bytes()
}

#[test]
fn a_campaign_is_read_with_the_members_of_its_first_day() {
    let campaign = parse_json(&body(|_| {})).unwrap();
    assert_eq!(campaign.rule_name(), "campaign/breeze");
    assert_eq!(campaign.steps[1].proportion_ppm, 50_000);
    let [Place::Region(_), Place::Grouping { members, .. }] = campaign.scope.places.as_slice()
    else {
        panic!("{:?}", campaign.scope)
    };
    assert!(members.contains("KE"));
    let kept: Campaign = serde_json::from_str(&serde_json::to_string(&campaign).unwrap()).unwrap();
    assert_eq!(kept, campaign);
}

#[test]
fn every_breach_is_named_by_its_pointer() {
    for (change, pointer) in [
        (json!({"id": "a-name-of-more-than-28-letters"}), "/id"),
        (json!({"name": ""}), "/name"),
        (json!({"until": "2026-03-01"}), "/until"),
        (json!({"regions": ["africa", "mars"]}), "/regions/1"),
        (json!({"regions": ["africa", "africa"]}), "/regions/1"),
        (json!({"groupings": ["brics"]}), "/groupings/0"),
        (json!({"countries": ["KE", "XX"]}), "/countries/1"),
        (json!({"commodities": ["8"]}), "/commodities/0"),
        (json!({"offices": ["no office"]}), "/offices/0"),
        (json!({"steps": []}), "/steps"),
        (json!({"steps": [{"from": "2026-03-03", "proportion": 0.1}]}), "/steps/0/from"),
        (json!({"steps": [{"from": "2026-03-02", "proportion": 0}]}), "/steps/0/proportion"),
        (json!({"steps": [{"from": "2026-03-02", "proportion": 1.1}]}), "/steps/0/proportion"),
        (
            json!({"steps": [{"from": "2026-03-02", "proportion": 0.1},
                {"from": "2026-09-01", "proportion": 0.2}]}),
            "/steps/1/from",
        ),
        (
            json!({"steps": [{"from": "2026-03-02", "proportion": 0.1},
                {"from": "2026-03-02", "proportion": 0.2}]}),
            "/steps/1/from",
        ),
        (json!({"targeting_exponent": 9}), "/targeting_exponent"),
        (json!({"colour": "red"}), "/colour"),
    ] {
        let broken = body(|body| {
            let fields = change.as_object().unwrap().clone();
            body.as_object_mut().unwrap().extend(fields);
        });
        let problem = parse_json(&broken).unwrap_err();
        let pointers: Vec<_> = problem.errors.iter().map(|e| e.pointer.as_str()).collect();
        assert!(pointers.contains(&pointer), "{pointer}: {problem:?}");
    }
    let everywhere = body(|body| {
        body["regions"] = json!([]);
        body["groupings"] = json!([]);
        body["commodities"] = json!([]);
    });
    assert!(parse_json(&everywhere).unwrap_err().detail.contains("without a scope"));
}
