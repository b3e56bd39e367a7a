//! All states of all views as pictures, drawn by the engine that the program uses.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, Result};

use crate::{
    Desk, Window,
    pages::{Pages, State},
    wait::{self, PATIENCE},
};

/// What stands for an answer that is not there yet is drawn only after a moment.
const HELD_BACK: Duration = Duration::from_millis(300);
const PANEL: (u32, u32) = (380, 760);
const NARROW: (u32, u32) = (320, 640);
const WINDOW: (u32, u32) = (980, 720);
/// The states that are photographed in the narrowest window too.
const IN_NARROW: [&str; 6] =
    ["panel-matched", "panel-long", "panel-rtl", "panel-several", "panel-edit", "panel-related"];
const LANGUAGES: [&str; 2] = ["de", "pt"];

/// Photographs them into `folder`, one file per state, theme, width and language.
///
/// # Errors
/// When a page does not come.
pub async fn photograph_all(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let pages = Pages::serve().await?;
    let desk = Desk::new()?;
    let browser = desk.open_browser().await?;
    let gallery = Gallery { window: &browser.window, folder };
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
    window: &'a Window,
    folder: &'a Path,
}

impl Gallery<'_> {
    /// Waits until the page holds still, and photographs it.
    async fn take(
        &self,
        state: &State,
        language: &str,
        theme: &str,
        (width, height): (u32, u32),
        kind: &str,
    ) -> Result<()> {
        let mut url = state.url.clone();
        url.query_pairs_mut().append_pair("theme", theme);
        self.window.driver().set_window_rect(0, 0, width, height).await?;
        self.window.driver().goto(url.as_str()).await?;
        let name = format!("{}{kind}-{theme}", state.name);
        wait::until(&format!("{name} has taken its steps"), PATIENCE, async || {
            let played: bool =
                self.window.script("return document.documentElement.dataset.played !== undefined").await?;
            Ok(played.then_some(()))
        })
        .await?;
        let speak =
            format!("dispatchEvent(new CustomEvent('speak', {{ detail: '{language}' }})); return null;");
        self.window.script::<()>(&speak).await?;
        tokio::time::sleep(HELD_BACK).await;
        let mut before = Vec::new();
        let picture = wait::until(&format!("{name} holds still"), PATIENCE, async || {
            let picture = self.window.driver().screenshot_as_png().await?;
            let still = picture == before;
            before.clone_from(&picture);
            Ok(still.then_some(picture))
        })
        .await?;
        fs::write(self.folder.join(format!("{name}.png")), picture).context("cannot write the picture")
    }
}
