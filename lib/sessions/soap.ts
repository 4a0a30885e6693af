import { session } from '../contracts/kind.js'
import { removeBlocks, applyEdits } from '../soap/edit.js'
import { bytesOf, envelopeOf, withStart } from '../soap/read.js'
import type { HeaderBlock } from '../message/envelope.js'
import { issuedGroupIds, blocksWithGroupId, serviceGroupIds } from '../soap/axis2-session.js'
import { tableSession, readSettings, sessionSettings, writeSettings } from './session-settings.js'

/** The id in the first block, unless it is empty. */
const firstOf = ([first]: readonly HeaderBlock[]): string[] => {
  const id = first?.text.trim()
  return id ? [id] : []
}

/**
 * The back-end names the session: in its response as a reference parameter of wsa:ReplyTo (WS-Addressing 1.0). Later
 * requests carry the same ServiceGroupId as a block of the SOAP Header.
 * @see Apache Synapse, SoapSessionDispatcher
 */
export const soap = session({
  name: 'soap',
  description: 'The back-end names the session in the SOAP header ServiceGroupId of Axis2.',
  fields: sessionSettings,
  read: readSettings,
  write: writeSettings,
  reads: () => ({ request: 'header', response: 'header' }),
  build: config => tableSession({
    idsInRequest: request => firstOf(serviceGroupIds(envelopeOf(request)?.blocks ?? [])),
    idsInResponse: response =>
      firstOf(blocksWithGroupId(envelopeOf(response)?.blocks ?? []).flatMap(issuedGroupIds)),
    withoutStaleIds (request) {
      const envelope = envelopeOf(request)
      const stale = serviceGroupIds(envelope?.blocks ?? [])
      if (envelope === undefined || stale.length === 0) return request
      const bytes = applyEdits(bytesOf(request.body), removeBlocks(envelope, stale))
      return { ...request, body: withStart(request.body, bytes) }
    }
  }, config)
})
