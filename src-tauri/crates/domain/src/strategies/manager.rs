//! Who is responsible for what a chat leaves in the CRM.

use serde::{Deserialize, Serialize};

use super::{Act, Agent, Turn};
use crate::{AgentId, RecordId, text::caseless};

/// Who shall be responsible for a new record, best first. Which of them the CRM knows is found out when it is made.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manager {
    /// Logins and e-mail addresses: of the assigned agent, then of the last who wrote.
    pub logins: Vec<String>,
    /// The user of the CRM when it knows none of them.
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
        let user = |login: &String| {
            let wanted = caseless(login);
            users.iter().find(|user| user.logins.iter().any(|it| caseless(it) == wanted))
        };
        self.logins.iter().find_map(user).map(|user| user.id.clone()).or_else(|| self.otherwise.clone())
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
        assert_eq!(chosen(&[ana]), Some("default".into()), "ana neither has the chat nor wrote last");
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
