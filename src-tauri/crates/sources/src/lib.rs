//! The chat side: the `Source` trait, the connection runner, and the platforms.
//!
//! A source turns its platform's traffic into `ChatEvent`s and nothing more: which contact, and what to write, is the
//! engine's. Decoding is pure; holding the connection is the runner's.

pub mod livechat;
mod recent;
pub mod registry;
pub mod runner;
pub mod sample;
pub mod source;

pub use source::{Bookmark, Companion, Loopback, Source, SourceInfo, SourceState, SourceUpdate};
