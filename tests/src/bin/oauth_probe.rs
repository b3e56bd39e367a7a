//! A process that signs in and renews as the program does, and tells what happened: one command a line, one answer a line.
//! Tests start several over one keyring. Given are the folder of its files, the authorisation server, and three ports.

use std::{
    io::{self, BufRead, Write},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use connectors::{
    CallContext, Error, Priority,
    http::{HttpSettings, Proxy, client},
    oauth::{self, Access, Client, Grant},
};
use domain::clock::SystemClock;
use secrets::{Keyring, Secret, Strongbox};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

/// The profile whose entries the probe uses.
const PROFILE: &str = "probe";

#[tokio::main]
async fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [folder, server, first, second, third] = &words[..] else { anyhow::bail!("five words are needed") };
    let server = Url::parse(server)?;
    let probe = Probe {
        client: Client {
            connection: "crm".into(),
            authorize: server.join("auth")?,
            token: server.join("token")?,
            client_id: testkit::oidc::CLIENT.to_owned(),
            scopes: vec!["openid", "offline_access"],
            separator: " ",
            parameters: vec![("prompt", "consent".to_owned())],
            keeps: &[],
            redirect_host: "127.0.0.1",
            ports: [first.parse()?, second.parse()?, third.parse()?],
            hosts: vec!["127.0.0.1".to_owned()],
        },
        http: client(&HttpSettings { proxy: Proxy::Direct, ..HttpSettings::default() })?,
        secrets: Arc::new(Strongbox::new(Arc::new(Keyring::with_profile(PROFILE)), folder)),
    };
    let access = Access::new(probe.client.clone());
    let mut spent = None;
    for line in io::stdin().lock().lines() {
        let answer = match line?.as_str() {
            "sign_in" => probe.sign_in().await,
            "grant" => said(access.grant(&probe.call(), "127.0.0.1", None).await, &mut spent),
            "renew" => {
                let old: Option<Secret> = spent.clone();
                said(access.grant(&probe.call(), "127.0.0.1", old.as_ref()).await, &mut spent)
            }
            _ => "what?".to_owned(),
        };
        writeln!(io::stdout(), "{answer}").context("nobody listens")?;
    }
    Ok(())
}

struct Probe {
    client: Client,
    http: reqwest::Client,
    secrets: Arc<Strongbox>,
}

impl Probe {
    fn call(&self) -> CallContext {
        CallContext {
            http: self.http.clone(),
            clock: Arc::new(SystemClock),
            secrets: self.secrets.clone(),
            deadline: Instant::now() + Duration::from_secs(30),
            cancel: CancellationToken::new(),
            priority: Priority::Interactive,
        }
    }

    /// Says which page has to be opened, then what came of it.
    async fn sign_in(&self) -> String {
        let browse = |page: &Url| writeln!(io::stdout(), "{page}").map_err(|error| error.to_string());
        match oauth::sign_in(&self.call(), &self.client, browse).await {
            Ok(grant) => match oauth::grant::keep(&*self.secrets, &self.client, &grant).await {
                Ok(()) => "ok".to_owned(),
                Err(error) => word(&error),
            },
            Err(problem) => problem.to_string(),
        }
    }
}

fn said(result: Result<Grant, Error>, spent: &mut Option<Secret>) -> String {
    match result {
        Ok(grant) => {
            // EXPOSE: the test compares what two processes got.
            let text = format!("access {}", grant.access.expose());
            *spent = Some(grant.access);
            text
        }
        Err(error) => word(&error),
    }
}

fn word(error: &Error) -> String {
    format!("{:?}", error.kind).to_lowercase()
}
