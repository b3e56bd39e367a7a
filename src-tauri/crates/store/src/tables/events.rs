//! Which events of the chat platforms were handled, so that one delivered twice counts once, also over a restart.

use domain::{ConnectionId, EventId};
use jiff::Timestamp;
use rusqlite::params;

use crate::{Store, StoreError};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE events (id BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT;
    CREATE INDEX events_age ON events (at);";

/// The seen events. See the module.
#[derive(Debug)]
pub struct SeenEvents<'a> {
    pub(crate) store: &'a Store,
}

impl SeenEvents<'_> {
    /// Whether the event was noted.
    pub async fn is_noted(
        &self,
        chat_connection: &ConnectionId,
        event: &EventId,
    ) -> Result<bool, StoreError> {
        let id = self.store.vault().mark("events", &[chat_connection.as_str(), event.as_str()]);
        self.store
            .read(move |db, _| {
                Ok(db.query_row("SELECT EXISTS (SELECT 1 FROM events WHERE id = ?1)", [id], |row| {
                    row.get(0)
                })?)
            })
            .await
    }

    /// Notes the event; true when it had not been noted before. Two calls at once: exactly one gets true.
    pub async fn first_time(
        &self,
        chat_connection: &ConnectionId,
        event: &EventId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let id = self.store.vault().mark("events", &[chat_connection.as_str(), event.as_str()]);
        self.store
            .write(move |db, _| {
                let sql = "INSERT INTO events (id, at) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
                Ok(db.execute(sql, params![id, at.as_microsecond()])? > 0)
            })
            .await
    }
}
