//! From an event at the socket to its picture: a visitor arrives whom the CRM knows, or another chat comes on show. After
//! each of them the empty window does an empty round, so that a busy moment of the machine falls on both.

use anyhow::Result;
use testkit::livechat::Chat;
use tokio::time::{Duration, Instant, sleep, sleep_until};

use super::{
    figure::{Goal, Report, Samples},
    rig::{Blank, PACE, Rig, Span},
};
use crate::started::{Moments, now};

/// The chats among which the agent switches.
const CHATS: usize = 20;
/// Rounds that are not counted.
const WARM_UP: usize = 10;
/// A chat that comes and goes is looked up when it comes, and its start and its end are decided on with what the CRM holds.
const COMES_AND_GOES: Duration = PACE.saturating_mul(3);
/// A frame, in which events fall anywhere.
const FRAME_MICROS: u128 = 16_667;

/// Measures both, `rounds` times each.
///
/// # Errors
/// When something is not painted.
pub async fn measure(rig: &Rig, rounds: usize, report: &mut Report) -> Result<()> {
    let (program, mut moments) = rig.open().await?;
    let (mut blank, _) = Blank::open(&rig.desk).await?;
    let mut pair = Pair { moments: &mut moments, blank: &mut blank, rounds, pace: COMES_AND_GOES };

    let arrives = |round| rig.visitor_arrives(round);
    let (ours, empty) = pair.compare(arrives, |chat| rig.livechat.end_chat(chat)).await?;
    report.add_both("event_painted", "ms", (&ours, &empty), (Goal::Above(3.0), Goal::Above(8.0)));

    let chats = rig.fill(pair.moments, CHATS).await?;
    pair.pace = PACE;
    let opens = |round| {
        let chat = &chats[(round * 7) % CHATS];
        rig.agent_opens(chat);
        chat.clone()
    };
    let (ours, empty) = pair.compare(opens, |_| {}).await?;
    report.add_both("switch_painted", "ms", (&ours, &empty), (Goal::Above(2.0), Goal::Above(5.0)));

    blank.close().await?;
    program.end().await
}

/// The panel and the empty window.
struct Pair<'a> {
    moments: &'a mut Moments,
    blank: &'a mut Blank,
    rounds: usize,
    /// The time that a round takes.
    pace: Duration,
}

impl Pair<'_> {
    /// How long it takes until the contact of the chat that `act` answers with is painted, and how long empty rounds take.
    async fn compare(
        &mut self,
        act: impl Fn(usize) -> Chat,
        after: impl Fn(&Chat),
    ) -> Result<(Samples, Samples)> {
        let (mut ours, mut empty) = (Samples::default(), Samples::default());
        for round in 0..WARM_UP + self.rounds {
            let next = Instant::now() + self.pace;
            self.moments.skip()?;
            let from = now();
            let chat = act(round);
            let to = self.moments.painted("the contact", |told| told.shows_contact(&chat.id)).await?;
            sleep(anywhere_in_a_frame()).await;
            let beat = self.blank.round("").await?;
            after(&chat);
            if round >= WARM_UP {
                ours.push(Span { from, to }.millis());
                empty.push(beat.millis());
            }
            sleep_until(next + anywhere_in_a_frame()).await;
        }
        Ok((ours, empty))
    }
}

fn anywhere_in_a_frame() -> Duration {
    let micros = uuid::Uuid::new_v4().as_u128() % FRAME_MICROS;
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}
