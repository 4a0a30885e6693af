import { Type } from '@sinclair/typebox'
import { type Delivery, type Flow, type Outcome, newDelivery } from '../../contracts/flow.js'
import { noneReady } from '../../balancing/group-outcome.js'
import { ExpressionField, describe, writeExpression, omitUndefined } from '../../contracts/fields.js'
import { endpoint } from '../../contracts/kind.js'
import { createEndpoint, type Endpoint } from '../../contracts/endpoint.js'
import type { BuildContext } from '../../contracts/build-context.js'
import type { Message } from '../../message/message.js'
import { deliver } from '../../pipeline/deliver.js'
import { alternatives, READS_NOTHING } from '../../pipeline/read-depth.js'
import { faultSubjectName } from '../settings/fault-subject-name.js'
import { commonSettings } from '../settings/endpoint-settings.js'
import { readCommon, writeCommon } from '../settings/endpoint-settings-xml.js'
import { readMembers, writeMembers } from '../settings/group-settings.js'
import { createNetworkEndpoint } from '../network/network-endpoint.js'

/**
 * Sends a message to all members; the client receives the first response. Members that are not ready are left out.
 * Without a response, the first failure is the outcome.
 * @see Apache Synapse, RecipientListEndpoint
 */
export const recipientlist = endpoint({
  name: 'recipientlist',
  aliases: ['recipientList'],
  description: 'Sends the message to all of its members; the client receives the first response.',
  fields: {
    ...commonSettings,
    members: describe(
      Type.Optional(Type.Array(Type.Ref('Endpoint'), { minItems: 1 })),
      'The endpoints that receive the message.'
    ),
    endpoints: describe(
      Type.Optional(
        Type.Union([
          Type.Object(
            { value: Type.String({ minLength: 1 }), maxCache: Type.Optional(Type.Integer()) },
            { additionalProperties: false }
          ),
          Type.Object(
            { expression: ExpressionField, maxCache: Type.Optional(Type.Integer()) },
            { additionalProperties: false }
          )
        ])
      ),
      'Or: addresses separated by commas, or an expression that computes them.'
    )
  },
  read (element, reader) {
    const list = element.child('recipientlist', 'recipientList')!
    if (list.name === 'recipientList') {
      reader.hint(
        list,
        '<recipientList> is read as <recipientlist>',
        'the real engines know the spelling <recipientlist> only'
      )
    }
    const members = readMembers(list, reader)
    const addresses = list.child('endpoints')
    if (members.length === 0 && addresses === undefined) {
      reader.problem(list, 'a recipient list needs endpoints, members or <endpoints value="…"/>')
    }
    if (members.length > 0) return omitUndefined({ ...readCommon(element, reader), members })
    const text = addresses?.attribute('value')?.trim() ?? ''
    const cache = addresses?.attribute('max-cache')
    const maxCache = cache !== undefined && /^-?\d+$/.test(cache.trim()) ? Number(cache) : undefined
    if (addresses && text === '') {
      reader.problem(
        addresses,
        '<endpoints> needs a value',
        'addresses with commas between, or {an expression} that gives them'
      )
    }
    if (addresses && cache !== undefined && maxCache === undefined) {
      reader.problem(addresses, `max-cache expects a number, not "${cache}"`)
    }
    const computed = /^\{([^]+)\}$/.exec(text)?.[1]
    const source =
      computed === undefined
        ? { value: text }
        : { expression: { ...reader.expression(addresses!, 'value'), xpath: computed } }
    return omitUndefined({
      ...readCommon(element, reader),
      endpoints: addresses && omitUndefined({ ...source, maxCache })
    })
  },
  write: ({ members = [], endpoints, ...config }, writer) => [
    ...writeCommon(config),
    [
      'recipientlist',
      {},
      ...writeMembers(members, writer),
      endpoints && [
        'endpoints',
        {
          ...('value' in endpoints
            ? { value: endpoints.value }
            : writeExpression('value', { ...endpoints.expression, xpath: `{${endpoints.expression.xpath}}` })),
          'max-cache': endpoints.maxCache
        }
      ]
    ]
  ],
  // All members receive the same bytes, so the whole message is buffered.
  reads: ({ members = [] }, of) => ({
    ...members.map(of.endpoint).reduce(alternatives, READS_NOTHING),
    request: 'body'
  }),
  build (config, context) {
    const name = config.name ?? context.generatedName('recipientlist')
    const subjectName = faultSubjectName(config.name, context)
    const deliveriesOf = deliveriesToAll(config, name, context)
    return createEndpoint(name, function * (message, _bound, delivery = newDelivery()): Flow<Outcome> {
      const outcome: Outcome | undefined = yield {
        kind: 'race',
        flows: deliveriesOf(message, delivery).map(withoutDiscarded)
      }
      if (outcome === undefined) return { kind: 'discarded' }
      if (outcome.kind === 'refused') return noneReady(`Recipient List endpoint : ${subjectName()}`)
      return outcome.kind === 'failed' ? { ...outcome, retry: 'none' } : outcome
    })
  }
})

type RecipientListConfig = Parameters<typeof recipientlist.build>[0]

/** Returns the deliveries of a message to each recipient. */
function deliveriesToAll (
  { members, endpoints: addresses }: RecipientListConfig,
  name: string,
  context: BuildContext
): (message: Message, delivery: Delivery) => Flow<Outcome>[] {
  if (members !== undefined) {
    const endpoints: Endpoint[] = members.map(context.endpoint)
    context.lease.group(
      name,
      'recipientlist',
      endpoints.map(each => each.endpointName)
    )
    return (message, delivery) => endpoints.map(each => deliver(each, message, delivery))
  }
  if (addresses === undefined) throw new Error('a recipient list needs members or endpoints')
  const endpoint = createNetworkEndpoint({ name }, context, { addressFor: (message: Message) => message.addressing.to })
  const listOf = 'value' in addresses ? () => addresses.value : expressionText(addresses.expression, context)
  return (message, delivery) =>
    listOf(message)
      .split(',')
      .map(each => each.trim())
      .filter(Boolean)
      .slice(0, MAX_RECIPIENTS)
      .map(to => deliver(endpoint, { ...message, addressing: { ...message.addressing, to } }, delivery))
}

/** Recipients that one message may name, at most. */
const MAX_RECIPIENTS = 100

const expressionText = (
  config: Parameters<BuildContext['expression']>[0],
  context: BuildContext
): ((message: Message) => string) => {
  const expression = context.expression(config)
  return message => expression.text(message) ?? ''
}

/** A recipient that ignores its late response has no outcome. */
function * withoutDiscarded (flow: Flow<Outcome>): Flow<Outcome | undefined> {
  const outcome = yield * flow
  return outcome.kind === 'discarded' ? undefined : outcome
}
