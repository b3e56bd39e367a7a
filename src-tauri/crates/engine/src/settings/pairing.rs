//! Pairing a companion page with this computer: what the page has to know goes to the clipboard and nowhere else.

use domain::ConnectionId;
use ipc::{ErrorCode, ErrorView, panel::PlatformRequest, settings::LoopbackView};
use sources::Loopback;

use crate::{
    engine::{Engine, Inner, stale},
    fault,
};

impl Engine {
    /// Puts the text that pairs a companion page on the clipboard. It holds a secret, so no reply carries it.
    pub fn copy_pairing(&self, request: &PlatformRequest) -> Result<(), ErrorView> {
        let connected = self.0.connected();
        let source = connected.sources.get(&request.connection).ok_or_else(stale)?;
        let pairing = source.pairing().ok_or_else(stale)?;
        self.0
            .host
            .copy(&pairing)
            .map_err(|detail| ErrorView { detail, ..fault::plain(ErrorCode::Unavailable, "") })
    }
}

impl Inner {
    /// How it stands with the port that companion pages of `connection` may call; `None` where none is wanted, or it is not
    /// known yet.
    pub(super) fn loopback(&self, connection: &ConnectionId) -> Option<LoopbackView> {
        let state = self.state();
        let platform = state.platforms.iter().find(|platform| &platform.connection == connection)?;
        let (companion, _) = platform.companion?;
        companion.loopback.map(|port| match port {
            Loopback::Closed => LoopbackView::Closed,
            Loopback::Open => LoopbackView::Open,
            Loopback::Moved => LoopbackView::Moved,
        })
    }
}
