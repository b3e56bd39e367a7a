//! A proxy in front of any HTTP server that makes things go wrong on purpose, so that a real server shows real faults.
//!
//! It speaks plain HTTP/1.1 and one request per connection, below any library: only so can it cut a connection at a
//! named point. It remembers the requests that it saw.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Result;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::sleep,
};
use url::Url;

/// The most bytes of a head or a body that are taken.
const LIMIT: usize = 16 * 1024 * 1024;

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The answer comes later.
    Slow(Duration),
    /// Too many requests; the text is the header `Retry-After`, where there is one. The server is not asked.
    RateLimited(Option<String>),
    /// The server is not asked; this status comes in its place, without a body.
    Status(u16),
    /// The connection ends before the server has seen the request.
    CutBefore,
    /// The server carries the request out, and the connection ends before its answer.
    CutAfter,
    /// The request reaches the server twice; the first answer is passed on.
    Twice,
    /// The server is asked, and a page for people comes in place of its answer.
    Html,
    /// The server is asked, and the connection ends in the middle of its answer.
    Truncated,
}

/// A request as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Method and path.
    pub line: String,
    /// Names and values of the headers.
    pub headers: Vec<(String, String)>,
    /// The body, as far as it is text.
    pub body: String,
}

#[derive(Debug)]
struct Plan {
    part: String,
    fault: Fault,
    times: usize,
}

#[derive(Debug, Default)]
struct State {
    plans: Vec<Plan>,
    seen: Vec<Seen>,
}

/// Decides about each request, and follows it. Called below the requests, so it must not wait.
pub trait Watch: Send + Sync + 'static {
    /// A request has arrived, and the server has not seen it: what goes wrong with it.
    fn arrived(&self, seen: &Seen) -> Option<Fault>;

    /// The server has answered, and nothing of the answer is passed on.
    fn answered(&self, _seen: &Seen) {}

    /// It is over: the answer is passed on, or never will be.
    fn left(&self, _seen: &Seen) {}
}

/// What is remembered, and what goes wrong as a test has ordered it.
impl Watch for Mutex<State> {
    fn arrived(&self, seen: &Seen) -> Option<Fault> {
        let mut state = lock(self);
        let plan = state.plans.iter_mut().find(|plan| plan.times > 0 && seen.contains(&plan.part));
        let fault = plan.map(|plan| {
            plan.times -= 1;
            plan.fault.clone()
        });
        state.seen.push(seen.clone());
        fault
    }
}

/// A running proxy. It ends when this is dropped.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl FaultProxy {
    /// Starts one in front of `upstream`.
    pub async fn start(upstream: SocketAddr) -> Result<Self> {
        let state = Arc::new(Mutex::new(State::default()));
        Self::begin(upstream, state.clone(), state).await
    }

    /// Starts one where `watch` decides what goes wrong; nothing is remembered.
    pub async fn watched(upstream: SocketAddr, watch: Arc<dyn Watch>) -> Result<Self> {
        Self::begin(upstream, watch, Arc::default()).await
    }

    async fn begin(upstream: SocketAddr, watch: Arc<dyn Watch>, state: Arc<Mutex<State>>) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(accept(listener, upstream, watch));
        Ok(Self { address, state, task })
    }

    /// Its address, to be used in place of the server's.
    pub fn address(&self) -> Url {
        Url::parse(&format!("http://{}/", self.address)).expect("a loopback address is well-formed")
    }

    /// Makes the next request go wrong whose line or body contains `part`; an empty text stands for any request.
    pub fn inject(&self, part: &str, fault: Fault) {
        self.inject_times(part, fault, 1);
    }

    /// The same for the next `times` such requests.
    pub fn inject_times(&self, part: &str, fault: Fault, times: usize) {
        lock(&self.state).plans.push(Plan { part: part.to_owned(), fault, times });
    }

    /// Takes back what has not gone wrong yet.
    pub fn clear(&self) {
        lock(&self.state).plans.clear();
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        lock(&self.state).seen.clear();
    }

    /// The requests so far whose line or body contains `part`.
    pub fn seen(&self, part: &str) -> Vec<Seen> {
        lock(&self.state).seen.iter().filter(|seen| seen.contains(part)).cloned().collect()
    }

    /// How many there were.
    pub fn count(&self, part: &str) -> usize {
        self.seen(part).len()
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Seen {
    fn contains(&self, part: &str) -> bool {
        self.line.contains(part) || self.body.contains(part)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, upstream: SocketAddr, watch: Arc<dyn Watch>) {
    while let Ok((client, _)) = listener.accept().await {
        let watch = watch.clone();
        tokio::spawn(async move {
            if let Err(error) = serve(client, upstream, &*watch).await {
                tracing::debug!(%error, "a connection through the fault proxy ended");
            }
        });
    }
}

async fn serve(mut client: TcpStream, upstream: SocketAddr, watch: &dyn Watch) -> io::Result<()> {
    let Some(request) = Request::read(&mut client).await? else { return Ok(()) };
    let seen = request.seen();
    let fault = watch.arrived(&seen);
    let answer = answer(upstream, &request, fault, || watch.answered(&seen)).await;
    let passed_on = match answer {
        Ok(Some(answer)) => pass_on(&mut client, &answer).await,
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    };
    watch.left(&seen);
    passed_on
}

async fn pass_on(client: &mut TcpStream, answer: &[u8]) -> io::Result<()> {
    client.write_all(answer).await?;
    client.shutdown().await
}

/// What is answered; nothing where the connection ends. `answered` hears when the server has been asked.
async fn answer(
    upstream: SocketAddr,
    request: &Request,
    fault: Option<Fault>,
    answered: impl Fn(),
) -> io::Result<Option<Vec<u8>>> {
    let ask = async || {
        let answer = forward(upstream, request).await?;
        answered();
        io::Result::Ok(answer)
    };
    Ok(match fault {
        None => Some(ask().await?),
        Some(Fault::Slow(time)) => {
            sleep(time).await;
            Some(ask().await?)
        }
        Some(Fault::RateLimited(None)) => Some(status(429, "")),
        Some(Fault::RateLimited(Some(wait))) => Some(status(429, &format!("Retry-After: {wait}\r\n"))),
        Some(Fault::Status(code)) => Some(status(code, "")),
        Some(Fault::CutBefore) => None,
        Some(Fault::CutAfter) => {
            ask().await?;
            None
        }
        Some(Fault::Twice) => {
            let first = ask().await?;
            forward(upstream, request).await?;
            Some(first)
        }
        Some(Fault::Html) => {
            ask().await?;
            Some(page())
        }
        Some(Fault::Truncated) => Some(truncated(&ask().await?)),
    })
}

/// Sends the request on and reads the answer until the server closes the connection.
async fn forward(upstream: SocketAddr, request: &Request) -> io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(upstream).await?;
    server.write_all(request.single().as_bytes()).await?;
    server.write_all(&request.body).await?;
    let mut answer = Vec::new();
    server.take(LIMIT as u64).read_to_end(&mut answer).await?;
    Ok(answer)
}

fn status(code: u16, headers: &str) -> Vec<u8> {
    format!("HTTP/1.1 {code} Fault\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n").into_bytes()
}

fn page() -> Vec<u8> {
    let body = "<!doctype html><title>Maintenance</title><p>Please come back later.";
    let head = format!("Content-Type: text/html\r\nContent-Length: {}\r\nConnection: close", body.len());
    format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}").into_bytes()
}

/// The head, with the length of the whole body, and half of the body.
fn truncated(answer: &[u8]) -> Vec<u8> {
    let start = end_of_head(answer).unwrap_or(answer.len());
    let body = answer.len() - start;
    let head = String::from_utf8_lossy(&answer[..start]);
    let kept = head.trim_end().lines().filter(|line| !is_header(line, "content-length"));
    let mut cut: Vec<u8> = kept.flat_map(|line| [line, "\r\n"]).collect::<String>().into_bytes();
    cut.extend(format!("Content-Length: {body}\r\n\r\n").into_bytes());
    cut.extend(&answer[start..start + body / 2]);
    cut
}

struct Request {
    head: String,
    body: Vec<u8>,
}

impl Request {
    /// Reads one; `None` when the connection ends before it begins.
    async fn read(client: &mut TcpStream) -> io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        let start = loop {
            if let Some(start) = end_of_head(&bytes) {
                break start;
            }
            if bytes.len() > LIMIT || client.read_buf(&mut bytes).await? == 0 {
                return Ok(None);
            }
        };
        let head = String::from_utf8_lossy(&bytes[..start]).into_owned();
        let mut body = bytes.split_off(start);
        let length = head.lines().find_map(|line| header(line, "content-length")?.parse().ok()).unwrap_or(0);
        while body.len() < length {
            if body.len() > LIMIT || client.read_buf(&mut body).await? == 0 {
                return Ok(None);
            }
        }
        Ok(Some(Self { head, body }))
    }

    fn seen(&self) -> Seen {
        Seen {
            line: self.head.lines().next().unwrap_or_default().to_owned(),
            headers: self.headers(),
            body: String::from_utf8_lossy(&self.body).into_owned(),
        }
    }

    fn headers(&self) -> Vec<(String, String)> {
        let pairs = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        pairs.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect()
    }

    /// The head as it is sent on: the server is to close the connection after its answer.
    fn single(&self) -> String {
        let kept = self.head.trim_end().lines().filter(|line| !is_header(line, "connection"));
        let head: String = kept.flat_map(|line| [line, "\r\n"]).collect();
        format!("{head}Connection: close\r\n\r\n")
    }
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}

fn header<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (key, value) = line.split_once(':')?;
    key.eq_ignore_ascii_case(name).then_some(value.trim())
}

fn is_header(line: &str, name: &str) -> bool {
    header(line, name).is_some()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::{Router, extract::State as Shared, routing::post};
    use connectors::http::{HttpSettings, Proxy, client};

    use super::*;

    async fn counted(Shared(count): Shared<Arc<AtomicUsize>>, body: String) -> String {
        count.fetch_add(1, Ordering::SeqCst);
        body.repeat(100)
    }

    async fn fixture() -> (FaultProxy, Arc<AtomicUsize>) {
        let count = Arc::new(AtomicUsize::new(0));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let upstream = listener.local_addr().unwrap();
        let router = Router::new().route("/", post(counted)).with_state(count.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (FaultProxy::start(upstream).await.unwrap(), count)
    }

    #[expect(clippy::disallowed_methods, reason = "the answers of this test are small")]
    async fn ask(
        proxy: &FaultProxy,
        body: &'static str,
    ) -> Result<(u16, Option<String>, String), reqwest::Error> {
        let client = client(&HttpSettings { proxy: Proxy::Direct, ..HttpSettings::default() }).unwrap();
        let answer = client.post(proxy.address()).body(body).send().await?;
        let (status, wait) = (answer.status().as_u16(), answer.headers().get("Retry-After").cloned());
        let wait = wait.map(|value| value.to_str().unwrap().to_owned());
        Ok((status, wait, answer.text().await?))
    }

    #[tokio::test]
    async fn without_a_fault_everything_passes_and_is_remembered() {
        let (proxy, count) = fixture().await;
        assert_eq!(ask(&proxy, "hi").await.unwrap(), (200, None, "hi".repeat(100)));
        let seen = proxy.seen("hi").pop().unwrap();
        assert_eq!((&*seen.line, &*seen.body), ("POST / HTTP/1.1", "hi"));
        assert!(seen.headers.contains(&("content-length".to_owned(), "2".to_owned())), "{:?}", seen.headers);
        assert_eq!((count.load(Ordering::SeqCst), proxy.count("other")), (1, 0));
    }

    #[tokio::test]
    async fn a_fault_hits_only_the_requests_that_it_is_meant_for() {
        let (proxy, count) = fixture().await;
        proxy.inject_times("write", Fault::RateLimited(Some("7".to_owned())), 1);
        assert_eq!(ask(&proxy, "read").await.unwrap().0, 200);
        assert_eq!(ask(&proxy, "write").await.unwrap(), (429, Some("7".to_owned()), String::new()));
        assert_eq!(ask(&proxy, "write").await.unwrap().0, 200);
        assert_eq!(count.load(Ordering::SeqCst), 2, "the refused one did not reach the server");
    }

    #[tokio::test]
    async fn a_connection_is_cut_before_or_after_the_server_has_done_its_work() {
        let (proxy, count) = fixture().await;
        for (fault, done) in [(Fault::CutBefore, 0), (Fault::CutAfter, 1), (Fault::Truncated, 2)] {
            proxy.inject("", fault.clone());
            assert!(ask(&proxy, "x").await.is_err(), "{fault:?}");
            assert_eq!(count.load(Ordering::SeqCst), done, "{fault:?}");
        }
        proxy.inject("", Fault::Html);
        assert!(ask(&proxy, "x").await.unwrap().2.contains("<title>"));
        proxy.inject("", Fault::Twice);
        assert_eq!(ask(&proxy, "x").await.unwrap().0, 200);
        assert_eq!(count.load(Ordering::SeqCst), 5, "the last one reached the server twice");
    }
}
