//! The engine itself: what it is made of, and how a change of its state reaches the host.

use std::{
    fmt::Debug,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use connectors::http::Proxy;
use domain::{ChannelName, ChatKey, Clock, ConnectionId};
use ipc::{ErrorCode, ErrorView, panel::PanelView};
use secrets::{Secret, SecretStore};
use store::{Holder, Place, Presence};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    configure::Connected,
    crm::{Crm, Outside},
    experiment::{CrashPoint, Experiment},
    fault,
    follow::Todo,
    home::Home,
    memory::Memory,
    moments,
    state::State,
    view,
};

/// What the engine asks of its surroundings.
pub trait Host: Send + Sync + Debug + 'static {
    /// What the panel shows changed. The host may leave out what a newer one replaces.
    fn panel_changed(&self, view: PanelView);

    /// Connections or settings changed.
    fn settings_changed(&self);

    /// Opens an address in the default program. The address was checked already.
    fn open_url(&self, url: &Url) -> Result<(), String>;

    /// Puts a secret on the clipboard, for the person to paste elsewhere.
    fn copy(&self, secret: &Secret) -> Result<(), String>;
}

/// What the engine is made of.
#[derive(Debug)]
pub struct Deps {
    /// The surroundings.
    pub host: Arc<dyn Host>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where secrets are kept.
    pub secrets: Arc<dyn SecretStore>,
    /// The folder of configuration and store.
    pub home: Home,
    /// The HTTP client.
    pub http: reqwest::Client,
    /// A client that speaks HTTP/1.1 only, for web sockets.
    pub http1: reqwest::Client,
    /// The proxy of both, to ask it why nothing gets through.
    pub proxy: Proxy,
    /// Where the store is used; `None` where the system does not say: a copy from elsewhere is not noticed then.
    pub place: Option<Place>,
    /// Names this session among those that one person may have open on one computer; empty where there is one.
    pub session: String,
}

/// The use cases. Cheap to clone; all clones are one engine. Its methods must be called inside a tokio runtime.
#[derive(Clone, Debug)]
pub struct Engine(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) host: Arc<dyn Host>,
    pub(crate) outside: Outside,
    pub(crate) http1: reqwest::Client,
    pub(crate) proxy: Proxy,
    pub(crate) session: String,
    pub(crate) home: Home,
    pub(crate) memory: Memory,
    /// Ends the sign-in in the browser that is open.
    pub(crate) sign_in: Mutex<CancellationToken>,
    /// What signing in came to for connections that are not saved yet.
    pub(crate) granted: Arc<secrets::Memory>,
    /// Notified when a person did something that may help a stopped connection.
    pub(crate) wake: Arc<Notify>,
    /// What a crash test asks for; nothing otherwise.
    pub(crate) experiment: Experiment,
    /// This run of the program, as the outbox and other programs on the same store know it.
    presence: OnceLock<Presence>,
    /// Notified when there may be more to send.
    pub(crate) more_to_send: Notify,
    /// Notified when something was carried out.
    pub(crate) carried_out: Notify,
    /// Held by whoever shows the outbox, so that an earlier picture of it does not replace a later one.
    pub(crate) outbox_turn: tokio::sync::Mutex<()>,
    /// Held by whoever brings back the chats of before.
    pub(crate) welcome_turn: tokio::sync::Mutex<()>,
    /// What was set off, in order.
    #[cfg(test)]
    pub(crate) triggered: Mutex<Vec<domain::strategies::Trigger>>,
    state: Mutex<State>,
    connected: Mutex<Arc<Connected>>,
}

impl Engine {
    /// An engine that knows nothing yet; `start` reads the configuration.
    pub fn new(deps: Deps) -> Self {
        Self::in_experiment(deps, Experiment::default())
    }

    /// The same for a crash test.
    #[doc(hidden)]
    pub fn in_experiment(deps: Deps, experiment: Experiment) -> Self {
        Self(Arc::new(Inner {
            host: deps.host,
            outside: Outside { http: deps.http, clock: deps.clock, secrets: deps.secrets.clone() },
            experiment,
            http1: deps.http1,
            proxy: deps.proxy,
            session: deps.session,
            memory: Memory::new(deps.home.store(), deps.place, deps.secrets),
            presence: OnceLock::new(),
            home: deps.home,
            sign_in: Mutex::default(),
            granted: Arc::default(),
            wake: Arc::new(Notify::new()),
            more_to_send: Notify::new(),
            carried_out: Notify::new(),
            outbox_turn: tokio::sync::Mutex::default(),
            welcome_turn: tokio::sync::Mutex::default(),
            #[cfg(test)]
            triggered: Mutex::default(),
            state: Mutex::default(),
            connected: Mutex::default(),
        }))
    }

    /// What the panel shows now.
    pub fn panel_view(&self) -> PanelView {
        self.0.panel_view()
    }

    /// Shows another chat because the agent picked it.
    pub fn select_chat(&self, chat: &str) -> Result<(), ErrorView> {
        let key = chat_key(chat)?;
        let todo = self.0.change(|state| state.select(&key)).ok_or_else(stale)?;
        self.0.carry_out(todo);
        Ok(())
    }

    /// Shows another channel because the agent picked it.
    pub fn show_channel(&self, channel: ChannelName) -> Result<(), ErrorView> {
        let todo = self.0.change(|state| state.show_channel(channel)).ok_or_else(stale)?;
        self.0.carry_out(todo);
        Ok(())
    }

    /// Keeps the active chat on show, or lets it follow the console again.
    pub fn pin_chat(&self, pinned: bool) {
        self.0.change(|state| state.tab_mut(state.channel).pinned = pinned);
    }

    /// The window says that the view of `revision` is on the screen.
    pub fn painted(&self, revision: u32) {
        moments::painted(revision);
        self.0.note_painted(revision);
    }
}

impl Inner {
    /// The present moment in milliseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        self.outside.clock.now().as_millisecond()
    }

    /// This run of the program, announced when it first uses a store that is a file.
    pub(crate) fn presence(&self) -> &Presence {
        self.presence.get_or_init(|| {
            let holder = Holder::from(uuid::Uuid::new_v4().into_bytes());
            let shared = self.home.store().exists().then(|| self.home.running());
            Presence::announce(holder, shared.as_deref())
        })
    }

    /// The program is at a point at which a crash test may stop it.
    pub(crate) fn reached(&self, point: CrashPoint) {
        self.experiment.reached(point);
    }

    /// The state, for reading.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and tells the host what the panel shows now.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let connected = self.connected();
        let mut state = self.state();
        let result = change(&mut state);
        state.revision = state.revision.wrapping_add(1);
        let view = view::panel(&state, &connected, self.outside.clock.now());
        moments::told(&view);
        // Sent under the lock, so that views reach the window in the order of their revisions.
        self.host.panel_changed(view);
        drop(state);
        result
    }

    /// What the panel shows now.
    pub(crate) fn panel_view(&self) -> PanelView {
        let connected = self.connected();
        view::panel(&self.state(), &connected, self.outside.clock.now())
    }

    /// The connections as configured now.
    pub(crate) fn connected(&self) -> Arc<Connected> {
        self.connected.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts other connections in place; answers with the earlier ones.
    pub(crate) fn replace_connected(&self, connected: Arc<Connected>) -> Arc<Connected> {
        std::mem::replace(&mut *self.connected.lock().unwrap_or_else(PoisonError::into_inner), connected)
    }

    /// The CRM named `connection` as the channel of `chat` uses it.
    pub(crate) fn crm(&self, chat: &ChatKey, connection: &ConnectionId) -> Result<Arc<Crm>, ErrorView> {
        let channel = self.state().chat(chat).ok_or_else(stale)?.channel;
        let connected = self.connected();
        connected.crms(channel).iter().find(|crm| &crm.id == connection).cloned().ok_or_else(stale)
    }

    /// Does what an event asks for.
    pub(crate) fn carry_out(self: &Arc<Self>, todo: Vec<Todo>) {
        for todo in todo {
            match todo {
                Todo::Look(chat) => self.look(&chat),
                Todo::Shown(chat) => self.revalidate(&chat),
                Todo::Keep(chat) => self.keep_chat_soon(chat),
                Todo::Forget(chat) => self.forget_chat_soon(chat),
                Todo::Trigger(triggered) => self.set_off_soon(*triggered),
            }
        }
    }
}

/// Reads the name of a chat in a request.
pub(crate) fn chat_key(text: &str) -> Result<ChatKey, ErrorView> {
    ChatKey::parse(text).ok_or_else(|| fault::plain(ErrorCode::BadRequest, ""))
}

/// What was asked for is not there any more.
pub(crate) fn stale() -> ErrorView {
    fault::plain(ErrorCode::Stale, "")
}
