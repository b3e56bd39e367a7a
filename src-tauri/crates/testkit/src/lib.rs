//! Simulators of the vendors, fake clock, scenario builders.

pub mod browser;
pub mod fault_proxy;
pub mod livechat;
pub mod oidc;
pub mod optimove;
pub mod proxy;
pub mod salesmanago;
mod serving;
#[cfg(target_os = "linux")]
pub mod session;
mod switches;
#[cfg(test)]
mod testing;
pub mod tryton;
