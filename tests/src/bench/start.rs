//! What the program takes of the machine: time until it can be used, and memory while it stands there.

use std::time::Duration;

use anyhow::Result;

use super::{
    figure::{Figure, Goal, Report, Samples},
    rig::{Blank, Rig, Span, usable},
};
use crate::{
    Desk,
    started::{Started, now},
};

/// The chats that are open while memory is measured.
const CHATS: usize = 20;
/// After this a program is at rest.
const REST: Duration = Duration::from_secs(15);

/// Starts the program and the empty window in turn, `starts` times each; the first of each, which finds nothing in the
/// system's memory, is not counted.
///
/// # Errors
/// When one does not start.
pub async fn cold_start(rig: &Rig, starts: usize, report: &mut Report) -> Result<()> {
    let (mut ours, mut empty) = (Samples::default(), Samples::default());
    for start in 0..=starts {
        let mut moments = rig.desk.moments();
        let from = now();
        let program = rig.desk.start(&Desk::program()?)?;
        let to = moments.painted("the panel", usable).await?;
        program.end().await?;
        let (blank, span) = Blank::open(&rig.desk).await?;
        blank.close().await?;
        if start > 0 {
            ours.push(Span { from, to }.millis());
            empty.push(span.millis());
        }
    }
    report.add("cold_start", Figure::beside(ours.median(), empty.median(), "ms", Goal::Times(1.3)));
    Ok(())
}

/// Weighs the program at rest with twenty chats, and the empty window at rest, each alone.
///
/// # Errors
/// When one does not start.
pub async fn memory(rig: &Rig, report: &mut Report) -> Result<()> {
    let (program, mut moments) = rig.open().await?;
    let chats = rig.fill(&mut moments, CHATS).await?;
    let ours = at_rest(&program).await?;
    program.end().await?;
    for chat in &chats {
        rig.livechat.end_chat(chat);
    }
    let (blank, _) = Blank::open(&rig.desk).await?;
    let empty = at_rest(&blank.started).await?;
    blank.close().await?;
    report.add("memory_idle_20_chats", Figure::beside(ours, empty, "MiB", Goal::Times(1.15)));
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "some hundred thousand KiB")]
async fn at_rest(program: &Started) -> Result<f64> {
    tokio::time::sleep(REST).await;
    Ok(program.weigh()?.pss as f64 / 1024.0)
}
