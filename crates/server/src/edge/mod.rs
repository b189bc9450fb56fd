//! What every request passes: its id, the proxies before it, limits, shares, meters.

pub mod limits;
pub mod metrics;
pub mod proxies;
pub mod request_id;
pub mod shares;
