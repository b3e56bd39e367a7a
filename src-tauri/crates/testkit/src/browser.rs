//! A browser without a window: follows redirects, keeps cookies, sends forms.

use std::{collections::BTreeMap, sync::Mutex, time::Duration};

use anyhow::{Context, Result, bail};
use connectors::http::{Call, Reply, Terms, exchange};
use domain::clock::SystemClock;
use reqwest::{Client, RequestBuilder, header};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

/// How long a page may take.
const LIMIT: Duration = Duration::from_secs(60);

/// One person's browser. It goes to this machine alone.
#[derive(Debug)]
pub struct Browser {
    http: Client,
    language: &'static str,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// A page that a browser ended on.
#[derive(Clone, Debug)]
pub struct Page {
    /// Where it is.
    pub url: Url,
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: header::HeaderMap,
    /// Its source.
    pub text: String,
}

impl Browser {
    /// A browser that asks for pages in `language`.
    pub fn new(http: Client, language: &'static str) -> Self {
        Self { http, language, cookies: Mutex::default() }
    }

    /// Goes to `url`, and on to wherever that leads.
    pub async fn open(&self, url: &Url) -> Result<Page> {
        self.follow(self.http.get(url.clone()), url.clone()).await
    }

    /// Sends a form to `url`, and goes on to wherever that leads.
    pub async fn submit(&self, url: &Url, fields: &[(&str, &str)]) -> Result<Page> {
        self.follow(self.http.post(url.clone()).form(fields), url.clone()).await
    }

    async fn follow(&self, mut request: RequestBuilder, mut url: Url) -> Result<Page> {
        for _ in 0..20 {
            let reply = self.send(request).await?;
            let next = reply.headers.get(header::LOCATION).filter(|_| reply.status.is_redirection());
            let Some(next) = next else {
                let text = String::from_utf8_lossy(&reply.body).into_owned();
                return Ok(Page { url, status: reply.status.as_u16(), headers: reply.headers, text });
            };
            url = url.join(next.to_str()?).context("a redirect to no address")?;
            request = self.http.get(url.clone());
        }
        bail!("too many redirects")
    }

    async fn send(&self, request: RequestBuilder) -> Result<Reply> {
        let hosts = ["127.0.0.1".to_owned(), "localhost".to_owned()];
        let cancel = CancellationToken::new();
        let terms =
            Terms { deadline: Instant::now() + LIMIT, cancel: &cancel, clock: &SystemClock, hosts: &hosts };
        let request = request
            .header(header::ACCEPT_LANGUAGE, self.language)
            .header(header::COOKIE, self.cookie_header());
        let reply = exchange(terms, Call::read("browse"), request).await?;
        self.keep_cookies(&reply);
        Ok(reply)
    }

    fn cookie_header(&self) -> String {
        let cookies = self.cookies.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Paths and ages do not matter to those who sign in once; an empty cookie is one that goes.
    fn keep_cookies(&self, reply: &Reply) {
        let mut cookies = self.cookies.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for one in reply.headers.get_all(header::SET_COOKIE) {
            let pair = one.to_str().ok().and_then(|text| text.split(';').next()?.split_once('='));
            match pair {
                Some((name, "")) => drop(cookies.remove(name)),
                Some((name, value)) => drop(cookies.insert(name.to_owned(), value.to_owned())),
                None => {}
            }
        }
    }
}
