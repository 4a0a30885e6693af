import { session } from '../contracts/kind.js'
import { envelopeOf } from '../soap/read.js'
import { SYNAPSE_NAMESPACE } from '../message/soap-version.js'
import { tableSession, readSettings, sessionSettings, writeSettings } from './session-settings.js'

/**
 * The client names its own session in the SOAP header `{http://ws.apache.org/ns/synapse}ClientID`, a direct child of Header
 * (Apache Synapse, SimpleClientSessionDispatcher). No HTTP header is ever asked.
 */
export const simpleClientSession = session({
  name: 'simpleClientSession',
  description: 'The client names its session in the SOAP header ClientID.',
  fields: sessionSettings,
  read: readSettings,
  write: writeSettings,
  reads: () => ({ request: 'header' }),
  build: config => tableSession({
    idsInRequest (request) {
      const id = envelopeOf(request)?.blocks.find(({ name, namespace }) => name === 'ClientID' && namespace === SYNAPSE_NAMESPACE)?.text.trim()
      return id ? [id] : []
    }
  }, config)
})
