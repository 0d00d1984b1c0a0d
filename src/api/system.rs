//! The service itself: is it up, who am I, what can it do.

use crate::api::error::{ApiError, Problems};
use crate::api::{openapi, run};
use crate::app::App;
use crate::domain::id::{InspectorId, OfficeCode};
use crate::domain::key::{Caller, Role};
use actix_web::{HttpResponse, Responder, get, web};
use serde::Serialize;
use std::sync::LazyLock;
use utoipa::ToSchema;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// Says that the process is up.
#[utoipa::path(
    operation_id = "get_health",
    tag = "system",
    responses((status = 200, description = "It is up", content_type = "text/plain", body = String, example = "ok"), Problems),
    security(())
)]
#[get("/healthz")]
pub async fn health() -> impl Responder {
    "ok"
}

/// Says whether the database answers.
#[utoipa::path(
    operation_id = "get_readiness",
    tag = "system",
    responses((status = 200, description = "The database answers", content_type = "text/plain", body = String, example = "ready"), Problems),
    security(())
)]
#[get("/readyz")]
pub async fn ready(app: web::Data<App>) -> Result<impl Responder, ApiError> {
    run(&app, |app| app.store.read(crate::store::chain::heads)).await?;
    Ok("ready")
}

static DOCUMENT: LazyLock<String> = LazyLock::new(openapi::json);

/// Gives the OpenAPI document.
#[utoipa::path(
    operation_id = "get_document",
    tag = "system",
    responses((status = 200, description = "The OpenAPI 3.1 document", content_type = "application/json", body = serde_json::Value), Problems),
    security(())
)]
#[get("/openapi.json")]
pub async fn document() -> impl Responder {
    HttpResponse::Ok().content_type("application/json").body(DOCUMENT.as_str())
}

/// The pages that let a person try the operations; nothing is loaded from elsewhere.
pub fn documentation() -> SwaggerUi {
    SwaggerUi::new("/docs/{_:.*}").config(Config::from("/openapi.json").validator_url("none"))
}

/// What this service is.
#[derive(Serialize, ToSchema)]
pub struct Root {
    /// Always `breeze`.
    #[schema(example = "breeze")]
    pub service: &'static str,
    /// Version of the program.
    pub version: &'static str,
    /// Where the OpenAPI document is.
    #[schema(example = "/openapi.json")]
    pub openapi: &'static str,
    /// Where a person can read and try it.
    #[schema(example = "/docs/")]
    pub docs: &'static str,
}

/// Says what this service is.
#[utoipa::path(
    operation_id = "get_root",
    tag = "system",
    responses((status = 200, description = "The service", body = Root), Problems),
    security(())
)]
#[get("/v1")]
pub async fn root() -> impl Responder {
    web::Json(Root {
        service: "breeze",
        version: env!("CARGO_PKG_VERSION"),
        openapi: "/openapi.json",
        docs: "/docs/",
    })
}

/// Who the key's holder is.
#[derive(Serialize, ToSchema)]
pub struct Me {
    /// The name in the log.
    #[schema(example = "key:0123456789abcdef")]
    pub actor: String,
    /// The role.
    pub role: Role,
    /// The offices; empty for all.
    pub offices: Vec<OfficeCode>,
    /// The inspector of the roster who holds the key.
    pub inspector: Option<InspectorId>,
}

/// Says who the key's holder is.
#[utoipa::path(
    operation_id = "get_me",
    tag = "system",
    responses((status = 200, description = "The holder of the key", body = Me), Problems)
)]
#[get("/v1/me")]
pub async fn me(caller: Caller) -> impl Responder {
    web::Json(Me {
        offices: caller.scope.offices().to_vec(),
        actor: caller.actor,
        role: caller.role,
        inspector: caller.inspector,
    })
}
