//! The log: every accepted change is an event in the hash chain of its office.
//!
//! `head = SHA-256(previous_head_hex "\n" line "\n")`, with
//! `line = seq ⇥ utc_ms ⇥ office ⇥ kind ⇥ actor ⇥ object ⇥ payload_sha256`; the first previous head
//! is 64 zeros.

use crate::domain::digest::sha256_hex;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The chain of events that belong to no office.
pub const NO_OFFICE: &str = "-";

/// The head before the first event.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The chain.
    pub office: String,
    /// Counts from 1 in its chain.
    pub sequence: i64,
    /// Milliseconds since 1970, UTC.
    pub at_ms: i64,
    /// What kind of change, `declaration.accepted` and the like.
    pub kind: String,
    /// Who did it.
    pub actor: String,
    /// To what.
    pub object: String,
    /// SHA-256 of the RFC 8785 JSON of what was recorded.
    pub payload_sha256: String,
}

/// The place of an event in its chain: what an acknowledgement carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// The event's number in the chain of the office.
    pub sequence: i64,
    /// The chain's head after the event.
    pub head: String,
}

impl Event {
    /// The head after this event.
    pub fn head_after(&self, previous: &str) -> String {
        let Self { sequence, at_ms, office, kind, actor, object, payload_sha256 } = self;
        let line =
            format!("{sequence}\t{at_ms}\t{office}\t{kind}\t{actor}\t{object}\t{payload_sha256}");
        sha256_hex(format!("{previous}\n{line}\n").as_bytes())
    }
}
