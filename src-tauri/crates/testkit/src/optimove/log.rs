//! What was asked of the simulator, without values; and what came of writes, which the real service tells by callback.

/// The functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// The attributes of a customer.
    Attributes,
    /// Writing attributes.
    Update,
    /// Making a customer.
    Upsert,
    /// The list of attributes.
    List,
    /// The day of the last load.
    LastUpdate,
    /// None of these.
    Unknown,
}

/// Something that was accepted, in the order in which it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The customer.
    pub customer: String,
    /// The attribute.
    pub attribute: String,
    /// What it will hold.
    pub value: Option<String>,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Which function.
    pub function: Function,
    /// About which customer.
    pub customer: String,
    /// The attributes that were to be written, in order.
    pub attributes: Vec<String>,
    /// The status that was answered.
    pub status: u16,
}

/// What came of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The id of the request.
    pub request: String,
    /// Why something of it was not done.
    pub failures: Vec<Failure>,
}

/// Why something of a write was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// 1 to 4.
    pub number: u8,
    /// Whose attribute.
    pub customer: String,
    /// Which attribute.
    pub attribute: Option<String>,
}

impl Failure {
    /// The name of the error.
    pub fn name(&self) -> &'static str {
        match self.number {
            1 => "INVALID_CUSTOMER",
            2 => "INVALID_FIELD",
            3 => "INVALID_VALUE",
            _ => "UPDATE_FIELD_TEMPORARY_UNAVAILABLE",
        }
    }
}
