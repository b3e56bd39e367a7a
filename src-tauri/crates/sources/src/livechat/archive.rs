//! What happened while nobody listened: the archives, read page by page after the log-in.
//!
//! RTM replays nothing, so threads that ended between the last moment of the connection before and the log-in would never be
//! told. They are asked for once the agent's open chats are known; the newest come first. Whether LiveChat's time filter goes
//! by the beginning of a thread or by what happened in it, and how soon a thread is in the archives, is not documented: the
//! question reaches back further than the gap, and [`super::desk::Desk::missed`] takes what is wanted.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    config::VERSION,
    decode::{self, Chat},
};
use crate::runner::Output;

/// LiveChat's most for a page.
const PAGE: usize = 100;
/// Pages that are read at most: a licence has other agents, but not that many threads of one.
const MOST_PAGES: usize = 50;
/// The archives are not asked for what is older.
const FURTHEST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A thread that began this long before the gap may have ended in it.
const LONGEST_THREAD: SignedDuration = SignedDuration::from_hours(24);
/// A thread may come into the archives this late, and so be missing when they are read right after its end.
const LAG: SignedDuration = SignedDuration::from_mins(10);
/// Keep-alives before a request counts as not answered, and before it is asked again.
const PATIENCE: u32 = 2;
/// Keep-alives between two words about how far everything is told.
const TELL_EVERY: u32 = 4;
/// How often the archives are asked again when they fail.
const TRIES: u32 = 5;

/// Errors that asking again does not help.
const FINAL: &[&str] = &["authorization", "missing_access", "validation", "unsupported_version", "not_found"];

/// The reading of the archives.
#[derive(Debug, Default)]
pub(super) struct Archive {
    /// Up to when everything was told before this connection.
    since: Option<Timestamp>,
    /// The same, now.
    told: Option<Timestamp>,
    step: Step,
    number: u64,
    ticks: u32,
}

#[derive(Debug, Default)]
enum Step {
    /// Not asked yet on this connection, or given up.
    #[default]
    Idle,
    /// A page is under way.
    Asking(Reading),
    /// A page failed; asked again later.
    Waiting(Reading),
    /// Everything is told.
    Done,
}

#[derive(Debug, Default)]
struct Reading {
    found: Vec<Chat>,
    page: Option<String>,
    pages: usize,
    tries: u32,
    asked: u32,
}

impl Archive {
    /// The connection is made anew. What an earlier program told counts when this one has told nothing.
    pub(super) fn interrupted(&mut self, before: Option<Timestamp>) {
        self.told = self.told.or(before);
        self.since = self.told;
        self.step = Step::Idle;
    }

    /// What was told lies before this; a thread that came late into the archives counts as later.
    pub(super) fn since(&self) -> Timestamp {
        self.since.map_or(Timestamp::MAX, |since| earlier(since, LAG))
    }

    /// The agent's open chats are told: the first request. Where nothing was told before, nothing can have been missed; that is
    /// said at once, because from now on something can.
    pub(super) fn begin(&mut self, me: &str, now: Timestamp) -> Option<Output> {
        if self.since.is_none() {
            self.step = Step::Done;
            self.told = Some(now);
            return Some(Output::ToldUntil(now));
        }
        self.step = Step::Waiting(Reading::default());
        self.next(me, now).map(Output::Send)
    }

    /// The request that is due.
    pub(super) fn next(&mut self, me: &str, now: Timestamp) -> Option<String> {
        let Step::Waiting(reading) = std::mem::take(&mut self.step) else { return None };
        self.number += 1;
        let payload = match &reading.page {
            // Filters go with the first page alone; with the others they are refused.
            Some(page) => json!({ "page_id": page }),
            None => self.question(me, now),
        };
        self.step = Step::Asking(Reading { asked: self.ticks, ..reading });
        let frame = json!({
            "request_id": self.id(), "action": "list_archives", "version": VERSION, "payload": payload,
        });
        Some(frame.to_string())
    }

    /// Whether `request` is the last one.
    pub(super) fn is_its(&self, request: &str) -> bool {
        matches!(self.step, Step::Asking(_)) && request == self.id()
    }

    /// Takes in an answer; gives all threads when no page is missing.
    pub(super) fn answered(&mut self, outcome: Result<Value, String>) -> Option<Vec<Chat>> {
        let Step::Asking(mut reading) = std::mem::take(&mut self.step) else { return None };
        let answer = match outcome {
            Ok(answer) => answer,
            Err(kind) if FINAL.contains(&kind.as_str()) => {
                tracing::warn!(kind, "the archives may not be read; chats that were missed stay unknown");
                self.step = Step::Done;
                return Some(reading.found);
            }
            Err(kind) => {
                self.failed(reading, &kind);
                return None;
            }
        };
        let threads = answer["chats"].as_array().into_iter().flatten();
        reading.found.extend(threads.filter_map(|one| decode::chat(one).ok()));
        reading.pages += 1;
        reading.page = answer["next_page_id"].as_str().filter(|page| !page.is_empty()).map(str::to_owned);
        if reading.page.is_some() && reading.pages < MOST_PAGES {
            self.step = Step::Waiting(reading);
            return None;
        }
        self.step = Step::Done;
        Some(reading.found)
    }

    /// A keep-alive is due: asks again where that is due too, or says how far everything is told.
    pub(super) fn tick(&mut self, me: &str, now: Timestamp) -> Option<Output> {
        self.ticks += 1;
        match std::mem::take(&mut self.step) {
            Step::Asking(reading) if self.ticks - reading.asked >= PATIENCE => {
                self.failed(reading, "request_timeout");
                None
            }
            Step::Waiting(reading) if self.ticks - reading.asked >= PATIENCE * reading.tries => {
                self.step = Step::Waiting(reading);
                self.next(me, now).map(Output::Send)
            }
            Step::Done => {
                self.step = Step::Done;
                self.told = Some(now);
                self.ticks.is_multiple_of(TELL_EVERY).then_some(Output::ToldUntil(now))
            }
            other => {
                self.step = other;
                None
            }
        }
    }

    fn failed(&mut self, reading: Reading, kind: &str) {
        let tries = reading.tries + 1;
        tracing::info!(kind, tries, "the archives could not be read");
        // What was told before still holds, so that the next connection asks for the same again.
        if tries < TRIES {
            self.step = Step::Waiting(Reading { tries, ..reading });
        }
    }

    fn question(&self, me: &str, now: Timestamp) -> Value {
        let from = earlier(self.since(), LONGEST_THREAD).max(earlier(now, FURTHEST));
        json!({
            "filters": { "from": from.to_string(), "to": now.to_string(), "agents": { "values": [me] } },
            "limit": PAGE, "sort_order": "desc",
        })
    }

    fn id(&self) -> String {
        format!("archive-{}", self.number)
    }
}

fn earlier(moment: Timestamp, by: SignedDuration) -> Timestamp {
    moment.checked_sub(by).unwrap_or(Timestamp::MIN)
}
