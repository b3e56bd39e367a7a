//! The windows: the panel, and the settings beside it.

use std::time::Duration;

use ipc::panel::WindowPreferences;
use tauri::{
    AppHandle, Emitter as _, Manager as _, Runtime, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    plugin::TauriPlugin, webview::PageLoadEvent,
};
use tauri_plugin_window_state::StateFlags;

use crate::{
    place::{self, Preferences},
    scratch::Scratch,
    tray, words,
};

/// The label of the panel.
pub(crate) const PANEL: &str = "panel";
/// The label of the settings window.
pub(crate) const SETTINGS: &str = "settings";

/// A window whose page is not there by then is shown without it, so that nobody waits for nothing.
const UNLOADED: Duration = Duration::from_secs(2);

/// Remembers where windows stood and how large they were. Not whether they were visible: that would show a window nobody opened.
pub(crate) fn remembered_place<R: Runtime>() -> TauriPlugin<R> {
    tauri_plugin_window_state::Builder::default()
        .with_state_flags(StateFlags::POSITION | StateFlags::SIZE | StateFlags::MAXIMIZED)
        .build()
}

/// Opens the panel.
pub(crate) fn open_panel(app: &AppHandle) -> tauri::Result<WebviewWindow> {
    let window = private(app, PANEL, "index.html")
        .title("Sidecard")
        .inner_size(380.0, place::HEIGHT)
        .min_inner_size(place::LEAST.width, place::LEAST.height)
        .build()?;
    finish(&window)?;
    Ok(window)
}

/// Opens the settings, or brings them to the front.
pub(crate) fn open_settings(app: &AppHandle) -> tauri::Result<()> {
    if let Some(window) = app.get_webview_window(SETTINGS) {
        return window.set_focus();
    }
    let window = private(app, SETTINGS, "settings.html")
        .title(words::of(app.state::<Preferences>().get().language).settings_title)
        .inner_size(980.0, 720.0)
        .min_inner_size(900.0, 640.0)
        .build()?;
    finish(&window)
}

/// What is done to a new window before anybody sees it.
fn finish(window: &WebviewWindow) -> tauri::Result<()> {
    paint_plainly(window)?;
    let window = window.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(UNLOADED).await;
        show(&window);
    });
    Ok(())
}

fn show(window: &WebviewWindow) {
    // One that was closed meanwhile cannot say.
    if let Ok(false) = window.is_visible()
        && let Err(error) = window.show()
    {
        tracing::warn!(%error, "a window could not be shown");
    }
}

/// Lets WebKitGTK paint with the processor. It would begin to use the graphics card for a small transition, which costs more
/// memory than the rest of the window (an OpenGL context) and is what does not work on some drivers.
#[cfg(target_os = "linux")]
fn paint_plainly(window: &WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt as _, WebViewExt as _};
    window.with_webview(|view| {
        if let Some(settings) = view.inner().settings() {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
    })
}

/// The other systems' web views decide it themselves.
#[cfg(not(target_os = "linux"))]
fn paint_plainly(_: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}

/// Tells the windows and what the system draws of them that the agent chose otherwise.
pub(crate) fn preferences_changed(app: &AppHandle, preferences: WindowPreferences) -> tauri::Result<()> {
    let words = words::of(preferences.language);
    app.emit_to(SETTINGS, "preferences-changed", preferences)?;
    app.state::<tray::Lines>().say(words)?;
    match app.get_webview_window(SETTINGS) {
        Some(settings) => settings.set_title(words.settings_title),
        None => Ok(()),
    }
}

/// Shows the panel and brings it to the front.
pub(crate) fn focus_panel(app: &AppHandle) {
    let Some(window) = app.get_webview_window(PANEL) else { return };
    let shown = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus());
    if let Err(error) = shown {
        tracing::warn!(%error, "the panel could not be brought to the front");
    }
}

/// Whether somebody could see the panel: a hidden one paints nothing.
pub(crate) fn is_panel_seen(app: &AppHandle) -> bool {
    let seen = |window: WebviewWindow| -> tauri::Result<bool> {
        Ok(window.is_visible()? && !window.is_minimized()?)
    };
    app.get_webview_window(PANEL).is_some_and(|window| seen(window).unwrap_or(false))
}

/// A window whose web view keeps nothing on disk and goes nowhere but to our own pages.
fn private<'a>(
    app: &'a AppHandle,
    label: &str,
    page: &str,
) -> WebviewWindowBuilder<'a, tauri::Wry, AppHandle> {
    let builder = WebviewWindowBuilder::new(app, label, WebviewUrl::App(page.into()));
    let builder = match (is_driven(), cfg!(target_os = "linux")) {
        (true, _) => builder,
        // Private windows of WebKitGTK have a context each, but Tauri notes under the folder's name which of them can
        // load our pages: with one name for all, only the first could.
        (false, true) => builder.incognito(true).data_directory(app.state::<Scratch>().folder(label)),
        (false, false) => builder.incognito(true),
    };
    builder
        // Screenshots and shared screens show no visitor, where the system can leave a window out.
        .content_protected(true)
        .zoom_hotkeys_enabled(true)
        // Shown once its page is there. WebKitGTK draws a window that is on the screen already by waiting for the page, and
        // the page waits for us to hand it over: half a second in which nothing happens.
        .visible(false)
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Finished {
                show(&window);
            }
        })
        .disable_drag_drop_handler()
        .on_navigation(|url| matches!(url.scheme(), "tauri") || url.host_str() == Some("tauri.localhost"))
}

/// Whether a test drives the windows. WebKitGTK lets itself be driven only in the ordinary context, never in a private one.
pub(crate) fn is_driven() -> bool {
    cfg!(target_os = "linux") && std::env::var("TAURI_WEBVIEW_AUTOMATION").as_deref() == Ok("true")
}
