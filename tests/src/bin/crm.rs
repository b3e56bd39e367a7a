//! Starts a CRM with data, to try by hand, and ends it with the Enter key.

use std::{
    io::{Write, stdin, stdout},
    path::Path,
};

use anyhow::{Result, bail};
use testkit::tryton::{DATABASE, LOGIN, NewParty, Tryton};

#[tokio::main]
async fn main() -> Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("tryton") => tryton().await,
        other => bail!("usage: crm tryton (not {other:?})"),
    }
}

async fn tryton() -> Result<()> {
    say("Starting Tryton; the first time this installs it, which takes a minute …")?;
    let server = Tryton::start().await?;
    let rpc = server.rpc().await?;
    for party in people() {
        rpc.create(&party).await?;
    }
    let folder = tempfile::tempdir()?;
    let password = folder.path().join("password");
    write_private(&password, server.password())?;
    say(&format!(
        "Address   {}\nDatabase  {DATABASE}\nLogin     {LOGIN}\nPassword  in {}\n\n{} people are in it. Enter ends it.",
        server.address(),
        password.display(),
        people().len()
    ))?;
    stdin().read_line(&mut String::new())?;
    Ok(())
}

/// The people of the sample chats, and some around them. All are invented.
fn people() -> Vec<NewParty> {
    const OFFICE: &str = "office@silva-filhos.example";
    vec![
        NewParty::named("Ana Silva")
            .with("email", "ana.silva@example.com")
            .with("phone", "+55 11 98765-4321")
            .at("Rua Augusta 1200", "01304-001", "São Paulo"),
        NewParty::named("Ana Silva Prado").with("email", "ana.silva@example.com.br"),
        NewParty::named("Silva & Filhos — Compras").with("email", OFFICE).with("phone", "+55 11 3064-7000"),
        NewParty::named("Silva & Filhos — Filial Santos").with("email", OFFICE),
        NewParty::named("Silva & Filhos — Financeiro").with("email", OFFICE),
        NewParty::named("Marek Zieliński")
            .with("email", "marek.zielinski@example.com")
            .with("mobile", "+48 512 345 678")
            .at("ul. Długa 7", "31-147", "Kraków"),
        NewParty::named("ليلى حداد").with("email", "layla.haddad@example.com"),
        NewParty::named("Jonas Weber")
            .with("email", "jonas@weber.example")
            .with("website", "https://weber.example"),
    ]
}

/// Writes a file that only its owner reads.
fn write_private(path: &Path, text: &str) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(options.open(path)?.write_all(text.as_bytes())?)
}

fn say(text: &str) -> Result<()> {
    Ok(writeln!(stdout(), "{text}")?)
}
