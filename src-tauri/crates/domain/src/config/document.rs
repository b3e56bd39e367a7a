//! The shape of `sidecard.toml`. Secrets are not in it: they are in the keyring, under the connection's id.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use url::Url;

use super::defaults;
use crate::{
    ChannelName, ConnectionId, FieldKey,
    evidence::TypedValues,
    mapping::{MappingRow, ShownChatField},
    rules::{NeverMatch, OnSeveral, Rule, RuleSet},
    strategies::Strategies,
};

/// The version of the document that this program writes.
pub const VERSION: u32 = 1;

/// A whole configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Document {
    /// The version of the format.
    pub version: u32,
    /// The CRM connections, by their published ids.
    pub crm: BTreeMap<String, CrmConnection>,
    /// The chat connections, by their published ids.
    pub chat: BTreeMap<String, ChatConnection>,
    /// What holds for live chats.
    pub live_chat: Channel,
    /// What holds for tickets and messages.
    pub ticketing: Channel,
    /// What is kept on each computer.
    pub storage: Storage,
}

impl Default for Document {
    fn default() -> Self {
        Self {
            version: VERSION,
            crm: BTreeMap::new(),
            chat: BTreeMap::new(),
            live_chat: Channel::default(),
            ticketing: Channel { enabled: false, ..Channel::default() },
            storage: Storage::default(),
        }
    }
}

impl Document {
    /// What holds for `name`.
    pub fn channel(&self, name: ChannelName) -> &Channel {
        match name {
            ChannelName::LiveChat => &self.live_chat,
            ChannelName::Ticketing => &self.ticketing,
        }
    }

    /// What holds for `name`, to change it.
    pub fn channel_mut(&mut self, name: ChannelName) -> &mut Channel {
        match name {
            ChannelName::LiveChat => &mut self.live_chat,
            ChannelName::Ticketing => &mut self.ticketing,
        }
    }
}

/// What is kept on each computer, encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Storage {
    /// After how many days without use read contacts, matches and finished writes are dropped. What agents typed and linked
    /// stays.
    pub keep_days: u16,
}

impl Default for Storage {
    fn default() -> Self {
        Self { keep_days: 30 }
    }
}

/// A connection to a CRM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CrmConnection {
    /// What people call it.
    pub name: String,
    /// Which CRM, and where.
    pub product: CrmProduct,
}

/// The CRMs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CrmProduct {
    /// The embedded CRM with sample data.
    Sample {},
    /// Tryton.
    Tryton(TrytonConfig),
    /// Optimove.
    Optimove(Box<OptimoveConfig>),
    /// SALESmanago.
    Salesmanago(Box<SalesmanagoConfig>),
}

impl CrmProduct {
    /// The product's name in the configuration and in [`defaults`](super::defaults).
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sample {} => "sample",
            Self::Tryton(_) => "tryton",
            Self::Optimove(_) => "optimove",
            Self::Salesmanago(_) => "salesmanago",
        }
    }
}

/// Where a Tryton is. The password is the connection's secret `password`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrytonConfig {
    /// The server's address, `https://crm.example`.
    pub address: Url,
    /// The database.
    pub database: String,
    /// The user to sign in as.
    pub login: String,
}

/// Where an Optimove is. The API key is the connection's secret `api_key`. What the vendor leaves open is a setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OptimoveConfig {
    /// The base URL that Optimove gave for the account's API, `https://api4.optimove.net`.
    pub address: Url,
    /// The web application, `https://acme.optimove.net`.
    #[serde(default)]
    pub web_app: Option<Url>,
    /// The address of a customer's page, with `{id}` where the Customer ID stands.
    #[serde(default)]
    pub record_url: Option<String>,
    /// The Customer ID of any customer; the attributes that there are, are read from it.
    #[serde(default)]
    pub sample_customer: Option<String>,
    /// What stands before the functions in their addresses: nothing, or `/current`.
    #[serde(default)]
    pub path_prefix: String,
    /// Where Optimove posts what came of a write, for installations that have such a place.
    #[serde(default)]
    pub callback: Option<Url>,
    /// How many desks share the key, and with it the 50 requests in ten seconds.
    #[serde(default = "optimove_desks")]
    pub desks: u32,
    /// How dates are written, `%Y-%m-%d`.
    #[serde(default = "optimove_dates")]
    pub date_format: String,
    /// What is sent to empty an attribute.
    #[serde(default)]
    pub cleared: OptimoveCleared,
    /// What it means when a customer is asked for and a mere text comes.
    #[serde(default)]
    pub text_answer: OptimoveTextAnswer,
    /// The attributes that Optimove enabled for writing; empty where that is not known.
    #[serde(default)]
    pub writable: Vec<FieldKey>,
    /// Values that mean "nothing", by attribute, such as `9999`. The date of 1900 is known.
    #[serde(default)]
    pub empty_values: BTreeMap<FieldKey, Vec<String>>,
}

impl OptimoveConfig {
    /// The account at `address`, everything else as it is by default.
    pub fn at(address: Url) -> Self {
        Self {
            address,
            web_app: None,
            record_url: None,
            sample_customer: None,
            path_prefix: String::new(),
            callback: None,
            desks: optimove_desks(),
            date_format: optimove_dates(),
            cleared: OptimoveCleared::default(),
            text_answer: OptimoveTextAnswer::default(),
            writable: Vec::new(),
            empty_values: BTreeMap::new(),
        }
    }
}

/// What Optimove is sent to empty an attribute; the vendor does not say which of the two it takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OptimoveCleared {
    /// `null`.
    #[default]
    Null,
    /// An empty text.
    EmptyText,
}

/// What Optimove means by a mere text in place of a customer; the vendor does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OptimoveTextAnswer {
    /// There is no such customer.
    #[default]
    NoCustomer,
    /// Something went wrong.
    Failure,
}

fn optimove_desks() -> u32 {
    5
}

fn optimove_dates() -> String {
    "%Y-%m-%d".to_owned()
}

/// Where a SALESmanago account is. The API secret is the connection's secret `api_secret`. What the vendor leaves open is a
/// setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SalesmanagoConfig {
    /// The account's server, `https://app2.salesmanago.com`.
    pub address: Url,
    /// The account's client id.
    pub client_id: String,
    /// The e-mail address of the SALESmanago user whose contacts new ones become.
    pub owner: String,
    /// Any text that goes into the signature; without one, each request has another.
    #[serde(default)]
    pub api_key: String,
    /// The address of a contact's card, with `{id}` where the contact's id stands.
    #[serde(default)]
    pub record_url: Option<String>,
    /// The names of free fields that are offered before a contact was read that has them.
    #[serde(default)]
    pub properties: Vec<String>,
    /// Whose contacts are looked among.
    #[serde(default)]
    pub contacts: SalesmanagoContacts,
    /// What is sent to empty a field.
    #[serde(default)]
    pub cleared: SalesmanagoCleared,
}

impl SalesmanagoConfig {
    /// The account `client_id` at `address`, everything else as it is by default.
    pub fn at(address: Url, client_id: impl Into<String>, owner: impl Into<String>) -> Self {
        Self {
            address,
            client_id: client_id.into(),
            owner: owner.into(),
            api_key: String::new(),
            record_url: None,
            properties: Vec::new(),
            contacts: SalesmanagoContacts::default(),
            cleared: SalesmanagoCleared::default(),
        }
    }
}

/// Whose contacts are looked among.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SalesmanagoContacts {
    /// Everybody's.
    #[default]
    Everybodys,
    /// Those of the owner of the settings.
    OfOwner,
}

/// What SALESmanago is sent to empty a field; the vendor does not say which of the two it takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SalesmanagoCleared {
    /// An empty text.
    #[default]
    EmptyText,
    /// `null`.
    Null,
}

/// A connection to a chat platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChatConnection {
    /// What people call it.
    pub name: String,
    /// Which platform, and who signs in.
    pub product: ChatProduct,
}

/// The chat platforms.
#[expect(clippy::large_enum_variant, reason = "there are a few of them, and none is moved often")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChatProduct {
    /// The embedded feed of scripted visitors.
    Sample {},
    /// LiveChat.
    Livechat(LivechatConfig),
}

impl ChatProduct {
    /// The product's name in the configuration and in [`defaults`](super::defaults).
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sample {} => "sample",
            Self::Livechat(_) => "livechat",
        }
    }
}

/// Where LiveChat is, and how agents sign in to it: with a personal access token, which is the connection's secret `token`,
/// or in the browser, where `oauth` says as which application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LivechatConfig {
    /// The account's id, which signs in together with a personal access token.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub account_id: String,
    /// The organisation's id. Who signs in in the browser may leave it out: the sign-in tells it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub organization_id: String,
    /// The API's address; only tests and private installations set another than LiveChat's own.
    #[serde(default = "livechat_api")]
    pub api: Url,
    /// Where agents sign in in the browser; as `api`.
    #[serde(default = "livechat_accounts")]
    pub accounts: Url,
    /// The application as which agents sign in in the browser; absent where they have personal access tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oauth: Option<OauthClient>,
    /// Whether the companion page may also call Sidecard on the agent's own computer, for browsers whose administrators allow
    /// a page of the internet to do that. Without it no port is open.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub companion_loopback: bool,
    /// The companion page's address. Only a page of its origin may call; needed with `companion_loopback`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub companion_page: Option<Url>,
}

impl LivechatConfig {
    /// LiveChat itself, without anybody who signs in.
    pub fn at_livechat() -> Self {
        Self {
            account_id: String::new(),
            organization_id: String::new(),
            api: livechat_api(),
            accounts: livechat_accounts(),
            oauth: None,
            companion_loopback: false,
            companion_page: None,
        }
    }

    /// The page that may call Sidecard on the agent's computer; none unless an administrator enabled it.
    pub fn loopback_page(&self) -> Option<&Url> {
        self.companion_page.as_ref().filter(|_| self.companion_loopback)
    }
}

/// Where LiveChat's interfaces are.
pub const LIVECHAT_API: &str = "https://api.livechatinc.com/";

/// Where agents sign in to LiveChat in the browser.
pub const LIVECHAT_ACCOUNTS: &str = "https://accounts.livechat.com/";

fn livechat_api() -> Url {
    Url::parse(LIVECHAT_API).expect("a constant address is well-formed")
}

fn livechat_accounts() -> Url {
    Url::parse(LIVECHAT_ACCOUNTS).expect("a constant address is well-formed")
}

/// The ports of the redirect addresses where nothing else is said: below those that systems give out by themselves.
pub const REDIRECT_PORTS: [u16; 3] = [28461, 28462, 28463];

/// An application that is registered with a vendor, for signing in in the browser. A secret, where the vendor insists on one,
/// is the connection's secret `client_secret`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OauthClient {
    /// The application's id.
    #[serde(default)]
    pub client_id: String,
    /// The ports of its three registered redirect addresses, in the order in which they are tried.
    #[serde(default = "redirect_ports")]
    pub redirect_ports: [u16; 3],
}

fn redirect_ports() -> [u16; 3] {
    REDIRECT_PORTS
}

/// What holds for one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Channel {
    /// Whether Sidecard follows this channel.
    pub enabled: bool,
    /// The country whose national phone numbers are meant, ISO 3166 alpha-2.
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
    /// How many hours ago a chat may have ended that was missed, for it to count as if it had been followed. Older ones are
    /// listed, and nothing follows from them by itself.
    pub catch_up_hours: u32,
    /// Chat fields that the agent sees although no CRM field is mapped to them.
    pub shown: Vec<ShownChatField>,
    /// The CRMs to look in, in order.
    pub lookups: Vec<ChannelCrm>,
}

impl Default for Channel {
    fn default() -> Self {
        Self {
            enabled: true,
            region: None,
            never_match: NeverMatch::default(),
            on_several: OnSeveral::default(),
            no_match: NoMatch::default(),
            trial: false,
            typed_values: TypedValues::default(),
            recent_hours: 8,
            catch_up_hours: 24,
            shown: Vec::new(),
            lookups: Vec::new(),
        }
    }
}

impl Channel {
    /// The rules by which this channel looks in `crm` for visitors of a `chat_kind` platform, with what holds for all.
    pub fn rule_set(&self, crm: &ChannelCrm, chat_kind: &str, crm_kind: &str) -> RuleSet {
        RuleSet {
            rules: crm.rules.clone().unwrap_or_else(|| defaults::rules(chat_kind, crm_kind)),
            never_match: self.never_match.clone(),
            region: self.region.clone(),
            on_several: self.on_several,
        }
    }
}

/// What happens when a visitor is not in the CRM.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum NoMatch {
    /// A contact is created without asking.
    CreateAutomatically,
    /// Agents may create one.
    #[default]
    AgentsMayCreate,
    /// Neither.
    Neither,
}

/// When agents' edits go to the CRM.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Edits {
    /// When the agent saves them.
    #[default]
    AtOnce,
    /// When the chat ends, or leaves the agent's hands.
    AtChatEnd,
    /// Not at all: agents read the fields and cannot change them.
    NotAtAll,
}

/// How one channel uses one CRM. Without rules, mapping or strategies of its own it uses the defaults of the pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelCrm {
    /// The CRM connection.
    pub connection: ConnectionId,
    /// The rules, in order; absent means the pair's defaults.
    #[serde(default)]
    pub rules: Option<Vec<Rule>>,
    /// The mapping, in order; absent means the pair's defaults.
    #[serde(default)]
    pub mapping: Option<Vec<MappingRow>>,
    /// What happens by itself; absent means the pair's defaults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategies: Option<Box<Strategies>>,
    /// When agents' edits go to the CRM.
    #[serde(default)]
    pub edits: Edits,
}

impl ChannelCrm {
    /// This CRM with the defaults of the pair.
    pub fn new(connection: impl Into<ConnectionId>) -> Self {
        Self {
            connection: connection.into(),
            rules: None,
            mapping: None,
            strategies: None,
            edits: Edits::default(),
        }
    }

    /// The mapping between this CRM and a `chat_kind` platform.
    pub fn mapping(&self, chat_kind: &str, crm_kind: &str) -> Vec<MappingRow> {
        self.mapping.clone().unwrap_or_else(|| defaults::mapping(chat_kind, crm_kind))
    }

    /// What happens by itself between this CRM and a `chat_kind` platform.
    pub fn strategies(&self, chat_kind: &str, crm_kind: &str) -> Strategies {
        self.strategies.as_deref().cloned().unwrap_or_else(|| defaults::strategies(chat_kind, crm_kind))
    }
}
