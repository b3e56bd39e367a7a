//! The form in which SALESmanago stores tags: capitals without accents; what is not allowed becomes an underscore. Source:
//! the vendor's help on adding a tag to a contact.

use domain::text::unaccented;

/// `tag` as it is stored. A comma would make two tags of one, so it becomes an underscore too.
pub(super) fn stored(tag: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-([{)]}_".contains(c);
    unaccented(tag.trim()).to_uppercase().chars().map(|c| if allowed(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // SM-11
    #[test]
    fn sm_11_a_tag_has_the_form_that_the_crm_stores() {
        for (typed, expected) in [
            ("LIVECHAT_INC", "LIVECHAT_INC"),
            (" livechat inc ", "LIVECHAT_INC"),
            ("Zażółć gęślą jaźń", "ZAZOLC_GESLA_JAZN"),
            ("São-Paulo [1](2){3}", "SAO-PAULO_[1](2){3}"),
            ("a,b!#$&*\"'", "A_B_______"),
            ("Straße", "STRASSE"),
        ] {
            assert_eq!(stored(typed), expected);
            assert_eq!(stored(expected), expected, "the form is stable");
        }
    }
}
