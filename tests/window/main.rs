//! The built program in a real window. Needs a build and a screen that nobody sits at: `cargo xtask test`.

#![cfg(target_os = "linux")]

mod access;
mod effects;
mod guard;
mod keyboard;
mod language;
mod live;
mod pairing;
mod sample;
mod sessions;
mod shell;
mod sign_in;
mod states;
mod storage;
