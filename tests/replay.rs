//! Replay: the engine, the files it reads, the command, and a share of the simulated years.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a test that cannot go on fails, and its numbers are small"
)]

#[path = "replay/command.rs"]
mod command;
#[path = "replay/engine.rs"]
mod engine;
#[path = "replay/files.rs"]
mod files;
#[path = "replay/simulated.rs"]
mod simulated;
#[path = "replay/stage.rs"]
mod stage;
