//! LiveChat's part of the connection: log-in, the roster after it, and requests beside the news.
//!
//! After the log-in each of the agent's active chats is asked for, and news that come meanwhile are held back: the roster
//! is told first, then what happened since. A request that is refused or not answered never holds anything up for long:
//! the summary of the log-in stands in for it.

mod focus;
mod requests;

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use domain::{AgentId, Clock, ConnectionId};
use jiff::Timestamp;
use secrets::Secret;
use serde_json::{Value, json};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use url::Url;

use super::{
    archive::Archive,
    companion::Companion,
    config,
    credential::Credential,
    decode,
    decode::{Chat, Frame, Push},
    desk::{Act, Desk},
    loopback::Call,
    web,
};
use crate::{
    Loopback,
    runner::{Output, Protocol, Setback},
    source::{SourceContext, SourceProblem},
};
use domain::config::LivechatConfig;
use requests::{Requests, Wanted};

/// The news that Sidecard acts on.
const PUSHES: &[&str] = &[
    "incoming_chat",
    "incoming_event",
    "customer_updated",
    "customer_page_updated",
    "chat_deactivated",
    "chat_deleted",
    "chat_transferred",
    "user_added_to_chat",
    "user_removed_from_chat",
    "events_marked_as_seen",
    "incoming_multicast",
    "agent_disconnected",
];

/// Reasons of `agent_disconnected` after which LiveChat advises not to come back by itself.
const FINAL: &[&str] = &[
    "agent_disconnected_by_server",
    "agent_logged_out_remotely",
    "connection_evicted",
    "license_expired",
    "license_not_found",
    "misdirected_connection",
    "unsupported_version",
    "too_many_connections",
];

/// Errors of the log-in that pass by themselves.
const PASSING: &[&str] = &[
    "internal",
    "service_unavailable",
    "request_timeout",
    "too_many_requests",
    "pending_requests_limit_reached",
];

const LOGIN: &str = "login";

/// What the connection is busy with.
enum Phase {
    /// Waiting for the answer to the log-in.
    LoggingIn,
    /// Asking for the agent's chats.
    Gathering(Gathering),
    /// Telling news.
    Live,
}

#[derive(Default)]
struct Gathering {
    /// What the log-in said of chats that have not been answered yet.
    summaries: HashMap<String, Chat>,
    gathered: Vec<Chat>,
    held: Vec<Push>,
}

/// A connection of one agent.
pub(super) struct Rtm {
    config: LivechatConfig,
    /// Whether the organisation is the one that signing in tells.
    organization_told: bool,
    credential: Credential,
    clock: Option<Arc<dyn Clock>>,
    /// The access token of the last log-in, where it can be renewed.
    access: Option<Secret>,
    /// LiveChat does not take it any more.
    spent: bool,
    /// The agents' routing status before the log-in, where the token may read it.
    statuses: HashMap<String, String>,
    desk: Desk,
    phase: Phase,
    requests: Requests,
    archive: Archive,
    companion: Companion,
    /// Focus messages that did not count.
    ignored: u32,
    /// What was told last of companion pages.
    told: crate::Companion,
    /// What companion pages say on this computer, where they may.
    calls: Option<mpsc::Receiver<Call>>,
    /// How it stands with their port.
    loopback: Option<Loopback>,
}

impl Rtm {
    pub(super) fn new(connection: ConnectionId, config: LivechatConfig, credential: Credential) -> Self {
        let desk = Desk::new(connection);
        let requests = Requests::default();
        Self {
            organization_told: config.organization_id.is_empty(),
            config,
            credential,
            clock: None,
            access: None,
            spent: false,
            statuses: HashMap::new(),
            desk,
            phase: Phase::LoggingIn,
            requests,
            archive: Archive::default(),
            companion: Companion::default(),
            ignored: 0,
            told: crate::Companion::default(),
            calls: None,
            loopback: None,
        }
    }

    /// Takes in what companion pages say on this computer.
    pub(super) fn listen_to(&mut self, calls: mpsc::Receiver<Call>) {
        self.calls = Some(calls);
    }

    fn now(&self) -> Timestamp {
        self.clock.as_ref().map_or(Timestamp::UNIX_EPOCH, |clock| clock.now())
    }

    fn on_answer(&mut self, request: &str, outcome: Result<Value, String>) -> Vec<Output> {
        if request == LOGIN {
            return match outcome {
                Ok(payload) if matches!(self.phase, Phase::LoggingIn) => self.logged_in(&payload),
                Ok(_) => Vec::new(),
                Err(kind) => vec![Output::Leave(self.refused(&kind))],
            };
        }
        if self.archive.is_its(request) {
            return self.on_archive(outcome);
        }
        match self.requests.done(request) {
            Some(wanted) => self.on_wanted(&wanted, outcome),
            None => Vec::new(),
        }
    }

    fn on_wanted(&mut self, wanted: &Wanted, outcome: Result<Value, String>) -> Vec<Output> {
        match wanted {
            Wanted::Chat(chat) => {
                let read = |payload| decode::chat(&payload).map_err(|_bad| "unreadable".to_owned());
                self.on_chat(chat, outcome.and_then(read))
            }
            Wanted::Ending { chat, thread, archived } => self.on_ending(chat, thread, *archived, outcome),
            Wanted::Customer(_, from) => self.on_customer(outcome, *from),
        }
    }

    /// How a thread ended in somebody else's hands. A chat that the agent left may be closed to him; the archives are not.
    fn on_ending(
        &mut self,
        chat: &str,
        thread: &str,
        archived: bool,
        outcome: Result<Value, String>,
    ) -> Vec<Output> {
        let now = self.now();
        let read = |answer: Value| match archived {
            false => decode::chat(&answer).ok(),
            true => answer["chats"].as_array()?.first().and_then(|one| decode::chat(one).ok()),
        };
        let over = outcome.ok().and_then(read).and_then(|chat| self.desk.over(&chat, now));
        if over.is_none() && !archived {
            let (chat, thread) = (chat.to_owned(), thread.to_owned());
            self.requests.ask(Wanted::Ending { chat, thread, archived: true });
        }
        let mut outputs: Vec<_> = over.into_iter().map(Output::Event).collect();
        outputs.extend(self.requests.pump());
        outputs
    }

    fn logged_in(&mut self, payload: &Value) -> Vec<Output> {
        let Some(me) = payload["my_profile"]["id"].as_str() else {
            return vec![Output::Leave(Setback::Retry(SourceProblem::NotThisProduct))];
        };
        if let Some(setback) = self.changed_status(me, &payload["my_profile"]["routing_status"]) {
            return vec![Output::Leave(setback)];
        }
        self.spent = false;
        let now = self.now();
        self.desk.sign_in(me, now);
        self.companion.resume(Instant::now());
        let key = if payload["chats_summary"].is_array() { "chats_summary" } else { "chats_info" };
        let summaries =
            payload[key].as_array().into_iter().flatten().filter_map(|one| decode::chat(one).ok());
        let mine: HashMap<String, Chat> =
            summaries.filter(|chat| self.desk.is_mine(chat)).map(|chat| (chat.id.clone(), chat)).collect();
        for id in mine.keys() {
            self.requests.ask(Wanted::Chat(id.clone()));
        }
        self.phase = Phase::Gathering(Gathering { summaries: mine, ..Gathering::default() });
        let mut outputs = vec![Output::LoggedIn(AgentId::new(me))];
        outputs.extend(self.proceed());
        outputs
    }

    /// An access token that is refused is renewed once; when LiveChat refuses the new one too, a person has to help.
    fn refused(&mut self, kind: &str) -> Setback {
        let renewable = self.access.is_some() && !std::mem::replace(&mut self.spent, true);
        if kind == "authentication" && renewable { Setback::Renew } else { refusal(kind) }
    }

    /// LiveChat ends connections whose access token expired, or was pushed out by newer ones of the same agent.
    fn dismissed(&mut self, reason: &str) -> Setback {
        if self.access.is_some() && matches!(reason, "access_token_expired" | "access_token_revoked") {
            self.spent = true;
            return Setback::Renew;
        }
        departure(reason)
    }

    /// Logging in must not make the agent available or unavailable. If it did, Sidecard goes and leaves the rest to people.
    fn changed_status(&self, me: &str, now: &Value) -> Option<Setback> {
        let before = self.statuses.get(me)?;
        let changed = now.as_str().is_some_and(|now| web::status(now) != *before);
        changed.then(|| Setback::Stop(SourceProblem::Ended("routing_status_changed".to_owned())))
    }

    fn on_chat(&mut self, id: &str, outcome: Result<Chat, String>) -> Vec<Output> {
        let now = self.now();
        if let Phase::Gathering(gathering) = &mut self.phase {
            let summary = gathering.summaries.remove(id);
            match outcome {
                Ok(chat) => gathering.gathered.push(chat),
                Err(kind) if kind == "not_found" || kind == "missing_access" => {}
                Err(_) => gathering.gathered.extend(summary),
            }
            return self.proceed();
        }
        let acts = self.desk.answered(id, outcome.as_ref().map_err(String::as_str), now);
        let mut outputs = self.carry_out(acts);
        outputs.extend(self.requests.pump());
        outputs
    }

    /// Tells the roster, and what was held back, when no chat is missing any more.
    fn proceed(&mut self) -> Vec<Output> {
        let mut outputs = self.requests.pump();
        if !matches!(&self.phase, Phase::Gathering(gathering) if gathering.summaries.is_empty()) {
            return outputs;
        }
        let Phase::Gathering(done) = std::mem::replace(&mut self.phase, Phase::Live) else { return outputs };
        let now = self.now();
        let roster = self.desk.roster(done.gathered, now);
        outputs.extend(self.carry_out(vec![roster]));
        for push in done.held {
            outputs.extend(self.on_push(push));
        }
        outputs.extend(self.archive.begin(self.desk.me(), now));
        outputs
    }

    /// What the archives say is told when all of it is there.
    fn on_archive(&mut self, outcome: Result<Value, String>) -> Vec<Output> {
        let now = self.now();
        if let Some(threads) = self.archive.answered(outcome) {
            let missed = self.desk.missed(threads, self.archive.since(), now);
            return missed.into_iter().map(Output::Event).collect();
        }
        self.archive.next(self.desk.me(), now).map(Output::Send).into_iter().collect()
    }

    fn on_push(&mut self, push: Push) -> Vec<Output> {
        if let Push::Disconnected { reason } = &push {
            return vec![Output::Leave(self.dismissed(reason))];
        }
        match &mut self.phase {
            Phase::LoggingIn => Vec::new(),
            Phase::Gathering(gathering) => {
                gathering.held.push(push);
                Vec::new()
            }
            Phase::Live => {
                if let Push::Multicast { author, kind, content } = &push {
                    return self.on_multicast(author.as_deref(), kind.as_deref(), content);
                }
                let now = self.now();
                let acts = self.desk.push(push, now);
                self.carry_out(acts)
            }
        }
    }

    fn carry_out(&mut self, acts: Vec<Act>) -> Vec<Output> {
        let mut outputs = Vec::new();
        for act in acts {
            match act {
                Act::Tell(event) => outputs.extend(self.tell(event)),
                Act::Ask(chat) => self.requests.ask(Wanted::Chat(chat)),
                Act::AskHowItEnded { chat, thread } => {
                    self.requests.ask(Wanted::Ending { chat, thread, archived: false });
                }
            }
        }
        outputs.extend(self.requests.pump());
        outputs
    }
}

#[async_trait]
impl Protocol for Rtm {
    fn endpoint(&self) -> Url {
        config::rtm(&self.config)
    }

    async fn log_in(&mut self, cx: &SourceContext) -> Result<String, Setback> {
        if !connectors::http::is_secure(&self.endpoint()) {
            // The log-in carries the token: it never goes out in the clear.
            return Err(Setback::Stop(SourceProblem::NotThisProduct));
        }
        let host = self.config.api.host_str().unwrap_or_default();
        let spent = self.access.as_ref().filter(|_| self.spent);
        let signature = self.credential.sign(cx, host, spent).await?;
        self.access = signature.access;
        if self.organization_told {
            self.config.organization_id = signature.organization.unwrap_or_default();
        }
        let authorization = signature.authorization;
        self.clock = Some(cx.clock.clone());
        self.statuses = web::routing_statuses(cx, &self.config, &authorization).await;
        self.phase = Phase::LoggingIn;
        self.requests = Requests::default();
        self.archive.interrupted(cx.bookmark.told_until().await);
        Ok(login_frame(&authorization))
    }

    fn on_text(&mut self, text: &str) -> Vec<Output> {
        match decode::frame(text) {
            Ok(Frame::Answer { request, outcome }) => self.on_answer(&request, outcome),
            Ok(Frame::Push(push)) => self.on_push(push),
            Err(bad) => {
                tracing::warn!(%bad, bytes = text.len(), "a frame of LiveChat is not understood");
                Vec::new()
            }
        }
    }

    fn tick(&mut self) -> Vec<Output> {
        let mut outputs = vec![Output::Send(json!({ "action": "ping", "payload": {} }).to_string())];
        for wanted in self.requests.overdue() {
            outputs.extend(self.on_wanted(&wanted, Err("request_timeout".to_owned())));
        }
        if matches!(self.phase, Phase::Live) {
            let now = self.now();
            outputs.extend(self.archive.tick(self.desk.me(), now));
        }
        outputs
    }

    async fn meanwhile(&mut self) -> Vec<Output> {
        let due = self.due();
        tokio::select! {
            () = until(due) => self.expire(),
            call = next(&mut self.calls) => self.on_call(call),
        }
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}

async fn next(calls: &mut Option<mpsc::Receiver<Call>>) -> Call {
    let call = match calls {
        Some(calls) => calls.recv().await,
        None => None,
    };
    match call {
        Some(call) => call,
        None => std::future::pending().await,
    }
}

/// `reconnect` keeps the agent's status as it is, and `away` keeps this connection from making the agent look present.
fn login_frame(authorization: &Secret) -> String {
    let payload = json!({
        // EXPOSE: the log-in carries the credential; the frame goes to the socket and nowhere else.
        "token": authorization.expose(),
        "reconnect": true,
        "away": true,
        "customer_monitoring_level": "my",
        "application": { "name": "Sidecard", "version": env!("CARGO_PKG_VERSION") },
        "pushes": { config::VERSION: PUSHES },
    });
    json!({ "request_id": LOGIN, "action": "login", "version": config::VERSION, "payload": payload })
        .to_string()
}

fn refusal(kind: &str) -> Setback {
    match kind {
        "authentication" | "authorization" => Setback::Stop(SourceProblem::Refused),
        passing if PASSING.contains(&passing) => Setback::Retry(SourceProblem::Unreachable),
        other => Setback::Stop(SourceProblem::Ended(clean(other))),
    }
}

/// A token that expired is read from the keyring again: it may have been replaced there.
fn departure(reason: &str) -> Setback {
    match reason {
        "access_token_revoked" => Setback::Stop(SourceProblem::Refused),
        last if FINAL.contains(&last) => Setback::Stop(SourceProblem::Ended(last.to_owned())),
        _ => Setback::Retry(SourceProblem::Lost),
    }
}

/// The platform's words are data: only what looks like an error code is passed on.
fn clean(kind: &str) -> String {
    kind.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(60).collect()
}
