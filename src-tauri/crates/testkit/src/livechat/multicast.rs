//! Messages from one agent's program to others'.

use serde_json::{Value, json};

use super::{
    Simulator,
    actions::Refusal,
    unknowns::OwnMulticast,
    world::{Audience, World},
};

/// `multicast`: nothing is stored, and LiveChat itself says who the author is.
pub(super) fn send(world: &mut World, author: &str, request: &Value) -> Result<Value, Refusal> {
    let agents = &request["recipients"]["agents"];
    if !agents.is_object() || request["content"].is_null() {
        return Err(Refusal("validation"));
    }
    let named = agents["ids"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut to: Vec<String> = match agents["all"] == true {
        true => world.agents.keys().cloned().collect(),
        false => named.filter(|id| world.agents.contains_key(*id)).map(str::to_owned).collect(),
    };
    if world.unknowns.own_multicast == OwnMulticast::NotDelivered {
        to.retain(|agent| agent != author);
    }
    let mut payload = json!({ "author_id": author, "content": request["content"] });
    if request["type"].is_string() {
        payload["type"] = request["type"].clone();
    }
    for agent in &to {
        world.push(&Audience::Agent(agent), "incoming_multicast", &payload);
    }
    Ok(json!({}))
}

impl Simulator {
    /// A program of `author` sends `content` to `agent`.
    ///
    /// # Panics
    /// When the simulator refuses it.
    pub fn multicast(&self, author: &str, agent: &str, kind: &str, content: &Value) {
        let request =
            json!({ "recipients": { "agents": { "ids": [agent] } }, "type": kind, "content": content });
        let sent = send(&mut self.shared.world(), author, &request);
        assert!(sent.is_ok(), "the multicast was refused: {sent:?}");
    }

    /// LiveChat itself sends `content` to `agent`: without an author.
    pub fn multicast_of_the_server(&self, agent: &str, kind: &str, content: &Value) {
        let payload = json!({ "type": kind, "content": content });
        self.shared.world().push(&Audience::Agent(agent), "incoming_multicast", &payload);
    }
}
