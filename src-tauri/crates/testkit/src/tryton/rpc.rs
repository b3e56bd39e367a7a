//! The server's own protocol, spoken without the product's code, so that tests see what is really stored.

use anyhow::{Context, Result, bail};
use base64::{Engine, engine::general_purpose::STANDARD};
use connectors::http::{HttpSettings, Proxy, client};
use serde_json::{Value, json};
use url::Url;

use super::{
    party::{FIELDS, NewParty, StoredParty},
    server::{DATABASE, LOGIN},
};

/// A session on a test server.
#[derive(Clone, Debug)]
pub struct Rpc {
    http: reqwest::Client,
    endpoint: Url,
    session: Option<String>,
}

impl Rpc {
    /// Signs in as the administrator.
    pub async fn log_in(address: &Url, password: &str) -> Result<Self> {
        let http = client(&HttpSettings { proxy: Proxy::Direct, ..HttpSettings::default() })?;
        let endpoint = address.join(&format!("{DATABASE}/rpc/"))?;
        let mut rpc = Self { http, endpoint, session: None };
        let answer = rpc.call("common.db.login", json!([LOGIN, { "password": password }, "en"])).await?;
        let token = answer[1].as_str().context("the log-in gave no session")?;
        rpc.session = Some(format!("Session {}", STANDARD.encode(format!("{LOGIN}:{}:{token}", answer[0]))));
        Ok(rpc)
    }

    /// Calls a method; an error of the server is an error here.
    #[expect(clippy::disallowed_methods, reason = "a test server's answer is trusted to be small")]
    pub async fn call(&self, method: &str, params: Value) -> Result<Value> {
        let body = json!({ "id": 1, "method": method, "params": params });
        let mut request = self.http.post(self.endpoint.clone()).json(&body);
        if let Some(session) = &self.session {
            request = request.header("Authorization", session);
        }
        let mut answer: Value = request.send().await?.error_for_status()?.json().await?;
        match answer.get("error") {
            Some(error) => bail!("{method}: {error}"),
            None => Ok(answer["result"].take()),
        }
    }

    pub(super) async fn set_password(&self, password: &str) -> Result<()> {
        self.call("model.res.user.write", json!([[1], { "password": password }, {}])).await.map(drop)
    }

    /// Puts a party in and answers its id.
    pub async fn create(&self, party: &NewParty) -> Result<i64> {
        let params = json!([[party.values()], {}]);
        for _ in 0..5 {
            match self.call("model.party.party.create", params.clone()).await {
                // Two parties created at the same moment may get the same code; one of them is refused.
                Err(error) if error.to_string().contains("code on party must be unique") => {}
                ids => return ids?[0].as_i64().context("no id"),
            }
        }
        bail!("no free code was found")
    }

    /// What is stored of a party, archived or not; `None` when it is deleted.
    pub async fn read(&self, id: i64) -> Result<Option<StoredParty>> {
        let domain = json!([["id", "=", id], ["active", "in", [true, false]]]);
        Ok(self.matching(domain).await?.pop())
    }

    /// The parties with this name.
    pub async fn named(&self, name: &str) -> Result<Vec<StoredParty>> {
        self.matching(json!([["name", "=", name]])).await
    }

    async fn matching(&self, domain: Value) -> Result<Vec<StoredParty>> {
        let params = json!([domain, 0, null, [["id", "ASC"]], FIELDS, {}]);
        let rows = self.call("model.party.party.search_read", params).await?;
        rows.as_array().context("no rows")?.iter().map(StoredParty::from_row).collect()
    }

    /// Changes a party's own fields, as a colleague would.
    pub async fn write(&self, id: i64, values: Value) -> Result<()> {
        self.call("model.party.party.write", json!([[id], values, {}])).await.map(drop)
    }

    /// Changes a party's first contact mechanism of a type, as a colleague would in the party's form.
    pub async fn set_mechanism(&self, id: i64, kind: &str, value: &str) -> Result<()> {
        let party = self.read(id).await?.context("no such party")?;
        let (mechanism, _) = party.mechanism(kind).context("no such contact mechanism")?;
        let values = json!({ "contact_mechanisms": [["write", [mechanism], { "value": value }]] });
        self.write(id, values).await
    }

    /// Puts a party into the category `name`, which is made for it.
    pub async fn categorise(&self, id: i64, name: &str) -> Result<()> {
        let made = self.call("model.party.category.create", json!([[{ "name": name }], {}])).await?;
        self.write(id, json!({ "categories": [["add", made]] })).await
    }

    /// Makes a sale opportunity of 640 euros for a party.
    pub async fn offer(&self, id: i64, description: &str) -> Result<()> {
        let company = self.company().await?;
        let opportunity = json!({
            "party": id,
            "company": company,
            "description": description,
            "amount": { "__class__": "Decimal", "decimal": "640.00" },
            "start_date": { "__class__": "date", "year": 2026, "month": 11, "day": 3 },
        });
        let context = json!({ "company": company });
        self.call("model.sale.opportunity.create", json!([[opportunity], context])).await.map(drop)
    }

    /// Sees to it that the administrator works for a company, and answers the employee's id.
    pub async fn employ(&self) -> Result<i64> {
        let company = self.company().await?;
        let party = self.create(&NewParty::named("The administrator")).await?;
        let employee = json!({ "party": party, "company": company });
        let made = self.call("model.company.employee.create", json!([[employee], {}])).await?;
        let own = json!({ "employees": [["add", made]], "employee": made[0] });
        self.call("model.res.user.write", json!([[1], own, {}])).await?;
        made[0].as_i64().context("no id")
    }

    /// The texts of the notes on a party.
    pub async fn notes(&self, id: i64) -> Result<Vec<String>> {
        let domain = json!([["resource", "=", format!("party.party,{id}")]]);
        let params = json!([domain, 0, null, [["id", "ASC"]], ["message"], {}]);
        let rows = self.call("model.ir.note.search_read", params).await?;
        let message = |row: &Value| row["message"].as_str().map(str::to_owned).context("no text");
        rows.as_array().context("no rows")?.iter().map(message).collect()
    }

    /// The leads of a party, or of none: description and comment as one text, and the employee.
    pub async fn leads(&self, id: Option<i64>) -> Result<Vec<(String, Option<i64>)>> {
        let fields = ["description", "comment", "employee", "state"];
        let domain = json!([["party", "=", id], ["state", "=", "lead"]]);
        let params = json!([domain, 0, null, [["id", "ASC"]], fields, {}]);
        let rows = self.call("model.sale.opportunity.search_read", params).await?;
        let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let lead = |row: &Value| {
            (format!("{}\n{}", text(row, "description"), text(row, "comment")), row["employee"].as_i64())
        };
        Ok(rows.as_array().context("no rows")?.iter().map(lead).collect())
    }

    /// The company that opportunities belong to; made when there is none.
    async fn company(&self) -> Result<Value> {
        let mut known = self.call("model.company.company.search", json!([[], 0, 1, null, {}])).await?;
        if let Some(company) = known.get_mut(0) {
            return Ok(company.take());
        }
        let euro = json!({
            "name": "Euro",
            "symbol": "€",
            "code": "EUR",
            "rounding": { "__class__": "Decimal", "decimal": "0.01" },
            "digits": 2,
        });
        let currency = self.call("model.currency.currency.create", json!([[euro], {}])).await?;
        let party = self.create(&NewParty::named("The company")).await?;
        let company = json!({ "party": party, "currency": currency[0] });
        let mut made = self.call("model.company.company.create", json!([[company], {}])).await?;
        // Opportunities of other companies than the user's own are hidden from the user.
        let own = json!({ "companies": [["add", made]], "company": made[0] });
        self.call("model.res.user.write", json!([[1], own, {}])).await?;
        Ok(made[0].take())
    }

    /// Deletes a party.
    pub async fn delete(&self, id: i64) -> Result<()> {
        self.call("model.party.party.delete", json!([[id], {}])).await.map(drop)
    }

    /// Archives a party.
    pub async fn archive(&self, id: i64) -> Result<()> {
        self.write(id, json!({ "active": false })).await
    }
}
