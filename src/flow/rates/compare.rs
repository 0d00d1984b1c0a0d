//! Rates beside those of a year or a period before.
//!
//! [`Question`] says what is compared with what, [`pair`] puts the cells of both ranges side by side.
//! Both are pure; the reading is [`report`](super::report)'s.

use super::ask::{Ask, Words};
use super::cells::{Cell, Label, MOST_CELLS};
use crate::domain::period::Period;
use crate::domain::problem::{Code, Problem};
use crate::domain::span::Span;
use crate::statistics::{Change, Target, change};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// What a period is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// The period of the same label a year before; of a part, the same part.
    PreviousYear,
    /// The whole period before.
    PreviousPeriod,
}

impl Compare {
    /// Every comparison.
    pub const ALL: [Self; 2] = [Self::PreviousYear, Self::PreviousPeriod];

    /// The comparison as text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PreviousYear => "previous_year",
            Self::PreviousPeriod => "previous_period",
        }
    }

    /// Finds a comparison by its text.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|compare| compare.as_str() == text)
    }

    /// What a period, or the part of one that is asked for, is compared with; none for a week 53 where
    /// the year before has 52.
    pub fn before(self, span: Span) -> Option<Span> {
        match self {
            Self::PreviousYear => span.a_year_before(),
            Self::PreviousPeriod => span.period_before(),
        }
    }
}

/// Which rates are asked for, and what they are compared with.
#[derive(Clone, Debug)]
pub struct Question {
    /// Which rates.
    pub ask: Ask,
    /// What they are compared with, if anything.
    pub compare: Option<Compare>,
}

impl Question {
    /// Reads a request. Comparisons speak of the process, and that is their usual target.
    ///
    /// # Errors
    /// [`Code::QuestionImpossible`]: those of [`Ask::parse`]; a comparison that is none; a comparison of
    /// the target `declarations`.
    pub fn parse(words: &Words, compare: Option<&str>) -> Result<Self, Problem> {
        let mut ask = Ask::parse(words)?;
        let Some(text) = compare else { return Ok(Self { ask, compare: None }) };
        let compare = Compare::find(text).ok_or_else(|| {
            let shown = text.escape_debug();
            let words = format!("compare: `{shown}` is none of previous_year, previous_period");
            Problem::new(Code::QuestionImpossible, words)
        })?;
        if words.target.is_some() && ask.target == Target::Declarations {
            return Err(only_processes());
        }
        ask.target = Target::Process;
        Ok(Self { ask, compare: Some(compare) })
    }

    /// The same question about the days that are compared with; none where nothing is.
    pub fn before(&self) -> Option<Ask> {
        let days = days_before(&self.ask, self.compare?)?;
        Some(Ask { days, ..self.ask.clone() })
    }
}

fn only_processes() -> Problem {
    let words = "target: `declarations` speaks of the goods of one period alone; a comparison asks \
                 whether what stands behind them has changed: leave the target out, or ask for `process`";
    Problem::new(Code::QuestionImpossible, words)
}

/// From the first day to the last that any period is compared with.
fn days_before(ask: &Ask, compare: Compare) -> Option<(NaiveDate, NaiveDate)> {
    let periods = Period::covering(ask.period, ask.days).take(MOST_CELLS + 1);
    let spans = periods.filter_map(|period| compare.before(Span::new(period, ask.days)));
    spans
        .map(|span| (span.first(), span.last()))
        .reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)))
}

/// What a cell is compared with.
#[derive(Clone, Debug)]
pub struct Before {
    /// The days.
    pub span: Span,
    /// What was measured then.
    pub cell: Cell,
}

/// Why there is no change to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is no such period.
    NoPeriodBefore,
    /// Nothing was inspected.
    NothingInspected,
    /// Nothing was inspected in the period compared with.
    NothingInspectedBefore,
}

impl Reason {
    /// The reason as text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoPeriodBefore => "no_period_before",
            Self::NothingInspected => "nothing_inspected",
            Self::NothingInspectedBefore => "nothing_inspected_before",
        }
    }
}

/// A comparison that was asked for.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What is compared with; none where there is no such period.
    pub before: Option<Before>,
    /// The change, or why there is none.
    pub change: Result<Change, Reason>,
}

/// A cell with its days, and what it is compared with.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The cell.
    pub cell: Cell,
    /// The days of its period that are asked for.
    pub span: Span,
    /// The comparison; none where none was asked for.
    pub comparison: Option<Comparison>,
}

/// Puts the cells of a question beside those of the days that it is compared with.
pub fn pair(question: &Question, now: Vec<Cell>, before: Vec<Cell>) -> Vec<Compared> {
    let key = |cell: Cell| ((cell.period, cell.labels.clone()), cell);
    let before: BTreeMap<_, _> = before.into_iter().map(key).collect();
    let compared = |cell: Cell| {
        let span = Span::new(cell.period, question.ask.days);
        let comparison = question.compare.map(|by| comparison(by, span, &cell, &before));
        Compared { cell, span, comparison }
    };
    now.into_iter().map(compared).collect()
}

fn comparison(
    by: Compare,
    span: Span,
    now: &Cell,
    cells: &BTreeMap<(Period, Vec<Label>), Cell>,
) -> Comparison {
    let Some(span) = by.before(span) else {
        return Comparison { before: None, change: Err(Reason::NoPeriodBefore) };
    };
    // Only what is in no frame has no cell where there is none.
    let cell = cells.get(&(span.period(), now.labels.clone())).cloned();
    let rate = cell.as_ref().and_then(|cell| cell.rate.estimate());
    let change = match (now.rate.estimate(), rate) {
        (None, _) => Err(Reason::NothingInspected),
        (_, None) => Err(Reason::NothingInspectedBefore),
        (Some(now), Some(before)) => Ok(change(&now, &before)),
    };
    Comparison { before: cell.map(|cell| Before { span, cell }), change }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::period::PeriodKind;
    use crate::flow::rates::Filters;
    use chrono::Days;
    use proptest::prelude::*;

    fn question(kind: PeriodKind, from: NaiveDate, to: NaiveDate, compare: Compare) -> Question {
        let words = Words {
            period: kind.as_str().into(),
            target: None,
            from: from.to_string(),
            to: to.to_string(),
            split_by: Vec::new(),
            filters: Filters::default(),
        };
        Question::parse(&words, Some(compare.as_str())).unwrap()
    }

    #[test]
    fn a_comparison_speaks_of_the_process() {
        let day = "2026-11-24".parse().unwrap();
        let question = question(PeriodKind::Day, day, day, Compare::PreviousYear);
        assert_eq!(question.ask.target, Target::Process);
        let before = question.before().unwrap();
        assert_eq!(
            (before.days.0.to_string(), before.target),
            ("2025-11-24".into(), Target::Process)
        );
    }

    proptest! {
        /// The days before are read as one range; cut into periods, they must be those that each period
        /// is compared with.
        #[test]
        fn the_range_before_cut_into_periods_is_what_each_period_is_compared_with(
            kind in 0_usize..5,
            begin in 0_u64..12_000,
            days in 0_u64..800,
            previous_year in any::<bool>(),
        ) {
            let kind = PeriodKind::ALL[kind];
            let from = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap() + Days::new(begin);
            let compare = if previous_year { Compare::PreviousYear } else { Compare::PreviousPeriod };
            let question = question(kind, from, from + Days::new(days), compare);
            let Some(before) = question.before() else {
                prop_assert_eq!(kind, PeriodKind::Week);
                return Ok(());
            };
            for period in Period::covering(kind, question.ask.days) {
                let Some(span) = compare.before(Span::new(period, question.ask.days)) else { continue };
                prop_assert!(span.first() <= span.last());
                prop_assert_eq!(Span::new(span.period(), before.days), span);
            }
        }
    }
}
