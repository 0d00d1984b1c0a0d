use super::*;
use crate::domain::campaign;
use crate::domain::policy::parse_toml;
use crate::domain::reference::country;

const POLICY: &str = "id = \"p\"\nfrom = 2026-01-01\nfloor = 0.005\ntargeting_exponent = 1\n\
    [[rules]]\nproportion = 0.02\n[[rules]]\nregion = \"africa\"\ncommodity = \"85\"\nproportion = 0.1\n\
    [[rules]]\nregion = \"africa\"\nproportion = 0.05\n";

fn breeze(steps: &str) -> Campaign {
    campaign::parse_toml(&format!(
        "id = \"breeze\"\nname = \"Breeze\"\nregions = [\"africa\"]\ngroupings = [\"belt-and-road\"]\n\
         commodities = [\"85\", \"64\"]\nfrom = 2026-03-02\nuntil = 2026-08-31\n{steps}"
    ))
    .unwrap()
}

const STEPS: &str = "[[steps]]\nfrom = 2026-03-02\nproportion = 0.1\n\
    [[steps]]\nfrom = 2026-04-27\nproportion = 0.2\n";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn goods<'a>(country: &'a str, commodity: &'a str) -> Goods<'a> {
    Goods { office: "CNTAO", country, region: country::find(country).unwrap().region, commodity }
}

fn in_force(campaigns: &[Campaign], on: &str) -> InForce {
    InForce::new(parse_toml(POLICY, 1).unwrap(), campaigns, day(on))
}

#[test]
fn a_campaign_raises_its_goods_on_its_days_step_by_step() {
    let campaigns = [breeze(STEPS)];
    let applied = |on, country, commodity| {
        let in_force = in_force(&campaigns, on);
        let applied = in_force.applied(goods(country, commodity)).unwrap();
        (applied.rule.to_owned(), applied.proportion_ppm)
    };
    let campaign = |ppm| ("campaign/breeze".to_owned(), ppm);
    assert_eq!(applied("2026-03-01", "KE", "640399"), ("africa".to_owned(), 50_000));
    assert_eq!(applied("2026-03-02", "KE", "640399"), campaign(100_000));
    assert_eq!(applied("2026-04-26", "KE", "640399"), campaign(100_000));
    assert_eq!(applied("2026-04-27", "KE", "640399"), campaign(200_000));
    assert_eq!(applied("2026-08-31", "KE", "640399"), campaign(200_000));
    assert_eq!(applied("2026-09-01", "KE", "640399"), ("africa".to_owned(), 50_000));
    assert_eq!(applied("2026-05-01", "KE", "100630"), ("africa".to_owned(), 50_000));
    assert_eq!(applied("2026-05-01", "US", "640399"), ("default".to_owned(), 20_000));
}

#[test]
fn a_campaign_never_lowers_and_at_the_same_proportion_the_policy_stands() {
    let campaigns = [breeze(STEPS)];
    let march = in_force(&campaigns, "2026-03-10");
    assert_eq!(march.applied(goods("KE", "850760")).unwrap().rule, "africa/85");
    let low = [breeze("[[steps]]\nfrom = 2026-03-02\nproportion = 0.01\n")];
    let march = in_force(&low, "2026-03-10");
    assert_eq!(march.applied(goods("KE", "640399")).unwrap().rule, "africa");
}

#[test]
fn of_two_campaigns_the_higher_wins_then_the_first_by_its_id() {
    let twin = |id: &str| Campaign { id: id.into(), ..breeze(STEPS) };
    let higher = breeze("[[steps]]\nfrom = 2026-03-02\nproportion = 0.3\n");
    let rule = |campaigns: &[Campaign]| {
        let in_force = in_force(campaigns, "2026-03-10");
        in_force.applied(goods("KE", "640399")).unwrap().rule.to_owned()
    };
    assert_eq!(rule(&[twin("b"), twin("a")]), "campaign/a");
    assert_eq!(rule(&[twin("a"), Campaign { id: "b".into(), ..higher }]), "campaign/b");
}

#[test]
fn everything_that_holds_the_goods_was_considered_the_most_specific_first() {
    let campaigns = [breeze(STEPS)];
    let march = in_force(&campaigns, "2026-03-10");
    let considered = march.considered(goods("KE", "850760"));
    let names: Vec<&str> = considered
        .iter()
        .map(|one| match one {
            Considered::Campaign(step) => step.rule.as_str(),
            Considered::Rule(rule) => rule.name.as_str(),
        })
        .collect();
    assert_eq!(names, ["campaign/breeze", "africa/85", "africa", "default"]);
}

#[test]
fn each_one_considered_has_a_verdict_with_its_reason() {
    let explained = |campaigns: &[Campaign], on, commodity| {
        let in_force = in_force(campaigns, on);
        let explained = in_force.explain(goods("KE", commodity));
        let words = explained.into_iter().map(|one| {
            assert!(!one.why.zh.is_empty());
            (one.considered.name().to_owned(), one.verdict, one.why.en)
        });
        words.collect::<Vec<_>>()
    };
    let verdicts = |campaigns: &[Campaign], on, commodity| {
        let explained = explained(campaigns, on, commodity);
        explained.into_iter().map(|(name, verdict, _)| (name, verdict)).collect::<Vec<_>>()
    };
    let named = |rows: &[(&str, Verdict)]| {
        rows.iter().map(|(name, verdict)| ((*name).to_owned(), *verdict)).collect::<Vec<_>>()
    };
    use Verdict::{Applies, LessSpecific, NotHigher, Raised};
    let one = [breeze(STEPS)];
    // At the same proportion the policy stands.
    assert_eq!(
        verdicts(&one, "2026-03-10", "850760"),
        named(&[
            ("campaign/breeze", NotHigher),
            ("africa/85", Applies),
            ("africa", LessSpecific),
            ("default", LessSpecific)
        ])
    );
    assert_eq!(
        verdicts(&one, "2026-05-10", "850760"),
        named(&[
            ("campaign/breeze", Applies),
            ("africa/85", Raised),
            ("africa", LessSpecific),
            ("default", LessSpecific)
        ])
    );
    let twins = [Campaign { id: "twin".into(), ..breeze(STEPS) }, breeze(STEPS)];
    assert_eq!(
        verdicts(&twins, "2026-05-10", "640399"),
        named(&[
            ("campaign/breeze", Applies),
            ("campaign/twin", NotHigher),
            ("africa", Raised),
            ("default", LessSpecific)
        ])
    );
    assert_eq!(
        verdicts(&[], "2026-05-10", "640399"),
        named(&[("africa", Applies), ("default", LessSpecific)])
    );
    let words = explained(&one, "2026-05-10", "640399");
    assert_eq!(words[0].2, "20 %: asks for more than the 5 % of the policy's rule africa");
    assert!(words[1].2.ends_with("campaign/breeze raises it to 20 %"), "{}", words[1].2);
}

#[test]
fn the_exponent_is_the_campaigns_or_else_the_policys() {
    let own = Campaign { targeting_exponent_milli: Some(3_000), ..breeze(STEPS) };
    for (campaign, milli) in [(breeze(STEPS), 1_000), (own, 3_000)] {
        let campaigns = [campaign];
        let march = in_force(&campaigns, "2026-03-10");
        assert_eq!(march.applied(goods("KE", "640399")).unwrap().exponent_milli, milli);
    }
}

#[test]
fn the_digest_tells_days_apart_that_treat_goods_otherwise() {
    let campaigns = [breeze(STEPS)];
    let digest = |on| in_force(&campaigns, on).sha256();
    assert_eq!(digest("2026-03-10"), digest("2026-03-11"));
    assert_ne!(digest("2026-03-10"), digest("2026-05-11"));
    assert_ne!(digest("2026-03-10"), digest("2026-02-11"));
}
