//! A network whose only way out is a proxy: log-in and requests go through it, or it is said why they do not.

use std::{process::Command, sync::Arc};

use connectors::http::{HttpSettings, Proxy, ProxyTrouble};
use domain::AgentId;
use secrets::{Memory, Secret, SecretName, bound};
use sources::{
    Source,
    livechat::{LiveChat, TOKEN as SLOT},
    source::SourceProblem,
};
use testkit::{
    livechat::{AGENT, PROXIED, Simulator, Surface, TOKEN},
    proxy::Gateway,
};
use url::Url;

use crate::rig::{account, connection, context_with, quick};

const USER: &str = "desk";
const PASSWORD: &str = "p@ss w:rd";

async fn gateway(sim: &Simulator) -> Gateway {
    Gateway::start().await.unwrap().with_host(PROXIED, sim.socket())
}

/// The simulator's address by the name that only the proxy knows.
fn behind_proxy(sim: &Simulator) -> Url {
    let mut url = sim.url();
    url.set_host(Some(PROXIED)).unwrap();
    url
}

fn with_login(gateway: &Gateway, password: &str) -> Proxy {
    Proxy::At { address: gateway.address(), login: Some((USER.to_owned(), Secret::new(password))) }
}

/// Signs in once on a network with this proxy, trusting the simulator's authority where `trusting`.
async fn sign_in(sim: &Simulator, proxy: Proxy, trusting: bool) -> Result<AgentId, SourceProblem> {
    let secrets = Memory::default();
    let name = SecretName::of(&connection(), SLOT);
    bound::set(&secrets, &name, Secret::new(TOKEN), &[PROXIED.to_owned()]).await.unwrap();
    let authorities = if trusting { vec![sim.authority().to_owned()] } else { Vec::new() };
    let settings = HttpSettings { proxy, authorities, ..HttpSettings::default() };
    let source = LiveChat::new(connection(), account(behind_proxy(sim))).with_timings(quick());
    source.check(&context_with(&settings, Arc::new(secrets))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn adm_06_requests_and_web_sockets_go_through_the_proxy_and_no_other_way() {
    let sim = Simulator::start().await.unwrap();
    let gateway = gateway(&sim).await.with_login(USER, PASSWORD);
    let direct = sign_in(&sim, Proxy::Direct, true).await;
    assert_eq!((direct, sim.log().len()), (Err(SourceProblem::Unreachable), 0), "there is no other way");

    let agent = sign_in(&sim, with_login(&gateway, PASSWORD), true).await;
    assert_eq!(agent, Ok(AgentId::from(AGENT)));
    for surface in [Surface::Web, Surface::Rtm] {
        assert!(sim.log().iter().any(|request| request.surface == surface), "{surface:?} came through");
    }
    let place = format!("{PROXIED}:{}", sim.socket().port());
    assert_eq!((gateway.tunnels(), gateway.refused()), (vec![place.clone(), place], 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn adm_06_a_private_authority_has_to_be_given_behind_a_proxy_too() {
    let sim = Simulator::start().await.unwrap();
    let gateway = gateway(&sim).await;
    let proxy = || Proxy::At { address: gateway.address(), login: None };
    assert_eq!(sign_in(&sim, proxy(), false).await, Err(SourceProblem::Unreachable));
    assert!(
        !gateway.tunnels().is_empty() && sim.log().is_empty(),
        "the tunnel stood, its end was not trusted"
    );
    assert!(sign_in(&sim, proxy(), true).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn adm_06_a_proxy_that_lets_nothing_through_is_asked_what_it_wants() {
    let sim = Simulator::start().await.unwrap();
    let office = gateway(&sim).await.with_login(USER, PASSWORD);
    let target = behind_proxy(&sim);
    let wrong = with_login(&office, "guess");
    assert_eq!(sign_in(&sim, wrong.clone(), true).await, Err(SourceProblem::Unreachable));
    assert_eq!(wrong.trouble(&target).await, Some(ProxyTrouble::SignIn));
    assert_eq!(with_login(&office, PASSWORD).trouble(&target).await, None);

    let windows = gateway(&sim).await.with_windows_sign_in();
    let proxy = with_login(&windows, PASSWORD);
    assert_eq!(sign_in(&sim, proxy.clone(), true).await, Err(SourceProblem::Unreachable));
    let named = ProxyTrouble::Scheme("Negotiate, NTLM".to_owned());
    assert_eq!(proxy.trouble(&target).await, Some(named));
    assert!(windows.tunnels().is_empty() && sim.log().is_empty());
}

/// What a process says that signs in with these variables in its environment.
async fn probe(sim: &Simulator, variables: &[(&str, String)]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_network_probe"));
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.arg(sim.authority_file()).arg(behind_proxy(sim).as_str());
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn adm_06_the_systems_proxy_is_the_one_of_the_environment() {
    let sim = Simulator::start().await.unwrap();
    let gateway = gateway(&sim).await.with_login(USER, PASSWORD);
    let mut address = gateway.address();
    address.set_username(USER).unwrap();
    address.set_password(Some(PASSWORD)).unwrap();
    let address = address.to_string();
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let before = gateway.tunnels().len();
        assert_eq!(probe(&sim, &[(name, address.clone())]).await, AGENT, "{name}");
        assert_eq!(gateway.tunnels().len(), before + 2, "{name}");
    }
    let tunnels = gateway.tunnels().len();
    let exempt = [("HTTPS_PROXY", address), ("NO_PROXY", "other.test,.test".to_owned())];
    assert_ne!(probe(&sim, &exempt).await, AGENT, "without the proxy there is no way");
    assert_eq!((gateway.tunnels().len(), gateway.refused()), (tunnels, 0));
}

/// A `gsettings` that answers as GNOME's does, in front of the system's.
fn gnome(folder: &std::path::Path, mode: &str) -> (&'static str, String) {
    use std::os::unix::fs::PermissionsExt as _;
    let script = format!(
        "#!/bin/sh\necho \"org.gnome.system.proxy mode '{mode}'\"\necho \"org.gnome.system.proxy autoconfig-url ''\"\n"
    );
    let file = folder.join("gsettings");
    std::fs::write(&file, script).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    ("PATH", format!("{}:{}", folder.display(), std::env::var("PATH").unwrap()))
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn adm_06_what_the_desktop_does_beyond_a_fixed_address_is_named_as_unsupported() {
    let sim = Simulator::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (mode, trouble) in [("auto", ProxyTrouble::Discovery), ("manual", ProxyTrouble::Desktop)] {
        let path = gnome(folder.path(), mode);
        assert_eq!(probe(&sim, &[path]).await, trouble.to_string(), "{mode}");
    }
    let path = gnome(folder.path(), "none");
    assert_eq!(probe(&sim, &[path]).await, SourceProblem::Unreachable.to_string());
}
