//! The program's windows through WebKitWebDriver. Controls are found by role and accessible name, as a screen reader
//! finds them; a control without a name cannot be found.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use thirtyfour::{
    By, Key, WebDriver, WebElement,
    common::{
        command::{Command, ExtensionCommand},
        types::ElementId,
    },
};

use crate::wait::{self, PATIENCE};

/// What a control is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A button.
    Button,
    /// A field for text.
    Textbox,
    /// A field that offers choices.
    Combobox,
    /// A choice among others.
    Radio,
    /// A yes or no.
    Checkbox,
    /// A line of a list to choose from.
    Option,
    /// A line of a menu.
    MenuItem,
    /// A page of several.
    Tab,
    /// A heading.
    Heading,
}

impl Role {
    /// Where elements of this role can be, before they are asked.
    fn selector(self) -> &'static str {
        match self {
            Self::Button => "button, [role=button], summary, input[type=submit], input[type=button]",
            Self::Textbox => "input, textarea, [role=textbox], [role=searchbox]",
            Self::Combobox => "select, [role=combobox]",
            Self::Radio => "input[type=radio], [role=radio]",
            Self::Checkbox => "input[type=checkbox], [role=checkbox], [role=switch]",
            Self::Option => "[role=option], option",
            Self::MenuItem => "[role=menuitem], [role=menuitemcheckbox], [role=menuitemradio]",
            Self::Tab => "[role=tab]",
            Self::Heading => "h1, h2, h3, h4, [role=heading]",
        }
    }

    /// Whether it is a mark beside a label: the native input itself may be invisible.
    fn is_mark(self) -> bool {
        matches!(self, Self::Radio | Self::Checkbox)
    }

    fn is(self, computed: &str) -> bool {
        match self {
            // WebKitGTK has no role for `summary`, and calls `select` a button.
            Self::Button => matches!(computed, "button" | ""),
            Self::Textbox => matches!(computed, "textbox" | "searchbox" | "spinbutton" | "combobox"),
            Self::Combobox => matches!(computed, "combobox" | "listbox" | "button"),
            Self::Radio => computed == "radio",
            Self::Checkbox => matches!(computed, "checkbox" | "switch"),
            Self::Option => computed == "option",
            Self::MenuItem => computed.starts_with("menuitem"),
            Self::Tab => computed == "tab",
            Self::Heading => computed == "heading",
        }
    }
}

/// One of the program's windows.
#[derive(Clone, Debug)]
pub struct Window {
    driver: WebDriver,
}

impl Window {
    /// The window that `driver` looks at.
    pub fn new(driver: WebDriver) -> Self {
        Self { driver }
    }

    /// The driver itself.
    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// The first shown control of this role whose name is `name`, else whose name contains it.
    ///
    /// # Errors
    /// When there is none in time.
    pub async fn find(&self, role: Role, name: &str) -> Result<WebElement> {
        wait::until(&format!("{role:?} “{name}”"), PATIENCE, async || self.look_for(role, name).await).await
    }

    /// The same, now or not at all.
    ///
    /// # Errors
    /// When the window cannot be asked.
    pub async fn look_for(&self, role: Role, name: &str) -> Result<Option<WebElement>> {
        let mut partly = None;
        for element in self.driver.find_all(By::Css(role.selector())).await? {
            let label = self.name_of(&element).await?;
            if !label.contains(name) || (partly.is_some() && label != name) {
                continue;
            }
            if !role.is(&self.role_of(&element).await?) || !(role.is_mark() || element.is_displayed().await?)
            {
                continue;
            }
            if label == name {
                return Ok(Some(element));
            }
            partly = Some(element);
        }
        Ok(partly)
    }

    /// Clicks it, once it is there.
    ///
    /// # Errors
    /// When it is not there in time, or cannot be clicked.
    pub async fn click(&self, role: Role, name: &str) -> Result<()> {
        wait::until(&format!("click {role:?} “{name}”"), PATIENCE, async || {
            let Some(element) = self.look_for(role, name).await? else { return Ok(None) };
            if !element.is_enabled().await? {
                bail!("{role:?} “{name}” is disabled");
            }
            let clicked = match role.is_mark() {
                true => self.click_label_of(&element).await,
                false => element.click().await.map_err(Into::into),
            };
            if clicked.is_err() {
                // The driver does not scroll to what the end of a scrolled part hides.
                element.scroll_into_view().await?;
            }
            clicked.map(Some)
        })
        .await
    }

    /// Opens a chat of the agent's, from its pill or from the list of all.
    ///
    /// # Errors
    /// When the agent has no such chat.
    pub async fn open_chat(&self, name: &str) -> Result<()> {
        wait::until(&format!("the chat “{name}”"), PATIENCE, async || {
            for pill in self.driver.find_all(By::Css("nav button")).await? {
                if pill.is_displayed().await? && self.name_of(&pill).await?.contains(name) {
                    pill.click().await?;
                    return Ok(Some(()));
                }
            }
            if let Some(more) = self.look_for(Role::Button, "more chat").await? {
                more.click().await?;
            }
            Ok(None)
        })
        .await
    }

    /// Radios and check boxes are drawn by their labels, which is what a person clicks.
    async fn click_label_of(&self, element: &WebElement) -> Result<()> {
        let script = "return arguments[0].closest('label') ?? arguments[0].labels?.[0] ?? arguments[0]";
        self.driver.execute(script, vec![element.to_json()?]).await?.element()?.click().await?;
        Ok(())
    }

    /// Replaces what a text field holds.
    ///
    /// # Errors
    /// When it is not there in time.
    pub async fn fill(&self, name: &str, text: &str) -> Result<()> {
        let field = self.find(Role::Textbox, name).await?;
        // The driver takes a field that is half below the form's buttons for one that can be clicked.
        field.scroll_into_view().await?;
        field.click().await?;
        field.send_keys(Key::Control + "a").await?;
        field.send_keys(Key::Delete + "").await?;
        if !text.is_empty() {
            field.send_keys(text).await?;
        }
        Ok(())
    }

    /// Presses keys, wherever the focus is.
    ///
    /// # Errors
    /// When the window cannot be reached.
    pub async fn press(&self, keys: impl Into<thirtyfour::TypingData>) -> Result<()> {
        let element = self.driver.active_element().await?;
        element.send_keys(keys).await?;
        Ok(())
    }

    /// What a control is called.
    ///
    /// # Errors
    /// When the window cannot be asked.
    pub async fn name_of(&self, element: &WebElement) -> Result<String> {
        self.ask(element, "computedlabel").await
    }

    /// What kind of control it is.
    ///
    /// # Errors
    /// When the window cannot be asked.
    pub async fn role_of(&self, element: &WebElement) -> Result<String> {
        self.ask(element, "computedrole").await
    }

    /// All shown text.
    ///
    /// # Errors
    /// When the window cannot be asked.
    pub async fn text(&self) -> Result<String> {
        let text: String = self.script("return document.body.innerText").await?;
        Ok(text.replace('\u{a0}', " "))
    }

    /// Waits until all of these stand in the window.
    ///
    /// # Errors
    /// When one does not, in time; says which, and what stands there instead.
    pub async fn shows(&self, texts: &[&str]) -> Result<()> {
        self.shows_within(PATIENCE, texts).await
    }

    /// The same with a limit of one's own.
    ///
    /// # Errors
    /// As [`Window::shows`].
    pub async fn shows_within(&self, limit: Duration, texts: &[&str]) -> Result<()> {
        wait::until(&format!("the window shows {texts:?}"), limit, async || {
            let shown = self.text().await?;
            match texts.iter().find(|text| !stands(&shown, text)) {
                Some(missing) => bail!("“{missing}” does not stand in:\n{shown}"),
                None => Ok(Some(())),
            }
        })
        .await
    }

    /// Waits until none of these stands in the window.
    ///
    /// # Errors
    /// When one still does in the end.
    pub async fn hides(&self, texts: &[&str]) -> Result<()> {
        wait::until(&format!("the window hides {texts:?}"), PATIENCE, async || {
            let shown = self.text().await?;
            match texts.iter().find(|text| stands(&shown, text)) {
                Some(still) => bail!("“{still}” still stands in:\n{shown}"),
                None => Ok(Some(())),
            }
        })
        .await
    }

    /// Runs a script and reads what it returns.
    ///
    /// # Errors
    /// When it fails or returns something else.
    pub async fn script<T: serde::de::DeserializeOwned>(&self, script: &str) -> Result<T> {
        let reply = self.driver.execute(script, Vec::<Value>::new()).await?;
        serde_json::from_value(reply.json().clone()).context("the script returned something else")
    }

    /// Calls one of the program's commands from this window and gives the reply, or the refusal.
    ///
    /// # Errors
    /// When the window cannot be asked.
    pub async fn invoke(&self, command: &str, arguments: Value) -> Result<Result<Value, Value>> {
        const CALL: &str = "const [command, given, done] = arguments;
            window.__TAURI_INTERNALS__.invoke(command, given)
                .then(reply => done({ reply }), refusal => done({ refusal }));";
        let reply = self.driver.execute_async(CALL, vec![command.into(), arguments]).await?;
        Ok(match reply.json().get("refusal") {
            Some(refusal) => Err(refusal.clone()),
            None => Ok(reply.json().get("reply").cloned().unwrap_or_default()),
        })
    }

    /// Looks at the window whose title contains `title` from now on.
    ///
    /// # Errors
    /// When there is none in time.
    pub async fn switch_to(&self, title: &str) -> Result<()> {
        wait::until(&format!("a window “{title}”"), PATIENCE, async || {
            for handle in self.driver.windows().await? {
                self.driver.switch_to_window(handle).await?;
                if self.driver.title().await?.contains(title) {
                    return Ok(Some(()));
                }
            }
            Ok(None)
        })
        .await
    }

    /// Photographs the page.
    ///
    /// # Errors
    /// When that does not work.
    pub async fn photograph(&self, file: &Path) -> Result<()> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let picture = self.driver.screenshot_as_png().await?;
        ensure!(!picture.is_empty(), "the picture is empty");
        std::fs::write(file, picture).with_context(|| format!("cannot write {}", file.display()))
    }

    async fn ask(&self, element: &WebElement, property: &'static str) -> Result<String> {
        let question = Question { element: element.element_id(), property };
        let reply = self.driver.cmd(Command::ExtensionCommand(Box::new(question))).await?;
        Ok(reply.value::<Option<String>>()?.unwrap_or_default())
    }
}

/// Whether a text stands in what is shown, wherever lines are broken.
pub fn stands(shown: &str, text: &str) -> bool {
    shown.contains(text) || shown.replace('\n', "").contains(text)
}

/// The WebDriver commands that tell role and name, which the client library does not have.
#[derive(Debug)]
struct Question {
    element: ElementId,
    property: &'static str,
}

impl ExtensionCommand for Question {
    fn parameters_json(&self) -> Option<Value> {
        None
    }

    fn method(&self) -> http::Method {
        http::Method::GET
    }

    fn endpoint(&self) -> Arc<str> {
        format!("/element/{}/{}", self.element, self.property).into()
    }
}
