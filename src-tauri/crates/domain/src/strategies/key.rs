//! What an effect is known by, so that it happens once.

use std::fmt;

use serde::{Deserialize, Serialize, de};

use super::Trigger;
use crate::{ChatKey, ConnectionId, ThreadId};

/// The name of an effect: the same on every machine, however often and in whatever order its cause is told.
///
/// It is made of published ids alone. The last part is a name and no position, so that a supervisor who puts the
/// records of a strategy in another order doubles nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectKey {
    /// The conversation, with its chat connection.
    pub chat: ChatKey,
    /// The sitting.
    pub thread: ThreadId,
    /// What caused it.
    pub trigger: Trigger,
    /// The CRM connection it goes to.
    pub crm: ConnectionId,
    /// Which of the trigger's effects.
    pub part: Part,
}

/// Which of a trigger's effects.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The contact itself: one trigger creates it or updates it, never both.
    Contact,
    /// The further record of this name.
    Record(String),
    /// What of its text has no place in the record of this name: the record with this number, from 2.
    Further(String, u32),
}

impl Part {
    /// The name of the further record that it is, or is a part of.
    pub fn record(&self) -> Option<&str> {
        match self {
            Self::Contact => None,
            Self::Record(name) | Self::Further(name, _) => Some(name),
        }
    }
}

const CONTACT: &str = "contact";
const RECORD: &str = "record";

impl EffectKey {
    /// Reads what `Display` wrote. `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<_> = text.split('/').map(plain).collect::<Option<_>>()?;
        let [connection, chat, thread, trigger, crm, kind, name @ ..] = parts.as_slice() else { return None };
        let part = match (kind.as_str(), name) {
            (CONTACT, []) => Part::Contact,
            (RECORD, [name]) => Part::Record(name.clone()),
            (RECORD, [name, number]) => Part::Further(name.clone(), further(number)?),
            _ => return None,
        };
        Some(Self {
            chat: ChatKey::new(connection.as_str(), chat.as_str()),
            thread: thread.as_str().into(),
            trigger: Trigger::ALL.into_iter().find(|it| it.name() == trigger)?,
            crm: crm.as_str().into(),
            part,
        })
    }
}

impl fmt::Display for EffectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { chat, thread, trigger, crm, part } = self;
        let parts = [chat.connection.as_str(), &chat.chat, thread.as_str(), trigger.name(), crm.as_str()];
        for text in parts {
            write!(f, "{}/", escaped(text))?;
        }
        match part {
            Part::Contact => f.write_str(CONTACT),
            Part::Record(name) => write!(f, "{RECORD}/{}", escaped(name)),
            Part::Further(name, number) => write!(f, "{RECORD}/{}/{number}", escaped(name)),
        }
    }
}

impl Serialize for EffectKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EffectKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("this is no key of an effect"))
    }
}

/// `text` without the separator. Ids of platforms may hold slashes.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('/', "%2F")
}

/// What `escaped` was given; `None` when it never wrote this.
fn plain(text: &str) -> Option<String> {
    let plain = text.replace("%2F", "/").replace("%25", "%");
    (escaped(&plain) == text).then_some(plain)
}

/// The number of a further part, written in the one way in which it is.
fn further(text: &str) -> Option<u32> {
    let number: u32 = text.parse().ok()?;
    (number >= 2 && number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(texts: &[String], trigger: usize, record: u32) -> EffectKey {
        EffectKey {
            chat: ChatKey::new(texts[0].as_str(), texts[1].as_str()),
            thread: texts[2].as_str().into(),
            trigger: Trigger::ALL[trigger],
            crm: texts[3].as_str().into(),
            part: match record {
                0 => Part::Contact,
                1 => Part::Record(texts[4].clone()),
                number => Part::Further(texts[4].clone(), number),
            },
        }
    }

    // REL-03
    #[test]
    fn rel_03_a_key_names_connection_chat_thread_trigger_and_effect() {
        let key = key(&["lc", "PJ0MRSHTDG", "K/600", "main", "Chat 100%"].map(String::from), 0, 1);
        assert_eq!(key.to_string(), "lc/PJ0MRSHTDG/K%2F600/chat_start/main/record/Chat 100%25");
        let further = EffectKey { part: Part::Further("Chat 100%".into(), 12), ..key.clone() };
        assert_eq!(further.to_string(), format!("{key}/12"));
        let stored = serde_json::to_string(&key).expect("a key is text");
        assert_eq!(serde_json::from_str::<EffectKey>(&stored).ok(), Some(key));
    }

    #[test]
    fn a_text_that_is_no_key_is_refused() {
        for text in [
            "",
            "lc/1/2/chat_start/main",
            "lc/1/2/chat_start/main/contact/x",
            "lc/1/2/chat_start/main/record",
            "lc/1/2/chat_start/main/record/a/1",
            "lc/1/2/chat_start/main/record/a/02",
            "lc/1/2/chat_start/main/record/a/b",
            "lc/1/2/chat_begin/main/contact",
            "lc/1/2/chat_start/main/%/contact",
            "lc/%41/2/chat_start/main/contact",
            "lc/1/2/chat_start/main/other",
        ] {
            assert_eq!(EffectKey::parse(text), None, "{text}");
        }
        assert!(serde_json::from_str::<EffectKey>("\"lc/1\"").is_err());
    }

    proptest! {
        // REL-05
        #[test]
        fn rel_05_what_is_read_as_a_key_is_written_the_same(text in "[a-c%25F/]{0,12}/chat_(start|end)/m/(contact|record/[a%2F5]{0,4}(/[0-3]{1,2})?)|.*") {
            if let Some(key) = EffectKey::parse(&text) {
                prop_assert_eq!(key.to_string(), text);
            }
        }
    }

    // STR-17
    #[test]
    fn str_17_an_effect_says_which_further_record_it_belongs_to() {
        assert_eq!(Part::Contact.record(), None);
        assert_eq!(Part::Record("Call".into()).record(), Some("Call"));
        assert_eq!(Part::Further("Call".into(), 2).record(), Some("Call"));
    }

    fn texts() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec("[a%/2F5]{0,4}", 5)
    }

    proptest! {
        // REL-03
        #[test]
        fn rel_03_two_effects_never_share_a_key(left in texts(), right in texts(), triggers in (0usize..4, 0usize..4), records in (0u32..4, 0u32..4)) {
            let (left, right) = (key(&left, triggers.0, records.0), key(&right, triggers.1, records.1));
            prop_assert_eq!(left == right, left.to_string() == right.to_string());
            prop_assert_eq!(EffectKey::parse(&left.to_string()), Some(left));
        }
    }
}
