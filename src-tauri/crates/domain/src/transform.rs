//! What may happen to a chat value on its way into a CRM field.

use std::{borrow::Cow, collections::BTreeMap};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ChatFieldKey, ChatFields, Evidence, mapping::Problem, phone};

/// One step. Steps run in order, each on the result of the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// Takes blanks off both ends.
    Trim,
    /// All but the last word of a full name, particles ("de", "van der") left with the last name.
    FirstName,
    /// The last word of a full name with its particles.
    LastName,
    /// Puts the values of all chat fields of the row together, with this between them.
    Join(String),
    /// A phone number in E.164.
    E164,
    /// A day read in this `strptime` format, turned into ISO 8601.
    DateFormat(String),
    /// What stands for what; a value that is not in the table is a problem, unless the table has an entry `*`.
    Table(BTreeMap<String, String>),
    /// This text, whatever the chat says.
    Constant(String),
    /// This text when the chat says nothing.
    Default(String),
    /// This text with `{chat.field}` filled in from the chat.
    Template(String),
}

/// What the chat says on the way through the steps of one line.
///
/// Until a `Join` there may be several values, one for each chat field of the line; without one the first counts.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Draft<'a> {
    /// The values, in the order of the line's chat fields. None is blank.
    pub(crate) values: Vec<Cow<'a, str>>,
    /// The chat fields that `values` came from.
    pub(crate) from: Vec<ChatFieldKey>,
    /// The strength of the weakest of those; `AgentConfirmed` without any.
    pub(crate) evidence: Evidence,
}

/// Runs `steps` over what the chat says in `keys`.
pub(crate) fn apply<'a>(
    steps: &'a [Transform],
    keys: &[ChatFieldKey],
    fields: &'a ChatFields,
    region: Option<&str>,
) -> Result<Draft<'a>, Problem> {
    let joins = steps.iter().any(|step| matches!(step, Transform::Join(_)));
    let mut draft = Draft::default();
    for key in keys {
        if let Some(field) = fields.get(key).filter(|field| !field.value.trim().is_empty()) {
            draft.values.push(Cow::Borrowed(&field.value));
            draft.uses(key.clone(), field.evidence);
            if !joins {
                break;
            }
        }
    }
    steps.iter().try_fold(draft, |draft, step| step.apply(draft, fields, region))
}

impl Transform {
    /// Whether the step brings a value of its own, so that a line needs no chat field.
    pub(crate) fn is_source(&self) -> bool {
        matches!(self, Self::Constant(_) | Self::Default(_) | Self::Template(_))
    }

    fn apply<'a>(
        &'a self,
        draft: Draft<'a>,
        fields: &'a ChatFields,
        region: Option<&str>,
    ) -> Result<Draft<'a>, Problem> {
        match self {
            Self::Trim => draft.each(|text| Ok(trimmed(text))),
            Self::FirstName => draft.each(|text| Ok(split_name(&text).0.into())),
            Self::LastName => draft.each(|text| Ok(split_name(&text).1.into())),
            Self::Join(between) => Ok(Draft { values: filled(draft.values.join(between).into()), ..draft }),
            Self::E164 => draft.each(|text| Ok(phone::e164(&text, region).ok_or(Problem::Transform)?.into())),
            Self::DateFormat(format) => {
                draft.each(|text| Ok(read_date(format, &text).ok_or(Problem::Transform)?.into()))
            }
            Self::Table(table) => {
                draft.each(|text| Ok(look_up(table, &text).ok_or(Problem::Transform)?.into()))
            }
            Self::Constant(text) => Ok(Draft::own(text)),
            Self::Default(text) if draft.values.is_empty() => Ok(Draft::own(text)),
            Self::Default(_) => Ok(draft),
            Self::Template(text) => Ok(fill(text, fields)),
        }
    }
}

impl Default for Draft<'_> {
    fn default() -> Self {
        Self { values: Vec::new(), from: Vec::new(), evidence: Evidence::AgentConfirmed }
    }
}

impl<'a> Draft<'a> {
    /// What a step brings by itself.
    fn own(text: &'a str) -> Self {
        Self { values: filled(text.into()), ..Self::default() }
    }

    /// Notes that a value of `key` is in it.
    fn uses(&mut self, key: ChatFieldKey, evidence: Evidence) {
        self.from.push(key);
        self.evidence = self.evidence.min(evidence);
    }

    /// Changes every value; one that becomes blank is gone.
    fn each(self, change: impl Fn(Cow<'a, str>) -> Result<Cow<'a, str>, Problem>) -> Result<Self, Problem> {
        let values = self.values.into_iter().map(change).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { values: values.into_iter().filter(|text| !text.trim().is_empty()).collect(), ..self })
    }
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => text.trim().into(),
        Cow::Owned(text) => text.trim().to_owned().into(),
    }
}

fn filled(text: Cow<'_, str>) -> Vec<Cow<'_, str>> {
    if text.trim().is_empty() { Vec::new() } else { vec![text] }
}

/// Words that belong to the last name although they stand before it.
const PARTICLES: [&str; 24] = [
    "af", "al", "av", "bin", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "e",
    "el", "la", "le", "ten", "ter", "van", "von", "zu",
];

/// First and last name. "Silva, Ana" is turned round; a single word is a first name.
fn split_name(text: &str) -> (String, String) {
    if let Some((last, first)) = text.split_once(',') {
        return (words(first).join(" "), words(last).join(" "));
    }
    let words = words(text);
    let mut split = words.len().saturating_sub(1);
    while split > 0 && is_particle(words[split - 1], split - 1) {
        split -= 1;
    }
    if words.len() < 2 {
        split = words.len();
    }
    (words[..split].join(" "), words[split..].join(" "))
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// At the beginning only a small letter shows that a word is a particle: "Van" is a first name too.
fn is_particle(word: &str, place: usize) -> bool {
    let lower = word.to_lowercase();
    PARTICLES.contains(&lower.as_str()) && (place > 0 || lower == word)
}

/// The day that `text` names in the `strptime` format `format`, in ISO 8601.
fn read_date(format: &str, text: &str) -> Option<String> {
    Date::strptime(format, text.trim()).ok().map(|day| day.to_string())
}

/// Whether a day written in `format` can be read back from it.
pub(crate) fn is_date_format(format: &str) -> bool {
    let day = jiff::civil::date(2024, 11, 23);
    let written = jiff::fmt::strtime::format(format, day.at(0, 0, 0, 0));
    written.is_ok_and(|text| read_date(format, &text) == Some(day.to_string()))
}

fn look_up<'a>(table: &'a BTreeMap<String, String>, text: &str) -> Option<&'a str> {
    table.get(text.trim()).or_else(|| table.get("*")).map(String::as_str)
}

/// `template` with every `{chat.field}` replaced by its value. When it names chat fields and the chat has none of them, it
/// says nothing: "Order " alone is no order.
fn fill<'a>(template: &str, fields: &ChatFields) -> Draft<'a> {
    let mut text = String::new();
    let mut draft = Draft::default();
    let mut named = false;
    for part in parts(template) {
        match part {
            Part::Text(literal) => text.push_str(literal),
            Part::Field(key) => {
                named = true;
                let key = ChatFieldKey::from(key.trim());
                if let Some(field) = fields.get(&key) {
                    text.push_str(&field.value);
                    draft.uses(key, field.evidence);
                }
            }
            Part::Unclosed(rest) => text.push_str(rest),
        }
    }
    if !named || !draft.from.is_empty() {
        draft.values = filled(text.into());
    }
    draft
}

/// A piece of a template.
pub(crate) enum Part<'a> {
    /// Stands for itself.
    Text(&'a str),
    /// The chat field between braces.
    Field(&'a str),
    /// A brace that nothing closes, with what follows.
    Unclosed(&'a str),
}

/// The pieces of `template`.
pub(crate) fn parts(template: &str) -> Vec<Part<'_>> {
    let mut rest = template;
    let mut parts = Vec::new();
    while let Some(open) = rest.find('{') {
        parts.push(Part::Text(&rest[..open]));
        match rest[open..].find('}') {
            Some(length) => {
                parts.push(Part::Field(&rest[open + 1..open + length]));
                rest = &rest[open + length + 1..];
            }
            None => {
                parts.push(Part::Unclosed(&rest[open..]));
                return parts;
            }
        }
    }
    parts.push(Part::Text(rest));
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{ChatField, Evidence, FieldOrigin};

    fn chat(values: &[(&str, &str)]) -> ChatFields {
        let mut fields = ChatFields::default();
        for (key, value) in values {
            let field = ChatField {
                label: (*key).into(),
                origin: FieldOrigin::PreChat,
                evidence: Evidence::ClientAsserted,
                value: (*value).into(),
            };
            fields.set((*key).into(), field);
        }
        fields
    }

    /// What `steps` make of one value.
    fn run(steps: &[Transform], value: &str) -> Result<Vec<String>, Problem> {
        apply(steps, &["prechat.x".into()], &chat(&[("prechat.x", value)]), Some("BR"))
            .map(|draft| draft.values.into_iter().map(Cow::into_owned).collect())
    }

    fn one(step: Transform, value: &str) -> String {
        run(&[step], value).expect("the step works on it").join("|")
    }

    // MAP-03
    #[test]
    fn map_03_full_names_are_split_with_their_particles() {
        for (full, first, last) in [
            ("Ana Silva", "Ana", "Silva"),
            ("Ana Maria de Souza", "Ana Maria", "de Souza"),
            ("Rosa van der Berg", "Rosa", "van der Berg"),
            ("Rosa Van Der Berg", "Rosa", "Van Der Berg"),
            ("Van Nguyen", "Van", "Nguyen"),
            ("de Souza", "", "de Souza"),
            ("Silva, Ana  Maria", "Ana Maria", "Silva"),
            ("Ana", "Ana", ""),
        ] {
            assert_eq!(
                (one(Transform::FirstName, full), one(Transform::LastName, full)),
                (first.into(), last.into()),
                "{full}"
            );
        }
    }

    // MAP-03
    #[test]
    fn map_03_each_step_does_what_its_name_says() {
        let table = Transform::Table(BTreeMap::from([("gold".into(), "G".into())]));
        let open = Transform::Table(BTreeMap::from([("gold".into(), "G".into()), ("*".into(), "-".into())]));
        assert_eq!(one(Transform::Trim, "  a b "), "a b");
        assert_eq!(one(Transform::E164, "(11) 98765-4321"), "+5511987654321");
        assert_eq!(one(Transform::DateFormat("%d/%m/%Y".into()), "31/12/2024"), "2024-12-31");
        assert_eq!(one(table, " gold "), "G");
        assert_eq!(one(open, "silver"), "-");
        assert_eq!(one(Transform::Constant("Web".into()), "x"), "Web");
        assert_eq!(one(Transform::Default("none".into()), "x"), "x");
        assert_eq!(one(Transform::Default("none".into()), ""), "none");
    }

    // MAP-04
    #[test]
    fn map_04_a_step_that_cannot_work_is_a_problem() {
        for step in [
            Transform::E164,
            Transform::DateFormat("%d/%m/%Y".into()),
            Transform::Table(BTreeMap::from([("gold".into(), "G".into())])),
        ] {
            assert_eq!(run(std::slice::from_ref(&step), "31/02/24"), Err(Problem::Transform), "{step:?}");
            assert_eq!(run(&[step], ""), Ok(vec![]), "nothing is no problem");
        }
    }

    // MAP-03
    #[test]
    fn map_03_steps_run_in_order_and_join_takes_every_field() {
        let fields = chat(&[("prechat.a", " one "), ("prechat.c", "three")]);
        let keys = ["prechat.a".into(), "prechat.b".into(), "prechat.c".into()];
        let steps = [Transform::Trim, Transform::Join(", ".into())];
        let joined = apply(&steps, &keys, &fields, None).expect("works");
        assert_eq!(joined.values, ["one, three"]);
        assert_eq!(joined.from, [keys[0].clone(), keys[2].clone()]);
        let first = apply(&steps[..1], &keys, &fields, None).expect("works");
        assert_eq!(first.values, ["one"]);
        assert_eq!(first.from, [keys[0].clone()]);
    }

    // MAP-03
    #[test]
    fn map_03_templates_are_filled_from_the_chat() {
        let fields = chat(&[("prechat.order", "42"), ("utm.source", "news")]);
        assert_eq!(fill("Order {prechat.order} ({utm.source})", &fields).values, ["Order 42 (news)"]);
        assert_eq!(fill("Order {prechat.order}{prechat.none}", &fields).from, ["prechat.order".into()]);
        assert!(
            fill("Order {prechat.none}", &fields).values.is_empty(),
            "a template without its values says nothing"
        );
        assert_eq!(fill("plain", &fields).values, ["plain"]);
        assert_eq!(fill("a {prechat.order} b {open", &fields).values, ["a 42 b {open"]);
    }

    #[test]
    fn a_value_is_never_read_as_a_template() {
        let fields = chat(&[("prechat.a", "{prechat.b}"), ("prechat.b", "secret")]);
        assert_eq!(fill("{prechat.a}", &fields).values, ["{prechat.b}"]);
    }

    #[test]
    fn date_formats_are_those_that_name_a_day() {
        for format in ["%d/%m/%Y", "%Y-%m-%d %H:%M:%S", "%m-%d-%y", "%e %B %Y"] {
            assert!(is_date_format(format), "{format}");
        }
        for format in ["", "%d/%m", "%Q", "dd.mm.yyyy", "%"] {
            assert!(!is_date_format(format), "{format}");
        }
    }

    proptest! {
        // MAP-04
        #[test]
        fn map_04_splitting_a_name_loses_no_word(name in "[A-Za-z]{1,6}( [A-Za-z]{1,6}){0,4}") {
            let (first, last) = split_name(&name);
            let whole = format!("{first} {last}");
            prop_assert_eq!(whole.trim(), name);
        }

        #[test]
        fn nothing_panics(template in ".*", value in ".*", format in ".{0,8}") {
            fill(&template, &chat(&[("prechat.x", &value)]));
            split_name(&value);
            read_date(&format, &value);
            is_date_format(&format);
        }
    }
}
