use super::*;
use crate::domain::reference::country;

const BREEZE: &str = r#"
id = "breeze"
from = 2026-01-01
floor = 0.005

[[rules]]
proportion = 0.02

[[rules]]
region = "africa"
proportion = 0.05

[[rules]]
name = "africa-electrical"
region = "africa"
commodity = "85"
proportion = "0.1"

[[rules]]
grouping = "belt-and-road"
commodity = "8507"
proportion = 0.3

[[rules]]
country = "KE"
commodity = "85"
proportion = 1
"#;

fn goods<'a>(country: &'a str, commodity: &'a str) -> Goods<'a> {
    let region = country::find(country).unwrap().region;
    Goods { office: "CNTAO", country, region, commodity }
}

#[test]
fn the_most_specific_rule_wins() {
    let policy = parse_toml(BREEZE, 3).unwrap();
    let rule =
        |country, commodity| policy.rule_for(goods(country, commodity)).unwrap().name.clone();
    assert_eq!(rule("US", "851762"), "default");
    assert_eq!(rule("NG", "640399"), "africa");
    assert_eq!(rule("NG", "851762"), "africa-electrical");
    assert_eq!(rule("KE", "851762"), "KE/85");
    assert_eq!(
        rule("KE", "850760"),
        "belt-and-road/8507",
        "the longer prefix comes before the kind of place"
    );
    assert_eq!(policy.rules[2].proportion_ppm, 100_000);
    assert_eq!(policy.floor_ppm, 5_000);
}

#[test]
fn the_digest_stands_for_the_whole_version() {
    let policy = parse_toml(BREEZE, 3).unwrap();
    assert_eq!(policy.sha256(), parse_toml(BREEZE, 3).unwrap().sha256());
    assert_ne!(policy.sha256(), parse_toml(BREEZE, 4).unwrap().sha256());
    let stored: Policy = serde_json::from_str(&serde_json::to_string(&policy).unwrap()).unwrap();
    assert_eq!(stored, policy);
}

#[test]
fn a_file_that_breaks_a_rule_is_refused_with_its_place() {
    let head = "id = \"p\"\nfrom = \"2026-01-01\"\nfloor = 0.01\n";
    let rule = |body: &str| format!("[[rules]]\n{body}\n");
    let default = rule("proportion = 0.02");
    for (text, words) in [
        (format!("{head}rules = []"), "no rule without a scope"),
        (format!("{head}{}", rule("proportion = 0.005")), "less than the floor"),
        (format!("{head}{}", rule("proportion = 0.0000001")), "at most six places"),
        (format!("{head}{}", rule("proportion = 1.5")), "from 0 to 1"),
        (format!("{head}{}", rule("proportion = 0")), "hide goods for ever"),
        (format!("{head}{}", rule("proportion = 1\ntargeting_exponent = 5")), "from 0 to 4"),
        (format!("free_capacity = \"filled\"\n{head}{default}"), "filled"),
        (format!("{head}{default}{default}"), "named `default`"),
        (
            format!("{head}{default}{}", rule("region = \"mars\"\nproportion = 0.1")),
            "`mars` is no reporting region",
        ),
        (
            format!(
                "{head}{default}{}",
                rule("region = \"africa\"\ncountry = \"KE\"\nproportion = 0.1")
            ),
            "more than one",
        ),
        (format!("{head}{default}{}", rule("colour = \"red\"\nproportion = 0.1")), "colour"),
        (
            format!(
                "{head}{default}{}{}",
                rule("grouping = \"gcc\"\nproportion = 0.1"),
                rule("grouping = \"belt-and-road\"\nproportion = 0.2")
            ),
            "equally specific and overlap",
        ),
    ] {
        let problem = parse_toml(&text, 1).unwrap_err();
        assert!(problem.detail.contains(words), "{words}: {}", problem.detail);
    }
}

#[test]
fn every_fault_of_a_body_is_named_at_once_by_its_pointer() {
    let body = serde_json::json!({"id": "No Slug", "from": "2026-01-01", "floor": 2, "rules": [
        {"proportion": 0.02}, {"region": "mars", "proportion": 0}, {"country": "XX", "proportion": 0.1},
        {"commodity": "8", "office": "no office", "proportion": 0.1}]});
    let problem = parse_json(body.to_string().as_bytes(), 1).unwrap_err();
    let pointers: Vec<_> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/id",
            "/floor",
            "/rules/1/region",
            "/rules/1/proportion",
            "/rules/2/country",
            "/rules/3/commodity",
            "/rules/3/office"
        ]
    );
}

#[test]
fn the_exponent_of_a_rule_comes_before_that_of_the_policy() {
    let text = "id = \"p\"\nfrom = 2026-01-01\nfloor = 0\ntargeting_exponent = 1.5\n\
        [[rules]]\nproportion = 0.1\n[[rules]]\nregion = \"asia\"\nproportion = 0.1\ntargeting_exponent = 0\n";
    let policy = parse_toml(text, 1).unwrap();
    let exponents: Vec<_> = policy.rules.iter().map(|rule| policy.exponent_milli(rule)).collect();
    assert_eq!(exponents, [1_500, 0]);
    assert_eq!(parse_toml(BREEZE, 1).unwrap().own_exponent_milli(), 2_000);
}
