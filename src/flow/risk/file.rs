//! Score declarations of a file, stored or not, with the active model.

use super::past::Pasts;
use super::read::model_of;
use super::sheet::Sheet;
use crate::domain::declaration::DeclarationBody;
use crate::domain::problem::{Code, FieldError, Problem};
use crate::domain::risk::RiskModel;
use crate::error::Result;
use crate::flow::import::Source;
use crate::flow::import::chunk::{self, Rules, heading};
use crate::statistics::risk::{Model, Score};
use crate::store::{self, Store};
use chrono::{DateTime, NaiveDate, Utc};

/// The active model, for many declarations.
pub struct FileScores {
    kept: RiskModel,
    model: Model,
    before: NaiveDate,
}

impl FileScores {
    /// The active model as of a day: what is known of exporters is what was known before it.
    ///
    /// # Errors
    /// [`Code::RiskModelNotActive`] where there is none.
    pub fn active(store: &Store, before: NaiveDate) -> Result<Self> {
        store.read(|conn| {
            let kept = store::risk_models::active(conn)?.ok_or_else(|| {
                let words = "no risk model is active: fit one, and have it activated";
                Problem::new(Code::RiskModelNotActive, words)
            })?;
            Ok(Self { model: model_of(conn, &kept)?, kept, before })
        })
    }

    /// How draws name the model.
    pub fn label(&self) -> String {
        self.kept.label()
    }

    /// The factors that a score is made of, kept ones only.
    pub fn factors(&self) -> Vec<&'static str> {
        let kept = self.model.factors.iter().filter(|one| !one.levels.is_empty());
        kept.map(|one| one.factor.name()).collect()
    }

    /// Scores each row of a file, in its order.
    ///
    /// # Errors
    /// Those of the file, of the database and of `work`; the first ends it.
    pub fn each(
        &self,
        store: &Store,
        source: &Source,
        now: DateTime<Utc>,
        mut work: impl FnMut(FileRow) -> Result<()>,
    ) -> Result<()> {
        heading::<DeclarationBody>(source)?;
        chunk::each(source, Rules { now, historical: true }, |entries| {
            let (mut sheets, mut rows) = (Vec::new(), Vec::new());
            for entry in entries {
                match entry.checked {
                    Ok(checked) => sheets.push(Sheet::from(&checked.declaration)),
                    Err(errors) => rows.push(FileRow::Rejected { line: entry.line, errors }),
                }
            }
            let scored = self.score(store, sheets)?;
            rows.into_iter().chain(scored).try_for_each(&mut work)
        })
    }

    fn score(&self, store: &Store, sheets: Vec<Sheet>) -> Result<Vec<FileRow>> {
        let exporters: Vec<&str> = sheets.iter().map(|sheet| sheet.exporter_id.as_str()).collect();
        let pasts = store.read(|conn| Pasts::read(conn, &exporters, self.before))?;
        let rows = sheets.iter().map(|sheet| {
            let past = pasts.of(&sheet.exporter_id, &sheet.number);
            let score = self.model.score(&sheet.facts(self.kept.currency.as_deref(), &past));
            FileRow::Scored { number: sheet.number.clone(), score }
        });
        Ok(rows.collect())
    }
}

/// What became of a row.
pub enum FileRow {
    /// It has a score.
    Scored {
        /// The declaration.
        number: String,
        /// Its score.
        score: Score,
    },
    /// It says nothing that could be scored.
    Rejected {
        /// Counts from 1.
        line: u64,
        /// What is wrong with it.
        errors: Vec<FieldError>,
    },
}
