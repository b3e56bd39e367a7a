//! A state of the UI in a window of exactly the size that is asked for: a frame in the engine's own browser, which cannot be
//! as narrow itself.

use std::time::Duration;

use anyhow::Result;
use thirtyfour::By;

use crate::{
    Window,
    pages::State,
    wait::{self, PATIENCE},
};

/// Where the frame is, in the folder of the pages.
pub(crate) const FILE: &str = "stage.html";

/// The page around the frame.
pub(crate) const PAGE: &str = "<!doctype html><html lang=\"en\"><title>Stage</title>
<style>body { margin: 0 } iframe { display: block; border: 0 }</style><body><script>
  const asked = new URLSearchParams(location.search);
  const frame = document.createElement('iframe');
  for (const name of ['width', 'height', 'src']) frame[name] = asked.get(name);
  document.body.append(frame);
</script></body></html>";

/// What stands for an answer that is not there yet is drawn only after a moment.
const HELD_BACK: Duration = Duration::from_millis(300);

/// The browser is wider than every frame, so that it can be.
const BROWSER: Size = (1000, 720);

/// Width and height, in CSS pixels.
pub type Size = (u32, u32);

/// A browser that shows one state at a time.
pub struct Stage<'a> {
    window: &'a Window,
    /// What stands above and below the page, in CSS pixels.
    around: u32,
}

impl<'a> Stage<'a> {
    /// Measures the browser.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn new(window: &'a Window) -> Result<Self> {
        const AROUND: &str = "return window.outerHeight - window.innerHeight";
        window.driver().set_window_rect(0, 0, BROWSER.0, BROWSER.1).await?;
        let around = wait::until("the browser has its size", PATIENCE, async || {
            let size: Size = window.script("return [window.outerWidth, window.outerHeight]").await?;
            Ok((size == BROWSER).then_some(window.script(AROUND).await?))
        })
        .await?;
        Ok(Self { window, around })
    }

    /// The browser, which looks into the frame once something is shown.
    pub fn window(&self) -> &'a Window {
        self.window
    }

    /// Shows a state, and waits until its steps are taken.
    ///
    /// # Errors
    /// When the page does not come.
    pub async fn show(&self, state: &State, theme: &str, (width, height): Size) -> Result<()> {
        let mut inside = state.url.clone();
        inside.query_pairs_mut().append_pair("theme", theme);
        let mut url = state.url.join(FILE)?;
        url.query_pairs_mut()
            .append_pair("width", &width.to_string())
            .append_pair("height", &height.to_string())
            .append_pair("src", inside.as_str());
        let driver = self.window.driver();
        driver.enter_default_frame().await?;
        // As high as the frame: what is photographed of a lower one comes out black.
        driver.set_window_rect(0, 0, BROWSER.0, height + self.around).await?;
        driver.goto(url.as_str()).await?;
        driver.enter_frame(0).await?;
        wait::until(&format!("{} has taken its steps", state.name), PATIENCE, async || {
            let played: bool =
                self.window.script("return document.documentElement.dataset.played !== undefined").await?;
            Ok(played.then_some(()))
        })
        .await
    }

    /// Changes the language of what is shown.
    ///
    /// # Errors
    /// When the page cannot be reached.
    pub async fn speak(&self, language: &str) -> Result<()> {
        let speak =
            format!("dispatchEvent(new CustomEvent('speak', {{ detail: '{language}' }})); return null;");
        self.window.script(&speak).await
    }

    /// Changes the size of what is shown.
    ///
    /// # Errors
    /// When the page cannot be reached.
    pub async fn resize(&self, (width, height): Size) -> Result<()> {
        let resize = format!("frameElement.width = {width}; frameElement.height = {height}; return null;");
        self.window.script(&resize).await
    }

    /// Waits until what is shown holds still, and photographs it.
    ///
    /// # Errors
    /// When it does not, or the browser cannot be reached.
    pub async fn photograph(&self, name: &str) -> Result<Vec<u8>> {
        // The line of a look-up sweeps for as long as it lasts.
        const STAND: &str = "for (const one of document.getAnimations())
            if (one.effect?.getComputedTiming().endTime === Infinity) one.pause(); return null;";
        let driver = self.window.driver();
        tokio::time::sleep(HELD_BACK).await;
        self.window.script::<()>(STAND).await?;
        driver.enter_default_frame().await?;
        let frame = driver.find(By::Tag("iframe")).await?;
        let mut before = Vec::new();
        wait::until(&format!("{name} holds still"), PATIENCE, async || {
            let picture = frame.screenshot_as_png().await?;
            let still = picture == before;
            before.clone_from(&picture);
            Ok(still.then_some(picture))
        })
        .await
    }
}
