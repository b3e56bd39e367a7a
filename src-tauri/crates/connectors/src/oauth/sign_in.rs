//! One request for authorisation, from the browser's start to the grant.

use std::future::pending;

use tokio::time::{Duration, Instant, sleep_until};
use url::Url;

use super::{
    Client, Grant,
    listener::{Arrival, Listener, Port},
    page::Ending,
    pkce, token,
};
use crate::{CallContext, Error, Kind};

/// How long a person may take in the browser.
pub const LIMIT: Duration = Duration::from_secs(5 * 60);

/// How long the token endpoint may take.
const EXCHANGE: Duration = Duration::from_secs(20);

/// Why nobody was signed in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInProblem {
    /// Other programs use all of the registered ports.
    #[error("other programs use the ports {0:?}")]
    PortsBusy(Vec<u16>),
    /// No browser could be opened.
    #[error("no browser could be opened")]
    NoBrowser,
    /// The person, or the server, said no; the server's code for it.
    #[error("it was not allowed: {0}")]
    Denied(String),
    /// Nobody finished it in time.
    #[error("nobody finished it in time")]
    TimedOut,
    /// It was given up, or another one was begun.
    #[error("it was given up")]
    Cancelled,
    /// The token endpoint did not give tokens.
    #[error(transparent)]
    Failed(Error),
}

/// Lets a person sign in: `browse` opens the page, and the answer is waited for until `cx.deadline` (see [`LIMIT`]) or
/// `cx.cancel`. Nothing is kept yet: [`grant::keep`](super::grant::keep) does that.
pub async fn sign_in(
    cx: &CallContext,
    client: &Client,
    browse: impl FnOnce(&Url) -> Result<(), String>,
) -> Result<Grant, SignInProblem> {
    let port = Port::open(&client.ports).await.map_err(SignInProblem::PortsBusy)?;
    let request = pkce::Request::new(client, port.number).ok_or_else(|| {
        SignInProblem::Failed(Error::new(Kind::Config, "sign in", "the system gives no random numbers"))
    })?;
    let mut listener = port.listen(&request.state);
    browse(&request.page).map_err(|_| SignInProblem::NoBrowser)?;
    let Arrival { outcome, answer } = arrival(cx, &mut listener).await?;
    let (ending, result) = match outcome {
        Err(code) => (Ending::Refused, Err(SignInProblem::Denied(code))),
        Ok(code) => {
            let deadline = Instant::now() + EXCHANGE;
            match token::redeem(&CallContext { deadline, ..cx.clone() }, client, &request, &code).await {
                Ok(grant) => (Ending::SignedIn, Ok(grant)),
                Err(error) if error.kind == Kind::Cancelled => {
                    (Ending::Failed, Err(SignInProblem::Cancelled))
                }
                Err(error) => (Ending::Failed, Err(SignInProblem::Failed(error))),
            }
        }
    };
    if answer.send(ending).is_err() {
        tracing::debug!("the browser was gone first");
    }
    listener.close().await;
    result
}

async fn arrival(cx: &CallContext, listener: &mut Listener) -> Result<Arrival, SignInProblem> {
    let one = async {
        match listener.arrival().await {
            Some(arrival) => arrival,
            None => pending().await,
        }
    };
    tokio::select! {
        arrival = one => Ok(arrival),
        () = cx.cancel.cancelled() => Err(SignInProblem::Cancelled),
        () = sleep_until(cx.deadline) => Err(SignInProblem::TimedOut),
    }
}
