//! Frame + design → draw; same input, same draw, anywhere.
//!
//! A **frame** lists the declarations of one office and inspection day, and what decides their
//! chances: proportion, risk factor, directives, capacity. [`allocate()`](allocate::allocate) turns
//! that into inclusion probabilities, integers in units of 2⁻³². The frame is written as a file and
//! closed. Only then does a **seed** come to be, from a secret that was committed to beforehand and,
//! where the frame says so, from entropy of a second party ([`ticket`]). The seed gives every
//! declaration a ticket; tickets order the declarations along a line, and equal steps from a random
//! start pick from that line ([`select`](mod@select)). The same seed assigns the inspectors
//! ([`assign`](mod@assign)). [`draw`](mod@draw) puts these together, [`mod@file`] writes and reads the
//! published files byte for byte, and [`verify`](mod@verify) recomputes everything from them alone.
//!
//! The folder is pure: no database, no clock, no chance, no disk. All that is random arrives as
//! bytes, all that is published leaves as bytes, and between them stand only integers, SHA-256 and
//! HMAC. No float and no library generator touches the path, so that a hundred lines of any
//! language come to the same list.
//!
//! ```
//! use breeze::sampling::{allocate::{Candidate, allocate}, select::{Row, select}, ticket::Tickets};
//!
//! let rows = [
//!     Candidate { number: "A", proportion_ppm: 50_000, factor: 65_536, take_all: false },
//!     Candidate { number: "B", proportion_ppm: 50_000, factor: 150_733, take_all: false },
//!     Candidate { number: "C", proportion_ppm: 50_000, factor: 65_536, take_all: true },
//! ];
//! let chances = allocate(10, 5_000, &rows)?;
//! assert_eq!(chances.pi, [214_748_364, 493_921_894, 1 << 32]);
//!
//! let line: Vec<Row> = rows.iter().zip(&chances.pi)
//!     .map(|(row, &pi)| Row { number: row.number, stratum: "africa/85", pi })
//!     .collect();
//! let tickets = Tickets::new(&[7; 32]);
//! assert_eq!(select(&tickets, &line)?, select(&tickets, &line)?);
//! assert_eq!(select(&tickets, &line)?.certain, [2]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod allocate;
pub mod assign;
pub mod draw;
pub mod file;
pub mod select;
pub mod ticket;
pub mod verify;
