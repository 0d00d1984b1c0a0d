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
fn a_merge_patch_changes_what_it_names() {
    let campaign = parse_json(&body(|_| {})).unwrap();
    assert_eq!(patched(&campaign, &json!({})).unwrap(), campaign);
    let patch = json!({"name": "Breeze II", "regions": null, "countries": ["BR"],
        "steps": [{"from": "2026-03-02", "proportion": 0.000_01}]});
    let changed = patched(&campaign, &patch).unwrap();
    assert_eq!(changed.name, "Breeze II");
    assert_eq!(changed.steps, [CampaignStep { from: campaign.from, proportion_ppm: 10 }]);
    let places: Vec<_> = changed.scope.places.iter().map(Place::code).collect();
    assert_eq!(places, ["belt-and-road", "BR"]);
    for (patch, pointer) in [
        (json!({"name": null}), "/name"),
        (json!({"until": "2026-01-01"}), "/until"),
        (json!({"colour": "red"}), "/colour"),
        (json!([]), ""),
    ] {
        let problem = patched(&campaign, &patch).unwrap_err();
        let pointers: Vec<_> = problem.errors.iter().map(|e| e.pointer.as_str()).collect();
        assert!(pointers.contains(&pointer), "{patch}: {problem:?}");
    }
}

#[test]
fn a_campaign_is_scheduled_runs_and_ends_or_is_closed() {
    let campaign = parse_json(&body(|_| {})).unwrap();
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let state = |on: &str, last: Option<&str>| {
        let at = "2026-03-01T00:00:00Z".parse().unwrap();
        let closure = last.map(|last| CampaignClosure {
            last_day: day(last),
            reason: "enough".into(),
            by: "cli".into(),
            at,
        });
        campaign.state_on(day(on), closure.as_ref())
    };
    assert_eq!(state("2026-03-01", None), CampaignState::Scheduled);
    assert_eq!(state("2026-03-02", None), CampaignState::Running);
    assert_eq!(state("2026-08-31", None), CampaignState::Running);
    assert_eq!(state("2026-09-01", None), CampaignState::Ended);
    assert_eq!(state("2026-05-01", Some("2026-05-01")), CampaignState::Running);
    assert_eq!(state("2026-05-02", Some("2026-05-01")), CampaignState::Closed);
    assert_eq!(state("2026-02-01", Some("2026-02-20")), CampaignState::Closed);
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
