//! Remind: a frame that waits too long for its entropy keeps goods waiting, so it is an alarm.

use crate::domain::draw::{Draw, DrawState};
use crate::domain::signal::{SignalKind, signal_id};
use crate::error::Result;
use crate::flow::signal;
use crate::store::{self, Store, chain};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::json;

/// How long after its freeze a frame may wait before somebody must know.
const PATIENCE: TimeDelta = TimeDelta::hours(1);

/// Raises a signal for every frame that has waited too long, once; how many are new.
///
/// # Errors
/// Those of the database, when it cannot even be asked.
pub fn remind(store: &Store, now: DateTime<Utc>) -> Result<usize> {
    let late = |draw: &Draw| draw.closed_at + PATIENCE <= now;
    let waiting = store.read(store::draws::frozen)?;
    let mut raised = 0;
    for draw in waiting.iter().filter(|draw| late(draw)) {
        match raise(store, draw, now) {
            Ok(new) => raised += usize::from(new),
            Err(error) => tracing::error!(draw = draw.id, %error, "no signal of a waiting frame"),
        }
    }
    Ok(raised)
}

fn raise(store: &Store, draw: &Draw, now: DateTime<Utc>) -> Result<bool> {
    let kind = SignalKind::EntropyOverdue;
    let id = signal_id(&draw.id, kind);
    if store.read(|conn| store::signals::find(conn, &id))?.is_some() {
        return Ok(false);
    }
    store.write(|conn| {
        chain::lock(conn, &[draw.office.as_str()])?;
        // Looked at again: it may be drawn by now, and another replica may have raised it.
        let waits = store::draws::find(conn, &draw.id)?;
        let waits = waits.is_some_and(|draw| draw.state == DrawState::Frozen);
        if !waits || store::signals::find(conn, &id)?.is_some() {
            return Ok(false);
        }
        let closed_at = draw.closed_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let evidence = json!({
            "draw": draw.id, "entropy": draw.entropy, "rows": draw.frame_rows, "closed_at": closed_at,
        });
        signal::raise_one(conn, draw, (kind, evidence), "breeze", now)?;
        Ok(true)
    })
}
