//! What happens in a CRM by itself, in the real window with a real CRM: shown before, done once, asked about where the
//! supervisor wants it so, only listed on trial. And what waits while the CRM does not answer.

use anyhow::{Context as _, Result, ensure};
use domain::strategies::{
    Acts, By, FurtherRecord, Make, OnTrigger, Only, RecordKind, RecordSettings, Strategies, Update,
};
use sidecard_tests::{
    Role, Window,
    office::{self, Office},
    wait::{self, PATIENCE},
};
use testkit::{
    fault_proxy::{Fault, FaultProxy},
    livechat::{AGENT, Chat, TOKEN, Visitor},
    tryton::NewParty,
};
use url::Url;

const NAME: &str = "Mara Lindqvist";
const EMAIL: &str = "mara@northwind.example";
const PHONE: &str = "+46 8 555 010 20";

/// An office whose CRM knows Mara without a phone number, and where this happens when a chat ends.
async fn office(at_end: OnTrigger, trial: bool) -> Result<(Office, i64)> {
    let office = Office::new().await?;
    let address = office.tryton.address();
    furnish(office, address, at_end, trial).await
}

/// The same with a CRM that is reached at this address.
async fn furnish(office: Office, crm: Url, at_end: OnTrigger, trial: bool) -> Result<(Office, i64)> {
    let mut document = office.document(crm);
    document.live_chat.trial = trial;
    for lookup in &mut document.live_chat.lookups {
        lookup.strategies = Some(Box::new(Strategies { chat_end: at_end.clone(), ..Strategies::default() }));
    }
    office.desk.configure(&document)?;
    office.desk.keep_secret(office::CRM, "password", office::HOST, office.tryton.password())?;
    office::keep_token(&office.desk, TOKEN)?;
    let mara = office.crm.create(&NewParty::named(NAME).with("email", EMAIL)).await?;
    Ok((office, mara))
}

/// Mara chats with the agent, and says her number.
async fn mara_chats(office: &Office, window: &Window) -> Result<Chat> {
    wait::until("the agent signs in", PATIENCE, async || {
        Ok((office.livechat.connected(AGENT) == 1).then_some(()))
    })
    .await?;
    let mara = Visitor { phone: Some(PHONE.to_owned()), ..Visitor::named(NAME).with_email(EMAIL) };
    let chat = office.livechat.start_chat(mara);
    office.livechat.agent_says(&chat, AGENT, "Hello");
    window.shows(&[NAME, "Only the visitor’s own word so far"]).await?;
    Ok(chat)
}

async fn phone(office: &Office, party: i64) -> Result<Option<String>> {
    let stored = office.crm.read(party).await?;
    Ok(stored.and_then(|party| party.value("phone").map(str::to_owned)))
}

async fn phone_arrives(office: &Office, party: i64) -> Result<()> {
    wait::until("the number is in the CRM", PATIENCE, async || {
        Ok(phone(office, party).await?.filter(|number| number.replace(' ', "") == PHONE.replace(' ', "")))
    })
    .await
    .map(drop)
}

// PAN-13, STR-01
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen"]
async fn pan_13_what_the_end_of_a_chat_will_change_is_shown_and_then_done() -> Result<()> {
    let (office, mara) = office(OnTrigger::new(Update::FillEmpty), false).await?;
    let office = &office;
    office
        .desk
        .scene("chat-end", async |window| {
            let chat = mara_chats(office, window).await?;
            window.shows(&["1 field will change"]).await?;
            window.look_inside().await?;
            window.tap("F8").await?;
            window.shows(&["When this chat ends", "only empty fields"]).await?;
            ensure!(phone(office, mara).await?.is_none(), "nothing is written before the end");
            office.livechat.end_chat(&chat);
            phone_arrives(office, mara).await
        })
        .await
}

// STR-19, PAN-24
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen"]
async fn str_19_what_needs_the_agents_word_waits_in_the_to_do_list() -> Result<()> {
    let ask = OnTrigger { acts: Acts::AFTER_WORD, ..OnTrigger::new(Update::FillEmpty) };
    let (office, mara) = office(ask, false).await?;
    let office = &office;
    office
        .desk
        .scene("to-do", async |window| {
            let chat = mara_chats(office, window).await?;
            window.shows(&["if you say so"]).await?;
            office.livechat.end_chat(&chat);
            window.click(Role::Button, "1 thing to do").await?;
            window.shows(&["To do", NAME, "Update this contact in Tryton?"]).await?;
            ensure!(phone(office, mara).await?.is_none(), "nothing is written without a word");
            window.click(Role::Button, "Update: ").await?;
            phone_arrives(office, mara).await?;
            window.shows(&["Nothing to do"]).await
        })
        .await
}

/// A record of its own at the end of a chat.
fn record(kind: RecordKind, title: &str, text: &str, by: By) -> FurtherRecord {
    let (title, text) = (title.to_owned(), text.to_owned());
    let settings = RecordSettings {
        kind,
        title,
        text,
        source: Some("LiveChat".into()),
        otherwise: None,
        mapping: Vec::new(),
    };
    let (make, only) = (Make::Record(Box::new(settings)), Only::WithContact);
    FurtherRecord { name: format!("{kind:?}"), make, only, by }
}

// STR-14, JV-07, JV-08
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen"]
async fn str_14_a_chat_leaves_a_note_by_itself_and_a_lead_and_a_draft_when_the_agent_says_so() -> Result<()> {
    let (to, subject) = ("sales@shop.example".into(), "{name} asks".into());
    let mail = Make::Mail { to, subject, text: "{transcript}".into() };
    let records = vec![
        FurtherRecord { name: "Mail".into(), make: mail, only: Only::Everybody, by: By::Itself },
        record(RecordKind::Note, "Chat with {agents}", "{transcript}", By::Itself),
        record(RecordKind::Lead, "LiveChat - {name}", "{phone}", By::Agent),
    ];
    let (office, mara) = office(OnTrigger { records, ..OnTrigger::new(Update::Nothing) }, false).await?;
    office.crm.employ().await?;
    let office = &office;
    office
        .desk
        .scene("records", async |window| {
            let chat = mara_chats(office, window).await?;
            window.click(Role::Button, "Yes, it’s").await?;
            ensure!(office.crm.notes(mara).await?.is_empty(), "nothing is written before the end");
            office.livechat.end_chat(&chat);
            let notes = wait::until("the note is in the CRM", PATIENCE, async || {
                Ok(Some(office.crm.notes(mara).await?).filter(|notes| !notes.is_empty()))
            })
            .await?;
            ensure!(notes.len() == 1 && notes[0].contains(": Hello"), "{notes:?}");
            window.click(Role::Button, "2 things to do").await?;
            window.shows(&["Make this in Tryton?", "Lead", "E-mail to "]).await?;
            window.look_inside().await?;
            ensure!(office.crm.leads(Some(mara)).await?.is_empty(), "nothing is made without a word");
            window.click(Role::Button, "Make: ").await?;
            wait::until("the lead is in the CRM", PATIENCE, async || {
                let leads = office.crm.leads(Some(mara)).await?;
                Ok(leads
                    .iter()
                    .any(|(said, _)| said.contains("LiveChat - Mara") && said.contains(PHONE))
                    .then_some(()))
            })
            .await?;
            window.click(Role::Button, "Open in mail program: ").await?;
            window.shows(&["Nothing to do"]).await?;
            let opened =
                wait::until("the mail program is opened", PATIENCE, async || Ok(office.desk.opened().pop()))
                    .await?;
            ensure!(opened.starts_with("mailto:"), "{opened}");
            ensure!(
                office.crm.leads(Some(mara)).await?.len() == 1 && office.crm.notes(mara).await?.len() == 1
            );
            Ok(())
        })
        .await
}

// PAN-24, PAN-14, REL-01
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen"]
async fn pan_24_what_the_crm_refuses_at_the_end_of_a_chat_is_to_be_done_until_a_person_settles_it()
-> Result<()> {
    let office = Office::new().await?;
    let sockets = office.tryton.address().socket_addrs(|| None)?;
    let proxy = FaultProxy::start(*sockets.first().context("the CRM has an address")?).await?;
    let (office, mara) = furnish(office, proxy.address(), OnTrigger::new(Update::FillEmpty), false).await?;
    let (office, proxy) = (&office, &proxy);
    office
        .desk
        .scene("parked", async |window| {
            let chat = mara_chats(office, window).await?;
            window.shows(&["1 field will change"]).await?;
            proxy.inject_times("party.party.write", Fault::Status(422), 100);
            office.livechat.end_chat(&chat);
            window.click(Role::Button, "1 thing to do").await?;
            window.shows(&["To do", NAME, "Phone of Mara", "Tryton refused it"]).await?;
            window.look_inside().await?;
            ensure!(phone(office, mara).await?.is_none(), "it was refused");
            window.click(Role::Button, "Try again: ").await?;
            window.shows(&["Tryton refused it"]).await?;
            window.click(Role::Button, "Open: ").await?;
            window.hides(&["Tryton refused it"]).await?;

            window.tap("F9").await?;
            window.shows(&["Tryton refused it"]).await?;
            proxy.clear();
            window.click(Role::Button, "Try again").await?;
            phone_arrives(office, mara).await?;
            window.hides(&["thing to do"]).await
        })
        .await
}

// STR-18
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen"]
async fn str_18_on_trial_the_panel_lists_what_would_happen_and_nothing_is_sent() -> Result<()> {
    let (office, mara) = office(OnTrigger::new(Update::FillEmpty), true).await?;
    let office = &office;
    office
        .desk
        .scene("trial", async |window| {
            let chat = mara_chats(office, window).await?;
            window.shows(&["trial", "nothing is sent"]).await?;
            office.livechat.end_chat(&chat);
            window.click(Role::Button, "By itself").await?;
            window.shows(&["trial, not sent"]).await?;
            ensure!(phone(office, mara).await?.is_none(), "nothing is sent on trial");
            Ok(())
        })
        .await
}

// PAN-14, PAN-16, REL-04
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen"]
async fn pan_14_a_save_waits_in_sight_while_the_crm_is_away_and_the_next_one_is_taken_back() -> Result<()> {
    let (mut office, mara) = office(OnTrigger::new(Update::Nothing), false).await?;
    let program = office.desk.open().await?;
    let window = &program.window;
    mara_chats(&office, window).await?;
    window.click(Role::Button, "Yes, it’s").await?;
    window.hides(&["Only the visitor’s own word so far"]).await?;
    window.click(Role::Button, "Edit").await?;
    window.fill("Phone", PHONE).await?;
    office.tryton.stop();
    window.click(Role::Button, "Save").await?;
    window.shows(&["change is on its way"]).await?;
    office.tryton = office.tryton.restart().await?;
    window.look_inside().await?;
    window.tap("F9").await?;
    window.click(Role::Button, "Send now").await?;
    phone_arrives(&office, mara).await?;
    window.hides(&["change is on its way"]).await?;

    window.click(Role::Button, "Edit").await?;
    window.fill("Phone", "+46 8 555 010 99").await?;
    window.click(Role::Button, "Save").await?;
    window.hides(&["Editing"]).await?;
    window.click(Role::Button, "Undo").await?;
    phone_arrives(&office, mara).await?;
    program.close().await
}
