//! What the log says of a request: everything but its query, which may hold what nobody may read.

use actix_web::Error;
use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use tracing::Span;
use tracing::field::Empty;
use tracing_actix_web::{DefaultRootSpanBuilder, RequestId, RootSpanBuilder};

/// Opens the span of a request, with the path alone as its target.
pub struct WithoutQuery;

impl RootSpanBuilder for WithoutQuery {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let method = request.method().as_str();
        let route = request.match_pattern().unwrap_or_else(|| "none".into());
        let id = request.extensions().get::<RequestId>().map(ToString::to_string);
        let agent = request.headers().get("user-agent").and_then(|agent| agent.to_str().ok());
        tracing::info_span!(
            "HTTP request",
            http.method = method,
            http.route = route,
            http.target = request.path(),
            http.client_ip = request.connection_info().realip_remote_addr(),
            http.user_agent = agent,
            http.status_code = Empty,
            otel.status_code = Empty,
            request_id = id,
            exception.message = Empty,
            exception.details = Empty,
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        DefaultRootSpanBuilder::on_request_end(span, outcome);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use std::io::{Result, Write};
    use std::sync::{Arc, Mutex};
    use tracing_subscriber::fmt::format::FmtSpan;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_log_knows_the_path_and_not_the_query() {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .with_span_events(FmtSpan::NEW)
            .finish();
        let request = TestRequest::with_uri("/v1/me?key=brz_secret").to_srv_request();
        tracing::subscriber::with_default(subscriber, || {
            drop(WithoutQuery::on_request_start(&request));
        });
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert!(text.contains("/v1/me"), "{text}");
        assert!(!text.contains("brz_"), "{text}");
    }
}
