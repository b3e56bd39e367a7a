//! The program's own windows as axe-core sees them, and at 200 %.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use sidecard_tests::{
    Role, Window,
    access::nothing,
    reception::{NONE, ONE, Reception, SEVERAL},
    wait::{self, PATIENCE},
};

/// After this a view has its final form.
const SETTLED: Duration = Duration::from_secs(3);

/// Collects what is wrong with the views it is shown.
pub(crate) struct Inspector<'a> {
    window: &'a Window,
    /// How large things are, for the report.
    pub(crate) zoom: String,
    pub(crate) found: Vec<String>,
}

impl<'a> Inspector<'a> {
    pub(crate) fn of(window: &'a Window) -> Self {
        Self { window, zoom: "100 %".to_owned(), found: Vec::new() }
    }

    /// Looks with all eyes, in both themes.
    pub(crate) async fn look(&mut self, view: &str) -> Result<()> {
        self.window.look_inside().await?;
        let window = self.window;
        self.note(view, async || {
            let mut found = window.axe().await?;
            found.extend(window.layout().await?);
            Ok(found)
        })
        .await
    }

    /// Looks at the layout alone, of a view that was looked at before.
    pub(crate) async fn measure(&mut self, view: &str) -> Result<()> {
        let window = self.window;
        self.note(view, async || window.layout().await).await
    }

    /// A view that was just drawn is measured a frame later: what is wrong stays wrong.
    async fn note(&mut self, view: &str, see: impl AsyncFn() -> Result<Vec<String>>) -> Result<()> {
        let mut found = see().await?;
        let end = Instant::now() + SETTLED;
        while !found.is_empty() && Instant::now() < end {
            found = see().await?;
        }
        self.found.extend(found.into_iter().map(|one| format!("{view} at {}: {one}", self.zoom)));
        Ok(())
    }
}

/// Every view of the panel, begun and left with the contact of the first chat.
async fn around_the_panel(at: &mut Inspector<'_>) -> Result<()> {
    let window = at.window;
    window.open_chat_by_key(ONE.0).await?;
    window.shows(&["10482", "São Paulo"]).await?;
    at.look("a likely contact").await?;
    for (key, shown, view) in [
        ("w", "Rules, in order", "why"),
        ("F10", "Colours", "the menu"),
        ("?", "Next part of the panel", "the keys"),
        ("Ctrl+k", "Type a name", "the search"),
    ] {
        window.tap(key).await?;
        window.shows(&[shown]).await?;
        at.look(view).await?;
        if view == "the search" {
            window.type_in("silva").await?;
            window.shows(&["Carlos Silva"]).await?;
            at.look("found contacts").await?;
        }
        window.tap("Escape").await?;
    }
    window.open_chat_by_key(NONE.0).await?;
    window.shows(&["Nobody found for this visitor"]).await?;
    at.look("nobody").await?;
    window.tap("n").await?;
    window.find(Role::Textbox, "Name").await?;
    at.look("a new contact").await?;
    window.tap("Escape").await?;
    window.shows(&["Nobody found for this visitor"]).await?;
    window.open_chat_by_key(SEVERAL.0).await?;
    window.shows(&["Which one is it?"]).await?;
    at.look("several").await
}

/// Presses a button by script: the driver does not hit what it aims at while the page is zoomed.
async fn press(window: &Window, name: &str) -> Result<()> {
    let script = format!(
        "const found = [...document.querySelectorAll('button')]
             .find((button) => (button.ariaLabel ?? button.textContent).trim() === '{name}');
         found?.click(); return found !== undefined;"
    );
    wait::until(&format!("a button “{name}”"), PATIENCE, async || {
        Ok(window.script::<bool>(&script).await?.then_some(()))
    })
    .await
}

/// Every page of the settings, with the form of a connection and the question before one is removed.
async fn around_the_settings(at: &mut Inspector<'_>) -> Result<()> {
    let window = at.window;
    press(window, "Connections").await?;
    at.look("connections").await?;
    for product in ["Tryton", "Optimove", "LiveChat"] {
        press(window, &format!("Connect {product}")).await?;
        window.find(Role::Textbox, "Name").await?;
        at.look(product).await?;
        press(window, "Cancel").await?;
    }
    press(window, "Connections").await?;
    press(window, "Remove LiveChat").await?;
    window.shows(&["Remove LiveChat?"]).await?;
    at.look("removing").await?;
    window.tap("Escape").await?;
    for (page, shown) in [
        ("Rules", "E-mail"),
        ("Fields", "Customer number"),
        ("Strategies", "What this means"),
        ("Audit", "Export as CSV"),
    ] {
        press(window, page).await?;
        window.shows(&[shown]).await?;
        at.look(page).await?;
    }
    Ok(())
}

/// Zooms in with the keys of every browser.
async fn zoom_in(window: &Window) -> Result<()> {
    const WIDTH: &str = "return window.innerWidth";
    let target = window.script::<u32>(WIDTH).await? / 2 + 3;
    wait::until("the window is at 200 %", PATIENCE, async || {
        let width: u32 = window.script(WIDTH).await?;
        if width <= target {
            return Ok(Some(()));
        }
        window.tap("Ctrl+=").await?;
        wait::until("it zooms in", PATIENCE, async || {
            Ok((window.script::<u32>(WIDTH).await? < width).then_some(()))
        })
        .await?;
        Ok(None)
    })
    .await
}

/// A button without a name that reaches out of the window is found, by both pairs of eyes.
pub(crate) async fn planted_mistakes_are_found(window: &Window) -> Result<()> {
    const PLANT: &str = "const planted = document.createElement('button');
        planted.id = 'planted'; planted.style.cssText = 'flex: none; inline-size: 200vw; block-size: 24px';
        document.querySelector('main').append(planted); return null;";
    const REMOVE: &str = "document.getElementById('planted').remove(); return null;";
    window.look_inside().await?;
    window.script::<()>(PLANT).await?;
    let (names, layout) = (window.axe().await?, window.layout().await?);
    window.script::<()>(REMOVE).await?;
    ensure!(names.iter().any(|found| found.contains("button-name")), "axe-core saw nothing: {names:?}");
    ensure!(layout.iter().any(|found| found.contains("cut off")), "nothing is cut off: {layout:?}");
    Ok(())
}

// PAN-15
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen"]
async fn pan_15_every_view_passes_axe_and_loses_nothing_at_200_percent() -> Result<()> {
    let reception = Reception::new().await?;
    let program = reception.desk.open().await?;
    let window = &program.window;
    reception.is_open().await?;
    for visitor in [SEVERAL, NONE, ONE] {
        reception.comes(visitor);
    }
    let outcome = async {
        planted_mistakes_are_found(window).await?;
        let mut at = Inspector::of(window);
        around_the_panel(&mut at).await?;
        zoom_in(window).await?;
        at.zoom = "200 %".to_owned();
        around_the_panel(&mut at).await?;
        window.tap("F10").await?;
        press(window, "Settings").await?;
        window.switch_to("settings").await?;
        at.zoom = "100 %".to_owned();
        around_the_settings(&mut at).await?;
        zoom_in(window).await?;
        at.zoom = "200 %".to_owned();
        around_the_settings(&mut at).await?;
        nothing("the program", &at.found)
    }
    .await;
    if outcome.is_err() {
        reception.desk.leave_pictures("access", window).await;
    }
    outcome?;
    program.close().await
}
