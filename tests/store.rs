//! The store under pressure: many writers lose nothing, chains follow, replicas start together, and
//! what a database says when it cannot is understood.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

#[path = "store/fault.rs"]
mod fault;
#[path = "support/mod.rs"]
mod support;

use breeze::domain::chain::GENESIS;
use breeze::domain::id::OfficeCode;
use breeze::domain::master::MasterKey;
use breeze::domain::office::{Office, OfficeBody};
use breeze::error::Error;
use breeze::flow::publish::broken_chain;
use breeze::flow::{keys, start};
use breeze::store::chain::{self, Entry};
use breeze::store::{self, Conn, Store, migrate};
use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use rstest::rstest;
use std::sync::Barrier;
use std::thread;
use support::*;

fn morning() -> DateTime<Utc> {
    "2026-11-24T01:00:00Z".parse().unwrap()
}

fn registered(store: &Store, code: &str) -> OfficeCode {
    let code: OfficeCode = code.parse().unwrap();
    let body: OfficeBody = serde_json::from_value(office()).unwrap();
    let office = Office::parse(code.clone(), OfficeBody { daily_capacity: 0, ..body }).unwrap();
    store.write(|conn| store::offices::insert(conn, &office, morning())).unwrap();
    code
}

fn note(conn: &mut Conn, office: &str, object: &str) -> breeze::error::Result<()> {
    let entry = Entry { office, kind: "test.noted", actor: "test", object };
    chain::append(conn, morning(), entry, GENESIS.to_owned()).map(drop)
}

/// Reads the capacity, adds one and writes it, under the office's lock.
fn count(store: &Store, office: &str) -> breeze::error::Result<()> {
    store.write(|conn| {
        chain::lock(conn, &[office])?;
        let mut found = store::offices::find(conn, office)?.unwrap();
        found.daily_capacity += 1;
        store::offices::update(conn, &found, morning())?;
        note(conn, office, "one")
    })
}

/// Recomputes a chain from its events, as an outsider would.
fn follows(store: &Store, office: &str) -> i64 {
    store
        .read(|conn| {
            let (mut previous, mut last) = (GENESIS.to_owned(), 0);
            for (event, head) in chain::after(conn, office, 0, 100_000)? {
                assert_eq!(event.sequence, last + 1);
                assert_eq!(event.head_after(&previous), head);
                (previous, last) = (head, event.sequence);
            }
            let heads = chain::heads(conn)?;
            assert!(heads.contains(&(office.to_owned(), last, previous)), "{heads:?}");
            Ok(last)
        })
        .unwrap()
}

#[rstest]
fn eight_writers_in_four_replicas_lose_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::migrated(engine);
    let store = database.store();
    let office = registered(&store, "CNTAO");
    thread::scope(|scope| {
        for _ in 0..4 {
            let replica = database.store();
            for _ in 0..2 {
                let (replica, office) = (replica.clone(), office.as_str());
                scope.spawn(move || (0..25).for_each(|_| count(&replica, office).unwrap()));
            }
        }
    });
    let kept = store.read(|conn| store::offices::find(conn, office.as_str())).unwrap().unwrap();
    assert_eq!(kept.daily_capacity, 200);
    assert_eq!(follows(&store, "CNTAO"), 200);
    assert_eq!(broken_chain(&store, "CNTAO").unwrap(), None);
}

/// Locks are taken in one order, whatever order they are asked in.
#[rstest]
fn writers_of_two_offices_never_wait_for_each_other(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::migrated(engine);
    let store = database.store();
    thread::scope(|scope| {
        for offices in [["A", "B"], ["B", "A"], ["A", "B"], ["B", "A"]] {
            let store = store.clone();
            scope.spawn(move || {
                for _ in 0..20 {
                    let both = store.write(|conn| {
                        chain::lock(conn, &offices)?;
                        offices.iter().try_for_each(|office| note(conn, office, "both"))
                    });
                    both.unwrap();
                }
            });
        }
    });
    assert_eq!((follows(&store, "A"), follows(&store, "B")), (80, 80));
}

#[rstest]
fn a_write_that_fails_leaves_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::migrated(engine);
    let store = database.store();
    let failed = store.write(|conn| {
        chain::lock(conn, &["A"])?;
        note(conn, "A", "never")?;
        Err::<(), _>(Error::inner("on second thoughts"))
    });
    assert_eq!(failed.unwrap_err().to_string(), "internal error: on second thoughts");
    assert_eq!(store.read(chain::heads).unwrap(), []);
    // The connection is fit for the next one.
    store
        .write(|conn| {
            chain::lock(conn, &["A"])?;
            note(conn, "A", "first")
        })
        .unwrap();
    assert_eq!(follows(&store, "A"), 1);
}

#[rstest]
fn what_is_written_without_the_lock_is_refused(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::migrated(engine);
    let refused = database.store().write(|conn| note(conn, "A", "unlocked"));
    assert!(refused.unwrap_err().to_string().contains("was not locked"));
}

/// Whoever gets past the triggers is found by recomputing.
#[rstest]
fn an_edited_event_breaks_the_chain(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::migrated(engine);
    let store = database.store();
    let office = registered(&store, "CNTAO");
    (0..5).for_each(|_| count(&store, office.as_str()).unwrap());
    assert_eq!(broken_chain(&store, "CNTAO").unwrap(), None);
    let conn = &mut database.connect();
    let without_guard = match engine {
        Engine::Sqlite => "DROP TRIGGER events_no_update",
        Engine::Postgres => "DROP TRIGGER events_append_only ON events",
    };
    conn.batch_execute(without_guard).unwrap();
    conn.batch_execute("UPDATE events SET actor = 'nobody' WHERE sequence = 3").unwrap();
    assert_eq!(broken_chain(&store, "CNTAO").unwrap(), Some(3));
}

/// Runs the same in several replicas at one moment.
fn together<T: Send>(
    database: &Database,
    replicas: u8,
    work: impl Fn(&Store, u8) -> T + Sync,
) -> Vec<T> {
    let start = Barrier::new(usize::from(replicas));
    thread::scope(|scope| {
        let run = |replica| {
            let (store, work, start) = (database.store(), &work, &start);
            scope.spawn(move || {
                start.wait();
                work(&store, replica)
            })
        };
        let running: Vec<_> = (1..=replicas).map(run).collect();
        running.into_iter().map(|replica| replica.join().unwrap()).collect()
    })
}

#[rstest]
fn of_first_starts_with_different_master_keys_one_succeeds(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    for _ in 0..5 {
        let database = Database::migrated(engine);
        let started = together(&database, 4, |store, replica| {
            start::prepare(store, &MasterKey::new([replica; 32]), morning())
        });
        assert_eq!(started.iter().filter(|start| start.is_ok()).count(), 1, "{started:?}");
        for refused in started.into_iter().filter_map(|start| start.err()) {
            assert!(refused.to_string().contains("another master key"), "{refused}");
        }
    }
}

#[rstest]
fn replicas_that_start_together_make_one_first_key(#[values(Sqlite, Postgres)] engine: Engine) {
    for _ in 0..5 {
        let database = Database::migrated(engine);
        let made = together(&database, 4, |store, replica| {
            keys::first_admin(store, &[replica; 40], morning()).unwrap()
        });
        assert_eq!(made.iter().flatten().count(), 1);
    }
}

#[rstest]
fn replicas_that_start_together_migrate_once(#[values(Sqlite, Postgres)] engine: Engine) {
    for _ in 0..10 {
        let database = Database::empty(engine);
        let ran: Vec<usize> = thread::scope(|scope| {
            let replicas: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| migrate::run(&database.store()).unwrap().len()))
                .collect();
            replicas.into_iter().map(|replica| replica.join().unwrap()).collect()
        });
        let again = migrate::run(&database.store()).unwrap();
        assert_eq!(again, Vec::<String>::new(), "{ran:?}");
    }
}
