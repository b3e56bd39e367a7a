//! The Agent App in a browser: a console page that speaks the frames of its SDK, and a host for a widget's files. With the
//! simulator, where a widget's agent signs in, three origins, as in life.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Result;
use axum::{
    Json, Router,
    extract::{Path as Segment, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{Html, IntoResponse},
    routing::get,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::AbortHandle};
use url::Url;

use super::{CLIENT, Simulator};

/// A console with a widget in it; it ends when it is dropped.
pub struct AgentApp {
    console: SocketAddr,
    widget: SocketAddr,
    servers: [AbortHandle; 2],
}

impl AgentApp {
    /// Starts a console whose widget's files lie in `files`; the widget speaks every `beat` seconds.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(simulator: &Simulator, files: &Path, beat: u32) -> Result<Self> {
        let console = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let widget = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (at_console, at_widget) = (console.local_addr()?, widget.local_addr()?);
        simulator.register_redirects([format!("http://{at_widget}/")]);
        let config = json!({
            "client_id": CLIENT,
            "accounts": simulator.url(),
            "api": simulator.url(),
            "consoles": [format!("http://localhost:{}", at_console.port())],
            "beat_seconds": beat,
            "loopback": true,
        });
        let pages = Router::new().route("/", get(|| async { Html(include_str!("console.html")) }));
        let hosted = Arc::new(Hosted { files: files.to_owned(), config });
        let servers = [serve(console, pages), serve(widget, hosted.router())];
        Ok(Self { console: at_console, widget: at_widget, servers })
    }

    /// The console's page. Its name is not the widget's, so that the two are different sites.
    pub fn console(&self) -> Url {
        address(&format!("http://localhost:{}/", self.console.port()))
    }

    /// The widget's page, as the console puts it into a frame.
    pub fn widget(&self) -> Url {
        address(&format!("http://{}/?plugin_id=sidecard&theme=light", self.widget))
    }

    /// Where it listens.
    pub fn sockets(&self) -> [SocketAddr; 2] {
        [self.console, self.widget]
    }
}

impl Drop for AgentApp {
    fn drop(&mut self) {
        for server in &self.servers {
            server.abort();
        }
    }
}

/// Files on a web server, with a configuration of their own.
struct Hosted {
    files: PathBuf,
    config: Value,
}

impl Hosted {
    fn router(self: Arc<Self>) -> Router {
        let index = |State(hosted): State<Arc<Self>>| async move { hosted.file("index.html").await };
        let file = |State(hosted): State<Arc<Self>>, Segment(path): Segment<String>| async move {
            hosted.file(&path).await
        };
        Router::new()
            .route("/", get(index))
            .route(
                "/config.json",
                get(|State(hosted): State<Arc<Self>>| async move { Json(hosted.config.clone()) }),
            )
            .route("/{*path}", get(file))
            .with_state(self)
    }

    async fn file(&self, path: &str) -> axum::response::Response {
        let path = self.files.join(path);
        let kind = match path.extension().and_then(|end| end.to_str()) {
            Some("html") => "text/html",
            Some("js") => "text/javascript",
            Some("css") => "text/css",
            _ => "application/octet-stream",
        };
        let read = tokio::task::spawn_blocking(move || std::fs::read(path)).await;
        match read {
            Ok(Ok(bytes)) => ([(CONTENT_TYPE, kind)], bytes).into_response(),
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    }
}

fn serve(listener: TcpListener, router: Router) -> AbortHandle {
    tokio::spawn(async move { axum::serve(listener, router).await }).abort_handle()
}

fn address(text: &str) -> Url {
    Url::parse(text).unwrap_or_else(|_| unreachable!("a well-formed address"))
}
