//! What the crash test (`cargo xtask faults`) asks of the engine: to be stopped at named points, to wait less, and to be broken
//! on purpose, so that the test is seen to fail.
//!
//! The program makes its engine with [`Engine::new`](crate::Engine::new) and never comes here: no setting, no argument and no
//! variable of the environment leads to it. Without an experiment a point is one look at an empty `Option`.

use std::{fmt, num::NonZeroU32, sync::Arc, time::Duration};

use connectors::capability::Rate;
use ipc::panel::SaveReply;
use store::{NewWrite, Store};

use crate::{crm::Crm, engine::Inner, memory::logged, outbox::order::Order};

macro_rules! points {
    ($($(#[$doc:meta])* $point:ident = $name:literal,)+) => {
        /// A moment at which a crash leaves something else than a moment before.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CrashPoint {
            $($(#[$doc])* $point,)+
        }

        impl CrashPoint {
            /// Every point.
            pub const ALL: &[Self] = &[$(Self::$point,)+];

            /// Its name.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$point => $name,)+
                }
            }
        }
    };
}

points! {
    /// Something happened in a chat, and nothing of it is on the disk.
    MomentHeard = "moment heard",
    /// The moment is on the disk, and its event is not noted as heard.
    MomentKept = "moment kept",
    /// It is decided what a moment comes to, and nothing of that is on the disk.
    Decided = "decided",
    /// The effects are in the outbox, and the decision is not kept.
    EffectsKept = "effects kept",
    /// The decision is kept, and the moment is not done.
    DecisionKept = "decision kept",
    /// The agent's order is on the disk, and nothing is sent.
    OrderKept = "order kept",
    /// The worker has taken a row, and nothing is sent.
    Claimed = "claimed",
    /// A change is about to be sent.
    BeforeWrite = "before write",
    /// A change was answered, and its row does not say so.
    Written = "written",
    /// What the CRM shows before a deed is known, and not on the disk.
    Seen = "seen",
    /// It is on the disk, and the deed is not sent.
    SightKept = "sight kept",
    /// The deed was answered, and its row does not say so.
    Performed = "performed",
    /// Reading back has told whether a deed was done, and nothing follows from it yet.
    ReadBack = "read back",
    /// An attempt is over, and its row does not say so.
    BeforeSettle = "before settle",
    /// The row says what the attempt came to.
    Settled = "settled",
    /// What an earlier run left is taken over.
    TakenOver = "taken over",
}

/// A way of breaking the product that the crash test must find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// The same effect may be in the outbox twice.
    NoDedupe,
    /// The agent is told that a write is kept before it is.
    NoSync,
    /// What may have arrived is sent again without reading back.
    NoReconcile,
}

/// How many times shorter than usual everything waits, and how many times more calls than the vendors' limits are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace(NonZeroU32);

impl Default for Pace {
    fn default() -> Self {
        Self(NonZeroU32::MIN)
    }
}

impl Pace {
    /// `times` shorter.
    pub fn shortened(times: NonZeroU32) -> Self {
        Self(times)
    }

    pub(crate) fn of(self, usual: Duration) -> Duration {
        usual / self.0.get()
    }

    pub(crate) fn rate(self, usual: Rate) -> Rate {
        let more = |calls: u32| calls.saturating_mul(self.0.get());
        Rate { burst: more(usual.burst), per_minute: more(usual.per_minute) }
    }
}

/// Is called at each point, from the thread that is there; it may keep that thread for ever.
pub type AtPoint = Box<dyn Fn(CrashPoint) + Send + Sync>;

/// What is otherwise than usual.
#[derive(Default)]
pub struct Experiment {
    /// How long things wait.
    pub pace: Pace,
    /// Who is told of the points.
    pub at_point: Option<AtPoint>,
    /// What is broken.
    pub sabotage: Option<Sabotage>,
}

impl Experiment {
    pub(crate) fn reached(&self, point: CrashPoint) {
        if let Some(tell) = &self.at_point {
            tell(point);
        }
    }

    pub(crate) fn breaks(&self, sabotage: Sabotage) -> bool {
        self.sabotage == Some(sabotage)
    }
}

impl fmt::Debug for Experiment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Experiment")
            .field("pace", &self.pace)
            .field("sabotage", &self.sabotage)
            .finish_non_exhaustive()
    }
}

/// How the product is broken.
impl Inner {
    /// [`Sabotage::NoSync`]: says that an order is kept, and keeps it a little later.
    pub(crate) fn promise(self: &Arc<Self>, crm: &Arc<Crm>, order: Order) -> SaveReply {
        let (engine, crm) = (self.clone(), crm.clone());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let row = order.row(&crm, engine.outside.clock.now()).ok();
            if let (Some(store), Some(row)) = (engine.memory.store().await, row) {
                logged(store.outbox().enqueue(vec![row]).await);
                engine.more_to_send.notify_one();
            }
        });
        SaveReply::Waiting { error: None }
    }

    /// [`Sabotage::NoDedupe`]: keeps what the outbox knows already under another key.
    pub(crate) async fn keep_twice(&self, store: &Store, rows: Vec<NewWrite>) {
        for row in rows {
            if logged(store.outbox().find(&row.key).await).flatten().is_some() {
                let again = NewWrite { key: uuid::Uuid::new_v4().to_string(), ..row };
                logged(store.outbox().enqueue(vec![again]).await);
            }
        }
    }
}
