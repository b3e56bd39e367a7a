//! Text from outside: it is data, wherever it is shown.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Replaces control characters and characters that change the direction of writing by a visible mark (U+FFFD); line
/// breaks and tabs stay.
pub fn visible(text: &str) -> String {
    text.replace("\r\n", "\n").chars().map(|c| if is_deceptive(c) { '\u{FFFD}' } else { c }).collect()
}

/// Whether `c` acts on its surroundings in place of being seen.
fn is_deceptive(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{206F}' | '\u{200E}' | '\u{200F}' | '\u{061C}' => true,
        c => c.is_control(),
    }
}

/// The form in which two texts are equal without regard to letter case: trimmed, NFC, simple lower case.
pub fn caseless(text: &str) -> String {
    let text = text.trim();
    // ASCII is in NFC as it stands, and most of what is compared is ASCII.
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // Lower-casing can take a text out of NFC (`İ` becomes two characters), hence the second pass.
    text.nfc().collect::<String>().to_lowercase().nfc().collect()
}

/// `text` with plain letters in place of those with accents.
pub fn unaccented(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.nfd().filter(|c| !is_combining_mark(*c)) {
        // These are letters of their own and have no parts.
        match c {
            'ł' => plain.push('l'),
            'Ł' => plain.push('L'),
            'ø' => plain.push('o'),
            'Ø' => plain.push('O'),
            'đ' => plain.push('d'),
            'Đ' => plain.push('D'),
            'ı' => plain.push('i'),
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            'Æ' => plain.push_str("AE"),
            'œ' => plain.push_str("oe"),
            'Œ' => plain.push_str("OE"),
            c => plain.push(c),
        }
    }
    plain
}

/// The decimal digits of `text` in ASCII, whatever script they are written in. Leading zeros stay.
pub fn digits(text: &str) -> String {
    text.chars().filter_map(digit).collect()
}

/// The zeros of the other scripts whose digits people type; the other nine follow each.
const ZEROS: [u32; 5] = [0x0660, 0x06F0, 0x0966, 0x09E6, 0xFF10];

/// The ASCII digit that `c` stands for.
pub(crate) fn digit(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    let code = u32::from(c);
    let zero = ZEROS.into_iter().find(|zero| (*zero..zero + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
}

/// The list without repetitions, in its order.
pub(crate) fn distinct(list: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(list.len());
    for text in list {
        if !kept.contains(&text) {
            kept.push(text);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn letters_lose_their_accents_and_nothing_else() {
        assert_eq!(unaccented("Zażółć gęślą jaźń"), "Zazolc gesla jazn");
        assert_eq!(unaccented("Straße São-Paulo Ærø Ł1_"), "Strasse Sao-Paulo AEro L1_");
        assert_eq!(unaccented("日本 אב"), "日本 אב");
    }

    // SEC-11
    #[test]
    fn sec_11_control_and_direction_characters_become_marks() {
        assert_eq!(visible("a\u{202E}gpj.exe\u{0}\u{7}"), "a\u{FFFD}gpj.exe\u{FFFD}\u{FFFD}");
        assert_eq!(
            visible("\u{2066}x\u{2069}\u{200F}\u{61C}\u{9b}"),
            "\u{FFFD}x\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"
        );
        assert_eq!(visible("one\r\ntwo\tthree\rfour"), "one\ntwo\tthree\u{FFFD}four");
    }

    // SEC-11
    #[test]
    fn sec_11_every_direction_character_of_unicode_is_shown() {
        // The characters with the property Bidi_Control.
        let controls =
            "\u{61C}\u{200E}\u{200F}\u{202A}\u{202B}\u{202C}\u{202D}\u{202E}\u{2066}\u{2067}\u{2068}\u{2069}";
        assert_eq!(visible(controls), "\u{FFFD}".repeat(12));
    }

    #[test]
    fn scripts_and_joined_emoji_stay_as_they_are() {
        for text in ["שלום", "می‌خواهم", "👩‍👧", "日本語", "e\u{301}"] {
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn digits_of_every_script_are_one() {
        assert_eq!(digits("No. 00-42"), "0042");
        assert_eq!(digits("٠٠٤٢"), "0042");
        assert_eq!(digits("００４２"), "0042");
        assert_eq!(digits("none"), "");
    }

    proptest! {
        // SEC-11
        #[test]
        fn sec_11_no_control_character_is_left(text in "[\u{0}-\u{9F}]{0,40}|.*") {
            let left = visible(&text);
            prop_assert!(!left.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')));
        }
    }
}
