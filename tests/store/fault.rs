//! What a database says when it cannot, provoked on the real engines: the words are theirs and may
//! change with a version.

use crate::support::*;
use breeze::config::{Profile, Settings};
use breeze::error::{Error, Result};
use breeze::store::{Conn, Store};
use diesel::connection::SimpleConnection;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use rstest::rstest;
use std::sync::Barrier;
use std::thread;

/// Runs SQL on a connection of the store.
fn say(conn: &mut Conn, sql: &str) -> Result<()> {
    Ok(conn.batch_execute(sql)?)
}

const HEAD: &str = "INSERT INTO chain_heads VALUES ('A', 0, 'x');";

#[track_caller]
fn assert_busy(result: Result<()>) {
    assert!(matches!(result, Err(Error::Busy(_))), "{result:?}");
}

#[track_caller]
fn assert_away(result: Result<()>) {
    assert!(matches!(result, Err(Error::Away(_))), "{result:?}");
}

#[test]
fn a_locked_file_is_busy() {
    let database = Database::migrated(Sqlite);
    let mut other = database.connect();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let store = database.store();
    assert_busy(store.read(|conn| {
        say(conn, "PRAGMA busy_timeout = 0")?;
        say(conn, HEAD)
    }));
    other.batch_execute("ROLLBACK").unwrap();
    store.read(|conn| say(conn, HEAD)).unwrap();
}

#[test]
fn a_full_disk_is_full_and_stores_nothing() {
    let database = Database::migrated(Sqlite);
    let store = database.store();
    let full = store.write(|conn| {
        say(conn, "PRAGMA max_page_count = 1")?;
        say(conn, HEAD)?;
        say(
            conn,
            "INSERT INTO events SELECT 'A', value, 0, hex(zeroblob(4096)), '', '', '', '' FROM \
             (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 100) \
             SELECT value FROM n)",
        )
    });
    assert!(matches!(full, Err(Error::Full(_))), "{full:?}");
    assert_eq!(store.read(breeze::store::chain::heads).unwrap(), []);
}

/// A full disk of a server cannot be had here; its words are PostgreSQL's own.
#[test]
fn a_full_disk_of_a_server_is_full() {
    let said = "could not extend file \"base/16384/2619\": No space left on device";
    let error = DieselError::DatabaseError(DatabaseErrorKind::Unknown, Box::new(said.to_owned()));
    assert!(matches!(Error::from(error), Error::Full(_)));
}

#[test]
fn a_file_that_cannot_be_opened_is_away() {
    let engine = breeze::store::Engine::Sqlite("/nowhere/breeze.db".into());
    assert_away(Store::open(engine).map(drop));
}

#[rstest]
fn a_row_that_is_there_is_neither_busy_nor_away(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::migrated(engine);
    let mut conn = database.connect();
    conn.batch_execute(HEAD).unwrap();
    let error = conn.batch_execute(HEAD).unwrap_err();
    let unique =
        matches!(&error, DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _));
    assert!(unique, "{error:?}");
    assert!(matches!(Error::from(error), Error::Inner(_)));
}

#[test]
fn a_server_that_waits_too_long_is_busy() {
    let database = Database::migrated(Postgres);
    let mut other = database.connect();
    other.batch_execute(HEAD).unwrap();
    other.batch_execute("BEGIN; SELECT * FROM chain_heads FOR UPDATE").unwrap();
    let store = database.store();
    assert_busy(store.read(|conn| {
        say(conn, "SET lock_timeout = '50ms'")?;
        say(conn, "SELECT * FROM chain_heads FOR UPDATE")
    }));
    assert_busy(store.read(|conn| {
        say(conn, "SET statement_timeout = '50ms'")?;
        say(conn, "SELECT pg_sleep(10)")
    }));
}

#[test]
fn a_lost_race_of_a_server_is_busy() {
    let database = Database::migrated(Postgres);
    let (mut other, store) = (database.connect(), database.store());
    other.batch_execute(HEAD).unwrap();
    assert_busy(store.snapshot(|conn| {
        say(conn, "ROLLBACK; BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM chain_heads")?;
        other.batch_execute("UPDATE chain_heads SET sequence = 1").unwrap();
        say(conn, "UPDATE chain_heads SET sequence = 2")
    }));
}

#[test]
fn a_deadlock_is_busy_and_a_write_that_meets_one_is_done_all_the_same() {
    let database = Database::migrated(Postgres);
    let store = database.store();
    store
        .write(|conn| say(conn, "INSERT INTO chain_heads VALUES ('A', 0, ''), ('B', 0, '')"))
        .unwrap();
    let both_hold_one = Barrier::new(2);
    let tries: usize = thread::scope(|scope| {
        let writers: Vec<_> = [("A", "B"), ("B", "A")]
            .map(|(first, second)| {
                let (store, both_hold_one) = (&store, &both_hold_one);
                let add = |office| {
                    format!(
                        "UPDATE chain_heads SET sequence = sequence + 1 WHERE office = '{office}'"
                    )
                };
                scope.spawn(move || {
                    let mut tries = 0;
                    let done = store.write(|conn| {
                        tries += 1;
                        say(conn, "SET LOCAL deadlock_timeout = '20ms'")?;
                        say(conn, &add(first))?;
                        if tries == 1 {
                            both_hold_one.wait();
                        }
                        say(conn, &add(second))
                    });
                    done.unwrap();
                    tries
                })
            })
            .into_iter()
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).sum()
    });
    assert!(tries > 2, "one of them met the deadlock and tried again");
    let heads = store.read(breeze::store::chain::heads).unwrap();
    assert_eq!(heads, [("A".into(), 2, String::new()), ("B".into(), 2, String::new())]);
}

#[test]
fn a_server_that_goes_is_away_and_comes_back() {
    let database = Database::migrated(Postgres);
    let store = database.store();
    let end = "SELECT pg_terminate_backend(pg_backend_pid())";
    assert_away(store.read(|conn| say(conn, end)));
    assert_away(store.write(|conn| say(conn, end)));
    // A connection that died while it lay in the pool is never handed out.
    store.read(|conn| say(conn, "SELECT 1")).unwrap();
    database
        .connect()
        .batch_execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .unwrap();
    store.read(|conn| say(conn, "SELECT 1")).unwrap();
}

#[test]
fn a_server_that_is_not_there_is_away() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let engine = breeze::store::Engine::Postgres(format!("postgres://breeze@{free}/breeze"));
    let store = Store::open(engine).expect("a server need not be up yet");
    assert_away(store.read(|conn| say(conn, "SELECT 1")));
    assert_away(store.write(|conn| say(conn, "SELECT 1")));
}

#[test]
fn a_statement_that_took_too_long_is_busy_and_not_tried_again() {
    let database = Database::migrated(Postgres);
    let mut tries = 0;
    assert_busy(database.store().write(|conn| {
        tries += 1;
        say(conn, "SET LOCAL statement_timeout = '50ms'")?;
        say(conn, "SELECT pg_sleep(10)")
    }));
    assert_eq!(tries, 1, "it would take as long again");
}

/// A connection with a table of its own, to tell it from the next one.
#[test]
fn a_connection_that_could_not_roll_back_is_never_handed_out_again() {
    let database = Database::migrated(Sqlite);
    let store = database.store();
    store.write(|conn| say(conn, "CREATE TEMP TABLE mine (x)")).unwrap();
    store.write(|conn| say(conn, "SELECT * FROM mine")).expect("the same connection");
    let failed = store.write(|conn| {
        // As when the database has ended the transaction by itself: there is nothing to roll back.
        say(conn, "COMMIT")?;
        Err::<(), _>(Error::inner("on second thoughts"))
    });
    assert_eq!(failed.unwrap_err().to_string(), "internal error: on second thoughts");
    let other = store.write(|conn| say(conn, "SELECT * FROM mine")).unwrap_err();
    assert!(other.to_string().contains("no such table"), "{other}");
    store.write(|conn| say(conn, HEAD)).unwrap();
}

#[test]
fn an_acknowledged_write_waits_for_the_log_whatever_the_server_says() {
    let database = Database::migrated(Postgres);
    let with = |setting: &str| {
        let url = database.url();
        let joint = if url.contains('?') { '&' } else { '?' };
        let url = format!("{url}{joint}options=-csynchronous_commit%3D{setting}");
        Store::open(breeze::store::Engine::Postgres(url)).unwrap()
    };
    for (asked, set) in [("off", "on"), ("on", "on"), ("remote_apply", "remote_apply")] {
        let look = format!(
            "DO $$ BEGIN IF current_setting('synchronous_commit') <> '{set}' THEN \
             RAISE EXCEPTION 'it is %', current_setting('synchronous_commit'); END IF; END $$"
        );
        with(asked).read(|conn| say(conn, &look)).unwrap();
    }
}

/// The throw-away server of the tests keeps nothing through a power cut; one of your own may.
#[rstest]
fn production_refuses_a_server_that_does_not_survive_a_power_cut(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let database = Database::migrated(engine);
    let key = database.folder.path().join("breeze.key");
    std::fs::write(&key, "07".repeat(32)).unwrap();
    let open = |profile| {
        Settings {
            database: database.url(),
            master_key_file: Some(key.clone()),
            spool: None,
            profile,
        }
        .open()
    };
    open(Profile::Default).map(drop).unwrap();
    let durable = database.store().survives_power_cuts().unwrap();
    assert!(durable || engine == Postgres);
    match open(Profile::Production) {
        Ok(_) => assert!(durable),
        Err(error) => assert!(!durable && error.to_string().contains("fsync"), "{error}"),
    }
}
