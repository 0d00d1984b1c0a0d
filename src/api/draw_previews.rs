//! Draw previews: sizes of a coming draw, never names.

use crate::api::body::Json;
use crate::api::draws::inspections;
use crate::api::error::{ApiError, Problems};
use crate::api::run;
use crate::app::App;
use crate::domain::day;
use crate::domain::key::Caller;
use crate::flow::{
    self,
    preview::{Part, Preview},
};
use actix_web::{Responder, post, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which draw to preview.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"office": "CNTAO", "day": "2026-11-25"}))]
pub struct PreviewRequest {
    /// Code of the office.
    office: String,
    /// Inspection day.
    #[serde(deserialize_with = "day::one")]
    day: NaiveDate,
}

/// A rule or stratum of the preview.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"name": "africa/85", "rows": 120, "take_all": 0, "expected_size": 11.4}))]
pub struct PreviewPart {
    /// The rule, or the stratum as `region/chapter`.
    pub name: String,
    /// Its declarations by now.
    pub rows: u64,
    /// Of them, certain by directive.
    pub take_all: u64,
    /// Expected number drawn of the others.
    pub expected_size: f64,
}

impl From<Part> for PreviewPart {
    fn from(part: Part) -> Self {
        let Part { name, rows, take_all, expected } = part;
        Self { name, rows, take_all, expected_size: inspections(expected) }
    }
}

/// What the draw of a day would be as of now.
#[derive(Serialize, ToSchema)]
pub struct PreviewAnswer {
    /// The office.
    pub office: String,
    /// The inspection day.
    pub day: NaiveDate,
    /// When its frame closes; until then it changes.
    pub closes_at: DateTime<Utc>,
    /// The round it would be.
    pub round: u32,
    /// The policy in force, as `id@version`.
    pub policy: String,
    /// `risk@version/sha256`; null where no model was active.
    pub risk_model: Option<String>,
    /// Inspections there is room for.
    pub capacity: u32,
    /// Declarations by now.
    pub rows: u64,
    /// Of them, certain by directive.
    pub take_all: u64,
    /// Sum of the chances as the rules ask them, directives apart.
    pub asked_by_policy: f64,
    /// Sum of the chances as given, directives apart.
    pub expected_size: f64,
    /// What is given over what is asked: below 1 the day asks for more than the office can do.
    pub shrink_factor: f64,
    /// How many inspections are short: asked and ordered, less the capacity; 0 where it suffices.
    pub shortfall: f64,
    /// By rule.
    pub rules: Vec<PreviewPart>,
    /// By stratum.
    pub strata: Vec<PreviewPart>,
}

impl From<Preview> for PreviewAnswer {
    fn from(preview: Preview) -> Self {
        let certain = u128::from(preview.take_all) << 32;
        let room = u128::from(preview.capacity) << 32;
        let (id, version) = preview.policy;
        Self {
            office: preview.office,
            day: preview.day,
            closes_at: preview.closes_at,
            round: preview.round,
            policy: format!("{id}@{version}"),
            risk_model: Some(preview.risk_model).filter(|model| model != "none"),
            capacity: preview.capacity,
            rows: preview.rows,
            take_all: preview.take_all,
            asked_by_policy: inspections(preview.asked),
            expected_size: inspections(preview.given),
            shrink_factor: f64::from(preview.shrink_ppm) / 1e6,
            shortfall: inspections((preview.asked + certain).saturating_sub(room)),
            rules: preview.rules.into_iter().map(PreviewPart::from).collect(),
            strata: preview.strata.into_iter().map(PreviewPart::from).collect(),
        }
    }
}

/// Previews the draw of an office's day: sizes by rule and stratum, never names. Nothing is stored.
#[utoipa::path(
    operation_id = "create_draw_preview",
    tag = "draws",
    request_body = PreviewRequest,
    responses((status = 200, description = "What the draw would be as of now", body = PreviewAnswer), Problems)
)]
#[post("/v1/draw-previews")]
pub async fn create(
    app: web::Data<App>,
    caller: Caller,
    body: Json<PreviewRequest>,
) -> Result<impl Responder, ApiError> {
    let PreviewRequest { office, day } = body.0;
    let place = app.detail_reader()?;
    let preview = run(&app, move |app| {
        let _place = place;
        flow::preview::preview(&app.store, &caller, &office, day, app.now())
    })
    .await?;
    Ok(web::Json(PreviewAnswer::from(preview)))
}
