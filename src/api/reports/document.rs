//! A report as a document, `breeze/report/v1`.
//!
//! Lists are objects by code, so that a figure keeps its pointer when an office or a code joins.

mod write;

pub use write::write;

use crate::api::rate::RateAnswer;
use crate::api::trends::coverage::Reached;
use crate::api::trends::defects::{DefectName, PerThousand};
use crate::domain::period::PeriodKind;
use crate::domain::reason::Words;
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The report of a month or a year. Shares of 1, null where there is nothing to divide by. All floats
/// are rounded to six decimals; the same data gives the same bytes.
#[derive(Serialize, ToSchema)]
pub struct Report {
    /// `breeze/report/v1`.
    #[schema(value_type = String, example = "breeze/report/v1")]
    pub version: &'static str,
    /// `month` or `year`.
    pub kind: PeriodKind,
    /// The label of the period.
    #[schema(example = "2026-10")]
    pub period: String,
    /// First inspection day.
    pub from: NaiveDate,
    /// Last inspection day.
    pub to: NaiveDate,
    /// The label of the period that changes are against.
    pub compared_with: Option<String>,
    /// The offices it speaks of; null for all.
    pub scope: Option<Vec<String>>,
    /// Whether rates may still move: results are missing, or the period is not over.
    pub provisional: bool,
    /// What to know before reading: not over, nothing declared, nothing inspected, results missing.
    pub notes: Vec<Words>,
    /// Everything.
    pub summary: ReportPart,
    /// Every month of a year, by label; empty in the report of a month.
    pub months: BTreeMap<String, ReportPart>,
    /// Every reporting region, by code.
    pub regions: BTreeMap<String, ReportRegion>,
    /// Every office, by code.
    pub offices: BTreeMap<String, ReportOffice>,
    /// Every province with offices, ISO 3166-2; `-` for offices without one.
    pub provinces: BTreeMap<String, ReportProvince>,
    /// What was found.
    pub defects: ReportDefects,
    /// What the public is told about the draws.
    pub disclosure: ReportDisclosure,
    /// Campaigns that ran in the period, by id.
    pub campaigns: BTreeMap<String, ReportCampaign>,
}

/// The figures of some goods.
#[derive(Serialize, ToSchema)]
pub struct ReportPart {
    /// What was declared, drawn and inspected.
    pub coverage: Reached,
    /// The failure rate of the goods declared.
    pub rate: RateAnswer,
    /// Whether results are missing still.
    pub provisional: bool,
    /// Fewer than 30 inspected: read the interval, not the rate.
    pub small: bool,
    /// Against the same period of the year before.
    pub change: ReportChange,
}

/// The process now against the process a year before.
#[derive(Serialize, ToSchema)]
pub struct ReportChange {
    /// The rate of the process in the period.
    pub now: RateAnswer,
    /// That of the year before; null at the edge of the calendar.
    pub before: Option<RateAnswer>,
    /// now − before with its 95 % interval.
    pub difference: Option<ReportInterval>,
    /// now/before − 1 with its 95 % interval.
    pub relative_change: Option<ReportRelative>,
    /// `fell`, `rose` or `no_clear_change`.
    #[schema(value_type = Option<String>)]
    pub verdict: Option<&'static str>,
    /// Why there is none: `nothing_inspected` or `nothing_inspected_before`.
    #[schema(value_type = Option<String>)]
    pub reason: Option<&'static str>,
}

/// A value between the limits of its 95 % interval.
#[derive(Serialize, ToSchema)]
pub struct ReportInterval {
    /// The value.
    pub value: f64,
    /// Lower limit.
    pub ci_low: f64,
    /// Upper limit.
    pub ci_high: f64,
}

/// A change as a fraction of the rate before.
#[derive(Serialize, ToSchema)]
pub struct ReportRelative {
    /// The change; null where the rate before is 0.
    pub value: Option<f64>,
    /// Lower limit.
    pub ci_low: f64,
    /// Upper limit; null where it is unbounded.
    pub ci_high: Option<f64>,
}

/// A reporting region.
#[derive(Serialize, ToSchema)]
pub struct ReportRegion {
    /// What it is called.
    pub name: Words,
    /// Its figures.
    #[serde(flatten)]
    pub part: ReportPart,
}

/// An office.
#[derive(Serialize, ToSchema)]
pub struct ReportOffice {
    /// Its name.
    pub name: String,
    /// Its province.
    pub province: Option<String>,
    /// Its figures.
    #[serde(flatten)]
    pub part: ReportPart,
    /// How it works.
    pub performance: ReportPerformance,
}

/// A province.
#[derive(Serialize, ToSchema)]
pub struct ReportProvince {
    /// Its figures.
    #[serde(flatten)]
    pub part: ReportPart,
    /// How its offices work.
    pub performance: ReportPerformance,
}

/// How offices work. Days run from the inspection day to the day of the office on which the result
/// was recorded first, of draws that were made live.
#[derive(Serialize, ToSchema)]
pub struct ReportPerformance {
    /// Results.
    pub results: u64,
    /// Median of the days.
    pub median_days: Option<f64>,
    /// Results within a day, as a share of all.
    pub within_1_day: Option<f64>,
    /// Results within seven days, as a share of all.
    pub within_7_days: Option<f64>,
    /// Drawn goods found impossible to inspect, as a share of those drawn.
    pub not_inspected_share: Option<f64>,
    /// Amendments of results.
    pub amendments: u64,
}

/// What was found; by class and code.
#[derive(Serialize, ToSchema)]
pub struct ReportDefects {
    /// Inspected declarations on which a defect is named.
    pub with_defects: u64,
    /// Failed without a defect that is named.
    pub failed_without_defects: u64,
    /// Endangers people, or breaks the law.
    pub critical: BTreeMap<String, ReportDefect>,
    /// Makes the goods unfit for their purpose.
    pub major: BTreeMap<String, ReportDefect>,
    /// Hardly hinders the use.
    pub minor: BTreeMap<String, ReportDefect>,
}

/// A kind of defect in one class.
#[derive(Serialize, ToSchema)]
pub struct ReportDefect {
    /// What it is called; null for a code that is not in use any more.
    pub name: Option<DefectName>,
    /// Its place in the class by inspections, from 1.
    pub rank: u64,
    /// Inspected declarations on which it was found.
    pub inspections: u64,
    /// Units with it.
    pub defects: u64,
    /// `inspections` as a share of those of all codes of the class.
    pub share: f64,
    /// The shares of its class up to its rank.
    pub cumulated_share: f64,
    /// Of 1,000 declared, how many have it.
    pub per_thousand: PerThousand,
}

/// What the public is told about the draws.
#[derive(Serialize, ToSchema)]
pub struct ReportDisclosure {
    /// Draws made.
    pub draws: u64,
    /// Of them, with their secrets published.
    pub revealed: u64,
    /// Of them, made afterwards.
    pub retrospective: u64,
    /// Of them, by where entropy came from besides the operator's secret: `none`, `auditor`, `beacon`.
    pub entropy: BTreeMap<String, u64>,
    /// Days of offices that have declarations and closed without a draw.
    pub missing_draws: u64,
    /// Declarations drawn by order, as a share of those drawn.
    pub directive_share: Option<f64>,
}

/// A campaign.
#[derive(Serialize, ToSchema)]
pub struct ReportCampaign {
    /// What people call it.
    pub name: String,
    /// First inspection day.
    pub from: NaiveDate,
    /// Last inspection day, closed early or not.
    pub until: NaiveDate,
    /// SHA-256 of what it does.
    pub sha256: String,
}
