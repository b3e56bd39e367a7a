//! A process that signs in to LiveChat as the program does on this network, and says as whom or why not. Tests start it with
//! an environment of its own, because that belongs to the whole process. Arguments: a file of authorities, the address.

use std::{env, sync::Arc};

use anyhow::Context as _;
use connectors::http::{HttpSettings, client, client_http1};
use domain::{ConnectionId, clock::SystemClock, config::LivechatConfig};
use secrets::{Memory, Secret, SecretName, bound};
use sources::{
    Source,
    livechat::{LiveChat, TOKEN as SLOT},
    source::SourceContext,
};
use testkit::livechat::{ACCOUNT, ORGANIZATION, TOKEN};
use tokio_util::sync::CancellationToken;
use url::Url;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the answer is what it is for")]
async fn main() -> anyhow::Result<()> {
    let mut arguments = env::args().skip(1);
    let authorities = std::fs::read_to_string(arguments.next().context("no file of authorities")?)?;
    let api = Url::parse(&arguments.next().context("no address")?)?;
    let settings = HttpSettings { authorities: vec![authorities], ..HttpSettings::default() };
    let connection = ConnectionId::from("support");
    let secrets = Memory::default();
    let host = api.host_str().unwrap_or_default().to_owned();
    bound::set(&secrets, &SecretName::of(&connection, SLOT), Secret::new(TOKEN), &[host]).await?;
    let cx = SourceContext {
        http: client(&settings)?,
        http1: client_http1(&settings)?,
        clock: Arc::new(SystemClock),
        secrets: Arc::new(secrets),
        cancel: CancellationToken::new(),
        bookmark: Arc::new(()),
        session: String::new(),
        wake: Arc::default(),
    };
    let account = LivechatConfig {
        account_id: ACCOUNT.into(),
        organization_id: ORGANIZATION.into(),
        api: api.clone(),
        ..LivechatConfig::at_livechat()
    };
    match LiveChat::new(connection, account).check(&cx).await {
        Ok(agent) => println!("{agent}"),
        Err(problem) => match settings.proxy.trouble(&api).await {
            Some(trouble) => println!("{trouble}"),
            None => println!("{problem}"),
        },
    }
    Ok(())
}
