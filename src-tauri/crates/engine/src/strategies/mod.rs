//! Strategies: what a trigger sets off in the CRMs of its chat.

use domain::{ChatKey, ThreadId, strategies::Trigger};

use crate::engine::Inner;

impl Inner {
    /// `trigger` happened in the sitting `thread` of `chat`, for the first time as far as is known here. While this runs,
    /// the state has that sitting ([`State::sitting`](crate::state::State::sitting)), also where a later one of the same
    /// chat stands in its place.
    pub(crate) fn trigger(&self, chat: &ChatKey, thread: &ThreadId, trigger: Trigger) {
        let state = self.state();
        let Some(sitting) = state.sitting(chat, thread) else { return };
        let (turns, messages) = (sitting.history.turns().len(), sitting.history.messages().len());
        tracing::debug!(%chat, %thread, ?trigger, turns, messages, "something that strategies ask about");
    }
}
