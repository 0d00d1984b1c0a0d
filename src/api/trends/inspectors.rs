//! How strict inspectors are, and whose goods they meet.

use super::params::filtered;
use super::tabled::{self, Tabled};
use super::why::{ExpectedFrom, IntervalAnswer};
use crate::api::error::{ApiError, Problems};
use crate::api::files::{self, harmless};
use crate::api::params::Query;
use crate::api::run;
use crate::app::App;
use crate::domain::key::Caller;
use crate::error::Result;
use crate::flow::inspectors::{self, Inspectors, Met};
use crate::flow::strictness::{Inspector, Judged};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

filtered! {
    /// Whose work is looked at. A repeated filter means "or"; different filters mean "and".
    pub struct InspectorParams {
        /// First day, or the label of the period that begins with it.
        #[param(example = "2026-01")]
        from: String,
        /// Last day, or the label of the period that ends with it.
        #[param(example = "2026-10")]
        to: String,
    }
}

/// How strict inspectors are. A flag is a reason to talk to somebody, not a finding.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"from": "2026-01-01", "to": "2026-10-31", "expected_from": "strata",
    "shape": 12.4, "spread": 0.284, "items": [{"office": "CNTAO", "inspector": "insp-07",
    "inspected": 412, "failed": 61, "expected": 33.8, "strictness": {"value": 1.59, "ci_low": 1.24,
    "ci_high": 1.98}, "tail": 0.0002, "adjusted_tail": 0.0008, "flagged": true}],
    "pairs": {"possible": 1208, "flagged": 1, "items": [{"office": "CNTAO", "inspector": "insp-07",
    "exporter_id": "91370200MA3C", "met": 19, "expected": 4.2, "tail": 1e-7, "adjusted_tail": 0.0001}]}}))]
pub struct InspectorsAnswer {
    /// First inspection day.
    pub from: NaiveDate,
    /// Last inspection day.
    pub to: NaiveDate,
    /// Where expectations come from.
    pub expected_from: ExpectedFrom,
    /// The shape of the distribution of strictness, 0.1 to 1,000; at 1,000 all are as good as equal.
    pub shape: f64,
    /// The standard deviation between inspectors that the shape means.
    pub spread: f64,
    /// By office and id. Never a ranking.
    pub items: Vec<StrictnessAnswer>,
    /// Inspectors and exporters who met more often than a random assignment would have it.
    pub pairs: PairsAnswer,
}

/// One inspector.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StrictnessAnswer {
    /// Office.
    pub office: String,
    /// Id on the office's roster.
    pub inspector: String,
    /// Items inspected.
    pub inspected: u64,
    /// Of them, failed.
    pub failed: u64,
    /// Failures that colleagues of the office would have found among the same goods.
    pub expected: f64,
    /// How strict: 1 as colleagues, 2 finds twice as much. Nearer to 1 than failed/expected, the less
    /// was to be expected.
    pub strictness: IntervalAnswer,
    /// How likely a strictness of 1 leaves this or more on either side.
    pub tail: f64,
    /// The same, adjusted for all inspectors looked at (Benjamini–Hochberg).
    pub adjusted_tail: f64,
    /// Whether that is at most 0.05.
    pub flagged: bool,
}

/// Pairs of inspector and exporter.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PairsAnswer {
    /// How many could have met: all count in the adjustment.
    pub possible: u64,
    /// How many are flagged.
    pub flagged: u64,
    /// Of the flagged, the 20 least likely.
    pub items: Vec<PairAnswer>,
}

/// An inspector and an exporter who met more often than chance would have it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PairAnswer {
    /// Office of the inspector.
    pub office: String,
    /// The inspector's id.
    pub inspector: String,
    /// The exporter.
    pub exporter_id: String,
    /// Items of the exporter that the inspector inspected.
    pub met: u64,
    /// How many if each day's items had been dealt at random among those who inspected.
    pub expected: f64,
    /// How likely chance alone makes that many or more.
    pub tail: f64,
    /// The same, adjusted for all pairs that could have met.
    pub adjusted_tail: f64,
}

impl From<Met> for PairAnswer {
    fn from(met: Met) -> Self {
        Self {
            office: met.office,
            inspector: met.inspector,
            exporter_id: met.exporter,
            met: met.pair.observed,
            expected: met.pair.expected,
            tail: met.meeting.tail,
            adjusted_tail: met.meeting.adjusted,
        }
    }
}

impl StrictnessAnswer {
    fn new(((office, inspector), judged): (Inspector, Judged)) -> Self {
        let strictness = judged.strictness;
        Self {
            office,
            inspector,
            inspected: judged.inspected,
            failed: judged.failed,
            expected: judged.expected,
            strictness: strictness.ratio.into(),
            tail: strictness.tail,
            adjusted_tail: strictness.adjusted,
            flagged: strictness.flagged,
        }
    }

    fn row(&self) -> [String; 11] {
        let IntervalAnswer { value, ci_low, ci_high } = self.strictness;
        [
            harmless(&self.office),
            harmless(&self.inspector),
            self.inspected.to_string(),
            self.failed.to_string(),
            self.expected.to_string(),
            value.to_string(),
            ci_low.to_string(),
            ci_high.to_string(),
            self.tail.to_string(),
            self.adjusted_tail.to_string(),
            self.flagged.to_string(),
        ]
    }
}

const COLUMNS: [&str; 11] = [
    "office",
    "inspector",
    "inspected",
    "failed",
    "expected",
    "strictness",
    "ci_low",
    "ci_high",
    "tail",
    "adjusted_tail",
    "flagged",
];

impl InspectorsAnswer {
    /// The answer to what was asked.
    pub fn new(found: Inspectors) -> Self {
        let fitted = found.fitted;
        Self {
            from: found.days.0,
            to: found.days.1,
            expected_from: fitted.basis.into(),
            shape: fitted.shape,
            spread: fitted.spread(),
            items: fitted.inspectors.into_iter().map(StrictnessAnswer::new).collect(),
            pairs: PairsAnswer {
                possible: found.pairs,
                flagged: found.flagged_pairs,
                items: found.met.into_iter().map(PairAnswer::from).collect(),
            },
        }
    }
}

impl Tabled for InspectorsAnswer {
    const FILE: &'static str = "inspectors.csv";

    fn csv(&self) -> Result<Bytes> {
        let head = COLUMNS.map(str::to_owned).to_vec();
        files::csv([head].into_iter().chain(self.items.iter().map(|item| item.row().to_vec())))
    }
}

async fn found(
    app: &web::Data<App>,
    caller: Caller,
    params: InspectorParams,
) -> Result<InspectorsAnswer, ApiError> {
    let place = app.detail_reader()?;
    run(app, move |app| {
        // Held until the work is done, even where the caller hangs up.
        let _place = place;
        let days = (params.from.as_str(), params.to.as_str());
        let found = inspectors::judge(&app.store, &caller, days, params.filters())?;
        Ok(InspectorsAnswer::new(found))
    })
    .await
}

/// Says how strict each inspector is, against what colleagues of the same office would have found among
/// the same goods, and which exporters an inspector met more often than a random assignment would have
/// it. Ordered by office and id, never by rate: raw rates rank the goods that somebody was dealt and, of
/// few items, chance; what tells is the interval and the flag, which is adjusted for all that were
/// looked at. Items whose inspector is not recorded are in no row. Only inspectors of the key's offices
/// are shown, and the fit is made of them alone: with other offices `shape`, and with it every estimate,
/// may differ a little. Reads row by row; two such requests are worked on at a time.
#[utoipa::path(
    operation_id = "get_inspector_strictness",
    tag = "trends",
    params(InspectorParams),
    responses(
        (status = 200, description = "The inspectors, by office and id", content(
            (InspectorsAnswer = "application/json"), (String = "text/csv")
        )),
        Problems
    )
)]
#[get("/v1/trends/inspectors")]
pub async fn inspectors_judged(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    params: Query<InspectorParams>,
) -> Result<HttpResponse, ApiError> {
    let form = tabled::form(&req)?;
    tabled::answer(form, &found(&app, caller, params.0).await?)
}

/// Gives the inspectors as a CSV file: one row each, by office and id. Pairs are in the JSON alone.
#[utoipa::path(
    operation_id = "get_inspector_strictness_file",
    tag = "trends",
    params(InspectorParams),
    responses(
        (status = 200, description = "The inspectors", body = String, content_type = "text/csv"),
        Problems
    )
)]
#[get("/v1/trends/inspectors.csv")]
pub async fn inspectors_file(
    app: web::Data<App>,
    caller: Caller,
    params: Query<InspectorParams>,
) -> Result<HttpResponse, ApiError> {
    tabled::file(&found(&app, caller, params.0).await?)
}
