//! The machine that the numbers belong to: what a reader needs to compare them with another one's.

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::Result;

use crate::sh;

/// Facts about machine, toolchain and sources, each as a line of text.
#[derive(Debug, Clone)]
pub struct Machine {
    pub facts: Vec<(&'static str, String)>,
}

/// Gathers the facts; `folder` is where the database will lie. A fact that cannot be had is "unknown".
pub fn describe(folder: &Path) -> Result<Machine> {
    let read = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
    let said = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        let text = sh::output_of(command.args(arguments).current_dir(sh::workspace_root()));
        text.map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
    };
    let (typical, slow) = sync_cost(folder)?;
    Ok(Machine {
        facts: vec![
            ("date", said("date", &["-u", "+%Y-%m-%d"])),
            ("processor", processor(&read("/proc/cpuinfo"))),
            ("memory", memory_size(&read("/proc/meminfo"))),
            ("kernel", said("uname", &["-sr"])),
            ("file system", file_system(&read("/proc/mounts"), folder)),
            (
                "write of 4 KiB + fdatasync",
                format!("median {typical} µs, 99th percentile {slow} µs, of {SYNCS} in a row"),
            ),
            ("rustc", said("rustc", &["--version"])),
            ("revision", revision(&said)),
        ],
    })
}

fn revision(said: &dyn Fn(&str, &[&str]) -> String) -> String {
    let revision = said("git", &["rev-parse", "--short=12", "HEAD"]);
    // The results file itself is about to change; it does not make the sources others.
    let changes = said("git", &["status", "--porcelain", "--", ".", ":!docs/benchmarks.md"]);
    if changes.is_empty() || revision == "unknown" {
        revision
    } else {
        format!("{revision} with local changes")
    }
}

fn processor(cpuinfo: &str) -> String {
    let field = |name: &str| {
        cpuinfo.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            (key.trim() == name).then(|| value.trim())
        })
    };
    let cores = cpuinfo.lines().filter(|line| line.starts_with("processor")).count();
    let virtual_machine =
        field("flags").is_some_and(|flags| flags.split_ascii_whitespace().any(|flag| flag == "hypervisor"));
    let place = if virtual_machine { " (a virtual machine)" } else { "" };
    format!("{}, {cores} logical processors{place}", field("model name").unwrap_or("unknown"))
}

fn memory_size(meminfo: &str) -> String {
    let kib = meminfo.lines().find_map(|line| {
        line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
    });
    kib.map_or_else(|| "unknown".to_owned(), |kib| format!("{} MiB", kib / 1024))
}

/// The type of the file system that holds the folder: the last of the longest mount points above it.
fn file_system(mounts: &str, folder: &Path) -> String {
    let mut found = (0, "unknown");
    for line in mounts.lines() {
        let mut fields = line.split(' ').skip(1);
        let (Some(point), Some(kind)) = (fields.next(), fields.next()) else { continue };
        let depth = Path::new(point).components().count();
        if folder.starts_with(point) && depth >= found.0 {
            found = (depth, kind);
        }
    }
    found.1.to_owned()
}

const SYNCS: usize = 200;

/// Microseconds of appending 4 KiB and making it durable: median and 99th percentile.
fn sync_cost(folder: &Path) -> Result<(u128, u128)> {
    let path = folder.join("sync-cost");
    let mut file = std::fs::File::create(&path)?;
    let mut costs = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let start = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        costs.push(start.elapsed().as_micros());
    }
    std::fs::remove_file(path)?;
    costs.sort_unstable();
    let at = |percent: usize| costs.get(SYNCS * percent / 100).copied().unwrap_or_default();
    Ok((at(50), at(99)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_line_names_model_count_and_virtuality() {
        let text = "processor\t: 0\nmodel name\t: Some CPU @ 2.0GHz\nflags\t\t: fpu hypervisor sse\n\nprocessor\t: 1\n";
        assert_eq!(processor(text), "Some CPU @ 2.0GHz, 2 logical processors (a virtual machine)");
        assert_eq!(processor(""), "unknown, 0 logical processors");
    }

    #[test]
    fn longest_mount_point_wins() {
        let mounts = "a / overlay rw 0 0\nb /srv ext4 rw 0 0\nc /srv2 xfs rw 0 0\nd /srv btrfs rw 0 0\n";
        assert_eq!(file_system(mounts, Path::new("/srv/bench")), "btrfs");
        assert_eq!(file_system(mounts, Path::new("/var")), "overlay");
    }

    #[test]
    fn memory_is_in_mebibytes() {
        assert_eq!(memory_size("MemTotal:       2048000 kB\n"), "2000 MiB");
    }
}
