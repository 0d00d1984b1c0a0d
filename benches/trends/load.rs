//! Two years of an administration, made by the database itself: the same rows on both engines.
//!
//! Row `n` is what its number says: day by day in order, everything else by a multiplicative sequence
//! of its own, squared where the world is skewed (few offices, countries and exporters have most of
//! the goods).

use crate::Load;
use breeze::store::Conn;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

type Done<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// Days that are declared; the last one is in no frame yet.
const DAYS: u64 = 730;
const OFFICES: u64 = 50;
/// A prime; what is divided by it is even over 0 … P−1.
const P: u64 = 1_000_003;

/// Tables that are filled, with the names of their many rows' indexes dropped meanwhile.
const FILLED: &str = "'declarations', 'candidates', 'sample_items', 'inspections'";

/// Where a row's destination lies: the most frequent first.
const COUNTRIES: [(&str, &str); 30] = [
    ("US", "northern-america"),
    ("VN", "asia"),
    ("JP", "asia"),
    ("KR", "asia"),
    ("DE", "europe"),
    ("IN", "asia"),
    ("NL", "europe"),
    ("MX", "latin-america"),
    ("BR", "latin-america"),
    ("GB", "europe"),
    ("KE", "africa"),
    ("AU", "oceania"),
    ("NG", "africa"),
    ("ZA", "africa"),
    ("EG", "africa"),
    ("IT", "europe"),
    ("FR", "europe"),
    ("ES", "europe"),
    ("PL", "europe"),
    ("CA", "northern-america"),
    ("CL", "latin-america"),
    ("PE", "latin-america"),
    ("GH", "africa"),
    ("TZ", "africa"),
    ("ET", "africa"),
    ("DZ", "africa"),
    ("MA", "africa"),
    ("NZ", "oceania"),
    ("PG", "oceania"),
    ("UG", "africa"),
];

/// What differs between the engines.
struct Dialect {
    /// A row source `series(n)` of 1 … rows.
    series: fn(u64) -> String,
    /// The day that lies so many days after the first.
    day: &'static str,
    indexes: &'static str,
    /// What makes loading fast; nothing that a later reader would notice.
    hurry: &'static str,
}

const SQLITE: Dialect = Dialect {
    series: |rows| {
        format!(
            "WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < {rows})"
        )
    },
    day: "date('2024-11-01', '+' || ({}) || ' days')",
    indexes: "SELECT name, sql AS made FROM sqlite_master \
        WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({})",
    hurry: "PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; \
        PRAGMA temp_store = FILE;",
};

const POSTGRES: Dialect = Dialect {
    series: |rows| format!("WITH series(n) AS (SELECT generate_series(1::bigint, {rows}))"),
    day: "(DATE '2024-11-01' + ({})::integer)",
    indexes: "SELECT i.indexname AS name, i.indexdef AS made FROM pg_indexes i \
        WHERE i.tablename IN ({}) AND NOT EXISTS \
        (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)",
    hurry: "SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET work_mem = '256MB';",
};

#[derive(QueryableByName)]
struct Index {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    made: String,
}

/// Fills an empty, migrated database.
pub fn fill(conn: &mut Conn, load: &Load) -> Done {
    let dialect = if matches!(conn, Conn::Sqlite(_)) { &SQLITE } else { &POSTGRES };
    conn.batch_execute(dialect.hurry)?;
    let indexes: Vec<Index> =
        diesel::sql_query(dialect.indexes.replace("{}", FILLED)).load(conn)?;
    for Index { name, .. } in &indexes {
        conn.batch_execute(&format!("DROP INDEX {name}"))?;
    }
    for (what, sql) in [
        ("offices", offices()),
        ("declarations", declarations(dialect, load)),
        ("draws", draws(dialect)),
        ("candidates", candidates(load)),
        ("items", items()),
        ("inspections", inspections()),
    ] {
        step(what, || Ok(conn.batch_execute(&sql)?))?;
    }
    for Index { name, made } in &indexes {
        step(name, || Ok(conn.batch_execute(made)?))?;
    }
    Ok(())
}

/// Does a step of loading and says how long it took.
pub fn step<T>(what: &str, work: impl FnOnce() -> Done<T>) -> Done<T> {
    let begun = std::time::Instant::now();
    let done = work()?;
    eprintln!("{what}: {:.1} s", begun.elapsed().as_secs_f64());
    Ok(done)
}

/// Even over 0 … P−1, another sequence for each prime.
fn even(prime: u64) -> String {
    format!("((n * {prime}) % {P})")
}

/// 0 … count−1, the first far more often: the square of an even one.
fn skewed(prime: u64, count: u64) -> String {
    let even = even(prime);
    format!("(({even} * {even} / {P}) * {count} / {P})")
}

fn office(at: &str) -> String {
    format!("('CN' || CAST(100 + {at} AS TEXT))")
}

fn offices() -> String {
    let each = |at: u64| {
        let code = office(&at.to_string());
        let province = ["CN-SD", "CN-SH", "CN-GD", "CN-ZJ", "CN-JS"].map(|code| code.to_owned());
        let province = province.iter().cycle().nth(usize::try_from(at).unwrap_or(0));
        let province = province.cloned().unwrap_or_default();
        format!(
            "INSERT INTO offices VALUES ({code}, {code}, '{province}', 'Asia/Shanghai', 1000, \
             '2024-10-01 00:00:00', '2024-10-01 00:00:00'); \
             INSERT INTO calendars VALUES ({code}, '2024-10-01', 1200, '[1,2,3,4,5,6,7]', '[]');"
        )
    };
    (0..OFFICES).map(each).collect()
}

fn declarations(dialect: &Dialect, load: &Load) -> String {
    let rows = load.rows;
    let at_day = format!("(n * {DAYS} / {})", rows + 1);
    let day = dialect.day.replace("{}", &at_day);
    let office = office(&skewed(611_953, OFFICES));
    let countries = COUNTRIES.iter().zip(0..);
    let countries: Vec<String> = countries
        .map(|((code, region), at)| {
            format!("SELECT {at} AS at, '{code}' AS code, '{region}' AS region")
        })
        .collect();
    let countries = countries.join(" UNION ALL ");
    let country = skewed(486_187, 30);
    // Chapters 10 to 97, twenty headings in each, codes of eight digits.
    let commodity = format!(
        "CAST((10 + {}) * 1000000 + (1 + {}) * 10000 + (n % 37) * 100 + 10 AS TEXT)",
        skewed(753_541, 88),
        skewed(350_377, 20),
    );
    let exporter = format!("('EXP' || CAST(100000 + {} AS TEXT))", skewed(918_839, 20_000));
    let series = (dialect.series)(rows);
    format!(
        "INSERT INTO declarations SELECT * FROM ({series}, country AS ({countries}) SELECT \
         'N' || CAST(100000000 + n AS TEXT), {office}, {day}, {exporter}, NULL, NULL, country.code, \
         country.region, {commodity}, NULL, '1', 'PCE', CAST(NULL AS BIGINT), '1', '1', \
         CAST(NULL AS BIGINT), NULL, NULL, {at}, {at}, {no}, '[]', 1, 1, {never}, NULL, \
         CASE WHEN {at_day} < {last} THEN 'D-' || {office} || '-' || CAST(1000 + {at_day} AS TEXT) END \
         FROM series JOIN country ON country.at = {country}) AS made",
        at = dialect.instant(),
        no = dialect.no(),
        never = dialect.never(),
        last = DAYS - 1,
    )
}

impl Dialect {
    fn is_sqlite(&self) -> bool {
        self.day.starts_with("date(")
    }

    fn instant(&self) -> &'static str {
        if self.is_sqlite() { "'2024-11-01 00:00:00'" } else { "TIMESTAMP '2024-11-01 00:00:00'" }
    }

    fn never(&self) -> &'static str {
        if self.is_sqlite() { "NULL" } else { "CAST(NULL AS TIMESTAMP)" }
    }

    fn no(&self) -> &'static str {
        if self.is_sqlite() { "0" } else { "FALSE" }
    }
}

fn draws(dialect: &Dialect) -> String {
    let (no, at) = (dialect.no(), dialect.instant());
    format!(
        "INSERT INTO draws SELECT draw_id, office, inspection_day, 1, 'drawn', {no}, 1000, 0, 'p', 1, \
         'x', 'none', 'none', 'x', COUNT(*), 0, '0', '0', 0, '', 'x', 'x', 'x', 'x', 0, {at}, {at}, \
         {at}, NULL, '[]', NULL FROM declarations WHERE draw_id IS NOT NULL \
         GROUP BY draw_id, office, inspection_day"
    )
}

/// The number of a row again.
const N: &str = "CAST(substr(declaration_number, 2) AS BIGINT) - 100000000";

fn candidates(load: &Load) -> String {
    // Chances from a quarter of the mean to two and a half times as much; one row in 2,000 by order.
    let mean = (1_u64 << 32) * load.inspections / load.rows;
    let chance = format!(
        "CASE n % 8 WHEN 0 THEN {q} WHEN 1 THEN {q} WHEN 2 THEN {h} WHEN 3 THEN {h} WHEN 4 THEN {mean} \
         WHEN 5 THEN {mean} WHEN 6 THEN {mean} * 2 ELSE {mean} * 5 / 2 END",
        q = mean / 4,
        h = mean / 2,
    );
    format!(
        "INSERT INTO candidates SELECT draw_id, declaration_number, office, inspection_day, region, \
         destination_country, commodity_code, exporter_id, 'r', 50000, 65536, n % 2000 = 7, \
         CASE WHEN n % 2000 = 7 THEN 4294967296 ELSE {chance} END, NULL, NULL, NULL \
         FROM (SELECT d.*, {N} AS n FROM declarations d WHERE draw_id IS NOT NULL) AS d"
    )
}

fn items() -> String {
    let lot = even(677_231);
    let result = even(433_261);
    // Drawn where the lot falls within the chance. One in 33 was gone, 1 in 12 failed, of Africa's and
    // Latin America's 1 in 8.
    format!(
        "INSERT INTO sample_items SELECT draw_id, ROW_NUMBER() OVER (PARTITION BY draw_id ORDER BY \
         declaration_number), declaration_number, office, day, region, country, commodity_code, \
         exporter_id, CASE WHEN take_all THEN 'directive' ELSE 'random' END, rule, proportion_ppm, \
         factor, pi, '0', NULL, NULL, NULL, 'insp', NULL, CASE WHEN {result} < 30000 THEN \
         'not_inspected' WHEN {result} < 113000 OR (region IN ('africa', 'latin-america') AND \
         {result} < 155000) THEN 'failed' ELSE 'passed' END, NULL, 'insp', NULL, NULL, NULL, NULL \
         FROM (SELECT c.*, {N} AS n FROM candidates c) AS c WHERE pi > {lot} * 4294967296 / {P}"
    )
}

fn inspections() -> String {
    "INSERT INTO inspections SELECT 'I' || declaration_number, draw_id, position, office, \
     declaration_number, CASE state WHEN 'passed' THEN 'pass' WHEN 'failed' THEN 'fail' ELSE state END, \
     NULL, 'insp', '2026-10-01 00:00:00', NULL, NULL, '[]', NULL, \
     '2026-10-01 00:00:00', 'k', 1 FROM sample_items"
        .to_owned()
}
