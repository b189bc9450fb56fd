//! What the pages cost that people see: the processor time of the server for one of each.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::api::{self, curl, text, url};
use super::people::{self, Given};
use super::plan::Plan;
use super::report::{grouped, median};
use super::server::{Server, Site, Variant};
use super::wrk::{self, Sample};

const SCRIPT: &str = include_str!("../../wrk/pages.lua");
/// Few enough that the server is what is measured.
const CONNECTIONS: u32 = 8;

/// The pages, and what each is known by.
pub const PAGES: [(&str, &str); 6] = [
    ("sign-in", "name=\"password\""),
    ("consent", "value=\"allow\""),
    ("account", "id=\"devices\""),
    ("register", "autocomplete=\"new-password\""),
    ("sign-out", "value=\"logout\""),
    ("error", "invalid_client"),
];

/// A page, and what its runs saw.
#[derive(Debug)]
pub struct Page {
    name: &'static str,
    samples: Vec<Sample>,
}

impl Page {
    /// Microseconds of the server's processor for one: the median of the runs.
    fn micros(&self) -> Option<f64> {
        median(self.samples.iter().map(Sample::micros_each))
    }
}

/// What a page costs, microseconds; none where it was not measured.
pub fn micros(pages: &[Page], name: &str) -> Option<f64> {
    pages.iter().find(|page| page.name == name).and_then(Page::micros)
}

/// Measures each page in each run, in a new life of the server.
pub fn measure(site: &Site, plan: &Plan) -> Result<Vec<Page>> {
    let mut pages: Vec<_> = PAGES.map(|(name, _)| Page { name, samples: Vec::new() }).into();
    for run in 1..=plan.runs {
        println!("==> run {run} of {}, pages", plan.runs);
        let server = site.start(Variant::Plain)?;
        let asked = asked(site, &server).context("preparing people and applications")?;
        for (page, ((name, words), (path, cookie))) in pages.iter_mut().zip(PAGES.iter().zip(&asked)) {
            let ask = |seconds| {
                let drive = super::drive(site, &server, CONNECTIONS, seconds);
                wrk::drive_script(drive, SCRIPT, &[path, cookie, words])
                    .with_context(|| format!("{name}: {path}"))
            };
            // Not counted: what a page needs is made once.
            ask(1)?;
            let sample = ask(plan.seconds)?;
            println!("    {name:<22} {:>9.0}/s  {:>5.0} µs each", sample.per_second, sample.micros_each());
            page.samples.push(sample);
        }
        server.stop()?;
    }
    Ok(pages)
}

/// Where each page of [`PAGES`] is, and the cookies of whoever sees it.
fn asked(site: &Site, server: &Server) -> Result<[(String, String); 6]> {
    let given = people::given(site, server)?;
    let settings = json!({ "settings": { "self_registration": true, "account_deletion": true } });
    api::send(site, server, ("PUT", "/api/v1/tenants/default", &settings))?;
    let sent = json!({
        "name": "Somebody's", "redirect_uris": [people::CALLBACK],
        "scope": "openid profile email phone offline_access", "grant_types": ["authorization_code"],
    });
    let stranger = api::send(site, server, ("POST", "/api/v1/oauth/clients", &sent))?;
    let authorize = people::authorize(text(&stranger, "client_id")?, "openid%20profile%20email%20phone");
    let new = site.folder().join("new-cookies.txt");
    // An earlier run's cookies are another database's.
    let _ = std::fs::remove_file(&new);
    let sign_in = led_to(server, &new, &authorize, "/login")?;
    let Given { jar, .. } = &given;
    let consent = led_to(server, jar, &authorize, "/consent")?;
    let (nobody, somebody) = (people::cookies(&new)?, people::cookies(jar)?);
    let at = |path: &str, cookie: &str| (path.to_owned(), cookie.to_owned());
    Ok([
        at(&sign_in, &nobody),
        at(&consent, &somebody),
        at("/account", &somebody),
        at("/register", &nobody),
        at("/logout", &somebody),
        at("/errors/invalid_client", &nobody),
    ])
}

/// Where an authorization request ends for a browser, as path and query.
fn led_to(server: &Server, jar: &Path, authorize: &str, page: &str) -> Result<String> {
    let jar = jar.to_string_lossy();
    let mut arguments = vec!["--location", "--cookie-jar", &jar, "--cookie", &jar];
    let target = url(server, authorize);
    arguments.extend(["--output", "/dev/null", "--write-out", "%{url_effective}", &target]);
    let address = curl(&arguments)?;
    let base = url(server, "");
    let path = address.trim().strip_prefix(&base).unwrap_or(&address);
    ensure!(path.starts_with(page), "{authorize} leads to {address}, not to {page}");
    Ok(path.to_owned())
}

/// The table of the pages.
pub fn render(pages: &[Page]) -> String {
    let mut text = String::from(
        "| page | server's processor, µs each | lowest–highest run | thousand instructions each | pages/s |\n\
         |---|--:|--:|--:|--:|\n",
    );
    for page in pages {
        let each = || page.samples.iter().map(Sample::micros_each);
        let Some(micros) = page.micros() else { continue };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {} | {micros:.0} | {:.0}–{:.0} | {} | {} |",
            page.name,
            each().fold(f64::INFINITY, f64::min),
            each().fold(0.0, f64::max),
            median(page.samples.iter().filter_map(Sample::thousands_each))
                .map_or_else(|| "–".to_owned(), |each| format!("{each:.0}")),
            grouped(median(page.samples.iter().map(|sample| sample.per_second)).unwrap_or_default()),
        );
    }
    text
}
