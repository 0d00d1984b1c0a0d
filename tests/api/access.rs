//! Who may do what: every operation of the access table, asked by every role, by nobody, with keys
//! that have ended, and from another office. The requests are the document's own examples.

use crate::support::*;
use breeze::api::access::{Access, TABLE};
use breeze::domain::key::Role;
use rstest::rstest;
use serde_json::Value;

/// The example of an operation as a request: its path, and its body with the media type.
struct Example {
    method: &'static str,
    path: String,
    body: Option<(String, String)>,
}

impl Example {
    fn of(document: &Value, method: &'static str, template: &str) -> Self {
        let operation = &document["paths"][template][method.to_lowercase()];
        let mut path = template.to_owned();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let value = match &parameter["example"] {
                Value::Null => "none".to_owned(),
                Value::String(text) => text.clone(),
                number => number.to_string(),
            };
            if parameter["in"] == "path" {
                let name = parameter["name"].as_str().unwrap();
                path = path.replace(&format!("{{{name}}}"), &value.replace('/', "%2F"));
            } else if parameter["in"] == "query" && parameter["required"] == true {
                let joint = if path.contains('?') { '&' } else { '?' };
                let name = parameter["name"].as_str().unwrap();
                let value = if name == "office" { "CNTAO" } else { &value };
                path = format!("{path}{joint}{name}={value}");
            }
        }
        Self { method, path, body: body(document, operation) }
    }

    fn ask(&self, app: &TestApp, key: Option<&str>) -> Answer {
        let mut request = app.request(self.method, &self.path);
        if let Some((media, body)) = &self.body {
            request = request.body(media, body.clone());
        }
        if let Some(key) = key {
            request = request.key(key);
        }
        request.send()
    }
}

fn body(document: &Value, operation: &Value) -> Option<(String, String)> {
    let (media, content) = operation["requestBody"]["content"].as_object()?.iter().next()?;
    let reference = content["schema"]["$ref"].as_str().unwrap_or_default();
    let schema = &document["components"]["schemas"][reference.rsplit('/').next().unwrap()];
    let example = [&content["example"], &schema["example"]].into_iter().find(|e| !e.is_null())?;
    let text = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
    Some((media.clone(), text))
}

/// An office whose day is drawn and begun as the document's examples have it: eight items on the
/// list, more than the office can do, by order, which raised a signal; the seventh is inspected. The others are open, so that the draw is not revealed and its files
/// are not public.
fn lively(engine: Engine) -> TestApp {
    let app = TestApp::start(engine);
    let inspector = app.inspector("CNTAO", "insp-07");
    app.office("CNSHA");
    let mut small = office();
    small["daily_capacity"] = 7.into();
    app.put("/v1/offices/CNTAO").key(&app.admin).json(&small).send().expect(200);
    let order = serde_json::json!({"exporter_id": "91370200MA3C", "office": "CNTAO",
        "reason": "a complaint", "from": "2026-11-24", "until": "2026-11-24"});
    let order = app.post("/v1/directives").key(&app.admin).json(&order).send().expect(201).json();
    assert_eq!(order["id"], "D-20261124-CNTAO-4", "as the document's example");
    let customs = app.key(Role::Customs, &["CNTAO"]);
    for number in 1..=8 {
        let declare = app.put(&format!("/v1/declarations/EXP-2026-000{number}")).key(&customs);
        declare.json(&battery()).send().expect(201);
    }
    let everything = "id = \"all\"\nfrom = 2026-11-24\nfloor = 1\n\n[[rules]]\nproportion = 1\n";
    app.govern(everything);
    app.tick();
    app.set_clock("2026-11-24T10:00:00Z");
    assert_eq!(app.tick().drawn, 2, "an empty frame is a draw as well");
    let document = app.get("/openapi.json").send().expect(200).json();
    Example::of(&document, "POST", "/v1/campaigns").ask(&app, Some(&app.admin)).expect(201);
    let inspection = Example::of(&document, "PUT", "/v1/inspections/{id}");
    inspection.ask(&app, Some(&inspector)).expect(201);
    app
}

fn key(app: &TestApp, role: Role, office: &str) -> String {
    match role {
        Role::Inspector => app.inspector(office, "insp-07"),
        role => app.key(role, &[office]),
    }
}

#[rstest]
fn every_role_may_do_what_the_table_says_and_nothing_else(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = lively(engine);
    let document = app.get("/openapi.json").send().expect(200).json();
    for (method, template, access) in TABLE {
        let example = Example::of(&document, method, template);
        for role in Role::ALL {
            // Fresh, for the last example may have revoked it.
            let key = match (*method, *template) {
                // These hold for all offices, so only keys of all offices write them.
                ("POST" | "PUT" | "PATCH", path)
                    if ["/v1/policies", "/v1/campaigns", "/v1/risk-models", "/v1/reports"]
                        .iter()
                        .any(|start| path.starts_with(start)) =>
                {
                    app.key(role, &[])
                }
                _ => key(&app, role, "CNTAO"),
            };
            let answer = example.ask(&app, Some(&key));
            let (status, who) = (answer.status, role.as_str());
            assert!(status < 500, "{who}: {method} {template}: {}", answer.text());
            match access {
                Access::Roles(roles) if !roles.contains(&role) => {
                    answer.problem(403, "forbidden");
                }
                _ => assert!(![401, 403].contains(&status), "{who}: {method} {template}: {status}"),
            }
        }
    }
}

#[rstest]
fn without_a_key_that_is_valid_only_the_open_doors_open(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = lively(engine);
    let document = app.get("/openapi.json").send().expect(200).json();
    let ended = app.key_until(Role::Admin, &[], "2026-11-24T10:00:00Z");
    let revoked = app.key(Role::Admin, &[]);
    let path = format!("/v1/api-keys/{}", revoked.split('_').nth(1).unwrap());
    app.delete(&path).key(&app.admin).send().expect(204);
    for (method, template, access) in TABLE {
        let example = Example::of(&document, method, template);
        let nobody = example.ask(&app, None);
        match access {
            Access::Roles(_) => drop(nobody.problem(401, "unauthenticated")),
            _ => assert!(![401, 403].contains(&nobody.status), "{method} {template}"),
        }
        for key in [&ended, &revoked] {
            let answer = example.ask(&app, Some(key));
            match access {
                Access::Open => {
                    assert!(![401, 403].contains(&answer.status), "{method} {template}")
                }
                _ => drop(answer.problem(401, "unauthenticated")),
            }
        }
    }
}

/// What an operation says of something of another office is what it says of nothing.
#[rstest]
fn what_belongs_to_another_office_is_not_there(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = lively(engine);
    let document = app.get("/openapi.json").send().expect(200).json();
    let concerning: Vec<_> = TABLE.iter().filter(concerns_an_office).collect();
    assert!(concerning.len() > 10, "only {} operations concern an office", concerning.len());
    // First everything foreign, for what is one's own is about to change.
    for (office, missing) in [("CNSHA", true), ("CNTAO", false)] {
        for (method, template, access) in &concerning {
            let Access::Roles(roles) = access else { continue };
            let example = Example::of(&document, method, template);
            for role in *roles {
                let answer = example.ask(&app, Some(&key(&app, *role, office)));
                let words = format!("{office}: {method} {template}: {}", answer.text());
                assert_eq!(answer.status == 404, missing, "{words}");
                assert!(!missing || !words.contains("Haiyun"), "{words}");
            }
        }
    }
}

fn concerns_an_office((method, template, _): &&(&str, &str, Access)) -> bool {
    let owned = ["/v1/declarations/{", "/v1/draws/{", "/v1/offices/{", "/v1/sample-lists/{"];
    let mut owned =
        owned.iter().chain(&["/v1/directives/{", "/v1/signals/{", "/v1/auditor-commitments/{"]);
    owned.any(|path| template.starts_with(path))
        || *template == "/v1/effective-proportions"
        || [("POST", "/v1/draws"), ("POST", "/v1/directives")].contains(&(*method, *template))
}
