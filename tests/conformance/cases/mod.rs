//! The cases. Each is a sentence about what every connector does, with the requirements that it proves.

mod access;
mod conflicts;
mod faults;
mod finding;
mod further;
mod records;
mod values;

use std::{future::Future, pin::Pin};

use anyhow::Result;

use crate::bench::Fixture;

/// How a case ends when it does not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It holds.
    Pass,
    /// The connector declares that it cannot do this, and answers accordingly.
    Unsupported,
}

type Running<'a> = Pin<Box<dyn Future<Output = Result<Verdict>> + 'a>>;

/// A case.
pub(crate) struct Case {
    /// The requirements it proves, and the sentence.
    pub(crate) name: &'static str,
    /// Runs it.
    pub(crate) run: for<'a> fn(&'a dyn Fixture) -> Running<'a>,
}

macro_rules! cases {
    ($($module:ident::$name:ident,)*) => {
        /// All cases.
        pub(crate) const CASES: &[Case] =
            &[$(Case { name: stringify!($name), run: |fixture| Box::pin($module::$name(fixture)) },)*];
    };
}

cases! {
    finding::crm_02_idn_05_found_by_each_field_that_is_called_searchable,
    finding::idn_05_near_matches_are_rejected,
    finding::idn_05_all_criteria_hold_together,
    finding::crm_02_a_phone_number_is_found_in_another_spelling,
    finding::crm_02_several_are_all_found,
    finding::crm_02_nobody_is_an_empty_answer,
    finding::crm_02_found_by_hand_as_declared,
    records::crm_02_a_record_is_read_as_it_is_stored,
    records::crm_03_a_missing_record_is_not_found,
    records::pan_22_a_record_deleted_meanwhile_is_gone_and_stays_gone,
    records::crm_02_a_created_record_is_stored_and_found_at_once,
    records::pan_09_a_duplicate_names_the_existing_record,
    records::crm_07_an_update_of_one_field_leaves_the_others,
    records::crm_07_a_cleared_field_is_empty_and_the_others_stay,
    records::crm_02_the_schema_describes_what_is_read_and_written,
    records::crm_02_a_record_has_its_page,
    records::rel_01_reading_back_tells_whether_a_deed_was_done,
    records::pan_17_what_belongs_to_a_record_is_read_as_declared,
    further::str_14_records_are_offered_as_declared,
    further::str_14_a_record_is_made_once_and_says_what_was_sent,
    further::rel_01_a_record_whose_answer_was_lost_is_read_back_and_not_doubled,
    further::jv_05_a_record_is_given_to_the_user_of_that_login_and_else_to_the_default,
    further::crm_09_a_record_that_is_too_long_is_refused_and_not_cut,
    conflicts::pan_07_a_change_elsewhere_to_the_same_field_is_a_conflict,
    conflicts::pan_07_a_change_elsewhere_to_another_field_is_not_lost,
    conflicts::pan_07_a_change_between_our_look_and_our_write_is_a_conflict,
    values::crm_11_a_value_that_the_crm_changes_is_named,
    values::crm_03_a_refused_value_is_told_at_its_field,
    values::crm_09_a_text_that_is_too_long_is_said_before_it_is_sent,
    values::crm_02_odd_text_survives_and_is_found,
    access::crm_03_a_wrong_credential_is_refused_once_and_not_tried_again,
    access::crm_03_an_expired_session_is_renewed_without_a_word,
    access::crm_03_another_product_is_told_apart_from_a_refusal,
    faults::crm_04_a_rate_limit_with_a_hint_says_until_when,
    faults::crm_04_a_rate_limit_without_a_hint_backs_off,
    faults::crm_03_a_failing_server_is_unavailable,
    faults::crm_03_a_slow_answer_ends_at_the_deadline,
    faults::crm_03_a_connection_cut_before_the_write_changes_nothing,
    faults::crm_03_a_connection_cut_after_the_write_leaves_the_outcome_unknown,
    faults::crm_03_a_page_in_place_of_an_answer_is_not_understood_and_not_quoted,
    faults::crm_03_half_an_answer_is_none,
}
