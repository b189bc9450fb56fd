//! From settings to a running server: the first start, the data folder, the side that the network sees, jobs, systemd.

pub mod bootstrap;
pub mod dev_tls;
pub mod front;
pub mod jobs;
pub mod local;
pub mod reload;
pub mod start;
pub mod systemd;
