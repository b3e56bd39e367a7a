//! A signed-in session with a CRM: logging in once for all who need it, and again when the session has expired.
//!
//! It knows no vendor: the ticket (a token, a cookie, a user id with a key) is whatever `log_in` returns, and a call
//! that finds its session expired answers `Kind::Unauthorized`. What holds for every connector that uses it:
//!
//! - calls that need a session at the same time wait for one log-in;
//! - an expired session is renewed once per call; a call that is refused with a fresh session too is refused;
//! - a credential that was refused is not tried again until it is another one, so that no account gets locked;
//! - the keyring is read to log in, not for each call.

use std::{
    fmt,
    future::Future,
    sync::atomic::{AtomicU64, Ordering},
};

use secrets::{Secret, SecretName, bound};
use tokio::sync::{Mutex, MutexGuard};

use crate::{CallContext, Error, Kind, Result};

/// Which secret logs in, and the host that it is sent to: one that was entered for another host is not there for this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The secret.
    pub name: SecretName,
    /// The host, without a port.
    pub host: String,
}

/// The session of one connection. `T` is what signs a request.
pub struct Session<T> {
    last: Mutex<Last<T>>,
    /// How many log-ins have ended; changes while `last` is locked. A ticket is known by the number of its log-in.
    log_ins: AtomicU64,
}

enum Last<T> {
    Out,
    In(T),
    /// The last log-in failed; for a refusal, with the credential that was refused.
    Failed(Error, Option<Secret>),
}

impl<T> fmt::Debug for Session<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

impl<T> Default for Session<T> {
    fn default() -> Self {
        Self { last: Mutex::new(Last::Out), log_ins: AtomicU64::new(0) }
    }
}

impl<T: Clone + Send> Session<T> {
    /// Runs `call` with a ticket. `log_in` is asked for one where there is none, or where `call` finds it expired and
    /// says `Kind::Unauthorized`; `call` is then run a second time, so it must not have changed anything.
    pub async fn run<R, L, LF, C, CF>(
        &self,
        cx: &CallContext,
        credential: &Credential,
        log_in: L,
        call: C,
    ) -> Result<R>
    where
        L: Fn(Secret) -> LF,
        LF: Future<Output = Result<T>> + Send,
        C: Fn(T) -> CF,
        CF: Future<Output = Result<R>> + Send,
    {
        let (ticket, number) = self.ticket(cx, credential, &log_in).await?;
        match call(ticket).await {
            Err(error) if error.kind == Kind::Unauthorized => self.expire(cx, number).await?,
            result => return result,
        }
        let (ticket, number) = self.ticket(cx, credential, &log_in).await?;
        let result = call(ticket).await;
        if matches!(&result, Err(error) if error.kind == Kind::Unauthorized) {
            self.expire(cx, number).await?;
        }
        result
    }

    /// Forgets the ticket and a refused credential, for a person who asks to try again.
    pub async fn forget(&self, cx: &CallContext) -> Result<()> {
        *self.lock(cx).await? = Last::Out;
        Ok(())
    }

    /// The present ticket with its number, after logging in where there is none.
    async fn ticket<L, LF>(&self, cx: &CallContext, credential: &Credential, log_in: &L) -> Result<(T, u64)>
    where
        L: Fn(Secret) -> LF,
        LF: Future<Output = Result<T>> + Send,
    {
        let before = self.log_ins();
        let mut last = self.lock(cx).await?;
        match &*last {
            Last::In(ticket) => return Ok((ticket.clone(), self.log_ins())),
            // Somebody else's log-in ended while this call waited: that is the answer for it too.
            Last::Failed(error, _) if self.log_ins() != before && concerns_everybody(error) => {
                return Err(error.clone());
            }
            _ => {}
        }
        let secret = read(cx, credential).await?;
        if let Last::Failed(error, Some(refused)) = &*last
            && *refused == secret
        {
            return Err(error.clone());
        }
        let result = log_in(secret.clone()).await;
        let number = self.log_ins.fetch_add(1, Ordering::Relaxed) + 1;
        match result {
            Ok(ticket) => {
                *last = Last::In(ticket.clone());
                Ok((ticket, number))
            }
            Err(error) => {
                let refused = matches!(error.kind, Kind::Unauthorized | Kind::Forbidden).then_some(secret);
                *last = Last::Failed(error.clone(), refused);
                Err(error)
            }
        }
    }

    fn log_ins(&self) -> u64 {
        self.log_ins.load(Ordering::Relaxed)
    }

    /// Forgets the ticket `number`; a newer one stays.
    async fn expire(&self, cx: &CallContext, number: u64) -> Result<()> {
        let mut last = self.lock(cx).await?;
        if self.log_ins() == number {
            *last = Last::Out;
        }
        Ok(())
    }

    async fn lock(&self, cx: &CallContext) -> Result<MutexGuard<'_, Last<T>>> {
        tokio::select! {
            biased;
            last = self.last.lock() => Ok(last),
            () = cx.cancel.cancelled() => Err(Error::new(Kind::Cancelled, "log in", "given up while waiting")),
            () = tokio::time::sleep_until(cx.deadline) => {
                Err(Error::new(Kind::TimedOut { outcome_unknown: false }, "log in", "another log-in takes too long"))
            }
        }
    }
}

/// Whether a failed log-in tells those who waited for it what theirs would come to. One that its own caller ended does not.
fn concerns_everybody(error: &Error) -> bool {
    !matches!(error.kind, Kind::Cancelled | Kind::TimedOut { .. })
}

/// Reads the credential from the keyring.
pub async fn read(cx: &CallContext, credential: &Credential) -> Result<Secret> {
    match bound::get(&*cx.secrets, &credential.name, &credential.host).await {
        Ok(Some(secret)) => Ok(secret),
        Ok(None) => Err(Error::new(Kind::NoCredential, "log in", "there is no such entry in the keyring")),
        Err(problem) => Err(Error::new(Kind::Keyring(problem), "log in", problem.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering::Relaxed},
        },
        time::Duration,
    };

    use super::*;
    use crate::testing::context;

    /// A server with one password, counting log-ins; tickets up to number `expired` are refused.
    #[derive(Default)]
    struct Server {
        log_ins: AtomicUsize,
        expired: AtomicUsize,
    }

    impl Server {
        async fn log_in(&self, secret: Secret) -> Result<usize> {
            let number = self.log_ins.fetch_add(1, Relaxed) + 1;
            tokio::time::sleep(Duration::from_millis(100)).await;
            // EXPOSE: the test's server compares it.
            match secret.expose() {
                "right" => Ok(number),
                "down" => Err(Error::new(Kind::Unavailable { outcome_unknown: false }, "log in", "")),
                _ => Err(refused()),
            }
        }

        fn call(&self, ticket: usize) -> Result<usize> {
            if ticket > self.expired.load(Relaxed) { Ok(ticket) } else { Err(refused()) }
        }
    }

    fn refused() -> Error {
        Error::new(Kind::Unauthorized, "log in", "")
    }

    fn credential() -> Credential {
        Credential { name: SecretName::of(&"crm".into(), "password"), host: "crm.example".to_owned() }
    }

    async fn keep(cx: &CallContext, password: &str) {
        let Credential { name, host } = credential();
        bound::set(&*cx.secrets, &name, Secret::new(password), &[host]).await.unwrap();
    }

    async fn with_password(password: &str) -> CallContext {
        let cx = context(5);
        keep(&cx, password).await;
        cx
    }

    async fn run(session: &Session<usize>, server: &Server, cx: &CallContext) -> Result<usize> {
        session
            .run(
                cx,
                &credential(),
                |secret| server.log_in(secret),
                |ticket| std::future::ready(server.call(ticket)),
            )
            .await
    }

    #[tokio::test(start_paused = true)]
    async fn crm_08_calls_at_the_same_time_share_one_log_in() {
        let (session, server, cx) = (Session::default(), Server::default(), with_password("right").await);
        let (a, b, c) = tokio::join!(
            run(&session, &server, &cx),
            run(&session, &server, &cx),
            run(&session, &server, &cx)
        );
        assert_eq!((a.unwrap(), b.unwrap(), c.unwrap()), (1, 1, 1));
        assert_eq!(server.log_ins.load(Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn crm_08_an_expired_session_is_renewed_once_for_all_who_find_it_so() {
        let (session, server, cx) = (Session::default(), Server::default(), with_password("right").await);
        run(&session, &server, &cx).await.unwrap();
        server.expired.store(1, Relaxed);
        let (a, b) = tokio::join!(run(&session, &server, &cx), run(&session, &server, &cx));
        assert_eq!((a.unwrap(), b.unwrap()), (2, 2));
        assert_eq!(server.log_ins.load(Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn crm_08_a_call_refused_with_a_fresh_session_too_ends_there() {
        let (session, server, cx) = (Session::default(), Server::default(), with_password("right").await);
        server.expired.store(usize::MAX - 1, Relaxed);
        assert_eq!(run(&session, &server, &cx).await.unwrap_err().kind, Kind::Unauthorized);
        assert_eq!(server.log_ins.load(Relaxed), 2, "no third log-in");
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_password_is_not_tried_again_until_it_is_another() {
        let (session, server, cx) = (Session::default(), Server::default(), with_password("wrong").await);
        for _ in 0..3 {
            assert_eq!(run(&session, &server, &cx).await.unwrap_err().kind, Kind::Unauthorized);
        }
        assert_eq!(server.log_ins.load(Relaxed), 1);
        keep(&cx, "right").await;
        assert_eq!(run(&session, &server, &cx).await.unwrap(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_log_in_is_the_answer_for_those_who_waited_for_it_and_for_nobody_later() {
        let (session, server, cx) = (Session::default(), Server::default(), with_password("down").await);
        let (a, b) = tokio::join!(run(&session, &server, &cx), run(&session, &server, &cx));
        assert!(a.is_err() && b.is_err());
        assert_eq!(server.log_ins.load(Relaxed), 1);
        run(&session, &server, &cx).await.unwrap_err();
        assert_eq!(server.log_ins.load(Relaxed), 2, "what may pass is tried again");
    }

    #[tokio::test(start_paused = true)]
    async fn a_missing_password_and_a_locked_keyring_are_told_apart() {
        let memory = Arc::new(secrets::Memory::default());
        let cx = CallContext { secrets: memory.clone(), ..context(5) };
        let (session, server) = (Session::default(), Server::default());
        assert_eq!(run(&session, &server, &cx).await.unwrap_err().kind, Kind::NoCredential);
        memory.set_problem(Some(secrets::KeyringProblem::Locked));
        let locked = Kind::Keyring(secrets::KeyringProblem::Locked);
        assert_eq!(run(&session, &server, &cx).await.unwrap_err().kind, locked);
    }
}
