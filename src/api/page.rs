//! Pages of lists: a limit and an opaque cursor that is bound to filter and order.

use crate::domain::digest;
use crate::domain::problem::{Code, Problem};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Rows of a page unless the request says otherwise.
const USUAL: i64 = 50;
/// Most rows of a page.
const MOST: i64 = 500;

/// One page of a list.
#[derive(Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// For the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// What a cursor holds: where the last page ended, and what it was a page of.
#[derive(Serialize, Deserialize)]
struct Place<K> {
    after: K,
    of: String,
}

/// Reads a cursor. It may be forged: each type of place refuses numbers and days that no row has,
/// and no text has a NUL, which PostgreSQL would not take (in JSON it is always escaped).
fn read<K: DeserializeOwned>(text: &str) -> Option<Place<K>> {
    let text = String::from_utf8(hex::decode(text).ok()?).ok()?;
    let place = serde_json::from_str(&text).ok()?;
    (!text.contains("\\u0000")).then_some(place)
}

/// A page that is asked for.
pub struct Ask<K> {
    /// Rows on the page.
    pub limit: i64,
    /// Where the page before ended.
    pub after: Option<K>,
    of: String,
}

impl<K: Serialize + DeserializeOwned> Ask<K> {
    /// Reads `limit` and `cursor`; `filter` is everything else the list depends on.
    ///
    /// # Errors
    /// A limit out of 1…500; a cursor of another list.
    pub fn parse(
        limit: Option<i64>,
        cursor: Option<&str>,
        filter: &impl Serialize,
    ) -> Result<Self, Problem> {
        let limit = limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&limit) {
            let words = format!("limit {limit} is not between 1 and {MOST}");
            return Err(Problem::new(Code::InvalidParameter, words));
        }
        let of = digest::of(filter).chars().take(16).collect::<String>();
        let after = cursor.map(|text| {
            let place = read::<K>(text).filter(|place| place.of == of);
            place.map(|place| place.after).ok_or_else(|| {
                Problem::new(
                    Code::InvalidCursor,
                    "this cursor is not of this list: start without one",
                )
            })
        });
        Ok(Self { limit, after: after.transpose()?, of })
    }

    /// How many rows to read: one more than asked, to know whether there is a next page.
    pub fn reach(&self) -> i64 {
        self.limit + 1
    }

    /// Makes the page out of [`Ask::reach`] rows; `key` tells where a row stands in the order.
    pub fn page<R, T>(
        &self,
        mut rows: Vec<R>,
        key: impl Fn(&R) -> K,
        answer: impl Fn(R) -> T,
    ) -> Page<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(|last| {
            let place = Place { after: key(last), of: self.of.clone() };
            hex::encode(serde_json::to_vec(&place).unwrap_or_default())
        });
        Page { items: rows.into_iter().map(answer).collect(), next_cursor }
    }
}

/// Answers with a page and, where there is a next one, its `Link`.
pub fn answer<T: Serialize>(req: &HttpRequest, page: &Page<T>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    if let Some(cursor) = &page.next_cursor {
        let others: Vec<_> = req
            .query_string()
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="))
            .collect();
        let query = [others.join("&"), format!("cursor={cursor}")];
        let query: Vec<_> = query.into_iter().filter(|part| !part.is_empty()).collect();
        let link = format!("<{}?{}>; rel=\"next\"", req.path(), query.join("&"));
        response.insert_header((header::LINK, link));
    }
    response.json(page)
}
