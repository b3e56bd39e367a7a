//! Texts of records, with what the sitting knows filled in.

use super::{Occasion, transcript};
use crate::{
    ChatFieldKey, FieldOrigin,
    transform::{Part, parts},
};

/// A text with words in braces: `JivoChat #{visitor.number} - {name or e-mail or phone}`.
///
/// Between braces stands a word, or several joined by `or`, of which the first that is known counts. Words are `name`,
/// `e-mail`, `phone`, `visitor.number`, `visitor.id`, `start` (when the sitting began, in whole seconds since 1970),
/// `agents`, `visit` (pages and marketing marks), `transcript`, and every chat field, such as `prechat.Order number`.
#[derive(Clone, Copy)]
pub struct Template<'a>(pub &'a str);

/// What stands between braces.
#[derive(Debug, PartialEq, Eq)]
enum Word {
    Field(ChatFieldKey),
    VisitorId,
    Start,
    Agents,
    Visit,
    Transcript,
}

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateProblem<'a> {
    /// Nothing known is called so.
    NoSuchWord(&'a str),
    /// A brace is opened and not closed.
    Unclosed,
}

/// What is taken off the end of a title whose last words are not known.
const SEPARATORS: [char; 6] = [' ', '-', '–', '#', ':', '|'];

impl<'a> Template<'a> {
    /// Everything that is wrong with it.
    pub fn problems(self) -> Vec<TemplateProblem<'a>> {
        let problem = |part| match part {
            Part::Field(words) => {
                let unknown = alternatives(words).into_iter().find(|word| Word::parse(word).is_none());
                unknown.map(TemplateProblem::NoSuchWord)
            }
            Part::Unclosed(_) => Some(TemplateProblem::Unclosed),
            Part::Text(_) => None,
        };
        parts(self.0).into_iter().filter_map(problem).collect()
    }

    /// The text for `occasion`. `None` when it says nothing: it is blank, or it names words and none of them is known.
    pub fn fill(self, occasion: &Occasion<'_>) -> Option<String> {
        let (text, named, known) = self.filled(occasion);
        (!text.trim().is_empty() && (known || !named)).then_some(text)
    }

    /// The text as one line, without the separator that stands before a word that is not known.
    pub fn title(self, occasion: &Occasion<'_>) -> String {
        let (text, ..) = self.filled(occasion);
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        line.trim_end_matches(SEPARATORS).to_owned()
    }

    /// The text, whether it names words, and whether any of them is known.
    fn filled(self, occasion: &Occasion<'_>) -> (String, bool, bool) {
        let (mut text, mut named, mut known) = (String::new(), false, false);
        for part in parts(self.0) {
            match part {
                Part::Text(literal) | Part::Unclosed(literal) => text.push_str(literal),
                Part::Field(words) => {
                    let words = alternatives(words).into_iter().filter_map(Word::parse);
                    let value = words.filter_map(|word| word.value(occasion)).next();
                    named = true;
                    known |= value.is_some();
                    text.push_str(&value.unwrap_or_default());
                }
            }
        }
        (text, named, known)
    }
}

/// The words of `{a or b}`. A chat field may have ` or ` in its own name.
fn alternatives(words: &str) -> Vec<&str> {
    let words = words.trim();
    match ChatFieldKey::from(words).origin() {
        Some(_) if !words.split(" or ").skip(1).any(|word| Word::parse(word.trim()).is_some()) => vec![words],
        _ => words.split(" or ").map(str::trim).collect(),
    }
}

impl Word {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "name" => Self::Field(ChatFieldKey::name()),
            "e-mail" => Self::Field(ChatFieldKey::email()),
            "phone" => Self::Field(ChatFieldKey::phone()),
            "visitor.number" => Self::Field(ChatFieldKey::new(FieldOrigin::System, "number")),
            "visitor.id" => Self::VisitorId,
            "start" => Self::Start,
            "agents" => Self::Agents,
            "visit" => Self::Visit,
            "transcript" => Self::Transcript,
            other => {
                let key = ChatFieldKey::from(other);
                key.origin()?;
                Self::Field(key)
            }
        })
    }

    fn value(&self, occasion: &Occasion<'_>) -> Option<String> {
        let text = match self {
            Self::Field(key) => occasion.visitor.fields.value(key).unwrap_or_default().to_owned(),
            Self::VisitorId => occasion.visitor.id.to_string(),
            Self::Start => occasion.started_at.as_second().to_string(),
            Self::Agents => occasion.agents.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", "),
            Self::Visit => visit(occasion),
            Self::Transcript => transcript::text(occasion),
        };
        (!text.trim().is_empty()).then_some(text)
    }
}

/// Where the visitor came from, a line for each thing that is known.
fn visit(occasion: &Occasion<'_>) -> String {
    let fields = occasion.visitor.fields.iter();
    let marks = fields.filter(|(_, field)| matches!(field.origin, FieldOrigin::Page | FieldOrigin::Utm));
    marks.map(|(_, field)| format!("{}: {}", field.label, field.value)).collect::<Vec<_>>().join("\n")
}
