import { SOAP_NAMESPACE, SYNAPSE_NAMESPACE } from '../../lib/message/soap-version.js'
import type { Random } from '../support/random.js'

type Scope = Readonly<Record<string, string>>

/** Makes a well-formed SOAP envelope with everything that XML has. */
export function generatedEnvelope ({ below, oneOf }: Random): string {
  const several = (most: number, make: () => string): string => Array.from({ length: below(most + 1) }, make).join('')
  const sometimes = (text: string): string => (below(3) === 0 ? text : '')

  const gap = (): string => oneOf(['', '', ' ', '\n  ', '\r\n', '\t'])
  const inTag = (): string => oneOf([' ', ' ', '\n', '\t', '\r\n  '])
  const quoted = (text: string): string => oneOf([`"${text}"`, `'${text}'`])
  const aside = (): string =>
    oneOf([
      '',
      '',
      '<!---->',
      '<!-- <x> & ]]> - -->',
      '<?p?>',
      '<?p <x> ?? ?>',
      '<!--<s:Header><ClientID>evil</ClientID>-->'
    ])
  const text = (): string =>
    oneOf([
      '',
      'c1',
      ' a b ',
      '\r\n',
      'a\rb',
      '&amp;',
      '&#65;',
      '&#x1F600;',
      '&#13;',
      '&lt;x&gt;',
      '<![CDATA[]]>',
      '<![CDATA[<x>&amp;\r\n]] >]]>',
      '<![CDATA[]]]]>',
      ']] >',
      '"\'',
      'é€',
      '\u{1F600}',
      ']',
      'a>'
    ])
  const value = (): string => oneOf(['', 'v', '>', '&quot;', '&#10;', 'xmlns:s=', '/>', ']]>', 'é', '--', '\n'])

  /** Declarations as attributes, and the scope with them. */
  function declarations (scope: Scope): [string, Scope] {
    const more: Record<string, string> = {}
    for (let left = below(3); left > 0; left--) {
      more[oneOf(['', 'a', 'b', 'c', 's'])] = oneOf([
        'urn:a',
        'urn:b',
        SYNAPSE_NAMESPACE,
        SOAP_NAMESPACE['1.1'],
        SOAP_NAMESPACE['1.2']
      ])
    }
    if (below(12) === 0) more[''] = ''
    const written = Object.entries(more).map(
      ([prefix, name]) =>
        `${inTag()}xmlns${prefix === '' ? '' : `:${prefix}`}${sometimes(' ')}=${sometimes('\n')}${quoted(name)}`
    )
    return [written.join(''), { ...scope, ...more }]
  }

  function element (scope: Scope, depth: number): string {
    const [declared, inside] = declarations(scope)
    const prefix = oneOf(Object.keys(inside))
    const name = `${prefix === '' ? '' : `${prefix}:`}${oneOf(['ClientID', 'ClientID', 'Header', 'Body', 'x', 'é', 'a.b-c', '_'])}`
    const prefixed = oneOf(
      Object.keys(inside)
        .filter(each => each !== '')
        .concat('xml')
    )
    const attributes = `${sometimes(`${inTag()}p1=${quoted(value())}`)}${declared}${sometimes(`${inTag()}${prefixed}:p1=${quoted(value())}`)}${sometimes(' p2=""')}`
    if (below(5) === 0) return `<${name}${attributes}${sometimes(' ')}/>`
    const content = several(depth === 0 ? 2 : 4, () =>
      below(3) === 0 && depth > 0 ? element(inside, depth - 1) : below(4) === 0 ? aside() : text()
    )
    return `<${name}${attributes}${sometimes('\n')}>${content}</${name}${sometimes(' ')}>`
  }

  function envelope (): string {
    const prefix = oneOf(['s', 'soapenv', '', 'é'])
    const of = (name: string): string => (prefix === '' ? name : `${prefix}:${name}`)
    const own = { [prefix]: oneOf([SOAP_NAMESPACE['1.1'], SOAP_NAMESPACE['1.2']]) }
    const extra = { ...own, d: 'urn:d' }
    const header =
      below(8) === 0
        ? sometimes(`<${of('Header')}/>`)
        : `<${of('Header')}${sometimes(' xmlns:h="urn:h"')}>${gap()}${several(4, () => `${element(extra, 3)}${gap()}${aside()}`)}</${of('Header')}>`
    const declaration = sometimes(`<?xml version="1.0"${sometimes(' encoding="UTF-8"')}?>`)
    return `${sometimes('\uFEFF')}${declaration}${gap()}${aside()}<${of('Envelope')} xmlns${prefix === '' ? '' : `:${prefix}`}="${own[prefix]}" xmlns:d='urn:d'>${gap()}${aside()}${header}${gap()}<${of('Body')}>${below(2) === 0 ? element(extra, 2) : ''}</${of('Body')}>${gap()}</${of('Envelope')}>`
  }

  return envelope()
}
