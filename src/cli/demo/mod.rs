//! `breeze demo`: a small world on a temporary database, played by the real flow.

mod sample;
mod world;

use crate::api::trends::FailureRates;
use crate::cli::list::DayList;
use crate::cli::{Done, Out, rates, serve};
use crate::domain::key::Caller;
use crate::error::{Error, Result};
use crate::flow;
use crate::flow::rates::{Question, Words};
use std::net::{SocketAddr, TcpListener};
use world::{OFFICES, World};

/// How to show it.
#[derive(clap::Args)]
pub struct Demo {
    /// End after the show instead of serving
    #[arg(long)]
    once: bool,
    /// Address and port to serve on; another port when it is taken
    #[arg(long, env = "BREEZE_BIND", default_value = "127.0.0.1:8080")]
    bind: SocketAddr,
}

/// Plays, tells and serves.
///
/// # Errors
/// Those of the flow and of the disk.
pub fn run(demo: &Demo, out: &Out) -> Result<Done> {
    let mut world = World::new()?;
    let declared = world.play()?;
    out.print(&format!(
        "Four weeks in fast motion on {}: {declared} declarations of {} offices,\n\
         committed, drawn at each cut-off, inspected; today's lists are half worked off.\n",
        world.folder().display(),
        OFFICES.len(),
    ))?;
    let (office, name, ..) = OFFICES[0];
    out.print(&format!("\nToday's list of {name}, {}\n", world.today))?;
    out.print(&format!("{}\n", DayList::read(&world.app, office, world.today)?.words()))?;
    out.print("\nFailure rates of the four weeks by region\n")?;
    out.print(&format!("{}\n", rates_by_region(&world)?))?;
    out.print("\nA draw, recomputed from its published files alone\n")?;
    out.print(&format!("{}\n", verdict(&world)?))?;
    if demo.once {
        return Ok(Done::Fine);
    }
    serve_world(world, demo.bind, out)
}

fn rates_by_region(world: &World) -> Result<String> {
    let words = Words {
        period: "year".into(),
        from: world.first_day().to_string(),
        to: world.today.to_string(),
        split_by: vec!["region".into()],
        ..Words::default()
    };
    let question = Question::parse(&words, None)?;
    let caller = Caller::operator("demo");
    let found = flow::rates::report(&world.app.store, &caller, &question)?;
    Ok(rates::table(&FailureRates::new(&question, &found)))
}

/// Verifies the last revealed draw of the first office.
fn verdict(world: &World) -> Result<String> {
    let (office, ..) = OFFICES[0];
    let app = &world.app;
    let filter = crate::store::draws::Filter { offices: vec![office.into()], days: (None, None) };
    let draws = flow::draw::list(&app.store, &Caller::operator("demo"), &filter, None, 500)?;
    let revealed = draws.into_iter().find(|draw| draw.revealed_at.is_some());
    let draw = revealed.ok_or_else(|| Error::inner("no draw of the demo is revealed"))?;
    let operator = Caller::operator("demo");
    let report = flow::publish::verification(&app.store, &app.master, &operator, &draw.id)?;
    let notes: Vec<_> = report.notes.iter().map(|note| format!("note: {note}")).collect();
    Ok([vec![report.line()], notes].concat().join("\n"))
}

fn serve_world(world: World, bind: SocketAddr, out: &Out) -> Result<Done> {
    let listener = TcpListener::bind(bind)
        .or_else(|_| TcpListener::bind(SocketAddr::new(bind.ip(), 0)))
        .map_err(|error| Error::environment(format!("cannot listen on {bind}: {error}")))?;
    let address = listener.local_addr()?;
    out.print("\nOne key of each role (Authorization: Bearer …)\n")?;
    for (role, key) in world.keys()? {
        out.print(&format!("  {:<10} {key}\n", role.as_str()))?;
    }
    out.print(&format!(
        "\nServing until you press Ctrl-C:\n  http://{address}/docs/         read and try every operation\n  \
         http://{address}/openapi.json\n  http://{address}/v1/draw-commitments   open to everybody\n"
    ))?;
    let app = world.app.clone();
    serve::block_on(app, listener)?;
    Ok(Done::Fine)
}
