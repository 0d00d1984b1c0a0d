//! Failure rates put together from rows: against rates known by hand, against the golden vectors,
//! and as properties.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a test that cannot go on fails, and its numbers are small"
)]

#[path = "rates/assembly.rs"]
mod assembly;
#[path = "rates/golden.rs"]
mod golden;
#[path = "rates/property.rs"]
mod property;
#[path = "rates/world.rs"]
mod world;
