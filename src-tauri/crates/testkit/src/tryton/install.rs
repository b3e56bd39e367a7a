//! The packages and the template database, made once and kept in the target folder.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use anyhow::{Context, Result, ensure};

use super::server::DATABASE;

/// What is installed. A change here makes a new environment beside the old one.
const PACKAGES: [&str; 3] = ["trytond==8.2.1", "trytond_party==8.2.0", "trytond_sale_opportunity==8.2.0"];
/// With this package on its path Tryton checks and formats phone numbers, as many installations do.
const PHONES: &str = "phonenumbers==9.0.43";
const FOLDER: &str = "tryton-8.2.1";

/// An environment that servers can be started from.
#[derive(Clone, Debug)]
pub struct Installation {
    root: PathBuf,
}

impl Installation {
    /// A program of the environment.
    pub fn program(&self, name: &str) -> PathBuf {
        self.root.join("venv/bin").join(name)
    }

    /// The folder that makes Tryton check phone numbers when it is on Python's path.
    pub fn phones(&self) -> PathBuf {
        self.root.join("phones")
    }

    pub(super) fn template(&self) -> PathBuf {
        self.root.join("template")
    }

    pub(super) fn template_password(&self) -> Result<String> {
        Ok(fs::read_to_string(self.root.join("template.pw"))?.trim().to_owned())
    }
}

/// Makes the environment unless it is there. Processes that come at the same time wait for the first.
pub fn install() -> Result<Installation> {
    let root = target_folder().join(FOLDER);
    fs::create_dir_all(&root)?;
    let lock = File::create(root.join("lock"))?;
    lock.lock().context("waiting for another process that installs Tryton")?;
    let installation = Installation { root };
    let ready = installation.root.join("ready");
    if !ready.exists() {
        make_environment(&installation.root)?;
        make_template(&installation)?;
        File::create(ready)?;
    }
    Ok(installation)
}

pub(crate) fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../target"), PathBuf::from)
}

fn make_environment(root: &Path) -> Result<()> {
    let venv = root.join("venv");
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
    let pip = venv.join("bin/pip");
    run(Command::new(&pip).args(["install", "--quiet"]).args(PACKAGES))?;
    run(Command::new(&pip)
        .args(["install", "--quiet", "--upgrade", "--target"])
        .arg(root.join("phones"))
        .arg(PHONES))
}

fn make_template(installation: &Installation) -> Result<()> {
    let folder = installation.template();
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    File::create(folder.join(format!("{DATABASE}.sqlite")))?;
    let config = installation.root.join("template.conf");
    fs::write(&config, configuration(&folder, 0)?)?;
    let password = installation.root.join("template.pw");
    write_private(&password, &uuid::Uuid::new_v4().to_string())?;
    let admin = |arguments: &[&str]| {
        let mut command = Command::new(installation.program("trytond-admin"));
        command
            .arg("-c")
            .arg(&config)
            .args(["-d", DATABASE])
            .args(arguments)
            .env("TRYTONPASSFILE", &password);
        run(&mut command)
    };
    admin(&["--all", "--email", "admin@example.com", "-l", "en", "-l", "de", "-l", "pt"])?;
    admin(&["-u", "party", "sale_opportunity", "--activate-dependencies"])
}

/// What a server reads at start.
pub(super) fn configuration(databases: &Path, port: u16) -> Result<String> {
    let path = fs::canonicalize(databases)?;
    Ok(format!(
        "[database]\nuri = sqlite://\npath = {}\n[web]\nlisten = 127.0.0.1:{port}\n",
        path.to_str().context("the path is no text")?
    ))
}

/// Writes a file that only its owner reads.
pub(super) fn write_private(path: &Path, text: &str) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(options.open(path)?.write_all(text.as_bytes())?)
}

/// Runs to the end; what the program said goes into the error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let Output { status, stdout, stderr } = command.output().with_context(|| format!("starting {name}"))?;
    ensure!(
        status.success(),
        "{name} ended with {status}: {}{}",
        String::from_utf8_lossy(&stdout),
        String::from_utf8_lossy(&stderr)
    );
    Ok(())
}
