//! Inspections as they are kept: the result first recorded, and what corrected it since.

use super::Finding;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A recorded inspection. Nothing in it ever changes; corrections follow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Chosen by the client.
    pub id: Uuid,
    /// The draw of its item.
    pub draw_id: String,
    /// The position of its item.
    pub position: u32,
    /// The office.
    pub office: String,
    /// The declaration that was drawn.
    pub declaration_number: String,
    /// What was found, as first recorded.
    pub finding: Finding,
    /// When the server recorded it.
    pub recorded_at: DateTime<Utc>,
    /// By which key.
    pub recorded_by: String,
    /// Its event in the office's chain.
    pub chain_sequence: i64,
    /// What corrected it, the first one first.
    pub amendments: Vec<Amendment>,
}

/// A correction of an inspection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// Counts from 1 for each inspection.
    pub number: u32,
    /// Why.
    pub reason: String,
    /// The whole result as corrected.
    pub finding: Finding,
    /// When the server recorded it.
    pub recorded_at: DateTime<Utc>,
    /// By which key.
    pub recorded_by: String,
    /// Its event in the office's chain.
    pub chain_sequence: i64,
}

impl Inspection {
    /// The result in force: that of the last amendment, or the one first recorded.
    pub fn in_force(&self) -> &Finding {
        self.amendments.last().map_or(&self.finding, |amendment| &amendment.finding)
    }

    /// Its latest event in the office's chain.
    pub fn last_sequence(&self) -> i64 {
        self.amendments.last().map_or(self.chain_sequence, |amendment| amendment.chain_sequence)
    }

    /// `draw id/position`.
    pub fn item_id(&self) -> String {
        format!("{}/{}", self.draw_id, self.position)
    }
}
