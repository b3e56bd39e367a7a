//! What is made beside the contact: tags, events, leads, cases, tasks, notes, mail.

use super::{
    Action, By, EffectKey, Found, FurtherRecord, Mail, Make, Manager, Occasion, Only, Reason, RecordKind,
    RecordOffer, RecordSettings, Setup, Standing, Template, Trigger, Whose,
};
use crate::{
    FieldType, Value, card,
    contact::Fields,
    mapping::{self, Problem},
};

/// What stands between a title and the text under it, where a record has no title of its own.
const UNDER_TITLE: &str = "\n\n";
/// What stands before a line that goes on from another record.
const SET_IN: &str = "    ";

/// What the further record comes to, or why there is none: one action, or several where its text has no place in one
/// record. `created` is the effect of this moment that creates the contact.
pub(super) fn actions(
    record: &FurtherRecord,
    occasion: &Occasion<'_>,
    found: &Found<'_>,
    created: Option<&EffectKey>,
    setup: &Setup<'_>,
) -> Result<Vec<Action>, Reason> {
    if occasion.trigger == Trigger::ChatStart && occasion.continues {
        return Err(Reason::Continued);
    }
    if occasion.late && !setup.strategies.identified_later {
        return Err(Reason::IdentifiedLater);
    }
    let whose = whose(found, created);
    match (record.only, &whose) {
        (Only::WithContact, Err(reason)) => return Err(reason.clone()),
        (Only::WithoutMatch, Ok(Whose::Record(_))) => return Err(Reason::HasContact),
        (Only::WithoutMatch, Err(reason)) if *reason != Reason::NoContact => return Err(reason.clone()),
        _ => {}
    }
    let text = |template: &str| Template(template).fill(occasion).unwrap_or_default();
    let one = |action| Ok(vec![action]);
    match &record.make {
        Make::Tag(_) if !setup.offers.tags => Err(Reason::NotOffered),
        Make::Tag(tag) => one(Action::Tag { of: whose?, tag: tag.clone(), points: 1 }),
        Make::Event { .. } if !setup.offers.events => Err(Reason::NotOffered),
        Make::Event { kind, description, details } => one(Action::Event {
            of: whose?,
            kind: kind.clone(),
            description: text(description),
            details: details.iter().map(|detail| text(detail)).collect(),
        }),
        Make::Mail { .. } if setup.offers.mail == Mail::Impossible => Err(Reason::NoMail),
        Make::Mail { to, subject, text: body } => {
            let manager = Manager::of(occasion.turns, occasion.agents, None);
            one(Action::Mail {
                to: manager.email().unwrap_or(to).trim().to_owned(),
                subject: title(subject, occasion),
                text: card::mask(text(body).trim()),
            })
        }
        Make::Record(settings) => own_records(settings, occasion, whose, setup),
    }
}

/// Who carries it out, where a moment as a whole has the standing `usual`: what is left to the agent, and a draft in the
/// agent's mail program, wait for the agent.
pub(super) fn standing(record: &FurtherRecord, usual: &Standing, setup: &Setup<'_>) -> Standing {
    let is_draft = matches!(record.make, Make::Mail { .. }) && setup.offers.mail == Mail::Draft;
    match usual {
        Standing::Send | Standing::AskFirst(_) if record.by == By::Agent || is_draft => {
            Standing::LeftToTheAgent
        }
        usual => usual.clone(),
    }
}

/// Whose the record is. `NoContact` when it is certain that there is none.
fn whose(found: &Found<'_>, created: Option<&EffectKey>) -> Result<Whose, Reason> {
    match (found, created) {
        (Found::One(matched), _) => Ok(Whose::Record(matched.contact.id.clone())),
        (&Found::OnItsWay(key), _) | (_, Some(key)) => Ok(Whose::CreatedBy(key.clone())),
        (Found::Nobody, None) => Err(Reason::NoContact),
        (Found::Several, None) => Err(Reason::Several),
        (Found::NotKnown, None) => Err(Reason::NotKnown),
    }
}

/// A title: one line, and like every text without card numbers.
fn title(template: &str, occasion: &Occasion<'_>) -> String {
    card::mask(&Template(template).title(occasion))
}

fn own_records(
    settings: &RecordSettings,
    occasion: &Occasion<'_>,
    whose: Result<Whose, Reason>,
    setup: &Setup<'_>,
) -> Result<Vec<Action>, Reason> {
    let kind = settings.kind;
    let offer = setup.offers.records.get(&kind).ok_or(Reason::NotOffered)?;
    let text = Template(&settings.text).fill(occasion);
    if kind.hangs_on_contact() && text.is_none() {
        return Err(Reason::NothingToSay);
    }
    let of = match whose {
        Ok(whose) => Some(whose),
        // A note is a note on somebody, and so is everything in a CRM that has nothing without a contact.
        Err(reason) if !offer.alone || kind.hangs_on_contact() => return Err(reason),
        Err(_) => None,
    };
    let set = own_fields(settings, occasion, offer, setup)?;
    let title = title(&settings.title, occasion);
    let text = card::mask(text.unwrap_or_default().trim());
    let record = |(title, text): (String, String)| Action::Record {
        kind,
        of: of.clone(),
        title,
        text,
        source: settings.source.clone(),
        manager: Manager::of(occasion.turns, occasion.agents, settings.otherwise.as_ref()),
        set: set.clone(),
    };
    Ok(fitted(kind, title, text, offer)?.into_iter().map(record).collect())
}

/// What its own mapping says.
fn own_fields(
    settings: &RecordSettings,
    occasion: &Occasion<'_>,
    offer: &RecordOffer,
    setup: &Setup<'_>,
) -> Result<Fields, Reason> {
    let (schema, region) = (&offer.schema, setup.rules.region.as_deref());
    let mut set = Fields::new();
    for mapped in mapping::map(&settings.mapping, &occasion.visitor.fields, schema, region) {
        let writes = settings.mapping.iter().any(|it| it.crm_field == mapped.field && it.writes.on_create());
        let Some(field) = schema.field(&mapped.field).filter(|_| writes) else { continue };
        match mapped.value {
            Ok(value) if field.is_empty(&value) => {}
            Ok(Value::Text(text)) if field.kind == FieldType::LongText => {
                set.insert(mapped.field, Value::Text(card::mask(&text)));
            }
            Ok(value) => {
                set.insert(mapped.field, value);
            }
            Err(Problem::TooLong { max, length }) => {
                return Err(Reason::TooLong { field: mapped.field, max, length });
            }
            Err(_) => {}
        }
    }
    let required = schema.fields.iter().filter(|field| field.required && field.creatable);
    let missing: Vec<_> =
        required.filter(|field| !set.contains_key(&field.key)).map(|field| field.key.clone()).collect();
    if missing.is_empty() { Ok(set) } else { Err(Reason::Missing(missing)) }
}

/// Titles and texts as the CRM takes them. What belongs to a contact's history goes on in further records where it is too
/// long for one, and nothing is cut; anything else that is too long is not made.
fn fitted(
    kind: RecordKind,
    title: String,
    text: String,
    offer: &RecordOffer,
) -> Result<Vec<(String, String)>, Reason> {
    if offer.titled {
        within("title", &title, offer.longest_title)?;
    }
    let whole = |title: &str, text: &str| match (offer.titled, title, text) {
        (true, ..) => (title.to_owned(), text.to_owned()),
        (false, "", text) => (String::new(), text.to_owned()),
        (false, title, "") => (String::new(), title.to_owned()),
        (false, title, text) => (String::new(), format!("{title}{UNDER_TITLE}{text}")),
    };
    let one = whole(&title, &text);
    let too_long = match within("text", &one.1, offer.longest_text) {
        Ok(()) => return Ok(vec![one]),
        Err(too_long) => too_long,
    };
    let Some(max) = offer.longest_text.filter(|_| kind.hangs_on_contact()) else { return Err(too_long) };
    // Each piece is counted in its title, so that their order can be read; how much that takes depends on how many there
    // are.
    for digits in 1..=6 {
        let most = 10_usize.pow(digits) - 1;
        let counted = |number: usize, of: usize| format!("{title} ({number}/{of})").trim_start().to_owned();
        let longest = counted(most, most);
        let title_fits = !offer.titled || within("title", &longest, offer.longest_title).is_ok();
        let above = if offer.titled { 0 } else { length(&longest) + length(UNDER_TITLE) };
        let Some(room) = (max as usize).checked_sub(above).filter(|room| *room > SET_IN.len() && title_fits)
        else {
            return Err(too_long);
        };
        let pieces = pieces(&text, room);
        if pieces.len() <= most {
            let of = pieces.len();
            let numbered = (1..).zip(&pieces);
            return Ok(numbered.map(|(number, text)| whole(&counted(number, of), text)).collect());
        }
    }
    Err(too_long)
}

/// `text` in its order, in pieces of at most `room` characters: between lines where that is possible, else between words,
/// else between characters. Nothing but the blank at a seam is left out, and what goes on within a line is set in, so that
/// nobody can write a line that looks like somebody else's.
fn pieces(text: &str, room: usize) -> Vec<String> {
    let (mut pieces, mut rest, mut lead) = (Vec::new(), text, "");
    while let Some((most, next)) = rest.char_indices().nth(room - lead.len()) {
        // A seam right behind the last character that has a place is one too.
        let seam = |at: char| rest[..most + next.len_utf8()].rfind(at).filter(|place| *place > 0);
        let (end, gap, is_line) = match (seam('\n'), seam(' ')) {
            (Some(place), _) => (place, 1, true),
            (None, Some(place)) => (place, 1, false),
            (None, None) => (most, 0, false),
        };
        pieces.push(format!("{lead}{}", &rest[..end]));
        rest = &rest[end + gap..];
        lead = if is_line { "" } else { SET_IN };
    }
    if !rest.is_empty() {
        pieces.push(format!("{lead}{rest}"));
    }
    pieces
}

/// That `text` is no longer than the CRM takes.
fn within(field: &str, text: &str, max: Option<u32>) -> Result<(), Reason> {
    let length = u32::try_from(length(text)).unwrap_or(u32::MAX);
    match max {
        Some(max) if length > max => Err(Reason::TooLong { field: field.into(), max, length }),
        _ => Ok(()),
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn offer(titled: bool, longest_text: u32) -> RecordOffer {
        RecordOffer {
            titled,
            longest_title: Some(20),
            longest_text: Some(longest_text),
            ..RecordOffer::default()
        }
    }

    fn fit(kind: RecordKind, text: &str, offer: &RecordOffer) -> Result<Vec<(String, String)>, Reason> {
        fitted(kind, "Chat".into(), text.into(), offer)
    }

    fn pair(title: &str, text: &str) -> (String, String) {
        (title.into(), text.into())
    }

    // JV-08
    #[test]
    fn jv_08_a_conversation_that_is_too_long_for_one_note_goes_on_in_the_next() {
        let note = |text, offer| fit(RecordKind::Note, text, &offer).unwrap();
        assert_eq!(note("one\ntwo\nthree", offer(true, 40)), [pair("Chat", "one\ntwo\nthree")]);
        let three = [pair("Chat (1/3)", "one"), pair("Chat (2/3)", "two"), pair("Chat (3/3)", "three")];
        assert_eq!(note("one\ntwo\nthree", offer(true, 5)), three);
        let two = [pair("Chat (1/2)", "one\ntwo"), pair("Chat (2/2)", "three four")];
        assert_eq!(note("one\ntwo\nthree four", offer(true, 10)), two, "whole lines stay together");
        let set_in = [pair("Chat (1/2)", "10:00 Ana:"), pair("Chat (2/2)", "    Lena:")];
        assert_eq!(note("10:00 Ana: Lena:", offer(true, 10)), set_in, "this is not Lena's line");
        assert_eq!(
            note("one\ntwo\nthree", offer(false, 17)),
            [pair("", "Chat (1/3)\n\none"), pair("", "Chat (2/3)\n\ntwo"), pair("", "Chat (3/3)\n\nthree")],
            "a title in the text counts"
        );
        let of_tenths = note(&["abcde"; 12].join("\n"), offer(true, 5));
        assert_eq!(of_tenths.first(), Some(&pair("Chat (1/12)", "abcde")));
    }

    // JV-08
    #[test]
    fn jv_08_a_piece_has_room_for_its_number_and_for_more_than_being_set_in() {
        let too_long = |max, length| Err(Reason::TooLong { field: "text".into(), max, length });
        // "Chat with Ana in May" and its number are longer than a title, and no piece may go without its number.
        let title = || "Chat with Ana in May".to_owned();
        assert_eq!(fitted(RecordKind::Note, title(), "one\ntwo".into(), &offer(true, 5)), too_long(5, 7));
        // Without titles of their own, only the text counts.
        let long = offer(false, 40);
        let untitled = fitted(RecordKind::Note, title(), "one two three\nfour five six".into(), &long);
        assert!(untitled.is_ok(), "{untitled:?}");
        assert_eq!(fit(RecordKind::Note, "abcdef", &offer(true, SET_IN.len() as u32)), too_long(4, 6));
        assert!(fit(RecordKind::Note, "abcdef", &offer(true, SET_IN.len() as u32 + 1)).is_ok());
        assert_eq!(pieces(" abcdefgh", 6), [" abcde", "    fg", "    h"], "no piece is empty");
    }

    // CRM-09
    #[test]
    fn crm_09_what_is_too_long_and_no_part_of_a_history_is_said_and_not_cut() {
        let too_long = |field: &str, max, length| Err(Reason::TooLong { field: field.into(), max, length });
        assert_eq!(fit(RecordKind::Lead, "four", &offer(true, 4)), Ok(vec![pair("Chat", "four")]));
        assert_eq!(fit(RecordKind::Lead, "three", &offer(true, 4)), too_long("text", 4, 5));
        assert_eq!(fit(RecordKind::Task, "", &offer(false, 3)), too_long("text", 3, 4));
        let title = || "x".repeat(21);
        assert_eq!(
            fitted(RecordKind::Note, title(), String::new(), &offer(true, 4)),
            too_long("title", 20, 21)
        );
        assert_eq!(
            fit(RecordKind::Note, "abcdef", &offer(false, 5)),
            too_long("text", 5, 12),
            "no room at all"
        );
    }

    proptest! {
        // JV-08
        #[test]
        fn jv_08_no_piece_is_too_long_and_together_they_say_everything(text in "[ab\n é😀]{0,60}", room in 5usize..13) {
            let pieces = pieces(&text, room);
            prop_assert!(pieces.iter().all(|piece| length(piece) <= room));
            let said = |text: &str| text.replace(['\n', ' '], "");
            prop_assert_eq!(said(&pieces.concat()), said(&text));
        }
    }
}
