//! Access tokens for those who call: good ones, renewed once at a time on this computer.
//!
//! A server may take each refresh token only once, and take a second use for theft. So a renewal is held against all other
//! processes of this user, what somebody else renewed meanwhile is taken over, and a renewed grant is in the keyring before
//! anybody gets its access token. What a crash leaves:
//!
//! | when | then |
//! |---|---|
//! | before the request | the old grant, still good |
//! | after the server renewed, before it is kept | a spent refresh token: somebody has to sign in again |
//! | after it is kept | the new grant |
//!
//! The middle one is as short as one write to the keyring. A caller who goes does not end a renewal, and a keyring that
//! refuses the new grant is asked again, with the hold kept, before anything else is done.

use std::sync::Arc;

use secrets::{Hold, Secret};
use tokio::{
    sync::Mutex,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

use super::{Client, Grant, grant, token};
use crate::{CallContext, Error, Kind, Result};

/// How long a renewal may take. Nobody may end it sooner.
const LIMIT: Duration = Duration::from_secs(30);

/// The grant of one connection. Clones are handles to the same one.
#[derive(Clone, Debug)]
pub struct Access(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    client: Client,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The grant as last read or renewed.
    current: Option<Grant>,
    /// A renewed grant that the keyring did not take yet, with the hold under which it was renewed.
    unkept: Option<(Grant, Hold)>,
    /// A refresh token that the server refused; it is not tried again.
    dead: Option<(Option<Secret>, Error)>,
}

impl Access {
    /// What `client` was granted.
    pub fn new(client: Client) -> Self {
        Self(Arc::new(Inner { client, state: Mutex::default() }))
    }

    /// Who was granted it.
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// A grant whose access token is good and may be sent to `host`; renewed where it is about to expire. `spent` is an
    /// access token that a server refused although it should have been good.
    ///
    /// `Unauthorized` when a person has to sign in again, `NoCredential` when nobody has signed in yet.
    pub async fn grant(&self, cx: &CallContext, host: &str, spent: Option<&Secret>) -> Result<Grant> {
        // A renewal that has begun goes on without its caller: what the server gives has to be kept.
        let (inner, host, spent) = (self.0.clone(), host.to_owned(), spent.cloned());
        let own =
            CallContext { cancel: CancellationToken::new(), deadline: Instant::now() + LIMIT, ..cx.clone() };
        let work = tokio::spawn(async move { inner.grant(&own, &host, spent.as_ref()).await });
        tokio::select! {
            biased;
            done = work => done.unwrap_or_else(|_| Err(ended("it was interrupted"))),
            () = cx.cancel.cancelled() => Err(Error::new(Kind::Cancelled, token::RENEW, "given up")),
            () = tokio::time::sleep_until(cx.deadline) => Err(ended("no answer within the time limit")),
        }
    }
}

impl Inner {
    async fn grant(&self, cx: &CallContext, host: &str, spent: Option<&Secret>) -> Result<Grant> {
        let good = |grant: &Grant| {
            grant.is_fresh(cx.clock.now().as_second()) && spent.is_none_or(|spent| *spent != grant.access)
        };
        let mut state = self.state.lock().await;
        if let Some((grant, hold)) = state.unkept.take() {
            self.put(cx, &mut state, grant, hold).await?;
        }
        if let Some(current) = state.current.as_ref().filter(|current| good(current)) {
            return Ok(current.clone());
        }
        let kept = grant::read(cx, &self.client, host).await?;
        if good(&kept) {
            return Ok(state.current.insert(kept).clone());
        }
        if let Some((refused, error)) = &state.dead
            && *refused == kept.refresh
        {
            return Err(error.clone());
        }
        let hold = cx.secrets.hold(&self.client.grant_name()).await.map_err(grant::keyring)?;
        // Whoever held it before may have renewed it.
        let kept = grant::read(cx, &self.client, host).await?;
        if good(&kept) {
            return Ok(state.current.insert(kept).clone());
        }
        match token::renew(cx, &self.client, &kept).await {
            Ok(new) => self.put(cx, &mut state, new, hold).await,
            Err(error) if error.kind == Kind::Unauthorized => {
                // Somebody may have signed in again, or an older Sidecard renewed it without a hold.
                let now = grant::read(cx, &self.client, host).await?;
                if now.access != kept.access && good(&now) {
                    return Ok(state.current.insert(now).clone());
                }
                state.current = None;
                state.dead = Some((kept.refresh, error.clone()));
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Keeps a renewed grant; only then is it current.
    async fn put(&self, cx: &CallContext, state: &mut State, new: Grant, hold: Hold) -> Result<Grant> {
        if let Err(error) = grant::replace(cx, &self.client, &new).await {
            state.unkept = Some((new, hold));
            return Err(error);
        }
        state.dead = None;
        Ok(state.current.insert(new).clone())
    }
}

fn ended(detail: &str) -> Error {
    Error::new(Kind::TimedOut { outcome_unknown: false }, token::RENEW, detail)
}
