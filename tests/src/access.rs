//! Looking at a window with other eyes and hands: what axe-core finds, what is cut off, where the focus is, and what a
//! screen reader is told. The looking itself is done by scripts inside of the page.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use thirtyfour::Key;

use crate::{
    Window,
    wait::{self, PATIENCE},
};

/// What looks at a page from inside.
pub const PAGE: &str = include_str!("access/page.js");

/// More stops than any view has.
const MANY_STOPS: usize = 150;

/// The source of axe-core.
///
/// # Errors
/// When the UI's packages are not installed.
pub fn axe_core() -> Result<String> {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("ui").join("node_modules/axe-core/axe.min.js");
    fs::read_to_string(file).context("axe-core is not installed: npm ci in ui")
}

/// Fails with everything that was found.
///
/// # Errors
/// When something was.
pub fn nothing(what: &str, found: &[String]) -> Result<()> {
    ensure!(found.is_empty(), "{what}: {} findings\n{}", found.len(), found.join("\n"));
    Ok(())
}

/// What WebDriver calls a key.
fn code(name: &str) -> Option<char> {
    let key = match name {
        "Ctrl" => Key::Control,
        "Shift" => Key::Shift,
        "Alt" => Key::Alt,
        "Tab" => Key::Tab,
        "Enter" => Key::Enter,
        "Escape" => Key::Escape,
        "Space" => return Some(' '),
        "Up" => Key::Up,
        "Down" => Key::Down,
        "Left" => Key::Left,
        "Right" => Key::Right,
        "F6" => Key::F6,
        "F8" => Key::F8,
        "F9" => Key::F9,
        "F7" => Key::F7,
        "F10" => Key::F10,
        _ => return name.chars().next().filter(|_| name.chars().count() == 1),
    };
    Some(key.into())
}

/// Where the focus is.
#[derive(Debug, Deserialize)]
struct Focus {
    lost: bool,
    #[serde(default)]
    stop: usize,
    name: String,
    wrong: Vec<String>,
}

impl Window {
    /// Puts the script for looking into the page; a page that was loaded anew needs it again.
    ///
    /// # Errors
    /// When the window cannot be reached.
    pub async fn look_inside(&self) -> Result<()> {
        self.script::<()>(&format!("{PAGE}; return null;")).await
    }

    /// What axe-core finds in the light and in the dark theme.
    ///
    /// # Errors
    /// When it does not run.
    pub async fn axe(&self) -> Result<Vec<String>> {
        const RUN: &str = "const done = arguments[0]; window.__page.themes().then(done);";
        if !self.script::<bool>("return window.axe !== undefined").await? {
            self.script::<()>(&format!("{}; return null;", axe_core()?)).await?;
        }
        let found = self.driver().execute_async(RUN, Vec::new()).await?;
        Ok(serde_json::from_value(found.json().clone())?)
    }

    /// What is cut off, spills out of its place, or makes the page scroll sideways.
    ///
    /// # Errors
    /// When the window cannot be asked.
    pub async fn layout(&self) -> Result<Vec<String>> {
        self.script("return window.__page.layout()").await
    }

    /// Presses one key, with others held: `Tab`, `Shift+Tab`, `Ctrl+k`.
    ///
    /// # Errors
    /// When the window cannot be reached.
    pub async fn tap(&self, key: &str) -> Result<()> {
        let parts = key.split('+').map(|part| code(part).with_context(|| format!("no key {part}")));
        let parts = parts.collect::<Result<Vec<char>>>()?;
        let mut chain = self.driver().action_chain();
        for part in &parts {
            chain = chain.key_down(*part);
        }
        for part in parts.iter().rev() {
            chain = chain.key_up(*part);
        }
        Ok(chain.perform().await?)
    }

    /// Types into what has the focus.
    ///
    /// # Errors
    /// When the window cannot be reached.
    pub async fn type_in(&self, text: &str) -> Result<()> {
        Ok(self.driver().action_chain().send_keys(text).perform().await?)
    }

    /// Replaces the text of the field that has the focus.
    ///
    /// # Errors
    /// When the window cannot be reached.
    pub async fn retype(&self, text: &str) -> Result<()> {
        self.tap("Ctrl+a").await?;
        self.type_in(text).await
    }

    /// Waits until the focus is on something on show, and gives its name.
    ///
    /// # Errors
    /// When it is lost, does not show, or is covered by something.
    pub async fn focused(&self) -> Result<String> {
        wait::until("the focus is on something", PATIENCE, async || {
            let focus: Focus = self.script("return window.__page.focus()").await?;
            ensure!(!focus.lost, "the focus is lost");
            nothing("the focus", &focus.wrong)?;
            Ok(Some(focus.name))
        })
        .await
    }

    /// Waits until the focus is on a control of this name.
    ///
    /// # Errors
    /// When it is elsewhere in the end.
    pub async fn focus_is_on(&self, name: &str) -> Result<()> {
        wait::until(&format!("the focus is on “{name}”"), PATIENCE, async || {
            let focused = self.focused().await?;
            if !focused.contains(name) {
                bail!("the focus is on {focused}");
            }
            Ok(Some(()))
        })
        .await
    }

    /// Presses Tab until the focus is on a control of this name.
    ///
    /// # Errors
    /// When Tab does not come to it.
    pub async fn tab_to(&self, name: &str) -> Result<()> {
        for _ in 0..MANY_STOPS {
            if self.focused().await.is_ok_and(|focused| focused.contains(name)) {
                return Ok(());
            }
            self.tap("Tab").await?;
        }
        bail!("Tab does not come to “{name}”")
    }

    /// Goes all around the view with Tab.
    ///
    /// # Errors
    /// When the focus is lost on the way, does not show or is covered, or when a control on show was not reached.
    pub async fn tab_around(&self, view: &str) -> Result<()> {
        self.script::<()>("window.__page.forget(); return null;").await?;
        let (mut seen, mut wrong) = (0, Vec::new());
        for step in 0..=MANY_STOPS {
            self.tap("Tab").await?;
            let focus: Focus = self.script("return window.__page.focus()").await?;
            // Between the last control and the first the page itself may have it; a date has several parts.
            if focus.lost || focus.stop == seen {
                continue;
            }
            if focus.stop < seen {
                break;
            }
            seen = focus.stop;
            wrong.extend(focus.wrong);
            ensure!(step < MANY_STOPS, "{view}: Tab does not come around");
        }
        let unreached: Vec<String> = self.script("return window.__page.unreached()").await?;
        wrong.extend(unreached.into_iter().map(|name| format!("Tab does not come to {name}")));
        nothing(view, &wrong)
    }

    /// Opens the agent's chat with the visitor of this name by its number.
    ///
    /// # Errors
    /// When no chat has that name.
    pub async fn open_chat_by_key(&self, name: &str) -> Result<()> {
        const SHOWN: &str = "return document.querySelector('nav [aria-current]')?.textContent ?? ''";
        let mut number = 0;
        wait::until(&format!("the chat of {name}"), PATIENCE, async || {
            if self.script::<String>(SHOWN).await?.contains(name) {
                return Ok(Some(()));
            }
            // The chat that was asked for before may still be on its way.
            number += 1;
            self.tap(&format!("Ctrl+{}", 1 + number / 8 % 4)).await?;
            Ok(None)
        })
        .await
    }

    /// Notes what a screen reader is told from now on.
    ///
    /// # Errors
    /// When the window cannot be reached.
    pub async fn listen(&self) -> Result<()> {
        self.script::<()>("window.__page.listen(); return null;").await
    }

    /// Waits until a screen reader was told this, politely or at once.
    ///
    /// # Errors
    /// When it was told something else only.
    pub async fn says(&self, role: &str, text: &str) -> Result<()> {
        wait::until(&format!("{role} says “{text}”"), PATIENCE, async || {
            let said: Vec<(String, String)> = self.script("return window.__page.said()").await?;
            match said.iter().any(|(of, words)| of == role && words.contains(text)) {
                true => Ok(Some(())),
                false => bail!("said was {said:?}"),
            }
        })
        .await
    }
}
