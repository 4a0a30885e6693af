import { Type } from '@sinclair/typebox'
import { describe, omitUndefined } from '../../contracts/fields.js'
import { mediator } from '../../contracts/kind.js'
import { errorProperties, fault } from '../../message/fault.js'
import { ChainError } from '../../pipeline/chain.js'
import { Key, readKey, writeKey } from './sequence.js'
import { textReader } from '../values/value.js'

const DEFAULT_TYPE = 'GENERAL_ERROR'
const DEFAULT_MESSAGE = 'Error occurred in the mediation flow'

/** Fails the message: its fault sequence sees the type as ERROR_CODE. @see WSO2, ThrowError */
export const throwError = mediator({
  name: 'throwError',
  description: 'Fails the message. Its fault sequence sees `type` as ERROR_CODE and `message` as ERROR_MESSAGE.',
  fields: {
    type: describe(Type.Optional(Type.String({ minLength: 1 })), 'ERROR_CODE.', DEFAULT_TYPE),
    message: describe(Type.Optional(Key), `ERROR_MESSAGE, or an expression. Default: "${DEFAULT_MESSAGE}".`)
  },
  read: (element, reader) => omitUndefined({
    type: element.attribute('type') || undefined,
    message: element.attribute('errorMessage') ? readKey(element, 'errorMessage', reader) : undefined
  }),
  write: ({ type, message }) => [{ type, ...message === undefined ? {} : writeKey('errorMessage', message) }],
  reads: ({ message }, of) => ({
    request: typeof message === 'object' ? of.expression(message) : 'nothing', passesOn: false
  }),
  build ({ type = DEFAULT_TYPE, message = DEFAULT_MESSAGE }, context) {
    const text = textReader(typeof message === 'string' ? { value: message } : { expression: message }, context)
    return current => {
      const thrown = fault('MEDIATION', text(current) ?? '')
      const properties = { ...current.properties, ...errorProperties(thrown), ERROR_CODE: type }
      throw new ChainError(thrown, { ...current, properties })
    }
  }
})
