//! Imports of results that were found before Breeze.

use crate::api::error::{ApiError, Problems};
use crate::api::imports::{busy, format, is_encoded, unpacked};
use crate::api::run;
use crate::api::spool::{Spooled, spool};
use crate::app::App;
use crate::domain::imported::ResultImport;
use crate::domain::key::Caller;
use crate::flow::import::Source;
use crate::flow::result_import::{self, MOST_BYTES, MOST_EXPANDED, Order};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, Responder, get, post, web};
use std::sync::LazyLock;
use tokio::sync::Semaphore;
use uuid::Uuid;

/// Files of results at work at one time; their senders wait for the end.
static DESKS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));

/// Imports results that were found before Breeze: CSV or NDJSON, plain or gzip. They teach the risk
/// score; they enter no rate.
///
/// A row names a declaration that is stored and has no inspection, and says how it ended: `outcome`
/// (`pass`, `fail`), or `fails` (`no`, `yes`) in its place. It may say `inspected_at` (RFC 3339, not in
/// the future; when the frame of the inspection day closed, if empty), `selection` (`random`,
/// `targeted`, `all`, `unknown`), with `random` the `probability` of being inspected (above 0, at most
/// 1, six places), the `severity` of a failure and the `inspector`. At most 200,000 rows, 64 MiB as
/// sent, 256 MiB after decompression. Each row stands alone; the same file again changes nothing.
#[utoipa::path(
    operation_id = "create_result_import",
    tag = "inspections",
    params(
        ("Content-Encoding" = Option<String>, Header, description = "`gzip`; a gzip body is also known by its first bytes")
    ),
    request_body(
        description = "The rows; a CSV begins with its columns. Columns that begin with `_` are passed over",
        content(
            (String = "text/csv", example = "declaration_number,outcome,inspected_at,selection,probability,severity,inspector\nEXP-2026-0001,fail,2026-11-24T09:22:03+08:00,random,0.05,major,insp-07\n"),
            (String = "application/x-ndjson", example = "{\"declaration_number\":\"EXP-2026-0001\",\"outcome\":\"fail\",\"inspected_at\":\"2026-11-24T09:22:03+08:00\",\"selection\":\"random\",\"probability\":\"0.05\",\"severity\":\"major\",\"inspector\":\"insp-07\"}\n")
        )
    ),
    responses(
        (status = 201, description = "Every row has its outcome", body = ResultImport),
        Problems
    )
)]
#[post("/v1/result-imports")]
pub async fn create(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let (format, encoded) = (format(&req)?, is_encoded(&req)?);
    result_import::permit(&caller)?;
    let Ok(_desk) = DESKS.try_acquire() else {
        return Err(busy("two files of results are at work").into());
    };
    let Spooled { file, sha256 } = spool(&app, payload, MOST_BYTES).await?;
    let order = Order { id: Uuid::now_v7().to_string(), caller, sha256 };
    let import = run(&app, move |app| {
        let source = Source::new(file, Some(format), MOST_EXPANDED)?;
        unpacked(encoded, &source)?;
        result_import::process(&app.store, &|| app.now(), &order, &source)
    })
    .await?;
    let location = format!("/v1/result-imports/{}", import.id);
    Ok(HttpResponse::Created().insert_header((header::LOCATION, location)).json(import))
}

/// Gives one import of results: what became of its rows, and the first 1,000 that were rejected. It
/// is there for its sender, and for auditors and administrators of all offices.
#[utoipa::path(
    operation_id = "get_result_import",
    tag = "inspections",
    params(("id" = String, Path, description = "Id of the import")),
    responses((status = 200, description = "The import", body = ResultImport), Problems)
)]
#[get("/v1/result-imports/{id}")]
pub async fn get(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<impl Responder, ApiError> {
    let import = run(&app, move |app| result_import::find(&app.store, &caller, &id)).await?;
    Ok(web::Json(import))
}
