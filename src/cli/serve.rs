//! `breeze serve`: the API, and the scheduler beside it.

use crate::api::trace::WithoutQuery;
use crate::api::{guard, imports, routes};
use crate::app::App;
use crate::cli::Done;
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::flow;
use actix_web::middleware::from_fn;
use actix_web::{HttpServer, dev::Server, web};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;
use tracing_actix_web::TracingLogger;

/// How to serve.
#[derive(clap::Args)]
pub struct Serve {
    /// Address and port
    #[arg(long, env = "BREEZE_BIND", default_value = "127.0.0.1:8080")]
    pub bind: SocketAddr,
}

/// Serves until it is told to stop.
///
/// # Errors
/// A port that is taken; the database.
pub fn run(settings: &Settings, serve: &Serve) -> Result<Done> {
    let app = settings.open()?;
    if let Some(issued) = flow::keys::first_admin(&app.store, &rand::random(), app.now())? {
        println!("The first key, shown this once (role admin):\n{}", issued.text);
    }
    let ended = flow::import::end_interrupted(&app.store, app.now())?;
    if ended > 0 {
        tracing::warn!(
            imports = ended,
            "imports were interrupted: their senders must send them again"
        );
    }
    let listener = TcpListener::bind(serve.bind)
        .map_err(|error| Error::environment(format!("cannot listen on {}: {error}", serve.bind)))?;
    println!("Breeze serves on http://{}", serve.bind);
    tracing::info!(bind = %serve.bind, database = app.store.engine().describe(), "serving");
    block_on(app, listener)?;
    Ok(Done::Fine)
}

/// Serves on a listener until the process is told to stop.
///
/// # Errors
/// Those of the server.
pub fn block_on(app: App, listener: TcpListener) -> Result<()> {
    let system = actix_web::rt::System::new();
    system.block_on(async move {
        let server = server(app.clone(), listener)?;
        actix_web::rt::spawn(schedule(app));
        let ended = server.await;
        imports::stop().await;
        Ok(ended?)
    })
}

/// The server, ready to be awaited.
///
/// # Errors
/// A listener that cannot be used.
pub fn server(app: App, listener: TcpListener) -> Result<Server> {
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .wrap(from_fn(guard::admit))
            .wrap(from_fn(guard::put_into_words))
            .wrap(TracingLogger::<WithoutQuery>::new())
            .configure(routes::configure(app.clone()))
    });
    let server = server
        .keep_alive(Duration::from_secs(15))
        .client_request_timeout(Duration::from_secs(10))
        .max_connections(4_096)
        .shutdown_timeout(30)
        .listen(listener)?;
    Ok(server.run())
}

/// How often the scheduler looks what is due.
const PAUSE: Duration = Duration::from_secs(15);

/// Does what is due, again and again, until the system stops.
async fn schedule(app: App) {
    let mut first = true;
    loop {
        let work = app.clone();
        let round = if first { flow::schedule::catch_up } else { flow::schedule::tick };
        match web::block(move || round(&work.store, &work.master, work.now())).await {
            Ok(Ok(tick)) => {
                first = false;
                if tick != flow::schedule::Tick::default() {
                    tracing::info!(?tick, "the scheduler did what was due");
                }
            }
            Ok(Err(error)) => tracing::error!(%error, "the scheduler could not do what was due"),
            Err(panic) => tracing::error!(%panic, "the scheduler broke off"),
        }
        actix_web::rt::time::sleep(PAUSE).await;
    }
}
