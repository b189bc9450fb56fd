//! The drawings of the console: one line of strokes each, beside words that say the same.

use std::fmt;

use askama::filters::HtmlSafe;

macro_rules! icons {
    ($($(#[doc = $doc:literal])* $name:ident = $strokes:literal,)*) => {
        /// A drawing.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Icon { $($(#[doc = $doc])* $name,)* }

        impl Icon {
            const fn strokes(self) -> &'static str {
                match self { $(Self::$name => $strokes,)* }
            }
        }
    };
}

icons! {
    /// The overview.
    Overview = r#"<path d="M4 13h6V4H4zM14 20h6v-9h-6zM14 4v3h6V4zM4 17v3h6v-3z"/>"#,
    /// Clients, and what runs in a browser.
    Window = r#"<rect x="3.5" y="3.5" width="17" height="17" rx="4"/><path d="M3.5 9h17M7 6.3v.1M10 6.3v.1"/>"#,
    /// People.
    People = r#"<circle cx="9" cy="8.5" r="3.5"/><path d="M2.5 19.5c.9-3.5 3.4-5 6.5-5s5.6 1.5 6.5 5M15.5 5.3a3.5 3.5 0 0 1 0 6.4M18 14.8c1.9.8 3.1 2.3 3.6 4.7"/>"#,
    /// What happened.
    Pulse = r#"<path d="M3 12h4l2.5-7 5 14L17 12h4"/>"#,
    /// Something more.
    Plus = r#"<path d="M12 5v14M5 12h14"/>"#,
    /// Looking for something.
    Search = r#"<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5"/>"#,
    /// The drawer.
    Lines = r#"<path d="M4 7h16M4 12h16M4 17h16"/>"#,
    /// It is so.
    Tick = r#"<path d="m5 12.5 4.5 4.5L19 7.5"/>"#,
    /// It ends.
    Cross = r#"<path d="m6 6 12 12M18 6 6 18"/>"#,
    /// Look out.
    Warning = r#"<path d="M12 4 2.8 19.5h18.4zM12 10v4.2M12 16.9v.1"/>"#,
    /// One thing to know.
    Info = r#"<circle cx="12" cy="12" r="9"/><path d="M12 11v5.5M12 7.5v.1"/>"#,
    /// It goes away.
    Bin = r#"<path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 13h9.4l.8-13M10.5 11v5.5M13.5 11v5.5"/>"#,
    /// Another one in its place.
    Again = r#"<path d="M19.5 12a7.5 7.5 0 1 1-2.4-5.5L19.5 9M19.5 4v5h-5"/>"#,
    /// What runs on a server.
    Server = r#"<rect x="3.5" y="4" width="17" height="7" rx="1.5"/><rect x="3.5" y="13" width="17" height="7" rx="1.5"/><path d="M7 7.5v.1M7 16.5v.1"/>"#,
    /// What runs on a phone.
    Phone = r#"<rect x="7" y="2.5" width="10" height="19" rx="2.5"/><path d="M11 18.5h2"/>"#,
    /// What runs by itself.
    Cube = r#"<path d="M4 7.5 12 3l8 4.5v9L12 21l-8-4.5zM4 7.5l8 4.5 8-4.5M12 12v9"/>"#,
    /// What has a screen and no keyboard.
    Screen = r#"<rect x="2.5" y="5" width="19" height="12" rx="2"/><path d="M8 20.5h8"/>"#,
    /// Pages to read.
    Document = r#"<path d="M6 3h8l4.5 4.5V21H6zM14 3v5h4.5"/>"#,
    /// The way out.
    Door = r#"<path d="M10 4H5v16h5M10 12h10M16 8l4 4-4 4"/>"#,
    /// Keys.
    Key = r#"<circle cx="8" cy="15" r="4.5"/><path d="M11.2 11.8 20 3M16 7l3 3"/>"#,
    /// A letter.
    Mail = r#"<rect x="3" y="5" width="18" height="14" rx="2"/><path d="m3.5 7 8.5 6.5L20.5 7"/>"#,
    /// Locked.
    Lock = r#"<rect x="5" y="10.5" width="14" height="10" rx="2"/><path d="M8 10.5V8a4 4 0 0 1 8 0v2.5"/>"#,
    /// A change by hand.
    Pen = r#"<path d="M4 20l1-4.5L16.5 4l3.5 3.5L8.5 19z"/>"#,
}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            r#"<svg class="i" width="20" height="20" viewBox="0 0 24 24" aria-hidden="true">{}</svg>"#,
            self.strokes()
        )
    }
}

impl HtmlSafe for Icon {}
