//! What was decided: once for each moment, found by chat and by record, open until a person has dealt with it.

use serde_json::json;
use store::Store;

use super::{at, chat, decision, record};

fn keys(decisions: &[store::Decision]) -> Vec<&str> {
    decisions.iter().map(|decision| decision.body["key"].as_str().unwrap()).collect()
}

// STR-17
#[tokio::test]
async fn str_17_what_was_decided_is_found_by_its_chat_and_by_its_record() {
    let store = Store::memory();
    store.decisions().put(decision("start", "r1", false)).await.unwrap();
    store.decisions().put(decision("end", "r2", false)).await.unwrap();
    assert_eq!(keys(&store.decisions().of_chat(&chat()).await.unwrap()), ["start", "end"]);
    assert_eq!(keys(&store.decisions().of_record(&record("r2")).await.unwrap()), ["end"]);
    let other = store.of_agent(&"livechat".into(), &"other".into());
    assert!(other.decisions().of_chat(&chat()).await.unwrap().is_empty(), "another agent's are not found");
}

// PAN-24
#[tokio::test]
async fn pan_24_what_a_person_has_dealt_with_leaves_the_list_once_and_is_not_decided_again() {
    let store = Store::memory();
    store.decisions().put(decision("a", "r1", true)).await.unwrap();
    store.decisions().put(decision("a", "r2", true)).await.unwrap();
    let open = store.decisions().open().await.unwrap();
    assert_eq!(open.len(), 1, "deciding again replaces what was decided");
    assert_eq!(open[0].body["record"], "r2");

    let number = open[0].number;
    assert!(store.decisions().close(number, json!({ "key": "a", "closed": true })).await.unwrap());
    assert!(!store.decisions().close(number, json!({ "key": "a" })).await.unwrap(), "once");
    store.decisions().put(decision("a", "r1", true)).await.unwrap();
    assert!(store.decisions().open().await.unwrap().is_empty(), "it stays dealt with");
    assert_eq!(store.decisions().get(number).await.unwrap().unwrap().body["closed"], true);
}

// SEC-04
#[tokio::test]
async fn old_decisions_go_and_open_ones_stay() {
    let store = Store::memory();
    store.decisions().put(decision("done", "r1", false)).await.unwrap();
    store.decisions().put(decision("open", "r2", true)).await.unwrap();
    store.purge(at(100)).await.unwrap();
    assert_eq!(keys(&store.decisions().of_chat(&chat()).await.unwrap()), ["open"]);
}
