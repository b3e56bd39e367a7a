//! A small program that does what it is told, line by line: one command, one answer.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use testkit::session::Session;

/// The running program. It ends when this goes.
#[derive(Debug)]
pub struct Probe {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Probe {
    /// Starts `program` in `session`, on no screen.
    ///
    /// # Panics
    /// When it does not start, as the others do when it has ended: a test cannot go on without it.
    pub fn start(program: &mut Command, session: &Session) -> Self {
        let mut child = program
            .env_remove("DISPLAY")
            .envs(session.env())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let commands = child.stdin.take().expect("it reads commands");
        let answers = BufReader::new(child.stdout.take().expect("it answers"));
        Self { child, commands, answers }
    }

    /// A command.
    pub fn tell(&mut self, command: &str) {
        writeln!(self.commands, "{command}").expect("the program takes commands");
    }

    /// The next answer.
    pub fn answer(&mut self) -> String {
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the program answers in text");
        answer.trim_end().to_owned()
    }

    /// One command, one answer.
    pub fn ask(&mut self, command: &str) -> String {
        self.tell(command);
        self.answer()
    }

    /// Ends it as a crash does.
    pub fn kill(mut self) {
        self.child.kill().expect("the program runs");
        self.child.wait().expect("the program ends");
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
