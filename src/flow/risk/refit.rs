//! Each night the approved recipe is fitted anew on what is known by then, and takes its place by
//! itself: people approve recipes, not nights.

use super::activate::make_active;
use super::fit::fit;
use super::read::recipe_of;
use crate::domain::chain::NO_OFFICE;
use crate::domain::key::Caller;
use crate::domain::risk::ActivationKind;
use crate::error::Result;
use crate::store::{self, Store, chain};
use chrono::{DateTime, Utc};

/// Fits the active recipe as of today, where that was not done yet, and makes it the active model.
/// Says whether it did.
///
/// # Errors
/// Those of the database.
pub fn refit(store: &Store, now: DateTime<Utc>) -> Result<bool> {
    let today = now.date_naive();
    let active = store.read(store::risk_models::active)?;
    let Some(active) = active.filter(|active| active.as_of < today) else { return Ok(false) };
    let scheduler = Caller::operator("scheduler");
    let (model, _) = fit(store, &scheduler, &recipe_of(&active)?, today, now)?;
    store.write(|conn| {
        chain::lock(conn, &[NO_OFFICE])?;
        // Somebody may have activated or withdrawn meanwhile; another replica may have been first.
        let still = store::risk_models::active(conn)?;
        let same = still.is_some_and(|still| {
            still.recipe_sha256 == model.recipe_sha256
                && still.version != model.version
                && still.as_of <= model.as_of
        });
        if same {
            let actor = &scheduler.actor;
            make_active(conn, Some(&model), ActivationKind::Refitted, &None, actor, now)?;
        }
        Ok(same)
    })
}
