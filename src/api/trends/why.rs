//! Why a failure rate changed.

use super::params::filtered;
use crate::api::error::{ApiError, Problems};
use crate::api::params::Query;
use crate::api::rate::RateAnswer;
use crate::api::run;
use crate::app::App;
use crate::domain::key::Caller;
use crate::domain::sentence::{Parts, Sentence, cause};
use crate::flow::strictness::{Basis, Fitted, Inspector};
use crate::flow::why::{self, Compared, Question, Why};
use crate::statistics::decomposition::PostStratum;
use crate::statistics::{Confidence, Estimate, Period as Sampled, Target, rate};
use actix_web::{Responder, get, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

filtered! {
    /// Which change. A repeated filter means "or"; different filters mean "and".
    pub struct DecompositionParams {
        /// The label of a period.
        #[param(example = "2026-10")]
        now: String,
        /// The label of the period before it, which may be of another length; or `compare`.
        #[serde(default)]
        #[param(example = "2025-10")]
        before: Option<String>,
        /// Which period that is: `previous_year`, of the same name a year before, or
        /// `previous_period`; or `before`.
        #[serde(default)]
        #[param(value_type = Option<super::CompareName>)]
        compare: Option<String>,
    }
}

/// Why a failure rate changed. Shares and their differences are shares of 1.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "now": {"period": "2026-10", "from": "2026-10-01", "to": "2026-10-31", "declared": 900, "drawn": 180,
        "open": 0, "provisional": false, "small": false, "rate": {"inspected": 180, "failed": 27,
        "observed_rate": 0.15, "estimated_rate": 0.081, "standard_error": 0.018, "ci_low": 0.05,
        "ci_high": 0.122, "effective_n": 130.4, "target": "process",
        "method": "hajek/weighted-clopper-pearson"}},
    "before": {"period": "2025-10", "from": "2025-10-01", "to": "2025-10-31", "declared": 900,
        "drawn": 90, "open": 0, "provisional": false, "small": false, "rate": {"inspected": 90, "failed": 7,
        "observed_rate": 0.0778, "estimated_rate": 0.0778, "standard_error": 0.0284, "ci_low": 0.032,
        "ci_high": 0.154, "effective_n": 90.0, "target": "process",
        "method": "hajek/weighted-clopper-pearson"}},
    "observed_change": 0.0722, "estimated_change": 0.0032,
    "parts": {"quality": {"value": 0.0021, "ci_low": -0.07, "ci_high": 0.055}, "mix": 0.0008,
        "targeting": 0.069, "inspectors": 0.0002, "imbalance": 0.0001},
    "largest": "targeting",
    "sentence": {"en": "The observed rate rose by 7.2 points; 6.9 of them because riskier goods were drawn (targeting). Quality: no clear change.",
        "zh": "不合格检出率上升 7.2 个百分点，其中抽中的货物风险更高占 6.9 个百分点（抽样定向）。质量：无明显变化。"},
    "strictness": {"expected_from": "strata", "inspectors": 4, "shape": 210.0, "spread": 0.069, "now": 1.002,
        "before": 0.999, "flagged_now": [], "flagged_before": []},
    "post_strata": []}))]
pub struct DecompositionAnswer {
    /// The period asked about.
    pub now: ComparedAnswer,
    /// The one it is compared with.
    pub before: ComparedAnswer,
    /// Change of the observed rate; the five parts add up to it.
    pub observed_change: f64,
    /// Change of the estimated rate: all parts but targeting.
    pub estimated_change: f64,
    /// The parts.
    pub parts: PartsAnswer,
    /// The largest part, whichever way it points.
    #[schema(value_type = PartName)]
    pub largest: &'static str,
    /// The same in words.
    pub sentence: Sentence,
    /// How strict those were who inspected.
    pub strictness: MeanStrictnessAnswer,
    /// The strata that were compared, in ascending order of their first member.
    pub post_strata: Vec<PostStratumAnswer>,
}

/// A part of a change.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartName {
    /// Like goods failed more or less often.
    Quality,
    /// Other goods were declared.
    Mix,
    /// Other goods were drawn.
    Targeting,
    /// Stricter or milder inspectors were at work.
    Inspectors,
    /// The sample is not composed as the declarations are, by chance.
    Imbalance,
}

/// One of the two periods.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ComparedAnswer {
    /// Its label.
    #[schema(example = "2026-10")]
    pub period: String,
    /// First inspection day.
    pub from: NaiveDate,
    /// Last inspection day.
    pub to: NaiveDate,
    /// Declarations, in a frame or not yet.
    pub declared: u64,
    /// Of them, drawn.
    pub drawn: u64,
    /// Of these, without a result yet.
    pub open: u64,
    /// Whether results are missing still that the rate depends on.
    pub provisional: bool,
    /// Fewer than 30 inspected.
    pub small: bool,
    /// Its rate, on the process target.
    pub rate: RateAnswer,
}

impl From<&Compared> for ComparedAnswer {
    fn from(compared: &Compared) -> Self {
        let period = compared.period;
        Self {
            period: period.to_string(),
            from: period.first(),
            to: period.last(),
            declared: compared.declared,
            drawn: compared.drawn,
            open: compared.open,
            provisional: compared.provisional,
            small: compared.rate.inspected < super::answer::SMALL,
            rate: RateAnswer::new(&compared.rate, Target::Process),
        }
    }
}

/// The parts of a change of the observed rate.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct PartsAnswer {
    /// Like goods failed more or less often, met by inspectors of usual strictness. How well strictness
    /// is known is not in its interval.
    pub quality: IntervalAnswer,
    /// Other goods were declared.
    pub mix: f64,
    /// Other goods were drawn.
    pub targeting: f64,
    /// Stricter or milder inspectors were at work; rather too small than too large.
    pub inspectors: f64,
    /// The sample is not composed as the declarations are, by chance.
    pub imbalance: f64,
}

/// An estimate with its 95 % interval.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct IntervalAnswer {
    /// The estimate.
    pub value: f64,
    /// Lower limit.
    pub ci_low: f64,
    /// Upper limit.
    pub ci_high: f64,
}

impl From<Estimate> for IntervalAnswer {
    fn from(Estimate { value, low, high }: Estimate) -> Self {
        Self { value, ci_low: low, ci_high: high }
    }
}

/// Where the failures that anyone would have found are taken from.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExpectedFrom {
    /// The risk of each item as of its draw.
    RiskScores,
    /// The failure rate of the items' region × chapter; of the region's or of all small ones together
    /// where fewer than 30 are inspected.
    Strata,
}

impl From<Basis> for ExpectedFrom {
    fn from(basis: Basis) -> Self {
        match basis {
            Basis::Scores => Self::RiskScores,
            Basis::Strata => Self::Strata,
        }
    }
}

/// How strict those were who inspected, fitted once over both periods; 1 as usual.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MeanStrictnessAnswer {
    /// Where expectations come from.
    pub expected_from: ExpectedFrom,
    /// How many inspectors there are in both periods.
    pub inspectors: u64,
    /// The shape of the distribution of strictness, 0.1 to 1,000; at 1,000 all are as good as equal.
    pub shape: f64,
    /// The standard deviation between inspectors that the shape means.
    pub spread: f64,
    /// Their mean strictness now, weighted as the rate is.
    pub now: f64,
    /// Their mean strictness before.
    pub before: f64,
    /// Who is flagged among colleagues in the period now alone. Somebody who became stricter in between moves
    /// no mean: the change stands in `quality`, and the name here.
    pub flagged_now: Vec<InspectorName>,
    /// Who is flagged in the period before alone.
    pub flagged_before: Vec<InspectorName>,
}

/// An inspector by office and id.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InspectorName {
    /// Office.
    pub office: String,
    /// Id on the office's roster.
    pub inspector: String,
}

/// A stratum that was compared.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PostStratumAnswer {
    /// What it is made of, in ascending order.
    pub members: Vec<StratumName>,
    /// Whether it was merged of several, since one of them has no inspection in one of the periods.
    pub merged: bool,
    /// Now.
    pub now: StratumAnswer,
    /// Before.
    pub before: StratumAnswer,
}

/// Region × chapter.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StratumName {
    /// Reporting region.
    #[schema(example = "africa")]
    pub region: String,
    /// Chapter.
    #[schema(example = "85")]
    pub chapter: String,
}

/// A stratum in one period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StratumAnswer {
    /// Declarations.
    pub declared: u64,
    /// Its share of all declarations of the period.
    pub share: f64,
    /// Its rate.
    pub rate: RateAnswer,
}

impl DecompositionAnswer {
    /// The answer to what was asked.
    pub fn new(why: &Why) -> Self {
        let explained = &why.explanation;
        let quality = explained.quality;
        let parts = Parts {
            observed: explained.observed,
            quality: (quality.value, quality.low, quality.high),
            mix: explained.mix,
            targeting: explained.targeting,
            inspectors: explained.inspectors,
            imbalance: explained.imbalance,
        };
        let (largest, _) = parts.largest();
        let stratum = |stratum| PostStratumAnswer::new(stratum, why);
        Self {
            now: (&why.now).into(),
            before: (&why.before).into(),
            observed_change: explained.observed,
            estimated_change: explained.estimated,
            parts: PartsAnswer {
                quality: quality.into(),
                mix: parts.mix,
                targeting: parts.targeting,
                inspectors: parts.inspectors,
                imbalance: parts.imbalance,
            },
            largest: largest.as_str(),
            sentence: cause(&parts),
            strictness: MeanStrictnessAnswer::new(why, &why.fitted),
            post_strata: why.strata.iter().map(stratum).collect(),
        }
    }
}

fn names(inspectors: &[Inspector]) -> Vec<InspectorName> {
    let name = |(office, inspector): &Inspector| InspectorName {
        office: office.clone(),
        inspector: inspector.clone(),
    };
    inspectors.iter().map(name).collect()
}

impl MeanStrictnessAnswer {
    fn new(why: &Why, fitted: &Fitted) -> Self {
        Self {
            expected_from: fitted.basis.into(),
            inspectors: u64::try_from(fitted.inspectors.len()).unwrap_or(u64::MAX),
            shape: fitted.shape,
            spread: fitted.spread(),
            now: why.strictness.0.value(),
            before: why.strictness.1.value(),
            flagged_now: names(&why.apart.0),
            flagged_before: names(&why.apart.1),
        }
    }
}

impl PostStratumAnswer {
    fn new(stratum: &PostStratum<String, String>, why: &Why) -> Self {
        let member = |(region, chapter): &(String, String)| StratumName {
            region: region.clone(),
            chapter: chapter.clone(),
        };
        let of = |sampled: &Sampled, all: &Compared| StratumAnswer {
            declared: sampled.declarations,
            share: crate::statistics::share(sampled.declarations, all.declared),
            rate: RateAnswer::new(
                &rate(&sampled.sums, Target::Process, Confidence::NINETY_FIVE),
                Target::Process,
            ),
        };
        Self {
            members: stratum.members.iter().map(member).collect(),
            merged: stratum.members.len() > 1,
            now: of(&stratum.stratum.now, &why.now),
            before: of(&stratum.stratum.before, &why.before),
        }
    }
}

/// Says why the observed failure rate changed from one period to another, in five parts that add up to
/// the change: other quality, other goods declared (mix), other goods drawn (targeting), other
/// inspectors, and a sample composed otherwise than the declarations (imbalance). Rates speak of the
/// process. Reads who inspected row by row; two such requests are worked on at a time.
#[utoipa::path(
    operation_id = "get_decomposition",
    tag = "trends",
    params(DecompositionParams),
    responses(
        (status = 200, description = "The parts of the change", body = DecompositionAnswer),
        Problems
    )
)]
#[get("/v1/trends/decomposition")]
pub async fn decomposition(
    app: web::Data<App>,
    caller: Caller,
    params: Query<DecompositionParams>,
) -> Result<impl Responder, ApiError> {
    let filters = params.0.filters();
    let DecompositionParams { now, before, compare, .. } = params.0;
    let question = Question { now, before, compare, filters };
    let place = app.detail_reader()?;
    let answer = run(&app, move |app| {
        // Held until the work is done, even where the caller hangs up.
        let _place = place;
        Ok(DecompositionAnswer::new(&why::explain(&app.store, &caller, &question)?))
    })
    .await?;
    Ok(web::Json(answer))
}
