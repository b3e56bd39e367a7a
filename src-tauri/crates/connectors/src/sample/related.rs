//! What belongs to the people of the scripted chats. All of it is invented; ages are counted from the day of asking.

use domain::{
    Related, RelatedPart,
    related::{RelatedList, RelatedRecord, Tag},
};
use jiff::{SignedDuration, Timestamp};

use super::store::Event;

/// A record that belongs to a contact: title, details, how many hours ago; 0 when it has no moment.
type Line = (&'static str, &'static [&'static str], i64);

struct Belongings {
    number: &'static str,
    tags: &'static [(&'static str, Option<i64>)],
    account: &'static [Line],
    cases: &'static [Line],
    deals: &'static [Line],
    activity: &'static [Line],
}

const BELONGINGS: &[Belongings] = &[
    Belongings {
        number: "10482",
        tags: &[("VIP", Some(12)), ("LIVE_CHAT", Some(4)), ("SPRING_SALE", Some(2)), ("RETURNS", Some(1))],
        account: &[("Silva & Filhos", &["Business", "São Paulo"], 0)],
        cases: &[
            ("Wrong size delivered", &["00014832", "waiting for the customer"], 50),
            ("Invoice address", &["00014790", "new"], 146),
        ],
        deals: &[("Autumn refill", &["offer", "EUR 640.00"], 260)],
        activity: &[
            ("Chat, 12 min", &["live chat"], 26),
            ("Order A-20877", &["EUR 89.00"], 240),
            ("Opened “Autumn picks”", &["newsletter"], 310),
            ("Tag VIP raised to 12", &[], 530),
        ],
    },
    Belongings {
        number: "22317",
        tags: &[("WHOLESALE", None)],
        account: &[("Silva & Filhos", &["Business", "São Paulo"], 0)],
        cases: &[],
        deals: &[("Spring order", &["in talks", "EUR 12,400.00"], 400)],
        activity: &[("Called about delivery dates", &["phone"], 700)],
    },
];

/// The tags that the customer `number` begins with.
pub(super) fn tags(number: &str) -> Vec<Tag> {
    let seeded = belongings(number).map_or(&[][..], |belongings| belongings.tags);
    seeded.iter().map(|(name, score)| Tag { name: (*name).to_owned(), score: *score }).collect()
}

/// What belongs to the customer `number` at `now`, with its `tags` and the `events` that were entered.
pub(super) fn of(number: &str, tags: &[Tag], events: &[Event], now: Timestamp) -> Related {
    let belongings = belongings(number);
    let list = |part, lines: fn(&Belongings) -> &'static [Line]| RelatedList {
        part,
        records: belongings.map_or(&[][..], lines).iter().map(|line| record(line, now)).collect(),
        more: false,
    };
    let mut activity = list(RelatedPart::Activity, |it| it.activity);
    activity.records.splice(0..0, events.iter().map(entry));
    Related {
        tags: tags.to_vec(),
        lists: vec![
            list(RelatedPart::Account, |it| it.account),
            list(RelatedPart::Cases, |it| it.cases),
            list(RelatedPart::Deals, |it| it.deals),
            activity,
        ],
    }
}

fn belongings(number: &str) -> Option<&'static Belongings> {
    BELONGINGS.iter().find(|belongings| belongings.number == number)
}

fn entry(event: &Event) -> RelatedRecord {
    let words = [&event.description].into_iter().chain(&event.details).filter(|word| !word.is_empty());
    RelatedRecord {
        title: event.kind.clone(),
        details: words.cloned().collect(),
        at: Some(event.at),
        url: None,
    }
}

fn record(&(title, details, hours_ago): &Line, now: Timestamp) -> RelatedRecord {
    let at = now.checked_sub(SignedDuration::from_hours(hours_ago)).ok().filter(|_| hours_ago > 0);
    RelatedRecord {
        title: title.to_owned(),
        details: details.iter().map(|detail| (*detail).to_owned()).collect(),
        at: at.map(Timestamp::as_millisecond),
        url: None,
    }
}
