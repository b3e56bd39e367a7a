//! One person, one computer, two sessions at once: at the desk, and from afar.

use anyhow::{Context, Result, ensure};
use sidecard_tests::{Desk, Role, Window};

use crate::storage::{self, KEY};

/// Types into the city of a chat's contact, and waits until it is kept.
async fn type_city(window: &Window, chat: &str, city: &str) -> Result<()> {
    window.open_chat(chat).await?;
    window.click(Role::Button, "Edit").await?;
    window.fill("City", city).await?;
    window.shows(&["Draft kept"]).await
}

// PAN-30, PAN-01
#[tokio::test]
#[ignore = "needs a screen"]
async fn pan_30_each_session_has_a_panel_of_its_own_and_they_share_the_store() -> Result<()> {
    let first = storage::desk()?;
    let program = first.open().await?;
    program.window.shows(&["Ana Silva", "São Paulo"]).await?;

    // Another bus and another screen; the same folder, and the same person's keyring.
    let mut second = Desk::new()?;
    second.set("SIDECARD_HOME", first.home());
    let key = first.keyring_entry("sidecard", "store-key")?.context("the key is in the keyring")?;
    second.session().set_entry(sidecard_tests::desk::KEYRING_SERVICE, KEY, &key)?;
    let other = second.open().await.context("a panel in the second session")?;
    other.window.shows(&["Ana Silva", "São Paulo"]).await?;
    for desk in [&first, &second] {
        ensure!(desk.start_again().await?.success(), "a second start in the same session shows the first");
    }

    type_city(&program.window, "Ana Silva", "Olinda").await?;
    type_city(&other.window, "Marek", "Gdynia").await?;
    other.close().await?;
    program.close().await?;
    let store = storage::open_store(&first).await?;
    let mut kept: Vec<_> = store.drafts().all().await?.into_iter().map(|draft| draft.chat.chat).collect();
    kept.sort();
    ensure!(kept == ["chat-visitor-1048", "chat-visitor-5521"], "both typed, and both is kept: {kept:?}");
    store.close().await;
    Ok(())
}
