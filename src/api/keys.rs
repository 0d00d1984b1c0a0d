//! API keys.

use crate::api::body::Json;
use crate::api::error::{ApiError, Problems};
use crate::api::{idempotency, run};
use crate::app::App;
use crate::domain::id::{InspectorId, OfficeCode};
use crate::domain::key::{ApiKey, Caller, Role};
use crate::domain::problem::{Code, FieldError, Problem};
use crate::domain::text;
use crate::flow;
use actix_web::{HttpRequest, HttpResponse, Responder, delete, get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A key that is asked for.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "customs gateway Qingdao", "role": "customs", "offices": ["CNTAO"],
    "inspector": null, "expires_at": "2027-12-31T00:00:00Z"}))]
pub struct KeyRequest {
    /// What it is for, up to 100 characters.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// Its offices; empty for all offices of the key that asks.
    #[serde(default)]
    pub offices: Vec<String>,
    /// The inspector of the roster who holds it.
    #[serde(default)]
    pub inspector: Option<String>,
    /// From when on it is void.
    #[serde(default)]
    pub expires_at: Option<DateTime<Utc>>,
}

/// A key, without its secret.
#[derive(Serialize, ToSchema)]
pub struct KeyAnswer {
    /// The public part.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// Its offices; empty for all.
    pub offices: Vec<OfficeCode>,
    /// The inspector of the roster who holds it.
    pub inspector: Option<InspectorId>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it is void.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl From<ApiKey> for KeyAnswer {
    fn from(key: ApiKey) -> Self {
        Self {
            offices: key.scope.offices().to_vec(),
            id: key.id,
            name: key.name,
            role: key.role,
            inspector: key.inspector,
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
        }
    }
}

/// A new key with its text, shown this once.
#[derive(Serialize, ToSchema)]
pub struct IssuedKey {
    /// The key to send, `brz_<id>_<secret>`.
    pub key: String,
    /// The rest of it.
    #[serde(flatten)]
    pub about: KeyAnswer,
}

/// The keys of some offices.
#[derive(Serialize, ToSchema)]
pub struct Keys {
    /// The oldest first.
    pub items: Vec<KeyAnswer>,
}

fn parse(body: KeyRequest) -> Result<flow::keys::NewKey, Problem> {
    let mut errors = Vec::new();
    let name = text::checked("/name", body.name.trim(), 100).map_err(|error| errors.push(error));
    if body.name.trim().is_empty() {
        errors.push(FieldError::new("/name", Code::Required, "say what the key is for"));
    }
    let mut offices = Vec::new();
    for (at, office) in body.offices.iter().enumerate() {
        match OfficeCode::parse_field(&format!("/offices/{at}"), office) {
            Ok(office) => offices.push(office),
            Err(error) => errors.push(error),
        }
    }
    let inspector = body.inspector.as_deref().map(|id| InspectorId::parse_field("/inspector", id));
    let inspector = inspector.transpose().map_err(|error| errors.push(error));
    match (name, inspector) {
        (Ok(name), Ok(inspector)) if errors.is_empty() => Ok(flow::keys::NewKey {
            name,
            role: body.role,
            offices,
            inspector,
            expires_at: body.expires_at,
        }),
        _ => Err(Problem::fields(errors)),
    }
}

/// Lists the keys of the caller's offices.
#[utoipa::path(
    operation_id = "list_keys",
    tag = "keys",
    responses((status = 200, description = "Every key that opens nothing but the caller's offices, the oldest first", body = Keys), Problems)
)]
#[get("/v1/api-keys")]
pub async fn list(app: web::Data<App>, caller: Caller) -> Result<impl Responder, ApiError> {
    let keys = run(&app, move |app| flow::keys::list(&app.store, &caller)).await?;
    Ok(web::Json(Keys { items: keys.into_iter().map(KeyAnswer::from).collect() }))
}

/// Makes a key. Its text is shown this once. Its offices may narrow those of the key that asks.
#[utoipa::path(
    operation_id = "create_key",
    tag = "keys",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key again makes no second API key, for 48 hours: it answers 409 with the id of the first")),
    request_body = KeyRequest,
    responses((status = 201, description = "The new key", body = IssuedKey), Problems)
)]
#[post("/v1/api-keys")]
pub async fn create(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    body: Json<KeyRequest>,
) -> Result<impl Responder, ApiError> {
    let claim = idempotency::claim(&req, &caller, &body.0)?;
    let new = parse(body.0)?;
    let issued = run(&app, move |app| {
        flow::keys::create(&app.store, &caller, &new, claim.as_ref(), &rand::random(), app.now())
    })
    .await?;
    Ok(HttpResponse::Created().json(IssuedKey { key: issued.text, about: issued.key.into() }))
}

/// Gives one key, without its secret.
#[utoipa::path(
    operation_id = "get_key",
    tag = "keys",
    params(("id" = String, Path, description = "Public part of the key")),
    responses((status = 200, description = "The key", body = KeyAnswer), Problems)
)]
#[get("/v1/api-keys/{id}")]
pub async fn get(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<impl Responder, ApiError> {
    let key = run(&app, move |app| flow::keys::find(&app.store, &caller, &id)).await?;
    Ok(web::Json(KeyAnswer::from(key)))
}

/// Revokes a key for good.
#[utoipa::path(
    operation_id = "revoke_key",
    tag = "keys",
    params(("id" = String, Path, description = "Public part of the key")),
    responses((status = 204, description = "It opens nothing any more"), Problems)
)]
#[delete("/v1/api-keys/{id}")]
pub async fn revoke(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<impl Responder, ApiError> {
    run(&app, move |app| flow::keys::revoke(&app.store, &caller, &id, app.now())).await?;
    Ok(HttpResponse::NoContent().finish())
}
