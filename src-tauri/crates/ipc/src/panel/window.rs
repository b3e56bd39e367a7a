//! How the window behaves.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How the window behaves. An option that the system cannot offer is absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WindowPreferences {
    /// Always on top.
    pub always_on_top: Option<bool>,
    /// Beside which edge of the screen it stands.
    pub dock: Option<Dock>,
    /// Light, dark, or as the system has it.
    pub theme: Theme,
    /// The language of texts, dates and numbers.
    #[serde(default)]
    pub language: Language,
    /// After how many minutes without the agent's hand contacts are hidden; none for never.
    #[serde(default)]
    pub hide_after: Option<u32>,
    /// Folded to a low strip: the chats, who it is, how that is known.
    #[serde(default)]
    pub compact: bool,
    /// The key that brings the panel from anywhere.
    #[serde(default)]
    pub global_key: Option<GlobalKey>,
    /// Whether another program has that key. Told, never asked for.
    #[serde(default)]
    pub global_key_taken: bool,
    /// Whether a new chat that is matched or needs a person brings a notification.
    #[serde(default)]
    pub notify: bool,
}

/// The keys that the panel may be called with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GlobalKey {
    /// None.
    #[default]
    Off,
    /// Ctrl+Alt+S.
    CtrlAltS,
    /// Ctrl+Alt+C.
    CtrlAltC,
    /// Ctrl+Shift+F12.
    CtrlShiftF12,
}

/// A notification, in the words of the window. It names nobody.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewsRequest {
    /// What it is about.
    pub title: String,
    /// The sentence.
    pub text: String,
}

/// Beside which edge of the screen the window stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Dock {
    /// Where the agent put it.
    Free,
    /// The left edge.
    Left,
    /// The right edge.
    Right,
}

/// The colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// The language of texts, dates and numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// The first of the system's languages that Sidecard speaks; English when it speaks none.
    #[default]
    System,
    /// English.
    En,
    /// German.
    De,
    /// Portuguese, as in Brazil.
    Pt,
}
