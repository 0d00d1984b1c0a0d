//! Answers that are a table as well: as JSON, and the same as a CSV file.

use crate::api::error::ApiError;
use crate::api::files::{self, Form};
use crate::error::Result;
use actix_web::http::header::VARY;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

/// An answer with a table; of at most some thousand rows, so the file is made whole.
pub trait Tabled: Serialize {
    /// The name of the file.
    const FILE: &'static str;

    /// The table as CSV.
    ///
    /// # Errors
    /// None: it is written to memory.
    fn csv(&self) -> Result<Bytes>;
}

/// The form that a request asks for.
///
/// # Errors
/// Neither JSON nor CSV is acceptable.
pub fn form(req: &HttpRequest) -> Result<Form, ApiError> {
    Ok(Form::asked(req, &[Form::Json, Form::Csv])?)
}

/// The answer in that form.
///
/// # Errors
/// Those of [`Tabled::csv`].
pub fn answer<T: Tabled>(form: Form, answer: &T) -> Result<HttpResponse, ApiError> {
    match form {
        Form::Csv => file(answer),
        _ => Ok(HttpResponse::Ok().insert_header((VARY, "Accept")).json(answer)),
    }
}

/// The answer as a file.
///
/// # Errors
/// Those of [`Tabled::csv`].
pub fn file<T: Tabled>(answer: &T) -> Result<HttpResponse, ApiError> {
    let mut file = files::download(T::FILE, files::CSV);
    Ok(file.insert_header((VARY, "Accept")).body(answer.csv()?))
}
