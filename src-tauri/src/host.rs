//! What the engine asks of the desktop: telling the windows, opening addresses, and the clipboard.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use arboard::Clipboard;
#[cfg(target_os = "macos")]
use arboard::SetExtApple as _;
#[cfg(target_os = "linux")]
use arboard::SetExtLinux as _;
#[cfg(windows)]
use arboard::SetExtWindows as _;
use engine::Host;
use ipc::panel::PanelView;
use secrets::Secret;
use tauri::{AppHandle, Emitter as _};
use tauri_plugin_opener::OpenerExt as _;
use tokio::sync::watch;
use url::Url;

use crate::window;

/// Pictures that follow each other more quickly become one: a look-up takes several steps within a moment, and each costs
/// the window more than the step itself.
const APART: Duration = Duration::from_millis(4);

/// The desktop as the engine sees it.
pub(crate) struct Desktop {
    app: AppHandle,
    /// What the panel shall show next.
    next: watch::Sender<Option<PanelView>>,
    /// Opened when it is first needed, and kept: X11 asks the program itself for what it put there.
    clipboard: Mutex<Option<Clipboard>>,
}

impl std::fmt::Debug for Desktop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Desktop")
    }
}

impl Desktop {
    pub(crate) fn new(app: AppHandle) -> Self {
        let (next, pictures) = watch::channel(None);
        tauri::async_runtime::spawn(tell(app.clone(), pictures));
        Self { app, next, clipboard: Mutex::default() }
    }
}

/// Tells the panel the newest picture. The first of several waits for the others: an answer that comes at once is then drawn
/// without what stands in its place while it is looked for.
async fn tell(app: AppHandle, mut pictures: watch::Receiver<Option<PanelView>>) {
    while pictures.changed().await.is_ok() {
        tokio::time::sleep(APART).await;
        let Some(view) = pictures.borrow_and_update().clone() else { continue };
        if let Err(error) = app.emit_to(window::PANEL, "panel-changed", view) {
            tracing::warn!(%error, "the panel could not be told");
        }
    }
}

impl Host for Desktop {
    fn panel_changed(&self, view: PanelView) {
        self.next.send_replace(Some(view));
    }

    fn settings_changed(&self) {
        if let Err(error) = self.app.emit_to(window::SETTINGS, "settings-changed", ()) {
            tracing::warn!(%error, "the settings window could not be told");
        }
    }

    fn open_url(&self, url: &Url) -> Result<(), String> {
        self.app
            .opener()
            .open_url(url.as_str(), None::<&str>)
            .map_err(|_| "no program opens this address".to_owned())
    }

    fn copy(&self, secret: &Secret) -> Result<(), String> {
        let mut open = self.clipboard.lock().unwrap_or_else(PoisonError::into_inner);
        let clipboard = match &mut *open {
            Some(clipboard) => clipboard,
            none => none.insert(Clipboard::new().map_err(|_| "the clipboard cannot be opened".to_owned())?),
        };
        // EXPOSE: the person pastes it elsewhere. Clipboard managers are asked to keep no copy.
        clipboard
            .set()
            .exclude_from_history()
            .text(secret.expose())
            .map_err(|_| "nothing can be put on the clipboard".to_owned())
    }
}
