//! `writ bench-proofs`: proofs that somebody holds a key (RFC 9449), each for one token request, for `cargo xtask bench`.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use writ_jose::{Algorithm, JsonObject, SigningKey};

use crate::state::clock::{Clock as _, SystemClock};

/// Prints so many proofs of one key for token requests at this address, one a line.
pub fn run(url: &str, count: u64) -> anyhow::Result<()> {
    let key = SigningKey::generate(Algorithm::Es256)?;
    let mut head = JsonObject::default();
    head.string("typ", "dpop+jwt").string("alg", key.algorithm().name());
    let head = URL_SAFE_NO_PAD.encode(head.raw("jwk", &key.public_jwk().to_json()).clone().finish());
    let now = SystemClock::default().now().as_secs();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for n in 0..count {
        let mut claims = JsonObject::default();
        claims.string("jti", &n.to_string()).string("htm", "POST").string("htu", url).number("iat", now);
        let input = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.finish()));
        let signature = URL_SAFE_NO_PAD.encode(key.sign(input.as_bytes())?);
        writeln!(out, "{input}.{signature}")?;
    }
    out.flush()?;
    Ok(())
}
