//! Who is responsible for what a chat leaves in the CRM.

use serde::{Deserialize, Serialize};

use super::{Act, Agent, Turn};
use crate::{AgentId, RecordId, email, text::caseless};

/// Who shall be responsible for a new record, best first. Which of them the CRM knows is found out when it is made.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manager {
    /// Logins and e-mail addresses: of the assigned agent, then of the last who wrote.
    pub logins: Vec<String>,
    /// The user of the CRM when it knows none of them: a login, an e-mail address, or the CRM's id.
    pub otherwise: Option<RecordId>,
}

/// A user of the CRM.
#[derive(Clone, PartialEq, Eq)]
pub struct CrmUser {
    /// The CRM's id.
    pub id: RecordId,
    /// Login and e-mail address.
    pub logins: Vec<String>,
}

impl Manager {
    /// The managers of a sitting in which the agents took these turns.
    pub fn of(turns: &[Turn], agents: &[Agent], otherwise: Option<&RecordId>) -> Self {
        let last = |act| {
            let turns = turns.iter().filter(|turn| turn.act == act);
            turns.max_by_key(|turn| (turn.at, turn.event.clone())).map(|turn| &turn.agent)
        };
        let logins = |id: &AgentId| agents.iter().find(|agent| &agent.id == id).map(|agent| &agent.logins);
        let known = [last(Act::Assigned), last(Act::Wrote)].into_iter().flatten().filter_map(logins);
        Self { logins: known.flatten().cloned().collect(), otherwise: otherwise.cloned() }
    }

    /// The user of the CRM to make responsible. `None` leaves it as it is: there is an owner already, or nobody fits.
    pub fn among(&self, users: &[CrmUser], owner: Option<&RecordId>) -> Option<RecordId> {
        if owner.is_some() {
            return None;
        }
        let called = |login: &str| {
            let wanted = caseless(login);
            users.iter().find(|user| user.logins.iter().any(|it| caseless(it) == wanted))
        };
        let known = self.logins.iter().find_map(|login| called(login));
        let otherwise = || {
            let otherwise = self.otherwise.as_ref()?;
            called(otherwise.as_str()).or_else(|| users.iter().find(|user| &user.id == otherwise))
        };
        known.or_else(otherwise).map(|user| user.id.clone())
    }

    /// Everything under which the CRM may know somebody: whom to ask it for.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.logins.iter().map(String::as_str).chain(self.otherwise.as_ref().map(RecordId::as_str))
    }

    /// The e-mail address of whoever is responsible.
    pub fn email(&self) -> Option<&str> {
        self.logins.iter().map(String::as_str).find(|login| email::normal(login).is_some())
    }
}

impl std::fmt::Debug for Manager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Manager").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn agent(id: &str) -> Agent {
        Agent { id: id.into(), name: id.into(), logins: vec![id.into(), format!("{id}@Shop.example")] }
    }

    fn turn(second: i64, agent: &str, act: Act) -> Turn {
        let at = Timestamp::from_second(second).expect("a small number of seconds");
        Turn { at, event: format!("e{second}").into(), agent: agent.into(), act }
    }

    fn user(id: &str, login: &str) -> CrmUser {
        CrmUser { id: id.into(), logins: vec![String::new(), login.into()] }
    }

    // JV-05
    #[test]
    fn jv_05_the_assigned_agent_goes_before_the_last_who_wrote_and_the_default() {
        let agents = ["ana", "bo", "cy"].map(agent);
        let turns = [
            turn(1, "ana", Act::Assigned),
            turn(2, "ana", Act::Wrote),
            turn(3, "bo", Act::Assigned),
            turn(4, "cy", Act::Wrote),
        ];
        let manager = Manager::of(&turns, &agents, Some(&"default".into()));
        let (ana, bo, cy) = (user("1", "ana"), user("2", "BO@shop.example"), user("3", "cy"));
        let chosen = |users: &[CrmUser]| manager.among(users, None);
        assert_eq!(chosen(&[ana.clone(), cy.clone(), bo]), Some("2".into()), "by e-mail, in any case");
        assert_eq!(chosen(&[ana.clone(), cy]), Some("3".into()));
        assert_eq!(chosen(std::slice::from_ref(&ana)), None, "ana neither has the chat nor wrote last");
        let boss = user("9", "default");
        assert_eq!(chosen(&[ana.clone(), boss]), Some("9".into()), "the default by login");
        assert_eq!(chosen(&[ana, user("default", "x")]), Some("default".into()), "or by the CRM's id");
        assert_eq!(manager.email(), Some("bo@Shop.example"));
        let names: Vec<_> = manager.names().collect();
        assert_eq!(
            names,
            ["bo", "bo@Shop.example", "cy", "cy@Shop.example", "default"],
            "whom to ask the CRM for"
        );
        assert_eq!(Manager { otherwise: None, ..manager.clone() }.among(&[], None), None);
        assert!(Manager::of(&[], &agents, None).logins.is_empty());
    }

    // JV-05
    #[test]
    fn jv_05_an_existing_owner_is_never_changed() {
        let manager = Manager::of(&[turn(1, "ana", Act::Assigned)], &[agent("ana")], None);
        assert_eq!(manager.among(&[user("1", "ana")], Some(&"9".into())), None);
    }
}
