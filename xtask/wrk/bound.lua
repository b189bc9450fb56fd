-- Token requests of a machine, each with a proof of its key that was never used before (RFC 9449). Where there are no proofs
-- left the measurement ends.
-- Arguments: Authorization, path of a file with one proof a line.
local headers, proofs

function init(args)
  headers = { ["Host"] = wrk.headers["Host"], ["Authorization"] = args[1], ["Content-Type"] = "application/x-www-form-urlencoded" }
  proofs = io.lines(args[2])
end

function request()
  local proof = proofs()
  if not proof then
    io.stderr:write("fewer proofs than requests\n")
    os.exit(3)
  end
  headers["DPoP"] = proof
  return wrk.format("POST", "/oauth2/token", headers, "grant_type=client_credentials")
end

function response(status, _, body)
  if status ~= 200 or not body:find('"token_type":"DPoP"', 1, true) then
    io.stderr:write("an unexpected answer: ", status, " ", body, "\n")
    os.exit(3)
  end
end
