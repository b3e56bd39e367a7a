//! The story's office with the Optimove simulator: customers have nothing but their Customer ID to be found by, and what is
//! written is seen later.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use async_trait::async_trait;
use domain::{
    config::{CrmConnection, CrmProduct, defaults},
    mapping::MappingRow,
};
use testkit::{
    livechat::{Simulator as LiveChat, Visitor},
    optimove::{ADMIN_KEY, Function, Setup, Simulator, Timing, definitions, ids},
};

use super::{
    Persona,
    place::{Changes, NEAR, Place, Values},
};
use crate::{Desk, office};

/// What a site calls the variable that holds the Customer ID.
const VARIABLE: &str = "customer_id";
/// The customer whose ID is nearly the known visitor's.
const NEAR_ID: &str = "731";
/// How many attributes Optimove takes in one request.
const BATCH: usize = 10;

/// The attributes of the agent's edit: more than fit into a request.
const EDIT: [(&str, &str, &str); 12] = [
    ("LANGUAGE", "Language", "Swedish"),
    ("COUNTRY", "Country", "SE"),
    ("CASE_SUMMARY", "Case summary", "Asked about delivery"),
    ("LAST_CHAT_TOPIC", "Last chat topic", "Delivery"),
    ("NOTE_0", "Note 0", "Note of the agent, 0"),
    ("NOTE_1", "Note 1", "Note of the agent, 1"),
    ("NOTE_2", "Note 2", "Note of the agent, 2"),
    ("NOTE_3", "Note 3", "Note of the agent, 3"),
    ("NOTE_4", "Note 4", "Note of the agent, 4"),
    ("NOTE_5", "Note 5", "Note of the agent, 5"),
    ("NOTE_6", "Note 6", "Note of the agent, 6"),
    ("NOTE_7", "Note 7", "Note of the agent, 7"),
];

/// The office.
pub struct OptimoveOffice {
    desk: Desk,
    livechat: LiveChat,
    optimove: Simulator,
}

impl OptimoveOffice {
    /// Starts both platforms and a desk, and connects them.
    ///
    /// # Errors
    /// When one of them does not start.
    pub async fn new() -> Result<Self> {
        let mut desk = Desk::new()?;
        let livechat = LiveChat::start().await?;
        desk.set("SIDECARD_CA_FILE", livechat.authority_file());
        // A write is seen after three seconds, before the first reading that could confirm it.
        let setup = Setup { timing: Timing::faster(20), ..Setup::default() };
        let office = Self { desk, livechat, optimove: Simulator::start_with(setup).await? };
        office.connect()?;
        Ok(office)
    }

    fn connect(&self) -> Result<()> {
        let product = CrmProduct::Optimove(Box::new(self.optimove.config()));
        let crm = CrmConnection { name: "Optimove".to_owned(), product };
        let mut document = office::document(crm, &self.livechat);
        for lookup in &mut document.live_chat.lookups {
            lookup.mapping = Some(mapping());
        }
        self.desk.configure(&document)?;
        self.desk.keep_secret(office::CRM, "api_key", office::HOST, ADMIN_KEY)?;
        office::keep_token(&self.desk, testkit::livechat::TOKEN)
    }

    fn written(&self) -> Vec<Vec<String>> {
        let requests = self.optimove.requests().into_iter();
        requests.filter(|one| one.function == Function::Update).map(|one| one.attributes).collect()
    }
}

/// The defaults, and the attributes that this office keeps.
fn mapping() -> Vec<MappingRow> {
    let mut rows = defaults::mapping("livechat", "optimove");
    for name in ["ADDRESS"].into_iter().chain(EDIT.map(|(name, ..)| name)) {
        if rows.iter().all(|row| row.crm_field.as_str() != name) {
            rows.push(MappingRow::shown(name));
        }
    }
    rows
}

fn id(persona: &Persona) -> &'static str {
    // One has zeros that count, the other what has a meaning in addresses.
    if persona.name == Persona::known().name { ids()[1] } else { ids()[3] }
}

fn attribute(label: &str) -> Option<String> {
    definitions(0).into_iter().find(|one| one.alias == label).map(|one| one.name)
}

fn values(persona: &Persona) -> Vec<(&'static str, &str)> {
    let (first, last) = persona.name.split_once(' ').unwrap_or((&persona.name, ""));
    vec![("FIRST_NAME", first), ("LAST_NAME", last), ("EMAIL", &persona.email), ("CITY", &persona.city)]
}

#[async_trait]
impl Place for OptimoveOffice {
    fn desk(&self) -> &Desk {
        &self.desk
    }

    fn livechat(&self) -> &LiveChat {
        &self.livechat
    }

    fn changes(&self) -> Changes {
        Changes {
            shared: "Address",
            turns: ["Kungsgatan 2", "Drottninggatan 3", "Vasagatan 4"],
            edit: EDIT.map(|(_, label, value)| (label, value)).to_vec(),
            other: "Email",
        }
    }

    fn required(&self, persona: &Persona) -> (&'static str, String) {
        ("Customer ID", id(persona).to_owned())
    }

    fn visitor(&self, persona: &Persona) -> Visitor {
        let session_fields = vec![(VARIABLE.to_owned(), id(persona).to_owned())];
        Visitor { session_fields, ..Visitor::named(&persona.name).with_email(&persona.email) }
    }

    async fn put(&self, persona: &Persona) -> Result<String> {
        self.optimove.remove(ids()[3]);
        let mut all = values(persona);
        all.push(("ADDRESS", "Storgatan 1"));
        self.optimove.load(id(persona), &all);
        let (first, last) = NEAR.split_once(' ').unwrap_or((NEAR, ""));
        self.optimove.load(NEAR_ID, &[("FIRST_NAME", first), ("LAST_NAME", last)]);
        Ok(id(persona).to_owned())
    }

    async fn count(&self) -> Result<usize> {
        Ok(self.optimove.customers().len())
    }

    async fn read(&self, id: &str) -> Result<Option<Values>> {
        let Some(stored) = self.optimove.stored(id) else { return Ok(None) };
        let labels: BTreeMap<_, _> = definitions(0).into_iter().map(|one| (one.name, one.alias)).collect();
        let label = |name: String| labels.get(&name).cloned().unwrap_or(name);
        Ok(Some(stored.into_iter().map(|(name, value)| (label(name), value)).collect()))
    }

    async fn change(&self, id: &str, field: &str, value: &str) -> Result<()> {
        let name = attribute(field).unwrap_or_else(|| field.to_owned());
        self.optimove.load(id, &[(&name, value)]);
        Ok(())
    }

    async fn of(&self, persona: &Persona) -> Result<Vec<String>> {
        let made = self.optimove.holding("EMAIL", &persona.email);
        ensure!(made.iter().all(|made| made == id(persona)), "{made:?} were made");
        Ok(made)
    }

    fn shown(&self, persona: &Persona) -> Vec<String> {
        [id(persona), &persona.name, &persona.email, &persona.city, "Storgatan 1"].map(str::to_owned).to_vec()
    }

    fn page(&self, id: &str) -> String {
        let id = percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC);
        format!("{}#/customer-360/{id}", self.optimove.web_app())
    }

    fn is_seen_later(&self) -> bool {
        true
    }

    fn look_at_edit(&self) -> Result<()> {
        let written = self.written();
        let sizes: Vec<usize> = written.iter().map(Vec::len).collect();
        ensure!(sizes == [BATCH, EDIT.len() - BATCH], "the edit went out as {sizes:?} attributes");
        let mut names: Vec<&str> = written.iter().flatten().map(String::as_str).collect();
        let mut wanted = EDIT.map(|(name, ..)| name);
        names.sort_unstable();
        wanted.sort_unstable();
        ensure!(names == wanted, "{names:?} were written");
        let asked = self.optimove.requests();
        ensure!(asked.iter().all(|one| one.customer != NEAR_ID), "somebody else was asked for");
        Ok(())
    }
}
