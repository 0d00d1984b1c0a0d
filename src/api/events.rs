//! The pull feed of events, and the heads of the hash chains.

use crate::api::error::{ApiError, Problems};
use crate::api::params::Query;
use crate::api::run;
use crate::app::App;
use crate::domain::inspection::ItemState;
use crate::domain::key::Caller;
use crate::domain::problem::{Code, Problem};
use crate::flow::{self, feed::Pulled};
use actix_web::{Responder, get, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A CloudEvents 1.0 event.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"specversion": "1.0", "id": "CNTAO/815", "source": "/v1/offices/CNTAO",
    "type": "breeze.draw.made", "subject": "CNTAO-20261124-1", "time": "2026-11-23T22:00:04.120Z",
    "datacontenttype": "application/json", "data": {"sequence": 815, "actor": "scheduler",
    "payload_sha256": "9f86…", "head": "60303…", "held": ["EXP-2026-0007"], "declaration_number": null, "item_state": null}}))]
pub struct EventAnswer {
    /// Always `1.0`.
    pub specversion: &'static str,
    /// `{office}/{sequence}`.
    pub id: String,
    /// The office.
    pub source: String,
    /// `breeze.` and the kind of change.
    #[serde(rename = "type")]
    pub kind: String,
    /// What was changed: a declaration number, a draw, an import, an inspection.
    pub subject: String,
    /// When.
    pub time: DateTime<Utc>,
    /// Always `application/json`.
    pub datacontenttype: &'static str,
    /// The rest.
    pub data: EventData,
}

/// What an event carries.
#[derive(Serialize, ToSchema)]
pub struct EventData {
    /// The event's number in its chain.
    pub sequence: i64,
    /// Who did it.
    pub actor: String,
    /// SHA-256 of what was recorded.
    pub payload_sha256: String,
    /// The chain's head after it.
    pub head: String,
    /// For `breeze.draw.made`: the declarations to hold; all others of the frame are released.
    pub held: Option<Vec<String>>,
    /// For `breeze.inspection.recorded` and `breeze.inspection.amended`: the declaration.
    pub declaration_number: Option<String>,
    /// For the same: where its item stands now.
    pub item_state: Option<ItemState>,
}

impl From<Pulled> for EventAnswer {
    fn from(pulled: Pulled) -> Self {
        let event = pulled.event;
        let (declaration_number, item_state) = pulled.result.unzip();
        Self {
            specversion: "1.0",
            id: format!("{}/{}", event.office, event.sequence),
            source: format!("/v1/offices/{}", event.office),
            kind: format!("breeze.{}", event.kind),
            subject: event.object,
            time: DateTime::from_timestamp_millis(event.at_ms).unwrap_or_default(),
            datacontenttype: "application/json",
            data: EventData {
                sequence: event.sequence,
                actor: event.actor,
                payload_sha256: event.payload_sha256,
                head: pulled.head,
                held: pulled.held,
                declaration_number,
                item_state,
            },
        }
    }
}

/// Events in the order of their chain.
#[derive(Serialize, ToSchema)]
pub struct Events {
    /// The events.
    pub items: Vec<EventAnswer>,
    /// What to send as `after` next time; unchanged when nothing happened.
    pub next_after: i64,
}

/// What to pull.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventParams {
    /// The office; may be left out by a key of one office. `-` is the chain of events
    /// of no office, for auditors and administrators of all offices.
    office: Option<String>,
    /// Number of the last event that was pulled; 0 for the first time.
    #[serde(default)]
    after: i64,
    /// Events at a time, 1 to 500; 50 when left out.
    limit: Option<i64>,
}

/// Pulls what happened in an office after a number. A key of the role customs does not see events of
/// directives and signals: their numbers are left out.
#[utoipa::path(
    operation_id = "list_events",
    tag = "declarations",
    params(EventParams),
    responses((status = 200, description = "The next events", body = Events), Problems)
)]
#[get("/v1/events")]
pub async fn list(
    app: web::Data<App>,
    caller: Caller,
    params: Query<EventParams>,
) -> Result<impl Responder, ApiError> {
    let EventParams { office, after, limit } = params.0;
    let limit = limit.unwrap_or(50);
    if !(1..=500).contains(&limit) || after < 0 {
        let words = "limit lies between 1 and 500, after is not negative";
        return Err(Problem::new(Code::InvalidParameter, words).into());
    }
    let (pulled, next_after) = run(&app, move |app| {
        flow::feed::after(&app.store, &caller, office.as_deref(), after, limit)
    })
    .await?;
    Ok(web::Json(Events { items: pulled.into_iter().map(EventAnswer::from).collect(), next_after }))
}

/// The head of a chain.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"office": "CNTAO", "sequence": 815, "head": "60303ae2…"}))]
pub struct HeadAnswer {
    /// The office; `-` for events of no office.
    pub office: String,
    /// Number of its last event.
    pub sequence: i64,
    /// The head after it.
    pub head: String,
}

/// Heads of chains.
#[derive(Serialize, ToSchema)]
pub struct Heads {
    /// By office.
    pub items: Vec<HeadAnswer>,
}

/// Gives the heads of the hash chains, for anchoring outside.
#[utoipa::path(
    operation_id = "list_chain_heads",
    tag = "draws",
    responses((status = 200, description = "The last number and head of every chain", body = Heads), Problems)
)]
#[get("/v1/chain-heads")]
pub async fn heads(app: web::Data<App>, caller: Caller) -> Result<impl Responder, ApiError> {
    let heads = run(&app, move |app| flow::feed::heads(&app.store, &caller)).await?;
    let answer = |(office, sequence, head)| HeadAnswer { office, sequence, head };
    Ok(web::Json(Heads { items: heads.into_iter().map(answer).collect() }))
}
