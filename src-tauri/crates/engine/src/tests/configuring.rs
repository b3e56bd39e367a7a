//! Configuration, from the file to running connections and back.

use std::{collections::BTreeMap, fs, sync::Arc, time::Duration};

use connectors::http::{HttpSettings, Proxy};
use domain::{
    ChannelName, ConnectionId,
    clock::SystemClock,
    config::{self, Edits, NoMatch},
    strategies::{Acts, By, CreateAt, FurtherRecord, Make, OfflineNoMatch, Only, Strategies, Wins},
};
use ipc::{
    ErrorCode,
    panel::{PlatformRequest, Setup},
    settings::{ConnectionRequest, SaveChannelRequest, StepResult},
};
use secrets::{Memory, Secret, SecretName, SecretStore, bound};
use tempfile::TempDir;

use super::desk::Window;
use crate::{Deps, Engine, Home};

/// A configuration whose server does not exist: port 9 of this machine discards, and nothing listens.
const CONFIGURED: &str = r#"
version = 1

[crm.main]
name = "Our CRM"
product = { tryton = { address = "http://127.0.0.1:9/", database = "crm", login = "desk" } }

[[live_chat.lookups]]
connection = "main"
"#;

struct Place {
    folder: TempDir,
    secrets: Arc<Memory>,
    window: Arc<Window>,
    engine: Engine,
}

impl Place {
    fn new(config: Option<&str>, policy: Option<&str>) -> Self {
        Self::behind(Proxy::Direct, config, policy)
    }

    fn behind(proxy: Proxy, config: Option<&str>, policy: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        if let Some(text) = config {
            fs::write(folder.path().join("sidecard.toml"), text).unwrap();
        }
        let managed = policy.map(|text| {
            let path = folder.path().join("managed.toml");
            fs::write(&path, text).unwrap();
            path
        });
        let secrets = Arc::new(Memory::default());
        let settings = HttpSettings { proxy, ..HttpSettings::default() };
        let http = connectors::http::client(&settings).unwrap();
        let window = Arc::new(Window::default());
        let engine = Engine::new(Deps {
            host: window.clone(),
            clock: Arc::new(SystemClock),
            secrets: secrets.clone(),
            home: Home::new(folder.path(), managed),
            http: http.clone(),
            http1: http,
            place: None,
            session: String::new(),
            proxy: settings.proxy,
        });
        Self { folder, secrets, window, engine }
    }

    fn file(&self) -> Option<String> {
        fs::read_to_string(self.folder.path().join("sidecard.toml")).ok()
    }
}

fn tryton(address: &str) -> ConnectionRequest {
    let values = [("address", address), ("database", "crm"), ("login", "desk")];
    ConnectionRequest {
        id: None,
        name: "Our CRM".into(),
        product: "tryton".into(),
        values: values.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        secrets: BTreeMap::from([("password".to_owned(), "s3cret-word".to_owned())]),
    }
}

// SEC-01
#[tokio::test]
async fn sec_01_a_connection_that_fails_its_test_leaves_no_file_and_no_secret() {
    let place = Place::new(None, None);
    place.engine.start().await;
    assert_eq!(place.engine.panel_view().setup, Setup::FirstRun);
    let test = place.engine.test_connection(tryton("http://127.0.0.1:9/")).await.unwrap();
    let failed: Vec<_> =
        test.steps.iter().filter(|step| matches!(step.result, StepResult::Failed { .. })).collect();
    assert_eq!(failed.iter().map(|step| step.name.as_str()).collect::<Vec<_>>(), ["address"]);
    let refused = place.engine.save_connection(tryton("http://127.0.0.1:9/")).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Unavailable);
    let kept = place.secrets.get(&SecretName::of(&"tryton".into(), "password")).await.unwrap();
    assert_eq!((place.file(), kept), (None, None));
}

/// A proxy that answers every request for a tunnel with `answer`.
async fn proxy(answer: &'static str) -> Proxy {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.readable().await.unwrap();
            stream.try_read(&mut [0; 4096]).unwrap();
            stream.try_write(answer.as_bytes()).unwrap();
        }
    });
    Proxy::parse(&address).unwrap()
}

// ADM-06
#[tokio::test]
async fn adm_06_the_test_of_a_connection_says_what_is_wrong_with_the_proxy() {
    let windows = "HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\n\r\n";
    let basic = "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"office\"\r\n\r\n";
    let fine = "HTTP/1.1 502 Down\r\n\r\n";
    for (answer, code, detail) in [
        (windows, ErrorCode::ProxyUnsupported, "NTLM"),
        (basic, ErrorCode::ProxySignIn, "user and password"),
        (fine, ErrorCode::Unavailable, ""),
    ] {
        let place = Place::behind(proxy(answer).await, None, None);
        let reply = place.engine.test_connection(tryton("https://crm.example.test/")).await.unwrap();
        let failed = reply.steps.iter().find_map(|step| match &step.result {
            StepResult::Failed { error } => Some((step.name.as_str(), &**error)),
            _ => None,
        });
        let (step, error) = failed.unwrap();
        assert_eq!((step, error.code), ("address", code));
        assert!(error.detail.contains(detail), "{}", error.detail);
    }
}

// SEC-01, REL-05
#[tokio::test]
async fn rel_05_bad_input_of_the_form_is_named_and_nothing_is_tried() {
    let place = Place::new(None, None);
    place.engine.start().await;
    let refused = place.engine.test_connection(tryton("http://crm.shop.example/")).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::BadRequest);
    assert!(refused.detail.contains("address"), "{}", refused.detail);
    assert!(!refused.detail.contains("s3cret"));
}

// REL-05
#[tokio::test]
async fn rel_05_a_broken_file_is_said_with_its_place_and_left_as_it_is() {
    let broken = CONFIGURED.replace("database = \"crm\"", "databaze = \"crm\"");
    let place = Place::new(Some(&broken), None);
    place.engine.start().await;
    let view = place.engine.settings_view().await;
    assert_eq!(view.problems[0].line, 6);
    assert!(view.connections.is_empty());
    let refused = place.engine.remove_connection("main".into()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::BadRequest);
    assert_eq!(place.file().as_deref(), Some(broken.as_str()));
}

#[tokio::test]
async fn sec_01_no_answer_of_the_settings_holds_a_secret() {
    let place = Place::new(Some(CONFIGURED), None);
    let name = SecretName::of(&"main".into(), "password");
    bound::set(&*place.secrets, &name, Secret::new("s3cret-word"), &["127.0.0.1".into()]).await.unwrap();
    place.engine.start().await;
    let view = place.engine.settings_view().await;
    assert_eq!(view.connections[0].secrets, ["password"], "that there is one is said");
    assert!(!format!("{view:?}").contains("s3cret"));
    place.engine.remove_connection("main".into()).await.unwrap();
    assert_eq!(place.secrets.get(&name).await.unwrap(), None, "it goes with its connection");
    assert!(!place.file().unwrap().contains("crm.main"));
}

// SEC-13, SEC-01
#[tokio::test]
async fn sec_13_the_pairing_text_goes_to_the_clipboard_alone_and_ends_with_its_connection() {
    let chat = r#"
[chat.support]
name = "Support"
[chat.support.product.livechat]
account_id = "a"
organization_id = "o"
api = "http://127.0.0.1:9/"
companion_loopback = true
companion_page = "https://widget.example/"
"#;
    let place = Place::new(Some(&format!("{CONFIGURED}{chat}")), None);
    place.engine.start().await;
    let request = PlatformRequest { connection: "support".into() };
    let copied = async {
        while place.engine.copy_pairing(&request).is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), copied).await.expect("the port is open");
    let text = place.window.copied.lock().unwrap()[0].expose().to_owned();
    let secret = text.rsplit(':').next().unwrap();
    assert!(text.starts_with("sidecard:") && secret.len() == 64, "{text}");
    let name = SecretName::of(&"support".into(), "pairing");
    assert!(
        place.secrets.get(&name).await.unwrap().unwrap().expose().contains(secret),
        "kept in the keyring"
    );
    let shown = format!("{:?} {:?}", place.engine.settings_view().await, place.engine.panel_view());
    assert!(!shown.contains(secret));

    place.engine.remove_connection("support".into()).await.unwrap();
    assert_eq!(place.secrets.get(&name).await.unwrap(), None);
    assert_eq!(place.engine.copy_pairing(&request).unwrap_err().code, ErrorCode::Stale);
}

// MAP-06, STR-11
#[tokio::test]
async fn map_06_changing_one_channel_leaves_the_other_untouched() {
    let place = Place::new(Some(CONFIGURED), None);
    place.engine.start().await;
    let before = place.engine.channel_view(ChannelName::Ticketing).await.unwrap().settings;
    let mut settings = place.engine.channel_view(ChannelName::LiveChat).await.unwrap().settings;
    settings.no_match = NoMatch::Neither;
    settings.region = Some("PT".into());
    let request = SaveChannelRequest { channel: ChannelName::LiveChat, settings: settings.clone() };
    place.engine.save_channel(request).await.unwrap();
    assert_eq!(place.engine.channel_view(ChannelName::LiveChat).await.unwrap().settings, settings);
    assert_eq!(place.engine.channel_view(ChannelName::Ticketing).await.unwrap().settings, before);
}

/// Strategies of one's own, with something in every corner.
fn strategies() -> Strategies {
    let mut strategies = config::defaults::strategies("jivochat", "tryton");
    strategies.create_at = CreateAt::ChatStart;
    strategies.chat_end.acts = Acts::AfterTheAgentsWord(15);
    strategies.offline_no_match = OfflineNoMatch::CreateAutomatically;
    strategies.identified_later = true;
    strategies.wins = [("email".into(), Wins::Both("other".into())), ("name".into(), Wins::Crm)].into();
    let details = vec!["{start}".into(), String::new(), "customer".into()];
    let event = Make::Event { kind: "MEETING".into(), description: "{name}".into(), details };
    for (name, make, by) in [("Event", event, By::Itself), ("Tag", Make::Tag("VIP".into()), By::Agent)] {
        let only = Only::WithContact;
        strategies.chat_start.records.push(FurtherRecord { name: name.into(), make, only, by });
    }
    strategies
}

// STR-01, STR-09, STR-13, STR-18
#[tokio::test]
async fn str_01_what_happens_by_itself_is_saved_for_a_channel_and_a_crm_and_read_back() {
    let place = Place::new(Some(CONFIGURED), None);
    place.engine.start().await;
    let view = place.engine.channel_view(ChannelName::LiveChat).await.unwrap();
    let mut settings = view.settings;
    assert_eq!((settings.trial, &settings.crms[0].strategies), (false, &None), "it follows the defaults");
    assert_eq!(view.crms[0].default_strategies, config::defaults::strategies("livechat", "tryton"));
    assert_eq!(view.crms[0].acts, ["lead", "note", "mail"], "Tryton takes neither tags nor events");
    settings.trial = true;
    settings.no_match = NoMatch::CreateAutomatically;
    settings.crms[0].edits = Edits::AtChatEnd;
    settings.crms[0].strategies = Some(strategies());
    let request = SaveChannelRequest { channel: ChannelName::LiveChat, settings: settings.clone() };
    place.engine.save_channel(request).await.unwrap();
    assert_eq!(place.engine.channel_view(ChannelName::LiveChat).await.unwrap().settings, settings);
    let tickets = place.engine.channel_view(ChannelName::Ticketing).await.unwrap().settings;
    assert!(!tickets.trial && tickets.no_match == NoMatch::AgentsMayCreate);

    settings.crms[0].strategies = None;
    let request = SaveChannelRequest { channel: ChannelName::LiveChat, settings: settings.clone() };
    place.engine.save_channel(request).await.unwrap();
    assert_eq!(place.engine.channel_view(ChannelName::LiveChat).await.unwrap().settings, settings);
}

// REL-05
#[tokio::test]
async fn rel_05_strategies_that_could_not_work_are_refused_with_their_place() {
    let place = Place::new(Some(CONFIGURED), None);
    place.engine.start().await;
    let mut settings = place.engine.channel_view(ChannelName::LiveChat).await.unwrap().settings;
    let mut wrong = strategies();
    wrong.chat_end.acts = Acts::AfterTheAgentsWord(0);
    settings.crms[0].strategies = Some(wrong);
    let request = SaveChannelRequest { channel: ChannelName::LiveChat, settings };
    let refused = place.engine.save_channel(request).await.unwrap_err();
    let wanted = "live_chat.lookups[0].strategies.chat_end.acts: the agent needs at least one minute";
    assert_eq!((refused.code, refused.detail.as_str()), (ErrorCode::BadRequest, wanted));
    assert_eq!(place.file().as_deref(), Some(CONFIGURED));
}

// REL-05
#[tokio::test]
async fn rel_05_a_channel_that_is_not_valid_is_not_saved() {
    let place = Place::new(Some(CONFIGURED), None);
    place.engine.start().await;
    let mut settings = place.engine.channel_view(ChannelName::LiveChat).await.unwrap().settings;
    settings.region = Some("Portugal".into());
    let request = SaveChannelRequest { channel: ChannelName::LiveChat, settings };
    let refused = place.engine.save_channel(request).await.unwrap_err();
    assert!(refused.detail.contains("live_chat.region"), "{}", refused.detail);
    assert_eq!(place.file().as_deref(), Some(CONFIGURED));
}

#[tokio::test]
async fn what_the_policy_decides_is_not_changed_here() {
    let place = Place::new(Some(CONFIGURED), Some("version = 1\n[live_chat]\nno_match = \"neither\"\n"));
    place.engine.start().await;
    let view = place.engine.channel_view(ChannelName::LiveChat).await.unwrap();
    assert!(view.policy.is_some_and(|file| file.ends_with("managed.toml")), "the form says so beforehand");
    assert_eq!(place.engine.channel_view(ChannelName::Ticketing).await.unwrap().policy, None);
    let settings = view.settings;
    assert_eq!(settings.no_match, NoMatch::Neither);
    let request = SaveChannelRequest { channel: ChannelName::LiveChat, settings };
    let refused = place.engine.save_channel(request).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotAllowed);
    assert!(refused.detail.ends_with("managed.toml"), "it names the policy: {}", refused.detail);
}

// SEC-07
#[tokio::test]
async fn sec_07_a_locked_keyring_is_the_first_step_that_fails() {
    let place = Place::new(None, None);
    place.engine.start().await;
    place.secrets.set_problem(Some(secrets::KeyringProblem::Locked));
    let test = place.engine.test_connection(tryton("http://127.0.0.1:9/")).await.unwrap();
    let StepResult::Failed { error } = &test.steps[0].result else { panic!("{:?}", test.steps) };
    assert_eq!((test.steps[0].name.as_str(), error.code), ("keyring", ErrorCode::KeyringLocked));
    assert!(test.steps[1..].iter().all(|step| step.result == StepResult::NotTried));
}

#[tokio::test]
async fn sample_data_needs_no_keyring_and_leaves_only_a_mark() {
    let place = Place::new(None, None);
    place.secrets.set_problem(Some(secrets::KeyringProblem::Missing));
    place.engine.start().await;
    place.engine.use_sample_data().await.unwrap();
    let arrived = async {
        while place.engine.panel_view().active.is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), arrived).await.expect("a sample chat arrives");
    assert_eq!(place.engine.panel_view().setup, Setup::Sample);
    let files: Vec<_> =
        fs::read_dir(place.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["sample"]);
}

// IDN-13
#[tokio::test]
async fn idn_13_a_new_connection_starts_from_the_pairs_rules_and_mapping() {
    let place = Place::new(Some(CONFIGURED), None);
    place.engine.start().await;
    let view = place.engine.channel_view(ChannelName::LiveChat).await.unwrap();
    assert_eq!(view.settings.crms[0].rules, None, "it follows the defaults until it is customised");
    assert_eq!(view.crms[0].default_rules, config::defaults::rules("livechat", "tryton"));
    assert!(!view.crms[0].default_mapping.is_empty());
    assert_eq!(view.crms[0].connection, ConnectionId::from("main"));
    assert!(
        view.crms[0].error.is_some(),
        "fields cannot be read from a server that is not there, and it is said"
    );
}
