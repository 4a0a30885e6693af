import { Type } from '@sinclair/typebox'
import { describe, omitUndefined } from '../../contracts/fields.js'
import { parseTemplate } from 'url-template'
import { isParameter, type Reader } from '../../contracts/xml-form.js'
import type { Element } from '../../xml/element.js'
import { basicCredentials } from '../settings/basic-credentials.js'
import { checkedAddress } from '../settings/checked-address.js'
import type { BuildContext } from '../../contracts/build-context.js'
import { endpoint } from '../../contracts/kind.js'
import { propertyText, type Message } from '../../message/message.js'
import { commonSettings, endpointSettings } from '../settings/endpoint-settings.js'
import { requirementsOfEndpoint } from '../settings/endpoint-policies.js'
import { readCommon, readSettings, writeCommon, writeSettings } from '../settings/endpoint-settings-xml.js'
import { isPlaceholder, resolvePlaceholder } from '../settings/placeholders.js'
import { isAddress, createNetworkEndpoint } from './network-endpoint.js'

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'] as const
const LEGACY = 'legacy-encoding:'
/** Ends the URI template of a connection: the path of an `httpRequest`. */
export const RELATIVE_PATH = '{+uri.var.relativePath}'
const VARIABLE = /^(?:uri\.var|query\.param)\./

/**
 * An endpoint whose address is computed for each message from a URI template.
 * @see RFC 6570; WSO2, HTTPEndpoint
 */
export const http = endpoint({
  name: 'http',
  description:
    'Sends to an address that a URI template (RFC 6570) gives, with the properties uri.var.* and query.param.* as ' +
    'its variables.',
  fields: {
    ...commonSettings,
    uriTemplate: describe(
      Type.String({ minLength: 1 }),
      'A URI template (RFC 6570), its variables `uri.var.NAME` and `query.param.NAME`.'
    ),
    method: describe(
      Type.Optional(Type.Union(METHODS.map(each => Type.Literal(each)))),
      'The method of every request. Default: that of the message.'
    ),
    ...endpointSettings
  },
  read (element, reader) {
    const kindElement = element.child('http')!
    const uriTemplate = kindElement.attribute('uri-template')?.trim() ?? ''
    if (uriTemplate === '') {
      reader.problem(
        kindElement,
        '<http> needs a uri-template',
        'write <http uri-template="http://host:port/path/{uri.var.id}"/>'
      )
    }
    const [givenMethod, version, authentication] = [
      kindElement.attribute('method')?.trim(),
      kindElement.attribute('version')?.trim(),
      kindElement.child('authentication')
    ]
    const method =
      givenMethod !== undefined && isParameter(givenMethod)
        ? givenMethod
        : METHODS.find(each => each === givenMethod?.toUpperCase())
    if (givenMethod !== undefined && method === undefined) {
      reader.hint(kindElement, `method="${givenMethod}" has no effect`, `one of: ${METHODS.join(', ')}`)
    }
    if (version !== undefined && version !== '1.1') {
      reader.problem(kindElement, `version="${version}" is not supported`, 'requests are sent by HTTP/1.1')
    }
    const { properties = [], ...common } = readCommon(element, reader)
    const allProperties = [...properties, ...(authentication ? credentialsIn(authentication, reader) : [])]
    return omitUndefined({
      ...common,
      properties: allProperties.length > 0 ? allProperties : undefined,
      uriTemplate,
      method,
      ...readSettings(kindElement, reader)
    })
  },
  write: ({ uriTemplate, method, ...config }) => [
    ...writeCommon(config),
    writeSettings('http', { 'uri-template': uriTemplate, method: methodInXml(method) }, config)
  ],
  reads: requirementsOfEndpoint,
  build (config, context) {
    const template = checkedTemplate(resolveTemplate(config.uriTemplate, context), context)
    const origin = originBeforeVariables(template)
    const addressFor = keepingOrigin(expander(template), origin)
    return createNetworkEndpoint(config, context, { addressFor, origin }, { method: config.method })
  }
})

/** The address of a connection may come from outside of the configuration; the path of each request follows it. */
function resolveTemplate (template: string, context: BuildContext): string {
  const base = template.endsWith(RELATIVE_PATH) ? template.slice(0, -RELATIVE_PATH.length) : ''
  return isPlaceholder(base)
    ? resolvePlaceholder(base, context).replace(/\/$/, '') + RELATIVE_PATH
    : resolvePlaceholder(template, context)
}

/** A reference to a parameter of a template stays as it is. */
const methodInXml = (method: string | undefined): string | undefined =>
  method === undefined || isParameter(method) ? method : method.toLowerCase()

/** `<authentication><basicAuth><username>…`. @see WSO2, HTTPEndpointFactory */
function credentialsIn (authentication: Element, reader: Reader): object[] {
  const basic = authentication.child('basicAuth')
  const [user = '', password = ''] = ['username', 'password'].map(name => basic?.child(name)?.text)
  const credentials = basic && basicCredentials(user, password)
  if (credentials !== undefined) return [credentials]
  reader.problem(
    authentication.markHandled(),
    '<authentication> is supported with <basicAuth> and a fixed user only',
    'set the header with <property name="Authorization" scope="transport" …/>'
  )
  return []
}

/** Returns the template. One without variables is an address: it is reported if it never works. */
function checkedTemplate (given: string, context: BuildContext): string {
  const prefix = given.startsWith(LEGACY) ? LEGACY : ''
  const template = checkedAddress(given.slice(prefix.length), context, true)
  // A missing template is reported where it is read.
  if (template !== '' && !template.includes('{') && !isAddress(template)) {
    context.warn(
      `"${template}" is not an http or https address: every message to it fails`,
      'write it as http://host:port/path'
    )
  }
  return prefix + template
}

/** Returns scheme, host and port if they contain no variable. The path of a request may follow them. */
const originBeforeVariables = (template: string): string | undefined =>
  /^https?:\/\/[^/?#{}]+(?=[/?#]|\{\+uri\.var\.relativePath\}$|$)/i.exec(
    template.startsWith(LEGACY) ? template.slice(LEGACY.length) : template
  )?.[0]

/**
 * A value that is a dot segment would change the path of the template, and one that follows the origin without a slash
 * its host: the message then has no address.
 */
const keepingOrigin =
  (expand: ReturnType<typeof expander>, origin: string | undefined) =>
    (message: Message): string | undefined => {
      const uri = expand(message)
      const changesHost = origin !== undefined && uri.startsWith(origin) && /^[^/?#]/.test(uri.slice(origin.length))
      return changesHost || /[/\\](?:\.|%2e){1,2}(?:[/\\?#]|$)/i.test(uri) ? undefined : uri
    }

/**
 * Computes the address for a message. A template that begins with a variable takes its value as it is (`{+…}`). Without
 * any variable set, the template itself is the address. After `legacy-encoding:` values are taken as they are, encoded
 * or not, and the characters that a URI may not contain are encoded in the end.
 */
export function expander (given: string): (message: Pick<Message, 'properties'>) => string {
  const isLegacy = given.startsWith(LEGACY)
  const bare = isLegacy ? given.slice(LEGACY.length) : given
  const text = bare.startsWith('{') && !bare.startsWith('{+') ? `{+${bare.slice(1)}` : bare
  const template = parseTemplate(text)
  return ({ properties }) => {
    const variables: Record<string, string> = Object.create(null)
    let hasVariables = false
    for (const [name, value] of Object.entries(properties)) {
      if (!VARIABLE.test(name)) continue
      hasVariables = true
      variables[name] = Buffer.from(propertyText(value)).toString() // without unpaired surrogates
    }
    if (!hasVariables) return bare
    const expanded = template.expand(variables)
    return isLegacy ? decodeFully(expanded) : expanded
  }
}

const decodeFully = (uri: string): string => {
  try {
    return decodeURIComponent(decodeURIComponent(uri).replaceAll('+', ' '))
  } catch {
    return uri
  }
}
