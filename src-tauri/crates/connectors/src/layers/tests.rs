//! The layers around a connector that follows a script, on a clock that the tests move.

use std::{sync::Arc, time::Duration};

use domain::{Fields, ObjectKind::Contact as CONTACT};
use tokio::time::Instant;

use super::layered;
use crate::{
    Act, Connector, Deed, Error, Kind, Priority, Retry, Told,
    testing::{Scripted, Step, change, context, context_of, email, unavailable},
    timing,
};

fn limited(seconds: u64) -> Step {
    Step::Fail(Error::new(Kind::RateLimited, "test", "").after(Duration::from_secs(seconds)))
}

fn put(scripted: &Arc<Scripted>) -> Arc<dyn Connector> {
    layered(scripted.clone())
}

/// Begins a fetch of `id` (or a write, in the background) and lets it come to where it waits.
async fn begin(
    crm: &Arc<dyn Connector>,
    priority: Priority,
    id: &'static str,
) -> tokio::task::JoinHandle<bool> {
    let crm = crm.clone();
    let task = tokio::spawn(async move {
        let cx = context_of(priority, 60);
        match priority {
            Priority::Background => crm.apply(&cx, &change(id, Fields::new())).await.is_ok(),
            _ => crm.fetch(&cx, CONTACT, &id.into()).await.is_ok(),
        }
    });
    tokio::time::sleep(Duration::from_millis(1)).await;
    task
}

#[tokio::test(start_paused = true)]
async fn crm_04_an_agents_look_up_goes_before_prefetch_and_writes() {
    let scripted = Scripted::new([]).with_rate(1, 60);
    let crm = put(&scripted);
    let tasks = [
        begin(&crm, Priority::Interactive, "takes-the-token").await,
        begin(&crm, Priority::Background, "write-1").await,
        begin(&crm, Priority::Background, "write-2").await,
        begin(&crm, Priority::Prefetch, "ahead").await,
        begin(&crm, Priority::Interactive, "agent").await,
    ];
    for task in tasks {
        assert!(task.await.unwrap());
    }
    let order = ["fetch takes-the-token", "fetch agent", "fetch ahead", "apply write-1", "apply write-2"];
    assert_eq!(scripted.calls(), order);
}

#[tokio::test(start_paused = true)]
async fn crm_04_writes_behind_the_agents_back_leave_tokens_for_the_agent() {
    let scripted = Scripted::new([]).with_rate(8, 6);
    let crm = put(&scripted);
    let mut writes = Vec::new();
    for _ in 0..8 {
        writes.push(begin(&crm, Priority::Background, "write").await);
    }
    assert_eq!(scripted.calls().len(), 6, "two of eight tokens are left");
    for agent in ["agent-1", "agent-2"] {
        begin(&crm, Priority::Interactive, agent).await;
        assert_eq!(scripted.calls().last(), Some(&format!("fetch {agent}")), "at once");
    }
    for write in writes {
        assert!(write.await.unwrap(), "what was left waits and is written");
    }
}

#[tokio::test(start_paused = true)]
async fn crm_04_a_pause_that_the_crm_asks_for_holds_for_all_and_the_agent_goes_first() {
    let scripted = Scripted::new([limited(3)]);
    let crm = put(&scripted);
    let started = Instant::now();
    let write = begin(&crm, Priority::Background, "limited").await;
    let other = begin(&crm, Priority::Background, "waits").await;
    let agent = begin(&crm, Priority::Interactive, "agent").await;
    assert_eq!(crm.rate_limited_until(), Some(started + Duration::from_secs(3)), "the wait can be shown");
    tokio::time::sleep(Duration::from_millis(2900)).await;
    assert_eq!(scripted.calls(), ["apply limited"], "nobody asks during the pause");
    assert!(!write.await.unwrap(), "a refused write is not repeated");
    assert!(agent.await.unwrap() && other.await.unwrap());
    assert_eq!(scripted.calls(), ["apply limited", "fetch agent", "apply waits"]);
    assert_eq!(crm.rate_limited_until(), None);
}

#[tokio::test(start_paused = true)]
async fn crm_04_a_read_waits_as_long_as_the_crm_asks_and_no_longer() {
    let scripted = Scripted::new([limited(3)]);
    let started = Instant::now();
    put(&scripted).fetch(&context(10), CONTACT, &"1".into()).await.unwrap();
    let waited = started.elapsed();
    assert!(waited >= Duration::from_secs(3) && waited < Duration::from_millis(3100), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn crm_04_a_pause_beyond_the_deadline_is_said_at_once_with_its_end() {
    let scripted = Scripted::new([limited(30)]);
    let crm = put(&scripted);
    let started = Instant::now();
    let error = crm.fetch(&context(5), CONTACT, &"1".into()).await.unwrap_err();
    assert_eq!((error.kind, error.retry), (Kind::RateLimited, Retry::After(Duration::from_secs(30))));
    let error = crm.fetch(&context(5), CONTACT, &"2".into()).await.unwrap_err();
    assert_eq!((error.kind, error.retry), (Kind::RateLimited, Retry::After(Duration::from_secs(30))));
    assert_eq!(started.elapsed(), Duration::ZERO);
    assert_eq!(scripted.calls(), ["fetch 1"], "the second is not sent");
}

#[tokio::test(start_paused = true)]
async fn crm_04_limits_without_a_hint_pause_longer_each_time() {
    let hintless = || Step::Fail(Error::new(Kind::RateLimited, "test", ""));
    let scripted = Scripted::new([hintless(), hintless()]);
    let started = Instant::now();
    put(&scripted).fetch(&context(10), CONTACT, &"1".into()).await.unwrap();
    let waited = started.elapsed().as_secs_f64();
    assert!((3.0..3.1).contains(&waited), "one second, then two: {waited}");
}

#[tokio::test(start_paused = true)]
async fn crm_04_a_look_up_made_ahead_becomes_urgent_when_an_agent_joins_it() {
    let scripted = Scripted::new([]).with_rate(1, 60);
    let crm = put(&scripted);
    begin(&crm, Priority::Interactive, "takes-the-token").await.await.unwrap();
    let write = begin(&crm, Priority::Prefetch, "first").await;
    let ahead = begin(&crm, Priority::Prefetch, "ahead").await;
    let agent = begin(&crm, Priority::Interactive, "ahead").await;
    for task in [write, ahead, agent] {
        assert!(task.await.unwrap());
    }
    assert_eq!(scripted.calls(), ["fetch takes-the-token", "fetch ahead", "fetch first"]);
}

#[tokio::test(start_paused = true)]
async fn crm_04_who_gives_up_waiting_leaves_the_queue() {
    let scripted = Scripted::new([]).with_rate(1, 60);
    let crm = put(&scripted);
    begin(&crm, Priority::Interactive, "takes-the-token").await.await.unwrap();
    let cx = context(60);
    cx.cancel.cancel();
    let error = crm.apply(&cx, &change("given-up", Fields::new())).await.unwrap_err();
    assert_eq!(error.kind, Kind::Cancelled, "and it is known that nothing was sent");
    assert!(begin(&crm, Priority::Background, "next").await.await.unwrap());
    assert_eq!(scripted.calls(), ["fetch takes-the-token", "apply next"]);
}

#[tokio::test(start_paused = true)]
async fn crm_03_reads_are_repeated_twice_and_not_more() {
    let scripted = Scripted::new([Step::Fail(unavailable()), Step::Fail(unavailable())]);
    put(&scripted).fetch(&context(5), CONTACT, &"1".into()).await.unwrap();
    assert_eq!(scripted.calls().len(), 3);

    let scripted = Scripted::new((0..5).map(|_| Step::Fail(unavailable())));
    let error = put(&scripted).fetch(&context(5), CONTACT, &"1".into()).await.unwrap_err();
    assert_eq!((error.kind, scripted.calls().len()), (Kind::Unavailable { outcome_unknown: false }, 3));
}

#[tokio::test(start_paused = true)]
async fn crm_03_what_will_not_pass_is_not_repeated() {
    for kind in [Kind::Unauthorized, Kind::Forbidden, Kind::NotFound, Kind::Protocol, Kind::Config] {
        let scripted = Scripted::new([Step::Fail(Error::new(kind.clone(), "test", ""))]);
        let error = put(&scripted).fetch(&context(5), CONTACT, &"1".into()).await.unwrap_err();
        assert_eq!((error.kind, scripted.calls().len()), (kind, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_is_never_repeated() {
    for kind in [
        Kind::Unavailable { outcome_unknown: true },
        Kind::TimedOut { outcome_unknown: true },
        Kind::RateLimited,
    ] {
        let scripted = Scripted::new([Step::Fail(Error::new(kind.clone(), "test", ""))]);
        let error = put(&scripted).apply(&context(60), &change("w", Fields::new())).await.unwrap_err();
        assert_eq!((error.kind, scripted.calls().len()), (kind, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn crm_10_a_call_ends_by_its_deadline_whatever_the_connector_does() {
    let started = Instant::now();
    let crm = put(&Scripted::new([Step::Slow(60_000), Step::Slow(60_000)]));
    let error = crm.find(&context(5), CONTACT, &email("a@example.com"), 5).await.unwrap_err();
    assert_eq!(error.kind, Kind::TimedOut { outcome_unknown: false });
    assert_eq!(started.elapsed(), Duration::from_secs(5));
    let error = crm.apply(&context(5), &change("w", Fields::new())).await.unwrap_err();
    assert_eq!(error.kind, Kind::TimedOut { outcome_unknown: true }, "a write may have been carried out");
    assert_eq!(started.elapsed(), Duration::from_secs(10));
}

#[tokio::test(start_paused = true)]
async fn crm_10_a_call_ends_when_its_caller_gives_up() {
    let crm = put(&Scripted::new([Step::Slow(60_000)]));
    let cx = context(30);
    let started = Instant::now();
    let cancel = cx.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        cancel.cancel();
    });
    let error = crm.find(&cx, CONTACT, &email("a@example.com"), 5).await.unwrap_err();
    assert_eq!(error.kind, Kind::Cancelled);
    assert_eq!(started.elapsed(), Duration::from_millis(200));
}

#[tokio::test(start_paused = true)]
async fn crm_08_the_same_look_up_runs_once_at_a_time() {
    let scripted = Scripted::new([Step::Slow(100), Step::Slow(100)]);
    let crm = put(&scripted);
    let (cx, ana, marek) = (context(5), email("ana@example.com"), email("marek@example.com"));
    let find = |by| crm.find(&cx, CONTACT, by, 5);
    let (first, second, other) = tokio::join!(find(&ana), find(&ana), find(&marek));
    assert_eq!(first.unwrap(), second.unwrap());
    other.unwrap();
    assert_eq!(scripted.calls(), ["find ana@example.com", "find marek@example.com"]);
    find(&ana).await.unwrap();
    assert_eq!(scripted.calls().len(), 3, "an answer that has arrived is not kept");
}

#[tokio::test(start_paused = true)]
async fn crm_08_a_shared_look_up_outlives_the_first_who_asked() {
    let scripted = Scripted::new([Step::Slow(500)]);
    let crm = put(&scripted);
    let impatient = context(5);
    let cancel = impatient.cancel.clone();
    let first = {
        let crm = crm.clone();
        tokio::spawn(async move { crm.fetch(&impatient, CONTACT, &"1".into()).await })
    };
    let second = begin(&crm, Priority::Interactive, "1").await;
    cancel.cancel();
    assert_eq!(first.await.unwrap().unwrap_err().kind, Kind::Cancelled);
    assert!(second.await.unwrap());
    assert_eq!(scripted.calls(), ["fetch 1"]);
}

#[tokio::test(start_paused = true)]
async fn crm_08_who_has_more_time_asks_again_when_a_shared_look_up_ran_out_of_it() {
    let scripted = Scripted::new([Step::Slow(3_000), Step::Slow(10)]);
    let crm = put(&scripted);
    let (short, long, id) = (context(1), context(5), "1".into());
    let (hasty, patient) = tokio::join!(crm.fetch(&short, CONTACT, &id), crm.fetch(&long, CONTACT, &id));
    assert_eq!(hasty.unwrap_err().kind, Kind::TimedOut { outcome_unknown: false });
    patient.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_read_after_a_write_does_not_join_one_from_before_it() {
    let scripted = Scripted::new([Step::Slow(500)]);
    let crm = put(&scripted);
    let before = begin(&crm, Priority::Interactive, "1").await;
    crm.apply(&context(5), &change("w", Fields::new())).await.unwrap();
    crm.fetch(&context(5), CONTACT, &"1".into()).await.unwrap();
    assert!(before.await.unwrap());
    assert_eq!(scripted.calls(), ["fetch 1", "apply w", "fetch 1"]);
}

#[tokio::test(start_paused = true)]
async fn fields_are_asked_for_once_in_ten_minutes() {
    let scripted = Scripted::new([Step::Fail(Error::new(Kind::Protocol, "test", "")), Step::Slow(100)]);
    let crm = put(&scripted);
    crm.describe(&context(5), CONTACT).await.unwrap_err();
    let cx = context(5);
    let (first, second) = tokio::join!(crm.describe(&cx, CONTACT), crm.describe(&cx, CONTACT));
    assert_eq!(first.unwrap(), second.unwrap());
    tokio::time::advance(Duration::from_secs(599)).await;
    crm.describe(&context(5), CONTACT).await.unwrap();
    assert_eq!(scripted.calls().len(), 2, "a failure is not remembered, an answer is");
    tokio::time::advance(Duration::from_secs(2)).await;
    crm.describe(&context(5), CONTACT).await.unwrap();
    assert_eq!(scripted.calls().len(), 3);
}

#[derive(Clone, Default)]
struct Written(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn sec_08_the_log_says_what_happened_and_not_about_whom() {
    let written = Written::default();
    let writer = written.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let log = tracing::Dispatch::new(subscriber);
    // With one dispatcher alive, tracing asks the thread that reaches an event first whether anybody listens, and remembers
    // that answer for all threads; with two it asks the dispatchers.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let _guard = tracing::dispatcher::set_default(&log);

    let leaky = Error::new(Kind::Protocol, "test", "ana.silva@example.com is not valid, token=abc123");
    let crm = put(&Scripted::new([Step::Slow(20), Step::Fail(leaky)]));
    crm.find(&context(5), CONTACT, &email("ana.silva@example.com"), 5).await.unwrap();
    crm.search(&context(5), CONTACT, "Persona", 5).await.unwrap_err();

    let log = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("find") && log.contains("count=2") && log.contains("ms=20"), "{log}");
    assert!(log.contains("search") && log.contains("protocol"), "{log}");
    for forbidden in ["ana.silva", "Persona", "abc123"] {
        assert!(!log.contains(forbidden), "{forbidden} in {log}");
    }
}

// PAN-19
#[tokio::test(start_paused = true)]
async fn pan_19_a_listener_hears_how_long_a_call_waited_for_its_turn() {
    let crm = put(&Scripted::new([]).with_rate(1, 60));
    let first = begin(&crm, Priority::Interactive, "takes-the-token").await;
    let listener = timing::Listener::default();
    let asked = Instant::now();
    let cx = context_of(Priority::Interactive, 60);
    timing::heard(listener.clone(), async { crm.fetch(&cx, CONTACT, &"r1".into()).await }).await.unwrap();
    assert!(first.await.unwrap());
    let [call] = listener.calls()[..] else { panic!("one call was made") };
    assert_eq!((call.operation, call.asked), ("fetch", asked));
    let waited = call.turn.expect("it had its turn") - asked;
    assert!(waited > Duration::from_millis(900), "{waited:?}");
    assert!(call.done >= call.turn && call.sent.is_none(), "the script sends nothing");
}

// REL-01
#[tokio::test(start_paused = true)]
async fn rel_01_a_deed_is_done_once_and_looking_at_it_is_repeated() {
    let scripted = Scripted::new([Step::Fail(unavailable()), Step::Fail(unavailable())]);
    let crm = put(&scripted);
    let act = Act::Tag { tag: "T".into(), points: 1 };
    let deed = Deed { record: Some("1".into()), act, key: "key".to_owned() };
    crm.perform(&context(10), &deed).await.unwrap_err();
    let before = crm.sight(&context(10), &deed).await.unwrap();
    assert_eq!(scripted.calls(), ["perform key", "sight key", "sight key"]);
    assert_eq!(crm.reconcile(&context(10), &deed, before).await, Ok(Told::NotDone));
}
