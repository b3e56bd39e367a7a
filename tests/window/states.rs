//! Every state of every view, in the engine that the program uses: what axe-core finds, and what has no room.

use std::time::Instant;

use anyhow::Result;
use sidecard_tests::{
    Desk,
    access::nothing,
    pages::{Pages, State},
    stage::{Size, Stage},
};

use crate::access::{Inspector, planted_mistakes_are_found};

/// The panel as it is, at its narrowest, and at 200 %.
const PANEL: [Size; 3] = [(380, 760), (320, 640), (190, 380)];
/// The settings as they are, at their smallest, and that at 200 %.
const SETTINGS: [Size; 3] = [(980, 720), (900, 640), (450, 320)];
/// The language with the longest words.
const LONGEST: &str = "de";

/// Looks at one state in both themes, then at its layout in every size, in English and where the words are longest.
async fn inspect(at: &mut Inspector<'_>, stage: &Stage<'_>, state: &State, sizes: &[Size]) -> Result<()> {
    let name = &state.name;
    stage.show(state, "light", sizes[0]).await?;
    at.zoom = "its size".to_owned();
    at.look(name).await?;
    for language in ["en", LONGEST] {
        stage.speak(language).await?;
        for &(width, height) in sizes {
            stage.resize((width, height)).await?;
            at.zoom = format!("{width} × {height}, {language}");
            at.measure(name).await?;
        }
    }
    Ok(())
}

// PAN-15, PAN-18, PAN-28
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen"]
async fn pan_15_every_state_passes_axe_in_both_themes_and_has_room() -> Result<()> {
    let pages = Pages::serve().await?;
    let desk = Desk::new()?;
    let browser = desk.open_browser().await?;
    let stage = Stage::new(&browser.window).await?;
    let (panel, settings) = (pages.panel()?, pages.settings()?);
    stage.show(&panel[0], "light", PANEL[0]).await?;
    planted_mistakes_are_found(stage.window()).await?;

    let start = Instant::now();
    let mut at = Inspector::of(stage.window());
    for (states, sizes) in [(&panel, PANEL), (&settings, SETTINGS)] {
        for state in states {
            inspect(&mut at, &stage, state, &sizes).await?;
        }
    }
    eprintln!("{} states in {:.0?}", panel.len() + settings.len(), start.elapsed());
    nothing("the states", &at.found)?;
    browser.close().await
}
