//! A company's proxy: it makes tunnels (CONNECT) after a sign-in, and knows hosts that nobody else knows. A request to such a
//! host that arrives has come through it.

use std::{
    collections::BTreeMap,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Result;
use base64::{Engine, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use url::Url;

#[derive(Debug, Default)]
struct State {
    hosts: BTreeMap<String, SocketAddr>,
    /// The sign-ins that are offered, and the header that one of them is.
    schemes: Vec<&'static str>,
    pass: Option<String>,
    tunnels: Vec<String>,
    refused: usize,
}

/// A running proxy. It ends when this is dropped, tunnels that stand excepted.
#[derive(Debug)]
pub struct Gateway {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl Gateway {
    /// Starts one that lets everybody through.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State::default()));
        let task = tokio::spawn(accept(listener, state.clone()));
        Ok(Self { address, state, task })
    }

    /// The same, knowing `host`, which really is at `place`.
    pub fn with_host(self, host: &str, place: SocketAddr) -> Self {
        lock(&self.state).hosts.insert(host.to_owned(), place);
        self
    }

    /// The same, for those who sign in with user and password (Basic).
    pub fn with_login(self, user: &str, password: &str) -> Self {
        let pass = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
        let mut state = lock(&self.state);
        (state.schemes, state.pass) = (vec!["Basic realm=\"office\""], Some(pass));
        drop(state);
        self
    }

    /// The same, for those who sign in as Windows does; nobody here can.
    pub fn with_windows_sign_in(self) -> Self {
        let mut state = lock(&self.state);
        (state.schemes, state.pass) = (vec!["Negotiate", "NTLM"], Some(String::new()));
        drop(state);
        self
    }

    /// Its address.
    pub fn address(&self) -> Url {
        Url::parse(&format!("http://{}/", self.address)).expect("a loopback address is well-formed")
    }

    /// The places that tunnels were made to, host and port.
    pub fn tunnels(&self) -> Vec<String> {
        lock(&self.state).tunnels.clone()
    }

    /// How many were turned away because of their sign-in.
    pub fn refused(&self) -> usize {
        lock(&self.state).refused
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((client, _)) = listener.accept().await {
        let state = state.clone();
        tokio::spawn(async move {
            if let Err(error) = serve(client, &state).await {
                tracing::debug!(%error, "a connection through the proxy ended");
            }
        });
    }
}

async fn serve(client: TcpStream, state: &Mutex<State>) -> io::Result<()> {
    let mut client = BufReader::new(client);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && client.read_line(&mut head).await? > 0 {}
    let judged = judge(&mut lock(state), &head);
    match judged {
        Ok(place) => {
            let mut server = TcpStream::connect(place).await?;
            client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await?;
            copy_bidirectional(&mut client, &mut server).await.map(drop)
        }
        Err(refusal) => client.write_all(refusal.as_bytes()).await,
    }
}

/// Where the tunnel leads, or the answer that there is none.
fn judge(state: &mut State, head: &str) -> Result<SocketAddr, String> {
    let place = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next());
    let Some(place) = place else { return Err("HTTP/1.1 405 Tunnels Only\r\n\r\n".to_owned()) };
    let shown = head.lines().filter_map(|line| line.split_once(": "));
    let shown = shown.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"));
    if state.pass.as_deref().is_some_and(|pass| shown.map(|(_, value)| value) != Some(pass)) {
        state.refused += 1;
        let wants: String =
            state.schemes.iter().map(|scheme| format!("Proxy-Authenticate: {scheme}\r\n")).collect();
        return Err(format!("HTTP/1.1 407 Proxy Authentication Required\r\n{wants}\r\n"));
    }
    let host = place.rsplit_once(':').map_or(place, |(host, _)| host);
    let known = state.hosts.get(host).copied().ok_or("HTTP/1.1 502 Unknown Host\r\n\r\n")?;
    state.tunnels.push(place.to_owned());
    Ok(known)
}
