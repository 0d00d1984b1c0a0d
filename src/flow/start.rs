//! What a first start needs.

use crate::domain::chain::NO_OFFICE;
use crate::domain::master::MasterKey;
use crate::error::{Error, Result};
use crate::flow::policy;
use crate::sampling::ticket;
use crate::store::{self, Store};
use chrono::{DateTime, Utc};

/// The built-in policy: 2 %, floor 0.5 %, in force from 2000-01-01.
const DEFAULT_POLICY: &str = include_str!("../../data/default_policy.toml");

/// Loads the built-in policy once and holds the master key against the one the database knows.
///
/// # Errors
/// Those of the database; another master key.
pub fn prepare(store: &Store, master: &MasterKey, now: DateTime<Utc>) -> Result<()> {
    let fingerprint = hex::encode(ticket::digest("breeze/v1/master", &[master.bytes()]));
    store.write(|conn| {
        // Two first starts come one after the other: the second sees the first one's key.
        store::chain::lock(conn, &[NO_OFFICE])?;
        let known = store::keys::master_fingerprint(conn, &fingerprint, now)?;
        if known != fingerprint {
            let words = "this database was used with another master key: name the file it was made with \
                (BREEZE_MASTER_KEY_FILE); without it, draws that are not revealed yet can never be";
            return Err(Error::environment(words));
        }
        if store::policies::versions(conn, "default")?.is_empty() {
            let built_in = crate::domain::policy::parse_toml(DEFAULT_POLICY, 1)?;
            policy::add_built_in(conn, built_in, now)?;
        }
        Ok(())
    })
}
