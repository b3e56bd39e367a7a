//! The TypeScript: all types that cross, and the list of commands. `cargo xtask bindings` writes it,
//! `cargo xtask check` compares it.

use ts_rs::{Config, TS};

use crate::{commands, error, panel, settings};

/// The whole text of `ui/src/lib/ipc/bindings.ts`.
pub fn typescript() -> String {
    let mut out =
        String::from("// Made by `cargo xtask bindings` from src-tauri/crates/ipc. Do not edit.\n\n");
    let config = Config::new().with_large_int("number");
    macro_rules! declare {
        ($($type:ty),* $(,)?) => {$(
            out.push_str("export ");
            out.push_str(&<$type as TS>::decl(&config));
            out.push_str("\n\n");
        )*};
    }
    declare!(
        domain::ConnectionId,
        domain::RecordId,
        domain::FieldKey,
        domain::ChatFieldKey,
        domain::ChannelName,
        domain::FieldOrigin,
        domain::Evidence,
        domain::evidence::TypedValues,
        domain::ObjectKind,
        domain::Value,
        domain::RelatedPart,
        domain::related::Tag,
        domain::related::RelatedRecord,
        domain::related::RelatedList,
        domain::Related,
        domain::FieldType,
        domain::schema::ChoiceOption,
        domain::Field,
        domain::event::FocusOrigin,
        domain::event::ProfileOrigin,
        domain::rules::Skip,
        domain::rules::Compare,
        domain::rules::Pair,
        domain::rules::Rule,
        domain::rules::OnSeveral,
        domain::rules::NeverMatch,
        domain::transform::Transform,
        domain::mapping::MappingRow,
        domain::mapping::Writes,
        domain::mapping::Finds,
        domain::mapping::ShownChatField,
        domain::mapping::Problem,
        domain::config::NoMatch,
        error::ErrorCode,
        error::ErrorView,
        error::FieldProblem,
        panel::PanelView,
        panel::Setup,
        panel::PlatformView,
        panel::PlatformState,
        panel::CompanionView,
        panel::ChatPill,
        panel::RecentView,
        panel::WriteMark,
        panel::OutboxView,
        panel::OutboxItem,
        panel::WriteKind,
        panel::WriteStanding,
        panel::PillState,
        panel::ChatView,
        panel::ChatFieldView,
        panel::LookupView,
        panel::RelatedView,
        panel::RelatedState,
        panel::RelatedRequest,
        panel::CrmAbilities,
        panel::SearchKind,
        panel::RowView,
        panel::RuleView,
        panel::RuleOutcome,
        panel::LookupState,
        panel::MatchedBy,
        panel::RecordView,
        panel::FieldView,
        panel::Pending,
        panel::MergedView,
        panel::ComparedField,
        panel::ChatSays,
        panel::CandidateView,
        panel::Waterfall,
        panel::StepTimes,
        panel::StepKind,
        panel::Usual,
        panel::DraftView,
        panel::FormView,
        panel::FormField,
        panel::ChatRequest,
        panel::PinRequest,
        panel::LookupRequest,
        panel::RecordRequest,
        panel::SearchRequest,
        panel::SearchReply,
        panel::PreviewRequest,
        panel::SaveRequest,
        panel::CreateRequest,
        panel::SaveReply,
        panel::AlteredView,
        panel::ConflictView,
        panel::DraftRequest,
        panel::WriteRequest,
        panel::OpenReply,
        panel::LinkRequest,
        panel::PlatformRequest,
        panel::WindowPreferences,
        panel::GlobalKey,
        panel::NewsRequest,
        panel::StoreLoss,
        panel::Dock,
        panel::Theme,
        panel::Language,
        panel::PaintedRequest,
        settings::SettingsView,
        settings::ConnectionView,
        settings::Side,
        settings::ProductView,
        settings::InputView,
        settings::InputKind,
        settings::OnlyView,
        settings::ConnectionRequest,
        settings::RemoveRequest,
        settings::TestReply,
        settings::TestStep,
        settings::StepResult,
        settings::ChannelRequest,
        settings::ChannelSettings,
        settings::ChannelCrmSettings,
        settings::ChannelView,
        settings::CrmChoices,
        settings::ChatFieldChoice,
        settings::SaveChannelRequest,
        settings::PreviewReply,
        settings::PreviewRow,
        settings::ConfigProblem,
    );
    out.push_str("/** Commands: what each takes and answers. */\nexport interface Commands {\n");
    let panel = |name| commands::PANEL.iter().any(|command| command.name == name);
    let settings = commands::SETTINGS.iter().filter(|command| !panel(command.name));
    for command in commands::PANEL.iter().chain(settings) {
        let request = if command.request.is_empty() { "void" } else { command.request };
        out.push_str(&format!("  {}: {{ request: {request}; reply: {} }};\n", command.name, command.reply));
    }
    out.push_str("}\n");
    out
}
