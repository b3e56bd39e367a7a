//! Plants marked secrets and people, tells the story with them, and looks for them in everything that is left behind.

#[cfg(target_os = "linux")]
mod check {
    use std::{fs, process::ExitCode};

    use anyhow::{Context, Result};
    use clap::Parser;
    use sidecard_tests::{
        leaks::{self, Mark, Report},
        office::{HOST, Office},
        story::{PARTS, Persona, Story},
    };

    /// The marked token. The simulator accepts it beside its own.
    const TOKEN: &str = "fra:zq7-marked-token-5b1f0c9ad3e8";

    #[derive(Parser)]
    struct Arguments {
        /// Leave one value behind on purpose: the check must then fail.
        #[arg(long)]
        sabotage: bool,
    }

    pub(crate) async fn run() -> Result<ExitCode> {
        let sabotage = Arguments::parse().sabotage;
        let office = Office::new().await?;
        office.livechat.accept_token(TOKEN);
        office.connect_to(office.tryton.address(), office.tryton.password(), TOKEN)?;
        let (known, unknown) = personas();
        let marks = marks(&office, &known, &unknown);
        let report = tell_and_search(office, known, unknown, marks, sabotage).await?;
        Ok(say(&report))
    }

    async fn tell_and_search(
        office: Office,
        known: Persona,
        unknown: Persona,
        mut marks: Vec<Mark>,
        sabotage: bool,
    ) -> Result<Report> {
        let mut story = Story::begin(office, known, unknown).await?;
        for part in PARTS {
            story.tell(part).await.with_context(|| format!("the story does not hold at {part}"))?;
        }
        let key = story.office().desk.keyring_entry("sidecard", "store-key")?;
        marks.push(Mark::new("the store's key", key.context("the store has no key in the keyring")?));
        let processes = leaks::processes(story.program().group())?;
        if sabotage {
            let logs = story.office().desk.home().join("logs");
            fs::create_dir_all(&logs)?;
            fs::write(logs.join("sabotage.log"), format!("token={TOKEN}\n"))?;
        }
        // While it runs: what processes show, and a database with its write-ahead log.
        let mut report = leaks::search(&marks, &story.office().desk.folders(), &processes)?;
        let office = story.end().await?;
        let after = leaks::search(&marks, &office.desk.folders(), &[])?;
        report.files += after.files;
        report.found.extend(after.found);
        Ok(report)
    }

    fn personas() -> (Persona, Persona) {
        let known = Persona {
            name: "Zyxmara Quellmark".to_owned(),
            email: "zyxmara@quellmark.example".to_owned(),
            phone: "+46 8 555 017 31".to_owned(),
            city: "Zyxköping".to_owned(),
        };
        let unknown = Persona {
            name: "Vexolund Tarnmark".to_owned(),
            email: "vexolund@tarnmark.example".to_owned(),
            ..Persona::unknown()
        };
        (known, unknown)
    }

    fn marks(office: &Office, known: &Persona, unknown: &Persona) -> Vec<Mark> {
        vec![
            Mark::new("the CRM's password", office.tryton.password()),
            Mark::new("the chat platform's token", TOKEN),
            Mark::new("the known visitor's name", &*known.name),
            Mark::new("the known visitor's address", &*known.email),
            Mark::new("the known visitor's phone", &*known.phone),
            Mark::new("the known visitor's city", &*known.city),
            Mark::new("the unknown visitor's name", &*unknown.name),
            Mark::new("the unknown visitor's address", &*unknown.email),
            Mark::new("the host bound to secrets, with its value", format!("\"{HOST}\"],\"value\"")),
        ]
    }

    #[expect(clippy::print_stdout, reason = "the line at the end is what it is for")]
    fn say(report: &Report) -> ExitCode {
        for (what, file) in &report.found {
            println!("found {what} in {}", file.display());
        }
        println!("planted {} found {} in {} files", report.planted, report.found.len(), report.files);
        if report.found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

#[cfg(target_os = "linux")]
#[tokio::main]
async fn main() -> anyhow::Result<std::process::ExitCode> {
    check::run().await
}

#[cfg(not(target_os = "linux"))]
fn main() {}
