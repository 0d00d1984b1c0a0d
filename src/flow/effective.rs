//! Which proportion applies to some goods on a day, and why.

use crate::domain::directive::Directive;
use crate::domain::in_force::InForce;
use crate::domain::key::{Caller, Role};
use crate::domain::policy::Goods;
use crate::domain::problem::{Code, Problem};
use crate::domain::reference::commodity;
use crate::domain::reference::country::{self, Country};
use crate::error::Result;
use crate::flow::{in_force, offices};
use crate::store::{self, Store};
use chrono::{DateTime, NaiveDate, Utc};

/// What is asked about.
#[derive(Clone, Debug)]
pub struct Question {
    /// Office.
    pub office: String,
    /// Destination.
    pub country: &'static Country,
    /// HS code of 4 to 10 digits.
    pub commodity: String,
    /// Inspection day; the office's current one when left out.
    pub day: Option<NaiveDate>,
}

impl Question {
    /// Reads it.
    ///
    /// # Errors
    /// [`Code::InvalidParameter`] for a country or a commodity that is none.
    pub fn new(
        office: String,
        destination_country: &str,
        commodity: String,
        day: Option<NaiveDate>,
    ) -> Result<Self, Problem> {
        let refuse = |words: String| Problem::new(Code::InvalidParameter, words);
        let country = country::find(destination_country).ok_or_else(|| {
            refuse(format!(
                "destination_country: `{}` is no ISO 3166-1 alpha-2 country code",
                destination_country.escape_debug()
            ))
        })?;
        commodity::lookup(&commodity).map_err(|error| {
            refuse(format!("commodity: `{}` {error}", commodity.escape_debug()))
        })?;
        Ok(Self { office, country, commodity, day })
    }

    /// The goods it is about.
    pub fn goods(&self) -> Goods<'_> {
        Goods {
            office: &self.office,
            country: self.country.alpha2,
            region: self.country.region,
            commodity: &self.commodity,
        }
    }
}

/// What is in force on the day that a question is about.
#[derive(Clone, Debug)]
pub struct Found {
    /// The inspection day.
    pub day: NaiveDate,
    /// The policy and the campaigns.
    pub in_force: InForce,
    /// The directives that make such goods certain, whoever exports them; those on an exporter or a
    /// declaration are no matter of goods. `None` for callers who must not learn of them.
    pub directives: Option<Vec<Directive>>,
}

/// Answers a question: what is in force at the caller's office on the day that it is about.
///
/// # Errors
/// [`Code::NotFound`] for an office that is not the caller's; [`Code::NoPolicy`].
pub fn find(
    store: &Store,
    caller: &Caller,
    question: &Question,
    now: DateTime<Utc>,
) -> Result<Found> {
    store.snapshot(|conn| {
        let office = offices::own(conn, caller, &question.office)?;
        let day = question.day.unwrap_or_else(|| office.calendar.inspection_day(now));
        let signed_before = in_force::signed_as_of(&office, day, now);
        let in_force = in_force::on(conn, day, signed_before)?.in_force;
        // An exporter's system must not learn what is ordered about its goods.
        let directives = match caller.role {
            Role::Customs => None,
            _ => {
                let mut found =
                    store::directives::in_force(conn, office.code.as_str(), day, signed_before)?;
                found.retain(|directive| directive.order.target.holds_all(question.goods()));
                Some(found)
            }
        };
        Ok(Found { day, in_force, directives })
    })
}
