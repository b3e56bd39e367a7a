//! Signing in and renewing, against a token endpoint on this machine that takes each refresh token once.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Form, Json, Router, extract::State, response::IntoResponse, routing::post};
use http::StatusCode;
use secrets::{KeyringProblem, Memory, Secret, SecretName, bound};
use serde_json::{Value, json};
use tokio::{net::TcpListener, time::Instant};
use url::Url;

use super::*;
use crate::{
    CallContext, Kind,
    http::{Call, Terms, exchange},
    testing::context,
};

/// The token endpoint.
#[derive(Default)]
struct Server {
    spent: BTreeSet<String>,
    requests: Vec<BTreeMap<String, String>>,
    /// What is answered in place of tokens.
    instead: Option<(u16, Value)>,
    life: i64,
}

type Shared = Arc<Mutex<Server>>;

async fn token(
    State(server): State<Shared>,
    Form(form): Form<BTreeMap<String, String>>,
) -> axum::response::Response {
    // Long enough that all who come at the same time are here.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut server = server.lock().unwrap();
    server.requests.push(form.clone());
    let number = server.requests.len();
    if let Some((status, body)) = &server.instead {
        return (StatusCode::from_u16(*status).unwrap(), Json(body.clone())).into_response();
    }
    if let Some(refresh) = form.get("refresh_token")
        && !server.spent.insert(refresh.clone())
    {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    }
    let answer = json!({
        "access_token": format!("access-{number}"), "refresh_token": format!("refresh-{number}"),
        "token_type": "bearer", "expires_in": server.life, "organization_id": "o1", "more": 7,
    });
    Json(answer).into_response()
}

struct Rig {
    server: Shared,
    client: Client,
    secrets: Arc<Memory>,
    cx: CallContext,
}

impl Rig {
    async fn start() -> Self {
        let server = Shared::default();
        server.lock().unwrap().life = 3_600;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let place = format!("http://{}/", listener.local_addr().unwrap());
        let app = Router::new().route("/token", post(token)).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let client = Client {
            connection: "chat".into(),
            authorize: Url::parse(&place).unwrap(),
            token: Url::parse(&place).unwrap().join("token").unwrap(),
            client_id: "c1".into(),
            scopes: vec!["chats--access:ro", "customers:ro"],
            separator: ",",
            parameters: vec![("organization_id", "o 1".into())],
            keeps: &["organization_id"],
            redirect_host: "127.0.0.1",
            ports: free_ports().await,
            hosts: vec!["127.0.0.1".into(), "api.example".into()],
        };
        let secrets = Arc::new(Memory::default());
        let cx = CallContext { secrets: secrets.clone(), ..context(20) };
        Self { server, client, secrets, cx }
    }

    /// Somebody signed in, and the access token lives for `life` seconds more.
    async fn granted(&self, refresh: &str, life: i64) {
        let grant = Grant {
            access: Secret::new(format!("access-of-{refresh}")),
            refresh: Some(Secret::new(refresh)),
            obtained_at: self.cx.clock.now().as_second(),
            expires_in: Some(life),
            client_id: "c1".into(),
            said: BTreeMap::from([("organization_id".into(), "o1".into())]),
        };
        grant::keep(&*self.secrets, &self.client, &grant).await.unwrap();
    }

    fn requests(&self) -> Vec<BTreeMap<String, String>> {
        self.server.lock().unwrap().requests.clone()
    }

    async fn kept(&self) -> String {
        let entry = bound::get(&*self.secrets, &self.client.grant_name(), "api.example").await.unwrap();
        entry.map(|entry| entry.expose().to_owned()).unwrap_or_default()
    }

    async fn sign_in(&self, visit: impl AsyncFnOnce(Url) + Send + 'static) -> Result<Grant, SignInProblem> {
        let (sender, page) = tokio::sync::oneshot::channel();
        let person = async {
            if let Ok(url) = page.await {
                visit(url).await;
            }
        };
        let browse = move |url: &Url| sender.send(url.clone()).map_err(|_| String::new());
        tokio::join!(sign_in(&self.cx, &self.client, browse), person).0
    }
}

/// Three ports that were free a moment ago.
async fn free_ports() -> [u16; 3] {
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap());
    }
    [0, 1, 2].map(|n: usize| open[n].local_addr().unwrap().port())
}

fn parameter(page: &Url, key: &str) -> String {
    page.query_pairs().find(|(name, _)| name == key).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// The address that the page's server sends the browser back to.
fn back(page: &Url, query: &[(&str, &str)]) -> Url {
    let mut url = Url::parse(&parameter(page, "redirect_uri")).unwrap();
    url.query_pairs_mut().extend_pairs(query);
    url
}

async fn fetch(request: reqwest::RequestBuilder) -> (u16, String) {
    let cx = context(5);
    let hosts = ["127.0.0.1".to_owned(), "localhost".to_owned()];
    let terms = Terms { deadline: cx.deadline, cancel: &cx.cancel, clock: cx.clock.as_ref(), hosts: &hosts };
    match exchange(terms, Call::read("browse"), request).await {
        Ok(reply) => (reply.status.as_u16(), String::from_utf8(reply.body.to_vec()).unwrap()),
        Err(_) => (0, String::new()),
    }
}

async fn visit(url: Url) -> (u16, String) {
    fetch(context(5).http.get(url)).await
}

#[test]
fn the_challenge_is_the_one_of_the_standard() {
    // RFC 7636, appendix B.
    let challenge = pkce::challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

// LC-01
#[tokio::test]
async fn a_person_signs_in_through_the_browser() {
    let rig = Rig::start().await;
    let grant = rig.sign_in(async |page| {
        assert_eq!(parameter(&page, "response_type"), "code");
        assert_eq!(parameter(&page, "scope"), "chats--access:ro,customers:ro");
        assert_eq!(parameter(&page, "code_challenge_method"), "S256");
        assert_eq!(parameter(&page, "organization_id"), "o 1");
        let state = parameter(&page, "state");
        let (status, text) = visit(back(&page, &[("code", "k1"), ("state", &state)])).await;
        assert_eq!(status, 200);
        assert!(text.contains("You are signed in"), "{text}");
    });
    let grant = grant.await.unwrap();
    assert_eq!(grant.access.expose(), "access-1");
    assert_eq!(grant.said, BTreeMap::from([("organization_id".to_owned(), "o1".to_owned())]));
    let asked = &rig.requests()[0];
    assert_eq!((asked["code"].as_str(), asked["client_id"].as_str()), ("k1", "c1"));
    assert_eq!(asked["code_verifier"].len(), 43);
    assert!(!asked.contains_key("client_secret"), "a public client has none");
    assert_eq!(rig.kept().await, "", "keeping it is another step");
}

// CRM-12
#[tokio::test]
async fn a_client_secret_goes_to_the_token_endpoint_alone() {
    let rig = Rig::start().await;
    let name = SecretName::of(&"chat".into(), CLIENT_SECRET);
    bound::set(&*rig.secrets, &name, Secret::new("s3cret"), &rig.client.hosts).await.unwrap();
    let seen = rig.sign_in(async |page| {
        assert!(!page.as_str().contains("s3cret"));
        let state = parameter(&page, "state");
        visit(back(&page, &[("code", "k1"), ("state", &state)])).await;
    });
    seen.await.unwrap();
    assert_eq!(rig.requests()[0]["client_secret"], "s3cret");
}

// SEC-13
#[tokio::test]
async fn everything_but_the_one_answer_hears_403_without_detail() {
    let rig = Rig::start().await;
    let first = rig.client.ports[0];
    let grant = rig.sign_in(async |page| {
        let state = parameter(&page, "state");
        let right = back(&page, &[("code", "k1"), ("state", &state)]);
        let other_path = right.join("/other").unwrap();
        let http = &context(5).http;
        let strange = [
            http.get(other_path),
            http.get(back(&page, &[("code", "stolen")])),
            http.get(back(&page, &[("code", "stolen"), ("state", "guess")])),
            http.get(back(&page, &[("state", &state)])),
            http.post(right.clone()).body("code=stolen"),
            http.get(right.clone()).header("Host", "evil.example"),
        ];
        for (number, request) in strange.into_iter().enumerate() {
            assert_eq!(fetch(request).await, (403, String::new()), "request {number}");
        }
        let (one, two) = tokio::join!(visit(right.clone()), visit(right));
        let statuses = BTreeSet::from([one.0, two.0]);
        assert_eq!(statuses, BTreeSet::from([200, 403]), "the state is good for one answer");
    });
    assert_eq!(grant.await.unwrap().access.expose(), "access-1");
    assert_eq!(rig.requests().len(), 1, "no other code was redeemed");
    let closed =
        visit(Url::parse(&format!("http://127.0.0.1:{first}/callback?code=k&state=s")).unwrap()).await;
    assert_eq!(closed.0, 0, "without an open request nobody listens");
}

// CRM-12
#[tokio::test]
async fn the_ports_are_tried_in_order_and_busy_ones_are_named() {
    let rig = Rig::start().await;
    let [first, second, third] = rig.client.ports;
    let _one = TcpListener::bind((Ipv4Addr::LOCALHOST, first)).await.unwrap();
    let done = rig.sign_in(async move |page| {
        assert_eq!(parameter(&page, "redirect_uri"), format!("http://127.0.0.1:{second}/callback"));
        let state = parameter(&page, "state");
        visit(back(&page, &[("code", "k1"), ("state", &state)])).await;
    });
    done.await.unwrap();
    let _two = TcpListener::bind((Ipv4Addr::LOCALHOST, second)).await.unwrap();
    let _three = TcpListener::bind((Ipv4Addr::LOCALHOST, third)).await.unwrap();
    let busy = rig.sign_in(async |_| unreachable!("no page is opened")).await;
    assert_eq!(busy, Err(SignInProblem::PortsBusy(vec![first, second, third])));
}

#[tokio::test]
async fn every_other_end_of_a_sign_in_is_told() {
    let rig = Rig::start().await;
    let denied = rig.sign_in(async |page| {
        let state = parameter(&page, "state");
        let (_, text) = visit(back(&page, &[("error", "access_denied"), ("state", &state)])).await;
        assert!(text.contains("Nothing was allowed"), "{text}");
    });
    assert_eq!(denied.await, Err(SignInProblem::Denied("access_denied".into())));

    rig.server.lock().unwrap().instead = Some((400, json!({ "error": "invalid_grant" })));
    let failed = rig.sign_in(async |page| {
        let state = parameter(&page, "state");
        let (_, text) = visit(back(&page, &[("code", "late"), ("state", &state)])).await;
        assert!(text.contains("did not work"), "{text}");
    });
    assert!(matches!(failed.await, Err(SignInProblem::Failed(error)) if error.kind == Kind::Unauthorized));

    let no_browser = sign_in(&rig.cx, &rig.client, |_| Err("none".into())).await;
    assert_eq!(no_browser, Err(SignInProblem::NoBrowser));
    let soon = CallContext { deadline: Instant::now() + Duration::from_millis(50), ..rig.cx.clone() };
    assert_eq!(sign_in(&soon, &rig.client, |_| Ok(())).await, Err(SignInProblem::TimedOut));
    rig.cx.cancel.cancel();
    assert_eq!(sign_in(&rig.cx, &rig.client, |_| Ok(())).await, Err(SignInProblem::Cancelled));
}

// CRM-08
#[tokio::test]
async fn crm_08_all_who_need_a_token_at_once_share_one_renewal() {
    let rig = Rig::start().await;
    rig.granted("r0", 0).await;
    let access = Access::new(rig.client.clone());
    let all = (0..20).map(|_| access.grant(&rig.cx, "api.example", None));
    let grants = futures::future::join_all(all).await;
    assert!(grants.iter().all(|grant| grant.as_ref().unwrap().access.expose() == "access-1"));
    assert_eq!(rig.requests().len(), 1);
    assert_eq!(rig.requests()[0]["refresh_token"], "r0");
    assert!(rig.kept().await.contains("refresh-1"), "the rotated token is kept");
    assert_eq!(grants[0].as_ref().unwrap().said["organization_id"], "o1");
}

// CRM-08
#[tokio::test]
async fn crm_08_a_renewed_grant_is_used_only_after_it_is_kept() {
    let rig = Rig::start().await;
    rig.granted("r0", 0).await;
    let access = Access::new(rig.client.clone());
    let grant = tokio::spawn({
        let (access, cx) = (access.clone(), rig.cx.clone());
        async move { access.grant(&cx, "api.example", None).await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    rig.secrets.set_problem(Some(KeyringProblem::Locked));
    assert_eq!(grant.await.unwrap().unwrap_err().kind, Kind::Keyring(KeyringProblem::Locked));
    let name = rig.client.grant_name();
    let hold = secrets::SecretStore::hold(&*rig.secrets, &name);
    rig.secrets.set_problem(None);
    assert!(
        tokio::time::timeout(Duration::from_millis(50), hold).await.is_err(),
        "nobody else may use the spent refresh token meanwhile"
    );
    let later = access.grant(&rig.cx, "api.example", None).await.unwrap();
    assert_eq!(later.access.expose(), "access-1", "what the server gave is not lost");
    assert!(rig.kept().await.contains("refresh-1"));
    assert_eq!(rig.requests().len(), 1);
}

// CRM-08
#[tokio::test]
async fn crm_08_a_renewal_ends_well_without_its_caller() {
    let rig = Rig::start().await;
    rig.granted("r0", 0).await;
    let access = Access::new(rig.client.clone());
    let impatient =
        tokio::time::timeout(Duration::from_millis(30), access.grant(&rig.cx, "api.example", None)).await;
    assert!(impatient.is_err());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(rig.kept().await.contains("refresh-1"), "it was kept all the same");
}

// CRM-08
#[tokio::test]
async fn crm_08_a_refused_renewal_reads_the_keyring_again_before_the_grant_is_dead() {
    let rig = Rig::start().await;
    rig.granted("r0", 0).await;
    let access = Access::new(rig.client.clone());
    rig.server.lock().unwrap().spent.insert("r0".into());
    let renewal = tokio::spawn({
        let (access, cx) = (access.clone(), rig.cx.clone());
        async move { access.grant(&cx, "api.example", None).await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    // A program that knows nothing of holds puts its own renewed grant there, while the request is under way.
    let other = Grant {
        access: Secret::new("access-of-other"),
        refresh: Some(Secret::new("r9")),
        obtained_at: rig.cx.clock.now().as_second(),
        expires_in: None,
        client_id: "c1".into(),
        said: BTreeMap::new(),
    };
    grant::replace(&rig.cx, &rig.client, &other).await.unwrap();
    assert_eq!(renewal.await.unwrap().unwrap(), other, "taken over");
}

#[tokio::test]
async fn a_dead_grant_is_not_tried_again_before_somebody_signs_in() {
    let rig = Rig::start().await;
    rig.granted("r0", 0).await;
    rig.server.lock().unwrap().spent.insert("r0".into());
    let access = Access::new(rig.client.clone());
    for _ in 0..3 {
        let refused = access.grant(&rig.cx, "api.example", None).await.unwrap_err();
        assert_eq!(refused.kind, Kind::Unauthorized);
    }
    assert_eq!(rig.requests().len(), 1);
    rig.granted("r5", 3_600).await;
    let grant = access.grant(&rig.cx, "api.example", None).await.unwrap();
    assert_eq!(grant.access.expose(), "access-of-r5");
    let spent = grant.access;
    let renewed = access.grant(&rig.cx, "api.example", Some(&spent)).await.unwrap();
    assert_eq!(renewed.access.expose(), "access-2", "a token that was refused elsewhere is renewed");
}

#[tokio::test]
async fn what_a_token_endpoint_says_instead_of_tokens_has_a_meaning() {
    let rig = Rig::start().await;
    let cases = [
        (400, json!({ "error": "invalid_grant" }), Kind::Unauthorized),
        (401, json!({ "error": "unauthorized" }), Kind::Unauthorized),
        (403, json!({ "error": "access_denied" }), Kind::Unauthorized),
        (422, json!({ "error": "invalid_request" }), Kind::Unauthorized),
        (401, json!({ "error": "invalid_client" }), Kind::Config),
        (404, json!("nothing here"), Kind::Protocol),
        (429, json!({ "error": "temporarily_unavailable" }), Kind::RateLimited),
        (503, json!({ "error": "invalid_grant" }), Kind::Unavailable { outcome_unknown: false }),
        (200, json!({ "token_type": "bearer" }), Kind::Protocol),
        (200, json!({ "access_token": "a", "token_type": "mac" }), Kind::Protocol),
    ];
    for (status, body, kind) in cases {
        rig.granted("r0", 0).await;
        rig.server.lock().unwrap().instead = Some((status, body.clone()));
        let error = Access::new(rig.client.clone()).grant(&rig.cx, "api.example", None).await.unwrap_err();
        assert_eq!(error.kind, kind, "{status} {body}");
    }
}

// SEC-16
#[tokio::test]
async fn tokens_go_to_the_hosts_they_were_granted_for_and_no_others() {
    let rig = Rig::start().await;
    rig.granted("r0", 3_600).await;
    let kind = async |client: Client, host: &str| {
        Access::new(client).grant(&rig.cx, host, None).await.map_err(|error| error.kind).map(drop)
    };
    assert_eq!(kind(rig.client.clone(), "api.example").await, Ok(()));
    assert_eq!(kind(rig.client.clone(), "evil.example").await, Err(Kind::NoCredential));
    let elsewhere = Url::parse("https://evil.example/token").unwrap();
    let moved = Client { token: elsewhere, hosts: vec!["evil.example".into()], ..rig.client.clone() };
    assert_eq!(kind(moved, "api.example").await, Err(Kind::NoCredential), "another token endpoint");
    let other = Client { client_id: "c2".into(), ..rig.client.clone() };
    assert_eq!(kind(other, "api.example").await, Err(Kind::NoCredential), "another application");

    rig.granted("r0", 0).await;
    let wider = Client {
        hosts: vec!["127.0.0.1".into(), "api.example".into(), "evil.example".into()],
        ..rig.client.clone()
    };
    assert_eq!(kind(wider.clone(), "api.example").await, Ok(()));
    assert_eq!(kind(wider, "evil.example").await, Err(Kind::NoCredential), "renewing adds no host");
}
