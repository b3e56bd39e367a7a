//! The records that the sample CRM begins with, the same each time. All of them are invented.

use domain::{Fields, Value};

/// One line of the table below. Blank means that the field is empty.
struct Line {
    number: &'static str,
    name: &'static str,
    email: &'static str,
    phone: &'static str,
    tier: &'static str,
    since: &'static str,
    balance: &'static str,
    consent: &'static [&'static str],
    city: &'static str,
    language: &'static str,
    website: &'static str,
    web_visitor: &'static str,
    notes: &'static str,
}

const BLANK: Line = Line {
    number: "",
    name: "",
    email: "",
    phone: "",
    tier: "",
    since: "",
    balance: "",
    consent: &[],
    city: "",
    language: "en",
    website: "",
    web_visitor: "",
    notes: "",
};

const OFFICE: &str = "office@silva-filhos.example";

/// The people of the scripted chats.
const VISITORS: &[Line] = &[
    Line {
        number: "10482",
        name: "Ana Silva",
        email: "ana.silva@example.com",
        tier: "Gold",
        since: "2021-05-12",
        balance: "1284.50",
        consent: &["Newsletter", "SMS"],
        city: "São Paulo",
        language: "pt",
        ..BLANK
    },
    // Not the same person: an address that only begins like hers.
    Line {
        number: "10483",
        name: "Ana Silva Prado",
        email: "ana.silva@example.com.br",
        tier: "Bronze",
        since: "2023-02-01",
        balance: "0.00",
        city: "Campinas",
        language: "pt",
        ..BLANK
    },
    // Three records that share one address.
    Line {
        number: "22317",
        name: "Silva & Filhos — Compras",
        email: OFFICE,
        phone: "+55 11 3064-7000",
        tier: "Silver",
        since: "2018-09-03",
        balance: "15230.00",
        consent: &["Post"],
        city: "São Paulo",
        language: "pt",
        website: "https://silva-filhos.example",
        ..BLANK
    },
    Line {
        number: "22318",
        name: "Silva & Filhos — Filial Santos",
        email: OFFICE,
        tier: "Bronze",
        since: "2019-11-20",
        balance: "420.75",
        city: "Santos",
        language: "pt",
        ..BLANK
    },
    Line {
        number: "30090",
        name: "Carlos Silva",
        email: OFFICE,
        tier: "Gold",
        since: "2016-01-15",
        balance: "-88.10",
        consent: &["Newsletter"],
        city: "Curitiba",
        language: "pt",
        notes: "Asks for invoices by post.",
        ..BLANK
    },
    Line {
        number: "15521",
        name: "Marek Zieliński",
        email: "marek.z@example.net",
        phone: "+48 22 555 01 21",
        tier: "Silver",
        since: "2020-07-30",
        balance: "99.90",
        city: "Kraków",
        language: "pl",
        web_visitor: "visitor-5521",
        ..BLANK
    },
    Line {
        number: "17733",
        name: "ليلى حدّاد",
        email: "layla.haddad@example.net",
        tier: "Gold",
        since: "2022-03-08",
        balance: "310.00",
        consent: &["SMS"],
        city: "عمّان",
        language: "ar",
        ..BLANK
    },
    Line {
        number: "19001",
        name: "Maria Antonieta Vasconcelos de Albuquerque e Bragança-Schwarzenberg van der Meulen",
        email: "maria.antonieta.vasconcelos.de.albuquerque@subsidiary.department.example.com",
        tier: "Bronze",
        since: "2024-10-02",
        balance: "7.00",
        city: "Vila Nova de Famalicão",
        language: "pt",
        ..BLANK
    },
];

/// Others, so that searching has something to choose from: number, name, e-mail, phone, tier, since, balance, city, language.
type Other = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

#[rustfmt::skip]
const OTHERS: &[Other] = &[
    ("40001", "Ingrid Baumann", "ingrid.baumann@example.com", "+49 30 5550101", "Gold", "2015-02-11", "120.00", "Berlin", "de"),
    ("40002", "Jonas Keller", "jonas.keller@example.com", "+49 89 5550102", "Silver", "2017-06-21", "0.00", "München", "de"),
    ("40003", "Weronika Nowak", "w.nowak@example.net", "+48 22 555 01 03", "Bronze", "2019-04-02", "45.20", "Warszawa", "pl"),
    ("40004", "Tomasz Wójcik", "tomasz.wojcik@example.net", "", "Silver", "2020-12-12", "310.40", "Gdańsk", "pl"),
    ("40005", "Beatriz Moura", "beatriz.moura@example.org", "+55 21 95555-0105", "Gold", "2018-08-08", "2100.00", "Rio de Janeiro", "pt"),
    ("40006", "Miguel Costa Lima", "miguel.lima@example.org", "+351 21 555 0106", "Bronze", "2021-01-19", "12.00", "Lisboa", "pt"),
    ("40007", "Sofia Marques", "sofia.marques@example.org", "", "Silver", "2022-05-05", "78.30", "Porto", "pt"),
    ("40008", "Omar Nasser", "omar.nasser@example.net", "+962 6 555 0108", "Gold", "2016-10-30", "640.00", "عمّان", "ar"),
    ("40009", "سارة منصور", "sara.mansour@example.net", "", "Bronze", "2023-07-14", "5.00", "بيروت", "ar"),
    ("40010", "Harriet Coleman", "harriet.coleman@example.com", "+44 20 7946 0110", "Gold", "2014-03-25", "990.90", "London", "en"),
    ("40011", "Edward Pryce", "edward.pryce@example.com", "+44 161 496 0111", "Silver", "2019-09-09", "33.00", "Manchester", "en"),
    ("40012", "Niamh Gallagher", "niamh.gallagher@example.com", "", "Bronze", "2024-01-03", "0.00", "Galway", "en"),
    ("40013", "Grace Okafor", "grace.okafor@example.com", "", "Gold", "2020-02-29", "480.10", "Lagos", "en"),
    ("40014", "Priya Raman", "priya.raman@example.com", "", "Silver", "2021-11-11", "61.00", "Chennai", "en"),
    ("40015", "Lars Bergström", "lars.bergstrom@example.org", "", "Bronze", "2018-05-17", "19.99", "Malmö", "en"),
    ("40016", "Élodie Fournier", "elodie.fournier@example.org", "+33 1 55 55 01 16", "Gold", "2017-12-24", "1500.00", "Lyon", "en"),
    ("40017", "Renate Vogel", "renate.vogel@example.net", "+49 40 5550117", "Silver", "2016-06-06", "250.00", "Hamburg", "de"),
    ("40018", "Friedrich Weiß", "f.weiss@example.net", "", "Bronze", "2023-03-31", "8.80", "Köln", "de"),
    ("40019", "Ana Beatriz Rocha", "anabeatriz.rocha@example.org", "", "Silver", "2022-08-22", "134.00", "Recife", "pt"),
    ("40020", "Paweł Zieliński", "pawel.zielinski@example.net", "+48 22 555 01 20", "Gold", "2015-10-10", "720.00", "Łódź", "pl"),
];

/// The values of all records, in the order of their ids.
pub(super) fn records() -> Vec<Fields> {
    VISITORS.iter().map(fields).chain(OTHERS.iter().map(|other| fields(&line(other)))).collect()
}

fn line(&(number, name, email, phone, tier, since, balance, city, language): &Other) -> Line {
    Line { number, name, email, phone, tier, since, balance, city, language, ..BLANK }
}

fn fields(line: &Line) -> Fields {
    let consent = line.consent.iter().map(|entry| (*entry).to_owned()).collect();
    let values: [(&str, Value); 13] = [
        ("customer_number", line.number.into()),
        ("name", line.name.into()),
        ("email", line.email.into()),
        ("phone", line.phone.into()),
        ("tier", filled(line.tier, Value::Choice)),
        ("customer_since", line.since.parse().map_or(Value::Empty, Value::Date)),
        ("balance", filled(line.balance, Value::Number)),
        ("consent", if line.consent.is_empty() { Value::Empty } else { Value::Choices(consent) }),
        ("city", line.city.into()),
        ("language", filled(line.language, Value::Choice)),
        ("website", line.website.into()),
        ("web_visitor", line.web_visitor.into()),
        ("notes", line.notes.into()),
    ];
    values.into_iter().map(|(key, value)| (key.into(), value)).collect()
}

fn filled(text: &str, value: fn(String) -> Value) -> Value {
    if text.is_empty() { Value::Empty } else { value(text.to_owned()) }
}
