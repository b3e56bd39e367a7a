//! The folder that holds configuration and store.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

/// Where the program keeps its files.
#[derive(Clone, Debug)]
pub struct Home {
    folder: PathBuf,
    managed: Option<PathBuf>,
}

impl Home {
    /// Files in `folder`; the machine-wide policy, where there is one, is the file `managed`.
    pub fn new(folder: impl Into<PathBuf>, managed: Option<PathBuf>) -> Self {
        Self { folder: folder.into(), managed }
    }

    /// The configuration that supervisors write.
    pub fn config(&self) -> PathBuf {
        self.folder.join("sidecard.toml")
    }

    /// The encrypted store.
    pub fn store(&self) -> PathBuf {
        self.folder.join("sidecard.db")
    }

    /// Who uses the store at this moment.
    pub(crate) fn running(&self) -> PathBuf {
        self.folder.join("running")
    }

    /// The choice of sample data. It is nobody's data and needed before any keyring answers.
    pub(crate) fn sample_mark(&self) -> PathBuf {
        self.folder.join("sample")
    }

    /// The configuration's text, and the policy's, each with its path; absent files are `None`.
    pub(crate) fn read_config(&self) -> io::Result<(Option<Layer>, Option<Layer>)> {
        let managed = match &self.managed {
            Some(path) => read(path)?,
            None => None,
        };
        Ok((read(&self.config())?, managed))
    }

    /// Puts a new configuration in place of the old one in one step, so that a crash leaves one of the two whole.
    pub(crate) fn write_config(&self, text: &str) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let new = self.folder.join("sidecard.toml.new");
        let mut file = fs::File::create(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, self.config())
    }

    /// Notes or forgets that the sample data was chosen.
    pub(crate) fn set_sample(&self, chosen: bool) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        match chosen {
            true => fs::write(self.sample_mark(), ""),
            false => match fs::remove_file(self.sample_mark()) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                other => other,
            },
        }
    }
}

/// A configuration file: its path for messages, and its text.
pub(crate) type Layer = (String, String);

fn read(path: &Path) -> io::Result<Option<Layer>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some((path.display().to_string(), text))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
