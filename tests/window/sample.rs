//! What a newcomer meets: no configuration, then sample data.

use anyhow::{Result, bail, ensure};
use sidecard_tests::{Desk, Role, Window};

/// Opens the sample data, waits for its first contact, and does something there.
pub(crate) async fn on_sample_data(
    name: &str,
    scene: impl AsyncFnOnce(&Desk, &Window) -> Result<()>,
) -> Result<()> {
    let desk = Desk::new()?;
    let desk = &desk;
    desk.scene(name, async |window| {
        window.click(Role::Button, "Try with sample data").await?;
        window.shows(&["Ana Silva", "10482"]).await?;
        scene(desk, window).await
    })
    .await
}

// PAN-03, PAN-04
#[tokio::test]
#[ignore = "needs a screen"]
async fn a_newcomer_sees_a_contact_and_how_it_was_found() -> Result<()> {
    on_sample_data("newcomer", async |_, window| {
        window.shows(&["Customer number", "Gold", "May 12, 2021", "Sample data"]).await?;
        window.click(Role::Button, "Customer number").await?;
        window.shows(&["Rules, in order", "matched"]).await
    })
    .await
}

// PAN-04
#[tokio::test]
#[ignore = "needs a screen"]
async fn several_contacts_are_put_before_the_agent() -> Result<()> {
    on_sample_data("several", async |_, window| {
        window.open_chat("Paula").await?;
        window.shows(&["Which one is it?", "Carlos Silva", "Silva & Filhos — Compras"]).await?;
        window.click(Role::Radio, "Carlos Silva").await?;
        window.click(Role::Button, "Use Carlos Silva").await?;
        window.shows(&["your choice", "30090", "Curitiba"]).await
    })
    .await
}

// PAN-08
#[tokio::test]
#[ignore = "needs a screen"]
async fn a_missing_contact_is_created_from_the_chat() -> Result<()> {
    on_sample_data("create", async |_, window| {
        window.open_chat("Jonas Weber").await?;
        window.shows(&["Nobody found for this visitor"]).await?;
        window.click(Role::Button, "Create contact").await?;
        let name = window.find(Role::Textbox, "Name").await?;
        ensure!(name.value().await?.as_deref() == Some("Jonas Weber"), "the form is filled from the chat");
        window.click(Role::Button, "Create contact").await?;
        window.shows(&["missing", "Customer number"]).await?;
        window.fill("Customer number", "55001").await?;
        window.click(Role::Button, "Create contact").await?;
        window.shows(&["Created", "55001", "jonas.weber@example.com"]).await
    })
    .await
}

// PAN-11
#[tokio::test]
#[ignore = "needs a screen"]
async fn a_contact_found_by_hand_is_linked_and_unlinked() -> Result<()> {
    on_sample_data("search", async |_, window| {
        window.open_chat("Jonas Weber").await?;
        window.click(Role::Button, "Search the CRM").await?;
        window.fill("Name, e-mail, phone or ID", "jonas.keller@example.com").await?;
        window.click(Role::Option, "Jonas Keller").await?;
        window.shows(&["your link", "40002", "München"]).await?;
        window.click(Role::Button, "More").await?;
        window.click(Role::MenuItem, "Not this person").await?;
        window.shows(&["Nobody found for this visitor"]).await
    })
    .await
}

// PAN-06, CRM-07
#[tokio::test]
#[ignore = "needs a screen"]
async fn an_edit_is_saved_and_shown() -> Result<()> {
    on_sample_data("edit", async |_, window| {
        window.click(Role::Button, "Edit").await?;
        window.fill("City", "Campinas").await?;
        window.click(Role::Button, "Save").await?;
        window.hides(&["Editing"]).await?;
        window.shows(&["Campinas", "was São Paulo"]).await
    })
    .await
}

/// Whether the toast is on show, and whether a click in the middle of Save would reach Save.
const TOAST_AND_SAVE: &str = "const save = [...document.querySelectorAll('main button')]
        .find(button => button.innerText.startsWith('Save'));
    const { left, top, width, height } = save.getBoundingClientRect();
    const hit = document.elementFromPoint(left + width / 2, top + height / 2);
    const toast = document.querySelector('[role=group][aria-label^=\"Saved\"]');
    const shown = toast !== null && toast.getBoundingClientRect().height > 20;
    return [shown, save.contains(hit)];";

#[tokio::test]
#[ignore = "needs a screen"]
async fn a_toast_leaves_the_buttons_free() -> Result<()> {
    on_sample_data("toast", async |_, window| {
        // On a slow machine the toast can be gone before it could be in the way: then it is brought again.
        for city in ["Campinas", "Santos", "Olinda", "Recife", "Natal"] {
            window.click(Role::Button, "Edit").await?;
            window.fill("City", city).await?;
            window.click(Role::Button, "Save").await?;
            window.hides(&["Editing"]).await?;
            window.click(Role::Button, "Edit").await?;
            window.find(Role::Button, "Save").await?;
            let (shown, free): (bool, bool) = window.script(TOAST_AND_SAVE).await?;
            ensure!(free, "the toast lies over Save");
            if shown {
                return Ok(());
            }
            window.press(thirtyfour::Key::Escape).await?;
            window.hides(&["Editing"]).await?;
        }
        bail!("the toast was always gone before it could be in the way")
    })
    .await
}

// PAN-20
#[tokio::test]
#[ignore = "needs a screen"]
async fn what_was_typed_outlives_a_switch_of_the_chat() -> Result<()> {
    on_sample_data("draft", async |_, window| {
        window.click(Role::Button, "Edit").await?;
        window.fill("City", "Ribeirão Preto").await?;
        window.open_chat("Marek").await?;
        window.shows(&["Marek Zieliński", "15521"]).await?;
        window.open_chat("Ana Silva").await?;
        window.find(Role::Button, "Discard").await?;
        if let Some(resume) = window.look_for(Role::Button, "Continue").await? {
            resume.click().await?;
        }
        let city = window.find(Role::Textbox, "City").await?;
        ensure!(city.value().await?.as_deref() == Some("Ribeirão Preto"), "the draft is there again");
        Ok(())
    })
    .await
}

// PAN-12
#[tokio::test]
#[ignore = "needs a screen"]
async fn pan_12_tickets_have_a_tab_beside_the_live_chats_and_a_key_changes_between_them() -> Result<()> {
    on_sample_data("tickets", async |_, window| {
        window.find(Role::Tab, "Live chat").await?;
        window.click(Role::Tab, "Tickets").await?;
        window.shows(&["Renate Vogel", "40017"]).await?;
        window.hides(&["10482"]).await?;
        let key = thirtyfour::Key::Control + thirtyfour::Key::Shift + "l";
        window.press(key).await?;
        window.shows(&["Ana Silva", "10482"]).await?;
        window.hides(&["40017"]).await
    })
    .await
}
