//! Signals: what deserves somebody's attention.

use crate::api::body::Json;
use crate::api::error::{ApiError, Problems};
use crate::api::page::{self, Ask, Page};
use crate::api::params::Query;
use crate::api::run;
use crate::app::App;
use crate::domain::day::{self, Day};
use crate::domain::key::Caller;
use crate::domain::signal::{Signal, SignalKind, SignalState};
use crate::flow;
use crate::flow::watch::Evaluated;
use crate::store::signals::Filter;
use actix_web::{HttpRequest, Responder, get, post, put, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A signal with the numbers behind it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "CNTAO-20261124-1-capacity-shortfall", "kind": "capacity_shortfall",
    "state": "open", "office": "CNTAO", "day": "2026-11-24",
    "evidence": {"draw": "CNTAO-20261124-1", "retrospective": false, "rows": 1204, "rounds": 1, "take_all": 2,
        "capacity": 32, "asked_milli": 93100, "given_milli": 30000, "shrink_ppm": 322234,
        "largest_exporters": [611, 40, 12, 12, 9]},
    "raised_at": "2026-11-23T22:00:04Z", "acknowledgement": null}))]
pub struct SignalAnswer {
    /// What it is about, then its kind.
    pub id: String,
    /// Its kind.
    pub kind: SignalKind,
    /// Where it stands.
    pub state: SignalState,
    /// The office; `-` for what is seen over all offices.
    pub office: String,
    /// The inspection day; of a period, its last.
    pub day: NaiveDate,
    /// The numbers behind it; which ones depends on the kind. Of the draw: rows, also those of the five
    /// largest exporters. Of its day as far as it was drawn: rounds, capacity, rows by directive,
    /// chances asked and given in thousandths of an inspection, their ratio in millionths.
    /// Of a frame that waits: what it waits for, and since when. Of a wrong release: by whom, and when.
    /// Of a chart: what is charted, the period, the rules, rate, centre and limits in millionths, effective
    /// n, σ, z, EWMA and CUSUM in thousandths, the baseline, and the version of how these are made.
    #[schema(value_type = Object)]
    pub evidence: serde_json::Value,
    /// When it was raised.
    pub raised_at: DateTime<Utc>,
    /// Who knows of it.
    pub acknowledgement: Option<AcknowledgementAnswer>,
}

/// Who knows of a signal.
#[derive(Serialize, ToSchema)]
pub struct AcknowledgementAnswer {
    /// What they say to it.
    pub note: String,
    /// When.
    pub acknowledged_at: DateTime<Utc>,
    /// Who.
    pub acknowledged_by: String,
}

impl From<Signal> for SignalAnswer {
    fn from(signal: Signal) -> Self {
        let known = signal.acknowledged;
        Self {
            id: signal.id,
            kind: signal.kind,
            state: if known.is_some() { SignalState::Acknowledged } else { SignalState::Open },
            office: signal.office,
            day: signal.day,
            evidence: signal.evidence,
            raised_at: signal.raised_at,
            acknowledgement: known.map(|known| AcknowledgementAnswer {
                note: known.note,
                acknowledged_at: known.acknowledged_at,
                acknowledged_by: known.acknowledged_by,
            }),
        }
    }
}

/// What a list of signals is restricted to. A repeated parameter means "or".
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SignalParams {
    /// Kinds.
    #[serde(default)]
    kind: Vec<SignalKind>,
    /// open or acknowledged; both when left out.
    state: Option<SignalState>,
    /// Office codes.
    #[serde(default)]
    office: Vec<String>,
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

/// Lists the signals of the caller's offices, the latest day first.
#[utoipa::path(
    operation_id = "list_signals",
    tag = "signals",
    params(SignalParams),
    responses((status = 200, description = "A page of signals", body = Page<SignalAnswer>), Problems)
)]
#[get("/v1/signals")]
pub async fn list(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    params: Query<SignalParams>,
) -> Result<impl Responder, ApiError> {
    let params = params.0;
    caller.scope.narrow_to(&params.office)?;
    let filter = Filter {
        kinds: params.kind,
        state: params.state,
        offices: params.office,
        days: (params.from, params.to),
    };
    let ask: Ask<(Day, String)> = Ask::parse(params.limit, params.cursor.as_deref(), &filter)?;
    let (after, reach) = (ask.after.clone().map(|(day, id)| (day.0, id)), ask.reach());
    let rows = run(&app, move |app| {
        flow::signal::list(&app.store, &caller, &filter, after.as_ref(), reach)
    })
    .await?;
    let key = |signal: &Signal| (Day(signal.day), signal.id.clone());
    Ok(page::answer(&req, &ask.page(rows, key, SignalAnswer::from)))
}

/// Gives one signal.
#[utoipa::path(
    operation_id = "get_signal",
    tag = "signals",
    params(("id" = String, Path, description = "Id of the signal", example = "CNTAO-20261124-1-directives-over-capacity")),
    responses((status = 200, description = "The signal", body = SignalAnswer), Problems)
)]
#[get("/v1/signals/{id}")]
pub async fn get(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<impl Responder, ApiError> {
    let found = run(&app, move |app| flow::signal::find(&app.store, &caller, &id)).await?;
    Ok(web::Json(SignalAnswer::from(found)))
}

/// What an evaluation of charts did.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"periods": ["2026-10"], "waiting": ["2026-W47"], "signals": []}))]
pub struct SignalEvaluation {
    /// The periods that were evaluated now. Each is once; those of before are not listed.
    pub periods: Vec<String>,
    /// The periods that are over and wait for results, until 7 days after their end.
    pub waiting: Vec<String>,
    /// The signals that this raised; only those of the caller's offices.
    pub signals: Vec<SignalAnswer>,
}

impl From<Evaluated> for SignalEvaluation {
    fn from(Evaluated { periods, waiting, raised }: Evaluated) -> Self {
        Self {
            periods: periods.iter().map(ToString::to_string).collect(),
            waiting: waiting.iter().map(ToString::to_string).collect(),
            signals: raised.into_iter().map(SignalAnswer::from).collect(),
        }
    }
}

/// Evaluates the control charts of weeks and months that are over, as the service does by itself, and
/// answers what is new. A period is evaluated once, when all its items have results or 7 days after its
/// end, and not later than 8 weeks after it. Of an unchanged process some rule signals in 0.3 to 0.8 % of
/// the periods of a chart, so among many charts some signals are chance.
#[utoipa::path(
    operation_id = "create_signal_evaluation",
    tag = "signals",
    responses((status = 200, description = "What was evaluated, and what is new", body = SignalEvaluation), Problems)
)]
#[post("/v1/signal-evaluations")]
pub async fn evaluate(app: web::Data<App>, caller: Caller) -> Result<impl Responder, ApiError> {
    let place = app.detail_reader()?;
    let done = run(&app, move |app| {
        // Held until the work is done, even where the caller hangs up.
        let _place = place;
        flow::watch::evaluate_for(&app.store, &caller, app.now())
    })
    .await?;
    Ok(web::Json(SignalEvaluation::from(done)))
}

/// What is said to a signal.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"note": "fair week: two inspectors of CNSHA come over from tomorrow"}))]
pub struct AcknowledgementRequest {
    /// What is known or done about it, up to 500 characters.
    pub note: String,
}

/// Says that a manager knows of a signal. The same note again changes nothing.
#[utoipa::path(
    operation_id = "acknowledge_signal",
    tag = "signals",
    params(("id" = String, Path, description = "Id of the signal", example = "CNTAO-20261124-1-directives-over-capacity")),
    request_body = AcknowledgementRequest,
    responses((status = 200, description = "It is acknowledged", body = SignalAnswer), Problems)
)]
#[put("/v1/signals/{id}/acknowledgement")]
pub async fn acknowledge(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
    body: Json<AcknowledgementRequest>,
) -> Result<impl Responder, ApiError> {
    let signal = run(&app, move |app| {
        flow::signal::acknowledge(&app.store, &caller, &id, &body.0.note, app.now())
    })
    .await?;
    Ok(web::Json(SignalAnswer::from(signal)))
}
