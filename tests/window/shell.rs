//! The program among others on a desktop: its key, its notifications, its strip, and graphics that paint nothing.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use sidecard_tests::{
    Desk, Role,
    leaks::{processes, signal},
    news::{Notifications, ONLY},
    screen::Running,
    wait::{self, PATIENCE},
};

use crate::sample::on_sample_data;

/// What a desk chose before the program starts.
fn choose(desk: &Desk, more: Value) -> Result<()> {
    let mut chosen = json!({ "alwaysOnTop": false, "dock": "free", "theme": "system" });
    let all = chosen.as_object_mut().context("an object")?;
    all.extend(more.as_object().cloned().unwrap_or_default());
    fs::write(desk.home().join("sample"), "")?;
    Ok(fs::write(desk.home().join("window.json"), chosen.to_string())?)
}

fn has_focus(desk: &Desk) -> bool {
    desk.screen().focused_title().is_ok_and(|title| title == "Sidecard")
}

/// The panel's windows that can be seen; none is an error.
fn on_screen(desk: &Desk) -> Result<String> {
    desk.screen().xdotool(&["search", "--onlyvisible", "--name", "^Sidecard$"])
}

/// Puts the panel out of sight.
async fn put_away(desk: &Desk) -> Result<()> {
    wait::until("the panel has the keyboard", PATIENCE, async || Ok(has_focus(desk).then_some(()))).await?;
    wait::until("the panel is put away", PATIENCE, async || {
        if !has_focus(desk) {
            return Ok(Some(()));
        }
        let window = on_screen(desk)?;
        desk.screen().xdotool(&["windowminimize", window.lines().next().unwrap_or_default()])?;
        Ok(None)
    })
    .await
}

// PAN-26
#[tokio::test]
#[ignore = "needs a screen"]
async fn pan_26_the_global_key_brings_the_panel_and_a_taken_one_is_said() -> Result<()> {
    let desk = Desk::new()?;
    choose(&desk, json!({ "globalKey": "ctrl_alt_s" }))?;
    let program = desk.open().await?;
    put_away(&desk).await?;
    desk.screen().xdotool(&["key", "ctrl+alt+c"])?;
    ensure!(!has_focus(&desk), "another key does nothing");
    desk.screen().xdotool(&["key", "ctrl+alt+s"])?;
    wait::until("the panel has the keyboard", PATIENCE, async || Ok(has_focus(&desk).then_some(()))).await?;

    // Somebody else's program on the same screen.
    let mut other = Desk::new()?;
    other.set("DISPLAY", desk.screen().name());
    choose(&other, json!({ "globalKey": "ctrl_alt_s" }))?;
    let second = other.open().await?;
    second.window.click(Role::Button, "More").await?;
    second.window.shows(&["Another program has this key"]).await?;
    second.window.click(Role::MenuItem, "Ctrl+Alt+C").await?;
    second.window.hides(&["Another program has this key"]).await?;
    second.close().await?;
    program.close().await
}

// PAN-26
#[tokio::test]
#[ignore = "needs a screen"]
async fn pan_26_a_new_chat_brings_a_notification_that_names_nobody() -> Result<()> {
    let mut desk = Desk::new()?;
    let desktop = Notifications::of(desk.session())?;
    choose(&desk, json!({ "notify": true }))?;
    let program = desk.open().await?;
    put_away(&desk).await?;
    let shown = wait::until("a notification", Duration::from_secs(60), async || {
        Ok(Some(desktop.shown()).filter(|shown| !shown.is_empty()))
    })
    .await?;
    for news in &shown {
        let allowed = ["The contact of a new chat is ready.", "Its contact is not certain yet."];
        ensure!(allowed.contains(&news.text.as_str()), "{news:?}");
    }
    desktop.press(ONLY + 1)?;
    ensure!(!has_focus(&desk), "another program's notification does nothing");
    desktop.press(ONLY)?;
    wait::until("the panel has the keyboard", PATIENCE, async || Ok(has_focus(&desk).then_some(()))).await?;
    program.close().await
}

// PAN-28
#[tokio::test]
#[ignore = "needs a screen"]
async fn pan_28_the_strip_is_low_and_the_panel_gets_its_height_back() -> Result<()> {
    const HEIGHT: &str = "return window.innerHeight";
    on_sample_data("strip", async |_, window| {
        let whole: u32 = window.script(HEIGHT).await?;
        window.click(Role::Button, "Fold to a strip").await?;
        window.hides(&["São Paulo"]).await?;
        window.shows(&["Ana Silva", "Customer number"]).await?;
        wait::until("the window is low", PATIENCE, async || {
            Ok((window.script::<u32>(HEIGHT).await? < 220).then_some(()))
        })
        .await?;
        window.click(Role::Button, "Edit").await?;
        window.find(Role::Textbox, "City").await?;
        wait::until("the window is as high as before", PATIENCE, async || {
            Ok((window.script::<u32>(HEIGHT).await? == whole).then_some(()))
        })
        .await
    })
    .await
}

/// The process that loads and draws a program's pages, stopped until this is dropped.
struct Stopped(u32);

impl Stopped {
    /// Stops it as soon as it is there.
    async fn of(program: u32) -> Result<Self> {
        let name = |id: u32| fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default();
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Some(id) = processes(program)?.into_iter().find(|id| name(*id).starts_with("WebKitWeb")) {
                ensure!(signal("-STOP", id)?, "what draws the pages has ended");
                return Ok(Self(id));
            }
            // Sooner than it can have drawn anything.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        bail!("nothing draws the pages of the program")
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        // One that is gone needs nothing.
        drop(signal("-CONT", self.0));
    }
}

// PAN-01
#[tokio::test]
#[ignore = "needs a screen"]
async fn pan_01_a_window_whose_page_does_not_come_is_shown_without_it() -> Result<()> {
    let desk = Desk::new()?;
    fs::write(desk.home().join("sample"), "")?;
    let is_seen = || on_screen(&desk).is_ok();
    let program = desk.start(&Desk::program()?)?;
    let stopped = Stopped::of(program.child.0.id()).await?;
    let since = Instant::now();
    ensure!(!is_seen(), "it waits for its page");
    // Sooner than the program would start again because nothing is painted.
    wait::until("the empty window", Duration::from_secs(15), async || Ok(is_seen().then_some(()))).await?;
    ensure!(since.elapsed() > Duration::from_secs(1), "it waits a while for its page");
    drop(stopped);
    program.end().await
}

/// What a process was started with.
fn environment(process: u32) -> Result<String> {
    Ok(String::from_utf8_lossy(&fs::read(format!("/proc/{process}/environ"))?).replace('\0', "\n"))
}

fn logged(desk: &Desk, words: &str) -> Result<usize> {
    let mut times = 0;
    for file in fs::read_dir(desk.home().join("logs"))? {
        times += fs::read_to_string(file?.path())?.matches(words).count();
    }
    Ok(times)
}

// ADM-09
#[tokio::test]
#[ignore = "needs a screen"]
async fn adm_09_a_window_that_stays_empty_starts_again_once_with_the_safe_renderer() -> Result<()> {
    const SAFE: &str = "WEBKIT_DISABLE_DMABUF_RENDERER=1";
    const LIMIT: Duration = Duration::from_secs(60);
    let desk = Desk::new()?;
    fs::write(desk.home().join("sample"), "")?;
    let start = |blind: &str| -> Result<Running> {
        Ok(Running(desk.command(Desk::program()?).env("SIDECARD_NEVER_PAINTED", blind).spawn()?))
    };

    let mut program = start("1")?;
    ensure!(!environment(program.0.id())?.contains(SAFE), "it begins with the ordinary renderer");
    wait::until("it starts again", LIMIT, async || {
        Ok(environment(program.0.id())?.contains(SAFE).then_some(()))
    })
    .await?;
    wait::until("the second start gives up", LIMIT, async || {
        Ok((logged(&desk, "with the safe renderer neither")? == 1).then_some(()))
    })
    .await?;
    ensure!(logged(&desk, "starting again with the safe renderer")? == 1, "it starts again once");
    ensure!(program.0.try_wait()?.is_none(), "it runs on");
    drop(program);

    let program = start("0")?;
    wait::until("the machine's need is remembered", LIMIT, async || {
        Ok(environment(program.0.id())?.contains(SAFE).then_some(()))
    })
    .await
}
