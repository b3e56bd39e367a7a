//! What happened in a sitting, as far as effects ask for it: which turns agents took, and what was written.
//!
//! It is told live, again after a break, and again from the archives: twice, late and in any order. Whatever is taken in
//! twice is there once, and the order of taking in changes nothing.

use std::collections::BTreeMap;

use domain::{
    AgentId, EventId,
    event::Written,
    strategies::{Act, Message, Turn},
};
use serde::{Deserialize, Serialize};

/// The messages that are kept of one sitting; the newest, when there are more.
const MOST_MESSAGES: usize = 1_000;
/// The bytes of text that are kept of one sitting: more than any CRM takes in one note.
const MOST_TEXT: usize = 256 * 1024;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Kept", into = "Kept")]
pub(crate) struct History {
    /// Of each agent and act the first turn and the last: nothing asks for those between them.
    turns: BTreeMap<(AgentId, Act), (Turn, Turn)>,
    messages: BTreeMap<EventId, Message>,
    /// The bytes of all texts.
    size: usize,
}

/// The same as it is written down.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    turns: Vec<Turn>,
    messages: BTreeMap<EventId, Message>,
}

impl History {
    /// What `assigned` and `written` say.
    pub(crate) fn new(assigned: Vec<Turn>, written: Vec<Written>) -> Self {
        let mut history = Self::default();
        history.assigned(assigned);
        for one in written {
            history.wrote(one);
        }
        history
    }

    /// The first and the last turn of each agent and act.
    pub(crate) fn turns(&self) -> Vec<Turn> {
        let both = |(first, last): &(Turn, Turn)| match first == last {
            true => vec![first.clone()],
            false => vec![first.clone(), last.clone()],
        };
        self.turns.values().flat_map(both).collect()
    }

    /// What was written, in the order in which it was.
    pub(crate) fn messages(&self) -> Vec<Message> {
        let mut messages: Vec<_> = self.messages.iter().collect();
        messages.sort_by_key(|(event, message)| (message.at, *event));
        messages.into_iter().map(|(_, message)| message.clone()).collect()
    }

    /// Agents were put in charge; says whether that is new.
    pub(crate) fn assigned(&mut self, turns: Vec<Turn>) -> bool {
        turns.into_iter().filter(|turn| self.take(turn.clone())).count() > 0
    }

    /// Somebody wrote; says whether that is new.
    pub(crate) fn wrote(&mut self, written: Written) -> bool {
        let turn = written.turn();
        let is_new_turn = turn.is_some_and(|turn| self.take(turn));
        self.keep(written.event, written.message) || is_new_turn
    }

    /// Takes in what another telling of the sitting says; says whether anything of it is new.
    pub(crate) fn absorb(&mut self, other: Self) -> bool {
        let turns = other.turns.into_values().flat_map(|(first, last)| [first, last]);
        let is_new = self.assigned(turns.collect());
        let messages = other.messages.into_iter().filter(|(event, it)| self.keep(event.clone(), it.clone()));
        messages.count() > 0 || is_new
    }

    fn take(&mut self, turn: Turn) -> bool {
        let place = |turn: &Turn| (turn.at, turn.event.clone());
        match self.turns.get_mut(&(turn.agent.clone(), turn.act)) {
            None => {
                self.turns.insert((turn.agent.clone(), turn.act), (turn.clone(), turn));
                true
            }
            Some((first, _)) if place(&turn) < place(first) => {
                *first = turn;
                true
            }
            Some((_, last)) if place(&turn) > place(last) => {
                *last = turn;
                true
            }
            Some(_) => false,
        }
    }

    fn keep(&mut self, event: EventId, message: Message) -> bool {
        if self.messages.get(&event) == Some(&message) {
            return false;
        }
        self.size += message.text.len();
        // Told anew it may say something else: an agent corrected or deleted it.
        let before = self.messages.insert(event.clone(), message);
        self.size -= before.map_or(0, |message| message.text.len());
        while self.messages.len() > MOST_MESSAGES || (self.size > MOST_TEXT && self.messages.len() > 1) {
            let oldest = self.messages.iter().min_by_key(|(event, message)| (message.at, *event));
            let Some(oldest) = oldest.map(|(event, _)| event.clone()) else { break };
            let gone = self.messages.remove(&oldest);
            self.size -= gone.map_or(0, |message| message.text.len());
        }
        self.messages.contains_key(&event)
    }
}

impl From<Kept> for History {
    fn from(kept: Kept) -> Self {
        let mut history = Self::new(kept.turns, Vec::new());
        for (event, message) in kept.messages {
            history.keep(event, message);
        }
        history
    }
}

impl From<History> for Kept {
    fn from(history: History) -> Self {
        Self { turns: history.turns(), messages: history.messages }
    }
}

#[cfg(test)]
mod tests {
    use domain::strategies::{Speaker, Trigger, owner};
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn written(second: i64, event: &str, agent: Option<&str>, text: &str) -> Written {
        let at = Timestamp::from_second(second).unwrap();
        let by = agent.map_or(Speaker::Visitor, |agent| Speaker::Agent(agent.into()));
        Written { event: event.into(), message: Message { at, by, text: text.into() }, automatic: false }
    }

    fn assigned(second: i64, event: &str, agent: &str) -> Turn {
        let at = Timestamp::from_second(second).unwrap();
        Turn { at, event: event.into(), agent: agent.into(), act: Act::Assigned }
    }

    fn texts(history: &History) -> Vec<String> {
        history.messages().into_iter().map(|message| message.text).collect()
    }

    // JV-08
    #[test]
    fn jv_08_messages_are_in_order_once_and_as_they_were_told_last() {
        let mut history = History::default();
        assert!(history.wrote(written(5, "e2", Some("ana"), "hello")));
        assert!(history.wrote(written(3, "e10", None, "hi")), "late");
        assert!(!history.wrote(written(5, "e2", Some("ana"), "hello")), "again");
        assert_eq!(texts(&history), ["hi", "hello"]);
        assert!(history.wrote(written(5, "e2", Some("ana"), "")), "deleted meanwhile");
        assert_eq!((texts(&history), history.turns().len()), (vec!["hi".into(), String::new()], 1));
    }

    #[test]
    fn the_newest_messages_are_kept_and_all_owners_known() {
        let mut history = History::new(vec![assigned(0, "e0", "bo")], Vec::new());
        history.wrote(written(1, "e1", Some("ana"), "first"));
        for n in 0..i64::try_from(MOST_MESSAGES).unwrap() {
            history.wrote(written(10 + n, &format!("v{n}"), None, "."));
        }
        assert_eq!(
            (history.messages().len(), texts(&history).contains(&"first".into())),
            (MOST_MESSAGES, false)
        );
        assert!(!history.wrote(written(1, "e1", Some("ana"), "first")), "it stays out");
        assert_eq!(owner(Trigger::ChatEnd, &history.turns()), Some(&"ana".into()));

        let mut long = History::default();
        for n in 0..40 {
            long.wrote(written(n, &format!("v{n}"), None, &"x".repeat(16 * 1024)));
        }
        assert_eq!(long.messages().len(), MOST_TEXT / (16 * 1024));
        assert_eq!(long.size, MOST_TEXT);
    }

    #[test]
    fn what_is_written_down_comes_back() {
        let history = History::new(
            vec![assigned(0, "e0", "bo"), assigned(4, "e4", "ana")],
            vec![written(1, "e1", Some("ana"), "hello"), written(9, "e9", Some("ana"), "bye")],
        );
        let kept = serde_json::to_string(&history).unwrap();
        assert_eq!(serde_json::from_str::<History>(&kept).unwrap(), history);
    }

    fn any_telling() -> impl Strategy<Value = (Vec<Turn>, Vec<Written>)> {
        let agent = |n: i64| ["ana", "bo", "cy"][usize::try_from(n % 3).unwrap()];
        let turns = prop::collection::vec(0i64..12, 0..6).prop_map(move |all| {
            all.into_iter().map(|n| assigned(n / 2, &format!("a{n}"), agent(n))).collect()
        });
        let written = prop::collection::vec(0i64..12, 0..8).prop_map(move |all| {
            let one = |n: i64| written(n / 2, &format!("w{n}"), (n % 4 != 0).then(|| agent(n)), "text");
            all.into_iter().map(one).collect()
        });
        (turns, written)
    }

    proptest! {
        // REL-03
        #[test]
        fn rel_03_order_and_repetition_of_the_telling_change_nothing(
            (turns, written) in any_telling(),
            order in any::<prop::sample::Index>(),
        ) {
            let told = History::new(turns.clone(), written.clone());
            let mut other = History::default();
            let cut = order.index(written.len() + 1);
            for one in written[cut..].iter().chain(written.iter().rev()) {
                other.wrote(one.clone());
            }
            other.assigned(turns.iter().rev().cloned().collect());
            prop_assert!(!other.clone().absorb(told.clone()), "nothing is new");
            prop_assert_eq!(&other, &told);
            for trigger in Trigger::ALL {
                let all: Vec<_> =
                    turns.iter().cloned().chain(written.iter().filter_map(Written::turn)).collect();
                let kept = told.turns();
                prop_assert_eq!(owner(trigger, &kept), owner(trigger, &all));
            }
        }
    }
}
