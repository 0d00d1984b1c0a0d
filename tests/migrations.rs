//! The migrations: up, down and up again; the same tables on both engines, as diesel sees them; and
//! what is append-only stays so.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

#[path = "support/mod.rs"]
mod support;

use breeze::store::{Conn, migrate};
use diesel::connection::SimpleConnection;
use diesel::sql_types::{Bool, Text};
use diesel::{QueryableByName, RunQueryDsl};
use rstest::rstest;
use std::collections::{BTreeMap, BTreeSet};
use support::*;

/// One column: its name, whether it may be null, its type in diesel's words.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
    #[diesel(sql_type = Text)]
    kind: String,
}

type Tables = BTreeMap<String, Vec<Column>>;

/// The tables as `src/store/schema.rs` declares them, in its order.
fn declared() -> Vec<(String, Vec<Column>)> {
    let source = include_str!("../src/store/schema.rs");
    let blocks = source.split("diesel::table! {").skip(1);
    blocks
        .map(|block| {
            let mut lines = block.lines().map(str::trim).filter(|line| !line.is_empty());
            let name = lines.next().unwrap().split(' ').next().unwrap().to_owned();
            let columns = lines.take_while(|line| *line != "}").map(column).collect();
            (name, columns)
        })
        .collect()
}

/// `name -> Nullable<Text>,`
fn column(line: &str) -> Column {
    let (name, kind) = line.trim_end_matches(',').split_once(" -> ").unwrap();
    let inner = kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>'));
    let kind = inner.unwrap_or(kind).to_owned();
    Column { name: name.to_owned(), nullable: inner.is_some(), kind }
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Loads rows with a query that both engines may write in their own way.
fn load<T>(conn: &mut Conn, sqlite: &str, postgres: &str) -> Vec<T>
where
    T: QueryableByName<diesel::sqlite::Sqlite> + QueryableByName<diesel::pg::Pg> + 'static,
{
    match conn {
        Conn::Sqlite(conn) => diesel::sql_query(sqlite).load(conn).unwrap(),
        Conn::Pg(conn) => diesel::sql_query(postgres).load(conn).unwrap(),
    }
}

/// The tables as the database has them.
fn found(conn: &mut Conn) -> Tables {
    let names: Vec<Name> = load(
        conn,
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        "SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = 'public'",
    );
    let names = names.into_iter().map(|row| row.name);
    let own = names.filter(|name| name != "__diesel_schema_migrations");
    own.map(|name| (name.clone(), columns(conn, &name))).collect()
}

fn columns(conn: &mut Conn, table: &str) -> Vec<Column> {
    let columns: Vec<Column> = load(
        conn,
        &format!(
            "SELECT name, NOT \"notnull\" AS nullable, type AS kind \
             FROM pragma_table_info('{table}') ORDER BY cid"
        ),
        &format!(
            "SELECT column_name::text AS name, is_nullable = 'YES' AS nullable, \
             (data_type || CASE WHEN collation_name = 'C' THEN ' C' ELSE '' END)::text AS kind \
             FROM information_schema.columns WHERE table_schema = 'public' \
             AND table_name = '{table}' ORDER BY ordinal_position"
        ),
    );
    columns.into_iter().map(|column| Column { kind: diesel_kind(&column.kind), ..column }).collect()
}

/// A type of either engine in diesel's words. Text on PostgreSQL is collated by bytes.
fn diesel_kind(kind: &str) -> String {
    let known = match kind {
        "TEXT" | "text C" => "Text",
        "INTEGER" | "integer" => "Integer",
        "BIGINT" | "bigint" => "BigInt",
        "DOUBLE" | "double precision" => "Double",
        "BOOLEAN" | "boolean" => "Bool",
        "TIMESTAMP" | "timestamp without time zone" => "Timestamp",
        "DATE" | "date" => "Date",
        "BLOB" | "bytea" => "Binary",
        other => other,
    };
    known.to_owned()
}

fn migrations(engine: &str) -> Vec<String> {
    let folder = format!("{}/migrations/{engine}", env!("CARGO_MANIFEST_DIR"));
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn both_engines_have_the_same_migrations() {
    assert_eq!(migrations("sqlite"), migrations("postgres"));
}

#[rstest]
fn up_down_and_up_again_ends_where_it_began(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::empty(engine);
    let store = database.store();
    let all = migrations("sqlite").len();
    assert_eq!(migrate::run(&store).unwrap().len(), all, "compiled in as they stand in the folder");
    let first = found(&mut database.connect());
    assert_eq!(migrate::run(&store).unwrap(), Vec::<String>::new());
    for steps in 1..=all {
        migrate::revert(&store, steps).unwrap();
        assert_eq!(migrate::run(&store).unwrap().len(), steps);
        assert_eq!(found(&mut database.connect()), first, "{steps} down and up");
    }
    migrate::revert(&store, all).unwrap();
    assert_eq!(found(&mut database.connect()), Tables::new());
}

/// A policy that was loaded before anybody approved one goes on governing.
#[rstest]
fn what_governed_before_approvals_existed_is_approved(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::migrated(engine);
    let store = database.store();
    let governance = "2026-11-24-000006_governance";
    let names = migrations("sqlite");
    let back = names.iter().filter(|name| name.as_str() >= governance).count();
    migrate::revert(&store, back).unwrap();
    let old = "INSERT INTO policies VALUES ('old', 3, '2026-01-01', 5000, '[]', 'x', FALSE, \
               '2026-01-01 00:00:00', 'key:1')";
    database.connect().batch_execute(old).unwrap();
    migrate::run(&store).unwrap();
    let day = "2026-11-24".parse().unwrap();
    let found =
        store.read(|conn| breeze::store::policies::in_force(conn, day, None)).unwrap().unwrap();
    assert_eq!((found.policy.id.as_str(), found.policy.version), ("old", 3));
    let approval = found.approval.unwrap();
    assert_eq!((approval.by.as_str(), approval.at), ("key:1", found.created_at));
    assert_eq!(approval.note.as_deref(), Some("loaded before approvals existed"));
}

/// The older program, which knows no approvals, would take a mere proposal as in force.
#[rstest]
fn nobody_goes_back_behind_approvals_while_a_proposal_waits(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let database = Database::migrated(engine);
    let store = database.store();
    let governance = "2026-11-24-000006_governance";
    let names = migrations("sqlite");
    let later = names.iter().filter(|name| name.as_str() > governance).count();
    migrate::revert(&store, later).unwrap();
    let version = |version: i32, historical: &str| {
        format!(
            "INSERT INTO policies (id, version, from_day, floor_ppm, rules, sha256, historical, \
             created_at, created_by) VALUES ('p', {version}, '2026-01-01', 5000, '[]', 'x', \
             {historical}, '2026-01-01 00:00:00', 'key:1')"
        )
    };
    database.connect().batch_execute(&version(1, "TRUE")).unwrap();
    database.connect().batch_execute(&version(2, "FALSE")).unwrap();
    database.connect().batch_execute(&version(3, "FALSE")).unwrap();
    let before = found(&mut database.connect());
    let refused = format!("{:?}", migrate::revert(&store, 1).unwrap_err());
    assert!(refused.contains("that nobody approved would come into force"), "{refused}");
    assert_eq!(found(&mut database.connect()), before, "nothing was taken back");
    // The second version stays a proposal, behind an approved one of the same first day.
    let approve =
        "INSERT INTO policy_approvals VALUES ('p', 3, 'key:2', '2026-01-01 00:00:00', NULL)";
    database.connect().batch_execute(approve).unwrap();
    migrate::revert(&store, 1).unwrap();
}

/// The older program would take a frozen frame as drawn, and publish no draw of two parties whole.
#[rstest]
fn nobody_goes_back_behind_a_draw_of_two_parties(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::migrated(engine);
    let store = database.store();
    let entropy = "2026-11-24-000009_entropy";
    let names = migrations("sqlite");
    let later = names.iter().filter(|name| name.as_str() > entropy).count();
    migrate::revert(&store, later).unwrap();
    let before = found(&mut database.connect());
    fill_only(&mut database.connect(), &["offices", "draws"]);
    let refused = format!("{:?}", migrate::revert(&store, 1).unwrap_err());
    assert!(refused.contains("no way back behind it"), "{refused}");
    assert_eq!(found(&mut database.connect()), before, "nothing was taken back");
    database.connect().batch_execute("UPDATE draws SET entropy = 'none'").unwrap();
    migrate::revert(&store, 1).unwrap();
}

/// The migration that lets signals belong to no office.
const CHARTS: &str = "2026-11-24-000012_chart_signals";

fn later_than_charts() -> usize {
    migrations("sqlite").iter().filter(|name| name.as_str() > CHARTS).count()
}

fn signal(id: &str, kind: &str, office: &str) -> String {
    format!(
        "INSERT INTO signals VALUES ('{id}', '{kind}', '{office}', '2026-11-24', '{{}}', \
         '2026-11-24 00:00:00', 1)"
    )
}

/// SQLite makes the table anew; what was raised and said to it is all there afterwards.
#[rstest]
fn signals_and_what_was_said_to_them_outlive_the_new_table(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let database = Database::migrated(engine);
    let store = database.store();
    fill_only(&mut database.connect(), &["offices"]);
    let conn = &mut database.connect();
    conn.batch_execute(&signal("one", "capacity_shortfall", "x")).unwrap();
    let known = "INSERT INTO signal_acknowledgements VALUES ('one', 'seen', \
                 '2026-11-24 01:00:00', 'key:1', 2)";
    conn.batch_execute(known).unwrap();
    for _ in 0..2 {
        let found = store.read(|conn| breeze::store::signals::find(conn, "one")).unwrap().unwrap();
        assert_eq!(
            (found.office.as_str(), found.acknowledged.unwrap().note.as_str()),
            ("x", "seen")
        );
        migrate::revert(&store, later_than_charts() + 1).unwrap();
        let unknown = signal("two", "capacity_shortfall", "nowhere");
        assert!(database.connect().batch_execute(&unknown).is_err(), "the reference is back");
        migrate::run(&store).unwrap();
    }
    let unknown = "INSERT INTO signal_acknowledgements VALUES ('none', 'seen', \
                   '2026-11-24 01:00:00', 'key:1', 2)";
    assert!(database.connect().batch_execute(unknown).is_err(), "nobody knows of no signal");
}

/// The older program knows no signals of charts.
#[rstest]
fn nobody_goes_back_behind_a_signal_of_a_chart(#[values(Sqlite, Postgres)] engine: Engine) {
    for (kind, office) in [("rate_drift", "-"), ("rate_above_limit", "x")] {
        let database = Database::migrated(engine);
        let store = database.store();
        migrate::revert(&store, later_than_charts()).unwrap();
        fill_only(&mut database.connect(), &["offices"]);
        database.connect().batch_execute(&signal("chart", kind, office)).unwrap();
        let before = found(&mut database.connect());
        let refused = format!("{:?}", migrate::revert(&store, 1).unwrap_err());
        assert!(refused.contains("there is no way back behind it"), "{refused}");
        assert_eq!(found(&mut database.connect()), before, "nothing was taken back");
    }
}

#[rstest]
fn nobody_goes_back_behind_a_published_report(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::migrated(engine);
    let store = database.store();
    let reports = "2026-11-24-000013_reports";
    let names = migrations("sqlite");
    let later = names.iter().filter(|name| name.as_str() > reports).count();
    migrate::revert(&store, later).unwrap();
    fill_only(&mut database.connect(), &["report_publications"]);
    let before = found(&mut database.connect());
    let refused = format!("{:?}", migrate::revert(&store, 1).unwrap_err());
    assert!(refused.contains("there is no way back behind it"), "{refused}");
    assert_eq!(found(&mut database.connect()), before, "nothing was taken back");
}

#[rstest]
fn the_tables_are_those_that_diesel_sees(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::migrated(engine);
    let found = found(&mut database.connect());
    let declared: Tables = declared().into_iter().collect();
    assert_eq!(found.keys().collect::<Vec<_>>(), declared.keys().collect::<Vec<_>>());
    for (table, columns) in &declared {
        assert_eq!(&found[table], columns, "{table}");
    }
}

/// What must never change once it is written.
const APPEND_ONLY: [&str; 25] = [
    "amendments",
    "assignments",
    "auditor_commitments",
    "auditor_secrets",
    "campaign_approvals",
    "campaign_closures",
    "campaigns",
    "candidates",
    "chart_evaluations",
    "declaration_revisions",
    "directive_closures",
    "directives",
    "entropy_releases",
    "entropy_settings",
    "events",
    "imported_results",
    "inspections",
    "policies",
    "policy_approvals",
    "report_publications",
    "risk_activations",
    "risk_models",
    "risk_scales",
    "signal_acknowledgements",
    "signals",
];

/// A row in every table whose keys all fit together.
fn fill(conn: &mut Conn) {
    let tables = declared();
    fill_only(conn, &tables.iter().map(|(table, _)| table.as_str()).collect::<Vec<_>>());
}

/// The same in some tables.
fn fill_only(conn: &mut Conn, tables: &[&str]) {
    let wanted = |(table, _): &(String, _)| tables.contains(&table.as_str());
    for (table, columns) in declared().into_iter().filter(wanted) {
        let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
        let values: Vec<_> = columns.iter().map(|column| sample(&column.kind)).collect();
        let sql =
            format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "));
        conn.batch_execute(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

fn sample(kind: &str) -> &'static str {
    match kind {
        "Text" => "'x'",
        "Bool" => "TRUE",
        "Timestamp" => "'2026-11-24 00:00:00'",
        "Date" => "'2026-11-24'",
        "Binary" => "'0'",
        _ => "1",
    }
}

/// The tables that say they are append-only when this is done to each of them.
fn refusing(conn: &mut Conn, sql: impl Fn(&str, &str) -> String) -> BTreeSet<String> {
    let mut refusing = BTreeSet::new();
    for (table, columns) in declared().into_iter().rev() {
        let sql = sql(&table, &columns[0].name);
        if let Err(error) = conn.batch_execute(&sql)
            && error.to_string().contains(&format!("{table} is append-only"))
        {
            refusing.insert(table);
        }
    }
    refusing
}

#[rstest]
fn what_happened_is_neither_edited_nor_deleted(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::migrated(engine);
    let conn = &mut database.connect();
    fill(conn);
    let expected: BTreeSet<String> = APPEND_ONLY.into_iter().map(str::to_owned).collect();
    let updates = refusing(conn, |table, column| format!("UPDATE {table} SET {column} = {column}"));
    assert_eq!(updates, expected);
    let deletes = refusing(conn, |table, _| format!("DELETE FROM {table}"));
    assert_eq!(deletes, expected);
}
