//! What happens in one run: drawn from its seed, before anything begins.

use std::time::Duration;

use engine::experiment::CrashPoint;

use super::dice::Dice;

/// Who comes. The first two are known to both CRMs, the next two to none, and the last to SALESmanago.
pub(super) const VISITORS: usize = 5;

/// What a run comes to.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// Whether the chat platform tells everything twice.
    pub(super) doubled: bool,
    /// The lives that end with a kill, and one that does not.
    pub(super) lives: Vec<Life>,
}

/// What happens in one life of the child, and how it ends.
#[derive(Clone, Debug)]
pub(super) struct Life {
    pub(super) steps: Vec<Step>,
    pub(super) kill: Option<Kill>,
}

/// Something that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A visitor begins a chat.
    Start(usize),
    /// A visitor's chat ends.
    End(usize),
    /// The platform tells of the last beginning once more.
    TellAgain,
    /// From now on the platform's news wait, or those that waited come, the last first.
    Hold(bool),
    /// The agent saves a field of a visitor's contact in SALESmanago, or in Optimove.
    Save(usize, Crm, Place),
    /// The agent creates a visitor's customer in Optimove.
    Create(usize),
    /// A colleague edits a visitor's contact in the CRM itself.
    EditElsewhere(usize, Place),
    /// A while passes.
    Pause(Duration),
}

/// One of the CRMs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Crm {
    /// Has no keys against repetition; changes are seen at once.
    Salesmanago,
    /// Takes the caller's id; changes are accepted and seen later.
    Optimove,
}

/// One of the fields that agents save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    First,
    Second,
}

/// The moment of a kill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kill {
    /// The so manieth time at a point of the engine.
    At(CrashPoint, u32),
    /// When the so manieth write has arrived before the CRM. Deeds alone are counted where the last says so.
    Arrived(u32, Fate, bool),
    /// When the CRM has carried the so manieth write out and nothing of its answer is on the way.
    Committed(u32, bool),
    /// When the agent has been told that the so manieth edit is kept.
    Acknowledged(u32),
    /// So long after the life began to work.
    After(Duration),
}

/// What becomes of a request whose sender was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It never reaches the CRM.
    Lost,
    /// It reaches it.
    Arrives,
    /// It reaches it when the next life may have begun.
    Late(Duration),
}

impl Plan {
    /// The plan of a run.
    pub(super) fn of(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let points = CrashPoint::ALL;
        let place = usize::try_from(seed % points.len() as u64).unwrap_or_default();
        let point = points[place];
        let on_the_wire = on_the_wire(&mut dice, point == CrashPoint::ReadBack);
        let time = if point == CrashPoint::TakenOver { 1 } else { 1 + dice.below(2) as u32 };
        let last = match dice.below(4) {
            0 => Kill::Acknowledged(1 + dice.below(2) as u32),
            1 => Kill::After(Duration::from_millis(dice.below(200))),
            _ => self::on_the_wire(&mut dice, false),
        };
        let first = vec![Step::Start(0), save(&mut dice, 0), Step::Start(2), save(&mut dice, 0)];
        let mut second = vec![Step::Start(1), save(&mut dice, 1), Step::Start(3)];
        second.push(if dice.chance(50) { Step::TellAgain } else { Step::EditElsewhere(0, Place::First) });
        second.extend([save(&mut dice, 0), save_new(&mut dice, 2), Step::End(0), Step::Create(3)]);
        second.push(save_new(&mut dice, 3));
        let mut third = vec![Step::Hold(true), Step::Start(4), Step::End(2), Step::Hold(false)];
        if dice.chance(50) {
            third.retain(|step| !matches!(step, Step::Hold(_)));
        }
        third.extend([save(&mut dice, 1), save(&mut dice, 1), Step::EditElsewhere(1, Place::Second)]);
        third.push(save_new(&mut dice, 2));
        let finish = vec![save(&mut dice, 0), Step::End(1), Step::End(4), save(&mut dice, 0)];
        let kills = [Some(on_the_wire), Some(Kill::At(point, time)), Some(last), None];
        let steps = [first, second, third, finish].map(|steps| scattered(&mut dice, steps));
        let lives = steps.into_iter().zip(kills).map(|(steps, kill)| Life { steps, kill }).collect();
        Self { doubled: dice.chance(30), lives }
    }
}

fn on_the_wire(dice: &mut Dice, deeds: bool) -> Kill {
    let time = 1 + dice.below(if deeds { 2 } else { 5 }) as u32;
    match dice.below(4) {
        0 => Kill::Arrived(time, Fate::Lost, deeds),
        1 => Kill::Arrived(time, Fate::Arrives, deeds),
        2 => Kill::Arrived(time, Fate::Late(Duration::from_millis(20 + dice.below(180))), deeds),
        _ => Kill::Committed(time, deeds),
    }
}

/// Saves a field of somebody whom Optimove does not know.
fn save_new(dice: &mut Dice, visitor: usize) -> Step {
    Step::Save(visitor, Crm::Salesmanago, dice.pick(&[Place::First, Place::Second]))
}

fn save(dice: &mut Dice, visitor: usize) -> Step {
    let crm = dice.pick(&[Crm::Salesmanago, Crm::Salesmanago, Crm::Optimove]);
    Step::Save(visitor, crm, dice.pick(&[Place::First, Place::Second]))
}

/// The same with short pauses here and there, so that what is under way differs.
fn scattered(dice: &mut Dice, steps: Vec<Step>) -> Vec<Step> {
    let mut all = Vec::new();
    for step in steps {
        if dice.chance(40) {
            all.push(Step::Pause(Duration::from_millis(dice.below(40))));
        }
        all.push(step);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_one_plan_and_each_point_has_its_turn() {
        let plan = |seed| format!("{:?}", Plan::of(seed));
        assert_eq!(plan(7), plan(7));
        assert_ne!(plan(7), plan(7 + CrashPoint::ALL.len() as u64), "the same point in another plan");
        let kills = (0..CrashPoint::ALL.len() as u64).flat_map(|seed| Plan::of(seed).lives);
        let tried: Vec<_> = kills
            .filter_map(|life| match life.kill {
                Some(Kill::At(point, _)) => Some(point),
                _ => None,
            })
            .collect();
        assert_eq!(tried, CrashPoint::ALL);
    }
}
