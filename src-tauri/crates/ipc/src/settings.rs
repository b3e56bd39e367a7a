//! What the settings window shows, and what it asks for.

use std::collections::BTreeMap;

use domain::{
    ChannelName, ChatFieldKey, ConnectionId, Field, FieldKey, Value,
    config::{Edits, NoMatch},
    evidence::TypedValues,
    mapping::{MappingRow, Problem, ShownChatField},
    rules::{NeverMatch, OnSeveral, Rule},
    strategies::{RecordOffers, Strategies},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ErrorView, panel::StoreCopy};

/// The settings at a glance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SettingsView {
    /// Connections that exist.
    pub connections: Vec<ConnectionView>,
    /// Products that can be connected.
    pub products: Vec<ProductView>,
    /// What is wrong with the keyring, if anything.
    pub keyring: Option<ErrorView>,
    /// Why the store of this computer may not be the one that was used last.
    pub store_copy: Option<StoreCopy>,
    /// What is wrong with the configuration file, if anything: it is then left as it is.
    pub problems: Vec<ConfigProblem>,
}

/// A connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionView {
    /// Its published id.
    pub id: ConnectionId,
    /// What people call it.
    pub name: String,
    /// Which product.
    pub product: String,
    /// CRM or chat.
    pub side: Side,
    /// Its settings; secrets are never among them.
    pub values: BTreeMap<String, String>,
    /// Which of its secrets are in the keyring.
    pub secrets: Vec<String>,
    /// How a change made elsewhere is noticed, for CRMs: `atomic`, `checked_just_before`, `confirmed_after`.
    pub concurrency: Option<String>,
    /// What a CRM takes beside contacts: `tag`, `event`, kinds of records. Nothing of a chat platform.
    pub acts: Vec<String>,
    /// The port that companion pages may call on this computer, for chat platforms where that is enabled and known.
    pub loopback: Option<LoopbackView>,
}

/// How it stands with the port that companion pages may call on this computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LoopbackView {
    /// Not open; tried again by itself.
    Closed,
    /// Open.
    Open,
    /// Open under another number than before: pages have to be paired again.
    Moved,
}

/// Which side a product is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// A CRM.
    Crm,
    /// A chat platform.
    Chat,
}

/// A product that can be connected; the form is made from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProductView {
    /// Its name in configuration: `tryton`.
    pub kind: String,
    /// Its name on screen.
    pub name: String,
    /// CRM or chat.
    pub side: Side,
    /// What must be known to connect.
    pub inputs: Vec<InputView>,
}

/// One input of a connection. Label and help are found in the UI's texts under `connect.<product>.<key>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct InputView {
    /// Its name.
    pub key: String,
    /// Whether it goes to the keyring and never comes back.
    pub secret: bool,
    /// Whether it must be given.
    pub required: bool,
    /// What to check.
    pub kind: InputKind,
    /// What it begins with.
    pub default: String,
    /// What can be chosen. The labels are found in the UI's texts under `connect.<product>.<key>.<option>`.
    pub options: Vec<String>,
    /// The choice it belongs to; it is asked for only there.
    pub only: Option<OnlyView>,
}

/// Where an input is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OnlyView {
    /// Another input's name.
    pub key: String,
    /// What must be chosen there.
    pub option: String,
}

/// What an input holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    /// Any text.
    Text,
    /// A web address.
    Url,
    /// One of its options.
    Choice,
    /// Nothing that is typed: a button that lets the person sign in in the browser.
    SignIn,
}

/// A connection to test or save. A secret that is left out is the one in the keyring already.
#[derive(Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConnectionRequest {
    /// The connection; none for a new one.
    pub id: Option<ConnectionId>,
    /// What people call it.
    pub name: String,
    /// Which product.
    pub product: String,
    /// Its settings.
    pub values: BTreeMap<String, String>,
    /// Its secrets, on their one way inwards.
    pub secrets: BTreeMap<String, String>,
}

impl std::fmt::Debug for ConnectionRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectionRequest").field("product", &self.product).finish_non_exhaustive()
    }
}

/// Removes a connection and its secrets.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemoveRequest {
    /// Which.
    pub id: ConnectionId,
}

/// What a test came to. Steps: `address`, `product`, `sign_in`, `fields`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TestReply {
    /// The steps in order; after a failed one the rest is not tried.
    pub steps: Vec<TestStep>,
    /// Who would be signed in.
    pub user: Option<String>,
}

/// One step of a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TestStep {
    /// Which: `keyring`, `address`, `product`, `sign_in`, `fields`.
    pub name: String,
    /// How it went.
    pub result: StepResult,
}

/// How a step went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum StepResult {
    /// Well.
    Passed,
    /// Not well.
    Failed {
        /// Why.
        error: Box<ErrorView>,
    },
    /// Not tried.
    NotTried,
}

/// Names a channel: `live_chat` or `ticketing`.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChannelRequest {
    /// Which.
    pub channel: ChannelName,
}

/// A channel's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChannelSettings {
    /// Whether Sidecard follows it.
    pub enabled: bool,
    /// The country whose national phone numbers are meant.
    pub region: Option<String>,
    /// Values that identify nobody.
    pub never_match: NeverMatch,
    /// What to do when several records match.
    pub on_several: OnSeveral,
    /// What happens when nobody is found.
    pub no_match: NoMatch,
    /// Whether what happens by itself is only listed and nothing of it is sent.
    pub trial: bool,
    /// What values that the visitor asserts may write without the agent's word.
    pub typed_values: TypedValues,
    /// For how many hours a chat stays reachable after it ended.
    pub recent_hours: u32,
    /// How many hours ago a missed chat may have ended and still count.
    pub catch_up_hours: u32,
    /// Chat fields shown without a CRM field.
    pub shown: Vec<ShownChatField>,
    /// One for each CRM, in order.
    pub crms: Vec<ChannelCrmSettings>,
}

/// How a channel uses a CRM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChannelCrmSettings {
    /// The CRM connection.
    pub connection: ConnectionId,
    /// Its own rules; none means the defaults.
    pub rules: Option<Vec<Rule>>,
    /// Its own mapping; none means the defaults.
    pub mapping: Option<Vec<MappingRow>>,
    /// What happens by itself; none means the defaults.
    pub strategies: Option<Strategies>,
    /// When agents' edits go to it.
    pub edits: Edits,
}

/// A channel with what is needed to edit it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ChannelView {
    /// The settings.
    pub settings: ChannelSettings,
    /// For each CRM what can be chosen.
    pub crms: Vec<CrmChoices>,
    /// The chat fields that can be chosen.
    pub chat_fields: Vec<ChatFieldChoice>,
    /// The policy's file, when the organisation decides something of the channel: it cannot be changed here then.
    pub policy: Option<String>,
}

/// What can be chosen of a CRM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CrmChoices {
    /// The CRM connection.
    pub connection: ConnectionId,
    /// The connection's name.
    pub name: String,
    /// Its fields, or why they could not be read.
    pub fields: Vec<Field>,
    /// Why they could not be read.
    pub error: Option<ErrorView>,
    /// The rules that the pair starts from.
    pub default_rules: Vec<Rule>,
    /// The mapping that the pair starts from.
    pub default_mapping: Vec<MappingRow>,
    /// What happens by itself where the pair starts.
    pub default_strategies: Strategies,
    /// What can be made beside contacts: `tag`, `event`, the kinds of records where it takes them, and `mail`.
    pub acts: Vec<String>,
    /// What it takes of each kind of record.
    pub records: RecordOffers,
}

/// A chat field that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ChatFieldChoice {
    /// Which.
    pub key: ChatFieldKey,
    /// Its label.
    pub label: String,
}

/// Saves a channel, or asks what it would come to.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SaveChannelRequest {
    /// Which.
    pub channel: ChannelName,
    /// The settings.
    pub settings: ChannelSettings,
}

/// What a mapping comes to for the visitor of the active chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PreviewReply {
    /// Whose values were used; none when no chat is open.
    pub visitor: Option<String>,
    /// For each CRM and row.
    pub rows: Vec<PreviewRow>,
}

/// What one row comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PreviewRow {
    /// The CRM connection.
    pub connection: ConnectionId,
    /// The CRM field.
    pub field: FieldKey,
    /// The value.
    pub value: Value,
    /// Or why there is none.
    pub problem: Option<Problem>,
}

/// Something wrong in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ConfigProblem {
    /// The file.
    pub file: String,
    /// From 1; 0 when the problem has no place.
    pub line: u32,
    /// From 1.
    pub column: u32,
    /// Where in the document: `live_chat.lookups[0].rules[1].pairs`.
    pub path: String,
    /// What is wrong.
    pub message: String,
}
