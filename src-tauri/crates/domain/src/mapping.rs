//! Field mapping: which chat value belongs in which CRM field, and what the agent sees.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ChatFieldKey, ChatFields, Evidence, FieldKey, Schema, Value, text, transform::Transform};

mod apply;
mod drift;
mod fit;

pub use apply::map;
pub use drift::{Broken, Drift, drift};
pub use fit::{check, parse};

/// One line of the mapping table. The order of the lines is the order on screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MappingRow {
    /// The CRM field.
    pub crm_field: FieldKey,
    /// Where its value comes from; the first that is not empty counts, unless a step joins them.
    #[serde(default)]
    pub chat_fields: Vec<ChatFieldKey>,
    /// What the agent reads in place of the CRM's label.
    #[serde(default)]
    pub label: Option<String>,
    /// Whether the agent sees it. A field that is not shown never leaves the engine.
    #[serde(default = "yes")]
    pub show: bool,
    /// What happens to the value on its way.
    #[serde(default)]
    pub transforms: Vec<Transform>,
    /// When it is written.
    #[serde(default)]
    pub writes: Writes,
    /// Whether it takes part in searching by hand.
    #[serde(default)]
    pub finds: Finds,
    /// Whether it stays masked until a weak match is confirmed.
    #[serde(default)]
    pub sensitive: bool,
}

fn yes() -> bool {
    true
}

impl MappingRow {
    /// A line that shows `crm_field` and takes no value from the chat.
    pub fn shown(crm_field: impl Into<FieldKey>) -> Self {
        Self {
            crm_field: crm_field.into(),
            chat_fields: Vec::new(),
            label: None,
            show: true,
            transforms: Vec::new(),
            writes: Writes::Both,
            finds: Finds::No,
            sensitive: false,
        }
    }

    /// The same line, fed from `chat_field`.
    pub fn from_chat(mut self, chat_field: impl Into<ChatFieldKey>) -> Self {
        self.chat_fields.push(chat_field.into());
        self
    }

    /// The same line, with these steps.
    pub fn through(mut self, transforms: impl IntoIterator<Item = Transform>) -> Self {
        self.transforms.extend(transforms);
        self
    }

    /// The same line, written then.
    pub fn written(mut self, writes: Writes) -> Self {
        self.writes = writes;
        self
    }

    /// The same line, taking part in searching by hand.
    pub fn found(mut self, finds: Finds) -> Self {
        self.finds = finds;
        self
    }

    /// Whether it takes a value from anywhere.
    pub fn is_fed(&self) -> bool {
        !self.chat_fields.is_empty() || self.transforms.iter().any(Transform::is_source)
    }

    /// What the agent reads: the line's own label, else the CRM's, else the field's name.
    pub fn label_in<'a>(&'a self, schema: &'a Schema) -> &'a str {
        let own = self.label.as_deref().filter(|label| !label.trim().is_empty());
        own.or_else(|| schema.field(&self.crm_field).map(|field| field.label.as_str()))
            .unwrap_or(self.crm_field.as_str())
    }
}

/// When a line is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Writes {
    /// When a record is created.
    OnCreate,
    /// When a record is changed.
    OnUpdate,
    /// Both.
    #[default]
    Both,
    /// Neither.
    Never,
}

impl Writes {
    /// Whether a new record gets the value.
    pub fn on_create(self) -> bool {
        matches!(self, Self::OnCreate | Self::Both)
    }

    /// Whether an existing record gets the value.
    pub fn on_update(self) -> bool {
        matches!(self, Self::OnUpdate | Self::Both)
    }
}

/// Whether a line takes part in searching.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Finds {
    /// Not at all.
    #[default]
    No,
    /// By the whole value.
    Exact,
    /// By a part of it.
    Contains,
}

impl Finds {
    /// Whether a record whose field holds `value` is found by `typed`, without regard to letter case. A CRM's own answer
    /// is checked with this again.
    pub fn holds(self, typed: &str, value: &Value) -> bool {
        let (typed, held) = (text::caseless(typed), text::caseless(&value.as_text()));
        match self {
            Self::No => false,
            _ if typed.is_empty() => false,
            Self::Exact => held == typed,
            Self::Contains => held.contains(&typed),
        }
    }
}

/// A chat field that the agent sees although no CRM field is mapped to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShownChatField {
    /// The chat field.
    pub chat_field: ChatFieldKey,
    /// What the agent reads in place of the platform's label.
    #[serde(default)]
    pub label: Option<String>,
}

/// What the agent sees of a chat field that has no CRM field: its name, a label and the value.
#[derive(Clone, PartialEq, Eq)]
pub struct Shown<'a> {
    /// The chat field.
    pub chat_field: &'a ChatFieldKey,
    /// The configured label, else the platform's.
    pub label: &'a str,
    /// The value.
    pub value: &'a str,
}

/// The chat fields of `list` that the chat knows, in the order of the list.
pub fn shown<'a>(list: &'a [ShownChatField], fields: &'a ChatFields) -> Vec<Shown<'a>> {
    let entry = |it: &'a ShownChatField| {
        let field = fields.get(&it.chat_field)?;
        let own = it.label.as_deref().filter(|label| !label.trim().is_empty());
        Some(Shown { chat_field: &it.chat_field, label: own.unwrap_or(&field.label), value: &field.value })
    };
    list.iter().filter_map(entry).collect()
}

/// What one line comes to for one visitor.
#[derive(Clone, PartialEq, Eq)]
pub struct Mapped {
    /// The CRM field.
    pub field: FieldKey,
    /// The typed value, `Value::Empty` when the chat says nothing, or why there is none.
    pub value: Result<Value, Problem>,
    /// The chat fields that were used.
    pub from: Vec<ChatFieldKey>,
    /// The strength of the weakest value used; `AgentConfirmed` when none was (a constant, say).
    pub evidence: Evidence,
}

impl std::fmt::Debug for Mapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mapped").field("field", &self.field).finish_non_exhaustive()
    }
}

/// Why a value does not fit its field. Nothing is cut or bent to fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum Problem {
    /// It is not what the field's type asks for.
    WrongType,
    /// It is longer than the field.
    TooLong {
        /// What the field holds, in characters.
        max: u32,
        /// What the value has.
        length: u32,
    },
    /// It is none of the picklist's values.
    NotAnOption,
    /// The CRM has no such field.
    UnknownField,
    /// The CRM does not let it be written.
    ReadOnly,
    /// The field must not be left empty.
    Required,
    /// A step could not work on it: no phone number, no such date, not in the table.
    Transform,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ChatField, Field, FieldOrigin, ObjectKind};

    // MAP-07
    #[test]
    fn map_07_chat_fields_without_a_crm_field_are_shown_with_a_label() {
        let mut fields = ChatFields::default();
        let field = ChatField {
            label: "Order number".into(),
            origin: FieldOrigin::PreChat,
            evidence: Evidence::ClientAsserted,
            value: "42".into(),
        };
        fields.set("prechat.Order number".into(), field);
        let entry = |key: &str, label: Option<&str>| ShownChatField {
            chat_field: key.into(),
            label: label.map(Into::into),
        };
        let list = [
            entry("prechat.Order number", Some("Order")),
            entry("prechat.none", None),
            entry("prechat.Order number", None),
        ];
        let seen: Vec<_> = shown(&list, &fields).iter().map(|it| (it.label, it.value)).collect();
        assert_eq!(seen, [("Order", "42"), ("Order number", "42")]);
    }

    // MAP-01
    #[test]
    fn map_01_a_label_of_its_own_goes_before_the_crms() {
        let schema = Schema { object: ObjectKind::Contact, fields: vec![Field::text("email", "E-mail")] };
        let row = MappingRow::shown("email");
        assert_eq!(row.label_in(&schema), "E-mail");
        assert_eq!(
            MappingRow { label: Some("Private e-mail".into()), ..row }.label_in(&schema),
            "Private e-mail"
        );
        assert_eq!(MappingRow::shown("gone").label_in(&schema), "gone");
    }

    // MAP-01
    #[test]
    fn map_01_a_line_is_fed_by_a_chat_field_or_by_a_step_that_brings_a_value() {
        let line = || MappingRow::shown("f");
        assert!(!line().is_fed());
        assert!(line().from_chat("prechat.x").is_fed());
        for (step, brings) in [
            (Transform::Constant("x".into()), true),
            (Transform::Default("x".into()), true),
            (Transform::Template("x".into()), true),
            (Transform::Trim, false),
            (Transform::Join(" ".into()), false),
        ] {
            assert_eq!(line().through([step.clone()]).is_fed(), brings, "{step:?}");
        }
    }

    // MAP-08
    #[test]
    fn map_08_a_line_says_when_it_writes() {
        let all = [Writes::OnCreate, Writes::OnUpdate, Writes::Both, Writes::Never];
        assert_eq!(all.map(Writes::on_create), [true, false, true, false]);
        assert_eq!(all.map(Writes::on_update), [false, true, true, false]);
    }

    // MAP-08
    #[test]
    fn map_08_a_line_says_how_it_takes_part_in_finding() {
        let value = Value::from("Ana Silva");
        let all = [Finds::No, Finds::Exact, Finds::Contains];
        assert_eq!(all.map(|finds| finds.holds("ana silva", &value)), [false, true, true]);
        assert_eq!(all.map(|finds| finds.holds("silv", &value)), [false, false, true]);
        assert_eq!(all.map(|finds| finds.holds("bo", &value)), [false; 3]);
        assert_eq!(all.map(|finds| finds.holds(" ", &value)), [false; 3], "nothing typed finds nobody");
    }
}
