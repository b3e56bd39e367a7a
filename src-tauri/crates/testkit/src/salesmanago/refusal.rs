//! Why requests are refused. The first two texts are recorded; the others are this simulator's own.

use serde_json::{Value, json};

use super::unknowns::Reason;

/// Why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    words: String,
    /// Which field is at fault.
    field: Option<&'static str>,
}

/// Credentials that are not accepted.
pub(super) const CREDENTIALS: &str = "User not authenticated";
/// An account that is not active.
pub(super) const INACTIVE: &str = "Not authenticated";
pub(super) const NO_CONTACT: &str = "Contact not found";
pub(super) const EMAIL: &str = "Wrong email";
pub(super) const OWNER: &str = "Owner is required";
pub(super) const EVENT_TYPE: &str = "Unknown contactExtEventType";
pub(super) const EVENT_DATE: &str = "Event date is required";
pub(super) const TASK_DATE: &str = "Task date is required";
pub(super) const TAKEN: &str = "Contact with this email already exists";
pub(super) const TOO_MANY: &str = "Too many requests";
pub(super) const TOO_MANY_IDS: &str = "Too many contacts in one request";
pub(super) const TIME: &str = "Wrong requestTime";
pub(super) const NO_EVENT: &str = "Event not found";
pub(super) const TOO_LONG: &str = "Event field is too long";
pub(super) const BODY: &str = "Request body is not valid";
pub(super) const STATE: &str = "Wrong state";
pub(super) const BIRTHDAY: &str = "Wrong birthday";

impl Refusal {
    /// One about `field`.
    pub(super) fn of(words: &str, field: &'static str) -> Self {
        Self { words: words.to_owned(), field: Some(field) }
    }

    /// The answer that says so.
    pub(super) fn answer(&self, reason: Reason) -> Value {
        let words = json!([self.words]);
        match (reason, self.field) {
            (Reason::Error, _) => json!({ "success": false, "error": self.words }),
            (Reason::MessageAndValues, Some(field)) => {
                json!({ "success": false, "message": words, "values": { field: [self.words] } })
            }
            _ => json!({ "success": false, "message": words }),
        }
    }
}

impl From<&str> for Refusal {
    fn from(words: &str) -> Self {
        Self { words: words.to_owned(), field: None }
    }
}
