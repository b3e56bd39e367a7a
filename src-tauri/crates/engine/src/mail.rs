//! Mail to whoever is responsible: a draft for the person's own mail program. Nothing is sent from here.

use domain::text::visible;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// Everything but what RFC 3986 calls unreserved.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The most characters of an address. Windows hands on 2,083, and some mail programs lose more than 2,000.
const LONGEST: usize = 1_900;
/// The most of them that a subject may take, so that it leaves room for a text.
const LONGEST_SUBJECT: usize = 600;
/// What stands for what has no place, encoded: an ellipsis on a line of its own.
const MORE: &str = "%0D%0A%E2%80%A6";

/// A draft.
#[derive(Debug)]
pub(crate) struct Draft {
    /// The address that opens it, RFC 6068.
    pub(crate) address: Url,
    /// Whether some of the text has no place in it.
    pub(crate) is_shortened: bool,
}

/// The draft of a mail. What it says comes from outside and is data: whatever stands in it, it adds no header, no recipient
/// and no attachment.
pub(crate) fn draft(to: &str, subject: &str, text: &str) -> Draft {
    // A line end in a subject would begin another header, were it decoded carelessly.
    let subject = visible(subject).split_whitespace().collect::<Vec<_>>().join(" ");
    let subject = beginning(&subject, LONGEST_SUBJECT);
    let to = encoded(&visible(to.trim())).replace("%40", "@");
    let mut address = format!("mailto:{to}?subject={subject}&body=");
    let text = visible(text.trim()).replace('\n', "\r\n");
    let room = LONGEST.saturating_sub(address.len());
    let whole = encoded(&text);
    let is_shortened = whole.len() > room;
    if is_shortened {
        address.push_str(&beginning(&text, room.saturating_sub(MORE.len())));
        address.push_str(MORE);
    } else {
        address.push_str(&whole);
    }
    let address = Url::parse(&address).expect("what stands behind `mailto:` is encoded");
    Draft { address, is_shortened }
}

/// As much of the beginning of `text`, encoded, as has a place in `room`.
fn beginning(text: &str, room: usize) -> String {
    let mut fitted = String::new();
    for character in text.chars() {
        let next = encoded(character.encode_utf8(&mut [0; 4]));
        if fitted.len() + next.len() > room {
            break;
        }
        fitted.push_str(&next);
    }
    fitted
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(draft: &Draft) -> (String, Vec<(String, String)>) {
        let to =
            percent_encoding::percent_decode_str(draft.address.path()).decode_utf8().unwrap().into_owned();
        let pairs = draft.address.query_pairs();
        (to, pairs.map(|(key, value)| (key.into_owned(), value.into_owned())).collect())
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    // JV-07
    #[test]
    fn jv_07_a_draft_says_whom_what_about_and_all_lines() {
        let it = draft(" desk@shop.example ", "Message from Ana", "Ana: olá & 100%\nPlease call\n");
        assert!(!it.is_shortened);
        let expected =
            vec![pair("subject", "Message from Ana"), pair("body", "Ana: olá & 100%\r\nPlease call")];
        assert_eq!(read(&it), ("desk@shop.example".to_owned(), expected));
        let expected = "mailto:desk@shop.example?subject=a%20b&body=c";
        assert_eq!(draft("desk@shop.example", "a b", "c").address.as_str(), expected);
    }

    // SEC-11
    #[test]
    fn sec_11_what_a_visitor_writes_adds_no_header_and_nobody() {
        let it = draft(
            "desk@shop.example",
            "x\r\nBcc: all@evil.example&cc=a@evil.example",
            "y&attach=/etc/passwd&bcc=b@evil.example#z\u{202e}",
        );
        let (to, pairs) = read(&it);
        assert_eq!(to, "desk@shop.example");
        let keys: Vec<_> = pairs.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["subject", "body"]);
        assert!(it.address.fragment().is_none() && !pairs[0].1.contains(['\r', '\n']));
        assert!(pairs[1].1.ends_with("#z\u{fffd}"), "what turns writing round is a mark");
        let odd = draft("a?bcc=b@evil.example", "x", "y");
        assert_eq!(read(&odd).1.len(), 2, "not even through the address: {}", odd.address);
    }

    // JV-07
    #[test]
    fn jv_07_a_text_that_is_too_long_for_an_address_ends_with_a_mark() {
        let it = draft("desk@shop.example", &"s".repeat(700), &"é".repeat(5_000));
        assert!(it.is_shortened && it.address.as_str().len() <= LONGEST);
        let (_, pairs) = read(&it);
        assert_eq!(pairs[0].1.len(), LONGEST_SUBJECT);
        assert!(pairs[1].1.starts_with("éééé") && pairs[1].1.ends_with("é\r\n…"));
    }

    proptest! {
        // SEC-11
        #[test]
        fn sec_11_a_draft_is_never_too_long_and_holds_two_headers(to in ".{0,40}", subject in ".{0,300}", text in "(.|\n){0,3000}") {
            let it = draft(&to, &subject, &text);
            prop_assert!(it.address.as_str().len() <= LONGEST, "{}", it.address.as_str().len());
            prop_assert_eq!(it.address.scheme(), "mailto");
            prop_assert_eq!(read(&it).1.len(), 2);
        }
    }
}
