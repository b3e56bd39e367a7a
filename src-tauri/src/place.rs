//! Where the panel stands, how it looks and what it speaks: beside an edge, on top, light or dark, in which language.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use ipc::panel::{Dock, Language, Theme, WindowPreferences};
use serde_json::Value;
use tauri::{LogicalSize, Manager as _, PhysicalPosition, PhysicalSize, WebviewWindow};

use crate::{environment::Environment, summon};

/// The least size of the panel, in logical pixels.
pub(crate) const LEAST: LogicalSize<f64> = LogicalSize::new(320.0, 400.0);
/// Its first height.
pub(crate) const HEIGHT: f64 = 760.0;
/// The height of the strip that a compact panel is.
const STRIP: f64 = 184.0;

/// The choices of this desk, kept in a small file: they are nobody's data and needed before any keyring answers.
#[derive(Debug)]
pub(crate) struct Preferences {
    file: PathBuf,
    current: Mutex<Kept>,
}

/// What the file holds.
#[derive(Clone, Debug)]
struct Kept {
    window: WindowPreferences,
    /// How high the panel was before it was folded, in logical pixels.
    height: Option<f64>,
}

impl Preferences {
    pub(crate) fn load(environment: &Environment) -> Self {
        let file = environment.folder.join("window.json");
        let Kept { window, height } =
            read(&file).unwrap_or_else(|| Kept { window: defaults(), height: None });
        Self { file, current: Mutex::new(Kept { window: only_possible(window), height }) }
    }

    pub(crate) fn get(&self) -> WindowPreferences {
        self.kept().window
    }

    /// Applies the choices to a window that has just been opened.
    pub(crate) fn apply(&self, window: &WebviewWindow) -> tauri::Result<()> {
        let wanted = self.get();
        if wanted.compact {
            fold(window)?;
        }
        apply(&wanted, window)?;
        let taken = is_taken(&wanted, window);
        self.current.lock().unwrap_or_else(PoisonError::into_inner).window.global_key_taken = taken;
        Ok(())
    }

    /// Keeps the choices and applies them; says how they stand now.
    pub(crate) fn set(
        &self,
        wanted: WindowPreferences,
        window: &WebviewWindow,
    ) -> tauri::Result<WindowPreferences> {
        let Kept { window: before, mut height } = self.kept();
        let mut wanted = only_possible(wanted);
        match (before.compact, wanted.compact) {
            (false, true) => height = Some(fold(window)?),
            (true, false) => unfold(window, height.take().unwrap_or(HEIGHT))?,
            _ => {}
        }
        apply(&wanted, window)?;
        if wanted.global_key != before.global_key {
            wanted.global_key_taken = is_taken(&wanted, window);
        }
        let kept = Kept { window: wanted.clone(), height };
        if let Err(error) = write(&self.file, &kept) {
            tracing::warn!(%error, "the window's place could not be kept");
        }
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = kept;
        Ok(wanted)
    }

    fn kept(&self) -> Kept {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn read(file: &Path) -> Option<Kept> {
    let mut json: Value = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
    let height = json.as_object_mut()?.remove("height").and_then(|height| height.as_f64());
    Some(Kept { window: serde_json::from_value(json).ok()?, height })
}

fn write(file: &Path, kept: &Kept) -> std::io::Result<()> {
    let mut json = serde_json::to_value(&kept.window)?;
    json["height"] = kept.height.into();
    fs::write(file, json.to_string())
}

/// Makes the window the strip; says how high it was.
fn fold(window: &WebviewWindow) -> tauri::Result<f64> {
    window.unmaximize()?;
    let size = window.inner_size()?.to_logical::<f64>(window.scale_factor()?);
    window.set_min_size(Some(LogicalSize::new(LEAST.width, STRIP)))?;
    window.set_size(LogicalSize::new(size.width, STRIP))?;
    Ok(size.height)
}

fn unfold(window: &WebviewWindow, height: f64) -> tauri::Result<()> {
    let size = window.inner_size()?.to_logical::<f64>(window.scale_factor()?);
    window.set_min_size(Some(LEAST))?;
    window.set_size(LogicalSize::new(size.width, height.max(LEAST.height)))
}

fn defaults() -> WindowPreferences {
    WindowPreferences {
        always_on_top: Some(false),
        dock: Some(Dock::Free),
        theme: Theme::System,
        language: Language::System,
        hide_after: None,
        compact: false,
        global_key: None,
        global_key_taken: false,
        notify: false,
    }
}

/// Leaves out what this system cannot do: Wayland lets no window place itself or stay on top.
fn only_possible(mut preferences: WindowPreferences) -> WindowPreferences {
    if is_wayland() {
        preferences.always_on_top = None;
        preferences.dock = None;
    }
    preferences.global_key = summon::is_possible().then(|| preferences.global_key.unwrap_or_default());
    preferences
}

/// Takes the wanted global key; says whether another program has it.
fn is_taken(wanted: &WindowPreferences, window: &WebviewWindow) -> bool {
    wanted.global_key.is_some_and(|key| !summon::take(window.app_handle(), key))
}

fn is_wayland() -> bool {
    cfg!(target_os = "linux")
        && std::env::var_os("WAYLAND_DISPLAY").is_some()
        && std::env::var_os("GDK_BACKEND").is_none_or(|backend| backend != "x11")
}

/// Puts the window where it was chosen to be.
fn apply(preferences: &WindowPreferences, window: &WebviewWindow) -> tauri::Result<()> {
    if let Some(on_top) = preferences.always_on_top {
        window.set_always_on_top(on_top)?;
    }
    let theme = match preferences.theme {
        Theme::System => None,
        Theme::Light => Some(tauri::Theme::Light),
        Theme::Dark => Some(tauri::Theme::Dark),
    };
    window.set_theme(theme)?;
    match preferences.dock {
        Some(Dock::Left) => dock(window, false, preferences.compact),
        Some(Dock::Right) => dock(window, true, preferences.compact),
        Some(Dock::Free) | None => Ok(()),
    }
}

/// Stands the window beside an edge of its screen, over the whole height that the system leaves free, or as a strip at its
/// upper end.
fn dock(window: &WebviewWindow, right: bool, compact: bool) -> tauri::Result<()> {
    let Some(monitor) = window.current_monitor()? else { return Ok(()) };
    let area = monitor.work_area();
    let (outer, inner) = (window.outer_size()?, window.inner_size()?);
    let frame =
        PhysicalSize::new(outer.width.saturating_sub(inner.width), outer.height.saturating_sub(inner.height));
    let PhysicalSize { width, height: strip } =
        LogicalSize::new(380.0, STRIP).to_physical::<u32>(monitor.scale_factor());
    let whole = area.size.height.saturating_sub(frame.height);
    let size = PhysicalSize::new(width, if compact { strip } else { whole });
    window.set_size(size)?;
    let full = i32::try_from(width + frame.width).unwrap_or(i32::MAX);
    let edge = i32::try_from(area.size.width).unwrap_or(i32::MAX) - full;
    let x = area.position.x + if right { edge } else { 0 };
    window.set_position(PhysicalPosition::new(x, area.position.y))
}
