//! The sittings of the agent's chats: how they begin, what happens in them, how they end, and what that sets off.
//!
//! News come twice, late and in any order, live and from the archives. Each sitting begins once and ends once all the
//! same: what was told of a sitting before its beginning waits for it, and the sittings before a chat's last one are kept
//! while news of them may still come.

use std::collections::VecDeque;

use domain::{
    ChannelName, ChatFieldKey, ChatKey, ConnectionId, ThreadId,
    event::{ChatSnapshot, FocusOrigin, MissedSitting, Written},
    strategies::{Agent, Speaker, Trigger, Turn},
};
use jiff::Timestamp;

use crate::{
    follow::{Followed, Todo},
    history::History,
    state::{Chat, State},
    strategies::moment::Triggered,
};

/// How many sittings before a chat's last one are kept.
const MOST_PASSED: usize = 50;
/// How many news of sittings that have not begun are kept.
const MOST_EARLY: usize = 200;

/// What was told of sittings out of turn.
#[derive(Debug, Default)]
pub(crate) struct OutOfTurn {
    /// Sittings in whose place a later one of the same chat stands.
    passed: VecDeque<Chat>,
    /// What happened in sittings whose beginning has not been told.
    early: Vec<(ChatKey, ThreadId, Early)>,
}

#[derive(Debug)]
enum Early {
    Wrote(Written),
    Ended,
}

impl OutOfTurn {
    /// Forgets what is of `connection`.
    pub(crate) fn forget(&mut self, connection: &ConnectionId) {
        self.passed.retain(|chat| &chat.key.connection != connection);
        self.early.retain(|(chat, _, _)| &chat.connection != connection);
    }

    fn pass(&mut self, chat: Chat) {
        self.passed.push_back(chat);
        if self.passed.len() > MOST_PASSED {
            self.passed.pop_front();
        }
    }

    fn wait(&mut self, chat: &ChatKey, thread: &ThreadId, early: Early) {
        self.early.push((chat.clone(), thread.clone(), early));
        if self.early.len() > MOST_EARLY {
            self.early.remove(0);
        }
    }

    /// What waited for `chat` to begin: whether it has ended.
    fn catch_up(&mut self, chat: &mut Chat) -> bool {
        let mut has_ended = false;
        let (key, thread) = (chat.key.clone(), chat.thread.clone());
        for (_, _, early) in self.early.extract_if(.., |(of, sitting, _)| *of == key && *sitting == thread) {
            match early {
                Early::Wrote(written) => {
                    chat.history.wrote(written);
                }
                Early::Ended => has_ended = true,
            }
        }
        has_ended
    }
}

impl State {
    /// The sitting `thread` of `chat`: its last one, or one before that.
    pub(crate) fn sitting(&self, chat: &ChatKey, thread: &ThreadId) -> Option<&Chat> {
        let is_it = |known: &&Chat| &known.key == chat && &known.thread == thread;
        self.chats.iter().find(is_it).or_else(|| self.out_of_turn.passed.iter().find(is_it))
    }

    fn sitting_mut(&mut self, chat: &ChatKey, thread: &ThreadId) -> Option<&mut Chat> {
        let mut all = self.chats.iter_mut().chain(&mut self.out_of_turn.passed);
        all.find(|known| &known.key == chat && &known.thread == thread)
    }

    /// A sitting is the agent's now. `trigger` is what it means that it begins; nothing when it was known before.
    pub(crate) fn started(
        &mut self,
        snapshot: ChatSnapshot,
        trigger: Trigger,
        follow: &Followed,
        now: i64,
    ) -> Vec<Todo> {
        let key = snapshot.chat.clone();
        let begun = snapshot.started_at.as_millisecond();
        match self.chat(&key) {
            Some(known) if known.thread == snapshot.thread && (known.over || known.ended_at.is_none()) => {
                return self.told_again(snapshot, follow);
            }
            Some(known) if known.thread != snapshot.thread && begun < known.started_at => return Vec::new(),
            _ => {}
        }
        let (channel, thread) = (snapshot.channel, snapshot.thread.clone());
        let Some(follow) = follow.get(&channel) else { return Vec::new() };
        let was_active = self.tab(channel).active.as_ref() == Some(&key);
        let before = self.remove(&key);
        let mut chat = Chat::new(snapshot, &follow.crms, now);
        let is_known = before.as_ref().is_some_and(|before| before.thread == thread && before.taken_in);
        chat.follow_on(before, &follow.identifying, &mut self.out_of_turn);
        let has_ended = self.out_of_turn.catch_up(&mut chat);
        if has_ended {
            (chat.ended_at, chat.over) = (Some(now), true);
        }
        self.chats.push(chat);
        let mut todo = vec![Todo::Look(key.clone()), Todo::Keep(key.clone())];
        if !has_ended && (was_active || self.may_move_on(channel)) {
            todo.extend(self.show(&key, FocusOrigin::Newest));
        }
        if !is_known {
            todo.extend(self.sets_off(&key, &thread, trigger));
        }
        if has_ended {
            todo.extend(self.sets_off(&key, &thread, Trigger::ChatEnd));
        }
        todo
    }

    /// A sitting that is known is told once more.
    fn told_again(&mut self, snapshot: ChatSnapshot, follow: &Followed) -> Vec<Todo> {
        let key = snapshot.chat;
        let history = History::new(snapshot.assigned, snapshot.written);
        let Some(known) = self.chat_mut(&key) else { return Vec::new() };
        let is_new = known.meet(snapshot.agents) | known.history.absorb(history);
        let mut todo = self.learnt(&key, snapshot.visitor.fields, follow);
        if is_new && todo.is_empty() {
            todo.push(Todo::Keep(key));
        }
        todo
    }

    /// `before` is what was known before the last start of a chat that the platform may have told of meanwhile.
    pub(crate) fn recall(&mut self, before: &Chat) {
        for lookup in self.chat_mut(&before.key).into_iter().flat_map(|known| &mut known.lookups) {
            let mut earlier = before.lookups.iter();
            if let Some(earlier) = earlier.find(|earlier| earlier.connection == lookup.connection) {
                lookup.expect_as(earlier);
                lookup.meet_expectations();
            }
        }
        if let Some(known) = self.sitting_mut(&before.key, &before.thread) {
            let agents = std::mem::replace(&mut known.agents, before.agents.clone());
            known.meet(agents);
            known.history.absorb(before.history.clone());
        }
    }

    /// Takes in chats of before the last start that the platform has not told of. What it told of their end meanwhile holds.
    pub(crate) fn come_back(&mut self, mut back: Vec<Chat>) -> Vec<Todo> {
        let mut over = Vec::new();
        for chat in &mut back {
            if self.out_of_turn.catch_up(chat) && !std::mem::replace(&mut chat.over, true) {
                over.push((chat.key.clone(), chat.thread.clone()));
            }
        }
        back.append(&mut self.chats);
        self.chats = back;
        let mut todo: Vec<_> = over.iter().map(|(chat, _)| Todo::Keep(chat.clone())).collect();
        let ends = over.iter().filter_map(|(chat, thread)| self.sets_off(chat, thread, Trigger::ChatEnd));
        todo.extend(ends);
        todo
    }

    /// Somebody wrote in a sitting.
    pub(crate) fn message(&mut self, key: &ChatKey, thread: &ThreadId, written: Written) -> Vec<Todo> {
        let by_visitor = written.message.by == Speaker::Visitor;
        let on_show = self.is_on_show(key);
        let Some(chat) = self.sitting_mut(key, thread) else {
            self.out_of_turn.wait(key, thread, Early::Wrote(written));
            return Vec::new();
        };
        if !chat.history.wrote(written) {
            return Vec::new();
        }
        if by_visitor && !on_show {
            chat.unread = chat.unread.saturating_add(1);
        }
        vec![Todo::Keep(key.clone())]
    }

    /// Somebody came into a sitting, or was put in charge of it.
    pub(crate) fn agents_changed(
        &mut self,
        key: &ChatKey,
        thread: &ThreadId,
        agents: Vec<Agent>,
        assigned: Vec<Turn>,
    ) -> Vec<Todo> {
        let Some(chat) = self.sitting_mut(key, thread) else { return Vec::new() };
        let is_new = chat.meet(agents) | chat.history.assigned(assigned);
        if is_new { vec![Todo::Keep(key.clone())] } else { Vec::new() }
    }

    /// The chat is somebody else's now, or is not among the agent's any more: it stays readable, and what was typed in it
    /// stays. Whether and how the sitting ended is not said with that.
    pub(crate) fn left(&mut self, key: &ChatKey, now: i64) -> Vec<Todo> {
        let Some(chat) = self.chat_mut(key).filter(|chat| chat.ended_at.is_none()) else { return Vec::new() };
        chat.ended_at = Some(now);
        vec![Todo::Keep(key.clone())]
    }

    /// A sitting ended.
    pub(crate) fn ended(&mut self, key: &ChatKey, thread: &ThreadId, now: i64) -> Vec<Todo> {
        let Some(chat) = self.sitting_mut(key, thread) else {
            self.out_of_turn.wait(key, thread, Early::Ended);
            return Vec::new();
        };
        if std::mem::replace(&mut chat.over, true) {
            return Vec::new();
        }
        chat.ended_at.get_or_insert(now);
        let mut todo = vec![Todo::Keep(key.clone())];
        todo.extend(self.sets_off(key, thread, Trigger::ChatEnd));
        todo
    }

    /// A sitting that is over when it is told stands among the chats that ended, unless a later one of the same chat is
    /// there. An old one is only listed: it is looked up when somebody opens it, and sets nothing off.
    pub(crate) fn missed(&mut self, sitting: MissedSitting, follow: &Followed, now: i64) -> Vec<Todo> {
        let ended_at = sitting.ended_at.map_or(now, Timestamp::as_millisecond);
        self.past(sitting.chat, ended_at, &[Trigger::ChatStart, Trigger::ChatEnd], follow, now)
    }

    /// Somebody left a message: it stands among the chats that ended.
    pub(crate) fn offline_message(&mut self, left: ChatSnapshot, follow: &Followed, now: i64) -> Vec<Todo> {
        let at = left.started_at.as_millisecond();
        self.past(left, at, &[Trigger::OfflineMessage], follow, now)
    }

    fn past(
        &mut self,
        snapshot: ChatSnapshot,
        ended_at: i64,
        triggers: &[Trigger],
        follow: &Followed,
        now: i64,
    ) -> Vec<Todo> {
        let (key, thread) = (snapshot.chat.clone(), snapshot.thread.clone());
        let begun = snapshot.started_at.as_millisecond();
        let Some(of_channel) = follow.get(&snapshot.channel) else { return Vec::new() };
        let is_recent = now.saturating_sub(ended_at) <= of_channel.catch_up_for;
        let known = self.sitting(&key, &thread).map(|known| (known.over, known.taken_in));
        if known.is_some_and(|(over, _)| over) {
            return if self.chat(&key).is_some_and(|chat| chat.thread == thread) {
                self.told_again(snapshot, follow)
            } else {
                Vec::new()
            };
        }
        let mut chat = Chat::new(snapshot, &of_channel.crms, now);
        (chat.ended_at, chat.over) = (Some(ended_at), true);
        let is_later =
            |known: &Chat| known.thread != thread && (known.ended_at.is_none() || known.started_at > begun);
        let mut todo = Vec::new();
        if self.chat(&key).is_some_and(is_later) {
            if let Some(earlier) = self.out_of_turn.remove(&key, &thread) {
                chat.history.absorb(earlier.history);
            }
            self.out_of_turn.catch_up(&mut chat);
            self.out_of_turn.pass(chat);
        } else {
            let before = self.remove(&key);
            chat.follow_on(before, &of_channel.identifying, &mut self.out_of_turn);
            self.out_of_turn.catch_up(&mut chat);
            self.chats.push(chat);
            todo.push(Todo::Keep(key.clone()));
            if is_recent {
                todo.push(Todo::Look(key.clone()));
            }
        }
        if is_recent {
            let is_new = known.is_none_or(|(_, taken_in)| !taken_in);
            let due = triggers.iter().filter(|trigger| is_new || **trigger == Trigger::ChatEnd);
            todo.extend(due.flat_map(|trigger| self.sets_off(&key, &thread, *trigger)));
        }
        todo
    }

    /// What follows from `trigger`: tickets are created, they do not start or end like chats.
    fn sets_off(&self, chat: &ChatKey, thread: &ThreadId, trigger: Trigger) -> Option<Todo> {
        let channel = self.sitting(chat, thread)?.channel;
        let is_of_it = match trigger {
            Trigger::ChatStart | Trigger::ChatEnd | Trigger::OfflineMessage => {
                channel == ChannelName::LiveChat
            }
            Trigger::TicketCreated => channel == ChannelName::Ticketing,
        };
        let triggered = self.triggered(chat, thread, trigger).filter(|_| is_of_it)?;
        Some(Todo::Trigger(Box::new(triggered)))
    }

    /// `trigger` in a sitting with all that is known of it now. `None` for a person outside the chats: nothing follows from
    /// looking at somebody.
    pub(crate) fn triggered(&self, chat: &ChatKey, thread: &ThreadId, trigger: Trigger) -> Option<Triggered> {
        let known = self.sitting(chat, thread).filter(|known| known.profile.is_none())?;
        Some(Triggered::new(known, trigger))
    }
}

impl OutOfTurn {
    fn remove(&mut self, chat: &ChatKey, thread: &ThreadId) -> Option<Chat> {
        let place = self.passed.iter().position(|known| &known.key == chat && &known.thread == thread)?;
        self.passed.remove(place)
    }
}

impl Chat {
    /// Learns who takes part; says whether somebody is new.
    fn meet(&mut self, agents: Vec<Agent>) -> bool {
        let mut is_new = false;
        for agent in agents {
            match self.agents.iter_mut().find(|known| known.id == agent.id) {
                Some(known) if *known == agent => continue,
                Some(known) => *known = agent,
                None => self.agents.push(agent),
            }
            is_new = true;
        }
        is_new
    }

    /// Takes the place of what was known of the chat `before`: what was typed and not saved is still not saved, unless it was
    /// for somebody else, and of the same sitting what happened in it is still so. Another sitting is passed.
    fn follow_on(&mut self, before: Option<Self>, identifying: &[ChatFieldKey], out_of_turn: &mut OutOfTurn) {
        let Some(mut before) = before else { return };
        let may_be = self.visitor.fields.may_be_of(&before.visitor.fields, identifying);
        for earlier in before.lookups.iter_mut().filter(|_| may_be) {
            let mut lookups = self.lookups.iter_mut();
            if let Some(lookup) = lookups.find(|lookup| lookup.connection == earlier.connection) {
                lookup.draft = earlier.draft.take();
                lookup.expect_as(earlier);
            }
        }
        if before.thread != self.thread {
            return out_of_turn.pass(before);
        }
        let agents = std::mem::replace(&mut self.agents, before.agents);
        self.meet(agents);
        self.history.absorb(before.history);
        self.continues = before.continues;
    }
}
