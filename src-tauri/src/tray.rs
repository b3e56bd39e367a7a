//! The tray icon. On Linux it only has a menu; it is never the only way back to the window.

use tauri::{
    AppHandle,
    image::Image,
    menu::{Menu, MenuItem},
    tray::TrayIconBuilder,
};

use crate::{window, words::Words};

/// The lines of the tray's menu.
pub(crate) struct Lines {
    show: MenuItem<tauri::Wry>,
    settings: MenuItem<tauri::Wry>,
    quit: MenuItem<tauri::Wry>,
}

impl Lines {
    /// Puts the icon into the tray, where the system has one.
    pub(crate) fn build(app: &AppHandle, words: &Words) -> tauri::Result<Self> {
        let line = |id, text| MenuItem::with_id(app, id, text, true, None::<&str>);
        let lines = Self {
            show: line("show", words.show)?,
            settings: line("settings", words.settings)?,
            quit: line("quit", words.quit)?,
        };
        put(app, &Menu::with_items(app, &[&lines.show, &lines.settings, &lines.quit])?)?;
        Ok(lines)
    }

    /// Says them in another language.
    pub(crate) fn say(&self, words: &Words) -> tauri::Result<()> {
        self.show.set_text(words.show)?;
        self.settings.set_text(words.settings)?;
        self.quit.set_text(words.quit)
    }
}

fn put(app: &AppHandle, menu: &Menu<tauri::Wry>) -> tauri::Result<()> {
    let icon = Image::from_bytes(include_bytes!("../../icons/tray.png"))?;
    TrayIconBuilder::new()
        .icon(icon)
        .tooltip("Sidecard")
        .menu(menu)
        .on_menu_event(|app, event| match event.id.as_ref() {
            "show" => window::focus_panel(app),
            "settings" => {
                if let Err(error) = window::open_settings(app) {
                    tracing::warn!(%error, "the settings could not be opened");
                }
            }
            "quit" => app.exit(0),
            _ => {}
        })
        .build(app)
        .map(drop)
}
