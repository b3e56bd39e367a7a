//! A real Tryton and the LiveChat simulator behind the window, and what can go wrong with them.

use std::time::Duration;

use anyhow::{Result, ensure};
use sidecard_tests::{Role, Window, frames, office::Office, window::stands};
use testkit::{
    fault_proxy::{Fault, FaultProxy},
    livechat::{AGENT, TOKEN, Visitor},
    session::Session,
    tryton::NewParty,
};

const NAME: &str = "Mara Lindqvist";
const EMAIL: &str = "mara@northwind.example";

async fn known_visitor(office: &Office) -> Result<i64> {
    office.crm.create(&NewParty::named(NAME).with("email", EMAIL).with("phone", "+46 8 555 010 20")).await
}

fn mara() -> Visitor {
    Visitor::named(NAME).with_email(EMAIL)
}

// PAN-04, CRM-03
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen"]
async fn a_wrong_password_says_who_can_help() -> Result<()> {
    let office = Office::new().await?;
    office.connect_to(office.tryton.address(), "not the password", TOKEN)?;
    office
        .desk
        .scene("wrong-password", async |window| {
            office.livechat.start_chat(mara());
            window.shows(&[NAME, "Could not look up"]).await?;
            window.hides(&["+46 8 555 010 20"]).await
        })
        .await
}

// LC-03
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen"]
async fn a_refused_token_stops_and_says_so() -> Result<()> {
    let office = Office::new().await?;
    office.connect_to(office.tryton.address(), office.tryton.password(), "fra:not-the-token")?;
    office
        .desk
        .scene("wrong-token", async |window| {
            window.shows(&["LiveChat", "no longer accepts"]).await?;
            ensure!(office.livechat.connected(AGENT) == 0, "nobody is signed in");
            Ok(())
        })
        .await
}

// PAN-04
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen"]
async fn without_a_connection_the_chat_stays_and_the_contact_comes_later() -> Result<()> {
    let mut office = Office::new().await?;
    office.connect()?;
    known_visitor(&office).await?;
    office.tryton.stop();
    let program = office.desk.open().await?;
    office.livechat.start_chat(mara());
    let window = &program.window;
    window.shows(&[NAME, EMAIL, "can’t be reached"]).await?;
    office.tryton = office.tryton.restart().await?;
    if let Some(again) = window.look_for(Role::Button, "Try now").await? {
        again.click().await?;
    }
    window.shows(&["+46 8 555 010 20"]).await?;
    program.close().await
}

// SEC-07
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen"]
async fn sec_07_after_unlocking_work_goes_on_without_a_restart() -> Result<()> {
    let mut office = Office::with_session(Session::unlocked()?).await?;
    office.connect()?;
    known_visitor(&office).await?;
    office.desk.session().lock()?;
    let program = office.desk.open().await?;
    program.window.shows(&["keyring"]).await?;
    ensure!(office.livechat.connected(AGENT) == 0, "nobody is signed in while the keyring is locked");
    office.desk.session().unlock()?;
    if let Some(again) = program.window.look_for(Role::Button, "Try again").await? {
        again.click().await?;
    }
    sidecard_tests::wait::until("the agent signs in", Duration::from_secs(60), async || {
        Ok((office.livechat.connected(AGENT) == 1).then_some(()))
    })
    .await?;
    office.livechat.start_chat(mara());
    program.window.shows(&[NAME, "+46 8 555 010 20"]).await?;
    program.close().await
}

// PAN-22
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen"]
async fn pan_22_a_record_deleted_in_the_crm_is_gone_and_not_made_again() -> Result<()> {
    let office = Office::new().await?;
    office.connect()?;
    let party = known_visitor(&office).await?;
    office
        .desk
        .scene("deleted", async |window| {
            office.livechat.start_chat(mara());
            window.shows(&["+46 8 555 010 20"]).await?;
            office.crm.delete(party).await?;
            window.click(Role::Button, "Refresh").await?;
            window.shows(&["This contact no longer exists"]).await?;
            ensure!(office.crm.named(NAME).await?.is_empty(), "it was created again");
            Ok(())
        })
        .await
}

// PAN-15
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen"]
async fn pan_15_a_screen_reader_is_told_of_newer_values_and_of_a_failure() -> Result<()> {
    let mut office = Office::new().await?;
    office.connect()?;
    let party = known_visitor(&office).await?;
    let program = office.desk.open().await?;
    let window = &program.window;
    window.look_inside().await?;
    window.listen().await?;
    office.livechat.start_chat(mara());
    window.shows(&["+46 8 555 010 20"]).await?;
    window.says("status", NAME).await?;
    office.crm.set_mechanism(party, "phone", "+46 8 555 010 99").await?;
    window.tap("r").await?;
    window.shows(&["+46 8 555 010 99"]).await?;
    window.says("status", "1 value changed").await?;
    office.tryton.stop();
    office.livechat.start_chat(Visitor::named("Nora Holm").with_email("nora@northwind.example"));
    window.open_chat_by_key("Nora Holm").await?;
    window.says("status", "Could not look up").await?;
    program.close().await
}

// PAN-23
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen"]
async fn pan_23_no_frame_shows_two_people() -> Result<()> {
    const PEOPLE: [(&str, &str); 5] = [
        ("Aino", "+358 9 555 0001"),
        ("Bela", "+36 1 555 0002"),
        ("Ciro", "+39 06 555 0003"),
        ("Dora", "+385 1 555 0004"),
        ("Elif", "+90 212 555 0005"),
    ];
    let office = Office::new().await?;
    let slow = FaultProxy::start(office.tryton.socket()).await?;
    office.connect_to(slow.address(), office.tryton.password(), TOKEN)?;
    for (name, phone) in PEOPLE {
        let party = NewParty::named(name).with("email", &address(name)).with("phone", phone);
        office.crm.create(&party).await?;
    }
    let program = office.desk.open().await?;
    let window = &program.window;
    sidecard_tests::wait::until("the agent signs in", Duration::from_secs(60), async || {
        Ok((office.livechat.connected(AGENT) == 1).then_some(()))
    })
    .await?;
    slow.inject_times("search", Fault::Slow(Duration::from_secs(4)), 100);
    let chats: Vec<_> = PEOPLE
        .iter()
        .map(|(name, _)| office.livechat.start_chat(Visitor::named(name).with_email(&address(name))))
        .collect();
    window.shows(&["Aino"]).await?;
    frames::watch(window).await?;
    for round in 0..24 {
        office.livechat.mark_seen(&chats[round * 3 % 5], AGENT);
        tokio::time::sleep(Duration::from_millis(350)).await;
    }
    window.shows(&[PEOPLE[69 % 5].1]).await?;
    check(&frames::take(window).await?, &PEOPLE)?;
    program.close().await
}

fn address(name: &str) -> String {
    format!("{}@example.com", name.to_lowercase())
}

/// A phone number stands only under its own person: the pills name everybody, the address belongs to the chat on show.
fn check(frames: &[String], people: &[(&str, &str)]) -> Result<()> {
    ensure!(frames.len() > 5, "only {} frames were different", frames.len());
    ensure!(
        frames.iter().any(|frame| people.iter().any(|(_, phone)| stands(frame, phone))),
        "nobody was found"
    );
    for frame in frames {
        let shown: Vec<_> = people.iter().filter(|(_, phone)| stands(frame, phone)).collect();
        ensure!(shown.len() < 2, "two contacts in one frame:\n{frame}");
        let chats: Vec<_> = people.iter().filter(|(name, _)| stands(frame, &address(name))).collect();
        ensure!(chats.len() < 2, "two chats in one frame:\n{frame}");
        if let (Some(contact), Some(chat)) = (shown.first(), chats.first()) {
            ensure!(contact == chat, "{} under {}:\n{frame}", contact.0, chat.0);
        }
    }
    Ok(())
}

// SEC-01, ADM-01
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen"]
async fn a_supervisor_connects_both_systems_in_the_settings() -> Result<()> {
    let office = Office::new().await?;
    known_visitor(&office).await?;
    let program = office.desk.open().await?;
    let window = &program.window;
    window.click(Role::Button, "Connect your systems").await?;
    window.switch_to("settings").await?;
    add_tryton(window, &office).await?;
    let kept = sidecard_tests::wait::until("a secret is kept", Duration::from_secs(60), async || {
        office.desk.keyring_entry("tryton", "password")
    })
    .await?;
    ensure!(kept.contains(office.tryton.password()), "the keyring holds the password");
    let file = office.desk.saved_configuration().await?;
    ensure!(!file.contains(office.tryton.password()), "the secret is in the file");
    program.close().await
}

async fn add_tryton(window: &Window, office: &Office) -> Result<()> {
    window.click(Role::Button, "Tryton").await?;
    window.fill("Address", office.tryton.address().as_str()).await?;
    window.fill("Database", "crm").await?;
    window.fill("Login", "admin").await?;
    window.fill("Password", "wrong").await?;
    window.click(Role::Button, "Test").await?;
    window.shows(&["not accepted"]).await?;
    window.fill("Password", office.tryton.password()).await?;
    window.click(Role::Button, "Test").await?;
    window.hides(&["not accepted"]).await?;
    window.click(Role::Button, "Save").await
}
