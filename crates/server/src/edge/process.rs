//! The `process_…` metrics that Prometheus' own libraries have, from `/proc`; where there is none, there are none.

use std::fs;

/// Clock ticks a second in `/proc`, on every Linux that there is (`sysconf(_SC_CLK_TCK)`).
const TICKS: f64 = 100.0;

/// One of them: name, help, whether it only grows, value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub help: &'static str,
    /// Whether it is a counter.
    pub grows: bool,
    /// Its value.
    pub value: f64,
}

/// What can be read of this process.
pub fn measured() -> Vec<Measured> {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let boot = fs::read_to_string("/proc/stat").unwrap_or_default();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let open = fs::read_dir("/proc/self/fd").ok().and_then(|files| u32::try_from(files.count()).ok());
    let row =
        |name, help, grows, value: Option<f64>| value.map(|value| Measured { name, help, grows, value });
    let all = [
        row("process_cpu_seconds_total", "Processor time, seconds.", true, cpu_seconds(&stat)),
        row(
            "process_start_time_seconds",
            "When it started, seconds since 1970.",
            false,
            started(&stat, &boot),
        ),
        row("process_resident_memory_bytes", "Memory that is resident.", false, kibibytes(&status, "VmRSS:")),
        row("process_virtual_memory_bytes", "Memory that is mapped.", false, kibibytes(&status, "VmSize:")),
        row("process_threads", "Threads.", false, number(&status, "Threads:")),
        row("process_open_fds", "File descriptors that are open.", false, open.map(f64::from)),
        row(
            "process_max_fds",
            "File descriptors that may be open.",
            false,
            number(&limits, "Max open files"),
        ),
    ];
    all.into_iter().flatten().collect()
}

/// A field of `/proc/self/stat`, counted from 1 (proc(5)). The second is a name that may have anything in it.
fn field(stat: &str, at: usize) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(at.checked_sub(3)?)?.parse().ok()
}

fn cpu_seconds(stat: &str) -> Option<f64> {
    Some((field(stat, 14)? + field(stat, 15)?) / TICKS)
}

fn started(stat: &str, boot: &str) -> Option<f64> {
    Some(number(boot, "btime")? + field(stat, 22)? / TICKS)
}

fn kibibytes(status: &str, name: &str) -> Option<f64> {
    number(status, name).map(|kibibytes| kibibytes * 1024.0)
}

/// The first number behind a name at the beginning of a line.
fn number(text: &str, name: &str) -> Option<f64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proc_is_read() {
        let stat = "7 (a ) name) S 1 7 7 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 4 0 12345 1 2";
        assert_eq!(cpu_seconds(stat), Some(3.0));
        assert_eq!(started(stat, "cpu 1 2\nbtime 1700000000\n"), Some(1_700_000_123.45));
        assert_eq!(kibibytes("Name:\tx\nVmRSS:\t  2048 kB\n", "VmRSS:"), Some(2_097_152.0));
        let limits = "Limit                     Soft Limit           Hard Limit           Units\n\
                      Max open files            1024                 1048576              files\n";
        assert_eq!(number(limits, "Max open files"), Some(1024.0));
        assert_eq!(number("", "Threads:"), None);
    }

    #[test]
    fn this_process_has_all_of_them() {
        let measured = measured();
        assert_eq!(measured.len(), 7, "{measured:?}");
        assert!(measured.iter().all(|one| one.value > 0.0 || one.name == "process_cpu_seconds_total"));
    }
}
