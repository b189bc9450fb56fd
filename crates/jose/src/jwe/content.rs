//! The content under its content key. RFC 7516 §5.1 steps 14 to 19, §5.2 steps 14 to 17, RFC 7518 §5.2, §5.3.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::cipher::{
    AES_128, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::iv::{FixedLength, IV_LEN_128_BIT};
use aws_lc_rs::{constant_time, hmac, rand};
use zeroize::Zeroizing;

use super::algorithm::ContentEncryption;
use crate::base64url;

/// Octets of a tag, of either cipher. RFC 7518 §5.2.3, §5.3: always all of them.
const TAG_BYTES: usize = 16;
/// What CBC's padding adds at the most.
const BLOCK_BYTES: usize = 16;

/// A content key for one cipher; wiped when dropped.
pub(crate) struct ContentKey {
    encryption: ContentEncryption,
    octets: Zeroizing<[u8; 32]>,
}

impl ContentKey {
    pub(crate) fn new(encryption: ContentEncryption, octets: Zeroizing<[u8; 32]>) -> Self {
        Self { encryption, octets }
    }

    /// A new key; `None` where the system gives no randomness.
    pub(super) fn random(encryption: ContentEncryption) -> Option<Self> {
        let mut octets = Zeroizing::new([0; 32]);
        rand::fill(octets.as_mut()).ok()?;
        Some(Self { encryption, octets })
    }

    pub(crate) fn octets(&self) -> &[u8; 32] {
        &self.octets
    }
}

/// Appends `iv.ciphertext.tag` in base64url to `token`, whose first `header` bytes are authenticated with it.
/// `None` where the library fails.
pub(crate) fn seal_onto(token: &mut String, header: usize, (key, plain): (&ContentKey, &[u8])) -> Option<()> {
    let associated = token.as_bytes().get(..header)?;
    // Room for the padding, too: a buffer that grows leaves a copy behind that nobody wipes.
    let mut text = Zeroizing::new(Vec::with_capacity(plain.len() + BLOCK_BYTES));
    text.extend_from_slice(plain);
    let (iv, tag) = match key.encryption {
        ContentEncryption::A256Gcm => gcm_sealed(key, associated, &mut text)?,
        ContentEncryption::A128CbcHs256 => cbc_sealed(key, associated, &mut text)?,
    };
    base64url::encode_onto(&iv, token);
    token.push('.');
    base64url::encode_onto(&text, token);
    token.push('.');
    base64url::encode_onto(&tag, token);
    Some(())
}

/// What a token holds, its five segments but the encrypted key: as they stand, undecoded.
pub(crate) struct Sealed<'a> {
    pub(crate) header: &'a str,
    pub(crate) iv: &'a str,
    pub(crate) ciphertext: &'a str,
    pub(crate) tag: &'a str,
}

/// The content, if every octet is as it was sealed and every segment in its one spelling.
pub(crate) fn open(key: &ContentKey, sealed: &Sealed<'_>) -> Option<Zeroizing<Vec<u8>>> {
    let iv = base64url::decode(sealed.iv)?;
    let tag: [u8; TAG_BYTES] = base64url::decode(sealed.tag)?.try_into().ok()?;
    let mut text = Zeroizing::new(base64url::decode(sealed.ciphertext)?);
    let associated = sealed.header.as_bytes();
    let length = match key.encryption {
        ContentEncryption::A256Gcm => gcm_opened(key, (associated, &iv, tag), &mut text)?,
        ContentEncryption::A128CbcHs256 => cbc_opened(key, (associated, &iv, tag), &mut text)?,
    };
    text.truncate(length);
    Some(text)
}

/// Encrypts in place; gives IV and tag. RFC 7518 §5.3.
fn gcm_sealed(key: &ContentKey, associated: &[u8], text: &mut [u8]) -> Option<(Vec<u8>, [u8; TAG_BYTES])> {
    let mut iv = [0; NONCE_LEN];
    rand::fill(&mut iv).ok()?;
    let nonce = Nonce::assume_unique_for_key(iv);
    let tag = gcm(key)?.seal_in_place_separate_tag(nonce, Aad::from(associated), text).ok()?;
    Some((iv.to_vec(), tag.as_ref().try_into().ok()?))
}

/// Decrypts in place; gives the length of the content.
fn gcm_opened(
    key: &ContentKey,
    (associated, iv, tag): (&[u8], &[u8], [u8; TAG_BYTES]),
    text: &mut Vec<u8>,
) -> Option<usize> {
    let nonce = Nonce::assume_unique_for_key(iv.try_into().ok()?);
    text.extend_from_slice(&tag);
    let opened = gcm(key)?.open_in_place(nonce, Aad::from(associated), text.as_mut_slice()).ok()?;
    Some(opened.len())
}

fn gcm(key: &ContentKey) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, key.octets()).ok().map(LessSafeKey::new)
}

/// Encrypts in place; gives IV and tag. RFC 7518 §5.2.2.1.
fn cbc_sealed(key: &ContentKey, associated: &[u8], text: &mut Vec<u8>) -> Option<(Vec<u8>, [u8; TAG_BYTES])> {
    let (mac_key, cipher_key) = key.octets().split_at(16);
    let mut iv = [0; IV_LEN_128_BIT];
    rand::fill(&mut iv).ok()?;
    let cipher =
        PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_128, cipher_key).ok()?).ok()?;
    cipher.less_safe_encrypt(text, EncryptionContext::Iv128(FixedLength::from(iv))).ok()?;
    let tag = cbc_tag(mac_key, [associated, &iv, text])?;
    Some((iv.to_vec(), tag))
}

/// Decrypts in place; gives the length of the content. RFC 7518 §5.2.2.2: not before the tag is right, so that nobody
/// learns anything from a padding of their own.
fn cbc_opened(
    key: &ContentKey,
    (associated, iv, tag): (&[u8], &[u8], [u8; TAG_BYTES]),
    text: &mut Vec<u8>,
) -> Option<usize> {
    let (mac_key, cipher_key) = key.octets().split_at(16);
    let expected = cbc_tag(mac_key, [associated, iv, text])?;
    constant_time::verify_slices_are_equal(&expected, &tag).ok()?;
    let context = DecryptionContext::Iv128(FixedLength::try_from(iv).ok()?);
    let cipher =
        PaddedBlockDecryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_128, cipher_key).ok()?).ok()?;
    Some(cipher.decrypt(text.as_mut_slice(), context).ok()?.len())
}

/// The first half of HMAC-SHA-256 over associated data, IV, ciphertext and the number of bits of the first.
fn cbc_tag(mac_key: &[u8], [associated, iv, text]: [&[u8]; 3]) -> Option<[u8; TAG_BYTES]> {
    let bits = u64::try_from(associated.len()).ok()?.checked_mul(8)?;
    let mut mac = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, mac_key));
    for part in [associated, iv, text, &bits.to_be_bytes()] {
        mac.update(part);
    }
    mac.sign().as_ref().first_chunk().copied()
}
