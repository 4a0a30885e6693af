import { session } from '../contracts/kind.js'
import { removeBlocks, applyEdits } from '../soap/edit.js'
import { bytesOf, envelopeOf, withStart } from '../soap/read.js'
import type { HeaderBlock } from '../message/envelope.js'
import { issuedGroupIds, blocksWithGroupId, serviceGroupIds } from '../soap/axis2-session.js'
import { tableSession, readSettings, sessionSettings, writeSettings } from './session-settings.js'

/** The first one counts, if it says anything. */
const firstOf = ([first]: readonly HeaderBlock[]): string[] => {
  const id = first?.text.trim()
  return id ? [id] : []
}

/**
 * The server names the session: in its answer as a reference parameter of wsa:ReplyTo (WS-Addressing 1.0), in later requests the same
 * ServiceGroupId is a block of the SOAP Header (Apache Synapse, SoapSessionDispatcher).
 */
export const soap = session({
  name: 'soap',
  description: 'The server names the session in the SOAP header ServiceGroupId of Axis2.',
  fields: sessionSettings,
  read: readSettings,
  write: writeSettings,
  reads: () => ({ request: 'header', response: 'header' }),
  build: config => tableSession({
    idsInRequest: request => firstOf(serviceGroupIds(envelopeOf(request)?.blocks ?? [])),
    idsInResponse: answer => firstOf(blocksWithGroupId(envelopeOf(answer)?.blocks ?? []).flatMap(issuedGroupIds)),
    withoutStaleIds (request) {
      const envelope = envelopeOf(request)
      const stale = serviceGroupIds(envelope?.blocks ?? [])
      return envelope === undefined || stale.length === 0
        ? request
        : { ...request, body: withStart(request.body, applyEdits(bytesOf(request.body), removeBlocks(envelope, stale))) }
    }
  }, config)
})
