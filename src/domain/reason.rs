//! Why an item was drawn, in words a person can say aloud.

use crate::domain::directive::{Directive, DirectiveKind};
use crate::domain::draw::{Draw, SampleItem, Selection};
use crate::domain::share::percent;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

mod risk;
pub use risk::{risk_reason, risk_reasons};

/// A sentence in two languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Words {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    pub zh: String,
}

/// What kind of reason it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonCode {
    /// The inspection proportion of the policy's rule.
    Proportion,
    /// The risk factor, where it is not 1.
    Factor,
    /// What made the risk factor: one factor of the score.
    Risk,
    /// The day asked for more than the office could do.
    Shrunk,
    /// A directive made it certain.
    Directive,
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"code": "proportion",
    "text": {"en": "5 % by rule africa-electrical", "zh": "按规则 africa-electrical 抽取 5 %"}, "points": null}))]
pub struct Reason {
    /// What kind.
    pub code: ReasonCode,
    /// In words.
    pub text: Words,
    /// What it multiplies the chance by, as a logarithm to base 2: 1 doubles it, -1 halves it; to
    /// three decimals. Null where it does not multiply.
    pub points: Option<f64>,
}

/// The risk factor 1, in units of 2⁻¹⁶.
const FACTOR_ONE: u32 = 1 << 16;

/// The reasons of one item: the proportion of its rule, its risk factor, what made it, and the day's shrinking; or
/// the directive that took it, which overrules all of them.
pub fn reasons(draw: &Draw, item: &SampleItem, by: Option<&Directive>) -> Vec<Reason> {
    match item.selection {
        Selection::Directive => vec![directive(by)],
        Selection::Random => {
            let mut reasons = vec![proportion(item)];
            reasons.extend(factor(item.candidate.factor));
            reasons.extend(risk_reasons(&item.contributions));
            reasons.extend(shrunk(draw));
            reasons
        }
    }
}

fn directive(by: Option<&Directive>) -> Reason {
    let text = match by {
        None => Words { en: "certain, by a directive".into(), zh: "按指令必查".into() },
        Some(by) => ordered(by),
    };
    Reason { code: ReasonCode::Directive, text, points: None }
}

/// A person's reason stands in the language it was written in.
fn ordered(by: &Directive) -> Words {
    let (id, reason) = (&by.id, &by.order.reason);
    match &by.cancelled_declaration {
        None if by.kind == DirectiveKind::Automatic => Words {
            en: format!("certain, by directive {id}: {reason}"),
            zh: format!("按指令 {id} 必查：该出口商有申报被抽中后撤销"),
        },
        None => Words {
            en: format!("certain, by directive {id}: {reason}"),
            zh: format!("按指令 {id} 必查：{reason}"),
        },
        Some(number) => Words {
            en: format!(
                "certain, by directive {id}: {number}, of the same exporter and heading, was drawn and \
                 cancelled"
            ),
            zh: format!("按指令 {id} 必查：同一出口商、同一品目的 {number} 已被抽中并撤销"),
        },
    }
}

fn proportion(item: &SampleItem) -> Reason {
    let share = percent(item.candidate.proportion_ppm);
    let rule = &item.candidate.rule;
    let text = Words {
        en: format!("{share} by rule {rule}"),
        zh: format!("按规则 {rule} 抽取 {share}"),
    };
    Reason { code: ReasonCode::Proportion, text, points: None }
}

fn factor(factor: u32) -> Option<Reason> {
    if factor == FACTOR_ONE {
        return None;
    }
    let times = f64::from(factor) / f64::from(FACTOR_ONE);
    let text = Words {
        en: format!("× {times:.2} for its risk"),
        zh: format!("风险系数 × {times:.2}"),
    };
    // Rounded, so that every machine says the same; adding 0 leaves no negative zero.
    let points = (times.log2() * 1_000.0).round() / 1_000.0 + 0.0;
    Some(Reason { code: ReasonCode::Factor, text, points: Some(points) })
}

fn shrunk(draw: &Draw) -> Option<Reason> {
    let (asked, given) = (draw.asked, draw.given);
    if given >= asked {
        return None;
    }
    let ppm = given.saturating_mul(1_000_000).checked_div(asked)?;
    let share = percent(u32::try_from(ppm).ok()? / 1_000 * 1_000);
    let capacity = draw.capacity;
    let text = Words {
        en: format!("all chances of the day shrunk to {share}, to fit {capacity} inspections"),
        zh: format!("当日概率统一缩减至 {share}，以适应 {capacity} 次查验"),
    };
    Some(Reason { code: ReasonCode::Shrunk, text, points: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_of_one_is_no_reason_and_another_counts_in_logarithms() {
        assert_eq!(factor(FACTOR_ONE), None);
        let twice = factor(2 * FACTOR_ONE).unwrap();
        assert_eq!((twice.text.en.as_str(), twice.points), ("× 2.00 for its risk", Some(1.0)));
        assert_eq!(factor(FACTOR_ONE / 2).unwrap().points, Some(-1.0));
        assert_eq!(factor(FACTOR_ONE / 2 * 3).unwrap().points, Some(0.585));
    }
}
