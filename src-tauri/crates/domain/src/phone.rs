//! The normal forms of phone numbers, for comparison only.
//!
//! The national variants are ours: phone metadata calls the older spelling of a number that has two simply invalid.
//! Brazil put a 9 in front of its eight-digit mobile numbers, Mexico dropped the 1 after +52, and Argentina has a 9 after
//! +54 that people leave out.

use std::cell::OnceCell;

use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region,
};

use crate::text;

const BRAZIL: i32 = 55;
const MEXICO: i32 = 52;
const ARGENTINA: i32 = 54;

/// The E.164 form of `text`, read in `region` (ISO 3166 alpha-2) when it has no country code. `None` when it is no
/// complete number, or has an extension, which E.164 cannot say.
pub fn e164(text: &str, region: Option<&str>) -> Option<String> {
    let line = Line::read(text, region)?.swap_remove(0);
    line.extension.is_none().then(|| line.e164())
}

/// The form in which all spellings of one subscriber's number are equal, national variants included. `None` when `text` is
/// no complete number.
pub fn normal(text: &str, region: Option<&str>) -> Option<String> {
    let line = Line::read(text, region)?.swap_remove(0).current();
    let extension = line.extension.as_ref().map(|digits| format!("x{digits}"));
    Some(line.e164() + &extension.unwrap_or_default())
}

/// Whether two spellings are one subscriber's number, national variants included. A partial number is never the same.
pub fn same(left: &str, right: &str, region: Option<&str>) -> bool {
    normal(left, region).is_some_and(|left| Some(left) == normal(right, region))
}

/// Whether `text` is a complete number.
pub fn is_number(text: &str, region: Option<&str>) -> bool {
    Line::read(text, region).is_some()
}

/// Whether `code` is a country (ISO 3166 alpha-2, capital letters) whose phone numbers are known.
pub fn is_region(code: &str) -> bool {
    code.chars().all(|c| c.is_ascii_uppercase()) && known_region(code).is_some()
}

/// The spellings under which a CRM may hold the number, likeliest first: E.164, variants, national and international
/// formats, `text` itself. Only `text` when it is no complete number.
pub fn spellings(text: &str, region: Option<&str>) -> Vec<String> {
    candidates(text, region).unwrap_or_else(|| vec![text.trim().to_owned()])
}

/// The same; `None` when `text` is no complete number.
pub(crate) fn candidates(text: &str, region: Option<&str>) -> Option<Vec<String>> {
    let lines = Line::read(text, region)?;
    let home = region.and_then(known_region).and_then(|it| PHONE_NUMBER_UTIL.get_country_code_for_region(it));
    let mut list: Vec<_> = lines.iter().map(Line::e164).collect();
    for line in &lines {
        let number = line.number();
        let format = |format| Some(PHONE_NUMBER_UTIL.format(number?, format).into_owned());
        list.push(line.e164().trim_start_matches('+').to_owned());
        list.extend(format(PhoneNumberFormat::International));
        if home == Some(line.country) {
            list.extend(format(PhoneNumberFormat::National));
            list.push(line.national.clone());
        }
    }
    list.push(text.trim().to_owned());
    Some(text::distinct(list))
}

/// A complete number: who is called, without any formatting.
struct Line {
    country: i32,
    national: String,
    extension: Option<String>,
    /// As the phone library reads it back; reading is what takes time.
    number: OnceCell<Option<PhoneNumber>>,
}

impl Line {
    /// The spellings of the number: as written first, then today's, then the other.
    fn read(text: &str, region: Option<&str>) -> Option<Vec<Self>> {
        let dialable = dialable(text)?;
        let number = PHONE_NUMBER_UTIL.parse(&dialable, region.and_then(known_region)).ok()?;
        let line = Self {
            country: number.country_code,
            national: number.get_national_significant_number(),
            extension: Some(number.extension()).filter(|text| !text.is_empty()).map(str::to_owned),
            number: OnceCell::new(),
        };
        let lines = line.variants();
        // An older spelling has another length than the metadata allows, so either may be the complete one.
        lines.iter().any(Self::is_complete).then_some(lines)
    }

    /// By its length among ordinary numbers, since metadata of valid prefixes is always behind what operators hand out;
    /// short ones (a service number without an area code) only if they are known to exist.
    fn is_complete(&self) -> bool {
        let Some(number) = self.number() else { return false };
        let ordinary = [PhoneNumberType::FixedLine, PhoneNumberType::Mobile].into_iter().any(|kind| {
            let length = PHONE_NUMBER_UTIL.is_possible_number_for_type_with_reason(number, kind);
            matches!(length, Ok(NumberLengthType::IsPossible))
        });
        ordinary || PHONE_NUMBER_UTIL.is_valid_number(number)
    }

    fn number(&self) -> Option<&PhoneNumber> {
        let read = || {
            PHONE_NUMBER_UTIL.parse(self.e164(), None).ok().filter(|number| {
                // The parser drops what it takes for a national prefix; then it is no longer this number.
                let national = number.get_national_significant_number();
                number.country_code == self.country && national == self.national
            })
        };
        self.number.get_or_init(read).as_ref()
    }

    fn e164(&self) -> String {
        format!("+{}{}", self.country, self.national)
    }

    /// The number in the spelling that is in force today, whichever it was written in.
    fn current(&self) -> Self {
        let national = match (self.country, self.national.len()) {
            (BRAZIL, 10) if brazilian_mobile(&self.national[2..]) => {
                format!("{}9{}", &self.national[..2], &self.national[2..])
            }
            (MEXICO, 11) => self.national.strip_prefix('1').unwrap_or(&self.national).to_owned(),
            // Only mobile numbers carry the 9, but nobody writes it reliably: both meet without it.
            (ARGENTINA, 11) => self.national.strip_prefix('9').unwrap_or(&self.national).to_owned(),
            _ => self.national.clone(),
        };
        self.spelt(national)
    }

    /// The other spelling of a number that has two.
    fn older(&self) -> Option<Self> {
        let national = match (self.country, self.national.len()) {
            (BRAZIL, 11) if self.national[2..].starts_with('9') && brazilian_mobile(&self.national[3..]) => {
                format!("{}{}", &self.national[..2], &self.national[3..])
            }
            (MEXICO, 10) => format!("1{}", self.national),
            (ARGENTINA, 10) => format!("9{}", self.national),
            _ => return None,
        };
        Some(self.spelt(national))
    }

    /// The same line, its national number written so.
    fn spelt(&self, national: String) -> Self {
        Self { country: self.country, national, extension: self.extension.clone(), number: OnceCell::new() }
    }

    fn variants(self) -> Vec<Self> {
        let current = self.current();
        let older = current.older();
        let mut list = vec![self];
        for other in [current].into_iter().chain(older) {
            if list.iter().all(|line| line.national != other.national) {
                list.push(other);
            }
        }
        list
    }
}

/// Whether eight digits after the area code are a mobile number of before the ninth digit: land lines begin with 2 to 5.
fn brazilian_mobile(digits: &str) -> bool {
    digits.starts_with(['6', '7', '8', '9'])
}

/// `text` without everything that cannot be dialled. Letters stay: they may name an extension. `None` when a second
/// number begins.
fn dialable(text: &str) -> Option<String> {
    let mut kept = String::new();
    for c in text.chars() {
        match c {
            '+' | '\u{FF0B}' if kept.chars().any(|c| c.is_ascii_digit()) => return None,
            '+' | '\u{FF0B}' => kept.push('+'),
            c if c.is_alphabetic() || matches!(c, '#' | ';' | '=') => kept.push(c),
            c => kept.extend(text::digit(c)),
        }
    }
    Some(kept)
}

fn known_region(code: &str) -> Option<Region> {
    let region = code.parse().ok()?;
    PHONE_NUMBER_UTIL.get_country_code_for_region(region).is_some().then_some(region)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // IDN-09
    #[test]
    fn idn_09_formatting_is_ignored_on_both_sides() {
        for other in [
            "(11) 98765-4321",
            "011 98765 4321",
            "+55 11 98765.4321",
            "\u{202A}+55\u{a0}11 98765–4321\u{202C}",
            "tel:+5511987654321",
            "5511987654321",
            "＋５５ 11 9_8765|4321",
        ] {
            assert!(same(other, "+5511987654321", Some("BR")), "{other}");
        }
        assert!(same("+49 (0) 30 1234567", "030/1234567", Some("DE")));
        assert_eq!(e164("030 1234567", Some("DE")).as_deref(), Some("+49301234567"));
    }

    // IDN-09
    #[test]
    fn idn_09_national_variants_are_one_number() {
        for (left, right) in [
            ("+55 11 98765-4321", "+55 11 8765-4321"),
            ("+52 55 1234 5678", "+52 1 55 1234 5678"),
            ("+54 9 11 2345-6789", "+54 11 2345-6789"),
        ] {
            assert!(same(left, right, None), "{left} and {right}");
            assert!(same(right, left, None), "{right} and {left}");
        }
        assert!(
            !same("+55 11 93765-4321", "+55 11 3765-4321", None),
            "a Brazilian land line never got a ninth digit"
        );
    }

    // IDN-09
    #[test]
    fn idn_09_a_partial_number_never_matches() {
        for part in ["98765-4321", "8765 4321", "11 98765-432", "4321", "1198765", "+55"] {
            assert!(!same(part, "+5511987654321", Some("BR")), "{part}");
        }
        assert!(
            !same("2025550100", "+1 202 555 0100", None),
            "without a region only international numbers count"
        );
        assert!(!same("555 0100", "555 0100", Some("US")), "a local number is not complete");
        assert!(!same("8765-4321", "8765-4321", Some("BR")), "there is one in every area");
        assert!(same("4004-0001", "+55 4004 0001", Some("BR")), "a service number has no area");
        assert!(!same("+1 202 555 0100 ext. 5", "+1 202 555 0100", None));
        assert!(same("+1 202 555 0100 ext. 5", "+12025550100 x5", None));
        assert!(!same("+12025550100 / +12025550101", "+12025550100", None));
        assert!(!same("", "", Some("US")));
    }

    #[test]
    fn e164_says_nothing_rather_than_dropping_an_extension() {
        assert_eq!(e164("+1 202 555 0100 ext. 5", None), None);
        assert_eq!(e164("+1 202 555 0100", None).as_deref(), Some("+12025550100"));
        assert_eq!(e164("hello", Some("US")), None);
    }

    // IDN-09
    #[test]
    fn idn_09_spellings_offer_what_an_exact_crm_may_hold() {
        let list = spellings("(11) 98765-4321", Some("BR"));
        assert_eq!(list[0], "+5511987654321");
        for wanted in ["+551187654321", "5511987654321", "+55 11 98765-4321", "(11) 98765-4321"] {
            assert!(list.iter().any(|it| it == wanted), "{wanted} is missing in {list:?}");
        }
        assert_eq!(spellings(" none ", None), ["none"]);
        assert!(!spellings("+442079460000", Some("BR")).iter().any(|it| it == "2079460000"));
    }

    #[test]
    fn regions_are_iso_codes() {
        assert!(is_region("BR") && is_region("GB"));
        assert!(
            !is_region("UK") && !is_region("br") && !is_region("BRA") && !is_region("ZZ") && !is_region("")
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        // IDN-09
        #[test]
        fn idn_09_every_spelling_is_the_same_number(area in 11u32..29, digits in 60_000_000u32..99_999_999) {
            let text = format!("+55 {area} {digits}");
            for spelling in spellings(&text, Some("BR")) {
                prop_assert!(same(&text, &spelling, Some("BR")), "{} as {}", text, spelling);
            }
        }

        // IDN-09
        #[test]
        fn idn_09_a_number_without_its_last_or_first_digits_is_another(digits in "[2-9][0-9]{2}[2-9][0-9]{6}", cut in 1usize..6) {
            prop_assert!(!same(&digits, &digits[..digits.len() - cut], Some("US")));
            prop_assert!(!same(&digits, &digits[cut..], Some("US")));
        }

        #[test]
        fn nothing_panics(text in ".*", region in "[A-Z]{0,3}") {
            e164(&text, Some(&region));
            spellings(&text, Some(&region));
        }
    }
}
