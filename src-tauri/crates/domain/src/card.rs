//! Card numbers in what people write.

use crate::text;

/// How many digits a payment card's number may have, ISO/IEC 7812-1.
const LENGTHS: std::ops::RangeInclusive<usize> = 13..=19;
/// How many digits stay readable, at the end.
const KEPT: usize = 4;
/// The most characters that people put between the groups of one number.
const GAP: usize = 3;
/// What stands for a digit that was taken out.
const MASK: char = '•';

/// A run of digits without anything between them: the characters' places, and the digits.
struct Group {
    start: usize,
    end: usize,
    digits: Vec<u32>,
}

/// `text` with the digits of every card number masked except the last four. A card number is a run of 13 to 19 digits,
/// also in groups, that satisfies the Luhn check; a number that begins with `+` is a phone number and stays.
pub fn mask(text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let groups = groups(&chars);
    let mut first = 0;
    while first < groups.len() {
        match card_at(&chars, &groups[first..]) {
            Some(count) => {
                cover(&mut chars, &groups[first..first + count]);
                first += count;
            }
            None => first += 1,
        }
    }
    chars.into_iter().collect()
}

/// How many of `groups`, from the first, make a card number; the longest that does.
fn card_at(chars: &[char], groups: &[Group]) -> Option<usize> {
    let first = groups.first()?;
    if first.start.checked_sub(1).is_some_and(|before| chars[before] == '+') {
        return None;
    }
    let mut digits = Vec::new();
    let mut found = None;
    let mut end = first.start;
    for (place, group) in groups.iter().enumerate() {
        let near = place == 0 || is_gap(&chars[end..group.start]);
        if !near || digits.len() + group.digits.len() > *LENGTHS.end() {
            break;
        }
        digits.extend(&group.digits);
        end = group.end;
        if LENGTHS.contains(&digits.len()) && luhn(&digits) {
            found = Some(place + 1);
        }
    }
    found
}

fn groups(chars: &[char]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (place, c) in chars.iter().enumerate() {
        let Some(digit) = text::digit(*c).and_then(|it| it.to_digit(10)) else { continue };
        match groups.last_mut() {
            Some(group) if group.end == place => {
                group.end = place + 1;
                group.digits.push(digit);
            }
            _ => groups.push(Group { start: place, end: place + 1, digits: vec![digit] }),
        }
    }
    groups
}

fn is_gap(between: &[char]) -> bool {
    between.len() <= GAP && between.iter().all(|c| c.is_whitespace() || "-–—._*/".contains(*c))
}

/// Whether the last digit is the check digit of the others, ISO/IEC 7812-1 annex B.
fn luhn(digits: &[u32]) -> bool {
    let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let weighed = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| if place % 2 == 1 { doubled(*digit) } else { *digit });
    weighed.sum::<u32>() % 10 == 0
}

fn cover(chars: &mut [char], groups: &[Group]) {
    let places: Vec<_> = groups.iter().flat_map(|group| group.start..group.end).collect();
    for place in &places[..places.len() - KEPT] {
        chars[*place] = MASK;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // The numbers that card schemes publish for tests.

    // SEC-12
    #[test]
    fn sec_12_card_numbers_keep_their_last_four_digits() {
        for (text, wanted) in [
            ("4111111111111111", "••••••••••••1111"),
            ("my card is 4111 1111 1111 1111, ok?", "my card is •••• •••• •••• 1111, ok?"),
            ("5500-0000-0000-0004", "••••-••••-••••-0004"),
            ("3782 822463 10005", "•••• •••••• •0005"),
            ("4222222222222", "•••••••••2222"),
            ("6304 0000 0000 0000 000", "•••• •••• •••• •••0 000"),
            ("4111 1111 1111 1111 12/27 123", "•••• •••• •••• 1111 12/27 123"),
            ("4111 - 1111 - 1111 - 1111", "•••• - •••• - •••• - 1111"),
            ("4111\n1111\n1111\n1111", "••••\n••••\n••••\n1111"),
            ("order 77: 4111111111111111", "order 77: ••••••••••••1111"),
            ("77 4111111111111111", "77 ••••••••••••1111"),
            ("٤١١١١١١١١١١١١١١١", "••••••••••••١١١١"),
            ("4111111111111111 and 5500000000000004", "••••••••••••1111 and ••••••••••••0004"),
            ("a4111111111111111b", "a••••••••••••1111b"),
            // The four that are kept and what follows would be a card number too.
            ("4111 1111 1111 1111 123 4567 818", "•••• •••• •••• 1111 123 4567 818"),
        ] {
            assert_eq!(mask(text), wanted);
        }
    }

    // SEC-12
    #[test]
    fn sec_12_other_numbers_stay_as_they_are() {
        for text in [
            "",
            "4111111111111112",
            "411111111111",
            "00000000000000000000",
            "+4111111111111111",
            "4111 then 1111 then 1111 then 1111",
            "4111 1111    1111 1111",
            "order 2024-02-29, 10:00:00",
            "no digits: é 👩‍👧",
        ] {
            assert_eq!(mask(text), text);
        }
    }

    /// The digit that makes `digits` a card number.
    fn check_digit(digits: &str) -> String {
        let found = (0..10).find(|last| {
            let all = format!("{digits}{last}");
            luhn(&all.chars().filter_map(|c| c.to_digit(10)).collect::<Vec<_>>())
        });
        found.expect("one of ten digits fits").to_string()
    }

    proptest! {
        // SEC-12
        #[test]
        fn sec_12_a_card_number_never_comes_through_whole(digits in "[0-9]{12,18}", gap in "[ -]?", before in "[a-z ]{0,5}", after in "[a-z ,]{0,5}") {
            let digits = format!("{digits}{}", check_digit(&digits));
            let groups: Vec<_> = digits.as_bytes().chunks(4).map(|it| String::from_utf8_lossy(it).into_owned()).collect();
            let masked = mask(&format!("{before}{}{after}", groups.join(&gap)));
            prop_assert_eq!(text::digits(&masked), &digits[digits.len() - KEPT..]);
        }

        // SEC-12
        #[test]
        fn sec_12_masking_changes_digits_alone_and_leaves_nothing_to_mask(text in "[0-9 \\-a]{0,40}|.*") {
            let masked = mask(&text);
            prop_assert_eq!(masked.chars().count(), text.chars().count());
            for (before, after) in text.chars().zip(masked.chars()) {
                prop_assert!(before == after || (after == MASK && text::digit(before).is_some()));
            }
            prop_assert_eq!(mask(&masked), masked);
        }
    }
}
