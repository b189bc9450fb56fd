-- Shared by every measurement: the totals as one JSON line. wrk runs done() once, after all threads.
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    'WRIT-BENCH {"requests":%d,"micros":%d,"bytes":%d,"mean_us":%.1f,"p50_us":%d,"p90_us":%d,"p99_us":%d,"max_us":%d,' ..
    '"errors":{"connect":%d,"read":%d,"write":%d,"timeout":%d,"status":%d}}\n',
    summary.requests, summary.duration, summary.bytes,
    latency.mean, latency:percentile(50), latency:percentile(90), latency:percentile(99), latency.max,
    e.connect, e.read, e.write, e.timeout, e.status))
end
