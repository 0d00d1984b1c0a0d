//! What people write down and send: a body in JSON, or the same fields as a TOML file.

use crate::domain::problem::Problem;
use crate::domain::{json, toml};
use serde::de::DeserializeOwned;

/// A text in one of the two languages.
#[derive(Clone, Debug)]
pub enum Written {
    /// JSON, as bytes.
    Json(Vec<u8>),
    /// TOML.
    Toml(String),
}

impl Written {
    /// Reads the body it stands for.
    ///
    /// ```
    /// # use breeze::domain::{campaign, written::Written};
    /// let written = Written::Toml("id = 3".into());
    /// assert!(written.read::<campaign::CampaignBody>().is_err());
    /// ```
    ///
    /// # Errors
    /// [`Code::MalformedJson`](crate::domain::problem::Code::MalformedJson),
    /// [`Code::MalformedToml`](crate::domain::problem::Code::MalformedToml), or a field error.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        match self {
            Self::Json(bytes) => json::parse(bytes),
            Self::Toml(text) => toml::parse(text),
        }
    }
}
