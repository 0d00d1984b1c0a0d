//! The rows of an import, as a list and as a file.

use crate::api::error::{ApiError, Problems};
use crate::api::files::{self, Form};
use crate::api::page::{self, Ask, Page};
use crate::api::params::Query;
use crate::api::run;
use crate::app::App;
use crate::domain::import::{Import, ImportRow, RowOutcome};
use crate::domain::key::Caller;
use crate::error::Result;
use crate::flow;
use actix_web::{HttpRequest, HttpResponse, get, web};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::IntoParams;

/// Which rows of an import.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RowParams {
    /// Only rows of this outcome.
    outcome: Option<RowOutcome>,
    /// Rows of the page, 1 to 500; 50 when left out. A CSV is not paged.
    limit: Option<i64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// Lists the rows of an import that deserve a word: rejected, revised, accepted with a warning. As
/// `text/csv` it is the file of `rows.csv`.
#[utoipa::path(
    operation_id = "list_import_rows",
    tag = "imports",
    params(("id" = String, Path, description = "Id of the import"), RowParams),
    responses(
        (status = 200, description = "A page of rows in the order of the file", content(
            (Page<ImportRow> = "application/json"),
            (String = "text/csv")
        )),
        Problems
    )
)]
#[get("/v1/declaration-imports/{id}/rows")]
pub async fn list(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
    params: Query<RowParams>,
) -> Result<HttpResponse, ApiError> {
    let (id, params) = (id.into_inner(), params.0);
    if Form::asked(&req, &[Form::Json, Form::Csv])? == Form::Csv {
        return csv(app, caller, id, params.outcome).await;
    }
    let ask: Ask<u64> =
        Ask::parse(params.limit, params.cursor.as_deref(), &("rows", &id, params.outcome))?;
    let (after, reach) = (ask.after.unwrap_or(0), ask.reach());
    let rows = run(&app, move |app| {
        flow::import::rows(&app.store, &caller, &id, params.outcome, after, reach)
    })
    .await?;
    let page = ask.page(rows, |row| row.row, |row| row);
    Ok(page::answer(&req, &page))
}

/// Which rows go into a file.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FileParams {
    /// Only rows of this outcome.
    outcome: Option<RowOutcome>,
}

/// Gives the rows that deserve a word as a CSV. Rejected rows stand as they were sent, followed by
/// `_row,_field,_code,_words`, so that they can be mended and sent again; of other rows only the
/// number is repeated. Cells that a spreadsheet would take for a formula begin with `'`, which an
/// import of the file takes off.
#[utoipa::path(
    operation_id = "get_import_rows_file",
    tag = "imports",
    params(("id" = String, Path, description = "Id of the import"), FileParams),
    responses((status = 200, description = "The rows in the order of the file", content_type = "text/csv", body = String), Problems)
)]
#[get("/v1/declaration-imports/{id}/rows.csv")]
pub async fn file(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
    params: Query<FileParams>,
) -> Result<HttpResponse, ApiError> {
    csv(app, caller, id.into_inner(), params.0.outcome).await
}

/// Rows that are read at once for a file.
const BATCH: i64 = 200;

async fn csv(
    app: web::Data<App>,
    caller: Caller,
    id: String,
    outcome: Option<RowOutcome>,
) -> Result<HttpResponse, ApiError> {
    let (asked, own) = (id.clone(), caller.clone());
    let import =
        run(&app, move |app| flow::import::find(&app.store, &own, &asked, app.now())).await?;
    let name = format!("import-{id}.csv");
    let import = Arc::new(import);
    let parts = stream::try_unfold(Some(None), move |after: Option<Option<u64>>| {
        let (app, caller, import) = (app.clone(), caller.clone(), Arc::clone(&import));
        async move {
            let Some(after) = after else { return Ok::<_, ApiError>(None) };
            let part = run(&app, move |app| part(app, &caller, &import, outcome, after)).await?;
            Ok(Some(part))
        }
    });
    Ok(files::download(&name, files::CSV).streaming(parts))
}

/// The next lines of the file, after a row, and the row after which the rest follows; the heading
/// comes before all.
fn part(
    app: &App,
    caller: &Caller,
    import: &Import,
    outcome: Option<RowOutcome>,
    after: Option<u64>,
) -> Result<(web::Bytes, Option<Option<u64>>)> {
    let mut text = match after {
        None => flow::import::outcome_heading(import)?,
        Some(_) => Vec::new(),
    };
    let after = after.unwrap_or(0);
    let read = flow::import::rows(&app.store, caller, &import.id, outcome, after, BATCH)?;
    for row in &read {
        text.extend(flow::import::outcome_line(import, row)?);
    }
    Ok((text.into(), read.last().map(|row| Some(row.row))))
}
