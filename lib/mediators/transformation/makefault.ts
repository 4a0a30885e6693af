import { Type, type Static } from '@sinclair/typebox'
import type { Expression } from '../../expression/compiled-expression.js'
import {
  NameField,
  describe,
  valueOrExpression,
  writeExpression,
  writeName,
  writeValued,
  omitUndefined
} from '../../contracts/fields.js'
import { headerOf, withoutHeaders } from '../../message/headers.js'
import { mediator } from '../../contracts/kind.js'
import type { BuildContext } from '../../contracts/build-context.js'
import type { Reader } from '../../contracts/xml-form.js'
import { jsonOfXml } from '../../json/convert-message.js'
import { isJson, withJson } from '../../json/json-message.js'
import { deepestOf, type Message } from '../../message/message.js'
import { headersOf, writeException, writeFault } from '../../soap/fault.js'
import { replaceBody, wrapBody } from '../../soap/convert-envelope.js'
import { addressingOf, bytesOf, documentOf, envelopeOf, soapVersionOf, typeOf } from '../../soap/read.js'
import { MEDIA_TYPE, SOAP_NAMESPACE, type Version } from '../../message/soap-version.js'
import type { Element } from '../../xml/element.js'
import { escapeText } from '../../xml/escape.js'
import { isContent } from '../../xml/fragment.js'
import { asElements, type Content } from '../../xml/markup.js'
import { checkedXml, qualified, readValued, textReader } from '../values/value.js'

/** The codes of SOAP 1.2. */
const CODES_12 = ['DataEncodingUnknown', 'MustUnderstand', 'Receiver', 'Sender', 'VersionMismatch']

const { expression } = valueOrExpression
const Code = Type.Object({ value: Type.Optional(NameField), expression }, { additionalProperties: false })
const Reason = Type.Object(valueOrExpression, { additionalProperties: false })
const Detail = Type.Object(
  { xml: describe(Type.Optional(Type.String()), 'Elements, or text.'), expression }, { additionalProperties: false }
)

/** Replaces the message by a SOAP fault. A client of plain XML gets an `<Exception>`. */
export const makefault = mediator({
  name: 'makefault',
  description: 'Replaces the message by a SOAP fault, or by an Exception for a client of plain XML.',
  fields: {
    version: describe(
      Type.Optional(Type.Union([Type.Literal('soap11'), Type.Literal('soap12'), Type.Literal('pox')])),
      'SOAP version of the fault, or plain XML. Default: that of the message.'
    ),
    response: describe(Type.Optional(Type.Boolean()), 'Whether the fault is a response.', true),
    code: describe(Type.Optional(Code), 'Qualified name; in SOAP 1.2 one of five.'),
    reason: describe(Type.Optional(Reason), 'Explanation for people.'),
    node: describe(Type.Optional(Type.String()), 'URI of the node that failed; SOAP 1.2 only.'),
    role: describe(Type.Optional(Type.String()), 'URI of the role in which it failed.'),
    detail: describe(Type.Optional(Detail), 'Application data.')
  },
  read (element, reader) {
    const version = element.attribute('version')
    const reason = element.child('reason')
    const detail = element.child('detail')
    if (version !== 'pox' && reason === undefined) reader.problem(element, '<makefault> needs a <reason>')
    return omitUndefined({
      version,
      response: reader.flag(element, 'response', 'exact'),
      code: codeOf(element, version, reader),
      reason: reason && readValued(reason, reader),
      node: element.child('node')?.text || undefined,
      role: element.child('role')?.text || undefined,
      detail: detail && omitUndefined({
        expression: reader.expression(detail, 'expression'),
        xml: detail.attribute('expression') === undefined ? contentOf(detail) : undefined
      })
    })
  },
  write: ({ version, response, code, reason, node, role, detail }) => [
    { version, response },
    code && ['code', {
      ...code.value && writeName('value', code.value), ...writeExpression('expression', code.expression)
    }],
    reason && ['reason', writeValued(reason)],
    ...asElements({ node, role }),
    detail && ['detail', writeExpression('expression', detail.expression), markup(detail.xml)]
  ],
  reads: ({ code, reason, detail }, of) => ({
    request: deepestOf([code, reason, detail].map(part => of.expression(part?.expression)))
  }),
  build (config, context) {
    const { version, response = true, code = {}, reason = {}, node, role, detail } = config
    checkCode(version, code)
    if (version === 'soap11' && node !== undefined) throw new Error('a SOAP 1.1 fault has no node')
    checkedXml(detail?.xml)
    const codeText = code.expression && textReader({ expression: code.expression }, context)
    const reasonText = textReader(reason, context)
    const detailOf = detail && explanationOf(detail, context)

    return message => {
      const to = versionFor(message, version)
      const explained = detailOf?.(message)
      if (to === 'pox') {
        const content = explained?.content || escapeText(reasonText(message) ?? '')
        return { to: 'next', message: asFault(message, response, encodeException(message, writeException(content))) }
      }
      const markup = writeFault(omitUndefined({
        version: to,
        code: code.value ?? { prefix: 'soapenv', namespace: SOAP_NAMESPACE[to], name: codeText?.(message) ?? '' },
        reason: reasonText(message) ?? '',
        node: to === '1.2' ? node : undefined,
        role,
        detail: explained?.detail,
        headers: copiedHeaders(message)
      }))
      const encoded = { type: `${MEDIA_TYPE[to]}; charset=UTF-8`, bytes: Buffer.from(markup) }
      const made = asFault(message, response, encoded)
      return { to: 'next', message: isJson(message) ? withJson(made, jsonOfXml(made)) : made }
    }
  }
})

const markup = (xml: string | undefined): Content => xml === undefined ? undefined : { markup: xml }

/** The markup inside of an element: its child elements, or its text. */
const contentOf = (element: Element): string | undefined =>
  element.elements.map(each => each.markup()).join('') || escapeText(element.text) || undefined

type FaultVersion = 'soap11' | 'soap12' | 'pox' | undefined

function checkCode (version: FaultVersion, { value, expression }: Static<typeof Code>): void {
  if (version === 'pox') return
  if (value === undefined && expression === undefined) {
    throw new Error("makefault needs a code: a 'value' or an 'expression'")
  }
  if (version === 'soap11' || value === undefined) return
  if (value.namespace === SOAP_NAMESPACE['1.2'] && CODES_12.includes(value.name)) return
  throw new Error(
    `"${value.name}" is not a code of SOAP 1.2: use one of ${CODES_12.join(', ')} in the namespace ` +
    `${SOAP_NAMESPACE['1.2']}, or write version="soap11"`
  )
}

function codeOf (element: Element, version: string | undefined, reader: Reader): object | undefined {
  const code = element.child('code')
  if (code === undefined) {
    if (version !== 'pox') reader.problem(element, '<makefault> needs a <code>')
    return undefined
  }
  const codeName = code.attribute('value')
  if (codeName === undefined) return omitUndefined({ expression: reader.expression(code, 'expression') })
  const { prefix, namespace, name } = qualified(code, codeName.trim())
  if (namespace === undefined) {
    const problem = prefix === ''
      ? `the code "${codeName}" needs a prefix`
      : `the prefix ${prefix} of the code "${codeName}" is not declared`
    reader.problem(code, problem, 'a fault code is a qualified name: prefix:name, with xmlns:prefix="…"')
    return undefined
  }
  return { value: { prefix, namespace, name } }
}

/**
 * The version of the fault: an Exception for plain requests and for those without a body. A response that is not SOAP,
 * or is broken, becomes SOAP.
 * @see Apache Synapse, FaultMediator
 */
function versionFor (message: Message, version: FaultVersion): Version | 'pox' {
  if (version === undefined && isJson(message)) return '1.1'
  const current = envelopeOf(message)?.version ?? soapVersionOf(message)
  if (version === 'pox' || (current === undefined && message.direction === 'request')) return 'pox'
  if (version === undefined) return current ?? '1.1'
  return version === 'soap11' ? '1.1' : '1.2'
}

/** The SOAP Header blocks of the message without its addressing. */
function copiedHeaders (message: Message): string | undefined {
  const envelope = envelopeOf(message)
  if (envelope === undefined || envelope.blocks.length === 0) return undefined
  const addressing = new Set(addressingOf(message)?.blocks)
  return headersOf(bytesOf(message.body), envelope, block => addressing.has(block)) || undefined
}

interface Encoded { readonly type: string, readonly bytes: Buffer }

/** An Exception as a document; in a SOAP message, in its Body. */
function encodeException (message: Message, exception: string): Encoded {
  const type = headerOf(message.headers, 'content-type')
  const envelope = envelopeOf(message)
  if (message.body.kind === 'bytes' && envelope !== undefined) {
    const { bytes, charset } = documentOf(message)
    const partType = `${MEDIA_TYPE[envelope.version]}; charset=${charset ?? 'UTF-8'}`
    return {
      type: envelope.part === undefined ? type ?? 'text/xml' : partType,
      bytes: replaceBody(bytes, exception, { charset })
    }
  }
  const version = soapVersionOf(message)
  if (version !== undefined) {
    return { type: `${MEDIA_TYPE[version]}; charset=UTF-8`, bytes: wrapBody(Buffer.from(exception), version) }
  }
  const { xml, type: media } = typeOf(message)
  return { type: `${xml ? media : 'application/xml'}; charset=UTF-8`, bytes: Buffer.from(exception) }
}

const asFault = (message: Message, response: boolean, { type, bytes }: Encoded): Message => ({
  ...message,
  ...response && { direction: 'response', addressing: { ...message.addressing, to: undefined } },
  fault: true,
  headers: [...withoutHeaders(message.headers, 'content-type', 'content-encoding'), 'Content-Type', type],
  body: { kind: 'bytes', bytes }
})

/** The explanation of a fault: the content of its detail, and of an Exception. */
interface FaultExplanation { readonly detail: string, readonly content: string }

function explanationOf (detail: Static<typeof Detail>, context: BuildContext): (message: Message) => FaultExplanation {
  if (detail.expression !== undefined) return selected(context.expression(detail.expression))
  const { xml = '' } = detail
  return () => ({ detail: xml, content: xml })
}

/**
 * The elements that an expression selects, or the markup in its text. Other text is not a detail, but may be the
 * content of an Exception. @see Apache Synapse 3.0.1, as measured
 */
const selected = (expression: Expression) => (message: Message): FaultExplanation => {
  const elements = expression.markup(message)?.join('') ?? ''
  if (elements !== '') return { detail: elements, content: elements }
  const text = expression.text(message) ?? ''
  const isMarkup = text.includes('<') && isContent(text)
  return isMarkup ? { detail: text, content: text } : { detail: '', content: escapeText(text) }
}
