//! The chat fields of a LiveChat visitor, of every origin.

use domain::{ChatFieldKey, Evidence, FieldOrigin};
use serde_json::json;
use testkit::livechat::{Form, FormCopy, Unknowns, Visitor};

use crate::rig::Rig;

fn visitor() -> Visitor {
    let form = Form::prechat()
        .answer("name", "Your name:", "Nadia Kowal")
        .answer("email", "E-mail:", "nadia@shop.example")
        .answer("question", "Order number", "A-1009")
        .answer("select", "Department", json!({ "id": "2", "label": "Billing" }))
        .answer(
            "checkbox",
            "Topics",
            json!([{ "id": "0", "label": "Delivery" }, { "id": "1", "label": "Price" }]),
        )
        .answer("question", "Left blank", "");
    Visitor {
        name: Some("Nadia Kowal".into()),
        email: Some("nadia@shop.example".into()),
        email_verified: true,
        phone: Some("+48601002003".into()),
        country: Some("Poland".into()),
        city: Some("Warsaw".into()),
        start_url: "https://shop.example/boots?utm_source=news%20letter&utm_campaign=spring&x=1".into(),
        title: "Boots".into(),
        referrer: "https://search.example/".into(),
        session_fields: vec![("customer_number".into(), "0010482".into()), ("plan".into(), "gold".into())],
        form: Some(form),
        ..Visitor::default()
    }
}

// LC-03, IDN-02
#[tokio::test(flavor = "multi_thread")]
async fn every_origin_is_a_chat_field() {
    let mut rig = Rig::start().await;
    let chat = rig.sim.start_chat(visitor());
    rig.until_desk("arrived", |desk| desk.open.len() == 1).await;
    for (key, value) in [
        ("system.name", "Nadia Kowal"),
        ("system.email", "nadia@shop.example"),
        ("system.phone", "+48601002003"),
        ("system.visitor_id", chat.customer.as_str()),
        ("system.country", "Poland"),
        ("system.city", "Warsaw"),
        ("prechat.Your name", "Nadia Kowal"),
        ("prechat.E-mail", "nadia@shop.example"),
        ("prechat.Order number", "A-1009"),
        ("prechat.Department", "Billing"),
        ("prechat.Topics", "Delivery; Price"),
        ("variable.customer_number", "0010482"),
        ("variable.plan", "gold"),
        ("page.title", "Boots"),
        ("page.referrer", "https://search.example/"),
        ("utm.source", "news letter"),
        ("utm.campaign", "spring"),
        ("session.ip", "192.0.2.17"),
        ("session.timezone", "Etc/UTC"),
    ] {
        assert_eq!(rig.desk.value(&chat.id, key), Some(value), "{key}");
    }
    assert!(rig.desk.value(&chat.id, "session.user_agent").is_some());
    assert!(rig.desk.value(&chat.id, "prechat.Left blank").is_none(), "a blank answer is no field");
}

// IDN-02
#[tokio::test(flavor = "multi_thread")]
async fn fields_say_how_far_they_can_be_trusted() {
    let mut rig = Rig::start().await;
    let chat = rig.sim.start_chat(visitor());
    rig.until_desk("arrived", |desk| desk.open.len() == 1).await;
    let fields = &rig.desk.fields[&chat.id];
    for (key, field) in fields.iter() {
        let expected = match key.as_str() {
            "system.email" => Evidence::PlatformVerified,
            "system.visitor_id" => Evidence::PlatformId,
            _ => Evidence::ClientAsserted,
        };
        assert_eq!(field.evidence, expected, "{key}");
    }
    let number = fields.get(&ChatFieldKey::from("variable.customer_number")).unwrap();
    assert_eq!((number.origin, number.label.as_str()), (FieldOrigin::Variable, "customer_number"));
    // An address that the visitor types later is no longer the verified one.
    rig.sim.update_customer(&chat.customer, &json!({ "email": "other@shop.example" }));
    rig.until_desk("changed", |desk| desk.value(&chat.id, "system.email") == Some("other@shop.example"))
        .await;
    let email = rig.desk.fields[&chat.id].get(&ChatFieldKey::email()).unwrap();
    assert_eq!(email.evidence, Evidence::ClientAsserted);
}

// STR-15
#[tokio::test(flavor = "multi_thread")]
async fn a_placeholder_is_no_name() {
    for name in ["192.0.2.17", "Visitor 8812"] {
        let mut rig = Rig::start().await;
        let chat = rig.sim.start_chat(Visitor::named(name));
        rig.until_desk("arrived", |desk| desk.open.len() == 1).await;
        assert_eq!(rig.desk.value(&chat.id, "system.name"), None, "{name}");
        rig.sim.update_customer(&chat.customer, &json!({ "name": "Nadia Kowal" }));
        rig.until_desk("named", |desk| desk.value(&chat.id, "system.name") == Some("Nadia Kowal")).await;
    }
}

// LC-03
#[tokio::test(flavor = "multi_thread")]
async fn a_form_stands_in_for_a_visitor_whom_livechat_does_not_know() {
    for form in [FormCopy::Copied, FormCopy::NotCopied] {
        let mut rig = Rig::with(Unknowns { form, ..Unknowns::default() }).await;
        let chat = rig.sim.start_chat(Visitor::named("Visitor"));
        rig.until_desk("arrived", |desk| desk.open.len() == 1).await;
        let asked = Form { kind: "ask_for_email".into(), ..Form::prechat() };
        rig.sim.fill_form(&chat, &asked.answer("email", "E-mail", "m.costa@example.org"));
        let known = "m.costa@example.org";
        rig.until_desk("address", |desk| desk.value(&chat.id, "system.email") == Some(known)).await;
        // Ratings after the chat are no facts about the visitor.
        let rating = Form { kind: "postchat".into(), ..Form::prechat() };
        rig.sim.fill_form(&chat, &rating.answer("email", "Contact", "other@example.org"));
        rig.settle().await;
        assert_eq!(rig.desk.value(&chat.id, "system.email"), Some(known), "{form:?}");
        assert_eq!(rig.desk.value(&chat.id, "prechat.Contact"), None);
    }
}
