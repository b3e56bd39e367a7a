//! What records say.

use super::{
    records::{END, START, further, made, office, record, said, settings, texts},
    *,
};
use crate::ChatFieldKey;

// JV-04
#[test]
fn jv_04_the_title_takes_name_else_e_mail_else_phone() {
    let title = "JivoChat #{visitor.number} - {name or e-mail or phone}";
    let mut office = office();
    office.visitor.fields = ChatFields::default();
    let shown = |office: &Office| texts(office, START, record(RecordKind::Lead, title, "")).0;
    assert_eq!(shown(&office), "JivoChat", "what is not known leaves no separator");
    office.says("system.number", "18");
    assert_eq!(shown(&office), "JivoChat #18");
    for (key, value) in [
        ("system.phone", "+5511987654321"),
        ("system.email", "ana@example.com"),
        ("system.name", "Ana\nSilva"),
    ] {
        office.says(key, value);
        assert_eq!(shown(&office), format!("JivoChat #18 - {}", value.replace('\n', " ")));
    }
}

// JV-06
#[test]
fn jv_06_pages_and_marketing_marks_are_saved_when_they_are_known() {
    let mut office = office();
    let lead = || record(RecordKind::Lead, "x", "{visit}\n{user_token.sub}");
    assert_eq!(texts(&office, START, lead()).1, "");
    office.says("page.start_url", "https://shop.example/p/42");
    office.says("page.referrer", "https://search.example/");
    office.says("utm.source", "newsletter");
    office.says("user_token.sub", "crm:5b0c");
    let wanted = "page.referrer: https://search.example/\npage.start_url: https://shop.example/p/42\nutm.source: newsletter\ncrm:5b0c";
    assert_eq!(texts(&office, START, lead()).1, wanted);
}

// JV-08, JV-10
#[test]
fn jv_08_the_conversation_is_saved_in_order_with_time_and_author() {
    let mut office = office();
    office.messages = vec![
        said(40, Speaker::Agent("omar".into()), "Two left."),
        said(10, Speaker::Visitor, " Is it in stock?\nI mean the blue one "),
        said(10, Speaker::System, "Lena joined"),
        said(20, Speaker::Agent("lena".into()), "One moment"),
        said(30, Speaker::Agent("bot7".into()), "\t"),
        said(50, Speaker::Agent("bot7".into()), "Bye"),
    ];
    let note = record(RecordKind::Note, "Chat with {agents}", "{transcript}");
    let (title, text) = texts(&office, END, note);
    assert_eq!(title, "Chat with Lena, Omar");
    let wanted = [
        "2026-01-01 10:00:10 Ana Silva: Is it in stock?",
        "    I mean the blue one",
        "2026-01-01 10:00:10 —: Lena joined",
        "2026-01-01 10:00:20 Lena: One moment",
        "2026-01-01 10:00:40 Omar: Two left.",
        "2026-01-01 10:00:50 bot7: Bye",
    ];
    assert_eq!(text, wanted.join("\n"));
}

#[test]
fn nobody_can_write_a_line_that_looks_like_somebody_elses() {
    let mut office = office();
    office.says("system.name", "Ana\nLena");
    office.messages =
        vec![said(1, Speaker::Visitor, "Hi\u{2028}2026-01-01 10:00:20 Lena: free\r\nof charge")];
    let (_, text) = texts(&office, END, record(RecordKind::Note, "", "{transcript}"));
    let lines: Vec<_> = text.split(['\n', '\u{2028}']).collect();
    assert_eq!(
        lines,
        ["2026-01-01 10:00:01 Ana Lena: Hi", "    2026-01-01 10:00:20 Lena: free", "    of charge"]
    );
}

// SEC-12
#[test]
fn sec_12_card_numbers_do_not_leave_with_the_conversation() {
    let mut office = office();
    office.messages = vec![said(1, Speaker::Visitor, "It is 4111 1111 1111 1111")];
    office.says("offline.Message", "4111111111111111");
    let text = "{transcript} {offline.Message}";
    let mail = Make::Mail { to: String::new(), subject: String::new(), text: text.into() };
    let Ok(Action::Mail { text: mailed, .. }) = made(&office, END, further(mail)) else { panic!("mail") };
    for text in [texts(&office, END, record(RecordKind::Note, "", text)).1, mailed] {
        assert!(text.ends_with("It is •••• •••• •••• 1111 ••••••••••••1111"), "{text}");
    }
    office.messages = vec![said(1, Speaker::Visitor, "4111\n1111\n1111\n1111")];
    let over_lines = texts(&office, END, record(RecordKind::Note, "", "{transcript}")).1;
    assert!(over_lines.ends_with("••••\n    ••••\n    ••••\n    1111"), "{over_lines}");
}

// SEC-12
#[test]
fn sec_12_card_numbers_do_not_leave_with_titles_subjects_and_fields_of_text_either() {
    let mut office = office();
    office.says("prechat.Order", "4111 1111 1111 1111");
    let masked = "•••• •••• •••• 1111";
    let (title, _) = texts(&office, END, record(RecordKind::Task, "Order {prechat.Order}", ""));
    assert_eq!(title, format!("Order {masked}"));
    let mail = Make::Mail { to: String::new(), subject: "{prechat.Order}".into(), text: String::new() };
    let mailed = made(&office, END, further(mail));
    assert!(matches!(&mailed, Ok(Action::Mail { subject, .. }) if subject == masked), "{mailed:?}");
    let fields = vec![
        Field { kind: FieldType::LongText, ..Field::text("comment", "Comment") },
        Field { max_length: Some(5), ..Field::text("short", "Short") },
        Field::text("order", "Order number"),
    ];
    let schema = Schema { fields, ..Schema::default() };
    let offer = RecordOffer { schema, alone: true, ..RecordOffer::default() };
    office.offers.records.insert(RecordKind::Case, offer);
    let case = |field: &str| {
        let mapping = vec![MappingRow::shown(field).from_chat("prechat.Order")];
        further(Make::Record(Box::new(RecordSettings { mapping, ..settings(RecordKind::Case, "x", "") })))
    };
    let written = |field: &str| match made(&office, END, case(field)) {
        Ok(Action::Record { set, .. }) => set[&field.into()].as_text(),
        other => panic!("a case is made: {other:?}"),
    };
    assert_eq!(written("comment"), masked);
    assert_eq!(
        written("order"),
        "4111 1111 1111 1111",
        "what a field of its own was mapped for is no free text"
    );
    let too_long = Reason::TooLong { field: "short".into(), max: 5, length: 19 };
    assert_eq!(made(&office, END, case("short")), Err(too_long), "a field that is too long is said");
}

#[test]
fn templates_know_their_words() {
    let problems = |text| Template(text).problems();
    for fine in
        ["", "plain", "{name}", "{ e-mail or phone }", "{prechat.Black or white}", "{start}{visit}{agents}"]
    {
        assert_eq!(problems(fine), [], "{fine}");
    }
    let fine = "{visitor.id or visitor.number or transcript or prechat.a}";
    assert_eq!(problems(fine), []);
    assert_eq!(problems("{nam}"), [TemplateProblem::NoSuchWord("nam")]);
    assert_eq!(problems("{name or }"), [TemplateProblem::NoSuchWord("name or")]);
    assert_eq!(problems("{name"), [TemplateProblem::Unclosed]);
    let mut office = office();
    office.says("prechat.Black or white", "black");
    let text = |template| texts(&office, END, record(RecordKind::Task, "", template)).1;
    assert_eq!(text("{prechat.Black or white}"), "black");
    assert_eq!(text("{prechat.none or prechat.Black or white}"), "", "which `or` is meant cannot be told");
    assert_eq!(text("{prechat.none or e-mail}"), "ana@example.com");
    assert_eq!(text("{start} {visitor.id}"), "1767261600 visitor-1");
    assert!(office.visitor.fields.get(&ChatFieldKey::phone()).is_none());
    assert_eq!(text("Phone: {phone}"), "", "a text whose words are all unknown says nothing");
}
