//! Tells the story and ends with one line about it.

#[cfg(target_os = "linux")]
#[tokio::main]
#[expect(clippy::print_stdout, reason = "the line at the end is what it is for")]
async fn main() -> anyhow::Result<()> {
    use std::time::Instant;

    use clap::Parser as _;
    use sidecard_tests::{
        office::Office,
        story::{OptimoveOffice, PARTS, Persona, Place, Story},
    };

    #[derive(clap::Parser)]
    struct Arguments {
        /// The CRM.
        #[arg(long, default_value = "tryton", value_parser = ["tryton", "optimove"])]
        crm: String,
        /// The chat platform.
        #[arg(long, default_value = "livechat", value_parser = ["livechat"])]
        chat: String,
    }

    async fn tell<P: Place>(office: P) -> anyhow::Result<()> {
        let mut story = Story::begin(office, Persona::known(), Persona::unknown()).await?;
        for (told, part) in PARTS.iter().enumerate() {
            let start = Instant::now();
            if let Err(error) = story.tell(part).await {
                println!("story: {} FAILED at {part} ({told}/{})", PARTS[..told].join(" "), PARTS.len());
                return Err(error);
            }
            eprintln!("  {part:<15} {:>6} ms", start.elapsed().as_millis());
        }
        story.end().await?;
        println!("story: {} OK ({n}/{n})", PARTS.join(" "), n = PARTS.len());
        Ok(())
    }

    match Arguments::parse().crm.as_str() {
        "optimove" => tell(OptimoveOffice::new().await?).await,
        _ => {
            let office = Office::new().await?;
            office.connect()?;
            tell(office).await
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {}
