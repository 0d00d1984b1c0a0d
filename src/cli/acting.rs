//! As whom the command line acts where two people must stand for something.

use crate::api::access::{self, Access};
use crate::app::App;
use crate::domain::key::{Caller, Role};
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
        may(caller.role, operation)?;
        Ok(caller)
    }
}

/// Whether a role may use an operation; one that stands in no row is closed, as it is over HTTP.
fn may(role: Role, (method, path): (&str, &str)) -> Result<(), Problem> {
    let words = match access::find(method, path) {
        Some(Access::Open | Access::Known) => return Ok(()),
        Some(Access::Roles(roles)) if roles.contains(&role) => return Ok(()),
        Some(Access::Roles(roles)) => {
            let names: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
            let (own, others) = (role.as_str(), names.join(", "));
            format!("a key of role {own} may not do this; {others} may")
        }
        None => format!("{method} {path} stands in no row of the access table: no key may do it"),
    };
    Err(Problem::new(Code::Forbidden, words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_no_row_is_closed() {
        let code = |role, operation| may(role, operation).map_err(|problem| problem.code);
        assert_eq!(code(Role::Policy, ("PUT", "/v1/campaigns/{id}/approval")), Ok(()));
        assert_eq!(code(Role::Policy, ("GET", "/healthz")), Ok(()));
        for operation in [
            ("PUT", "/v1/campaigns/{id}/aproval"),
            ("DELETE", "/v1/campaigns/{id}/approval"),
            ("PUT", "/v1/api-keys"),
        ] {
            for role in Role::ALL {
                assert_eq!(code(role, operation), Err(Code::Forbidden), "{operation:?}");
            }
        }
        let approve = ("PUT", "/v1/campaigns/{id}/approval");
        assert_eq!(code(Role::Customs, approve), Err(Code::Forbidden));
    }
}
