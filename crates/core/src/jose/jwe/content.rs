//! The content under its content key. RFC 7516 §5.1 steps 14 to 19, §5.2 steps 14 to 17, RFC 7518 §5.3.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;
use zeroize::Zeroizing;

use crate::jose::base64url;

/// A content key for A256GCM; wiped when dropped.
pub(in crate::jose) type ContentKey = Zeroizing<[u8; 32]>;

/// Octets of a GCM tag. RFC 7518 §5.3: always all of them.
const TAG_BYTES: usize = 16;

/// A new content key; `None` where the system gives no randomness.
pub(super) fn random_key() -> Option<ContentKey> {
    let mut key = Zeroizing::new([0; 32]);
    rand::fill(key.as_mut()).ok()?;
    Some(key)
}

/// Appends `iv.ciphertext.tag` in base64url to `token`, whose first `header` bytes are authenticated with it.
/// `None` where the library fails.
pub(in crate::jose) fn seal_onto(
    token: &mut String,
    header: usize,
    (key, plain): (&ContentKey, &[u8]),
) -> Option<()> {
    let mut iv = [0; NONCE_LEN];
    rand::fill(&mut iv).ok()?;
    let mut text = Zeroizing::new(plain.to_vec());
    let associated = Aad::from(token.as_bytes().get(..header)?.to_vec());
    let tag = cipher(key)?
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(iv), associated, &mut text)
        .ok()?;
    base64url::encode_onto(&iv, token);
    token.push('.');
    base64url::encode_onto(&text, token);
    token.push('.');
    base64url::encode_onto(tag.as_ref(), token);
    Some(())
}

/// What a token holds, its five segments but the encrypted key: as they stand, undecoded.
pub(in crate::jose) struct Sealed<'a> {
    pub(in crate::jose) header: &'a str,
    pub(in crate::jose) iv: &'a str,
    pub(in crate::jose) ciphertext: &'a str,
    pub(in crate::jose) tag: &'a str,
}

/// The content, if every octet is as it was sealed and every segment in its one spelling.
pub(in crate::jose) fn open(key: &ContentKey, sealed: &Sealed<'_>) -> Option<Zeroizing<Vec<u8>>> {
    let iv: [u8; NONCE_LEN] = base64url::decode(sealed.iv)?.try_into().ok()?;
    let tag: [u8; TAG_BYTES] = base64url::decode(sealed.tag)?.try_into().ok()?;
    let mut text = Zeroizing::new(base64url::decode(sealed.ciphertext)?);
    text.extend_from_slice(&tag);
    let associated = Aad::from(sealed.header.as_bytes());
    let length = cipher(key)?
        .open_in_place(Nonce::assume_unique_for_key(iv), associated, text.as_mut_slice())
        .ok()?
        .len();
    text.truncate(length);
    Some(text)
}

fn cipher(key: &ContentKey) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, key.as_ref()).ok().map(LessSafeKey::new)
}
