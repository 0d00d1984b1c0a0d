//! What a campaign did, relative to before and to the same goods elsewhere.

use super::Sentence;

/// The figures of a campaign's effect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CampaignSaid {
    /// The effect as a fraction, −0.2 for a fall by 20 %; `None` where there is no estimate.
    pub value: Option<f64>,
    /// Lower limit.
    pub low: f64,
    /// Upper limit; `None` where nothing bounds it.
    pub high: Option<f64>,
    /// Whether it is held against the same commodities elsewhere.
    pub elsewhere: bool,
    /// Whether before is the same days a year earlier, or else as many days before it began.
    pub a_year_earlier: bool,
}

/// Says what a campaign did.
///
/// ```
/// use breeze::domain::sentence::{CampaignSaid, campaign};
/// let said = campaign(&CampaignSaid { value: Some(-0.26), low: -0.41, high: Some(-0.08),
///     elsewhere: true, a_year_earlier: true });
/// assert_eq!(said.en, "Compared with the same days a year earlier and with the same commodities \
///     elsewhere, the campaign's goods failed 26 % less often (95 %: −41 to −8 %): more than chance.");
/// ```
pub fn campaign(said: &CampaignSaid) -> Sentence {
    let (before, before_zh) = match said.a_year_earlier {
        true => ("the same days a year earlier", "上年同期"),
        false => ("as many days before it began", "行动开始前的同等天数"),
    };
    let (against, against_zh) = match said.elsewhere {
        true => (
            format!("Compared with {before} and with the same commodities elsewhere"),
            format!("与{before_zh}及其他地方的同类商品相比"),
        ),
        false => (
            format!("Compared with {before} alone, as it covers its commodities everywhere"),
            format!("仅与{before_zh}相比（行动覆盖所有地方的该类商品）"),
        ),
    };
    let (found, found_zh) = found(said);
    Sentence { en: format!("{against}, {found}."), zh: format!("{against_zh}，{found_zh}。") }
}

fn found(said: &CampaignSaid) -> (String, String) {
    let Some(value) = said.value else {
        return (
            "no effect can be told: too little was inspected, or nothing failed where it would \
             have to be compared"
                .into(),
            "无法判断效果：查验太少，或比较所需之处没有不合格".into(),
        );
    };
    let low = signed(said.low);
    let (limits, limits_zh) = match said.high {
        Some(high) => {
            let high = signed(high);
            (format!("95 %: {low} to {high} %"), format!("95%：{low}% 至 {high}%"))
        }
        None => (format!("95 %: {low} % or more"), format!("95%：{low}% 以上")),
    };
    let own = percent(value);
    let clear = said.low > 0.0 || said.high.is_some_and(|high| high < 0.0);
    match (clear, value < 0.0) {
        (true, true) => (
            format!("the campaign's goods failed {own} % less often ({limits}): more than chance"),
            format!("行动所涉货物的不合格少 {own}%（{limits_zh}）：超出偶然"),
        ),
        (true, false) => (
            format!("the campaign's goods failed {own} % more often ({limits}): more than chance"),
            format!("行动所涉货物的不合格多 {own}%（{limits_zh}）：超出偶然"),
        ),
        (false, _) => (
            format!("the campaign's goods show no clear change: {} % ({limits})", signed(value)),
            format!("行动所涉货物无明显变化：{}%（{limits_zh}）", signed(value)),
        ),
    }
}

fn percent(share: f64) -> String {
    format!("{:.0}", 100.0 * share.abs())
}

/// With its sign; none for what rounds to 0.
fn signed(share: f64) -> String {
    let percent = percent(share);
    match (percent.as_str(), share < 0.0) {
        ("0", _) => percent,
        (_, true) => format!("−{percent}"),
        (_, false) => format!("+{percent}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_clear_is_said_so() {
        let said = CampaignSaid {
            value: Some(0.05),
            low: -0.3,
            high: None,
            elsewhere: false,
            a_year_earlier: false,
        };
        let Sentence { en, zh } = campaign(&said);
        assert!(en.contains("no clear change: +5 % (95 %: −30 % or more)"), "{en}");
        assert!(en.contains("everywhere") && zh.contains("无明显变化"), "{en} {zh}");
        let none = campaign(&CampaignSaid { value: None, ..said });
        assert!(none.en.contains("no effect can be told"), "{}", none.en);
        let rose = campaign(&CampaignSaid { low: 0.01, high: Some(0.1), ..said });
        assert!(rose.en.contains("5 % more often (95 %: +1 to +10 %)"), "{}", rose.en);
    }
}
