//! A start on a database of many tenants: nothing may be loaded or made for those that nobody asks for.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

use super::http::Request;
use super::server::{Site, Variant};

/// How many tenants, beside the first.
pub const TENANTS: u64 = 5000;

/// The first of those that are asked for their keys: another one at each start, so that each time they have to be made.
const ASKED: u32 = 2500;

/// One start.
#[derive(Debug, Clone, Copy)]
pub struct ColdStart {
    /// From the start of the process to the first 200 of `/health/live`.
    pub live_after: Duration,
    /// From the start of the process to the first JWKS of one tenant.
    pub keys_after: Duration,
}

/// Fills a database of its own, offline, and starts the server on it some times.
pub fn measure(binary: PathBuf, folder: PathBuf, runs: u32) -> Result<Vec<ColdStart>> {
    println!("==> starting with {TENANTS} tenants");
    let site = Site::new(binary, folder)?;
    site.start(Variant::Plain)?.stop()?;
    site.fill_tenants(TENANTS)?;
    (0..runs).map(|run| cold_start(&site, ASKED + run)).collect()
}

fn cold_start(site: &Site, tenant: u32) -> Result<ColdStart> {
    let mut server = site.start(Variant::Plain)?;
    // A request's path lives as long as the program; there are a few of these.
    let path = format!("/t/bench-{tenant}/.well-known/jwks.json").leak();
    let keys = Request { method: "GET", path, authorization: None, form: None };
    let keys_after = server.wait_for(&keys)?;
    let start = ColdStart { live_after: server.live_after, keys_after };
    println!(
        "    live after {:.0} ms, the keys of one tenant after {:.0} ms",
        start.live_after.as_secs_f64() * 1000.0,
        start.keys_after.as_secs_f64() * 1000.0
    );
    server.stop()?;
    Ok(start)
}
