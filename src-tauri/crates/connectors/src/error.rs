//! One error for all connectors. The sentence for the person is made by the UI from the kind; `detail` is for the
//! supervisor. Neither ever holds a secret, a raw body or personal data.

use std::{collections::BTreeMap, fmt, time::Duration};

use domain::{FieldKey, RecordId, mapping::Problem, text::visible};

/// The result of a call to a CRM.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, what may be done about it, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What it means, the same for every CRM.
    pub kind: Kind,
    /// Whether and when the same call may work.
    pub retry: Retry,
    /// Which call: `find`, `fetch`, `create`, `update`, `describe`, `check`, `log in`, `sight`,
    /// `perform`.
    pub operation: &'static str,
    /// For the supervisor: status, vendor's code, cleaned and at most 200 characters.
    pub detail: String,
    /// Of a write that goes in several calls: the fields that had gone through when another call failed.
    pub done: Vec<FieldKey>,
}

/// What an error means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The credential is not accepted.
    Unauthorized,
    /// The credential is accepted, but not for this.
    Forbidden,
    /// No such record.
    NotFound,
    /// The record was changed elsewhere since it was read.
    Conflict,
    /// Such a record exists already.
    Duplicate {
        /// The existing record, where the CRM names it.
        existing: Option<RecordId>,
    },
    /// The CRM refuses values.
    Invalid {
        /// What it says, by field, cleaned and at most 120 characters each.
        fields: BTreeMap<FieldKey, Refusal>,
    },
    /// Too many requests.
    RateLimited,
    /// The CRM cannot be reached or is failing.
    Unavailable {
        /// Whether the request may have been carried out all the same.
        outcome_unknown: bool,
    },
    /// No answer within the time limit.
    TimedOut {
        /// Whether the request may have been carried out all the same.
        outcome_unknown: bool,
    },
    /// The CRM answered in a way that is not understood.
    Protocol,
    /// This CRM cannot do that.
    Unsupported,
    /// The connection's settings are wrong: no such database, not this product at the address.
    Config,
    /// The credential could not be read from the keyring.
    Keyring(secrets::KeyringProblem),
    /// There is no credential in the keyring.
    NoCredential,
    /// The caller gave up.
    Cancelled,
}

impl Kind {
    /// A word for logs and statistics. It holds nothing of what the CRM said.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not found",
            Self::Conflict => "conflict",
            Self::Duplicate { .. } => "duplicate",
            Self::Invalid { .. } => "invalid",
            Self::RateLimited => "rate limited",
            Self::Unavailable { .. } => "unavailable",
            Self::TimedOut { .. } => "timed out",
            Self::Protocol => "protocol",
            Self::Unsupported => "unsupported",
            Self::Config => "config",
            Self::Keyring(_) => "keyring",
            Self::NoCredential => "no credential",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Why a value was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Found on this side, before anything was sent.
    Problem(Problem),
    /// The CRM's own words.
    Said(String),
}

/// The longest text of a refusal that is passed on.
const SAID: usize = 120;

impl Refusal {
    /// The CRM's own `words`, in a form that may be shown.
    pub fn said(words: &str) -> Self {
        Self::Said(
            visible(words).split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SAID).collect(),
        )
    }
}

/// Whether and when the same call may work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Not before something is changed.
    Never,
    /// After this time, as the CRM said.
    After(Duration),
    /// After a while that grows.
    BackOff,
}

impl Error {
    /// An error of `kind` in `operation`, with the retry that usually goes with the kind.
    pub fn new(kind: Kind, operation: &'static str, detail: impl Into<String>) -> Self {
        let retry = match kind {
            Kind::RateLimited | Kind::Unavailable { .. } | Kind::TimedOut { .. } => Retry::BackOff,
            _ => Retry::Never,
        };
        Self { kind, retry, operation, detail: detail.into(), done: Vec::new() }
    }

    /// The same error, to be tried again after `wait`.
    pub fn after(mut self, wait: Duration) -> Self {
        self.retry = Retry::After(wait);
        self
    }

    /// What became of a write that was done and could not be read back afterwards: only that is not known. A record that is
    /// gone by then is gone.
    pub(crate) fn not_read_back(self) -> Self {
        match self.kind {
            Kind::NotFound => self,
            _ => Self {
                kind: Kind::Unavailable { outcome_unknown: true },
                detail: format!("written, but not read back: {}", self.detail),
                ..self
            },
        }
    }

    /// Whether a write that ended so may have been carried out.
    pub fn outcome_unknown(&self) -> bool {
        matches!(
            self.kind,
            Kind::Unavailable { outcome_unknown: true } | Kind::TimedOut { outcome_unknown: true }
        )
    }
}

/// A record that was asked for by its id, as the answer to a search.
pub(crate) fn one_or_none<T>(found: Result<T>) -> Result<Vec<T>> {
    match found {
        Ok(record) => Ok(vec![record]),
        Err(error) if error.kind == Kind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed: {:?}: {}", self.operation, self.kind, self.detail)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    // SEC-11
    #[test]
    fn sec_11_words_of_the_server_are_shortened_and_made_visible() {
        let Refusal::Said(said) = Refusal::said(&format!("a\u{202e}b\n{}", "x".repeat(500))) else {
            panic!()
        };
        assert!(said.starts_with("a\u{FFFD}b x"));
        assert_eq!(said.chars().count(), SAID);
    }
}
