//! Response factors: drawn goods that were not inspected are spoken for by those that were.
//!
//! The factor of a class (office × month × region) is drawn/inspected: weighting-class
//! adjustment, Little & Vartivarian 2003. Classes too thin to speak for themselves share.

use super::float;
use std::collections::BTreeMap;

/// Fewest inspections from which a class with gaps can speak for itself.
const FEWEST: u64 = 5;
/// One drawn row in so many must be inspected.
const ONE_IN: u64 = 5;

/// Rows drawn and rows inspected of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Response {
    drawn: u64,
    inspected: u64,
}

/// More inspections than draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{inspected} inspected of {drawn} drawn: count only inspections of drawn declarations")]
pub struct ResponseError {
    /// Rows drawn.
    pub drawn: u64,
    /// Rows said to be inspected.
    pub inspected: u64,
}

impl Response {
    /// The response of a class.
    ///
    /// # Errors
    /// [`ResponseError`] when more rows are inspected than drawn.
    pub fn new(drawn: u64, inspected: u64) -> Result<Self, ResponseError> {
        let possible = inspected <= drawn;
        possible.then_some(Self { drawn, inspected }).ok_or(ResponseError { drawn, inspected })
    }

    /// Rows drawn.
    #[must_use]
    pub const fn drawn(self) -> u64 {
        self.drawn
    }

    /// Rows inspected.
    #[must_use]
    pub const fn inspected(self) -> u64 {
        self.inspected
    }

    /// drawn/inspected, at least 1; `None` when nothing was inspected.
    #[must_use]
    pub fn factor(self) -> Option<f64> {
        (self.inspected > 0).then(|| float(self.drawn) / float(self.inspected))
    }

    /// Whether the class speaks for itself: complete, or at least five and a fifth inspected.
    const fn is_firm(self) -> bool {
        self.inspected == self.drawn
            || (self.inspected >= FEWEST && self.inspected >= self.drawn.div_ceil(ONE_IN))
    }

    fn pool(all: impl Iterator<Item = Self>) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            drawn: sum.drawn.saturating_add(one.drawn),
            inspected: sum.inspected.saturating_add(one.inspected),
        })
    }
}

/// A response class of one month, named once each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class<'a> {
    /// The office.
    pub office: &'a str,
    /// The class within the office: its region.
    pub stratum: &'a str,
    /// What was drawn and inspected.
    pub response: Response,
}

/// The response whose factor each class of **one month** uses, in the order given; `None` where
/// nothing can be estimated (nothing drawn in the class, or nothing inspected anywhere).
///
/// Firm classes stand alone; the others pool within their office; a pool still not firm takes in
/// its whole office; offices not firm pool across the month, and a pool still not firm takes in
/// the whole month. All classes of the month must be given, not only those of interest.
///
/// ```
/// use breeze::statistics::{Class, Response, response_factors};
/// let class = |stratum, drawn, inspected| {
///     Response::new(drawn, inspected).map(|response| Class { office: "QD", stratum, response })
/// };
/// let month = [class("africa", 12, 9)?, class("asia", 2, 0)?];
/// let shared = Response::new(14, 9)?;
/// assert_eq!(response_factors(&month), [Some(shared), Some(shared)]);
/// # Ok::<(), breeze::statistics::response::ResponseError>(())
/// ```
#[must_use]
pub fn response_factors(month: &[Class<'_>]) -> Vec<Option<Response>> {
    let offices = by_office(month);
    let weak = Response::pool(offices.values().filter_map(OfficeMonth::weak_total));
    let whole = Response::pool(month.iter().map(|class| class.response));
    let usable = |shared: Response| (shared.inspected > 0).then_some(shared);
    let answer = |class: &Class<'_>| {
        if class.response.drawn == 0 {
            return None;
        }
        if !weak.is_firm() {
            return usable(whole);
        }
        let office = offices.get(class.office)?;
        usable(office.shared_by(class.response).unwrap_or(weak))
    };
    month.iter().map(answer).collect()
}

/// One office's month: the pool of its classes that are not firm, and all of them.
#[derive(Default)]
struct OfficeMonth {
    pool: Response,
    total: Response,
}

impl OfficeMonth {
    /// What a class of this office uses; `None` when the whole office is too thin.
    fn shared_by(&self, class: Response) -> Option<Response> {
        let candidates = if self.pool.is_firm() { [class, self.pool] } else { [self.total; 2] };
        candidates.into_iter().find(|response| response.is_firm())
    }

    /// The office's total where not even that is firm.
    fn weak_total(&self) -> Option<Response> {
        let firm = self.pool.is_firm() || self.total.is_firm();
        (!firm).then_some(self.total)
    }
}

fn by_office<'a>(month: &[Class<'a>]) -> BTreeMap<&'a str, OfficeMonth> {
    let mut offices = BTreeMap::<_, OfficeMonth>::new();
    for class in month {
        let office = offices.entry(class.office).or_default();
        office.total = Response::pool([office.total, class.response].into_iter());
        if !class.response.is_firm() {
            office.pool = Response::pool([office.pool, class.response].into_iter());
        }
    }
    offices
}
