//! The port of this computer at which a companion page may call, where an administrator enabled it.
//!
//! A page of the internet in a browser is not the only one who can reach the port: every program and every page on this
//! computer can. So a call counts only with the person's pairing secret, as JSON, from a page of the companion's own origin,
//! to this very address (a name elsewhere that was made to point here is another one). Whatever else comes hears 403 and
//! nothing more (SEC-13). The browser's question beforehand (a CORS preflight) is answered for the same origin alone.
//!
//! The port is the one that this session's pages are paired with. Where another program has taken it meanwhile, the system
//! gives another one with a new secret, and that is told: pages have to be paired again.

use std::{convert::Infallible, net::Ipv4Addr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use domain::ConnectionId;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use secrets::{KeyringProblem, Secret};
use serde_json::Value;
use subtle::ConstantTimeEq;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use url::Url;

use super::pairing::{self, Paired, Pairing};
use crate::{Loopback as Port, source::SourceContext};

/// Where a page calls.
const PATH: &str = "/companion";

/// The header of the pairing secret.
const SECRET: HeaderName = HeaderName::from_static("sidecard-pairing");

/// Asked by browsers before a page of the internet calls this computer (Private Network Access), and the answer.
const ASKS_FOR_PRIVATE: HeaderName = HeaderName::from_static("access-control-request-private-network");
const ALLOWS_PRIVATE: HeaderName = HeaderName::from_static("access-control-allow-private-network");

/// How long a browser may remember the answer to its question, in seconds; it keeps none longer than two hours.
const REMEMBER: HeaderValue = HeaderValue::from_static("7200");

/// What a page says is a few hundred bytes.
const MOST_BYTES: usize = 4 * 1024;

/// All of a request's head; the least that the library takes.
const MOST_HEAD_BYTES: usize = 8 * 1024;

/// Calls at once. Others wait until one is answered.
const MOST_CALLS: usize = 8;

/// How long a caller may take for a request's head, and for all of a call.
const HEAD: Duration = Duration::from_secs(2);
const CALL: Duration = Duration::from_secs(5);

/// What was said and not taken in yet: more is refused, and the page says it again.
const BACKLOG: usize = 16;

/// How long an earlier run of this session may take to let go of the port.
const PATIENCE: Duration = Duration::from_secs(3);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What is heard here.
#[derive(Debug)]
pub(super) enum Call {
    /// How it stands with the port.
    Port(Port),
    /// What a page says, from somebody who knows the pairing secret.
    Word(Value),
}

/// The way from the port to whoever follows the agent's chats.
pub(super) fn channel() -> (mpsc::Sender<Call>, mpsc::Receiver<Call>) {
    mpsc::channel(BACKLOG)
}

/// A port that is to be kept open.
pub(super) struct Loopback<'a> {
    pub(super) connection: &'a ConnectionId,
    /// The companion page's address.
    pub(super) page: &'a Url,
    /// Takes what the port's callers have to know.
    pub(super) paired: &'a Paired,
    pub(super) cx: &'a SourceContext,
    pub(super) calls: mpsc::Sender<Call>,
}

/// Why there is no port.
#[derive(Debug, thiserror::Error)]
enum Shut {
    #[error(transparent)]
    Keyring(#[from] KeyringProblem),
    #[error("the system gives no port: {0}")]
    NoPort(#[from] std::io::Error),
    #[error("the system gives no random numbers")]
    NoRandom,
}

impl Loopback<'_> {
    /// Keeps the port open for as long as it is polled; where it cannot be opened, that is tried again after each `again`.
    pub(super) async fn stay_open(self, again: Duration) -> Infallible {
        let mut told_shut = false;
        loop {
            match self.open().await {
                Ok((socket, pairing, port)) => {
                    let door = Arc::new(Door::new(self.page, &pairing, self.calls.clone()));
                    self.paired.set(pairing);
                    self.tell(port).await;
                    return serve(socket, door).await;
                }
                Err(shut) => {
                    tracing::warn!(%shut, "companion pages cannot call");
                    if !std::mem::replace(&mut told_shut, true) {
                        self.tell(Port::Closed).await;
                    }
                    drop(timeout(again, self.cx.wake.notified()).await);
                }
            }
        }
    }

    async fn tell(&self, port: Port) {
        // Nobody listens any more only when all of this ends.
        drop(self.calls.send(Call::Port(port)).await);
    }

    /// The port that this session's pages are paired with, else a new one.
    async fn open(&self) -> Result<(TcpListener, Pairing, Port), Shut> {
        let SourceContext { secrets, session, .. } = self.cx;
        let before = pairing::kept(&**secrets, self.connection, session).await?;
        let was_paired = before.is_some();
        if let Some(pairing) = before
            && let Some(socket) = bind(pairing.port).await
        {
            return Ok((socket, pairing, Port::Open));
        }
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let pairing = Pairing::new(socket.local_addr()?.port()).ok_or(Shut::NoRandom)?;
        pairing::keep(&**secrets, self.connection, session, &pairing).await?;
        Ok((socket, pairing, if was_paired { Port::Moved } else { Port::Open }))
    }
}

/// Opens `port`, unless another program keeps it.
async fn bind(port: u16) -> Option<TcpListener> {
    let end = Instant::now() + PATIENCE;
    loop {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(socket) => return Some(socket),
            Err(error) if Instant::now() >= end => {
                tracing::warn!(port, %error, "another program has the port of the companion page");
                return None;
            }
            Err(_) => sleep(LOOK_AGAIN).await,
        }
    }
}

async fn serve(socket: TcpListener, door: Arc<Door>) -> Infallible {
    let places = Arc::new(Semaphore::new(MOST_CALLS));
    // They end with this function.
    let mut calls = JoinSet::new();
    loop {
        let place = places.clone().acquire_owned().await;
        match socket.accept().await {
            Ok((stream, _)) => {
                let door = door.clone();
                calls.spawn(async move {
                    let _place = place;
                    if timeout(CALL, take(stream, door)).await.is_err() {
                        tracing::debug!("a caller took too long");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a call could not be taken");
                sleep(LOOK_AGAIN).await;
            }
        }
        while calls.try_join_next().is_some() {}
    }
}

/// One call: one request.
async fn take(stream: TcpStream, door: Arc<Door>) {
    let app = Router::new().fallback(answer).with_state(door);
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .keep_alive(false)
        .max_buf_size(MOST_HEAD_BYTES);
    if builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app)).await.is_err() {
        tracing::debug!("a caller spoke no HTTP, or left");
    }
}

async fn answer(State(door): State<Arc<Door>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let answered = match door.admits(&head) {
        Some(Wanted::Question) => Some(door.answer_to_question(&head.headers)),
        Some(Wanted::Word) => door.hear(body).await,
        None => None,
    };
    answered.unwrap_or_else(|| StatusCode::FORBIDDEN.into_response())
}

/// What a caller who may call wants.
enum Wanted {
    /// Whether the page may say something.
    Question,
    /// To say something.
    Word,
}

/// Decides who may call.
struct Door {
    host: String,
    origin: String,
    secret: Secret,
    calls: mpsc::Sender<Call>,
}

impl Door {
    fn new(page: &Url, pairing: &Pairing, calls: mpsc::Sender<Call>) -> Self {
        Self {
            host: format!("{}:{}", Ipv4Addr::LOCALHOST, pairing.port),
            origin: page.origin().ascii_serialization(),
            secret: pairing.secret.clone(),
            calls,
        }
    }

    fn admits(&self, head: &http::request::Parts) -> Option<Wanted> {
        let headers = &head.headers;
        let is_here = head.uri == PATH && only(headers, &header::HOST)? == self.host;
        if !is_here || only(headers, &header::ORIGIN)? != self.origin {
            return None;
        }
        match head.method {
            Method::OPTIONS => self.allows(headers).then_some(Wanted::Question),
            Method::POST if only(headers, &header::CONTENT_TYPE)? == "application/json" => {
                // EXPOSE: compared with what the caller brings, in a time that tells nothing of it.
                let right = only(headers, &SECRET)?.as_bytes().ct_eq(self.secret.expose().as_bytes());
                bool::from(right).then_some(Wanted::Word)
            }
            _ => None,
        }
    }

    /// Whether what the browser asks for is what the page needs, and no more.
    fn allows(&self, headers: &HeaderMap) -> bool {
        let asked = only(headers, &header::ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
        let known = |name: &str| [header::CONTENT_TYPE, SECRET].iter().any(|known| name == known.as_str());
        only(headers, &header::ACCESS_CONTROL_REQUEST_METHOD) == Some("POST")
            && asked.split(',').map(str::trim).filter(|name| !name.is_empty()).all(known)
    }

    fn answer_to_question(&self, headers: &HeaderMap) -> Response {
        let mut response = self.reply(StatusCode::NO_CONTENT);
        let answer = response.headers_mut();
        answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
        let allowed = HeaderValue::from_static("content-type, sidecard-pairing");
        answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
        answer.insert(header::ACCESS_CONTROL_MAX_AGE, REMEMBER);
        if only(headers, &ASKS_FOR_PRIVATE) == Some("true") {
            answer.insert(ALLOWS_PRIVATE, HeaderValue::from_static("true"));
        }
        response
    }

    /// Passes on what the page says; `None` when it is too long or no JSON.
    async fn hear(&self, body: Body) -> Option<Response> {
        let bytes = to_bytes(body, MOST_BYTES).await.ok()?;
        let content = serde_json::from_slice(&bytes).ok()?;
        let taken = self.calls.try_send(Call::Word(content)).is_ok();
        Some(self.reply(if taken { StatusCode::NO_CONTENT } else { StatusCode::SERVICE_UNAVAILABLE }))
    }

    /// An answer that the page may read.
    fn reply(&self, status: StatusCode) -> Response {
        let mut response = status.into_response();
        if let Ok(origin) = HeaderValue::from_str(&self.origin) {
            response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("Origin"));
        response
    }
}

/// The value of a header that is there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}
