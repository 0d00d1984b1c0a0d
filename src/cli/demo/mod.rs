//! `breeze demo`: a small world on a temporary database, played by the real flow.

mod sample;
mod world;

use crate::cli::{Done, Out};
use crate::error::Result;
use std::net::SocketAddr;

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

/// Plays and serves.
///
/// # Errors
/// Those of the flow and of the disk.
pub fn run(demo: &Demo, out: &Out) -> Result<Done> {
    let mut world = world::World::new()?;
    let declared = world.play()?;
    out.print(&format!("{declared} {:?}\n", world.folder()))?;
    for (role, key) in world.keys()? {
        out.print(&format!("{} {key}\n", role.as_str()))?;
    }
    let _ = (demo.once, demo.bind);
    Ok(Done::Fine)
}
