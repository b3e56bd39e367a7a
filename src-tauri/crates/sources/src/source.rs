//! The trait that every chat platform implements.

use std::{fmt::Debug, sync::Arc, time::Duration};

use async_trait::async_trait;
use connectors::oauth::Client;
use domain::{AgentId, ChatEvent, Clock};
use jiff::Timestamp;
use secrets::{KeyringProblem, Secret, SecretStore};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// A chat platform that tells of the signed-in agent's chats.
#[async_trait]
pub trait Source: Send + Sync + Debug {
    /// Who this is. Nothing secret.
    fn info(&self) -> &SourceInfo;

    /// The application as which agents sign in in the browser, where they do that.
    fn oauth(&self) -> Option<&Client> {
        None
    }

    /// The text that pairs a companion page with this run of Sidecard; `None` while no page can call.
    fn pairing(&self) -> Option<Secret> {
        None
    }

    /// Signs in once, changes nothing, and says as whom.
    async fn check(&self, cx: &SourceContext) -> Result<AgentId, SourceProblem>;

    /// Stays connected and tells what happens until `cx.cancel` is cancelled. It never ends by itself: every trouble is told as a
    /// state and tried again, or waits for `cx.wake` where only a person can help.
    async fn run(&self, cx: SourceContext, updates: mpsc::Sender<SourceUpdate>);
}

/// Who a source is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceInfo {
    /// The product, in lower case: `livechat`.
    pub kind: &'static str,
    /// The product's name on screen: `LiveChat`.
    pub product: &'static str,
    /// The hosts that are spoken to; secrets are bound to them.
    pub hosts: Vec<String>,
    /// Whether the live connection can tell which chat the agent has open.
    pub tells_focus: bool,
}

/// What a source needs from outside.
#[derive(Clone, Debug)]
pub struct SourceContext {
    /// The HTTP client; web sockets go through one of its kind, so that proxy and trust hold for them too.
    pub http: reqwest::Client,
    /// A client that speaks HTTP/1.1 only, for web sockets.
    pub http1: reqwest::Client,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where credentials are read from.
    pub secrets: Arc<dyn SecretStore>,
    /// Cancelled when the connection is no longer wanted.
    pub cancel: CancellationToken,
    /// Where the reading of this platform was interrupted.
    pub bookmark: Arc<dyn Bookmark>,
    /// Names this session among those that one person may have open on one computer; empty where there is one.
    pub session: String,
    /// Notified when a person did something that may help: unlocked the keyring, entered a token, pressed "Connect now".
    pub wake: Arc<tokio::sync::Notify>,
}

/// Where the reading of a platform was interrupted: what happened since is read from its archives.
#[async_trait]
pub trait Bookmark: Send + Sync + Debug {
    /// Up to when everything was told in earlier runs; nothing when that is not known.
    async fn told_until(&self) -> Option<Timestamp>;
}

/// Nothing was read before.
#[async_trait]
impl Bookmark for () {
    async fn told_until(&self) -> Option<Timestamp> {
        None
    }
}

/// What a source tells.
#[expect(clippy::large_enum_variant, reason = "it lives for one step, and events are the usual case")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceUpdate {
    /// Something happened.
    Event(ChatEvent),
    /// The connection changed.
    State(SourceState),
    /// Everything until this moment has been told: a later run need not look before it.
    ToldUntil(Timestamp),
    /// A companion page in the platform's console was heard, or fell silent.
    Companion(Companion),
}

/// What is known of companion pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Companion {
    /// Whether one speaks: what it says decides which chat is on show.
    pub speaking: bool,
    /// Whether one ever spoke; without it nobody fell silent.
    pub heard: bool,
    /// Messages that did not count: from somebody else, about somebody else's chat, or unreadable.
    pub ignored: u32,
    /// How it stands with the port on this computer that a page may call; `None` where none is wanted.
    pub loopback: Option<Loopback>,
}

/// A port on this computer that companion pages may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loopback {
    /// Not open: the keyring does not answer, or the system gives no port. Tried again by itself.
    Closed,
    /// Open.
    Open,
    /// Open under another number than before, which another program has taken: pages have to be paired again, and none was
    /// since.
    Moved,
}

/// How a connection stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceState {
    /// Connecting for the first time, or signing in.
    Connecting,
    /// Signed in; events flow.
    Online {
        /// As whom.
        agent: AgentId,
    },
    /// Lost; tried again by itself.
    Retrying {
        /// After this time.
        after: Duration,
        /// What happened.
        problem: SourceProblem,
    },
    /// Not tried again before a person helps.
    Stopped {
        /// What happened.
        problem: SourceProblem,
    },
}

/// What is wrong with a connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceProblem {
    /// The address does not answer.
    #[error("the address does not answer")]
    Unreachable,
    /// It answers, but it is not this platform.
    #[error("it answers, but it is not this platform")]
    NotThisProduct,
    /// The credential is refused.
    #[error("the credential is refused")]
    Refused,
    /// The platform ended the connection and says not to come back by itself; its reason.
    #[error("the platform ended the connection: {0}")]
    Ended(String),
    /// The connection broke.
    #[error("the connection broke")]
    Lost,
    /// The connection stands, but nothing comes any more: a keep-alive or the log-in was not answered in time.
    #[error("the platform fell silent")]
    Silent,
    /// The credential could not be read.
    #[error(transparent)]
    Keyring(#[from] KeyringProblem),
    /// The platform does not know the application as which agents sign in.
    #[error("the client id or its secret is not accepted")]
    Misconfigured,
    /// There is no credential in the keyring.
    #[error("there is no credential in the keyring")]
    NoCredential,
}
