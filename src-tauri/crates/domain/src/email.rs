//! The normal form of e-mail addresses, for comparison only.
//!
//! Letters are lower-cased, not case-folded: folding would make `straße` and `strasse`, which are two people, one.

use email_address::{EmailAddress, Options};

use crate::text::{self, caseless};

/// What counts as an address: a bare `local@domain.tld`, without a name in front and without a literal IP address.
const PLAIN: Options =
    Options { minimum_sub_domains: 2, allow_domain_literal: false, allow_display_text: false };

/// The form in which two spellings of one address are equal: trimmed, NFC, simple lower case, IDNA domain. `None` when
/// `text` is no address.
pub fn normal(text: &str) -> Option<String> {
    let (local, domain) = split(text)?;
    Some(format!("{local}@{domain}"))
}

/// The domain of an address in its IDNA form.
pub fn domain(text: &str) -> Option<String> {
    split(text).map(|(_, domain)| domain)
}

/// The IDNA form of a bare domain, which may be written `@example.com`, `.example.com` or `*.example.com`. `None` when
/// it is no domain.
pub fn domain_name(text: &str) -> Option<String> {
    let bare = text.trim().trim_start_matches(['@', '*', '.']);
    let ascii = ascii_domain(&caseless(bare))?;
    EmailAddress::parse_with_options(&format!("x@{ascii}"), PLAIN).ok().map(|_| ascii)
}

/// The spellings under which a CRM that compares exactly may hold the address, likeliest first; begins with `text` as it
/// is, trimmed.
pub fn spellings(text: &str) -> Vec<String> {
    candidates(text).unwrap_or_else(|| vec![text.trim().to_owned()])
}

/// The same; `None` when `text` is no address.
pub(crate) fn candidates(text: &str) -> Option<Vec<String>> {
    let (local, ascii) = split(text)?;
    let (unicode, decoded) = idna::domain_to_unicode(&ascii);
    let mut list = vec![text.trim().to_owned(), format!("{local}@{ascii}")];
    if decoded.is_ok() {
        list.push(format!("{local}@{unicode}"));
    }
    Some(text::distinct(list))
}

/// The normal local part and domain.
fn split(text: &str) -> Option<(String, String)> {
    let lowered = caseless(text);
    EmailAddress::parse_with_options(&lowered, PLAIN).ok()?;
    let (local, domain) = lowered.rsplit_once('@')?;
    Some((local.to_owned(), ascii_domain(domain)?))
}

fn ascii_domain(domain: &str) -> Option<String> {
    idna::domain_to_ascii(domain).ok().filter(|ascii| !ascii.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // IDN-09
    #[test]
    fn idn_09_spellings_of_one_address_meet() {
        for other in
            ["  ANA@MÜNCHEN.DE ", "ana@mu\u{308}nchen.de", "ana@xn--mnchen-3ya.de", "Ana@München.de\n"]
        {
            assert_eq!(normal(other), normal("ana@münchen.de"), "{other}");
        }
        assert_eq!(normal("Jose\u{301}@example.com"), normal("JOSÉ@example.com"));
        assert_eq!(domain("x@MÜNCHEN.de").as_deref(), Some("xn--mnchen-3ya.de"));
    }

    // IDN-09
    #[test]
    fn idn_09_lower_case_is_not_case_folding() {
        assert_ne!(normal("straße@example.com"), normal("strasse@example.com"));
        assert_ne!(normal("a@straße.de"), normal("a@strasse.de"));
    }

    #[test]
    fn what_is_no_address_has_no_normal_form() {
        for text in [
            "",
            "ana",
            "ana@",
            "@example.com",
            "ana@host",
            "Ana <ana@example.com>",
            "a b@example.com",
            "a@[127.0.0.1]",
            "ana@example.com, bo@example.com",
            "a@exa_mple..com",
        ] {
            assert_eq!(normal(text), None, "{text}");
        }
    }

    #[test]
    fn domains_are_read_in_every_usual_spelling() {
        for text in ["example.com", "@Example.com", "*.example.com", " .EXAMPLE.com"] {
            assert_eq!(domain_name(text).as_deref(), Some("example.com"), "{text}");
        }
        assert_eq!(domain_name("no domain"), None);
        assert_eq!(domain_name(""), None);
    }

    #[test]
    fn spellings_begin_with_the_visitors_own() {
        let list = spellings(" Ana@München.de ");
        assert_eq!(list, ["Ana@München.de", "ana@xn--mnchen-3ya.de", "ana@münchen.de"]);
    }

    proptest! {
        #[test]
        fn the_normal_form_is_its_own_normal_form(text in "[a-zA-ZßİΣé.+]{1,12}@[a-zA-Zäß]{1,8}\\.(com|DE|рф)") {
            if let Some(form) = normal(&text) {
                prop_assert_eq!(normal(&form), Some(form));
            }
        }

        #[test]
        fn nothing_panics(text in ".*") {
            normal(&text);
            domain_name(&text);
            spellings(&text);
        }
    }
}
