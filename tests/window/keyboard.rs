//! An agent, and a supervisor, without a mouse. Keys are real ones, pressed through the driver; nothing is clicked.

use anyhow::Result;
use sidecard_tests::{
    Desk, Window,
    reception::{NONE, ONE, Reception, SEVERAL},
};

// PAN-15
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen"]
async fn pan_15_an_agent_does_everything_by_keyboard_and_hears_what_came_of_it() -> Result<()> {
    let reception = Reception::new().await?;
    let reception = &reception;
    reception
        .desk
        .scene("keyboard", async |window| {
            reception.is_open().await?;
            window.look_inside().await?;
            window.listen().await?;
            for visitor in [ONE, NONE, SEVERAL] {
                reception.comes(visitor);
                window.shows(&[visitor.0]).await?;
            }
            read_and_edit(window).await?;
            choose_among_several(window).await?;
            search_and_link(window).await?;
            create(window).await
        })
        .await
}

async fn read_and_edit(window: &Window) -> Result<()> {
    // From the top of the window, as Tab finds it.
    window.tap("Tab").await?;
    window.focused().await?;
    window.open_chat_by_key(ONE.0).await?;
    window.shows(&["10482", "Only the visitor’s own word so far"]).await?;
    window.says("status", "Ana Silva, likely match by E-mail").await?;
    window.focused().await?;
    window.tab_around("a likely match").await?;

    window.tap("y").await?;
    window.hides(&["Only the visitor’s own word so far"]).await?;
    window.focused().await?;
    window.tap("w").await?;
    window.shows(&["Rules, in order"]).await?;
    window.tab_around("why").await?;
    window.tap("Escape").await?;
    window.hides(&["Rules, in order"]).await?;
    window.focused().await?;
    window.tab_around("the contact").await?;
    window.tab_to("Search the CRM").await?;
    for landmark in ["Ana Silva", "Refresh"] {
        window.tap("F6").await?;
        window.focus_is_on(landmark).await?;
    }

    window.tap("r").await?;
    window.focused().await?;
    window.tap("e").await?;
    window.focus_is_on("Customer number").await?;
    window.tab_around("the form").await?;
    window.tab_to("City").await?;
    window.retype("Campinas").await?;
    window.tap("Ctrl+s").await?;
    window.shows(&["was São Paulo"]).await?;
    window.says("status", "Saved to Sample data").await?;
    window.focus_is_on("Edit").await?;

    // Typing is kept, and dropped only when that is confirmed.
    window.tap("e").await?;
    window.tab_to("City").await?;
    window.retype("Santos").await?;
    window.tap("Escape").await?;
    window.shows(&["Draft"]).await?;
    window.focused().await?;
    window.tab_to("Discard").await?;
    window.tap("Enter").await?;
    window.shows(&["Discard what you typed?"]).await?;
    window.tab_around("the question").await?;
    window.tap("Escape").await?;
    window.focus_is_on("Discard").await?;
    window.tap("Enter").await?;
    window.shows(&["Discard what you typed?"]).await?;
    window.tab_to("Discard").await?;
    window.tap("Enter").await?;
    window.hides(&["Draft"]).await?;
    window.focused().await.map(drop)
}

async fn choose_among_several(window: &Window) -> Result<()> {
    window.open_chat_by_key(SEVERAL.0).await?;
    window.shows(&["Which one is it?"]).await?;
    window.says("status", "3 contacts match E-mail").await?;
    window.focused().await?;
    window.tab_around("several").await?;
    window.tap("2").await?;
    window.focused().await?;
    window.tap("Enter").await?;
    window.shows(&["your choice"]).await?;
    window.focused().await.map(drop)
}

async fn search_and_link(window: &Window) -> Result<()> {
    window.open_chat_by_key(NONE.0).await?;
    window.shows(&["Nobody found for this visitor"]).await?;
    window.says("status", "No contact in Sample data").await?;
    window.tab_around("nobody").await?;
    window.tap("Ctrl+k").await?;
    window.focus_is_on("Name, e-mail, phone or ID").await?;
    window.type_in("jonas.keller@example.com").await?;
    window.shows(&["Jonas Keller"]).await?;
    window.tab_around("the search").await?;
    window.tab_to("Name, e-mail, phone or ID").await?;
    window.tap("Escape").await?;
    window.focused().await?;
    window.tap("Ctrl+k").await?;
    window.focus_is_on("Name, e-mail, phone or ID").await?;
    window.type_in("jonas.keller@example.com").await?;
    window.shows(&["Jonas Keller"]).await?;
    window.tap("Enter").await?;
    window.shows(&["your link", "40002"]).await?;
    window.focused().await?;

    // The menu, and what it opens.
    window.tap("F10").await?;
    window.focus_is_on("Search the CRM").await?;
    window.tap("Escape").await?;
    window.focus_is_on("More").await?;
    window.tap("?").await?;
    window.shows(&["Next part of the panel"]).await?;
    window.tab_around("the keys").await?;
    window.tap("Escape").await?;
    window.focus_is_on("More").await?;
    window.tap("w").await?;
    window.tab_to("Not this person").await?;
    window.tap("Enter").await?;
    window.shows(&["No contact yet"]).await?;
    window.focused().await?;
    window.tap("Escape").await?;
    window.shows(&["Nobody found for this visitor"]).await?;
    window.focused().await.map(drop)
}

async fn create(window: &Window) -> Result<()> {
    window.tap("n").await?;
    window.focus_is_on("Customer number").await?;
    window.tab_around("a new contact").await?;
    window.tap("Ctrl+Enter").await?;
    window.focus_is_on("Customer number").await?;
    window.type_in("55002").await?;
    window.tap("Ctrl+Enter").await?;
    window.shows(&["55002", "jonas.weber@example.com"]).await?;
    window.says("status", "Created").await?;
    window.focused().await.map(drop)
}

// PAN-15
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen"]
async fn pan_15_a_newcomer_and_a_supervisor_need_no_mouse() -> Result<()> {
    let desk = Desk::new()?;
    desk.scene("settings-keyboard", async |window| {
        window.look_inside().await?;
        window.tab_around("the first run").await?;
        window.tab_to("Connect your systems").await?;
        window.tap("Enter").await?;
        window.switch_to("settings").await?;
        window.shows(&["Connections"]).await?;
        window.look_inside().await?;
        window.tab_around("connections").await?;
        window.tab_to("Connect Tryton").await?;
        window.tap("Enter").await?;
        window.focus_is_on("Name").await?;
        window.tab_around("a new connection").await?;
        window.tab_to("Address").await?;
        window.retype("https://127.0.0.1:9/").await?;
        for (field, text) in [("Database", "crm"), ("Login", "admin"), ("Password", "secret")] {
            window.tab_to(field).await?;
            window.retype(text).await?;
        }
        window.tap("Enter").await?;
        window.shows(&["does not answer"]).await?;
        window.focused().await?;
        window.tab_to("Cancel").await?;
        window.tap("Enter").await?;
        window.shows(&["Where chats come from"]).await?;
        window.focused().await.map(drop)
    })
    .await
}
