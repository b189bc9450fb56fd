-- One page of a list, again and again. An answer that is no page ends the measurement.
-- Arguments: path and query, Authorization, X-Tenant-ID.
function init(args)
  wrk.path = args[1]
  wrk.headers["Authorization"] = args[2]
  wrk.headers["X-Tenant-ID"] = args[3]
end

function response(status, _, body)
  if status ~= 200 then
    io.stderr:write("an unexpected answer: ", status, " ", body, "\n")
    os.exit(3)
  end
end
