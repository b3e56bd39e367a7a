//! Forms to connect a product: what must be known, and reading what was typed. The same for CRMs and chat platforms.

use std::collections::BTreeMap;

use url::Url;

use crate::http::is_secure;

/// A product that can be connected: a CRM or a chat platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its name in configuration: `tryton`.
    pub kind: &'static str,
    /// Its name on screen.
    pub name: &'static str,
    /// What must be known to connect, in the order of the form.
    pub inputs: Vec<Input>,
}

/// Something that must be known to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its name; for a secret, the name of its slot in the keyring.
    pub key: &'static str,
    /// Whether it goes to the keyring and never comes back.
    pub secret: bool,
    /// Whether it must be given.
    pub required: bool,
    /// What it holds.
    pub kind: InputKind,
    /// What it begins with.
    pub default: &'static str,
    /// The choice it belongs to: another input's name, and what must be chosen there.
    pub only: Option<(&'static str, &'static str)>,
}

/// What an input holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// Any text.
    Text,
    /// A web address.
    Url,
    /// One of these.
    Choice(&'static [&'static str]),
    /// Nothing that is typed: signing in in the browser fills its slot.
    SignIn,
}

/// What is wrong with an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputProblem {
    /// It must be given.
    Missing,
    /// It is no web address.
    NotAnAddress,
    /// It is an address whose traffic others could read: `http` to another computer.
    NotSecure,
    /// The address holds a password, which belongs in the keyring.
    HoldsCredential,
    /// It is no template, and no address that holds the id given beside it.
    NoId,
    /// It is not three different ports from 1024 on.
    NotPorts,
    /// There is no such product.
    UnknownProduct,
}

impl Input {
    /// A line of text that must be given.
    pub fn text(key: &'static str) -> Self {
        Self { key, secret: false, required: true, kind: InputKind::Text, default: "", only: None }
    }

    /// A choice of `options`, the first of which is the default.
    pub fn choice(key: &'static str, options: &'static [&'static str]) -> Self {
        let default = options.first().copied().unwrap_or_default();
        Self { kind: InputKind::Choice(options), default, ..Self::text(key) }
    }

    /// Signing in in the browser, which must be done.
    pub fn sign_in() -> Self {
        Self { kind: InputKind::SignIn, ..Self::text(crate::oauth::GRANT).secret() }
    }

    /// The same, asked for only where `option` is chosen in the input `choice`.
    pub fn only(self, choice: &'static str, option: &'static str) -> Self {
        Self { only: Some((choice, option)), ..self }
    }

    /// The same as a web address.
    pub fn address(self) -> Self {
        Self { kind: InputKind::Url, ..self }
    }

    /// The same as a secret.
    pub fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    /// The same, and this when it is left empty.
    pub fn or(self, default: &'static str) -> Self {
        Self { required: false, default, ..self }
    }
}

/// Reads what was typed, and collects every problem of it.
#[derive(Debug)]
pub struct Form<'a> {
    values: &'a BTreeMap<String, String>,
    problems: Vec<(String, InputProblem)>,
}

impl<'a> Form<'a> {
    /// A form in which `values` were typed.
    pub fn new(values: &'a BTreeMap<String, String>) -> Self {
        Self { values, problems: Vec::new() }
    }

    /// What is wrong, input by input.
    pub fn into_problems(self) -> Vec<(String, InputProblem)> {
        self.problems
    }

    /// The trimmed text of an input that must be given.
    pub fn text(&mut self, key: &str) -> Option<String> {
        match self.values.get(key).map(|value| value.trim()) {
            None | Some("") => self.problem(key, InputProblem::Missing),
            Some(value) => Some(value.to_owned()),
        }
    }

    /// The web address of an input that must be given.
    pub fn address(&mut self, key: &str) -> Option<Url> {
        let text = self.text(key)?;
        self.read_address(key, &text)
    }

    /// The web address of an input, `default` when it was left empty.
    pub fn address_or(&mut self, key: &str, default: &str) -> Option<Url> {
        let typed = self.values.get(key).map_or("", |value| value.trim());
        let text = if typed.is_empty() { default } else { typed };
        self.read_address(key, text)
    }

    /// The trimmed text of an input that may be left empty.
    pub fn given(&self, key: &str) -> Option<String> {
        let text = self.values.get(key)?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The web address of an input that may be left empty.
    pub fn address_given(&mut self, key: &str) -> Option<Url> {
        let text = self.given(key)?;
        self.read_address(key, &text)
    }

    /// The template of records' addresses: one that was typed, or what `derive` makes of a record's own address.
    pub fn template_given(
        &mut self,
        key: &str,
        holder: &str,
        derive: impl Fn(&str) -> Option<String>,
    ) -> Option<String> {
        let text = self.given(key)?;
        self.read_address(key, &text)?;
        if text.contains(holder) {
            return Some(text);
        }
        derive(&text).or_else(|| self.problem(key, InputProblem::NoId))
    }

    /// The option that is chosen in an input; the first where nothing is.
    pub fn chosen(&self, key: &str, options: &'static [&'static str]) -> &'static str {
        let given = self.given(key);
        let found = options.iter().find(|option| given.as_deref() == Some(option));
        found.or(options.first()).copied().unwrap_or_default()
    }

    /// The ports of redirect addresses, `default` where the input was left empty.
    pub fn ports_or(&mut self, key: &str, default: [u16; 3]) -> Option<[u16; 3]> {
        let Some(text) = self.given(key) else { return Some(default) };
        let words = text.split([',', ' ', ';']).filter(|word| !word.is_empty());
        let ports: Vec<u16> =
            words.map_while(|word| word.parse().ok().filter(|port| *port >= 1024)).collect();
        match <[u16; 3]>::try_from(ports) {
            Ok([a, b, c]) if a != b && b != c && a != c => Some([a, b, c]),
            _ => self.problem(key, InputProblem::NotPorts),
        }
    }

    /// Whether nothing is wrong so far.
    pub fn is_right(&self) -> bool {
        self.problems.is_empty()
    }

    fn read_address(&mut self, key: &str, text: &str) -> Option<Url> {
        match Url::parse(text) {
            Ok(url) if !matches!(url.scheme(), "http" | "https") || url.host().is_none() => {
                self.problem(key, InputProblem::NotAnAddress)
            }
            Ok(url) if !is_secure(&url) => self.problem(key, InputProblem::NotSecure),
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                self.problem(key, InputProblem::HoldsCredential)
            }
            Ok(url) => Some(url),
            Err(_) => self.problem(key, InputProblem::NotAnAddress),
        }
    }

    fn problem<T>(&mut self, key: &str, problem: InputProblem) -> Option<T> {
        self.problems.push((key.to_owned(), problem));
        None
    }
}
