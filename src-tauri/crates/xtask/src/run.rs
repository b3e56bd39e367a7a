//! Building the program and opening its window, on a screen or without one.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};
use clap::Args;

use crate::{cargo, display::Display, process, process::Running, setup, ui};

/// The program's name.
const PROGRAM: &str = "sidecard";
const PAINT_LIMIT: Duration = Duration::from_secs(60);

/// How to run it.
#[derive(Args)]
pub(crate) struct Options {
    /// Open the window on a virtual screen
    #[arg(long, requires = "screenshot")]
    headless: bool,
    /// Photograph the virtual screen once something is painted, and end
    #[arg(long, value_name = "FILE", requires = "headless")]
    screenshot: Option<PathBuf>,
    /// Build it as it is shipped
    #[arg(long)]
    release: bool,
    /// What the program itself is started with
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// Sets up, builds, opens the window.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.headless {
        setup::for_headless()?
    } else {
        setup::for_build()?
    }
    ui::script("build")?;
    cargo::build(&[PROGRAM], options.release)?;
    let mut program = process::command(cargo::binary(PROGRAM, options.release));
    program.args(&options.arguments);
    match &options.screenshot {
        Some(file) => photograph(&mut program, file),
        None => process::run(&mut program),
    }
}

fn photograph(program: &mut Command, file: &Path) -> Result<()> {
    let display = Display::start()?;
    display.apply(program);
    let _running = Running(program.spawn().context("cannot start the program")?);
    display.photograph(file, PAINT_LIMIT)?;
    eprintln!("screenshot: {}", file.display());
    Ok(())
}
