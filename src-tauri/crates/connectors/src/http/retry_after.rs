//! The `Retry-After` header: seconds, or a date.

use std::time::Duration;

use http::{HeaderMap, header::RETRY_AFTER};
use jiff::{Timestamp, fmt::rfc2822};

/// The longest wait that is believed. A server that asks for more is asked again after this.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// How long the server asks to wait, at most [`LONGEST`]; a date in the past means no wait.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => until(text, now)?,
    };
    Some(wait.min(LONGEST))
}

fn until(text: &str, now: Timestamp) -> Option<Duration> {
    let moment = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Duration::try_from(moment.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(text: &str) -> Option<Duration> {
        let now: Timestamp = "1994-11-06T08:49:07Z".parse().unwrap();
        retry_after(&HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]), now)
    }

    // CRM-04
    #[test]
    fn crm_04_retry_after_is_read_as_seconds_and_as_a_date_within_bounds() {
        assert_eq!(wait("7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(
            wait("Sun, 06 Nov 1994 08:00:00 GMT"),
            Some(Duration::ZERO),
            "a date in the past is no wait"
        );
        assert_eq!(wait("999999999"), Some(LONGEST));
        assert_eq!(wait("soon"), None);
        assert_eq!(wait("-3"), None);
    }
}
