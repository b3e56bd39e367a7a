//! A simulator's server, on a free port of this machine.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Result;
use axum::Router;
use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;

/// A server that ends when this is dropped.
pub(crate) struct Serving {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Serving {
    /// Answers with `router` from now on.
    pub(crate) async fn begin(router: Router) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::warn!(%error, "the simulator ended");
            }
        });
        Ok(Self { address, task })
    }

    /// Where it listens.
    pub(crate) fn socket(&self) -> SocketAddr {
        self.address
    }

    /// The address of `path` on it.
    pub(crate) fn url(&self, path: &str) -> Url {
        let url = Url::parse(&format!("http://{}/{path}", self.address));
        url.unwrap_or_else(|_| unreachable!("a loopback address is well-formed"))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.task.abort();
    }
}
