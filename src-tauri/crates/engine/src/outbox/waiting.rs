//! What is on its way to the CRMs, for the eyes: the list under the panel, and the values that will be.

use std::sync::Arc;

use domain::{ChatKey, ConnectionId, FieldKey, RecordId, contact::Fields, strategies::Action};
use ipc::panel::{OutboxItem, OutboxView, TodoView, TodoWhat, WriteKind, WriteStanding};
use store::{QueuedWrite, WriteStage};

use super::order::{Order, What};
use crate::{configure::Connected, crm::Crm};

/// The writes that are neither done nor given up: those that need a person first, then in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) writes: Vec<WaitingWrite>,
    /// How many there are on the way, listed or not.
    pub(crate) on_the_way: u64,
    /// How many need a person, listed or not.
    pub(crate) parked: u64,
    /// How many wait for a word on the store, listed or not; they count as on the way too.
    pub(crate) stopped: u64,
}

/// A write in that list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WaitingWrite {
    pub(crate) number: u64,
    pub(crate) crm: ConnectionId,
    pub(crate) order: Order,
    stage: WriteStage,
    doubtful: bool,
    attempts: u32,
    at: i64,
    due: i64,
}

impl WaitingWrite {
    /// A row of the outbox; `None` for one that another version of the program wrote and this one does not know.
    pub(crate) fn read(row: QueuedWrite) -> Option<Self> {
        Some(Self {
            number: row.number,
            crm: row.crm,
            order: Order::read(row.body)?,
            stage: row.stage,
            doubtful: row.doubtful,
            attempts: row.attempts,
            at: row.at.as_millisecond(),
            due: row.due.as_millisecond(),
        })
    }

    /// Whether it waits for the end of its chat.
    pub(super) fn is_held(&self) -> bool {
        self.stage == WriteStage::Held
    }

    /// Whether a person has to say whether it arrived.
    pub(super) fn is_undecided(&self) -> bool {
        self.stage == WriteStage::Parked && self.doubtful
    }

    fn standing(&self) -> WriteStanding {
        match (self.stage, &self.order.trouble) {
            (WriteStage::Parked, error) => {
                WriteStanding::NeedsYou { error: error.clone(), doubtful: self.doubtful }
            }
            (WriteStage::Held, _) => WriteStanding::AtChatEnd,
            (WriteStage::Stopped, _) => WriteStanding::Stopped,
            (WriteStage::Sending, _) => WriteStanding::Sending,
            (_, _) if self.doubtful => WriteStanding::Unknown { at: self.due },
            (_, Some(error)) if self.attempts > 0 => {
                WriteStanding::Again { at: self.due, error: error.clone() }
            }
            _ => WriteStanding::Queued,
        }
    }
}

impl Waiting {
    /// What the fields of `record` will hold when everything on the way has arrived.
    pub(crate) fn values(&self, crm: &ConnectionId, record: &RecordId) -> Fields {
        let mut writes: Vec<_> = self
            .writes
            .iter()
            .filter(|write| &write.crm == crm && write.order.record() == Some(record))
            .collect();
        writes.sort_by_key(|write| write.number);
        writes.into_iter().flat_map(|write| write.order.values().clone()).collect()
    }

    /// Whether a contact is being created for `chat`.
    pub(crate) fn creates(&self, crm: &ConnectionId, chat: &ChatKey) -> bool {
        let created = |write: &&WaitingWrite| write.order.creates();
        self.writes.iter().filter(created).any(|write| &write.crm == crm && &write.order.chat == chat)
    }

    /// Whether something that was written in `chat` has not arrived.
    pub(crate) fn is_of(&self, chat: &ChatKey) -> bool {
        self.writes.iter().any(|write| &write.order.chat == chat)
    }

    /// Creations, and what happens by itself, that need a person. What the agent changed is in the list of writes alone.
    pub(crate) fn need_a_person(&self) -> impl Iterator<Item = &WaitingWrite> {
        let parked = self.writes.iter().filter(|write| write.stage == WriteStage::Parked);
        parked.filter(|write| write.order.creates() || write.order.happens_by_itself())
    }

    /// As the panel shows it.
    pub(crate) fn view(&self, connected: &Connected) -> OutboxView {
        let items = self.writes.iter().map(|write| write.view(connected)).collect();
        OutboxView { on_the_way: small(self.on_the_way), parked: small(self.parked), items }
    }
}

impl WaitingWrite {
    /// As the list of writes shows it.
    fn view(&self, connected: &Connected) -> OutboxItem {
        let crm = self.crm_in(connected);
        let label = |field: &FieldKey| crm.map_or_else(|| field.to_string(), |crm| crm.label(field));
        OutboxItem {
            number: small(self.number),
            connection: self.crm.clone(),
            crm: crm.map_or_else(|| self.crm.to_string(), |crm| crm.name.clone()),
            chat: self.order.chat.to_string(),
            name: domain::text::visible(&self.order.name),
            kind: match self.order.what {
                What::Save { .. } => WriteKind::Update,
                What::Create { .. } => WriteKind::Create,
                What::Deed { ref action, .. } => match **action {
                    Action::Tag { .. } => WriteKind::Tag,
                    Action::Record { kind, .. } => kind.into(),
                    _ => WriteKind::Event,
                },
                What::Moment(_) => WriteKind::Moment,
            },
            fields: self.order.values().keys().map(label).collect(),
            standing: self.standing(),
            at: self.at,
        }
    }

    /// As the To do list shows it. `None` when its channel does not look in its CRM any more.
    pub(crate) fn todo_view(&self, connected: &Connected) -> Option<TodoView> {
        let crm = self.crm_in(connected)?;
        let write = self.view(connected);
        Some(TodoView {
            number: write.number,
            chat: write.chat.clone(),
            channel: self.order.channel,
            name: write.name.clone(),
            connection: crm.id.clone(),
            crm: crm.name.clone(),
            trigger: self.order.trigger(),
            at: self.at,
            what: TodoWhat::Write { write: Box::new(write) },
        })
    }

    fn crm_in<'a>(&self, connected: &'a Connected) -> Option<&'a Arc<Crm>> {
        connected.crms(self.order.channel).iter().find(|crm| crm.id == self.crm)
    }
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
