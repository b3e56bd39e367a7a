//! All states of all views as pictures, drawn by the engine that the program uses.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{
    Desk,
    pages::{Pages, State},
    stage::{Size, Stage},
};

const PANEL: Size = (380, 760);
const NARROW: Size = (320, 640);
const WINDOW: Size = (980, 720);
/// The states that are photographed in the narrowest window too.
const IN_NARROW: [&str; 10] = [
    "panel-matched",
    "panel-long",
    "panel-rtl",
    "panel-several",
    "panel-edit",
    "panel-edit-conflict",
    "panel-related",
    "panel-ticket_tab",
    "panel-outbox-open",
    "panel-search-results",
];
const LANGUAGES: [&str; 2] = ["de", "pt"];

/// Photographs them into `folder`, one file per state, theme, width and language; with `only`, those whose names contain it.
///
/// # Errors
/// When a page does not come.
pub async fn photograph_all(folder: &Path, only: &str) -> Result<()> {
    fs::create_dir_all(folder)?;
    let pages = Pages::serve().await?;
    let desk = Desk::new()?;
    let browser = desk.open_browser().await?;
    let gallery = Gallery { stage: Stage::new(&browser.window).await?, folder, only };
    for theme in ["light", "dark"] {
        for state in pages.panel()? {
            gallery.take(&state, "en", theme, PANEL, "").await?;
        }
        for state in pages.settings()? {
            gallery.take(&state, "en", theme, WINDOW, "").await?;
        }
    }
    let narrow: Vec<_> = pages.panel()?.into_iter().filter(|one| IN_NARROW.contains(&&*one.name)).collect();
    for state in &narrow {
        gallery.take(state, "en", "light", NARROW, "-narrow").await?;
    }
    for language in LANGUAGES {
        for state in &narrow {
            gallery.take(state, language, "dark", NARROW, &format!("-narrow-{language}")).await?;
        }
        for state in pages.settings()? {
            gallery.take(&state, language, "light", WINDOW, &format!("-{language}")).await?;
        }
    }
    browser.close().await
}

struct Gallery<'a> {
    stage: Stage<'a>,
    folder: &'a Path,
    only: &'a str,
}

impl Gallery<'_> {
    async fn take(&self, state: &State, language: &str, theme: &str, size: Size, kind: &str) -> Result<()> {
        let name = format!("{}{kind}-{theme}", state.name);
        if !name.contains(self.only) {
            return Ok(());
        }
        self.stage.show(state, theme, size).await?;
        self.stage.speak(language).await?;
        let picture = self.stage.photograph(&name).await?;
        fs::write(self.folder.join(format!("{name}.png")), picture).context("cannot write the picture")
    }
}
