//! What is charted, and what the charts say of a period.

use super::evidence::evidence;
use crate::domain::chain::NO_OFFICE;
use crate::domain::key::{Caller, Scope};
use crate::domain::period::{Period, PeriodKind};
use crate::domain::reference::region::Region;
use crate::domain::signal::{SignalKind, signal_id};
use crate::error::Result;
use crate::flow::chart::{BEFORE, back};
use crate::flow::rates::{self, Ask, Cell, Filters, Label, Split, Words};
use crate::flow::signal::Said;
use crate::statistics::Sums;
use crate::statistics::chart::{Baseline, Control, Rule, chart};
use crate::store::{self, Store};
use std::collections::BTreeMap;

/// Periods of a baseline.
const BASELINE: usize = 12;
/// Fewest inspections in the baseline of a region's chapter.
const FEWEST_INSPECTED: u64 = 30;
/// Offices that are read at a time: all together may be more cells than an answer has.
const OFFICES: usize = 100;

/// One chart: what is charted, and the periods up to the one that is evaluated.
pub(super) struct Series {
    /// `region`, `chapter` or `office`.
    pub of: Split,
    /// The labels of the splits.
    pub labels: Vec<String>,
    /// The periods, in order.
    pub cells: Vec<Cell>,
}

impl Series {
    /// The office that the chart is of, or none.
    fn office(&self) -> &str {
        let own = self.labels.first().filter(|_| self.of == Split::Office);
        own.map_or(NO_OFFICE, String::as_str)
    }

    /// `chart-month-africa-85-2026-10`, `chart-week-office-CNTAO-2026-W44`.
    fn about(&self, period: Period) -> String {
        let office = if self.of == Split::Office { "office-" } else { "" };
        format!("chart-{}-{office}{}-{period}", period.kind(), self.labels.join("-"))
    }

    /// The periods of the baseline: those before the last.
    pub fn baseline(&self) -> &[Cell] {
        let before = self.cells.split_last().map_or(&[] as &[Cell], |(_, before)| before);
        before.get(before.len().saturating_sub(BASELINE)..).unwrap_or_default()
    }

    fn is_watched(&self) -> bool {
        let inspected: u64 = self.baseline().iter().map(|cell| cell.sums.n).sum();
        self.of != Split::Chapter || inspected >= FEWEST_INSPECTED
    }

    /// What the chart says of its last period.
    fn said(&self, period: Period) -> Vec<Said> {
        let sums: Vec<Sums> = self.cells.iter().map(|cell| cell.sums).collect();
        let points = chart(&sums, &Baseline::Before(BASELINE));
        let Some((cell, Ok(control))) =
            self.cells.last().zip(points.last()).map(|(cell, point)| (cell, &point.control))
        else {
            return Vec::new();
        };
        let (about, office) = (self.about(period), self.office().to_owned());
        let one = |(kind, rules): (SignalKind, Vec<Rule>)| Said {
            id: signal_id(&about, kind),
            kind,
            office: office.clone(),
            day: period.last(),
            evidence: evidence(self, cell, control, &rules),
        };
        kinds(control).into_iter().map(one).collect()
    }
}

/// The kinds of signal of a period, each with its rules.
fn kinds(control: &Control) -> Vec<(SignalKind, Vec<Rule>)> {
    let mut kinds: Vec<(SignalKind, Vec<Rule>)> = Vec::new();
    for &rule in &control.signals {
        let kind = match rule {
            Rule::AboveLimit => SignalKind::RateAboveLimit,
            Rule::BelowLimit => SignalKind::RateBelowLimit,
            Rule::EwmaHigh | Rule::EwmaLow | Rule::CusumHigh | Rule::CusumLow => {
                SignalKind::RateDrift
            }
        };
        match kinds.last_mut() {
            Some((last, rules)) if *last == kind => rules.push(rule),
            _ => kinds.push((kind, vec![rule])),
        }
    }
    kinds
}

/// What all charts say of a period.
///
/// # Errors
/// Those of the rates.
pub(super) fn said(store: &Store, period: Period) -> Result<Vec<Said>> {
    let offices = store.read(|conn| store::offices::all(conn, &Scope::All))?;
    let offices: Vec<String> = offices.iter().map(|office| office.code.to_string()).collect();
    let mut said = Vec::new();
    let mut of = |split, filters| -> Result<()> {
        let series = read(store, period, split, filters)?;
        let watched = series.iter().filter(|series| series.is_watched());
        said.extend(watched.flat_map(|series| series.said(period)));
        Ok(())
    };
    of(Split::Region, Filters::default())?;
    for office in offices.chunks(OFFICES) {
        of(Split::Office, Filters { office: office.to_vec(), ..Filters::default() })?;
    }
    if period.kind() == PeriodKind::Month {
        // A region at a time: all together may be more cells than an answer has.
        for region in Region::ALL {
            let filters = Filters { region: vec![region.code().into()], ..Filters::default() };
            of(Split::Chapter, filters)?;
        }
    }
    Ok(said)
}

/// The charts of one split, all offices together.
fn read(store: &Store, period: Period, of: Split, filters: Filters) -> Result<Vec<Series>> {
    let split_by = match of {
        Split::Chapter => vec![Split::Region.as_str().into(), Split::Chapter.as_str().into()],
        split => vec![split.as_str().into()],
    };
    let words = Words {
        period: period.kind().as_str().into(),
        target: Some("process".into()),
        from: back(period, BEFORE).to_string(),
        to: period.to_string(),
        split_by,
        filters,
    };
    let (ask, caller) = (Ask::parse(&words)?, Caller::operator("scheduler"));
    let cells = store.snapshot(|conn| rates::of(conn, &caller, &ask))?;
    let mut by_labels: BTreeMap<Vec<Label>, Vec<Cell>> = BTreeMap::new();
    for cell in cells {
        by_labels.entry(cell.labels.clone()).or_default().push(cell);
    }
    let series = |(labels, cells): (Vec<Label>, Vec<Cell>)| Series {
        of,
        labels: labels.into_iter().flatten().collect(),
        cells,
    };
    Ok(by_labels.into_iter().map(series).collect())
}
