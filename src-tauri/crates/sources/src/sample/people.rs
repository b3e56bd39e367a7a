//! Who comes to the sample chats. Some of them are in the sample CRM, some twice, some not at all.

use domain::{ChannelName, ChatField, ChatFieldKey, ChatFields, Evidence, FieldOrigin};

/// A scripted visitor. Invented, like all addresses here.
pub(super) struct Person {
    /// The platform's id, which comes back with the visitor's cookie.
    pub(super) id: &'static str,
    /// What the platform says while no name is known.
    pub(super) fallback: &'static str,
    /// What is known when the chat begins.
    pub(super) at_first: &'static [Known],
}

/// Something known: origin, name, value.
pub(super) type Known = (FieldOrigin, &'static str, &'static str);

/// Fields that only these chats have.
pub(crate) const OWN_FIELDS: &[(&str, &str)] = &[
    ("variable.customer_number", "Customer number"),
    ("prechat.Order number", "Order number"),
    ("prechat.E-mail", "E-mail"),
    ("session.language", "Language"),
    (SUBJECT, "Subject"),
    (MESSAGE, "Message"),
];

/// What a ticket is about.
const SUBJECT: &str = "variable.subject";

/// What somebody wrote while nobody was there.
const MESSAGE: &str = "offline.message";

use FieldOrigin::{Offline, Page, PreChat, Session, System, Utm, Variable};

/// Found by her customer number.
pub(super) const ANA: usize = 0;
/// Nothing is known until a form is filled in.
pub(super) const NOBODY: usize = 1;
/// In no CRM.
pub(super) const JONAS: usize = 2;
/// An address that several contacts share.
pub(super) const PAULA: usize = 3;
/// Known by his cookie alone.
pub(super) const MAREK: usize = 4;
/// Written from right to left.
pub(super) const LAYLA: usize = 5;
/// As long as names get.
pub(super) const MARIA: usize = 6;
/// Wrote a ticket, and is found by her customer number.
pub(super) const RENATE: usize = 7;
/// Wrote a ticket, and is in no CRM.
pub(super) const LENA: usize = 8;
/// Left a message, and is found by her address.
pub(super) const HARRIET: usize = 9;
/// Left a message, and is in no CRM.
pub(super) const GRETA: usize = 10;

/// The channel that `who` comes by.
pub(super) fn channel(who: usize) -> ChannelName {
    if [RENATE, LENA].contains(&who) { ChannelName::Ticketing } else { ChannelName::LiveChat }
}

/// The visitors.
pub(super) const PEOPLE: &[Person] = &[
    Person {
        id: "visitor-1048",
        fallback: "Visitor 1048",
        at_first: &[
            (System, "name", "Ana Silva"),
            (System, "email", "ana.silva@example.com"),
            (System, "phone", "+55 11 98765-4321"),
            (System, "city", "Campinas"),
            (System, "country", "Brazil"),
            (Variable, "customer_number", "10482"),
            (Page, "url", "https://shop.example/checkout"),
            (Page, "title", "Checkout"),
            (Utm, "source", "newsletter"),
            (Utm, "campaign", "spring"),
            (Session, "language", "pt-BR"),
        ],
    },
    Person {
        id: "visitor-8812",
        fallback: "Visitor 8812",
        at_first: &[(Page, "url", "https://shop.example/")],
    },
    Person {
        id: "visitor-3307",
        fallback: "Visitor 3307",
        at_first: &[
            (System, "name", "Jonas Weber"),
            (System, "email", "jonas.weber@example.com"),
            (System, "city", "Hamburg"),
            (System, "country", "Germany"),
            (PreChat, "Order number", "A-20931"),
            (Session, "language", "German"),
            (Page, "title", "Delivery"),
        ],
    },
    Person {
        id: "visitor-6120",
        fallback: "Visitor 6120",
        at_first: &[
            (System, "name", "Paula"),
            (System, "email", "office@silva-filhos.example"),
            (System, "country", "Brazil"),
            (Page, "title", "Wholesale"),
        ],
    },
    Person {
        id: "visitor-5521",
        fallback: "Visitor 5521",
        at_first: &[(System, "name", "Marek"), (System, "country", "Poland"), (Page, "title", "Returns")],
    },
    Person {
        id: "visitor-7409",
        fallback: "Visitor 7409",
        at_first: &[
            (System, "name", "ليلى"),
            (System, "email", "layla.haddad@example.net"),
            (System, "country", "Jordan"),
            (Session, "language", "ar"),
        ],
    },
    Person {
        id: "visitor-2954",
        fallback: "Visitor 2954",
        at_first: &[
            (System, "name", "Maria Antonieta Guilhermina de Vasconcelos Monteiro de Albuquerque e Castro"),
            (System, "country", "Portugal"),
            (Page, "referrer", "https://search.example/"),
        ],
    },
    Person {
        id: "contact-4790",
        fallback: "Contact 4790",
        at_first: &[
            (System, "name", "Renate Vogel"),
            (System, "email", "renate.vogel@example.net"),
            (Variable, "customer_number", "40017"),
            (Variable, "subject", "Invoice for May"),
        ],
    },
    Person {
        id: "contact-4821",
        fallback: "Contact 4821",
        at_first: &[
            (System, "name", "Lena Fischer"),
            (System, "email", "lena.fischer@example.net"),
            (Variable, "subject", "Refund for order A-20877"),
        ],
    },
    Person {
        id: "visitor-7718",
        fallback: "Visitor 7718",
        at_first: &[
            (System, "name", "Harriet Coleman"),
            (System, "email", "harriet.coleman@example.com"),
            (Offline, "message", "Do you deliver on Saturdays?"),
        ],
    },
    Person {
        id: "visitor-7725",
        fallback: "Visitor 7725",
        at_first: &[
            (System, "name", "Greta Lindqvist"),
            (System, "email", "greta.lindqvist@example.org"),
            (Offline, "message", "Please call me back about the blue tent."),
        ],
    },
];

/// What `NOBODY` fills in.
pub(super) const NOBODY_FILLS: &[Known] =
    &[(PreChat, "E-mail", "m.costa@example.org"), (System, "email", "m.costa@example.org")];

/// What `MARIA` tells later.
pub(super) const MARIA_TELLS: &[Known] =
    &[(System, "email", "maria.antonieta.vasconcelos.de.albuquerque@subsidiary.department.example.com")];

/// What is known of `person` when the chat begins; the platform's id always is.
pub(super) fn at_first(person: &Person) -> ChatFields {
    let mut all = fields(&[(System, "visitor_id", person.id)]);
    all.extend(fields(person.at_first));
    all
}

/// `known` as chat fields.
pub(super) fn fields(known: &[Known]) -> ChatFields {
    let mut fields = ChatFields::default();
    for (origin, name, value) in known {
        let key = ChatFieldKey::new(*origin, name);
        let label = label(&key).unwrap_or_else(|| (*name).to_owned());
        let field =
            ChatField { label, origin: *origin, evidence: evidence(&key), value: (*value).to_owned() };
        fields.set(key, field);
    }
    fields
}

/// The site signs the customer number, the platform knows the browser, and the rest is what visitors type.
fn evidence(key: &ChatFieldKey) -> Evidence {
    match key.as_str() {
        "variable.customer_number" => Evidence::Signed,
        "system.visitor_id" => Evidence::PlatformId,
        _ => Evidence::ClientAsserted,
    }
}

fn label(key: &ChatFieldKey) -> Option<String> {
    crate::registry::default_chat_fields(super::KIND)
        .into_iter()
        .find_map(|(known, label)| (known == *key).then_some(label))
}
