//! What a campaign did.

use crate::api::error::{ApiError, Problems};
use crate::api::params::Query;
use crate::api::rate::RateAnswer;
use crate::api::run;
use crate::api::trends::ChangeVerdict;
use crate::app::App;
use crate::domain::key::Caller;
use crate::domain::sentence::{CampaignSaid, Sentence, campaign};
use crate::flow::campaign_effect::{self, Before, Effect, Range, Times, TrendBefore};
use crate::statistics::{RelativeChange, Target};
use actix_web::{Responder, get, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What it is compared with.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EffectParams {
    /// Which days are before: `previous_year`, the same days a year earlier, or `before_start`, as
    /// many days up to its first. Without it the former, where anything was inspected on them.
    #[serde(default)]
    #[param(value_type = Option<BeforeName>)]
    before: Option<String>,
}

/// Which days are before.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BeforeName {
    /// The same days a year earlier.
    PreviousYear,
    /// As many days, up to the one before it began.
    BeforeStart,
}

/// What a campaign did: the change of its goods' failure rate, relative to that of the same commodities
/// elsewhere.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"campaign": "breeze-2027",
    "during": {"from": "2027-03-01", "to": "2027-08-31"},
    "before": {"from": "2026-03-01", "to": "2026-08-31", "which": "previous_year"},
    "provisional": false,
    "effect": {"value": -0.26, "ci_low": -0.41, "ci_high": -0.08, "verdict": "fell",
        "against": "elsewhere"},
    "sentence": {"en": "Compared with the same days a year earlier and with the same commodities elsewhere, the campaign's goods failed 26 % less often (95 %: −41 to −8 %): more than chance.",
        "zh": "与上年同期及其他地方的同类商品相比，行动所涉货物的不合格少 26%（95%：−41% 至 −8%）：超出偶然。"},
    "inside": {"during": {"inspected": 900, "failed": 45, "observed_rate": 0.05, "estimated_rate": 0.048,
        "standard_error": 0.007, "ci_low": 0.034, "ci_high": 0.065, "effective_n": 810.0, "target": "process",
        "method": "hajek/weighted-clopper-pearson"},
        "before": {"inspected": 400, "failed": 30, "observed_rate": 0.075, "estimated_rate": 0.072,
        "standard_error": 0.013, "ci_low": 0.048, "ci_high": 0.103, "effective_n": 380.0, "target": "process",
        "method": "hajek/weighted-clopper-pearson"}},
    "elsewhere": null,
    "trend_before": {"from": "2026-03-01", "to": "2027-02-28", "months": 12,
        "slope": {"value": -0.004, "ci_low": -0.05, "ci_high": 0.042}}}))]
pub struct EffectAnswer {
    /// Slug of the campaign.
    pub campaign: String,
    /// The campaign's days up to today (UTC), its end or its closure.
    pub during: RangeAnswer,
    /// The days they are compared with.
    pub before: BeforeAnswer,
    /// Whether results are missing still that a rate depends on.
    pub provisional: bool,
    /// The effect.
    pub effect: EffectFigures,
    /// The same in words.
    pub sentence: Sentence,
    /// The goods in its scope.
    pub inside: TimesAnswer,
    /// The same commodities outside its places and offices; null where it names neither.
    pub elsewhere: Option<TimesAnswer>,
    /// Were they already moving against each other? Null where there is no elsewhere.
    pub trend_before: Option<TrendBeforeAnswer>,
}

/// Some days.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct RangeAnswer {
    /// First inspection day.
    pub from: NaiveDate,
    /// Last inspection day.
    pub to: NaiveDate,
}

impl From<Range> for RangeAnswer {
    fn from((from, to): Range) -> Self {
        Self { from, to }
    }
}

/// The days before, and which they are.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct BeforeAnswer {
    /// The days.
    #[serde(flatten)]
    pub range: RangeAnswer,
    /// Which those are.
    #[schema(value_type = BeforeName)]
    pub which: &'static str,
}

/// The effect as a fraction: −0.2 for 20 % fewer failures than the comparison would have it.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct EffectFigures {
    /// The estimate; null where a rate is missing or one that divides is 0.
    pub value: Option<f64>,
    /// Lower limit of the 95 % interval; null where a rate is missing.
    pub ci_low: Option<f64>,
    /// Upper limit; null where nothing bounds it.
    pub ci_high: Option<f64>,
    /// What it amounts to; null without an estimate.
    pub verdict: Option<ChangeVerdict>,
    /// `elsewhere`: (inside during/before) ÷ (elsewhere during/before) − 1. `before`: inside during/before
    /// − 1, for the campaign covers its commodities everywhere; what changed for another reason is in it.
    #[schema(value_type = String, example = "elsewhere")]
    pub against: &'static str,
}

/// Rates of the same goods at two times, on the process target.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TimesAnswer {
    /// During the campaign.
    pub during: RateAnswer,
    /// Before it.
    pub before: RateAnswer,
}

impl From<Times> for TimesAnswer {
    fn from(times: Times) -> Self {
        let rate = |rate| RateAnswer::new(rate, Target::Process);
        Self { during: rate(&times.during), before: rate(&times.before) }
    }
}

/// The trend of inside against elsewhere before the campaign.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct TrendBeforeAnswer {
    /// First day of the first of twelve months.
    pub from: NaiveDate,
    /// Last day of the last month that ended before the campaign began.
    pub to: NaiveDate,
    /// Months with an inspection inside and elsewhere.
    pub months: u32,
    /// Slope a month of ln(rate inside ÷ rate elsewhere): −0.05 says that inside was already falling by
    /// 5 % a month against elsewhere. Null with fewer than three months.
    pub slope: Option<SlopeAnswer>,
}

/// A slope with its 95 % interval.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct SlopeAnswer {
    /// The estimate.
    pub value: f64,
    /// Lower limit.
    pub ci_low: f64,
    /// Upper limit.
    pub ci_high: f64,
}

impl From<TrendBefore> for TrendBeforeAnswer {
    fn from(trend: TrendBefore) -> Self {
        let slope = trend.slope.map(|slope| SlopeAnswer {
            value: slope.value,
            ci_low: slope.low,
            ci_high: slope.high,
        });
        Self { from: trend.days.0, to: trend.days.1, months: trend.months, slope }
    }
}

impl EffectAnswer {
    /// The answer about a campaign.
    pub fn new(id: &str, effect: Effect) -> Self {
        let change = effect.effect;
        let elsewhere = effect.elsewhere.is_some();
        let none = RelativeChange { value: None, low: -1.0, high: None };
        let RelativeChange { value, low, high } = change.unwrap_or(none);
        let a_year_earlier = effect.which == Before::PreviousYear;
        Self {
            campaign: id.to_owned(),
            during: effect.during.into(),
            before: BeforeAnswer { range: effect.before.into(), which: effect.which.as_str() },
            provisional: effect.provisional,
            effect: EffectFigures {
                value,
                ci_low: change.map(|change| change.low),
                ci_high: high,
                verdict: effect.verdict.map(ChangeVerdict::from),
                against: if elsewhere { "elsewhere" } else { "before" },
            },
            sentence: campaign(&CampaignSaid { value, low, high, elsewhere, a_year_earlier }),
            inside: effect.inside.into(),
            elsewhere: effect.elsewhere.map(TimesAnswer::from),
            trend_before: effect.trend_before.map(TrendBeforeAnswer::from),
        }
    }
}

/// Measures what a campaign did: the failure rate of its goods during it against before, relative to
/// the same commodities outside its places and offices. Where it names commodities alone there is no
/// elsewhere, and the effect is the plain relative change. A ratio of ratios takes out what changed
/// everywhere, not what changed inside for another reason: read `trend_before` beside it. All rates are of
/// the key's own offices and speak of the process. Two such requests are worked on at a time.
#[utoipa::path(
    operation_id = "get_campaign_effect",
    tag = "campaigns",
    params(
        ("id" = String, Path, description = "Slug of the campaign", example = "breeze-2027"),
        EffectParams
    ),
    responses(
        (status = 200, description = "Its effect so far", body = EffectAnswer),
        Problems
    )
)]
#[get("/v1/campaigns/{id}/effect")]
pub async fn get(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
    params: Query<EffectParams>,
) -> Result<impl Responder, ApiError> {
    let before = params.0.before.as_deref().map(Before::parse).transpose()?;
    let place = app.detail_reader()?;
    let answer = run(&app, move |app| {
        // Held until the work is done, even where the caller hangs up.
        let _place = place;
        let today = app.now().date_naive();
        let effect = campaign_effect::measure(&app.store, &caller, &id, before, today)?;
        Ok(EffectAnswer::new(&id, effect))
    })
    .await?;
    Ok(web::Json(answer))
}
