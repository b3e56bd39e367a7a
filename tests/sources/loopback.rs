//! The companion page on the agent's own computer: who may call there, and what comes of it.

use std::{sync::Arc, time::Duration};

use domain::config::LivechatConfig;
use secrets::{Memory, Secret, SecretName, SecretStore};
use serde_json::json;
use sources::{
    Loopback, Source,
    livechat::{LiveChat, PAIRING},
    source::SourceContext,
};
use testkit::livechat::{COLLEAGUE, Simulator, TOKEN, Visitor};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use url::Url;

use crate::{
    focus::{LONG, chat, word},
    rig::{Rig, account, connection, context, keep_token, quick},
};

const PAGE: &str = "https://widget.example/sidecard/";
const ORIGIN: &str = "https://widget.example";

/// An account whose companion page may call.
fn enabled(api: Url, page: &str) -> LivechatConfig {
    let companion_page = Some(Url::parse(page).unwrap());
    LivechatConfig { companion_loopback: true, companion_page, ..account(api) }
}

/// A desk in `session`, which the companion page at `page` may call.
pub(crate) async fn desk(sim: &Arc<Simulator>, secrets: &Arc<Memory>, session: &str, page: &str) -> Rig {
    keep_token(secrets, TOKEN).await;
    let config = enabled(sim.url(), page);
    let source = LiveChat::new(connection(), config).with_timings(quick());
    let cx = SourceContext { session: session.to_owned(), ..context(sim, secrets.clone()) };
    let mut rig = Rig::run(sim.clone(), secrets.clone(), source, cx);
    rig.until_roster().await;
    rig.until_desk("a port", |desk| desk.companion.loopback.is_some()).await;
    rig
}

async fn first_desk() -> Rig {
    let sim = Arc::new(Simulator::start().await.unwrap());
    desk(&sim, &Arc::default(), "", PAGE).await
}

/// What an agent carries to the page.
pub(crate) fn pairing(rig: &Rig) -> String {
    rig.source.pairing().unwrap().expose().to_owned()
}

/// A request as a caller writes it.
#[derive(Clone)]
struct Request {
    port: u16,
    line: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Request {
    /// The right one.
    fn right(pairing: &str, body: String) -> Self {
        let mut parts = pairing.split(':').skip(1);
        let port: u16 = parts.next().unwrap().parse().unwrap();
        let headers = vec![
            ("Host", format!("127.0.0.1:{port}")),
            ("Origin", ORIGIN.to_owned()),
            ("Content-Type", "application/json".to_owned()),
            ("Sidecard-Pairing", parts.next().unwrap().to_owned()),
            ("Content-Length", body.len().to_string()),
        ];
        Self { port, line: "POST /companion HTTP/1.1".to_owned(), headers, body }
    }

    /// The browser's question before it.
    fn question(pairing: &str) -> Self {
        let mut request = Self::right(pairing, String::new()).line("OPTIONS /companion HTTP/1.1");
        request.headers.truncate(2);
        request
            .with("Access-Control-Request-Method", "POST")
            .with("Access-Control-Request-Headers", "content-type,sidecard-pairing")
            .with("Access-Control-Request-Private-Network", "true")
    }

    fn line(self, line: &str) -> Self {
        Self { line: line.to_owned(), ..self }
    }

    /// The same with this header in place of what was there.
    fn with(self, name: &'static str, value: &str) -> Self {
        let mut request = self.without(name);
        request.headers.push((name, value.to_owned()));
        request
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    /// The same with this header beside what was there.
    fn also(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The status, the head and the body of the answer.
    async fn send(&self) -> (u16, String, String) {
        let headers: String =
            self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let text = format!("{}\r\n{headers}\r\n{}", self.line, self.body);
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).await.unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_ascii_lowercase(), body.to_owned())
    }
}

// SEC-13, LC-04
#[tokio::test(flavor = "multi_thread")]
async fn sec_13_a_page_that_is_paired_moves_the_focus_as_through_the_platform() {
    let mut rig = first_desk().await;
    let pairing = pairing(&rig);
    let one = rig.sim.start_chat(Visitor::named("One"));
    let two = rig.sim.start_chat(Visitor::named("Two"));
    rig.until_desk("arrived", |desk| desk.open.len() == 2).await;

    let (status, head, _) = Request::question(&pairing).send().await;
    assert_eq!(status, 204);
    for answer in [
        "access-control-allow-origin: https://widget.example",
        "access-control-allow-methods: post",
        "access-control-allow-headers: content-type, sidecard-pairing",
        "access-control-allow-private-network: true",
        "vary: origin",
    ] {
        assert!(head.contains(answer), "{answer}: {head}");
    }
    for (n, chosen) in (1..).zip([&one, &two, &one]) {
        let said = word(n, LONG, chat(&chosen.id)).to_string();
        let (status, head, body) = Request::right(&pairing, said).send().await;
        assert_eq!((status, body.as_str()), (204, ""));
        assert!(head.contains("access-control-allow-origin: https://widget.example"), "{head}");
        rig.until_desk("followed", |desk| desk.console.last() == Some(&chosen.id)).await;
    }
    assert!(rig.desk.companion.speaking);
    assert_eq!((rig.desk.companion.ignored, rig.desk.companion.loopback), (0, Some(Loopback::Open)));
}

// SEC-13
#[tokio::test(flavor = "multi_thread")]
async fn sec_13_everything_but_the_right_request_hears_403_without_detail() {
    let mut rig = first_desk().await;
    let pairing = pairing(&rig);
    let mine = rig.sim.start_chat(Visitor::named("Mine"));
    rig.until_desk("arrived", |desk| desk.open.len() == 1).await;
    let right = Request::right(&pairing, word(1, LONG, chat(&mine.id)).to_string());
    let question = Request::question(&pairing);
    let (port, digits) = (right.port, pairing.rsplit(':').next().unwrap());
    let other_digit = if digits.starts_with('0') { "1" } else { "0" };
    let almost = format!("{other_digit}{}", &digits[1..]);
    let long = format!("{}{}", right.body, " ".repeat(4 * 1024));
    let cases = [
        ("GET", right.clone().line("GET /companion HTTP/1.1")),
        ("PUT", right.clone().line("PUT /companion HTTP/1.1")),
        ("another path", right.clone().line("POST / HTTP/1.1")),
        ("a longer path", right.clone().line("POST /companion/ HTTP/1.1")),
        ("a query", right.clone().line("POST /companion?a=b HTTP/1.1")),
        ("a whole address", right.clone().line(&format!("POST http://127.0.0.1:{port}/companion HTTP/1.1"))),
        ("no secret", right.clone().without("Sidecard-Pairing")),
        ("an empty secret", right.clone().with("Sidecard-Pairing", "")),
        ("a wrong secret", right.clone().with("Sidecard-Pairing", &almost)),
        ("a secret twice", right.clone().also("Sidecard-Pairing", &almost)),
        ("another type", right.clone().with("Content-Type", "text/plain")),
        ("no type", right.clone().without("Content-Type")),
        ("no origin", right.clone().without("Origin")),
        ("another origin", right.clone().with("Origin", "https://evil.example")),
        ("a longer origin", right.clone().with("Origin", "https://widget.example.evil.example")),
        ("an unprotected origin", right.clone().with("Origin", "http://widget.example")),
        ("the origin nowhere", right.clone().with("Origin", "null")),
        ("another name of this computer", right.clone().with("Host", &format!("localhost:{port}"))),
        ("a name that points here", right.clone().with("Host", &format!("evil.example:{port}"))),
        ("no port", right.clone().with("Host", "127.0.0.1")),
        ("no host", right.clone().without("Host")),
        ("no JSON", Request::right(&pairing, "focus".to_owned())),
        ("too long", Request::right(&pairing, long)),
        ("a question from elsewhere", question.clone().with("Origin", "https://evil.example")),
        ("a question about another path", question.clone().line("OPTIONS / HTTP/1.1")),
        ("a question about everything", question.clone().line("OPTIONS * HTTP/1.1")),
        ("a question about GET", question.clone().with("Access-Control-Request-Method", "GET")),
        ("a question about nothing", question.clone().without("Access-Control-Request-Method")),
        ("a question about cookies", question.clone().with("Access-Control-Request-Headers", "cookie")),
        ("a question from a name that points here", question.with("Host", &format!("evil.example:{port}"))),
    ];
    for (what, request) in cases {
        let (status, head, body) = request.send().await;
        assert_eq!((status, body.as_str()), (403, ""), "{what}");
        assert!(!head.contains("access-control") && !head.contains("server:"), "{what}: {head}");
    }
    rig.settle().await;
    assert_eq!(rig.desk.console, Vec::<String>::new());
    assert!(!rig.desk.companion.heard);
    // The same that was changed in each case above.
    assert_eq!(right.send().await.0, 204);
    rig.until_desk("followed", |desk| desk.console == [mine.id.clone()]).await;
}

// SEC-13, LC-14
#[tokio::test(flavor = "multi_thread")]
async fn sec_13_what_a_paired_page_says_counts_only_about_the_agents_own_chats() {
    let mut rig = first_desk().await;
    let pairing = pairing(&rig);
    let theirs = rig.sim.start_chat(Visitor::named("Theirs").at(COLLEAGUE));
    let mine = rig.sim.start_chat(Visitor::named("Mine"));
    rig.until_desk("arrived", |desk| desk.open.len() == 1).await;
    let unreadable = json!({ "v": 1, "focus": mine.id });
    for (ignored, said) in (1..).zip([word(1, LONG, chat(&theirs.id)), unreadable]) {
        assert_eq!(Request::right(&pairing, said.to_string()).send().await.0, 204);
        rig.until_desk("ignored", |desk| desk.companion.ignored == ignored).await;
    }
    assert_eq!(rig.desk.console, Vec::<String>::new());
    let said = word(2, LONG, chat(&mine.id)).to_string();
    assert_eq!(Request::right(&pairing, said).send().await.0, 204);
    rig.until_desk("the agent's own", |desk| desk.console == [mine.id.clone()]).await;
}

// SEC-13
#[tokio::test(flavor = "multi_thread")]
async fn sec_13_nothing_listens_unless_it_is_enabled() {
    let sim = Arc::new(Simulator::start().await.unwrap());
    let secrets = Arc::<Memory>::default();
    let rig = desk(&sim, &secrets, "", PAGE).await;
    let request = Request::right(&pairing(&rig), String::new());
    let elsewhere = TcpStream::connect(("127.0.0.2", request.port)).await;
    assert!(elsewhere.is_err(), "it is bound to one address of this computer");
    rig.stop().await;

    let config = LivechatConfig { companion_loopback: false, ..enabled(sim.url(), PAGE) };
    let source = LiveChat::new(connection(), config).with_timings(quick());
    let mut off = Rig::of(sim, secrets, source);
    off.until_roster().await;
    off.settle().await;
    assert_eq!((off.source.pairing(), off.desk.companion.loopback), (None, None));
    assert!(TcpStream::connect(("127.0.0.1", request.port)).await.is_err(), "the port that it had is closed");
}

// SEC-13
#[tokio::test(flavor = "multi_thread")]
async fn sec_13_sessions_of_one_person_have_ports_of_their_own_and_keep_them() {
    let sim = Arc::new(Simulator::start().await.unwrap());
    let secrets = Arc::<Memory>::default();
    let (one, two) = (desk(&sim, &secrets, ":1", PAGE).await, desk(&sim, &secrets, ":2", PAGE).await);
    let (first, second) = (pairing(&one), pairing(&two));
    let differ = |place: usize| first.split(':').nth(place) != second.split(':').nth(place);
    assert!(differ(1), "the port");
    assert!(differ(2), "the secret");
    let stray = Request {
        port: Request::right(&second, String::new()).port,
        ..Request::right(&first, String::new())
    };
    assert_eq!(stray.send().await.0, 403, "a page of one session is not heard in the other");

    one.stop().await;
    two.stop().await;
    // The other way round, and at once.
    let two = desk(&sim, &secrets, ":2", PAGE).await;
    let one = desk(&sim, &secrets, ":1", PAGE).await;
    assert_eq!((pairing(&one), pairing(&two)), (first, second));
}

// SEC-13
#[tokio::test(flavor = "multi_thread")]
async fn sec_13_a_port_that_another_program_took_is_given_up_and_that_is_said() {
    let sim = Arc::new(Simulator::start().await.unwrap());
    let secrets = Arc::<Memory>::default();
    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let taken = other.local_addr().unwrap().port();
    let before = format!("sidecard:{taken}:{}", "0".repeat(64));
    let entry = Secret::new(json!({ "": before }).to_string());
    secrets.set(&SecretName::of(&connection(), PAIRING), entry).await.unwrap();

    let mut rig = desk(&sim, &secrets, "", PAGE).await;
    assert_eq!(rig.desk.companion.loopback, Some(Loopback::Moved));
    let pairing = pairing(&rig);
    assert!(!pairing.contains(&taken.to_string()) && !pairing.ends_with(&"0".repeat(64)), "all of it is new");
    let said = word(1, LONG, json!(null)).to_string();
    assert_eq!(Request::right(&pairing, said).send().await.0, 204);
    rig.until_desk("paired again", |desk| desk.companion.loopback == Some(Loopback::Open)).await;
}

// SEC-13
#[tokio::test(flavor = "multi_thread")]
async fn sec_13_callers_who_say_nothing_are_not_waited_for() {
    let mut rig = first_desk().await;
    let pairing = pairing(&rig);
    let port = Request::right(&pairing, String::new()).port;
    let mut idle = Vec::new();
    for _ in 0..12 {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.write_all(b"POST /companion HTTP/1.1\r\nHost: ").await.unwrap();
        idle.push(stream);
    }
    let said = word(1, LONG, json!(null)).to_string();
    let answer = timeout(Duration::from_secs(30), Request::right(&pairing, said).send()).await;
    assert_eq!(answer.expect("its turn comes").0, 204);
    rig.until_desk("heard", |desk| desk.companion.heard).await;
}
