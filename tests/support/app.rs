//! The application under test.

use super::client::Request;
use super::database::{Database, Engine};
use actix_web::dev::ServerHandle;
use breeze::app::{App, Clock};
use breeze::cli::serve;
use breeze::domain::id::InspectorId;
use breeze::domain::key::{Caller, Role};
use breeze::domain::master::MasterKey;
use breeze::flow::keys::NewKey;
use breeze::flow::schedule::{self, Tick};
use breeze::store::Store;
use chrono::{DateTime, TimeDelta, Utc};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;

/// When every story begins, unless it says otherwise: a Tuesday morning in Qingdao, 09:00.
const MORNING: &str = "2026-11-24T01:00:00Z";
/// The master key of every test.
const MASTER: [u8; 32] = [7; 32];

/// A served application with a database of its own. Dropped, it stops and takes all along.
pub struct TestApp {
    /// What the server runs on: for looking past the interface.
    pub app: App,
    /// The key of an administrator of all offices.
    pub admin: String,
    time: Arc<Mutex<DateTime<Utc>>>,
    address: SocketAddr,
    server: Server,
    /// The last to go: the server must have let it go before.
    database: Arc<Database>,
}

impl TestApp {
    /// Starts the application with a fresh database, at nine in the morning.
    pub fn start(engine: Engine) -> Self {
        Self::start_with(engine, |app| app)
    }

    /// Starts it after a change, of its limits for example.
    pub fn start_with(engine: Engine, change: impl FnOnce(App) -> App) -> Self {
        let database = Arc::new(Database::migrated(engine));
        let time = Arc::new(Mutex::new(moment(MORNING)));
        let spool = database.folder.path().to_owned();
        let app = App::new(database.store(), MasterKey::new(MASTER), clock(&time), spool);
        let app = change(app);
        app.prepare().expect("a prepared database");
        let admin = breeze::flow::keys::first_admin(&app.store, &random(), app.now());
        let admin = admin.expect("a first key").expect("a fresh database").text;
        Self::serve(app, admin, time, database)
    }

    /// A second server on the same database, as when two replicas share it; its clock is the same.
    pub fn replica(&self) -> Self {
        let app = App {
            store: Store::open(self.database.engine.clone()).expect("a store"),
            ..self.app.clone()
        };
        Self::serve(app, self.admin.clone(), self.time.clone(), self.database.clone())
    }

    fn serve(
        app: App,
        admin: String,
        time: Arc<Mutex<DateTime<Utc>>>,
        database: Arc<Database>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let server = Server::run(app.clone(), listener);
        Self { app, admin, time, address, server, database }
    }

    /// Sets the clock, `2026-11-24T01:00:00Z`.
    pub fn set_clock(&self, at: &str) {
        *self.time.lock().unwrap() = moment(at);
    }

    /// Lets time pass.
    pub fn advance(&self, by: TimeDelta) {
        *self.time.lock().unwrap() += by;
    }

    /// One round of the scheduler, which does not run by itself here: commitments, draws, reveals.
    pub fn tick(&self) -> Tick {
        let App { store, master, .. } = &self.app;
        schedule::tick(store, master, self.app.now()).expect("a round of the scheduler")
    }

    /// Makes a key; registers the offices that are not there yet.
    pub fn key(&self, role: Role, offices: &[&str]) -> String {
        self.issue(role, offices, None, None)
    }

    /// Makes the key of an inspector who stands on the roster of the office; puts them there.
    pub fn inspector(&self, office: &str, id: &str) -> String {
        self.office(office);
        let body = serde_json::json!({"name": format!("Inspector {id}"), "room": 8});
        let path = format!("/v1/offices/{office}/inspectors/{id}");
        let answer = self.put(&path).key(&self.admin).json(&body).send();
        assert!(answer.status < 300, "{}", answer.text());
        self.issue(Role::Inspector, &[office], Some(id), None)
    }

    /// Makes a key that ends.
    pub fn key_until(&self, role: Role, offices: &[&str], end: &str) -> String {
        self.issue(role, offices, None, Some(moment(end)))
    }

    fn issue(
        &self,
        role: Role,
        offices: &[&str],
        inspector: Option<&str>,
        expires_at: Option<DateTime<Utc>>,
    ) -> String {
        offices.iter().for_each(|office| self.office(office));
        let new = NewKey {
            name: format!("{} of a test", role.as_str()),
            role,
            offices: offices.iter().map(|office| office.parse().unwrap()).collect(),
            inspector: inspector.map(|id| InspectorId::parse(id).unwrap()),
            expires_at,
        };
        let (app, operator) = (&self.app, Caller::operator("test"));
        let issued =
            breeze::flow::keys::create(&app.store, &operator, &new, None, &random(), app.now());
        issued.expect("a key").text
    }

    /// Registers an office as [`super::office`] describes it, unless it is there.
    pub fn office(&self, code: &str) {
        let path = format!("/v1/offices/{code}");
        if self.get(&path).key(&self.admin).send().status == 404 {
            self.put(&path).key(&self.admin).json(&super::office()).send().expect(201);
        }
    }

    /// Puts a policy file in force: the administrator proposes it, a policy officer approves it.
    pub fn govern(&self, file: &str) {
        let post = self.post("/v1/policies").key(&self.admin).body("application/toml", file);
        let proposed = post.send().expect(201);
        let etag = proposed.header("etag").unwrap().to_owned();
        let path = format!("/v1/policies/{}/approval", proposed.json()["id"].as_str().unwrap());
        let put = self.put(&path).key(&self.key(Role::Policy, &[])).header("If-Match", &etag);
        put.json(&serde_json::json!({})).send().expect(200);
    }

    /// Its database, as `--database` takes it.
    pub fn database_url(&self) -> String {
        self.database.url()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A request of any method.
    pub fn request(&self, method: &str, path: &str) -> Request {
        Request::new(method, format!("http://{}{path}", self.address))
    }

    /// A GET.
    pub fn get(&self, path: &str) -> Request {
        self.request("GET", path)
    }

    /// A PUT.
    pub fn put(&self, path: &str) -> Request {
        self.request("PUT", path)
    }

    /// A POST.
    pub fn post(&self, path: &str) -> Request {
        self.request("POST", path)
    }

    /// A PATCH, a JSON merge patch.
    pub fn patch(&self, path: &str) -> Request {
        self.request("PATCH", path)
    }

    /// A DELETE.
    pub fn delete(&self, path: &str) -> Request {
        self.request("DELETE", path)
    }
}

/// A server in a thread of its own.
struct Server {
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn run(app: App, listener: TcpListener) -> Self {
        let (tell, hear) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = serve::server(app, listener).expect("a server");
                tell.send(server.handle()).expect("a listening test");
                server.await.expect("a server that ends well");
            });
        });
        let handle = hear.recv().expect("a server that starts");
        Self { handle, thread: Some(thread) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The command is sent by the call; only its completion is a future.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// An instant, or a panic that names the text.
fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap_or_else(|error| panic!("`{text}`: {error}"))
}

fn clock(time: &Arc<Mutex<DateTime<Utc>>>) -> Clock {
    let time = time.clone();
    Arc::new(move || *time.lock().unwrap())
}

/// Bytes that no other key of this process has.
fn random() -> [u8; 40] {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut bytes = [0x42; 40];
    bytes[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    bytes
}
