//! What every request passes: its id, the proxies before it, limits, shares, meters.

pub mod access_log;
pub mod buckets;
pub mod counters;
pub mod endpoint;
pub mod limits;
pub mod metrics;
pub mod process;
pub mod proxies;
pub mod request_id;
pub mod shares;
