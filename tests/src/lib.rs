//! What end-to-end tests stand on: a screen nobody sits at, a desk with a keyring and a home folder of its own, and the
//! built program on it, driven as a person would: by what its controls are and what they are called.
//!
//! Nothing in here but `faults` and `bench` knows the product's code. It sees windows, files and servers.

#![cfg(target_os = "linux")]

pub mod access;
pub mod bench;
pub mod chromium;
pub mod desk;
pub mod faults;
pub mod frames;
pub mod gallery;
pub mod leaks;
pub mod news;
pub mod office;
pub mod pages;
pub mod probe;
pub mod reception;
pub mod screen;
pub mod soak;
pub mod stage;
pub mod started;
pub mod story;
pub mod tray;
pub mod wait;
pub mod window;

pub use desk::Desk;
pub use window::{Role, Window};
