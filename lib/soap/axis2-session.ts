import { ADDRESSING } from './addressing.js'
import type { HeaderBlock } from '../message/envelope.js'

/** The namespace of the session ids of Apache Axis2. */
const AXIS2 = 'http://ws.apache.org/namespaces/axis2'

const named = (blocks: readonly HeaderBlock[], name: string, namespace: string): HeaderBlock[] =>
  blocks.filter(block => block.name === name && block.namespace === namespace)

/** Of the header blocks of a request, those that name its session. */
export const serviceGroupIds = (blocks: readonly HeaderBlock[]): HeaderBlock[] =>
  named(blocks, 'ServiceGroupId', AXIS2)

/**
 * Of the header blocks of a response, those that give the client its session id: a reference parameter of wsa:ReplyTo.
 */
export const blocksWithGroupId = (blocks: readonly HeaderBlock[]): HeaderBlock[] =>
  named(blocks, 'ReplyTo', ADDRESSING.final).filter(block => issuedGroupIds(block).length > 0)

/** The blocks with the ids inside of a reference. */
export const issuedGroupIds = ({ children }: HeaderBlock): HeaderBlock[] =>
  named(children, 'ReferenceParameters', ADDRESSING.final).flatMap(parameters => serviceGroupIds(parameters.children))
