//! A day of LiveChat chats beside SALESmanago: what happens there by itself. A contact gets one point on its tag and one event
//! for each chat that it starts, whatever happens to the chat and to its telling, and nobody else gets any.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use domain::config::{CrmConnection, CrmProduct, NoMatch};
use serde_json::json;
use testkit::{
    livechat::{AGENT, COLLEAGUE, Chat, Form, Simulator as LiveChat, Visitor},
    salesmanago::{API_SECRET, Simulator, StoredContact},
};

use super::Persona;
use crate::{
    Desk, Role,
    desk::Program,
    office,
    wait::{self, PATIENCE},
};

/// The parts of the day, in order.
pub const DAY: [&str; 8] =
    ["known", "new", "cookie", "anonymous", "transfer", "reconnect", "told-again", "restart"];

/// The tag that counts chats.
const TAG: &str = "LIVECHAT_INC";
/// The CRM's moments lie up to a few milliseconds ahead, so that each is later than the one before.
const OLDER: Duration = Duration::from_millis(100);
/// What would be doubled is, by then.
const QUIET: Duration = Duration::from_secs(2);

/// The day while it lasts.
pub struct SalesmanagoDay {
    desk: Desk,
    livechat: LiveChat,
    crm: Simulator,
    program: Program,
    /// The chats that go on, with whom and how many that one has started.
    chats: Vec<(Chat, String, i64)>,
}

impl SalesmanagoDay {
    /// Opens the program beside both platforms, as a supervisor sets it who wants contacts created.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn begin() -> Result<Self> {
        let mut desk = Desk::new()?;
        let livechat = LiveChat::start().await?;
        desk.set("SIDECARD_CA_FILE", livechat.authority_file());
        let crm = Simulator::start().await?;
        let product = CrmProduct::Salesmanago(Box::new(crm.config()));
        let connection = CrmConnection { name: "SALESmanago".to_owned(), product };
        let mut document = office::document(connection, &livechat);
        document.live_chat.no_match = NoMatch::CreateAutomatically;
        desk.configure(&document)?;
        desk.keep_secret(office::CRM, "api_secret", office::HOST, API_SECRET)?;
        office::keep_token(&desk, testkit::livechat::TOKEN)?;
        let program = desk.open().await?;
        wait::until("the agent is connected", PATIENCE, async || {
            Ok((livechat.connected(AGENT) == 1).then_some(()))
        })
        .await?;
        Ok(Self { desk, livechat, crm, program, chats: Vec::new() })
    }

    /// Lives one part of it.
    ///
    /// # Errors
    /// When it does not hold; pictures are left then.
    pub async fn live(&mut self, part: &str) -> Result<()> {
        let outcome = match part {
            "known" => self.known().await,
            "new" => self.new_contact().await,
            "cookie" => self.cookie().await,
            "anonymous" => self.anonymous().await,
            "transfer" => self.transfer().await,
            "reconnect" => self.reconnect().await,
            "told-again" => self.told_again().await,
            "restart" => self.restart().await,
            other => anyhow::bail!("there is no part {other}"),
        };
        if outcome.is_err() {
            self.desk.leave_pictures(&format!("day-{part}"), &self.program.window).await;
        }
        outcome
    }

    /// Closes the program.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn end(self) -> Result<()> {
        self.program.close().await
    }

    /// Somebody whom the CRM knows under a shorter name: the name is brought up to date, and the chat is counted.
    async fn known(&mut self) -> Result<()> {
        let mara = Persona::known();
        self.crm.put(&json!({ "email": mara.email, "name": "Mara" }), &json!({}));
        // What the CRM holds is older than the chat: a change made since would be the newer one, and stay.
        tokio::time::sleep(OLDER).await;
        let chat = self.livechat.start_chat(visitor(&mara));
        self.counts(&mara.email, 1).await?;
        wait::until("the name is newer", PATIENCE, async || {
            let name = self.contact(&mara.email)?.values.get("name").cloned();
            Ok((name.as_deref() == Some(mara.name.as_str())).then_some(()))
        })
        .await?;
        self.check_event(&mara.email, &chat)?;
        self.chats.push((chat, mara.email, 1));
        Ok(())
    }

    /// Somebody whom it does not know is created, and counted.
    async fn new_contact(&mut self) -> Result<()> {
        let tove = Persona::unknown();
        let chat = self.livechat.start_chat(visitor(&tove));
        self.counts(&tove.email, 1).await?;
        ensure!(self.crm.contacts().len() == 2, "one contact is created");
        self.check_event(&tove.email, &chat)?;
        self.chats.push((chat, tove.email, 1));
        Ok(())
    }

    /// Whom the agent has confirmed is known by the browser alone when the next chat starts.
    async fn cookie(&mut self) -> Result<()> {
        let (chat, email, _) = self.chats.remove(0);
        let window = &self.program.window;
        window.open_chat(&Persona::known().name).await?;
        window.click(Role::Button, "Yes, it’s").await?;
        window.hides(&["Only the visitor’s own word so far"]).await?;
        self.livechat.end_chat(&chat);
        let back = Visitor { id: Some(chat.customer.clone()), ..Visitor::named(&Persona::known().name) };
        let chat = self.livechat.start_chat(back);
        self.counts(&email, 2).await?;
        self.check_event(&email, &chat)?;
        self.chats.push((chat, email, 2));
        Ok(())
    }

    /// Nobody is created or counted for somebody of whom nothing is known.
    async fn anonymous(&mut self) -> Result<()> {
        let chat = self.livechat.start_chat(Visitor::default());
        self.livechat.agent_says(&chat, AGENT, "Hello");
        self.stays_the_same().await?;
        self.livechat.end_chat(&chat);
        self.stays_the_same().await
    }

    /// A chat that is handed to another agent is no new one.
    async fn transfer(&mut self) -> Result<()> {
        let (chat, email, _) = self.chats.remove(0);
        self.livechat.agent_says(&chat, AGENT, "One moment, please");
        self.livechat.transfer(&chat, COLLEAGUE);
        self.stays_the_same().await?;
        self.livechat.end_chat(&chat);
        self.stays_the_same().await?;
        self.counts(&email, 1).await
    }

    /// Neither is one that is told of again after the connection broke.
    async fn reconnect(&mut self) -> Result<()> {
        let before = self.livechat.logins(AGENT);
        self.livechat.cut(AGENT);
        wait::until("it is connected again", PATIENCE, async || {
            Ok((self.livechat.logins(AGENT) > before && self.livechat.connected(AGENT) == 1).then_some(()))
        })
        .await?;
        self.stays_the_same().await
    }

    /// Neither is one whose beginning is told twice.
    async fn told_again(&mut self) -> Result<()> {
        self.livechat.set_doubled(true);
        let lena = Persona::new("Lena Fischer", "lena@weber.example", "", "");
        let chat = self.livechat.start_chat(visitor(&lena));
        self.counts(&lena.email, 1).await?;
        self.livechat.repeat_last("incoming_chat");
        self.livechat.set_doubled(false);
        self.chats.push((chat, lena.email, 1));
        self.stays_the_same().await
    }

    /// Neither are those that go on while the program is started again.
    async fn restart(&mut self) -> Result<()> {
        self.desk.open_again(&mut self.program).await?;
        wait::until("the agent is connected", PATIENCE, async || {
            Ok((self.livechat.connected(AGENT) == 1).then_some(()))
        })
        .await?;
        self.program.window.shows(&["Lena Fischer"]).await?;
        self.stays_the_same().await?;
        for (_, email, chats) in &self.chats {
            self.counts(email, *chats).await?;
        }
        self.no_other_write_carries_the_tag()
    }

    fn contact(&self, email: &str) -> Result<StoredContact> {
        let all = self.crm.contacts();
        all.into_iter().find(|contact| contact.email == email).context("the contact is not there")
    }

    /// Waits until the contact has started so many chats, and sees that it has as many events.
    async fn counts(&self, email: &str, chats: i64) -> Result<()> {
        wait::until(&format!("{chats} chats are counted"), PATIENCE, async || {
            let contact = self.contact(email)?;
            let (points, events) = (contact.score(TAG).unwrap_or(0), contact.events.len());
            ensure!(points <= chats && events as i64 <= chats, "{points} points, {events} events");
            Ok((points == chats && events as i64 == chats).then_some(()))
        })
        .await
    }

    /// The last event says what the vendor's own integration says.
    fn check_event(&self, email: &str, chat: &Chat) -> Result<()> {
        let contact = self.contact(email)?;
        let event = contact.events.last().context("there is no event")?;
        ensure!(event.kind == "MEETING" && event.text("description") == "LivechatInc", "{event:?}");
        let began = self.livechat.began(chat).context("the thread is not known")?;
        let wanted =
            [began.to_string(), "customer".to_owned(), chat.customer.clone(), "incoming_chat".to_owned()];
        let told = ["detail1", "detail2", "detail3", "detail4"].map(|detail| event.text(detail).to_owned());
        ensure!(told == wanted, "{told:?} are not {wanted:?}");
        Ok(())
    }

    /// Nothing is counted or created any more for a while.
    async fn stays_the_same(&self) -> Result<()> {
        let picture = || {
            let contacts = self.crm.contacts().into_iter();
            contacts.map(|it| (it.email.clone(), it.score(TAG), it.events.len())).collect::<Vec<_>>()
        };
        let before = picture();
        tokio::time::sleep(QUIET).await;
        ensure!(picture() == before, "{:?} became {:?}", before, picture());
        Ok(())
    }

    fn no_other_write_carries_the_tag(&self) -> Result<()> {
        let requests = self.crm.requests();
        let carrying = requests.iter().filter(|one| !one.tags.is_empty());
        ensure!(carrying.clone().all(|one| one.scoring == Some(true)), "a tag was put on without a point");
        ensure!(requests.iter().all(|one| one.consents.is_empty()), "somebody's consent was changed");
        let points: i64 = self.crm.contacts().iter().filter_map(|contact| contact.score(TAG)).sum();
        let sent = carrying.filter(|one| one.success).count();
        ensure!(sent as i64 == points, "{sent} writes carry the tag, and there are {points} points");
        Ok(())
    }
}

/// Who fills in the form before the chat.
fn visitor(persona: &Persona) -> Visitor {
    let form = Form::prechat().answer("name", "Name:", persona.name.as_str()).answer(
        "email",
        "E-mail:",
        persona.email.as_str(),
    );
    Visitor::named(&persona.name).with_email(&persona.email).with_form(form)
}
