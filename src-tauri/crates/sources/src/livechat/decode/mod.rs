//! What LiveChat's frames say: text in, typed values out, nothing else.
//!
//! Reads v3.2 to v3.7: both names of every renamed field are accepted, unknown fields and actions are passed over, and a
//! missing or wrongly typed field is an absent value. A frame is `Bad` only when what it is about cannot be told.

use jiff::Timestamp;
use serde_json::Value;

/// A frame that cannot be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Bad {
    /// It is not JSON.
    #[error("not JSON")]
    NotJson,
    /// It has no action.
    #[error("no action")]
    NoAction,
    /// A field without which it means nothing is missing.
    #[error("no field {0}")]
    Missing(&'static str),
}

/// A frame.
#[expect(clippy::large_enum_variant, reason = "it lives for one step, and news are the usual case")]
#[derive(Clone, PartialEq)]
pub enum Frame {
    /// The answer to a request.
    Answer {
        /// The request's id, as it was sent.
        request: String,
        /// The answer, or the type of the error.
        outcome: Result<Value, String>,
    },
    /// News.
    Push(Push),
}

/// News that Sidecard acts on.
#[derive(Clone, PartialEq)]
pub enum Push {
    /// A new thread, or a thread that came from another agent.
    IncomingChat {
        /// The chat with its thread.
        chat: Chat,
        /// The agents it came from, where it came from other agents or groups.
        from: Option<Vec<String>>,
    },
    /// An event in a thread.
    IncomingEvent {
        /// The chat.
        chat: String,
        /// The thread.
        thread: String,
        /// The event.
        event: Event,
    },
    /// A visitor changed; holds only what changed.
    CustomerUpdated(Customer),
    /// A visitor went to another page.
    CustomerPage {
        /// The visitor.
        customer: String,
        /// The page.
        page: Page,
    },
    /// A thread ended.
    Deactivated {
        /// The chat.
        chat: String,
        /// The thread, where it is said.
        thread: Option<String>,
    },
    /// A chat went to agents or groups.
    Transferred {
        /// The chat.
        chat: String,
        /// The agents it went to.
        agents: Vec<String>,
        /// Why.
        reason: String,
    },
    /// Somebody came into a chat.
    UserAdded {
        /// The chat.
        chat: String,
        /// Who.
        user: User,
    },
    /// Somebody left a chat.
    UserRemoved {
        /// The chat.
        chat: String,
        /// Who.
        user: String,
    },
    /// Somebody read a chat.
    Seen {
        /// The chat.
        chat: String,
        /// Who.
        user: String,
        /// Up to when, as LiveChat wrote it.
        up_to: String,
    },
    /// A message from one agent's program to another's.
    Multicast {
        /// The agent; the server's own messages have none.
        author: Option<String>,
        /// What it is about, where that is said.
        kind: Option<String>,
        /// The message.
        content: Value,
    },
    /// The server ends the connection.
    Disconnected {
        /// Why.
        reason: String,
    },
    /// Anything else.
    Other,
}

/// A chat with one thread.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chat {
    /// Its id.
    pub id: String,
    /// Who is in it.
    pub users: Vec<User>,
    /// The thread; in a summary without events.
    pub thread: Thread,
}

/// One sitting of a chat.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thread {
    /// Its id.
    pub id: String,
    /// Whether it goes on.
    pub active: bool,
    /// When it began.
    pub created_at: Option<Timestamp>,
    /// Who was in it, visitor and agents.
    pub users: Vec<String>,
    /// What happened in it, oldest first.
    pub events: Vec<Event>,
    /// The page on which it began.
    pub start_url: Option<String>,
    /// The page before that.
    pub referrer: Option<String>,
    /// The visitor's browser in this sitting, since v3.6.
    pub visit: Visit,
}

/// Somebody in a chat.
#[derive(Clone, Debug, PartialEq)]
pub enum User {
    /// The visitor.
    Customer(Box<Customer>),
    /// An agent.
    Agent {
        /// The id, which is an e-mail address; that of a bot is none.
        id: String,
        /// The name.
        name: Option<String>,
        /// The e-mail address.
        email: Option<String>,
        /// Whether the agent is in the chat now.
        present: bool,
    },
}

/// A visitor; absent values were not sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Customer {
    /// The id.
    pub id: String,
    /// The name.
    pub name: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// Whether LiveChat verified the address.
    pub email_verified: Option<bool>,
    /// The phone number.
    pub phone: Option<String>,
    /// The variables the site set, in its order.
    pub session_fields: Vec<(String, String)>,
    /// The visit.
    pub visit: Visit,
}

/// What is known of a visit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Visit {
    /// The page the visitor came from.
    pub referrer: Option<String>,
    /// The network address.
    pub ip: Option<String>,
    /// The browser.
    pub user_agent: Option<String>,
    /// The country.
    pub country: Option<String>,
    /// The city.
    pub city: Option<String>,
    /// The time zone.
    pub timezone: Option<String>,
    /// The page the visitor is on.
    pub page: Page,
}

/// A page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The address.
    pub url: Option<String>,
    /// The title.
    pub title: Option<String>,
}

/// An event of a thread.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The id, `<thread>_<n>`.
    pub id: String,
    /// Who; system events have nobody.
    pub author: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
    /// What.
    pub kind: EventKind,
}

/// The kinds of events.
#[derive(Clone, Debug, PartialEq)]
pub enum EventKind {
    /// A message, a file, anything a person sends.
    Written(Writing),
    /// A form with its answers.
    Form(Form),
    /// A note of the system.
    System(Note),
}

/// What a person or a bot sent.
#[derive(Clone, Default, PartialEq)]
pub struct Writing {
    /// The text; of a file its name, of cards their titles. Nothing of what was deleted.
    pub text: String,
    /// Whether agents alone can read it.
    pub private: bool,
    /// Whether it is the greeting that LiveChat sends in the agent's name.
    pub welcome: bool,
}

/// A note of the system.
#[derive(Clone, Default, PartialEq)]
pub struct Note {
    /// What it says.
    pub text: String,
    /// Whether agents alone can read it.
    pub private: bool,
    /// The name of the agent whom it puts in charge.
    pub to: Option<String>,
    /// The name of the agent who had the chat before that.
    pub from: Option<String>,
}

impl std::fmt::Debug for Writing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writing").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Note").finish_non_exhaustive()
    }
}

/// A filled form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Form {
    /// `prechat`, `postchat`, `ask_for_email`, …
    pub kind: String,
    /// The answers.
    pub answers: Vec<Answer>,
}

/// One answer of a form.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The field's type: `name`, `email`, `question`, …
    pub kind: String,
    /// The field's label.
    pub label: String,
    /// The answer as text; options by their labels.
    pub text: String,
}

/// Reads a frame.
pub fn frame(text: &str) -> Result<Frame, Bad> {
    let value: Value = serde_json::from_str(text).map_err(|_error| Bad::NotJson)?;
    let action = value["action"].as_str().ok_or(Bad::NoAction)?;
    if value["type"] == "response" || (value["type"].is_null() && !value["success"].is_null()) {
        return Ok(answer(&value));
    }
    push(action, &value["payload"]).map(Frame::Push)
}

fn answer(value: &Value) -> Frame {
    let payload = &value["payload"];
    let outcome = if value["success"] == false {
        Err(payload["error"]["type"].as_str().unwrap_or("unknown").to_owned())
    } else {
        Ok(payload.clone())
    };
    Frame::Answer { request: word(&value["request_id"]).unwrap_or_default(), outcome }
}

fn push(action: &str, payload: &Value) -> Result<Push, Bad> {
    Ok(match action {
        "incoming_chat" => Push::IncomingChat {
            chat: chat(&payload["chat"])?,
            from: payload["transferred_from"]
                .as_object()
                .filter(|from| !from.is_empty())
                .map(|_| words(&payload["transferred_from"]["agent_ids"])),
        },
        "incoming_event" => Push::IncomingEvent {
            chat: need(payload, "chat_id")?,
            thread: need(payload, "thread_id")?,
            event: event(&payload["event"])?,
        },
        "customer_updated" => Push::CustomerUpdated(customer(payload)?),
        "customer_page_updated" => {
            Push::CustomerPage { customer: need(payload, "customer_id")?, page: page(payload) }
        }
        "chat_deactivated" => {
            Push::Deactivated { chat: need(payload, "chat_id")?, thread: word(&payload["thread_id"]) }
        }
        "chat_deleted" => Push::Deactivated { chat: need(payload, "chat_id")?, thread: None },
        "chat_transferred" => Push::Transferred {
            chat: need(payload, "chat_id")?,
            agents: words(&payload["transferred_to"]["agent_ids"]),
            reason: word(&payload["reason"]).unwrap_or_default(),
        },
        "user_added_to_chat" => {
            Push::UserAdded { chat: need(payload, "chat_id")?, user: user(&payload["user"])? }
        }
        "user_removed_from_chat" => {
            Push::UserRemoved { chat: need(payload, "chat_id")?, user: need(payload, "user_id")? }
        }
        "events_marked_as_seen" => Push::Seen {
            chat: need(payload, "chat_id")?,
            user: need(payload, "user_id")?,
            up_to: word(&payload["seen_up_to"]).unwrap_or_default(),
        },
        "incoming_multicast" => Push::Multicast {
            author: word(&payload["author_id"]),
            kind: word(&payload["type"]),
            content: payload["content"].clone(),
        },
        "agent_disconnected" => Push::Disconnected { reason: word(&payload["reason"]).unwrap_or_default() },
        _ => Push::Other,
    })
}

/// Reads a chat as `get_chat` and `incoming_chat` have it, or a summary as `login` and `list_chats` have it.
pub fn chat(value: &Value) -> Result<Chat, Bad> {
    Ok(Chat {
        id: need(value, "id")?,
        users: list(&value["users"]).filter_map(|one| user(one).ok()).collect(),
        thread: thread(value)?,
    })
}

/// A generic chat has `threads`, the last of which counts; a summary has `last_thread_summary`, or `last_thread_info` in v3.7.
fn thread(chat: &Value) -> Result<Thread, Bad> {
    let places = [&chat["thread"], &chat["last_thread_summary"], &chat["last_thread_info"]];
    let value = places
        .into_iter()
        .find(|place| place.is_object())
        .or_else(|| list(&chat["threads"]).last())
        .ok_or(Bad::Missing("thread"))?;
    let routing = &value["properties"]["routing"];
    Ok(Thread {
        id: need(value, "id")?,
        active: value["active"].as_bool().unwrap_or(true),
        created_at: moment(&value["created_at"]),
        users: words(&value["user_ids"]),
        events: list(&value["events"]).filter_map(|one| event(one).ok()).collect(),
        start_url: word(&routing["start_url"]),
        referrer: word(&routing["referrer"]),
        visit: visit(&value["customer_visit"]),
    })
}

fn user(value: &Value) -> Result<User, Bad> {
    if value["type"] == "customer" {
        return customer(value).map(|customer| User::Customer(Box::new(customer)));
    }
    Ok(User::Agent {
        id: need(value, "id")?,
        name: word(&value["name"]),
        email: word(&value["email"]),
        present: value["present"].as_bool().unwrap_or(true),
    })
}

/// Reads a visitor as `get_customer`, chats and pushes have it.
pub fn customer(value: &Value) -> Result<Customer, Bad> {
    let latest = if value["visit"].is_object() { &value["visit"] } else { &value["last_visit"] };
    Ok(Customer {
        id: need(value, "id")?,
        name: word(&value["name"]),
        email: word(&value["email"]),
        email_verified: value["email_verified"].as_bool(),
        phone: word(&value["phone_number"]),
        session_fields: session_fields(&value["session_fields"]),
        visit: visit(latest),
    })
}

/// An array of one-pair objects; older traffic has one object with all pairs.
fn session_fields(value: &Value) -> Vec<(String, String)> {
    let pairs = |one: &Value| -> Vec<(String, String)> {
        let entries = one.as_object().into_iter().flatten();
        entries.filter_map(|(name, value)| Some((name.clone(), word(value)?))).collect()
    };
    if value.is_object() { pairs(value) } else { list(value).flat_map(pairs).collect() }
}

fn visit(value: &Value) -> Visit {
    let place = &value["geolocation"];
    Visit {
        referrer: word(&value["referrer"]),
        ip: word(&value["ip"]),
        user_agent: word(&value["user_agent"]),
        country: word(&place["country"]),
        city: word(&place["city"]),
        timezone: word(&place["timezone"]),
        page: list(&value["last_pages"]).last().map(page).unwrap_or_default(),
    }
}

fn page(value: &Value) -> Page {
    Page { url: word(&value["url"]), title: word(&value["title"]) }
}

fn event(value: &Value) -> Result<Event, Bad> {
    let kind = match value["type"].as_str().ok_or(Bad::Missing("type"))? {
        "filled_form" => EventKind::Form(form(value)),
        "system_message" | "system" | "custom" | "form" => EventKind::System(note(value)),
        kind => EventKind::Written(writing(kind, value)),
    };
    Ok(Event {
        id: need(value, "id")?,
        author: word(&value["author_id"]),
        at: moment(&value["created_at"]),
        kind,
    })
}

/// `recipients` was the name of `visibility` before v3.4.
fn is_private(value: &Value) -> bool {
    value["visibility"] == "agents" || value["recipients"] == "agents"
}

fn writing(kind: &str, value: &Value) -> Writing {
    let text = match kind {
        _ if value["deleted"] == true => String::new(),
        "file" => word(&value["name"]).unwrap_or_default(),
        "rich_message" => {
            let titles: Vec<_> = list(&value["elements"]).filter_map(|card| word(&card["title"])).collect();
            titles.join("\n")
        }
        _ => word(&value["text"]).unwrap_or_default(),
    };
    let welcome = value["properties"]["lc2"]["welcome_message"] == true;
    Writing { text, private: is_private(value), welcome }
}

/// Agents are named in the variables of a note's text, under names that differ from kind to kind and from one document to
/// another.
fn note(value: &Value) -> Note {
    let var = |names: &[&str]| names.iter().find_map(|name| word(&value["text_vars"][*name]));
    let (to, from) = match value["system_message_type"].as_str().unwrap_or_default() {
        "chat_transferred" => (var(&["targets"]), var(&["agent", "initiator"])),
        "agent_joined" | "agent_added" => (var(&["agent", "agent_added"]), None),
        kind if kind.starts_with("routing.assigned_") => {
            (var(&["agent_added", "addedAgent", "agent"]), var(&["agent_removed", "removedAgent"]))
        }
        _ => (None, None),
    };
    Note { text: word(&value["text"]).unwrap_or_default(), private: is_private(value), to, from }
}

fn form(value: &Value) -> Form {
    let kind = word(&value["form_type"]).or_else(|| word(&value["properties"]["lc2"]["form_type"]));
    Form { kind: kind.unwrap_or_default(), answers: list(&value["fields"]).filter_map(answered).collect() }
}

/// Parts of the types under which a form may hide what is entered. LiveChat's documents know no such field; what an
/// application adds under such a name is nobody's to read.
const SECRET: &[&str] = &["secure", "secret", "password", "masked", "card"];

/// `answers` belongs to check boxes; v3.2 wrote `value` for `answer`.
fn answered(value: &Value) -> Option<Answer> {
    let kind = word(&value["type"]).unwrap_or_default();
    if SECRET.iter().any(|secret| kind.to_lowercase().contains(secret)) {
        return None;
    }
    let places = [&value["answer"], &value["answers"], &value["value"], &value["values"]];
    let text = choice(places.into_iter().find(|place| !place.is_null())?)?;
    let label = word(&value["label"]).or_else(|| word(&value["name"]))?;
    Some(Answer { kind, label, text })
}

fn choice(value: &Value) -> Option<String> {
    match value {
        Value::Array(list) => {
            let chosen: Vec<String> = list.iter().filter_map(choice).collect();
            (!chosen.is_empty()).then(|| chosen.join("; "))
        }
        Value::Object(option) => {
            option.get("label").and_then(word).or_else(|| option.get("value").and_then(word))
        }
        one => word(one),
    }
}

fn need(value: &Value, field: &'static str) -> Result<String, Bad> {
    word(&value[field]).ok_or(Bad::Missing(field))
}

/// Text, or a number or truth value as text. Blank text is absent.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        _ => None,
    }
}

fn words(value: &Value) -> Vec<String> {
    list(value).filter_map(word).collect()
}

fn list(value: &Value) -> impl DoubleEndedIterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn moment(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests;
