//! The agent's whole day in the real window: a CRM, the LiveChat simulator over TLS, a real keyring. Each part looks at what
//! the servers hold, not only at the screen. What differs between CRMs is the office's ([`Place`]).

mod optimove;
mod place;
mod salesmanago;
mod tryton;

use anyhow::{Context, Result, ensure};
use testkit::livechat::{AGENT, Surface};

pub use optimove::OptimoveOffice;
pub use place::Place;
pub use salesmanago::{DAY, SalesmanagoDay};

use crate::{
    Role, Window,
    desk::Program,
    wait::{self, PATIENCE},
};
use place::{Changes, NEAR, Values};

/// The parts, in order.
pub const PARTS: [&str; 8] =
    ["arrive", "match", "refresh", "edit", "conflict", "create-missing", "open", "restart"];

/// A visitor of the story.
#[derive(Clone, Debug)]
pub struct Persona {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// The phone number.
    pub phone: String,
    /// The city.
    pub city: String,
}

impl Persona {
    fn new(name: &str, email: &str, phone: &str, city: &str) -> Self {
        let [name, email, phone, city] = [name, email, phone, city].map(str::to_owned);
        Self { name, email, phone, city }
    }

    /// Somebody the CRM knows.
    pub fn known() -> Self {
        Self::new("Mara Lindqvist", "mara@northwind.example", "+46 8 555 010 20", "Uppsala")
    }

    /// Somebody it does not know.
    pub fn unknown() -> Self {
        Self::new("Tove Aasen", "tove.aasen@fjord.example", "+47 22 55 01 77", "Bergen")
    }
}

/// The story while it is told.
pub struct Story<P> {
    office: P,
    program: Program,
    changes: Changes,
    known: Persona,
    unknown: Persona,
    /// The known visitor's record.
    record: String,
}

impl<P: Place> Story<P> {
    /// Opens the program in an office where both servers are connected to it.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn begin(office: P, known: Persona, unknown: Persona) -> Result<Self> {
        let record = office.put(&known).await?;
        let program = office.desk().open().await?;
        let changes = office.changes();
        Ok(Self { office, program, changes, known, unknown, record })
    }

    /// Tells one part.
    ///
    /// # Errors
    /// When it does not hold; pictures are left then.
    pub async fn tell(&mut self, part: &str) -> Result<()> {
        let outcome = match part {
            "arrive" => self.arrive().await,
            "match" => self.matched().await,
            "refresh" => self.refresh().await,
            "edit" => self.edit().await,
            "conflict" => self.conflict().await,
            "create-missing" => self.create_missing().await,
            "open" => self.open().await,
            "restart" => self.restart().await,
            other => anyhow::bail!("there is no part {other}"),
        };
        if outcome.is_err() {
            self.office.desk().leave_pictures(&format!("story-{part}"), self.window()).await;
        }
        outcome
    }

    /// The office, with the program still open.
    pub fn office(&self) -> &P {
        &self.office
    }

    /// The running program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Closes the program and leaves the office.
    ///
    /// # Errors
    /// When the program does not end.
    pub async fn end(self) -> Result<P> {
        self.program.close().await?;
        Ok(self.office)
    }

    fn window(&self) -> &Window {
        &self.program.window
    }

    async fn stored(&self) -> Result<Values> {
        self.office.read(&self.record).await?.context("the record is gone from the server")
    }

    /// The program signs in, and a visitor's chat stands in the panel.
    async fn arrive(&mut self) -> Result<()> {
        let livechat = self.office.livechat();
        wait::until("the agent is connected", PATIENCE, async || {
            Ok((livechat.connected(AGENT) == 1).then_some(()))
        })
        .await?;
        ensure!(livechat.accepting(AGENT), "the agent's status is as it was");
        livechat.start_chat(self.office.visitor(&self.known));
        self.window().shows(&[&self.known.name]).await
    }

    /// The contact is found and shown, and the look-up has written nothing.
    async fn matched(&mut self) -> Result<()> {
        let before = self.stored().await?;
        let count = self.office.count().await?;
        let shown = self.office.shown(&self.known);
        self.window().shows(&shown.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        self.window().hides(&[NEAR]).await?;
        ensure!(self.stored().await? == before, "the look-up changed the record");
        ensure!(self.office.count().await? == count, "the look-up created a record");
        Ok(())
    }

    /// A colleague's change is there after Refresh, and marked.
    async fn refresh(&mut self) -> Result<()> {
        let Changes { shared, turns: [newer, ..], .. } = self.changes;
        let older = self.stored().await?.remove(shared).context("the field is empty")?;
        self.office.change(&self.record, shared, newer).await?;
        self.window().click(Role::Button, "Refresh").await?;
        self.window().shows(&[newer, &format!("was {older}")]).await?;
        ensure!(holds(&self.stored().await?, shared, newer), "the refresh wrote something");
        Ok(())
    }

    /// What the agent entered is changed on the server, and nothing else.
    async fn edit(&mut self) -> Result<()> {
        self.confirm_if_asked().await?;
        let mut wanted = self.stored().await?;
        self.window().click(Role::Button, "Edit").await?;
        for (field, value) in &self.changes.edit {
            self.window().fill(field, value).await?;
            wanted.insert((*field).to_owned(), (*value).to_owned());
        }
        self.save().await?;
        self.shows_entered().await?;
        self.seen_in_the_end().await?;
        ensure!(self.stored().await? == wanted, "the server holds the edit, and other fields are untouched");
        self.office.look_at_edit()
    }

    /// The same field changed on both sides is put before the agent; another field of the colleague's is merged.
    async fn conflict(&mut self) -> Result<()> {
        let Changes { shared, turns: [_, mine, theirs], other, .. } = self.changes;
        let merged = format!("new.{}", self.known.email);
        let window = self.window();
        window.click(Role::Button, "Edit").await?;
        window.fill(shared, mine).await?;
        self.office.change(&self.record, shared, theirs).await?;
        self.office.change(&self.record, other, &merged).await?;
        window.click(Role::Button, "Save").await?;
        window.shows(&[mine, theirs, "while you edited"]).await?;
        ensure!(holds(&self.stored().await?, shared, theirs), "nothing was overwritten yet");
        window.click(Role::Radio, mine).await?;
        window.click(Role::Button, "Save choices").await?;
        window.hides(&["while you edited"]).await?;
        window.shows(&[mine]).await?;
        self.seen_in_the_end().await?;
        let after = self.stored().await?;
        ensure!(holds(&after, shared, mine), "the agent's choice is on the server");
        ensure!(holds(&after, other, &merged), "the colleague's stayed");
        Ok(())
    }

    /// A visitor nobody knows: what is missing is said, then one record is made.
    async fn create_missing(&mut self) -> Result<()> {
        let count = self.office.count().await?;
        let (required, value) = self.office.required(&self.unknown);
        let livechat = self.office.livechat();
        let chat = livechat.start_chat(self.office.stranger(&self.unknown));
        livechat.agent_says(&chat, AGENT, "Hello");
        let window = self.window();
        window.shows(&["Nobody found for this visitor"]).await?;
        window.click(Role::Button, "Create contact").await?;
        window.find(Role::Textbox, required).await?;
        window.fill(required, "").await?;
        window.click(Role::Button, "Create contact").await?;
        window.shows(&["missing"]).await?;
        ensure!(self.office.count().await? == count, "nothing was created without what it needs");
        window.fill(required, &value).await?;
        window.click(Role::Button, "Create contact").await?;
        window.shows(&["Created", &self.unknown.name]).await?;
        let made = self.office.of(&self.unknown).await?;
        ensure!(made.len() == 1, "{} records were made", made.len());
        ensure!(self.office.count().await? == count + 1, "one more than before");
        Ok(())
    }

    /// The record's page is handed to the browser.
    async fn open(&mut self) -> Result<()> {
        let made = self.office.of(&self.unknown).await?;
        let expected = self.office.page(made.first().context("the record is gone")?);
        self.window().click(Role::Button, "Open in CRM").await?;
        let desk = self.office.desk();
        let opened = wait::until("a page is opened", PATIENCE, async || Ok(desk.opened().pop())).await?;
        ensure!(opened == expected, "{opened} was opened, not {expected}");
        Ok(())
    }

    /// After a restart the chats are there again with their contacts, and nothing was made twice.
    async fn restart(&mut self) -> Result<()> {
        let count = self.office.count().await?;
        let logins = self.office.livechat().logins(AGENT);
        self.office.desk().open_again(&mut self.program).await?;
        let Changes { turns: [_, mine, _], .. } = self.changes;
        let window = self.window();
        window.shows(&[&self.known.name]).await?;
        window.open_chat(&self.known.name).await?;
        window.shows(&[&self.known.name, mine]).await?;
        self.shows_entered().await?;
        let pill = self.office.stranger(&self.unknown).name;
        window.open_chat(pill.as_deref().unwrap_or("Visitor")).await?;
        window.shows(&[&self.unknown.name, &self.unknown.email]).await?;
        ensure!(self.office.livechat().logins(AGENT) == logins + 1, "it signed in once more");
        ensure!(self.office.count().await? == count, "the restart created something");
        let asked = self.office.livechat().log();
        ensure!(
            asked.iter().all(|request| request.surface == Surface::Rtm
                || request.action.starts_with("list_")
                || request.action.starts_with("get_")),
            "something was written to the chat platform: {asked:?}"
        );
        Ok(())
    }

    /// What the agent entered stands in the panel. A long contact shows its first fields, and the others when asked.
    async fn shows_entered(&self) -> Result<()> {
        let entered: Vec<_> =
            self.changes.edit.iter().map(|(_, value)| value.trim_start_matches("https://")).collect();
        self.window().shows(&entered[..1]).await?;
        // What is said of a save lies over the end of a long contact for a while.
        if let Some(dismiss) = self.window().look_for(Role::Button, "Dismiss").await? {
            dismiss.click().await?;
        }
        if self.window().look_for(Role::Button, "Show ").await?.is_some() {
            self.window().click(Role::Button, "Show ").await?;
        }
        self.window().shows(&entered).await
    }

    async fn save(&self) -> Result<()> {
        self.window().click(Role::Button, "Save").await?;
        self.window().hides(&["Editing"]).await
    }

    /// What was only accepted is said to be waiting, until the CRM shows it. The server is not looked at before: that would
    /// have it done at once.
    async fn seen_in_the_end(&self) -> Result<()> {
        if !self.office.is_seen_later() {
            return Ok(());
        }
        self.window().shows(&["waiting"]).await?;
        self.window().hides(&["waiting", "not confirmed"]).await
    }

    /// A match on what the visitor typed has to be confirmed before anything is written.
    async fn confirm_if_asked(&self) -> Result<()> {
        match self.window().look_for(Role::Button, "Yes, it’s").await? {
            Some(yes) => {
                yes.click().await?;
                // What it says lies over the last field of a long form for a few seconds.
                self.window().click(Role::Button, "Dismiss").await
            }
            None => Ok(()),
        }
    }
}

fn holds(values: &Values, field: &str, value: &str) -> bool {
    values.get(field).is_some_and(|held| held == value)
}
