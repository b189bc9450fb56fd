-- Whole pushed code flows of people who are signed in: the request is pushed (RFC 9126), the browser brings its
-- request_uri, and the code is redeemed. Any connection may go on with what another one began. An answer that is none of
-- the three ends the measurement.
-- Arguments: form body of the pushed request, path of the authorization request up to "request_uri=", Cookie,
-- Authorization, form body of the redemption up to "code=".
local pushed, first_uri, last_uri = {}, 1, 0
local codes, first_code, last_code = {}, 1, 0
local push, authorize, browser, application, form

function init(args)
  local host = wrk.headers["Host"]
  application = {
    ["Host"] = host,
    ["Authorization"] = args[4],
    ["Content-Type"] = "application/x-www-form-urlencoded",
  }
  push = wrk.format("POST", "/oauth2/par", application, args[1])
  authorize = args[2]
  browser = { ["Host"] = host, ["Cookie"] = args[3] }
  form = args[5]
end

function request()
  if first_code <= last_code then
    local code = codes[first_code]
    codes[first_code] = nil
    first_code = first_code + 1
    return wrk.format("POST", "/oauth2/token", application, form .. code)
  end
  if first_uri <= last_uri then
    local uri = pushed[first_uri]
    pushed[first_uri] = nil
    first_uri = first_uri + 1
    return wrk.format("GET", authorize .. uri:gsub(":", "%%3A"), browser)
  end
  return push
end

function response(status, answer, body)
  if status == 201 then
    local uri = body:match('"request_uri":"([^"]+)"')
    if uri then
      last_uri = last_uri + 1
      pushed[last_uri] = uri
      return
    end
  end
  if status == 200 and body:find('"access_token"', 1, true) then return end
  local location = answer["location"] or answer["Location"] or ""
  local code = location:match("[?&]code=([^&]+)")
  if not code then
    io.stderr:write("an unexpected answer: ", status, " ", location, " ", body, "\n")
    os.exit(3)
  end
  last_code = last_code + 1
  codes[last_code] = code
end
