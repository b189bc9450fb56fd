-- Refresh tokens in rotation: each answer brings the token of a later request.
-- Arguments: Authorization, path of a file with one refresh token a line.
local tokens, first, last = {}, 1, 0
local headers

function init(args)
  headers = { ["Host"] = wrk.headers["Host"], ["Authorization"] = args[1], ["Content-Type"] = "application/x-www-form-urlencoded" }
  for token in io.lines(args[2]) do
    last = last + 1
    tokens[last] = token
  end
end

function request()
  local token = tokens[first]
  if not token then
    io.stderr:write("fewer refresh tokens than connections\n")
    os.exit(3)
  end
  tokens[first] = nil
  first = first + 1
  return wrk.format("POST", "/oauth2/token", headers, "grant_type=refresh_token&refresh_token=" .. token)
end

function response(status, _, body)
  local token = body:match('"refresh_token":"([^"]+)"')
  if status ~= 200 or not token then
    io.stderr:write("an unexpected answer: ", status, " ", body, "\n")
    os.exit(3)
  end
  last = last + 1
  tokens[last] = token
end
