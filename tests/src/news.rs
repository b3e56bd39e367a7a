//! The part of a desktop that shows notifications.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, Result};
use testkit::session::Session;
use zbus::{
    blocking::{Connection, connection::Builder},
    interface,
    zvariant::OwnedValue,
};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// A notification as the desktop was asked to show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What it is about.
    pub title: String,
    /// The sentence.
    pub text: String,
}

/// Takes the notifications of a session.
#[derive(Debug)]
pub struct Notifications {
    bus: Connection,
    shown: Arc<Mutex<Vec<Shown>>>,
}

impl Notifications {
    /// Shows the session's notifications from now on.
    ///
    /// # Errors
    /// When the session has no bus, or somebody else does it.
    pub fn of(session: &Session) -> Result<Self> {
        let shown = Arc::default();
        let address = session.env().into_iter().find(|(name, _)| *name == "DBUS_SESSION_BUS_ADDRESS");
        let (_, address) = address.context("the session has a bus")?;
        let desktop = Desktop { shown: Arc::clone(&shown) };
        let bus = Builder::address(address.as_str())?.name(NAME)?.serve_at(PATH, desktop)?.build()?;
        Ok(Self { bus, shown })
    }

    /// All that was shown, oldest first.
    pub fn shown(&self) -> Vec<Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Presses the notification, as a person does.
    ///
    /// # Errors
    /// When the bus is gone.
    pub fn press(&self, id: u32) -> Result<()> {
        Ok(self.bus.emit_signal(None::<&str>, PATH, NAME, "ActionInvoked", &(id, "default"))?)
    }
}

/// <https://specifications.freedesktop.org/notification-spec/latest/protocol.html>
struct Desktop {
    shown: Arc<Mutex<Vec<Shown>>>,
}

/// The number that every notification has here: a newer one replaces the older.
pub const ONLY: u32 = 1;

#[interface(name = "org.freedesktop.Notifications")]
impl Desktop {
    #[expect(clippy::too_many_arguments, reason = "the protocol has them")]
    fn notify(
        &self,
        _app_name: &str,
        _replaces_id: u32,
        _app_icon: &str,
        summary: String,
        body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> u32 {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).push(Shown { title: summary, text: body });
        ONLY
    }
}
