//! `breeze keys`: make, list and revoke API keys.

use crate::cli::{Done, Out};
use crate::config::Settings;
use crate::domain::id::{InspectorId, OfficeCode};
use crate::domain::key::{ApiKey, Caller, Role};
use crate::error::Result;
use crate::flow;
use chrono::{DateTime, SecondsFormat, Utc};
use clap::Subcommand;
use serde_json::json;

/// What to do with keys.
#[derive(Subcommand)]
pub enum Keys {
    /// Make a key; its text is shown this once
    Create {
        /// customs, inspector, manager, policy, auditor or admin
        #[arg(long, value_parser = role)]
        role: Role,
        /// Office it is bound to; repeat for more, leave out for all
        #[arg(long)]
        office: Vec<OfficeCode>,
        /// Inspector of the roster who holds it
        #[arg(long)]
        inspector: Option<InspectorId>,
        /// What it is for
        #[arg(long, default_value = "made at the command line")]
        name: String,
        /// From when on it is void, RFC 3339
        #[arg(long)]
        expires_at: Option<DateTime<Utc>>,
    },
    /// List every key
    List,
    /// Revoke a key for good
    Revoke {
        /// Its id, the part after `brz_`
        id: String,
    },
}

fn role(text: &str) -> Result<Role, String> {
    let all: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
    Role::find(text).ok_or_else(|| format!("no role `{text}`; there are {}", all.join(", ")))
}

/// Does it.
///
/// # Errors
/// Those of the flow.
pub fn run(settings: &Settings, keys: Keys, out: &Out) -> Result<Done> {
    let app = match keys {
        Keys::Create { .. } => settings.open()?,
        _ => settings.open_existing()?,
    };
    let caller = Caller::operator("cli");
    match keys {
        Keys::Create { role, office, inspector, name, expires_at } => {
            let new = flow::keys::NewKey { name, role, offices: office, inspector, expires_at };
            let issued =
                flow::keys::create(&app.store, &caller, &new, None, &rand::random(), app.now())?;
            let mut answer = about(&issued.key);
            if let Some(object) = answer.as_object_mut() {
                object.insert("key".into(), issued.text.clone().into());
            }
            out.say(&answer, || {
                format!("{}\n(shown this once; id {})", issued.text, issued.key.id)
            })?;
        }
        Keys::List => {
            let keys = flow::keys::list(&app.store, &caller)?;
            out.say(&keys.iter().map(about).collect::<Vec<_>>(), || table(&keys, app.now()))?;
        }
        Keys::Revoke { id } => {
            flow::keys::revoke(&app.store, &caller, &id, app.now())?;
            out.say(&json!({ "id": id, "revoked": true }), || {
                format!("key {id} opens nothing any more")
            })?;
        }
    }
    Ok(Done::Fine)
}

fn about(key: &ApiKey) -> serde_json::Value {
    json!({
        "id": key.id, "name": key.name, "role": key.role, "offices": key.scope.offices(),
        "inspector": key.inspector, "created_at": key.created_at, "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
    })
}

fn table(keys: &[ApiKey], now: DateTime<Utc>) -> String {
    let mut table = comfy_table::Table::new();
    table.set_header(["id", "role", "offices", "name", "made", "state"]);
    for key in keys {
        let offices: Vec<_> = key.scope.offices().iter().map(ToString::to_string).collect();
        let offices = if offices.is_empty() { "all".into() } else { offices.join(" ") };
        let state = match (key.revoked_at, key.is_valid(now)) {
            (Some(_), _) => "revoked",
            (None, true) => "valid",
            (None, false) => "expired",
        };
        let made = key.created_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        table.add_row([&key.id, key.role.as_str(), &offices, &key.name, &made, state]);
    }
    table.to_string()
}
