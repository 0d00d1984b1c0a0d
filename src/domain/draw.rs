//! Draws: one execution of the sampling design on a frame.

use crate::domain::id::{OfficeCode, is_id};
use crate::domain::inspection::{ItemState, NotInspectedReason};
use crate::domain::risk::RiskContribution;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far a draw has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DrawState {
    /// The frame is closed and its digest known; the entropy its header names has not come in, so
    /// nothing is drawn.
    Frozen,
    /// The sample is drawn; its secret is still closed.
    Drawn,
    /// The secret is published.
    Revealed,
}

/// Why an item is in the sample.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// By chance, with its inclusion probability.
    Random,
    /// By order: inclusion probability 1, counted apart.
    Directive,
}

impl Selection {
    /// The value as text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Directive => "directive",
        }
    }

    /// Finds a value by its text.
    pub fn find(text: &str) -> Option<Self> {
        [Self::Random, Self::Directive].into_iter().find(|value| value.as_str() == text)
    }
}

/// A draw, without its rows.
#[derive(Clone, Debug)]
pub struct Draw {
    /// `{office}-{yyyymmdd}-{round}`.
    pub id: String,
    /// The office.
    pub office: OfficeCode,
    /// The inspection day.
    pub day: NaiveDate,
    /// 1 for the day's frame; later rounds hold what came in historically afterwards.
    pub round: u32,
    /// How far it has come.
    pub state: DrawState,
    /// Whether the frame holds historical declarations, or the commitment was not made before the
    /// frame closed.
    pub retrospective: bool,
    /// Inspections the office had left for the day.
    pub capacity: u32,
    /// Floor of the policy, in millionths.
    pub floor_ppm: u32,
    /// The policy in force: id, version, digest.
    pub policy: (String, i32, String),
    /// The risk model, `none` or `risk@version/sha256`.
    pub risk_model: String,
    /// Digest of the rules in force, under which the model's scores became factors; none for draws
    /// of before it was kept.
    pub in_force_sha256: Option<String>,
    /// Where the entropy comes from, as the frame's header names it: `none`,
    /// `auditor:<commitment>` or `beacon:<chain>:<round>`.
    pub entropy: String,
    /// The commitment, hex.
    pub commitment: String,
    /// Declarations in the frame.
    pub frame_rows: u64,
    /// Of them, certain by directive.
    pub take_all: u64,
    /// Sum of the chances as the policy asked them, in units of 2⁻³², without directives.
    pub asked: u128,
    /// Sum of the chances as given, in units of 2⁻³², without directives.
    pub given: u128,
    /// Items drawn, directives included.
    pub drawn: u64,
    /// `roster.tsv` as frozen.
    pub roster: String,
    /// SHA-256 of `frame.tsv`, hex.
    pub frame_sha256: String,
    /// SHA-256 of `roster.tsv`, hex.
    pub roster_sha256: String,
    /// SHA-256 of `sample.tsv`, hex; empty while the frame is frozen.
    pub sample_sha256: String,
    /// The seed, hex; empty while the frame is frozen.
    pub seed: String,
    /// The random start, in units of 2⁻³².
    pub start: u32,
    /// When the frame closed.
    pub closed_at: DateTime<Utc>,
    /// When it was drawn; while it is frozen, when that was.
    pub created_at: DateTime<Utc>,
    /// When the secret was published.
    pub revealed_at: Option<DateTime<Utc>>,
    /// The secret, hex, once revealed.
    pub secret: Option<String>,
    /// The campaigns that were in force at the office on the day, in bytewise order.
    pub campaigns: Vec<CampaignReference>,
}

/// A campaign that was in force at an office on the day of a draw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CampaignReference {
    /// Its slug; the rules of the frame call it `campaign/` and this.
    #[schema(example = "breeze-2027")]
    pub id: String,
    /// Its revision.
    pub revision: i32,
    /// SHA-256 of its RFC 8785 JSON.
    pub sha256: String,
    /// The proportion of its step on the day, in millionths.
    pub proportion_ppm: u32,
}

/// The id of a draw.
pub fn draw_id(office: &str, day: NaiveDate, round: u32) -> String {
    format!("{office}-{}-{round}", day.format("%Y%m%d"))
}

/// One row of a frozen frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The declaration.
    pub declaration_number: String,
    /// Reporting region of its destination.
    pub region: String,
    /// Its destination, alpha-2.
    pub country: String,
    /// Its commodity.
    pub commodity_code: String,
    /// Its exporter.
    pub exporter_id: String,
    /// The policy rule that applied.
    pub rule: String,
    /// The rule's proportion, in millionths.
    pub proportion_ppm: u32,
    /// The risk factor in units of 2⁻¹⁶.
    pub factor: u32,
    /// Whether a directive makes it certain.
    pub take_all: bool,
    /// Inclusion probability in units of 2⁻³².
    pub pi: u64,
    /// What the risk score said, where a model was active.
    pub scored: Option<Scored>,
    /// The directive that makes it certain.
    pub directive: Option<String>,
}

/// What a risk score saw and said when a frame was frozen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scored {
    /// Estimated probability to fail, in units of 10⁻⁹, rounded: the factor is of the exact one.
    pub score_ppb: u32,
    /// The exporter's past as of the inspection day: streak and last severity, `F2/major`.
    pub past: String,
}

/// One drawn declaration, with the result in force.
#[derive(Clone, Debug)]
pub struct SampleItem {
    /// The draw.
    pub draw_id: String,
    /// Draw order, from 1.
    pub position: u32,
    /// The office.
    pub office: String,
    /// The inspection day.
    pub day: NaiveDate,
    /// The frozen row of the frame.
    pub candidate: Candidate,
    /// By chance or by order.
    pub selection: Selection,
    /// The ticket.
    pub ticket: u64,
    /// Where it lies on the line: from, to, hit; none for certain rows.
    pub interval: Option<(u64, u64, u64)>,
    /// The inspector that chance assigned.
    pub inspector: Option<String>,
    /// The inspector now responsible.
    pub assignee: Option<String>,
    /// Where it stands.
    pub state: ItemState,
    /// Why it was not inspected.
    pub not_inspected_reason: Option<NotInspectedReason>,
    /// Who inspected it.
    pub inspected_by: Option<String>,
    /// What the factors of the risk score added, the strongest first; empty without a model.
    pub contributions: Vec<RiskContribution>,
}

impl SampleItem {
    /// `draw id/position`.
    pub fn id(&self) -> String {
        format!("{}/{}", self.draw_id, self.position)
    }

    /// The inclusion probability, exactly.
    pub fn inclusion_probability(&self) -> f64 {
        probability(self.candidate.pi)
    }
}

/// A chance in units of 2⁻³² as a probability, at most 1; exactly, for 2³² units fit a double's 53
/// bits.
pub fn probability(units: u64) -> f64 {
    u32::try_from(units).map_or(1.0, |units| f64::from(units) / 2_f64.powi(32))
}

/// Splits the id of a sample item into draw id and position; `None` when it is none.
///
/// ```
/// # use breeze::domain::draw::parse_item_id;
/// assert_eq!(parse_item_id("CNTAO-20261124-1/7"), Some(("CNTAO-20261124-1", 7)));
/// assert_eq!(parse_item_id("CNTAO-20261124-1/07"), None);
/// assert_eq!(parse_item_id("CNTAO\0/7"), None);
/// ```
pub fn parse_item_id(text: &str) -> Option<(&str, u32)> {
    let (draw_id, position) = text.rsplit_once('/')?;
    is_id(draw_id).then_some((draw_id, parse_position(position)?))
}

/// Reads a position: a decimal from 1 on, without sign and leading zeros.
pub fn parse_position(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    let position = text.parse::<i32>().ok().filter(|_| plain)?;
    u32::try_from(position).ok()
}
