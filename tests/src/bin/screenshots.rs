//! Photographs every state of every view, light and dark. The states are the UI's own pages for looking at them; the
//! engine that draws them is the one the program uses.

#[cfg(target_os = "linux")]
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    use std::path::PathBuf;

    use clap::Parser as _;
    use sidecard_tests::gallery;

    #[derive(clap::Parser)]
    struct Arguments {
        /// Where the pictures go.
        directory: PathBuf,
        /// Takes those alone whose names contain this.
        #[arg(long, default_value = "")]
        only: String,
    }

    let Arguments { directory, only } = Arguments::parse();
    gallery::photograph_all(&directory, &only).await
}

#[cfg(not(target_os = "linux"))]
fn main() {}
