//! What the system says of proxies beyond a fixed address. Each system has a command that tells; its answer is read here.

use std::process::{Command, Stdio};

use super::ProxyTrouble;

const COMMAND: (&str, &[&str]) = if cfg!(windows) {
    ("reg", &["query", r"HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings"])
} else if cfg!(target_os = "macos") {
    ("scutil", &["--proxy"])
} else {
    ("gsettings", &["list-recursively", "org.gnome.system.proxy"])
};

/// What the system does to find a proxy that Sidecard cannot do. A system that does not tell does nothing.
pub(super) async fn trouble() -> Option<ProxyTrouble> {
    read(&tokio::task::spawn_blocking(answer).await.ok()??)
}

fn answer() -> Option<String> {
    let mut command = Command::new(COMMAND.0);
    command.args(COMMAND.1).stdin(Stdio::null()).stderr(Stdio::null());
    #[cfg(windows)]
    std::os::windows::process::CommandExt::creation_flags(&mut command, CREATE_NO_WINDOW);
    Some(String::from_utf8_lossy(&command.output().ok()?.stdout).into_owned())
}

#[cfg(windows)]
const CREATE_NO_WINDOW: u32 = 0x0800_0000;

/// Reads the answer of `gsettings`, `scutil` or `reg`: a name and a value stand in each line.
fn read(answer: &str) -> Option<ProxyTrouble> {
    let value = |name: &str| {
        let line = answer.lines().find(|line| line.split_whitespace().any(|word| word == name))?;
        line.split_whitespace().next_back().map(|value| value.trim_matches('\''))
    };
    let on = |name| matches!(value(name), Some("1" | "0x1"));
    let url = |name| value(name).is_some_and(|url| url.contains("://"));
    match value("mode") {
        Some("auto") if url("autoconfig-url") => return Some(ProxyTrouble::Script),
        Some("auto") => return Some(ProxyTrouble::Discovery),
        Some("manual") => return Some(ProxyTrouble::Desktop),
        _ => {}
    }
    if on("ProxyAutoConfigEnable") || url("AutoConfigURL") {
        return Some(ProxyTrouble::Script);
    }
    (on("ProxyAutoDiscoveryEnable") || on("AutoDetect")).then_some(ProxyTrouble::Discovery)
}

#[cfg(test)]
mod tests {
    use super::*;

    // ADM-06
    #[test]
    fn scripts_and_discovery_are_recognised_on_every_system() {
        let gnome = |mode: &str, url: &str| {
            read(&format!(
                "org.gnome.system.proxy autoconfig-url '{url}'\norg.gnome.system.proxy ignore-hosts ['localhost']\n\
                 org.gnome.system.proxy mode '{mode}'\norg.gnome.system.proxy.http host 'proxy.example'\n"
            ))
        };
        assert_eq!(gnome("none", "http://wpad.example/proxy.pac"), None, "the script of a mode that is off");
        assert_eq!(gnome("auto", "http://wpad.example/proxy.pac"), Some(ProxyTrouble::Script));
        assert_eq!(gnome("auto", ""), Some(ProxyTrouble::Discovery));
        assert_eq!(gnome("manual", ""), Some(ProxyTrouble::Desktop));

        let mac = |script: u8, discovery: u8| {
            read(&format!(
                "<dictionary> {{\n  ExceptionsList : <array> {{\n    0 : *.local\n  }}\n  HTTPSEnable : 0\n  \
                 ProxyAutoConfigEnable : {script}\n  ProxyAutoConfigURLString : http://wpad.example/proxy.pac\n  \
                 ProxyAutoDiscoveryEnable : {discovery}\n}}\n"
            ))
        };
        assert_eq!(mac(0, 0), None);
        assert_eq!(mac(1, 0), Some(ProxyTrouble::Script));
        assert_eq!(mac(0, 1), Some(ProxyTrouble::Discovery));

        let windows = |line: &str| {
            read(&format!(
                "\r\nHKEY_CURRENT_USER\\Software\r\n    ProxyEnable    REG_DWORD    0x1\r\n{line}\r\n"
            ))
        };
        assert_eq!(windows("    ProxyServer    REG_SZ    proxy.example:3128"), None);
        assert_eq!(
            windows("    AutoConfigURL    REG_SZ    http://wpad.example/proxy.pac"),
            Some(ProxyTrouble::Script)
        );
        assert_eq!(windows("    AutoDetect    REG_DWORD    0x1"), Some(ProxyTrouble::Discovery));
        assert_eq!(windows("    AutoDetect    REG_DWORD    0x0"), None);
    }
}
