//! Passwords, tokens and codes. Passwords by argon2id (RFC 9106; parameters are the crate's, OWASP's first choice of
//! 19 MiB); tokens are 256 random bits and kept as SHA-256, which needs no salt at that size.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use tokio::sync::Semaphore;

/// Letters that are not taken for one another.
const READABLE: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789A";

/// Each takes 19 MiB: no more at a time.
static HASHING: Semaphore = Semaphore::const_new(4);

/// Random bytes of the operating system. There is no working without them: the process ends where they fail.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if getrandom::fill(&mut bytes).is_err() {
        std::process::abort();
    }
    bytes
}

/// A token of 256 bits.
pub fn token() -> String {
    URL_SAFE_NO_PAD.encode(random::<32>())
}

/// `length` letters (up to 64) that can be read out, 5 bits each.
pub fn readable(length: usize) -> String {
    random::<64>().iter().take(length).map(|b| char::from(READABLE[usize::from(b & 31)])).collect()
}

/// A verification code: 16 letters in fours, 80 bits.
pub fn code() -> String {
    let letters = readable(16).to_uppercase().replace('A', "W");
    [&letters[..4], &letters[4..8], &letters[8..12], &letters[12..]].join("-")
}

/// What is kept of a token.
pub fn digest(token: &str) -> String {
    Sha256::digest(token).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The hash of a password. It takes a while: see [`hash_aside`].
pub fn hash(password: &str) -> String {
    Argon2::default().hash_password(password.as_bytes()).map_or_else(|_| String::new(), |h| h.to_string())
}

fn fits(password: &str, hash: &str) -> bool {
    let parsed = PasswordHash::new(hash);
    parsed.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// The hash of a password, on a thread of its own.
pub async fn hash_aside(password: String) -> String {
    let _turn = HASHING.acquire().await;
    tokio::task::spawn_blocking(move || hash(&password)).await.unwrap_or_default()
}

/// Whether the password is that of the hash. Without a hash (nobody has this name) it takes as long.
pub async fn check(password: String, hash: Option<String>) -> bool {
    let _turn = HASHING.acquire().await;
    let checked = tokio::task::spawn_blocking(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        fits(&password, &hash) && known
    });
    checked.await.unwrap_or(false)
}

/// Hash of a password nobody has.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$Q0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaYWJjZGVmZ2g";

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_hash_only() {
        let hash = hash("correct horse");
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(check("correct horse".into(), Some(hash.clone())).await);
        assert!(!check("correct horses".into(), Some(hash)).await);
        assert!(!check(String::new(), None).await);
        assert!(PasswordHash::new(NOBODY).is_ok(), "an unknown name must take as long");
    }

    #[test]
    fn codes_and_tokens_differ_and_can_be_read_out() {
        let (a, b) = (code(), code());
        assert_ne!(a, b);
        assert_eq!(a.len(), 19);
        assert!(a.chars().all(|c| c == '-' || c.is_ascii_uppercase() || c.is_ascii_digit()), "{a}");
        assert_eq!(token().len(), 43);
    }
}
