//! Offices and their rosters.

use crate::api::body::Json;
use crate::api::error::{ApiError, Problems};
use crate::api::run;
use crate::app::App;
use crate::domain::id::{InspectorId, OfficeCode};
use crate::domain::key::Caller;
use crate::domain::office::{Inspector, InspectorBody, Office, OfficeBody};
use crate::domain::problem::Problem;
use crate::flow::{self, offices::Put};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, Responder, get, put, web};
use serde::Serialize;
use utoipa::ToSchema;

/// An office.
#[derive(Serialize, ToSchema)]
pub struct OfficeAnswer {
    /// Its code.
    pub code: OfficeCode,
    /// The rest of it.
    #[serde(flatten)]
    pub body: OfficeBody,
}

impl From<Office> for OfficeAnswer {
    fn from(office: Office) -> Self {
        Self { body: office.body(), code: office.code }
    }
}

/// The caller's offices.
#[derive(Serialize, ToSchema)]
pub struct Offices {
    /// By code.
    pub items: Vec<OfficeAnswer>,
}

/// An inspector.
#[derive(Serialize, ToSchema)]
pub struct InspectorAnswer {
    /// The id, unique within the office.
    pub id: InspectorId,
    /// The rest.
    #[serde(flatten)]
    pub body: InspectorBody,
}

impl From<Inspector> for InspectorAnswer {
    fn from(inspector: Inspector) -> Self {
        Self { body: inspector.body(), id: inspector.id }
    }
}

/// The roster of an office.
#[derive(Serialize, ToSchema)]
pub struct Roster {
    /// By id.
    pub items: Vec<InspectorAnswer>,
}

fn made(how: Put) -> StatusCode {
    match how {
        Put::Created => StatusCode::CREATED,
        Put::Kept => StatusCode::OK,
    }
}

/// Lists the caller's offices.
#[utoipa::path(
    operation_id = "list_offices",
    tag = "offices",
    responses((status = 200, description = "The caller's offices, by code", body = Offices), Problems)
)]
#[get("/v1/offices")]
pub async fn list(app: web::Data<App>, caller: Caller) -> Result<impl Responder, ApiError> {
    let offices = run(&app, move |app| flow::offices::list(&app.store, &caller)).await?;
    Ok(web::Json(Offices { items: offices.into_iter().map(OfficeAnswer::from).collect() }))
}

/// Gives one office.
#[utoipa::path(
    operation_id = "get_office",
    tag = "offices",
    params(("code" = String, Path, description = "Code of the office", example = "CNTAO")),
    responses((status = 200, description = "The office", body = OfficeAnswer), Problems)
)]
#[get("/v1/offices/{code}")]
pub async fn get(
    app: web::Data<App>,
    caller: Caller,
    code: web::Path<String>,
) -> Result<impl Responder, ApiError> {
    let office = run(&app, move |app| flow::offices::find(&app.store, &caller, &code)).await?;
    Ok(web::Json(OfficeAnswer::from(office)))
}

/// Registers an office, or changes it. A change of cut-off, working days or holidays takes effect
/// after the last day that has a declaration or a commitment.
#[utoipa::path(
    operation_id = "put_office",
    tag = "offices",
    params(("code" = String, Path, description = "Code of the office", example = "CNTAO")),
    request_body = OfficeBody,
    responses(
        (status = 201, description = "It is registered", body = OfficeAnswer),
        (status = 200, description = "It was registered; it says what was sent", body = OfficeAnswer),
        Problems
    )
)]
#[put("/v1/offices/{code}")]
pub async fn put(
    app: web::Data<App>,
    caller: Caller,
    code: web::Path<String>,
    body: Json<OfficeBody>,
) -> Result<impl Responder, ApiError> {
    let code =
        OfficeCode::parse_field("/code", &code).map_err(|error| Problem::fields(vec![error]))?;
    if !caller.scope.holds(code.as_str()) {
        return Err(Problem::not_found("office", code).into());
    }
    let (office, how) =
        run(&app, move |app| flow::offices::put(&app.store, &caller, &code, body.0, app.now()))
            .await?;
    Ok(HttpResponse::build(made(how)).json(OfficeAnswer::from(office)))
}

/// Gives the roster of an office.
#[utoipa::path(
    operation_id = "list_inspectors",
    tag = "offices",
    params(("code" = String, Path, description = "Code of the office", example = "CNTAO")),
    responses((status = 200, description = "The roster, by id", body = Roster), Problems)
)]
#[get("/v1/offices/{code}/inspectors")]
pub async fn roster(
    app: web::Data<App>,
    caller: Caller,
    code: web::Path<String>,
) -> Result<impl Responder, ApiError> {
    let roster = run(&app, move |app| flow::offices::roster(&app.store, &caller, &code)).await?;
    Ok(web::Json(Roster { items: roster.into_iter().map(InspectorAnswer::from).collect() }))
}

/// Puts an inspector on the roster, or changes one; it holds for draws to come.
#[utoipa::path(
    operation_id = "put_inspector",
    tag = "offices",
    params(
        ("code" = String, Path, description = "Code of the office", example = "CNTAO"),
        ("id" = String, Path, description = "Id of the inspector", example = "insp-07")
    ),
    request_body = InspectorBody,
    responses(
        (status = 201, description = "New on the roster", body = InspectorAnswer),
        (status = 200, description = "On the roster as sent", body = InspectorAnswer),
        Problems
    )
)]
#[put("/v1/offices/{code}/inspectors/{id}")]
pub async fn put_inspector(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<(String, String)>,
    body: Json<InspectorBody>,
) -> Result<impl Responder, ApiError> {
    let (office, id) = path.into_inner();
    let id = InspectorId::parse_field("/id", &id).map_err(|error| Problem::fields(vec![error]))?;
    let (inspector, how) = run(&app, move |app| {
        flow::offices::put_inspector(&app.store, &caller, &office, &id, body.0, app.now())
    })
    .await?;
    Ok(HttpResponse::build(made(how)).json(InspectorAnswer::from(inspector)))
}
