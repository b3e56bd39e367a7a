//! The story's office with a real Tryton.

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use serde_json::json;
use testkit::{
    livechat::{Simulator, Visitor},
    tryton::{NewParty, StoredParty},
};

use super::{
    Persona,
    place::{Changes, NEAR, Place, Values},
};
use crate::{Desk, office::Office};

/// The contact mechanisms, and what they are called in the panel.
const MECHANISMS: [(&str, &str); 3] = [("email", "E-mail"), ("phone", "Phone"), ("website", "Website")];

#[async_trait]
impl Place for Office {
    fn desk(&self) -> &Desk {
        &self.desk
    }

    fn livechat(&self) -> &Simulator {
        &self.livechat
    }

    fn changes(&self) -> Changes {
        Changes {
            shared: "Phone",
            turns: ["+46 8 555 010 99", "+46 8 555 011 11", "+46 8 555 022 22"],
            edit: vec![("Website", "https://northwind.example/mara")],
            other: "E-mail",
        }
    }

    fn required(&self, persona: &Persona) -> (&'static str, String) {
        ("Name", persona.name.clone())
    }

    fn visitor(&self, persona: &Persona) -> Visitor {
        Visitor::named(&persona.name).with_email(&persona.email)
    }

    fn stranger(&self, persona: &Persona) -> Visitor {
        Visitor { name: None, ..self.visitor(persona) }
    }

    async fn put(&self, persona: &Persona) -> Result<String> {
        let Persona { name, email, phone, city } = persona;
        let party = NewParty::named(name).with("email", email).with("phone", phone);
        let id = self.crm.create(&party.at("Storgatan 1", "753 31", city)).await?;
        self.crm.create(&NewParty::named(NEAR).with("email", &format!("not-{email}"))).await?;
        Ok(id.to_string())
    }

    async fn count(&self) -> Result<usize> {
        let count = self.crm.call("model.party.party.search_count", json!([[], {}])).await?;
        let count = count.as_u64().context("the server does not count")?;
        Ok(usize::try_from(count)?)
    }

    async fn read(&self, id: &str) -> Result<Option<Values>> {
        Ok(self.crm.read(id.parse()?).await?.map(|party| values(&party)))
    }

    async fn change(&self, id: &str, field: &str, value: &str) -> Result<()> {
        let kind = MECHANISMS.iter().find(|(_, label)| *label == field).context("no such mechanism")?.0;
        self.crm.set_mechanism(id.parse()?, kind, value).await
    }

    async fn of(&self, persona: &Persona) -> Result<Vec<String>> {
        let made = self.crm.named(&persona.name).await?;
        for party in &made {
            ensure!(party.value("email") == Some(persona.email.as_str()), "the address came from the chat");
        }
        Ok(made.iter().map(|party| party.id.to_string()).collect())
    }

    fn shown(&self, persona: &Persona) -> Vec<String> {
        let Persona { name, email, phone, city } = persona;
        ["E-mail", name, email, phone, city, "Storgatan 1"].map(str::to_owned).to_vec()
    }

    fn page(&self, id: &str) -> String {
        format!("{}#crm/model/party.party/{id}", self.tryton.address())
    }
}

fn values(party: &StoredParty) -> Values {
    let mechanisms =
        MECHANISMS.iter().filter_map(|(kind, label)| Some((*label, party.value(kind)?.to_owned())));
    let own = [("Name", party.name.clone()), ("Code", party.code.clone())];
    let places = party.addresses.iter().map(|(street, postal_code, city)| {
        [("Street", street.clone()), ("Postal code", postal_code.clone()), ("City", city.clone())]
    });
    let all = own.into_iter().chain(mechanisms).chain(places.flatten());
    all.map(|(label, value)| (label.to_owned(), value)).collect()
}
