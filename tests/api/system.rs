//! The service itself, and how it says no.

use crate::support::*;
use breeze::app::{App, Limits};
use breeze::domain::key::Role;
use breeze::domain::problem::Code;
use rstest::rstest;
use serde_json::json;

#[rstest]
fn it_says_that_it_is_up_and_what_it_is(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    assert_eq!(app.get("/healthz").send().expect(200).text(), "ok");
    assert_eq!(app.get("/readyz").send().expect(200).text(), "ready");
    let root = app.get("/v1").send().expect(200);
    assert_eq!(
        root.json(),
        json!({"service": "breeze", "version": env!("CARGO_PKG_VERSION"),
            "openapi": "/openapi.json", "docs": "/docs/"})
    );
    assert_eq!(root.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(root.header("cache-control"), Some("no-store"));
    assert!(root.header("x-request-id").is_some());
}

#[rstest]
fn a_key_learns_who_it_is(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let key = app.inspector("CNTAO", "insp-07");
    let id = key.split('_').nth(1).unwrap();
    assert_eq!(
        app.get("/v1/me").key(&key).send().expect(200).json(),
        json!({"actor": format!("key:{id}"), "role": "inspector", "offices": ["CNTAO"],
            "inspector": "insp-07"})
    );
}

/// Nobody learns from the answer whether the id, the secret or the scheme was wrong.
#[rstest]
fn without_a_valid_key_nothing_opens_and_nothing_is_told(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine);
    let key = app.key(Role::Manager, &["CNTAO"]);
    let none = app.get("/v1/me").send();
    assert_eq!(none.header("www-authenticate"), Some("Bearer"));
    none.problem(401, "unauthenticated");
    let secret = format!("{}0", &key[..key.len() - 1]);
    let id = format!("brz_ffffffffffffffff{}", &key[20..]);
    let refused = [secret.as_str(), &id, "brz_", "brz_x", "x", "", "brz__", &key[4..]];
    for wrong in refused.into_iter().filter(|wrong| *wrong != key) {
        let problem = app.get("/v1/me").key(wrong).send().problem(401, "unauthenticated");
        let detail = problem["detail"].as_str().unwrap();
        let same = [
            "the key is unknown, revoked or expired",
            "no key was sent: Authorization: Bearer brz_…",
        ];
        assert!(same.contains(&detail), "{wrong}: {detail}");
    }
    let basic = app.get("/v1/me").header("Authorization", &format!("Basic {key}")).send();
    basic.problem(401, "unauthenticated");
    let lowercase = app.get("/v1/me").header("authorization", &format!("bearer {key}")).send();
    lowercase.expect(200);
}

#[rstest]
fn what_is_not_there_is_not_found(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    for path in ["/nothing", "/v2", "/v1/", "/v1/nothing", "/v1/offices/", "/etc/passwd", "/%00"] {
        let problem = app.get(path).key(&app.admin).send().problem(404, "not-found");
        assert_eq!(problem["detail"], format!("there is nothing at {path}"));
    }
    let problem = app.get("/v1/offices/NONE").key(&app.admin).send().problem(404, "not-found");
    assert_eq!(problem["detail"], "there is no office `NONE`");
}

#[rstest]
fn another_method_hears_which_ones_there_are(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    for (method, path, allow) in [
        ("POST", "/v1/declarations/EXP-1", "GET, PUT"),
        ("DELETE", "/v1/declarations/EXP-1/cancellation", "PUT"),
        ("PATCH", "/v1/api-keys", "GET, POST"),
        ("PUT", "/healthz", "GET"),
        ("OPTIONS", "/v1/offices", "GET"),
        ("BREW", "/v1/offices", "GET"),
    ] {
        let answer = app.request(method, path).key(&app.admin).send();
        assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
        answer.problem(405, "method-not-allowed");
    }
}

#[rstest]
fn a_body_that_is_no_json_hears_where_it_breaks(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let put = |body: &[u8]| {
        app.put("/v1/declarations/EXP-1").key(&customs).body("application/json", body).send()
    };
    for (body, words) in [
        ("{\"office\": }", "line 1 column 12"),
        ("", "line 1 column 0"),
        ("{\"office\": \"CNTAO\"", "line 1 column 18"),
        ("{} {}", "line 1 column 4"),
        ("{\"office\": \"A\",\n \"office\": \"B\"}", "duplicate field `office`"),
    ] {
        let problem = put(body.as_bytes()).problem(400, "malformed-json");
        assert!(problem["detail"].as_str().unwrap().contains(words), "{problem}");
        assert_eq!(problem["errors"], json!([]));
    }
    let problem = put(b"{\"office\": \"\xff\"}").problem(400, "bad-utf8");
    assert_eq!(problem["detail"], "byte 12 is not UTF-8");
    let deep = format!("{{\"office\": {}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let status = put(deep.as_bytes()).status;
    assert!([400, 422].contains(&status), "{status}");
}

#[rstest]
fn a_byte_order_mark_does_no_harm(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let body = format!("\u{feff}{}", battery());
    let put = app.put("/v1/declarations/EXP-1").key(&customs);
    put.body("application/json; charset=utf-8", body).send().expect(201);
}

#[rstest]
fn a_field_of_the_wrong_type_or_name_is_pointed_at(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let put = |change: fn(&mut serde_json::Value)| {
        let mut body = battery();
        change(&mut body);
        app.put("/v1/declarations/EXP-1").key(&customs).json(&body).send()
    };
    put(|body| body["quantity"] = json!(1200)).faults(&[("/quantity", "wrong-type")]);
    put(|body| body["packages"] = json!("40")).faults(&[("/packages", "wrong-type")]);
    put(|body| body["packages"] = json!(1.5)).faults(&[("/packages", "wrong-type")]);
    put(|body| body["value"]["amount"] = json!(1)).faults(&[("/value/amount", "wrong-type")]);
    put(|body| body["qauntity"] = json!("1")).faults(&[("/qauntity", "unknown-field")]);
    put(|body| body["value"]["a/b~c"] = json!(1)).faults(&[("/value/a~1b~0c", "unknown-field")]);
    put(|body| body["value"] = json!({"amount": "1"})).faults(&[("/value/currency", "required")]);
    put(|body| *body = json!([1])).problem(422, "invalid");
    put(|body| *body = json!(null)).problem(422, "invalid");
    app.get("/v1/declarations/EXP-1").key(&customs).send().problem(404, "not-found");
}

#[rstest]
fn an_unknown_or_odd_query_parameter_is_an_error(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    for (query, words) in [
        ("/v1/declarations?colour=red", "colour"),
        ("/v1/declarations?limit=0", "limit 0 is not between 1 and 500"),
        ("/v1/declarations?limit=501", "limit 501 is not between 1 and 500"),
        ("/v1/declarations?limit=many", ""),
        ("/v1/declarations?limit=1&limit=2", ""),
        ("/v1/declarations?from=tomorrow", ""),
        ("/v1/declarations?commodity=8x", "`8x` is not made of digits"),
        ("/v1/regions?dya=2026-01-01", "dya"),
        ("/v1/commodities?prefix=", "not made of digits"),
    ] {
        let problem = app.get(query).key(&app.admin).send().problem(400, "invalid-parameter");
        assert!(problem["detail"].as_str().unwrap().contains(words), "{query}: {problem}");
    }
}

#[rstest]
fn a_body_over_the_limit_or_of_another_kind_is_refused(#[values(Sqlite, Postgres)] engine: Engine) {
    let small = |app: App| App { limits: Limits { json: 2_000, ..app.limits }, ..app };
    let app = TestApp::start_with(engine, small);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let put = |media: &str, body: &[u8]| {
        app.put("/v1/declarations/EXP-1").key(&customs).body(media, body)
    };
    let mut long = battery();
    long["description"] = json!("x".repeat(2_000));
    let problem = put("application/json", long.to_string().as_bytes()).send();
    let problem = problem.problem(413, "body-too-large");
    assert_eq!(problem["detail"], "a body here has at most 2000 bytes");
    let body = battery().to_string();
    for media in ["text/plain", "application/xml", "", "application/jsonx"] {
        put(media, body.as_bytes()).send().problem(415, "unsupported-media-type");
    }
    let gzip = put("application/json", body.as_bytes()).header("Content-Encoding", "gzip").send();
    gzip.problem(415, "unsupported-media-type");
    let nobody = app.put("/v1/declarations/EXP-1").key(&customs).send();
    nobody.problem(415, "unsupported-media-type");
}

#[test]
fn every_problem_has_a_page() {
    let app = TestApp::start(Sqlite);
    for code in Code::ALL {
        let page = app.get(&format!("/problems/{}", code.as_str())).send().expect(200);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(page.text().contains(code.title()), "{code:?}");
    }
    app.get("/problems/none").send().problem(404, "not-found");
}

#[test]
fn the_document_and_its_pages_come_from_here_alone() {
    let app = TestApp::start(Sqlite);
    let document = app.get("/openapi.json").send().expect(200);
    assert_eq!(document.header("content-type"), Some("application/json"));
    assert_eq!(document.text(), breeze::api::openapi::json());
    let page = app.get("/docs/").send().expect(200).text();
    assert!(page.contains("<html"));
    for host in ["http://", "https://", "src=\"//", "href=\"//"] {
        assert!(!page.contains(host), "{page}");
    }
    app.get("/docs/swagger-ui.css").send().expect(200);
    app.get("/docs/none.js").send().problem(404, "not-found");
}

#[test]
fn reference_data_is_listed() {
    let app = TestApp::start(Sqlite);
    let items = |path: &str| {
        let answer = app.get(path).key(&app.admin).send().expect(200);
        assert_eq!(answer.header("cache-control"), Some("public, max-age=86400"));
        answer.json()["items"].as_array().unwrap().clone()
    };
    let countries = items("/v1/countries");
    let namibia = countries.iter().find(|country| country["alpha2"] == "NA").unwrap();
    assert_eq!(namibia["name"]["en"], "Namibia");
    assert_eq!(namibia["region"], "africa");
    let regions = items("/v1/regions");
    assert_eq!(regions.iter().filter(|region| region["kind"] == "region").count(), 7);
    assert_eq!(items("/v1/commodities").len(), 96, "all chapters but 77");
    let batteries = items("/v1/commodities?prefix=850760");
    assert_eq!(batteries.len(), 1);
    assert_eq!(batteries[0]["code"], "850760");
    assert!(items("/v1/units").iter().any(|unit| unit["code"] == "C62"));
    let yuan = items("/v1/currencies").into_iter().find(|c| c["code"] == "CNY").unwrap();
    assert_eq!(yuan["minor_units"], 2);
    assert!(items("/v1/defect-codes").iter().any(|defect| defect["code"] == "label-missing"));
    app.get("/v1/regions/africa").key(&app.admin).send().expect(200);
    app.get("/v1/regions/atlantis").key(&app.admin).send().problem(404, "not-found");
}

#[rstest]
fn head_answers_like_get_without_the_body(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let get = app.get("/v1/me").key(&app.admin).send().expect(200);
    let head = app.request("HEAD", "/v1/me").key(&app.admin).send().expect(200);
    assert_eq!(head.header("content-length"), get.header("content-length"));
    assert_eq!(head.bytes(), b"");
}

#[rstest]
fn the_front_door_leads_to_the_documentation(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    for path in ["/", "/docs"] {
        let answer = app.get(path).send();
        assert_eq!((answer.status, answer.header("location")), (307, Some("/docs/")), "{path}");
    }
    let page = app.get("/docs/").send().expect(200);
    assert!(page.text().contains("swagger-ui"), "{}", page.text());
    assert!(!page.text().contains("https://"), "nothing is loaded from elsewhere");
}

#[rstest]
fn an_array_is_no_object(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine);
    let put = app.put("/v1/offices/CNTAO").key(&app.admin);
    let array = r#"["Qingdao", null, "Asia/Shanghai", "06:00", 30, [1], []]"#;
    put.body("application/json", array).send().faults(&[("", "wrong-type")]);
    let customs = app.key(Role::Customs, &["CNTAO"]);
    let mut money = battery();
    money["value"] = json!(["153294.00", "CNY"]);
    let put = app.put("/v1/declarations/EXP-1").key(&customs).json(&money);
    put.send().faults(&[("/value", "wrong-type")]);
    money["value"] = json!({"amount": "1", "currency": "CNY", "colour": "red"});
    let put = app.put("/v1/declarations/EXP-1").key(&customs).json(&money);
    put.send().faults(&[("/value/colour", "unknown-field")]);
}
