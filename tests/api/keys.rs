//! An administrator makes, lists and revokes keys.

use crate::support::*;
use breeze::domain::key::Role;
use rstest::rstest;
use serde_json::{Value, json};

#[rstest]
fn a_key_is_shown_once_and_opens_until_it_is_revoked(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    let asked = json!({"name": "customs gateway", "role": "customs", "offices": ["CNTAO"],
        "inspector": null, "expires_at": "2027-12-31T00:00:00Z"});
    let made = app.post("/v1/api-keys").key(&app.admin).json(&asked).send().expect(201).json();
    let (text, id) = (made["key"].as_str().unwrap(), made["id"].as_str().unwrap());
    assert_eq!(text.len(), 4 + 16 + 1 + 64, "256 bits of secret");
    assert!(text.starts_with(&format!("brz_{id}_")));
    let mut about = made.clone();
    about.as_object_mut().unwrap().remove("key");
    assert_eq!(
        about,
        json!({"id": id, "name": "customs gateway", "role": "customs", "offices": ["CNTAO"],
            "inspector": null, "created_at": "2026-11-24T01:00:00Z",
            "expires_at": "2027-12-31T00:00:00Z", "revoked_at": null})
    );
    let path = format!("/v1/api-keys/{id}");
    assert_eq!(app.get(&path).key(&app.admin).send().expect(200).json(), about);
    let list = app.get("/v1/api-keys").key(&app.admin).send().expect(200);
    assert!(list.json()["items"].as_array().unwrap().contains(&about));
    assert!(!list.text().contains(&text[21..]), "a secret is shown once");

    app.get("/v1/me").key(text).send().expect(200);
    app.set_clock("2026-11-24T02:00:00Z");
    let revoke = || app.delete(&path).key(&app.admin).send().expect(204);
    assert_eq!(revoke().bytes(), b"");
    app.get("/v1/me").key(text).send().problem(401, "unauthenticated");
    app.set_clock("2026-11-24T03:00:00Z");
    revoke();
    let read = app.get(&path).key(&app.admin).send().expect(200).json();
    assert_eq!(read["revoked_at"], "2026-11-24T02:00:00Z");
}

#[rstest]
fn a_key_ends_at_its_end(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let key = app.key_until(Role::Manager, &[], "2026-11-24T02:00:00Z");
    app.set_clock("2026-11-24T01:59:59.999Z");
    app.get("/v1/me").key(&key).send().expect(200);
    app.set_clock("2026-11-24T02:00:00Z");
    app.get("/v1/me").key(&key).send().problem(401, "unauthenticated");
}

#[rstest]
fn every_fault_of_a_key_is_named(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    let post = |body: Value| app.post("/v1/api-keys").key(&app.admin).json(&body).send();
    post(json!({"name": " ", "role": "customs", "offices": ["CNTAO", "a b"], "inspector": "a/b"}))
        .faults(&[
            ("/name", "required"),
            ("/offices/1", "id-invalid"),
            ("/inspector", "id-invalid"),
        ]);
    post(json!({"name": "x", "role": "king"})).faults(&[("/role", "value-not-allowed")]);
    post(json!({"name": "x"})).faults(&[("/role", "required")]);
    post(json!({"name": "x", "role": "customs", "offices": ["CNTAO", "NONE"]}))
        .faults(&[("/offices/1", "office-unknown")]);
    post(json!({"name": "x", "role": "inspector", "offices": ["CNTAO"], "inspector": "insp-1"}))
        .faults(&[("/inspector", "inspector-unknown")]);
    post(json!({"name": "x", "role": "customs", "expires_at": "soon"}))
        .faults(&[("/expires_at", "wrong-type")]);
    app.get("/v1/api-keys/none").key(&app.admin).send().problem(404, "not-found");
    app.delete("/v1/api-keys/none").key(&app.admin).send().problem(404, "not-found");
}

/// The public part of a key.
fn id(key: &str) -> &str {
    key.split('_').nth(1).unwrap()
}

#[rstest]
fn an_administrator_of_one_port_makes_no_key_that_opens_another(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    app.office("CNSHA");
    let bound = app.key(Role::Admin, &["CNTAO", "CNSZX"]);
    let post = |offices: &[&str]| {
        let body = json!({"name": "one more", "role": "admin", "offices": offices});
        app.post("/v1/api-keys").key(&bound).json(&body).send()
    };
    let same = post(&[]).expect(201).json();
    assert_eq!(same["offices"], json!(["CNTAO", "CNSZX"]), "all that its maker may open");
    assert_eq!(post(&["CNTAO"]).expect(201).json()["offices"], json!(["CNTAO"]));
    post(&["CNTAO", "CNSHA"]).problem(404, "not-found");
    post(&["NOWHERE"]).problem(404, "not-found");
    // What it made is bound as well.
    let key = same["key"].as_str().unwrap();
    app.put("/v1/offices/CNSHA").key(key).json(&office()).send().problem(404, "not-found");
    app.put("/v1/offices/CNTAO").key(key).json(&office()).send().expect(200);
}

#[rstest]
fn an_administrator_of_one_port_sees_and_revokes_its_keys_only(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let bound = app.key(Role::Admin, &["CNTAO"]);
    let own = app.key(Role::Customs, &["CNTAO"]);
    let both = app.key(Role::Customs, &["CNTAO", "CNSHA"]);
    let other = app.key(Role::Customs, &["CNSHA"]);
    let path = |key: &str| format!("/v1/api-keys/{}", id(key));
    for foreign in [&both, &other, &app.admin] {
        app.get(&path(foreign)).key(&bound).send().problem(404, "not-found");
        app.delete(&path(foreign)).key(&bound).send().problem(404, "not-found");
        app.get("/v1/me").key(foreign).send().expect(200);
    }
    let listed = |key: &str| -> Vec<String> {
        let list = app.get("/v1/api-keys").key(key).send().expect(200).json();
        let items = list["items"].as_array().unwrap();
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(listed(&bound).len(), 2);
    assert!(listed(&bound).contains(&id(&own).to_owned()));
    assert_eq!(listed(&app.admin).len(), 5);
    app.get(&path(&own)).key(&bound).send().expect(200);
    app.delete(&path(&own)).key(&bound).send().expect(204);
    app.get("/v1/me").key(&own).send().problem(401, "unauthenticated");
}

#[rstest]
fn an_idempotency_key_makes_one_key_and_never_shows_it_again(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    app.office("CNTAO");
    let post = |key: &str, token: &str, name: &str| {
        let body = json!({"name": name, "role": "customs", "offices": ["CNTAO"]});
        app.post("/v1/api-keys").key(key).header("Idempotency-Key", token).json(&body).send()
    };
    let count = || {
        let list = app.get("/v1/api-keys").key(&app.admin).send().expect(200).json();
        list["items"].as_array().unwrap().len()
    };
    // What was refused is not kept.
    post(&app.admin, "one", " ").faults(&[("/name", "required")]);
    let made = post(&app.admin, "one", "gateway").expect(201).json();
    let again = post(&app.admin, "one", "gateway").problem(409, "key-issued");
    assert!(again["detail"].as_str().unwrap().contains(made["id"].as_str().unwrap()), "{again}");
    let secret = made["key"].as_str().unwrap().rsplit('_').next().unwrap();
    assert!(!again.to_string().contains(secret));
    assert_eq!(count(), 2);
    post(&app.admin, "one", "other").problem(422, "idempotency-mismatch");
    post(&app.admin, "two", "gateway").expect(201);
    // Nobody is answered with what another asked.
    let second = app.key(Role::Admin, &[]);
    post(&second, "one", "gateway").expect(201);
    assert_eq!(count(), 5);
    app.advance(chrono::TimeDelta::hours(49));
    post(&app.admin, "one", "gateway").expect(201);
}

#[rstest]
fn eight_requests_with_one_idempotency_key_make_one_key(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let replica = app.replica();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..8)
            .map(|n| {
                let app = if n % 2 == 0 { &app } else { &replica };
                let body = json!({"name": "gateway", "role": "auditor"});
                let post = app.post("/v1/api-keys").key(&app.admin).json(&body);
                let post = post.header("Idempotency-Key", "one");
                scope.spawn(move || post.send().status)
            })
            .collect();
        asking.into_iter().map(|request| request.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 7, "{statuses:?}");
}

#[rstest]
fn a_key_does_not_end_out_of_time(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let body = json!({"name": "odd", "role": "customs", "expires_at": "-5000-01-01T00:00:00Z"});
    let answer = app.post("/v1/api-keys").key(&app.admin).json(&body).send();
    answer.faults(&[("/expires_at", "time-invalid")]);
}
