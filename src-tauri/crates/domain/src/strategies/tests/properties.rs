//! What holds whatever the office looks like.

use proptest::prelude::*;

use super::*;

fn any_text() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", " ", "Ana", "Bo", "ana@example.com", "b@example.com", "+5511987654321"])
        .prop_map(str::to_owned)
}

fn any_update() -> impl Strategy<Value = Update> {
    prop::sample::select(vec![Update::Nothing, Update::AllMapped, Update::FillEmpty])
}

fn any_wins() -> impl Strategy<Value = Wins> {
    let both = ["city", "email_2"].map(|second| Wins::Both(second.into()));
    prop::sample::select([vec![Wins::Newest, Wins::Crm, Wins::Chat], both.to_vec()].concat())
}

fn any_evidence() -> impl Strategy<Value = Evidence> {
    prop::sample::select(vec![Evidence::ClientAsserted, Evidence::PlatformVerified, Evidence::AgentConfirmed])
}

fn any_trigger() -> impl Strategy<Value = Trigger> {
    prop::sample::select(Trigger::ALL.to_vec())
}

fn any_who() -> impl Strategy<Value = Who> {
    prop::sample::select(vec![Who::One, Who::Several, Who::Nobody, Who::OnItsWay, Who::NotKnown])
}

prop_compose! {
    fn any_office()(
        said in prop::collection::vec(any_text(), 4),
        held in prop::collection::vec(any_text(), 4),
        wins in prop::collection::vec(any_wins(), 4),
        update in any_update(),
        evidence in (any_evidence(), any_evidence()),
        who in any_who(),
        decided in prop::collection::vec(any::<bool>(), 4),
        flags in any::<(bool, bool, bool)>(),
        changed_at in prop::option::of(0i64..4_000_000_000_000),
        create_at in prop::sample::select(vec![CreateAt::ChatStart, CreateAt::ChatEnd]),
    ) -> Office {
        let mut office = Office::new();
        let fields = [("system.name", "name"), ("system.email", "email"), ("system.phone", "phone"), ("system.city", "city")];
        office.visitor.fields = ChatFields::default();
        for (place, (chat, crm)) in fields.into_iter().enumerate() {
            office.knows(chat, &said[place], evidence.0);
            office.holds(crm, &held[place]);
            office.wins(crm, wins[place].clone());
            if decided[place] && held[place] != "Bo" {
                office.decided.insert(crm.into());
            }
        }
        for on in [&mut office.strategies.chat_start, &mut office.strategies.chat_end, &mut office.strategies.offline_message, &mut office.strategies.ticket_created] {
            on.update = update;
            on.records = vec![FurtherRecord { name: "tag".into(), make: Make::Tag("T".into()), only: Only::Everybody, by: By::Itself }];
        }
        office.strategies.offline_no_match = OfflineNoMatch::CreateAutomatically;
        office.strategies.create_at = create_at;
        office.offers.tags = true;
        office.evidence = evidence.1;
        office.who = who;
        office.contact.changed_at = changed_at;
        (office.late, office.continues, office.platform_contact) = flags;
        office
    }
}

fn lines(plan: &Plan) -> Vec<&Line> {
    let updates = plan.effects.iter().filter_map(|effect| match &effect.action {
        Action::Update { lines, .. } => Some(lines),
        _ => None,
    });
    updates.flatten().collect()
}

proptest! {
    // STR-01, STR-10
    #[test]
    fn str_10_nothing_empty_is_ever_written_and_filling_replaces_nothing(office in any_office(), trigger in any_trigger()) {
        let plan = office.plan(trigger);
        for line in lines(&plan) {
            prop_assert!(!line.to.is_empty(), "an empty chat value never erases");
            prop_assert!(&line.from == office.contact.value(&line.field), "a line says what is replaced");
            if office.strategies.on(trigger).update == Update::FillEmpty {
                prop_assert!(line.from.is_empty(), "only what is empty is filled");
            }
        }
        for effect in &plan.effects {
            if let Action::Create { set, .. } = &effect.action {
                prop_assert!(!set.is_empty() && set.values().all(|value| !value.is_empty()));
            }
        }
    }

    // STR-16
    #[test]
    fn str_16_no_effect_touches_what_the_agent_decided(office in any_office(), trigger in any_trigger()) {
        let plan = office.plan(trigger);
        prop_assert!(lines(&plan).iter().all(|line| !office.decided.contains(&line.field)));
    }

    // IDN-11
    #[test]
    fn idn_11_the_visitors_word_never_replaces_what_a_rule_looks_in(mut office in any_office(), trigger in any_trigger()) {
        office.evidence = Evidence::ClientAsserted;
        let plan = office.plan(trigger);
        prop_assert!(lines(&plan).iter().all(|line| line.field.as_str() != "email" || line.from.is_empty()));
    }

    // STR-09
    #[test]
    fn str_09_every_line_of_the_mapping_changes_once_or_says_why_not(office in any_office(), trigger in any_trigger()) {
        let plan = office.plan(trigger);
        let lines = lines(&plan);
        let mut fields: Vec<_> = lines.iter().map(|line| &line.field).collect();
        fields.sort();
        fields.dedup();
        prop_assert_eq!(fields.len(), lines.len(), "no field is written twice");
        let parts = plan.effects.iter().map(|it| &it.key.part).chain(plan.skipped.iter().map(|it| &it.part));
        prop_assert_eq!(parts.count(), 2, "the contact and the tag are each decided");
        if !lines.is_empty() {
            prop_assert_eq!(lines.len() + plan.left.len(), office.mapping.len());
        }
    }

    // REL-03
    #[test]
    fn rel_03_the_same_event_again_gives_the_same_effects(office in any_office(), trigger in any_trigger()) {
        let plan = office.plan(trigger);
        prop_assert_eq!(&plan, &office.plan(trigger));
        let mut keys: Vec<_> = plan.effects.iter().map(|it| it.key.to_string()).collect();
        keys.sort();
        keys.dedup();
        prop_assert_eq!(keys.len(), plan.effects.len());
    }

    // STR-18
    #[test]
    fn str_18_a_trial_lists_the_same_effects_and_sends_none(office in any_office(), trigger in any_trigger()) {
        let live = office.plan(trigger);
        let trial = Office { trial: true, ..office }.plan(trigger);
        let what = |plan: &Plan| plan.effects.iter().map(|it| (it.key.clone(), it.action.clone())).collect::<Vec<_>>();
        prop_assert_eq!(what(&live), what(&trial));
        prop_assert_eq!((&live.skipped, &live.left), (&trial.skipped, &trial.left));
        prop_assert_eq!(trial.sent().count(), 0);
        prop_assert_eq!(live.sent().count(), live.effects.len());
    }

    // REL-03
    #[test]
    fn rel_03_of_all_desks_exactly_one_sends(office in any_office(), trigger in any_trigger(), turns in prop::collection::vec((0i64..5, 0usize..3, any::<bool>()), 1..6)) {
        let agents = ["lena", "omar", "ines"];
        let mut office = office;
        office.turns = turns.into_iter().map(|(second, agent, wrote)| turn(second, agents[agent], if wrote { Act::Wrote } else { Act::Assigned })).collect();
        let all = office.plan(trigger).effects.len();
        let sent: usize = agents.map(|agent| {
            office.runner = Runner::Desk(agent.into());
            office.plan(trigger).sent().count()
        }).iter().sum();
        prop_assert_eq!(sent, all);
    }
}
