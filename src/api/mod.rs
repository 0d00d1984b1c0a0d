//! The REST interface: words in, words out. One file a noun; what a request means stands in `flow`.

pub mod access;
pub mod body;
pub mod download;
pub mod error;
pub mod files;
pub mod guard;
pub mod idempotency;
pub mod openapi;
pub mod page;
pub mod params;
pub mod problems;
pub mod rate;
pub mod routes;
pub mod trace;
pub mod trends;

mod amendments;
pub(crate) mod campaign_effect;
pub(crate) mod campaigns;
mod declarations;
pub(crate) mod directives;
mod draw_previews;
mod draws;
pub(crate) mod effective;
mod entropy;
mod events;
mod import_rows;
pub(crate) mod imports;
mod inspection_batches;
mod inspections;
mod keys;
mod offices;
mod policies;
mod policy_estimates;
mod reference;
pub mod reports;
mod result_imports;
mod risk_assessments;
mod risk_models;
pub(crate) mod sample_lists;
pub(crate) mod signals;
mod spool;
mod system;

use crate::api::error::ApiError;
use crate::app::App;
use crate::domain::problem::{Code, Problem};
use crate::error::{Error, Result};
use actix_web::web;
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// Requests that may wait for or use a database at one time; the next ones hear "busy".
static DESKS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(256));

/// Runs blocking work away from the threads that serve connections.
///
/// # Errors
/// Those of the work; busy when too many requests wait already.
pub async fn run<T, F>(app: &web::Data<App>, work: F) -> Result<T, ApiError>
where
    T: Send + 'static,
    F: FnOnce(&App) -> Result<T> + Send + 'static,
{
    let Ok(desk) = DESKS.try_acquire() else {
        return Err(Problem::new(Code::Busy, "too many requests wait for the database").into());
    };
    let app = app.get_ref().clone();
    // A caller who hangs up does not stop the work: the desk is free when the work is done.
    let done = web::block(move || {
        let _desk = desk;
        work(&app)
    })
    .await;
    Ok(done.map_err(|cancelled| Error::Inner(cancelled.into()))??)
}
