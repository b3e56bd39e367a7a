//! Hours of chats in minutes: visitors arrive, write and leave, the agent goes from one to the other, and the program must
//! not weigh more at the end than at the start.

use std::{collections::VecDeque, time::Duration};

use anyhow::Result;
use testkit::livechat::Chat;
use tokio::time::{Instant, sleep_until};

use crate::{
    bench::{
        figure::Samples,
        rig::{Rig, Span},
    },
    started::{Moments, Started, Weight, now},
};

/// Thirty chats a minute.
const EVERY: Duration = Duration::from_secs(2);
/// Chats at a time: each lasts forty seconds.
const OPEN: usize = 20;
const MINUTE: Duration = Duration::from_secs(60);

/// What the program weighed, and how quickly it painted.
#[derive(Clone, Debug)]
pub struct Minute {
    /// Minutes since twenty chats were open.
    pub minute: u64,
    /// Chats since the start.
    pub chats: usize,
    /// What the program took.
    pub weight: Weight,
    /// From the agent's opening of a new chat to the picture of its contact, in milliseconds.
    pub painted: Samples,
}

/// Lets chats come and go for so many minutes; tells each of them, the first before anything else.
///
/// # Errors
/// When the program ends, or a contact is not shown.
pub async fn run(rig: &Rig, minutes: u64, mut tell: impl FnMut(&Minute)) -> Result<Vec<Minute>> {
    let (program, mut moments) = rig.open().await?;
    let open = rig.fill(&mut moments, OPEN).await?;
    let mut shift = Shift { rig, moments, open: open.into(), chats: OPEN };
    let mut told = Vec::new();
    let mut painted = Samples::default();
    for minute in 0..=minutes {
        if minute > 0 {
            painted = shift.minute().await?;
        }
        told.push(note(minute, &shift, &program, painted.clone())?);
        told.iter().next_back().into_iter().for_each(&mut tell);
    }
    program.end().await?;
    Ok(told)
}

fn note(minute: u64, shift: &Shift<'_>, program: &Started, painted: Samples) -> Result<Minute> {
    Ok(Minute { minute, chats: shift.chats, weight: program.weigh()?, painted })
}

/// The agent's shift.
struct Shift<'a> {
    rig: &'a Rig,
    moments: Moments,
    open: VecDeque<Chat>,
    chats: usize,
}

impl Shift<'_> {
    async fn minute(&mut self) -> Result<Samples> {
        let end = Instant::now() + MINUTE;
        let mut next = Instant::now();
        let mut painted = Samples::default();
        while next < end {
            painted.push(self.one_leaves_one_comes().await?);
            next += EVERY;
            sleep_until(next).await;
        }
        Ok(painted)
    }

    /// The oldest chat ends, a new one begins, the agent opens it, reads what its visitor writes, and looks at another.
    async fn one_leaves_one_comes(&mut self) -> Result<f64> {
        let Rig { livechat, .. } = self.rig;
        if let Some(oldest) = self.open.pop_front() {
            livechat.end_chat(&oldest);
        }
        self.moments.skip()?;
        let from = now();
        let chat = self.rig.visitor_arrives(self.chats);
        self.rig.agent_opens(&chat);
        let to = self.moments.painted("a contact", |told| told.shows_contact(&chat.id)).await?;
        livechat.visitor_says(&chat, "Good morning, where is my order?");
        livechat.visit(&chat, "https://shop.example/orders", "Orders");
        if let Some(other) = self.open.get(self.chats % OPEN / 2) {
            self.rig.agent_opens(other);
            self.moments.painted("a contact", |told| told.shows_contact(&other.id)).await?;
        }
        self.open.push_back(chat);
        self.chats += 1;
        Ok(Span { from, to }.millis())
    }
}
