//! What numbers say, in a plain sentence of two languages.

mod campaign;
mod cause;

pub use campaign::{CampaignSaid, campaign};
pub use cause::{Part, Parts, cause};

use serde::Serialize;
use utoipa::ToSchema;

/// The same sentence in English and Chinese.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Sentence {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    pub zh: String,
}

/// A difference of shares in points of a per cent, without its sign: one decimal, two where one would
/// show nothing.
fn points(share: f64) -> String {
    let points = 100.0 * share.abs();
    if points < 0.05 { format!("{points:.2}") } else { format!("{points:.1}") }
}
