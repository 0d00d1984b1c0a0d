//! `breeze campaign`: propose, approve, close, list, show and measure campaigns.

mod effect;

use crate::api::campaigns::CampaignAnswer;
use crate::cli::acting::{self, Acting};
use crate::cli::{Done, Out, written};
use crate::config::Settings;
use crate::domain::campaign::{self, CampaignState};
use crate::domain::share::percent;
use crate::error::Result;
use crate::flow::{self, approval::Seen, campaign::OnChange};
use crate::store::campaigns::StoredCampaign;
use chrono::NaiveDate;
use clap::Subcommand;
use std::path::PathBuf;

/// What to do with campaigns.
#[derive(Subcommand)]
pub enum Campaign {
    /// Propose a campaign file, or revise the proposal of its id; it runs once it is approved
    Load {
        /// The file, TOML or .json
        file: PathBuf,
        /// Allow a first day that has passed; it then governs history brought in for passed days,
        /// without an approval
        #[arg(long)]
        historical: bool,
        #[command(flatten)]
        acting: Acting,
    },
    /// Approve the last revision of a campaign that somebody else proposed
    Approve {
        /// Its id
        id: String,
        /// The revision, to be sure which one it is
        #[arg(long)]
        revision: Option<i32>,
        /// A word on it
        #[arg(long)]
        note: Option<String>,
        #[command(flatten)]
        acting: Acting,
    },
    /// Close an approved campaign before its last day
    Close {
        /// Its id
        id: String,
        /// Why
        #[arg(long)]
        reason: String,
        /// Last inspection day [default: today, the latest of the offices in its scope]
        #[arg(long, value_parser = crate::domain::day::parse)]
        last_day: Option<NaiveDate>,
        #[command(flatten)]
        acting: Acting,
    },
    /// List campaigns
    List {
        /// proposed, scheduled, running, ended or closed; repeat for "or"
        #[arg(long, value_parser = state)]
        state: Vec<CampaignState>,
    },
    /// Show one campaign
    Show {
        /// Its id
        id: String,
    },
    /// Measure what a campaign did, against before and against the same commodities elsewhere
    Effect {
        /// Its id
        id: String,
        /// previous_year or before_start [default: the former, where anything was inspected then]
        #[arg(long)]
        before: Option<String>,
    },
}

fn state(text: &str) -> Result<CampaignState, String> {
    let parsed = serde_json::from_value(text.into());
    parsed.map_err(|_| "choose proposed, scheduled, running, ended or closed".into())
}

/// Does it.
///
/// # Errors
/// Those of the flow; a file that cannot be read.
pub fn run(settings: &Settings, campaign: Campaign, out: &Out) -> Result<Done> {
    let app = match campaign {
        Campaign::Load { .. } => settings.open()?,
        _ => settings.open_existing()?,
    };
    let (store, now) = (&app.store, app.now());
    let today = now.date_naive();
    let stored = match campaign {
        Campaign::Load { file, historical, acting } => {
            let caller = acting.caller(&app, ("POST", "/v1/campaigns"))?;
            let draft = campaign::parse(&written(&file)?)?;
            let revise = OnChange::Revise;
            flow::campaign::propose(store, &caller, &draft, historical, revise, now)?.0
        }
        Campaign::Approve { id, revision, note, acting } => {
            let caller = acting.caller(&app, ("PUT", "/v1/campaigns/{id}/approval"))?;
            let seen = revision.map_or(Seen::Whichever, Seen::Number);
            flow::campaign::approve(store, &caller, &id, seen, note.as_deref(), now)?
        }
        Campaign::Close { id, reason, last_day, acting } => {
            let caller = acting.caller(&app, ("PUT", "/v1/campaigns/{id}/closure"))?;
            flow::campaign::close(store, &caller, &id, Seen::Whichever, last_day, &reason, now)?
        }
        Campaign::List { state } => {
            let campaigns = flow::campaign::list(store, &state, today)?;
            let table = table(&campaigns, today);
            let answers = campaigns.into_iter().map(|stored| CampaignAnswer::new(stored, today));
            out.say(&answers.collect::<Vec<_>>(), || table)?;
            return Ok(Done::Fine);
        }
        Campaign::Show { id } => flow::campaign::find(store, &id)?,
        Campaign::Effect { id, before } => {
            return effect::run(&app, &id, before.as_deref(), out);
        }
    };
    let words = words(&stored, today);
    out.say(&CampaignAnswer::new(stored, today), || words)?;
    Ok(Done::Fine)
}

fn word(state: CampaignState) -> &'static str {
    match state {
        CampaignState::Proposed => "proposed",
        CampaignState::Scheduled => "scheduled",
        CampaignState::Running => "running",
        CampaignState::Ended => "ended",
        CampaignState::Closed => "closed",
    }
}

/// Where it stands, its steps, and what to do next.
fn words(stored: &StoredCampaign, today: NaiveDate) -> String {
    let campaign = &stored.campaign;
    let mut lines = vec![
        format!(
            "campaign {} r{}, {}: {} to {}, {}",
            campaign.id,
            stored.revision,
            word(stored.state_on(today)),
            campaign.from,
            campaign.until,
            campaign.name
        ),
        steps(stored),
    ];
    if let Some(closure) = &stored.closure {
        lines.push(format!(
            "closed by {}, last day {}: {}",
            closure.by, closure.last_day, closure.reason
        ));
    }
    match &stored.approval {
        Some(approval) => lines.push(format!("approved by {}", approval.by)),
        None => lines.push(format!(
            "somebody other than {} must approve it:\n  {}=brz_… breeze campaign approve {} --revision {}",
            stored.proposed_by,
            acting::KEY,
            campaign.id,
            stored.revision
        )),
    }
    lines.join("\n")
}

fn steps(stored: &StoredCampaign) -> String {
    let step = |step: &campaign::CampaignStep| {
        format!("{} from {}", percent(step.proportion_ppm), step.from)
    };
    let steps: Vec<_> = stored.campaign.steps.iter().map(step).collect();
    steps.join(", ")
}

fn table(campaigns: &[StoredCampaign], today: NaiveDate) -> String {
    let mut table = comfy_table::Table::new();
    table.set_header(["campaign", "state", "from", "until", "steps", "proposed by", "approved by"]);
    for stored in campaigns {
        let campaign = &stored.campaign;
        let approved_by = stored.approval.as_ref().map(|approval| approval.by.clone());
        table.add_row([
            format!("{} r{}", campaign.id, stored.revision),
            word(stored.state_on(today)).to_owned(),
            campaign.from.to_string(),
            campaign.until.to_string(),
            steps(stored),
            stored.proposed_by.clone(),
            approved_by.unwrap_or_default(),
        ]);
    }
    table.to_string()
}
