//! A thread that owns one database connection and does what it is given, in order.

use std::{
    fmt,
    sync::{Mutex, PoisonError, mpsc},
    thread,
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{StoreError, StoreErrorKind};

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// The handle of the thread. Dropping it lets the thread finish what was asked for and close the connection.
pub(crate) struct Worker {
    running: Mutex<Option<Running>>,
}

struct Running {
    queue: mpsc::Sender<Job>,
    ended: oneshot::Receiver<()>,
}

impl Worker {
    /// Gives `connection` a thread.
    pub(crate) fn start(name: &str, mut connection: Connection) -> std::io::Result<Self> {
        let (queue, jobs) = mpsc::channel::<Job>();
        let (end, ended) = oneshot::channel();
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            for job in jobs {
                job(&mut connection);
            }
            drop(connection);
            drop(end);
        })?;
        Ok(Self { running: Mutex::new(Some(Running { queue, ended })) })
    }

    /// Runs `job` after those before it. It runs also when the caller stops waiting.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // Nobody listens when the caller stopped waiting; the work is done all the same.
            answer.send(job(connection)).ok();
        });
        self.send(job)?;
        answered.await.unwrap_or_else(|_| Err(StoreErrorKind::Closed.into()))
    }

    /// Waits for what was asked for, then closes the connection.
    pub(crate) async fn close(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Running { queue, ended }) = running {
            drop(queue);
            // The sender is dropped without a word when the thread has ended.
            ended.await.ok();
        }
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = &running.as_ref().ok_or(StoreErrorKind::Closed)?.queue;
        queue.send(job).map_err(|_| StoreErrorKind::Closed.into())
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Worker")
    }
}

/// Runs blocking `work` on a thread of its own.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, std::io::ErrorKind> {
    let (answer, answered) = oneshot::channel();
    thread::Builder::new()
        .name("store-open".to_owned())
        .spawn(move || answer.send(work()).ok())
        .map_err(|error| error.kind())?;
    answered.await.map_err(|_| std::io::ErrorKind::Other)
}
