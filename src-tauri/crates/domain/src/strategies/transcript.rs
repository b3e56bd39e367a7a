//! The conversation as a text for the CRM.

use jiff::{fmt::strtime, tz::TimeZone};

use super::{Message, Occasion, Speaker};
use crate::{card, text};

/// What ends a line, after carriage returns are gone.
const LINE_ENDS: [char; 3] = ['\n', '\u{2028}', '\u{2029}'];

/// What was written, in the order in which it was, a line for each message with its time (UTC) and author; further lines
/// of one message are set in, so that nobody can write a line that looks like somebody else's. Card numbers are masked.
/// Empty when nothing was written.
pub(super) fn text(occasion: &Occasion<'_>) -> String {
    let mut messages: Vec<_> = occasion.messages.iter().filter(|it| !it.text.trim().is_empty()).collect();
    messages.sort_by_key(|message| message.at);
    messages.into_iter().map(|message| line(occasion, message)).collect::<Vec<_>>().join("\n")
}

fn line(occasion: &Occasion<'_>, message: &Message) -> String {
    let at = message.at.to_zoned(TimeZone::UTC);
    let at = strtime::format("%Y-%m-%d %H:%M:%S", &at).unwrap_or_else(|_| message.at.to_string());
    let author = text::visible(&author(occasion, &message.by)).replace(LINE_ENDS, " ");
    let said = card::mask(&text::visible(message.text.trim())).replace(LINE_ENDS, "\n    ");
    format!("{at} {author}: {said}")
}

fn author(occasion: &Occasion<'_>, speaker: &Speaker) -> String {
    match speaker {
        Speaker::Visitor => occasion.visitor.display_name().to_owned(),
        Speaker::Agent(id) => {
            let known = occasion.agents.iter().find(|agent| &agent.id == id);
            known.map_or_else(|| id.to_string(), |agent| agent.name.clone())
        }
        Speaker::System => "—".to_owned(),
    }
}
