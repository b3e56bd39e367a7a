//! The project's own commands: set up, run, test, check, and the evidence that the tests leave behind.
//!
//! This crate needs nothing but Rust: it finds out what else the machine lacks, installs it where it may, and only then
//! builds the program. What it starts are ordinary tools; every command line is printed before it runs.

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

mod again;
mod bindings;
mod cargo;
mod check;
mod display;
mod faults;
mod mutants;
mod packages;
mod process;
mod run;
mod setup;
mod stages;
mod test;
mod tools;
mod ui;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own commands", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what building and testing need, or print the one command that does
    Setup,
    /// Build the program and open its window
    Run(run::Options),
    /// Install what the tests need and run all of them
    Test(test::Options),
    /// Formatting, lints, documentation, generated bindings and the UI's own checks
    Check,
    /// Write the TypeScript of the types that cross to the UI
    Bindings,
    /// Drive the built program through the agent's whole day: real window, real servers, real keyring
    Story {
        /// The CRM to run against
        #[arg(long, default_value = "tryton")]
        crm: String,
        /// The chat platform to run against
        #[arg(long, default_value = "livechat")]
        chat: String,
    },
    /// Look for secrets and personal data in everything the program leaves behind
    Leakcheck {
        /// Leave one behind on purpose: the check must then fail
        #[arg(long)]
        sabotage: bool,
    },
    /// Kill the program with writes in flight, and count at simulated CRMs what arrived
    Faults(faults::Options),
    /// Photograph every state of every view, light and dark
    Screenshots {
        /// Where the pictures go
        directory: PathBuf,
    },
    /// Run the behaviour suite and write what each connector can do
    Conformance {
        /// Where the table goes
        #[arg(long)]
        json: PathBuf,
    },
    /// Measure the program as it is shipped, each figure beside its reference
    Bench {
        /// Where the figures go
        #[arg(long)]
        json: PathBuf,
    },
    /// Let thirty chats a minute come and go, and say what the program weighs
    Soak {
        /// How long
        #[arg(long, default_value_t = 10)]
        minutes: u32,
    },
    /// Break rules, mapping, merge and strategies in every small way, and say what no test notices
    Mutants,
    /// Start a CRM with data, to try by hand
    Crm {
        /// Which one
        #[arg(value_parser = ["tryton"])]
        product: String,
    },
}

fn main() -> ExitCode {
    match execute(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn execute(task: Task) -> anyhow::Result<()> {
    match task {
        Task::Setup => setup::for_tests(),
        Task::Run(options) => run::run(&options),
        Task::Test(options) => test::run(&options),
        Task::Check => check::run(),
        Task::Bindings => bindings::write(),
        Task::Story { crm, chat } => tools::story(&crm, &chat),
        Task::Leakcheck { sabotage } => tools::leakcheck(sabotage),
        Task::Faults(options) => faults::run(&options),
        Task::Screenshots { directory } => tools::screenshots(&directory),
        Task::Conformance { json } => tools::conformance(&json),
        Task::Bench { json } => tools::bench(&json),
        Task::Soak { minutes } => tools::soak(minutes),
        Task::Mutants => mutants::run(),
        Task::Crm { product } => tools::crm(&product),
    }
}
