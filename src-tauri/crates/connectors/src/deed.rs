//! What is done to a contact that is no change of its fields: a point on a tag, an event of its history, a record beside
//! it.
//!
//! Such a deed cannot be repeated: a second one counts twice. So whoever does it keeps its [`Sight`] first, does it once,
//! and where the outcome is not known compares what the CRM shows then; see [`Connector::reconcile`](crate::Connector).

use std::{collections::BTreeMap, fmt};

use domain::{
    FieldKey, Fields, RecordId,
    mapping::{self, Problem},
    strategies::{Action, Manager, RecordKind, RecordOffer},
};
use serde::{Deserialize, Serialize};

use crate::{Error, Kind, Result, error::Refusal};

/// Something to be done to a contact.
#[derive(Clone, PartialEq, Eq)]
pub struct Deed {
    /// The contact; `None` for a record that belongs to nobody.
    pub record: Option<RecordId>,
    /// What.
    pub act: Act,
    /// The same for every repetition of this deed, for CRMs that take such a key.
    pub key: String,
}

/// What is done.
#[derive(Clone, PartialEq, Eq)]
pub enum Act {
    /// A tag is put on the contact, or its score raised where the contact has it.
    Tag {
        /// The tag; the CRM may store it in another form.
        tag: String,
        /// By how much.
        points: u32,
    },
    /// An event is entered in the contact's history, with the moment of sending as its date.
    Event {
        /// The CRM's type of it.
        kind: String,
        /// Its description.
        description: String,
        /// Its details, in order; an empty one keeps its place.
        details: Vec<String>,
    },
    /// A record is made.
    Record(Box<NewRecord>),
}

/// A record that is made beside a contact: a lead, case, task, note or activity. It is data, also where the CRM takes
/// markup.
#[derive(Clone, PartialEq, Eq)]
pub struct NewRecord {
    /// What it is.
    pub kind: RecordKind,
    /// Its title, one line. Empty where the account's [offer](domain::strategies::RecordOffer) says that it has none.
    pub title: String,
    /// What it says, in lines.
    pub text: String,
    /// Where it comes from.
    pub source: Option<String>,
    /// Who is to be responsible, where the CRM has users.
    pub manager: Manager,
    /// Its further fields.
    pub set: Fields,
}

/// The kinds of acts, as [`Capabilities`](crate::Capabilities) name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActKind {
    /// Tags with a score.
    Tag,
    /// Events.
    Event,
    /// Records of this kind. Whether an account has them is asked with [`records`](crate::Connector::records).
    Record(RecordKind),
}

/// What a CRM shows of a deed at one moment. It holds no personal data, and is kept before the deed is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sight {
    /// Of a tag.
    Tag {
        /// Whether the contact has it.
        held: bool,
        /// Its score, where the CRM shows one.
        score: Option<i64>,
    },
    /// Of an entry: an event or a record.
    #[serde(rename = "event")]
    Entry {
        /// Whether there is one with the deed's key; `None` where the CRM shows no keys.
        keyed: Option<bool>,
        /// How many say the same.
        same: u32,
        /// How many are not understood, and may be this one.
        unread: u32,
    },
}

/// What reading back tells about a deed whose outcome was not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It was done.
    Done,
    /// It was not, and may be done again.
    NotDone,
    /// Both could be: somebody else wrote between, or the CRM shows too little. This is what it shows now.
    Unclear(Sight),
}

impl Deed {
    /// What `action` comes to for the contact `record`, known by `key`. `None` for an action that is no deed: contacts are
    /// written with [`apply`](crate::Connector::apply), and mail goes another way.
    pub fn of(action: &Action, record: Option<&RecordId>, key: impl Into<String>) -> Option<Self> {
        let act = match action {
            Action::Tag { tag, points, .. } => Act::Tag { tag: tag.clone(), points: *points },
            Action::Event { kind, description, details, .. } => {
                Act::Event { kind: kind.clone(), description: description.clone(), details: details.clone() }
            }
            Action::Record { kind, of: _, title, text, source, manager, set } => {
                Act::Record(Box::new(NewRecord {
                    kind: *kind,
                    title: title.clone(),
                    text: text.clone(),
                    source: source.clone(),
                    manager: manager.clone(),
                    set: set.clone(),
                }))
            }
            _ => return None,
        };
        Some(Self { record: record.cloned(), act, key: key.into() })
    }

    /// The contact, for what is done to one.
    pub fn contact(&self, operation: &'static str) -> Result<&RecordId> {
        let nobody = || Error::new(Kind::Unsupported, operation, "here it is nothing without a contact");
        self.record.as_ref().ok_or_else(nobody)
    }

    /// What `before` and `now` together tell: whether this deed was done between the two.
    pub fn told(&self, before: Sight, now: Sight) -> Told {
        let done = match (&self.act, before, now) {
            (
                Act::Tag { points, .. },
                Sight::Tag { held, score },
                Sight::Tag { held: is_held, score: is },
            ) => tagged(*points, (held, score), (is_held, is)),
            (
                Act::Event { .. } | Act::Record(_),
                Sight::Entry { same, .. },
                Sight::Entry { keyed, same: is, unread },
            ) => entered(same, keyed, is, unread),
            _ => None,
        };
        match done {
            Some(true) => Told::Done,
            Some(false) => Told::NotDone,
            None => Told::Unclear(now),
        }
    }
}

impl NewRecord {
    /// Its text, with where it comes from below it: for CRMs that have no field for that.
    pub(crate) fn text_and_source(&self) -> String {
        let source = self.source.as_deref().unwrap_or_default();
        let said = [self.text.as_str(), source].into_iter().filter(|text| !text.is_empty());
        said.collect::<Vec<_>>().join("\n\n")
    }

    /// That a CRM which takes `offer` of its kind takes this one. It does where the strategies asked for no more than they
    /// were offered; since then that may have changed.
    pub(crate) fn fits(&self, offer: Option<&RecordOffer>) -> Result<()> {
        let none = || Error::new(Kind::Unsupported, "perform", "the CRM takes no record of this kind");
        let offer = offer.ok_or_else(none)?;
        let too_long = |text: &str, max: Option<u32>| {
            let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
            max.filter(|max| length > *max).map(|max| Problem::TooLong { max, length })
        };
        let texts = [
            ("title", too_long(&self.title, offer.longest_title)),
            ("text", too_long(&self.text, offer.longest_text)),
        ];
        let texts = texts.into_iter().filter_map(|(field, problem)| Some((field.into(), problem?)));
        let fields = self
            .set
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), mapping::check(&offer.schema, key, value).err()?)));
        let refused: BTreeMap<FieldKey, Refusal> =
            texts.chain(fields).map(|(field, problem)| (field, Refusal::Problem(problem))).collect();
        match refused.is_empty() {
            true => Ok(()),
            false => Err(Error::new(Kind::Invalid { fields: refused }, "perform", "")),
        }
    }
}

impl Deed {
    /// What `now` alone tells, where nothing is known of before: it was done when its own key is there, and not when nothing
    /// like it is.
    pub fn told_without_before(&self, now: Sight) -> Told {
        match now {
            // A tag without points is there or not, whoever put it.
            Sight::Tag { held: true, .. } if matches!(self.act, Act::Tag { points: 0, .. }) => Told::Done,
            Sight::Entry { keyed: Some(true), .. } => Told::Done,
            Sight::Entry { keyed: Some(false), unread: 0, .. }
            | Sight::Entry { keyed: None, same: 0, unread: 0 }
            | Sight::Tag { held: false, .. } => Told::NotDone,
            Sight::Entry { .. } | Sight::Tag { .. } => Told::Unclear(now),
        }
    }
}

impl ActKind {
    /// Its name, as it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Event => "event",
            Self::Record(kind) => kind.name(),
        }
    }
}

impl Act {
    /// Its kind.
    pub fn kind(&self) -> ActKind {
        match self {
            Self::Tag { .. } => ActKind::Tag,
            Self::Event { .. } => ActKind::Event,
            Self::Record(record) => ActKind::Record(record.kind),
        }
    }
}

fn tagged(points: u32, before: (bool, Option<i64>), now: (bool, Option<i64>)) -> Option<bool> {
    match (before, now) {
        (_, (false, _)) if before.0 => None,
        (_, (false, _)) => Some(false),
        // A tag without points is there or not, whoever put it.
        (_, (true, _)) if points == 0 => Some(true),
        ((false, _), (true, None)) => Some(true),
        ((held, was), (true, Some(is))) => {
            let was = if held { was? } else { 0 };
            match is.checked_sub(was)? {
                0 => Some(false),
                more if more == i64::from(points) => Some(true),
                _ => None,
            }
        }
        ((true, _), (true, None)) => None,
    }
}

fn entered(was: u32, keyed: Option<bool>, is: u32, unread: u32) -> Option<bool> {
    match (keyed, is.checked_sub(was)) {
        (Some(true), _) | (None, Some(1)) => Some(true),
        (Some(false), _) | (None, Some(0)) if unread == 0 => Some(false),
        _ => None,
    }
}

impl fmt::Debug for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deed").field("act", &self.act).finish_non_exhaustive()
    }
}

impl fmt::Debug for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag { tag, points } => f.debug_tuple("Tag").field(tag).field(points).finish(),
            Self::Event { kind, .. } => f.debug_tuple("Event").field(kind).finish(),
            Self::Record(record) => record.fmt(f),
        }
    }
}

impl fmt::Debug for NewRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewRecord").field("kind", &self.kind).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(points: u32) -> Deed {
        Deed { record: Some("1".into()), act: Act::Tag { tag: "T".into(), points }, key: "k".into() }
    }

    fn event() -> Deed {
        let act = Act::Event { kind: "MEETING".into(), description: String::new(), details: Vec::new() };
        Deed { record: Some("1".into()), act, key: "k".into() }
    }

    fn scored(score: i64) -> Sight {
        Sight::Tag { held: true, score: Some(score) }
    }

    const BARE: Sight = Sight::Tag { held: false, score: None };

    // REL-06
    #[test]
    fn rel_06_without_a_before_only_nothing_or_its_own_key_decides() {
        let entered = |keyed, same, unread| Sight::Entry { keyed, same, unread };
        for (deed, now, told) in [
            (tag(1), BARE, Told::NotDone),
            (tag(1), scored(1), Told::Unclear(scored(1))),
            (tag(0), scored(1), Told::Done),
            (event(), entered(Some(true), 1, 0), Told::Done),
            (event(), entered(Some(false), 3, 0), Told::NotDone),
            (event(), entered(Some(false), 3, 1), Told::Unclear(entered(Some(false), 3, 1))),
            (event(), entered(None, 0, 0), Told::NotDone),
            (event(), entered(None, 1, 0), Told::Unclear(entered(None, 1, 0))),
        ] {
            assert_eq!(deed.told_without_before(now), told, "{deed:?} {now:?}");
        }
    }

    // REL-01
    #[test]
    fn rel_01_the_score_before_and_after_tells_whether_the_point_was_given() {
        for (before, now, told) in [
            (BARE, scored(1), Told::Done),
            (BARE, BARE, Told::NotDone),
            (scored(2), scored(3), Told::Done),
            (scored(2), scored(2), Told::NotDone),
            (scored(2), scored(4), Told::Unclear(scored(4))),
            (scored(2), scored(1), Told::Unclear(scored(1))),
            (scored(2), BARE, Told::Unclear(BARE)),
            (BARE, scored(2), Told::Unclear(scored(2))),
        ] {
            assert_eq!(tag(1).told(before, now), told, "{before:?} {now:?}");
        }
        let plain = Sight::Tag { held: true, score: None };
        assert_eq!(tag(1).told(plain, plain), Told::Unclear(plain), "there are no points to compare");
        assert_eq!(tag(0).told(scored(2), scored(2)), Told::Done, "it is there, which is all that was asked");
        assert_eq!(tag(0).told(BARE, BARE), Told::NotDone);
    }

    // REL-01
    #[test]
    fn rel_01_an_event_is_known_by_its_key_and_else_by_how_many_say_the_same() {
        let sight = |keyed, same, unread| Sight::Entry { keyed, same, unread };
        let before = sight(None, 2, 0);
        for (now, told) in [
            (sight(Some(true), 2, 0), Told::Done),
            (sight(Some(false), 3, 0), Told::NotDone),
            (sight(None, 3, 0), Told::Done),
            (sight(None, 2, 0), Told::NotDone),
            (sight(None, 3, 5), Told::Done),
            (sight(None, 2, 5), Told::Unclear(sight(None, 2, 5))),
            (sight(Some(false), 2, 1), Told::Unclear(sight(Some(false), 2, 1))),
            (sight(None, 4, 0), Told::Unclear(sight(None, 4, 0))),
            (sight(None, 1, 0), Told::Unclear(sight(None, 1, 0))),
        ] {
            assert_eq!(event().told(before, now), told, "{now:?}");
        }
        assert_eq!(event().told(BARE, before), Told::Unclear(before), "what was kept is of another deed");
    }

    // REL-01
    #[test]
    fn rel_01_a_record_is_known_as_an_event_is() {
        let (kind, manager) = (RecordKind::Note, Manager::default());
        let (title, text) = ("Marta".to_owned(), "Marta".to_owned());
        let new = NewRecord { kind, title, text, source: None, manager, set: Fields::new() };
        let note = Deed { act: Act::Record(Box::new(new)), ..event() };
        let sight = |same| Sight::Entry { keyed: None, same, unread: 0 };
        assert_eq!(note.told(sight(1), sight(2)), Told::Done);
        assert_eq!(note.told(sight(1), sight(1)), Told::NotDone);
        assert_eq!(note.told(sight(1), sight(3)), Told::Unclear(sight(3)));
        assert_eq!(
            format!("{note:?}"),
            "Deed { act: NewRecord { kind: Note, .. }, .. }",
            "it shows no words"
        );
    }

    #[test]
    fn what_is_kept_before_a_deed_is_read_back_as_it_was() {
        for sight in [BARE, scored(7), Sight::Entry { keyed: Some(false), same: 1, unread: 0 }] {
            let kept = serde_json::to_string(&sight).unwrap();
            assert_eq!(serde_json::from_str::<Sight>(&kept).unwrap(), sight);
        }
        let kept = serde_json::from_str::<Sight>(r#"{"event":{"keyed":null,"same":2,"unread":0}}"#).unwrap();
        assert_eq!(kept, Sight::Entry { keyed: None, same: 2, unread: 0 }, "as the first version kept it");
    }
}
