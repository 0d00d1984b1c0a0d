//! API keys: who may do what, for which offices.

use crate::domain::id::{InspectorId, OfficeCode};
use crate::domain::problem::Problem;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a key's holder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A customs system: declares and asks for the status.
    Customs,
    /// An inspector: lists and results of the own office.
    Inspector,
    /// A manager: reads the own scope, draws, follows trends.
    Manager,
    /// Writes policies and campaigns.
    Policy,
    /// Reads everything, changes nothing.
    Auditor,
    /// Keys, offices, history.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] =
        [Self::Customs, Self::Inspector, Self::Manager, Self::Policy, Self::Auditor, Self::Admin];

    /// The role as text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customs => "customs",
            Self::Inspector => "inspector",
            Self::Manager => "manager",
            Self::Policy => "policy",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
        }
    }

    /// Finds a role by its text.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// The offices a key may see: all, or those listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every office, also those yet to come.
    All,
    /// These offices only; never empty.
    Only(Vec<OfficeCode>),
}

impl Scope {
    /// All offices when the list is empty.
    pub fn of(offices: Vec<OfficeCode>) -> Self {
        if offices.is_empty() { Self::All } else { Self::Only(offices) }
    }

    /// Whether an office lies inside.
    pub fn holds(&self, office: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(offices) => offices.iter().any(|own| own.as_str() == office),
        }
    }

    /// Whether every office of this scope lies inside another.
    ///
    /// ```
    /// use breeze::domain::key::Scope;
    /// let qingdao = Scope::of(vec!["CNTAO".parse().unwrap()]);
    /// assert!(qingdao.lies_within(&Scope::All) && qingdao.lies_within(&qingdao));
    /// assert!(!Scope::All.lies_within(&qingdao));
    /// ```
    pub fn lies_within(&self, other: &Self) -> bool {
        match self {
            Self::All => *other == Self::All,
            Self::Only(offices) => offices.iter().all(|office| other.holds(office.as_str())),
        }
    }

    /// Holds the offices that a query or body names against the scope: it may only be narrowed, and
    /// what lies outside is not there.
    ///
    /// # Errors
    /// [`crate::domain::problem::Code::NotFound`] for the first office outside.
    pub fn narrow_to(&self, offices: &[impl AsRef<str>]) -> Result<(), Problem> {
        let outside = offices.iter().map(AsRef::as_ref).find(|office| !self.holds(office));
        outside.map_or(Ok(()), |office| Err(Problem::not_found("office", office)))
    }

    /// The listed offices, empty for all.
    pub fn offices(&self) -> &[OfficeCode] {
        match self {
            Self::All => &[],
            Self::Only(offices) => offices,
        }
    }
}

/// A key as it is kept: never its secret.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// The public part.
    pub id: String,
    /// What it is for, in words.
    pub name: String,
    /// Its one role.
    pub role: Role,
    /// Its offices.
    pub scope: Scope,
    /// The inspector of the roster who holds it.
    pub inspector: Option<InspectorId>,
    /// SHA-256 of the secret part, in hex.
    pub secret_sha256: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it is void.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl ApiKey {
    /// Whether it opens anything at that time.
    pub fn is_valid(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

/// Who asks: a key, or the operator at the command line.
#[derive(Clone, Debug)]
pub struct Caller {
    /// For the log: `key:<id>`, `cli`, `scheduler`.
    pub actor: String,
    /// The role.
    pub role: Role,
    /// The offices.
    pub scope: Scope,
    /// The inspector who holds the key.
    pub inspector: Option<InspectorId>,
}

impl Caller {
    /// The operator at the machine, or the scheduler inside the service: of all offices.
    pub fn operator(actor: &str) -> Self {
        Self { actor: actor.to_owned(), role: Role::Admin, scope: Scope::All, inspector: None }
    }
}
