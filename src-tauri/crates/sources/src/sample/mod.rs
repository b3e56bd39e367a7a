//! The embedded chat feed: scripted visitors for whoever wants to see the program before connecting anything.
//!
//! `people` says who comes, `script` when. The feed runs for ever: after the opening, visitors come back in new threads.

mod people;
mod script;

use std::time::Duration;

use async_trait::async_trait;
use domain::{
    AgentId, ChatEvent, ChatEventKind, ChatFields, ChatKey, ConnectionId, EventId, ThreadId, Visitor,
    VisitorId,
    event::{ChatSnapshot, FocusOrigin, Written},
    strategies::{Act, Agent, Message, Speaker, Turn},
};
use jiff::Timestamp;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use crate::{
    Source, SourceInfo, SourceState, SourceUpdate,
    source::{SourceContext, SourceProblem},
};
pub(crate) use people::OWN_FIELDS;
use people::{Known, PEOPLE};
use script::{AT_START, Happens, OPENING, REPEATED, REPEATED_EVERY, Step};

/// The feed's name in configuration.
pub(crate) const KIND: &str = "sample";

/// The agent whose chats these are.
const ME: &str = "you@sidecard.example";

/// The agent who hands chats over.
const COLLEAGUE: &str = "lee@sidecard.example";

/// How fast the script runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As visitors come.
    Normal,
    /// At once: the opening and one round of what is repeated, then nothing more.
    Instant,
}

/// The feed.
#[derive(Debug)]
pub struct Sample {
    info: SourceInfo,
    connection: ConnectionId,
    pace: Pace,
}

impl Sample {
    /// The feed, published as `connection`.
    pub fn new(connection: ConnectionId, pace: Pace) -> Self {
        let info = SourceInfo { kind: KIND, product: "Sample chats", hosts: Vec::new(), tells_focus: true };
        Self { info, connection, pace }
    }

    async fn play(&self, cx: &SourceContext, updates: &mpsc::Sender<SourceUpdate>) -> Option<()> {
        let mut stage = Stage::new(self.connection.clone(), cx.clock.now());
        let online = SourceState::Online { agent: AgentId::new(ME) };
        updates.send(SourceUpdate::State(online)).await.ok()?;
        updates.send(SourceUpdate::Event(stage.roster(cx.clock.now()))).await.ok()?;
        let mut begin = Instant::now();
        let mut act = OPENING;
        loop {
            for step in act {
                if self.pace == Pace::Normal {
                    sleep_until(begin + Duration::from_secs(step.at)).await;
                }
                for event in stage.happens(step, cx.clock.now()) {
                    updates.send(SourceUpdate::Event(event)).await.ok()?;
                }
            }
            if self.pace == Pace::Instant && act == REPEATED {
                std::future::pending::<()>().await;
            }
            begin += REPEATED_EVERY;
            act = REPEATED;
        }
    }
}

#[async_trait]
impl Source for Sample {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    async fn check(&self, _cx: &SourceContext) -> Result<AgentId, SourceProblem> {
        Ok(AgentId::new(ME))
    }

    async fn run(&self, cx: SourceContext, updates: mpsc::Sender<SourceUpdate>) {
        let _cancelled_or_deaf = cx.cancel.run_until_cancelled(self.play(&cx, &updates)).await;
    }
}

/// What has happened so far.
struct Stage {
    connection: ConnectionId,
    born: Timestamp,
    told: u64,
    /// Per person: how many threads there were, and what is known by now.
    people: Vec<(u32, ChatFields)>,
}

impl Stage {
    fn new(connection: ConnectionId, born: Timestamp) -> Self {
        let people = PEOPLE.iter().map(|person| (0, people::at_first(person))).collect();
        Self { connection, born, told: 0, people }
    }

    fn roster(&mut self, now: Timestamp) -> ChatEvent {
        let chats = AT_START.iter().map(|who| self.arrive(*who, now, false)).collect();
        self.event(now, ChatEventKind::Roster(chats))
    }

    fn happens(&mut self, step: &Step, now: Timestamp) -> Vec<ChatEvent> {
        let (who, chat, thread) = (step.who, self.chat(step.who), self.thread(step.who));
        let kinds = match step.what {
            Happens::Arrives => vec![ChatEventKind::Started(self.arrive(who, now, false))],
            Happens::HandedIn => vec![ChatEventKind::Started(self.arrive(who, now, true))],
            Happens::Asks(text) => vec![ChatEventKind::TicketCreated(self.leave(who, text, now))],
            Happens::Leaves(text) => vec![ChatEventKind::OfflineMessage(self.leave(who, text, now))],
            Happens::Writes(text) => vec![self.message(who, Speaker::Visitor, text, now)],
            Happens::Answers(text) => vec![self.message(who, Speaker::Agent(ME.into()), text, now)],
            Happens::Opened => vec![ChatEventKind::Focused { chat, by: FocusOrigin::Live }],
            Happens::Fills(answers) => {
                let fields = self.learn(who, answers);
                vec![ChatEventKind::FormFilled { chat, thread, fields }]
            }
            Happens::Tells(news) => {
                let fields = self.learn(who, news);
                vec![ChatEventKind::VisitorUpdated { visitor: visitor_id(who), fields }]
            }
            Happens::Goes => vec![ChatEventKind::Ended { chat, thread }],
        };
        kinds.into_iter().map(|kind| self.event(now, kind)).collect()
    }

    fn arrive(&mut self, who: usize, now: Timestamp, transferred: bool) -> ChatSnapshot {
        self.people[who].0 += 1;
        let fallback_name = PEOPLE[who].fallback.to_owned();
        let agents: &[&str] = if transferred { &[COLLEAGUE, ME] } else { &[ME] };
        let assigned = agents.iter().enumerate().map(|(place, agent)| Turn {
            at: now,
            event: EventId::new(format!("{}-{place}", self.thread(who))),
            agent: AgentId::from(*agent),
            act: Act::Assigned,
        });
        ChatSnapshot {
            chat: self.chat(who),
            channel: people::channel(who),
            thread: self.thread(who),
            visitor: Visitor { id: visitor_id(who), fallback_name, fields: self.people[who].1.clone() },
            agents: agents.iter().map(|id| agent(id)).collect(),
            assigned: assigned.collect(),
            written: Vec::new(),
            started_at: now,
            transferred,
            continues: false,
            platform_contact: true,
        }
    }

    /// What is whole when it is told.
    fn leave(&mut self, who: usize, text: &str, now: Timestamp) -> ChatSnapshot {
        let snapshot = self.arrive(who, now, false);
        let written = vec![self.written(Speaker::Visitor, text, now)];
        ChatSnapshot { written, ..snapshot }
    }

    fn message(&mut self, who: usize, by: Speaker, text: &str, now: Timestamp) -> ChatEventKind {
        let (chat, thread) = (self.chat(who), self.thread(who));
        ChatEventKind::Message { chat, thread, written: self.written(by, text, now) }
    }

    fn written(&mut self, by: Speaker, text: &str, at: Timestamp) -> Written {
        let message = Message { at, by, text: text.to_owned() };
        Written { event: self.id(), message, automatic: false }
    }

    fn learn(&mut self, who: usize, news: &[Known]) -> ChatFields {
        let fields = people::fields(news);
        self.people[who].1.extend(fields.clone());
        fields
    }

    fn event(&mut self, now: Timestamp, kind: ChatEventKind) -> ChatEvent {
        ChatEvent { id: self.id(), at: Some(now), kind }
    }

    fn id(&mut self) -> EventId {
        self.told += 1;
        EventId::new(format!("sample:{}:{}", self.born.as_millisecond(), self.told))
    }

    fn chat(&self, who: usize) -> ChatKey {
        ChatKey::new(self.connection.clone(), format!("chat-{}", PEOPLE[who].id))
    }

    /// Threads are numbered on from the moment the feed began, so that a later run has other threads.
    fn thread(&self, who: usize) -> ThreadId {
        ThreadId::new(format!("{}-{}-{}", PEOPLE[who].id, self.born.as_second(), self.people[who].0))
    }
}

fn agent(id: &str) -> Agent {
    let name = if id == ME { "You" } else { "Lee" };
    Agent { id: AgentId::from(id), name: name.to_owned(), logins: vec![id.to_owned()] }
}

fn visitor_id(who: usize) -> VisitorId {
    VisitorId::from(PEOPLE[who].id)
}

#[cfg(test)]
mod tests;
