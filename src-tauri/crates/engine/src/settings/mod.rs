//! The supervisor's use cases: connections are tested before they are saved, secrets go straight to the keyring, and a
//! channel is checked as a whole.
//!
//! `connection` tests, saves and removes connections, `pairing` hands out what a companion page has to know, `channel` edits
//! rules and mapping. What both need stands here: the
//! configuration as it is written, and what the policy locks in it.

mod channel;
mod connection;
mod overlay;
mod pairing;

use std::{collections::BTreeMap, io, sync::Arc, time::Duration};

use connectors::{
    Capabilities,
    capability::Concurrency,
    form::{self, Product},
};
use domain::{
    ConnectionId,
    config::{self, Document},
};
use ipc::{
    ErrorCode, ErrorView,
    settings::{
        ConfigProblem, ConnectionView, InputKind, InputView, OnlyView, ProductView, SettingsView, Side,
    },
};
use secrets::SecretName;

use crate::{
    engine::{Engine, Inner},
    fault,
};

/// A call on a supervisor's behalf ends after this.
const LIMIT: Duration = Duration::from_secs(15);

impl Engine {
    /// The settings at a glance.
    pub async fn settings_view(&self) -> SettingsView {
        let connected = self.0.connected();
        let keyring = self.0.outside.secrets.check().await.err().map(fault::keyring_code);
        let trouble = match keyring {
            Some(code) => Some(code),
            None => self.0.memory.trouble().await,
        };
        SettingsView {
            connections: self.0.connections().await,
            products: products(),
            keyring: trouble.map(|code| fault::plain(code, "")),
            store_copy: self.0.store_copy(),
            problems: connected
                .problems
                .iter()
                .map(|problem| ConfigProblem {
                    file: problem.file.clone(),
                    line: problem.line,
                    column: problem.column,
                    path: problem.path.clone(),
                    message: problem.message.clone(),
                })
                .collect(),
        }
    }
}

impl Inner {
    /// The configuration that supervisors write, without the policy over it.
    pub(super) fn local_document(&self) -> Result<Document, ErrorView> {
        let (local, _) = self.home.read_config().map_err(|error| io_error(&error))?;
        let layer = local.as_ref().map(|(file, text)| (file.as_str(), text.as_str()));
        config::load(layer, None).map(|loaded| loaded.document).map_err(|problems| invalid(&problems))
    }

    /// Refuses to change what the policy has set.
    pub(super) fn unlocked(&self, section: &str) -> Result<(), ErrorView> {
        match self.connected().loaded.locked_by(section) {
            None => Ok(()),
            Some(policy) => {
                Err(ErrorView { detail: policy.to_owned(), ..fault::plain(ErrorCode::NotAllowed, "") })
            }
        }
    }

    /// Checks a configuration as a whole, saves it, and connects by it.
    pub(super) async fn save_document(self: &Arc<Self>, document: &Document) -> Result<(), ErrorView> {
        let text = config::write(document);
        config::load(Some(("sidecard.toml", &text)), None).map_err(|problems| invalid(&problems))?;
        self.home.write_config(&text).map_err(|error| io_error(&error))?;
        self.home.set_sample(false).map_err(|error| io_error(&error))?;
        self.configure().await;
        Ok(())
    }

    async fn connections(&self) -> Vec<ConnectionView> {
        let connected = self.connected();
        let mut views = Vec::new();
        for (id, config) in &connected.loaded.document.crm {
            let crm = connected.each_crm().find(|crm| crm.id.as_str() == id);
            let can = crm.map(|crm| crm.connector.capabilities());
            let (kind, values) = (config.product.kind(), connectors::registry::values_of(&config.product));
            let view = self.connection(id, &config.name, kind, Side::Crm, values).await;
            views.push(ConnectionView {
                concurrency: can.map(|can| concurrency_name(can.concurrency).to_owned()),
                acts: can.map(act_names).unwrap_or_default(),
                ..view
            });
        }
        for (id, config) in &connected.loaded.document.chat {
            let (kind, values) = (config.product.kind(), sources::registry::values_of(&config.product));
            let view = self.connection(id, &config.name, kind, Side::Chat, values).await;
            views.push(ConnectionView { loopback: self.loopback(&view.id), ..view });
        }
        views
    }

    async fn connection(
        &self,
        id: &str,
        name: &str,
        kind: &str,
        side: Side,
        values: BTreeMap<String, String>,
    ) -> ConnectionView {
        let id = ConnectionId::new(id);
        let mut secrets = Vec::new();
        for input in products().iter().filter(|p| p.kind == kind).flat_map(|p| &p.inputs).filter(|i| i.secret)
        {
            let kept = self.outside.secrets.get(&SecretName::of(&id, &input.key)).await;
            if matches!(kept, Ok(Some(_))) {
                secrets.push(input.key.clone());
            }
        }
        ConnectionView {
            id,
            name: name.to_owned(),
            product: kind.to_owned(),
            side,
            values,
            secrets,
            concurrency: None,
            acts: Vec::new(),
            loopback: None,
        }
    }
}

/// A file could not be written.
pub(crate) fn io_error(error: &io::Error) -> ErrorView {
    ErrorView { detail: error.kind().to_string(), ..fault::plain(ErrorCode::Store, "") }
}

fn invalid(problems: &[config::Diagnostic]) -> ErrorView {
    let detail =
        problems.iter().map(|problem| format!("{}: {}", problem.path, problem.message)).collect::<Vec<_>>();
    ErrorView { detail: detail.join("\n"), ..fault::plain(ErrorCode::BadRequest, "") }
}

/// The products that can be connected, CRMs first.
pub(super) fn products() -> Vec<ProductView> {
    let crm = connectors::registry::products().into_iter().map(|product| product_view(product, Side::Crm));
    let chat = sources::registry::products().into_iter().map(|product| product_view(product, Side::Chat));
    crm.chain(chat).collect()
}

fn product_view(product: Product, side: Side) -> ProductView {
    let inputs = product.inputs.into_iter().map(|input| InputView {
        key: input.key.to_owned(),
        secret: input.secret,
        required: input.required,
        kind: match input.kind {
            form::InputKind::Text => InputKind::Text,
            form::InputKind::Url => InputKind::Url,
            form::InputKind::Choice(_) => InputKind::Choice,
            form::InputKind::SignIn => InputKind::SignIn,
        },
        only: input.only.map(|(key, option)| OnlyView { key: key.to_owned(), option: option.to_owned() }),
        default: input.default.to_owned(),
        options: match input.kind {
            form::InputKind::Choice(options) => options.iter().map(|option| (*option).to_owned()).collect(),
            _ => Vec::new(),
        },
    });
    ProductView {
        kind: product.kind.to_owned(),
        name: product.name.to_owned(),
        side,
        inputs: inputs.collect(),
    }
}

/// What a CRM takes beside contacts, by name.
fn act_names(can: &Capabilities) -> Vec<String> {
    can.acts.iter().map(|act| act.name().to_owned()).collect()
}

fn concurrency_name(concurrency: Concurrency) -> &'static str {
    match concurrency {
        Concurrency::Atomic => "atomic",
        Concurrency::CheckedJustBefore => "checked_just_before",
        Concurrency::ConfirmedAfter => "confirmed_after",
    }
}
