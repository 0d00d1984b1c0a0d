//! What stories about the past are made of: days that were declared, drawn and inspected long ago.

use crate::support::*;
use breeze::domain::declaration::parse;
use breeze::domain::inspection::{ItemState, NotInspectedReason};
use breeze::domain::key::Caller;
use breeze::flow::declare::{Intake, OnChange};
use breeze::store;

const HISTORICAL: Intake = Intake { historical: true, on_change: OnChange::Refuse };

/// Loads a policy for all of the past: a proportion for Africa and one for the rest.
pub fn policy(app: &TestApp, africa: &str, rest: &str) {
    let file = format!(
        "id = \"past\"\nfrom = 2020-01-01\nfloor = 0.01\n\n[[rules]]\nproportion = {rest}\n\n\
         [[rules]]\nregion = \"africa\"\nproportion = {africa}\n"
    );
    // History alone governs the days that have passed.
    let post = app.post("/v1/policies?historical=true").key(&app.admin);
    post.body("application/toml", file).send().expect(201);
}

/// Declares goods of a past day: number, country, commodity.
pub fn declare(app: &TestApp, office: &str, day: &str, goods: &[(String, &str, &str)]) {
    let now = app.app.now();
    let checked = goods.iter().map(|(number, country, commodity)| {
        let mut body = battery();
        body["declaration_number"] = number.as_str().into();
        body["office"] = office.into();
        body["destination_country"] = (*country).into();
        body["commodity_code"] = (*commodity).into();
        body["declared_at"] = format!("{day}T09:00:00+08:00").into();
        parse(&serde_json::from_value(body).unwrap(), now, true).unwrap()
    });
    let checked: Vec<_> = checked.collect();
    let caller = Caller::operator("test");
    let store = &app.app.store;
    let done = breeze::flow::declare::put_all(store, &caller, &checked, HISTORICAL, now, "test");
    assert!(done.unwrap().iter().all(Result::is_ok));
}

/// Draws a day and gives every item the result that `state` chooses by its declaration number.
pub fn draw(app: &TestApp, office: &str, day: &str, state: impl Fn(&str) -> ItemState) {
    inspect(app, office, day, state);
    breeze::flow::rates::rebuild(&app.app.store).unwrap();
}

/// The same without the sums that rates are read from: of many days they are made once.
pub fn inspect(app: &TestApp, office: &str, day: &str, state: impl Fn(&str) -> ItemState) {
    let caller = Caller::operator("test");
    let day = day.parse().unwrap();
    let (store, now) = (&app.app.store, app.app.now());
    let (draw, _) =
        breeze::flow::draw::draw(store, &app.app.master, &caller, office, day, now).unwrap();
    let result = store.write(|conn| {
        for item in store::items::of_draw(conn, &draw.id)? {
            let state = state(&item.candidate.declaration_number);
            let reason =
                (state == ItemState::NotInspected).then_some(NotInspectedReason::GoodsLeft);
            store::items::set_result(conn, &item, state, reason, None)?;
        }
        Ok(())
    });
    result.unwrap();
}

/// `breeze rates` on the application's database.
pub fn command(app: &TestApp, arguments: &[&str]) -> (Option<i32>, String, String) {
    use breeze::store::Engine::{Postgres, Sqlite};
    let database = match app.app.store.engine() {
        Sqlite(path) => path.display().to_string(),
        Postgres(url) => url.clone(),
    };
    let key = app.app.spool.join("master.key");
    std::fs::write(&key, hex::encode(app.app.master.bytes())).unwrap();
    let mut breeze = std::process::Command::new(env!("CARGO_BIN_EXE_breeze"));
    breeze.args(["rates", "--database", &database, "--master-key-file"]).arg(key).args(arguments);
    let output = breeze.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}
