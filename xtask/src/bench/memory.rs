//! What the kernel says about the running server: resident memory, processor time, and the size of its WAL file.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

/// Resident memory in KiB: now, and the most it has ever been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    pub rss_kib: u64,
    pub peak_kib: u64,
}

/// Reads `VmRSS` and `VmHWM` of a process.
pub fn of_process(pid: u32) -> Result<Memory> {
    let text =
        std::fs::read_to_string(format!("/proc/{pid}/status")).context("reading the process status")?;
    parse_status(&text)
}

/// Lets `VmHWM` begin anew (proc(5), `clear_refs`).
pub fn forget_peak(pid: u32) -> Result<()> {
    std::fs::write(format!("/proc/{pid}/clear_refs"), "5").context("resetting the peak of the process")
}

fn parse_status(text: &str) -> Result<Memory> {
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|value| value.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
        kib.with_context(|| format!("no {name} in the process status"))
    };
    Ok(Memory { rss_kib: field("VmRSS:")?, peak_kib: field("VmHWM:")? })
}

/// Processor time a process has used so far, in kernel ticks of 10 ms (user and system).
pub fn processor_ticks(pid: u32) -> Result<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).context("reading the process times")?;
    parse_ticks(&text).context("the process times are not as expected")
}

/// proc(5): fields 14 and 15; the second field is a name in parentheses that may hold anything.
fn parse_ticks(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// The largest WAL file seen in each half of the watch, in bytes: equal halves mean that it does not grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WalSizes {
    pub first_half: u64,
    pub second_half: u64,
}

/// Polls the size of a file each 200 ms until it is stopped.
#[derive(Debug)]
pub struct WalWatch {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Vec<u64>>,
}

impl WalWatch {
    /// Starts watching; a file that is not there counts as empty.
    pub fn start(file: PathBuf) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut sizes = Vec::new();
            loop {
                sizes.push(std::fs::metadata(&file).map_or(0, |metadata| metadata.len()));
                if stopped.load(Ordering::Relaxed) {
                    return sizes;
                }
                std::thread::sleep(Duration::from_millis(200));
            }
        });
        Self { stop, thread }
    }

    /// Ends the watch and tells what it saw.
    pub fn stop(self) -> Result<WalSizes> {
        self.stop.store(true, Ordering::Relaxed);
        let sizes = self.thread.join().map_err(|_| anyhow!("the thread that watches the WAL ended badly"))?;
        Ok(halves(&sizes))
    }
}

fn halves(sizes: &[u64]) -> WalSizes {
    let (first, second) = sizes.split_at(sizes.len() / 2);
    let largest = |half: &[u64]| half.iter().copied().max().unwrap_or_default();
    WalSizes { first_half: largest(first), second_half: largest(second) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_read() {
        let text = "Name:\twrit\nVmPeak:\t  99 kB\nVmHWM:\t   25000 kB\nVmRSS:\t   21404 kB\nThreads:\t4\n";
        assert_eq!(parse_status(text).unwrap(), Memory { rss_kib: 21_404, peak_kib: 25_000 });
        assert!(parse_status("VmRSS:\t 1 kB\n").is_err());
    }

    #[test]
    fn processor_time_is_read_past_an_odd_name() {
        let stat = "42 (wr) it) S 1 2 3 4 5 6 7 8 9 10 150 25 0 0 20 0 4 0 99";
        assert_eq!(parse_ticks(stat), Some(175));
        assert_eq!(parse_ticks("42 (writ) S 1 2"), None);
    }

    #[test]
    fn own_process_can_be_read() {
        let memory = of_process(std::process::id()).unwrap();
        assert!(memory.rss_kib > 0 && memory.peak_kib >= memory.rss_kib);
        processor_ticks(std::process::id()).unwrap();
    }

    #[test]
    fn wal_halves_keep_their_largest() {
        assert_eq!(halves(&[0, 5, 3, 9, 2]), WalSizes { first_half: 5, second_half: 9 });
        assert_eq!(halves(&[]), WalSizes { first_half: 0, second_half: 0 });
    }

    #[test]
    fn a_watched_file_is_seen_at_the_end() {
        let watch = WalWatch::start(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
        assert!(watch.stop().unwrap().second_half > 0);
    }
}
