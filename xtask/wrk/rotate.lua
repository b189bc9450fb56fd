-- Form bodies from a file, one a line, sent in rotation; all requests are formatted before the clock starts.
-- Arguments: method, Authorization header or "-", path of the file.
local prepared, at = {}, 0

function init(args)
  wrk.method = args[1]
  if args[2] ~= "-" then wrk.headers["Authorization"] = args[2] end
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
  for body in io.lines(args[3]) do
    prepared[#prepared + 1] = wrk.format(nil, nil, nil, body)
  end
end

function request()
  at = at % #prepared + 1
  return prepared[at]
end
