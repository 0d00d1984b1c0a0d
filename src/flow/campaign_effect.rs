//! Say what a campaign did: its goods during and before, against the same commodities elsewhere.

use super::rates::{self, Ask, Cell, Filters, Words};
use crate::domain::campaign::CampaignScope;
use crate::domain::key::Caller;
use crate::domain::period::PeriodKind;
use crate::domain::problem::{Code, Problem};
use crate::error::Result;
use crate::statistics::effect::{campaign_effect, trend_before, verdict};
use crate::statistics::{
    Confidence, Estimate, Rate, RelativeChange, Sides, Sums, Target, Verdict, change, rate,
};
use crate::store::campaigns::StoredCampaign;
use crate::store::{self, Conn, Store};
use chrono::{Days, Months, NaiveDate};

/// Months before a campaign that its trend before is taken from.
const TREND_MONTHS: u32 = 12;

/// First and last day.
pub type Range = (NaiveDate, NaiveDate);

/// With which days those of the campaign are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// The same days a year earlier.
    PreviousYear,
    /// As many days, up to the one before it began.
    BeforeStart,
}

impl Before {
    /// The value as text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PreviousYear => "previous_year",
            Self::BeforeStart => "before_start",
        }
    }

    /// Reads a value.
    ///
    /// # Errors
    /// An impossible question, with what is possible.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let mut all = [Self::PreviousYear, Self::BeforeStart].into_iter();
        all.find(|one| one.as_str() == text).ok_or_else(|| {
            let shown = text.escape_debug();
            impossible(format!("before: `{shown}` is none of previous_year, before_start"))
        })
    }
}

/// Rates of the same goods during a campaign and before it.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// During.
    pub during: Rate,
    /// Before.
    pub before: Rate,
}

/// How inside moved against elsewhere before the start.
#[derive(Clone, Copy, Debug)]
pub struct TrendBefore {
    /// The first months' first day, the last one's last.
    pub days: Range,
    /// Of them, months with an inspection on both sides.
    pub months: u32,
    /// The slope a month of the logarithm of the ratio; none of too few months.
    pub slope: Option<Estimate>,
}

/// What a campaign did.
#[derive(Clone, Debug)]
pub struct Effect {
    /// Its days up to today, its end or its closure.
    pub during: Range,
    /// The days they are compared with.
    pub before: Range,
    /// Which those are.
    pub which: Before,
    /// Whether results are missing still that a rate depends on.
    pub provisional: bool,
    /// The goods in its scope.
    pub inside: Times,
    /// The same commodities out of its scope; none where it covers them everywhere.
    pub elsewhere: Option<Times>,
    /// The effect as a fraction; none where a rate is missing.
    pub effect: Option<RelativeChange>,
    /// What it amounts to; none where there is no estimate.
    pub verdict: Option<Verdict>,
    /// Were they already moving? None where there is no elsewhere.
    pub trend_before: Option<TrendBefore>,
}

/// Measures what a campaign did, on the caller's offices.
///
/// # Errors
/// Not found; an impossible question for a campaign that has not run yet.
pub fn measure(
    store: &Store,
    caller: &Caller,
    id: &str,
    before: Option<Before>,
    today: NaiveDate,
) -> Result<Effect> {
    store.snapshot(|conn| {
        let stored = store::campaigns::find(conn, id)?;
        let stored = stored.ok_or_else(|| Problem::not_found("campaign", id))?;
        let during = ran(&stored, today)?;
        let goods = Goods { conn, caller, id, scope: &stored.campaign.scope };
        effect(goods, during, before)
    })
}

/// The days on which a campaign has run.
fn ran(stored: &StoredCampaign, today: NaiveDate) -> Result<Range, Problem> {
    let campaign = &stored.campaign;
    let closed = stored.closure.as_ref().map(|closure| closure.last_day);
    // What was brought in as history has run before it was proposed, though nobody approved it.
    let past = stored.proposed_at.date_naive().pred_opt();
    let unapproved = match (&stored.approval, stored.historical) {
        (Some(_), _) => None,
        (None, true) => past,
        (None, false) => {
            let words = format!("campaign {} is not approved, so it has not run", campaign.id);
            return Err(impossible(words));
        }
    };
    let ends = [Some(today), closed, unapproved].into_iter().flatten();
    let last = ends.fold(campaign.until, NaiveDate::min);
    if last < campaign.from {
        let words = format!(
            "campaign {} has not run: it begins on {}; ask again once goods of that day are inspected",
            campaign.id, campaign.from
        );
        return Err(impossible(words));
    }
    Ok((campaign.from, last))
}

fn effect(mut goods: Goods<'_>, during: Range, before: Option<Before>) -> Result<Effect> {
    let inside_during = goods.read(Side::Inside, during)?;
    let (which, range, inside_before) = goods.before(during, before)?;
    let inside = Times { during: inside_during.rate(), before: inside_before.rate() };
    let mut provisional = inside_during.provisional || inside_before.provisional;
    let mut elsewhere = None;
    if goods.has_elsewhere() {
        let read = [goods.read(Side::Elsewhere, during)?, goods.read(Side::Elsewhere, range)?];
        provisional |= read.iter().any(|one| one.provisional);
        let [during, before] = read;
        elsewhere = Some(Times { during: during.rate(), before: before.rate() });
    }
    let (effect, verdict) = judged(&inside, elsewhere.as_ref());
    let trend_before = match elsewhere {
        Some(_) => goods.trend(during.0)?,
        None => None,
    };
    let before = range;
    Ok(Effect {
        during,
        before,
        which,
        provisional,
        inside,
        elsewhere,
        effect,
        verdict,
        trend_before,
    })
}

/// Effect and verdict, as far as the rates are there.
fn judged(inside: &Times, elsewhere: Option<&Times>) -> (Option<RelativeChange>, Option<Verdict>) {
    let estimates = |times: &Times| Some((times.during.estimate()?, times.before.estimate()?));
    let Some((now, then)) = estimates(inside) else { return (None, None) };
    let Some(elsewhere) = elsewhere else {
        let change = change(&now, &then);
        return (Some(change.relative), change.relative.value.map(|_| change.verdict));
    };
    let Some((other_now, other_then)) = estimates(elsewhere) else { return (None, None) };
    let during = Sides { inside: now, elsewhere: other_now };
    let effect = campaign_effect(&during, &Sides { inside: then, elsewhere: other_then });
    (Some(effect), effect.value.map(|_| verdict(&effect)))
}

/// Which goods.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Inside,
    Elsewhere,
}

/// The sums of some goods over some days.
#[derive(Default)]
struct Read {
    sums: Sums,
    provisional: bool,
}

impl Read {
    fn rate(&self) -> Rate {
        rate(&self.sums, Target::Process, Confidence::NINETY_FIVE)
    }
}

/// The goods of a campaign, and the same ones elsewhere.
struct Goods<'a> {
    conn: &'a mut Conn,
    caller: &'a Caller,
    id: &'a str,
    scope: &'a CampaignScope,
}

impl Goods<'_> {
    /// Whether the same commodities exist out of the scope.
    fn has_elsewhere(&self) -> bool {
        !self.scope.places.is_empty() || !self.scope.offices.is_empty()
    }

    fn cells(&mut self, side: Side, days: Range) -> Result<Vec<Cell>> {
        let commodity = self.scope.commodities.clone();
        let filters = match side {
            Side::Inside => Filters { campaign: vec![self.id.to_owned()], ..Filters::default() },
            Side::Elsewhere => Filters { commodity, ..Filters::default() },
        };
        let mut ask = Ask::parse(&Words {
            period: PeriodKind::Month.to_string(),
            target: Some(Target::Process.name().into()),
            from: days.0.to_string(),
            to: days.1.to_string(),
            split_by: Vec::new(),
            filters,
        })?;
        ask.outside = (side == Side::Elsewhere).then(|| self.scope.clone());
        rates::of(self.conn, self.caller, &ask)
    }

    fn read(&mut self, side: Side, days: Range) -> Result<Read> {
        let mut read = Read::default();
        for cell in self.cells(side, days)? {
            read.sums += cell.sums;
            read.provisional |= cell.provisional;
        }
        Ok(read)
    }

    /// The days before, by choice or the first that have an inspection.
    fn before(&mut self, during: Range, asked: Option<Before>) -> Result<(Before, Range, Read)> {
        let year = year_earlier(during);
        let start = before_start(during)?;
        match asked {
            Some(Before::PreviousYear) => {
                let days = year.ok_or_else(|| {
                    let words = "before: the campaign has run for more than a year, so the same \
                                 days a year earlier are its own; ask for before_start";
                    impossible(words.into())
                })?;
                Ok((Before::PreviousYear, days, self.read(Side::Inside, days)?))
            }
            Some(Before::BeforeStart) => {
                Ok((Before::BeforeStart, start, self.read(Side::Inside, start)?))
            }
            None => {
                if let Some(days) = year {
                    let read = self.read(Side::Inside, days)?;
                    if read.sums.n > 0 {
                        return Ok((Before::PreviousYear, days, read));
                    }
                }
                Ok((Before::BeforeStart, start, self.read(Side::Inside, start)?))
            }
        }
    }

    /// The whole months that ended before a day; none at the beginning of the calendar.
    fn trend(&mut self, start: NaiveDate) -> Result<Option<TrendBefore>> {
        let first_of_month = PeriodKind::Month.of(start).first();
        let first = first_of_month.checked_sub_months(Months::new(TREND_MONTHS));
        let (Some(first), Some(last)) = (first, first_of_month.pred_opt()) else {
            return Ok(None);
        };
        let days = (first, last);
        let inside = self.cells(Side::Inside, days)?;
        let elsewhere = self.cells(Side::Elsewhere, days)?;
        let sides = |(inside, elsewhere): (Cell, Cell)| Sides {
            inside: inside.rate,
            elsewhere: elsewhere.rate,
        };
        let months: Vec<_> = inside.into_iter().zip(elsewhere).map(sides).collect();
        let both =
            |sides: &&Sides<Rate>| sides.inside.inspected > 0 && sides.elsewhere.inspected > 0;
        let usable = u32::try_from(months.iter().filter(both).count()).unwrap_or(u32::MAX);
        let slope = trend_before(&months, Confidence::NINETY_FIVE);
        Ok(Some(TrendBefore { days, months: usable, slope }))
    }
}

/// The same days a year earlier, where they are not the campaign's own.
fn year_earlier((from, last): Range) -> Option<Range> {
    let earlier = |day: NaiveDate| day.checked_sub_months(Months::new(12));
    Some((earlier(from)?, earlier(last)?)).filter(|(_, last)| *last < from)
}

fn before_start((from, last): Range) -> Result<Range, Problem> {
    let length = u64::try_from((last - from).num_days()).unwrap_or_default() + 1;
    let first = from.checked_sub_days(Days::new(length)).zip(from.pred_opt());
    first.ok_or_else(|| impossible("before: the calendar begins later".into()))
}

fn impossible(words: String) -> Problem {
    Problem::new(Code::QuestionImpossible, words)
}
