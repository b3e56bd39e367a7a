//! What the child's outbox holds, read with its own store: what was meant, in which order, and what became of it.

use anyhow::Result;
use domain::{ChatKey, contact::Fields};
use serde_json::Value;
use store::{QueuedWrite, Store, WriteStage};

/// After so many numbers without a row there are no more.
const GAP: u64 = 20;

/// A row of the outbox.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) number: u64,
    pub(super) crm: String,
    pub(super) stage: WriteStage,
    pub(super) attempts: u32,
    pub(super) what: What,
    /// The key of what happens by itself.
    pub(super) effect: Option<String>,
    /// The chat that it comes from.
    pub(super) chat: String,
    /// The record that was created.
    made: Option<String>,
    /// Why it is parked.
    pub(super) trouble: Option<String>,
}

/// What a row writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Save { record: String, values: Vec<(String, String)> },
    Create,
    Point(Whose),
    Event(Whose),
    Moment,
    Unknown,
}

/// To whom a deed is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    Record(String),
    /// Whoever is created under this key.
    CreatedBy(String),
}

impl Row {
    fn read(row: QueuedWrite) -> Self {
        let order = row.body;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let chat = serde_json::from_value::<ChatKey>(order["chat"].clone());
        Self {
            number: row.number,
            crm: row.crm.to_string(),
            stage: row.stage,
            attempts: row.attempts,
            what: what(&order["what"]),
            effect: text(&order["effect"]),
            chat: chat.map(|chat| chat.chat).unwrap_or_default(),
            made: text(&order["made"]),
            trouble: text(&order["trouble"]["code"]),
        }
    }

    /// Reads one.
    pub(super) async fn get(store: &Store, number: u64) -> Result<Option<Self>> {
        Ok(store.outbox().get(number).await?.map(Self::read))
    }

    /// Reads all, in the order in which they were decided on.
    pub(super) async fn all(store: &Store) -> Result<Vec<Self>> {
        let mut rows = Vec::new();
        let mut last = 0;
        for number in 1.. {
            match Self::get(store, number).await? {
                Some(row) => {
                    last = number;
                    rows.push(row);
                }
                None if number > last + GAP => break,
                None => {}
            }
        }
        Ok(rows)
    }

    /// The contact that it writes to, where there is one.
    pub(super) fn contact(&self, all: &[Self]) -> Option<String> {
        match &self.what {
            What::Save { record, .. }
            | What::Point(Whose::Record(record))
            | What::Event(Whose::Record(record)) => Some(record.clone()),
            What::Point(Whose::CreatedBy(key)) | What::Event(Whose::CreatedBy(key)) => {
                all.iter().find(|row| row.effect.as_ref() == Some(key))?.made.clone()
            }
            What::Create => self.made.clone(),
            What::Moment | What::Unknown => None,
        }
    }

    /// Whether it ended as it was to.
    pub(super) fn is_done(&self) -> bool {
        self.stage == WriteStage::Done
    }
}

fn what(what: &Value) -> What {
    if let Some(save) = what.get("save") {
        let values: Fields = serde_json::from_value(save["values"].clone()).unwrap_or_default();
        let values = values.into_iter().map(|(field, value)| (field.to_string(), value.as_text())).collect();
        return What::Save { record: save["record"].as_str().unwrap_or_default().to_owned(), values };
    }
    let action = &what["deed"]["action"];
    match () {
        () if what.get("create").is_some() => What::Create,
        () if what.get("moment").is_some() => What::Moment,
        () if action.get("tag").is_some() => whose(&action["tag"]["of"]).map_or(What::Unknown, What::Point),
        () if action.get("event").is_some() => {
            whose(&action["event"]["of"]).map_or(What::Unknown, What::Event)
        }
        () => What::Unknown,
    }
}

fn whose(whose: &Value) -> Option<Whose> {
    let text = |name: &str| whose[name].as_str().map(str::to_owned);
    text("record").map(Whose::Record).or_else(|| text("created_by").map(Whose::CreatedBy))
}
