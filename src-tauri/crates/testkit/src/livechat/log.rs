//! What was asked of the simulator: actions and authors, no credentials and no contents.

/// The interface that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// The web socket.
    Rtm,
    /// HTTP.
    Web,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Which interface.
    pub surface: Surface,
    /// Which action.
    pub action: String,
    /// Which agent; empty before a log-in that is accepted.
    pub author: String,
    /// The flags of a log-in that decide about the agent's status.
    pub flags: Option<LoginFlags>,
}

/// The flags of a log-in that decide about the agent's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginFlags {
    /// Keep the status as it was.
    pub reconnect: bool,
    /// This connection is nobody at the desk.
    pub away: bool,
}
