//! What a server answered.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use super::exchange::{Access, Call};
use crate::{Error, Kind, Result};

/// An answer, whatever its status. Its `Debug` shows no header and no body.
#[derive(Clone)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, decompressed.
    pub body: Bytes,
    pub(super) call: Call,
    pub(super) wait: Option<Duration>,
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply")
            .field("operation", &self.call.operation)
            .field("status", &self.status.as_u16())
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Reply {
    /// The body as JSON. What it says instead is not quoted.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|problem| {
            let what = match problem.classify() {
                serde_json::error::Category::Data => "of another shape than expected",
                _ => "not JSON",
            };
            self.protocol(&format!(
                "the answer is {what} (line {}, column {})",
                problem.line(),
                problem.column()
            ))
        })
    }

    /// How long the server asks to wait, in seconds or by a date; never long.
    pub fn retry_after(&self) -> Option<Duration> {
        self.wait
    }

    /// This reply when its status says success, else the error that the status means by itself.
    pub fn success(self) -> Result<Self> {
        self.succeeded().map(|()| self)
    }

    /// Nothing when its status says success, else the error that the status means by itself.
    pub fn succeeded(&self) -> Result<()> {
        match status_kind(self.status, self.call.access) {
            None => Ok(()),
            Some(kind) => Err(self.error(kind, "")),
        }
    }

    /// An error of `kind` about this reply, with its status and `detail`, and to be repeated when the server says so.
    pub fn error(&self, kind: Kind, detail: &str) -> Error {
        let detail = match detail {
            "" => format!("status {}", self.status.as_u16()),
            detail => format!("status {}: {detail}", self.status.as_u16()),
        };
        let waits = matches!(kind, Kind::RateLimited | Kind::Unavailable { .. });
        let error = Error::new(kind, self.call.operation, detail);
        match self.wait {
            Some(wait) if waits => error.after(wait),
            _ => error,
        }
    }

    /// An error about an answer that is not understood.
    pub fn protocol(&self, detail: &str) -> Error {
        self.error(Kind::Protocol, detail)
    }
}

/// What a status means where the vendor says nothing more; `None` for success.
pub fn status_kind(status: StatusCode, access: Access) -> Option<Kind> {
    let outcome_unknown = access == Access::Write;
    Some(match status.as_u16() {
        200..=299 => return None,
        // Redirects are not followed: a secret is bound to the address that was entered.
        300..=399 | 407 => Kind::Config,
        401 => Kind::Unauthorized,
        403 => Kind::Forbidden,
        404 | 410 => Kind::NotFound,
        405 | 501 => Kind::Unsupported,
        408 | 504 => Kind::TimedOut { outcome_unknown },
        409 | 412 => Kind::Conflict,
        422 => Kind::Invalid { fields: Default::default() },
        429 => Kind::RateLimited,
        500..=599 => Kind::Unavailable { outcome_unknown },
        _ => Kind::Protocol,
    })
}
