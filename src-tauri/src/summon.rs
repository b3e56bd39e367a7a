//! The key that brings the panel from anywhere.

use ipc::panel::GlobalKey;
use tauri::AppHandle;
use tauri_plugin_global_shortcut::{GlobalShortcutExt as _, ShortcutState};

use crate::window;

/// Whether this system lets a program have such a key: Wayland does not, whatever the window is drawn with.
pub(crate) fn is_possible() -> bool {
    !(cfg!(target_os = "linux") && std::env::var_os("WAYLAND_DISPLAY").is_some())
}

/// Takes the key in place of an earlier one. Answers whether it is ours now; another program may have it.
pub(crate) fn take(app: &AppHandle, key: GlobalKey) -> bool {
    let keys = app.global_shortcut();
    if let Err(error) = keys.unregister_all() {
        tracing::warn!(%error, "the global key could not be given back");
    }
    let Some(name) = name(key) else { return true };
    let taken = keys.on_shortcut(name, |app, _, event| {
        if event.state == ShortcutState::Pressed {
            window::focus_panel(app);
        }
    });
    taken.inspect_err(|error| tracing::warn!(%error, "the global key cannot be had")).is_ok()
}

fn name(key: GlobalKey) -> Option<&'static str> {
    match key {
        GlobalKey::Off => None,
        GlobalKey::CtrlAltS => Some("ctrl+alt+KeyS"),
        GlobalKey::CtrlAltC => Some("ctrl+alt+KeyC"),
        GlobalKey::CtrlShiftF12 => Some("ctrl+shift+F12"),
    }
}
