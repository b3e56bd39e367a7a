//! Where the program finds its files and what the system tells it, read once at the start.

use std::{env, path::PathBuf};

use connectors::http::{BadSettings, HttpSettings, Proxy};
use engine::{Home, Place};
use secrets::Keyring;

/// The surroundings of this start. Each variable is documented at its field.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    /// `SIDECARD_HOME`: the folder of configuration, store and logs, in place of the system's own for this program.
    pub(crate) folder: PathBuf,
    /// The files in that folder.
    pub(crate) home: Home,
    /// `SIDECARD_PROFILE`: secrets stand in the keyring apart from those of the installed program, so that a trial never
    /// touches real ones.
    profile: Option<String>,
    /// `SIDECARD_CA_FILE`: a PEM file with certificates of the company's own authority.
    ca_file: Option<PathBuf>,
    /// `SIDECARD_PROXY`: the address of a proxy, with user and password where it wants them, or `direct`; in place of the
    /// system's.
    proxy: Option<Result<Proxy, BadSettings>>,
    /// `SIDECARD_NEVER_PAINTED=1`: the program believes that its window stays empty, for trying out what it does then.
    pub(crate) never_painted: bool,
    /// This session among those that one person may have open on one computer, as its screen is called; empty where a person
    /// has one.
    pub(crate) session: String,
}

impl Environment {
    pub(crate) fn read() -> Self {
        let folder = env::var_os("SIDECARD_HOME").map_or_else(default_folder, PathBuf::from);
        Self {
            home: Home::new(&folder, managed_policy()),
            profile: env::var("SIDECARD_PROFILE").ok(),
            ca_file: env::var_os("SIDECARD_CA_FILE").map(PathBuf::from),
            proxy: env::var("SIDECARD_PROXY").ok().map(|text| Proxy::parse(&text)),
            never_painted: env::var("SIDECARD_NEVER_PAINTED").as_deref() == Ok("1"),
            session: session(),
            folder,
        }
    }

    /// The system's keyring.
    pub(crate) fn keyring(&self) -> Keyring {
        self.profile.as_deref().map_or_else(Keyring::new, Keyring::with_profile)
    }

    /// How the network is reached.
    pub(crate) fn http_settings(&self) -> HttpSettings {
        let mut settings = HttpSettings::default();
        if let Some(path) = &self.ca_file {
            match std::fs::read_to_string(path) {
                Ok(pem) => settings.authorities.push(pem),
                Err(error) => tracing::warn!(%error, "the file of SIDECARD_CA_FILE cannot be read"),
            }
        }
        match &self.proxy {
            Some(Ok(proxy)) => settings.proxy = proxy.clone(),
            Some(Err(error)) => tracing::warn!(%error, "SIDECARD_PROXY is not used"),
            None => {}
        }
        settings
    }
}

/// The system's folder for this program's data.
fn default_folder() -> PathBuf {
    let (base, name) = if cfg!(windows) {
        (env::var_os("APPDATA").map(PathBuf::from), "Sidecard")
    } else if cfg!(target_os = "macos") {
        (env::var_os("HOME").map(|home| PathBuf::from(home).join("Library/Application Support")), "Sidecard")
    } else {
        let data = env::var_os("XDG_DATA_HOME").map(PathBuf::from);
        (
            data.or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"))),
            "sidecard",
        )
    };
    base.unwrap_or_else(env::temp_dir).join(name)
}

fn session() -> String {
    ["WAYLAND_DISPLAY", "DISPLAY"].into_iter().find_map(|name| env::var(name).ok()).unwrap_or_default()
}

/// The machine and the account on it, where the system names them without much ado: elsewhere a store that came from another
/// computer together with its keyring is not noticed.
pub(crate) fn place() -> Option<Place> {
    #[cfg(target_os = "linux")]
    {
        // https://www.freedesktop.org/software/systemd/man/latest/machine-id.html: made when the system is installed, or when
        // a copy of it is first started.
        let files = ["/etc/machine-id", "/var/lib/dbus/machine-id"];
        let machine = files.iter().find_map(|file| std::fs::read_to_string(file).ok())?;
        let is_made = machine.trim().len() == 32;
        is_made.then(|| Place::new(&machine, &rustix::process::getuid().as_raw().to_string()))
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// The machine-wide policy, where administrators put one.
fn managed_policy() -> Option<PathBuf> {
    if cfg!(windows) {
        env::var_os("PROGRAMDATA").map(|base| PathBuf::from(base).join("Sidecard").join("managed.toml"))
    } else if cfg!(target_os = "macos") {
        Some(PathBuf::from("/Library/Application Support/Sidecard/managed.toml"))
    } else {
        Some(PathBuf::from("/etc/sidecard/managed.toml"))
    }
}

/// A core dump would hold secrets and personal data.
pub(crate) fn forbid_core_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let none = Rlimit { current: Some(0), maximum: Some(0) };
        if setrlimit(Resource::Core, none).is_err() {
            tracing::warn!("core dumps could not be switched off");
        }
    }
}
