//! The attributes of a simulated account, and the ids of its customers.

use std::collections::BTreeMap;

/// An attribute of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The technical name.
    pub name: String,
    /// What people call it.
    pub alias: String,
    /// The type as Optimove names it.
    pub kind: &'static str,
    /// Whether support has enabled it for writing.
    pub writable: bool,
}

impl Definition {
    /// An attribute that may be written.
    pub fn new(name: &str, alias: &str, kind: &'static str) -> Self {
        Self { name: name.to_owned(), alias: alias.to_owned(), kind, writable: true }
    }

    /// The same for reading alone.
    pub fn read_only(self) -> Self {
        Self { writable: false, ..self }
    }
}

/// The technical name of the Customer ID in an account of these attributes.
pub(super) fn id_name(definitions: &[Definition]) -> Option<&str> {
    definitions.iter().find(|it| it.alias == "Customer ID").map(|it| it.name.as_str())
}

/// The attributes of an account as they commonly are, and `measures` computed ones beside them.
pub fn definitions(measures: usize) -> Vec<Definition> {
    let of = Definition::new;
    let mut all = vec![
        of("CASINO_CUSTOMER_ID", "Customer ID", "Nvarchar").read_only(),
        of("FIRST_NAME", "First name", "Nvarchar"),
        of("LAST_NAME", "Last name", "Nvarchar"),
        of("EMAIL", "Email", "Nvarchar"),
        of("ADDRESS", "Address", "Nvarchar"),
        of("CITY", "City", "Nvarchar"),
        of("COUNTRY", "Country", "Nvarchar"),
        of("LANGUAGE", "Language", "Nvarchar"),
        of("DATE_OF_BIRTH", "Date of birth", "Date"),
        of("AGE", "Age", "Int").read_only(),
        of("ALLOW_EMAIL", "Allow e-mail", "Nvarchar"),
        of("LIFETIME_DEPOSITS", "Lifetime deposits", "Decimal").read_only(),
        of("DAYS_SINCE_LOGIN", "Days since login", "Int").read_only(),
        of("LAST_DEPOSIT_DATE", "Last deposit", "Date").read_only(),
        of("IS_VIP", "VIP", "Nvarchar"),
        of("CASE_SUMMARY", "Case summary", "Nvarchar"),
        of("LAST_CHAT_DATE", "Last chat", "Date"),
        of("LAST_CHAT_TOPIC", "Last chat topic", "Nvarchar"),
        of("CHAT_COUNT", "Chats", "Int"),
        of("CREDIT_GIVEN", "Credit given", "Decimal"),
        of("WIN_RATE", "Rate", "Varchar").read_only(),
        of("LOSS_RATE", "Rate", "Varchar").read_only(),
    ];
    all.extend((0..8).map(|number| of(&format!("NOTE_{number}"), &format!("Note {number}"), "Nvarchar")));
    all.extend((0..measures).map(|number| {
        let kind = ["Decimal", "Bigint", "Nvarchar", "Int"][number % 4];
        of(&format!("MEASURE_{number:03}"), &format!("Measure {number}"), kind).read_only()
    }));
    all
}

/// The ids of the customers: with leading zeros, signs that mean something in addresses, letters of other scripts.
pub fn ids() -> [&'static str; 12] {
    [
        "P-20041",
        "00731",
        "731",
        "P/2+ä",
        "6f1e7c3a-2222-4333-8444-555566667777",
        "100%",
        "a?b#c=d&e",
        "player one",
        "日本-7",
        "WALLET_9",
        "x\\y",
        "%2F",
    ]
}

/// The values of a customer, by attribute; those that are not named are null.
pub(super) type Values = BTreeMap<String, String>;

/// What the customer `id`, the `number`th, begins with.
pub(super) fn first_values(id: &str, number: usize) -> Values {
    let of = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Values::from([
        of("CASINO_CUSTOMER_ID", id),
        of("FIRST_NAME", ["Nadia", "Omar", "Iris"][number % 3]),
        of("LAST_NAME", ["Rossi", "Haddad", "Nowak", "Lima"][number % 4]),
        of("EMAIL", &format!("customer{number}@mail.example")),
        of("COUNTRY", "PT"),
        of("DATE_OF_BIRTH", "03/05/1988 00:00:00"),
        of("LIFETIME_DEPOSITS", "1240.5000"),
        of("DAYS_SINCE_LOGIN", "9999"),
        of("LAST_DEPOSIT_DATE", "01/01/1900 00:00:00"),
        of("IS_VIP", "true"),
        of("WIN_RATE", "27%"),
    ])
}
