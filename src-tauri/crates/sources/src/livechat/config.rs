//! Addresses of LiveChat's interfaces.

use domain::config::LivechatConfig;
use url::Url;

/// The version of the interfaces that is spoken.
pub(super) const VERSION: &str = "3.6";

/// The web socket of the agent's live connection.
pub(super) fn rtm(config: &LivechatConfig) -> Url {
    let mut url = below(&config.api, &["agent", "rtm", "ws"]);
    url.query_pairs_mut().append_pair("organization_id", &config.organization_id);
    url
}

/// A request of the agent's web interface.
pub(super) fn action(config: &LivechatConfig, name: &str) -> Url {
    let mut url = below(&config.api, &["agent", "action", name]);
    url.query_pairs_mut().append_pair("organization_id", &config.organization_id);
    url
}

fn below(api: &Url, path: &[&str]) -> Url {
    let mut url = api.clone();
    // An address that cannot be a base (`mailto:`) stays as it is, and is refused when it is called.
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().push(&format!("v{VERSION}")).extend(path);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_organisation_goes_with_the_web_socket() {
        let api = Url::parse("https://api.livechatinc.com/").unwrap();
        let config = LivechatConfig { organization_id: "7f&1".into(), api, ..LivechatConfig::at_livechat() };
        let url = rtm(&config);
        assert_eq!(url.as_str(), "https://api.livechatinc.com/v3.6/agent/rtm/ws?organization_id=7f%261");
    }
}
