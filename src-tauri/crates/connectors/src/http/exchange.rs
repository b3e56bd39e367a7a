//! Sending a request and reading its answer, within limits.

use std::future::Future;

use bytes::{Bytes, BytesMut};
use domain::Clock;
use futures::StreamExt;
use reqwest::{RequestBuilder, Response};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    hosts::{is_covered, is_secure},
    reply::Reply,
    retry_after::retry_after,
};
use crate::{CallContext, ConnectorInfo, Error, Kind, Result, timing};

/// The most bytes of an answer that are read, counted after decompression.
pub const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// Whether a request may change something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It changes nothing.
    Read,
    /// It may.
    Write,
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// As in [`Error::operation`].
    pub operation: &'static str,
    /// Whether it may change something.
    pub access: Access,
}

impl Call {
    /// A request that changes nothing.
    pub fn read(operation: &'static str) -> Self {
        Self { operation, access: Access::Read }
    }

    /// A request that may change something.
    pub fn write(operation: &'static str) -> Self {
        Self { operation, access: Access::Write }
    }

    fn error(self, kind: Kind, detail: &str) -> Error {
        Error::new(kind, self.operation, detail)
    }

    fn outcome_unknown(self) -> bool {
        self.access == Access::Write
    }
}

/// What a request must keep to.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// When the caller stops waiting.
    pub deadline: Instant,
    /// Cancelled when nobody wants the answer any more.
    pub cancel: &'a CancellationToken,
    /// The time, for dates in headers.
    pub clock: &'a dyn Clock,
    /// Where requests may go.
    pub hosts: &'a [String],
}

/// Sends a connector's request and reads the answer, whatever its status.
pub async fn send(
    cx: &CallContext,
    info: &ConnectorInfo,
    call: Call,
    request: RequestBuilder,
) -> Result<Reply> {
    let terms =
        Terms { deadline: cx.deadline, cancel: &cx.cancel, clock: cx.clock.as_ref(), hosts: &info.hosts };
    exchange(terms, call, request).await
}

/// Sends `request` and reads the answer, whatever its status. Nothing is sent when the address is not covered.
pub async fn exchange(terms: Terms<'_>, call: Call, request: RequestBuilder) -> Result<Reply> {
    let (client, request) = request.build_split();
    let request = request.map_err(|_| call.error(Kind::Config, "the request cannot be built"))?;
    permit(call, request.url(), terms.hosts)?;
    if terms.cancel.is_cancelled() {
        return Err(call.error(Kind::Cancelled, "given up before it was sent"));
    }
    if terms.deadline <= Instant::now() {
        return Err(call.error(Kind::TimedOut { outcome_unknown: false }, "no time left to send it"));
    }
    within(terms, call, async {
        timing::sent();
        #[expect(clippy::disallowed_methods, reason = "the one place that sends, after all checks")]
        let response = client.execute(request).await.map_err(|problem| failure(call, &problem))?;
        timing::first_byte();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = read(call, response).await?;
        let wait = retry_after(&headers, terms.clock.now());
        Ok(Reply { status, headers, body, call, wait })
    })
    .await
}

fn permit(call: Call, url: &url::Url, hosts: &[String]) -> Result<()> {
    if !is_covered(url, hosts) {
        return Err(
            call.error(Kind::Config, "the request is for a host that the connection was not set up for")
        );
    }
    if !is_secure(url) {
        return Err(call.error(Kind::Config, "only https may be used beyond this computer"));
    }
    Ok(())
}

/// Runs `work` until the deadline or the caller's giving up. A write that is under way then may have been carried out.
async fn within<T>(terms: Terms<'_>, call: Call, work: impl Future<Output = Result<T>>) -> Result<T> {
    let outcome_unknown = call.outcome_unknown();
    tokio::select! {
        biased;
        result = work => result,
        () = terms.cancel.cancelled() => Err(match call.access {
            Access::Read => call.error(Kind::Cancelled, "given up while it was under way"),
            Access::Write => call.error(Kind::Unavailable { outcome_unknown }, "given up while it was under way"),
        }),
        () = tokio::time::sleep_until(terms.deadline) => {
            Err(call.error(Kind::TimedOut { outcome_unknown }, "no answer within the time limit"))
        }
    }
}

/// What a transport failure means. Its own text is not used: it names the address.
fn failure(call: Call, problem: &reqwest::Error) -> Error {
    let outcome_unknown = call.outcome_unknown();
    if problem.is_builder() {
        return call.error(Kind::Config, "the request cannot be built");
    }
    if problem.is_connect() {
        // Nothing was sent yet, so a write did not happen.
        let detail = match (problem.is_timeout(), problem.is_dns()) {
            (true, _) => "connecting took too long",
            (_, true) => "the host name is not known",
            _ => "no connection could be made",
        };
        return call.error(Kind::Unavailable { outcome_unknown: false }, detail);
    }
    if problem.is_timeout() {
        return call.error(Kind::TimedOut { outcome_unknown }, "the server fell silent");
    }
    call.error(Kind::Unavailable { outcome_unknown }, "the connection broke before the answer was complete")
}

async fn read(call: Call, response: Response) -> Result<Bytes> {
    let mut body = BytesMut::new();
    let mut stream = response.bytes_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|problem| match problem.is_decode() {
            true => call.error(broken(call), "the answer's compression is broken"),
            false => failure(call, &problem),
        })?;
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(call.error(broken(call), "the answer is longer than 8 MiB"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// An answer that cannot be read. Of a write nothing is known then.
fn broken(call: Call) -> Kind {
    match call.access {
        Access::Read => Kind::Protocol,
        Access::Write => Kind::Unavailable { outcome_unknown: true },
    }
}
