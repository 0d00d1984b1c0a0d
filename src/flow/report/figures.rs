//! The figures of a report, all as of one moment.

use super::performance::{self, Performance};
use crate::domain::campaign::Campaign;
use crate::domain::key::{Caller, Scope};
use crate::domain::office::Office;
use crate::domain::period::{Period, PeriodKind};
use crate::domain::reference::region::Region;
use crate::domain::span::Span;
use crate::error::Result;
use crate::flow::rates::coverage::{Asked, Coverage, Draws, Shrinking, asked};
use crate::flow::rates::defects::{Defects, defects_of};
use crate::flow::rates::{self, Ask, Cell, Split};
use crate::statistics::{Change, Confidence, Rate, Sums, Target, change, rate};
use crate::store::campaigns::StoredCampaign;
use crate::store::rates::DrawFigures;
use crate::store::{self, Conn};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// What a report is made of.
#[derive(Clone, Debug)]
pub struct Figures {
    /// The month or year.
    pub period: Period,
    /// The same one a year before; none at the edge of the calendar.
    pub before: Option<Period>,
    /// Whether the period has ended everywhere.
    pub over: bool,
    /// The offices it speaks of; `None` for all.
    pub offices_only: Option<Vec<String>>,
    /// Everything.
    pub whole: Part,
    /// Every month of a year; empty in a report of a month.
    pub months: Vec<(Period, Part)>,
    /// Every reporting region.
    pub regions: Vec<(Region, Part)>,
    /// Every office.
    pub offices: Vec<(Office, Part, Performance)>,
    /// Every province that has offices; `None` for the offices that have none.
    pub provinces: Vec<(Option<String>, Part, Performance)>,
    /// What was found.
    pub defects: Defects,
    /// What the public is told about the draws.
    pub disclosure: Disclosure,
    /// Campaigns that ran in the period.
    pub campaigns: Vec<CampaignFigures>,
}

/// The figures of some goods.
#[derive(Clone, Debug)]
pub struct Part {
    /// Counts, the rate of the goods declared, coverage.
    pub coverage: Coverage,
    /// The rate of the process, for comparison.
    pub process: Rate,
    /// That of the same period a year before.
    pub before: Option<Rate>,
    /// How the one changed against the other, where both have inspections.
    pub change: Option<Change>,
}

/// What the public is told about the draws.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disclosure {
    /// Draws made.
    pub draws: u64,
    /// Of them, with their secrets published.
    pub revealed: u64,
    /// Of them, made afterwards.
    pub retrospective: u64,
    /// By where the entropy came from: none, auditor, beacon.
    pub entropy: BTreeMap<String, u64>,
    /// Days of offices that have declarations and closed without a draw.
    pub missing: u64,
}

/// A campaign of the time.
#[derive(Clone, Debug)]
pub struct CampaignFigures {
    /// What it does.
    pub campaign: Campaign,
    /// Its last day, closed early or not.
    pub last_day: NaiveDate,
}

/// The figures of a period.
pub(super) fn of(
    conn: &mut Conn,
    caller: &Caller,
    period: Period,
    now: DateTime<Utc>,
) -> Result<Figures> {
    let days = (period.first(), period.last());
    let offices = store::offices::all(conn, &caller.scope)?;
    let narrowed = match &caller.scope {
        Scope::All => None,
        Scope::Only(own) => Some(own.iter().map(ToString::to_string).collect::<Vec<_>>()),
    };
    let draws = store::rates::draw_figures(conn, days, narrowed.as_deref())?;
    let mut reader = Reader::new(conn, caller, period, &draws)?;
    let whole = reader.whole()?;
    let months = if period.kind() == PeriodKind::Year { reader.months()? } else { Vec::new() };
    let regions = reader.regions()?;
    let parts = reader.offices(&offices)?;
    let provinces = reader.provinces(&offices)?;
    let work = performance::of_offices(conn, days, &offices, narrowed.as_deref())?;
    let of_office = |office: &Office| work.get(office.code.as_str()).cloned().unwrap_or_default();
    let of_province = |province: &Option<String>| {
        let mut all = Performance::default();
        for office in offices.iter().filter(|office| office.province == *province) {
            all += &of_office(office);
        }
        all
    };
    Ok(Figures {
        before: a_year_before(period),
        over: super::over(period, now).is_ok(),
        whole,
        months,
        regions,
        provinces: provinces
            .into_iter()
            .map(|(province, part)| {
                let performance = of_province(&province);
                (province, part, performance)
            })
            .collect(),
        defects: defects_of(conn, caller, &ask(period, PeriodKind::Year, &[]))?,
        disclosure: disclosure(conn, days, &offices, narrowed.as_deref(), &draws, now)?,
        campaigns: campaigns(store::campaigns::all(conn)?, days),
        offices: offices
            .iter()
            .zip(parts)
            .map(|(office, part)| (office.clone(), part, of_office(office)))
            .collect(),
        offices_only: narrowed,
        period,
    })
}

/// The question for the cells of a period.
fn ask(period: Period, kind: PeriodKind, split_by: &[Split]) -> Ask {
    Ask { split_by: split_by.to_vec(), ..Ask::of_days(kind, (period.first(), period.last())) }
}

/// The month or year that bears the same name in the year before.
fn a_year_before(period: Period) -> Option<Period> {
    Span::whole(period).a_year_before().map(Span::period)
}

/// Reads parts; what the frames say is read once.
struct Reader<'a> {
    conn: &'a mut Conn,
    caller: &'a Caller,
    period: Period,
    asked: Vec<(Key, Asked)>,
    days: Draws,
}

/// The month, office and region that rows are of.
type Key = (Period, String, String);

impl<'a> Reader<'a> {
    fn new(
        conn: &'a mut Conn,
        caller: &'a Caller,
        period: Period,
        draws: &[DrawFigures],
    ) -> Result<Self> {
        let fine = ask(period, PeriodKind::Month, &[Split::Office, Split::Region]);
        let cells = asked(conn, caller, &fine)?;
        let named = cells.into_iter().filter_map(|((month, labels), asked)| {
            let mut labels = labels.into_iter().flatten();
            Some(((month, labels.next()?, labels.next()?), asked))
        });
        Ok(Self { conn, caller, period, asked: named.collect(), days: Draws::of(draws) })
    }

    fn whole(&mut self) -> Result<Part> {
        let cells = self.cells(self.period.kind(), &[], |_| {})?;
        self.one(cells, |_| true)
    }

    fn months(&mut self) -> Result<Vec<(Period, Part)>> {
        let cells = self.cells(PeriodKind::Month, &[], |_| {})?;
        let before = |month: Period| a_year_before(month);
        let rates: BTreeMap<_, _> =
            cells.before.iter().map(|cell| (cell.period, process(cell))).collect();
        let part = |cell: Cell| {
            let month = cell.period;
            let earlier = before(month).and_then(|month| rates.get(&month)).copied();
            (month, self.part(cell, earlier, |(of, _, _)| *of == month))
        };
        Ok(cells.now.into_iter().map(part).collect())
    }

    fn regions(&mut self) -> Result<Vec<(Region, Part)>> {
        let all = |ask: &mut Ask| ask.regions = Region::ALL.to_vec();
        let cells = self.cells(self.period.kind(), &[Split::Region], all)?;
        let parts = Region::ALL.into_iter().map(|region| {
            let of = cells.of(Some(region.code()));
            Ok((region, self.one(of, |(_, _, other)| other == region.code())?))
        });
        parts.collect()
    }

    fn offices(&mut self, offices: &[Office]) -> Result<Vec<Part>> {
        let all = |ask: &mut Ask| ask.offices = offices.iter().map(|o| o.code.clone()).collect();
        let cells = self.cells(self.period.kind(), &[Split::Office], all)?;
        let parts = offices.iter().map(|office| {
            let code = office.code.as_str();
            self.one(cells.of(Some(code)), |(_, other, _)| other == code)
        });
        parts.collect()
    }

    fn provinces(&mut self, offices: &[Office]) -> Result<Vec<(Option<String>, Part)>> {
        let cells = self.cells(self.period.kind(), &[Split::Province], |_| {})?;
        let provinces: BTreeSet<_> = offices.iter().map(|office| office.province.clone()).collect();
        let parts = provinces.into_iter().map(|province| {
            let inside = |code: &str| {
                let office = offices.iter().find(|office| office.code.as_str() == code);
                office.is_some_and(|office| office.province == province)
            };
            let part = self.one(cells.of(province.as_deref()), |(_, code, _)| inside(code))?;
            Ok((province.clone(), part))
        });
        parts.collect()
    }

    /// The cells of the period and of the one a year before.
    fn cells(
        &mut self,
        kind: PeriodKind,
        split_by: &[Split],
        change: impl Fn(&mut Ask),
    ) -> Result<Cells> {
        let mut read = |period: Period| {
            let mut ask = ask(period, kind, split_by);
            change(&mut ask);
            rates::of(self.conn, self.caller, &ask)
        };
        let before = a_year_before(self.period).map(&mut read).transpose()?;
        Ok(Cells { now: read(self.period)?, before: before.unwrap_or_default() })
    }

    /// The part of cells that are one each; nothing where there is none.
    fn one(&self, cells: Cells, inside: impl Fn(&Key) -> bool) -> Result<Part> {
        let before = a_year_before(self.period)
            .map(|before| process(cells.before.first().unwrap_or(&nothing(before))));
        let now = cells.now.into_iter().next().unwrap_or_else(|| nothing(self.period));
        Ok(self.part(now, before, inside))
    }

    fn part(&self, cell: Cell, before: Option<Rate>, inside: impl Fn(&Key) -> bool) -> Part {
        let mut asked = Asked::default();
        for (_, one) in self.asked.iter().filter(|(key, _)| inside(key)) {
            asked += one;
        }
        let shrinking = Shrinking::of(&asked.days, &self.days);
        let process = process(&cell);
        let estimates = process.estimate().zip(before.and_then(|before| before.estimate()));
        let change = estimates.map(|(now, before)| change(&now, &before));
        Part { coverage: Coverage { cell, asked, shrinking }, process, before, change }
    }
}

/// Cells of the period and of the one a year before.
struct Cells {
    now: Vec<Cell>,
    before: Vec<Cell>,
}

impl Cells {
    /// Those of one label.
    fn of(&self, label: Option<&str>) -> Self {
        let own = |cells: &[Cell]| {
            let has = |cell: &&Cell| cell.labels.first().is_some_and(|own| own.as_deref() == label);
            cells.iter().filter(has).cloned().collect()
        };
        Self { now: own(&self.now), before: own(&self.before) }
    }
}

/// The cell of nothing.
fn nothing(period: Period) -> Cell {
    let sums = Sums::default();
    Cell {
        period,
        labels: Vec::new(),
        counts: rates::parts::Counts::default(),
        sums,
        provisional: false,
        rate: rate(&sums, Target::Declarations, Confidence::NINETY_FIVE),
    }
}

/// The rate of the process behind a cell.
fn process(cell: &Cell) -> Rate {
    rate(&cell.sums, Target::Process, Confidence::NINETY_FIVE)
}

fn disclosure(
    conn: &mut Conn,
    days: (NaiveDate, NaiveDate),
    offices: &[Office],
    narrowed: Option<&[String]>,
    draws: &[DrawFigures],
    now: DateTime<Utc>,
) -> Result<Disclosure> {
    let mut told = Disclosure::default();
    let mut drawn = BTreeSet::new();
    for draw in draws {
        told.draws += 1;
        told.revealed += u64::from(draw.revealed);
        told.retrospective += u64::from(draw.retrospective);
        let source = draw.entropy.split(':').next().unwrap_or_default();
        *told.entropy.entry(source.to_owned()).or_default() += 1;
        drawn.insert((draw.office.as_str(), draw.day));
    }
    let closed = |code: &str, day: NaiveDate| {
        let office = offices.iter().find(|office| office.code.as_str() == code);
        office.is_some_and(|office| office.calendar.closes_at(day) <= now)
    };
    for (office, day) in store::reports::undrawn_days(conn, days, narrowed)? {
        told.missing += u64::from(!drawn.contains(&(office.as_str(), day)) && closed(&office, day));
    }
    Ok(told)
}

/// The campaigns that raised proportions in some days.
fn campaigns(all: Vec<StoredCampaign>, days: (NaiveDate, NaiveDate)) -> Vec<CampaignFigures> {
    let ran = |stored: StoredCampaign| {
        let closed = stored.closure.as_ref().map(|closure| closure.last_day);
        let last_day = closed.map_or(stored.campaign.until, |day| day.min(stored.campaign.until));
        let governs = stored.approval.is_some() || stored.historical;
        let overlaps = stored.campaign.from <= days.1.min(last_day) && last_day >= days.0;
        (governs && overlaps).then_some(CampaignFigures { campaign: stored.campaign, last_day })
    };
    all.into_iter().filter_map(ran).collect()
}
