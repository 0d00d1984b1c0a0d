//! `breeze draw`: draw the sample of an office's day.

use crate::cli::{Done, Out};
use crate::config::Settings;
use crate::domain::draw::DrawState;
use crate::domain::key::Caller;
use crate::error::Result;
use crate::flow::{self, draw::Made};
use chrono::NaiveDate;
use serde_json::json;

/// What to draw.
#[derive(clap::Args)]
pub struct Draw {
    /// Office
    #[arg(long)]
    office: String,
    /// Inspection day
    #[arg(long, value_parser = crate::domain::day::parse)]
    day: NaiveDate,
}

/// Draws, or says what was drawn.
///
/// # Errors
/// Those of the flow.
pub fn run(settings: &Settings, ask: &Draw, out: &Out) -> Result<Done> {
    let app = settings.open_existing()?;
    let caller = Caller::operator("cli");
    let (draw, made) =
        flow::draw::draw(&app.store, &app.master, &caller, &ask.office, ask.day, app.now())?;
    let answer = json!({
        "id": draw.id, "office": draw.office, "day": draw.day, "round": draw.round,
        "state": draw.state, "entropy": draw.entropy,
        "retrospective": draw.retrospective, "frame_rows": draw.frame_rows, "drawn": draw.drawn,
        "campaigns": draw.campaigns, "frame_sha256": draw.frame_sha256, "commitment": draw.commitment,
        "revealed": draw.revealed_at.is_some(), "made_now": made == Made::Now,
    });
    out.say(&answer, || {
        if draw.state == DrawState::Frozen {
            let (source, _) = draw.entropy.split_once(':').unwrap_or((&draw.entropy, ""));
            return format!(
                "{}: {} declarations are frozen, SHA-256 {}; it waits for the {source}",
                draw.id, draw.frame_rows, draw.frame_sha256
            );
        }
        let when = if made == Made::Now { "drawn now" } else { "drawn before" };
        let kind = if draw.retrospective { ", retrospective" } else { "" };
        format!("{}: {} of {} declarations, {when}{kind}", draw.id, draw.drawn, draw.frame_rows)
    })?;
    Ok(Done::Fine)
}
