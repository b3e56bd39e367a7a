//! What each option of each trigger does.

use super::*;

const FILL: &[&str] = &["phone:  → 11987654321"];
const ALL: &[&str] = &["name: Ana → Ana Silva", "phone:  → 11987654321"];
const CREATED: &[&str] = &["email = ana@example.com", "name = Ana Silva", "phone = 11987654321"];

fn office() -> Office {
    let mut office = Office::new();
    office.says("system.phone", "11987654321");
    office
}

fn done(lines: &[&str]) -> Result<Vec<String>, Reason> {
    Ok(lines.iter().map(|line| (*line).to_owned()).collect())
}

/// The three update strategies at `trigger`, set at its own place and nowhere else.
fn updates(trigger: Trigger) {
    let table = [
        (Update::Nothing, Err(Reason::NotUpdated)),
        (Update::AllMapped, done(ALL)),
        (Update::FillEmpty, done(FILL)),
    ];
    for (update, wanted) in table {
        let mut office = office();
        for other in Trigger::ALL {
            let set = if other == trigger { update } else { another(update) };
            *on(&mut office.strategies, other) = OnTrigger::new(set);
        }
        assert_eq!(office.contact(trigger), wanted, "{trigger:?} {update:?}");
    }
}

fn another(update: Update) -> Update {
    if update == Update::Nothing { Update::AllMapped } else { Update::Nothing }
}

fn on(strategies: &mut Strategies, trigger: Trigger) -> &mut OnTrigger {
    match trigger {
        Trigger::ChatStart => &mut strategies.chat_start,
        Trigger::ChatEnd => &mut strategies.chat_end,
        Trigger::OfflineMessage => &mut strategies.offline_message,
        Trigger::TicketCreated => &mut strategies.ticket_created,
    }
}

// STR-01
#[test]
fn str_01_a_chat_that_ends_updates_nothing_all_mapped_fields_or_the_empty_ones() {
    updates(Trigger::ChatEnd);
}

// STR-03
#[test]
fn str_03_an_offline_message_updates_nothing_all_mapped_fields_or_the_empty_ones() {
    updates(Trigger::OfflineMessage);
}

// STR-05
#[test]
fn str_05_a_created_ticket_updates_nothing_all_mapped_fields_or_the_empty_ones() {
    updates(Trigger::TicketCreated);
}

#[test]
fn a_chat_that_starts_updates_nothing_all_mapped_fields_or_the_empty_ones() {
    updates(Trigger::ChatStart);
}

/// The three answers to "nobody was found" at `trigger`.
fn no_match(trigger: Trigger) {
    let table = [
        (NoMatch::CreateAutomatically, done(CREATED)),
        (NoMatch::AgentsMayCreate, Err(Reason::LeftToTheAgent)),
        (NoMatch::Neither, Err(Reason::NotCreated)),
    ];
    for (no_match, wanted) in table {
        let office = Office { who: Who::Nobody, no_match, ..office() };
        assert_eq!(office.contact(trigger), wanted, "{no_match:?}");
    }
}

// STR-02
#[test]
fn str_02_a_chat_without_a_match_creates_leaves_it_to_agents_or_neither() {
    no_match(Trigger::ChatEnd);
}

// STR-06
#[test]
fn str_06_a_ticket_without_a_match_creates_leaves_it_to_agents_or_neither() {
    no_match(Trigger::TicketCreated);
}

// STR-04
#[test]
fn str_04_an_offline_message_without_a_match_creates_or_leaves_it_to_agents() {
    let table = [
        (OfflineNoMatch::CreateAutomatically, done(CREATED)),
        (OfflineNoMatch::AgentsMayCreate, Err(Reason::LeftToTheAgent)),
    ];
    for (offline, wanted) in table {
        for no_match in [NoMatch::CreateAutomatically, NoMatch::AgentsMayCreate, NoMatch::Neither] {
            let mut office = Office { who: Who::Nobody, no_match, ..office() };
            office.strategies.offline_no_match = offline;
            assert_eq!(office.contact(Trigger::OfflineMessage), wanted, "{offline:?} beside {no_match:?}");
        }
    }
}

// STR-12
#[test]
fn str_12_a_contact_is_created_at_the_start_or_at_the_end_and_never_at_both() {
    for (create_at, other) in
        [(CreateAt::ChatStart, CreateAt::ChatEnd), (CreateAt::ChatEnd, CreateAt::ChatStart)]
    {
        let mut office = Office { who: Who::Nobody, ..office() };
        office.strategies.create_at = create_at;
        assert_eq!(office.contact(create_at.trigger()), done(CREATED), "{create_at:?}");
        let at = create_at.trigger();
        assert_eq!(office.contact(other.trigger()), Err(Reason::CreatedAt(at)), "{create_at:?}");
    }
}

// STR-07, JV-03
#[test]
fn str_07_a_contact_without_what_the_crm_and_the_rules_require_is_not_created_and_the_fields_are_named() {
    let missing = |fields: &[&str]| Err(Reason::Missing(fields.iter().map(|it| (*it).into()).collect()));
    let office = |says: &[(&str, &str)]| {
        let mut office = Office { who: Who::Nobody, ..Office::new() };
        office.visitor.fields = ChatFields::default();
        says.iter().for_each(|(key, value)| office.says(key, value));
        office
    };
    let (name, email) = (("system.name", "Ana"), ("system.email", "ana@example.com"));
    let at = Trigger::ChatEnd;
    assert_eq!(office(&[email]).contact(at), missing(&["name"]), "the CRM requires it");
    assert_eq!(office(&[name]).contact(at), missing(&["email"]), "the rule requires it");
    assert_eq!(office(&[]).contact(at), missing(&["name", "email"]));
    assert_eq!(office(&[("system.name", "Visitor 18"), email]).contact(at), missing(&["name"]));
    let broken = [("system.name", "A name of more than thirty letters"), email];
    assert_eq!(office(&broken).contact(at), missing(&["name"]), "what does not fit is not there");
    assert!(office(&[name, email]).contact(at).is_ok());
}

// STR-07
#[test]
fn str_07_of_several_rules_one_must_find_the_contact_again() {
    let mut office = Office { who: Who::Nobody, ..Office::new() };
    office.rules.rules = vec![
        rule("system.visitor_id", "cookie", Compare::Exact),
        Rule {
            name: "both".into(),
            pairs: [
                rule("system.city", "city", Compare::Exact),
                rule("system.email", "email", Compare::Email),
            ]
            .into_iter()
            .flat_map(|it| it.pairs)
            .collect(),
        },
        rule("system.phone", "phone", Compare::Phone),
    ];
    office.visitor.fields = ChatFields::default();
    office.says("system.name", "Ana");
    office.knows("system.visitor_id", "v1", Evidence::PlatformId);
    let missing = |fields: &[&str]| Err(Reason::Missing(fields.iter().map(|it| (*it).into()).collect()));
    let at = Trigger::ChatEnd;
    assert_eq!(office.contact(at), missing(&["phone"]), "the cookie is in no field; one is less than two");
    office.says("system.email", "ana@example.com");
    assert_eq!(office.contact(at), missing(&["city"]), "of two that lack one each the first counts");
    office.rules.rules.pop();
    office.says("system.city", "Recife");
    assert!(office.contact(at).is_ok());
    office.rules.rules.truncate(1);
    assert_eq!(office.contact(at), Err(Reason::NeverFoundAgain));
    office.rules.rules = vec![rule("system.phone", "phone_2", Compare::Phone)];
    assert_eq!(office.contact(at), Err(Reason::NeverFoundAgain), "no line of the mapping fills it");
    office.rules.rules = vec![Rule { name: "anybody".into(), pairs: Vec::new() }];
    assert_eq!(office.contact(at), Err(Reason::NeverFoundAgain), "a rule without pairs finds nobody");
    office.rules.rules.clear();
    assert_eq!(office.contact(at), Err(Reason::NeverFoundAgain));
}

// STR-07, IDN-10
#[test]
fn str_07_a_value_on_the_never_match_list_does_not_count() {
    let mut office = Office { who: Who::Nobody, ..Office::new() };
    office.rules.never_match.domains = vec!["example.com".into()];
    assert_eq!(office.contact(Trigger::ChatEnd), Err(Reason::Missing(vec!["email".into()])));
}

// STR-08
#[test]
fn str_08_the_platform_holds_the_visitor_first() {
    let office = Office { who: Who::Nobody, platform_contact: false, ..office() };
    assert_eq!(office.contact(Trigger::TicketCreated), Err(Reason::PlatformContactFirst));
    let updated = Office { who: Who::One, ..office };
    assert!(updated.contact(Trigger::TicketCreated).is_ok(), "a contact that exists is updated all the same");
}

#[test]
fn without_an_answer_to_who_it_is_nothing_is_written() {
    for (who, reason) in [
        (Who::Several, Reason::Several),
        (Who::NotKnown, Reason::NotKnown),
        (Who::OnItsWay, Reason::OnItsWay),
    ] {
        for trigger in Trigger::ALL {
            let mut office = Office { who, ..office() };
            *on(&mut office.strategies, trigger) = OnTrigger::new(Update::AllMapped);
            assert_eq!(office.contact(trigger), Err(reason.clone()), "{who:?} {trigger:?}");
        }
    }
}

// REL-03
#[test]
fn rel_03_one_desk_sends_and_the_others_know_whose_it_is() {
    let turns = vec![
        turn(1, "lena", Act::Assigned),
        turn(2, "lena", Act::Wrote),
        turn(3, "omar", Act::Assigned),
        turn(4, "omar", Act::Wrote),
    ];
    let mut office = Office { turns, ..office() };
    office.strategies.chat_start.update = Update::AllMapped;
    let mut standing = |trigger, runner: Runner| {
        office.runner = runner;
        office.plan(trigger).effects[0].standing.clone()
    };
    let desk = |agent: &str| Runner::Desk(agent.into());
    let elsewhere = |agent: &str| Standing::Elsewhere(Some(agent.into()));
    assert_eq!(standing(Trigger::ChatStart, desk("lena")), Standing::Send);
    assert_eq!(standing(Trigger::ChatStart, desk("omar")), elsewhere("lena"));
    assert_eq!(standing(Trigger::ChatEnd, desk("lena")), elsewhere("omar"));
    assert_eq!(standing(Trigger::ChatEnd, desk("omar")), Standing::Send);
    assert_eq!(standing(Trigger::ChatEnd, Runner::Relay), Standing::Send);
    office.turns.clear();
    office.runner = desk("lena");
    assert_eq!(office.plan(Trigger::ChatEnd).effects[0].standing, Standing::Elsewhere(None));
}

// STR-19
#[test]
fn str_19_each_trigger_acts_by_itself_or_after_the_agents_word() {
    let mut office = office();
    office.strategies.chat_end.acts = Acts::AFTER_WORD;
    assert_eq!(office.plan(Trigger::ChatEnd).effects[0].standing, Standing::AskFirst(10));
    assert_eq!(office.plan(Trigger::OfflineMessage).effects[0].standing, Standing::Send);
    assert_eq!(office.plan(Trigger::ChatEnd).sent().count(), 0);
}
