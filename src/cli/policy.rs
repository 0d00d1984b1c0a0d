//! `breeze policy`: load and list policies.

use crate::cli::{Done, Out};
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::flow;
use crate::store::policies::StoredPolicy;
use clap::Subcommand;
use serde_json::json;
use std::path::PathBuf;

/// What to do with policies.
#[derive(Subcommand)]
pub enum Policy {
    /// Load a policy file as the next version of its id
    Load {
        /// The file, TOML
        file: PathBuf,
        /// Allow a first day that has passed
        #[arg(long)]
        historical: bool,
    },
    /// List every version of every policy
    List,
}

/// Does it.
///
/// # Errors
/// Those of the flow; a file that cannot be read.
pub fn run(settings: &Settings, policy: Policy, out: &Out) -> Result<Done> {
    match policy {
        Policy::Load { file, historical } => {
            let app = settings.open()?;
            let text = std::fs::read_to_string(&file)
                .map_err(|error| Error::environment(format!("{}: {error}", file.display())))?;
            let (stored, _) = flow::policy::load(&app.store, &text, historical, app.now(), "cli")?;
            out.say(&about(&stored), || {
                let policy = &stored.policy;
                format!("policy {}@{} is in force from {}", policy.id, policy.version, policy.from)
            })?;
        }
        Policy::List => {
            let app = settings.open_existing()?;
            let policies = flow::policy::list(&app.store)?;
            out.say(&policies.iter().map(about).collect::<Vec<_>>(), || table(&policies))?;
        }
    }
    Ok(Done::Fine)
}

fn about(stored: &StoredPolicy) -> serde_json::Value {
    let policy = &stored.policy;
    json!({
        "id": policy.id, "version": policy.version, "from": policy.from, "floor_ppm": policy.floor_ppm,
        "rules": policy.rules, "sha256": policy.sha256(), "historical": stored.historical,
        "created_at": stored.created_at, "created_by": stored.created_by,
    })
}

fn table(policies: &[StoredPolicy]) -> String {
    let mut table = comfy_table::Table::new();
    table.set_header(["policy", "from", "floor", "rules", "loaded by"]);
    for stored in policies {
        let policy = &stored.policy;
        let rules: Vec<_> = policy
            .rules
            .iter()
            .map(|rule| format!("{} {}", rule.name, percent(rule.proportion_ppm)))
            .collect();
        table.add_row([
            format!("{}@{}", policy.id, policy.version),
            policy.from.to_string(),
            percent(policy.floor_ppm),
            rules.join("\n"),
            stored.created_by.clone(),
        ]);
    }
    table.to_string()
}

/// Parts per million as a percentage, exactly.
fn percent(ppm: u32) -> String {
    let text = format!("{}.{:04}", ppm / 10_000, ppm % 10_000);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}
