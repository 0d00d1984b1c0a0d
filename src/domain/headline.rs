//! What a rate says, in one sentence of each language.
//!
//! Plain numbers in, a sentence out: the same numbers always read the same. The sentence never says more
//! than they do: a change that chance could have made is "no clear change", and what few inspections say
//! is told with their number.

mod chinese;
mod english;
mod goods;
mod number;

pub use goods::Goods;

use super::span::Span;
use serde::Serialize;
use utoipa::ToSchema;

/// Fewer inspections than this are named in the sentence.
pub const FEW: u64 = 30;

/// Of fewer inspections than this no rate is named, only its interval.
pub const TOO_FEW: u64 = 5;

/// One sentence in two languages, without a full stop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "en": "4.9 % of goods to Africa failed in October 2026, 1.3 points below October 2025 (95 %: 0.4 to 2.2), 21 % fewer (95 %: 7 to 33 %): more than chance",
    "zh": "2026年10月运往非洲的货物有4.9%不合格，比2025年10月低1.3个百分点（95%区间：0.4至2.2），降幅21%（95%区间：7%至33%）：超出偶然波动"
}))]
pub struct Headline {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    pub zh: String,
}

/// A value between its 95 % limits, as a share of 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The value.
    pub value: f64,
    /// Lower limit.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
}

/// What was measured in some days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// The days.
    pub span: Span,
    /// Declarations.
    pub declared: u64,
    /// Declarations inspected.
    pub inspected: u64,
    /// Whether results are missing still.
    pub provisional: bool,
    /// The rate; none where nothing was inspected.
    pub rate: Option<Limits>,
}

/// What a change amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Fewer fail, by more than chance.
    Fell,
    /// More fail, by more than chance.
    Rose,
    /// Chance could have made it.
    NoClearChange,
}

/// A change as a share of the rate before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Relative {
    /// The change; none when nothing failed before.
    pub value: Option<f64>,
    /// Lower limit.
    pub low: f64,
    /// Upper limit; none when unbounded.
    pub high: Option<f64>,
}

/// A change from the rate before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// What it amounts to.
    pub direction: Direction,
    /// Rate now minus rate before.
    pub difference: Limits,
    /// The same as a share of the rate before.
    pub relative: Relative,
}

/// What the rate is held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Before {
    /// No comparison was asked for.
    NotAsked,
    /// There is no such period, as a week 53 in a year of 52.
    NoSuchPeriod,
    /// What was measured then, and the change where both rates are known.
    Was(Measured, Option<Change>),
}

/// All that a headline is made from.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Which goods.
    pub goods: Goods,
    /// What was measured.
    pub now: Measured,
    /// What it is held against.
    pub before: Before,
}

impl Headline {
    /// The sentence of some facts.
    pub fn of(facts: &Facts) -> Self {
        Self { en: english::sentence(facts), zh: chinese::sentence(facts) }
    }
}

impl Facts {
    /// Decimals of percentages: one more for every rate that would have no figures to compare.
    fn decimals(&self) -> usize {
        let before = match self.before {
            Before::Was(measured, _) => measured.rate,
            _ => None,
        };
        let rates = [self.now.rate, before].into_iter().flatten();
        number::decimals(rates.fold(0.0, |most: f64, rate| most.max(rate.value)))
    }

    /// What was measured from few inspections: now, and before where that is compared with.
    fn few(&self) -> [Option<Measured>; 2] {
        let before = match self.before {
            Before::Was(measured, Some(_)) => Some(measured),
            _ => None,
        };
        [Some(self.now), before].map(|measured| measured.filter(|m| m.inspected < FEW))
    }

    /// Whether results are missing still, now or before.
    fn is_provisional(&self) -> bool {
        let before = matches!(self.before, Before::Was(measured, _) if measured.provisional);
        self.now.provisional || before
    }
}

#[cfg(test)]
mod tests;
