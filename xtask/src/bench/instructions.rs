//! Instructions that the server carries out for one request: the same program does the same work, however busy the
//! machine is and however fast its clock. Counted by the processor (perf stat), where the kernel lets it.

use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};

/// A count that runs.
#[derive(Debug)]
pub struct Count(Option<Child>);

impl Count {
    /// Begins to count what a process does from now on, user and kernel. Where nothing can be counted, nothing is.
    pub fn begin(pid: u32) -> Self {
        let mut perf = Command::new("perf");
        perf.args(["stat", "-x", ",", "-e", "instructions", "-p", &pid.to_string()]);
        perf.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        Self(perf.spawn().ok())
    }

    /// Ends it: how many there were; none where they cannot be counted.
    ///
    /// # Errors
    /// Where perf cannot be told to end.
    pub fn end(self) -> Result<Option<u64>> {
        let Some(perf) = self.0 else { return Ok(None) };
        // perf prints its counts when it is interrupted. Where it ended before, there is nobody to interrupt.
        let _ = Command::new("kill").args(["-INT", &perf.id().to_string()]).stderr(Stdio::null()).status();
        let output = perf.wait_with_output().context("waiting for perf stat")?;
        Ok(counted(&String::from_utf8_lossy(&output.stderr)))
    }
}

/// The number in `123456,,instructions,…`; none for `<not supported>`.
fn counted(csv: &str) -> Option<u64> {
    let line = csv.lines().find(|line| line.contains(",instructions"))?;
    line.split(',').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn the_count_is_read_and_its_absence_too() {
        assert_eq!(counted("608895,,instructions,1234,100.00,0.36,insn per cycle\n"), Some(608_895));
        assert_eq!(counted("12,,instructions:u,1234,100.00,,\n"), Some(12));
        assert_eq!(counted("<not supported>,,instructions,0,100.00,,\n"), None);
        assert_eq!(counted("perf: no permission\n"), None);
    }
}
