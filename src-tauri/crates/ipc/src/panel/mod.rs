//! What the panel shows, and what it asks for.
//!
//! The panel is a picture of `PanelView`: a new one is sent whenever something changed, with a higher revision.

mod chats;
mod effects;
mod form;
mod lookup;
mod outbox;
mod record;
mod related;
mod requests;
mod window;

pub use chats::*;
pub use effects::*;
pub use form::*;
pub use lookup::*;
pub use outbox::*;
pub use record::*;
pub use related::*;
pub use requests::*;
pub use window::*;
