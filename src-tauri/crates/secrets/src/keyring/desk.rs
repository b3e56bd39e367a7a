//! Callers on one side, the one thread that may block on the other.
//!
//! A request that is not answered in time goes on, and its answer is kept for a while: asking the same again takes it, or
//! waits with it. So a person who thinks for a minute sees one prompt, however often the program asks. A request that has
//! not begun when its last caller gives up is dropped.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::backend::Backend;
use crate::{KeyringProblem, Secret, SecretName};

/// How long a late answer waits for its caller to come back.
const KEEP_LATE: Duration = Duration::from_secs(60);

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Request {
    Get(SecretName),
    Set(SecretName, Secret),
    Remove(SecretName),
    Check,
}

impl Request {
    /// Whether `self` makes what was read for `other` out of date.
    fn outdates(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Set(changed, _) | Self::Remove(changed), Self::Get(read)) => changed == read,
            _ => false,
        }
    }
}

/// What comes back: a value for `Get`, nothing for the others.
pub(super) type Answer = Result<Option<Secret>, KeyringProblem>;

type Slot = watch::Receiver<Option<Answer>>;

/// The callers' side.
#[derive(Clone)]
pub(super) struct Desk {
    queue: mpsc::Sender<Job>,
    flights: Flights,
    deadline: Duration,
}

struct Job {
    request: Request,
    answer: watch::Sender<Option<Answer>>,
}

/// Requests that are under way, or were answered too late.
#[derive(Clone, Default)]
struct Flights(Arc<Mutex<Vec<Flight>>>);

struct Flight {
    request: Request,
    answer: watch::Sender<Option<Answer>>,
    answered_at: Option<Instant>,
}

impl Desk {
    /// Starts the thread. It ends when the last handle is gone.
    pub(super) fn start(mut backend: Backend, deadline: Duration) -> Self {
        let (queue, jobs) = mpsc::channel::<Job>();
        let flights = Flights::default();
        let theirs = flights.clone();
        let spawned = thread::Builder::new().name("keyring".to_owned()).spawn(move || {
            for job in jobs {
                if theirs.begin(&job) {
                    let answer = careful(&mut backend, &job.request);
                    theirs.finish(&job, answer);
                }
            }
        });
        if spawned.is_err() {
            // The queue is closed with the thread that was to read it; every request is answered `Failed`.
            tracing::error!("no thread for the keyring");
        }
        Self { queue, flights, deadline }
    }

    /// Asks, and waits until the deadline.
    pub(super) async fn ask(&self, request: Request) -> Answer {
        let mut slot = self.flights.join_or_queue(request, &self.queue);
        match tokio::time::timeout(self.deadline, slot.wait_for(Option::is_some)).await {
            Ok(Ok(answer)) => answer.clone().unwrap_or(Err(KeyringProblem::Failed)),
            Ok(Err(_)) => Err(KeyringProblem::Failed),
            Err(_) => Err(KeyringProblem::Waiting),
        }
    }
}

impl Flights {
    fn join_or_queue(&self, request: Request, queue: &mpsc::Sender<Job>) -> Slot {
        let mut flights = self.lock();
        flights.retain(|flight| !flight.is_stale() && !request.outdates(&flight.request));
        if let Some(place) = flights.iter().position(|flight| flight.request == request) {
            // A late answer is given once.
            return match flights[place].answered_at {
                Some(_) => flights.swap_remove(place).answer.subscribe(),
                None => flights[place].answer.subscribe(),
            };
        }
        let (answer, slot) = watch::channel(None);
        // When there is no thread the sender is dropped, and the caller sees that.
        if queue.send(Job { request: request.clone(), answer: answer.clone() }).is_ok() {
            flights.push(Flight { request, answer, answered_at: None });
        }
        slot
    }

    /// Whether somebody still waits for `job`; forgets it otherwise.
    fn begin(&self, job: &Job) -> bool {
        let mut flights = self.lock();
        let waiting = job.answer.receiver_count() > 0;
        if !waiting {
            flights.retain(|flight| !flight.belongs_to(job));
        }
        waiting
    }

    /// Hands out the answer, or keeps it when all callers have given up.
    fn finish(&self, job: &Job, answer: Answer) {
        let mut flights = self.lock();
        if let Some(place) = flights.iter().position(|flight| flight.belongs_to(job)) {
            if job.answer.receiver_count() > 0 {
                flights.swap_remove(place);
            } else {
                flights[place].answered_at = Some(Instant::now());
            }
        }
        job.answer.send_replace(Some(answer));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Flight>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flight {
    fn belongs_to(&self, job: &Job) -> bool {
        job.answer.same_channel(&self.answer)
    }

    fn is_stale(&self) -> bool {
        self.answered_at.is_some_and(|at| at.elapsed() > KEEP_LATE)
    }
}

/// Answers, whatever the store's libraries do: a panic there must not end the thread.
fn careful(backend: &mut Backend, request: &Request) -> Answer {
    catch_unwind(AssertUnwindSafe(|| backend.answer(request))).unwrap_or_else(|_| {
        backend.reset();
        Err(KeyringProblem::Failed)
    })
}

#[cfg(test)]
mod tests {
    use std::{
        any::Any,
        collections::HashMap,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use keyring_core::{
        CredentialPersistence, CredentialStore, Entry, Error,
        api::{CredentialApi, CredentialStoreApi},
    };

    use super::*;

    const DEADLINE: Duration = Duration::from_millis(100);

    /// A store in which every read asks a person, who answers when the test says so.
    #[derive(Debug)]
    struct Prompting {
        prompts: AtomicUsize,
        answers: Mutex<mpsc::Receiver<&'static str>>,
    }

    #[derive(Debug)]
    struct Prompt(Arc<Prompting>);

    impl CredentialApi for Prompt {
        fn set_secret(&self, _: &[u8]) -> keyring_core::Result<()> {
            Ok(())
        }

        fn get_secret(&self) -> keyring_core::Result<Vec<u8>> {
            self.0.prompts.fetch_add(1, Ordering::SeqCst);
            let typed = self.0.answers.lock().unwrap().recv().map_err(|_| Error::NoEntry)?;
            assert_ne!(typed, "panic");
            Ok(typed.as_bytes().to_vec())
        }

        fn delete_credential(&self) -> keyring_core::Result<()> {
            Ok(())
        }

        fn get_credential(&self) -> keyring_core::Result<Option<Arc<keyring_core::Credential>>> {
            Ok(None)
        }

        fn get_specifiers(&self) -> Option<(String, String)> {
            None
        }

        fn as_any(&self) -> &dyn Any {
            self
        }
    }

    #[derive(Debug)]
    struct Store(Arc<Prompting>);

    impl CredentialStoreApi for Store {
        fn vendor(&self) -> String {
            String::new()
        }

        fn id(&self) -> String {
            String::new()
        }

        fn build(&self, _: &str, _: &str, _: Option<&HashMap<&str, &str>>) -> keyring_core::Result<Entry> {
            Ok(Entry::new_with_credential(Arc::new(Prompt(Arc::clone(&self.0)))))
        }

        fn as_any(&self) -> &dyn Any {
            self
        }

        fn persistence(&self) -> CredentialPersistence {
            CredentialPersistence::ProcessOnly
        }
    }

    fn prompting() -> (Desk, Arc<Prompting>, mpsc::Sender<&'static str>) {
        let (person, answers) = mpsc::channel();
        let prompting = Arc::new(Prompting { prompts: AtomicUsize::new(0), answers: Mutex::new(answers) });
        let store = Arc::clone(&prompting);
        let build = move || Ok(Arc::new(Store(Arc::clone(&store))) as Arc<CredentialStore>);
        let backend = Backend::new("sidecard-unit".to_owned(), Box::new(build));
        (Desk::start(backend, DEADLINE), prompting, person)
    }

    fn get(slot: &str) -> Request {
        Request::Get(SecretName::own(slot))
    }

    fn value(text: &str) -> Answer {
        Ok(Some(Secret::new(text)))
    }

    // SEC-07
    #[tokio::test]
    async fn a_prompt_is_waiting_and_its_late_answer_serves_the_next_ask() {
        let (desk, prompting, person) = prompting();
        assert_eq!(desk.ask(get("a")).await, Err(KeyringProblem::Waiting));
        assert_eq!(desk.ask(get("a")).await, Err(KeyringProblem::Waiting));
        assert_eq!(prompting.prompts.load(Ordering::SeqCst), 1, "asking again opens no second prompt");

        person.send("typed").unwrap();
        while desk.flights.lock().iter().any(|flight| flight.answered_at.is_none()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(desk.ask(get("a")).await, value("typed"));
        assert_eq!(prompting.prompts.load(Ordering::SeqCst), 1);
        person.send("new").unwrap();
        assert_eq!(desk.ask(get("a")).await, value("new"), "a late answer is given once");
    }

    // SEC-07
    #[tokio::test]
    async fn callers_with_the_same_question_share_one_prompt() {
        let (desk, prompting, person) = prompting();
        let answering = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            person.send("typed").unwrap();
        };
        let (one, two, ()) = tokio::join!(desk.ask(get("a")), desk.ask(get("a")), answering);
        assert_eq!((one, two), (value("typed"), value("typed")));
        assert_eq!(prompting.prompts.load(Ordering::SeqCst), 1);
    }

    // SEC-07
    #[tokio::test]
    async fn a_request_that_nobody_waits_for_is_not_begun() {
        let (desk, prompting, person) = prompting();
        assert_eq!(desk.ask(get("a")).await, Err(KeyringProblem::Waiting));
        assert_eq!(desk.ask(get("b")).await, Err(KeyringProblem::Waiting), "it stands behind the prompt");
        person.send("typed").unwrap();
        person.send("for c").unwrap();
        assert_eq!(desk.ask(get("c")).await, value("for c"), "b asked nobody");
        assert_eq!(prompting.prompts.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_late_answer_is_dropped_when_the_secret_was_changed_since() {
        let (desk, _, person) = prompting();
        assert_eq!(desk.ask(get("a")).await, Err(KeyringProblem::Waiting));
        person.send("old").unwrap();
        let set = Request::Set(SecretName::own("a"), Secret::new("new"));
        desk.ask(set).await.unwrap();
        person.send("read again").unwrap();
        assert_eq!(desk.ask(get("a")).await, value("read again"));
    }

    #[tokio::test]
    async fn a_panic_in_the_stores_library_does_not_end_the_thread() {
        let (mut desk, _, person) = prompting();
        // Printing the panic's trace takes a while.
        desk.deadline = Duration::from_secs(20);
        person.send("panic").unwrap();
        assert_eq!(desk.ask(get("a")).await, Err(KeyringProblem::Failed));
        person.send("well").unwrap();
        assert_eq!(desk.ask(get("a")).await, value("well"));
    }
}
