//! Chart failure rates: which periods say that the process has changed, and which are noise.
//!
//! A chart holds whole periods: days asked for are widened to theirs. Before the first one shown it
//! reads [`BEFORE`] more: twelve, so that the first has its baseline, and twelve before them, so that
//! EWMA and CUSUM have run for a while. A fixed baseline is read instead, with all that lies between.

use crate::domain::key::Caller;
use crate::domain::period::{Period, PeriodKind};
use crate::domain::problem::{Code, Problem};
use crate::error::Result;
use crate::flow::rates::{self, Ask, Cell, Words};
use crate::statistics::chart::{Baseline, Control, NoLimits, Point, chart};
use crate::statistics::{Sums, Target};
use crate::store::Store;
use chrono::NaiveDate;

/// Periods that are read before the first one shown, where the baseline moves.
pub const BEFORE: usize = 24;

/// Which chart is asked for, valid.
#[derive(Clone, Debug)]
pub struct ChartAsk {
    /// The rates that it needs, more than are shown.
    pub rates: Ask,
    /// First and last period shown.
    pub shown: (Period, Period),
    /// First and last period of a fixed baseline; without one it moves.
    pub baseline: Option<(Period, Period)>,
}

/// A period of a chart.
#[derive(Clone, Debug)]
pub struct Charted {
    /// Declarations, items and the rate, of the target `process`.
    pub cell: Cell,
    /// Whether the rate may still move: results are missing, or the period is not over.
    pub provisional: bool,
    /// Limits and signals, or why there are none.
    pub control: Result<Control, NoLimits>,
}

impl ChartAsk {
    /// Reads a request; splits are not taken, and the target is always `process`.
    ///
    /// # Errors
    /// [`Code::QuestionImpossible`], which names the parameter and says what is possible.
    pub fn parse(words: &Words, baseline: (Option<&str>, Option<&str>)) -> Result<Self, Problem> {
        let ask = Ask::parse(words)?;
        let shown = (ask.period.of(ask.days.0), ask.period.of(ask.days.1));
        let baseline = fixed(ask.period, baseline)?;
        let (first, last) = match baseline {
            Some((from, to)) => (shown.0.min(from), shown.1.max(to)),
            None => (back(shown.0, BEFORE), shown.1),
        };
        let days = (first.first(), last.last());
        let rates = Ask { days, target: Target::Process, split_by: Vec::new(), ..ask };
        Ok(Self { rates, shown, baseline })
    }
}

/// The period so many before one, or the first there is.
pub(super) fn back(from: Period, count: usize) -> Period {
    let before = std::iter::successors(Some(from), |period| period.previous());
    before.take(count + 1).last().unwrap_or(from)
}

fn fixed(
    kind: PeriodKind,
    words: (Option<&str>, Option<&str>),
) -> Result<Option<(Period, Period)>, Problem> {
    let read = |name: &str, text: &str| {
        Period::parse(text).map_err(|words| impossible(format!("{name}: {words}")))
    };
    let (from, to) = match words {
        (None, None) => return Ok(None),
        (Some(from), Some(to)) => (read("baseline_from", from)?, read("baseline_to", to)?),
        (Some(_), None) => return Err(one_alone("baseline_to")),
        (None, Some(_)) => return Err(one_alone("baseline_from")),
    };
    let (first, last) = (kind.of(from.first()), kind.of(to.last()));
    if first > last {
        let words = format!("baseline_from: {first} lies after `baseline_to`, which is {last}");
        return Err(impossible(words));
    }
    Ok(Some((first, last)))
}

fn one_alone(missing: &str) -> Problem {
    impossible(format!(
        "{missing}: a fixed baseline has a beginning and an end; leave both out for the twelve \
         periods before each"
    ))
}

fn impossible(words: String) -> Problem {
    Problem::new(Code::QuestionImpossible, words)
}

/// The chart of the caller's offices: every period that is shown, in order. A period that holds `today`
/// or lies after it is provisional.
///
/// # Errors
/// Those of [`rates::failure_rates`].
pub fn control_chart(
    store: &Store,
    caller: &Caller,
    ask: &ChartAsk,
    today: NaiveDate,
) -> Result<Vec<Charted>> {
    let cells = store.snapshot(|conn| rates::of(conn, caller, &ask.rates))?;
    let points = points(&cells, ask.baseline);
    let shown = |cell: &Cell| ask.shown.0 <= cell.period && cell.period <= ask.shown.1;
    let charted = cells.into_iter().zip(points).filter(|(cell, _)| shown(cell));
    let charted = charted.map(|(cell, point)| Charted {
        provisional: cell.provisional || today <= cell.period.last(),
        control: point.control,
        cell,
    });
    Ok(charted.collect())
}

fn points(cells: &[Cell], baseline: Option<(Period, Period)>) -> Vec<Point> {
    let sums: Vec<Sums> = cells.iter().map(|cell| cell.sums).collect();
    let at = |period: Period| cells.iter().take_while(|cell| cell.period < period).count();
    let baseline = match baseline {
        None => Baseline::default(),
        Some((from, to)) => Baseline::Fixed(at(from)..at(to) + 1),
    };
    chart(&sums, &baseline)
}
