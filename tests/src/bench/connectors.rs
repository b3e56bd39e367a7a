//! A look-up through a connector with all its layers, in turn with the same request from the bare HTTP client: the same
//! method, address, headers and body, over the same pool of connections, with the answer read to its end.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use connectors::{
    CallContext, Connector, Priority,
    capability::Rate,
    http::{HttpSettings, Proxy, client},
    layers, registry,
    sample::Sample,
};
use domain::{
    ObjectKind,
    clock::SystemClock,
    config::{CrmConnection, CrmProduct},
    rules::{Compare, Criterion},
};
use secrets::{Memory, Secret, SecretName, bound};
use testkit::{
    fault_proxy::{FaultProxy, Seen},
    optimove::{self, ADMIN_KEY},
    tryton::{NewParty, Tryton},
};
use url::Url;

use super::{
    figure::{Goal, Report, Samples},
    rig::PACE,
};
use crate::office::{CRM, HOST};

const WARM_UP: usize = 10;
/// A connector that knows no limit of its CRM makes ten calls a second in the long run.
const UNHURRIED: Duration = Duration::from_millis(105);
const EMAIL: &str = "mara@northwind.example";
const LIMIT: u16 = 20;

/// Measures all, `rounds` times each.
///
/// # Errors
/// When a server does not start or does not answer.
pub async fn measure(rounds: usize, report: &mut Report) -> Result<()> {
    sample(rounds, report).await?;
    tryton(rounds, report).await?;
    let paced = Pace { rounds, each: PACE };
    optimove("connector_optimove", (optimove::Limits::default(), None), paced, report).await?;
    // Without pauses and limits: what the layers cost a processor that has just done the same. The difference to the figure
    // above is what it costs to begin again after a pause.
    let unlimited = optimove::Limits { requests: usize::MAX, ..Default::default() };
    let rate = Rate { burst: 1_000_000, per_minute: 1_000_000 };
    let hurried = Pace { rounds: rounds * 10, each: Duration::ZERO };
    optimove("connector_optimove_hot", (unlimited, Some(rate)), hurried, report).await
}

/// The embedded CRM has no wire: its layers stand beside the connector itself.
async fn sample(rounds: usize, report: &mut Report) -> Result<()> {
    let plain: Arc<dyn Connector> = Arc::new(Sample::immediate());
    let layered = layers::layered(plain.clone());
    let cx = Calls::new(Memory::default())?;
    let by = [criterion("email", Compare::Email, "ana.silva@example.com")];
    let (mut ours, mut reference) = (Samples::default(), Samples::default());
    for round in 0..WARM_UP + rounds {
        let direct = timed(plain.find(&cx.call(), ObjectKind::Contact, &by, LIMIT)).await?;
        let through = timed(layered.find(&cx.call(), ObjectKind::Contact, &by, LIMIT)).await?;
        if round >= WARM_UP {
            ours.push(through * 1e3);
            reference.push(direct * 1e3);
        }
        tokio::time::sleep(UNHURRIED).await;
    }
    report.add_both("connector_sample", "µs", (&ours, &reference), (Goal::None, Goal::None));
    Ok(())
}

/// A real server.
async fn tryton(rounds: usize, report: &mut Report) -> Result<()> {
    let server = Tryton::start().await?;
    server.rpc().await?.create(&NewParty::named("Mara Lindqvist").with("email", EMAIL)).await?;
    let at = |address| CrmProduct::Tryton(domain::config::TrytonConfig { address, ..server.config() });
    let cx = Calls::new(secret("password", server.password()).await?)?;
    let by = [criterion("email", Compare::Email, EMAIL)];
    let bare = Bare::seen("search_read", server.socket(), &at, &cx, &by).await?;
    let ours = layered(at(server.address()), None);
    compare("connector_tryton", (ours, bare), &cx, &by, Pace { rounds, each: UNHURRIED }, report).await
}

/// The simulator, which answers at once: nothing hides what the layers cost.
async fn optimove(
    name: &str,
    (limits, rate): (optimove::Limits, Option<Rate>),
    pace: Pace,
    report: &mut Report,
) -> Result<()> {
    let setup = optimove::Setup { limits, ..optimove::Setup::default() };
    let server = optimove::Simulator::start_with(setup).await?;
    let at = |address| {
        CrmProduct::Optimove(Box::new(domain::config::OptimoveConfig { address, ..server.config() }))
    };
    let cx = Calls::new(secret("api_key", ADMIN_KEY).await?)?;
    let by = [criterion("CustomerID", Compare::Exact, optimove::ids()[1])];
    let bare = Bare::seen("GET", server.socket(), &at, &cx, &by).await?;
    let ours = layered(at(server.url()), rate);
    compare(name, (ours, bare), &cx, &by, pace, report).await
}

/// How often, and with which pause after each round: calls are rationed.
#[derive(Clone, Copy)]
struct Pace {
    rounds: usize,
    each: Duration,
}

async fn compare(
    name: &str,
    (ours, bare): (Arc<dyn Connector>, Bare),
    cx: &Calls,
    by: &[Criterion],
    pace: Pace,
    report: &mut Report,
) -> Result<()> {
    let (mut through, mut direct) = (Samples::default(), Samples::default());
    for round in 0..WARM_UP + pace.rounds {
        // Each goes first as often as the other.
        let bare_first = round % 2 == 0;
        let mut times = (0.0, 0.0);
        for bare_now in [bare_first, !bare_first] {
            if bare_now {
                times.1 = timed(bare.send(cx)).await?;
            } else {
                let call = cx.call();
                times.0 = timed(async {
                    let found = ours.find(&call, ObjectKind::Contact, by, LIMIT).await?;
                    ensure!(found.len() == 1, "{} contacts were found", found.len());
                    Ok::<_, anyhow::Error>(())
                })
                .await?;
            }
        }
        if round >= WARM_UP {
            through.push(times.0);
            direct.push(times.1);
        }
        tokio::time::sleep(pace.each).await;
    }
    report.add_both(name, "ms", (&through, &direct), (Goal::Times(1.05), Goal::Times(1.1)));
    Ok(())
}

/// How long it takes, in milliseconds.
async fn timed<T, E: Into<anyhow::Error>>(call: impl Future<Output = Result<T, E>>) -> Result<f64> {
    let start = Instant::now();
    call.await.map_err(Into::into)?;
    Ok(start.elapsed().as_secs_f64() * 1e3)
}

/// A request that a connector was seen to make.
struct Bare {
    method: http::Method,
    url: Url,
    headers: Vec<(String, String)>,
    body: String,
}

/// What the client adds by itself.
const OWN: [&str; 5] = ["host", "content-length", "connection", "accept-encoding", "user-agent"];

impl Bare {
    /// Looks at the request of a look-up through a proxy.
    async fn seen(
        mark: &str,
        server: std::net::SocketAddr,
        at: &impl Fn(Url) -> CrmProduct,
        cx: &Calls,
        by: &[Criterion],
    ) -> Result<Self> {
        let proxy = FaultProxy::start(server).await?;
        let connector = layered(at(proxy.address()), None);
        connector.find(&cx.call(), ObjectKind::Contact, by, LIMIT).await?;
        let Seen { line, headers, body } = proxy.seen(mark).pop().context("no request was seen")?;
        let mut words = line.split(' ');
        let (method, path) = words.next().zip(words.next()).context("no request line")?;
        let kept = headers.into_iter().filter(|(name, _)| !OWN.contains(&name.as_str()));
        let url = Url::parse(&format!("http://{server}{path}"))?;
        Ok(Self { method: method.parse()?, url, headers: kept.collect(), body })
    }

    #[expect(clippy::disallowed_methods, reason = "it is the bare client that is measured")]
    async fn send(&self, cx: &Calls) -> Result<()> {
        let mut request = cx.http.request(self.method.clone(), self.url.clone()).body(self.body.clone());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let answer = request.send().await?.error_for_status()?.bytes().await?;
        ensure!(!answer.is_empty(), "the answer is empty");
        Ok(())
    }
}

/// What calls need, made once.
struct Calls {
    http: reqwest::Client,
    secrets: Arc<Memory>,
}

impl Calls {
    fn new(secrets: Memory) -> Result<Self> {
        let http = client(&HttpSettings { proxy: Proxy::Direct, ..HttpSettings::default() })?;
        Ok(Self { http, secrets: Arc::new(secrets) })
    }

    fn call(&self) -> CallContext {
        CallContext {
            http: self.http.clone(),
            clock: Arc::new(SystemClock),
            secrets: self.secrets.clone(),
            deadline: tokio::time::Instant::now() + Duration::from_secs(10),
            cancel: tokio_util::sync::CancellationToken::new(),
            priority: Priority::Interactive,
        }
    }
}

/// All layers, at the connector's own rate or another one.
fn layered(product: CrmProduct, rate: Option<Rate>) -> Arc<dyn Connector> {
    let connector = registry::connect(&CRM.into(), &CrmConnection { name: String::new(), product });
    let own = connector.rate();
    layers::layered_at(connector, rate.unwrap_or(own))
}

async fn secret(slot: &str, value: &str) -> Result<Memory> {
    let secrets = Memory::default();
    bound::set(&secrets, &SecretName::of(&CRM.into(), slot), Secret::new(value), &[HOST.to_owned()]).await?;
    Ok(secrets)
}

fn criterion(field: &str, compare: Compare, value: &str) -> Criterion {
    let spellings = match compare {
        Compare::Email => domain::email::spellings(value),
        _ => vec![value.to_owned()],
    };
    Criterion { field: field.into(), compare, value: value.to_owned(), spellings }
}
