//! Whose the rows are. What is remembered of chats is kept apart for each agent of a chat platform: another one who signs in on
//! the same computer finds nothing of it, and the first one finds it again.
//!
//! What tells of nobody in particular (own creations, seen events, the trail) has no owner.

use domain::{AgentId, ConnectionId};
use rusqlite::Transaction;

use super::{drafts, recent, sealed::NOBODY};
use crate::{
    Store, StoreError,
    vault::{Mark, Vault},
};

/// A new table in place of one whose rows had no owner.
macro_rules! owned {
    ($table:literal) => {
        concat!(
            "ALTER TABLE ",
            $table,
            " RENAME TO before;",
            "CREATE TABLE ",
            $table,
            " (id BLOB NOT NULL, owner BLOB NOT NULL, record_mark BLOB,
                at INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (id, owner)) STRICT;",
            "INSERT INTO ",
            $table,
            " SELECT id, zeroblob(32), record_mark, at, body FROM before;",
            "DROP TABLE before;"
        )
    };
}

/// Gives every row an owner; those of before belong to nobody until somebody signs in.
pub(crate) const SCHEMA: &str = concat!(
    owned!("links"),
    "CREATE INDEX links_record ON links (record_mark);",
    owned!("contacts"),
    "CREATE INDEX contacts_record ON contacts (record_mark); CREATE INDEX contacts_age ON contacts (at);",
    owned!("matches"),
    "CREATE INDEX matches_record ON matches (record_mark); CREATE INDEX matches_age ON matches (at);",
    owned!("drafts"),
    "CREATE INDEX drafts_record ON drafts (record_mark);",
    owned!("recent"),
    "CREATE INDEX recent_record ON recent (record_mark); CREATE INDEX recent_age ON recent (at);",
    owned!("bookmarks"),
);

impl Store {
    /// The same store as `agent` of `chat_connection` may see it: links, cached contacts, matches, drafts and chats of others
    /// are not found through it, and what it keeps is found through nothing else.
    #[must_use]
    pub fn of_agent(&self, chat_connection: &ConnectionId, agent: &AgentId) -> Self {
        let owner = self.vault().mark("owner", &[chat_connection.as_str(), agent.as_str()]);
        self.owned_by(owner)
    }

    /// Gives `agent` of `chat_connection` what belongs to nobody: it was kept before agents were told apart. The chats and
    /// drafts of other connections wait for their own agents.
    pub async fn claim(&self, chat_connection: &ConnectionId, agent: &AgentId) -> Result<(), StoreError> {
        let owner = self.of_agent(chat_connection, agent).owner();
        let connection = chat_connection.clone();
        self.write(move |db, vault| claim(db, vault, &connection, &owner)).await
    }
}

fn claim(
    db: &Transaction<'_>,
    vault: &Vault,
    connection: &ConnectionId,
    owner: &Mark,
) -> Result<(), StoreError> {
    for table in ["links", "contacts", "matches"] {
        let sql = format!("UPDATE OR IGNORE {table} SET owner = ?1 WHERE owner = ?2");
        db.execute(&sql, [owner, &NOBODY])?;
    }
    let drafts = drafts::TABLE.all::<drafts::Draft>(db, vault, &NOBODY)?;
    for draft in drafts.iter().filter(|draft| &draft.chat.connection == connection) {
        give(db, "drafts", &drafts::id(vault, draft), owner)?;
    }
    let recent = recent::TABLE.all::<recent::RecentChat>(db, vault, &NOBODY)?;
    for chat in recent.iter().filter(|recent| &recent.chat.connection == connection) {
        give(db, "recent", &recent::id(vault, &chat.chat), owner)?;
    }
    Ok(())
}

fn give(db: &Transaction<'_>, table: &str, id: &Mark, owner: &Mark) -> Result<(), StoreError> {
    let sql = format!("UPDATE OR IGNORE {table} SET owner = ?1 WHERE id = ?2 AND owner = ?3");
    db.execute(&sql, [owner, id, &NOBODY])?;
    Ok(())
}
