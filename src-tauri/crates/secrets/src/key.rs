//! Keys of 32 random bytes, written as 64 hexadecimal digits where a keyring wants text.

use zeroize::Zeroizing;

/// A key. It is overwritten when it goes.
pub type Key = Zeroizing<[u8; 32]>;

/// A new key; `None` when the system gives no random numbers.
pub fn random() -> Option<Key> {
    let mut key = Key::default();
    getrandom::fill(key.as_mut()).ok()?;
    Some(key)
}

/// The digits of `key`.
pub fn encode(key: &Key) -> Zeroizing<String> {
    Zeroizing::new(hex(key.as_ref()))
}

/// The key that `digits` stand for; `None` for anything but 64 hexadecimal digits.
pub fn decode(digits: &str) -> Option<Key> {
    let digits = digits.as_bytes();
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut key = Key::default();
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(key)
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string does not fail");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written_and_nothing_else_is_one() {
        let key = random().unwrap();
        let digits = encode(&key);
        assert_eq!(digits.len(), 64);
        assert_eq!(decode(&digits), Some(key.clone()));
        assert_eq!(decode(&digits.to_uppercase()), Some(key));
        for bad in ["", "00", &"g".repeat(64), &"+1".repeat(32), &"é".repeat(32), &format!("{}0", *digits)] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}
