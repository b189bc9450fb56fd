//! What an operator looks at.

pub mod health;
pub mod metrics;
