//! Which requests are logged (`access_log`).

/// Which requests are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessLog {
    /// None.
    Off,
    /// Those that were answered with an error.
    Errors,
    /// All.
    All,
}

impl AccessLog {
    /// The words of the setting.
    pub const WORDS: [&str; 3] = ["off", "errors", "all"];

    /// Reads the setting.
    pub fn by_name(name: &str) -> Self {
        match name {
            "errors" => Self::Errors,
            "all" => Self::All,
            _ => Self::Off,
        }
    }
}
