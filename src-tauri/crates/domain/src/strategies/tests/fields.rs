//! Which value stands in a field after an update.

use super::*;
use crate::mapping::{Broken, Problem};

const END: Trigger = Trigger::ChatEnd;

/// All mapped fields are brought up to date.
fn office() -> Office {
    let mut office = Office::new();
    office.strategies.chat_end.update = Update::AllMapped;
    office
}

/// The change of `field`, or why it stays.
fn field(office: &Office, key: &str) -> Result<(String, Why), Because> {
    let plan = office.plan(END);
    let lines = plan.effects.iter().find_map(|effect| match &effect.action {
        Action::Update { lines, .. } => Some(lines),
        _ => None,
    });
    match lines.into_iter().flatten().find(|line| line.field.as_str() == key) {
        Some(line) => Ok((line.to.as_text(), line.why.clone())),
        None => Err(why(&plan, key).expect("a line changes or is left")),
    }
}

// STR-09
#[test]
fn str_09_each_field_has_its_own_way_of_deciding() {
    let both = Wins::Both("phone_2".into());
    let chat = "+5511987654321".to_owned();
    let table = [
        (Wins::Newest, Ok((chat.clone(), Why::IsNewer)), ""),
        (Wins::Chat, Ok((chat.clone(), Why::ChatWins)), ""),
        (Wins::Crm, Err(Because::CrmWins), ""),
        (both, Err(Because::CrmWins), chat.as_str()),
    ];
    for (wins, wanted, second) in table {
        let mut office = office();
        office.mapping.retain(|row| row.crm_field.as_str() == "phone");
        office.knows("system.phone", &chat, Evidence::PlatformVerified);
        office.holds("phone", "+5511987650000");
        office.wins("phone", wins.clone());
        let changes = office.contact(END).unwrap_or_default();
        match (&wanted, second) {
            (Ok(_), _) => assert_eq!(field(&office, "phone"), wanted, "{wins:?}"),
            (Err(because), "") => assert_eq!(why(&office.plan(END), "phone").as_ref(), Some(because)),
            _ => assert_eq!(
                changes,
                [format!("phone_2:  → {second}")],
                "the CRM's stays, the chat's is beside"
            ),
        }
        office.holds("phone", "");
        assert_eq!(field(&office, "phone"), Ok((chat.clone(), Why::WasEmpty)), "filled: {wins:?}");
    }
}

// STR-09
#[test]
fn str_09_keeping_both_drops_nothing() {
    let mut office = office();
    office.wins("email", Wins::Both("email_2".into()));
    office.knows("system.email", "ana@work.example", Evidence::PlatformVerified);
    for update in [Update::AllMapped, Update::FillEmpty] {
        office.strategies.chat_end.update = update;
        office.holds("email_2", "");
        assert_eq!(
            field(&office, "email_2"),
            Ok(("ana@work.example".into(), Why::Beside("email".into()))),
            "{update:?}"
        );
        office.holds("email_2", "Ana@Work.example");
        assert_eq!(field(&office, "email"), Err(Because::Same), "{update:?}: it is there already");
        office.holds("email_2", "third@example.com");
        assert_eq!(field(&office, "email"), Err(Because::SecondIsTaken("email_2".into())), "{update:?}");
    }
}

// STR-09
#[test]
fn str_09_two_fields_that_keep_both_do_not_overwrite_each_other() {
    let mut office = office();
    office.mapping = vec![
        MappingRow::shown("city").from_chat("system.city"),
        MappingRow::shown("origin").from_chat("utm.source"),
    ];
    for (key, chat) in [("city", "system.city"), ("origin", "utm.source")] {
        office.wins(key, Wins::Both("name".into()));
        office.holds(key, "held");
        office.knows(chat, chat, Evidence::Signed);
    }
    office.holds("name", "");
    assert_eq!(office.contact(END), Ok(vec!["name:  → system.city".to_owned()]));
    assert_eq!(field(&office, "origin"), Err(Because::SecondIsTaken("name".into())));
}

// STR-09
#[test]
fn str_09_a_second_field_that_cannot_hold_the_value_is_said() {
    let mut office = office();
    office.wins("email", Wins::Both("email_2".into()));
    office.knows("system.email", "ana@work.example", Evidence::PlatformVerified);
    let second = |office: &mut Office, change: fn(&mut Field)| {
        let field = office.schema.fields.iter_mut().find(|it| it.key.as_str() == "email_2");
        change(field.expect("the schema has it"));
    };
    second(&mut office, |field| field.max_length = Some(4));
    let too_long = Problem::TooLong { max: 4, length: 16 };
    assert_eq!(field(&office, "email"), Err(Because::Problem(too_long)));
    office.mapping.push(MappingRow::shown("email_2"));
    assert!(
        matches!(field(&office, "email"), Err(Because::Problem(_))),
        "a line that only shows is no use of it"
    );
    office.mapping.push(MappingRow::shown("email_2").from_chat("prechat.none"));
    assert_eq!(
        field(&office, "email"),
        Err(Because::SecondIsTaken("email_2".into())),
        "filled from the chat"
    );
    office.mapping.truncate(7);
    second(&mut office, |field| field.updatable = false);
    assert_eq!(field(&office, "email"), Err(Because::Problem(Problem::ReadOnly)));
    office.decided.insert("email_2".into());
    assert_eq!(field(&office, "email"), Err(Because::AgentsWord));
}

// STR-09
#[test]
fn str_09_newest_is_the_chats_unless_the_crm_changed_since() {
    let mut office = office();
    let newer = Ok(("Ana Silva".to_owned(), Why::IsNewer));
    assert_eq!(field(&office, "name"), newer, "the CRM says nothing of when");
    office.contact.changed_at = Some(office.at.as_millisecond());
    assert_eq!(field(&office, "name"), newer, "changed before or just then");
    office.contact.changed_at = Some(office.at.as_millisecond() + 1);
    assert_eq!(field(&office, "name"), Err(Because::CrmIsNewer));
    office.first_read = Some(office.contact.fields.clone());
    assert_eq!(field(&office, "name"), newer, "the record changed, this field did not");
    office.holds("name", "Anna");
    assert_eq!(field(&office, "name"), Err(Because::CrmIsNewer), "changed while the chat went on");
    office.wins("name", Wins::Chat);
    assert_eq!(field(&office, "name"), Ok(("Ana Silva".to_owned(), Why::ChatWins)));
}

// STR-10
#[test]
fn str_10_what_the_chat_does_not_say_stays() {
    let mut office = office();
    for key in ["city", "phone"] {
        office.holds(key, "held");
    }
    office.says("system.city", "  ");
    office.says("system.name", "Visitor 18");
    office.says("prechat.since", "1900-01-01");
    office.contact.fields.insert("since".into(), Value::Date(date(2020, 1, 1)));
    for key in ["name", "city", "phone", "since"] {
        assert_eq!(field(&office, key), Err(Because::ChatIsSilent), "{key}");
    }
    assert_eq!(office.contact(END), Err(Reason::NothingToChange));
}

// STR-15
#[test]
fn str_15_a_sentinel_of_the_crm_is_empty_for_filling_too() {
    let mut office = office();
    office.strategies.chat_end.update = Update::FillEmpty;
    office.says("prechat.since", "2024-02-01");
    office.contact.fields.insert("since".into(), Value::Date(date(1900, 1, 1)));
    assert_eq!(field(&office, "since"), Ok(("2024-02-01".to_owned(), Why::WasEmpty)));
    office.holds("city", " \t");
    office.says("system.city", "Recife");
    assert_eq!(field(&office, "city"), Ok(("Recife".to_owned(), Why::WasEmpty)));
    office.holds("city", "0");
    assert_eq!(field(&office, "city"), Err(Because::NotEmpty), "zero is something");
}

// STR-16
#[test]
fn str_16_what_the_agent_decided_on_is_left_alone() {
    let mut office = office();
    office.says("system.city", "Recife");
    assert!(field(&office, "city").is_ok() && field(&office, "name").is_ok());
    office.decided = ["city", "name"].into_iter().map(FieldKey::from).collect();
    assert_eq!(field(&office, "city"), Err(Because::AgentsWord), "also when it is empty");
    assert_eq!(field(&office, "name"), Err(Because::AgentsWord));
    assert_eq!(office.contact(END), Err(Reason::NothingToChange));
}

// IDN-11
#[test]
fn idn_11_the_visitors_word_fills_what_rules_look_in_and_never_replaces_it() {
    let mut office = office();
    office.says("system.email", "other@example.com");
    office.says("system.city", "Recife");
    office.holds("city", "Olinda");
    assert_eq!(field(&office, "email"), Err(Because::OnlyTheVisitorsWord));
    assert!(field(&office, "city").is_ok(), "no rule looks in it");
    office.wins("email", Wins::Both("email_2".into()));
    let beside = Ok(("other@example.com".to_owned(), Why::Beside("email".into())));
    assert_eq!(field(&office, "email_2"), beside, "else it is kept beside");
    office.holds("email", "");
    assert_eq!(field(&office, "email"), Ok(("other@example.com".to_owned(), Why::WasEmpty)));
    office.holds("email", "ana@example.com");
    office.strategies.wins.clear();
    office.knows("system.email", "other@example.com", Evidence::PlatformVerified);
    assert_eq!(field(&office, "email"), Ok(("other@example.com".to_owned(), Why::IsNewer)));
    office.evidence = Evidence::ClientAsserted;
    assert_eq!(
        field(&office, "email"),
        Err(Because::OnlyTheVisitorsWord),
        "a match is as weak as what it rests on"
    );
}

// IDN-11
#[test]
fn idn_11_stricter_settings_leave_the_visitors_word_out() {
    let mut office = Office { typed: TypedValues::FillEmpty, ..office() };
    office.says("system.city", "Recife");
    assert_eq!(field(&office, "city"), Ok(("Recife".to_owned(), Why::WasEmpty)));
    assert_eq!(field(&office, "name"), Err(Because::OnlyTheVisitorsWord));
    office.typed = TypedValues::Nothing;
    assert_eq!(field(&office, "city"), Err(Because::OnlyTheVisitorsWord));
    office.who = Who::Nobody;
    let missing = vec!["name".into(), "email".into()];
    assert_eq!(office.contact(END), Err(Reason::Missing(missing)), "nor does it create anybody");
    assert_eq!(why(&office.plan(END), "city"), Some(Because::OnlyTheVisitorsWord));
}

// CRM-07
#[test]
fn crm_07_an_address_or_number_in_another_spelling_is_no_change() {
    let mut office = office();
    office.knows("system.email", "ANA@example.com", Evidence::Signed);
    office.knows("system.phone", "(11) 98765-4321", Evidence::Signed);
    office.holds("phone", "+55 11 98765 4321");
    assert_eq!(field(&office, "email"), Err(Because::Same));
    assert_eq!(field(&office, "phone"), Err(Because::Same));
    office.knows("system.phone", "112", Evidence::Signed);
    office.holds("phone", "112");
    assert_eq!(field(&office, "phone"), Err(Because::Same), "also of a number that no country has");
    office.knows("system.name", "ANA", Evidence::Signed);
    assert!(field(&office, "name").is_ok(), "a name is written as it is written");
}

// MAP-08
#[test]
fn map_08_a_line_writes_when_it_says_so() {
    let mut office = office();
    office.says("utm.source", "mail");
    office.says("variable.number", "7");
    office.says("system.city", "Recife");
    let writes = |office: &mut Office, key: &str, writes| {
        let row = office.mapping.iter_mut().find(|row| row.crm_field.as_str() == key);
        row.expect("the mapping has it").writes = writes;
    };
    assert_eq!(field(&office, "origin"), Err(Because::NotWritten), "on create only");
    writes(&mut office, "city", Writes::OnUpdate);
    assert!(field(&office, "city").is_ok());
    office.who = Who::Nobody;
    let created = office.contact(END).expect("nothing is missing");
    assert_eq!(created, ["email = ana@example.com", "name = Ana Silva", "number = 7", "origin = mail"]);
    assert_eq!(why(&office.plan(END), "city"), Some(Because::NotWritten));
    writes(&mut office, "origin", Writes::Never);
    assert_eq!(why(&office.plan(END), "origin"), Some(Because::NotWritten));
}

// MAP-04
#[test]
fn map_04_what_does_not_fit_is_left_with_its_problem_and_the_others_go_on() {
    let mut office = office();
    office.says("system.name", "A name of more than thirty letters");
    office.says("prechat.since", "soon");
    office.says("system.city", "Recife");
    let too_long = Because::Problem(Problem::TooLong { max: 30, length: 34 });
    assert_eq!(field(&office, "name"), Err(too_long.clone()));
    assert_eq!(field(&office, "since"), Err(Because::Problem(Problem::WrongType)));
    assert_eq!(office.contact(END), Ok(vec!["city:  → Recife".to_owned()]));
    office.who = Who::Nobody;
    assert_eq!(why(&office.plan(END), "name"), Some(too_long));
}

// MAP-09
#[test]
fn map_09_a_paused_line_writes_nothing_and_the_others_go_on() {
    let mut office = office();
    office.says("system.city", "Recife");
    office.paused = vec![Drift { field: "name".into(), broken: Broken::TypeChanged }];
    let paused = Because::Paused(Broken::TypeChanged);
    assert_eq!(field(&office, "name"), Err(paused.clone()));
    assert_eq!(office.contact(END), Ok(vec!["city:  → Recife".to_owned()]));
    office.who = Who::Nobody;
    assert_eq!(office.contact(END), Err(Reason::Missing(vec!["name".into()])));
    assert_eq!(why(&office.plan(END), "name"), Some(paused));
}

// MAP-09
#[test]
fn map_09_a_field_that_is_gone_or_read_only_is_said() {
    let mut office = office();
    office.schema.fields.retain(|field| field.key.as_str() != "city");
    office.says("system.city", "Recife");
    office.says("prechat.since", "2024-02-01");
    for field in &mut office.schema.fields {
        field.updatable = field.key.as_str() != "since";
        field.creatable = field.key.as_str() != "since";
    }
    assert_eq!(field(&office, "city"), Err(Because::Problem(Problem::UnknownField)));
    assert_eq!(field(&office, "since"), Err(Because::Problem(Problem::ReadOnly)));
    for field in &mut office.schema.fields {
        field.updatable = field.key.as_str() != "name";
        field.creatable = field.key.as_str() != "email";
    }
    assert_eq!(field(&office, "name"), Err(Because::Problem(Problem::ReadOnly)));
    office.who = Who::Nobody;
    assert_eq!(office.contact(END), Err(Reason::NeverFoundAgain), "the rule's field cannot be set");
    assert_eq!(why(&office.plan(END), "email"), Some(Because::Problem(Problem::ReadOnly)));
}

// PAN-13
#[test]
fn pan_13_a_change_says_old_value_new_value_and_why_in_the_order_of_the_mapping() {
    let mut office = office();
    office.says("system.city", "Recife");
    let plan = office.plan(END);
    let Action::Update { record, lines, .. } = &plan.effects[0].action else { panic!("it is an update") };
    assert_eq!(record.as_str(), RECORD);
    let lines: Vec<_> = lines.iter().map(|line| (shown(line), line.why.clone())).collect();
    let wanted =
        [("name: Ana → Ana Silva".to_owned(), Why::IsNewer), ("city:  → Recife".to_owned(), Why::WasEmpty)];
    assert_eq!(lines, wanted);
}
