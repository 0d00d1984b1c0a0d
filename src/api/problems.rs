//! A page for every code: what it means and how to mend it.

use crate::api::error::{ApiError, Problems, status};
use crate::domain::problem::{Code, Problem};
use actix_web::{HttpResponse, get, web};

/// Explains a problem's code.
#[utoipa::path(
    operation_id = "get_problem",
    tag = "system",
    params(("code" = String, Path, description = "Code of a problem", example = "not-found")),
    responses((status = 200, description = "A page about the code", content_type = "text/html", body = String), Problems),
    security(())
)]
#[get("/problems/{code}")]
pub async fn get(code: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let code = Code::find(&code).ok_or_else(|| Problem::not_found("problem", &code))?;
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page(code)))
}

/// The texts are our own and hold no markup but backticks.
fn page(code: Code) -> String {
    let (name, title) = (code.as_str(), code.title());
    let status = status(code);
    let explanation = code.explanation().replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"></head>\n<body>\n<main>\n<h1>{title}</h1>\n\
         <p>{explanation}</p>\n<p>Code <code>{name}</code>, status {status} when it is the whole answer.</p>\n\
         </main>\n</body>\n</html>\n"
    )
}
