//! The companion page's word: which profile the agent has open in the Agent App, and how long that word holds.
//!
//! A page speaks whenever something else is opened, and promises each time when it will speak next. That promise is the
//! heart-beat: each message may be billed, so a page need not speak often to be believed. A page is silent when
//!
//! - it says that it closes,
//! - its promise is broken ([`GRACE_LEAST`] to [`GRACE_MOST`] later), or
//! - the agent is seen at work in another chat and the page has not followed within [`DOUBT`]: its console no longer
//!   tells it what is open. It is believed again when it tells something new.
//!
//! While a page speaks, what the live connection tells of the agent's focus is kept, not told: it is older and weaker.
//! When no page speaks any more, the newest of it is told.
//!
//! Pure: moments come in as arguments.

use std::{collections::HashMap, time::Duration};

use domain::{ChatEvent, event::ProfileOrigin};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use tokio::time::Instant;

use crate::recent::Recent;

/// The type of the multicast messages that are the companion page's.
pub(super) const TYPE: &str = "sidecard.focus";

/// The format of the messages that is understood.
const VERSION: u32 = 1;

/// How much later than promised a message may be: a tenth of the promised wait, within these bounds.
const GRACE_LEAST: Duration = Duration::from_secs(1);
const GRACE_MOST: Duration = Duration::from_secs(2);

/// The longest wait that a page may promise. Browsers let a hidden page's timers run once a minute.
const LONGEST_PROMISE: Duration = Duration::from_secs(150);

/// How long a page may take to follow the agent to the chat in which the agent is seen at work.
const DOUBT: Duration = Duration::from_secs(2);

/// What the live connection tells this soon after a page's news may be older than they are.
const LATE: Duration = Duration::from_secs(3);

/// Pages at once; a console has one for each of its windows.
const MOST_PAGES: usize = 16;

/// What a page says.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Message {
    /// The version of the format.
    v: u32,
    /// Names the page: a random text, new with each loading.
    page: String,
    /// Rises with each message of the page.
    n: u64,
    /// In how many milliseconds the page speaks again at the latest; 0 when it closes.
    next_ms: u64,
    /// Whether the page can be seen.
    visible: bool,
    /// What the agent has open.
    open: Option<Open>,
}

/// A profile that is open in the console.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Open {
    /// The chat, where the console says it.
    pub(super) chat_id: Option<String>,
    /// The thread; consoles before the end of 2022 meant the chat.
    pub(super) id: Option<String>,
    /// The visitor.
    pub(super) visitor_id: Option<String>,
    /// Where it was opened; `None` among the agent's chats.
    #[serde(deserialize_with = "place")]
    pub(super) from: Option<ProfileOrigin>,
}

fn place<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ProfileOrigin>, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "chats" => Ok(None),
        "archives" => Ok(Some(ProfileOrigin::Archives)),
        "customers" => Ok(Some(ProfileOrigin::Customers)),
        other => Err(serde::de::Error::custom(format!("no place {other}"))),
    }
}

/// Reads a message; `None` when it is none of ours.
pub(super) fn message(content: &Value) -> Option<Message> {
    Message::deserialize(content).ok().filter(|message| message.v == VERSION && message.page.len() <= 64)
}

/// What follows from a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nothing: the page is still there.
    Nothing,
    /// The agent has this open now.
    Opened(Open),
}

struct Page {
    n: u64,
    open: Option<Open>,
    visible: bool,
    promise: Duration,
    /// Until when it is believed.
    until: Instant,
    /// When it last told something new.
    changed: Instant,
    /// It did not follow the agent.
    left_behind: bool,
}

/// Something the live connection told while a page speaks.
struct Hint {
    event: ChatEvent,
    /// When the pages are no longer believed because of it.
    due: Option<Instant>,
}

/// The pages that speak, and what the live connection tells meanwhile.
pub(super) struct Companion {
    pages: HashMap<String, Page>,
    /// Pages that said they close: what they said before may come late.
    closed: Recent<String>,
    hint: Option<Hint>,
}

impl Default for Companion {
    fn default() -> Self {
        Self { pages: HashMap::new(), closed: Recent::new(4 * MOST_PAGES), hint: None }
    }
}

impl Companion {
    /// Whether a page's word decides.
    pub(super) fn is_speaking(&self) -> bool {
        self.pages.values().any(|page| !page.left_behind)
    }

    /// Takes in what a page says. A message that is late changes nothing.
    pub(super) fn hear(&mut self, message: Message, now: Instant) -> Heard {
        let known = self.pages.get(&message.page);
        if known.is_some_and(|page| message.n <= page.n) {
            return Heard::Nothing;
        }
        if message.next_ms == 0 {
            self.pages.remove(&message.page);
            self.closed.insert(message.page);
            return Heard::Nothing;
        }
        if known.is_none() && (self.pages.len() >= MOST_PAGES || self.closed.contains(&message.page)) {
            return Heard::Nothing;
        }
        let is_new = known.is_none_or(|page| (&page.open, page.visible) != (&message.open, message.visible));
        let (changed, left_behind) =
            known.filter(|_| !is_new).map_or((now, false), |page| (page.changed, page.left_behind));
        let promise = Duration::from_millis(message.next_ms).min(LONGEST_PROMISE);
        let Message { page, n, open, visible, .. } = message;
        let until = now + promise + grace(promise);
        let one = Page { n, open: open.clone(), visible, promise, until, changed, left_behind };
        self.pages.insert(page.clone(), one);
        let another_is_seen = self.pages.iter().any(|(name, other)| *name != page && other.visible);
        match open {
            Some(open) if is_new && (visible || !another_is_seen) => {
                self.hint = None;
                Heard::Opened(open)
            }
            _ => Heard::Nothing,
        }
    }

    /// What the agent has open by the word of a page that is believed; the newest word first.
    pub(super) fn open(&self) -> Option<&Open> {
        let believed = self.pages.values().filter(|page| !page.left_behind);
        let newest =
            believed.filter(|page| page.open.is_some()).max_by_key(|page| (page.visible, page.changed));
        newest?.open.as_ref()
    }

    /// Keeps what the live connection told; it speaks against the page's word when `agrees` is false.
    pub(super) fn keep(&mut self, event: ChatEvent, agrees: bool, now: Instant) {
        if agrees {
            self.hint = None;
            return;
        }
        let settled = self.pages.values().all(|page| now >= page.changed + LATE);
        let due = settled.then(|| now + DOUBT);
        self.hint = Some(Hint { event, due });
    }

    /// When the next thing is due.
    pub(super) fn due(&self) -> Option<Instant> {
        let promises = self.pages.values().map(|page| page.until);
        promises.chain(self.hint.as_ref().and_then(|hint| hint.due)).min()
    }

    /// Lets go of the pages whose promise is broken or that did not follow.
    pub(super) fn expire(&mut self, now: Instant) {
        self.pages.retain(|_, page| page.until > now);
        if self.hint.as_ref().is_some_and(|hint| hint.due.is_some_and(|due| due <= now)) {
            for page in self.pages.values_mut() {
                page.left_behind = true;
            }
        }
    }

    /// What the live connection told last, once no page speaks any more.
    pub(super) fn released(&mut self) -> Option<ChatEvent> {
        if self.is_speaking() { None } else { self.hint.take().map(|hint| hint.event) }
    }

    /// After a gap in the live connection: the pages may have spoken meanwhile, so their promises begin anew.
    pub(super) fn resume(&mut self, now: Instant) {
        self.hint = None;
        for page in self.pages.values_mut() {
            page.until = page.until.max(now + page.promise + grace(page.promise));
        }
    }
}

fn grace(promise: Duration) -> Duration {
    (promise / 10).clamp(GRACE_LEAST, GRACE_MOST)
}

#[cfg(test)]
mod tests;
