//! The figures of the product, each beside a reference that is measured in the same run.
//!
//! *Painted* is the second animation frame after the document holds the value. The panel says so to the program, which logs
//! it (`engine::moments`); the empty window that it is measured beside does the same. [`pixels`] compares both with what is
//! really on the screen.

pub mod backlog;
pub mod connectors;
pub mod domain;
pub mod figure;
pub mod paint;
pub mod pixels;
pub mod rig;
pub mod start;
pub mod store;
