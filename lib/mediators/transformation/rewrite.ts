import { Type } from '@sinclair/typebox'
import { describe, ExpressionField, omitUndefined, writeExpression } from '../../contracts/fields.js'
import { mediator } from '../../contracts/kind.js'
import type { Reader } from '../../contracts/xml-form.js'
import { deepestOf, textOfProperty, type Message } from '../../message/message.js'
import type { Element } from '../../xml/element.js'
import { compileCondition, ConditionRef, depthOfCondition, readCondition, writeCondition } from '../values/condition.js'
import { ACTIONS, compileAction } from './rewrite-action.js'
import { FRAGMENTS, fragmentsOf, uriOf } from '../values/uri-fragments.js'

const Action = Type.Object(
  {
    type: describe(
      Type.Optional(Type.Union(ACTIONS.map(each => Type.Literal(each)))), 'What happens to the part.', 'set'
    ),
    fragment: describe(
      Type.Optional(Type.Union([...FRAGMENTS, 'full' as const].map(each => Type.Literal(each)))),
      'The part of the address that changes; `full` and `port` are always set.',
      'full'
    ),
    value: describe(Type.Optional(Type.String()), 'The new text, or what is added.'),
    expression: describe(Type.Optional(ExpressionField), 'Gives the value, where none is written; in XML `xpath`.'),
    regex: describe(Type.Optional(Type.String()), 'What `replace` replaces: a regular expression.'),
    resolve: describe(Type.Optional(Type.Boolean()), 'Whether `{name}` in the result is replaced by a property.', false)
  },
  { additionalProperties: false }
)
const Rule = Type.Object(
  {
    condition: describe(Type.Optional(ConditionRef), 'The messages that it holds for. Default: all.'),
    actions: Type.Array(Action)
  },
  { additionalProperties: false }
)

/**
 * Rewrites the To of a message, or an address in a property, by rules.
 * @see Synapse, URLRewriteMediator
 */
export const rewrite = mediator({
  name: 'rewrite',
  description: 'Rewrites the address of a message (`To`), or one in a property, by rules.',
  fields: {
    inProperty: describe(Type.Optional(Type.String({ minLength: 1 })), 'The property with the address. Default: To.'),
    outProperty: describe(Type.Optional(Type.String({ minLength: 1 })), 'Where the result goes. Default: To.'),
    rules: describe(Type.Array(Rule), 'Conditions with their actions, in order.')
  },
  read: (element, reader) => omitUndefined({
    inProperty: element.attribute('inProperty') || undefined,
    outProperty: element.attribute('outProperty') || undefined,
    rules: element.all('rewriterule').map(rule => {
      const condition = rule.child('condition')
      return omitUndefined({
        condition: condition && readCondition(condition, reader),
        actions: rule.all('action').map(each => readAction(each, reader))
      })
    })
  }),
  write: ({ inProperty, outProperty, rules }) => [
    { inProperty, outProperty },
    ...rules.map(({ condition, actions }) => [
      'rewriterule', {},
      condition && (['condition', {}, writeCondition(condition)] as const),
      ...actions.map(({ expression, ...attributes }) =>
        ['action', { ...attributes, ...writeExpression('xpath', expression) }] as const)
    ] as const)
  ],
  reads ({ inProperty, outProperty, rules }, of) {
    const depths = rules.flatMap(({ condition, actions }) => [
      condition === undefined ? 'nothing' : depthOfCondition(condition, of),
      ...actions.map(({ expression }) => of.expression(expression))
    ])
    return { request: deepestOf([...depths, inProperty && outProperty ? 'nothing' : 'header']) }
  },
  build ({ inProperty, outProperty, rules }, context) {
    const compiled = rules.map(({ condition, actions }) => ({
      test: condition && compileCondition(condition, context),
      actions: actions.map(each => compileAction(each, context))
    }))
    return message => {
      const address = addressIn(message, inProperty)
      let fragments = address === undefined ? {} : fragmentsOf(address)
      for (const { test, actions } of compiled) {
        if (test !== undefined && !test(message, uriOf(fragments))) continue
        for (const change of actions) fragments = change(fragments, message)
      }
      return { to: 'next', message: withAddress(message, uriOf(fragments), outProperty) }
    }
  }
})

function readAction (element: Element, reader: Reader): object {
  const [type, fragment, regex] = [element.attribute('type'), element.attribute('fragment'), element.attribute('regex')]
  const expression = reader.expression(element, 'xpath')
  const value = expression === undefined ? element.attribute('value') : undefined
  if (expression === undefined && value === undefined && type !== 'remove') {
    reader.problem(element, '<action> needs a value or an xpath', 'or type="remove"')
  }
  if (type === 'replace' && regex === undefined) reader.problem(element, 'type="replace" of <action> needs a regex')
  if (type === 'remove-query-param' && fragment !== 'query') {
    reader.problem(element, 'type="remove-query-param" of <action> needs fragment="query"')
  }
  const resolve = reader.flag(element, 'resolve', 'onlyTrue')
  return omitUndefined({ type, fragment, value, expression, regex, resolve })
}

function addressIn (message: Message, property: string | undefined): string | undefined {
  return property === undefined ? message.addressing.to : textOfProperty(message.properties, property)
}

const withAddress = (message: Message, address: string, property: string | undefined): Message =>
  property === undefined
    ? { ...message, addressing: { ...message.addressing, to: address } }
    : { ...message, properties: { ...message.properties, [property]: address } }
