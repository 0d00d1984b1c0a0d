//! How long trends take over millions of declarations, beside the plain SQL that answers the same.
//!
//!     cargo bench --bench trends -- --rows 1000000 --inspections 50000 --engine sqlite --database FILE
//!     cargo bench --bench trends -- --engine postgres --database postgres://…/empty_database
//!
//! The database is filled where it is empty (SQLite: a new file) and left as it is; delete it
//! afterwards. All questions are asked in turn, several times, and medians are printed.

#![allow(clippy::expect_used, clippy::cast_precision_loss, reason = "a benchmark may stop")]

mod load;

use breeze::domain::campaign;
use breeze::domain::key::Caller;
use breeze::domain::written::Written;
use breeze::flow::rates::{self, Ask, Filters, Words};
use breeze::store::{Conn, Engine, Store, migrate};
use chrono::{DateTime, Utc};
use clap::Parser;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use load::step;
use std::error::Error;
use std::time::Instant;

/// What is loaded, and where.
#[derive(Parser)]
struct Load {
    /// Declarations
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// Inspections, about
    #[arg(long, default_value_t = 50_000)]
    inspections: u64,
    /// sqlite or postgres
    #[arg(long, default_value = "sqlite")]
    engine: String,
    /// A file, or the URL of an empty database
    #[arg(long)]
    database: String,
    /// How often everything is asked
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Collect the planner's statistics after loading (ANALYZE)
    #[arg(long)]
    analyze: bool,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

type Done<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Done {
    let load = Load::parse();
    let store = Store::open(Engine::parse(&load.database)?)?;
    for migration in migrate::run(&store)? {
        eprintln!("migrated: {migration}");
    }
    if store.read(|conn| Ok(count(conn, "declarations")?))? == 0 {
        load::fill(&mut direct(&load.database)?, &load)?;
    }
    if store.read(|conn| Ok(count(conn, "rate_sums")?))? == 0 {
        sum(&store)?;
    }
    if load.analyze {
        step("ANALYZE", || Ok(direct(&load.database)?.batch_execute("ANALYZE")?))?;
    }
    forget_peak();
    ask_all(&store, &load)
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Whether a table holds anything: 0 or 1.
fn count(conn: &mut Conn, table: &str) -> QueryResult<i64> {
    let sql = format!("SELECT COUNT(*) AS count FROM (SELECT 1 FROM {table} LIMIT 1) AS any_row");
    Ok(diesel::sql_query(sql).get_result::<Count>(conn)?.count)
}

/// A connection without the time limits of the service.
fn direct(url: &str) -> Done<Conn> {
    Ok(match Engine::parse(url)? {
        Engine::Sqlite(path) => Conn::Sqlite(SqliteConnection::establish(&path.to_string_lossy())?),
        Engine::Postgres(url) => Conn::Pg(PgConnection::establish(&url)?),
    })
}

/// The sums, and a campaign to ask for.
fn sum(store: &Store) -> Done {
    step("sums", || Ok(rates::rebuild(store)?))?;
    let now: DateTime<Utc> = "2024-10-01T00:00:00Z".parse()?;
    let text = "id = \"bench\"\nname = \"Bench\"\nregions = [\"africa\"]\ncommodities = [\"85\", \"6403\"]\n\
        from = 2025-03-01\nuntil = 2025-08-31\n\n[[steps]]\nfrom = 2025-03-01\nproportion = 0.1\n";
    let draft =
        campaign::parse(&Written::Toml(text.to_owned())).map_err(breeze::error::Error::from)?;
    let caller = Caller::operator("bench");
    let refuse = breeze::flow::campaign::OnChange::Refuse;
    breeze::flow::campaign::propose(store, &caller, &draft, true, refuse, now)?;
    Ok(())
}

/// Two whole years, as loaded.
const YEARS: (&str, &str) = ("2024-11", "2026-10");

/// What is asked: its name, the period, the splits, the filters.
fn questions() -> Vec<(&'static str, &'static str, &'static str, Filters)> {
    let some = |code: &str| vec![code.to_owned()];
    let none = Filters::default;
    vec![
        ("month × region", "month", "region", none()),
        ("week × region", "week", "region", none()),
        ("year × country", "year", "country", none()),
        ("region = africa", "month", "region", Filters { region: some("africa"), ..none() }),
        ("office = CN107", "month", "region", Filters { office: some("CN107"), ..none() }),
        ("country = KE", "month", "region", Filters { country: some("KE"), ..none() }),
        ("chapter = 85", "month", "region", Filters { commodity: some("85"), ..none() }),
        ("heading = 8507", "month", "region", Filters { commodity: some("8507"), ..none() }),
        ("heading, the largest", "month", "region", Filters { commodity: some("1001"), ..none() }),
        (
            "exporter, one of 20,000",
            "month",
            "region",
            Filters { exporter: some("EXP100500"), ..none() },
        ),
        (
            "exporter, the largest",
            "month",
            "region",
            Filters { exporter: some("EXP100000"), ..none() },
        ),
        ("grouping", "month", "region", Filters { grouping: some("belt-and-road"), ..none() }),
        ("selection = random", "month", "region", Filters { selection: some("random"), ..none() }),
        ("campaign", "month", "region", Filters { campaign: some("bench"), ..none() }),
        (
            "country and heading",
            "month",
            "region",
            Filters { country: some("US"), commodity: some("8507"), ..none() },
        ),
    ]
}

/// What somebody would write who has the tables and no more: every declaration beside its result, by
/// month and region, failures and weights added up.
const JOIN_SQLITE: &str = "SELECT CAST(COUNT(*) AS TEXT) || MAX(wy) AS answer FROM (SELECT \
    substr(d.inspection_day, 1, 7) AS month, d.region, COUNT(*) AS declared, \
    SUM(CASE WHEN substr(i.outcome, 1, 4) IN ('pass', 'fail') THEN 4294967296.0 / s.pi END) AS w, \
    SUM(CASE WHEN substr(i.outcome, 1, 4) = 'fail' THEN 4294967296.0 / s.pi END) AS wy, \
    SUM(CASE WHEN substr(i.outcome, 1, 4) IN ('pass', 'fail') THEN 4294967296.0 / s.pi * 4294967296.0 / s.pi END) AS b \
    FROM declarations d LEFT JOIN sample_items s ON s.declaration_number = d.declaration_number \
    LEFT JOIN inspections i ON i.draw_id = s.draw_id AND i.position = s.position \
    WHERE d.cancelled_at IS NULL GROUP BY 1, 2)";

fn join(postgres: bool) -> String {
    match postgres {
        false => JOIN_SQLITE.to_owned(),
        true => {
            JOIN_SQLITE
                .replace("substr(d.inspection_day, 1, 7)", "date_trunc('month', d.inspection_day)")
                + " AS cells"
        }
    }
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Text)]
    answer: String,
}

fn ask_all(store: &Store, load: &Load) -> Done {
    let postgres = matches!(store.engine(), Engine::Postgres(_));
    let (sql, mut conn) = (join(postgres), direct(&load.database)?);
    let caller = Caller::operator("bench");
    let questions = questions();
    let asks = questions.iter().map(|(_, period, split, filters)| {
        Ask::parse(&Words {
            period: (*period).into(),
            target: None,
            from: YEARS.0.into(),
            to: YEARS.1.into(),
            split_by: vec![(*split).into()],
            filters: filters.clone(),
        })
    });
    let asks: Vec<Ask> = asks.collect::<Result<_, _>>().map_err(breeze::error::Error::from)?;
    let mut joined = Vec::new();
    let mut times = vec![Vec::new(); asks.len()];
    for run in 0..load.runs {
        joined.push(timed(|| {
            let answer: Answer = diesel::sql_query(&sql).get_result(&mut conn)?;
            Ok(answer.answer.len())
        })?);
        for (ask, times) in asks.iter().zip(&mut times) {
            times.push(timed(|| Ok(rates::failure_rates(store, &caller, ask)?.len()))?);
        }
        eprintln!("run {}: the join took {:.2} s", run + 1, joined.last().map_or(0.0, |t| *t));
    }
    let join = median(&mut joined);
    println!("| question | median, ms | share of the join | times as fast |\n|---|---|---|---|");
    println!("| plain SQL join, month × region | {:.0} | 1 | 1 |", join * 1e3);
    for ((name, ..), times) in questions.iter().zip(&mut times) {
        let time = median(times);
        println!("| {name} | {:.1} | {:.4} | {:.1} |", time * 1e3, time / join, join / time);
    }
    println!("peak memory while asking: {}", peak());
    Ok(())
}

fn timed(work: impl FnOnce() -> Done<usize>) -> Done<f64> {
    let begun = Instant::now();
    std::hint::black_box(work()?);
    Ok(begun.elapsed().as_secs_f64())
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Loading needs more memory than asking; where the system can, the peak begins anew (Linux).
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "not known here".to_owned(), |line| line.trim().to_owned())
}
