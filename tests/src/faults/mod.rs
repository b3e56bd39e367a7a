//! The crash test: the program without its window is killed with writes in flight, again and again, and what came of the
//! writes is counted where they were to arrive.
//!
//! A run is a *plan* drawn from its seed, a *world* of simulators with a proxy before each CRM, and a few *lives* of a
//! child process: the real engine, store, connectors, chat source and HTTP client. A life works through some steps (visitors
//! begin and end chats, the agent saves and creates, the platform tells things twice) until the driver kills it with SIGKILL:
//! at a named point of the engine, while a request is on the wire or before its answer, just after the agent was told that a
//! write is kept, or at any moment. The last life is left to finish; somebody decides what is put before a person.
//!
//! The wire also misbehaves while nobody dies: answers are lost before and after the CRM has done its work, requests are
//! late or arrive twice, and another system writes where an outcome is in doubt.
//!
//! What the seed repeats is the plan and every fault, which hangs on the name of a request and how often it came. When the
//! operating system lets which thread run is not repeated.
//!
//! One thing is not tried, because no reading back could tell it: our point on a tag is lost and another system gives exactly
//! one between. What follows from one point more is that it is ours.

mod child;
mod count;
mod dice;
mod plan;
mod process;
mod report;
mod rows;
mod run;
mod speech;
mod wire;
mod world;

pub use child::live;
pub use report::{Report, many};
pub use speech::{Sabotage, Setup};
