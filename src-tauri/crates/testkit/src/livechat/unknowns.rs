//! Switches: what LiveChat's documents leave open, limits, and faults to order.

use std::{collections::BTreeMap, time::Duration};

use crate::switches::switches;

/// What nobody says about the real service. Whoever relies on one position is tested with the other too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unknowns {
    /// Which chats the log-in names.
    pub summary: Summary,
    /// What comes first when a thread ends.
    pub end: EndOrder,
    /// What comes first when a queued chat is assigned.
    pub assigned: PairOrder,
    /// How a chat reaches the agent it is handed to.
    pub arrival: Arrival,
    /// Whether a personal access token may log in over RTM.
    pub token_over_rtm: Acceptance,
    /// Whether the form's name and address are copied to the visitor.
    pub form: FormCopy,
    /// What `away` at the log-in does.
    pub away: AwayLogin,
    /// Whether an agent's seen marks reach the agent's other connections.
    pub own_seen: OwnSeen,
    /// What `update_customer` does to session fields that it does not name.
    pub session_fields: SessionFields,
    /// Whether a chat that the agent left can be read.
    pub left_chat: LeftChat,
    /// Whether a thread that goes on names the agents who left it.
    pub departed: Departed,
    /// Whether notes of the system about hand-overs name agents in their variables.
    pub notes: Notes,
    /// Which chats of colleagues an agent hears of.
    pub others: Others,
    /// How the accounts' server refuses a refresh token.
    pub dead_grant: DeadGrant,
    /// What a second use of a refresh token does.
    pub reuse: Reuse,
    /// What the time filter of the archives goes by.
    pub archive_range: ArchiveRange,
    /// Which threads are in the archives.
    pub archived: Archived,
    /// Whether a multicast message reaches its own author.
    pub own_multicast: OwnMulticast,
}

switches! {
    /// Which chats the log-in names.
    Summary {
        /// Those that the agent is in.
        Mine,
        /// All that the agent may see.
        All,
    }
    /// What comes first when a thread ends.
    EndOrder {
        /// The system's message.
        MessageFirst,
        /// `chat_deactivated`.
        DeactivatedFirst,
    }
    /// What comes first when a queued chat is assigned.
    PairOrder {
        /// `chat_transferred`.
        TransferredFirst,
        /// `user_added_to_chat`.
        AddedFirst,
    }
    /// How a chat reaches the agent it is handed to.
    Arrival {
        /// `user_added_to_chat` and `incoming_chat`.
        Both,
        /// `incoming_chat` alone.
        IncomingChat,
        /// `user_added_to_chat` alone.
        UserAdded,
    }
    /// Whether something is accepted.
    Acceptance {
        /// It is.
        Accepted,
        /// It is not.
        Refused,
    }
    /// Whether the form's name and address are copied to the visitor.
    FormCopy {
        /// They are.
        Copied,
        /// They stand in the form alone.
        NotCopied,
    }
    /// What `away` at the log-in does.
    AwayLogin {
        /// Nothing to the agent's status.
        KeepsStatus,
        /// The agent does not accept chats any more.
        StopsAccepting,
    }
    /// Whether an agent's seen marks reach the agent's other connections.
    OwnSeen {
        /// They do.
        Echoed,
        /// They reach the others alone.
        NotEchoed,
    }
    /// What `update_customer` does to session fields that it does not name.
    SessionFields {
        /// They stay.
        Merged,
        /// They go.
        Replaced,
    }
    /// Whether a chat that the agent left can be read.
    LeftChat {
        /// It can.
        Readable,
        /// `missing_access`.
        MissingAccess,
    }
    /// Whether a thread that goes on names the agents who left it.
    Departed {
        /// It does, as not present.
        Named,
        /// It does not, before it is over.
        Dropped,
    }
    /// Whether notes of the system about hand-overs name agents in their variables.
    Notes {
        /// They do, by the agents' names, which the documents give for the texts.
        Named,
        /// There are none, or they are empty.
        Bare,
    }
    /// What the time filter of the archives goes by.
    ArchiveRange {
        /// By anything that happened in a thread.
        Touched,
        /// By its beginning.
        Begun,
    }
    /// Which threads are in the archives.
    Archived {
        /// Those that ended.
        Ended,
        /// Those that go on too.
        All,
    }
    /// Which chats of colleagues an agent hears of.
    Others {
        /// Of transfers and ends.
        KeyChanges,
        /// Of new threads and their events too.
        Everything,
    }
    /// How the accounts' server refuses a refresh token.
    DeadGrant {
        /// 400 `invalid_grant`, as the standard says.
        InvalidGrant,
        /// 401 `unauthorized`.
        Unauthorized,
        /// 422 `invalid_request`.
        InvalidRequest,
    }
    /// What a second use of a refresh token does.
    Reuse {
        /// Nothing else.
        Refused,
        /// It ends all that came from the same sign-in.
        RevokesAll,
    }
    /// Whether a multicast message reaches its own author.
    OwnMulticast {
        /// It does, like anybody else it is meant for.
        Delivered,
        /// It reaches the others alone.
        NotDelivered,
    }
}

/// Limits of the service; tests shorten them.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the connection to the log-in.
    pub login: Duration,
    /// Without any frame from the client.
    pub silence: Duration,
    /// Requests that are not answered yet.
    pub pending: usize,
    /// Connections of one agent.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { login: Duration::from_secs(30), silence: Duration::from_secs(30), pending: 10, connections: 8 }
    }
}

/// Faults that are ordered now.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// Pushes that get lost, by action, and how many of them.
    pub(super) dropped: BTreeMap<String, u32>,
    /// Each push comes twice.
    pub(super) doubled: bool,
    /// Pushes wait here; `None` when they go out at once.
    pub(super) held: Option<Vec<(u64, String)>>,
    /// Nothing is answered and nothing is pushed.
    pub(super) silent: bool,
    /// How long an answer takes.
    pub(super) delay: Duration,
    /// Requests that are answered with an error, by action: its type, and how many.
    pub(super) failing: BTreeMap<String, (&'static str, u32)>,
    /// The last push of each action to each connection.
    pub(super) last: BTreeMap<String, Vec<(u64, String)>>,
}
