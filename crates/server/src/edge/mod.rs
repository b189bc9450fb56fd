//! What every request passes: its id, the proxies before it, limits, pages of other origins, meters.

pub mod access_log;
pub mod cors;
pub mod counters;
pub mod endpoint;
pub mod health;
pub mod limits;
pub mod metrics;
pub mod outermost;
pub mod process;
pub mod proxies;
pub mod request_id;
pub mod shares;
