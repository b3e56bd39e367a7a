//! The words and decisions of the product, without any input or output.
//!
//! What lives here takes values and returns values: time, ids and locale are passed in. Whoever needs the network, a
//! file, a clock or a task belongs to a crate above this one.

pub mod card;
pub mod channel;
pub mod chat;
pub mod clock;
pub mod config;
pub mod contact;
pub mod email;
pub mod event;
pub mod evidence;
pub mod ids;
pub mod mapping;
pub mod merge;
pub mod phone;
pub mod related;
pub mod rules;
pub mod schema;
pub mod strategies;
pub mod text;
pub mod transform;
pub mod value;

pub use channel::ChannelName;
pub use chat::{ChatField, ChatFieldKey, ChatFields, FieldOrigin, Visitor};
pub use clock::Clock;
pub use contact::{Contact, Fields, Version};
pub use event::{ChatEvent, ChatEventKind};
pub use evidence::Evidence;
pub use ids::{AgentId, ChatKey, ConnectionId, EventId, FieldKey, ObjectKind, RecordId, ThreadId, VisitorId};
pub use related::{Related, RelatedPart};
pub use schema::{Field, FieldType, Schema};
pub use value::Value;
