//! A database of its own for every test, gone when the test is over.

use breeze::store::Conn;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

/// Which engine a story runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// A database; dropped, it is removed.
pub struct Database {
    /// How the application names it.
    pub engine: breeze::store::Engine,
    /// Holds what is kept on disk, such as the SQLite file and the spool.
    pub folder: TempDir,
    /// The PostgreSQL database to drop.
    name: Option<String>,
}

impl Database {
    /// A database with the schema of today and nothing in it.
    pub fn migrated(engine: Engine) -> Self {
        let database = Self::make(engine, Some(template));
        if engine == Engine::Sqlite {
            migrate(&database.engine);
        }
        database
    }

    /// A database with nothing at all in it.
    pub fn empty(engine: Engine) -> Self {
        Self::make(engine, None)
    }

    fn make(engine: Engine, template: Option<fn() -> &'static str>) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let (engine, name) = match engine {
            Engine::Sqlite => {
                (breeze::store::Engine::Sqlite(folder.path().join("breeze.db")), None)
            }
            Engine::Postgres => {
                let name = fresh_name();
                let template = template.map_or("template0", |template| template());
                administrate(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
                (breeze::store::Engine::Postgres(url_of(&name)), Some(name))
            }
        };
        Self { engine, folder, name }
    }

    /// The path or URL, as `--database` takes it.
    pub fn url(&self) -> String {
        match &self.engine {
            breeze::store::Engine::Sqlite(path) => path.display().to_string(),
            breeze::store::Engine::Postgres(url) => url.clone(),
        }
    }

    /// A connection that goes past the store.
    pub fn connect(&self) -> Conn {
        match &self.engine {
            breeze::store::Engine::Sqlite(path) => {
                Conn::Sqlite(SqliteConnection::establish(&path.to_string_lossy()).expect("a file"))
            }
            breeze::store::Engine::Postgres(url) => {
                Conn::Pg(PgConnection::establish(url).expect("the test server"))
            }
        }
    }

    /// A store on it.
    pub fn store(&self) -> breeze::store::Store {
        breeze::store::Store::open(self.engine.clone()).expect("a store")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            // Not worth a second panic: the whole cluster is thrown away.
            if let Ok(mut conn) = PgConnection::establish(server()) {
                let _ = conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            }
        }
    }
}

/// Runs the migrations.
fn migrate(engine: &breeze::store::Engine) {
    let store = breeze::store::Store::open(engine.clone()).expect("a store");
    breeze::store::migrate::run(&store).expect("migrations");
}

fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("test_{}_{number}", std::process::id())
}

/// The URL of the throw-away server: what `BREEZE_TEST_POSTGRES` says, else what `tests/postgres
/// start` prints. A machine without PostgreSQL fails loudly, for half the stories would be missing.
fn server() -> &'static str {
    static SERVER: OnceLock<String> = OnceLock::new();
    SERVER.get_or_init(|| {
        if let Ok(url) = std::env::var("BREEZE_TEST_POSTGRES") {
            return url;
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/postgres");
        let output = Command::new("bash").arg(script).arg("start").output();
        let output = output.expect("bash runs tests/postgres");
        assert!(
            output.status.success(),
            "the stories run on SQLite and on PostgreSQL, and there is no PostgreSQL: install it \
             (Debian: apt-get install postgresql), or run everything with tests/run, which does; \
             or name a server whose databases may be made and dropped in BREEZE_TEST_POSTGRES\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("a URL").trim().to_owned()
    })
}

/// The server's URL with another database.
fn url_of(database: &str) -> String {
    let (address, options) = server().split_once('?').unwrap_or((server(), ""));
    let (address, _) = address.rsplit_once('/').expect("a URL that names a database");
    let question = if options.is_empty() { "" } else { "?" };
    format!("{address}/{database}{question}{options}")
}

fn administrate(sql: &str) {
    let mut conn = PgConnection::establish(server()).expect("the test server");
    conn.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = diesel::sql_types::Text)]
    datname: String,
}

/// A database that is migrated once for each build of this test binary; copies of it are cheap.
fn template() -> &'static str {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let prefix = concat!("template_", env!("CARGO_CRATE_NAME"), "_");
        let name = format!("{prefix}{:016x}", build());
        let mut conn = PgConnection::establish(server()).expect("the test server");
        // The lock is the session's: it ends with `conn`, whatever happens.
        conn.batch_execute("SELECT pg_advisory_lock(1)").expect("a lock");
        let known = diesel::sql_query("SELECT datname::text FROM pg_database")
            .load::<Found>(&mut conn)
            .expect("the databases");
        let (same, older): (Vec<_>, Vec<_>) = known
            .into_iter()
            .filter(|found| found.datname.starts_with(prefix))
            .partition(|found| found.datname == name);
        if same.is_empty() {
            for Found { datname } in older {
                let _ = conn.batch_execute(&format!("DROP DATABASE {datname}"));
            }
            let making = format!("{name}_making");
            conn.batch_execute(&format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)")).unwrap();
            conn.batch_execute(&format!("CREATE DATABASE {making} TEMPLATE template0")).unwrap();
            migrate(&breeze::store::Engine::Postgres(url_of(&making)));
            finish(&mut conn, &making, &name);
        }
        name
    })
}

/// A database is renamed once nobody is connected any more; the pool's last word may take a moment.
fn finish(conn: &mut PgConnection, making: &str, name: &str) {
    let end = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{making}'"
    );
    for _ in 0..100 {
        conn.batch_execute(&end).unwrap();
        if conn.batch_execute(&format!("ALTER DATABASE {making} RENAME TO {name}")).is_ok() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("{making} stays in use");
}

/// Tells one build of this binary from the next: migrations are compiled in.
fn build() -> u64 {
    let binary: PathBuf = std::env::current_exe().expect("the test binary");
    let mut hasher = DefaultHasher::new();
    let modified = binary.metadata().and_then(|about| about.modified()).expect("its time");
    (&binary, modified).hash(&mut hasher);
    hasher.finish()
}
