//! `cargo xtask sbom`: what the program ships, as a `CycloneDX` 1.6 document.
//!
//! What Cargo links into `writ` is listed: normal dependencies of `writ-server` on the target, with the features it is
//! built with. Procedural macros and build scripts run while it is built and are not in it. Two crates bring C code,
//! which is listed by itself, because that is what advisories name. There is no time and no serial number in the
//! document: the same sources give the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use serde_json::{Value, json};

use crate::sh;

/// The package whose program is shipped.
const SHIPPED: &str = "writ-server";

/// C code that a crate carries: the crate, what it is called, where its version stands, and its licence.
const CARRIED: [Carried; 2] = [
    Carried {
        by: "aws-lc-sys",
        name: "aws-lc",
        header: "aws-lc/include/openssl/base.h",
        constant: "AWSLC_VERSION_NUMBER_STRING",
        purl: "pkg:github/aws/aws-lc",
        license: "ISC AND Apache-2.0 AND MIT AND BSD-3-Clause",
    },
    Carried {
        by: "libsqlite3-sys",
        name: "sqlite",
        header: "sqlite3/sqlite3.h",
        constant: "SQLITE_VERSION",
        purl: "pkg:generic/sqlite",
        license: "blessing",
    },
];

struct Carried {
    by: &'static str,
    name: &'static str,
    header: &'static str,
    constant: &'static str,
    purl: &'static str,
    license: &'static str,
}

/// Options of `cargo xtask sbom`.
#[derive(Debug, Args)]
pub struct Options {
    /// Where to write it [default: writ.cdx.json in the target folder]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The target that the program is built for [default: this machine's]
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
}

/// Writes the document.
pub fn run(options: &Options) -> Result<()> {
    let target = options.target.clone().map_or_else(host, Ok)?;
    let place = match &options.output {
        Some(place) => place.clone(),
        None => sh::target_directory()?.join("writ.cdx.json"),
    };
    if let Some(folder) = place.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&place, text(&target)?).with_context(|| format!("writing {}", place.display()))?;
    println!("{} is written", place.display());
    Ok(())
}

/// The document for a target.
pub fn text(target: &str) -> Result<String> {
    let document = document(&Shipment::read(target)?)?;
    Ok(format!("{document:#}\n"))
}

/// The target of this machine.
pub fn host() -> Result<String> {
    let said = sh::output_of(Command::new("rustc").arg("-vV"))?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc names no host")?.to_owned())
}

/// A package by name and version; the workspace's are told by their lack of a checksum.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    pub name: String,
    pub version: String,
}

impl Package {
    fn purl(&self) -> String {
        format!("pkg:cargo/{}@{}", self.name, self.version.replace('+', "%2B"))
    }
}

/// What is shipped, and what Cargo knows about it.
#[derive(Debug)]
pub struct Shipment {
    /// Each package with those that it uses itself.
    pub uses: BTreeMap<Package, BTreeSet<Package>>,
    /// SHA-256 of the packages that came from the registry.
    checksums: BTreeMap<Package, String>,
    facts: BTreeMap<Package, Facts>,
}

#[derive(Debug)]
struct Facts {
    license: String,
    description: Option<String>,
    repository: Option<String>,
    folder: PathBuf,
}

impl Shipment {
    /// Asks Cargo.
    pub fn read(target: &str) -> Result<Self> {
        let tree = sh::output_of(sh::cargo().args([
            "tree",
            "--locked",
            "--package",
            SHIPPED,
            "--edges",
            "normal,no-proc-macro",
            "--prefix",
            "depth",
            "--format",
            " {p}",
            "--target",
            target,
        ]))?;
        let metadata = sh::output_of(sh::cargo().args([
            "metadata",
            "--locked",
            "--format-version",
            "1",
            "--filter-platform",
            target,
        ]))?;
        let lock = std::fs::read_to_string(sh::workspace_root().join("Cargo.lock"))?;
        let metadata: Value = serde_json::from_str(&metadata).context("reading cargo metadata")?;
        Ok(Self { uses: uses(&tree)?, checksums: checksums(&lock), facts: facts(&metadata)? })
    }

    /// The package of the program.
    fn root(&self) -> Result<&Package> {
        self.uses.keys().find(|package| package.name == SHIPPED).context("cargo tree lacks the program")
    }
}

/// Reads `cargo tree --prefix depth --format ' {p}'`. What Cargo shows a second time it marks `(*)` and shows without
/// what it uses.
fn uses(tree: &str) -> Result<BTreeMap<Package, BTreeSet<Package>>> {
    let mut uses: BTreeMap<Package, BTreeSet<Package>> = BTreeMap::new();
    let mut above: Vec<Package> = Vec::new();
    for line in tree.lines().filter(|line| !line.is_empty()) {
        let (depth, rest) = line.split_once(' ').with_context(|| format!("cargo tree said {line}"))?;
        let depth: usize = depth.parse().with_context(|| format!("cargo tree said {line}"))?;
        let mut words = rest.split(' ');
        let name = words.next().unwrap_or_default().to_owned();
        let version = words.next().and_then(|word| word.strip_prefix('v'));
        let version = version.with_context(|| format!("cargo tree said {line}"))?.to_owned();
        let package = Package { name, version };
        above.truncate(depth);
        if let Some(user) = above.last() {
            uses.entry(user.clone()).or_default().insert(package.clone());
        }
        uses.entry(package.clone()).or_default();
        above.push(package);
    }
    Ok(uses)
}

/// The checksums in `Cargo.lock`.
pub fn checksums(lock: &str) -> BTreeMap<Package, String> {
    let of_block = |block: &str| {
        let field = |name: &str| {
            let line = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = \""));
            Some(line?.strip_suffix('"')?.to_owned())
        };
        Some((Package { name: field("name")?, version: field("version")? }, field("checksum")?))
    };
    lock.split("[[package]]").filter_map(of_block).collect()
}

fn facts(metadata: &Value) -> Result<BTreeMap<Package, Facts>> {
    let packages = metadata.get("packages").and_then(Value::as_array).context("metadata lacks packages")?;
    let of = |package: &Value| {
        let text = |name: &str| package.get(name).and_then(Value::as_str).map(str::to_owned);
        let folder = text("manifest_path").and_then(|path| Path::new(&path).parent().map(Path::to_owned));
        Some((
            Package { name: text("name")?, version: text("version")? },
            Facts {
                license: text("license")?,
                description: text("description")
                    .map(|words| words.split_whitespace().collect::<Vec<_>>().join(" ")),
                repository: text("repository").filter(|link| link.starts_with("https://")),
                folder: folder?,
            },
        ))
    };
    let facts: BTreeMap<_, _> = packages.iter().filter_map(of).collect();
    ensure!(facts.len() == packages.len(), "a package has no name, version, licence or folder");
    Ok(facts)
}

/// An SPDX expression: what older crates write with a slash means "or".
fn spdx(license: &str) -> String {
    license.split('/').map(str::trim).collect::<Vec<_>>().join(" OR ")
}

fn document(shipment: &Shipment) -> Result<Value> {
    let root = shipment.root()?;
    let mut components = Vec::new();
    let mut dependencies = Vec::new();
    for (package, uses) in &shipment.uses {
        let mut on: Vec<String> = uses.iter().map(Package::purl).collect();
        if let Some(carried) = CARRIED.iter().find(|carried| carried.by == package.name) {
            let component = carried_component(carried, &facts_of(shipment, package)?.folder)?;
            let purl = component.get("purl").and_then(Value::as_str).unwrap_or_default().to_owned();
            on.push(purl.clone());
            components.push(component);
            dependencies.push(json!({ "ref": purl, "dependsOn": [] }));
        }
        on.sort();
        dependencies.push(json!({ "ref": package.purl(), "dependsOn": on }));
        if package != root {
            components.push(component(shipment, package, "library")?);
        }
    }
    let by = |name: &'static str| move |value: &Value| value.get(name).map(ToString::to_string);
    components.sort_by_key(by("bom-ref"));
    dependencies.sort_by_key(by("ref"));
    let mut program = component(shipment, root, "application")?;
    if let Some(program) = program.as_object_mut() {
        program.insert("name".to_owned(), json!("writ"));
    }
    Ok(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{ "phase": "build" }],
            "tools": { "components": [{ "type": "application", "name": "cargo xtask sbom" }] },
            "component": program,
        },
        "components": components,
        "dependencies": dependencies,
    }))
}

fn facts_of<'a>(shipment: &'a Shipment, package: &Package) -> Result<&'a Facts> {
    shipment.facts.get(package).with_context(|| format!("cargo metadata lacks {}", package.purl()))
}

fn component(shipment: &Shipment, package: &Package, kind: &str) -> Result<Value> {
    let facts = facts_of(shipment, package)?;
    let mut component = json!({
        "type": kind,
        "bom-ref": package.purl(),
        "name": package.name,
        "version": package.version,
        "scope": "required",
        "licenses": [{ "expression": spdx(&facts.license) }],
        "purl": package.purl(),
    });
    let mut add = |name: &str, value: Value| {
        if let Some(component) = component.as_object_mut() {
            component.insert(name.to_owned(), value);
        }
    };
    if let Some(description) = &facts.description {
        add("description", json!(description));
    }
    if let Some(repository) = &facts.repository {
        add("externalReferences", json!([{ "type": "vcs", "url": repository }]));
    }
    if let Some(checksum) = shipment.checksums.get(package) {
        add("hashes", json!([{ "alg": "SHA-256", "content": checksum }]));
    }
    Ok(component)
}

/// The C code in the folder of a crate.
fn carried_component(carried: &Carried, folder: &Path) -> Result<Value> {
    let header = folder.join(carried.header);
    let text = std::fs::read_to_string(&header).with_context(|| format!("reading {}", header.display()))?;
    let version = text.lines().find_map(|line| {
        let mut words = line.strip_prefix("#define ")?.split_whitespace();
        (words.next()? == carried.constant).then(|| words.next()?.strip_prefix('"')?.strip_suffix('"'))?
    });
    let version = version.with_context(|| format!("no {} in {}", carried.constant, header.display()))?;
    let purl = format!("{}@{version}", carried.purl);
    Ok(json!({
        "type": "library",
        "bom-ref": purl,
        "name": carried.name,
        "version": version,
        "scope": "required",
        "licenses": [{ "expression": carried.license }],
        "purl": purl,
        "description": format!("C code that {} carries", carried.by),
    }))
}

#[cfg(test)]
mod tests;
