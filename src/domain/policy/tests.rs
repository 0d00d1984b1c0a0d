use super::*;

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
    let policy = parse(BREEZE, 3).unwrap();
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
    let policy = parse(BREEZE, 3).unwrap();
    assert_eq!(policy.sha256(), parse(BREEZE, 3).unwrap().sha256());
    assert_ne!(policy.sha256(), parse(BREEZE, 4).unwrap().sha256());
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
        (format!("{head}{}", rule("proportion = 0.0000001")), "rule 1: proportion"),
        (format!("{head}{}", rule("proportion = 1.5")), "rule 1: proportion"),
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
        let problem = parse(&text, 1).unwrap_err();
        assert!(problem.detail.contains(words), "{words}: {}", problem.detail);
    }
}
