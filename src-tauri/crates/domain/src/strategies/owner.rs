//! Who acts: of several desks that see one chat, exactly one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Trigger;
use crate::{AgentId, EventId};

/// Something an agent did in a sitting. Bots take no turns: no desk is theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// When, by the platform's clock.
    pub at: Timestamp,
    /// The platform's event, which decides between two turns of one moment.
    pub event: EventId,
    /// Who.
    pub agent: AgentId,
    /// What.
    pub act: Act,
}

/// What an agent did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Act {
    /// Was put in charge.
    Assigned,
    /// Wrote.
    Wrote,
}

/// The agent whose desk carries out what `trigger` sets off: at the end the last who wrote, else the last who was
/// assigned; otherwise the first who was assigned or wrote.
///
/// `turns` are the sitting's own, in any order and with any repetition, so that every desk finds the same agent from
/// what it saw live and from what it read in the archive.
pub fn owner(trigger: Trigger, turns: &[Turn]) -> Option<&AgentId> {
    let place = |turn: &&Turn| (turn.at, turn.event.clone());
    let wrote = turns.iter().filter(|turn| turn.act == Act::Wrote);
    let turn = match trigger {
        Trigger::ChatEnd => wrote.max_by_key(place).or_else(|| turns.iter().max_by_key(place)),
        _ => turns.iter().min_by_key(place),
    };
    turn.map(|turn| &turn.agent)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn turn(second: i64, event: &str, agent: &str, act: Act) -> Turn {
        let at = Timestamp::from_second(second).expect("a small number of seconds");
        Turn { at, event: event.into(), agent: agent.into(), act }
    }

    fn owners(turns: &[Turn]) -> Vec<Option<&str>> {
        Trigger::ALL.into_iter().map(|trigger| owner(trigger, turns).map(AgentId::as_str)).collect()
    }

    // REL-03
    #[test]
    fn rel_03_the_first_agent_owns_the_start_and_the_last_who_wrote_the_end() {
        let ana = turn(1, "e1", "ana", Act::Assigned);
        let bo = turn(5, "e2", "bo", Act::Assigned);
        let (first, last) = (Some("ana"), Some("bo"));
        assert_eq!(owners(&[]), [None; 4]);
        assert_eq!(owners(&[ana.clone(), bo.clone()]), [first, last, first, first], "nobody wrote");
        let wrote = turn(3, "e3", "ana", Act::Wrote);
        assert_eq!(owners(&[ana.clone(), bo.clone(), wrote]), [first; 4], "only ana wrote");
        let earlier = turn(0, "e0", "cy", Act::Wrote);
        assert_eq!(
            owners(&[ana, bo, earlier]),
            [Some("cy"); 4],
            "whoever writes before being assigned is the first"
        );
    }

    // REL-03
    #[test]
    fn rel_03_two_turns_of_one_moment_are_told_apart_by_their_events() {
        let turns = [turn(1, "e2", "bo", Act::Wrote), turn(1, "e1", "ana", Act::Wrote)];
        assert_eq!(owners(&turns), [Some("ana"), Some("bo"), Some("ana"), Some("ana")]);
    }

    fn any_turn() -> impl Strategy<Value = Turn> {
        (0i64..4, 0u8..6, any::<bool>()).prop_map(|(second, event, wrote)| {
            // An event has one author and one moment wherever it is told.
            let agent = ["ana", "bo", "cy"][usize::from(event % 3)];
            let act = if wrote { Act::Wrote } else { Act::Assigned };
            turn(second, &format!("e{second}-{event}-{wrote}"), agent, act)
        })
    }

    proptest! {
        // REL-03
        #[test]
        fn rel_03_order_and_repetition_of_the_telling_change_no_owner(
            (told, again) in prop::collection::vec(any_turn(), 0..8)
                .prop_flat_map(|turns| (Just(turns.clone()), Just([turns.clone(), turns].concat()).prop_shuffle()))
        ) {
            for trigger in Trigger::ALL {
                prop_assert_eq!(owner(trigger, &told), owner(trigger, &again));
            }
        }
    }
}
