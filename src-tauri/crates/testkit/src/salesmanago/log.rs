//! What was asked of the simulator, without anybody's values.

/// Something that was written into a contact, whoever did: a colleague, an integration, the program under test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The contact.
    pub contact: String,
    /// The field by the API's name; `email` also when the contact is created, `tag:…`, or `event`.
    pub field: String,
    /// What it then held; the points of a tag, the caller's key of an event.
    pub value: String,
}

/// One request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The function, as it stands in the address: `contact/upsert`.
    pub function: String,
    /// The owner that it names.
    pub owner: String,
    /// The keys at the top of its body, in order.
    pub keys: Vec<String>,
    /// The tags that it puts on a contact.
    pub tags: Vec<String>,
    /// What it says of scoring.
    pub scoring: Option<bool>,
    /// The names of what it says yes to among consent and its confirmation mail.
    pub consents: Vec<String>,
    /// Whether it may be processed later, where it says so.
    pub later: Option<bool>,
    /// Whether it was done.
    pub success: bool,
}
