//! What a window must not be able to do, and what it must not leave behind.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use sidecard_tests::{
    Desk, Role,
    leaks::{self, Mark},
    screen::Running,
    wait::{self, PATIENCE},
};

use crate::sample::on_sample_data;

/// More colours than an empty window has.
const PAINTED: u32 = 100;

/// Notes what the content security policy refuses.
const LISTEN: &str = "window.__refused = [];
    document.addEventListener('securitypolicyviolation', event => window.__refused.push(event.violatedDirective));
    return true;";

// PAN-01
#[tokio::test]
#[ignore = "needs a screen"]
async fn pan_01_a_second_start_shows_and_focuses_the_first() -> Result<()> {
    let desk = Desk::new()?;
    let desk = &desk;
    desk.scene("second-start", async |window| {
        window.find(Role::Button, "Try with sample data").await?;
        let status = desk.start_again().await?;
        ensure!(status.success(), "the second start ended with {status}");
        wait::until("the first has the focus", PATIENCE, async || {
            Ok((desk.screen().focused_title()? == "Sidecard").then_some(()))
        })
        .await?;
        ensure!(window.driver().windows().await?.len() == 1, "there is one window still");
        Ok(())
    })
    .await
}

// SEC-02
#[tokio::test]
#[ignore = "needs a screen"]
async fn sec_02_the_panel_may_not_call_what_belongs_to_the_settings() -> Result<()> {
    on_sample_data("commands", async |_, window| {
        ensure!(window.invoke("panel_view", json!({})).await?.is_ok(), "its own command is answered");
        for command in [
            "settings_view",
            "save_connection",
            "export_audit",
            "plugin:opener|open_url",
            "plugin:window|close",
        ] {
            let refusal = window.invoke(command, json!({})).await?;
            let reason = refusal.err().with_context(|| format!("{command} was answered"))?.to_string();
            ensure!(reason.contains("not allowed"), "{command} was refused, but with: {reason}");
        }
        Ok(())
    })
    .await
}

// SEC-02
#[tokio::test]
#[ignore = "needs a screen"]
async fn sec_02_the_policy_refuses_foreign_code_and_nothing_of_ours() -> Result<()> {
    on_sample_data("policy", async |_, window| {
        window.script::<bool>(LISTEN).await?;
        window.click(Role::Button, "Edit").await?;
        window.find(Role::Textbox, "City").await?;
        window.click(Role::Button, "Discard").await?;
        let refused: Vec<String> = window.script("return window.__refused").await?;
        ensure!(refused.is_empty(), "the program's own pages break their policy: {refused:?}");

        window
            .script::<bool>(
                "const script = document.createElement('script'); script.textContent = 'window.__ran = 1';
                 document.body.append(script);
                 const image = new Image(); image.src = 'https://127.0.0.1:9/pixel.png'; document.body.append(image);
                 return true;",
            )
            .await?;
        let reached: bool = window
            .script("return window.__ran === 1 || (() => { try { return Function('return true')(); } catch { return false; } })()")
            .await?;
        ensure!(!reached, "code from outside ran");
        wait::until("the policy refuses both", PATIENCE, async || {
            let refused: Vec<String> = window.script("return window.__refused").await?;
            for directive in ["script-src", "img-src"] {
                ensure!(refused.iter().any(|one| one.starts_with(directive)), "{directive} was not refused: {refused:?}");
            }
            Ok(Some(()))
        })
        .await
    })
    .await
}

// SEC-18
#[tokio::test]
#[ignore = "needs a screen"]
async fn sec_18_the_web_view_keeps_nothing_on_disk() -> Result<()> {
    // Not driven: a driven window is no private one. The sample data is chosen as its button would.
    let desk = Desk::new()?;
    fs::write(desk.home().join("sample"), "")?;
    let program = Running(desk.command(Desk::program()?).spawn()?);
    wait::until("the panel is painted", PATIENCE, async || {
        Ok((desk.screen().colours()? > PAINTED).then_some(()))
    })
    .await?;
    desk.screen().xdotool(&["key", "e"])?;
    desk.screen().xdotool(&["key", "Escape"])?;
    desk.screen().xdotool(&["key", "--delay", "200", "ctrl+2", "ctrl+1"])?;
    drop(program);
    let marks = [
        Mark::new("an e-mail address", "ana.silva@example.com"),
        Mark::new("a name", "Ana Silva"),
        Mark::new("a city", "São Paulo"),
    ];
    let report = leaks::search(&marks, &desk.folders(), &[])?;
    ensure!(report.found.is_empty(), "left behind: {:?}", report.found);
    for folder in desk.folders() {
        for kept in ["LocalStorage", "localstorage", "WebKitCache", "CacheStorage", "IndexedDB", "databases"]
        {
            ensure!(!exists_below(&folder, kept)?, "the web view kept {kept}");
        }
    }
    Ok(())
}

/// Whether a folder of this name with a file in it lies below `folder`.
fn exists_below(folder: &std::path::Path, name: &str) -> Result<bool> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            let named = path.file_name().is_some_and(|found| found.eq_ignore_ascii_case(name));
            if (named && fs::read_dir(&path)?.next().is_some()) || exists_below(&path, name)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
