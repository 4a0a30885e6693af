import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The message of all measurements: 664 bytes of SOAP with a ClientID, one of 10,000. */
export const SESSIONS = 10_000
export const SIZE = 664
const NAMESPACES = 'xmlns:s="http://www.w3.org/2003/05/soap-envelope"'

export function envelope (id: number, size = SIZE): string {
  const head = `<s:Envelope ${NAMESPACES}><s:Header><syn:ClientID xmlns:syn="http://ws.apache.org/ns/synapse">client-${String(id).padStart(5, '0')}</syn:ClientID></s:Header><s:Body><Value>`
  const tail = '</Value></s:Body></s:Envelope>'
  return head + 'x'.repeat(Math.max(0, size - head.length - tail.length)) + tail
}

export const HEADERS = {
  'Content-Type': 'application/soap+xml; charset=UTF-8; action="urn:sampleOperation"'
} as const

/** A script for wrk: one request for each session, in turn. Made before the measurement, so that the load costs nothing but the writing. */
export function wrkScript (folder: string): string {
  const file = join(folder, 'load.lua')
  writeFileSync(file, `
local requests = {}
local at = 0
init = function ()
  for id = 0, ${SESSIONS - 1} do
    local body = string.gsub([[${envelope(0)}]], "client%-00000", string.format("client-%05d", id))
    requests[id] = wrk.format("POST", "/services/LBProxy", { ["Content-Type"] = [[${HEADERS['Content-Type']}]], ["Cookie"] = string.format("ROUTE=%05d", id), ["X-Session"] = string.format("%05d", id) }, body)
  end
end
request = function ()
  at = (at + 1) % ${SESSIONS}
  return requests[at]
end
done = function (summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d %d %d\\n", summary.requests, summary.duration, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout, summary.errors.status, latency:percentile(50), latency:percentile(99), latency.max))
end
`)
  return file
}
