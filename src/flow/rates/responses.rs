//! Response classes, office × month × region, and the factor each uses.

use crate::domain::inspection::ItemState;
use crate::domain::period::PeriodKind;
use crate::error::{Error, Result};
use crate::statistics::{Class, Response, response_factors};
use crate::store::rates::ResponseRows;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// The first day of a class's month, its office, its region.
pub type ClassKey = (NaiveDate, String, String);

/// What a class says of its rows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClassState {
    /// drawn/inspected of the class or of the pool it belongs to; `None` where nothing is inspected.
    pub factor: Option<f64>,
    /// Whether the factor may still move: items without a result are in the class or, where it
    /// shares a factor, in its month.
    pub open: bool,
}

/// All classes of some months.
#[derive(Clone, Debug, Default)]
pub struct Responses(BTreeMap<ClassKey, ClassState>);

#[derive(Default)]
struct Tally {
    drawn: u64,
    inspected: u64,
    open: u64,
}

impl Responses {
    /// Finds the factor of each class, month by month. The rows must be those of all offices and of
    /// whole months.
    ///
    /// # Errors
    /// More inspected than drawn, which counting cannot give.
    pub fn of(rows: &[ResponseRows]) -> Result<Self> {
        let mut months = BTreeMap::<NaiveDate, BTreeMap<(&str, &str), Tally>>::new();
        for row in rows {
            let month = months.entry(PeriodKind::Month.of(row.day).first()).or_default();
            let tally = month.entry((&row.office, &row.region)).or_default();
            tally.drawn += row.rows;
            match row.state {
                ItemState::Passed | ItemState::Failed => tally.inspected += row.rows,
                ItemState::Open => tally.open += row.rows,
                ItemState::NotInspected => {}
            }
        }
        let mut all = BTreeMap::new();
        for (month, tallies) in months {
            all.extend(factors(month, &tallies)?);
        }
        Ok(Self(all))
    }

    /// The state of a class; without factor where nothing was drawn.
    pub fn class(&self, key: &ClassKey) -> ClassState {
        self.0.get(key).copied().unwrap_or_default()
    }
}

fn factors(
    month: NaiveDate,
    tallies: &BTreeMap<(&str, &str), Tally>,
) -> Result<Vec<(ClassKey, ClassState)>> {
    let mut classes = Vec::new();
    for (&(office, stratum), tally) in tallies {
        let response = Response::new(tally.drawn, tally.inspected);
        let response = response.map_err(|cause| Error::Inner(cause.into()))?;
        classes.push(Class { office, stratum, response });
    }
    let month_open = tallies.values().any(|tally| tally.open > 0);
    let used = response_factors(&classes);
    let state = |(class, used): (&Class<'_>, Option<Response>)| {
        let key = (month, class.office.to_owned(), class.stratum.to_owned());
        let shares = used != Some(class.response);
        let own = tallies.get(&(class.office, class.stratum)).is_some_and(|tally| tally.open > 0);
        let factor = used.and_then(Response::factor);
        (key, ClassState { factor, open: own || (shares && month_open) })
    };
    Ok(classes.iter().zip(used).map(state).collect())
}
