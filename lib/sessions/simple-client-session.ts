import { session } from '../contracts/kind.js'
import type { HeaderBlock } from '../message/envelope.js'
import { envelopeOf } from '../soap/read.js'
import { idRequested } from '../soap/session-id.js'
import { SYNAPSE_NAMESPACE } from '../message/soap-version.js'
import { tableSession, readSettings, sessionSettings, writeSettings } from './session-settings.js'

const isClientId = ({ name, namespace }: HeaderBlock): boolean =>
  name === 'ClientID' && namespace === SYNAPSE_NAMESPACE

/**
 * The client names its session in the SOAP header `{http://ws.apache.org/ns/synapse}ClientID`, a direct child of
 * Header. HTTP headers are not read. A header with elements in it, or two with different ids, are refused.
 * @see Apache Synapse, SimpleClientSessionDispatcher
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
      const id = idRequested(envelopeOf(request)?.blocks.filter(isClientId) ?? [])
      return id === undefined ? [] : [id]
    }
  }, config)
})
