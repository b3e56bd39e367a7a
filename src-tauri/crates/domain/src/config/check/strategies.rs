//! What cannot be right in strategies.

use std::collections::{BTreeMap, BTreeSet};

use super::{Checker, Path};
use crate::{
    FieldKey, email,
    mapping::MappingRow,
    strategies::{
        Acts, FurtherRecord, Make, OnTrigger, RecordSettings, Strategies, Template, TemplateProblem, Trigger,
        Wins,
    },
};

impl Checker<'_> {
    pub(super) fn strategies(&mut self, path: &Path, strategies: &Strategies, mapping: &[MappingRow]) {
        for trigger in Trigger::ALL {
            self.on_trigger(&path.key(trigger.name()), strategies.on(trigger));
        }
        self.second_fields(&path.key("wins"), &strategies.wins, mapping);
    }

    fn on_trigger(&mut self, path: &Path, on: &OnTrigger) {
        if on.acts == Acts::AfterTheAgentsWord(0) {
            self.say(path.key("acts"), "the agent needs at least one minute");
        }
        let mut names = BTreeSet::new();
        for (index, record) in on.records.iter().enumerate() {
            let path = path.key("records").index(index);
            let name = record.name.trim();
            self.not_blank(path.key("name"), name);
            if !names.insert(name) {
                self.say(path.key("name"), format!("another record is called `{name}` already"));
            }
            self.further(&path.key("make"), record);
        }
    }

    fn further(&mut self, path: &Path, record: &FurtherRecord) {
        match &record.make {
            Make::Tag(tag) => self.not_blank(path.key("tag"), tag),
            Make::Event { kind, description, details } => {
                let path = path.key("event");
                self.not_blank(path.key("kind"), kind);
                self.words(path.key("description"), description);
                for (index, detail) in details.iter().enumerate() {
                    self.words(path.key("details").index(index), detail);
                }
            }
            Make::Record(record) => self.own_record(&path.key("record"), record),
            Make::Mail { to, subject, text } => {
                let path = path.key("mail");
                if email::normal(to).is_none() {
                    self.say(path.key("to"), format!("`{to}` is no e-mail address"));
                }
                self.not_blank(path.key("subject"), subject);
                self.words(path.key("subject"), subject);
                self.words(path.key("text"), text);
            }
        }
    }

    fn own_record(&mut self, path: &Path, record: &RecordSettings) {
        self.not_blank(path.key("title"), &record.title);
        self.words(path.key("title"), &record.title);
        self.words(path.key("text"), &record.text);
        self.mapping(&path.key("mapping"), &record.mapping);
    }

    fn words(&mut self, path: Path, template: &str) {
        for problem in Template(template).problems() {
            let message = match problem {
                TemplateProblem::NoSuchWord(word) => format!(
                    "`{word}` is no word; there are `name`, `e-mail`, `phone`, `visitor.number`, `visitor.id`, `start`, \
                     `agents`, `visit`, `transcript` and chat fields such as `prechat.Order number`"
                ),
                TemplateProblem::Unclosed => "a brace is opened and not closed".to_owned(),
            };
            self.say(path.clone(), message);
        }
    }

    /// A field for second values has one field whose second values it holds, and no values of its own.
    fn second_fields(&mut self, path: &Path, wins: &BTreeMap<FieldKey, Wins>, mapping: &[MappingRow]) {
        let mut seen: BTreeMap<&FieldKey, &FieldKey> = BTreeMap::new();
        for (field, wins) in wins {
            let Wins::Both(second) = wins else { continue };
            let path = path.key(field.as_str()).key("both");
            self.not_blank(path.clone(), second.as_str());
            if second == field {
                self.say(path.clone(), "a second value needs a field of its own");
            } else if mapping.iter().any(|row| &row.crm_field == second && row.is_fed()) {
                self.say(path.clone(), format!("`{second}` is filled from the chat itself"));
            }
            if let Some(first) = seen.insert(second, field) {
                self.say(path, format!("`{second}` holds the second value of `{first}` already"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{check, defaults, load, write};

    /// What is said of strategies like these.
    fn said(strategies: &str) -> Vec<String> {
        let text = format!("[[lookups]]\nconnection = \"sample-crm\"\n[lookups.strategies]\n{strategies}\n");
        let mut document = defaults::sample();
        document.live_chat = toml::from_str(&text).expect("the test's own text is TOML");
        let at = "live_chat.lookups[0].strategies";
        let found = check(&document).into_iter().map(|it| it.to_string());
        found.map(|it| it.strip_prefix(at).unwrap_or(&it).to_owned()).collect()
    }

    #[test]
    fn every_default_is_right() {
        for (chat, crm) in [
            ("livechat", "salesmanago"),
            ("jivochat", "tryton"),
            ("comm100", "optimove"),
            ("segment", "tryton"),
        ] {
            let mut document = defaults::sample();
            let strategies = defaults::strategies(chat, crm);
            document.live_chat.lookups[0].strategies = Some(Box::new(strategies));
            assert_eq!(check(&document), [], "{chat} {crm}");
            let text = write(&document);
            let loaded = load(Some(("f", &text)), None);
            assert_eq!(loaded.map(|it| it.document), Ok(document), "{text}");
        }
    }

    #[test]
    fn records_have_names_of_their_own_and_texts_whose_words_are_known() {
        let text = r#"
            chat_start = { update = "nothing", records = [{ name = "a", make.tag = "CHAT" }] }
            [lookups.strategies.chat_end]
            update = "fill_empty"
            acts = { after_the_agents_word = 0 }
            [[lookups.strategies.chat_end.records]]
            name = "a"
            make.tag = " "
            [[lookups.strategies.chat_end.records]]
            name = " a"
            make.event = { kind = "", description = "{nam}", details = ["customer", "{"] }
            [[lookups.strategies.chat_end.records]]
            name = ""
            make.record = { kind = "lead", title = "", text = "{e-mail or x}", mapping = [{ crm_field = "a" }, { crm_field = "a" }] }
            [[lookups.strategies.chat_end.records]]
            name = "b"
            make.mail = { to = "desk", subject = "", text = "{name" }
        "#;
        let places: Vec<_> =
            said(text).iter().map(|it| it.split(": ").next().unwrap_or_default().to_owned()).collect();
        let wanted = [
            "acts",
            "records[0].make.tag",
            "records[1].name",
            "records[1].make.event.kind",
            "records[1].make.event.description",
            "records[1].make.event.details[1]",
            "records[2].name",
            "records[2].make.record.title",
            "records[2].make.record.text",
            "records[2].make.record.mapping[1].crm_field",
            "records[3].make.mail.to",
            "records[3].make.mail.subject",
            "records[3].make.mail.text",
        ];
        assert_eq!(places, wanted.map(|it| format!(".chat_end.{it}")));
    }

    // STR-09
    #[test]
    fn str_09_a_field_for_second_values_has_no_other_use() {
        let said = |wins: &str| {
            said(&format!(
                "{wins}\n[[lookups.mapping]]\ncrm_field = \"mail\"\nchat_fields = [\"system.email\"]\n[[lookups.mapping]]\ncrm_field = \"shown\"\n"
            ))
        };
        assert_eq!(said("wins = { mail = { both = \"shown\" }, name = \"crm\" }"), [""; 0]);
        assert_eq!(
            said("wins = { name = { both = \"mail\" } }"),
            [".wins.name.both: `mail` is filled from the chat itself"]
        );
        assert_eq!(
            said("wins = { mail = { both = \"mail\" } }"),
            [".wins.mail.both: a second value needs a field of its own"]
        );
        assert_eq!(said("wins = { mail = { both = \"\" } }"), [".wins.mail.both: must not be blank"]);
        assert_eq!(
            said("wins = { a = { both = \"c\" }, b = { both = \"c\" } }"),
            [".wins.b.both: `c` holds the second value of `a` already"]
        );
    }
}
