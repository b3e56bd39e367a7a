//! Waiting for something to hold, with an end.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How long most things may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(40);

/// Asks again and again until there is an answer; an error is an answer for now, and the last one is told.
///
/// # Errors
/// When there is none in time.
pub async fn until<T>(
    what: &str,
    limit: Duration,
    mut ask: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let start = Instant::now();
    loop {
        let last = match ask().await {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => None,
            Err(error) => Some(error),
        };
        if start.elapsed() > limit {
            match last {
                Some(error) => return Err(error.context(format!("not in {} s: {what}", limit.as_secs()))),
                None => bail!("not in {} s: {what}", limit.as_secs()),
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
