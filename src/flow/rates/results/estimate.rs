//! Rates from a results file alone.

use super::super::ask::{Ask, Split, Words};
use super::super::cells::assemble;
use super::super::compare::{self, pair};
use super::super::{Reported, headline};
use super::read::Results;
use crate::domain::key::Scope;
use crate::domain::period::PeriodKind;
use crate::domain::problem::{Code, Problem};
use crate::error::Result;

/// Which rates, in words.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// month, quarter or year.
    pub period: String,
    /// region, office, chapter, selection.
    pub split_by: Vec<String>,
    /// What the rates speak of; none for the usual.
    pub target: Option<String>,
}

/// The rates of all days of a file, the same to the last bit as those of the database it was written
/// from.
///
/// # Errors
/// [`Code::QuestionImpossible`] for periods and splits that the file does not tell apart.
pub fn estimate(
    results: &Results,
    question: &Question,
) -> Result<(compare::Question, Vec<Reported>)> {
    let Question { period, split_by, target } = question.clone();
    let (from, to) = (results.days.0.to_string(), results.days.1.to_string());
    let ask = Ask::parse(&Words { period, split_by, target, from, to, ..Words::default() })?;
    possible(&ask)?;
    let cells = assemble(&ask, &results.parts, &results.responses)?;
    let asked = compare::Question { ask, compare: None };
    let report = |compared| {
        let headline = headline::of(&asked.ask, &Scope::All, &compared);
        Reported { compared, headline }
    };
    let rates = pair(&asked, cells, Vec::new()).into_iter().map(report).collect();
    Ok((asked, rates))
}

fn possible(ask: &Ask) -> Result<(), Problem> {
    if matches!(ask.period, PeriodKind::Day | PeriodKind::Week) {
        let words = "period: a results file holds whole months; ask by month, quarter or year";
        return Err(Problem::new(Code::QuestionImpossible, words));
    }
    let told = [Split::Region, Split::Office, Split::Chapter, Split::Selection];
    match ask.split_by.iter().find(|split| !told.contains(split)) {
        None => Ok(()),
        Some(split) => {
            let words = format!(
                "split_by: a results file does not tell apart by {}; ask by region, office, chapter or \
                 selection",
                split.as_str()
            );
            Err(Problem::new(Code::QuestionImpossible, words))
        }
    }
}
