//! Connections: put together from a form, tried, saved, removed.

use std::{collections::BTreeMap, sync::Arc};

use connectors::{Connector, Kind, connector::Priority, form::InputProblem, oauth};
use domain::{
    ChannelName, ConnectionId, ObjectKind,
    config::{self, ChannelCrm, ChatConnection, ChatProduct, CrmConnection, CrmProduct, Document},
};
use ipc::{
    ErrorCode, ErrorView,
    settings::{ConnectionRequest, Side, StepResult, TestReply, TestStep},
};
use secrets::{Memory, Secret, SecretName, SecretStore, bound};
use sources::{Source, source::SourceContext, source::SourceProblem};

use super::{LIMIT, overlay::Overlay, products};
use crate::{
    crm::Outside,
    engine::{Engine, Inner, stale},
    fault,
    look::uncancelled,
};

/// The steps of a test, in order.
const STEPS: [&str; 5] = ["keyring", "address", "product", "sign_in", "fields"];

/// A connection that was put together from a form: not saved yet.
struct Draft {
    id: ConnectionId,
    hosts: Vec<String>,
    what: What,
}

impl Draft {
    /// Where it stands in the configuration.
    fn section(&self) -> String {
        match self.what {
            What::Crm(..) => format!("crm.{}", self.id),
            What::Chat(..) => format!("chat.{}", self.id),
        }
    }

    /// The application as which people sign in in the browser, where they do that.
    fn oauth(&self) -> Option<&oauth::Client> {
        match &self.what {
            What::Crm(..) => None,
            What::Chat(_, source) => source.oauth(),
        }
    }
}

#[expect(clippy::large_enum_variant, reason = "it lives for one request")]
enum What {
    Crm(CrmProduct, Arc<dyn Connector>),
    Chat(ChatProduct, Arc<dyn Source>),
}

impl Engine {
    /// Tries a connection without saving anything.
    pub async fn test_connection(&self, request: ConnectionRequest) -> Result<TestReply, ErrorView> {
        let draft = self.0.draft(&request)?;
        Ok(self.0.test(&draft, &request).await)
    }

    /// Saves a connection that passes its test: settings to the configuration, secrets to the keyring.
    pub async fn save_connection(&self, request: ConnectionRequest) -> Result<(), ErrorView> {
        let draft = self.0.draft(&request)?;
        let test = self.0.test(&draft, &request).await;
        if let Some(error) = test.steps.into_iter().find_map(|step| match step.result {
            StepResult::Failed { error } => Some(*error),
            _ => None,
        }) {
            return Err(error);
        }
        let kept = self.0.keep_secrets(&draft, &request).await;
        kept.map_err(|problem| fault::plain(fault::keyring_code(problem), ""))?;
        self.0.unlocked(&draft.section())?;
        let mut document = self.0.local_document()?;
        put(&mut document, &draft, &request.name);
        self.0.save_document(&document).await
    }

    /// Lets a person sign in in the browser to a connection that is being set up.
    pub async fn sign_in(&self, request: ConnectionRequest) -> Result<(), ErrorView> {
        let draft = self.0.draft(&request)?;
        let client = draft.oauth().cloned().ok_or_else(|| fault::plain(ErrorCode::BadRequest, ""))?;
        let system = request.name.as_str();
        let secrets = self.0.secrets_for(&draft, &request).await;
        let secrets = secrets.map_err(|problem| fault::plain(fault::keyring_code(problem), system))?;
        let grant = self.0.let_sign_in(&client, secrets, system).await?;
        let kept = oauth::grant::keep(&*self.0.granted, &client, &grant).await;
        kept.map_err(|error| fault::view(&error, system, self.0.now()))
    }

    /// Removes a connection and its secrets.
    pub async fn remove_connection(&self, id: ConnectionId) -> Result<(), ErrorView> {
        self.0.unlocked(&format!("crm.{id}"))?;
        self.0.unlocked(&format!("chat.{id}"))?;
        let mut document = self.0.local_document()?;
        let crm = document.crm.remove(id.as_str()).is_some();
        let chat = document.chat.remove(id.as_str()).is_some();
        if !crm && !chat {
            return Err(stale());
        }
        for name in ChannelName::ALL {
            document.channel_mut(name).lookups.retain(|lookup| lookup.connection != id);
        }
        self.0.save_document(&document).await?;
        let products = products();
        let inputs = products.iter().flat_map(|product| &product.inputs).filter(|input| input.secret);
        for slot in inputs.map(|input| input.key.as_str()).chain([sources::livechat::PAIRING]) {
            let removed = self.0.outside.secrets.remove(&SecretName::of(&id, slot)).await;
            removed.map_err(|problem| fault::plain(fault::keyring_code(problem), ""))?;
        }
        Ok(())
    }
}

impl Inner {
    /// Puts a connection together from a form.
    fn draft(&self, request: &ConnectionRequest) -> Result<Draft, ErrorView> {
        let document = &self.connected().loaded.document;
        let id = request.id.clone().unwrap_or_else(|| free_id(document, &request.product));
        let side = products()
            .into_iter()
            .find(|product| product.kind == request.product)
            .map(|product| product.side);
        match side {
            Some(Side::Crm) => {
                let before = document.crm.get(id.as_str()).map(|connection| &connection.product);
                let product =
                    connectors::registry::product_from_inputs(&request.product, &request.values, before);
                let product = product.map_err(|problems| bad_inputs(&problems))?;
                let config = CrmConnection { name: request.name.clone(), product: product.clone() };
                let connector = connectors::registry::connect(&id, &config);
                let hosts = connector.info().hosts.clone();
                Ok(Draft { id, hosts, what: What::Crm(product, connector) })
            }
            Some(Side::Chat) => {
                let product = sources::registry::product_from_inputs(&request.product, &request.values);
                let product = product.map_err(|problems| bad_inputs(&problems))?;
                let config = ChatConnection { name: request.name.clone(), product: product.clone() };
                let source = sources::registry::connect(&id, &config);
                let hosts = source.info().hosts.clone();
                Ok(Draft { id, hosts, what: What::Chat(product, source) })
            }
            None => Err(fault::plain(ErrorCode::BadRequest, "")),
        }
    }

    async fn test(&self, draft: &Draft, request: &ConnectionRequest) -> TestReply {
        let system = request.name.as_str();
        let secrets = match self.secrets_for(draft, request).await {
            Ok(secrets) => secrets,
            Err(problem) => return failed_at("keyring", fault::plain(fault::keyring_code(problem), system)),
        };
        let mut reply = match &draft.what {
            What::Crm(_, connector) => self.test_crm(&**connector, secrets, system).await,
            What::Chat(_, source) => self.test_chat(&**source, secrets, system).await,
        };
        for step in &mut reply.steps {
            if let StepResult::Failed { error } = &mut step.result
                && let Some(proxys) = self.proxy_trouble(error, &draft.hosts).await
            {
                **error = proxys;
            }
        }
        reply
    }

    /// What the proxy says, when nothing was reached.
    async fn proxy_trouble(&self, error: &ErrorView, hosts: &[String]) -> Option<ErrorView> {
        if !matches!(error.code, ErrorCode::Unavailable | ErrorCode::TimedOut) {
            return None;
        }
        let host = hosts.iter().find(|host| !host.starts_with('*'))?;
        let target = url::Url::parse(&format!("https://{host}/")).ok()?;
        let trouble = self.proxy.trouble(&target).await?;
        Some(fault::of_proxy(&trouble, &error.system))
    }

    /// The secrets of the form, bound to the hosts on screen, over what signing in came to, over those of the keyring.
    async fn secrets_for(
        &self,
        draft: &Draft,
        request: &ConnectionRequest,
    ) -> Result<Arc<dyn SecretStore>, secrets::KeyringProblem> {
        self.outside.secrets.check().await?;
        let typed = Arc::new(Memory::default());
        for (slot, value) in filled(&request.secrets) {
            let name = SecretName::of(&draft.id, slot);
            bound::set(&*typed, &name, Secret::new(value), &draft.hosts).await?;
        }
        Ok(Arc::new(Overlay(vec![typed, self.granted.clone(), self.outside.secrets.clone()])))
    }

    /// Puts the secrets of the form, and what signing in came to, into the keyring.
    async fn keep_secrets(
        &self,
        draft: &Draft,
        request: &ConnectionRequest,
    ) -> Result<(), secrets::KeyringProblem> {
        let keyring = &*self.outside.secrets;
        for (slot, value) in filled(&request.secrets) {
            let name = SecretName::of(&draft.id, slot);
            bound::set(keyring, &name, Secret::new(value), &draft.hosts).await?;
        }
        let name = SecretName::of(&draft.id, oauth::GRANT);
        if let Some(granted) = self.granted.get(&name).await? {
            let _hold = keyring.hold(&name).await?;
            keyring.set(&name, granted).await?;
            self.granted.remove(&name).await?;
        }
        Ok(())
    }

    async fn test_crm(
        &self,
        connector: &dyn Connector,
        secrets: Arc<dyn SecretStore>,
        system: &str,
    ) -> TestReply {
        let cx =
            Outside { secrets, ..self.outside.clone() }.call(Priority::Interactive, LIMIT, uncancelled());
        let account = match connector.check(&cx).await {
            Ok(account) => account,
            Err(error) => return failed_at(step_of(&error.kind), fault::view(&error, system, self.now())),
        };
        match connector.describe(&cx, ObjectKind::Contact).await {
            Ok(_) => passed(account.user),
            Err(error) => failed_at("fields", fault::view(&error, system, self.now())),
        }
    }

    async fn test_chat(&self, source: &dyn Source, secrets: Arc<dyn SecretStore>, system: &str) -> TestReply {
        let cx = SourceContext {
            http: self.outside.http.clone(),
            http1: self.http1.clone(),
            clock: self.outside.clock.clone(),
            secrets,
            cancel: uncancelled(),
            bookmark: Arc::new(()),
            session: String::new(),
            wake: Arc::default(),
        };
        match tokio::time::timeout(LIMIT, source.check(&cx)).await {
            Ok(Ok(agent)) => passed(agent.to_string()),
            Ok(Err(problem)) => failed_at(step_of_source(&problem), fault::of_source(&problem, system)),
            Err(_) => failed_at("address", fault::plain(ErrorCode::TimedOut, system)),
        }
    }
}

fn bad_inputs(problems: &[(String, InputProblem)]) -> ErrorView {
    let inputs = problems.iter().map(|(input, problem)| format!("{input}: {problem:?}")).collect::<Vec<_>>();
    ErrorView { detail: inputs.join("\n"), ..fault::plain(ErrorCode::BadRequest, "") }
}

/// What was typed; what signing in comes to is nothing to type.
fn filled(secrets: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    let typed = secrets.iter().filter(|(slot, value)| !value.is_empty() && *slot != oauth::GRANT);
    typed.map(|(slot, value)| (slot.as_str(), value.as_str()))
}

/// The first of `tryton`, `tryton-2`, `tryton-3`… that no connection has.
fn free_id(document: &Document, product: &str) -> ConnectionId {
    let taken = |id: &str| document.crm.contains_key(id) || document.chat.contains_key(id);
    let numbered = (2..).map(|number| format!("{product}-{number}"));
    let id = std::iter::once(product.to_owned()).chain(numbered).find(|id| !taken(id));
    ConnectionId::new(id.unwrap_or_else(|| product.to_owned()))
}

fn put(document: &mut Document, draft: &Draft, name: &str) {
    let id = draft.id.as_str().to_owned();
    match &draft.what {
        What::Crm(product, _) => {
            document.crm.insert(id, CrmConnection { name: name.to_owned(), product: product.clone() });
            for name in ChannelName::ALL {
                let channel = document.channel_mut(name);
                if channel.lookups.iter().any(|lookup| lookup.connection == draft.id) {
                    continue;
                }
                // What people expect of this CRM; where others are in use already, the supervisor has decided.
                if channel.lookups.is_empty() {
                    channel.no_match = config::defaults::no_match(product.kind());
                }
                channel.lookups.push(ChannelCrm::new(draft.id.clone()));
            }
        }
        What::Chat(product, _) => {
            document.chat.insert(id, ChatConnection { name: name.to_owned(), product: product.clone() });
        }
    }
}

fn passed(user: String) -> TestReply {
    let steps = STEPS.iter().map(|name| TestStep { name: (*name).to_owned(), result: StepResult::Passed });
    TestReply { steps: steps.collect(), user: Some(user) }
}

/// All steps before `step` passed, and none after it was tried.
fn failed_at(step: &str, error: ErrorView) -> TestReply {
    let failed = STEPS.iter().position(|name| *name == step).unwrap_or(0);
    let steps = STEPS.iter().enumerate().map(|(place, name)| TestStep {
        name: (*name).to_owned(),
        result: match place.cmp(&failed) {
            std::cmp::Ordering::Less => StepResult::Passed,
            std::cmp::Ordering::Equal => StepResult::Failed { error: Box::new(error.clone()) },
            std::cmp::Ordering::Greater => StepResult::NotTried,
        },
    });
    TestReply { steps: steps.collect(), user: None }
}

fn step_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::Keyring(_) => "keyring",
        Kind::Unavailable { .. } | Kind::TimedOut { .. } => "address",
        Kind::Protocol | Kind::Config | Kind::NotFound | Kind::Unsupported => "product",
        _ => "sign_in",
    }
}

fn step_of_source(problem: &SourceProblem) -> &'static str {
    match problem {
        SourceProblem::Keyring(_) => "keyring",
        SourceProblem::Unreachable | SourceProblem::Lost | SourceProblem::Silent => "address",
        SourceProblem::NotThisProduct => "product",
        SourceProblem::Refused
        | SourceProblem::Ended(_)
        | SourceProblem::NoCredential
        | SourceProblem::Misconfigured => "sign_in",
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        config::{Channel, NoMatch, SalesmanagoConfig},
        strategies::{CreateAt, Trigger, Update, Wins},
    };
    use url::Url;

    use super::*;

    fn salesmanago() -> Draft {
        let address = Url::parse("http://127.0.0.1:9/").expect("a constant address is well-formed");
        let product = CrmProduct::Salesmanago(Box::new(SalesmanagoConfig::at(address, "client", "owner")));
        let id = ConnectionId::new("salesmanago");
        let config = CrmConnection { name: "SALESmanago".to_owned(), product: product.clone() };
        let connector = connectors::registry::connect(&id, &config);
        Draft { id, hosts: Vec::new(), what: What::Crm(product, connector) }
    }

    // SM-08
    #[test]
    fn sm_08_salesmanago_begins_with_contacts_created_and_brought_up_to_date_at_the_start() {
        let mut document = Document::default();
        put(&mut document, &salesmanago(), "SALESmanago");
        let channel = &document.live_chat;
        assert_eq!(channel.no_match, NoMatch::CreateAutomatically);
        let strategies = channel.lookups[0].strategies("livechat", "salesmanago");
        assert_eq!(strategies.create_at, CreateAt::ChatStart);
        assert_eq!(strategies.on(Trigger::ChatStart).update, Update::AllMapped);
        assert_eq!(strategies.wins(&"name".into()), &Wins::Newest);

        let neither = Channel { no_match: NoMatch::Neither, ..Channel::default() };
        let lookups = vec![ChannelCrm::new("other")];
        let mut document = Document { live_chat: Channel { lookups, ..neither }, ..Document::default() };
        put(&mut document, &salesmanago(), "SALESmanago");
        assert_eq!(document.live_chat.no_match, NoMatch::Neither, "what a supervisor decided stays");
    }
}
