-- Whole code flows of people who are signed in: an authorization request, then the redemption of its code.
-- Any connection may redeem any code. An answer that is neither a code nor a token ends the measurement.
-- Arguments: path and query of the authorization request, Cookie, Authorization, form body up to "code=".
local codes, first, last = {}, 1, 0
local authorize, form, headers

function init(args)
  authorize = wrk.format("GET", args[1], { ["Host"] = wrk.headers["Host"], ["Cookie"] = args[2] })
  headers = {
    ["Host"] = wrk.headers["Host"],
    ["Authorization"] = args[3],
    ["Content-Type"] = "application/x-www-form-urlencoded",
  }
  form = args[4]
end

function request()
  if first > last then return authorize end
  local code = codes[first]
  codes[first] = nil
  first = first + 1
  return wrk.format("POST", "/oauth2/token", headers, form .. code)
end

function response(status, answer, body)
  if status == 200 and body:find('"access_token"', 1, true) then return end
  local location = answer["location"] or answer["Location"] or ""
  local code = location:match("[?&]code=([^&]+)")
  if not code then
    io.stderr:write("an unexpected answer: ", status, " ", location, " ", body, "\n")
    os.exit(3)
  end
  last = last + 1
  codes[last] = code
end
