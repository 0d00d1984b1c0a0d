//! One connection type for two engines, and the one way to write.

use crate::error::{Error, Result};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use r2d2::{ManageConnection, Pool, PooledConnection};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A connection to either engine.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// PostgreSQL.
    Pg(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// Runs one query text against the engine at hand. diesel's multi-connection cannot carry batch
/// inserts, `on_conflict` and `for_update`; written once here, they compile once per engine.
macro_rules! each {
    ($conn:expr, $c:ident => $query:expr) => {
        match $conn {
            $crate::store::Conn::Pg($c) => $query,
            $crate::store::Conn::Sqlite($c) => $query,
        }
    };
}
pub(crate) use each;

/// Which database, by its URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file; made on first use.
    Sqlite(PathBuf),
    /// A server.
    Postgres(String),
}

impl Engine {
    /// Reads a database URL: `postgres://…`, `postgresql://…`, `sqlite://path`, or a plain path.
    ///
    /// # Errors
    /// Any other scheme is refused, never turned into a new file.
    pub fn parse(url: &str) -> Result<Self, String> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).unwrap_or(url);
        let scheme = path.split_once(':').map(|(scheme, _)| scheme);
        if let Some(scheme) = scheme.filter(|s| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"+.-".contains(&b))) {
            return Err(format!("`{scheme}:` is no database this program knows: use postgres://…, sqlite://… or a path"));
        }
        if path.is_empty() || path.contains(['?', '\0']) {
            return Err(format!("`{url}` is no path of a database file"));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }

    /// The folder that holds the database file; none for a server.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))),
            Self::Postgres(_) => None,
        }
    }

    /// The engine for the log: a server's password never shows.
    pub fn describe(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("SQLite {}", path.display()),
            Self::Postgres(url) => {
                let place = url.rsplit_once('@').map_or(url.as_str(), |(_, place)| place);
                format!("PostgreSQL {}", place.split('?').next().unwrap_or_default())
            }
        }
    }
}

/// What every SQLite connection is set to. The time-out comes first, for switching to WAL may wait.
/// FULL: an acknowledged write survives a power cut.
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
    PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536; \
    PRAGMA wal_autocheckpoint = 4000; PRAGMA temp_store = MEMORY;";
/// What every PostgreSQL session is set to.
const POSTGRES_SETTINGS: &str = "SET lock_timeout = '5s'; SET statement_timeout = '300s'; \
    SET idle_in_transaction_session_timeout = '60s'; SET TIME ZONE 'UTC'; SET client_min_messages = warning;";
/// How a dead server is noticed soon; appended to the URL where it does not say otherwise.
const POSTGRES_PATIENCE: [(&str, &str); 5] = [
    ("connect_timeout", "2"),
    ("tcp_user_timeout", "3000"),
    ("keepalives_idle", "2"),
    ("keepalives_interval", "1"),
    ("keepalives_count", "3"),
];

/// Makes and checks connections for the pool.
#[derive(Debug)]
pub struct Manager(Engine);

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = Error;

    fn connect(&self) -> Result<Conn> {
        match &self.0 {
            Engine::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(&path.to_string_lossy())
                    .map_err(|e| Error::Away(e.into()))?;
                conn.batch_execute(SQLITE_SETTINGS)?;
                Ok(Conn::Sqlite(conn))
            }
            Engine::Postgres(url) => {
                let mut conn = PgConnection::establish(&patient(url)).map_err(|e| Error::Away(e.into()))?;
                conn.batch_execute(POSTGRES_SETTINGS)?;
                Ok(Conn::Pg(conn))
            }
        }
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<()> {
        match conn {
            Conn::Pg(conn) => Ok(conn.batch_execute("SELECT 1")?),
            Conn::Sqlite(_) => Ok(()),
        }
    }

    /// A connection given back by a panicking thread may have a transaction open.
    fn has_broken(&self, _: &mut Conn) -> bool {
        std::thread::panicking()
    }
}

/// The URL with every setting of patience that it does not have itself.
fn patient(url: &str) -> String {
    let missing = POSTGRES_PATIENCE.iter().filter(|(name, _)| !url.contains(name));
    missing.fold(url.to_owned(), |url, (name, value)| {
        let joint = if url.contains('?') { '&' } else { '?' };
        format!("{url}{joint}{name}={value}")
    })
}

/// The database: a pool to read with and one way to write.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    readers: Pool<Manager>,
    /// SQLite has one writer; PostgreSQL writes from the same pool as it reads.
    writer: Pool<Manager>,
}

/// How often a write that lost a race is tried again.
const TRIES: u32 = 6;

impl Store {
    /// Opens a database. A SQLite file is made when it is not there; a server need not be up yet.
    ///
    /// # Errors
    /// [`Error::Away`] when a database file cannot be opened.
    pub fn open(engine: Engine) -> Result<Self> {
        let pool = |size| {
            Pool::builder()
                .max_size(size)
                .min_idle(Some(0))
                .test_on_check_out(matches!(engine, Engine::Postgres(_)))
                .connection_timeout(Duration::from_secs(match engine {
                    Engine::Postgres(_) => 2,
                    // Waiting for SQLite's one writer is waiting in line: an import's chunk is short.
                    Engine::Sqlite(_) => 10,
                }))
                .error_handler(Box::new(LogError))
                .build_unchecked(Manager(engine.clone()))
        };
        let (readers, writer) = match engine {
            Engine::Postgres(_) => {
                let pool = pool(12);
                (pool.clone(), pool)
            }
            Engine::Sqlite(_) => {
                // Fail at once and with the cause when the file cannot be opened.
                Manager(engine.clone()).connect()?;
                (pool(8), pool(1))
            }
        };
        Ok(Self { engine, readers, writer })
    }

    /// Which database it is.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// A connection to read with.
    ///
    /// # Errors
    /// [`Error::Away`] when none is to be had in time.
    pub fn reader(&self) -> Result<PooledConnection<Manager>> {
        Ok(self.readers.get()?)
    }

    /// Reads.
    ///
    /// # Errors
    /// Those of `work`, and [`Error::Away`].
    pub fn read<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        work(&mut *self.reader()?)
    }

    /// Reads several things as of one moment.
    ///
    /// # Errors
    /// Those of `work`, and [`Error::Away`].
    pub fn snapshot<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        let conn = &mut *self.reader()?;
        begin(conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "BEGIN")?;
        let result = work(conn);
        conn.batch_execute("ROLLBACK")?;
        result
    }

    /// Writes: everything `work` does happens, or nothing. `work` may run several times, when it
    /// lost a race against another writer.
    ///
    /// SQLite takes its write lock at the start, so nothing read inside is stale. On PostgreSQL the
    /// level is READ COMMITTED: whoever decides from what it reads locks the chain head of its
    /// office first (`store::chain::lock`), which puts all writers of an office in line.
    ///
    /// # Errors
    /// Those of `work`, [`Error::Busy`] after the last try, and [`Error::Away`].
    pub fn write<T>(&self, mut work: impl FnMut(&mut Conn) -> Result<T>) -> Result<T> {
        let mut tries = 0;
        loop {
            tries += 1;
            let conn = &mut *self.writer.get()?;
            match transaction(conn, &mut work) {
                Err(Error::Busy(cause)) if tries < TRIES => {
                    tracing::debug!(%cause, tries, "a write lost a race and is tried again");
                    std::thread::sleep(Duration::from_millis(5_u64 << tries));
                }
                result => return result,
            }
        }
    }
}

fn begin(conn: &mut Conn, postgres: &str, sqlite: &str) -> Result<()> {
    match conn {
        Conn::Pg(conn) => conn.batch_execute(postgres)?,
        Conn::Sqlite(conn) => conn.batch_execute(sqlite)?,
    }
    Ok(())
}

fn transaction<T>(conn: &mut Conn, work: &mut impl FnMut(&mut Conn) -> Result<T>) -> Result<T> {
    begin(conn, "BEGIN", "BEGIN IMMEDIATE")?;
    let result = work(conn).and_then(|value| {
        conn.batch_execute("COMMIT")?;
        Ok(value)
    });
    if result.is_err() {
        // A connection that cannot even roll back is thrown away by the pool's check.
        if let Err(cause) = conn.batch_execute("ROLLBACK") {
            tracing::debug!(%cause, "rollback after a failed write");
        }
    }
    result
}

/// The pool's own errors go to the log.
#[derive(Debug)]
struct LogError;

impl r2d2::HandleError<Error> for LogError {
    fn handle_error(&self, error: Error) {
        tracing::warn!(%error, "no connection to the database");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_an_engine_and_a_stranger_is_refused() {
        assert_eq!(Engine::parse("breeze.db"), Ok(Engine::Sqlite("breeze.db".into())));
        assert_eq!(Engine::parse("sqlite:///var/b.db"), Ok(Engine::Sqlite("/var/b.db".into())));
        assert_eq!(Engine::parse("sqlite:b.db"), Ok(Engine::Sqlite("b.db".into())));
        assert!(matches!(Engine::parse("postgres://h/d"), Ok(Engine::Postgres(_))));
        for url in ["mysql://h/d", "postgress://h/d", "file:x.db", "http://h", "", "sqlite:", "b.db?mode=ro"] {
            assert!(Engine::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_password_never_shows() {
        let engine = Engine::parse("postgres://user:secret@db.example/breeze?x=1").unwrap();
        assert_eq!(engine.describe(), "PostgreSQL db.example/breeze");
    }

    #[test]
    fn patience_is_added_and_never_doubled() {
        let url = patient("postgres://h/d?connect_timeout=9");
        assert_eq!(url.matches("connect_timeout").count(), 1);
        assert!(url.contains("&tcp_user_timeout=3000"));
    }
}
