//! A whole application in one line: the real server on a free port, a database of its own, a clock
//! the story moves, and a client that reads like a sentence.
//!
//! A story runs on both engines when it takes them as values:
//!
//! ```ignore
//! #[rstest]
//! fn a_declaration_is_kept(#[values(Sqlite, Postgres)] engine: Engine) {
//!     let app = TestApp::start(engine);
//!     let customs = app.key(Role::Customs, &["CNTAO"]);
//!     app.put("/v1/declarations/EXP-1").key(&customs).json(&battery()).send().expect(201);
//! }
//! ```

#![allow(
    dead_code,
    unused_imports,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "each test binary uses a part, and a test may panic"
)]

mod app;
mod client;
mod contract;
mod database;
mod sample;

pub use app::TestApp;
pub use client::{Answer, Request};
pub use database::{Database, Engine, Engine::Postgres, Engine::Sqlite};
pub use sample::{battery, day_office, office, toml};
