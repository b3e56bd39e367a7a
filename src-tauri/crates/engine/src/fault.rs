//! Errors on their way to the UI: code and parameters; the sentence is the UI's.

use std::{collections::BTreeMap, time::Duration};

use connectors::{Error, Kind, Retry, error::Refusal, http::ProxyTrouble, oauth::SignInProblem};
use ipc::{ErrorCode, ErrorView, error::FieldProblem};
use secrets::KeyringProblem;
use sources::source::SourceProblem;

/// An error of `system` with nothing more to say.
pub(crate) fn plain(code: ErrorCode, system: &str) -> ErrorView {
    ErrorView {
        code,
        system: system.to_owned(),
        retry_at: None,
        fields: BTreeMap::new(),
        done: Vec::new(),
        existing: None,
        detail: String::new(),
        reference: reference(),
    }
}

/// A connector's error as the UI shows it; `now` is in milliseconds since 1970.
pub(crate) fn view(error: &Error, system: &str, now: i64) -> ErrorView {
    let mut view = plain(code(&error.kind), system);
    if let Retry::After(wait) = error.retry {
        view.retry_at = Some(now + millis(wait));
    }
    if let Kind::Invalid { fields } = &error.kind {
        view.fields = fields.iter().map(|(key, refusal)| (key.clone(), field(refusal))).collect();
    }
    view.detail = format!("{}: {}", error.operation, error.detail);
    tracing::warn!(reference = %view.reference, code = ?view.code, operation = error.operation, "a call to the CRM failed");
    view
}

fn field(refusal: &Refusal) -> FieldProblem {
    match refusal {
        Refusal::Problem(problem) => FieldProblem::Problem(problem.clone()),
        Refusal::Said(text) => FieldProblem::Said(domain::text::visible(text)),
    }
}

fn code(kind: &Kind) -> ErrorCode {
    match kind {
        Kind::Unauthorized => ErrorCode::Unauthorized,
        Kind::Forbidden => ErrorCode::Forbidden,
        Kind::NotFound => ErrorCode::NotFound,
        Kind::Conflict => ErrorCode::Conflict,
        Kind::Duplicate { .. } => ErrorCode::Duplicate,
        Kind::Invalid { .. } => ErrorCode::Invalid,
        Kind::RateLimited => ErrorCode::RateLimited,
        Kind::Unavailable { outcome_unknown: true } | Kind::TimedOut { outcome_unknown: true } => {
            ErrorCode::OutcomeUnknown
        }
        Kind::Unavailable { .. } => ErrorCode::Unavailable,
        Kind::TimedOut { .. } => ErrorCode::TimedOut,
        Kind::Protocol => ErrorCode::Protocol,
        Kind::Unsupported => ErrorCode::Unsupported,
        Kind::Config => ErrorCode::Config,
        Kind::Keyring(problem) => keyring_code(*problem),
        Kind::NoCredential => ErrorCode::NoCredential,
        Kind::Cancelled => ErrorCode::Stale,
    }
}

/// The code of a keyring problem.
pub(crate) fn keyring_code(problem: KeyringProblem) -> ErrorCode {
    match problem {
        KeyringProblem::Missing => ErrorCode::KeyringMissing,
        KeyringProblem::Locked => ErrorCode::KeyringLocked,
        KeyringProblem::Waiting => ErrorCode::KeyringWaiting,
        KeyringProblem::Failed => ErrorCode::KeyringFailed,
    }
}

/// A chat platform's problem as the UI shows it.
pub(crate) fn of_source(problem: &SourceProblem, system: &str) -> ErrorView {
    let code = match problem {
        SourceProblem::Unreachable | SourceProblem::Lost | SourceProblem::Silent => ErrorCode::Unavailable,
        SourceProblem::NotThisProduct => ErrorCode::Protocol,
        SourceProblem::Refused => ErrorCode::Unauthorized,
        SourceProblem::Ended(_) => ErrorCode::Forbidden,
        SourceProblem::Keyring(problem) => keyring_code(*problem),
        SourceProblem::NoCredential => ErrorCode::NoCredential,
        SourceProblem::Misconfigured => ErrorCode::Config,
    };
    ErrorView { detail: problem.to_string(), ..plain(code, system) }
}

/// What the proxy says, in place of an error that only says that nothing was reached.
pub(crate) fn of_proxy(trouble: &ProxyTrouble, system: &str) -> ErrorView {
    let code = match trouble {
        ProxyTrouble::SignIn => ErrorCode::ProxySignIn,
        _ => ErrorCode::ProxyUnsupported,
    };
    ErrorView { detail: trouble.to_string(), ..plain(code, system) }
}

/// Why nobody was signed in, as the UI shows it; `now` is in milliseconds since 1970.
pub(crate) fn of_sign_in(problem: &SignInProblem, system: &str, now: i64) -> ErrorView {
    let (code, detail) = match problem {
        SignInProblem::Failed(error) => return view(error, system, now),
        SignInProblem::PortsBusy(ports) => {
            (ErrorCode::PortsBusy, ports.iter().map(u16::to_string).collect::<Vec<_>>().join(", "))
        }
        SignInProblem::NoBrowser => (ErrorCode::NoBrowser, String::new()),
        SignInProblem::Denied(_) | SignInProblem::TimedOut => (ErrorCode::NotSignedIn, problem.to_string()),
        SignInProblem::Cancelled => (ErrorCode::Stale, String::new()),
    };
    ErrorView { detail, ..plain(code, system) }
}

/// Whether waiting alone may help: the look-up is then tried again by itself.
pub(crate) fn passes(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::Unavailable
            | ErrorCode::TimedOut
            | ErrorCode::RateLimited
            | ErrorCode::KeyringMissing
            | ErrorCode::KeyringLocked
            | ErrorCode::KeyringWaiting
            | ErrorCode::KeyringFailed
            | ErrorCode::NoCredential
    )
}

/// A short mark that stands on screen and in the log.
fn reference() -> String {
    uuid::Uuid::new_v4().simple().to_string()[..8].to_owned()
}

/// A duration in whole milliseconds.
pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
