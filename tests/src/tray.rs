//! The part of a desktop that holds tray icons.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use testkit::session::Session;
use zbus::{
    blocking::{Connection, connection::Builder},
    interface,
    message::Header,
    zvariant::Structure,
};

const NAME: &str = "org.kde.StatusNotifierWatcher";
const PATH: &str = "/StatusNotifierWatcher";

/// Holds the tray icons of a session.
#[derive(Debug)]
pub struct Tray {
    bus: Connection,
    icons: Arc<Mutex<Vec<Icon>>>,
}

/// Who put it there, and the object that it is.
type Icon = (String, String);

impl Tray {
    /// Holds the session's icons from now on.
    ///
    /// # Errors
    /// When the session has no bus, or somebody else does it.
    pub fn of(session: &Session) -> Result<Self> {
        let icons = Arc::default();
        let address = session.env().into_iter().find(|(name, _)| *name == "DBUS_SESSION_BUS_ADDRESS");
        let (_, address) = address.context("the session has a bus")?;
        let watcher = Watcher { icons: Arc::clone(&icons) };
        let bus = Builder::address(address.as_str())?.name(NAME)?.serve_at(PATH, watcher)?.build()?;
        Ok(Self { bus, icons })
    }

    /// The menu of the newest icon, with all that its lines hold; `None` before there is one.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn menu(&self) -> Result<Option<String>> {
        let newest = self.icons.lock().unwrap_or_else(PoisonError::into_inner).last().cloned();
        let Some((owner, icon)) = newest else { return Ok(None) };
        let all = (0_i32, -1_i32, Vec::<&str>::new());
        let menu = format!("{icon}/Menu");
        let reply = self.bus.call_method(
            Some(owner.as_str()),
            menu.as_str(),
            Some("com.canonical.dbusmenu"),
            "GetLayout",
            &all,
        )?;
        let body = reply.body();
        Ok(Some(format!("{:?}", body.deserialize::<Structure<'_>>()?)))
    }
}

/// <https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/StatusNotifierWatcher/>
struct Watcher {
    icons: Arc<Mutex<Vec<Icon>>>,
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, icon: &str, #[zbus(header)] header: Header<'_>) {
        let owner = header.sender().map(ToString::to_string).unwrap_or_default();
        self.icons.lock().unwrap_or_else(PoisonError::into_inner).push((owner, icon.to_owned()));
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        Vec::new()
    }
}
