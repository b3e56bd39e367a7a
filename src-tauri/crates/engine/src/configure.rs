//! From the configuration to running connections, and what their platforms tell.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use connectors::{Connector, layers, registry};
use domain::{
    ChannelName, ConnectionId,
    config::{self, Channel, Diagnostic, Document, Loaded},
    rules,
};
use ipc::panel::Setup;
use sources::{Source, SourceState, SourceUpdate, source::SourceContext};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    crm::Crm,
    engine::{Engine, Inner},
    experiment::Pace,
    follow::{Follow, Followed, Todo},
    missed::Place,
    state::Platform,
};

/// How many updates of a platform may wait before its connection is slowed down.
const BACKLOG: usize = 256;

const MS_PER_HOUR: i64 = 60 * 60 * 1000;

/// The connections of one configuration.
#[derive(Debug, Default)]
pub(crate) struct Connected {
    /// The configuration, and what the policy decides in it.
    pub(crate) loaded: Loaded,
    /// What is wrong with the configuration file: nothing is connected then.
    pub(crate) problems: Vec<Diagnostic>,
    /// For each channel that is enabled the CRMs that it looks in, in its order.
    pub(crate) crms: BTreeMap<ChannelName, Vec<Arc<Crm>>>,
    pub(crate) follow: Followed,
    /// The chat platforms that are followed.
    pub(crate) sources: BTreeMap<ConnectionId, Arc<dyn Source>>,
    pub(crate) cancel: CancellationToken,
}

impl Connected {
    /// The CRMs that `channel` looks in.
    pub(crate) fn crms(&self, channel: ChannelName) -> &[Arc<Crm>] {
        self.crms.get(&channel).map_or(&[], Vec::as_slice)
    }

    /// Each CRM once, as the first channel uses it that looks in it: for what is the same in all channels.
    pub(crate) fn each_crm(&self) -> impl Iterator<Item = &Arc<Crm>> {
        let mut seen = BTreeSet::new();
        self.crms.values().flatten().filter(move |crm| seen.insert(&crm.id))
    }
}

impl Engine {
    /// Reads the configuration and connects.
    pub async fn start(&self) {
        self.0.configure().await;
    }

    /// Uses the embedded sample data from now on, until connections are configured.
    pub async fn use_sample_data(&self) -> Result<(), ipc::ErrorView> {
        self.0.home.set_sample(true).map_err(|error| crate::settings::io_error(&error))?;
        self.0.configure().await;
        Ok(())
    }
}

impl Inner {
    /// Reads the configuration and puts its connections in place of the present ones.
    pub(crate) async fn configure(self: &Arc<Self>) {
        let loaded = match self.home.read_config() {
            Ok((local, managed)) => config::load(as_layer(local.as_ref()), as_layer(managed.as_ref())),
            Err(error) => Err(vec![unreadable(&self.home.config(), &error)]),
        };
        let (mut loaded, problems) = match loaded {
            Ok(loaded) => (loaded, Vec::new()),
            Err(problems) => (Loaded::default(), problems),
        };
        let document = &loaded.document;
        let configured = !problems.is_empty() || !document.crm.is_empty() || !document.chat.is_empty();
        let setup = match (configured, self.home.sample_mark().exists()) {
            (true, _) => Setup::Configured,
            (false, true) => Setup::Sample,
            (false, false) => Setup::FirstRun,
        };
        if setup == Setup::Sample {
            loaded.document = config::defaults::sample();
            self.memory.use_sample().await;
        } else {
            self.memory.use_file().await;
        }
        self.connect(loaded, problems, setup);
        self.host.settings_changed();
    }

    fn connect(self: &Arc<Self>, loaded: Loaded, problems: Vec<Diagnostic>, setup: Setup) {
        let document = &loaded.document;
        let crms = crms(document, self.experiment.pace);
        let follow = crms.iter().map(|(name, crms)| (*name, follow(document.channel(*name), crms))).collect();
        let channels = crms.keys().copied().collect();
        let cancel = CancellationToken::new();
        let sources = sources(document);
        let connected =
            Connected { loaded, problems, crms, follow, sources: sources.clone(), cancel: cancel.clone() };
        self.replace_connected(Arc::new(connected)).cancel.cancel();
        let now = self.now();
        let platforms = sources.iter().map(|(connection, source)| Platform {
            connection: connection.clone(),
            product: source.info().product,
            by_browser: source.oauth().is_some(),
            state: SourceState::Connecting,
            since: now,
            companion: None,
        });
        let platforms = platforms.collect();
        self.change(|state| {
            self.memory.sign_out();
            state.restart(setup, platforms, channels);
        });
        // From here on: they look at how the program is set up, once, and then not for an hour.
        self.keep_store(cancel.clone());
        self.keep_lineage(cancel.clone());
        self.mind_recent(cancel.clone());
        self.drain(self.connected(), cancel.clone());
        for (connection, source) in sources {
            self.follow_source(connection, source, cancel.clone());
        }
    }

    /// Runs a source and takes in what it tells.
    fn follow_source(
        self: &Arc<Self>,
        connection: ConnectionId,
        source: Arc<dyn Source>,
        cancel: CancellationToken,
    ) {
        let (sender, mut updates) = mpsc::channel(BACKLOG);
        let context = SourceContext {
            http: self.outside.http.clone(),
            http1: self.http1.clone(),
            clock: self.outside.clock.clone(),
            secrets: self.outside.secrets.clone(),
            cancel: cancel.clone(),
            session: self.session.clone(),
            bookmark: Arc::new(Place { engine: self.clone(), connection: connection.clone() }),
            wake: self.wake.clone(),
        };
        tokio::spawn(async move { source.run(context, sender).await });
        let engine = self.clone();
        tokio::spawn(async move {
            while let Some(update) = updates.recv().await {
                // Told before the connections were replaced: it speaks of a configuration that is gone.
                if cancel.is_cancelled() {
                    break;
                }
                engine.hear(&connection, update).await;
            }
        });
    }

    /// A platform stands otherwise than before. The panel belongs to who is signed in there: another agent's chats leave it
    /// at once, and his own of before come back.
    fn platform_is(self: &Arc<Self>, connection: &ConnectionId, told: SourceState, now: i64) {
        let is_new = self.change(|state| {
            let mut is_new = false;
            if let SourceState::Online { agent } = &told {
                let before = self.memory.sign_in(connection, agent);
                is_new = before.as_ref() != Some(agent);
                if before.is_some() && is_new {
                    state.forget_chats(connection);
                }
            }
            let mut platforms = state.platforms.iter_mut();
            if let Some(platform) = platforms.find(|platform| &platform.connection == connection) {
                platform.state = told;
                platform.since = now;
            }
            is_new
        });
        if is_new {
            let (engine, connection) = (self.clone(), connection.clone());
            // Beside the news of the platform: the store may wait for a keyring that is locked.
            tokio::spawn(async move { engine.welcome(&connection).await });
        }
    }

    /// Takes in what `connection` tells; says what is to be done.
    pub(crate) fn told(self: &Arc<Self>, connection: &ConnectionId, update: SourceUpdate) -> Vec<Todo> {
        let now = self.now();
        match update {
            SourceUpdate::State(told) => self.platform_is(connection, told, now),
            SourceUpdate::Companion(told) => {
                self.change(|state| state.companion(connection, told, now));
                // The settings say how it stands with the companion's port.
                self.host.settings_changed();
            }
            SourceUpdate::Event(event) => {
                let connected = self.connected();
                return self.change(|state| {
                    let old = state.forget_old(&connected.follow, now);
                    old.into_iter().chain(state.take(connection, event, &connected.follow, now)).collect()
                });
            }
            // A place in the news is nothing that is shown.
            SourceUpdate::ToldUntil(_) => {}
        }
        Vec::new()
    }
}

/// A configuration file that is there and cannot be read.
fn unreadable(file: &std::path::Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic {
        file: file.display().to_string(),
        line: 0,
        column: 0,
        path: String::new(),
        message: format!("the file cannot be read: {error}"),
    }
}

fn as_layer(layer: Option<&crate::home::Layer>) -> Option<(&str, &str)> {
    layer.map(|(file, text)| (file.as_str(), text.as_str()))
}

/// The kind of the first chat platform, which decides the default rules and mapping.
pub(crate) fn chat_kind(document: &Document) -> &'static str {
    document.chat.values().next().map_or("livechat", |chat| chat.product.kind())
}

/// For each channel that is enabled the CRMs that it looks in. The channels share the connections: one CRM has one rate
/// budget and one session, however many channels look in it.
fn crms(document: &Document, pace: Pace) -> BTreeMap<ChannelName, Vec<Arc<Crm>>> {
    let connections: BTreeMap<_, _> = document
        .crm
        .iter()
        .map(|(id, config)| {
            let id = ConnectionId::new(id.as_str());
            let connector = registry::connect(&id, config);
            let rate = pace.rate(connector.rate());
            (id, layers::layered_at(connector, rate))
        })
        .collect();
    let enabled = ChannelName::ALL.into_iter().filter(|name| document.channel(*name).enabled);
    enabled.map(|name| (name, crms_of(document, document.channel(name), &connections))).collect()
}

/// The CRMs that `channel` looks in, in its order.
fn crms_of(
    document: &Document,
    channel: &Channel,
    connections: &BTreeMap<ConnectionId, Arc<dyn Connector>>,
) -> Vec<Arc<Crm>> {
    let chat = chat_kind(document);
    channel
        .lookups
        .iter()
        .filter_map(|lookup| {
            let config = document.crm.get(lookup.connection.as_str())?;
            let kind = config.product.kind();
            let crm = Crm::new(
                lookup.connection.clone(),
                config.name.clone(),
                connections.get(&lookup.connection)?.clone(),
                channel.rule_set(lookup, chat, kind),
                lookup.mapping(chat, kind),
                channel.no_match,
                channel.typed_values,
            );
            let crm = crm.with_strategies(lookup.strategies(chat, kind), channel.trial);
            Some(Arc::new(crm.with_edits(lookup.edits)))
        })
        .collect()
}

/// How chats of `channel` are followed.
fn follow(channel: &Channel, crms: &[Arc<Crm>]) -> Follow {
    let all_rules: Vec<_> = crms.iter().flat_map(|crm| crm.rules.rules.clone()).collect();
    Follow {
        crms: crms.iter().map(|crm| crm.id.clone()).collect(),
        identifying: rules::identifying_fields(&all_rules),
        recent_for: i64::from(channel.recent_hours) * MS_PER_HOUR,
        catch_up_for: i64::from(channel.catch_up_hours) * MS_PER_HOUR,
    }
}

/// The platforms tell of all channels; without any that is enabled nobody listens.
fn sources(document: &Document) -> BTreeMap<ConnectionId, Arc<dyn Source>> {
    let followed = ChannelName::ALL.into_iter().any(|name| document.channel(name).enabled);
    let chats = document.chat.iter().filter(|_| followed);
    chats
        .map(|(id, config)| {
            let id = ConnectionId::new(id.as_str());
            let source = sources::registry::connect(&id, config);
            (id, source)
        })
        .collect()
}
