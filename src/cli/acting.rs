//! As whom the command line acts where two people must stand for something.

use crate::api::access::{self, Access};
use crate::app::App;
use crate::domain::key::Caller;
use crate::domain::problem::{Code, Problem};
use crate::error::Result;
use crate::flow;

/// The variable that holds the key.
pub const KEY: &str = "BREEZE_KEY";

/// Who acts.
#[derive(Clone, Debug, clap::Args)]
pub struct Acting {
    /// API key to act as; without it, the operator at this machine, `cli`
    #[arg(long = "key", env = KEY, hide_env_values = true, value_name = "KEY")]
    key: Option<String>,
}

impl Acting {
    /// The holder of the key, who may do there what the key may do over HTTP; the operator without one.
    ///
    /// # Errors
    /// A key that is unknown, revoked or expired, or whose role may not do this.
    pub fn caller(&self, app: &App, operation: (&str, &str)) -> Result<Caller> {
        let Some(key) = self.key.as_deref().map(str::trim).filter(|key| !key.is_empty()) else {
            return Ok(Caller::operator("cli"));
        };
        let caller = flow::keys::authenticate(&app.store, key, app.now())?;
        match access::find(operation.0, operation.1) {
            Some(Access::Roles(roles)) if !roles.contains(&caller.role) => {
                let names: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
                let words = format!(
                    "a key of role {} may not do this; {} may",
                    caller.role.as_str(),
                    names.join(", ")
                );
                Err(Problem::new(Code::Forbidden, words).into())
            }
            _ => Ok(caller),
        }
    }
}
