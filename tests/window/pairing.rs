//! Pairing the companion page: from the settings over the clipboard to the port of this computer.

use anyhow::{Context, Result, anyhow, ensure};
use domain::config::{ChatProduct, CrmConnection, CrmProduct};
use serde_json::json;
use sidecard_tests::{
    Desk, Role,
    office::{CHAT, document, keep_token},
    wait::{self, PATIENCE},
};
use testkit::livechat::{Simulator, TOKEN, Visitor};
use thirtyfour::Key;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

// SEC-13, SEC-01, PAN-27
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen"]
async fn sec_13_an_agent_pairs_the_companion_page_over_the_clipboard() -> Result<()> {
    let livechat = Simulator::start().await?;
    let mut desk = Desk::new()?;
    desk.set("SIDECARD_CA_FILE", livechat.authority_file());
    let crm = CrmConnection { name: "Sample CRM".to_owned(), product: CrmProduct::Sample {} };
    let mut configuration = document(crm, &livechat);
    let chat = configuration.chat.get_mut(CHAT).context("the chat is configured")?;
    if let ChatProduct::Livechat(account) = &mut chat.product {
        account.companion_loopback = true;
        account.companion_page = Some("https://widget.example/".parse()?);
    }
    desk.configure(&configuration)?;
    keep_token(&desk, TOKEN)?;
    let program = desk.open().await?;
    let window = &program.window;
    let first = livechat.start_chat(Visitor::named("Mara Lindqvist"));
    window.shows(&["Mara Lindqvist"]).await?;
    livechat.start_chat(Visitor::named("Ines Duarte"));
    window.shows(&["Ines"]).await?;

    let panel = window.driver().window().await?;
    window.invoke("open_settings", json!({})).await?.map_err(|error| anyhow!("{error}"))?;
    window.switch_to("settings").await?;
    window.click(Role::Button, "Edit LiveChat").await?;
    window.click(Role::Button, "Copy pairing text").await?;
    window.shows(&["is on the clipboard"]).await?;
    // Any text field is the companion page's for this.
    let field = window.find(Role::Textbox, "Name").await?;
    let text = wait::until("the text is pasted", PATIENCE, async || {
        field.click().await?;
        field.send_keys(Key::Control + "a").await?;
        field.send_keys(Key::Control + "v").await?;
        let text = field.prop("value").await?.unwrap_or_default();
        Ok(text.starts_with("sidecard:").then_some(text))
    })
    .await?;
    let mut parts = text.split(':').skip(1);
    let (port, secret) = (parts.next().context("a port")?, parts.next().context("a secret")?);
    ensure!(!desk.saved_configuration().await?.contains(secret), "the secret is in the file");
    let entry = desk.keyring_entry(CHAT, "pairing")?.context("the pairing is in the keyring")?;
    ensure!(entry.contains(secret), "the keyring holds another one");

    let body = format!(
        r#"{{"v":1,"page":"p","n":1,"next_ms":60000,"visible":true,"open":{{"chat_id":"{}","from":"chats"}}}}"#,
        first.id
    );
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).await?;
    let request = format!(
        "POST /companion HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: https://widget.example\r\n\
         Content-Type: application/json\r\nSidecard-Pairing: {secret}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    ensure!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    window.driver().switch_to_window(panel).await?;
    window.shows(&["Follows LiveChat by the companion"]).await?;
    program.close().await
}
