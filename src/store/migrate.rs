//! Migrations: embedded, the same names for both engines, run at start.

use crate::error::{Error, Result};
use crate::store::{Conn, Store};
use diesel::connection::SimpleConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
/// Any number; it must only be the same in every replica.
const LOCK: i64 = 0x6272_6565_7a65;

/// Brings the schema up to date and names the migrations that ran.
///
/// diesel's migrations take no lock of their own, so replicas that start together queue up behind
/// an advisory lock (PostgreSQL) or the write lock of one transaction (SQLite).
///
/// # Errors
/// [`Error::Away`] without a database, [`Error::Inner`] when a migration fails.
pub fn run(store: &Store) -> Result<Vec<String>> {
    let conn = &mut **store.reader()?;
    match conn {
        Conn::Pg(conn) => {
            conn.batch_execute(&format!("SET lock_timeout = 0; SELECT pg_advisory_lock({LOCK})"))?;
            let done = pending(conn, POSTGRES);
            conn.batch_execute(&format!(
                "SELECT pg_advisory_unlock({LOCK}); SET lock_timeout = '5s'"
            ))?;
            done
        }
        // diesel makes savepoints of the migrations' own transactions.
        Conn::Sqlite(conn) => conn.immediate_transaction(|conn| pending(conn, SQLITE)),
    }
}

fn pending<DB, C>(conn: &mut C, migrations: EmbeddedMigrations) -> Result<Vec<String>>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
{
    let ran = conn.run_pending_migrations(migrations).map_err(Error::Inner)?;
    Ok(ran.iter().map(ToString::to_string).collect())
}

/// Takes the last `count` migrations back; for the round trip in the tests.
///
/// # Errors
/// As [`run`].
pub fn revert(store: &Store, count: usize) -> Result<()> {
    let conn = &mut **store.reader()?;
    for _ in 0..count {
        match conn {
            Conn::Pg(conn) => conn.revert_last_migration(POSTGRES).map_err(Error::Inner)?,
            Conn::Sqlite(conn) => conn.revert_last_migration(SQLITE).map_err(Error::Inner)?,
        };
    }
    Ok(())
}
