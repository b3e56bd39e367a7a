//! How records and people are named across the tables.

use std::{collections::BTreeMap, fmt};

use domain::{ConnectionId, ObjectKind, RecordId};
use serde::{Deserialize, Serialize};

use crate::vault::{Mark, Vault};

/// The name of an object in marks and columns.
pub(crate) fn object_name(object: ObjectKind) -> &'static str {
    match object {
        ObjectKind::Contact => "contact",
        ObjectKind::Account => "account",
        ObjectKind::Case => "case",
    }
}

/// A record of a CRM, named completely.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RecordKey {
    /// The CRM connection.
    pub crm: ConnectionId,
    /// Which object.
    pub object: ObjectKind,
    /// The CRM's id.
    pub id: RecordId,
}

impl RecordKey {
    /// The person `id` of `crm`.
    pub fn contact(crm: &ConnectionId, id: &RecordId) -> Self {
        Self { crm: crm.clone(), object: ObjectKind::Contact, id: id.clone() }
    }

    /// The mark under which every table knows the record.
    pub(crate) fn mark(&self, vault: &Vault) -> Mark {
        vault.mark("record", &[self.crm.as_str(), object_name(self.object), self.id.as_str()])
    }
}

impl fmt::Debug for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordKey")
            .field("crm", &self.crm)
            .field("object", &self.object)
            .finish_non_exhaustive()
    }
}

/// A value that identifies somebody: the field it is in, and its normal form (`domain::email::normal`,
/// `domain::phone::e164`, else trimmed). Two spellings of one value must come in as the same text.
#[derive(Clone, PartialEq, Eq)]
pub struct Identifier {
    /// A CRM field (ledger) or a chat field (links), by its full name.
    pub field: String,
    /// The normal form.
    pub normal: String,
}

impl Identifier {
    /// The value `normal` of `field`.
    pub fn new(field: impl fmt::Display, normal: impl Into<String>) -> Self {
        Self { field: field.to_string(), normal: normal.into() }
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identifier").field("field", &self.field).finish_non_exhaustive()
    }
}

/// The keyed fingerprint of a visitor's identifying values, one per field. It can be compared and not be read back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Identity(pub(crate) BTreeMap<String, String>);

impl Identity {
    /// Whether no field that both know differs. Equal (`==`) is stricter: the same fields with the same values.
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.0.iter().all(|(field, mark)| other.0.get(field).is_none_or(|theirs| theirs == mark))
    }
}

/// `Debug` for types that hold personal data: the name alone.
macro_rules! masked {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}
pub(crate) use masked;
