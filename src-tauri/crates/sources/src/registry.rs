//! The one file that knows all chat platforms: from configuration to a source, and from a form to configuration.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    Source, livechat,
    livechat::LiveChat,
    sample::{self, Pace, Sample},
};
use connectors::{
    form::{Form, Input, InputProblem, Product},
    oauth,
};
use domain::{
    ChatFieldKey, ConnectionId,
    config::{
        ChatConnection, ChatProduct, LIVECHAT_ACCOUNTS, LIVECHAT_API, LivechatConfig, OauthClient,
        REDIRECT_PORTS,
    },
};

/// How an agent signs in: in the browser, or with a personal access token.
const METHOD: &str = "method";
const BROWSER: &str = "browser";
const TOKEN: &str = "token";
const METHODS: &[&str] = &[BROWSER, TOKEN];

/// Whether the companion page may call Sidecard on the agent's computer.
const LOOPBACK: &str = "companion_loopback";
const ON: &str = "on";
const SWITCH: &[&str] = &["off", ON];

/// As it stands in the form.
const PORTS: &str = "28461, 28462, 28463";

/// The source that `config` describes.
pub fn connect(id: &ConnectionId, config: &ChatConnection) -> Arc<dyn Source> {
    match &config.product {
        ChatProduct::Sample {} => Arc::new(Sample::new(id.clone(), Pace::Normal)),
        ChatProduct::Livechat(account) => Arc::new(LiveChat::new(id.clone(), account.clone())),
    }
}

/// The platforms that can be connected. Sample data is not one of them: it is chosen as a whole.
pub fn products() -> Vec<Product> {
    vec![Product {
        kind: livechat::KIND,
        name: "LiveChat",
        inputs: vec![
            Input::choice(METHOD, METHODS),
            Input::text("client_id").only(METHOD, BROWSER),
            Input::text(oauth::CLIENT_SECRET).secret().or("").only(METHOD, BROWSER),
            Input::text("redirect_ports").or(PORTS).only(METHOD, BROWSER),
            Input::text("account_id").only(METHOD, TOKEN),
            Input::text("organization_id").only(METHOD, TOKEN),
            Input::text(livechat::TOKEN).secret().only(METHOD, TOKEN),
            Input::text("api").address().or(LIVECHAT_API),
            Input::text("accounts").address().or(LIVECHAT_ACCOUNTS).only(METHOD, BROWSER),
            Input::choice(LOOPBACK, SWITCH),
            Input::text("companion_page").address().only(LOOPBACK, ON),
            Input::sign_in().only(METHOD, BROWSER),
        ],
    }]
}

/// The configuration of a platform from what was typed into its form; secrets are not looked at.
pub fn product_from_inputs(
    kind: &str,
    values: &BTreeMap<String, String>,
) -> Result<ChatProduct, Vec<(String, InputProblem)>> {
    match kind {
        sample::KIND => Ok(ChatProduct::Sample {}),
        livechat::KIND => livechat_from_inputs(values).map(ChatProduct::Livechat),
        _ => Err(vec![("product".to_owned(), InputProblem::UnknownProduct)]),
    }
}

/// What stands in the form of `product`; the opposite of [`product_from_inputs`].
pub fn values_of(product: &ChatProduct) -> BTreeMap<String, String> {
    let ChatProduct::Livechat(config) = product else { return BTreeMap::new() };
    let mut values = BTreeMap::from([
        (METHOD, if config.oauth.is_some() { BROWSER } else { TOKEN }.to_owned()),
        ("account_id", config.account_id.clone()),
        ("organization_id", config.organization_id.clone()),
        ("api", config.api.to_string()),
        ("accounts", config.accounts.to_string()),
        (LOOPBACK, SWITCH[usize::from(config.companion_loopback)].to_owned()),
    ]);
    if let Some(page) = &config.companion_page {
        values.insert("companion_page", page.to_string());
    }
    if let Some(client) = &config.oauth {
        values.insert("client_id", client.client_id.clone());
        values.insert("redirect_ports", client.redirect_ports.map(|port| port.to_string()).join(", "));
    }
    values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// The chat fields that every visitor of a platform may have, with their labels. Fields of forms and variables come on top,
/// as chats bring them.
pub fn default_chat_fields(kind: &str) -> Vec<(ChatFieldKey, String)> {
    let standard = livechat::fields::STANDARD.iter();
    let mut fields: Vec<_> = standard
        .map(|(origin, name, label)| (ChatFieldKey::new(*origin, name), (*label).to_owned()))
        .collect();
    if kind == sample::KIND {
        fields.extend(
            sample::OWN_FIELDS.iter().map(|(key, label)| (ChatFieldKey::from(*key), (*label).to_owned())),
        );
    }
    fields
}

fn livechat_from_inputs(
    values: &BTreeMap<String, String>,
) -> Result<LivechatConfig, Vec<(String, InputProblem)>> {
    let mut form = Form::new(values);
    // All are read before any is missed, so that every problem is said at once.
    let by_token = form.chosen(METHOD, METHODS) == TOKEN;
    let (account_id, organization_id) = match by_token {
        true => (form.text("account_id"), form.text("organization_id")),
        // The sign-in tells the organisation; one that was set by hand stays.
        false => (Some(String::new()), Some(form.given("organization_id").unwrap_or_default())),
    };
    let oauth = if by_token { None } else { oauth_client(&mut form) };
    let api = form.address_or("api", LIVECHAT_API);
    let accounts = form.address_or("accounts", LIVECHAT_ACCOUNTS);
    let companion_loopback = form.chosen(LOOPBACK, SWITCH) == ON;
    let companion_page = if companion_loopback { form.address("companion_page") } else { None };
    match (account_id, organization_id, api, accounts) {
        (Some(account_id), Some(organization_id), Some(api), Some(accounts)) if form.is_right() => {
            Ok(LivechatConfig {
                account_id,
                organization_id,
                api,
                accounts,
                oauth,
                companion_loopback,
                companion_page,
            })
        }
        _ => Err(form.into_problems()),
    }
}

/// The application as which people sign in in the browser.
fn oauth_client(form: &mut Form<'_>) -> Option<OauthClient> {
    let (client_id, redirect_ports) =
        (form.text("client_id"), form.ports_or("redirect_ports", REDIRECT_PORTS));
    Some(OauthClient { client_id: client_id?, redirect_ports: redirect_ports? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_form_becomes_a_configuration_and_back() {
        let token = [("method", "token"), ("account_id", " a1 "), ("organization_id", "o1")];
        let values = values_of(&product_from_inputs("livechat", &inputs(&token)).unwrap());
        let expected = [
            ("method", "token"),
            ("account_id", "a1"),
            ("organization_id", "o1"),
            ("api", LIVECHAT_API),
            ("accounts", LIVECHAT_ACCOUNTS),
            ("companion_loopback", "off"),
        ];
        assert_eq!(values, inputs(&expected));
        assert_eq!(values_of(&product_from_inputs("livechat", &values).unwrap()), values);
    }

    // CRM-12
    #[test]
    fn signing_in_in_the_browser_is_the_first_choice_and_needs_an_application() {
        let product = product_from_inputs("livechat", &inputs(&[("client_id", "c1")])).unwrap();
        let ChatProduct::Livechat(config) = &product else { panic!("{product:?}") };
        let client = OauthClient { client_id: "c1".into(), redirect_ports: REDIRECT_PORTS };
        assert_eq!(config.oauth, Some(client));
        let values = values_of(&product);
        assert_eq!(values["redirect_ports"], PORTS);
        assert_eq!(product_from_inputs("livechat", &values).unwrap(), product);

        for (ports, bad) in [
            ("3000 3001,3002", false),
            ("3000, 3001", true),
            ("80, 81, 82", true),
            ("3000, 3000, 3001", true),
        ] {
            let typed = inputs(&[("client_id", "c1"), ("redirect_ports", ports)]);
            let problems = product_from_inputs("livechat", &typed).err();
            let expected = vec![("redirect_ports".to_owned(), InputProblem::NotPorts)];
            assert_eq!(problems, bad.then_some(expected), "{ports}");
        }
        let missing = vec![("client_id".to_owned(), InputProblem::Missing)];
        assert_eq!(product_from_inputs("livechat", &BTreeMap::new()), Err(missing));
    }

    // SEC-13
    #[test]
    fn sec_13_the_port_of_the_companion_is_off_unless_it_is_switched_on_for_a_page() {
        let with = |pairs: &[(&str, &str)]| {
            let account = [("method", "token"), ("account_id", "a1"), ("organization_id", "o1")];
            product_from_inputs("livechat", &inputs(&[&account, pairs].concat()))
        };
        let page = ("companion_page", "https://widget.example/");
        let ChatProduct::Livechat(off) = with(&[page]).unwrap() else { panic!("it is LiveChat") };
        assert_eq!(off.loopback_page(), None);
        let on = with(&[("companion_loopback", "on"), page]).unwrap();
        let ChatProduct::Livechat(config) = &on else { panic!("it is LiveChat") };
        assert_eq!(config.loopback_page().map(url::Url::as_str), Some("https://widget.example/"));
        assert_eq!(product_from_inputs("livechat", &values_of(&on)).unwrap(), on);
        let missing = vec![("companion_page".to_owned(), InputProblem::Missing)];
        assert_eq!(with(&[("companion_loopback", "on")]), Err(missing));
    }

    // REL-05
    #[test]
    fn each_bad_input_is_named() {
        let bad = product_from_inputs(
            "livechat",
            &inputs(&[("method", "token"), ("organization_id", "o"), ("api", "http://chat.example")]),
        );
        let expected = vec![
            ("account_id".to_owned(), InputProblem::Missing),
            ("api".to_owned(), InputProblem::NotSecure),
        ];
        assert_eq!(bad, Err(expected));
        assert!(product_from_inputs("icq", &BTreeMap::new()).is_err());
    }

    // MAP-02
    #[test]
    fn every_product_offers_its_chat_fields_by_name() {
        for kind in products().iter().map(|product| product.kind).chain(["sample"]) {
            let fields = default_chat_fields(kind);
            assert!(
                fields.iter().any(|(key, label)| *key == ChatFieldKey::email() && label == "E-mail"),
                "{kind}"
            );
            assert!(fields.iter().all(|(_, label)| !label.is_empty()), "{kind}: a field without a label");
        }
    }

    #[test]
    fn no_secret_stands_in_a_form() {
        for product in products() {
            let secrets: Vec<_> =
                product.inputs.iter().filter(|input| input.secret).map(|input| input.key).collect();
            assert_eq!(secrets, ["client_secret", "token", "sign_in"], "{}", product.kind);
        }
    }
}
