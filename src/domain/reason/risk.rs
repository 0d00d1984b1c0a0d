//! What a factor of the risk score says of a declaration, as a sentence.

use super::{Reason, ReasonCode, Words};
use crate::domain::reference::{commodity, country};
use crate::domain::risk::RiskContribution;

/// How many factors are named, and from how many thousandths of a point on: a tenth of a point moves
/// the odds by 7 %.
const NAMED: usize = 3;
const LEAST_MILLI: u32 = 100;

/// The strongest factors of a score as reasons; `contributions` come the strongest first.
pub fn risk_reasons(contributions: &[RiskContribution]) -> Vec<Reason> {
    let strong = contributions.iter().filter(|one| one.milli_points.unsigned_abs() >= LEAST_MILLI);
    strong.take(NAMED).map(risk_reason).collect()
}

/// One factor of a score as a reason.
pub fn risk_reason(contribution: &RiskContribution) -> Reason {
    let points = f64::from(contribution.milli_points) / 1_000.0;
    Reason { code: ReasonCode::Risk, text: sentence(contribution), points: Some(points) }
}

fn sentence(contribution: &RiskContribution) -> Words {
    let level = contribution.level.as_str();
    let raises = contribution.milli_points > 0;
    match contribution.factor.as_str() {
        "streak" => streak(level),
        "last_severity" => last_severity(level),
        factor => {
            let Words { en, zh } = subject(factor, level);
            let (often, frequent) =
                if raises { ("more often", "较多") } else { ("less often", "较少") };
            Words { en: format!("{en} fail {often}"), zh: format!("{zh}不合格{frequent}") }
        }
    }
}

/// Who or what fails more or less often.
fn subject(factor: &str, level: &str) -> Words {
    let (first, second) = level.split_once('|').unwrap_or((level, ""));
    match factor {
        "hs2" | "hs4" | "hs6" => goods(level),
        "destination_country" => to_country(&words("goods", "货物"), level),
        "hs2_country" | "hs4_country" => to_country(&goods(first), second),
        "exporter" => words("goods of this exporter", "该出口商的货物"),
        "exporter_hs4" => {
            let Words { en, zh } = goods(second);
            Words { en: format!("{en} of this exporter"), zh: format!("该出口商的{zh}") }
        }
        "office" => words("goods at this office", "该口岸的货物"),
        "weight" => words("goods of this weight", "该重量段的货物"),
        "value" => words("goods of this value", "该价值段的货物"),
        "unit_value" => words("goods of this value a kilogram", "该单价段的货物"),
        _ => words("such goods", "此类货物"),
    }
}

fn words(en: &str, zh: &str) -> Words {
    Words { en: en.into(), zh: zh.into() }
}

/// Goods by name and code: `Footwear (HS 64)`.
fn goods(code: &str) -> Words {
    let known = commodity::find(code);
    let en = known.map_or("", |known| short(known.name_en));
    let zh = known.and_then(|known| known.name_zh).map_or("", short);
    Words {
        en: if en.is_empty() { format!("goods of HS {code}") } else { format!("{en} (HS {code})") },
        zh: if zh.is_empty() {
            format!("HS {code} 类货物")
        } else {
            format!("{zh}（HS {code}）")
        },
    }
}

/// Words on which a name does not end.
const LINKS: [&str; 11] =
    ["and", "or", "of", "the", "with", "for", "in", "other", "not", "whether", "to"];

/// The beginning of a long name: to its first stop, no more than 40 characters, and not ending on a
/// word that links to the next.
fn short(name: &str) -> &str {
    let end = name.find([';', ':', ',', '(', '；', '：', '，', '（', '、']).unwrap_or(name.len());
    let whole = name.get(..end).unwrap_or(name).trim_end();
    let mut kept = match whole.char_indices().nth(40) {
        None => return whole,
        Some((end, _)) => {
            let cut = whole.get(..end).unwrap_or(whole);
            cut.rsplit_once(' ').map_or(cut, |(head, _)| head)
        }
    };
    while let Some((head, _)) = kept.rsplit_once(' ').filter(|(_, last)| LINKS.contains(last)) {
        kept = head;
    }
    kept
}

fn to_country(goods: &Words, alpha2: &str) -> Words {
    let known = country::find(alpha2);
    let en = known.map_or(alpha2, |known| known.name_en);
    let zh = known.map_or(alpha2, |known| known.name_zh);
    Words { en: format!("{} to {en}", goods.en), zh: format!("发往{zh}的{}", goods.zh) }
}

fn streak(level: &str) -> Words {
    match level {
        "F1" => words("this exporter's last inspection failed", "该出口商上次查验不合格"),
        "F2" => words("this exporter failed twice in a row", "该出口商连续两次不合格"),
        "F3" => {
            words("this exporter failed three times in a row or more", "该出口商连续三次以上不合格")
        }
        "P1" => words("this exporter's last inspection passed", "该出口商上次查验合格"),
        "P2" => words("this exporter passed twice in a row", "该出口商连续两次合格"),
        "P3" => {
            words("this exporter passed three times in a row or more", "该出口商连续三次以上合格")
        }
        _ => words("this exporter was not inspected before", "该出口商此前未经查验"),
    }
}

fn last_severity(level: &str) -> Words {
    match level {
        "pass" => words("nothing was found at this exporter last time", "该出口商上次未发现问题"),
        "none" => words("this exporter was not inspected before", "该出口商此前未经查验"),
        "critical" => words("this exporter's last defect was critical", "该出口商上次为严重缺陷"),
        "major" => words("this exporter's last defect was major", "该出口商上次为主要缺陷"),
        "minor" => words("this exporter's last defect was minor", "该出口商上次为轻微缺陷"),
        other => Words {
            en: format!("this exporter's last failure was `{other}`"),
            zh: format!("该出口商上次不合格为“{other}”"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contribution(factor: &str, level: &str, milli_points: i32) -> RiskContribution {
        RiskContribution { factor: factor.into(), level: level.into(), milli_points }
    }

    fn text(factor: &str, level: &str, milli_points: i32) -> (String, String) {
        let Words { en, zh } = risk_reason(&contribution(factor, level, milli_points)).text;
        (en, zh)
    }

    #[test]
    fn a_person_can_say_each_factor_aloud() {
        assert_eq!(text("streak", "F2", 900).0, "this exporter failed twice in a row");
        assert_eq!(text("destination_country", "KE", 300).0, "goods to Kenya fail more often");
        assert_eq!(text("destination_country", "KE", -300).1, "发往肯尼亚的货物不合格较少");
        assert_eq!(
            text("hs2_country", "64|KE", 300).0,
            "Footwear (HS 64) to Kenya fail more often"
        );
        assert_eq!(text("exporter", "E1", -300).0, "goods of this exporter fail less often");
        assert_eq!(text("hs4", "9999", 300).0, "goods of HS 9999 fail more often");
        assert_eq!(
            text("hs2", "85", 300).0,
            "Electrical machinery and equipment (HS 85) fail more often"
        );
    }

    #[test]
    fn only_what_moves_the_odds_is_named_and_no_more_than_three() {
        let many: Vec<_> = (0..5).map(|i| contribution("exporter", "E", 900 - i)).collect();
        assert_eq!(risk_reasons(&many).len(), 3);
        assert!(risk_reasons(&[contribution("exporter", "E", 99)]).is_empty());
        assert_eq!(risk_reasons(&[contribution("exporter", "E", -100)]).len(), 1);
    }
}
