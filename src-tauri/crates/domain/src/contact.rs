//! A record of a CRM, as it was read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{FieldKey, ObjectKind, RecordId, Value};

/// Field values by key. A key that is absent was not read; a field that was read and holds nothing is `Value::Empty`.
pub type Fields = BTreeMap<FieldKey, Value>;

/// What a CRM uses to tell whether a record changed: an ETag, a version number, a time stamp. Compared as text, never re-formatted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub String);

/// A record of a CRM. Has no `Debug`: it holds personal data and must not end up in a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The CRM's id of it.
    pub id: RecordId,
    /// Which object it is.
    pub object: ObjectKind,
    /// How the CRM names it; empty when it has no name.
    pub name: String,
    /// What tells whether it changed, where the CRM has such a thing.
    pub version: Option<Version>,
    /// When it was last changed, in milliseconds since 1970, where the CRM says so.
    pub changed_at: Option<i64>,
    /// Its values.
    pub fields: Fields,
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contact")
            .field("object", &self.object)
            .field("fields", &self.fields.len())
            .finish_non_exhaustive()
    }
}

impl Contact {
    /// The value of `key`; `Value::Empty` when it was not read.
    pub fn value(&self, key: &FieldKey) -> &Value {
        self.fields.get(key).unwrap_or(&Value::Empty)
    }
}
