import { session } from '../kind.js'
import type { Message } from '../message.js'
import { ADDRESSING } from '../soap/addressing.js'
import { removeBlocks, splice } from '../soap/edit.js'
import { bytesOf, envelopeOf, withStart } from '../soap/read.js'
import type { Block } from '../soap/scan.js'
import { affinity, readSettings, settings, writeSettings } from './settings.js'

/** The namespace of Axis2, whose servers name their sessions so. */
const AXIS2 = 'http://ws.apache.org/namespaces/axis2'

const named = (blocks: readonly Block[] | undefined, name: string, namespace: string): Block | undefined =>
  blocks?.find(block => block.name === name && block.namespace === namespace)

const idIn = (blocks: readonly Block[] | undefined): string[] => {
  const id = named(blocks, 'ServiceGroupId', AXIS2)?.text.trim()
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
    find: request => idIn(envelopeOf(request)?.blocks),
    learn (answer) {
      const replyTo = named(envelopeOf(answer)?.blocks, 'ReplyTo', ADDRESSING.final)
      return idIn(named(replyTo?.children, 'ReferenceParameters', ADDRESSING.final)?.children)
    },
    forget (request): Message {
      const envelope = envelopeOf(request)
      const stale = envelope?.blocks.filter(({ name, namespace }) => name === 'ServiceGroupId' && namespace === AXIS2) ?? []
      return envelope === undefined || stale.length === 0
        ? request
        : { ...request, body: withStart(request.body, splice(bytesOf(request.body), removeBlocks(envelope, stale))) }
    }
  }, config)
})
