//! Sentences, each with the numbers that make it.

use super::*;
use crate::domain::period::Period;

fn span(label: &str) -> Span {
    Span::whole(Period::parse(label).unwrap())
}

fn part(label: &str, first: &str, last: &str) -> Span {
    Span::new(Period::parse(label).unwrap(), (first.parse().unwrap(), last.parse().unwrap()))
}

fn limits(value: f64, low: f64, high: f64) -> Limits {
    Limits { value, low, high }
}

fn measured(span: Span, inspected: u64, rate: Limits) -> Measured {
    let rate = (inspected > 0).then_some(rate);
    Measured { span, declared: 1_204, inspected, provisional: false, rate }
}

fn africa() -> Goods {
    Goods { regions: vec!["africa".into()], ..Goods::default() }
}

fn change(
    direction: Direction,
    difference: [f64; 3],
    relative: (Option<f64>, f64, Option<f64>),
) -> Change {
    let [value, low, high] = difference;
    let (share, from, to) = relative;
    Change {
        direction,
        difference: limits(value, low, high),
        relative: Relative { value: share, low: from, high: to },
    }
}

fn october() -> Measured {
    measured(span("2026-10"), 640, limits(0.0491, 0.036, 0.0651))
}

fn last_october() -> Measured {
    measured(span("2025-10"), 580, limits(0.0621, 0.05, 0.08))
}

fn said(now: Measured, before: Before) -> [String; 2] {
    let Headline { en, zh } = Headline::of(&Facts { goods: africa(), now, before });
    [en, zh]
}

#[test]
fn a_fall_beyond_chance_is_told_in_points_and_as_a_share() {
    let fell =
        change(Direction::Fell, [-0.013, -0.0219, -0.0041], (Some(-0.209), -0.33, Some(-0.07)));
    assert_eq!(
        said(october(), Before::Was(last_october(), Some(fell))),
        [
            "4.9 % of goods to Africa failed in October 2026, 1.3 points below October 2025 (95 %: 0.4 \
             to 2.2), 21 % fewer (95 %: 7 to 33 %): more than chance",
            "2026年10月运往非洲的货物有4.9%不合格，比2025年10月低1.3个百分点（95%区间：0.4至2.2），降幅21%\
             （95%区间：7%至33%）：超出偶然波动",
        ]
    );
}

#[test]
fn a_rise_may_have_no_upper_limit() {
    let rose = change(Direction::Rose, [0.0481, 0.03, 0.066], (Some(48.1), 0.4, None));
    let before = measured(span("2025-10"), 25, limits(0.001, 0.0, 0.01));
    let [en, zh] = said(october(), Before::Was(before, Some(rose)));
    assert_eq!(
        en,
        "4.9 % of goods to Africa failed in October 2026, 4.8 points above October 2025 (95 %: 3.0 to \
         6.6), 4810 % more (95 %: at least 40 %): more than chance (only 25 inspected in October 2025)"
    );
    assert!(zh.contains("高4.8个百分点") && zh.contains("至少40%"), "{zh}");
    assert!(zh.ends_with("（2025年10月仅检验25批）"), "{zh}");
}

#[test]
fn what_chance_could_have_made_is_no_clear_change() {
    let unclear = |value| {
        let change =
            change(Direction::NoClearChange, [value, -0.008, 0.0138], (Some(0.1), -0.2, None));
        said(october(), Before::Was(last_october(), Some(change)))
    };
    assert_eq!(
        unclear(0.003),
        [
            "4.9 % of goods to Africa failed in October 2026, 0.3 points above October 2025 (95 %: 0.8 \
             below to 1.4 above): no clear change",
            "2026年10月运往非洲的货物有4.9%不合格，比2025年10月高0.3个百分点（95%区间：低0.8至高1.4）：无明显变化",
        ]
    );
    let [en, zh] = unclear(-0.0001);
    assert!(en.contains("failed in October 2026, as in October 2025 (95 %"), "{en}");
    assert!(zh.contains("与2025年10月持平"), "{zh}");
}

#[test]
fn without_comparison_the_interval_is_that_of_the_rate() {
    assert_eq!(
        said(Measured { provisional: true, ..october() }, Before::NotAsked),
        [
            "4.9 % of goods to Africa failed in October 2026 (95 %: 3.6 to 6.5 %; results are \
             missing still)",
            "2026年10月运往非洲的货物有4.9%不合格（95%区间：3.6%至6.5%；结果尚未齐全）",
        ]
    );
    let none = measured(span("2026-W05"), 12, limits(0.0, 0.0, 0.265));
    let [en, zh] = said(none, Before::NoSuchPeriod);
    assert_eq!(
        en,
        "0 % of goods to Africa failed in week 5 of 2026 (95 %: 0 to 26.5 %; only 12 inspected); \
         there is no such period before to compare with"
    );
    assert!(zh.starts_with("2026年第5周运往非洲的货物有0%不合格"), "{zh}");
    let nothing = measured(span("2025-10"), 0, limits(0.0, 0.0, 0.0));
    let [en, zh] = said(october(), Before::Was(nothing, None));
    assert!(en.ends_with("; nothing was inspected in October 2025 to compare with"), "{en}");
    assert!(zh.ends_with("；2025年10月没有检验，无从比较"), "{zh}");
    let [en, _] = said(october(), Before::Was(Measured { declared: 0, ..nothing }, None));
    assert!(en.ends_with("; nothing was declared for October 2025 to compare with"), "{en}");
}

#[test]
fn too_few_inspections_name_no_rate() {
    let few = measured(span("2026-10"), 3, limits(0.333, 0.0084, 0.9057));
    assert_eq!(
        said(few, Before::NotAsked),
        [
            "Too few goods to Africa were inspected in October 2026 to name a rate: 3 (95 %: 0.8 to \
             90.6 %)",
            "2026年10月运往非洲的货物仅检验3批，不足以给出不合格率（95%区间：0.8%至90.6%）",
        ]
    );
    let same = change(Direction::NoClearChange, [0.27, -0.06, 0.85], (Some(4.0), -0.5, None));
    let [en, _] = said(few, Before::Was(last_october(), Some(same)));
    assert!(en.ends_with("90.6 %); no clear change from October 2025"), "{en}");
}

#[test]
fn nothing_inspected_is_told_with_what_was_known_before() {
    let nothing = measured(span("2026-10"), 0, limits(0.0, 0.0, 0.0));
    assert_eq!(
        said(nothing, Before::Was(last_october(), None)),
        [
            "No goods to Africa were inspected in October 2026; 6.2 % failed in October 2025",
            "2026年10月没有检验运往非洲的货物；2025年10月有6.2%不合格",
        ]
    );
    let [en, zh] = said(Measured { declared: 0, ..nothing }, Before::NotAsked);
    assert_eq!(en, "No goods to Africa were declared for October 2026");
    assert_eq!(zh, "2026年10月没有申报运往非洲的货物");
}

#[test]
fn small_rates_keep_their_figures() {
    let rare = measured(span("2026"), 9_000, limits(0.0012, 0.0006, 0.0021));
    let [en, _] = said(rare, Before::NotAsked);
    assert!(
        en.starts_with("0.12 % of goods to Africa failed in 2026 (95 %: 0.06 to 0.21 %)"),
        "{en}"
    );
}

#[test]
fn periods_are_told_in_words() {
    for (span, en, zh) in [
        (span("2026-11-24"), "on 24 November 2026", "2026年11月24日"),
        (span("2026-W53"), "in week 53 of 2026", "2026年第53周"),
        (span("2026-Q4"), "in the fourth quarter of 2026", "2026年第四季度"),
        (span("2026"), "in 2026", "2026年"),
        (
            part("2026-10", "2026-10-05", "2026-12-31"),
            "from 5 to 31 October 2026",
            "2026年10月5日至31日",
        ),
        (
            part("2026", "2026-01-03", "2026-11-24"),
            "from 3 January to 24 November 2026",
            "2026年1月3日至11月24日",
        ),
        (
            part("2026-W01", "2025-12-30", "2026-01-02"),
            "from 30 December 2025 to 2 January 2026",
            "2025年12月30日至2026年1月2日",
        ),
        (part("2026-10", "2026-10-31", "2026-12-31"), "on 31 October 2026", "2026年10月31日"),
    ] {
        let [said_en, said_zh] =
            said(measured(span, 640, limits(0.0491, 0.036, 0.0651)), Before::NotAsked);
        assert!(said_en.contains(&format!("failed {en} (95 %")), "{said_en}");
        assert!(said_zh.starts_with(&format!("{zh}运往非洲")), "{said_zh}");
    }
}

#[test]
fn goods_are_told_plainly() {
    let codes = |codes: &[&str]| codes.iter().map(|&code| code.to_owned()).collect::<Vec<_>>();
    let all = Goods::default();
    let battery = Goods { commodities: codes(&["8507"]), offices: codes(&["CNTAO"]), ..africa() };
    let members = Goods {
        countries: codes(&["VN", "NL"]),
        groupings: codes(&["eu"]),
        regions: codes(&["asia", "other"]),
        commodities: codes(&["85", "850760", "85076"]),
        ..all.clone()
    };
    let who = Goods {
        exporters: codes(&["91370200MA3C"]),
        campaigns: codes(&["spring"]),
        provinces: vec![Some("CN-SD".into())],
        selections: vec![Some("directive".into())],
        ..all.clone()
    };
    let many =
        Goods { countries: codes(&["KE", "EG", "NA", "MA"]), provinces: vec![None], ..all.clone() };
    for (goods, en, zh) in [
        (all, "goods", "货物"),
        (
            battery,
            "goods of heading 8507 to Africa through office CNTAO",
            "经海关CNTAO、运往非洲的品目8507货物",
        ),
        (
            members,
            "goods of chapter 85, subheading 850760 or codes 85076… to Vietnam or the Netherlands in the \
             European Union in Asia or other regions",
            "运往越南或荷兰（欧洲联盟）（亚洲或其他地区）的第85章、子目850760或编码85076…货物",
        ),
        (
            who,
            "goods through offices in CN-SD from exporter 91370200MA3C in the scope of campaign spring \
             drawn by order",
            "经CN-SD省份的海关、由出口商91370200MA3C出口、属于专项spring、按指令抽中的货物",
        ),
        (
            many,
            "goods to 4 countries through offices without a province",
            "经未登记省份的海关、运往4个国家的货物",
        ),
    ] {
        assert_eq!((goods.english().as_str(), goods.chinese().as_str()), (en, zh));
    }
}
