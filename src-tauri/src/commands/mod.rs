//! What the windows may call. A command unpacks, calls one function of the engine, and hands the answer back.

mod panel;
mod settings;

use tauri::ipc::Invoke;

/// All commands. Which window may call which stands in `capabilities/`; a test compares this list with `ipc::commands`.
pub(crate) fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        panel::panel_view,
        panel::select_chat,
        panel::show_channel,
        panel::pin_chat,
        panel::refresh_contact,
        panel::choose_candidate,
        panel::confirm_match,
        panel::unlink_contact,
        panel::search_contacts,
        panel::preview_record,
        panel::edit_form,
        panel::create_form,
        panel::save_contact,
        panel::create_contact,
        panel::retry_write,
        panel::discard_write,
        panel::take_back_write,
        panel::undo_last,
        panel::take_line,
        panel::update_now,
        panel::decisions,
        panel::answer_todo,
        panel::dismiss_todo,
        panel::open_mail,
        panel::open_todo,
        panel::keep_draft,
        panel::open_record,
        panel::open_related,
        panel::open_link,
        panel::retry_now,
        panel::sign_in_again,
        panel::cancel_sign_in,
        panel::use_sample_data,
        panel::open_settings,
        panel::window_preferences,
        panel::set_window_preferences,
        panel::show_news,
        panel::retry_store,
        panel::start_over,
        panel::erase_contact,
        panel::erase_all,
        panel::painted,
        settings::settings_view,
        settings::test_connection,
        settings::sign_in,
        settings::save_connection,
        settings::remove_connection,
        settings::copy_pairing,
        settings::channel_view,
        settings::save_channel,
        settings::preview_mapping,
        settings::take_up_store,
        settings::audit_view,
        settings::export_audit,
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ipc::commands::{Command, PANEL, SETTINGS};
    use serde_json::Value;

    /// Hearing of changes, and zooming with the keys: the web view of Linux and macOS zooms through a command.
    const SYSTEM: [&str; 3] =
        ["core:event:allow-listen", "core:event:allow-unlisten", "core:webview:allow-set-webview-zoom"];

    fn permissions(capability: &str) -> BTreeSet<String> {
        let json: Value = serde_json::from_str(capability).expect("a capability is JSON");
        json["permissions"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|p| p.as_str().unwrap_or("").to_owned())
            .collect()
    }

    fn wanted(commands: &[Command]) -> BTreeSet<String> {
        let own = commands.iter().map(|command| format!("allow-{}", command.name.replace('_', "-")));
        own.chain(SYSTEM.iter().map(|permission| (*permission).to_owned())).collect()
    }

    // SEC-02
    #[test]
    fn sec_02_each_window_may_call_its_own_commands_and_nothing_else() {
        let (panel, settings) =
            (include_str!("../../capabilities/panel.json"), include_str!("../../capabilities/settings.json"));
        assert_eq!(permissions(panel), wanted(PANEL));
        assert_eq!(permissions(settings), wanted(SETTINGS));
    }

    // SEC-02
    #[test]
    fn sec_02_the_content_policy_allows_nothing_from_elsewhere() {
        let config: Value = serde_json::from_str(include_str!("../../tauri.conf.json")).expect("JSON");
        let policy = config["app"]["security"]["csp"].as_str().expect("a policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        for word in ["unsafe", "*", "https:"] {
            assert!(!policy.contains(word), "{word} in {policy}");
        }
        assert_eq!(config["app"]["withGlobalTauri"], false);
    }

    #[test]
    fn every_command_of_the_list_has_a_handler() {
        let source = include_str!("mod.rs");
        for command in PANEL.iter().chain(SETTINGS) {
            assert!(source.contains(&format!("::{},", command.name)), "{}", command.name);
        }
    }
}
