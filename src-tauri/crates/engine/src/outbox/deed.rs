//! Doing what cannot be repeated, once: a point on a tag, an event, a record beside a contact.
//!
//! Before it is sent, what the CRM shows is put on the disk; when the outcome is not known, what the CRM shows then is
//! compared with it. Where that cannot decide, because somebody else wrote in between, a person does.
//!
//! | where the program stops | what is left | what happens |
//! |---|---|---|
//! | before what the CRM shows is on the disk | a doubtful row without it | nothing was sent: it begins anew |
//! | after that, before it is sent | a doubtful row with it | the CRM shows the same: it is sent |
//! | after it was sent, before the row says so | the same | the CRM shows one more: it is done |
//!
//! A row that another copy of the store may have sent has nothing to compare with: it is sent only where the CRM shows nothing
//! like it.

use std::{sync::Arc, time::Duration};

use connectors::{Deed, Error, Kind, Told};
use domain::{
    RecordId,
    strategies::{Action, Whose},
};
use ipc::{ErrorCode, panel::SaveReply};
use store::{Store, WriteStage};

use super::{
    attempt::{Attempt, LIMIT, Manner, OutboxRow, unclear},
    order::{Order, What},
    schedule::Verdict,
};
use crate::{crm::Crm, engine::Inner, experiment::CrashPoint, fault, look::uncancelled, memory::logged};

impl Inner {
    /// Does the deed of `order`, or finds out whether it was done.
    pub(super) async fn do_deed(
        self: &Arc<Self>,
        crm: &Arc<Crm>,
        order: &mut Order,
        row: OutboxRow<'_>,
        manner: Manner,
    ) -> Attempt {
        let What::Deed { action, seen } = &order.what else { return self.lost(crm) };
        let (action, seen) = (action.clone(), *seen);
        let record = match self.whose(row.store, &action).await {
            Ok(record) => record,
            Err(verdict) => return waits_for_contact(crm, verdict),
        };
        let Some(key) = order.effect.clone() else { return self.lost(crm) };
        let Some(deed) = Deed::of(&action, record.as_ref(), key.to_string()) else { return self.lost(crm) };
        let cx = self.outside.call(manner.priority, LIMIT, uncancelled());
        if let (true, false, Some((before, at))) = (manner.doubtful, order.despite_doubt, seen) {
            if let Some(least) = self.still_under_way(at) {
                return unclear(crm, Verdict::Later { least, slow: false, doubtful: true });
            }
            let told = crm.connector.reconcile(&cx, &deed, before).await;
            self.reached(CrashPoint::ReadBack);
            match told {
                Ok(Told::Done) => return Attempt::silently_done(),
                Ok(Told::NotDone) => {}
                Ok(Told::Unclear(_)) => return unclear(crm, Verdict::Person { doubtful: true }),
                Err(error) => return self.still_doubtful(crm, order, &error),
            }
        }
        let before = match crm.connector.sight(&cx, &deed).await {
            Ok(before) => before,
            Err(error) => return self.failed(crm, &order.chat, &error),
        };
        if manner.copied && !order.despite_doubt && seen.is_none() {
            // What the CRM showed before another copy of the store may have sent it, nobody knows.
            match deed.told_without_before(before) {
                Told::Done => return Attempt::silently_done(),
                Told::NotDone => {}
                Told::Unclear(_) => return unclear(crm, Verdict::Person { doubtful: true }),
            }
        }
        self.reached(CrashPoint::Seen);
        order.what = What::Deed { action, seen: Some((before, self.now())) };
        let kept = match order.kept() {
            Ok(body) => logged(row.store.outbox().amend(row.number, body).await),
            Err(_) => None,
        };
        if kept.is_none() {
            // Sent now, nobody could tell later whether it was.
            return Attempt::not_kept(crm);
        }
        self.reached(CrashPoint::SightKept);
        let result = crm.connector.perform(&cx, &deed).await;
        self.reached(CrashPoint::Performed);
        self.audit_deed(crm, &deed, &result).await;
        match result {
            Ok(()) => {
                self.relate_again(&order.chat, &crm.id);
                Attempt::silently_done()
            }
            Err(error) => self.failed(crm, &order.chat, &error),
        }
    }

    /// The contact that a deed is done to, where it is done to one. One that was to be created is known once it is.
    async fn whose(&self, store: &Store, action: &Action) -> Result<Option<RecordId>, Verdict> {
        let of = match action {
            Action::Tag { of, .. } | Action::Event { of, .. } | Action::Record { of: Some(of), .. } => of,
            Action::Record { of: None, .. } => return Ok(None),
            _ => return Err(Verdict::Person { doubtful: false }),
        };
        let key = match of {
            Whose::Record(record) => return Ok(Some(record.clone())),
            Whose::CreatedBy(key) => key,
        };
        let creation = logged(store.outbox().find(&key.to_string()).await).flatten();
        let later = Verdict::Later { least: Duration::ZERO, slow: false, doubtful: false };
        let Some(row) = creation else { return Err(Verdict::Person { doubtful: false }) };
        match row.stage {
            WriteStage::Done => {
                let made = Order::read(row.body).and_then(|order| order.made);
                made.map(Some).ok_or(Verdict::Person { doubtful: false })
            }
            // Given up: there is no contact to do it to.
            WriteStage::Discarded => Err(Verdict::Person { doubtful: false }),
            _ => Err(later),
        }
    }

    /// Reading back did not work either: what was not known stays so.
    fn still_doubtful(&self, crm: &Crm, order: &Order, error: &Error) -> Attempt {
        let failed = self.failed(crm, &order.chat, error);
        let verdict = match failed.verdict {
            Verdict::Later { least, slow, .. } => Verdict::Later { least, slow, doubtful: true },
            _ => Verdict::Person { doubtful: true },
        };
        Attempt { verdict, ..failed }
    }

    /// A row that says nothing that can be done.
    fn lost(&self, crm: &Crm) -> Attempt {
        let error = fault::view(&Error::new(Kind::Unsupported, "perform", ""), &crm.name, self.now());
        Attempt::new(SaveReply::Failed { error }, Verdict::Person { doubtful: false })
    }
}

fn waits_for_contact(crm: &Crm, verdict: Verdict) -> Attempt {
    Attempt::new(SaveReply::Failed { error: fault::plain(ErrorCode::NotFound, &crm.name) }, verdict)
}
