//! The commands, once. This file has no dependencies: the build script of the shell includes it too.

/// What a window may call, with the TypeScript types of request and reply.
#[derive(Debug, Clone, Copy)]
pub struct Command {
    /// Its name in Rust and in `invoke`.
    pub name: &'static str,
    /// The TypeScript type of its one argument `request`, empty for none.
    pub request: &'static str,
    /// The TypeScript type of its reply.
    pub reply: &'static str,
}

const fn command(name: &'static str, request: &'static str, reply: &'static str) -> Command {
    Command { name, request, reply }
}

/// What the panel may call.
pub const PANEL: &[Command] = &[
    command("panel_view", "", "PanelView"),
    command("select_chat", "ChatRequest", "null"),
    command("show_channel", "ChannelRequest", "null"),
    command("pin_chat", "PinRequest", "null"),
    command("refresh_contact", "LookupRequest", "null"),
    command("choose_candidate", "RecordRequest", "null"),
    command("confirm_match", "LookupRequest", "null"),
    command("unlink_contact", "LookupRequest", "null"),
    command("search_contacts", "SearchRequest", "SearchReply"),
    command("preview_record", "PreviewRequest", "RecordView"),
    command("edit_form", "LookupRequest", "FormView"),
    command("create_form", "LookupRequest", "FormView"),
    command("save_contact", "SaveRequest", "SaveReply"),
    command("create_contact", "CreateRequest", "SaveReply"),
    command("retry_write", "WriteRequest", "null"),
    command("discard_write", "WriteRequest", "null"),
    command("take_back_write", "WriteRequest", "null"),
    command("undo_last", "LookupRequest", "SaveReply"),
    command("take_line", "LineRequest", "null"),
    command("update_now", "LookupRequest", "null"),
    command("decisions", "LookupRequest", "DecisionView[]"),
    command("answer_todo", "AnswerRequest", "null"),
    command("dismiss_todo", "DismissRequest", "null"),
    command("open_mail", "TodoRequest", "null"),
    command("open_todo", "TodoRequest", "null"),
    command("keep_draft", "DraftRequest", "null"),
    command("open_record", "LookupRequest", "OpenReply"),
    command("open_related", "RelatedRequest", "OpenReply"),
    command("open_link", "LinkRequest", "null"),
    command("retry_now", "", "null"),
    command("sign_in_again", "PlatformRequest", "null"),
    command("cancel_sign_in", "", "null"),
    command("use_sample_data", "", "null"),
    command("open_settings", "", "null"),
    command("window_preferences", "", "WindowPreferences"),
    command("set_window_preferences", "WindowPreferences", "WindowPreferences"),
    command("show_news", "NewsRequest", "null"),
    command("retry_store", "", "null"),
    command("start_over", "", "null"),
    command("erase_contact", "LookupRequest", "null"),
    command("erase_all", "", "null"),
    command("painted", "PaintedRequest", "null"),
];

/// What the settings window may call. A command that both windows may call stands in both lists.
pub const SETTINGS: &[Command] = &[
    command("window_preferences", "", "WindowPreferences"),
    command("settings_view", "", "SettingsView"),
    command("test_connection", "ConnectionRequest", "TestReply"),
    command("sign_in", "ConnectionRequest", "null"),
    command("cancel_sign_in", "", "null"),
    command("save_connection", "ConnectionRequest", "null"),
    command("remove_connection", "RemoveRequest", "null"),
    command("copy_pairing", "PlatformRequest", "null"),
    command("channel_view", "ChannelRequest", "ChannelView"),
    command("save_channel", "SaveChannelRequest", "null"),
    command("preview_mapping", "SaveChannelRequest", "PreviewReply"),
    command("take_up_store", "", "null"),
    command("audit_view", "AuditRequest", "AuditReply"),
    command("export_audit", "", "AuditExportReply"),
];
