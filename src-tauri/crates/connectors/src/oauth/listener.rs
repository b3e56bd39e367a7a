//! The place on this machine where the browser comes back to.
//!
//! It is open while one request for authorisation is, on one of the registered ports, and takes one answer: the one with the
//! right state. Everything else on the port hears 403 and nothing more (SEC-13): other paths and methods, another or no
//! state, another host name (a page elsewhere whose name was made to point here), and whatever comes after the answer.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, StatusCode, header};
use secrets::Secret;
use sha2::{Digest, Sha256};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::{Duration, timeout},
};
use tokio_util::sync::CancellationToken;

use super::page::{Ending, page};

/// The path of the redirect addresses.
pub(super) const PATH: &str = "/callback";

/// How long the browser may take to fetch the last page.
const FAREWELL: Duration = Duration::from_secs(2);

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

/// What the browser brought: a code, or the server's word for no.
pub(super) struct Arrival {
    pub(super) outcome: Result<Secret, String>,
    /// Takes what the page is to say.
    pub(super) answer: oneshot::Sender<Ending>,
}

/// A port of this machine that nobody is answered on yet.
pub(super) struct Port {
    socket: TcpListener,
    pub(super) number: u16,
}

impl Port {
    /// The first of `ports` that is free; all of them when none is.
    pub(super) async fn open(ports: &[u16]) -> Result<Self, Vec<u16>> {
        for &number in ports {
            if let Ok(socket) = TcpListener::bind((Ipv4Addr::LOCALHOST, number)).await {
                return Ok(Self { socket, number });
            }
        }
        Err(ports.to_vec())
    }

    /// Answers the browser that brings `state`.
    pub(super) fn listen(self, state: &str) -> Listener {
        let (sender, arrivals) = mpsc::channel(1);
        let hosts = ["127.0.0.1", "localhost"].map(|host| format!("{host}:{}", self.number));
        let door = Door { state: state.to_owned(), hosts, waiting: Mutex::new(Some(sender)) };
        let app = Router::new().fallback(answer).with_state(Arc::new(door));
        let stop = CancellationToken::new();
        let serve = axum::serve(self.socket, app)
            .with_graceful_shutdown(stop.clone().cancelled_owned())
            .into_future();
        Listener { arrivals, stop, task: tokio::spawn(async move { drop(serve.await) }) }
    }
}

/// An open request for authorisation. Dropping it closes the port.
pub(super) struct Listener {
    arrivals: mpsc::Receiver<Arrival>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Listener {
    /// The one answer; `None` when none can come any more.
    pub(super) async fn arrival(&mut self) -> Option<Arrival> {
        self.arrivals.recv().await
    }

    /// Lets the browser fetch its page, then closes the port.
    pub(super) async fn close(mut self) {
        self.stop.cancel();
        if timeout(FAREWELL, &mut self.task).await.is_err() {
            tracing::debug!("the browser did not fetch the last page");
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Door {
    state: String,
    hosts: [String; 2],
    /// Taken by the one answer.
    waiting: Mutex<Option<mpsc::Sender<Arrival>>>,
}

async fn answer(State(door): State<Arc<Door>>, request: Request) -> Response {
    let Some((outcome, waiting)) = door.admit(&request) else { return StatusCode::FORBIDDEN.into_response() };
    let languages = text(request.headers(), header::ACCEPT_LANGUAGE).unwrap_or_default().to_owned();
    let (answer, ending) = oneshot::channel();
    let told = waiting.send(Arrival { outcome, answer }).await.is_ok();
    let ending = if told { ending.await.unwrap_or(Ending::Failed) } else { Ending::Failed };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONNECTION, "close"),
    ];
    (headers, page(ending, &languages)).into_response()
}

type Admitted = (Result<Secret, String>, mpsc::Sender<Arrival>);

impl Door {
    fn admit(&self, request: &Request) -> Option<Admitted> {
        let host = text(request.headers(), header::HOST)?;
        if request.method() != Method::GET
            || request.uri().path() != PATH
            || !self.hosts.iter().any(|own| own == host)
        {
            return None;
        }
        let query: Vec<_> =
            url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).collect();
        let value = |key: &str| query.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_ref());
        // Compared as digests: how long that takes tells nothing about how much of a guess is right.
        if Sha256::digest(value("state")?) != Sha256::digest(&self.state) {
            return None;
        }
        let outcome = match (value("code"), value("error")) {
            (_, Some(error)) => Err(super::token::clean(error)),
            (Some(code), None) => Ok(Secret::new(code)),
            (None, None) => return None,
        };
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        Some((outcome, waiting))
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
