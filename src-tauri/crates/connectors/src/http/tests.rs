//! Requests to servers on this machine: plain ones, one with a private certificate authority, and a proxy.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::{Router, body::Body, routing::get};
use http::{StatusCode, header};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use secrets::Secret;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream},
    time::Instant,
};
use url::Url;

use super::*;
use crate::{CallContext, ConnectorInfo, Error, Kind, Result, testing::context};

fn info(hosts: &[&str]) -> ConnectorInfo {
    let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
    ConnectorInfo { kind: "test", product: "Test", hosts, pages: Vec::new() }
}

async fn get_from(cx: &CallContext, url: &str) -> Result<Reply> {
    let info = info(&["127.0.0.1", "crm.test", "203.0.113.7"]);
    send(cx, &info, Call::read("fetch"), cx.http.get(url).query(&[("mail", "ana@example.com")])).await
}

async fn write_to(cx: &CallContext, url: &str) -> Error {
    let request = cx.http.post(url).body("x");
    send(cx, &info(&["127.0.0.1"]), Call::write("create"), request).await.unwrap_err()
}

/// Serves `app`; the address to ask.
async fn serve(app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

/// A server that reads a request and does `then` with the connection.
async fn raw(reply: &'static [u8], silent: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = [0; 4096];
            if stream.read(&mut buffer).await.is_ok() && stream.write_all(reply).await.is_ok() {
                tokio::time::sleep(silent).await;
            }
        }
    });
    format!("http://{address}")
}

/// Serves `ok` over TLS as `crm.test` and `127.0.0.1`; its address and the certificate of its authority.
async fn serve_tls() -> (SocketAddr, String) {
    drop(client(&HttpSettings::default()).unwrap());
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = vec!["crm.test".to_owned(), "127.0.0.1".to_owned()];
    let leaf = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
    let config =
        axum_server::tls_rustls::RustlsConfig::from_pem(leaf.pem().into(), key.serialize_pem().into());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().route("/", get(|| async { "ok" }));
    let server = axum_server::from_tcp_rustls(listener, config.await.unwrap()).unwrap();
    tokio::spawn(server.serve(app.into_make_service()));
    (address, authority.pem())
}

/// A proxy that asks for credentials, sends every tunnel to `target`, and counts.
async fn proxy(target: SocketAddr) -> (Url, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let tunnels = Arc::new(AtomicUsize::new(0));
    let counter = tunnels.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(tunnel(stream, target, counter.clone()));
        }
    });
    (address, tunnels)
}

async fn tunnel(stream: TcpStream, target: SocketAddr, tunnels: Arc<AtomicUsize>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && stream.read_line(&mut head).await? > 0 {}
    // "desk:p@ss" in Base64
    if !head.starts_with("CONNECT crm.test:443 ") || !head.to_lowercase().contains("basic zgvzazpwqhnz") {
        return stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await;
    }
    tunnels.fetch_add(1, Relaxed);
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    copy_bidirectional(&mut stream, &mut TcpStream::connect(target).await?).await.map(drop)
}

fn with(settings: HttpSettings) -> CallContext {
    CallContext { http: client(&settings).unwrap(), ..context(5) }
}

#[tokio::test]
async fn adm_06_a_private_authority_is_trusted_only_when_given() {
    let (address, authority) = serve_tls().await;
    let url = format!("https://{address}/");
    let error = get_from(&with(HttpSettings::default()), &url).await.unwrap_err();
    assert_eq!(error.kind, Kind::Unavailable { outcome_unknown: false });
    let trusting = with(HttpSettings { authorities: vec![authority], ..HttpSettings::default() });
    assert_eq!(get_from(&trusting, &url).await.unwrap().body, "ok");
    let nonsense = HttpSettings { authorities: vec!["no certificate".to_owned()], ..HttpSettings::default() };
    assert_eq!(client(&nonsense).unwrap_err(), BadSettings::Certificate);
}

#[tokio::test]
async fn adm_06_requests_go_through_the_proxy_except_to_this_machine() {
    let (address, authority) = serve_tls().await;
    let (proxy, tunnels) = proxy(address).await;
    let login = Some(("desk".to_owned(), Secret::new("p@ss")));
    let settings = HttpSettings {
        proxy: Proxy::At { address: proxy, login },
        authorities: vec![authority],
        ..HttpSettings::default()
    };
    let cx = with(settings);
    assert_eq!(get_from(&cx, "https://crm.test/").await.unwrap().body, "ok");
    assert_eq!(tunnels.load(Relaxed), 1);
    assert_eq!(get_from(&cx, &format!("https://{address}/")).await.unwrap().body, "ok");
    assert_eq!(tunnels.load(Relaxed), 1, "this machine is asked directly");
}

#[tokio::test]
async fn sec_16_a_host_that_the_connection_was_not_made_for_gets_nothing() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let count = move || {
        counter.fetch_add(1, Relaxed);
        async { "ok" }
    };
    let url = serve(Router::new().route("/", get(count))).await;
    let cx = context(5);
    let request = || cx.http.get(&url).bearer_auth("secret");
    for hosts in [vec!["crm.example"], vec!["*.0.0.1"], vec!["127.0.0.1:1"], vec![]] {
        let error = send(&cx, &info(&hosts), Call::read("fetch"), request()).await.unwrap_err();
        assert_eq!(error.kind, Kind::Config, "{hosts:?}");
    }
    assert_eq!(asked.load(Relaxed), 0);
    send(&cx, &info(&["127.0.0.1"]), Call::read("fetch"), request()).await.unwrap();
    assert_eq!(asked.load(Relaxed), 1);
}

#[tokio::test]
async fn sec_16_a_redirect_is_not_followed() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let elsewhere = serve(Router::new().fallback(move || {
        counter.fetch_add(1, Relaxed);
        async { "caught" }
    }))
    .await;
    let moved = move || async move { (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, elsewhere)]) };
    let url = serve(Router::new().route("/", get(moved))).await;
    let error = get_from(&context(5), &url).await.unwrap().success().unwrap_err();
    assert_eq!(error.kind, Kind::Config);
    assert_eq!(asked.load(Relaxed), 0);
}

#[test]
fn sec_16_a_pattern_covers_sub_domains_and_nothing_else() {
    let covered = |url: &str| is_covered(&Url::parse(url).unwrap(), &["*.my.example".to_owned()]);
    assert!(covered("https://acme.MY.example/x"));
    for other in ["https://my.example", "https://notmy.example", "https://acme.my.example.evil.example"] {
        assert!(!covered(other), "{other}");
    }
}

#[tokio::test]
async fn plain_http_is_refused_beyond_this_machine() {
    let started = Instant::now();
    let error = get_from(&context(5), "http://203.0.113.7/").await.unwrap_err();
    assert_eq!(error.kind, Kind::Config);
    assert!(started.elapsed() < Duration::from_secs(1), "nothing was tried");
}

#[tokio::test]
async fn sec_08_errors_quote_neither_address_nor_body() {
    let url = serve(Router::new().route("/", get(|| async { r#"{"hash": "hunter2"}"# }))).await;
    let cx = context(5);
    let reply = get_from(&cx, &url).await.unwrap();
    let mut errors = vec![reply.json::<Vec<u32>>().unwrap_err(), reply.error(Kind::Protocol, "")];
    errors.push(get_from(&cx, "http://127.0.0.1:1/").await.unwrap_err());
    errors.push(get_from(&cx, &raw(b"", Duration::ZERO).await).await.unwrap_err());
    errors.push(
        get_from(&cx, &raw(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhunter2", Duration::ZERO).await)
            .await
            .unwrap_err(),
    );
    errors.push(get_from(&cx, "http://203.0.113.7/").await.unwrap_err());
    for error in errors {
        let text = format!("{error} {error:?} {reply:?}");
        for forbidden in ["hunter2", "ana", "mail", "127.0.0.1", "203.0"] {
            assert!(!text.contains(forbidden), "{forbidden} in {text}");
        }
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_not_read_even_when_it_arrives_small() {
    let zeros = || {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packed, &vec![0; BODY_LIMIT + 1]).unwrap();
        let packed = packed.finish().unwrap();
        assert!(packed.len() < BODY_LIMIT / 10);
        async move { ([(header::CONTENT_ENCODING, "gzip")], packed) }
    };
    let plain = || async { Body::from(vec![0; BODY_LIMIT]) };
    let url = serve(Router::new().route("/packed", get(zeros)).route("/plain", get(plain))).await;
    assert_eq!(get_from(&context(20), &format!("{url}/packed")).await.unwrap_err().kind, Kind::Protocol);
    assert_eq!(get_from(&context(20), &format!("{url}/plain")).await.unwrap().body.len(), BODY_LIMIT);
}

#[tokio::test]
async fn crm_03_a_failed_write_says_whether_it_may_have_been_carried_out() {
    let cx = context(5);
    let refused = write_to(&cx, "http://127.0.0.1:1/").await;
    assert_eq!(refused.kind, Kind::Unavailable { outcome_unknown: false }, "no connection: nothing was sent");

    let cut = raw(b"", Duration::ZERO).await;
    assert_eq!(write_to(&cx, &cut).await.kind, Kind::Unavailable { outcome_unknown: true });
    assert_eq!(get_from(&cx, &cut).await.unwrap_err().kind, Kind::Unavailable { outcome_unknown: false });

    let silent = raw(b"", Duration::from_secs(30)).await;
    let short = CallContext { deadline: Instant::now() + Duration::from_millis(200), ..cx.clone() };
    assert_eq!(write_to(&short, &silent).await.kind, Kind::TimedOut { outcome_unknown: true });
    assert_eq!(
        write_to(&short, &silent).await.kind,
        Kind::TimedOut { outcome_unknown: false },
        "no time to send it"
    );
}

#[tokio::test]
async fn crm_03_a_request_ends_when_its_caller_gives_up() {
    let silent = raw(b"", Duration::from_secs(30)).await;
    let cx = context(20);
    let cancel = cx.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(100)).await;
        cancel.cancel();
    });
    assert_eq!(write_to(&cx, &silent).await.kind, Kind::Unavailable { outcome_unknown: true });
    assert_eq!(get_from(&cx, &silent).await.unwrap_err().kind, Kind::Cancelled);
}

#[tokio::test]
async fn crm_04_a_reply_says_how_long_to_wait() {
    let limited = || async { (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "7")]) };
    let url = serve(Router::new().route("/", get(limited))).await;
    let error = get_from(&context(5), &url).await.unwrap().success().unwrap_err();
    assert_eq!(error.kind, Kind::RateLimited);
    assert_eq!(error.retry, crate::Retry::After(Duration::from_secs(7)));
}

#[test]
fn crm_03_each_status_has_one_meaning() {
    let kind = |status: u16, access| status_kind(StatusCode::from_u16(status).unwrap(), access);
    let read = |status| kind(status, Access::Read);
    assert_eq!(read(204), None);
    assert_eq!(read(401), Some(Kind::Unauthorized));
    assert_eq!(read(403), Some(Kind::Forbidden));
    assert_eq!((read(404), read(410)), (Some(Kind::NotFound), Some(Kind::NotFound)));
    assert_eq!((read(409), read(412)), (Some(Kind::Conflict), Some(Kind::Conflict)));
    assert_eq!(read(422), Some(Kind::Invalid { fields: Default::default() }));
    assert_eq!(read(429), Some(Kind::RateLimited));
    assert_eq!(read(503), Some(Kind::Unavailable { outcome_unknown: false }));
    assert_eq!(kind(502, Access::Write), Some(Kind::Unavailable { outcome_unknown: true }));
    assert_eq!(kind(504, Access::Write), Some(Kind::TimedOut { outcome_unknown: true }));
    assert_eq!(read(418), Some(Kind::Protocol));
}
