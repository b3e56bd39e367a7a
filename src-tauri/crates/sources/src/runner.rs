//! The one connection runner of all web-socket platforms.
//!
//! It connects, logs in, keeps alive, reads, backs off with jitter and comes back. A platform gives it frames and their
//! meaning through [`Protocol`]; what it does with trouble is the same for all:
//!
//! | trouble | told as | then |
//! |---|---|---|
//! | the address does not answer, or another product does | `Retrying` | again after a wait that grows |
//! | the stream closed | `Retrying(Lost)` | again after a wait that grows |
//! | nothing came in spite of a ping, or no answer to the log-in | `Retrying(Silent)` | again after a wait that grows |
//! | the log-in is refused, or the platform says not to come back | `Stopped` | after a person did something |
//! | the platform takes the credential no longer, and it can be renewed | nothing, when the connection was good | again at once |
//! | the credential cannot be read | `Stopped` | the same, and looked at again every 15 s |
//!
//! Nothing but `cancel` ends it.

use std::time::Duration;

use async_trait::async_trait;
use backon::{BackoffBuilder, ExponentialBuilder};
use domain::{AgentId, ChatEvent};
use futures::{SinkExt, StreamExt};
use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest_websocket::{HandshakeError, Message, Upgrade, WebSocket};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};
use url::Url;

use crate::{
    Companion, SourceState, SourceUpdate,
    source::{SourceContext, SourceProblem},
};

/// A platform's part of a connection: its frames and what they mean.
#[async_trait]
pub trait Protocol: Send {
    /// Where the web socket is.
    fn endpoint(&self) -> Url;

    /// Reads the credential and makes the log-in frame. Called once per attempt, before connecting; forgets what belonged
    /// to the connection before.
    async fn log_in(&mut self, cx: &SourceContext) -> Result<String, Setback>;

    /// What a text frame means. Frames that are not understood mean nothing.
    fn on_text(&mut self, text: &str) -> Vec<Output>;

    /// Called every `Timings::ping_every` after the log-in; the answer holds the keep-alive frame.
    fn tick(&mut self) -> Vec<Output>;

    /// What the platform's part waits for beside its frames while it is logged in, and what follows from it. Dropped and
    /// called again after each frame, so it must lose nothing by that.
    async fn meanwhile(&mut self) -> Vec<Output> {
        std::future::pending().await
    }
}

/// What the platform's part asks the runner to do.
#[expect(clippy::large_enum_variant, reason = "it lives for one step, and news are the usual case")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// The log-in is accepted.
    LoggedIn(AgentId),
    /// Something to tell.
    Event(ChatEvent),
    /// Everything until this moment has been told.
    ToldUntil(Timestamp),
    /// News of companion pages.
    Companion(Companion),
    /// A frame to send.
    Send(String),
    /// The connection is over.
    Leave(Setback),
}

/// Why a connection is over, and what helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setback {
    /// Passes by itself.
    Retry(SourceProblem),
    /// Only a person can help.
    Stop(SourceProblem),
    /// The credential is spent; the next log-in renews it.
    Renew,
}

impl Setback {
    /// What happened.
    pub fn into_problem(self) -> SourceProblem {
        match self {
            Self::Retry(problem) | Self::Stop(problem) => problem,
            Self::Renew => SourceProblem::Refused,
        }
    }
}

/// How long things may take. Tests run with shorter ones.
#[derive(Clone, Copy, Debug)]
pub struct Timings {
    /// From the first packet to an open web socket.
    pub connect: Duration,
    /// From the open web socket to the accepted log-in.
    pub login: Duration,
    /// Between two keep-alives.
    pub ping_every: Duration,
    /// Without any frame, after which the connection counts as dead.
    pub silence: Duration,
    /// The shortest wait before the next attempt, before jitter.
    pub first_wait: Duration,
    /// The longest wait, jitter included.
    pub longest_wait: Duration,
    /// How long a connection stands before the next wait is short again.
    pub stable_after: Duration,
    /// Between two looks at a keyring that does not answer.
    pub keyring_every: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            login: Duration::from_secs(30),
            ping_every: Duration::from_secs(15),
            silence: Duration::from_secs(30),
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(60),
            stable_after: Duration::from_secs(60),
            keyring_every: Duration::from_secs(15),
        }
    }
}

/// Nobody listens any more.
struct Deaf;

/// Stays connected until `cx.cancel` is cancelled or nobody listens to `updates`.
pub async fn run(
    protocol: &mut dyn Protocol,
    cx: &SourceContext,
    updates: mpsc::Sender<SourceUpdate>,
    timings: Timings,
) {
    let mut runner = Runner { cx, timings, teller: Teller { updates, last: None } };
    let _deaf_or_cancelled = cx.cancel.run_until_cancelled(runner.stay(protocol)).await;
}

/// Logs in, changes nothing, and says as whom. A spent credential is renewed once.
pub async fn sign_in(
    protocol: &mut dyn Protocol,
    cx: &SourceContext,
    timings: Timings,
) -> Result<AgentId, SourceProblem> {
    match sign_in_once(protocol, cx, timings).await {
        Err(Setback::Renew) => sign_in_once(protocol, cx, timings).await.map_err(Setback::into_problem),
        result => result.map_err(Setback::into_problem),
    }
}

async fn sign_in_once(
    protocol: &mut dyn Protocol,
    cx: &SourceContext,
    timings: Timings,
) -> Result<AgentId, Setback> {
    let frame = protocol.log_in(cx).await?;
    let mut socket = open(cx, protocol.endpoint(), timings.connect).await.map_err(Setback::Retry)?;
    let limit = Instant::now() + timings.login;
    send(&mut socket, frame, timings.silence).await.map_err(Setback::Retry)?;
    loop {
        // What answers the handshake of a web socket but no log-in, is something else.
        let text = timeout(limit - Instant::now(), next_text(&mut socket))
            .await
            .map_err(|_elapsed| Setback::Retry(SourceProblem::NotThisProduct))?
            .map_err(Setback::Retry)?;
        for output in protocol.on_text(&text) {
            match output {
                Output::LoggedIn(agent) => return Ok(agent),
                Output::Leave(setback) => return Err(setback),
                Output::Event(_) | Output::ToldUntil(_) | Output::Companion(_) | Output::Send(_) => {}
            }
        }
    }
}

struct Runner<'a> {
    cx: &'a SourceContext,
    timings: Timings,
    teller: Teller,
}

impl Runner<'_> {
    async fn stay(&mut self, protocol: &mut dyn Protocol) -> Result<(), Deaf> {
        let mut waits = self.waits();
        let mut renewing = false;
        loop {
            let mut online = None;
            let setback = self.attempt(protocol, &mut online, renewing).await?;
            let stood = |time| online.is_some_and(|since: Instant| since.elapsed() >= time);
            if stood(self.timings.stable_after) {
                waits = self.waits();
            }
            // Nobody need see that a good connection gets a new credential; one that was good for no time is in trouble.
            renewing = setback == Setback::Renew && stood(self.timings.first_wait);
            match setback {
                Setback::Renew if renewing || online.is_none() => {}
                Setback::Renew => self.wait(&mut waits, SourceProblem::Lost).await?,
                Setback::Retry(problem) => self.wait(&mut waits, problem).await?,
                Setback::Stop(problem) => {
                    let again = needs_keyring(&problem).then_some(self.timings.keyring_every);
                    tracing::warn!(?problem, "chat connection stopped");
                    self.teller.state(SourceState::Stopped { problem }).await?;
                    self.pause(again).await;
                    waits = self.waits();
                }
            }
        }
    }

    /// Tells of `problem`, and waits before the next attempt.
    async fn wait(
        &mut self,
        waits: &mut (impl Iterator<Item = Duration> + Send),
        problem: SourceProblem,
    ) -> Result<(), Deaf> {
        let after = waits.next().unwrap_or(self.timings.longest_wait).min(self.timings.longest_wait);
        tracing::info!(?problem, ?after, "chat connection lost, trying again");
        self.teller.state(SourceState::Retrying { after, problem }).await?;
        self.pause(Some(after)).await;
        Ok(())
    }

    /// Half of the longest wait is the jitter's.
    fn waits(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        ExponentialBuilder::new()
            .with_min_delay(self.timings.first_wait)
            .with_max_delay(self.timings.longest_wait / 2)
            .without_max_times()
            .with_jitter()
            .build()
    }

    async fn pause(&self, limit: Option<Duration>) {
        match limit {
            Some(limit) => drop(timeout(limit, self.cx.wake.notified()).await),
            None => self.cx.wake.notified().await,
        }
    }

    /// One connection from its beginning to its end; `online` is set when the log-in is accepted. One that follows a good one
    /// with a new credential, `renewing`, is nothing to tell.
    async fn attempt(
        &mut self,
        protocol: &mut dyn Protocol,
        online: &mut Option<Instant>,
        renewing: bool,
    ) -> Result<Setback, Deaf> {
        let frame = match protocol.log_in(self.cx).await {
            Ok(frame) => frame,
            Err(setback) => return Ok(setback),
        };
        if !renewing {
            self.teller.state(SourceState::Connecting).await?;
        }
        let mut socket = match open(self.cx, protocol.endpoint(), self.timings.connect).await {
            Ok(socket) => socket,
            Err(problem) => return Ok(Setback::Retry(problem)),
        };
        if let Err(problem) = send(&mut socket, frame, self.timings.silence).await {
            return Ok(Setback::Retry(problem));
        }
        self.serve(protocol, &mut socket, online).await
    }

    async fn serve(
        &mut self,
        protocol: &mut dyn Protocol,
        socket: &mut WebSocket,
        online: &mut Option<Instant>,
    ) -> Result<Setback, Deaf> {
        let mut patience = Instant::now() + self.timings.login;
        let mut pings = interval_at(Instant::now() + self.timings.ping_every, self.timings.ping_every);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let outputs = tokio::select! {
                frame = socket.next() => {
                    if online.is_some() {
                        patience = Instant::now() + self.timings.silence;
                    }
                    match frame {
                        Some(Ok(Message::Text(text))) => protocol.on_text(&text),
                        Some(Ok(Message::Close { .. }) | Err(_)) | None => return Ok(Setback::Retry(SourceProblem::Lost)),
                        Some(Ok(_)) => continue,
                    }
                }
                _ = pings.tick(), if online.is_some() => protocol.tick(),
                outputs = protocol.meanwhile(), if online.is_some() => outputs,
                () = sleep_until(patience) => return Ok(Setback::Retry(SourceProblem::Silent)),
            };
            let before = online.is_some();
            if let Some(setback) = self.carry_out(outputs, socket, online).await? {
                return Ok(setback);
            }
            if !before && online.is_some() {
                patience = Instant::now() + self.timings.silence;
                pings.reset();
            }
        }
    }

    async fn carry_out(
        &mut self,
        outputs: Vec<Output>,
        socket: &mut WebSocket,
        online: &mut Option<Instant>,
    ) -> Result<Option<Setback>, Deaf> {
        for output in outputs {
            match output {
                Output::LoggedIn(agent) => {
                    *online = Some(Instant::now());
                    self.teller.state(SourceState::Online { agent }).await?;
                }
                Output::Event(event) => self.teller.tell(SourceUpdate::Event(event)).await?,
                Output::ToldUntil(at) => self.teller.tell(SourceUpdate::ToldUntil(at)).await?,
                Output::Companion(news) => self.teller.tell(SourceUpdate::Companion(news)).await?,
                Output::Send(frame) => {
                    if let Err(problem) = send(socket, frame, self.timings.silence).await {
                        return Ok(Some(Setback::Retry(problem)));
                    }
                }
                Output::Leave(setback) => return Ok(Some(setback)),
            }
        }
        Ok(None)
    }
}

/// Tells states once and events always.
struct Teller {
    updates: mpsc::Sender<SourceUpdate>,
    last: Option<SourceState>,
}

impl Teller {
    async fn state(&mut self, state: SourceState) -> Result<(), Deaf> {
        if self.last.as_ref() == Some(&state) {
            return Ok(());
        }
        self.last = Some(state.clone());
        self.tell(SourceUpdate::State(state)).await
    }

    async fn tell(&self, update: SourceUpdate) -> Result<(), Deaf> {
        self.updates.send(update).await.map_err(|_closed| Deaf)
    }
}

/// A locked keyring may answer "no entry", so that one is looked at again too.
fn needs_keyring(problem: &SourceProblem) -> bool {
    matches!(problem, SourceProblem::Keyring(_) | SourceProblem::NoCredential)
}

async fn open(cx: &SourceContext, endpoint: Url, limit: Duration) -> Result<WebSocket, SourceProblem> {
    let connecting = async {
        let response = cx.http1.get(endpoint).upgrade().send().await?;
        response.into_websocket().await
    };
    match timeout(limit, connecting).await {
        Ok(Ok(socket)) => Ok(socket),
        Ok(Err(error)) => Err(handshake_problem(&error)),
        Err(_elapsed) => Err(SourceProblem::Unreachable),
    }
}

/// A server that fails or is overloaded may be the right one; any other answer than a web socket comes from another product.
fn handshake_problem(error: &reqwest_websocket::Error) -> SourceProblem {
    match error {
        reqwest_websocket::Error::Reqwest(_) => SourceProblem::Unreachable,
        reqwest_websocket::Error::Handshake(HandshakeError::UnexpectedStatusCode(status)) => {
            let passes = [StatusCode::PROXY_AUTHENTICATION_REQUIRED, StatusCode::TOO_MANY_REQUESTS];
            if status.is_server_error() || passes.contains(status) {
                SourceProblem::Unreachable
            } else {
                SourceProblem::NotThisProduct
            }
        }
        reqwest_websocket::Error::Handshake(_) => SourceProblem::NotThisProduct,
        _ => SourceProblem::Lost,
    }
}

async fn send(socket: &mut WebSocket, frame: String, limit: Duration) -> Result<(), SourceProblem> {
    match timeout(limit, socket.send(Message::Text(frame))).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(SourceProblem::Lost),
        Err(_elapsed) => Err(SourceProblem::Silent),
    }
}

async fn next_text(socket: &mut WebSocket) -> Result<String, SourceProblem> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => return Ok(text),
            Some(Ok(Message::Close { .. }) | Err(_)) | None => return Err(SourceProblem::Lost),
            Some(Ok(_)) => {}
        }
    }
}
