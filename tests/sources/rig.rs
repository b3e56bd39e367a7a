//! A source that runs against its simulator, and what it tells.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use connectors::http::{HttpSettings, Proxy, client, client_http1};
use domain::{
    ChatEvent, ChatEventKind, ChatFieldKey, ChatFields, ConnectionId,
    clock::SystemClock,
    config::LivechatConfig,
    event::{ChatSnapshot, FocusOrigin, MissedSitting, Profile, Written},
    strategies::{Speaker, Trigger, Turn, owner},
};
use jiff::Timestamp;
use secrets::{Memory, Secret, SecretName, bound};
use sources::{
    Bookmark, Companion, Source, SourceState, SourceUpdate,
    livechat::{LiveChat, TOKEN as SLOT},
    runner::Timings,
    source::{SourceContext, SourceProblem},
};
use testkit::livechat::{
    ACCOUNT, COLLEAGUE_ACCOUNT, COLLEAGUE_TOKEN, Limits, ORGANIZATION, Simulator, TOKEN, Unknowns,
};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;
use url::Url;

/// Longer than anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits that are short, but not so short that a busy machine counts as silence.
pub(crate) fn quick() -> Timings {
    Timings {
        connect: Duration::from_secs(5),
        login: Duration::from_secs(5),
        ping_every: Duration::from_millis(200),
        silence: Duration::from_secs(5),
        first_wait: Duration::from_millis(20),
        longest_wait: Duration::from_millis(200),
        stable_after: Duration::from_secs(10),
        keyring_every: Duration::from_millis(100),
    }
}

/// A running source.
pub(crate) struct Rig {
    pub(crate) sim: Arc<Simulator>,
    pub(crate) secrets: Arc<Memory>,
    pub(crate) cx: SourceContext,
    pub(crate) desk: Desk,
    pub(crate) source: Arc<LiveChat>,
    updates: mpsc::Receiver<SourceUpdate>,
    task: JoinHandle<()>,
}

impl Rig {
    /// Signed in, with what the documents say of LiveChat.
    pub(crate) async fn start() -> Self {
        Self::with(Unknowns::default()).await
    }

    /// Signed in, with these switches.
    pub(crate) async fn with(unknowns: Unknowns) -> Self {
        let sim = Simulator::start_with(unknowns, Limits::default()).await.unwrap();
        let mut rig = Self::around(Arc::new(sim), quick()).await;
        rig.until_roster().await;
        rig
    }

    /// Running, with a good token in the keyring.
    pub(crate) async fn around(sim: Arc<Simulator>, timings: Timings) -> Self {
        let secrets = Arc::new(Memory::default());
        keep_token(&secrets, TOKEN).await;
        Self::with_secrets(sim, timings, secrets)
    }

    /// Running, with this keyring.
    pub(crate) fn with_secrets(sim: Arc<Simulator>, timings: Timings, secrets: Arc<Memory>) -> Self {
        let source = LiveChat::new(connection(), account(sim.url())).with_timings(timings);
        Self::of(sim, secrets, source)
    }

    /// The desk of [`COLLEAGUE`] at the same platform, signed in.
    pub(crate) async fn of_colleague(sim: Arc<Simulator>) -> Self {
        let secrets = Arc::new(Memory::default());
        keep_token(&secrets, COLLEAGUE_TOKEN).await;
        let account = LivechatConfig { account_id: COLLEAGUE_ACCOUNT.to_owned(), ..account(sim.url()) };
        let source = LiveChat::new(connection(), account).with_timings(quick());
        let mut rig = Self::of(sim, secrets, source);
        rig.until_roster().await;
        rig
    }

    /// Running, after an earlier run that told everything until `told`.
    pub(crate) async fn after(sim: Arc<Simulator>, told: Timestamp) -> Self {
        let secrets = Arc::new(Memory::default());
        keep_token(&secrets, TOKEN).await;
        let cx = SourceContext { bookmark: Arc::new(Told(told)), ..context(&sim, secrets.clone()) };
        // A question that is not answered for two pings is asked again; pages of archives take a busy machine longer than that.
        let timings = Timings { ping_every: Duration::from_secs(2), ..quick() };
        let source = LiveChat::new(connection(), account(sim.url())).with_timings(timings);
        Self::run(sim, secrets, source, cx)
    }

    /// Running `source`.
    pub(crate) fn of(sim: Arc<Simulator>, secrets: Arc<Memory>, source: LiveChat) -> Self {
        let cx = context(&sim, secrets.clone());
        Self::run(sim, secrets, source, cx)
    }

    /// Running `source` with these surroundings.
    pub(crate) fn run(
        sim: Arc<Simulator>,
        secrets: Arc<Memory>,
        source: LiveChat,
        cx: SourceContext,
    ) -> Self {
        let (sender, updates) = mpsc::channel(64);
        let (source, run) = (Arc::new(source), cx.clone());
        let running = source.clone();
        let task = tokio::spawn(async move { running.run(run, sender).await });
        Self { sim, secrets, cx, desk: Desk::default(), source, updates, task }
    }

    /// The next update; kept in `desk` too.
    pub(crate) async fn next(&mut self) -> SourceUpdate {
        let update =
            timeout(PATIENCE, self.updates.recv()).await.expect("an update in time").expect("it runs on");
        self.desk.take(&update);
        update
    }

    /// The first event from now on that `pick` takes.
    pub(crate) async fn until<T>(&mut self, pick: impl Fn(&ChatEventKind) -> Option<T>) -> T {
        loop {
            if let SourceUpdate::Event(event) = self.next().await
                && let Some(found) = pick(&event.kind)
            {
                return found;
            }
        }
    }

    /// The first state from now on that is as `wanted`.
    pub(crate) async fn until_state(&mut self, wanted: impl Fn(&SourceState) -> bool) -> SourceState {
        loop {
            if let SourceUpdate::State(state) = self.next().await
                && wanted(&state)
            {
                return state;
            }
        }
    }

    /// The problem with which the source stops or tries again.
    pub(crate) async fn until_problem(&mut self) -> SourceProblem {
        let trouble =
            |state: &SourceState| matches!(state, SourceState::Retrying { .. } | SourceState::Stopped { .. });
        match self.until_state(trouble).await {
            SourceState::Retrying { problem, .. } | SourceState::Stopped { problem } => problem,
            _ => unreachable!("only trouble was waited for"),
        }
    }

    /// Signed in again and the roster told.
    pub(crate) async fn until_roster(&mut self) {
        self.until(|kind| matches!(kind, ChatEventKind::Roster(_)).then_some(())).await;
    }

    /// Waits until `desk` is as wanted.
    pub(crate) async fn until_desk(&mut self, what: &str, wanted: impl Fn(&Desk) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !wanted(&self.desk) {
            assert!(Instant::now() < end, "{what}: the desk has {:?}", self.desk.open);
            if let Ok(Some(update)) = timeout(Duration::from_millis(100), self.updates.recv()).await {
                self.desk.take(&update);
            }
        }
    }

    /// Takes what comes until nothing has come for a while.
    pub(crate) async fn settle(&mut self) {
        while let Ok(Some(update)) = timeout(Duration::from_millis(400), self.updates.recv()).await {
            self.desk.take(&update);
        }
    }

    /// Waits until the simulator is as wanted.
    pub(crate) async fn until_sim(&self, what: &str, wanted: impl Fn(&Simulator) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !wanted(&self.sim) {
            assert!(Instant::now() < end, "{what}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Ends the source, which it does promptly.
    pub(crate) async fn stop(self) {
        self.cx.cancel.cancel();
        timeout(Duration::from_secs(10), self.task).await.expect("cancelling ends it promptly").unwrap();
    }
}

/// The published id of the connection under test.
pub(crate) fn connection() -> ConnectionId {
    ConnectionId::from("support")
}

/// The account under test, at `api`.
pub(crate) fn account(api: Url) -> LivechatConfig {
    LivechatConfig {
        account_id: ACCOUNT.to_owned(),
        organization_id: ORGANIZATION.to_owned(),
        api,
        ..LivechatConfig::at_livechat()
    }
}

/// Puts a token into the keyring.
pub(crate) async fn keep_token(secrets: &Memory, token: &str) {
    let hosts = ["127.0.0.1".to_owned()];
    bound::set(secrets, &SecretName::of(&connection(), SLOT), Secret::new(token), &hosts).await.unwrap();
}

/// What a source gets: clients that trust the simulator, and `secrets`.
pub(crate) fn context(sim: &Simulator, secrets: Arc<Memory>) -> SourceContext {
    let authorities = vec![sim.authority().to_owned()];
    context_with(&HttpSettings { proxy: Proxy::Direct, authorities, ..HttpSettings::default() }, secrets)
}

/// The same on another network.
pub(crate) fn context_with(settings: &HttpSettings, secrets: Arc<Memory>) -> SourceContext {
    SourceContext {
        http: client(settings).unwrap(),
        http1: client_http1(settings).unwrap(),
        clock: Arc::new(SystemClock),
        secrets,
        cancel: CancellationToken::new(),
        bookmark: Arc::new(()),
        session: String::new(),
        wake: Arc::default(),
    }
}

/// What an earlier run told.
#[derive(Debug)]
struct Told(Timestamp);

#[async_trait::async_trait]
impl Bookmark for Told {
    async fn told_until(&self) -> Option<Timestamp> {
        Some(self.0)
    }
}

/// What an observer of the events knows.
#[derive(Default)]
pub(crate) struct Desk {
    /// Open chats and their threads.
    pub(crate) open: BTreeMap<String, String>,
    /// How often each thread was started.
    pub(crate) started: BTreeMap<String, u32>,
    /// Whether the last start of each chat was a hand-over.
    pub(crate) transferred: BTreeMap<String, bool>,
    /// Whether each thread went on from one that had not ended.
    pub(crate) continues: BTreeMap<String, bool>,
    /// What is known in each chat.
    pub(crate) fields: BTreeMap<String, ChatFields>,
    /// The agents of each chat.
    pub(crate) agents: BTreeMap<String, Vec<String>>,
    /// Threads that ended.
    pub(crate) ended: Vec<String>,
    /// Chats that left.
    pub(crate) left: Vec<String>,
    /// Chats that the agent opened, in order.
    pub(crate) focused: Vec<String>,
    /// Sittings that ended while nobody listened.
    pub(crate) missed: Vec<MissedSitting>,
    /// Up to when everything was told.
    pub(crate) told_until: Option<Timestamp>,
    /// Those that the companion page told of, in order.
    pub(crate) console: Vec<String>,
    /// People whom the agent opened outside the chats, in order.
    pub(crate) profiles: Vec<Profile>,
    /// What was told last of companion pages.
    pub(crate) companion: Companion,
    /// How many rosters came.
    pub(crate) rosters: u32,
    /// Everything, in order.
    pub(crate) events: Vec<ChatEvent>,
    /// How often the connection was good.
    pub(crate) online: u32,
    visitors: BTreeMap<String, String>,
    /// What was written in each thread, and the turns that were taken in it, as they were told.
    history: BTreeMap<String, (Vec<Written>, Vec<Turn>)>,
}

impl Desk {
    /// A field of a chat.
    pub(crate) fn value(&self, chat: &str, key: &str) -> Option<&str> {
        self.fields.get(chat)?.value(&ChatFieldKey::from(key))
    }

    /// The agents who wrote in a thread themselves, one for each time.
    pub(crate) fn wrote(&self, thread: &str) -> Vec<String> {
        let written = self.history.get(thread).into_iter().flat_map(|(written, _)| written);
        written.filter_map(Written::turn).map(|turn| turn.agent.to_string()).collect()
    }

    /// Whose desk acts at `trigger` of a thread, by what was told.
    pub(crate) fn owner(&self, thread: &str, trigger: Trigger) -> Option<String> {
        let (written, turns) = self.history.get(thread)?;
        let turns: Vec<_> = turns.iter().cloned().chain(written.iter().filter_map(Written::turn)).collect();
        owner(trigger, &turns).map(ToString::to_string)
    }

    /// What visitor and agents wrote in a thread, each once.
    pub(crate) fn said(&self, thread: &str) -> Vec<String> {
        let written = self.history.get(thread).into_iter().flat_map(|(written, _)| written);
        let said = written.filter(|one| one.message.by != Speaker::System);
        let by_event: BTreeMap<_, _> = said.map(|one| ((one.message.at, &one.event), &one.message)).collect();
        by_event.into_values().map(|message| message.text.clone()).collect()
    }

    fn tell_history(&mut self, chat: &ChatSnapshot) {
        let (written, turns) = self.history.entry(chat.thread.to_string()).or_default();
        written.extend(chat.written.clone());
        turns.extend(chat.assigned.clone());
    }

    fn take(&mut self, update: &SourceUpdate) {
        match update {
            SourceUpdate::State(SourceState::Online { .. }) => self.online += 1,
            SourceUpdate::State(_) => {}
            SourceUpdate::ToldUntil(at) => self.told_until = Some(*at),
            SourceUpdate::Companion(news) => self.companion = *news,
            SourceUpdate::Event(event) => {
                self.events.push(event.clone());
                self.apply(&event.kind);
            }
        }
    }

    fn apply(&mut self, kind: &ChatEventKind) {
        match kind {
            ChatEventKind::Roster(chats) => {
                self.rosters += 1;
                self.open.clear();
                chats.iter().for_each(|chat| self.open_chat(chat));
            }
            ChatEventKind::Started(chat) => {
                *self.started.entry(chat.thread.to_string()).or_default() += 1;
                self.transferred.insert(chat.chat.chat.clone(), chat.transferred);
                self.open_chat(chat);
            }
            ChatEventKind::VisitorUpdated { visitor, fields } => {
                for (chat, _) in self.visitors.iter().filter(|(_, one)| *one == visitor.as_str()) {
                    self.fields.entry(chat.clone()).or_default().extend(fields.clone());
                }
            }
            ChatEventKind::FormFilled { chat, fields, .. } => {
                self.fields.entry(chat.chat.clone()).or_default().extend(fields.clone());
            }
            ChatEventKind::AgentsChanged { chat, thread, agents, assigned } => {
                let ids = agents.iter().map(|agent| agent.id.to_string()).collect();
                self.agents.insert(chat.chat.clone(), ids);
                self.history.entry(thread.to_string()).or_default().1.extend(assigned.clone());
            }
            ChatEventKind::HandedOver { chat } => {
                self.open.remove(&chat.chat);
                self.left.push(chat.chat.clone());
            }
            ChatEventKind::Ended { chat, thread } => {
                self.open.remove(&chat.chat);
                self.ended.push(thread.to_string());
            }
            ChatEventKind::Missed(sitting) => {
                self.tell_history(&sitting.chat);
                self.missed.push(sitting.clone());
            }
            ChatEventKind::Focused { chat, by: FocusOrigin::Console } => self.console.push(chat.chat.clone()),
            ChatEventKind::Focused { chat, by } => {
                assert_eq!(*by, FocusOrigin::Live);
                self.focused.push(chat.chat.clone());
            }
            ChatEventKind::ProfileOpened(profile) => self.profiles.push(profile.clone()),
            ChatEventKind::Message { thread, written, .. } => {
                self.history.entry(thread.to_string()).or_default().0.push(written.clone());
            }
            ChatEventKind::OfflineMessage(_) | ChatEventKind::TicketCreated(_) => {
                panic!("LiveChat tells of no messages and tickets outside its chats")
            }
        }
    }

    fn open_chat(&mut self, chat: &ChatSnapshot) {
        self.tell_history(chat);
        self.continues.insert(chat.thread.to_string(), chat.continues);
        let id = chat.chat.chat.clone();
        assert_eq!(chat.chat.connection, connection(), "chats are named after their connection");
        self.open.insert(id.clone(), chat.thread.to_string());
        self.visitors.insert(id.clone(), chat.visitor.id.to_string());
        self.agents.insert(id.clone(), chat.agents.iter().map(|agent| agent.id.to_string()).collect());
        self.fields.insert(id, chat.visitor.fields.clone());
    }
}
