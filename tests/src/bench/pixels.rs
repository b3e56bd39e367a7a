//! Whether *painted* is what it says: when an acknowledgement comes, the pixels must be on the screen already.

use std::{
    collections::hash_map::DefaultHasher,
    fs::File,
    hash::Hasher,
    os::unix::fs::FileExt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::{Context, Result, bail};

use super::{
    figure::{Figure, Goal, Report, Samples},
    rig::{Blank, PACE, Rig, Span},
};
use crate::{screen::Screen, started::now};

const CHATS: usize = 4;
const LOOK_EVERY: Duration = Duration::from_micros(500);
/// How long after an acknowledgement pixels are still waited for.
const LATE: Duration = Duration::from_millis(100);

/// Measures by how much pixels come after their acknowledgement, `rounds` times in both windows; less than nothing is before it.
///
/// # Errors
/// When a window does not paint, or the screen cannot be looked at.
pub async fn measure(rig: &Rig, rounds: usize, report: &mut Report) -> Result<()> {
    let (program, mut moments) = rig.open().await?;
    let chats = rig.fill(&mut moments, CHATS).await?;
    let (mut blank, _) = Blank::open(&rig.desk).await?;
    let screen = rig.desk.screen();
    let (panel, empty) = (Area::of(screen, "Sidecard")?, Area::of(screen, "Blank")?);
    let (mut in_panel, mut in_blank) = (Samples::default(), Samples::default());
    for round in 0..rounds {
        let watch = Watch::begin(screen, panel)?;
        let chat = &chats[round % CHATS];
        moments.skip()?;
        rig.agent_opens(chat);
        let painted = moments.painted("the contact", |told| told.shows_contact(&chat.id)).await?;
        in_panel.push(watch.lag(painted).await?);
        let watch = Watch::begin(screen, empty)?;
        let beat = blank.round(["black", "white"][round % 2]).await?;
        in_blank.push(watch.lag(beat.to).await?);
        tokio::time::sleep(PACE).await;
    }
    for (name, samples) in [("panel", in_panel), ("blank", in_blank)] {
        for (part, quantile) in [("p50", 0.5), ("p99", 0.99)] {
            let figure = Figure::alone(samples.quantile(quantile), "ms", Goal::AtMost(0.0));
            report.add(format!("pixel_after_painted_{name}_{part}"), figure);
        }
    }
    blank.close().await?;
    program.end().await
}

/// A part of the screen.
#[derive(Clone, Copy, Debug)]
struct Area {
    x: u64,
    y: u64,
    width: u64,
    height: u64,
}

impl Area {
    /// Where a window stands.
    fn of(screen: &Screen, title: &str) -> Result<Self> {
        let ids = screen.xdotool(&["search", "--onlyvisible", "--name", &format!("^{title}$")])?;
        let id = ids.lines().last().with_context(|| format!("there is no window “{title}”"))?;
        let text = screen.xdotool(&["getwindowgeometry", "--shell", id])?;
        let value = |name: &str| -> Result<u64> {
            let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            found.context("no geometry")?.parse().context("the window is not on the screen")
        };
        Ok(Self { x: value("X")?, y: value("Y")?, width: value("WIDTH")?, height: value("HEIGHT")? })
    }
}

/// What an X server without a screen shows: an XWD picture whose head is a list of big-endian numbers.
struct Memory {
    file: File,
    pixels: u64,
    line: u64,
}

/// Each so many rows one is looked at.
const EACH_ROW: u64 = 8;
const BYTES: u64 = 4;
/// Places in the head: its length, the bits of a pixel, the bytes of a line, the number of colours.
const HEAD: u64 = 0;
const DEPTH: u64 = 11;
const LINE: u64 = 12;
const COLOURS: u64 = 19;

impl Memory {
    fn open(screen: &Screen) -> Result<Self> {
        let file = File::open(screen.memory())?;
        let word = |place: u64| -> Result<u64> {
            let mut bytes = [0; 4];
            file.read_exact_at(&mut bytes, place * 4)?;
            Ok(u32::from_be_bytes(bytes).into())
        };
        if word(DEPTH)? != BYTES * 8 {
            bail!("the screen has {} bits in a pixel", word(DEPTH)?);
        }
        let pixels = word(HEAD)? + word(COLOURS)? * 12;
        let line = word(LINE)?;
        Ok(Self { file, pixels, line })
    }

    /// A mark of what an area shows.
    fn mark(&self, area: Area) -> Result<u64> {
        let mut hasher = DefaultHasher::new();
        let mut row = vec![0; usize::try_from(area.width * BYTES)?];
        for y in (area.y..area.y + area.height).step_by(usize::try_from(EACH_ROW)?) {
            self.file.read_exact_at(&mut row, self.pixels + y * self.line + area.x * BYTES)?;
            hasher.write(&row);
        }
        Ok(hasher.finish())
    }
}

/// Looks at an area all the time, until it shows something else.
struct Watch {
    thread: JoinHandle<Result<Option<i64>>>,
    stop: Arc<AtomicBool>,
}

impl Watch {
    fn begin(screen: &Screen, area: Area) -> Result<Self> {
        let memory = Memory::open(screen)?;
        let before = memory.mark(area)?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                let at = now();
                if memory.mark(area)? != before {
                    return Ok(Some(at));
                }
                thread::sleep(LOOK_EVERY);
            }
            Ok(None)
        });
        Ok(Self { thread, stop })
    }

    /// By how many milliseconds the change came after `painted`.
    async fn lag(self, painted: i64) -> Result<f64> {
        tokio::time::sleep(LATE).await;
        self.stop.store(true, Ordering::Relaxed);
        let changed =
            self.thread.join().map_err(|_| anyhow::anyhow!("the screen could not be watched"))??;
        Ok(Span { from: painted, to: changed.context("nothing changed on the screen")? }.millis())
    }
}
