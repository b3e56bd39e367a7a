//! The two kinds of conversation that agents have, each with settings of its own.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Names a channel: `live_chat` or `ticketing`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ChannelName {
    /// Live chats.
    #[default]
    LiveChat,
    /// Tickets and messages.
    Ticketing,
}

impl ChannelName {
    /// Every channel, in the order of the panel's tabs.
    pub const ALL: [Self; 2] = [Self::LiveChat, Self::Ticketing];

    /// Its section in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LiveChat => "live_chat",
            Self::Ticketing => "ticketing",
        }
    }
}
