//! Why a rate changed, by its largest part.

use super::{Sentence, points};

/// The parts of a change of the observed rate, as differences of shares of 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parts {
    /// Change of failed/inspected: what the others add up to.
    pub observed: f64,
    /// Other quality, with the limits of its interval.
    pub quality: (f64, f64, f64),
    /// Other goods declared.
    pub mix: f64,
    /// Other goods drawn.
    pub targeting: f64,
    /// Other inspectors.
    pub inspectors: f64,
    /// A sample that is not composed as the declarations are.
    pub imbalance: f64,
}

/// A part by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Other quality.
    Quality,
    /// Other goods declared.
    Mix,
    /// Other goods drawn.
    Targeting,
    /// Other inspectors.
    Inspectors,
    /// A sample that is not composed as the declarations are.
    Imbalance,
}

impl Part {
    /// The name of its field.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quality => "quality",
            Self::Mix => "mix",
            Self::Targeting => "targeting",
            Self::Inspectors => "inspectors",
            Self::Imbalance => "imbalance",
        }
    }

    /// What it means where it raised or lowered the rate.
    const fn words(self, raised: bool) -> (&'static str, &'static str) {
        match (self, raised) {
            (Self::Quality, true) => ("like goods failed more often", "同类货物的不合格更多"),
            (Self::Quality, false) => ("like goods failed less often", "同类货物的不合格更少"),
            (Self::Mix, true) => ("riskier goods were declared", "申报的货物风险更高"),
            (Self::Mix, false) => ("less risky goods were declared", "申报的货物风险更低"),
            (Self::Targeting, true) => ("riskier goods were drawn", "抽中的货物风险更高"),
            (Self::Targeting, false) => ("less risky goods were drawn", "抽中的货物风险更低"),
            (Self::Inspectors, true) => ("stricter inspectors were at work", "查验人员更严格"),
            (Self::Inspectors, false) => ("milder inspectors were at work", "查验人员更宽松"),
            (Self::Imbalance, true) => {
                ("the sample held more of the riskier goods by chance", "样本偶然偏向高风险货物")
            }
            (Self::Imbalance, false) => {
                ("the sample held fewer of the riskier goods by chance", "样本偶然偏向低风险货物")
            }
        }
    }

    const fn zh(self) -> &'static str {
        match self {
            Self::Quality => "质量",
            Self::Mix => "货物构成",
            Self::Targeting => "抽样定向",
            Self::Inspectors => "查验人员",
            Self::Imbalance => "样本失衡",
        }
    }
}

impl Parts {
    /// The largest part, whichever way it points; of equal ones the first.
    pub fn largest(&self) -> (Part, f64) {
        let others = [
            (Part::Mix, self.mix),
            (Part::Targeting, self.targeting),
            (Part::Inspectors, self.inspectors),
            (Part::Imbalance, self.imbalance),
        ];
        let quality = (Part::Quality, self.quality.0);
        let larger = |one: (Part, f64), other: (Part, f64)| {
            if other.1.abs() > one.1.abs() { other } else { one }
        };
        others.into_iter().fold(quality, larger)
    }
}

/// Names the largest part plainly.
///
/// ```
/// use breeze::domain::sentence::{Parts, cause};
/// let parts = Parts { observed: 0.031, quality: (0.001, -0.01, 0.012), mix: 0.001,
///     targeting: 0.029, inspectors: 0.0, imbalance: 0.0 };
/// assert_eq!(cause(&parts).en, "The observed rate rose by 3.1 points; 2.9 of them because \
///     riskier goods were drawn (targeting). Quality: no clear change.");
/// ```
pub fn cause(parts: &Parts) -> Sentence {
    let Sentence { en, zh } = named(parts);
    let (_, low, high) = parts.quality;
    let (quality, of_quality) = match (low > 0.0, high < 0.0) {
        (true, _) => ("it became worse", "变差"),
        (_, true) => ("it became better", "变好"),
        _ => ("no clear change", "无明显变化"),
    };
    Sentence {
        en: format!("{en}. Quality: {quality}."), zh: format!("{zh}。质量：{of_quality}。")
    }
}

fn named(parts: &Parts) -> Sentence {
    let (part, value) = parts.largest();
    let (en, zh) = part.words(value > 0.0);
    let (name, name_zh) = (part.as_str(), part.zh());
    let (observed, own) = (points(parts.observed), points(value));
    let (moved, moved_zh) = match parts.observed > 0.0 {
        true => ("rose", "上升"),
        false => ("fell", "下降"),
    };
    if value.abs() < 5e-5 {
        let (en, zh) = ("The observed rate is as it was".into(), "不合格检出率没有变化".into());
        return Sentence { en, zh };
    }
    let raised = if value > 0.0 { ("raised", "上升") } else { ("lowered", "下降") };
    if parts.observed.abs() < 5e-5 {
        return Sentence {
            en: format!(
                "The observed rate is as it was, though {en}, which alone {} it by {own} points \
                 ({name})",
                raised.0
            ),
            zh: format!(
                "不合格检出率没有变化，但{zh}，仅此一项使其{} {own} 个百分点（{name_zh}）",
                raised.1
            ),
        };
    }
    if (value > 0.0) != (parts.observed > 0.0) {
        return Sentence {
            en: format!(
                "The observed rate {moved} by {observed} points, though {en}, which alone {} it \
                 by {own} points ({name})",
                raised.0
            ),
            zh: format!(
                "不合格检出率{moved_zh} {observed} 个百分点，尽管{zh}，仅此一项使其{} {own} \
                 个百分点（{name_zh}）",
                raised.1
            ),
        };
    }
    // A part can be larger than the whole, where others went against it.
    let larger = value.abs() > parts.observed.abs() + 5e-4;
    let (so_much, so_much_zh) = if larger {
        (
            format!("{en}, which alone {} it by {own} ({name})", raised.0),
            format!("{zh}，仅此一项使其{} {own} 个百分点（{name_zh}）", raised.1),
        )
    } else {
        (
            format!("{own} of them because {en} ({name})"),
            format!("其中{zh}占 {own} 个百分点（{name_zh}）"),
        )
    };
    Sentence {
        en: format!("The observed rate {moved} by {observed} points; {so_much}"),
        zh: format!("不合格检出率{moved_zh} {observed} 个百分点，{so_much_zh}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Parts = Parts {
        observed: 0.0,
        quality: (0.0, -0.01, 0.01),
        mix: 0.0,
        targeting: 0.0,
        inspectors: 0.0,
        imbalance: 0.0,
    };

    #[test]
    fn the_largest_part_is_named_whichever_way_it_points() {
        for (parts, words) in [
            (NONE, "is as it was. Quality: no clear change."),
            (
                Parts { mix: -0.02, observed: -0.02, ..NONE },
                "fell by 2.0 points; 2.0 of them because less risky goods were declared (mix)",
            ),
            (
                Parts { inspectors: 0.02, observed: -0.01, ..NONE },
                "fell by 1.0 points, though stricter inspectors were at work, which alone raised it by 2.0 points (inspectors)",
            ),
            (
                Parts { targeting: 0.03, observed: 0.02, ..NONE },
                "rose by 2.0 points; riskier goods were drawn, which alone raised it by 3.0 (targeting)",
            ),
            (
                Parts { targeting: 0.03, mix: -0.03, ..NONE },
                "as it was, though less risky goods were declared",
            ),
            (
                Parts { quality: (0.02, 0.01, 0.03), observed: 0.02, ..NONE },
                "like goods failed more often (quality). Quality: it became worse.",
            ),
            (Parts { imbalance: -0.0003, observed: -0.0003, ..NONE }, "fell by 0.03 points"),
        ] {
            let said = cause(&parts);
            assert!(said.en.contains(words), "{}", said.en);
            assert!(said.zh.ends_with('。'), "{}", said.zh);
        }
        let larger = cause(&Parts { targeting: 0.03, observed: 0.02, ..NONE });
        assert!(larger.zh.contains("仅此一项使其上升 3.0 个百分点"), "{}", larger.zh);
    }
}
