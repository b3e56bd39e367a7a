//! Watching every painted frame: what stood in the window at each of them.

use anyhow::Result;

use crate::Window;

const WATCH: &str = "
    window.__frames = new Set();
    const look = () => { window.__frames?.add(document.body.innerText); if (window.__frames) requestAnimationFrame(look); };
    look();
    return true;";
/// What stands there at the end belongs to it, also where the next frame is late.
const TAKE: &str = "window.__frames.add(document.body.innerText);
    const frames = [...window.__frames]; window.__frames = null; return frames;";

/// Begins to watch.
///
/// # Errors
/// When the window cannot be asked.
pub async fn watch(window: &Window) -> Result<()> {
    window.script::<bool>(WATCH).await.map(drop)
}

/// Ends it and gives each different text that was painted.
///
/// # Errors
/// When the window cannot be asked.
pub async fn take(window: &Window) -> Result<Vec<String>> {
    window.script(TAKE).await
}
