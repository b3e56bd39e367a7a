//! The safe renderer. On some graphics drivers WebKitGTK opens a window and never paints it. Then the program starts again,
//! once, with WebKitGTK's older way of painting, and remembers that this machine needs it.
//!
//! `WEBKIT_DISABLE_DMABUF_RENDERER` is what WebKitGTK's developers advise (<https://bugs.webkit.org/show_bug.cgi?id=261874>);
//! on X11 some drivers need `WEBKIT_DISABLE_COMPOSITING_MODE` too. Both are read while the web view starts, so that they
//! have to be there before it: the program replaces itself by a new start of the same, which keeps its process.

use std::{
    env, fs,
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use tauri::{AppHandle, Manager as _};

use crate::{environment::Environment, window};

/// Nothing painted for this long after the page has asked what to show, and the renderer is at fault.
const PATIENCE: Duration = Duration::from_secs(5);
/// A page that has not even asked by then runs into the same fault earlier: its process does not start.
const SILENCE: Duration = Duration::from_secs(20);
/// How often is looked.
const TICK: Duration = Duration::from_millis(250);
/// What the safe renderer is made of.
const SAFE: [(&str, &str); 2] =
    [("WEBKIT_DISABLE_DMABUF_RENDERER", "1"), ("WEBKIT_DISABLE_COMPOSITING_MODE", "1")];
/// Stands in the file, for whoever finds it.
const WHY: &str = "The window was not painted in time, so the program starts with the safe renderer of WebKitGTK.\n\
    Delete this file to try the ordinary one again.\n";

/// Whether the window is painted, and what is done when it is not.
#[derive(Debug)]
pub(crate) struct Renderer {
    mark: PathBuf,
    /// For trying this out: what the window reports is not heard.
    deaf: bool,
    asked: AtomicBool,
    painted: AtomicBool,
    again: AtomicBool,
}

impl Renderer {
    pub(crate) fn new(environment: &Environment) -> Self {
        Self {
            mark: environment.folder.join("safe-renderer"),
            deaf: environment.never_painted,
            asked: AtomicBool::new(false),
            painted: AtomicBool::new(false),
            again: AtomicBool::new(false),
        }
    }

    /// Starts the program again with the safe renderer, if this machine needs it and this start does not have it. What a
    /// person has set in the environment stays as it is.
    pub(crate) fn choose(&self) {
        if self.mark.exists() && !is_set() {
            start_over();
        }
    }

    /// The page has asked what to show.
    pub(crate) fn note_asked(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// Something is on the screen.
    pub(crate) fn note_painted(&self) {
        self.painted.store(!self.deaf, Ordering::Relaxed);
    }

    fn is_painted(&self) -> bool {
        self.painted.load(Ordering::Relaxed)
    }

    /// Whether the program ends only to start again; does so then and does not return. To be called last of all.
    pub(crate) fn end(&self) {
        if self.again.load(Ordering::Relaxed) {
            start_over();
        }
    }

    fn give_up(&self, app: &AppHandle) {
        if is_set() {
            tracing::error!("nothing is painted, with the safe renderer neither");
            return;
        }
        // Without the file it would begin again at every start, but never twice in one.
        if let Err(error) = fs::write(&self.mark, WHY) {
            tracing::warn!(%error, "the safe renderer could not be remembered");
        }
        tracing::warn!("nothing is painted; starting again with the safe renderer");
        self.again.store(true, Ordering::Relaxed);
        app.exit(0);
    }
}

/// Watches until something is painted, or gives the renderer up. A window that nobody can see paints nothing.
pub(crate) fn watch(app: &AppHandle) {
    // WebDriver does not follow into another start.
    if !cfg!(target_os = "linux") || window::is_driven() {
        return;
    }
    let app = app.clone();
    let watch = move || {
        let renderer = app.state::<Renderer>();
        let (mut silent, mut waited) = (Duration::ZERO, Duration::ZERO);
        while !renderer.is_painted() {
            std::thread::sleep(TICK);
            match renderer.asked.load(Ordering::Relaxed) {
                true if window::is_panel_seen(&app) => waited += TICK,
                true => {}
                false => silent += TICK,
            }
            if waited >= PATIENCE || silent >= SILENCE {
                return renderer.give_up(&app);
            }
        }
    };
    if let Err(error) = std::thread::Builder::new().name("renderer".to_owned()).spawn(watch) {
        tracing::warn!(%error, "nobody watches whether the window is painted");
    }
}

fn is_set() -> bool {
    env::var_os(SAFE[0].0).is_some()
}

/// Puts a new start of the program in place of this one. Returns only when that does not work: then this one goes on.
fn start_over() {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        if let Ok(program) = env::current_exe() {
            let error = Command::new(program).args(env::args_os().skip(1)).envs(SAFE).exec();
            tracing::error!(%error, "the program could not start again");
        }
    }
}
