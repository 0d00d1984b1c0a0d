//! Recompute every factor of a frozen frame from the model that was kept: for whoever doubts that the
//! aim was what it is said to have been.

use super::past::{Past, Pasts};
use super::scorer::Scorer;
use super::sheet::Sheet;
use crate::domain::draw::Candidate;
use crate::domain::key::Caller;
use crate::error::{Error, Result};
use crate::flow::draw;
use crate::sampling::allocate::FACTOR_ONE;
use crate::statistics::risk::Score;
use crate::store::{self, Store};

/// What the recomputation of a frame's factors found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Explained {
    /// The draw.
    pub draw: String,
    /// Its model, `risk@version/sha256` or `none`.
    pub model: String,
    /// Rows of its frame.
    pub rows: u64,
    /// Rows whose factor comes out otherwise: number, factor in the frame, recomputed, in units of
    /// 2⁻¹⁶.
    pub differing: Vec<(String, u32, u32)>,
    /// Rows whose exporter's past reads otherwise by now than when the frame was frozen: results of
    /// before the day that were amended or brought in since. Their numbers.
    pub past_differs: Vec<String>,
}

/// Rows that are in memory at a time.
const PAGE: i64 = 5_000;

/// Recomputes the factors of a draw's frame; `row` sees each with its score, where a model was
/// active.
///
/// # Errors
/// Not found; those of `row`.
pub fn explain(
    store: &Store,
    caller: &Caller,
    draw_id: &str,
    mut row: impl FnMut(&Candidate, Option<&Score>) -> Result<()>,
) -> Result<Explained> {
    store.snapshot(|conn| {
        let draw = draw::own(conn, caller, draw_id)?;
        let scorer = Scorer::of_draw(conn, &draw)?;
        let mut explained = Explained {
            draw: draw.id.clone(),
            model: draw.risk_model.clone(),
            rows: 0,
            differing: Vec::new(),
            past_differs: Vec::new(),
        };
        let mut after = String::new();
        loop {
            let page = store::draws::candidates(conn, &draw.id, &after, PAGE)?;
            let Some(last) = page.last() else { return Ok(explained) };
            after = last.declaration_number.clone();
            let numbers: Vec<&str> = page.iter().map(|c| c.declaration_number.as_str()).collect();
            let declared = store::declarations::find_many(conn, &numbers)?;
            let exporters: Vec<&str> = page.iter().map(|c| c.exporter_id.as_str()).collect();
            let pasts = Pasts::read(conn, &exporters, draw.day)?;
            for candidate in &page {
                let number = &candidate.declaration_number;
                let stored = declared.get(number);
                let stored = stored.ok_or_else(|| Error::inner(format!("`{number}` is gone")))?;
                let (factor, score) = match &scorer {
                    None => (FACTOR_ONE, None),
                    Some(scorer) => {
                        let sheet = Sheet::from(&stored.declaration);
                        recompute(scorer, &sheet, candidate)?
                    }
                };
                explained.rows += 1;
                let past = pasts.of(&candidate.exporter_id, number).label();
                if candidate.scored.as_ref().is_some_and(|scored| scored.past != past) {
                    explained.past_differs.push(number.clone());
                }
                if factor != candidate.factor {
                    explained.differing.push((number.clone(), candidate.factor, factor));
                }
                row(candidate, score.as_ref())?;
            }
        }
    })
}

fn recompute(
    scorer: &Scorer,
    sheet: &Sheet,
    candidate: &Candidate,
) -> Result<(u32, Option<Score>)> {
    let past = candidate.scored.as_ref().and_then(|scored| Past::find(&scored.past));
    let past = past.ok_or_else(|| Error::inner("a frozen row has no past"))?;
    let score = scorer.score(sheet, &past);
    Ok((scorer.factor(&candidate.rule, score.probability)?, Some(score)))
}
