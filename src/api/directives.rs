//! Directives: what must be inspected by order.

use crate::api::body::Json;
use crate::api::error::{ApiError, Problems};
use crate::api::page::{self, Ask, Page};
use crate::api::params::Query;
use crate::api::{idempotency, run};
use crate::app::App;
use crate::domain::directive::{ClosureBody, DirectiveBody, DirectiveKind, DirectiveState};
use crate::domain::key::Caller;
use crate::flow::{self, directive::Counted};
use crate::store::directives::Filter;
use actix_web::{HttpRequest, HttpResponse, Responder, get, post, put, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A directive.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "D-20261124-CNTAO-815", "kind": "ordered", "state": "in_force",
    "declaration_number": null, "exporter_id": "91370200MA3C", "commodity": "8507",
    "destination_country": "KE", "office": "CNTAO", "reason": "complaint of a buyer, file 2026-118",
    "from": "2026-11-24", "until": "2026-12-31", "limit": 20, "taken": 3,
    "cancelled_declaration": null, "ordered_at": "2026-11-24T01:00:00Z", "ordered_by": "key:42ab",
    "event": "CNTAO/815", "closure": null}))]
pub struct DirectiveAnswer {
    /// `D-{yyyymmdd}-{office}-{number of its event}`.
    pub id: String,
    /// Who made it.
    pub kind: DirectiveKind,
    /// Where it stands, by the UTC date.
    pub state: DirectiveState,
    /// One declaration.
    pub declaration_number: Option<String>,
    /// An exporter.
    pub exporter_id: Option<String>,
    /// HS prefix.
    pub commodity: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub destination_country: Option<String>,
    /// Office; null for all of them.
    pub office: Option<String>,
    /// Why. Of an automatic one, another office does not read which declaration was cancelled.
    pub reason: String,
    /// First inspection day.
    pub from: NaiveDate,
    /// Last inspection day.
    pub until: NaiveDate,
    /// The largest number of declarations it takes; null for all of them.
    pub limit: Option<u32>,
    /// How many it has taken, over all frames.
    pub taken: u64,
    /// For an automatic one: the drawn declaration whose cancellation made it; null for keys that do not
    /// hold its office.
    pub cancelled_declaration: Option<String>,
    /// When it was made.
    pub ordered_at: DateTime<Utc>,
    /// By whom.
    pub ordered_by: String,
    /// Its event, `{office}/{sequence}`; `-` for no office.
    pub event: String,
    /// How it was ended before its time.
    pub closure: Option<ClosureAnswer>,
}

/// How a directive was ended before its time.
#[derive(Serialize, ToSchema)]
pub struct ClosureAnswer {
    /// Why.
    pub reason: String,
    /// When.
    pub closed_at: DateTime<Utc>,
    /// By whom.
    pub closed_by: String,
}

impl DirectiveAnswer {
    /// A directive as it stands at an instant.
    pub fn new((directive, taken): Counted, now: DateTime<Utc>) -> Self {
        let state = directive.state_on(now.date_naive());
        let order = directive.order;
        Self {
            id: directive.id,
            kind: directive.kind,
            state,
            declaration_number: order.target.declaration_number.map(String::from),
            exporter_id: order.target.exporter_id.map(String::from),
            commodity: order.target.commodity,
            destination_country: order.target.destination_country,
            office: order.target.office.map(String::from),
            reason: order.reason,
            from: order.from,
            until: order.until,
            limit: order.limit,
            taken,
            cancelled_declaration: directive.cancelled_declaration,
            ordered_at: directive.ordered_at,
            ordered_by: directive.ordered_by,
            event: format!("{}/{}", directive.event.0, directive.event.1),
            closure: directive.closed.map(|closed| ClosureAnswer {
                reason: closed.reason,
                closed_at: closed.closed_at,
                closed_by: closed.closed_by,
            }),
        }
    }
}

/// Orders what must be inspected: what it holds is certain to be drawn. A manager names an office of
/// the own; a policy officer of all offices may leave it out.
#[utoipa::path(
    operation_id = "create_directive",
    tag = "directives",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key again makes no second directive, for 48 hours: it answers with the first")),
    request_body = DirectiveBody,
    responses((status = 201, description = "It is ordered", body = DirectiveAnswer), Problems)
)]
#[post("/v1/directives")]
pub async fn create(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    body: Json<DirectiveBody>,
) -> Result<impl Responder, ApiError> {
    let claim = idempotency::claim(&req, &caller, &body.0)?;
    let order = body.0.order()?;
    let answer = run(&app, move |app| {
        let now = app.now();
        let made = flow::directive::order(&app.store, &caller, &order, claim.as_ref(), now)?;
        Ok(DirectiveAnswer::new(made, now))
    })
    .await?;
    let mut response = HttpResponse::Created();
    response.insert_header(("Location", format!("/v1/directives/{}", answer.id)));
    Ok(response.json(answer))
}

/// What a list of directives is restricted to. A repeated parameter means "or".
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DirectiveParams {
    /// scheduled, in_force, ended or closed, by the UTC date.
    #[serde(default)]
    state: Vec<DirectiveState>,
    /// Exporters that are named.
    #[serde(default)]
    exporter_id: Vec<String>,
    /// Declarations that are named, or whose cancellation at an office of the key made one.
    #[serde(default)]
    declaration_number: Vec<String>,
    /// Offices that are named; leaves out what holds at all offices.
    #[serde(default)]
    office: Vec<String>,
    /// Rows of the page, 1 to 500; 50 when left out.
    limit: Option<i64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// Lists the directives that hold at the caller's offices, the latest first.
#[utoipa::path(
    operation_id = "list_directives",
    tag = "directives",
    params(DirectiveParams),
    responses((status = 200, description = "A page of directives", body = Page<DirectiveAnswer>), Problems)
)]
#[get("/v1/directives")]
pub async fn list(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    params: Query<DirectiveParams>,
) -> Result<impl Responder, ApiError> {
    let params = params.0;
    caller.scope.narrow_to(&params.office)?;
    let filter = Filter {
        offices: params.office,
        exporters: params.exporter_id,
        numbers: params.declaration_number,
        states: params.state,
    };
    let ask: Ask<String> = Ask::parse(params.limit, params.cursor.as_deref(), &filter)?;
    let (after, reach, now) = (ask.after.clone(), ask.reach(), app.now());
    let rows = run(&app, move |app| {
        flow::directive::list(&app.store, &caller, &filter, after.as_deref(), reach, now)
    })
    .await?;
    let answer = |counted| DirectiveAnswer::new(counted, now);
    Ok(page::answer(&req, &ask.page(rows, |(directive, _)| directive.id.clone(), answer)))
}

/// Gives one directive and how many declarations it has taken.
#[utoipa::path(
    operation_id = "get_directive",
    tag = "directives",
    params(("id" = String, Path, description = "Id of the directive", example = "D-20261124-CNTAO-4")),
    responses((status = 200, description = "The directive", body = DirectiveAnswer), Problems)
)]
#[get("/v1/directives/{id}")]
pub async fn get(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<impl Responder, ApiError> {
    let found = run(&app, move |app| flow::directive::find(&app.store, &caller, &id)).await?;
    Ok(web::Json(DirectiveAnswer::new(found, app.now())))
}

/// Ends a directive before its time. What it took stays taken; the same reason again changes
/// nothing.
#[utoipa::path(
    operation_id = "close_directive",
    tag = "directives",
    params(("id" = String, Path, description = "Id of the directive", example = "D-20261124-CNTAO-4")),
    request_body = ClosureBody,
    responses((status = 200, description = "It takes nothing any more", body = DirectiveAnswer), Problems)
)]
#[put("/v1/directives/{id}/closure")]
pub async fn close(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
    body: Json<ClosureBody>,
) -> Result<impl Responder, ApiError> {
    let now = app.now();
    let closed =
        run(&app, move |app| flow::directive::close(&app.store, &caller, &id, &body.0, now))
            .await?;
    Ok(web::Json(DirectiveAnswer::new(closed, now)))
}
