//! A process that uses the keyring and the store as the program does, and tells what happened: one command a line, one
//! answer a line. Tests start it in a session of its own, because the address of a session belongs to the whole process.

use std::{
    io::{self, BufRead, Write},
    path::Path,
};

use domain::ChatKey;
use secrets::{Keyring, KeyringProblem, Secret, SecretName, SecretStore};
use store::{Draft, OpenError, Store, StoreError};

/// The profile whose entries the probe uses.
const PROFILE: &str = "probe";

#[tokio::main]
async fn main() -> io::Result<()> {
    let keyring = Keyring::with_profile(PROFILE);
    for line in io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split(' ').collect();
        let answer = answer(&keyring, &words).await;
        writeln!(io::stdout(), "{answer}")?;
    }
    Ok(())
}

async fn answer(keyring: &Keyring, words: &[&str]) -> String {
    match *words {
        ["get", slot] => match keyring.get(&name(slot)).await {
            // EXPOSE: the test compares it.
            Ok(Some(secret)) => format!("value {}", secret.expose()),
            Ok(None) => "none".to_owned(),
            Err(problem) => word(problem),
        },
        ["set", slot, value] => done(keyring.set(&name(slot), Secret::new(value)).await),
        ["remove", slot] => done(keyring.remove(&name(slot)).await),
        ["check"] => done(keyring.check().await),
        ["keep", path, text] => match Store::open(Path::new(path), keyring).await {
            Ok(store) => stored(keep(&store, text).await),
            Err(error) => refused(error),
        },
        ["recall", path] => match Store::open(Path::new(path), keyring).await {
            Ok(store) => stored(recall(&store).await),
            Err(error) => refused(error),
        },
        _ => "what?".to_owned(),
    }
}

fn name(slot: &str) -> SecretName {
    SecretName::of(&"crm".into(), slot)
}

fn done(result: Result<(), KeyringProblem>) -> String {
    result.map_or_else(word, |()| "ok".to_owned())
}

fn word(problem: KeyringProblem) -> String {
    format!("{problem:?}").to_lowercase()
}

async fn keep(store: &Store, text: &str) -> Result<String, StoreError> {
    let chat = ChatKey::new("chat", text);
    let draft = Draft {
        chat,
        crm: "crm".into(),
        record: None,
        identity: store::Identity::default(),
        content: text.into(),
        at: jiff::Timestamp::UNIX_EPOCH,
    };
    store.drafts().put(draft).await?;
    store.close().await;
    Ok("ok".to_owned())
}

async fn recall(store: &Store) -> Result<String, StoreError> {
    let drafts = store.drafts().all().await?;
    store.close().await;
    let texts: Vec<_> = drafts.iter().filter_map(|draft| draft.content.as_str()).collect();
    Ok(format!("drafts {}", texts.join(",")))
}

fn stored(result: Result<String, StoreError>) -> String {
    result.unwrap_or_else(|error| error.to_string())
}

fn refused(error: OpenError) -> String {
    match error {
        OpenError::Keyring(problem) => word(problem),
        OpenError::KeyLost { waiting_writes } => format!("key lost, {waiting_writes} waiting"),
        other => other.to_string(),
    }
}
