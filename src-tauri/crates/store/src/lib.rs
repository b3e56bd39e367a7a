//! What Sidecard remembers on disk: one SQLite file whose personal columns are encrypted.
//!
//! The key lies in the OS keyring, never beside the file; without it the file stays as it is and [`OpenError::KeyLost`]
//! says so. Each table has its module with its own schema and its typed door:
//!
//! ```
//! # async fn example() -> Result<(), store::StoreError> {
//! use domain::{ConnectionId, VisitorId};
//! let store = store::Store::memory();
//! let link = store.links().find(&"chat".into(), &VisitorId::new("v1"), &"crm".into()).await?;
//! assert!(link.is_none());
//! # Ok(())
//! # }
//! ```
//!
//! Nothing here tells the time or knows a vendor: moments, ids and normal forms come in as arguments. Writes go through
//! one thread in the order of the calls and are synced when their future resolves; reads have a thread of their own.

mod error;
mod key;
mod lineage;
mod open;
mod presence;
mod schema;
mod store;
mod tables;
mod vault;
mod worker;

pub use error::{OpenError, StoreError, StoreErrorKind};
pub use lineage::{Doubt, Lineage, Place, Standing};
pub use presence::Presence;
pub use store::Store;
pub use tables::{
    audit::{Audit, AuditAction, AuditEntry, AuditLine, AuditOutcome},
    audit_chain::{AuditBreak, AuditChain},
    bookmarks::Bookmarks,
    contacts::{CachedContact, Contacts},
    decisions::{Decision, Decisions, NewDecision},
    drafts::{Draft, Drafts},
    events::SeenEvents,
    ledger::{Created, Ledger},
    links::{Link, LinkOrigin, Links},
    matches::{LastMatch, Matches},
    outbox::{Enqueued, Holder, NewWrite, Outbox, QueuedWrite, Settled, Waiting, WriteStage},
    preferences::Preferences,
    recent::{RecentChat, RecentChats},
    record::{Identifier, Identity, RecordKey},
};
