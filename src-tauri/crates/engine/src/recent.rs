//! The chats of the last hours: kept over a restart, brought back, and let go of.
//!
//! A chat is written down when it comes, when what identifies the visitor changes, when a look-up or a write is through, and
//! when it ends. What the CRM holds is not in it: the contact comes from the cache, the draft from its own table.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use domain::{ChannelName, ChatKey, ConnectionId, FieldKey, RecordId, ThreadId, Visitor, strategies::Agent};
use ipc::panel::PillState;
use serde::{Deserialize, Serialize};
use store::{RecentChat, Store};
use tokio_util::sync::CancellationToken;

use crate::{
    engine::Inner,
    history::History,
    memory::logged,
    missed::Noted,
    state::{Accepted, Chat, Lookup, Phase},
    strategies::moment::AgentsWord,
};

/// How often old chats are let go of when nothing happens.
const TIDY_EVERY: Duration = Duration::from_secs(5 * 60);

/// A chat as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(default)]
    channel: ChannelName,
    thread: ThreadId,
    visitor: Visitor,
    /// All who took part; under another name than in earlier versions, which kept their ids alone.
    #[serde(default)]
    staff: Vec<Agent>,
    #[serde(default)]
    history: History,
    started_at: i64,
    ended_at: Option<i64>,
    #[serde(default)]
    over: bool,
    #[serde(default)]
    continues: bool,
    #[serde(default)]
    platform_contact: bool,
    lookups: Vec<KeptLookup>,
}

#[derive(Serialize, Deserialize)]
struct KeptLookup {
    connection: ConnectionId,
    stands: PillState,
    saved: bool,
    pending: Accepted,
    /// Of which record that is.
    #[serde(default)]
    pending_of: Option<RecordId>,
    /// The fields that the agent edited, took over or undid.
    #[serde(default)]
    decided: BTreeSet<FieldKey>,
    /// The fields that the agent leaves out of what happens by itself.
    #[serde(default)]
    refused: BTreeSet<FieldKey>,
    #[serde(default)]
    rejected: bool,
}

impl Kept {
    fn new(chat: &Chat) -> Self {
        let lookups = chat.lookups.iter().map(|lookup| KeptLookup {
            connection: lookup.connection.clone(),
            stands: lookup.stands(),
            saved: lookup.saved,
            pending: lookup.accepted().map(|(_, pending)| pending.clone()).unwrap_or_default(),
            pending_of: lookup.accepted().map(|(record, _)| record.clone()),
            decided: lookup.word.decided.clone(),
            refused: lookup.word.refused.clone(),
            rejected: lookup.word.rejected,
        });
        Self {
            channel: chat.channel,
            thread: chat.thread.clone(),
            visitor: chat.visitor.clone(),
            staff: chat.agents.clone(),
            history: chat.history.clone(),
            started_at: chat.started_at,
            ended_at: chat.ended_at,
            over: chat.over,
            continues: chat.continues,
            platform_contact: chat.platform_contact,
            lookups: lookups.collect(),
        }
    }

    /// The chat `key` as an ended one. It counts as begun and as over only where that was noted, and so all that follows from
    /// it is on the disk. One that was still open when the program stopped ended while nobody looked, at
    /// `last_known` for all that is known; when it goes on, the platform says so.
    fn revive(self, key: ChatKey, crms: &[ConnectionId], noted: Noted, last_known: i64) -> Chat {
        let lookups = crms.iter().map(|connection| {
            let mut lookup = Lookup::new(connection.clone(), last_known);
            if let Some(kept) = self.lookups.iter().find(|kept| &kept.connection == connection) {
                (lookup.before, lookup.saved) = (Some(kept.stands), kept.saved);
                lookup.expected = kept.pending_of.clone().map(|record| (record, kept.pending.clone()));
                lookup.word = AgentsWord {
                    decided: kept.decided.clone(),
                    refused: kept.refused.clone(),
                    rejected: kept.rejected,
                    ..AgentsWord::default()
                };
            }
            lookup
        });
        Chat {
            key,
            channel: self.channel,
            lookups: lookups.collect(),
            thread: self.thread,
            visitor: self.visitor,
            agents: self.staff,
            history: self.history,
            started_at: self.started_at,
            ended_at: Some(self.ended_at.unwrap_or(last_known)),
            over: self.over && noted.over,
            taken_in: noted.begun || noted.over,
            continues: self.continues,
            platform_contact: self.platform_contact,
            profile: None,
            unread: 0,
        }
    }
}

impl Inner {
    /// Writes down what is known of `chat` now. What was known of it before the last start is taken in first: it is written
    /// over by this.
    pub(crate) async fn keep_chat(self: &Arc<Self>, chat: &ChatKey) {
        self.welcome(&chat.connection).await;
        let Some(store) = self.memory.store().await else { return };
        let _turn = self.memory.turn.lock().await;
        let Some((recent, store)) = self.picture(chat, store) else { return };
        logged(store.recent().put(recent).await);
    }

    /// What is known of `chat`, and the store of the agent whose it is: taken together, or another one who signs in meanwhile
    /// would find it as his.
    fn picture(&self, chat: &ChatKey, store: Store) -> Option<(RecentChat, Store)> {
        let state = self.state();
        let known = state.chat(chat).filter(|chat| chat.profile.is_none())?;
        let record = known.lookups.iter().find_map(|lookup| {
            lookup.matched().map(|matched| (lookup.connection.clone(), matched.contact.id.clone()))
        });
        let content = serde_json::to_value(Kept::new(known)).ok()?;
        let recent = RecentChat { chat: chat.clone(), record, content, at: self.outside.clock.now() };
        Some((recent, self.memory.seen_by(store, &chat.connection)))
    }

    /// The same beside other work.
    pub(crate) fn keep_chat_soon(self: &Arc<Self>, chat: ChatKey) {
        let engine = self.clone();
        tokio::spawn(async move { engine.keep_chat(&chat).await });
    }

    /// Takes a chat out of memory, unless it is there again by then.
    pub(crate) fn forget_chat_soon(self: &Arc<Self>, chat: ChatKey) {
        let engine = self.clone();
        tokio::spawn(async move {
            let Some(store) = engine.memory.store_of(&chat.connection).await else { return };
            let _turn = engine.memory.turn.lock().await;
            if engine.state().chat(&chat).is_none() {
                logged(store.recent().remove(&chat).await);
            }
        });
    }

    /// Brings back the chats that the agent who is signed in at `connection` had before; says whether that could be tried.
    /// What the platform tells meanwhile is newer and stays. When somebody else signs in meanwhile, nothing comes back.
    pub(crate) async fn bring_back(self: &Arc<Self>, connection: &ConnectionId) -> bool {
        let Some(store) = self.memory.store().await else { return false };
        let agent = self.memory.agent(connection);
        if let Some(agent) = &agent {
            logged(store.claim(connection, agent).await);
        }
        let store = self.memory.seen_by(store, connection);
        let mut back = Vec::new();
        let kept = logged(store.recent().all().await).unwrap_or_default();
        for recent in kept.into_iter().filter(|recent| &recent.chat.connection == connection) {
            let at = recent.at.as_millisecond();
            match serde_json::from_value::<Kept>(recent.content) {
                Ok(kept) => back.push(self.revive(recent.chat, kept, at).await),
                Err(_) => tracing::warn!("a chat of before the last start cannot be read"),
            }
        }
        let todo = self.change(|state| {
            if self.memory.agent(connection) != agent {
                return Vec::new();
            }
            for chat in &back {
                state.recall(chat);
            }
            let known = |chat: &Chat| state.chats.iter().any(|it| it.key == chat.key);
            let is_configured =
                |chat: &Chat| state.platforms.iter().any(|it| it.connection == chat.key.connection);
            let is_followed = |chat: &Chat| state.channels.contains(&chat.channel);
            back.retain(|chat| is_configured(chat) && is_followed(chat) && !known(chat));
            state.come_back(back)
        });
        // On the disk before any is let go of: one may have ended while this program looked away, and its end sets something
        // off.
        self.carry_out_once(connection, todo).await;
        self.forget_old();
        self.confirm_on(connection);
        true
    }

    fn forget_old(self: &Arc<Self>) {
        let (connected, now) = (self.connected(), self.now());
        let todo = self.change(|state| state.forget_old(&connected.follow, now));
        self.carry_out(todo);
    }

    async fn revive(&self, key: ChatKey, kept: Kept, last_known: i64) -> Chat {
        let connected = self.connected();
        let crms = connected.follow.get(&kept.channel).map_or(&[][..], |follow| &follow.crms);
        let noted = self.noted(&key, &kept.thread).await;
        let mut chat = kept.revive(key, crms, noted, last_known);
        let fields = &chat.visitor.fields;
        for lookup in &mut chat.lookups {
            let mut crms = connected.crms(chat.channel).iter();
            let Some(crm) = crms.find(|crm| crm.id == lookup.connection) else { continue };
            lookup.draft = self.memory.draft(&chat.key, crm, fields).await;
            if let Some(matched) = self.last_match(&chat.key, crm, fields).await {
                lookup.phase = Phase::Matched(Box::new(matched));
                lookup.meet_expectations();
            }
        }
        chat
    }

    /// Brings back the chats of the agents who are signed in, where that waits for the store, and lets go of old ones now
    /// and then.
    pub(crate) fn mind_recent(self: &Arc<Self>, cancel: CancellationToken) {
        let engine = self.clone();
        tokio::spawn(cancel.run_until_cancelled_owned(async move {
            loop {
                tokio::time::sleep(TIDY_EVERY).await;
                for connection in engine.memory.waiting() {
                    engine.welcome(&connection).await;
                }
                engine.forget_old();
            }
        }));
    }

    /// Brings back what the agent who signed in at `connection` had before, where that waits. What it sets off is on the disk
    /// when this returns. Without a store it is tried again later.
    pub(crate) async fn welcome(self: &Arc<Self>, connection: &ConnectionId) {
        let _turn = self.welcome_turn.lock().await;
        let Some(agent) = self.memory.waiting_agent(connection) else { return };
        // First, for chats of which something needs a person come back however old they are.
        self.show_outbox().await;
        self.show_todo().await;
        if self.bring_back(connection).await {
            self.memory.is_back(connection, &agent);
        }
    }
}
