//! A small HTTP client whose failures say what was asked and what came.

use super::contract;
use serde_json::Value;
use std::sync::LazyLock;
use std::time::Duration;
use ureq::http::{HeaderMap, Method};
use ureq::{Agent, Body};

static AGENT: LazyLock<Agent> = LazyLock::new(|| {
    Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .timeout_global(Some(Duration::from_secs(120)))
        .max_redirects(0)
        // A server lives as long as its test: no connection outlives it.
        .max_idle_connections(0)
        .build()
        .into()
});

/// A request in the making.
#[derive(Clone)]
pub struct Request {
    method: Method,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Request {
    pub(super) fn new(method: &str, url: String) -> Self {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        Self { method, url, headers: Vec::new(), body: None }
    }

    /// Sends an API key.
    pub fn key(self, key: &str) -> Self {
        self.header("Authorization", &format!("Bearer {key}"))
    }

    /// Sends a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends JSON.
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// Sends anything.
    pub fn body(mut self, media_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = Some(bytes.into());
        self.header("Content-Type", media_type)
    }

    /// Sends it, reads the whole answer, and holds it against the OpenAPI document.
    pub fn send(&self) -> Answer {
        let mut request = ureq::http::Request::builder().method(self.method.clone()).uri(&self.url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let answer = match &self.body {
            Some(body) => AGENT.run(request.body(body.clone()).expect("a request")),
            None => AGENT.run(request.body(()).expect("a request")),
        };
        let mut answer = answer.unwrap_or_else(|error| panic!("{}: {error}", self.line()));
        let answer = Answer {
            asked: self.line(),
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: read(answer.body_mut()),
        };
        self.hold_against_the_document(&answer);
        answer
    }

    fn hold_against_the_document(&self, answer: &Answer) {
        let path = self.url.splitn(4, '/').nth(3).unwrap_or_default();
        let media = answer.header("content-type");
        let (method, status) = (self.method.as_str(), answer.status);
        let breach = contract::breach(method, &format!("/{path}"), status, media, &answer.body);
        if let Some(words) = breach {
            panic!("{}: the document says otherwise: {words}: {}", self.line(), answer.text());
        }
    }

    fn line(&self) -> String {
        format!("{} {}", self.method, self.url)
    }
}

fn read(body: &mut Body) -> Vec<u8> {
    body.with_config().limit(1 << 30).read_to_vec().expect("a whole body")
}

/// What came back.
pub struct Answer {
    asked: String,
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    /// The answer, if its status is this; the body and the header of JSON are looked at as well.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{} answered {}", self.asked, self.text());
        self
    }

    /// The body as bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.asked, self.text()))
    }

    /// A header, if it was sent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Asserts that this is a problem document (RFC 9457) in the service's one shape, and gives it.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        let answer = self.expect(status);
        let problem = answer.json();
        let asked = &answer.asked;
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{asked}");
        assert_eq!(problem["code"], code, "{asked}: {problem}");
        assert_eq!(problem["type"], format!("/problems/{code}"), "{asked}");
        assert_eq!(problem["status"], status, "{asked}");
        assert_eq!(problem["request_id"].as_str(), answer.header("x-request-id"), "{asked}");
        assert!(problem["request_id"].is_string(), "{asked}: {problem}");
        for words in ["title", "detail"] {
            assert_ne!(problem[words].as_str().unwrap_or_default(), "", "{asked}: {problem}");
        }
        assert!(problem["errors"].is_array(), "{asked}: {problem}");
        let names: Vec<_> = problem.as_object().unwrap().keys().cloned().collect();
        assert_eq!(names.len(), 7, "{asked}: {names:?}");
        problem
    }

    /// Asserts that fields break rules: `(pointer, code)` of each, in order.
    #[track_caller]
    pub fn faults(self, faults: &[(&str, &str)]) {
        let problem = self.problem(422, "invalid");
        let found: Vec<_> = problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| (e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap()))
            .collect();
        assert_eq!(found, faults, "{problem}");
        for error in problem["errors"].as_array().unwrap() {
            assert_ne!(error["detail"].as_str().unwrap_or_default(), "", "{problem}");
        }
    }
}
