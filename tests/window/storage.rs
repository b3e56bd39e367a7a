//! What stays on the computer: a store whose key is lost, and contacts that are forgotten.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use domain::{ConnectionId, RecordId, config::defaults};
use secrets::{Memory, Secret, SecretName, SecretStore};
use sidecard_tests::{
    Desk, Role,
    desk::{KEYRING_SERVICE, Program},
    wait::{self, PATIENCE},
};
use store::{RecordKey, Store};

pub(crate) const KEY: &str = "sidecard/store-key";
const LOST: &str = "The key of this computer’s store is gone.";
const COPY: &str = "The store of this computer is an older copy.";

/// A desk whose sample systems are configured: what it reads is kept in a file.
pub(crate) fn desk() -> Result<Desk> {
    let desk = Desk::new()?;
    desk.configure(&defaults::sample())?;
    Ok(desk)
}

fn files(desk: &Desk, part: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(desk.home())? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().contains(part)) {
            found.push(path);
        }
    }
    Ok(found)
}

// SEC-09
#[tokio::test]
#[ignore = "needs a screen"]
async fn sec_09_a_lost_key_is_said_and_nothing_starts_over_without_a_word() -> Result<()> {
    let mut desk = desk()?;
    let program = desk.open().await?;
    program.window.shows(&["Ana Silva", "São Paulo"]).await?;
    program.window.click(Role::Button, "Edit").await?;
    program.window.fill("City", "Olinda").await?;
    program.window.shows(&["Draft kept"]).await?;
    program.close().await?;

    let key = desk.keyring_entry("sidecard", "store-key")?.context("the key is in the keyring")?;
    let store = desk.home().join("sidecard.db");
    let before = fs::read(&store)?;
    desk.session().clear_entry(KEYRING_SERVICE, KEY)?;
    let program = desk.open().await?;
    program.window.shows(&[LOST, "1 unsaved change waits"]).await?;
    program.window.click(Role::Button, "try again").await?;
    program.window.shows(&["still holds no key"]).await?;
    ensure!(fs::read(&store)? == before, "the file is what it was");
    ensure!(desk.keyring_entry("sidecard", "store-key")?.is_none(), "no new key is made");

    desk.session().set_entry(KEYRING_SERVICE, KEY, &key)?;
    program.window.click(Role::Button, "try again").await?;
    program.window.hides(&[LOST]).await?;
    program.close().await?;
    let opened = open_store(&desk).await?;
    ensure!(opened.drafts().all().await?.len() == 1, "what waited is there again");
    opened.close().await;

    desk.session().clear_entry(KEYRING_SERVICE, KEY)?;
    let before = fs::read(&store)?;
    let program = desk.open().await?;
    program.window.shows(&[LOST]).await?;
    program.window.click(Role::Button, "Start over").await?;
    program.window.shows(&["Start over with an empty store?"]).await?;
    ensure!(files(&desk, ".lost-")?.is_empty(), "nothing happens before the answer");
    let yes = "const yes = [...document.querySelectorAll('dialog button')].at(-1); yes.click(); return true";
    program.window.script::<bool>(yes).await?;
    program.window.hides(&[LOST]).await?;
    let kept = files(&desk, ".lost-")?;
    // Its journal and shared memory are kept beside it.
    let is_store =
        |file: &&PathBuf| !["-wal", "-shm"].iter().any(|end| file.to_string_lossy().ends_with(end));
    let old = kept.iter().find(is_store).context("the old file is kept")?;
    ensure!(fs::read(old)? == before, "the old file is what it was");
    wait::until("there is a new key", PATIENCE, async || desk.keyring_entry("sidecard", "store-key")).await?;
    program.close().await
}

// SEC-04
#[tokio::test]
#[ignore = "needs a screen"]
async fn sec_04_a_forgotten_contact_is_gone_from_the_file() -> Result<()> {
    let desk = desk()?;
    let program = desk.open().await?;
    program.window.shows(&["Ana Silva", "São Paulo"]).await?;
    program.close().await?;
    ensure!(keeps_ana(&desk).await?, "the contact was kept");

    let program = desk.open().await?;
    program.window.shows(&["Ana Silva", "São Paulo"]).await?;
    program.window.click(Role::Button, "More").await?;
    program.window.click(Role::MenuItem, "Forget this contact here").await?;
    program.window.shows(&["Forget Ana Silva on this computer?"]).await?;
    program.window.click(Role::Button, "Forget").await?;
    program.window.hides(&["São Paulo"]).await?;
    program.close().await?;
    ensure!(!keeps_ana(&desk).await?, "the contact is forgotten");
    Ok(())
}

/// The store's file and what lies beside it.
fn store_files(desk: &Desk) -> Result<Vec<PathBuf>> {
    let mut files = files(desk, "sidecard.db")?;
    files.retain(|path| path.is_file());
    Ok(files)
}

/// Opens the program and waits until Ana is there.
async fn ana(desk: &Desk) -> Result<Program> {
    let program = desk.open().await?;
    program.window.shows(&["Ana Silva", "São Paulo"]).await?;
    Ok(program)
}

// REL-06
#[tokio::test]
#[ignore = "needs a screen"]
async fn rel_06_an_older_copy_of_the_store_is_said_until_somebody_takes_it_up() -> Result<()> {
    let desk = desk()?;
    ana(&desk).await?.close().await?;
    // A driver does not let the program end in peace: what it wrote last is in the journal.
    let copy = store_files(&desk)?.into_iter().map(|path| Ok((fs::read(&path)?, path)));
    let copy = copy.collect::<Result<Vec<_>>>()?;
    ana(&desk).await?.close().await?;
    let program = ana(&desk).await?;
    program.window.hides(&[COPY]).await?;
    program.close().await?;

    for path in store_files(&desk)? {
        fs::remove_file(path)?;
    }
    for (bytes, path) in copy {
        fs::write(path, bytes)?;
    }
    let program = ana(&desk).await?;
    let window = &program.window;
    window.shows(&[COPY, "until somebody says in the settings"]).await?;
    window.look_inside().await?;
    let panel = window.driver().window().await?;
    window.click(Role::Button, "Open settings").await?;
    window.switch_to("settings").await?;
    window.click(Role::Button, "Use this one").await?;
    window.shows(&["Use this store from now on?"]).await?;
    window.look_inside().await?;
    window.click(Role::Button, "Use this store").await?;
    window.hides(&[COPY]).await?;
    window.click(Role::Button, "Audit").await?;
    window.shows(&["took up the store"]).await?;
    window.driver().switch_to_window(panel).await?;
    window.hides(&[COPY]).await?;
    program.close().await?;
    let program = ana(&desk).await?;
    program.window.hides(&[COPY]).await?;
    program.close().await
}

/// The store's file, opened with the key from the keyring, as the agent of the sample chats sees it.
pub(crate) async fn open_store(desk: &Desk) -> Result<Store> {
    let secrets = Memory::default();
    let key = desk.keyring_entry("sidecard", "store-key")?.context("the key is in the keyring")?;
    secrets.set(&SecretName::own("store-key"), Secret::new(key)).await?;
    let store = Store::open(&desk.home().join("sidecard.db"), &secrets).await?;
    Ok(store.of_agent(&ConnectionId::new(defaults::SAMPLE_CHAT), &"you@sidecard.example".into()))
}

/// Whether the store's file holds Ana.
async fn keeps_ana(desk: &Desk) -> Result<bool> {
    let store = open_store(desk).await?;
    let ana = RecordKey::contact(&ConnectionId::new(defaults::SAMPLE_CRM), &RecordId::new("1"));
    let found = store.contacts().get(&ana).await?.is_some();
    store.close().await;
    Ok(found)
}
