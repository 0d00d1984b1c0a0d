//! Look up declarations: one, many, what they said before, and what may be done with the goods.

use crate::domain::chain::Receipt;
use crate::domain::declaration::{Status, StoredDeclaration};
use crate::domain::draw::SampleItem;
use crate::domain::inspection::ItemState;
use crate::domain::key::Caller;
use crate::domain::problem::Problem;
use crate::error::Result;
use crate::store::declarations::{Filter, Superseded};
use crate::store::{self, Conn, Store, chain};

/// A declaration of the caller's offices, inside a transaction; foreign and missing are alike.
pub(super) fn own(conn: &mut Conn, caller: &Caller, number: &str) -> Result<StoredDeclaration> {
    store::declarations::find(conn, number)?
        .filter(|stored| caller.scope.holds(stored.declaration.office.as_str()))
        .ok_or_else(|| Problem::not_found("declaration", number).into())
}

/// One declaration with the receipt of its latest event.
///
/// # Errors
/// Not found.
pub fn declaration(
    store: &Store,
    caller: &Caller,
    number: &str,
) -> Result<(StoredDeclaration, Receipt)> {
    store.read(|conn| {
        let stored = own(conn, caller, number)?;
        let receipt =
            chain::receipt(conn, stored.declaration.office.as_str(), stored.chain_sequence)?;
        Ok((stored, receipt))
    })
}

/// A declaration and its superseded revisions, the first one first.
///
/// # Errors
/// Not found.
pub fn revisions(
    store: &Store,
    caller: &Caller,
    number: &str,
) -> Result<(StoredDeclaration, Vec<Superseded>)> {
    store.snapshot(|conn| {
        let stored = own(conn, caller, number)?;
        let superseded = store::declarations::superseded(conn, number)?;
        Ok((stored, superseded))
    })
}

/// Where a declaration stands for the customs system.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The declaration.
    pub stored: StoredDeclaration,
    /// What may be done with the goods.
    pub status: Status,
    /// Its item, if it was drawn.
    pub item: Option<SampleItem>,
}

/// What may be done with the goods of a declaration.
///
/// # Errors
/// Not found.
pub fn status(store: &Store, caller: &Caller, number: &str) -> Result<Standing> {
    store.read(|conn| {
        let stored = own(conn, caller, number)?;
        // Asked before the item: a draw that is made in between must not look like one without it.
        let frozen = match &stored.draw_id {
            Some(id) => store::draws::is_frozen(conn, id)?,
            None => false,
        };
        let item = match stored.draw_id {
            Some(_) if !frozen => store::items::of_declaration(conn, number)?,
            _ => None,
        };
        let status = match (&stored.cancelled, &stored.draw_id, &item) {
            (Some(_), _, _) => Status::Cancelled,
            (None, None, _) => Status::NotDrawnYet,
            // Nobody knows yet what will be drawn from a frame that is only frozen.
            (None, Some(_), None) if frozen => Status::NotDrawnYet,
            (None, Some(_), None) => Status::Released,
            (None, Some(_), Some(item)) => match item.state {
                ItemState::Open => Status::Held,
                ItemState::Passed => Status::InspectedPass,
                ItemState::Failed => Status::InspectedFail,
                ItemState::NotInspected => Status::NotInspected,
            },
        };
        Ok(Standing { stored, status, item })
    })
}

/// Declarations inside a filter, by number, after a number.
///
/// # Errors
/// Those of the database.
pub fn search(
    store: &Store,
    caller: &Caller,
    filter: &Filter,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<StoredDeclaration>> {
    store.read(|conn| store::declarations::search(conn, &caller.scope, filter, after, limit))
}
