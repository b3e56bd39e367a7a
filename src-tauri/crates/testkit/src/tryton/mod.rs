//! A real Tryton for tests: the published packages in a virtual environment, a database of its own per server.
//!
//! `install` makes the environment and a template database once per target folder; `server` starts a copy on a free
//! loopback port and ends it; `rpc` speaks to it without the product's own code; `party` is what tests put in and look at.

mod install;
mod party;
mod rpc;
mod server;

pub use install::{Installation, install};
pub(crate) use install::{run, target_folder};
pub use party::{NewParty, StoredParty};
pub use rpc::Rpc;
pub use server::{DATABASE, LOGIN, Setup, Tryton};

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_keeps_what_it_is_given_through_a_restart_and_forgets_its_sessions() {
        let server = Tryton::start_with(Setup { checks_phones: true }).await.unwrap();
        let rpc = server.rpc().await.unwrap();
        let ana = NewParty::named("Ana").with("phone", "+55 11 98765 4321").at("Rua 1", "01000", "São Paulo");
        let id = rpc.create(&ana).await.unwrap();
        server.expire_sessions().unwrap();
        assert!(rpc.read(id).await.is_err(), "the session is gone");

        let server = server.restart().await.unwrap();
        let rpc = server.rpc().await.unwrap();
        let stored = rpc.read(id).await.unwrap().unwrap();
        assert_eq!(stored.value("phone"), Some("+55 11 98765-4321"), "Tryton formats numbers");
        rpc.delete(id).await.unwrap();
        assert_eq!(rpc.read(id).await.unwrap(), None);
    }
}
