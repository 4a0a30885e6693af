import { session } from '../contracts/kind.js'
import { removeBlocks, splice } from '../soap/edit.js'
import { bytesOf, envelopeOf, withStart } from '../soap/read.js'
import type { Block } from '../message/envelope.js'
import { idsGiven, namingBlocks, serviceGroupIds } from '../soap/axis2-session.js'
import { affinity, readSettings, settings, writeSettings } from './session-settings.js'

/** The first one counts, if it says anything. */
const firstOf = ([first]: readonly Block[]): string[] => {
  const id = first?.text.trim()
  return id ? [id] : []
}

/**
 * The server names the session: in its answer as a reference parameter of wsa:ReplyTo (WS-Addressing 1.0), in later requests the same
 * ServiceGroupId is a block of the SOAP Header (Apache Synapse, SoapSessionDispatcher).
 */
export const soap = session({
  name: 'soap',
  about: 'The server names the session in the SOAP header ServiceGroupId of Axis2.',
  fields: settings,
  read: readSettings,
  write: writeSettings,
  needs: () => ({ request: 'header', response: 'header' }),
  build: config => affinity({
    find: request => firstOf(serviceGroupIds(envelopeOf(request)?.blocks ?? [])),
    learn: answer => firstOf(namingBlocks(envelopeOf(answer)?.blocks ?? []).flatMap(idsGiven)),
    forget (request) {
      const envelope = envelopeOf(request)
      const stale = serviceGroupIds(envelope?.blocks ?? [])
      return envelope === undefined || stale.length === 0
        ? request
        : { ...request, body: withStart(request.body, splice(bytesOf(request.body), removeBlocks(envelope, stale))) }
    }
  }, config)
})
