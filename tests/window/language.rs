//! The language that was chosen, in everything that the program shows.

use anyhow::{Result, ensure};
use sidecard_tests::{
    Role,
    reception::{ONE, Reception},
    tray::Tray,
    wait::{self, PATIENCE},
};

async fn tray_says(tray: &Tray, words: &str) -> Result<()> {
    wait::until(&format!("the tray says “{words}”"), PATIENCE, async || {
        let menu = tray.menu()?;
        ensure!(menu.as_ref().is_some_and(|menu| menu.contains(words)), "it says {menu:?}");
        Ok(Some(()))
    })
    .await
}

// PAN-18
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen"]
async fn pan_18_the_chosen_language_is_spoken_everywhere_and_outlives_a_restart() -> Result<()> {
    let mut reception = Reception::new().await?;
    let tray = Tray::of(reception.desk.session())?;
    let mut program = reception.desk.open().await?;
    reception.is_open().await?;
    reception.comes(ONE);
    program.window.shows(&["Likely match", "Customer number"]).await?;
    tray_says(&tray, "Show Sidecard").await?;
    program.window.click(Role::Button, "More").await?;
    program.window.click(Role::MenuItem, "Deutsch").await?;
    program.window.shows(&["Sprache"]).await?;
    tray_says(&tray, "Sidecard zeigen").await?;

    reception.desk.open_again(&mut program).await?;
    tray_says(&tray, "Sidecard zeigen").await?;
    let window = &program.window;
    // The backend's own names follow: the rule that found her, and the fields of the chat.
    window.shows(&["Wahrscheinlich", "E-Mail", "12. Mai 2021", "Aus dem Chat"]).await?;
    let language: String = window.script("return document.documentElement.lang").await?;
    ensure!(language.starts_with("de"), "the page says it is in {language}");
    window.click(Role::Button, "Mehr").await?;
    window.click(Role::MenuItem, "Einstellungen").await?;
    window.switch_to("Sidecard-Einstellungen").await?;
    window.click(Role::Button, "Regeln").await?;
    window.shows(&["Kundennummer", "Bekannter Browser"]).await?;
    program.close().await
}
