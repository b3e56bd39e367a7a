//! Finding a visitor in one CRM: remembered record, then the rules in order, each answer verified.

use connectors::{CallContext, Error, Kind, Result};
use domain::{
    ChatFields, Contact, Evidence, ObjectKind, RecordId,
    rules::{self, Choice, Criterion, Decision, Skip},
};
use ipc::panel::{MatchedBy, RuleOutcome};

use crate::{crm::Crm, memory::Recalled, state::RuleProgress};

/// The most records of one answer that are looked at.
const MOST: u16 = 20;

/// What a look-up came to.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    One {
        contact: Box<Contact>,
        by: MatchedBy,
        evidence: Evidence,
        /// The record that was asked for, when the CRM had merged it into this one.
        instead_of: Option<RecordId>,
    },
    Several {
        rule: String,
        value: String,
        candidates: Vec<Contact>,
    },
    Nobody,
    NothingToLookBy,
    NeverMatch {
        value: String,
    },
}

/// A record that is known without asking the rules: linked, picked or created here.
#[derive(Clone, Debug)]
pub(crate) struct Remembered {
    pub(crate) record: RecordId,
    pub(crate) by: MatchedBy,
    pub(crate) evidence: Evidence,
}

/// Every rule with what can be said before anything is asked.
pub(crate) fn plan(crm: &Crm, fields: &ChatFields) -> (Vec<Decision>, Vec<RuleProgress>) {
    let decisions = rules::decide(&crm.rules, fields);
    let progress = decisions
        .iter()
        .map(|decision| {
            let (place, outcome) = match decision {
                Decision::Lookup(lookup) => (lookup.rule, RuleOutcome::Waiting),
                Decision::Skipped { rule, reason } => (*rule, RuleOutcome::Skipped(reason.clone())),
            };
            let rule = &crm.rules.rules[place];
            let values: Vec<_> =
                rule.pairs.iter().filter_map(|pair| fields.value(&pair.chat_field)).collect();
            RuleProgress {
                name: rule.name.clone(),
                value: (!values.is_empty()).then(|| domain::text::visible(&values.join(" + "))),
                crm_fields: rule.pairs.iter().map(|pair| pair.crm_field.clone()).collect(),
                outcome,
            }
        })
        .collect();
    (decisions, progress)
}

/// Looks in the CRM for the visitor whose chat knows `fields`, and tells through `progress` what became of each rule.
/// The record that a rule found for this visitor before counts when no rule has anything to ask by.
pub(crate) async fn identify(
    cx: &CallContext,
    crm: &Crm,
    fields: &ChatFields,
    Recalled { known, seen }: Recalled,
    mut progress: impl FnMut(Vec<RuleProgress>) + Send,
) -> Result<Found> {
    let (decisions, mut rules) = plan(crm, fields);
    progress(rules.clone());
    for known in known {
        if let Some(found) = fetch_known(cx, crm, known).await? {
            close(&mut rules, 0);
            progress(rules);
            return Ok(found);
        }
    }
    for (place, decision) in decisions.iter().enumerate() {
        let Decision::Lookup(lookup) = decision else { continue };
        rules[place].outcome = RuleOutcome::Looking;
        progress(rules.clone());
        let contacts = match find(cx, crm, &lookup.criteria).await {
            Ok(contacts) => contacts,
            Err(error) => {
                rules[place].outcome = RuleOutcome::Failed;
                progress(rules);
                return Err(error);
            }
        };
        let name = rules[place].name.clone();
        let found = match rules::choose(contacts, crm.rules.on_several) {
            Choice::Nobody => None,
            Choice::One(contact) => Some(Found::One {
                contact: Box::new(contact),
                by: MatchedBy::Rule { name },
                evidence: lookup.evidence,
                instead_of: None,
            }),
            Choice::Several(candidates) => {
                let value = rules[place].value.clone().unwrap_or_default();
                Some(Found::Several { rule: name, value, candidates })
            }
        };
        rules[place].outcome = match &found {
            None => RuleOutcome::Nobody,
            Some(Found::Several { candidates, .. }) => {
                RuleOutcome::Several { count: u32::try_from(candidates.len()).unwrap_or(u32::MAX) }
            }
            Some(_) => RuleOutcome::Matched,
        };
        if let Some(found) = found {
            close(&mut rules, place + 1);
            progress(rules);
            return Ok(found);
        }
        progress(rules.clone());
    }
    match (nobody(&rules), seen) {
        (Found::NothingToLookBy, Some(record)) => {
            let known = Remembered { record, by: MatchedBy::Browser, evidence: Evidence::PlatformId };
            Ok(fetch_known(cx, crm, known).await?.unwrap_or(Found::NothingToLookBy))
        }
        (nobody, _) => Ok(nobody),
    }
}

/// A remembered record as it is now, or the one that the CRM merged it into; none when it is gone.
async fn fetch_known(cx: &CallContext, crm: &Crm, known: Remembered) -> Result<Option<Found>> {
    match crm.connector.fetch(cx, ObjectKind::Contact, &known.record).await {
        Ok(contact) => {
            let instead_of = (contact.id != known.record).then_some(known.record);
            let (by, evidence) = (known.by, known.evidence);
            Ok(Some(Found::One { contact: Box::new(contact), by, evidence, instead_of }))
        }
        Err(Error { kind: Kind::NotFound, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The records in which all criteria hold. A CRM may answer with near matches: each is checked again here.
pub(crate) async fn find(cx: &CallContext, crm: &Crm, criteria: &[Criterion]) -> Result<Vec<Contact>> {
    let mut contacts = crm.connector.find(cx, ObjectKind::Contact, criteria, MOST).await?;
    contacts.retain(|contact| rules::verify(criteria, contact, crm.region()));
    Ok(contacts)
}

/// Marks the rules from `place` on as not needed.
fn close(rules: &mut [RuleProgress], place: usize) {
    for rule in rules.iter_mut().skip(place).filter(|rule| rule.outcome == RuleOutcome::Waiting) {
        rule.outcome = RuleOutcome::NotNeeded;
    }
}

/// What it means that no rule found anybody.
fn nobody(rules: &[RuleProgress]) -> Found {
    let asked = rules.iter().any(|rule| rule.skipped().is_none());
    if asked {
        return Found::Nobody;
    }
    let never = rules.iter().find(|rule| matches!(rule.skipped(), Some(Skip::NeverMatch { .. })));
    match never {
        Some(rule) => Found::NeverMatch { value: rule.value.clone().unwrap_or_default() },
        None => Found::NothingToLookBy,
    }
}
