//! What each pair is preset to.

use super::{
    records::{END, START, further, made, office, record},
    *,
};

/// LiveChat with SALESmanago, as it is preset.
fn salesmanago() -> Office {
    let strategies = crate::config::defaults::strategies("livechat", "salesmanago");
    Office { strategies, ..office() }
}

fn actions(plan: &Plan) -> Vec<&Action> {
    plan.effects.iter().map(|effect| &effect.action).collect()
}

// SM-02
#[test]
fn sm_02_an_unknown_e_mail_creates_and_a_known_one_updates_the_name_when_it_differs() {
    let mut office = salesmanago();
    assert_eq!(office.contact(START), Ok(vec!["name: Ana → Ana Silva".to_owned()]));
    office.holds("name", "Ana Silva");
    assert_eq!(office.contact(START), Err(Reason::NothingToChange));
    office.who = Who::Nobody;
    let created = ["email = ana@example.com", "name = Ana Silva"].map(String::from).to_vec();
    assert_eq!(office.contact(START), Ok(created));
}

// SM-03, SM-05
#[test]
fn sm_03_each_chat_that_starts_adds_a_point_to_the_tag_and_nothing_else_does() {
    let mut office = salesmanago();
    let tag = |who, key: Option<&EffectKey>| Action::Tag {
        of: match (who, key) {
            (Who::Nobody, Some(key)) => Whose::CreatedBy(key.clone()),
            _ => Whose::Record(RECORD.into()),
        },
        tag: "LIVECHAT_INC".into(),
        points: 1,
    };
    for who in [Who::One, Who::Nobody] {
        office.who = who;
        let plan = office.plan(START);
        let tags: Vec<_> =
            actions(&plan).into_iter().filter(|it| matches!(it, Action::Tag { .. })).cloned().collect();
        assert_eq!(tags, [tag(who, plan.effects.first().map(|it| &it.key))], "{who:?}");
    }
    office.who = Who::One;
    for trigger in [END, Trigger::OfflineMessage, Trigger::TicketCreated] {
        let plan = office.plan(trigger);
        assert!(!actions(&plan).iter().any(|it| matches!(it, Action::Tag { .. } | Action::Event { .. })));
    }
}

// SM-04, SM-06
#[test]
fn sm_04_the_event_of_a_chat_says_when_it_started_and_who_it_was() {
    let office = salesmanago();
    let plan = office.plan(START);
    let event = Action::Event {
        of: Whose::Record(RECORD.into()),
        kind: "MEETING".into(),
        description: "LivechatInc".into(),
        details: ["1767261600", "customer", "visitor-1", "incoming_chat"].map(String::from).to_vec(),
    };
    assert_eq!(actions(&plan).last(), Some(&&event));
    let own = Make::Event {
        kind: "VISIT".into(),
        description: "Chat of {name}".into(),
        details: vec!["{prechat.none}".into(), "{e-mail}".into()],
    };
    let Ok(Action::Event { kind, description, details, .. }) = made(&office, START, further(own)) else {
        panic!("names and details are settings")
    };
    assert_eq!((kind.as_str(), description.as_str()), ("VISIT", "Chat of Ana Silva"));
    assert_eq!(details, ["", "ana@example.com"], "a detail that says nothing keeps its place");
}

// SM-05
#[test]
fn sm_05_a_chat_that_goes_on_starts_nothing_and_one_told_again_is_the_same() {
    let mut office = salesmanago();
    let keys = |office: &Office| office.plan(START).effects.into_iter().map(|it| it.key).collect::<Vec<_>>();
    let first = keys(&office);
    office.turns = vec![turn(1, "lena", Act::Assigned), turn(9, "omar", Act::Assigned)];
    office.at = moment(500);
    assert_eq!(keys(&office), first, "transferred and told again later");
    office.continues = true;
    let plan = office.plan(START);
    assert!(!actions(&plan).iter().any(|it| matches!(it, Action::Tag { .. } | Action::Event { .. })));
    let reasons: Vec<_> = plan.skipped.iter().map(|it| it.reason.clone()).collect();
    assert_eq!(reasons, [Reason::Continued, Reason::Continued]);
    let note = record(RecordKind::Note, "", "said");
    assert!(made(&office, END, note).is_ok(), "a sitting that continues another ends all the same");
}

// SM-09
#[test]
fn sm_09_who_is_identified_later_counts_only_where_that_is_set_and_only_once() {
    let mut office = Office { late: true, ..salesmanago() };
    let tags = |office: &Office| {
        let plan = office.plan(START);
        let tags = plan.effects.into_iter().filter(|it| matches!(it.action, Action::Tag { .. }));
        tags.map(|it| it.key.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(tags(&office), [""; 0]);
    assert!(office.plan(START).skipped.iter().any(|it| it.reason == Reason::IdentifiedLater));
    assert!(office.contact(START).is_ok(), "the contact itself is brought up to date");
    office.strategies.identified_later = true;
    let later = tags(&office);
    office.late = false;
    assert_eq!(later, tags(&office), "as if it had been known at once");
    assert_eq!(later.len(), 1);
    (office.who, office.no_match) = (Who::Nobody, NoMatch::AgentsMayCreate);
    assert_eq!(tags(&office), [""; 0], "nobody is identified");
}

// JV-04
#[test]
fn jv_04_a_lead_has_a_title_a_source_and_what_the_agent_noted() {
    let mut office =
        Office { strategies: crate::config::defaults::strategies("jivochat", "any"), ..office() };
    office.who = Who::Nobody;
    office.no_match = NoMatch::AgentsMayCreate;
    office.says("system.number", "18");
    office.says("system.comment", "asks about size");
    let plan = office.plan(START);
    let lead = actions(&plan).into_iter().find_map(|it| match it {
        Action::Record { kind: RecordKind::Lead, title, text, source, of, .. } => {
            Some((title, text, source, of))
        }
        _ => None,
    });
    let (title, text, source, of) = lead.expect("a lead is made");
    assert_eq!(
        (title.as_str(), source.as_deref(), of),
        ("JivoChat #18 - Ana Silva", Some("JivoChat"), &None)
    );
    assert!(text.contains("asks about size"), "{text}");
    office.who = Who::One;
    let plan = office.plan(START);
    assert!(
        plan.skipped.iter().any(|it| it.reason == Reason::HasContact),
        "no lead for somebody who is known"
    );
}
