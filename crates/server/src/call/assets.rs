//! The files that pages bring: stylesheets and scripts. Each has a name that follows from its content, so that it is kept
//! for good.

use std::sync::LazyLock;

use axum::response::Response;
use http::StatusCode;
use http::header::{self, HeaderName, HeaderValue};
use writ_core::secret::sha256;

use super::answer::respond;

/// What is in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AssetKind {
    Style,
    Script,
    Drawing,
}

impl AssetKind {
    const fn end(self) -> &'static str {
        match self {
            Self::Style => ".css",
            Self::Script => ".js",
            Self::Drawing => ".svg",
        }
    }

    const fn media_type(self) -> HeaderValue {
        match self {
            Self::Style => HeaderValue::from_static("text/css; charset=utf-8"),
            Self::Script => HeaderValue::from_static("text/javascript; charset=utf-8"),
            Self::Drawing => HeaderValue::from_static("image/svg+xml"),
        }
    }
}

/// A file of ours under its address.
#[derive(Debug)]
pub struct Asset {
    /// Its address; another one for another content.
    pub path: String,
    kind: AssetKind,
    content: &'static str,
}

impl Asset {
    fn new(name: &str, kind: AssetKind, content: &'static str) -> Self {
        use std::fmt::Write as _;
        let mut path = format!("/assets/{name}-");
        for byte in sha256(content.as_bytes()).as_bytes().iter().take(8) {
            // Writing to a string does not fail.
            let _ = write!(path, "{byte:02x}");
        }
        path.push_str(kind.end());
        Self { path, kind, content }
    }

    /// What is in it.
    pub(crate) fn content(&self) -> &'static str {
        self.content
    }
}

/// The style of people's pages.
pub static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("writ", AssetKind::Style, include_str!("../../assets/writ.css")));
/// The style of the API reference.
pub static DOCS_STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("docs", AssetKind::Style, include_str!("../../assets/docs.css")));
/// What people's pages do better where scripts run. A page brings it by its frame (`Frame::with_script`); all that it does
/// is asked for by attributes.
pub static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("writ", AssetKind::Script, include_str!("../../assets/writ.js")));

/// What the page of the parts shows besides.
pub static COMPONENTS_STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("components", AssetKind::Style, include_str!("../../assets/components.css")));
/// The style of the console, beside that of people's pages.
pub static CONSOLE_STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("console", AssetKind::Style, include_str!("../../assets/console.css")));
/// What the console does better where scripts run: keys.
pub static CONSOLE_SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("console", AssetKind::Script, include_str!("../../assets/console.js")));
/// Asks browsers for passkeys. Only pages that want one bring it.
pub static PASSKEYS: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("passkeys", AssetKind::Script, include_str!("../../assets/passkeys.js")));

/// What browsers show beside the titles of our own pages.
pub static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", AssetKind::Drawing, include_str!("../../assets/icon.svg")));

/// All of them.
fn assets() -> [&'static Asset; 8] {
    [&STYLE, &DOCS_STYLE, &COMPONENTS_STYLE, &CONSOLE_STYLE, &SCRIPT, &CONSOLE_SCRIPT, &PASSKEYS, &ICON]
}

/// The file with this name.
pub fn asset(file: &str) -> Option<Response> {
    let found = assets().into_iter().find(|asset| asset.path.strip_prefix("/assets/") == Some(file))?;
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_TYPE, found.kind.media_type()),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    Some(respond(StatusCode::OK, &headers, found.content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_its_content() {
        let of = |content| Asset::new("a", AssetKind::Style, content);
        let (one, other) = (of("x{}"), of("y{}"));
        let hash = one.path.strip_prefix("/assets/a-").and_then(|rest| rest.strip_suffix(".css"));
        assert!(hash.is_some_and(|hash| !hash.is_empty()), "{}", one.path);
        assert_ne!(one.path, other.path);
        for known in assets() {
            assert!(asset(known.path.strip_prefix("/assets/").unwrap()).is_some());
        }
        assert!(asset("writ-0000000000000000.css").is_none() && asset("").is_none());
    }

    /// A stylesheet brings nothing from elsewhere: no font, no picture, no other sheet.
    #[test]
    fn a_stylesheet_loads_nothing() {
        for sheet in assets().into_iter().filter(|asset| asset.kind == AssetKind::Style) {
            assert!(!sheet.content.contains("url(") && !sheet.content.contains("@import"), "{}", sheet.path);
        }
    }

    /// A script loads nothing, makes no code and no markup of texts, and keeps nothing. What it says is on the page.
    #[test]
    fn a_script_loads_and_makes_nothing() {
        for script in assets().into_iter().filter(|asset| asset.kind == AssetKind::Script) {
            let parts = [
                "import",
                "fetch(",
                "XMLHttpRequest",
                "sendBeacon",
                "eval",
                "Function(",
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "localStorage",
                "sessionStorage",
                "document.cookie",
                ".style",
            ];
            for part in parts {
                assert!(!script.content.contains(part), "{}: {part}", script.path);
            }
        }
    }
}
