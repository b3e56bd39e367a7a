//! What the window is measured with: a desk whose program is connected to the simulators of LiveChat and Optimove, which
//! answer at once, and an empty window on the same screen.

use std::{
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::ChildStdin,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use domain::config::{CrmConnection, CrmProduct};
use testkit::{
    livechat::{AGENT, Chat, Simulator, TOKEN, Visitor},
    optimove::{self, ADMIN_KEY},
};
use tokio::sync::mpsc;

use crate::{
    Desk,
    office::{self, CHAT, CRM, HOST},
    started::{MOMENTS, Moments, Started, Told, now},
    wait::{self, PATIENCE},
};

/// A look-up takes one request, and a desk has so many: 144 in a minute.
pub const PACE: Duration = Duration::from_millis(430);

/// The desk and the servers.
pub struct Rig {
    /// Where the programs run.
    pub desk: Desk,
    /// The chat platform.
    pub livechat: Simulator,
    _optimove: optimove::Simulator,
}

impl Rig {
    /// Starts the servers and configures the program.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn new() -> Result<Self> {
        let mut desk = Desk::new()?;
        let livechat = Simulator::start().await?;
        let optimove = optimove::Simulator::start().await?;
        desk.set("SIDECARD_CA_FILE", livechat.authority_file());
        desk.set("SIDECARD_LOG", MOMENTS);
        let product = CrmProduct::Optimove(Box::new(optimove.config()));
        let crm = CrmConnection { name: "Optimove".to_owned(), product };
        desk.configure(&office::document(crm, &livechat))?;
        desk.keep_secret(CRM, "api_key", HOST, ADMIN_KEY)?;
        desk.keep_secret(CHAT, "token", HOST, TOKEN)?;
        Ok(Self { desk, livechat, _optimove: optimove })
    }

    /// Starts the program and waits until the agent is connected and the panel painted.
    ///
    /// # Errors
    /// When that does not happen.
    pub async fn open(&self) -> Result<(Started, Moments)> {
        let mut moments = self.desk.moments();
        let program = self.desk.start(&Desk::program()?)?;
        moments.painted("the panel", usable).await?;
        wait::until("the agent is connected", PATIENCE, async || {
            Ok((self.livechat.connected(AGENT) == 1).then_some(()))
        })
        .await?;
        Ok((program, moments))
    }

    /// The `number`th visitor, whom the CRM knows, begins a chat.
    pub fn visitor_arrives(&self, number: usize) -> Chat {
        let ids = optimove::ids();
        let id = ids[number % ids.len()].to_owned();
        let visitor = Visitor::named(&format!("Visitor {number}"));
        self.livechat.start_chat(Visitor { session_fields: vec![("customer_id".to_owned(), id)], ..visitor })
    }

    /// The agent opens a chat in the platform's console.
    pub fn agent_opens(&self, chat: &Chat) {
        self.livechat.mark_seen(chat, AGENT);
    }

    /// Visitors begin `number` chats, and the contact of each is shown once.
    ///
    /// # Errors
    /// When one is not.
    pub async fn fill(&self, moments: &mut Moments, number: usize) -> Result<Vec<Chat>> {
        let mut chats = Vec::new();
        for number in 0..number {
            let chat = self.visitor_arrives(number);
            self.agent_opens(&chat);
            moments.painted("a contact", |told| told.shows_contact(&chat.id)).await?;
            chats.push(chat);
            tokio::time::sleep(PACE).await;
        }
        Ok(chats)
    }
}

/// Whether the panel can be used: it is configured, and says how the connections stand.
pub fn usable(told: &Told) -> bool {
    told.setup == "Configured"
}

/// The empty window.
#[derive(Debug)]
pub struct Blank {
    /// Its process.
    pub started: Started,
    input: ChildStdin,
    said: mpsc::UnboundedReceiver<String>,
}

/// From when to when something took, in microseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// When it began.
    pub from: i64,
    /// When it had been painted.
    pub to: i64,
}

impl Span {
    /// How long it took, in milliseconds.
    #[expect(clippy::cast_precision_loss, reason = "spans of seconds")]
    pub fn millis(self) -> f64 {
        (self.to - self.from) as f64 / 1000.0
    }
}

impl Blank {
    /// The program.
    ///
    /// # Errors
    /// When it is not built.
    pub fn program() -> Result<PathBuf> {
        let file = Desk::program()?.with_file_name("examples/blank");
        anyhow::ensure!(
            file.is_file(),
            "the empty window is not built: cargo build --workspace --example blank"
        );
        Ok(file)
    }

    /// Opens it; the span is from its start to its first picture.
    ///
    /// # Errors
    /// When it does not paint.
    pub async fn open(desk: &Desk) -> Result<(Self, Span)> {
        let from = now();
        let mut started = desk.start(&Self::program()?)?;
        let input = started.child.0.stdin.take().context("it reads lines")?;
        let output = BufReader::new(started.child.0.stdout.take().context("it writes lines")?);
        let (say, said) = mpsc::unbounded_channel();
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| say.send(line)));
        let mut blank = Self { started, input, said };
        let to = blank.hears("painted").await?;
        Ok((blank, Span { from, to }))
    }

    /// An empty event, from its sending to the acknowledgement of its painting. A colour is given to the page.
    ///
    /// # Errors
    /// When it is not acknowledged.
    pub async fn round(&mut self, colour: &str) -> Result<Span> {
        writeln!(self.input, "{colour}")?;
        Ok(Span { from: self.hears("emitted").await?, to: self.hears("painted").await? })
    }

    /// When it next says `what`.
    ///
    /// # Errors
    /// When it does not.
    pub async fn hears(&mut self, what: &str) -> Result<i64> {
        let line =
            tokio::time::timeout(PATIENCE, self.said.recv()).await.context("the empty window is silent")?;
        let line = line.context("the empty window has ended")?;
        match line.split_once(' ') {
            Some((said, at)) if said == what => at.parse().context("not a time"),
            _ => bail!("the empty window says “{line}”, not {what}"),
        }
    }

    /// Closes it.
    ///
    /// # Errors
    /// When it stays.
    pub async fn close(self) -> Result<()> {
        drop(self.input);
        self.started.end().await
    }
}
