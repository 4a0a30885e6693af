import { omitUndefined } from '../../contracts/fields.js'
import type { Reader } from '../../contracts/xml-form.js'
import type { Element } from '../../xml/element.js'
import { sequenceOf, type Locate } from './read-proxy.js'

/** Reads `<api>`. @see WSO2: APIFactory, ResourceFactory; Synapse: APIFactory */
export function readApi (element: Element, reader: Reader, locate: Locate): object {
  for (const ignored of ['trace', 'statistics', 'publishSwagger']) element.attribute(ignored)
  const context = element.attribute('context')?.trim() ?? ''
  if (!context.startsWith('/')) reader.problem(element, '<api> needs a context', 'a path such as context="/shop"')
  for (const handlers of element.all('handlers')) {
    if (handlers.elements.length === 0) continue
    reader.problem(handlers.markHandled(), '<handlers> of an API are not supported',
      'handlers are Java classes: use hooks of the app that hosts the gateway', 'unsupported-feature')
  }
  const resources = element.all('resource')
  const version = element.attribute('version')?.trim()
  const versionType = element.attribute('version-type')?.trim()
  if (versionType === 'url' && !version) {
    reader.problem(element, 'an <api> with version-type="url" needs a version', 'a version such as version="1.0"')
  }
  return omitUndefined({
    description: element.child('description')?.text,
    context: context.startsWith('/') ? context : '/',
    version: version === '' ? undefined : version,
    versionType: versionType === '' ? undefined : versionType,
    hostname: element.attribute('hostname')?.trim(),
    port: apiPort(element, reader),
    resources: resources.map(each => locate(each, readResource(each, reader, locate)))
  })
}

function apiPort (element: Element, reader: Reader): number | undefined {
  const text = element.attribute('port')?.trim()
  if (text === undefined || text === '') return undefined
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65535) return Number(text)
  reader.problem(element, `port expects a port, not "${text}"`, undefined, 'invalid-value')
  return undefined
}

function readResource (element: Element, reader: Reader, locate: Locate): object {
  for (const ignored of ['trace', 'statistics', 'binds-to']) element.attribute(ignored)
  for (const name of ['content-type', 'user-agent']) {
    if (element.attribute(name) === undefined) continue
    reader.problem(element, `${name} of a <resource> is not supported`, 'use <filter> in its inSequence',
      'unsupported-feature')
  }
  const methods = (element.attribute('methods') ?? '').split(/[\s,]+/).filter(Boolean)
  const [uriTemplate, urlMapping] = [element.attribute('uri-template'), element.attribute('url-mapping')]
  if (uriTemplate !== undefined && urlMapping !== undefined) {
    reader.problem(element, 'a <resource> has either a uri-template or a url-mapping, not both')
  }
  return omitUndefined({
    methods: methods.length > 0 ? methods : undefined,
    uriTemplate,
    urlMapping,
    transports: transportsOf(element, reader),
    in: sequenceOf(element, 'inSequence', reader, locate),
    out: sequenceOf(element, 'outSequence', reader, locate),
    fault: sequenceOf(element, 'faultSequence', reader, locate)
  })
}

function transportsOf (element: Element, reader: Reader): string[] | undefined {
  const protocol = element.attribute('protocol')?.trim().toLowerCase()
  if (protocol === undefined || protocol === '') return undefined
  if (protocol === 'http' || protocol === 'https') return [protocol]
  reader.problem(element, `unsupported protocol "${protocol}": supported are http and https`, undefined,
    'unsupported-feature')
  return undefined
}
