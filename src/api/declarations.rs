//! Declarations, one at a time.

use crate::api::body::Json;
use crate::api::error::{ApiError, Problems};
use crate::api::page::{self, Ask, Page};
use crate::api::params::{Query, if_match};
use crate::api::run;
use crate::app::App;
use crate::domain::chain::Receipt;
use crate::domain::day;
use crate::domain::declaration::{
    self, DeclarationBody, DeclarationState, Status, StoredDeclaration,
};
use crate::domain::key::Caller;
use crate::domain::problem::{Code, FieldError, Problem};
use crate::domain::reference::region::Region;
use crate::flow::declare::{Intake, OnChange, Outcome};
use crate::flow::{self, look_up::Standing};
use crate::store::declarations::Filter;
use actix_web::http::StatusCode;
use actix_web::http::header::ETAG;
use actix_web::{HttpRequest, HttpResponse, Responder, get, put, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A declaration as it is kept.
#[derive(Serialize, ToSchema)]
pub struct DeclarationAnswer {
    /// What is declared.
    #[serde(flatten)]
    pub body: DeclarationBody,
    /// Counts from 1; the ETag is `"r<revision>"`.
    pub revision: i32,
    /// Where it stands.
    pub state: DeclarationState,
    /// Reporting region of the destination.
    pub region: Region,
    /// The office-local day whose frame it belongs to.
    pub inspection_day: NaiveDate,
    /// When the server accepted it.
    pub received_at: DateTime<Utc>,
    /// Whether it came by historical intake.
    pub historical: bool,
    /// Accepted, with a word.
    pub warnings: Vec<FieldError>,
    /// When it was cancelled.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Why it was cancelled.
    pub cancellation_reason: Option<String>,
    /// Its place in the office's hash chain; null in lists.
    pub receipt: Option<Receipt>,
}

impl DeclarationAnswer {
    fn new(stored: StoredDeclaration, receipt: Option<Receipt>) -> Self {
        let state = stored.state();
        let (cancelled_at, cancellation_reason) = stored.cancelled.unzip();
        Self {
            body: stored.declaration.body(),
            revision: stored.revision,
            state,
            region: stored.declaration.destination_country.region,
            inspection_day: stored.inspection_day,
            received_at: stored.received_at,
            historical: stored.historical,
            warnings: stored.warnings,
            cancelled_at,
            cancellation_reason: cancellation_reason.flatten(),
            receipt,
        }
    }

    fn answer(self, code: StatusCode) -> HttpResponse {
        HttpResponse::build(code)
            .insert_header((ETAG, format!("\"r{}\"", self.revision)))
            .json(self)
    }
}

/// Declares goods, once. The same content again changes nothing (200); other content is a revision
/// and needs `If-Match`.
#[utoipa::path(
    operation_id = "put_declaration",
    tag = "declarations",
    params(
        ("declaration_number" = String, Path, description = "Customs number; `/` is sent as %2F", example = "EXP-2026-0001"),
        ("If-Match" = Option<String>, Header, description = "`\"r<revision>\"` of the revision to supersede")
    ),
    request_body = DeclarationBody,
    responses(
        (status = 201, description = "Accepted", body = DeclarationAnswer),
        (status = 200, description = "Accepted before, or revised", body = DeclarationAnswer),
        Problems
    )
)]
#[put("/v1/declarations/{declaration_number}")]
pub async fn put(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    number: web::Path<String>,
    body: Json<DeclarationBody>,
) -> Result<HttpResponse, ApiError> {
    let on_change = if_match(&req)?.map_or(OnChange::Refuse, OnChange::IfRevision);
    let body = named(body.0, number.into_inner())?;
    let (accepted, receipt) = run(&app, move |app| {
        let now = app.now();
        let checked = declaration::parse(&body, now, false).map_err(Problem::fields)?;
        let intake = Intake { historical: false, on_change };
        flow::declare::put(&app.store, &caller, &checked, intake, now)
    })
    .await?;
    let answered = match accepted.outcome {
        Outcome::Created => StatusCode::CREATED,
        Outcome::Unchanged | Outcome::Revised => StatusCode::OK,
    };
    Ok(DeclarationAnswer::new(accepted.stored, Some(receipt)).answer(answered))
}

/// The body with the number of the path.
fn named(body: DeclarationBody, number: String) -> Result<DeclarationBody, Problem> {
    match &body.declaration_number {
        Some(other) if *other != number => {
            let words = format!("`{}` is not the number of the path", other.escape_debug());
            Err(Problem::field("/declaration_number", Code::ValueNotAllowed, words))
        }
        _ => Ok(DeclarationBody { declaration_number: Some(number), ..body }),
    }
}

/// Gives one declaration.
#[utoipa::path(
    operation_id = "get_declaration",
    tag = "declarations",
    params(("declaration_number" = String, Path, description = "Customs number", example = "EXP-2026-0001")),
    responses((status = 200, description = "The revision in force", body = DeclarationAnswer), Problems)
)]
#[get("/v1/declarations/{declaration_number}")]
pub async fn get(
    app: web::Data<App>,
    caller: Caller,
    number: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let (stored, receipt) =
        run(&app, move |app| flow::look_up::declaration(&app.store, &caller, &number)).await?;
    Ok(DeclarationAnswer::new(stored, Some(receipt)).answer(StatusCode::OK))
}

/// What a search asks for. A repeated parameter means "or".
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchParams {
    /// Office codes.
    #[serde(default)]
    office: Vec<String>,
    /// Destination countries, alpha-2.
    #[serde(default)]
    destination_country: Vec<String>,
    /// Reporting regions.
    #[serde(default)]
    region: Vec<String>,
    /// Exporter ids.
    #[serde(default)]
    exporter_id: Vec<String>,
    /// Commodity prefixes.
    #[serde(default)]
    commodity: Vec<String>,
    /// First inspection day.
    #[serde(default, deserialize_with = "day::maybe")]
    from: Option<NaiveDate>,
    /// Last inspection day.
    #[serde(default, deserialize_with = "day::maybe")]
    to: Option<NaiveDate>,
    /// Rows of the page, 1 to 500; 50 when left out.
    limit: Option<i64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// Searches the caller's declarations, by number.
#[utoipa::path(
    operation_id = "search_declarations",
    tag = "declarations",
    params(SearchParams),
    responses((status = 200, description = "A page of declarations", body = Page<DeclarationAnswer>), Problems)
)]
#[get("/v1/declarations")]
pub async fn search(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    params: Query<SearchParams>,
) -> Result<impl Responder, ApiError> {
    let params = params.0;
    if let Some(bad) =
        params.commodity.iter().find(|prefix| !prefix.bytes().all(|b| b.is_ascii_digit()))
    {
        let words = format!("commodity `{}` is not made of digits", bad.escape_debug());
        return Err(Problem::new(Code::InvalidParameter, words).into());
    }
    caller.scope.narrow_to(&params.office)?;
    let filter = Filter {
        offices: params.office,
        countries: params.destination_country,
        regions: params.region,
        exporters: params.exporter_id,
        commodities: params.commodity,
        days: (params.from, params.to),
    };
    let ask: Ask<String> = Ask::parse(params.limit, params.cursor.as_deref(), &filter)?;
    let (after, reach) = (ask.after.clone(), ask.reach());
    let rows = run(&app, move |app| {
        flow::look_up::search(&app.store, &caller, &filter, after.as_deref(), reach)
    })
    .await?;
    let page = ask.page(
        rows,
        |row| row.declaration.number.to_string(),
        |row| DeclarationAnswer::new(row, None),
    );
    Ok(page::answer(&req, &page))
}

/// One revision.
#[derive(Serialize, ToSchema)]
pub struct RevisionAnswer {
    /// Counts from 1.
    pub revision: i32,
    /// What it said.
    pub declaration: DeclarationBody,
    /// When this revision was accepted.
    pub received_at: DateTime<Utc>,
    /// When the next revision took its place; null for the one in force.
    pub superseded_at: Option<DateTime<Utc>>,
}

/// The revisions of a declaration.
#[derive(Serialize, ToSchema)]
pub struct Revisions {
    /// The first one first.
    pub items: Vec<RevisionAnswer>,
}

/// Gives all revisions of a declaration.
#[utoipa::path(
    operation_id = "list_revisions",
    tag = "declarations",
    params(("declaration_number" = String, Path, description = "Customs number", example = "EXP-2026-0001")),
    responses((status = 200, description = "All revisions, the first one first", body = Revisions), Problems)
)]
#[get("/v1/declarations/{declaration_number}/revisions")]
pub async fn revisions(
    app: web::Data<App>,
    caller: Caller,
    number: web::Path<String>,
) -> Result<impl Responder, ApiError> {
    let (stored, superseded) =
        run(&app, move |app| flow::look_up::revisions(&app.store, &caller, &number)).await?;
    // Only the first moment of acceptance is kept: a later revision came when it took the place of
    // the one before.
    let mut received_at = stored.received_at;
    let mut items = Vec::with_capacity(superseded.len() + 1);
    for (revision, declaration, at) in superseded {
        items.push(RevisionAnswer { revision, declaration, received_at, superseded_at: Some(at) });
        received_at = at;
    }
    items.push(RevisionAnswer {
        revision: stored.revision,
        declaration: stored.declaration.body(),
        received_at,
        superseded_at: None,
    });
    Ok(web::Json(Revisions { items }))
}

/// What may be done with the goods.
#[derive(Serialize, ToSchema)]
pub struct StatusAnswer {
    /// Customs number.
    pub declaration_number: String,
    /// Its revision.
    pub revision: i32,
    /// What may be done with the goods.
    pub status: Status,
    /// The day whose frame it belongs to.
    pub inspection_day: NaiveDate,
    /// The draw whose frame holds it.
    pub draw: Option<String>,
    /// Its position in the sample list, if it was drawn.
    pub list_position: Option<u32>,
    /// The moment this answer is true for.
    pub as_of: DateTime<Utc>,
}

/// Says what may be done with the goods.
#[utoipa::path(
    operation_id = "get_declaration_status",
    tag = "declarations",
    params(("declaration_number" = String, Path, description = "Customs number", example = "EXP-2026-0001")),
    responses((status = 200, description = "The status", body = StatusAnswer), Problems)
)]
#[get("/v1/declarations/{declaration_number}/status")]
pub async fn status(
    app: web::Data<App>,
    caller: Caller,
    number: web::Path<String>,
) -> Result<impl Responder, ApiError> {
    let (standing, as_of): (Standing, _) = run(&app, move |app| {
        let now = app.now();
        Ok((flow::look_up::status(&app.store, &caller, &number)?, now))
    })
    .await?;
    Ok(web::Json(StatusAnswer {
        declaration_number: standing.stored.declaration.number.to_string(),
        revision: standing.stored.revision,
        status: standing.status,
        inspection_day: standing.stored.inspection_day,
        draw: standing.stored.draw_id,
        list_position: standing.item.map(|item| item.position),
        as_of,
    }))
}

/// Why a declaration is cancelled.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "shipment given up"}))]
pub struct CancellationRequest {
    /// In words, up to 500 characters.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Cancels a declaration for good. Before its frame closes it leaves the frame; after, it stays and
/// counts as not inspected.
#[utoipa::path(
    operation_id = "cancel_declaration",
    tag = "declarations",
    params(("declaration_number" = String, Path, description = "Customs number", example = "EXP-2026-0001")),
    request_body = CancellationRequest,
    responses((status = 200, description = "It is cancelled", body = DeclarationAnswer), Problems)
)]
#[put("/v1/declarations/{declaration_number}/cancellation")]
pub async fn cancel(
    app: web::Data<App>,
    caller: Caller,
    number: web::Path<String>,
    body: Json<CancellationRequest>,
) -> Result<HttpResponse, ApiError> {
    let (stored, receipt) = run(&app, move |app| {
        flow::cancel::cancel(
            &app.store,
            &app.master,
            &caller,
            &number,
            body.0.reason.as_deref(),
            app.now(),
        )
    })
    .await?;
    Ok(DeclarationAnswer::new(stored, Some(receipt)).answer(StatusCode::OK))
}
