//! The simulator in front of the vendor's own client. What that client accepts, ours was tested against.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use testkit::livechat::{ACCOUNT, Simulator, TOKEN, Visitor};

/// The client, and a package that its release forgets to name.
const PACKAGES: &[&str] = &["lc-sdk-python==0.4.2", "loguru==0.7.3"];

// LC-02
#[tokio::test(flavor = "multi_thread")]
async fn the_vendors_own_client_works_with_the_simulator() {
    let sim = Simulator::start().await.unwrap();
    let chat = sim.start_chat(Visitor::named("Nadia Kowal").with_email("nadia@shop.example"));
    let token = format!("Basic {}", STANDARD.encode(format!("{ACCOUNT}:{TOKEN}")));
    let host = sim.host();
    let output = tokio::task::spawn_blocking(move || {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("sources/vendor_sdk.py");
        Command::new(python()).arg(script).args([&host, &token, &chat.id]).output().unwrap()
    });
    let output = output.await.unwrap();
    assert!(output.status.success(), "{}", text(&output));
    println!("{}", String::from_utf8_lossy(&output.stdout).trim());
}

/// A Python with the client, made once and kept in the build folder.
fn python() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("vendor-sdk");
    let (python, ready) = (folder.join("bin/python"), folder.join("ready"));
    if !ready.exists() {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PACKAGES));
        std::fs::write(&ready, "").unwrap();
    }
    python
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", text(&output));
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
