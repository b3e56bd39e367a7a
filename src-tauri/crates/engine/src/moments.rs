//! When the panel was told what, and when it had painted it: lines of the log at level `trace`, which is written only when
//! somebody asks for it. Measurements read them (`cargo xtask bench`). They hold ids and states, nothing of people.

use ipc::panel::PanelView;

/// The window is being told of `view`.
pub(crate) fn told(view: &PanelView) {
    let on_show = view.chats.iter().find(|pill| pill.active && pill.channel == view.channel);
    tracing::trace!(
        revision = view.revision,
        setup = ?view.setup,
        chats = view.chats.len(),
        chat = on_show.map(|pill| pill.chat.as_str()),
        state = on_show.map(|pill| tracing::field::debug(pill.state)),
        "told"
    );
}

/// The window has painted the view of `revision`.
pub(crate) fn painted(revision: u32) {
    tracing::trace!(revision, "painted");
}
