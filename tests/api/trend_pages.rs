//! What rates count before a frame is drawn, and how many read them in detail at a time.

use crate::support::*;
use breeze::domain::key::Role;
use rstest::rstest;
use serde_json::{Value, json};

const RATES: &str = "/v1/trends/failure-rates?period=day&from=2026-11-24&to=2026-11-24";

fn rates(app: &TestApp, key: &str, more: &str) -> Value {
    app.get(&format!("{RATES}{more}")).key(key).send().expect(200).json()
}

#[rstest]
fn a_declaration_cancelled_after_its_frame_closed_stays_declared(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let manager = app.key(Role::Manager, &["CNTAO"]);
    let cancel = |number: &str, at: &str| {
        app.set_clock(at);
        let path = format!("/v1/declarations/{number}/cancellation");
        app.put(&path).key(&customs).json(&json!({})).send().expect(200);
    };
    for number in ["E1", "E2", "E3"] {
        let path = format!("/v1/declarations/{number}");
        app.put(&path).key(&customs).json(&battery()).send().expect(201);
    }
    // The office closes its day at 10:00 UTC.
    cancel("E1", "2026-11-24T09:59:59.999Z");
    cancel("E2", "2026-11-24T10:00:00Z");
    for more in ["", "&split_by=country", "&split_by=heading"] {
        let cells = rates(&app, &manager, more)["items"].clone();
        assert_eq!(cells.as_array().unwrap().len(), 1, "{more}");
        assert_eq!(cells[0]["declared"], 2, "{more}");
        assert_eq!(cells[0]["not_in_frame"], 2, "{more}");
    }
}

#[rstest]
fn only_two_read_rates_in_detail_at_a_time(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let manager = app.key(Role::Manager, &["CNTAO"]);
    let others = app.app.detail_readers.clone().try_acquire_many_owned(2).unwrap();
    for more in ["&split_by=country", "&split_by=chapter", "&grouping=eu"] {
        let busy = app.get(&format!("{RATES}{more}")).key(&manager).send();
        assert_eq!(busy.header("retry-after"), Some("2"));
        busy.problem(503, "busy");
    }
    rates(&app, &manager, "&split_by=region,office,province,selection&region=africa");
    drop(others);
    // Whoever is done makes room.
    for _ in 0..3 {
        rates(&app, &manager, "&split_by=country");
    }
}
