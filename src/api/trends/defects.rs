//! Defects: which are found how often, by class.

use super::params::filtered;
use super::tabled::{self, Tabled};
use crate::api::error::{ApiError, Problems};
use crate::api::files::{self, harmless};
use crate::api::params::Query;
use crate::api::rate::RateAnswer;
use crate::api::run;
use crate::app::App;
use crate::domain::key::Caller;
use crate::domain::problem::Problem;
use crate::domain::reference::defect::{self, DefectClass};
use crate::error::Result;
use crate::flow::rates::defects::{DefectItem, Defects};
use crate::flow::rates::{self, Ask, Words};
use crate::statistics::Target;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

filtered! {
    /// Of which goods. A repeated filter means "or"; different filters mean "and".
    pub struct DefectParams {
        /// First day, or the label of the period that begins with it (`2026-W05`, `2026-Q1`).
        #[param(example = "2026-01-01")]
        from: String,
        /// Last day, or the label of the period that ends with it.
        #[param(example = "2026-10-31")]
        to: String,
    }
}

impl DefectParams {
    fn ask(self) -> Result<Ask, Problem> {
        let filters = self.filters();
        ask(self.from, self.to, filters)
    }
}

/// The question of some days as one.
///
/// # Errors
/// Those of [`Ask::parse`].
pub fn ask(from: String, to: String, filters: rates::Filters) -> Result<Ask, Problem> {
    let period = "year".to_owned();
    Ask::parse(&Words { period, target: None, from, to, split_by: Vec::new(), filters })
}

/// Which defects were found.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"from": "2026-01-01", "to": "2026-10-31", "inspected": 118, "failed": 9,
    "with_defects": 10, "failed_without_defects": 1, "provisional": false,
    "items": [{"class": "critical", "code": "label-missing", "name": {"en": "Label missing",
    "zh": "缺少标签"}, "inspections": 4, "defects": 12, "share": 0.8, "cumulated_share": 0.8,
    "per_thousand": {"value": 21.3, "ci_low": 6.1, "ci_high": 52.0}}]}))]
pub struct DefectsAnswer {
    /// First inspection day.
    pub from: NaiveDate,
    /// Last inspection day.
    pub to: NaiveDate,
    /// Declarations inspected.
    pub inspected: u64,
    /// Of these, failed.
    pub failed: u64,
    /// Of those inspected, on which a defect is named; a declaration with minor ones may have passed.
    pub with_defects: u64,
    /// Of those failed, for which none is named.
    pub failed_without_defects: u64,
    /// Whether results are missing still.
    pub provisional: bool,
    /// By class, the gravest first; in a class by inspections, the most first.
    pub items: Vec<DefectItemAnswer>,
}

/// A kind of defect in one class, as inspectors graded it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DefectItemAnswer {
    /// How grave it was found to be.
    pub class: DefectClass,
    /// Its code.
    pub code: String,
    /// What it is called; null for a code that is not in use any more.
    pub name: Option<DefectName>,
    /// Inspected declarations on which it was found: what was met, so it moves with the targeting.
    pub inspections: u64,
    /// Units with it.
    pub defects: u64,
    /// `inspections` as a share of those of all codes of the class.
    pub share: f64,
    /// The shares of its class so far.
    pub cumulated_share: f64,
    /// Weighted back to all declarations: of 1,000 declared, how many have it.
    pub per_thousand: PerThousand,
}

/// What a defect is called.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DefectName {
    /// English.
    #[schema(value_type = String)]
    pub en: &'static str,
    /// Simplified Chinese.
    #[schema(value_type = String)]
    pub zh: &'static str,
}

/// How many of 1,000 declarations, with the 95 % interval.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PerThousand {
    /// The estimate.
    pub value: Option<f64>,
    /// Lower limit.
    pub ci_low: Option<f64>,
    /// Upper limit.
    pub ci_high: Option<f64>,
}

impl From<&DefectItem> for DefectItemAnswer {
    fn from(item: &DefectItem) -> Self {
        let rate = RateAnswer::new(&item.rate, Target::Declarations);
        let thousand = |share: Option<f64>| share.map(|share| 1_000.0 * share);
        let name = defect::find(&item.code);
        Self {
            class: item.class,
            code: item.code.clone(),
            name: name.map(|defect| DefectName { en: defect.name_en, zh: defect.name_zh }),
            inspections: item.inspections,
            defects: item.defects,
            share: item.share,
            cumulated_share: item.cumulated_share,
            per_thousand: PerThousand {
                value: thousand(rate.estimated_rate),
                ci_low: thousand(rate.ci_low),
                ci_high: thousand(rate.ci_high),
            },
        }
    }
}

/// The columns of the file.
const COLUMNS: [&str; 11] = [
    "class",
    "code",
    "name_en",
    "name_zh",
    "inspections",
    "defects",
    "share",
    "cumulated_share",
    "per_thousand",
    "ci_low",
    "ci_high",
];

impl DefectsAnswer {
    /// The answer to what was asked.
    pub fn new(ask: &Ask, found: &Defects) -> Self {
        let whole = found.whole.as_ref();
        Self {
            from: ask.days.0,
            to: ask.days.1,
            inspected: whole.map_or(0, |cell| cell.rate.inspected),
            failed: whole.map_or(0, |cell| cell.rate.failed),
            with_defects: found.with_defects,
            failed_without_defects: found.failed_without,
            provisional: whole.is_some_and(|cell| cell.provisional),
            items: found.items.iter().map(DefectItemAnswer::from).collect(),
        }
    }
}

impl Tabled for DefectsAnswer {
    const FILE: &'static str = "defects.csv";

    fn csv(&self) -> Result<Bytes> {
        let head = COLUMNS.map(str::to_owned).to_vec();
        files::csv([head].into_iter().chain(self.items.iter().map(|item| item.row().to_vec())))
    }
}

impl DefectItemAnswer {
    fn row(&self) -> [String; 11] {
        let text = |share: Option<f64>| share.map(|share| share.to_string()).unwrap_or_default();
        let name = self.name.as_ref().map_or(("", ""), |name| (name.en, name.zh));
        [
            self.class.as_str().to_owned(),
            harmless(&self.code),
            harmless(name.0),
            harmless(name.1),
            self.inspections.to_string(),
            self.defects.to_string(),
            self.share.to_string(),
            self.cumulated_share.to_string(),
            text(self.per_thousand.value),
            text(self.per_thousand.ci_low),
            text(self.per_thousand.ci_high),
        ]
    }
}

async fn found(
    app: &web::Data<App>,
    caller: Caller,
    params: DefectParams,
) -> Result<DefectsAnswer, ApiError> {
    let ask = params.ask()?;
    let place = app.detail_reader()?;
    run(app, move |app| {
        // Held until the work is done, even where the caller hangs up.
        let _place = place;
        Ok(DefectsAnswer::new(&ask, &rates::defects(&app.store, &caller, &ask)?))
    })
    .await
}

/// Gives the defects that results in force name, by class and number of inspections, each with its
/// share of the class (Pareto) and with how many of 1,000 declarations have it, weighted back. As
/// `text/csv`, where `Accept` prefers it, the same as a file.
#[utoipa::path(
    operation_id = "get_defects",
    tag = "trends",
    params(DefectParams),
    responses(
        (status = 200, description = "Defects, by class and number", content(
            (DefectsAnswer = "application/json"), (String = "text/csv")
        )),
        Problems
    )
)]
#[get("/v1/trends/defects")]
pub async fn get_all(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    params: Query<DefectParams>,
) -> Result<HttpResponse, ApiError> {
    let form = tabled::form(&req)?;
    tabled::answer(form, &found(&app, caller, params.0).await?)
}

/// Gives the defects as a CSV file: one row a class and code.
#[utoipa::path(
    operation_id = "get_defects_file",
    tag = "trends",
    params(DefectParams),
    responses(
        (status = 200, description = "Defects, by class and number", body = String, content_type = "text/csv"),
        Problems
    )
)]
#[get("/v1/trends/defects.csv")]
pub async fn download(
    app: web::Data<App>,
    caller: Caller,
    params: Query<DefectParams>,
) -> Result<HttpResponse, ApiError> {
    tabled::file(&found(&app, caller, params.0).await?)
}
