/** A mediator of one's own, as the option `extensions` takes it. */
const OWN_MEDIATOR = '{ name: "mine", description: "…", fields: {}, read: () => ({}), ' +
  'build: () => message => ({ to: "next", message }) }'

/**
 * Mediators of the real engines that are not here, by name, and what to do instead.
 * @see Synapse and WSO2: MediatorFactoryFinder, and the factories that their services name
 */
export const ALTERNATIVES: ReadonlyMap<string, string> = new Map(
  (
    [
      [
        ['xslt', 'fastXSLT', 'xquery', 'smooks', 'datamapper', 'jsontransform'],
        'use `payloadFactory` or `enrich`, or send to a service that transforms messages'
      ],
      [
        [
          'class', 'script', 'bean', 'pojoCommand', 'annotatedCommand', 'spring', 'ejb', 'rule', 'detach', 'replace'
        ],
        `write it in JavaScript: app.register(proxyServices, { extensions: { mediators: [mediator(${OWN_MEDIATOR})] ` +
          '} }), and <mine/> in its place'
      ],
      [['scatter-gather'], 'use `clone` with one target for each, and `aggregate`'],
      [['cache'], 'put a caching proxy in front of the back-end'],
      [
        ['throttle', 'sampler'],
        'limit the rate in front of the proxy: at the ingress, or with @fastify/rate-limit in the app that hosts it'
      ],
      [['store', 'eventPublisher'], 'messages are not kept: send to a service that puts them into a queue'],
      [['enqueue'], 'messages do not wait for one another here: write `sequence key="…"`'],
      [['transaction'], 'leave it out: nothing here takes part in one'],
      [['validate'], 'let the back-end validate, or a service of your own in front of it'],
      [['dblookup', 'dbreport', 'dataServiceCall'], '`call` a service that reads or writes the database'],
      [['synapse'], 'write what is in it in its place'],
      [['RMSequence'], 'leave it out: headers of WS-ReliableMessaging pass through untouched'],
      [
        ['NTLM', 'oauthService', 'entitlementService', 'opa'],
        'authenticate at the ingress, or in a hook of the app that hosts the proxy'
      ],
      [['builder', 'publishEvent', 'bam'], 'leave it out']
    ] as const
  ).flatMap(([names, advice]) => names.map(name => [name, advice] as const))
)
