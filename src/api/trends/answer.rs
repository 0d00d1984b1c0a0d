//! Failure rates as sent: JSON and CSV.

use super::change::{self, CompareName, RateChange};
use super::tabled::Tabled;
use crate::api::files::{self, harmless};
use crate::api::rate::{RateAnswer, TargetName};
use crate::domain::draw::Selection;
use crate::domain::headline::{FEW, Headline};
use crate::domain::period::PeriodKind;
use crate::error::Result;
use crate::flow::rates::parts::Ordered;
use crate::flow::rates::{Compared, Label, Question, Reported, Split};
use crate::statistics::Target;
use actix_web::web::Bytes;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// Fewer inspections than this are marked.
pub const SMALL: u64 = FEW;

/// The failure rates asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"period": "month", "split_by": ["region"], "from": "2026-01-01",
    "to": "2026-10-31", "target": "process", "compare": "previous_year",
    "items": [{"period": "2026-01", "region": "africa",
    "declared": 1204, "in_frames": 1204, "not_in_frame": 0, "drawn": 120, "open": 0,
    "not_inspected": 2, "directive": {"drawn": 3, "inspected": 3, "failed": 1},
    "provisional": false, "small": false, "rate": {"inspected": 118, "failed": 9,
    "observed_rate": 0.0763, "estimated_rate": 0.0491, "standard_error": 0.0148, "ci_low": 0.0221,
    "ci_high": 0.0952, "effective_n": 71.2, "target": "process",
    "method": "hajek/weighted-clopper-pearson"}, "change": {"before": {"period": "2025-01",
    "from": "2025-01-01", "to": "2025-01-31", "provisional": false, "small": false,
    "rate": {"inspected": 104, "failed": 10, "observed_rate": 0.0962, "estimated_rate": 0.0583,
    "standard_error": 0.0171, "ci_low": 0.0281, "ci_high": 0.1062, "effective_n": 66.0,
    "target": "process", "method": "hajek/weighted-clopper-pearson"}},
    "difference": {"value": -0.0092, "ci_low": -0.0642, "ci_high": 0.0459},
    "relative_change": {"value": -0.158, "ci_low": -0.687, "ci_high": 1.25},
    "verdict": "no_clear_change", "reason": null}, "headline": {
    "en": "4.9 % of goods to Africa failed in January 2026, 0.9 points below January 2025 (95 %: 6.4 below to 4.6 above): no clear change",
    "zh": "2026年1月运往非洲的货物有4.9%不合格，比2025年1月低0.9个百分点（95%区间：低6.4至高4.6）：无明显变化"}}]}))]
pub struct FailureRates {
    /// How long the periods are.
    pub period: PeriodKind,
    /// The splits, each a field of every item.
    #[schema(value_type = Vec<String>)]
    pub split_by: Vec<&'static str>,
    /// First inspection day; the first period may hold fewer days than its label says.
    pub from: NaiveDate,
    /// Last inspection day; so may the last.
    pub to: NaiveDate,
    /// What the rates speak of.
    pub target: TargetName,
    /// What they are compared with; null without `compare`.
    pub compare: Option<CompareName>,
    /// By period, then by labels in the order of the splits, bytewise.
    pub items: Vec<CellAnswer>,
}

/// The labels of a cell: only those of the splits asked for are present.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Labels {
    /// Reporting region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Grouping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grouping: Option<String>,
    /// Destination country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Office.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// Province of the office; null for an office that has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub province: Option<Label>,
    /// Exporter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exporter: Option<String>,
    /// Campaign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// Chapter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chapter: Option<String>,
    /// Heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
    /// Subheading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subheading: Option<String>,
    /// Selection; null for declarations in no frame yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Selection>)]
    pub selection: Option<Label>,
}

impl Labels {
    pub(super) fn new(splits: &[Split], labels: &[Label]) -> Self {
        let mut named = Self::default();
        for (split, label) in splits.iter().zip(labels) {
            let label = label.clone();
            match split {
                Split::Region => named.region = label,
                Split::Grouping => named.grouping = label,
                Split::Country => named.country = label,
                Split::Office => named.office = label,
                Split::Province => named.province = Some(label),
                Split::Exporter => named.exporter = label,
                Split::Campaign => named.campaign = label,
                Split::Chapter => named.chapter = label,
                Split::Heading => named.heading = label,
                Split::Subheading => named.subheading = label,
                Split::Selection => named.selection = Some(label),
            }
        }
        named
    }
}

/// What was drawn by order.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct DirectiveCounts {
    /// Declarations drawn.
    pub drawn: u64,
    /// Of them, inspected.
    pub inspected: u64,
    /// Of these, failed.
    pub failed: u64,
}

impl From<Ordered> for DirectiveCounts {
    fn from(Ordered { drawn, inspected, failed }: Ordered) -> Self {
        Self { drawn, inspected, failed }
    }
}

/// The failure rate of one period under one set of labels.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CellAnswer {
    /// The label of the period.
    #[schema(example = "2026-01")]
    pub period: String,
    /// Its labels.
    #[serde(flatten)]
    pub labels: Labels,
    /// Declarations not cancelled before their frame closed.
    pub declared: u64,
    /// Of them, in frames: what the rate speaks of.
    pub in_frames: u64,
    /// Of them, in no frame yet.
    pub not_in_frame: u64,
    /// Declarations drawn.
    pub drawn: u64,
    /// Of them, without a result yet.
    pub open: u64,
    /// Of them, found impossible to inspect.
    pub not_inspected: u64,
    /// Of them, those drawn by order; they weigh 1 in the rate and are counted here as well.
    pub directive: DirectiveCounts,
    /// Whether the rate may still move: results are missing in the classes (office × month × region)
    /// whose response factors it takes, or declarations wait for their frame.
    pub provisional: bool,
    /// Fewer than 30 inspected: read the interval, not the rate.
    pub small: bool,
    /// The rate.
    pub rate: RateAnswer,
    /// The change from the period compared with; null without `compare`.
    pub change: Option<RateChange>,
    /// What the rate says, in one sentence.
    pub headline: Headline,
    /// The labels in the order of the splits.
    #[serde(skip)]
    ordered: Vec<Label>,
}

impl CellAnswer {
    fn new(question: &Question, reported: &Reported) -> Self {
        let ask = &question.ask;
        let Reported { compared: Compared { cell, comparison, .. }, headline } = reported;
        Self {
            period: cell.period.to_string(),
            labels: Labels::new(&ask.split_by, &cell.labels),
            declared: cell.declared(),
            in_frames: cell.sums.rows,
            not_in_frame: cell.counts.waiting,
            drawn: cell.counts.drawn,
            open: cell.counts.open,
            not_inspected: cell.counts.not_inspected,
            directive: cell.counts.directive.into(),
            provisional: cell.provisional,
            small: cell.rate.inspected < SMALL,
            rate: RateAnswer::new(&cell.rate, ask.target),
            change: comparison.as_ref().map(RateChange::new),
            headline: headline.clone(),
            ordered: cell.labels.clone(),
        }
    }

    /// The labels in the order of the splits; empty for null.
    pub fn ordered_labels(&self) -> impl Iterator<Item = &str> {
        self.ordered.iter().map(|label| label.as_deref().unwrap_or_default())
    }

    /// The row of a file, after period and labels; in the order of [`COLUMNS`].
    fn numbers(&self) -> Vec<String> {
        let rate = &self.rate;
        let share = |share: Option<f64>| share.map(|share| share.to_string()).unwrap_or_default();
        let counts = [self.declared, self.in_frames, self.not_in_frame, self.drawn, self.open];
        let counts = counts.into_iter().chain([self.not_inspected, rate.inspected, rate.failed]);
        let DirectiveCounts { drawn, inspected, failed } = self.directive;
        let counts = counts.chain([drawn, inspected, failed]);
        let shares = [rate.observed_rate, rate.estimated_rate, rate.standard_error];
        let shares = shares.into_iter().chain([rate.ci_low, rate.ci_high, rate.effective_n]);
        let flags = [self.provisional, self.small].map(|flag| flag.to_string());
        let words = [Target::name(rate.target.into()).to_owned(), rate.method.to_owned()];
        counts
            .map(|count| count.to_string())
            .chain(shares.map(share))
            .chain(flags)
            .chain(words)
            .collect()
    }
}

/// The columns of the file after period and labels.
const COLUMNS: [&str; 21] = [
    "declared",
    "in_frames",
    "not_in_frame",
    "drawn",
    "open",
    "not_inspected",
    "inspected",
    "failed",
    "directive_drawn",
    "directive_inspected",
    "directive_failed",
    "observed_rate",
    "estimated_rate",
    "standard_error",
    "ci_low",
    "ci_high",
    "effective_n",
    "provisional",
    "small",
    "target",
    "method",
];

impl FailureRates {
    /// The answer to what was asked.
    pub fn new(question: &Question, rates: &[Reported]) -> Self {
        let ask = &question.ask;
        Self {
            period: ask.period,
            split_by: ask.split_by.iter().map(|split| split.as_str()).collect(),
            from: ask.days.0,
            to: ask.days.1,
            target: ask.target.into(),
            compare: question.compare.map(Into::into),
            items: rates.iter().map(|rate| CellAnswer::new(question, rate)).collect(),
        }
    }
}

impl Tabled for FailureRates {
    const FILE: &'static str = "failure-rates.csv";

    /// A comparison adds columns.
    fn csv(&self) -> Result<Bytes> {
        let more: &[&str] = if self.compare.is_some() { &change::COLUMNS } else { &[] };
        let head = ["period"].into_iter().chain(self.split_by.iter().copied()).chain(COLUMNS);
        let head = head.chain(more.iter().copied()).map(str::to_owned).collect();
        let row = |item: &CellAnswer| {
            let labels = item.ordered_labels().map(harmless);
            let change = item.change.as_ref().map(RateChange::row).unwrap_or_default();
            let period = [item.period.clone()].into_iter();
            period.chain(labels).chain(item.numbers()).chain(change).collect()
        };
        files::csv([head].into_iter().chain(self.items.iter().map(row)))
    }
}
