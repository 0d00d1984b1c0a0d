//! Settings: options of the command line, each with a `BREEZE_*` variable.

use crate::app::{App, Clock};
use crate::domain::master::MasterKey;
use crate::error::{Error, Result};
use crate::store::{Engine, Store};
use chrono::Utc;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How strict a start is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Profile {
    /// Makes what is missing.
    Default,
    /// Refuses to start without a master key that is named explicitly, or on a database that does
    /// not survive a power cut.
    Production,
}

/// What every command that uses a database needs.
#[derive(Clone, Debug, clap::Args)]
pub struct Settings {
    /// The database: a path (SQLite) or postgres://…
    #[arg(
        long,
        global = true,
        env = "BREEZE_DATABASE",
        default_value = "breeze.db",
        hide_env_values = true
    )]
    pub database: String,
    /// File with the 64 hex digits every draw's secret comes from [default: breeze.key beside a
    /// SQLite database]
    #[arg(long, global = true, env = "BREEZE_MASTER_KEY_FILE")]
    pub master_key_file: Option<PathBuf>,
    /// Folder for bodies on their way in [default: the system's]
    #[arg(long, global = true, env = "BREEZE_SPOOL")]
    pub spool: Option<PathBuf>,
    /// Strictness of the start
    #[arg(long, global = true, env = "BREEZE_PROFILE", value_enum, default_value = "default")]
    pub profile: Profile,
}

impl Settings {
    /// Which database.
    ///
    /// # Errors
    /// A URL of no engine.
    pub fn engine(&self) -> Result<Engine, String> {
        Engine::parse(&self.database)
    }

    /// Opens the database and makes it ready.
    ///
    /// # Errors
    /// Those of the database and of the master key's file.
    pub fn open(&self) -> Result<App> {
        let engine = self.engine().map_err(Error::Environment)?;
        let master = self.master_key(&engine)?;
        let spool = self.spool.clone().unwrap_or_else(std::env::temp_dir);
        let app = App::new(Store::open(engine)?, master, system_clock(), spool);
        self.insist_on_durability(&app.store)?;
        app.prepare()?;
        Ok(app)
    }

    /// Opens a database that must be there: a command that only looks makes none.
    ///
    /// # Errors
    /// As [`Settings::open`]; no database at the path.
    pub fn open_existing(&self) -> Result<App> {
        if let Ok(Engine::Sqlite(path)) = self.engine()
            && !path.exists()
        {
            let words = format!(
                "there is no database at {}: name it with --database, or make one with `breeze migrate`",
                path.display()
            );
            return Err(Error::Environment(words));
        }
        self.open()
    }

    /// A server that loses what it has acknowledged is no place for promises.
    fn insist_on_durability(&self, store: &Store) -> Result<()> {
        let durable = store.survives_power_cuts()?;
        match self.profile {
            Profile::Production if !durable => Err(Error::environment(
                "the PostgreSQL server runs with fsync = off and may lose or break what it has \
                 acknowledged when its power fails: set fsync = on in its postgresql.conf, or use \
                 the profile `default` for trials",
            )),
            _ => {
                tracing::debug!(durable, "whether the database survives a power cut");
                Ok(())
            }
        }
    }

    /// Reads the master key; beside a SQLite database it is made on first use.
    fn master_key(&self, engine: &Engine) -> Result<MasterKey> {
        let beside = engine.folder().filter(|_| self.profile == Profile::Default);
        match (&self.master_key_file, beside) {
            (Some(path), _) => read_key(path),
            (None, Some(folder)) => {
                let path = folder.join("breeze.key");
                if !path.exists() {
                    make_key(&path)?;
                    tracing::warn!(path = %path.display(), "made a master key: keep a copy apart from the database");
                }
                read_key(&path)
            }
            (None, None) => Err(Error::environment(
                "name a master key file (--master-key-file or BREEZE_MASTER_KEY_FILE): 64 hex digits, \
                 the same for every replica; make one with: openssl rand -hex 32",
            )),
        }
    }
}

/// The one place where time comes from.
#[expect(clippy::disallowed_methods, reason = "this is the clock of the doors")]
pub fn system_clock() -> Clock {
    Arc::new(Utc::now)
}

fn read_key(path: &Path) -> Result<MasterKey> {
    let wrong =
        |words: String| Error::environment(format!("master key file {}: {words}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let bytes = hex::decode(text.trim()).map_err(|_| wrong("not 64 hex digits".into()))?;
    bytes.try_into().map(MasterKey::new).map_err(|_| wrong("not 64 hex digits".into()))
}

/// Writes fresh random bytes for the owner's eyes only, whole or not at all.
fn make_key(path: &Path) -> Result<()> {
    let bytes: [u8; 32] = rand::random();
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A temporary file has mode 0600 from the start; it appears under its name when it is complete.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(file, "{}", hex::encode(bytes))?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error.into()),
    }
}
