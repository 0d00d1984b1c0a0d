//! Reveal: publish the secret of a draw, so that anybody can recompute it.

use crate::domain::digest;
use crate::domain::draw::{Draw, DrawState};
use crate::domain::master::MasterKey;
use crate::error::Result;
use crate::flow::commit;
use crate::store::{self, Conn, Store, chain};
use chrono::{DateTime, Utc};

/// Reveals a draw when it is time: every item has a result and the auditor, where there is one, has given
/// the own secret; or seven days have passed since its day. Inside a transaction that holds the
/// office's lock.
pub(super) fn if_due(
    conn: &mut Conn,
    master: &MasterKey,
    draw: Draw,
    now: DateTime<Utc>,
) -> Result<Draw> {
    match draw.state != DrawState::Frozen && is_due(conn, &draw, now)? {
        true => at_once(conn, master, draw, now),
        false => Ok(draw),
    }
}

fn is_due(conn: &mut Conn, draw: &Draw, now: DateTime<Utc>) -> Result<bool> {
    // A frame that waited long for its entropy is worked off from then on.
    let since = match draw.entropy == "none" {
        true => draw.day,
        false => draw.day.max(draw.created_at.date_naive()),
    };
    if since <= commit::reveal_horizon(now.date_naive()) {
        return Ok(true);
    }
    let audited = draw.entropy.starts_with("auditor:");
    let opened = !audited || store::entropy::secret_of(conn, &draw.id)?.is_some();
    Ok(opened && !store::items::any_open(conn, &draw.id)?)
}

/// Reveals a draw now, if it is not.
pub(super) fn at_once(
    conn: &mut Conn,
    master: &MasterKey,
    draw: Draw,
    now: DateTime<Utc>,
) -> Result<Draw> {
    if draw.state == DrawState::Revealed {
        return Ok(draw);
    }
    let office = draw.office.as_str();
    let (secret, _) = commit::secret(master, office, draw.day, draw.round);
    let draw = Draw {
        state: DrawState::Revealed,
        revealed_at: Some(now),
        secret: Some(hex::encode(secret)),
        ..draw
    };
    store::draws::update(conn, &draw)?;
    let entry = chain::Entry {
        office: draw.office.as_str(),
        kind: "draw.revealed",
        actor: "breeze",
        object: &draw.id,
    };
    chain::append(conn, now, entry, digest::of(&draw.secret))?;
    Ok(draw)
}

/// [`if_due`] for a draw by its id; whether it is revealed.
pub(super) fn by_id(
    conn: &mut Conn,
    master: &MasterKey,
    id: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    match store::draws::find(conn, id)? {
        Some(draw) => Ok(if_due(conn, master, draw, now)?.state == DrawState::Revealed),
        None => Ok(false),
    }
}

/// Reveals every draw whose time has come; how many. One that fails is logged and tried again next
/// time, and the others go on.
///
/// # Errors
/// Those of the database, when it cannot even be asked.
pub fn overdue(store: &Store, master: &MasterKey, now: DateTime<Utc>) -> Result<usize> {
    let horizon = commit::reveal_horizon(now.date_naive());
    let waiting = store.read(|conn| store::draws::unrevealed_until(conn, horizon))?;
    let mut revealed = 0;
    for draw in &waiting {
        let done = store.write(|conn| {
            chain::lock(conn, &[draw.office.as_str()])?;
            by_id(conn, master, &draw.id, now)
        });
        match done {
            Ok(now) => revealed += usize::from(now),
            Err(error) => tracing::error!(draw = draw.id, %error, "a draw is not revealed"),
        }
    }
    Ok(revealed)
}
