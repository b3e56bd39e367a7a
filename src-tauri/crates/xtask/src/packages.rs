//! The system packages of Debian and Ubuntu, and how to find out which are missing.

use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

/// What the program is built with.
pub(crate) const BUILD: &[&str] = &[
    "build-essential",
    "libayatana-appindicator3-dev",
    "libgtk-3-dev",
    "librsvg2-dev",
    "libwebkit2gtk-4.1-dev",
    "pkg-config",
];

/// What a window without a screen needs.
pub(crate) const HEADLESS: &[&str] =
    &["dbus", "fonts-dejavu-core", "fonts-noto-core", "imagemagick", "openbox", "xvfb"];

/// What the tests need beside that.
pub(crate) const TESTS: &[&str] =
    &["gnome-keyring", "libsecret-tools", "webkit2gtk-driver", "x11-utils", "xdotool"];

/// The oldest Node.js that the UI's tools run on.
const NODE: (u32, u32) = (20, 19);

/// Whether this is a system whose packages we know by name.
pub(crate) fn known_system() -> bool {
    cfg!(target_os = "linux") && process::exists("dpkg-query") && process::exists("apt-get")
}

/// Those of `wanted` that are not installed, and what stands in for tools that may come from elsewhere.
pub(crate) fn missing(wanted: &[&str]) -> Result<Vec<String>> {
    let output = Command::new("dpkg-query")
        .args(["--show", "--showformat=${Package} ${db:Status-Status}\n"])
        .args(wanted)
        .output()
        .context("cannot ask dpkg which packages are installed")?;
    // It ends with 1 when it knows one of them not at all: that is an answer too.
    Ok(not_installed(wanted, &String::from_utf8_lossy(&output.stdout)))
}

/// Packages for Node.js and npm, where neither came from elsewhere.
pub(crate) fn missing_node() -> Vec<String> {
    ["node", "npm"]
        .into_iter()
        .zip(["nodejs", "npm"])
        .filter(|(program, _)| !process::exists(program))
        .map(|(_, package)| package.to_owned())
        .collect()
}

/// Packages for Chromium and its driver, where neither came from elsewhere: Ubuntu has no package that is more than a pointer.
pub(crate) fn missing_browser() -> Vec<String> {
    let browser = ["chromium", "google-chrome"].into_iter().any(process::exists);
    [(browser, "chromium"), (process::exists("chromedriver"), "chromium-driver")]
        .into_iter()
        .filter(|(there, _)| !there)
        .map(|(_, package)| package.to_owned())
        .collect()
}

/// The package for Python's virtual environments, where the Python at hand cannot make one.
pub(crate) fn missing_python() -> Vec<String> {
    let works = process::succeeds(Command::new("python3").args(["-c", "import ensurepip, venv"]));
    if works { Vec::new() } else { vec!["python3-venv".to_owned()] }
}

/// Checks that Node.js is new enough.
pub(crate) fn check_node() -> Result<()> {
    let text = process::capture(Command::new("node").arg("--version"))
        .context("the UI is built with Node.js, which is not installed")?;
    let found = node_version(&text).with_context(|| format!("cannot read the version in {text:?}"))?;
    anyhow::ensure!(
        found >= NODE,
        "Node.js {}.{} is too old: the UI's tools need {}.{} or newer (https://nodejs.org)",
        found.0,
        found.1,
        NODE.0,
        NODE.1
    );
    Ok(())
}

fn not_installed(wanted: &[&str], listing: &str) -> Vec<String> {
    let installed: Vec<&str> = listing.lines().filter_map(|line| line.strip_suffix(" installed")).collect();
    wanted.iter().filter(|name| !installed.contains(name)).map(|&name| name.to_owned()).collect()
}

fn node_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removed_and_unknown_packages_count_as_missing() {
        let listing = "xvfb installed\nopenbox config-files\n";
        assert_eq!(not_installed(&["xvfb", "openbox", "xdotool"], listing), ["openbox", "xdotool"]);
    }

    #[test]
    fn node_says_its_version_with_a_v() {
        assert_eq!(node_version("v20.19.5\n"), Some((20, 19)));
        assert_eq!(node_version("next"), None);
    }
}
