//! Worlds whose true failure rates are known: what a manager reads must be what is true.

use crate::history::{declare, inspect};
use crate::support::*;
use breeze::domain::inspection::ItemState;
use rstest::rstest;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The true rates of a year's goods, per mille: batteries and shoes to Africa, goods to Asia, to Europe.
const TRUE: [(&str, [u32; 4]); 2] =
    [("2024", [600, 200, 200, 100]), ("2025", [450, 150, 200, 100])];
/// Country, commodity and declarations a month of the same goods.
const GOODS: [(&str, &str, usize); 4] =
    [("KE", "850760", 50), ("EG", "640399", 50), ("VN", "950300", 100), ("DE", "0703", 100)];

/// Half of everything is inspected in 2024. From 2025 on Africa is aimed at: all of its batteries, few
/// of its other goods.
const POLICIES: [&str; 2] = [
    "id = \"even\"\nfrom = 2020-01-01\nfloor = 0.01\n\n[[rules]]\nproportion = 0.5\n",
    "id = \"aimed\"\nfrom = 2025-01-01\nfloor = 0.01\n\n[[rules]]\nproportion = 0.5\n\n\
     [[rules]]\nregion = \"africa\"\nproportion = 0.25\n\n\
     [[rules]]\nregion = \"africa\"\ncommodity = \"8507\"\nproportion = 1.0\n",
];

/// Whether a declaration would fail: decided by its number, whoever draws it.
fn fails(number: &str, per_mille: u32) -> bool {
    let digest = Sha256::digest(number);
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]) % 1000 < per_mille
}

/// Three hundred declarations a month for two years, one day a month; drawn for real.
fn two_years(engine: Engine) -> TestApp {
    let app = TestApp::start(engine);
    let mut large = office();
    (large["daily_capacity"], large["working_days"]) =
        (1000.into(), serde_json::json!([1, 2, 3, 4, 5, 6, 7]));
    app.put("/v1/offices/CNTAO").key(&app.admin).json(&large).send().expect(201);
    for file in POLICIES {
        let post = app.post("/v1/policies?historical=true").key(&app.admin);
        post.body("application/toml", file).send().expect(201);
    }
    for (year, rates) in TRUE {
        for month in 1..=12 {
            let day = format!("{year}-{month:02}-15");
            let mut goods = Vec::new();
            for (at, (country, commodity, count)) in GOODS.into_iter().enumerate() {
                let number = |n| format!("{day}-{at}-{n:03}");
                goods.extend((0..count).map(|n| (number(n), country, commodity)));
            }
            declare(&app, "CNTAO", &day, &goods);
            inspect(&app, "CNTAO", &day, |number| {
                let kind: usize = number[11..12].parse().unwrap();
                if fails(number, rates[kind]) { ItemState::Failed } else { ItemState::Passed }
            });
        }
    }
    breeze::flow::rates::rebuild(&app.app.store).unwrap();
    app
}

/// Fewer goods to Africa fail, though inspectors, who now look where they find most, hardly see it.
#[rstest]
fn a_region_that_improves_by_a_quarter_is_said_to_have_improved(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = two_years(engine);
    let query = "period=year&from=2025&to=2025&split_by=region&compare=previous_year";
    let answer = app.get(&format!("/v1/trends/failure-rates?{query}")).key(&app.admin).send();
    let answer = answer.expect(200).json();
    let items = answer["items"].as_array().unwrap();
    let number = |value: &Value| value.as_f64().unwrap();
    let holds = |interval: &Value, truth: f64| {
        number(&interval["ci_low"]) < truth && truth < number(&interval["ci_high"])
    };
    for (item, region, before, now) in [
        (&items[0], "africa", 0.4, 0.3),
        (&items[1], "asia", 0.2, 0.2),
        (&items[2], "europe", 0.1, 0.1),
    ] {
        assert_eq!(item["region"], region);
        let change = &item["change"];
        assert!(holds(&item["rate"], now), "{item}");
        assert!(holds(&change["before"]["rate"], before), "{item}");
        assert!(holds(&change["difference"], now - before), "{item}");
        assert!(holds(&change["relative_change"], now / before - 1.0), "{item}");
        let (en, zh) = (item["headline"]["en"].as_str(), item["headline"]["zh"].as_str());
        let (en, zh) = (en.unwrap(), zh.unwrap());
        if region == "africa" {
            assert_eq!(change["verdict"], "fell", "{item}");
            assert!(en.contains(" of goods to Africa failed in 2025, "), "{en}");
            assert!(en.contains(" points below 2024 (95 %: ") && en.contains(" % fewer "), "{en}");
            assert!(en.ends_with(": more than chance"), "{en}");
            assert!(
                zh.starts_with("2025年运往非洲的货物有") && zh.ends_with("：超出偶然波动"),
                "{zh}"
            );
        } else {
            assert_eq!(change["verdict"], "no_clear_change", "{item}");
            assert!(en.ends_with(": no clear change") && zh.ends_with("：无明显变化"), "{en} {zh}");
        }
    }
    // What inspectors met, for it is never to be compared.
    let met = |rate: &Value| number(&rate["observed_rate"]);
    let (now, before) = (met(&items[0]["rate"]), met(&items[0]["change"]["before"]["rate"]));
    assert!(now / before > 0.9, "{now} {before}");
}
