//! What each pair of chat platform and CRM starts from, and the sample configuration.
//!
//! A channel without rules or mapping of its own uses these. To customise means to write a copy of them into the
//! channel; to go back means to take the copy out again.

use std::collections::BTreeMap;

use super::{Channel, ChannelCrm, ChatConnection, ChatProduct, CrmConnection, CrmProduct, Document, NoMatch};
use crate::{
    mapping::{Finds, MappingRow, ShownChatField, Writes},
    rules::{Compare, Pair, Rule},
    strategies::{
        By, CreateAt, FurtherRecord, Make, OnTrigger, Only, RecordKind, RecordSettings, Strategies, Update,
    },
    transform::Transform,
};

/// The id of the sample CRM.
pub const SAMPLE_CRM: &str = "sample-crm";
/// The id of the sample chat feed.
pub const SAMPLE_CHAT: &str = "sample-chat";

/// The chat field of a site's own customer number. Sites name their variables as they like; this is the name that the
/// defaults suggest.
const CUSTOMER_NUMBER: &str = "variable.customer_number";

/// The chat field of the id that a site's own systems know a customer by.
const CUSTOMER_ID: &str = "variable.customer_id";

/// The name under which the Optimove connector offers the Customer ID, whatever an account calls that attribute.
pub const OPTIMOVE_CUSTOMER_ID: &str = "CustomerID";

/// The field of a SALESmanago contact's id.
pub const SALESMANAGO_ID: &str = "contactId";

/// The chat field of the cookie `smclient`, which holds the id of the contact whose browser it is.
const SALESMANAGO_COOKIE: &str = "variable.smclient";

/// The rules of the pair; none when either kind is unknown.
pub fn rules(chat_kind: &str, crm_kind: &str) -> Vec<Rule> {
    match (chat_kind, crm_kind) {
        ("livechat" | "sample", "sample") => vec![
            rule("Customer number", CUSTOMER_NUMBER, "customer_number", Compare::Digits),
            rule("E-mail", "system.email", "email", Compare::Email),
            rule("Known browser", "system.visitor_id", "web_visitor", Compare::Exact),
        ],
        ("livechat" | "sample", "tryton") => vec![
            rule("Customer number", CUSTOMER_NUMBER, "code", Compare::Exact),
            rule("E-mail", "system.email", "email", Compare::Email),
            rule("Phone", "system.phone", "phone", Compare::Phone),
            rule("Mobile", "system.phone", "mobile", Compare::Phone),
        ],
        // Optimove is looked up by nothing else.
        ("livechat" | "sample", "optimove") => {
            vec![rule("Customer ID", CUSTOMER_ID, OPTIMOVE_CUSTOMER_ID, Compare::Exact)]
        }
        // It finds by nothing else. Sites that pass on its cookie have the id in a variable.
        ("livechat" | "sample", "salesmanago") => vec![
            rule("SALESmanago cookie", SALESMANAGO_COOKIE, SALESMANAGO_ID, Compare::Exact),
            rule("E-mail", "system.email", "email", Compare::Email),
        ],
        _ => Vec::new(),
    }
}

/// The mapping of the pair; none when either kind is unknown.
pub fn mapping(chat_kind: &str, crm_kind: &str) -> Vec<MappingRow> {
    match (chat_kind, crm_kind) {
        ("livechat" | "sample", "sample") => sample_mapping(),
        ("livechat" | "sample", "tryton") => tryton_mapping(),
        ("livechat" | "sample", "optimove") => optimove_mapping(),
        ("livechat" | "sample", "salesmanago") => salesmanago_mapping(),
        _ => Vec::new(),
    }
}

/// What happens by itself between the pair.
pub fn strategies(chat_kind: &str, crm_kind: &str) -> Strategies {
    match (chat_kind, crm_kind) {
        ("livechat", "salesmanago") => livechat_salesmanago(),
        ("jivochat", _) => jivochat(),
        ("segment", _) => Strategies { create_at: CreateAt::ChatStart, ..Strategies::default() },
        _ => Strategies::default(),
    }
}

/// What happens when nobody is found, where a channel begins to look in a CRM of `crm_kind`: SALESmanago's own integration
/// with LiveChat creates contacts by itself.
pub fn no_match(crm_kind: &str) -> NoMatch {
    if crm_kind == "salesmanago" { NoMatch::CreateAutomatically } else { NoMatch::default() }
}

/// What SALESmanago's own integration with LiveChat does: the contact, a point on the tag, and the event of the meeting,
/// all when the chat starts.
fn livechat_salesmanago() -> Strategies {
    let details = ["{start}", "customer", "{visitor.id}", "incoming_chat"].map(String::from).into();
    let event = Make::Event { kind: "MEETING".into(), description: "LivechatInc".into(), details };
    let records = vec![
        further("Tag", Make::Tag("LIVECHAT_INC".into()), Only::WithContact),
        further("Event", event, Only::WithContact),
    ];
    Strategies {
        create_at: CreateAt::ChatStart,
        chat_start: OnTrigger { records, ..OnTrigger::new(Update::AllMapped) },
        chat_end: OnTrigger::new(Update::Nothing),
        ..Strategies::default()
    }
}

/// What people expect of a CRM beside JivoChat: a lead for who is not known, the conversation as a note, and a task for
/// a message that nobody was there to answer.
fn jivochat() -> Strategies {
    let record = |kind, title: &str, text: &str| RecordSettings {
        kind,
        title: title.into(),
        text: text.into(),
        source: None,
        otherwise: None,
        mapping: Vec::new(),
    };
    let lead = record(
        RecordKind::Lead,
        "JivoChat #{visitor.number} - {name or e-mail or phone}",
        "{system.comment}\n{visit}",
    );
    let lead = RecordSettings { source: Some("JivoChat".into()), ..lead };
    let note = record(RecordKind::Note, "JivoChat #{visitor.number}", "{transcript}");
    let task = record(RecordKind::Task, "Message from {name or e-mail or phone}", "{transcript}");
    let with = |update, name: &str, settings, only| {
        let records = vec![further(name, Make::Record(Box::new(settings)), only)];
        OnTrigger { records, ..OnTrigger::new(update) }
    };
    Strategies {
        create_at: CreateAt::ChatStart,
        chat_start: with(Update::Nothing, "Lead", lead, Only::WithoutMatch),
        chat_end: with(Update::FillEmpty, "Conversation", note, Only::WithContact),
        offline_message: with(Update::FillEmpty, "Task", task, Only::Everybody),
        ..Strategies::default()
    }
}

fn further(name: &str, make: Make, only: Only) -> FurtherRecord {
    FurtherRecord { name: name.into(), make, only, by: By::Itself }
}

fn sample_mapping() -> Vec<MappingRow> {
    vec![
        MappingRow::shown("customer_number")
            .from_chat(CUSTOMER_NUMBER)
            .through([Transform::Trim])
            .found(Finds::Exact),
        name(),
        email(),
        phone(),
        MappingRow::shown("tier"),
        MappingRow::shown("customer_since"),
        MappingRow::shown("balance"),
        MappingRow::shown("consent"),
        city(),
        MappingRow::shown("language").from_chat("prechat.Language"),
        MappingRow::shown("website"),
        MappingRow::shown("notes"),
    ]
}

fn tryton_mapping() -> Vec<MappingRow> {
    vec![
        name(),
        // Tryton assigns it.
        MappingRow::shown("code").written(Writes::Never).found(Finds::Exact),
        email(),
        phone(),
        MappingRow::shown("mobile").found(Finds::Exact),
        MappingRow::shown("website"),
        MappingRow::shown("lang"),
        MappingRow::shown("street"),
        MappingRow::shown("postal_code"),
        city(),
    ]
}

/// Attributes differ from account to account; these are names that accounts have.
fn optimove_mapping() -> Vec<MappingRow> {
    let from_name = |field: &str, step| {
        MappingRow::shown(field).from_chat("system.name").through([Transform::Trim, step])
    };
    vec![
        MappingRow::shown(OPTIMOVE_CUSTOMER_ID)
            .from_chat(CUSTOMER_ID)
            .through([Transform::Trim])
            .written(Writes::OnCreate)
            .found(Finds::Exact),
        from_name("FIRST_NAME", Transform::FirstName),
        from_name("LAST_NAME", Transform::LastName),
        MappingRow::shown("EMAIL").from_chat("system.email").through([Transform::Trim]),
        MappingRow::shown("CITY")
            .from_chat("system.city")
            .through([Transform::Trim])
            .written(Writes::OnCreate),
        MappingRow::shown("COUNTRY"),
        MappingRow::shown("LANGUAGE"),
    ]
}

fn salesmanago_mapping() -> Vec<MappingRow> {
    let from = |field: &str, chat: &str| MappingRow::shown(field).from_chat(chat).through([Transform::Trim]);
    vec![
        from("name", "system.name"),
        email(),
        from("phone", "system.phone"),
        MappingRow::shown("company"),
        city(),
        MappingRow::shown("country"),
        MappingRow::shown("state"),
        MappingRow::shown("score").written(Writes::Never),
        // The CRM assigns it.
        MappingRow::shown(SALESMANAGO_ID).written(Writes::Never).found(Finds::Exact),
    ]
}

fn name() -> MappingRow {
    MappingRow::shown("name").from_chat("system.name").through([Transform::Trim]).found(Finds::Contains)
}

fn email() -> MappingRow {
    MappingRow::shown("email").from_chat("system.email").through([Transform::Trim]).found(Finds::Exact)
}

fn phone() -> MappingRow {
    MappingRow::shown("phone").from_chat("system.phone").through([Transform::Trim]).found(Finds::Exact)
}

/// Platforms guess the city from the network address, so it never replaces one that the CRM has.
fn city() -> MappingRow {
    MappingRow::shown("city").from_chat("system.city").through([Transform::Trim]).written(Writes::OnCreate)
}

fn rule(name: &str, chat_field: &str, crm_field: &str, compare: Compare) -> Rule {
    let pair = Pair { chat_field: chat_field.into(), crm_field: crm_field.into(), compare };
    Rule { name: name.to_owned(), pairs: vec![pair] }
}

/// The sample pair: the embedded CRM and the embedded chat feed.
pub fn sample() -> Document {
    let crm = CrmConnection { name: "Sample CRM".into(), product: CrmProduct::Sample {} };
    let chat = ChatConnection { name: "Sample chats".into(), product: ChatProduct::Sample {} };
    let subject = ShownChatField { chat_field: "variable.subject".into(), label: None };
    let channel = Channel { lookups: vec![ChannelCrm::new(SAMPLE_CRM)], ..Channel::default() };
    Document {
        crm: BTreeMap::from([(SAMPLE_CRM.to_owned(), crm)]),
        chat: BTreeMap::from([(SAMPLE_CHAT.to_owned(), chat)]),
        ticketing: Channel { shown: vec![subject], ..channel.clone() },
        live_chat: channel,
        ..Document::default()
    }
}

/// The sample pair with its rules and mapping written out, as after Customise.
pub fn sample_in_full() -> Document {
    let mut document = sample();
    for lookup in &mut document.live_chat.lookups {
        lookup.rules = Some(rules("sample", "sample"));
        lookup.mapping = Some(mapping("sample", "sample"));
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ChatField, ChatFieldKey, ChatFields, Evidence, FieldOrigin,
        rules::{Decision, Skip, decide, identifying_fields},
    };

    const PAIRS: [(&str, &str); 8] = [
        ("livechat", "sample"),
        ("livechat", "tryton"),
        ("livechat", "optimove"),
        ("livechat", "salesmanago"),
        ("sample", "sample"),
        ("sample", "tryton"),
        ("sample", "optimove"),
        ("sample", "salesmanago"),
    ];

    // IDN-13
    #[test]
    fn idn_13_every_pair_has_rules_and_a_mapping_that_fit_together() {
        for (chat, crm) in PAIRS {
            let (rules, rows) = (rules(chat, crm), mapping(chat, crm));
            assert!(!rules.is_empty() && !rows.is_empty(), "{chat} {crm}");
            let mut document = sample();
            let (rules, mapping) = (Some(rules), Some(rows));
            document.live_chat.lookups = vec![ChannelCrm { rules, mapping, ..ChannelCrm::new(SAMPLE_CRM) }];
            assert_eq!(crate::config::check(&document), [], "{chat} {crm}");
        }
        assert!(rules("livechat", "other").is_empty() && mapping("other", "sample").is_empty());
    }

    // OPT-02
    #[test]
    fn opt_02_optimove_is_looked_up_by_the_customer_id_of_a_chat_field_and_by_nothing_else() {
        for chat in ["livechat", "sample"] {
            let rules = rules(chat, "optimove");
            assert_eq!(rules.len(), 1, "no rule by e-mail: Optimove finds nobody by it");
            let expected = Pair {
                chat_field: "variable.customer_id".into(),
                crm_field: OPTIMOVE_CUSTOMER_ID.into(),
                compare: Compare::Exact,
            };
            assert_eq!(rules[0].pairs, [expected]);
            let found_by_hand: Vec<_> =
                mapping(chat, "optimove").into_iter().filter(|row| row.finds != Finds::No).collect();
            assert!(found_by_hand.iter().all(|row| row.crm_field.as_str() == OPTIMOVE_CUSTOMER_ID));
        }
    }

    // IDN-13
    #[test]
    fn idn_13_customise_starts_from_the_defaults_and_can_go_back() {
        let channel = sample().live_chat;
        let mut own = channel.lookups[0].clone();
        assert_eq!(channel.rule_set(&own, "sample", "sample").rules, rules("sample", "sample"));
        own.rules = Some(rules("sample", "sample").split_off(1));
        own.mapping = Some(Vec::new());
        assert_eq!(channel.rule_set(&own, "sample", "sample").rules.len(), 2);
        assert!(own.mapping("sample", "sample").is_empty());
        (own.rules, own.mapping) = (None, None);
        assert_eq!(channel.rule_set(&own, "sample", "sample").rules, rules("sample", "sample"));
        assert_eq!(own.mapping("sample", "sample"), mapping("sample", "sample"));
    }

    // IDN-13
    #[test]
    fn idn_13_the_sample_rules_try_number_then_e_mail_then_browser() {
        let names: Vec<_> = rules("sample", "sample").into_iter().map(|it| it.name).collect();
        assert_eq!(names, ["Customer number", "E-mail", "Known browser"]);
        let channel = sample().live_chat;
        let set = channel.rule_set(&channel.lookups[0], "sample", "sample");
        let mut fields = ChatFields::default();
        let field = ChatField {
            label: String::new(),
            origin: FieldOrigin::System,
            evidence: Evidence::PlatformId,
            value: "b7".into(),
        };
        fields.set(ChatFieldKey::visitor_id(), field);
        let decisions = decide(&set, &fields);
        assert!(matches!(decisions[0], Decision::Skipped { rule: 0, reason: Skip::Empty { .. } }));
        assert!(matches!(&decisions[2], Decision::Lookup(lookup) if lookup.evidence == Evidence::PlatformId));
    }

    // STR-12
    #[test]
    fn str_12_when_contacts_are_created_is_preset_for_each_source() {
        for (chat, crm, at) in [
            ("comm100", "optimove", CreateAt::ChatEnd),
            ("jivochat", "tryton", CreateAt::ChatStart),
            ("livechat", "salesmanago", CreateAt::ChatStart),
            ("segment", "tryton", CreateAt::ChatStart),
            ("livechat", "tryton", CreateAt::ChatEnd),
        ] {
            assert_eq!(strategies(chat, crm).create_at, at, "{chat} {crm}");
        }
    }

    // MAP-06, STR-11
    #[test]
    fn str_11_the_channels_are_switched_on_and_set_apart() {
        let text = r#"
            live_chat.enabled = false
            [ticketing]
            enabled = true
            [[ticketing.lookups]]
            connection = "main"
            strategies.ticket_created = { update = "all_mapped" }
            [[live_chat.lookups]]
            connection = "main"
        "#;
        let document: Document = toml::from_str(text).expect("the test's own text is TOML");
        assert!(document.ticketing.enabled && !document.live_chat.enabled);
        let on_ticket =
            |channel: &Channel| channel.lookups[0].strategies("comm100", "optimove").ticket_created;
        assert_eq!(on_ticket(&document.ticketing).update, Update::AllMapped);
        assert_eq!(on_ticket(&document.live_chat).update, Update::FillEmpty, "the other keeps the defaults");
    }

    #[test]
    fn what_identifies_is_known_to_every_platform() {
        for (chat, crm) in PAIRS {
            assert!(identifying_fields(&rules(chat, crm)).iter().all(|key| key.origin().is_some()));
        }
    }

    // MAP-08
    #[test]
    fn map_08_what_a_crm_assigns_or_a_platform_guesses_is_not_written_over() {
        let writes = |field: &str| {
            mapping("livechat", "tryton")
                .into_iter()
                .find(|row| row.crm_field.as_str() == field)
                .map(|row| row.writes)
        };
        assert_eq!(writes("code"), Some(Writes::Never));
        assert_eq!(writes("city"), Some(Writes::OnCreate));
        assert_eq!(writes("email"), Some(Writes::Both));
    }
}
