//! What the engine asks of the desktop: telling the windows, and opening addresses.

use engine::Host;
use ipc::panel::PanelView;
use tauri::{AppHandle, Emitter as _};
use tauri_plugin_opener::OpenerExt as _;
use url::Url;

use crate::window;

/// The desktop as the engine sees it.
#[derive(Debug)]
pub(crate) struct Desktop {
    app: AppHandle,
}

impl Desktop {
    pub(crate) fn new(app: AppHandle) -> Self {
        Self { app }
    }
}

impl Host for Desktop {
    fn panel_changed(&self, view: PanelView) {
        if let Err(error) = self.app.emit_to(window::PANEL, "panel-changed", view) {
            tracing::warn!(%error, "the panel could not be told");
        }
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
}
