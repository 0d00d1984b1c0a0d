//! Directives: orders to inspect whatever a declaration, exporter or pattern names, with a reason.
//!
//! A directive makes what it takes certain to be drawn (π = 1). It hides nothing, so one person may
//! order it; every order is an event of the log, and what it takes is counted apart.

use crate::domain::declaration::Declaration;
use crate::domain::id::{DeclarationNumber, ExporterId, OfficeCode};
use crate::domain::key::Scope;
use crate::domain::policy::Goods;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

mod body;
mod orders;
pub use body::{ClosureBody, DirectiveBody};
pub use orders::{Orders, Row, take};

/// The chain of an event and its number there.
pub type EventPlace = (String, i64);

/// Who made a directive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DirectiveKind {
    /// A person.
    Ordered,
    /// The cancellation of a drawn declaration.
    Automatic,
}

impl DirectiveKind {
    /// The value as text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::Automatic => "automatic",
        }
    }

    /// Finds a value by its text.
    pub fn find(text: &str) -> Option<Self> {
        [Self::Ordered, Self::Automatic].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Where a directive stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DirectiveState {
    /// Its first day lies ahead.
    Scheduled,
    /// It takes what it names.
    InForce,
    /// Its last day has passed.
    Ended,
    /// Somebody ended it before its time.
    Closed,
}

/// Which declarations: all that is named must hold. At least one of number, exporter and commodity
/// is named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Target {
    /// One declaration.
    pub declaration_number: Option<DeclarationNumber>,
    /// Every declaration of an exporter.
    pub exporter_id: Option<ExporterId>,
    /// HS prefix, 2 to 10 digits.
    pub commodity: Option<String>,
    /// Destination, alpha-2.
    pub destination_country: Option<String>,
    /// The office; `None` for all of them.
    pub office: Option<OfficeCode>,
}

impl Target {
    /// Whether a declaration is what is named.
    pub fn holds(&self, declaration: &Declaration) -> bool {
        fn is<T: PartialEq>(named: &Option<T>, found: &T) -> bool {
            named.as_ref().is_none_or(|named| named == found)
        }
        let country = declaration.destination_country.alpha2;
        is(&self.declaration_number, &declaration.number)
            && is(&self.exporter_id, &declaration.exporter_id)
            && is(&self.office, &declaration.office)
            && self.destination_country.as_deref().is_none_or(|named| named == country)
            && self.commodity.as_deref().is_none_or(|p| declaration.commodity_code.starts_with(p))
    }

    /// Whether all such goods are what is named, whoever exports them.
    pub fn holds_all(&self, goods: Goods<'_>) -> bool {
        self.declaration_number.is_none()
            && self.exporter_id.is_none()
            && self.office.as_ref().is_none_or(|office| office.as_str() == goods.office)
            && self.destination_country.as_deref().is_none_or(|named| named == goods.country)
            && self.commodity.as_deref().is_none_or(|p| goods.commodity.starts_with(p))
    }
}

/// What is ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Order {
    /// Which declarations.
    pub target: Target,
    /// Why, up to 500 characters.
    pub reason: String,
    /// First inspection day.
    pub from: NaiveDate,
    /// Last inspection day.
    pub until: NaiveDate,
    /// The largest number of declarations it takes; `None` for all of them.
    pub limit: Option<u32>,
}

/// Who ended a directive before its time, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closure {
    /// Why.
    pub reason: String,
    /// When.
    pub closed_at: DateTime<Utc>,
    /// By whom.
    pub closed_by: String,
    /// Its event in the chain of the directive's office, or of none.
    pub chain_sequence: i64,
}

/// A directive as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// `D-{yyyymmdd}-{chain}-{number of its event}`.
    pub id: String,
    /// Who made it.
    pub kind: DirectiveKind,
    /// What it orders.
    pub order: Order,
    /// The drawn declaration whose cancellation made it.
    pub cancelled_declaration: Option<String>,
    /// When it was made.
    pub ordered_at: DateTime<Utc>,
    /// By whom.
    pub ordered_by: String,
    /// Its event. That of an automatic directive stands in the chain of the office where the
    /// declaration was cancelled, though it holds at all offices.
    pub event: EventPlace,
    /// How it was ended before its time.
    pub closed: Option<Closure>,
}

impl Directive {
    /// Where it stands in the order. Ids do not tell, for the numbers in them are not padded.
    pub fn place(&self) -> Place<'_> {
        (self.ordered_at, &self.event.0, self.event.1)
    }

    /// As it is shown to a key: an automatic one holds at all offices, but which declaration of which
    /// office was drawn and cancelled is that office's own business.
    #[must_use]
    pub fn seen_by(mut self, scope: &Scope) -> Self {
        if self.kind == DirectiveKind::Automatic && !scope.holds(&self.event.0) {
            self.cancelled_declaration = None;
            self.order.reason = FOREIGN_CANCELLATION.to_owned();
        }
        self
    }

    /// Where it stands on a day.
    pub fn state_on(&self, day: NaiveDate) -> DirectiveState {
        match (&self.closed, &self.order) {
            (Some(_), _) => DirectiveState::Closed,
            (None, order) if day < order.from => DirectiveState::Scheduled,
            (None, order) if day > order.until => DirectiveState::Ended,
            (None, _) => DirectiveState::InForce,
        }
    }
}

/// The reason of an automatic directive, as other offices read it.
const FOREIGN_CANCELLATION: &str = "a drawn declaration of this exporter was cancelled";

/// Where a directive stands in the order in which they were given: time, chain, number of its event.
pub type Place<'a> = (DateTime<Utc>, &'a str, i64);

/// The id of a directive: the day it was made, and the place of its event in the log, which no other
/// event has. The chain of no office is left out.
///
/// ```
/// use breeze::domain::directive::directive_id;
/// let day = "2026-11-24".parse().unwrap();
/// assert_eq!(directive_id(day, "CNTAO", 815), "D-20261124-CNTAO-815");
/// assert_eq!(directive_id(day, "-", 12), "D-20261124-12");
/// ```
pub fn directive_id(day: NaiveDate, chain: &str, sequence: i64) -> String {
    let day = day.format("%Y%m%d");
    match chain {
        crate::domain::chain::NO_OFFICE => format!("D-{day}-{sequence}"),
        office => format!("D-{day}-{office}-{sequence}"),
    }
}

#[cfg(test)]
mod tests;
