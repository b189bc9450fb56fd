-- One page, as a browser with these cookies asks for it. An answer that is not that page ends the measurement.
-- Arguments: path and query, Cookie, words that the page has to have.
local page, words

function init(args)
  page = wrk.format("GET", args[1], { ["Host"] = wrk.headers["Host"], ["Cookie"] = args[2] })
  words = args[3]
end

function request()
  return page
end

function response(status, answer, body)
  if status == 200 and body:find(words, 1, true) then return end
  io.stderr:write("an unexpected answer: ", status, " ", body, "\n")
  os.exit(3)
end
