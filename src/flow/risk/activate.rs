//! Which model is active: approved by a second person, renewed each night, or withdrawn.

use super::read::{Fitted, find_in};
use crate::domain::chain::NO_OFFICE;
use crate::domain::digest;
use crate::domain::key::Caller;
use crate::domain::problem::{Code, Problem};
use crate::domain::risk::{ActivationKind, RiskActivation, RiskModel};
use crate::domain::text;
use crate::error::Result;
use crate::flow::approval;
use crate::store::{self, Conn, Store, chain};
use chrono::{DateTime, Utc};

/// Makes a model the active one, and approves its recipe; again by the same person changes nothing.
///
/// # Errors
/// Not found; [`Code::OwnProposal`]; [`Code::RiskModelOutdated`] for one that is older than the
/// active one.
pub fn activate(
    store: &Store,
    caller: &Caller,
    version: i32,
    note: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Fitted> {
    approval::of_all_offices(caller, "risk model")?;
    store.write(|conn| {
        chain::lock(conn, &[NO_OFFICE])?;
        let fitted = find_in(conn, version)?;
        if fitted.active {
            return Ok(fitted);
        }
        let given = approval::second_person(caller, &fitted.kept.fitted_by, note, now)?;
        // The nightly models of a recipe are the scheduler's; the recipe is its proposer's.
        let proposer = store::risk_models::proposer(conn, &fitted.kept.recipe_sha256)?;
        approval::second_person(caller, proposer.as_deref().unwrap_or_default(), None, now)?;
        if let Some((last, as_of)) = store::risk_models::latest_as_of(conn)?
            && as_of > fitted.kept.as_of
        {
            let words = format!(
                "risk@{version} knows what was known before {}, risk@{last}, active last, what was known before {as_of}: fit the recipe anew",
                fitted.kept.as_of
            );
            return Err(Problem::new(Code::RiskModelOutdated, words).into());
        }
        make_active(conn, Some(&fitted.kept), ActivationKind::Approved, &given.note, &caller.actor, now)?;
        find_in(conn, version)
    })
}

/// Withdraws the active model: every factor is 1 until another one is activated. One person may do
/// it, for it takes nobody out of reach.
///
/// # Errors
/// Not found for a model that is not the active one; a reason that breaks a rule.
pub fn withdraw(
    store: &Store,
    caller: &Caller,
    version: i32,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Fitted> {
    approval::of_all_offices(caller, "risk model")?;
    let reason = text::said("/note", reason, 500);
    let reason = Some(reason.map_err(|error| Problem::fields(vec![error]))?);
    store.write(|conn| {
        chain::lock(conn, &[NO_OFFICE])?;
        let fitted = find_in(conn, version)?;
        if !fitted.active {
            let words = format!("risk@{version} is not the active model");
            return Err(Problem::new(Code::RiskModelNotActive, words).into());
        }
        make_active(conn, None, ActivationKind::Withdrawn, &reason, &caller.actor, now)?;
        find_in(conn, version)
    })
}

/// Keeps a change of the active model, inside a transaction that holds the lock of the chain `-`.
pub(super) fn make_active(
    conn: &mut Conn,
    model: Option<&RiskModel>,
    kind: ActivationKind,
    note: &Option<String>,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let number = store::risk_models::activations(conn)? + 1;
    let activation = RiskActivation {
        number,
        version: model.map(|model| model.version),
        kind,
        note: note.clone(),
        actor: actor.to_owned(),
        at: now,
    };
    store::risk_models::insert_activation(conn, &activation)?;
    let object = model.map_or("-".to_owned(), |model| format!("risk@{}", model.version));
    let event = format!("risk_model.{}", kind.as_str());
    let entry = chain::Entry { office: NO_OFFICE, kind: &event, actor, object: &object };
    chain::append(conn, now, entry, digest::of(&activation))?;
    Ok(())
}
