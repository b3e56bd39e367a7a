use domain::{ChatEventKind, ChatKey, event::FocusOrigin};
use serde_json::json;

use super::*;

const BEAT: u64 = 20_000;

/// A page, and what it said so far.
struct Console {
    name: &'static str,
    n: u64,
}

impl Console {
    fn new(name: &'static str) -> Self {
        Self { name, n: 0 }
    }

    fn says(&mut self, chat: Option<&str>, visible: bool, next_ms: u64) -> Message {
        self.n += 1;
        let open = chat.map(|chat| json!({ "chat_id": chat, "visitor_id": "v", "from": "chats" }));
        let content = json!({
            "v": 1, "page": self.name, "n": self.n, "next_ms": next_ms, "visible": visible, "open": open,
        });
        message(&content).expect("a message of ours")
    }

    fn opens(&mut self, chat: &str) -> Message {
        self.says(Some(chat), true, BEAT)
    }
}

fn opened(heard: &Heard) -> Option<&str> {
    match heard {
        Heard::Opened(open) => open.chat_id.as_deref(),
        Heard::Nothing => None,
    }
}

fn live(chat: &str) -> ChatEvent {
    let kind = ChatEventKind::Focused { chat: ChatKey::new("c", chat), by: FocusOrigin::Live };
    ChatEvent { id: format!("live-{chat}").into(), at: None, kind }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn what_is_not_a_message_of_ours_is_none() {
    let good = json!({ "v": 1, "page": "p", "n": 1, "next_ms": 1000, "visible": true, "open": null });
    assert!(message(&good).is_some());
    let from = json!({ "chat_id": "c", "id": null, "visitor_id": null, "from": "nowhere" });
    for (field, value) in
        [("v", json!(2)), ("page", json!(7)), ("n", json!(-1)), ("open", from), ("visible", json!("yes"))]
    {
        let mut bad = good.clone();
        bad[field] = value;
        assert!(message(&bad).is_none(), "{field}: {bad}");
    }
    for bad in [json!(null), json!("text"), json!({}), json!([1])] {
        assert!(message(&bad).is_none(), "{bad}");
    }
}

// LC-04
#[test]
fn lc_04_what_a_page_says_again_moves_nothing() {
    let (mut companion, mut page, now) = (Companion::default(), Console::new("p"), Instant::now());
    assert_eq!(opened(&companion.hear(page.opens("a"), now)), Some("a"));
    assert_eq!(
        companion.hear(page.opens("a"), now),
        Heard::Nothing,
        "the agent may have chosen another by hand"
    );
    assert_eq!(opened(&companion.hear(page.opens("b"), now)), Some("b"));
    let late = Message { n: 1, ..page.opens("a") };
    assert_eq!(companion.hear(late, now), Heard::Nothing, "an older message comes late");
    assert_eq!(companion.open().and_then(|open| open.chat_id.as_deref()), Some("b"));
}

// PAN-27
#[test]
fn pan_27_a_broken_promise_is_silence_and_a_kept_one_is_not() {
    let (mut companion, mut page, start) = (Companion::default(), Console::new("p"), Instant::now());
    companion.hear(page.says(Some("a"), true, 1_000), start);
    companion.expire(start + Duration::from_millis(1_900));
    assert!(companion.is_speaking(), "a little late is not silent");
    companion.hear(page.says(Some("a"), true, 1_000), start + Duration::from_millis(1_950));
    companion.expire(start + Duration::from_millis(3_900));
    assert!(companion.is_speaking());
    assert_eq!(companion.due(), Some(start + Duration::from_millis(3_950)));
    companion.expire(start + Duration::from_millis(3_950));
    assert!(!companion.is_speaking(), "two seconds after the last word");
    assert_eq!(companion.due(), None);
}

// PAN-27
#[test]
fn pan_27_a_page_that_closes_is_silent_at_once() {
    let (mut companion, mut page, now) = (Companion::default(), Console::new("p"), Instant::now());
    companion.hear(page.opens("a"), now);
    companion.keep(live("b"), false, now);
    assert_eq!(companion.released(), None, "the page's word counts");
    companion.hear(page.says(None, false, 0), now);
    assert!(!companion.is_speaking());
    assert_eq!(companion.released(), Some(live("b")), "what the live connection knew last");
    assert_eq!(companion.released(), None);
    companion.hear(Message { n: 9, ..page.opens("a") }, now);
    assert!(!companion.is_speaking(), "what it said before comes late");
}

// LC-04, PAN-27
#[test]
fn lc_04_a_page_that_does_not_follow_the_agent_is_silent_after_two_seconds() {
    let (mut companion, mut page, start) = (Companion::default(), Console::new("p"), Instant::now());
    companion.hear(page.opens("a"), start);
    let later = start + seconds(10);
    companion.keep(live("b"), false, later);
    companion.hear(page.opens("a"), later + seconds(1));
    companion.expire(later + seconds(1));
    assert!(companion.is_speaking(), "it still has time to follow");
    assert_eq!(companion.due(), Some(later + seconds(2)));
    companion.expire(later + seconds(2));
    assert!(!companion.is_speaking(), "its heart beats, but it is no longer told what is open");
    assert_eq!(companion.released(), Some(live("b")));
    companion.hear(page.opens("a"), later + seconds(3));
    assert!(!companion.is_speaking(), "the same again proves nothing");
    assert_eq!(opened(&companion.hear(page.opens("c"), later + seconds(4))), Some("c"));
    assert!(companion.is_speaking());
}

// LC-04
#[test]
fn lc_04_late_news_of_the_chat_before_cast_no_doubt() {
    let (mut companion, mut page, start) = (Companion::default(), Console::new("p"), Instant::now());
    companion.hear(page.opens("b"), start);
    companion.keep(live("a"), false, start + seconds(1));
    companion.expire(start + seconds(10));
    assert!(companion.is_speaking(), "the agent wrote in the chat before and then left it");
    companion.keep(live("b"), true, start + seconds(11));
    companion.hear(page.says(None, true, 0), start + seconds(12));
    assert_eq!(companion.released(), None, "the live connection came to agree");
}

#[test]
fn of_two_consoles_the_one_that_is_seen_leads() {
    let (mut companion, now) = (Companion::default(), Instant::now());
    let (mut left, mut right) = (Console::new("left"), Console::new("right"));
    companion.hear(left.opens("a"), now);
    assert_eq!(opened(&companion.hear(right.opens("b"), now + seconds(1))), Some("b"));
    assert_eq!(companion.hear(left.says(Some("c"), false, BEAT), now + seconds(2)), Heard::Nothing);
    assert_eq!(companion.open().and_then(|open| open.chat_id.as_deref()), Some("b"));
    companion.hear(right.says(Some("b"), false, 0), now + seconds(3));
    assert_eq!(companion.open().and_then(|open| open.chat_id.as_deref()), Some("c"));
    assert_eq!(
        opened(&companion.hear(left.opens("c"), now + seconds(4))),
        Some("c"),
        "it comes to the front"
    );
}

#[test]
fn a_flood_of_pages_costs_no_memory() {
    let (mut companion, now) = (Companion::default(), Instant::now());
    for number in 0..1_000 {
        let content = json!({ "v": 1, "page": format!("{number}"), "n": 1, "next_ms": 9e9 as u64, "visible": true, "open": null });
        companion.hear(message(&content).expect("a message"), now);
    }
    assert_eq!(companion.pages.len(), MOST_PAGES);
    companion.expire(now + LONGEST_PROMISE + GRACE_MOST);
    assert!(!companion.is_speaking(), "no promise holds for ever");
}

#[test]
fn after_a_gap_the_promise_begins_anew() {
    let (mut companion, mut page, start) = (Companion::default(), Console::new("p"), Instant::now());
    companion.hear(page.says(Some("a"), true, 1_000), start);
    let back = start + seconds(60);
    companion.resume(back);
    companion.expire(back + Duration::from_millis(1_900));
    assert!(companion.is_speaking());
    companion.expire(back + seconds(2));
    assert!(!companion.is_speaking());
}
