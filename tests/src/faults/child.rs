//! The child: the program without its window.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, Write as _},
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use connectors::http::{HttpSettings, Proxy, client, client_http1};
use domain::{Value, clock::SystemClock, config::defaults::OPTIMOVE_CUSTOMER_ID};
use engine::{
    Deps, Engine, Home, Host,
    experiment::{AtPoint, CrashPoint, Experiment, Pace, Sabotage as Broken},
};
use ipc::panel::{
    CreateRequest, DraftRequest, LookupRequest, LookupState, PanelView, SaveReply, SaveRequest, WriteRequest,
    WriteStanding,
};
use secrets::{Secret, SecretName, SecretStore as _};
use tokio::{sync::mpsc, time::Instant};
use url::Url;

use super::speech::{Ask, Edit, Reply, Sabotage, Setup, Told};

/// How many times shorter than usual things wait.
pub(super) const PACE: NonZeroU32 = NonZeroU32::new(50).unwrap();

/// How long the agent waits for a contact.
const PATIENCE: Duration = Duration::from_secs(2);

/// Lives until somebody kills it, or nobody speaks to it any more.
///
/// # Errors
/// When it cannot begin.
pub async fn live(setup: Setup) -> Result<()> {
    let at_work = Arc::new(AtomicU32::new(0));
    let engine = engine(&setup, at_work.clone()).await?;
    engine.start().await;
    let mut asked = listen();
    while let Some(ask) = asked.recv().await {
        match ask {
            Ask::Save(edit) => {
                at_work.store(edit.number, Ordering::SeqCst);
                say(&Told::Replied(edit.number, save(&engine, &edit).await));
            }
            Ask::Create(edit) => {
                at_work.store(edit.number, Ordering::SeqCst);
                say(&Told::Replied(edit.number, create(&engine, &edit).await));
            }
            Ask::Outbox => {
                let outbox = engine.panel_view().outbox;
                let numbers = |wanted: fn(&WriteStanding) -> bool| {
                    outbox
                        .items
                        .iter()
                        .filter(|item| wanted(&item.standing))
                        .map(|item| item.number)
                        .collect()
                };
                say(&Told::Outbox(outbox.on_the_way, numbers(is_parked), numbers(waits)));
            }
            // What has changed meanwhile is seen in the outbox that is asked for next.
            Ask::Retry(number) => drop(engine.retry_write(WriteRequest { number }).await),
            Ask::Discard(number) => drop(engine.discard_write(WriteRequest { number }).await),
        }
    }
    Ok(())
}

fn is_parked(standing: &WriteStanding) -> bool {
    matches!(standing, WriteStanding::NeedsYou { .. })
}

fn waits(standing: &WriteStanding) -> bool {
    matches!(standing, WriteStanding::Again { .. } | WriteStanding::Unknown { .. })
}

async fn engine(setup: &Setup, at_work: Arc<AtomicU32>) -> Result<Engine> {
    let keyring = secrets::Memory::default();
    for (owner, slot, value) in &setup.keyring {
        let name = SecretName { owner: owner.clone(), slot: slot.clone() };
        keyring.set(&name, Secret::new(value.as_str())).await?;
    }
    let http = HttpSettings {
        proxy: Proxy::Direct,
        authorities: vec![setup.authority.clone()],
        ..HttpSettings::default()
    };
    let deps = Deps {
        host: Arc::new(Nobody),
        clock: Arc::new(SystemClock),
        secrets: Arc::new(keyring),
        home: Home::new(&setup.home, None),
        http: client(&http)?,
        http1: client_http1(&http)?,
        proxy: http.proxy,
        session: String::new(),
        place: None,
    };
    let experiment = Experiment {
        pace: Pace::shortened(PACE),
        at_point: Some(at_point(setup.stop.clone(), at_work)),
        sabotage: setup.sabotage.map(|sabotage| match sabotage {
            Sabotage::NoDedupe => Broken::NoDedupe,
            Sabotage::NoSync => Broken::NoSync,
            Sabotage::NoReconcile => Broken::NoReconcile,
        }),
    };
    Ok(Engine::in_experiment(deps, experiment))
}

/// Says when an edit is on the disk, and stops at the point at which it is to.
fn at_point(stop: Option<(String, u32)>, at_work: Arc<AtomicU32>) -> AtPoint {
    let passed = AtomicU32::new(0);
    Box::new(move |point| {
        if point == CrashPoint::OrderKept {
            say(&Told::Kept(at_work.load(Ordering::SeqCst)));
        }
        let Some((name, time)) = &stop else { return };
        if point.name() == name && passed.fetch_add(1, Ordering::SeqCst) + 1 == *time {
            say(&Told::Stopped(name.clone()));
            loop {
                std::thread::park();
            }
        }
    })
}

/// What the driver asks, until it is gone.
fn listen() -> mpsc::UnboundedReceiver<Ask> {
    let (tell, told) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let lines = std::io::stdin().lock().lines().map_while(Result::ok);
        let asks = lines.filter_map(|line| serde_json::from_str(&line).ok());
        asks.map_while(|ask| tell.send(ask).ok()).for_each(drop);
    });
    told
}

fn say(told: &Told) {
    let line = serde_json::to_string(told).unwrap_or_default();
    let mut out = std::io::stdout().lock();
    // Without anybody to hear it there is nothing to be done.
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}

async fn save(engine: &Engine, edit: &Edit) -> Reply {
    let request = || LookupRequest { chat: edit.chat.clone(), connection: edit.crm.as_str().into() };
    let Some(LookupState::Matched { likely, .. }) = lookup(engine, edit, is_found).await else {
        return Reply::NotEntered;
    };
    if likely && engine.confirm_match(request()).await.is_err() {
        return Reply::NotEntered;
    }
    let Ok(form) = engine.edit_form(request()).await else { return Reply::NotEntered };
    let field = form.fields.iter().find(|field| field.field.key.as_str() == edit.field);
    let (Some(field), Some(record)) = (field, form.record.clone()) else { return Reply::NotEntered };
    let key = field.field.key.clone();
    let draft = DraftRequest {
        chat: edit.chat.clone(),
        connection: edit.crm.as_str().into(),
        record: Some(record.clone()),
        values: BTreeMap::from([(key.clone(), Value::from(edit.value.as_str()))]),
        base: BTreeMap::from([(key, field.value.clone())]),
    };
    // As the window does: what was typed is a draft before it is an order.
    if engine.keep_draft(draft.clone()).await.is_err() {
        return Reply::NotEntered;
    }
    let save = SaveRequest {
        chat: draft.chat,
        connection: draft.connection,
        record,
        values: draft.values,
        base: draft.base,
        decided: BTreeMap::new(),
        from_chat: Vec::new(),
    };
    reply(engine.save_contact(save).await.ok())
}

async fn create(engine: &Engine, edit: &Edit) -> Reply {
    if lookup(engine, edit, |state| matches!(state, LookupState::None { .. })).await.is_none() {
        return Reply::NotEntered;
    }
    let create = CreateRequest {
        chat: edit.chat.clone(),
        connection: edit.crm.as_str().into(),
        values: BTreeMap::from([
            (OPTIMOVE_CUSTOMER_ID.into(), Value::from(edit.value.as_str())),
            ("FIRST_NAME".into(), Value::from("Newcomer")),
        ]),
        although_duplicate: false,
    };
    reply(engine.create_contact(create).await.ok())
}

fn reply(reply: Option<SaveReply>) -> Reply {
    match reply {
        Some(SaveReply::Saved { .. } | SaveReply::Waiting { .. }) => Reply::Kept,
        Some(SaveReply::Conflict { .. } | SaveReply::Failed { .. }) => Reply::HandedBack,
        None => Reply::NotEntered,
    }
}

fn is_found(state: &LookupState) -> bool {
    matches!(state, LookupState::Matched { checking: false, copy: None, .. })
}

/// How the look-up for an edit stands once it stands as wanted.
async fn lookup(engine: &Engine, edit: &Edit, wanted: impl Fn(&LookupState) -> bool) -> Option<LookupState> {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if engine.select_chat(&edit.chat).is_ok()
            && let Some(state) = shown(&engine.panel_view(), edit).filter(&wanted)
        {
            return Some(state);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    None
}

fn shown(view: &PanelView, edit: &Edit) -> Option<LookupState> {
    let chat = view.active.as_ref().filter(|chat| chat.chat == edit.chat)?;
    let lookup = chat.lookups.iter().find(|lookup| lookup.connection.as_str() == edit.crm)?;
    Some(lookup.state.clone())
}

/// Nobody looks at what the panel would show.
#[derive(Debug)]
struct Nobody;

impl Host for Nobody {
    fn panel_changed(&self, _view: PanelView) {}

    fn settings_changed(&self) {}

    fn open_url(&self, _url: &Url) -> Result<(), String> {
        Err("there is no browser".to_owned())
    }

    fn copy(&self, _secret: &Secret) -> Result<(), String> {
        Err("there is no clipboard".to_owned())
    }
}

impl Setup {
    /// Reads it from the file that the driver wrote.
    ///
    /// # Errors
    /// When there is none.
    pub fn read(file: &std::path::Path) -> Result<Self> {
        serde_json::from_str(&fs::read_to_string(file)?).context("the driver wrote something else")
    }
}
