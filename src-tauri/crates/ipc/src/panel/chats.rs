//! The chats: the strip with all of them, and the one on show.

use domain::{
    ChannelName, ChatFieldKey, ConnectionId, Evidence, FieldOrigin,
    event::{FocusOrigin, ProfileOrigin},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{LookupView, OutboxView, TodoView};
use crate::error::ErrorView;

/// Everything the panel shows. Times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PanelView {
    /// Rises with every change; an older view that comes late is dropped.
    pub revision: u32,
    /// Where the data comes from.
    pub setup: Setup,
    /// The chat connections.
    pub platforms: Vec<PlatformView>,
    /// The channels that are enabled, in order.
    pub channels: Vec<ChannelName>,
    /// The one on show.
    pub channel: ChannelName,
    /// How the active chat is known.
    pub focus: FocusOrigin,
    /// Whether the active chat stays although another is opened in the console.
    pub pinned: bool,
    /// The agent's chats of all channels, the active ones included, newest last; ended ones only while they are active.
    pub chats: Vec<ChatPill>,
    /// The chats that ended in the last hours, or that hold a draft; the one that ended last comes first.
    pub recent: Vec<RecentView>,
    /// The chat on show.
    pub active: Option<ChatView>,
    /// What is the matter with the store of this computer, when its key is lost.
    pub store_loss: Option<StoreLoss>,
    /// Why the store of this computer may not be the one that was used last.
    pub store_copy: Option<StoreCopy>,
    /// What is on its way to the CRMs.
    pub outbox: OutboxView,
    /// What needs a person, oldest first.
    pub todo: Vec<TodoView>,
}

/// The key of this computer's store is gone: what it holds can be read again once the key is back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StoreLoss {
    /// How many changes wait in it that no CRM has.
    pub waiting: u32,
}

/// The store of this computer may not be the one that was used last: nothing happens by itself until a person has said that it
/// is the one to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StoreCopy {
    /// What speaks against it.
    pub doubt: StoreDoubt,
    /// How much waits for that word.
    pub waiting: u32,
}

/// Why a store may not be the one that was used last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StoreDoubt {
    /// It is an older copy.
    OlderCopy,
    /// It comes from another computer or another account, where it may still be in use.
    OtherPlace,
}

/// Where the data comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Setup {
    /// Nothing is configured: the first run.
    FirstRun,
    /// The embedded sample.
    Sample,
    /// Configured connections.
    Configured,
}

/// A chat connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlatformView {
    /// Which.
    pub connection: ConnectionId,
    /// The product's name.
    pub product: String,
    /// Whether people sign in to it in the browser; else their credential is entered in the settings.
    pub by_browser: bool,
    /// How it stands.
    pub state: PlatformState,
    /// The companion page in its console, once one was heard of.
    pub companion: Option<CompanionView>,
}

/// A companion page in a platform's console, which tells which chat is open there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CompanionView {
    /// Whether it speaks.
    pub speaking: bool,
    /// Whether it ever spoke: then it fell silent when it does not speak now.
    pub heard: bool,
    /// Since when.
    pub since: i64,
    /// Messages that did not count: somebody else's, about somebody else's chat, or unreadable.
    pub ignored: u32,
    /// Whether it has to be paired again, since its port on this computer is another one now.
    pub unpaired: bool,
}

/// How a chat connection stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "state", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum PlatformState {
    /// Not there yet.
    Connecting,
    /// Signed in.
    Online {
        /// As whom.
        agent: String,
    },
    /// Lost, and tried again by itself.
    Retrying {
        /// When.
        retry_at: i64,
    },
    /// A person has to help.
    Stopped {
        /// Why.
        error: ErrorView,
    },
}

/// One of the agent's chats, as a pill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ChatPill {
    /// Names the chat in requests.
    pub chat: String,
    /// Its channel.
    pub channel: ChannelName,
    /// The visitor's name, else what the platform calls the visitor.
    pub name: String,
    /// Messages of the visitor since the chat was last on show.
    pub unread: u32,
    /// Whether it is on show while its channel is.
    pub active: bool,
    /// Whether it ended.
    pub ended: bool,
    /// How its look-up stands.
    pub state: PillState,
    /// When it began.
    pub started_at: i64,
}

/// A chat that ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecentView {
    /// Names the chat in requests.
    pub chat: String,
    /// Its channel.
    pub channel: ChannelName,
    /// The visitor's name, else what the platform calls the visitor.
    pub name: String,
    /// How its look-up stood.
    pub state: PillState,
    /// How the CRM names the contact.
    pub contact: Option<String>,
    /// Whether something typed in it is not saved.
    pub draft: bool,
    /// What became of what was written in it.
    pub write: Option<WriteMark>,
    /// When it ended.
    pub ended_at: i64,
    /// Whether it is on show while its channel is.
    pub active: bool,
}

/// What became of a chat's writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WriteMark {
    /// The CRM holds them.
    Saved,
    /// They are on their way, or the CRM has accepted them and does not show them yet.
    Waiting,
    /// The CRM did not show them when reading again ended.
    NotConfirmed,
}

/// How a look-up stands, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PillState {
    /// Under way.
    Looking,
    /// Found.
    Matched,
    /// Found on weak evidence.
    Likely,
    /// Several.
    Several,
    /// Nobody, or nothing to look by.
    None,
    /// Failed or timed out.
    Failed,
    /// The record is gone.
    Gone,
}

/// The chat on show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ChatView {
    /// Names the chat in requests.
    pub chat: String,
    /// The visitor's name, else what the platform calls the visitor.
    pub visitor: String,
    /// The platform's name.
    pub platform: String,
    /// City and country, where known.
    pub place: Option<String>,
    /// When the chat began.
    pub started_at: i64,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// Where in the console the person was opened, when this is no chat.
    pub profile: Option<ProfileOrigin>,
    /// What the chat knows and the supervisor wants shown, and what is mapped.
    pub fields: Vec<ChatFieldView>,
    /// One for each CRM, in the order of the rules' connections. Empty when none is configured.
    pub lookups: Vec<LookupView>,
}

/// A value the chat knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ChatFieldView {
    /// Which.
    pub key: ChatFieldKey,
    /// Its label.
    pub label: String,
    /// Its value.
    pub value: String,
    /// Where it comes from.
    pub origin: FieldOrigin,
    /// How far it can be trusted.
    pub evidence: Evidence,
}
