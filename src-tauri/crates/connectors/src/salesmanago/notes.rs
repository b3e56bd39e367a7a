//! Notes and tasks: their bodies, and what a contact's record shows of them.
//!
//! Neither has a key of the caller's, so one whose answer was lost is looked for by what it says, among how many said the
//! same before. Nobody documents in which shape notes are listed: a text under any of the likely names counts, and what is
//! not understood is counted as such.

use domain::{
    Schema,
    related::RelatedRecord,
    strategies::{CrmUser, RecordKind, RecordOffer, RecordOffers},
};
use serde_json::{Map, Value as Json, json};

use super::{api, record::Record};
use crate::{NewRecord, Sight};

/// The names under which a note's or task's text may be listed. Sources: the vendor's library names the first for tasks, and
/// requests have it for both.
const TEXT: [&str; 4] = ["note", "text", "content", "message"];
/// The names under which the moment of a note may be listed.
const MOMENT: [&str; 3] = ["date", "createdOn", "created"];

/// What an account takes: no limits are published, and the vendor says that notes have none.
pub(super) fn offers() -> RecordOffers {
    let offer = |managed| RecordOffer { schema: Schema::default(), managed, ..RecordOffer::default() };
    [(RecordKind::Note, offer(false)), (RecordKind::Task, offer(true))].into()
}

/// The list of a contact's record that holds records of this kind.
fn list(kind: RecordKind) -> &'static str {
    if kind == RecordKind::Task { "contactTasks" } else { "contactNotes" }
}

/// The body that writes a note.
pub(super) fn note_body(record: &Record, note: &NewRecord) -> Map<String, Json> {
    api::object(json!({ "contactId": record.id(), "note": sent(note), "priv": false }))
}

/// The body that makes a task of the moment `now`, with a copy to `manager`.
pub(super) fn task_body(
    record: &Record,
    task: &NewRecord,
    manager: Option<&str>,
    now: i64,
) -> Map<String, Json> {
    let mut request = json!({ "contactEmail": record.email(), "note": sent(task), "date": now });
    if let Some(manager) = manager {
        request["cc"] = manager.into();
    }
    api::object(json!({ "finished": false, "smContactTaskReq": request }))
}

/// The text as it is sent. Whether SALESmanago shows it as text or as markup is not documented: so that it is the same
/// either way, nothing in it begins a tag.
fn sent(record: &NewRecord) -> String {
    without_tags(&record.text_and_source())
}

/// `text` with a blank behind each `<` that a tag, comment or declaration could begin with.
fn without_tags(text: &str) -> String {
    let mut inert = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        inert.push(c);
        if c == '<' && chars.peek().is_some_and(|next| next.is_ascii_alphabetic() || "/!?".contains(*next)) {
            inert.push(' ');
        }
    }
    inert
}

/// What `record` shows of `wanted`.
pub(super) fn sight(record: &Record, wanted: &NewRecord) -> Sight {
    let Some(listed) = record.list(list(wanted.kind)) else {
        return Sight::Entry { keyed: None, same: 0, unread: 1 };
    };
    let wanted = sent(wanted);
    let wanted = words(&wanted);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let read: Vec<&str> = listed.iter().filter_map(text).collect();
    Sight::Entry {
        keyed: None,
        same: count(read.iter().filter(|it| words(it) == wanted).count()),
        unread: count(listed.len() - read.len()),
    }
}

fn text(entry: &Json) -> Option<&str> {
    entry.as_str().or_else(|| TEXT.iter().find_map(|name| entry[*name].as_str()))
}

/// A text without regard to how it is broken into lines.
fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// The notes and tasks of a contact.
pub(super) fn shown(record: &Record) -> impl Iterator<Item = RelatedRecord> {
    let kinds = [RecordKind::Note, RecordKind::Task].into_iter();
    kinds.flat_map(|kind| record.list(list(kind)).into_iter().flatten().filter_map(move |it| entry(kind, it)))
}

fn entry(kind: RecordKind, entry: &Json) -> Option<RelatedRecord> {
    let said = text(entry)?.trim();
    let (title, rest) = said.split_once('\n').unwrap_or((said, ""));
    let details = [kind.name(), rest.trim()].into_iter().filter(|word| !word.is_empty());
    Some(RelatedRecord {
        title: title.trim().to_owned(),
        details: details.map(str::to_owned).collect(),
        at: MOMENT.iter().find_map(|name| entry[*name].as_i64()),
        url: None,
    })
}

/// The user among `listed`, e-mail addresses of the account's users, who is to have a copy of `task`; not its owner, who has
/// it anyway.
pub(super) fn manager(task: &NewRecord, listed: &[String], owner: &str) -> Option<String> {
    let user = |email: &String| CrmUser { id: email.as_str().into(), logins: vec![email.clone()] };
    let users: Vec<CrmUser> = listed.iter().map(user).collect();
    let manager = task.manager.among(&users, None)?.to_string();
    (!manager.eq_ignore_ascii_case(owner.trim())).then_some(manager)
}

#[cfg(test)]
mod tests {
    use domain::{Fields, strategies::Manager};

    use super::{super::record::tests::recorded, *};

    fn record(change: impl FnOnce(&mut Json)) -> Record {
        let mut json = recorded();
        change(&mut json);
        Record::new(json).unwrap()
    }

    fn new(kind: RecordKind, text: &str) -> NewRecord {
        let manager =
            Manager { logins: vec!["Lena@shop.example".into()], otherwise: Some("boss@shop.example".into()) };
        NewRecord { kind, title: String::new(), text: text.into(), source: None, manager, set: Fields::new() }
    }

    // JV-08
    #[test]
    fn jv_08_a_note_is_public_and_of_the_contact_by_its_id() {
        let body = Json::from(note_body(&record(|_| {}), &new(RecordKind::Note, "Chat\n\nHi")));
        let id = "5b0c7c1e-2f52-4c5e-9a55-0d6f3c0e7b11";
        assert_eq!(body, json!({ "contactId": id, "note": "Chat\n\nHi", "priv": false }));
        let sourced = NewRecord { source: Some("JivoChat".into()), ..new(RecordKind::Note, "Hi") };
        assert_eq!(note_body(&record(|_| {}), &sourced)["note"], json!("Hi\n\nJivoChat"));
    }

    // JV-07, JV-05
    #[test]
    fn jv_07_a_task_is_due_now_and_who_is_responsible_has_a_copy() {
        let task = new(RecordKind::Task, "Call back");
        let body =
            Json::from(task_body(&record(|_| {}), &task, Some("lena@shop.example"), 1_767_261_607_000));
        let request = json!({
            "contactEmail": "mira.holt@mail.example",
            "note": "Call back",
            "date": 1_767_261_607_000_i64,
            "cc": "lena@shop.example",
        });
        assert_eq!(body, json!({ "finished": false, "smContactTaskReq": request }));
        let users = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let chosen = |list: &[&str], owner| manager(&task, &users(list), owner);
        let all = ["boss@shop.example", "lena@shop.example", "own@shop.example"];
        assert_eq!(chosen(&all, "own@shop.example").as_deref(), Some("lena@shop.example"));
        assert_eq!(chosen(&all[..1], "own@shop.example").as_deref(), Some("boss@shop.example"));
        assert_eq!(chosen(&all, "Lena@shop.example "), None, "the owner has it anyway");
        assert_eq!(chosen(&all[2..], "own@shop.example"), None);
    }

    // SEC-11
    #[test]
    fn sec_11_nothing_in_a_note_begins_a_tag() {
        let said = |text: &str| note_body(&record(|_| {}), &new(RecordKind::Note, text))["note"].clone();
        assert_eq!(said("<script>x</script>"), json!("< script>x< /script>"));
        assert_eq!(said("<!-- <?x <<b>"), json!("< !-- < ?x << b>"));
        assert_eq!(
            said("1 < 2 <3 a&b https://a.example/?b=1&c=2"),
            json!("1 < 2 <3 a&b https://a.example/?b=1&c=2")
        );
    }

    // REL-01
    #[test]
    fn rel_01_what_says_the_same_is_counted_and_so_is_what_is_not_understood() {
        let sight_of = |notes: Json| {
            sight(&record(|it| it["contactNotes"] = notes), &new(RecordKind::Note, "Chat\n\nHi <b>"))
        };
        let same = |same, unread| Sight::Entry { keyed: None, same, unread };
        assert_eq!(sight_of(json!([])), same(0, 0));
        assert_eq!(sight_of(json!([{ "note": "Chat\r\n\r\nHi < b> " }, { "note": "Chat" }])), same(1, 0));
        assert_eq!(sight_of(json!(["Chat Hi < b>"])), same(1, 0));
        assert_eq!(sight_of(json!([{ "uuid": "?" }, { "content": "Chat\n\nHi < b>" }])), same(1, 1));
        assert_eq!(sight_of(Json::Null), same(0, 1), "an account that shows none");
        let tasks = record(|it| it["contactTasks"] = json!([{ "id": "1", "note": "Call", "date": 5 }]));
        assert_eq!(sight(&tasks, &new(RecordKind::Task, "Call")), same(1, 0));
        assert_eq!(sight(&tasks, &new(RecordKind::Note, "Call")), same(0, 0));
    }

    // PAN-17
    #[test]
    fn pan_17_notes_and_tasks_are_called_by_their_first_line() {
        let record = record(|it| {
            it["contactNotes"] = json!([{ "note": "Chat\n\nHi", "createdOn": 7 }, { "uuid": "?" }]);
            it["contactTasks"] = json!([{ "note": "Call", "date": 5 }]);
        });
        let shown: Vec<_> = shown(&record).map(|it| (it.title, it.details.join("|"), it.at)).collect();
        let expected = [("Chat", "note|Hi", Some(7)), ("Call", "task", Some(5))];
        assert_eq!(shown, expected.map(|(title, details, at)| (title.to_owned(), details.to_owned(), at)));
    }
}
