import { session } from '../contracts/kind.js'
import { removeBlocks, applyEdits } from '../soap/edit.js'
import { bytesOf, envelopeOf, withStart } from '../soap/read.js'
import { idGiven, idRequested } from '../soap/session-id.js'
import { issuedGroupIds, blocksWithGroupId, serviceGroupIds } from '../soap/axis2-session.js'
import { tableSession, readSettings, sessionSettings, writeSettings } from './session-settings.js'

const listOf = (id: string | undefined): string[] => id === undefined ? [] : [id]

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
    idsInRequest: request => listOf(idRequested(serviceGroupIds(envelopeOf(request)?.blocks ?? []))),
    idsInResponse: response =>
      listOf(idGiven(blocksWithGroupId(envelopeOf(response)?.blocks ?? []).flatMap(issuedGroupIds)[0])),
    withoutStaleIds (request) {
      const envelope = envelopeOf(request)
      const stale = serviceGroupIds(envelope?.blocks ?? [])
      if (envelope === undefined || stale.length === 0) return request
      const bytes = applyEdits(bytesOf(request.body), removeBlocks(envelope, stale))
      return { ...request, body: withStart(request.body, bytes) }
    }
  }, config)
})
