//! The simulated API by itself: what the connector does not use, and switches that it is safe from.

use connectors::http::{HttpSettings, Proxy, client};
use serde_json::Value as Json;
use sha1::{Digest, Sha1};

use super::*;

/// Calls a function as the vendor's library does.
#[expect(clippy::disallowed_methods, reason = "the answers of this test are small")]
async fn call(simulator: &Simulator, function: &str, more: Json) -> Json {
    let sha: String =
        Sha1::digest(format!("k{CLIENT_ID}{API_SECRET}")).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut body = json!({ "clientId": CLIENT_ID, "apiKey": "k", "requestTime": "1760000000", "sha": sha, "owner": OWNER });
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    let client = client(&HttpSettings { proxy: Proxy::Direct, ..HttpSettings::default() }).unwrap();
    let url = simulator.url().join(&format!("api/{function}")).unwrap();
    client.post(url).json(&body).send().await.unwrap().json().await.unwrap_or_default()
}

#[tokio::test]
async fn the_simulator_answers_as_documented() {
    let simulator = Simulator::start().await.unwrap();
    let contact = json!({ "email": "m@mail.example", "name": "Mira", "externalId": "S-1" });
    let new = call(
        &simulator,
        "contact/upsert",
        json!({ "contact": contact, "tags": ["a b"], "birthday": "0312" }),
    )
    .await;
    assert_eq!(
        (&new["success"], &new["message"], &new["externalId"]),
        (&json!(true), &json!([]), &json!("S-1"))
    );
    let has = call(&simulator, "contact/hasContact", json!({ "email": "M@mail.example" })).await;
    assert_eq!((&has["result"], &has["contactId"]), (&json!(true), &new["contactId"]));
    let basic =
        call(&simulator, "contact/basic", json!({ "email": ["m@mail.example", "nobody@mail.example"] }))
            .await;
    assert_eq!(basic["contacts"].as_array().map(Vec::len), Some(1), "unknown ones are left out");
    let basic = &basic["contacts"][0];
    assert_eq!(
        (&basic["contactId"], &basic["birthdayMonth"], &basic["birthdayYear"]),
        (&new["contactId"], &json!("3"), &json!(null))
    );
    let again = json!({ "contact": { "email": "m@mail.example" }, "tags": ["A_B"], "tagScoring": true });
    assert_eq!(call(&simulator, "contact/upsert", again).await["contactId"], new["contactId"]);
    let full =
        call(&simulator, "contact/list", json!({ "email": ["m@mail.example"] })).await["contacts"][0].clone();
    assert_eq!(full["contactTags"][0]["tagWithScore"], "A_B (2)");
    assert_eq!(
        (&full["id"], &full["state"], &full["contactId"]),
        (&new["contactId"], &json!("PROSPECT"), &json!(null))
    );
    let many: Vec<String> = (0..51).map(|it| format!("{it}@mail.example")).collect();
    assert_eq!(call(&simulator, "contact/list", json!({ "email": many })).await["success"], false);
    assert_eq!(call(&simulator, "contact/addTags", json!({})).await, Json::Null, "there is no such function");
}

#[tokio::test]
async fn events_are_added_changed_and_deleted_and_a_batch_needs_its_contacts() {
    let simulator = Simulator::start().await.unwrap();
    let id = simulator.put(&json!({ "email": "m@mail.example" }), &json!({}));
    let event = |key: &str, kind: &str| json!({ "date": 1, "contactExtEventType": kind, "externalId": key });
    for path in ["contact/addContactExtEvent", "v2/contact/addContactExtEvent"] {
        let added = json!({ "email": "m@mail.example", "contactEvent": event("k", "MEETING") });
        assert!(call(&simulator, path, added).await["eventId"].is_string());
    }
    let stored = simulator.stored(&id).unwrap().events;
    assert_eq!(stored.len(), 2, "the same key is stored twice: nothing documents otherwise");
    let mut changed = event("k2", "OTHER");
    changed["eventId"] = stored[0].id.clone().into();
    call(&simulator, "v2/contact/updateContactExtEvent", json!({ "contactEvent": changed })).await;
    assert_eq!(simulator.stored(&id).unwrap().events[0].kind, "OTHER");
    let deleted = call(&simulator, "v2/contact/deleteContactExtEvent", json!({ "externalId": "k" })).await;
    assert_eq!((&deleted["result"], simulator.stored(&id).unwrap().events.len()), (&json!("deleted"), 1));
    let batch = json!({ "events": [
        { "contactId": id, "contactEvent": event("a", "VISIT") },
        { "email": "nobody@mail.example", "contactEvent": event("b", "VISIT") },
    ] });
    let batch = call(&simulator, "v2/contact/addBatchContactExtEvent", batch).await;
    assert_eq!(
        (&batch["createdAmount"], &batch["failedContacts"]),
        (&json!(1), &json!(["nobody@mail.example"]))
    );
}

#[tokio::test]
async fn contact_and_event_come_in_one_call_as_the_vendors_plugins_send_them() {
    let simulator = Simulator::start().await.unwrap();
    let contact = json!({ "owner": OWNER, "contact": { "email": "m@mail.example" }, "tags": ["T"] });
    let event = json!({ "date": 1, "contactExtEventType": "PURCHASE" });
    let event = json!({ "owner": OWNER, "email": "m@mail.example", "contactEvent": event });
    let both = json!({ "contactUpsertRequest": contact, "addContactExtEventRequest": event, "owner": null });
    let done = call(&simulator, "integration/upsert", both).await;
    assert!(done["contactId"].is_string() && done["eventId"].is_string(), "{done}");
    let stored = simulator.stored(done["contactId"].as_str().unwrap()).unwrap();
    assert_eq!((stored.score("T"), stored.events.len()), (Some(1), 1));
}

#[tokio::test]
async fn each_switch_has_two_positions() {
    let with = async |unknowns| Simulator::start_with(Setup { unknowns, ..Setup::default() }).await.unwrap();
    let event = json!({ "date": 1, "contactExtEventType": "MEETING" });
    for (stranger, contacts) in [(Stranger::Refused, 0), (Stranger::Created, 1)] {
        let simulator = with(Unknowns { stranger, ..Unknowns::default() }).await;
        let body = json!({ "email": "new@mail.example", "contactEvent": event });
        let added = call(&simulator, "v2/contact/addContactExtEvent", body).await;
        assert_eq!((&added["success"], simulator.contacts().len()), (&json!(contacts == 1), contacts));
    }
    for (has_contact, result) in [(HasContact::All, true), (HasContact::OfOwner, false)] {
        let simulator = with(Unknowns { has_contact, ..Unknowns::default() }).await;
        simulator.put(&json!({ "email": "t@mail.example" }), &json!({ "owner": OTHER_OWNER }));
        let has = call(&simulator, "contact/hasContact", json!({ "email": "t@mail.example" })).await;
        assert_eq!(has["result"], result);
    }
    for (processing, name) in [(Processing::AtOnce, "New"), (Processing::Later, "Old")] {
        let simulator = with(Unknowns { processing, ..Unknowns::default() }).await;
        let id = simulator.put(&json!({ "email": "m@mail.example", "name": "Old" }), &json!({}));
        let body = json!({ "contact": { "email": "m@mail.example", "name": "New" }, "async": true });
        call(&simulator, "contact/upsert", body).await;
        assert_eq!(simulator.stored(&id).unwrap().values["name"], name);
        for _ in 0..2 {
            call(&simulator, "contact/hasContact", json!({ "email": "m@mail.example" })).await;
        }
        assert_eq!(simulator.stored(&id).unwrap().values["name"], "New", "in the end it is done");
    }
    let said = async |no_scoring, false_scoring, scoring: Json| {
        let simulator = with(Unknowns { no_scoring, false_scoring, ..Unknowns::default() }).await;
        let id = simulator.put(&json!({ "email": "m@mail.example" }), &json!({ "tags": ["T"] }));
        let mut body = json!({ "contact": { "email": "m@mail.example" }, "tags": ["T"] });
        if scoring.is_boolean() {
            body["tagScoring"] = scoring;
        }
        call(&simulator, "contact/upsert", body).await;
        simulator.stored(&id).unwrap().score("T")
    };
    assert_eq!(said(NoScoring::Keeps, FalseScoring::Raises, Json::Null).await, Some(1));
    assert_eq!(said(NoScoring::Raises, FalseScoring::Keeps, Json::Null).await, Some(2));
    assert_eq!(said(NoScoring::Raises, FalseScoring::Keeps, json!(false)).await, Some(1));
    assert_eq!(said(NoScoring::Keeps, FalseScoring::Raises, json!(false)).await, Some(2));
    for (request_time, success) in [(RequestTime::Ignored, true), (RequestTime::Checked, false)] {
        let simulator = with(Unknowns { request_time, ..Unknowns::default() }).await;
        let has = call(&simulator, "contact/hasContact", json!({ "email": "m@mail.example" })).await;
        assert_eq!(has["success"], success, "the request is of another day");
    }
}
