//! Tells the story and ends with one line about it.

#[cfg(target_os = "linux")]
#[tokio::main]
#[expect(clippy::print_stdout, reason = "the line at the end is what it is for")]
async fn main() -> anyhow::Result<()> {
    use std::time::Instant;

    use clap::Parser as _;
    use sidecard_tests::{
        office::Office,
        story::{DAY, OptimoveOffice, PARTS, Persona, Place, SalesmanagoDay, Story},
    };

    #[derive(clap::Parser)]
    struct Arguments {
        /// The CRM.
        #[arg(long, default_value = "tryton", value_parser = ["tryton", "optimove", "salesmanago"])]
        crm: String,
        /// The chat platform.
        #[arg(long, default_value = "livechat", value_parser = ["livechat"])]
        chat: String,
    }

    /// Goes through the parts, and says the line at the end.
    async fn go_through(
        parts: &[&str],
        mut part: impl AsyncFnMut(&str) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        for (told, name) in parts.iter().enumerate() {
            let start = Instant::now();
            if let Err(error) = part(name).await {
                println!("story: {} FAILED at {name} ({told}/{})", parts[..told].join(" "), parts.len());
                return Err(error);
            }
            eprintln!("  {name:<15} {:>6} ms", start.elapsed().as_millis());
        }
        println!("story: {} OK ({n}/{n})", parts.join(" "), n = parts.len());
        Ok(())
    }

    async fn tell<P: Place>(office: P) -> anyhow::Result<()> {
        let mut story = Story::begin(office, Persona::known(), Persona::unknown()).await?;
        go_through(&PARTS, async |part| story.tell(part).await).await?;
        story.end().await.map(drop)
    }

    match Arguments::parse().crm.as_str() {
        "optimove" => tell(OptimoveOffice::new().await?).await,
        "salesmanago" => {
            let mut day = SalesmanagoDay::begin().await?;
            go_through(&DAY, async |part| day.live(part).await).await?;
            day.end().await
        }
        _ => {
            let office = Office::new().await?;
            office.connect()?;
            tell(office).await
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {}
