//! Identifiers. All are text as their origin gave it: leading zeros, slashes and letters of any script survive.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text as its origin gave it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }
    )*};
}

text_id! {
    /// A configured connection to a CRM or a chat platform, by the id under which configuration publishes it.
    ConnectionId;
    /// A record of a CRM. Unique within its connection and object kind.
    RecordId;
    /// A field of a CRM object, by the CRM's own API name.
    FieldKey;
    /// A visitor, by the chat platform's own id (its cookie or account).
    VisitorId;
    /// An agent, by the chat platform's own id.
    AgentId;
    /// One sitting of a conversation, by the chat platform's own id.
    ThreadId;
    /// An event of a chat platform, by an identity derived from its origin; the same event delivered twice has the same id.
    EventId;
}

/// A conversation: the connection it belongs to and the platform's own id of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ChatKey {
    /// The chat connection.
    pub connection: ConnectionId,
    /// The platform's id of the chat.
    pub chat: String,
}

impl ChatKey {
    /// The chat `chat` of `connection`.
    pub fn new(connection: impl Into<ConnectionId>, chat: impl Into<String>) -> Self {
        Self { connection: connection.into(), chat: chat.into() }
    }

    /// Reads what `Display` wrote. `None` when there is no separator.
    pub fn parse(text: &str) -> Option<Self> {
        let (connection, chat) = text.split_once('/')?;
        Some(Self::new(connection, chat))
    }
}

impl fmt::Display for ChatKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.connection, self.chat)
    }
}

/// Which of the CRM's objects a record is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    /// The person.
    #[default]
    Contact,
    /// The company.
    Account,
    /// A request or complaint.
    Case,
}
