//! Say why a rate changed between two periods: other goods, another draw, other inspectors, or quality.

use super::rates::inspected::{self, Lot, Work};
use super::rates::{self, Ask, Cell, Filters, Words};
use super::strictness::{self, Fitted, Inspector};
use crate::domain::key::Caller;
use crate::domain::period::Period;
use crate::domain::problem::{Code, Problem};
use crate::domain::span::Span;
use crate::error::{Error, Result};
use crate::statistics::decomposition::{DecompositionError, PostStratum, merge};
use crate::statistics::strictness::MeanStrictness;
use crate::statistics::{
    Confidence, Explanation, Period as Sampled, Rate, Stratum, Sums, Target, decompose, rate,
};
use crate::store::{Conn, Store};

/// Which change is asked about, in words.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The label of the period.
    pub now: String,
    /// The label of the period before it.
    pub before: Option<String>,
    /// Or which one that is: `previous_year`, `previous_period`.
    pub compare: Option<String>,
    /// Which goods.
    pub filters: Filters,
}

/// A period of a comparison.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The period.
    pub period: Period,
    /// Declarations, drawn or not.
    pub declared: u64,
    /// Of them, drawn.
    pub drawn: u64,
    /// Of these, without a result yet.
    pub open: u64,
    /// Whether results are missing still that the rate depends on.
    pub provisional: bool,
    /// The rate, on the process target.
    pub rate: Rate,
}

/// Why a rate changed.
#[derive(Clone, Debug)]
pub struct Why {
    /// The period asked about.
    pub now: Compared,
    /// The one before.
    pub before: Compared,
    /// The parts of the change.
    pub explanation: Explanation,
    /// The post-strata of (region, chapter), merged as far as it takes to compare them.
    pub strata: Vec<PostStratum<String, String>>,
    /// How strict the inspectors of both periods are.
    pub fitted: Fitted,
    /// The mean strictness now and before.
    pub strictness: (MeanStrictness, MeanStrictness),
    /// Who is flagged among colleagues now, and before. Somebody who changed in between moves no mean and
    /// shows here alone.
    pub apart: (Vec<Inspector>, Vec<Inspector>),
}

/// Explains a change.
///
/// # Errors
/// An impossible question: no such period, two that overlap, one in which nothing was inspected; and those
/// of [`rates::failure_rates`].
pub fn explain(store: &Store, caller: &Caller, question: &Question) -> Result<Why> {
    let (now, before) = periods(question)?;
    let ask = |period| ask(period, &question.filters);
    let asks = (ask(now)?, ask(before)?);
    store.snapshot(|conn| {
        let side = |conn: &mut Conn, ask| Side::read(conn, caller, ask);
        why((now, side(conn, &asks.0)?), (before, side(conn, &asks.1)?))
    })
}

/// What a period holds: its strata, and who inspected.
struct Side {
    cells: Vec<Cell>,
    lots: Vec<(Lot, Work)>,
}

impl Side {
    fn read(conn: &mut Conn, caller: &Caller, ask: &Ask) -> Result<Self> {
        let cells = rates::of(conn, caller, ask)?;
        let lots = inspected::lots(conn, caller, ask, |_| Ok(()))?;
        Ok(Self { cells, lots })
    }

    fn compared(&self, period: Period) -> Compared {
        let sum = |of: fn(&Cell) -> u64| self.cells.iter().map(of).sum();
        let sums: Sums = self.cells.iter().map(|cell| cell.sums).sum();
        Compared {
            period,
            declared: sum(Cell::declared),
            drawn: sum(|cell| cell.counts.drawn),
            open: sum(|cell| cell.counts.open),
            provisional: self.cells.iter().any(|cell| cell.provisional),
            rate: rate(&sums, Target::Process, Confidence::NINETY_FIVE),
        }
    }

    /// Its strata, each put into a stratum of two periods by `into`.
    fn strata(
        &self,
        into: fn(Sampled) -> Stratum,
    ) -> impl Iterator<Item = ((String, String), Stratum)> {
        self.cells.iter().filter_map(move |cell| {
            let [Some(region), Some(chapter)] = cell.labels.as_slice() else { return None };
            let sampled = Sampled { declarations: cell.declared(), sums: cell.sums };
            Some(((region.clone(), chapter.clone()), into(sampled)))
        })
    }
}

fn why((now, side_now): (Period, Side), (before, side_before): (Period, Side)) -> Result<Why> {
    let compared = (side_now.compared(now), side_before.compared(before));
    something("now", &compared.0)?;
    something("before", &compared.1)?;
    let strata = side_now.strata(|now| Stratum { now, before: Sampled::default() });
    let strata =
        strata.chain(side_before.strata(|before| Stratum { now: Sampled::default(), before }));
    let inner = |error: DecompositionError| Error::Inner(error.into());
    let strata = merge(strata).map_err(inner)?;
    let values: Vec<Stratum> = strata.iter().map(|one| one.stratum).collect();
    let change = decompose(&values, Confidence::NINETY_FIVE).map_err(inner)?;
    // Once over both: fitted for each on its own, strictness is 1 on average and explains nothing.
    let lots: Vec<_> = side_now.lots.iter().chain(&side_before.lots).cloned().collect();
    let fitted = strictness::fit(&lots)?;
    let apart = |lots: &[(Lot, Work)]| Ok::<_, Error>(strictness::fit(lots)?.flagged());
    let apart = (apart(&side_now.lots)?, apart(&side_before.lots)?);
    let means = (fitted.mean(&side_now.lots), fitted.mean(&side_before.lots));
    Ok(Why {
        now: compared.0,
        before: compared.1,
        explanation: change.attribute(means.0, means.1),
        strata,
        fitted,
        strictness: means,
        apart,
    })
}

/// A period in which nothing was inspected explains nothing.
fn something(name: &str, compared: &Compared) -> Result<(), Problem> {
    if compared.rate.inspected > 0 {
        return Ok(());
    }
    let Compared { period, declared, drawn, open, .. } = compared;
    let words = format!(
        "{name}: nothing was inspected in {period} ({declared} declared, {drawn} drawn, {open} \
         without a result yet): choose a longer or another period, or fewer filters"
    );
    Err(Problem::new(Code::QuestionImpossible, words))
}

fn ask(period: Period, filters: &Filters) -> Result<Ask, Problem> {
    Ask::parse(&Words {
        period: period.kind().to_string(),
        target: Some(Target::Process.name().into()),
        from: period.to_string(),
        to: period.to_string(),
        split_by: vec!["region".into(), "chapter".into()],
        filters: filters.clone(),
    })
}

fn impossible(words: String) -> Problem {
    Problem::new(Code::QuestionImpossible, words)
}

/// The two periods, which must not overlap: their rates would not be independent.
fn periods(question: &Question) -> Result<(Period, Period), Problem> {
    let read = |name: &str, text: &str| {
        Period::parse(text).map_err(|words| impossible(format!("{name}: {words}")))
    };
    let now = read("now", &question.now)?;
    let before = match (&question.before, question.compare.as_deref()) {
        (Some(before), None) => read("before", before)?,
        (None, Some("previous_year")) => year_before(now)?,
        (None, Some("previous_period")) => {
            now.previous().ok_or_else(|| impossible(format!("compare: nothing is before {now}")))?
        }
        (None, Some(other)) => {
            let shown = other.escape_debug();
            let words = format!("compare: `{shown}` is none of previous_year, previous_period");
            return Err(impossible(words));
        }
        (None, None) | (Some(_), Some(_)) => {
            let words = "before, compare: name the period before (`before=2025-10`) or say which \
                         it is (`compare=previous_year`, `compare=previous_period`), not both";
            return Err(impossible(words.into()));
        }
    };
    if before.first() > now.last() {
        let words = format!("before: {before} lies after {now}; swap the two");
        return Err(impossible(words));
    }
    if now.first() <= before.last() {
        let words = format!(
            "before: {before} overlaps {now}; choose two periods that have no day in common"
        );
        return Err(impossible(words));
    }
    Ok((now, before))
}

/// The period of the same name a year before.
fn year_before(now: Period) -> Result<Period, Problem> {
    let before = Span::whole(now).a_year_before().map(Span::period);
    before.ok_or_else(|| {
        let words =
            format!("compare: the year before has no partner of {now}; name one as `before`");
        impossible(words)
    })
}
