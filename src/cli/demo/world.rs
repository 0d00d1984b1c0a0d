//! Four weeks in fast motion: the real flow on a temporary database, with a clock that jumps.

use super::sample::{self, DAYS, Row};
use crate::app::{App, Clock};
use crate::config::system_clock;
use crate::domain::calendar::Calendar;
use crate::domain::declaration;
use crate::domain::draw::SampleItem;
use crate::domain::id::{InspectorId, OfficeCode};
use crate::domain::inspection::{Defect, InspectionBody, NotInspectedReason, Outcome};
use crate::domain::key::{Caller, Role};
use crate::domain::master::MasterKey;
use crate::domain::office::{InspectorBody, OfficeBody};
use crate::domain::policy;
use crate::domain::problem::Problem;
use crate::domain::reference::defect;
use crate::error::{Error, Result};
use crate::flow::approval::Seen;
use crate::flow::declare::{Intake, OnChange};
use crate::flow::{self, keys::NewKey};
use crate::store::{Engine, Store};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use uuid::Uuid;

/// Code, name, province, daily capacity and inspectors of each office.
pub const OFFICES: [(&str, &str, &str, u32, [&str; 2]); 3] = [
    ("CNTAO", "Qingdao", "CN-SD", 6, ["Li Na", "Wang Wei"]),
    ("CNSZX", "Shenzhen", "CN-GD", 8, ["Chen Jie", "Zhao Min"]),
    ("CNYIW", "Yiwu", "CN-ZJ", 5, ["Sun Lei", "Zhou Yan"]),
];
/// The demo's own master key: its draws are for show, and the same each time on the same day.
const MASTER: [u8; 32] = [0x42; 32];

/// The demo's application and what was played on it.
pub struct World {
    /// The application.
    pub app: App,
    /// The day of today's list.
    pub today: NaiveDate,
    /// What an inspection of each declaration finds.
    truth: BTreeMap<String, Row>,
    time: Arc<Mutex<Option<DateTime<Utc>>>>,
    operator: Caller,
    /// Holds the database; dropped last.
    folder: TempDir,
}

impl World {
    /// Makes the temporary database.
    ///
    /// # Errors
    /// Those of the disk and the database.
    pub fn new() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("breeze-demo-").tempdir()?;
        let time = Arc::new(Mutex::new(None));
        let store = Store::open(Engine::Sqlite(folder.path().join("breeze.db")))?;
        let (clock, spool) = (jumping_clock(time.clone()), folder.path().to_owned());
        let app = App::new(store, MasterKey::new(MASTER), clock, spool);
        app.prepare()?;
        let operator = Caller::operator("demo");
        let mut world = Self {
            today: NaiveDate::default(),
            truth: BTreeMap::new(),
            app,
            time,
            operator,
            folder,
        };
        world.register_offices()?;
        world.today = last_closed_day(&world.calendar()?, world.app.now());
        Ok(world)
    }

    /// Where the database is.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The date of a day of the sample.
    fn date(&self, day: u64) -> NaiveDate {
        let before = DAYS.saturating_sub(day);
        self.today.checked_sub_days(Days::new(before)).unwrap_or(self.today)
    }

    /// The first inspection day that was played.
    pub fn first_day(&self) -> NaiveDate {
        self.date(1)
    }

    fn calendar(&self) -> Result<Calendar> {
        let (code, ..) = OFFICES[0];
        Ok(flow::offices::find(&self.app.store, &self.operator, code)?.calendar)
    }

    fn set_clock(&self, at: Option<DateTime<Utc>>) {
        if let Ok(mut time) = self.time.lock() {
            *time = at;
        }
    }

    fn register_offices(&self) -> Result<()> {
        for (code, name, province, capacity, inspectors) in OFFICES {
            let code = OfficeCode::parse(code).map_err(Error::inner)?;
            let body = OfficeBody {
                name: name.into(),
                province: Some(province.into()),
                time_zone: "Asia/Shanghai".into(),
                cut_off: "06:00".into(),
                daily_capacity: capacity,
                working_days: (1..=7).collect(),
                holidays: Vec::new(),
                entropy: None,
            };
            let now = self.app.now();
            flow::offices::put(&self.app.store, &self.operator, &code, body, now)?;
            for (at, name) in (1..).zip(inspectors) {
                let id = InspectorId::parse(&format!("insp-{at}")).map_err(Error::inner)?;
                let body = InspectorBody {
                    name: name.into(),
                    room: 5,
                    conflicts: Vec::new(),
                    active: true,
                };
                let (store, office) = (&self.app.store, code.as_str());
                flow::offices::put_inspector(store, &self.operator, office, &id, body, now)?;
            }
        }
        Ok(())
    }

    /// Plays the four weeks: each day what is declared, the draw at the cut-off, and what the
    /// inspectors find; today's list stays half worked off. How many declarations came in.
    ///
    /// # Errors
    /// Those of the flow.
    pub fn play(&mut self) -> Result<usize> {
        let calendar = self.calendar()?;
        let before = self.date(0);
        self.set_clock(Some(calendar.closes_at(before)));
        let policy = include_str!("../../../data/demo/policy.toml");
        let policy = policy.replace("{from}", &self.date(1).to_string());
        self.govern(&policy)?;
        let rows = sample::rows()?;
        for day in 1..=DAYS {
            let date = self.date(day);
            let closes_at = calendar.closes_at(date);
            self.set_clock(Some(closes_at - TimeDelta::hours(9)));
            self.tick()?;
            self.declare(rows.iter().filter(|row| row.day == day), date)?;
            self.set_clock(Some(closes_at + TimeDelta::seconds(5)));
            self.tick()?;
            self.set_clock(Some(closes_at + TimeDelta::hours(8)));
            self.inspect(date, day == DAYS)?;
        }
        self.set_clock(None);
        self.truth.clear();
        Ok(rows.len())
    }

    /// Puts a policy in force: two people stand for it, in the demo as elsewhere.
    fn govern(&self, file: &str) -> Result<()> {
        let (store, now) = (&self.app.store, self.app.now());
        let policy = policy::parse_toml(file, 1)?;
        let [proposer, approver] = ["demo", "demo-approver"].map(Caller::operator);
        flow::policy::propose(store, &proposer, &policy, false, Seen::Whichever, now)?;
        flow::policy::approve(store, &approver, &policy.id, Seen::Whichever, None, now)?;
        Ok(())
    }

    fn tick(&self) -> Result<()> {
        let tick = flow::schedule::tick(&self.app.store, &self.app.master, self.app.now())?;
        if tick.missing > 0 {
            return Err(Error::inner(format!("{} draws of the demo are missing", tick.missing)));
        }
        Ok(())
    }

    fn declare<'a>(&mut self, rows: impl Iterator<Item = &'a Row>, date: NaiveDate) -> Result<()> {
        let now = self.app.now();
        let mut checked = Vec::new();
        for row in rows {
            let body = row.body(date);
            checked.push(declaration::parse(&body, now, false).map_err(Problem::fields)?);
            self.truth.insert(row.declaration_number.clone(), row.clone());
        }
        let intake = Intake { historical: false, on_change: OnChange::Refuse };
        let accepted =
            flow::declare::put_all(&self.app.store, &self.operator, &checked, intake, now, "demo")?;
        accepted.into_iter().try_for_each(|one| one.map(drop)).map_err(Error::from)
    }

    /// Records what is found; of today's list only the first half.
    fn inspect(&self, date: NaiveDate, half: bool) -> Result<()> {
        let (store, master) = (&self.app.store, &self.app.master);
        for (office, ..) in OFFICES {
            let lists = flow::list::of_day(store, &self.operator, office, date)?;
            let items: Vec<&SampleItem> =
                lists.iter().flat_map(|list| &list.lines).map(|line| &line.item).collect();
            let done = if half { items.len() / 2 } else { items.len() };
            let now = self.app.now();
            let results: Vec<_> = items
                .into_iter()
                .take(done)
                .map(|item| (Uuid::new_v7(timestamp(now)), self.result(item, now)))
                .collect();
            for one in flow::inspect::record_all(store, master, &self.operator, &results, now)? {
                one?;
            }
        }
        Ok(())
    }

    /// What the inspector finds; one in thirty goods has left.
    fn result(&self, item: &SampleItem, now: DateTime<Utc>) -> InspectionBody {
        let truth = self.truth.get(&item.candidate.declaration_number);
        let gone = item.ticket.is_multiple_of(30);
        let failed = !gone && truth.is_some_and(|row| row.outcome == "fail");
        let defect = truth.filter(|_| failed).and_then(|row| defect::find(&row.defect));
        InspectionBody {
            item: item.id(),
            inspector: Some(item.assignee.clone().unwrap_or_else(|| "insp-1".into())),
            outcome: match (gone, failed) {
                (true, _) => Outcome::NotInspected,
                (false, true) => Outcome::Fail,
                (false, false) => Outcome::Pass,
            },
            not_inspected_reason: gone.then_some(NotInspectedReason::GoodsLeft),
            inspected_at: now.to_rfc3339(),
            units_inspected: (!gone).then_some(32),
            units_nonconforming: (!gone).then_some(if failed { 4 } else { 0 }),
            defects: defect
                .map(|defect| Defect { code: defect.code.into(), class: defect.class, count: 4 })
                .into_iter()
                .collect(),
            note: None,
        }
    }

    /// One key of each role, in the order of the roles.
    ///
    /// # Errors
    /// Those of the flow.
    pub fn keys(&self) -> Result<Vec<(Role, String)>> {
        let one = |role: Role| {
            let bound = matches!(role, Role::Customs | Role::Inspector);
            let (office, ..) = OFFICES[0];
            let office = OfficeCode::parse(office).map_err(Error::inner)?;
            let inspector = (role == Role::Inspector).then(|| InspectorId::parse("insp-1"));
            let new = NewKey {
                name: format!("demo {}", role.as_str()),
                role,
                offices: if bound { vec![office] } else { Vec::new() },
                inspector: inspector.transpose().map_err(Error::inner)?,
                expires_at: None,
            };
            let now = self.app.now();
            let (store, operator) = (&self.app.store, &self.operator);
            let issued = flow::keys::create(store, operator, &new, None, &rand::random(), now)?;
            Ok((role, issued.text))
        };
        Role::ALL.into_iter().map(one).collect()
    }
}

/// The time part of an id made at an instant.
fn timestamp(at: DateTime<Utc>) -> uuid::Timestamp {
    let seconds = u64::try_from(at.timestamp()).unwrap_or(0);
    uuid::Timestamp::from_unix(uuid::NoContext, seconds, at.timestamp_subsec_nanos())
}

/// A clock that stands where it is set, and is the system's clock otherwise.
fn jumping_clock(time: Arc<Mutex<Option<DateTime<Utc>>>>) -> Clock {
    let system = system_clock();
    Arc::new(move || time.lock().ok().and_then(|time| *time).unwrap_or_else(|| system()))
}

/// The last day whose frame has closed.
fn last_closed_day(calendar: &Calendar, now: DateTime<Utc>) -> NaiveDate {
    let today = calendar.local_day(now);
    if now < calendar.closes_at(today) { today.pred_opt().unwrap_or(today) } else { today }
}
