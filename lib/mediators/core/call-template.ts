import { Type } from '@sinclair/typebox'
import { describe } from '../../contracts/fields.js'
import { mediator } from '../../contracts/kind.js'
import type { BuildContext } from '../../contracts/build-context.js'
import type { Mediator, Step } from '../../contracts/mediator.js'
import type { Flow } from '../../contracts/flow.js'
import { jsonText } from '../../json/json-value.js'
import { deepestOf, type Message, type Properties, type PropertyValue } from '../../message/message.js'
import { runPart } from '../../pipeline/chain.js'
import { inSequence, READS_NOTHING } from '../../pipeline/read-depth.js'
import type { Tag } from '../../xml/markup.js'
import { Key, readKey, sequenceFor, writeKey } from './sequence.js'

const Parameter = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    value: describe(Key, 'Its value, or an expression that computes it for each call.')
  },
  { additionalProperties: false }
)

/** Runs a sequence template with values for its parameters. @see WSO2, InvokeMediator */
export const callTemplate = mediator({
  name: 'call-template',
  description: 'Runs a sequence template. Expressions in it read the parameters as `$func:name`.',
  fields: {
    target: describe(Type.String({ minLength: 1 }), 'Name of the template.'),
    parameters: describe(Type.Optional(Type.Array(Parameter)), 'Values for its parameters.')
  },
  read (element, reader) {
    if (element.attribute('onError') !== undefined) {
      reader.problem(element, 'onError at <call-template> is not supported', 'write onError at the <template>')
    }
    const parameters = element.all('with-param').map(each => {
      const name = each.attribute('name')
      if (!name) reader.problem(each, '<with-param> needs a name')
      return { name: name ?? '', value: readKey(each, 'value', reader) ?? '' }
    })
    const target = element.attribute('target')
    return { ...(target !== undefined && { target }), ...(parameters.length > 0 && { parameters }) }
  },
  write: ({ target, parameters = [] }) => [
    { target },
    ...parameters.map(({ name, value }): Tag => ['with-param', { name, ...writeKey('value', value) }])
  ],
  reads ({ target, parameters = [] }, of) {
    const depths = parameters.map(({ value }) => (typeof value === 'string' ? 'nothing' : of.expression(value)))
    return inSequence({ ...READS_NOTHING, request: deepestOf(depths) }, of.sequence(target))
  },
  build ({ target, parameters = [] }, context) {
    const values = parameters.map(({ name, value }) => [name, valueOf(value, context)] as const)
    const template = sequenceFor(target, context)
    return message =>
      call(template, message, Object.fromEntries(values.map(([name, value]) => [name, value(message)])))
  }
})

type ParameterValue = string | Parameters<BuildContext['expression']>[0]

function valueOf (value: ParameterValue, context: BuildContext): (message: Message) => PropertyValue {
  if (typeof value === 'string') return () => value
  const expression = context.expression(value)
  return message => {
    const json = expression.language === 'xpath' ? undefined : expression.json(message)
    return typeof json === 'object' && json !== null ? { json: jsonText(json) } : (expression.text(message) ?? '')
  }
}

/** Runs a template. After it, the parameters of the caller are back. */
const call = (template: Mediator, message: Message, parameters: Properties): Flow<Step> =>
  runPart([template], { ...message, parameters }, step => ({
    ...step,
    message: { ...step.message, parameters: message.parameters }
  }))
