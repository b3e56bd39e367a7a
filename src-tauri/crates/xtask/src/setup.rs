//! Making a machine ready: system packages first, then those of the UI.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{packages, process, ui};

/// What building and opening the window needs.
pub(crate) fn for_build() -> Result<()> {
    install(&[packages::BUILD], false)?;
    ui::install()
}

/// The same, for a machine without a screen.
pub(crate) fn for_headless() -> Result<()> {
    install(&[packages::BUILD, packages::HEADLESS], false)?;
    ui::install()
}

/// What the tests need.
pub(crate) fn for_tests() -> Result<()> {
    install(&[packages::BUILD, packages::HEADLESS, packages::TESTS], true)?;
    ui::install()
}

fn install(groups: &[&[&str]], tests: bool) -> Result<()> {
    if packages::known_system() {
        let mut missing = packages::missing(&groups.concat())?;
        missing.extend(packages::missing_node());
        if tests {
            missing.extend(packages::missing_python());
            missing.extend(packages::missing_browser());
        }
        if !missing.is_empty() {
            install_with_apt(&missing)?;
        }
    } else if cfg!(target_os = "linux") {
        eprintln!(
            "This is not Debian or Ubuntu: WebKitGTK 4.1, GTK 3 and Ayatana AppIndicator must be there."
        );
    }
    packages::check_node()
}

fn install_with_apt(missing: &[String]) -> Result<()> {
    let Some(prefix) = root_prefix() else {
        bail!(
            "packages are missing and only root can install them. Run this once, then try again:\n\n  \
             sudo apt-get update && sudo apt-get install --yes {}\n",
            missing.join(" ")
        );
    };
    process::run(&mut apt(prefix, &["update"]))?;
    let mut command = apt(prefix, &["install", "--yes", "--no-install-recommends"]);
    process::run(command.args(missing))
}

fn apt(prefix: &[&str], arguments: &[&str]) -> Command {
    let words = [prefix, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], arguments].concat();
    let mut command = process::command(words[0]);
    command.args(&words[1..]);
    command
}

/// How to become root without asking: not at all, by sudo, or there is no way.
fn root_prefix() -> Option<&'static [&'static str]> {
    let user = process::capture(Command::new("id").arg("-u")).unwrap_or_default();
    if user.trim() == "0" {
        return Some(&[]);
    }
    process::succeeds(Command::new("sudo").args(["-n", "true"])).then_some(&["sudo", "-n"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apt_never_asks_and_becomes_root_only_by_its_prefix() {
        let words = |command: Command| -> Vec<String> {
            std::iter::once(command.get_program())
                .chain(command.get_args())
                .map(|word| word.to_string_lossy().into_owned())
                .collect()
        };
        assert_eq!(
            words(apt(&["sudo", "-n"], &["update"])),
            ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "update"]
        );
        assert_eq!(
            words(apt(&[], &["update"])),
            ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "update"]
        );
    }
}
