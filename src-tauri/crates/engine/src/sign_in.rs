//! Signing in in the browser: for a connection that is being set up, and again where a grant is dead.
//!
//! One sign-in is open at a time; another one ends it, as a person who lost the page in the browser begins anew. What a
//! form's sign-in came to is kept in memory until the form is saved: a form that is left leaves nothing in the keyring.

use std::sync::{Arc, PoisonError};

use connectors::{
    Priority,
    oauth::{self, Client, Grant},
};
use domain::ConnectionId;
use ipc::{ErrorView, panel::PlatformRequest};
use secrets::SecretStore;
use tokio_util::sync::CancellationToken;

use crate::{
    crm::Outside,
    engine::{Engine, Inner, stale},
    fault,
};

impl Engine {
    /// Lets the agent sign in again to a chat platform, which then connects.
    pub async fn sign_in_again(&self, request: PlatformRequest) -> Result<(), ErrorView> {
        let (client, product) = self.0.configured_client(&request.connection).ok_or_else(stale)?;
        let secrets = self.0.outside.secrets.clone();
        let grant = self.0.let_sign_in(&client, secrets.clone(), product).await?;
        let now = self.0.now();
        let kept = oauth::grant::keep(&*secrets, &client, &grant).await;
        kept.map_err(|error| fault::view(&error, product, now))?;
        self.retry_now();
        self.0.host.settings_changed();
        Ok(())
    }

    /// Ends the sign-in that is open, if one is.
    pub fn cancel_sign_in(&self) {
        self.0.begin_sign_in().cancel();
    }
}

impl Inner {
    /// Opens the browser and waits for the person.
    pub(crate) async fn let_sign_in(
        &self,
        client: &Client,
        secrets: Arc<dyn SecretStore>,
        system: &str,
    ) -> Result<Grant, ErrorView> {
        let outside = Outside { secrets, ..self.outside.clone() };
        let cx = outside.call(Priority::Interactive, oauth::LIMIT, self.begin_sign_in());
        let ended = oauth::sign_in(&cx, client, |page| self.host.open_url(page)).await;
        ended.map_err(|problem| fault::of_sign_in(&problem, system, self.now()))
    }

    /// Ends the sign-in that is open; the answer belongs to the next one.
    fn begin_sign_in(&self) -> CancellationToken {
        let next = CancellationToken::new();
        let mut open = self.sign_in.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *open, next.clone()).cancel();
        next
    }

    fn configured_client(&self, connection: &ConnectionId) -> Option<(Client, &'static str)> {
        let connected = self.connected();
        let config = connected.loaded.document.chat.get(connection.as_str())?;
        let source = sources::registry::connect(connection, config);
        Some((source.oauth()?.clone(), source.info().product))
    }
}
