import type { TemplateParameter } from '../definitions/model/kind-definitions.js'
import { mediationError } from '../message/fault.js'
import type { Message } from '../message/message.js'

/**
 * Gives the parameters of a sequence template their default values.
 * @throws MediationError for a mandatory parameter without a value
 * @see WSO2, TemplateContext.setupParams
 */
export function withParameters (message: Message, declared: readonly TemplateParameter[]): Message {
  const { parameters: given = {} } = message
  const missing = declared.filter(({ name }) => !Object.hasOwn(given, name))
  const lacking = missing.find(parameter => parameter.mandatory === true && parameter.default === undefined)
  if (lacking !== undefined) {
    throw mediationError(`the template needs a value for its parameter "${lacking.name}"`)
  }
  const defaults = missing.flatMap(each => each.default === undefined ? [] : [[each.name, each.default] as const])
  return defaults.length === 0 ? message : { ...message, parameters: { ...Object.fromEntries(defaults), ...given } }
}
