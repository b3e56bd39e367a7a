//! One run: its lives, one after the other, and what a person decides at the end.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::Path,
    time::Duration,
};

use anyhow::{Context as _, Result};
use domain::contact::Fields;
use engine::experiment::CrashPoint;
use store::{Draft, Store, WriteStage};
use testkit::livechat::AGENT;
use tokio::time::Instant;

use super::{
    count::{self, Findings},
    dice::Dice,
    plan::{Crm, Kill, Life, Plan, Step},
    process::{Heard, Process},
    rows::{Row, What},
    speech::{Ask, Edit, Reply, Sabotage, Told},
    world::{self, CHAT, World, customer},
};

/// How long the agent's program may take for one thing.
const PATIENCE: Duration = Duration::from_secs(3);
/// About as long a child takes until it is connected.
const START_UP: Duration = Duration::from_millis(120);
/// How long a life that has done its steps is waited for before it is killed anyway. At a point of reading back it first waits
/// until no request can be under way.
const GRACE: Duration = Duration::from_millis(400);
const LONG_GRACE: Duration = Duration::from_millis(1_200);
/// What has not arrived by then is lost.
const SETTLED_BY: Duration = Duration::from_secs(20);
/// The same when there is nothing in the outbox that could bring it.
const NOTHING_COMES_AFTER: Duration = Duration::from_secs(3);
/// How often a person has what waits tried at once.
const HURRY_EVERY: Duration = Duration::from_millis(1_500);
/// What would be doubled is, by then.
const QUIET: Duration = Duration::from_millis(60);

/// An edit of the agent, and what is known of it.
#[derive(Clone, Debug)]
pub(super) struct Entered {
    pub(super) edit: Edit,
    pub(super) visitor: usize,
    pub(super) creates: bool,
    /// Whether the agent was told, or could have been, that it is kept.
    pub(super) kept: bool,
    /// What the agent was told.
    pub(super) reply: Option<Reply>,
}

/// A run under way.
pub(super) struct Run {
    pub(super) world: World,
    pub(super) entered: BTreeMap<u32, Entered>,
    /// The rows that were put before a person, and those that the person gave up although they had not arrived.
    pub(super) parked: BTreeSet<u64>,
    pub(super) given_up: BTreeSet<u64>,
    /// How each life ended.
    pub(super) deaths: Vec<Death>,
    sabotage: Option<Sabotage>,
    last: u32,
    acknowledged: u32,
    /// What the child said last of its outbox.
    outbox: Option<(u32, Vec<u32>, Vec<u32>)>,
    dice: Dice,
}

/// How a life ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Death {
    /// The moment that was planned, where it came; otherwise it was killed when it had nothing to do any more.
    pub(super) at: Option<Kill>,
    /// The writes on the wire.
    pub(super) on_the_wire: usize,
    /// The rows that it was sending.
    pub(super) sending: u32,
}

/// Lives through the plan of `seed` and counts.
pub(super) async fn live_through(seed: u64, sabotage: Option<Sabotage>) -> Result<Findings> {
    let plan = Plan::of(seed);
    let mut run = Run {
        world: World::new(seed, true).await?,
        entered: BTreeMap::new(),
        parked: BTreeSet::new(),
        given_up: BTreeSet::new(),
        deaths: Vec::new(),
        sabotage,
        last: 0,
        acknowledged: 0,
        outbox: None,
        dice: Dice::for_name(seed, "person"),
    };
    run.world.livechat.set_doubled(plan.doubled);
    let mut left = VecDeque::new();
    for life in &plan.lives {
        left.extend(life.steps.iter().copied());
        run.live(life, &mut left).await?;
    }
    count::examine(&run).await
}

impl Run {
    /// Lives one life, which takes its steps from `left`.
    async fn live(&mut self, life: &Life, left: &mut VecDeque<Step>) -> Result<()> {
        let stop = match life.kill {
            Some(Kill::At(point, time)) => Some((point.name().to_owned(), time)),
            _ => None,
        };
        self.world.line.begin(life.kill);
        self.acknowledged = 0;
        let setup = self.world.setup(stop, self.sabotage);
        let file = self.world.file("child.json");
        let mut child = Process::start(&setup, &file, self.world.killer.clone())?;
        if let Some(Kill::After(time)) = life.kill {
            let line = self.world.line.clone();
            tokio::spawn(async move {
                // From when it begins to work, and not from when the operating system begins to load it.
                tokio::time::sleep(START_UP + time).await;
                line.kill();
            });
        }
        let mut is_alive = self.is_online(&mut child).await?;
        while is_alive && let Some(step) = left.pop_front() {
            is_alive = self.take(step, life, &mut child).await?;
        }
        let Some(kill) = life.kill else {
            anyhow::ensure!(is_alive, "the last life ended by itself");
            return self.settle(&mut child).await;
        };
        let reads_back =
            kill == Kill::At(CrashPoint::ReadBack, 1) || kill == Kill::At(CrashPoint::ReadBack, 2);
        let end = Instant::now() + if reads_back { LONG_GRACE } else { GRACE };
        while is_alive && Instant::now() < end {
            is_alive = self.listen(&mut child, life, end - Instant::now()).await;
        }
        self.world.line.kill();
        self.world.livechat.release(false);
        let at = (!is_alive).then_some(kill);
        let left_behind = self.world.left_behind()?;
        let (on_the_wire, sending) = (self.world.line.killed_with(), world::sending(left_behind.path()));
        self.deaths.push(Death { at, on_the_wire, sending });
        self.hand_back(left_behind.path()).await
    }

    /// What was refused is in the agent's hands although nobody could say so any more, if the draft has it.
    async fn hand_back(&mut self, left_behind: &Path) -> Result<()> {
        let unsaid = |entered: &Entered| entered.kept && entered.reply.is_none();
        if !self.entered.values().any(unsaid) {
            return Ok(());
        }
        let store = self.world.open(left_behind).await?;
        let (rows, agent) = (Row::all(&store).await?, store.of_agent(&CHAT.into(), &AGENT.into()));
        let drafts = agent.drafts().all().await?;
        for entered in self.entered.values_mut().filter(|entered| unsaid(entered)) {
            let Edit { chat, crm, field, value, .. } = &entered.edit;
            let refused =
                rows.iter().any(|row| row.stage == WriteStage::Discarded && count::writes(row, value));
            let is_draft = |draft: &Draft| {
                let typed: Fields =
                    serde_json::from_value(draft.content["values"].clone()).unwrap_or_default();
                let holds = typed.get(&field.as_str().into()).is_some_and(|held| held.as_text() == *value);
                holds && draft.chat.to_string() == *chat && draft.crm.as_str() == crm
            };
            if refused && drafts.iter().any(is_draft) {
                entered.reply = Some(Reply::HandedBack);
            }
        }
        Ok(())
    }

    /// Waits until the agent is connected; whether the child lives then.
    async fn is_online(&mut self, child: &mut Process) -> Result<bool> {
        let end = Instant::now() + Duration::from_secs(20);
        let before = self.world.livechat.logins(AGENT);
        while self.world.livechat.logins(AGENT) == before || self.world.livechat.connected(AGENT) == 0 {
            anyhow::ensure!(Instant::now() < end, "the child does not connect");
            match child.hear(Duration::from_millis(3)).await {
                Heard::Gone => return Ok(false),
                Heard::Told(told) => {
                    if !self.note(told, None) {
                        return Ok(false);
                    }
                }
                Heard::Nothing => {}
            }
        }
        Ok(true)
    }

    /// Does one step; whether the child still lives.
    async fn take(&mut self, step: Step, life: &Life, child: &mut Process) -> Result<bool> {
        let livechat = &self.world.livechat;
        match step {
            Step::Start(visitor) => self.world.begin(visitor),
            Step::End(visitor) => self.world.end(visitor),
            Step::TellAgain => livechat.repeat_last("incoming_chat"),
            Step::Hold(true) => livechat.hold(),
            Step::Hold(false) => livechat.release(true),
            Step::EditElsewhere(visitor, place) => {
                if let Some(contact) = self.world.contact(visitor) {
                    let value = format!("colleague {}", self.dice.below(1_000_000));
                    self.world.line.edit(&contact.id, Crm::Salesmanago.field(place), &value);
                }
            }
            Step::Pause(time) => {
                let end = Instant::now() + time;
                while Instant::now() < end {
                    if !self.listen(child, life, end - Instant::now()).await {
                        return Ok(false);
                    }
                }
            }
            Step::Save(visitor, crm, place) => {
                let value = format!("value {}", self.last + 1);
                return self.enter(visitor, crm, crm.field(place), value, life, child).await;
            }
            Step::Create(visitor) => {
                let (crm, value) = (Crm::Optimove, customer(visitor));
                return self.enter(visitor, crm, "CustomerID", value, life, child).await;
            }
        }
        Ok(true)
    }

    /// The agent enters something and waits for what is said.
    async fn enter(
        &mut self,
        visitor: usize,
        crm: Crm,
        field: &str,
        value: String,
        life: &Life,
        child: &mut Process,
    ) -> Result<bool> {
        self.last += 1;
        let Some(chat) = self.world.chat(visitor) else { return Ok(true) };
        let (number, crm) = (self.last, crm.id().to_owned());
        let edit = Edit { number, chat: chat.to_string(), crm, field: field.to_owned(), value };
        let creates = field == "CustomerID";
        child.ask(&if creates { Ask::Create(edit.clone()) } else { Ask::Save(edit.clone()) })?;
        let entered = Entered { edit, visitor, creates, kept: false, reply: None };
        self.entered.insert(number, entered);
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if !self.listen(child, life, end - Instant::now()).await {
                return Ok(false);
            }
            // The agent goes on as soon as it is kept, so that several are on the way.
            if self.entered.get(&number).is_some_and(|entered| entered.kept || entered.reply.is_some()) {
                break;
            }
        }
        Ok(true)
    }

    /// Hears one thing of the child; whether it still lives.
    async fn listen(&mut self, child: &mut Process, life: &Life, patience: Duration) -> bool {
        match child.hear(patience).await {
            Heard::Told(told) => self.note(told, life.kill),
            Heard::Nothing => true,
            Heard::Gone => false,
        }
    }

    /// Notes what the child said; false when that is the moment of its end.
    fn note(&mut self, told: Told, kill: Option<Kill>) -> bool {
        match told {
            Told::Stopped(_) => {
                self.world.line.kill();
                return false;
            }
            Told::Kept(number) => return self.is_kept(number, kill),
            Told::Replied(number, reply) => {
                if let Some(entered) = self.entered.get_mut(&number) {
                    entered.reply = Some(reply);
                }
                if reply == Reply::Kept {
                    return self.is_kept(number, kill);
                }
            }
            Told::Outbox(on_the_way, parked, waiting) => self.outbox = Some((on_the_way, parked, waiting)),
        }
        true
    }

    fn is_kept(&mut self, number: u32, kill: Option<Kill>) -> bool {
        let Some(entered) = self.entered.get_mut(&number) else { return true };
        if !std::mem::replace(&mut entered.kept, true) {
            self.acknowledged += 1;
        }
        let now = kill == Some(Kill::Acknowledged(self.acknowledged));
        if now {
            self.world.line.kill();
        }
        !now
    }

    /// Lets the last life finish, with a person who decides what is put before one.
    async fn settle(&mut self, child: &mut Process) -> Result<()> {
        let store = self.world.store().await?;
        let end = Instant::now() + SETTLED_BY;
        let mut was_quiet = false;
        let (mut last_seen, mut hurried) = (Instant::now(), Instant::now());
        while Instant::now() < end {
            self.outbox = None;
            child.ask(&Ask::Outbox)?;
            while self.outbox.is_none() {
                match child.hear(PATIENCE).await {
                    Heard::Told(told) => drop(self.note(told, None)),
                    Heard::Nothing | Heard::Gone => anyhow::bail!("the last life does not answer"),
                }
            }
            let (on_the_way, parked, waiting) = self.outbox.clone().context("it answered")?;
            let is_quiet = on_the_way == 0 && parked.is_empty() && count::all_arrived(self);
            if on_the_way > 0 || !parked.is_empty() {
                last_seen = Instant::now();
            }
            if is_quiet && was_quiet || last_seen.elapsed() > NOTHING_COMES_AFTER {
                break;
            }
            was_quiet = is_quiet;
            for number in parked {
                self.decide(&store, child, number).await?;
            }
            // Who sees something wait for long has it tried at once.
            if hurried.elapsed() > HURRY_EVERY {
                hurried = Instant::now();
                waiting.into_iter().try_for_each(|number| child.ask(&Ask::Retry(number)))?;
            }
            tokio::time::sleep(if is_quiet { QUIET } else { Duration::from_millis(15) }).await;
        }
        child.kill();
        Ok(())
    }

    /// A person looks into the CRM and decides what becomes of a write that was put before one.
    async fn decide(&mut self, store: &Store, child: &mut Process, number: u32) -> Result<()> {
        let Some(row) = Row::get(store, number.into()).await? else { return Ok(()) };
        if row.stage != WriteStage::Parked {
            return Ok(());
        }
        self.parked.insert(row.number);
        let all = Row::all(store).await?;
        let arrived = count::has_arrived(self, &row, &all);
        let hopeless = matches!(row.what, What::Save { .. }) && row.trouble.as_deref() == Some("conflict");
        if hopeless && !arrived {
            self.given_up.insert(row.number);
        }
        child.ask(&if arrived || hopeless { Ask::Discard(number) } else { Ask::Retry(number) })
    }
}
