//! What single values cannot tell: names that point nowhere, rules that could match anybody, settings of steps.

use std::{collections::BTreeSet, ops::RangeInclusive};

use url::Url;

use super::{
    Channel, ChannelCrm, ChatProduct, CrmProduct, Document, LivechatConfig, OauthClient, OptimoveConfig,
    SalesmanagoConfig,
    diagnostic::{Finding, Path, is_bare},
};
use crate::{
    ChannelName, ChatFieldKey, email,
    mapping::MappingRow,
    phone,
    rules::{NeverMatch, Rule},
    transform::{Part, Transform, is_date_format, parts},
};

mod strategies;

/// For how many hours an ended chat may stay reachable: up to a week.
const RECENT_HOURS: RangeInclusive<u32> = 1..=168;

/// For how many hours missed chats may count: none, up to the week that archives are read back.
const CATCH_UP_HOURS: RangeInclusive<u32> = 0..=168;

/// Everything that is wrong with `document` as a whole.
pub fn check(document: &Document) -> Vec<Finding> {
    let mut checker = Checker { document, found: Vec::new() };
    checker.connections();
    for name in ChannelName::ALL {
        checker.channel(&Path::root().key(name.as_str()), document.channel(name));
    }
    checker.found
}

struct Checker<'a> {
    document: &'a Document,
    found: Vec<Finding>,
}

impl Checker<'_> {
    fn say(&mut self, path: Path, message: impl Into<String>) {
        self.found.push(Finding::new(path, message));
    }

    fn not_blank(&mut self, path: Path, text: &str) {
        if text.trim().is_empty() {
            self.say(path, "must not be blank");
        }
    }

    fn connections(&mut self) {
        let document = self.document;
        for (id, connection) in &document.crm {
            let path = Path::root().key("crm").key(id);
            self.connection(&path, id, &connection.name);
            match &connection.product {
                CrmProduct::Sample {} => {}
                CrmProduct::Tryton(tryton) => {
                    let path = path.key("product").key("tryton");
                    self.address(path.key("address"), &tryton.address);
                    self.not_blank(path.key("database"), &tryton.database);
                    self.not_blank(path.key("login"), &tryton.login);
                }
                CrmProduct::Optimove(optimove) => {
                    self.optimove(&path.key("product").key("optimove"), optimove);
                }
                CrmProduct::Salesmanago(salesmanago) => {
                    self.salesmanago(&path.key("product").key("salesmanago"), salesmanago);
                }
            }
        }
        for (id, connection) in &document.chat {
            let path = Path::root().key("chat").key(id);
            self.connection(&path, id, &connection.name);
            if document.crm.contains_key(id) {
                self.say(
                    path.clone(),
                    "a CRM connection has this id too; secrets are kept by id, so each needs its own",
                );
            }
            if let ChatProduct::Livechat(livechat) = &connection.product {
                self.livechat(&path.key("product").key("livechat"), livechat);
            }
        }
    }

    fn connection(&mut self, path: &Path, id: &str, name: &str) {
        if !is_bare(id) || id.len() > 64 {
            self.say(path.clone(), "an id is made of up to 64 letters, digits, hyphens and underscores");
        }
        self.not_blank(path.key("name"), name);
    }

    fn livechat(&mut self, path: &Path, config: &LivechatConfig) {
        self.address(path.key("api"), &config.api);
        self.address(path.key("accounts"), &config.accounts);
        match &config.companion_page {
            Some(page) => self.address(path.key("companion_page"), page),
            None if config.companion_loopback => {
                self.say(path.key("companion_page"), "is needed with `companion_loopback`");
            }
            None => {}
        }
        match &config.oauth {
            Some(client) => self.oauth(&path.key("oauth"), client),
            None => {
                self.not_blank(path.key("account_id"), &config.account_id);
                self.not_blank(path.key("organization_id"), &config.organization_id);
            }
        }
    }

    fn oauth(&mut self, path: &Path, client: &OauthClient) {
        self.not_blank(path.key("client_id"), &client.client_id);
        let ports: BTreeSet<_> = client.redirect_ports.iter().collect();
        if ports.len() < client.redirect_ports.len() || ports.iter().any(|port| **port < 1024) {
            self.say(path.key("redirect_ports"), "are three different ports from 1024 on");
        }
    }

    fn optimove(&mut self, path: &Path, config: &OptimoveConfig) {
        self.address(path.key("address"), &config.address);
        for (key, address) in [("web_app", &config.web_app), ("callback", &config.callback)] {
            if let Some(address) = address {
                self.address(path.key(key), address);
            }
        }
        self.record_url(path.key("record_url"), config.record_url.as_deref(), "the Customer ID");
        let prefix = &config.path_prefix;
        if !prefix.is_empty() && (!prefix.starts_with('/') || prefix.contains(['?', '#', '%', ' '])) {
            self.say(path.key("path_prefix"), "is empty or a path, such as `/current`");
        }
        if config.desks == 0 {
            self.say(path.key("desks"), "must be at least 1");
        }
        if !is_date_format(&config.date_format) {
            self.say(path.key("date_format"), format!("`{}` names no day", config.date_format));
        }
    }

    fn salesmanago(&mut self, path: &Path, config: &SalesmanagoConfig) {
        self.address(path.key("address"), &config.address);
        self.not_blank(path.key("client_id"), &config.client_id);
        if email::normal(&config.owner).is_none() {
            self.say(path.key("owner"), "must be the e-mail address of a user of SALESmanago");
        }
        self.record_url(path.key("record_url"), config.record_url.as_deref(), "the contact's id");
    }

    /// The address of a record's page, with a place for what `stands` in it.
    fn record_url(&mut self, path: Path, template: Option<&str>, stands: &str) {
        let Some(template) = template else { return };
        match Url::parse(template) {
            Ok(url) if template.contains("{id}") => self.address(path, &url),
            Ok(_) => self.say(path, format!("must hold {{id}} where {stands} stands")),
            Err(_) => self.say(path, "must begin with https:// or http://"),
        }
    }

    fn address(&mut self, path: Path, address: &Url) {
        if !matches!(address.scheme(), "http" | "https") {
            self.say(path, "must begin with https:// or http://");
        } else if !address.username().is_empty() || address.password().is_some() {
            self.say(path, "must not hold a user name or password; those go into the keyring");
        }
    }

    fn channel(&mut self, path: &Path, channel: &Channel) {
        if let Some(region) = channel.region.as_deref().filter(|it| !phone::is_region(it)) {
            self.say(
                path.key("region"),
                format!("`{region}` is no country; two capital letters are meant, such as `BR`"),
            );
        }
        if !RECENT_HOURS.contains(&channel.recent_hours) {
            self.say(
                path.key("recent_hours"),
                format!("from 1 to 168 hours are meant, not {}", channel.recent_hours),
            );
        }
        if !CATCH_UP_HOURS.contains(&channel.catch_up_hours) {
            self.say(
                path.key("catch_up_hours"),
                format!("from 0 to 168 hours are meant, not {}", channel.catch_up_hours),
            );
        }
        self.never_match(&path.key("never_match"), &channel.never_match, channel.region.as_deref());
        let mut seen = BTreeSet::new();
        for (index, shown) in channel.shown.iter().enumerate() {
            let path = path.key("shown").index(index).key("chat_field");
            self.chat_field(path.clone(), &shown.chat_field);
            if !seen.insert(&shown.chat_field) {
                self.say(path, format!("`{}` is shown already", shown.chat_field));
            }
        }
        let mut seen = BTreeSet::new();
        for (index, lookup) in channel.lookups.iter().enumerate() {
            let path = path.key("lookups").index(index);
            if !seen.insert(&lookup.connection) {
                self.say(path.key("connection"), format!("`{}` is looked in already", lookup.connection));
            }
            self.lookup(&path, lookup);
        }
    }

    fn never_match(&mut self, path: &Path, list: &NeverMatch, region: Option<&str>) {
        for (index, text) in list.emails.iter().enumerate().filter(|(_, it)| email::normal(it).is_none()) {
            self.say(path.key("emails").index(index), format!("`{text}` is no e-mail address"));
        }
        for (index, text) in
            list.domains.iter().enumerate().filter(|(_, it)| email::domain_name(it).is_none())
        {
            self.say(path.key("domains").index(index), format!("`{text}` is no domain"));
        }
        for (index, text) in list.phones.iter().enumerate().filter(|(_, it)| !phone::is_number(it, region)) {
            let hint = if region.is_none() {
                "; without a region it must begin with + and the country code"
            } else {
                ""
            };
            self.say(path.key("phones").index(index), format!("`{text}` is no complete phone number{hint}"));
        }
    }

    fn lookup(&mut self, path: &Path, lookup: &ChannelCrm) {
        if !self.document.crm.contains_key(lookup.connection.as_str()) {
            let message = format!("there is no CRM connection `{}`", lookup.connection);
            self.say(path.key("connection"), message);
        }
        let mut names = BTreeSet::new();
        for (index, rule) in lookup.rules.iter().flatten().enumerate() {
            let path = path.key("rules").index(index);
            if !names.insert(rule.name.trim()) {
                self.say(path.key("name"), format!("another rule is called `{}` already", rule.name.trim()));
            }
            self.rule(&path, rule);
        }
        let mapping = lookup.mapping.as_deref().unwrap_or_default();
        self.mapping(&path.key("mapping"), mapping);
        if let Some(strategies) = &lookup.strategies {
            self.strategies(&path.key("strategies"), strategies, mapping);
        }
    }

    fn mapping(&mut self, path: &Path, mapping: &[MappingRow]) {
        let mut fields = BTreeSet::new();
        for (index, row) in mapping.iter().enumerate() {
            let path = path.index(index);
            if !fields.insert(&row.crm_field) {
                self.say(path.key("crm_field"), format!("`{}` is mapped already", row.crm_field));
            }
            self.row(&path, row);
        }
    }

    fn rule(&mut self, path: &Path, rule: &Rule) {
        self.not_blank(path.key("name"), &rule.name);
        if rule.pairs.is_empty() {
            self.say(path.key("pairs"), "a rule needs at least one pair, or it would match anybody");
        }
        for (index, pair) in rule.pairs.iter().enumerate() {
            let path = path.key("pairs").index(index);
            self.chat_field(path.key("chat_field"), &pair.chat_field);
            self.not_blank(path.key("crm_field"), pair.crm_field.as_str());
        }
    }

    fn row(&mut self, path: &Path, row: &MappingRow) {
        self.not_blank(path.key("crm_field"), row.crm_field.as_str());
        for (index, key) in row.chat_fields.iter().enumerate() {
            self.chat_field(path.key("chat_fields").index(index), key);
        }
        for (index, step) in row.transforms.iter().enumerate() {
            self.step(path.key("transforms").index(index), step);
        }
    }

    fn step(&mut self, path: Path, step: &Transform) {
        match step {
            Transform::DateFormat(format) if !is_date_format(format) => {
                self.say(path, format!("`{format}` names no day; `%d.%m.%Y` would read 31.12.2024"));
            }
            Transform::Table(table) if table.is_empty() => self.say(path, "the table has no entries"),
            Transform::Template(text) => self.template(&path, text),
            _ => {}
        }
    }

    fn template(&mut self, path: &Path, text: &str) {
        for part in parts(text) {
            match part {
                Part::Field(key) => self.chat_field(path.clone(), &ChatFieldKey::from(key.trim())),
                Part::Unclosed(_) => self.say(path.clone(), "a brace is opened and not closed"),
                Part::Text(_) => {}
            }
        }
    }

    fn chat_field(&mut self, path: Path, key: &ChatFieldKey) {
        if key.origin().is_none() {
            let message = format!(
                "`{key}` is no chat field; they are written like `system.email` or `prechat.Order number`"
            );
            self.say(path, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::defaults;

    /// What is said of a channel with this in it, next to the sample connections.
    fn said(live_chat: &str) -> Vec<String> {
        let text = format!("{live_chat}\n");
        let mut document = defaults::sample();
        document.live_chat = toml::from_str(&text).expect("the test's own text is TOML");
        check(&document).iter().map(Finding::to_string).collect()
    }

    fn only(live_chat: &str) -> String {
        let found = said(live_chat);
        assert_eq!(found.len(), 1, "{found:#?}");
        found.into_iter().next().unwrap_or_default()
    }

    #[test]
    fn the_built_in_documents_are_right() {
        for document in [Document::default(), defaults::sample(), defaults::sample_in_full()] {
            assert_eq!(check(&document), []);
        }
    }

    // IDN-01
    #[test]
    fn idn_01_a_rule_without_pairs_is_refused() {
        let text = "[[lookups]]\nconnection = \"sample-crm\"\nrules = [{ name = \"r\", pairs = [] }]";
        assert_eq!(
            only(text),
            "live_chat.lookups[0].rules[0].pairs: a rule needs at least one pair, or it would match anybody"
        );
    }

    #[test]
    fn names_that_point_nowhere_or_stand_twice_are_said() {
        assert_eq!(
            only("[[lookups]]\nconnection = \"crm\""),
            "live_chat.lookups[0].connection: there is no CRM connection `crm`"
        );
        let pair = "pairs = [{ chat_field = \"system.email\", crm_field = \"email\" }]";
        let text = format!(
            "[[lookups]]\nconnection = \"sample-crm\"\nrules = [{{ name = \"r\", {pair} }}, {{ name = \" r\", {pair} }}]\nmapping = [{{ crm_field = \"a\" }}, {{ crm_field = \"b\" }}, {{ crm_field = \"a\" }}]\n[[lookups]]\nconnection = \"sample-crm\""
        );
        assert_eq!(
            said(&text),
            [
                "live_chat.lookups[0].rules[1].name: another rule is called `r` already",
                "live_chat.lookups[0].mapping[2].crm_field: `a` is mapped already",
                "live_chat.lookups[1].connection: `sample-crm` is looked in already",
            ]
        );
        assert_eq!(
            only("shown = [{ chat_field = \"page.url\" }, { chat_field = \"page.url\" }]"),
            "live_chat.shown[1].chat_field: `page.url` is shown already"
        );
    }

    // STR-02, STR-13, STR-18
    #[test]
    fn str_02_creation_trial_and_when_edits_are_sent_are_settings_of_a_channel() {
        let text =
            "no_match = \"create_automatically\"\ntrial = true\n[[lookups]]\nconnection = \"sample-crm\"\n";
        for edits in ["at_once", "at_chat_end", "not_at_all"] {
            assert_eq!(said(&format!("{text}edits = \"{edits}\"")), [""; 0], "{edits}");
        }
        let lookup = &Document { live_chat: toml::from_str(text).expect("it is TOML"), ..defaults::sample() }
            .live_chat
            .lookups[0];
        assert_eq!(lookup.edits, crate::config::Edits::AtOnce, "where nothing is said");
    }

    // LC-12
    #[test]
    fn lc_12_missed_chats_count_for_a_day_unless_it_is_said_otherwise_and_for_a_week_at_most() {
        let found = only("catch_up_hours = 169");
        assert_eq!(found, "live_chat.catch_up_hours: from 0 to 168 hours are meant, not 169");
        assert_eq!(said("catch_up_hours = 0"), Vec::<String>::new());
        assert_eq!(Document::default().live_chat.catch_up_hours, 24);
    }

    // PAN-25
    #[test]
    fn pan_25_ended_chats_stay_reachable_for_an_hour_to_a_week() {
        for hours in [0, 169] {
            let found = only(&format!("recent_hours = {hours}"));
            assert_eq!(found, format!("live_chat.recent_hours: from 1 to 168 hours are meant, not {hours}"));
        }
        assert_eq!(said("recent_hours = 168"), Vec::<String>::new());
    }

    #[test]
    fn regions_and_chat_fields_must_exist() {
        for region in ["ZZ", "br", "Brazil", ""] {
            assert!(only(&format!("region = {region:?}")).starts_with("live_chat.region: "), "{region}");
        }
        assert!(
            only("shown = [{ chat_field = \"email\" }]")
                .starts_with("live_chat.shown[0].chat_field: `email` is no chat field")
        );
    }

    // MAP-03
    #[test]
    fn map_03_steps_with_useless_settings_are_said() {
        for step in [
            "{ date_format = \"dd.mm\" }",
            "{ table = {} }",
            "{ template = \"{order}\" }",
            "{ template = \"a {prechat.x\" }",
        ] {
            let text = format!(
                "[[lookups]]\nconnection = \"sample-crm\"\nmapping = [{{ crm_field = \"a\", transforms = [\"trim\", {step}] }}]"
            );
            assert!(only(&text).starts_with("live_chat.lookups[0].mapping[0].transforms[1]: "), "{step}");
        }
        let fine = "[[lookups]]\nconnection = \"sample-crm\"\nmapping = [{ crm_field = \"a\", transforms = [{ date_format = \"%d.%m.%Y\" }, { template = \"No {prechat.Order}\" }, { join = \"\" }] }]";
        assert_eq!(said(fine), [""; 0]);
    }

    // IDN-10
    #[test]
    fn idn_10_an_entry_of_the_never_match_list_that_could_never_hold_is_said() {
        let text = "[never_match]\nemails = [\"no-reply\"]\ndomains = [\"own example\"]\nphones = [\"4321\"]";
        let places: Vec<_> =
            said(text).iter().map(|it| it.split(": ").next().unwrap_or_default().to_owned()).collect();
        let at = "live_chat.never_match";
        assert_eq!(
            places,
            [format!("{at}.emails[0]"), format!("{at}.domains[0]"), format!("{at}.phones[0]")]
        );
    }

    // OPT-04, OPT-06
    #[test]
    fn opt_06_settings_of_optimove_that_could_not_work_are_said() {
        let said = |settings: &str| {
            let text = format!(
                "[crm.a]\nname = \"A\"\nproduct.optimove = {{ address = \"https://api4.optimove.example\", {settings} }}"
            );
            let document: Document = toml::from_str(&text).expect("the test's own text is TOML");
            check(&document).iter().map(|it| it.path.to_string()).collect::<Vec<_>>()
        };
        let fine = "web_app = \"https://acme.example\", record_url = \"https://acme.example/#/c/{id}\", path_prefix = \"/current\"";
        assert_eq!(said(fine), [""; 0]);
        for (key, wrong) in [
            ("record_url", "\"https://acme.example/#/c/731\""),
            ("record_url", "\"{id}\""),
            ("web_app", "\"ftp://acme.example\""),
            ("callback", "\"https://u:p@acme.example\""),
            ("path_prefix", "\"current\""),
            ("date_format", "\"yyyy-mm-dd\""),
            ("desks", "0"),
        ] {
            assert_eq!(
                said(&format!("{key} = {wrong}")),
                [format!("crm.a.product.optimove.{key}")],
                "{wrong}"
            );
        }
    }

    // SM-01
    #[test]
    fn sm_01_settings_of_salesmanago_that_could_not_work_are_said() {
        let said = |changed: &str, value: &str| {
            let mut settings = std::collections::BTreeMap::from([
                ("address", "https://app2.salesmanago.example"),
                ("client_id", "client-1"),
                ("owner", "lead@shop.example"),
                ("record_url", "https://app2.salesmanago.example/card/{id}"),
            ]);
            settings.insert(changed, value);
            let settings: Vec<_> = settings.iter().map(|(key, it)| format!("{key} = \"{it}\"")).collect();
            let text = format!("[crm.a]\nname = \"A\"\nproduct.salesmanago = {{ {} }}", settings.join(", "));
            let document: Document = toml::from_str(&text).expect("the test's own text is TOML");
            check(&document).iter().map(|it| it.path.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(said("api_key", "k"), [""; 0]);
        for (key, wrong) in [
            ("address", "ftp://app2.salesmanago.example"),
            ("client_id", " "),
            ("owner", "lead"),
            ("record_url", "https://app2.salesmanago.example/card/1"),
        ] {
            assert_eq!(said(key, wrong), [format!("crm.a.product.salesmanago.{key}")], "{wrong}");
        }
    }

    #[test]
    fn connections_have_ids_names_and_addresses_of_their_own() {
        let text = r#"
            [crm.a]
            name = " "
            product.tryton = { address = "ftp://x.example", database = "", login = "l" }
            [crm."b/c"]
            name = "B"
            product.tryton = { address = "https://u:p@x.example", database = "d", login = "l" }
            [chat.a]
            name = "A"
            product.livechat = { account_id = "", organization_id = "o" }
        "#;
        let document: Document = toml::from_str(text).expect("the test's own text is TOML");
        let paths: Vec<_> = check(&document).iter().map(|it| it.path.to_string()).collect();
        assert_eq!(
            paths,
            [
                "crm.a.name",
                "crm.a.product.tryton.address",
                "crm.a.product.tryton.database",
                "crm.\"b/c\"",
                "crm.\"b/c\".product.tryton.address",
                "chat.a",
                "chat.a.product.livechat.account_id",
            ]
        );
    }

    // SEC-13
    #[test]
    fn sec_13_no_port_is_open_unless_it_is_enabled_for_a_page() {
        let said = |settings: &str| {
            let text = format!(
                "version = 1\n[chat.a]\nname = \"A\"\n[chat.a.product.livechat]\naccount_id = \"a\"\n\
                 organization_id = \"o\"\n{settings}\n"
            );
            match crate::config::load(Some(("f.toml", &text)), None) {
                Ok(loaded) => match &loaded.document.chat["a"].product {
                    ChatProduct::Livechat(config) => Ok(config.loopback_page().map(Url::to_string)),
                    ChatProduct::Sample {} => panic!("the test's own text is of LiveChat"),
                },
                Err(found) => Err(found.iter().map(|it| it.path.clone()).collect::<Vec<_>>()),
            }
        };
        let page = "companion_page = \"https://widget.example/sidecard/\"";
        assert_eq!(said(""), Ok(None));
        assert_eq!(said(page), Ok(None), "a page alone enables nothing");
        let both = said(&format!("companion_loopback = true\n{page}"));
        assert_eq!(both, Ok(Some("https://widget.example/sidecard/".to_owned())));
        let needed = Err(vec!["chat.a.product.livechat.companion_page".to_owned()]);
        assert_eq!(said("companion_loopback = true"), needed);
        assert_eq!(said("companion_loopback = true\ncompanion_page = \"ftp://widget.example\""), needed);
    }

    // CRM-12
    #[test]
    fn crm_12_an_application_has_an_id_and_three_ports_that_differ() {
        let said = |oauth: &str| {
            let text = format!("[chat.a]\nname = \"A\"\nproduct.livechat = {{ oauth = {oauth} }}\n");
            match crate::config::load(Some(("f.toml", &format!("version = 1\n{text}"))), None) {
                Ok(loaded) => Ok(loaded.document.chat["a"].product.clone()),
                Err(found) => Err(found.iter().map(|it| it.path.clone()).collect::<Vec<_>>()),
            }
        };
        let Ok(ChatProduct::Livechat(livechat)) = said("{ client_id = \"c\" }") else {
            panic!("it is right")
        };
        assert_eq!(livechat.oauth.expect("it is there").redirect_ports, crate::config::REDIRECT_PORTS);
        let client = "chat.a.product.livechat.oauth.client_id";
        assert_eq!(said("{ client_id = \" \" }"), Err(vec![client.to_owned()]));
        assert_eq!(said("{}"), Err(vec![client.to_owned()]));
        for ports in ["[2000, 2000, 2001]", "[80, 2000, 2001]", "[2000, 2001]", "[2000, 2001, 70000]"] {
            let found = said(&format!("{{ client_id = \"c\", redirect_ports = {ports} }}"));
            let Err(found) = found else { panic!("{ports} is wrong") };
            assert!(
                found[0].starts_with("chat.a.product.livechat.oauth.redirect_ports"),
                "{ports}: {found:?}"
            );
        }
    }
}
