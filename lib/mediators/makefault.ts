import { Type } from '@sinclair/typebox'
import type { Expression } from '../expression/expression.js'
import { NameField, describe, valueOrExpression, writeExpression, writeName, writeValued } from '../contracts/fields.js'
import { headerOf, withoutHeaders } from '../message/headers.js'
import { mediator, omitUndefined, type Reader } from '../contracts/kind.js'
import { deepest } from '../pipeline/read-depth.js'
import type { Message } from '../message/message.js'
import { headersOf, writeException, writeFault } from '../soap/fault.js'
import { replaceBody, wrapBody } from '../soap/convert-envelope.js'
import { addressingOf, bytesOf, documentOf, envelopeOf, soapVersionOf, typeOf } from '../soap/read.js'
import { MEDIA_TYPE, SOAP_NAMESPACE, type Version } from '../message/soap-version.js'
import type { Element } from '../xml/element.js'
import { escapeText } from '../xml/escape.js'
import { isContent } from '../xml/fragment.js'
import { asElements } from '../xml/markup.js'
import { checkedXml, qualified, readValued, textOf } from './value.js'

const CODES_12 = ['DataEncodingUnknown', 'MustUnderstand', 'Receiver', 'Sender', 'VersionMismatch']

/** The message becomes a fault, in the version of SOAP that it is in unless told. */
export const makefault = mediator({
  name: 'makefault',
  description: 'Makes the message a SOAP fault, or an Exception for a client that speaks plain XML.',
  fields: {
    version: describe(Type.Optional(Type.Union([Type.Literal('soap11'), Type.Literal('soap12'), Type.Literal('pox')])), 'Unset: that of the message.'),
    response: describe(Type.Optional(Type.Boolean()), 'Whether the fault is on its way to the client.', true),
    code: describe(Type.Optional(Type.Object({ value: Type.Optional(NameField), expression: valueOrExpression.expression }, { additionalProperties: false })), 'A qualified name; in SOAP 1.2 one of the five.'),
    reason: describe(Type.Optional(Type.Object(valueOrExpression, { additionalProperties: false })), 'For people.'),
    node: describe(Type.Optional(Type.String()), 'Who failed; SOAP 1.2 only.'),
    role: describe(Type.Optional(Type.String()), 'What for.'),
    detail: describe(Type.Optional(Type.Object({ xml: describe(Type.Optional(Type.String()), 'Elements, or text.'), expression: valueOrExpression.expression }, { additionalProperties: false })), 'Anything.')
  },
  read (element, reader) {
    const version = element.attribute('version')
    const reason = element.child('reason')
    const detail = element.child('detail')
    if (version !== 'pox' && reason === undefined) reader.problem(element, '<makefault> needs a <reason>')
    return omitUndefined({
      version,
      response: reader.flag(element, 'response'),
      code: codeOf(element, version, reader),
      reason: reason && readValued(reason, reader),
      node: element.child('node')?.text || undefined,
      role: element.child('role')?.text || undefined,
      detail: detail && omitUndefined({
        expression: reader.expression(detail, 'expression'),
        xml: detail.attribute('expression') !== undefined ? undefined : detail.elements.map(each => each.markup()).join('') || escapeText(detail.text) || undefined
      })
    })
  },
  write: ({ version, response, code, reason, node, role, detail }) => [
    { version, response },
    code && ['code', { ...(code.value && writeName('value', code.value)), ...writeExpression('expression', code.expression) }],
    reason && ['reason', writeValued(reason)],
    ...asElements({ node, role }),
    detail && ['detail', writeExpression('expression', detail.expression), detail.xml === undefined ? undefined : { markup: detail.xml }]
  ],
  reads: ({ code, reason, detail }, of) => ({ request: [code, reason, detail].map(part => of.expression(part?.expression)).reduce(deepest, 'nothing') }),
  build (config, tools) {
    const { version, response = true, code = {}, reason = {}, node, role, detail } = config
    if (version !== 'pox' && code.value === undefined && code.expression === undefined) throw new Error("makefault needs a code: a 'value' or an 'expression'")
    if (version !== 'soap11' && version !== 'pox' && code.value !== undefined && (code.value.namespace !== SOAP_NAMESPACE['1.2'] || !CODES_12.includes(code.value.name))) {
      throw new Error(`"${code.value.name}" is no code of a SOAP 1.2 fault: one of ${CODES_12.join(', ')} in the namespace ${SOAP_NAMESPACE['1.2']}; write version="soap11" for a code of another kind`)
    }
    if (version === 'soap11' && node !== undefined) throw new Error('a SOAP 1.1 fault has no node')
    checkedXml(detail?.xml)
    const codeText = code.expression && textOf({ expression: code.expression }, tools)
    const reasonText = textOf(reason, tools)
    const detailOf = detail === undefined ? undefined : detail.expression === undefined ? written(detail.xml ?? '') : selected(tools.expression(detail.expression))

    return message => {
      const to = versionFor(message, version)
      const explained = detailOf?.(message)
      if (to === 'pox') {
        const content = explained?.content || escapeText(reasonText(message) ?? '')
        return { to: 'next', message: asFault(message, response, plain(message, writeException(content))) }
      }
      const made = writeFault(omitUndefined({
        version: to,
        code: code.value ?? { prefix: 'soapenv', namespace: SOAP_NAMESPACE[to], name: codeText?.(message) ?? '' },
        reason: reasonText(message) ?? '',
        node: to === '1.2' ? node : undefined,
        role,
        detail: explained?.detail,
        headers: copiedHeaders(message)
      }))
      return { to: 'next', message: asFault(message, response, { type: `${MEDIA_TYPE[to]}; charset=UTF-8`, bytes: Buffer.from(made) }) }
    }
  }
})

function codeOf (element: Element, version: string | undefined, reader: Reader): object | undefined {
  const code = element.child('code')
  if (code === undefined) {
    if (version !== 'pox') reader.problem(element, '<makefault> needs a <code>')
    return undefined
  }
  const written = code.attribute('value')
  if (written === undefined) return omitUndefined({ expression: reader.expression(code, 'expression') })
  const { prefix, namespace, name } = qualified(code, written.trim())
  if (namespace === undefined) {
    reader.problem(code, prefix === '' ? `the code "${written}" needs a prefix` : `the prefix ${prefix} of the code "${written}" is not declared`, 'a fault code is a qualified name: prefix:name, with xmlns:prefix="…"')
    return undefined
  }
  return { value: { prefix, namespace, name } }
}

/** Plain XML and requests without a body get an Exception; SOAP its own version (Apache Synapse, FaultMediator). */
function versionFor (message: Message, version: 'soap11' | 'soap12' | 'pox' | undefined): Version | 'pox' {
  const is = envelopeOf(message)?.version ?? soapVersionOf(message)
  if (version === 'pox' || (is === undefined && message.status === undefined)) return 'pox'
  return version === 'soap11' ? '1.1' : version === 'soap12' ? '1.2' : is ?? '1.1'
}

/** The blocks of the message's own Header, but for its addressing. */
function copiedHeaders (message: Message): string | undefined {
  const envelope = envelopeOf(message)
  if (envelope === undefined || envelope.blocks.length === 0) return undefined
  const theirs = new Set(addressingOf(message)?.blocks)
  return headersOf(bytesOf(message.body), envelope, block => theirs.has(block)) || undefined
}

interface Written { readonly type: string, readonly bytes: Buffer }

/** An Exception alone; in a SOAP message, in its Body. */
function plain (message: Message, exception: string): Written {
  const type = headerOf(message.headers, 'content-type')
  const envelope = envelopeOf(message)
  if (message.body.kind === 'bytes' && envelope !== undefined) {
    const { bytes, charset } = documentOf(message)
    return { type: envelope.part === undefined ? type ?? 'text/xml' : `${MEDIA_TYPE[envelope.version]}; charset=${charset ?? 'UTF-8'}`, bytes: replaceBody(bytes, exception, { charset }) }
  }
  const is = soapVersionOf(message)
  if (is !== undefined) return { type: `${MEDIA_TYPE[is]}; charset=UTF-8`, bytes: wrapBody(Buffer.from(exception), is) }
  const { xml, type: media } = typeOf(message)
  return { type: `${xml ? media : 'application/xml'}; charset=UTF-8`, bytes: Buffer.from(exception) }
}

const asFault = (message: Message, response: boolean, { type, bytes }: Written): Message => ({
  ...message,
  ...response && { direction: 'response', addressing: { ...message.addressing, to: undefined } },
  fault: true,
  headers: [...withoutHeaders(message.headers, 'content-type', 'content-encoding'), 'Content-Type', type],
  body: { kind: 'bytes', bytes }
})

/** What explains a fault: in `<detail>`, and as the content of an Exception. */
interface Explained { readonly detail: string, readonly content: string }

const written = (xml: string) => (): Explained => ({ detail: xml, content: xml })

/** The elements that an expression selects, or the XML in its text. Other text is no detail, but may be an Exception (Apache Synapse 3.0.1, as measured). */
const selected = (expression: Expression) => (message: Message): Explained => {
  const markup = expression.markup(message)
  if (markup !== undefined && markup.length > 0) return written(markup.join(''))()
  const text = expression.text(message) ?? ''
  return text.includes('<') && isContent(text) ? written(text)() : { detail: '', content: escapeText(text) }
}
