//! Imports: many declarations in one body.

use crate::api::body::media_type;
use crate::api::error::{ApiError, Problems};
use crate::api::page::{self, Ask, Page};
use crate::api::params::Query;
use crate::api::run;
use crate::api::spool::{Spooled, spool};
use crate::app::App;
use crate::domain::import::{Import, Mode};
use crate::domain::key::Caller;
use crate::domain::problem::{Code, Problem};
use crate::error::{Error, Result};
use crate::flow;
use crate::flow::declare::{Intake, OnChange};
use crate::flow::import::{Format, Options, Order, Source};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpRequest, HttpResponse, Responder, get, post, web};
use serde::Deserialize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Bodies on their way in at one time.
static SPOOLS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(32));
/// Imports at work at one time, each on a thread of its own.
static WORKERS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(MOST_WORKERS)));
/// Imports that work at one time.
const MOST_WORKERS: usize = 4;
/// Whether this process is about to end.
static STOPPING: AtomicBool = AtomicBool::new(false);
/// How long the end waits for imports; a chunk takes about a second.
const FAREWELL: Duration = Duration::from_secs(20);
/// Rows from which on the sender does not wait for the end.
const LONG: u64 = 50_000;
/// How long the sender waits for a worker, and then for the end.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a body is imported.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportParams {
    /// `per_row`: each row is accepted or rejected for itself; `atomic`: all or none, of at most
    /// 100,000 rows. `per_row` when left out.
    mode: Option<Mode>,
    /// Check only, also against what is stored; at most 1,000,000 rows.
    #[serde(default)]
    dry_run: bool,
    /// The inspection day follows `declared_at`; needs a key of role admin.
    #[serde(default)]
    historical: bool,
    /// What happens to a row whose number is stored with other content; `revise` when left out.
    on_change: Option<Change>,
}

/// What happens to a row whose number is stored with other content.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It becomes a new revision while its frame is open.
    Revise,
    /// It is rejected, with the fields that differ.
    Reject,
}

impl ImportParams {
    fn options(&self) -> Options {
        let on_change = match self.on_change {
            None | Some(Change::Revise) => OnChange::Revise,
            Some(Change::Reject) => OnChange::Refuse,
        };
        Options {
            mode: self.mode.unwrap_or(Mode::PerRow),
            dry_run: self.dry_run,
            intake: Intake { historical: self.historical, on_change },
            register: None,
        }
    }
}

/// Imports declarations: NDJSON with the fields of a declaration, or CSV with the same names as
/// columns (`value` and `currency` flat), plain or gzip.
///
/// The body is taken whole before its rows are processed, in chunks of up to 5,000. Rows count from
/// 1; the heading of a CSV and blank lines are no rows. A file may be sent again at any time: what is
/// stored answers `unchanged`. With more than 50,000 rows, or when it takes more than 20 seconds,
/// or with `Prefer: respond-async`, the answer is 202 and the import goes on.
#[utoipa::path(
    operation_id = "create_import",
    tag = "imports",
    params(
        ImportParams,
        ("Prefer" = Option<String>, Header, description = "`respond-async`: do not wait for the end"),
        ("Content-Encoding" = Option<String>, Header, description = "`gzip`; a gzip body is also known by its first bytes")
    ),
    request_body(
        description = "The rows; a CSV begins with its columns. Columns that begin with `_` are passed over",
        content(
            (String = "application/x-ndjson", example = "{\"declaration_number\":\"EXP-2026-0001\",\"office\":\"CNTAO\",\"exporter_id\":\"91370200MA3C\",\"destination_country\":\"KE\",\"commodity_code\":\"850760\",\"quantity\":\"1200\",\"unit\":\"C62\",\"declared_at\":\"2026-11-24T09:22:03+08:00\"}\n"),
            (String = "text/csv", example = "declaration_number,office,exporter_id,destination_country,commodity_code,quantity,unit,value,currency,declared_at\nEXP-2026-0001,CNTAO,91370200MA3C,KE,850760,1200,C62,153294.00,CNY,2026-11-24T09:22:03+08:00\n")
        )
    ),
    responses(
        (status = 201, description = "Every row has its outcome", body = Import),
        (status = 202, description = "It goes on; the counts are those so far. Ask again at Location", body = Import),
        Problems
    )
)]
#[post("/v1/declaration-imports")]
pub async fn create(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    params: Query<ImportParams>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let format = format(&req)?;
    let encoded = is_encoded(&req)?;
    let options = params.0.options();
    flow::import::permit(&caller, &options)?;
    let Spooled { file, sha256 } = {
        let _spool =
            SPOOLS.try_acquire().map_err(|_| busy("too many bodies are on their way in"))?;
        spool(&app, payload, app.limits.import).await?
    };
    let worker = tokio::time::timeout(PATIENCE, Arc::clone(&WORKERS).acquire_owned()).await;
    let worker = worker.map_err(|_| busy("too many imports are at work"))?;
    let worker = worker.map_err(|closed| Error::Inner(closed.into()))?;
    let id = Uuid::now_v7().to_string();
    let order = Order { id, caller, sha256, options };
    let (begun, order, source) = run(&app, move |app| {
        let source = Source::new(file, Some(format), app.limits.import_expanded)?;
        unpacked(encoded, &source)?;
        let begun = flow::import::begin(&app.store, &order, &source, app.now())?;
        Ok((begun, order, source))
    })
    .await?;
    let news = work(app.get_ref().clone(), worker, order, source);
    let asynchronous = prefers_async(&req);
    let patience = if asynchronous { Duration::ZERO } else { PATIENCE };
    Ok(match tokio::time::timeout(patience, wait(news, begun.clone())).await {
        Ok(News::Ended(import)) => answer(StatusCode::CREATED, &*import?, false),
        Ok(News::Long(import)) => answer(StatusCode::ACCEPTED, &import, asynchronous),
        Err(_) => answer(StatusCode::ACCEPTED, &begun, asynchronous),
    })
}

/// Ends the imports of this process after the chunk that each is at, and waits until they have
/// written down that they were interrupted. Nothing begins any more.
pub async fn stop() {
    STOPPING.store(true, Ordering::Relaxed);
    let ended = tokio::time::timeout(FAREWELL, all_workers()).await;
    if ended.is_err() {
        tracing::warn!("imports are still at work: their silence will tell that they broke off");
    }
}

async fn all_workers() {
    for _ in 0..MOST_WORKERS {
        if let Ok(worker) = WORKERS.acquire().await {
            worker.forget();
        }
    }
}

pub(super) fn busy(words: &str) -> Problem {
    Problem::new(Code::Busy, words)
}

/// How the rows of a body are written, by its media type.
pub(super) fn format(req: &HttpRequest) -> Result<Format, Problem> {
    let media = media_type(req);
    let charset = req.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let charset = charset.unwrap_or_default().to_ascii_lowercase();
    let charset = charset.split_once("charset=").map(|(_, name)| name.trim_matches(['"', ' ']));
    match (media.as_str(), charset) {
        (_, Some(charset)) if !matches!(charset, "utf-8" | "utf8" | "us-ascii") => {
            let words =
                format!("charset `{}` is not understood: send UTF-8", charset.escape_debug());
            Err(Problem::new(Code::UnsupportedMediaType, words))
        }
        ("text/csv", _) => Ok(Format::Csv),
        ("application/x-ndjson", _) => Ok(Format::Ndjson),
        _ => {
            let words = format!(
                "`{}` is not understood here: send application/x-ndjson or text/csv",
                media.escape_debug()
            );
            Err(Problem::new(Code::UnsupportedMediaType, words))
        }
    }
}

/// Holds what a header says of a body against its first bytes.
pub(super) fn unpacked(encoded: bool, source: &Source) -> Result<(), Problem> {
    if encoded && !source.is_gzip() {
        let words = "Content-Encoding is gzip, and the body is not";
        return Err(Problem::new(Code::MalformedBody, words));
    }
    Ok(())
}

/// Whether a header says that a body is packed.
pub(super) fn is_encoded(req: &HttpRequest) -> Result<bool, Problem> {
    let value = req.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str());
    match value.map(|value| value.unwrap_or("?").trim().to_ascii_lowercase()).as_deref() {
        None | Some("" | "identity") => Ok(false),
        Some("gzip" | "x-gzip") => Ok(true),
        Some(_) => {
            let words = "the only Content-Encoding that is understood is gzip";
            Err(Problem::new(Code::UnsupportedMediaType, words))
        }
    }
}

fn prefers_async(req: &HttpRequest) -> bool {
    let values = req.headers().get_all(HeaderName::from_static("prefer"));
    let mut wishes =
        values.filter_map(|value| value.to_str().ok()).flat_map(|v| v.split([',', ';']));
    wishes.any(|wish| wish.trim().eq_ignore_ascii_case("respond-async"))
}

/// What a worker tells its sender.
enum News {
    /// It is a long one.
    Long(Box<Import>),
    /// It is at its end.
    Ended(Result<Box<Import>>),
}

/// Processes an import on a thread of its own, whether its sender waits or not.
fn work(
    app: App,
    worker: OwnedSemaphorePermit,
    order: Order,
    source: Source,
) -> mpsc::UnboundedReceiver<News> {
    let (sender, news) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let mut told = false;
        let ended =
            flow::import::process(&app.store, &|| app.now(), &order, &source, &mut |counts| {
                if counts.received > LONG && !told {
                    told = true;
                    let import =
                        flow::import::find(&app.store, &order.caller, &order.id, app.now());
                    // A sender that has gone does not listen.
                    let _ = import.map(|import| sender.send(News::Long(Box::new(import))).is_ok());
                }
                match STOPPING.load(Ordering::Relaxed) {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            });
        if let Err(error) = &ended
            && !matches!(error, Error::Problem(_))
        {
            tracing::error!(import = %order.id, cause = ?error, "an import failed");
        }
        let _ = sender.send(News::Ended(ended.map(Box::new)));
        drop(worker);
    });
    news
}

async fn wait(mut news: mpsc::UnboundedReceiver<News>, begun: Import) -> News {
    match news.recv().await {
        Some(News::Ended(import)) => News::Ended(import),
        Some(News::Long(import)) => News::Long(import),
        None => {
            let words = format!("import {} ended without a word", begun.id);
            News::Ended(Err(Error::inner(words)))
        }
    }
}

fn answer(status: StatusCode, import: &Import, asynchronous: bool) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    let location = format!("/v1/declaration-imports/{}", import.id);
    response.insert_header((header::LOCATION, location));
    if status == StatusCode::ACCEPTED {
        response.insert_header((header::RETRY_AFTER, "1"));
    }
    if asynchronous {
        response.insert_header(("Preference-Applied", "respond-async"));
    }
    response.json(import)
}

/// Which imports.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// Rows of the page, 1 to 500; 50 when left out.
    limit: Option<i64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// Lists the imports that the key has sent; auditors and administrators of all offices see all.
#[utoipa::path(
    operation_id = "list_imports",
    tag = "imports",
    params(ListParams),
    responses((status = 200, description = "A page of imports", body = Page<Import>), Problems)
)]
#[get("/v1/declaration-imports")]
pub async fn list(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    params: Query<ListParams>,
) -> Result<impl Responder, ApiError> {
    let ask: Ask<String> =
        Ask::parse(params.0.limit, params.0.cursor.as_deref(), &("imports", &caller.actor))?;
    let (before, reach) = (ask.after.clone(), ask.reach());
    let imports = run(&app, move |app| {
        flow::import::list(&app.store, &caller, before.as_deref(), reach, app.now())
    })
    .await?;
    let page = ask.page(imports, |import| import.id.clone(), |import| import);
    Ok(page::answer(&req, &page))
}

/// Gives one import: how far it is, and what became of its rows.
#[utoipa::path(
    operation_id = "get_import",
    tag = "imports",
    params(("id" = String, Path, description = "Id of the import")),
    responses((status = 200, description = "The import", body = Import), Problems)
)]
#[get("/v1/declaration-imports/{id}")]
pub async fn get(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<impl Responder, ApiError> {
    let import =
        run(&app, move |app| flow::import::find(&app.store, &caller, &id, app.now())).await?;
    Ok(web::Json(import))
}
