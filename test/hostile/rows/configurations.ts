import { configurationRows } from './configuration-rows.js'
import type { ConfigurationRow } from '../row.js'
import { exactly, sound, unsound } from '../session-checks.js'

const NAMESPACE = 'http://ws.apache.org/ns/synapse'
const proxy = (name: string, inside: string): string =>
  `<proxy name="${name}"><target><inSequence>${inside}</inSequence></target></proxy>`
const whole = (inside: string, before = ''): string =>
  `${before}<definitions xmlns="${NAMESPACE}">\n${inside}\n</definitions>`
const ADDRESS = '<endpoint><address uri="http://localhost:9000/s"/></endpoint>'
const GOOD = proxy('P', `<send>${ADDRESS}</send>`)
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

const { rows, add } = configurationRows()

// XML 1.0, fifth edition, and Namespaces: what a conforming parser refuses.
const BROKEN: readonly [string, string | Buffer][] = [
  ['"<" in an attribute', whole(`${GOOD}<sequence name="a<b"/>`)],
  ['"<" in an attribute with single quotes', whole(`${GOOD}<sequence name='a<b'/>`)],
  ['a lone "&" in an attribute', whole(`${GOOD}<sequence name="a&b"/>`)],
  ['a lone "&" in text', whole(`${GOOD}<localEntry key="a">a & b</localEntry>`)],
  ['an entity that is not declared', whole(`${GOOD}<localEntry key="a">&nbsp;</localEntry>`)],
  ['NUL in text', whole(`${GOOD}<localEntry key="a">a\0b</localEntry>`)],
  ['NUL in an attribute', whole(`${GOOD}<sequence name="a\0b"/>`)],
  ['NUL after the root', `${whole(GOOD)}\0`],
  ...Array.from({ length: 8 }, (_, at): [string, string] => [
    `U+000${at + 1} in text`,
    whole(`${GOOD}<localEntry key="a">a${String.fromCharCode(at + 1)}b</localEntry>`)
  ]),
  ['U+000B in text', whole(`${GOOD}<localEntry key="a">a\x0bb</localEntry>`)],
  ['U+001B in an attribute', whole(`${GOOD}<sequence name="a\x1bb"/>`)],
  ['U+001F between elements', whole(`${GOOD}\x1f`)],
  ['U+FFFE', whole(`${GOOD}<localEntry key="a">\ufffe</localEntry>`)],
  ['U+FFFF', whole(`${GOOD}<localEntry key="a">\uffff</localEntry>`)],
  ['a reference to NUL', whole(`${GOOD}<localEntry key="a">&#0;</localEntry>`)],
  ['a reference to U+0001', whole(`${GOOD}<localEntry key="a">&#1;</localEntry>`)],
  ['a reference to a surrogate', whole(`${GOOD}<localEntry key="a">&#xd800;</localEntry>`)],
  ['a reference to U+FFFF', whole(`${GOOD}<localEntry key="a">&#xffff;</localEntry>`)],
  ['a reference beyond Unicode', whole(`${GOOD}<localEntry key="a">&#x110000;</localEntry>`)],
  ['a reference without digits', whole(`${GOOD}<localEntry key="a">&#;</localEntry>`)],
  ['a reference with a capital X', whole(`${GOOD}<localEntry key="a">&#X41;</localEntry>`)],
  ['a reference without an end', whole(`${GOOD}<localEntry key="a">&amp</localEntry>`)],
  ['UTF-8 that is overlong', latin1(whole(`${GOOD}<localEntry key="a">\xc0\xaf</localEntry>`))],
  ['UTF-8 that is cut', latin1(whole(`${GOOD}<localEntry key="a">\xe2\x82</localEntry>`))],
  ['ISO-8859-1 without a declaration', latin1(whole(`${GOOD}<localEntry key="a">\xe4</localEntry>`))],
  ['a surrogate as UTF-8', latin1(whole(`${GOOD}<localEntry key="a">\xed\xa0\x80</localEntry>`))],
  ['beyond Unicode as UTF-8', latin1(whole(`${GOOD}<localEntry key="a">\xf4\x90\x80\x80</localEntry>`))],
  [
    'ISO-8859-1 said to be UTF-8',
    latin1(whole(`${GOOD}<localEntry key="a">\xe4</localEntry>`, '<?xml version="1.0" encoding="UTF-8"?>'))
  ],
  [
    'other bytes than US-ASCII',
    whole(`${GOOD}<localEntry key="a">\u00e4</localEntry>`, '<?xml version="1.0" encoding="US-ASCII"?>')
  ],
  ['an encoding that is not known', whole(GOOD, '<?xml version="1.0" encoding="x-none"?>')],
  ['an encoding with a bad name', whole(GOOD, '<?xml version="1.0" encoding="-utf"?>')],
  ['an empty encoding', whole(GOOD, '<?xml version="1.0" encoding=""?>')],
  ['UTF-16 in the declaration, UTF-8 in fact', whole(GOOD, '<?xml version="1.0" encoding="UTF-16"?>')],
  ['UTF-7', whole(GOOD, '<?xml version="1.0" encoding="UTF-7"?>')],
  ['UTF-32 in the declaration', whole(GOOD, '<?xml version="1.0" encoding="UTF-32"?>')],
  [
    'UTF-8 in the declaration, UTF-16 in fact',
    Buffer.from(`\ufeff${whole(GOOD, '<?xml version="1.0" encoding="UTF-8"?>')}`, 'utf16le')
  ],
  ['half a character of UTF-16', Buffer.from(`\ufeff${whole(GOOD)}`, 'utf16le').subarray(0, -1)],
  [
    'a lone surrogate in UTF-16',
    Buffer.from(`\ufeff${whole(`${GOOD}<localEntry key="a">\ud800</localEntry>`)}`, 'utf16le')
  ],
  ['UTF-32', Buffer.concat([...whole(GOOD)].map(each => Buffer.from([0, 0, 0, each.charCodeAt(0)])))],
  ['a byte order mark twice', `\ufeff\ufeff${whole(GOOD)}`],
  ['two roots', `${whole(GOOD)}<a/>`],
  ['two definitions', whole(GOOD) + whole('')],
  ['text after the root', `${whole(GOOD)}x`],
  ['text before the root', `x${whole(GOOD)}`],
  ['a reference after the root', `${whole(GOOD)}&amp;`],
  ['CDATA after the root', `${whole(GOOD)}<![CDATA[x]]>`],
  ['CDATA before the root', `<![CDATA[ ]]>${whole(GOOD)}`],
  ['space before the declaration', ` ${whole(GOOD, '<?xml version="1.0"?>')}`],
  ['a comment before the declaration', `<!-- c -->${whole(GOOD, '<?xml version="1.0"?>')}`],
  ['two declarations', whole(GOOD, '<?xml version="1.0"?><?xml version="1.0"?>')],
  ['a declaration inside', whole(`${GOOD}<?xml version="1.0"?>`)],
  ['a declaration without a version', whole(GOOD, '<?xml encoding="UTF-8"?>')],
  ['version 1.1', whole(GOOD, '<?xml version="1.1"?>')],
  ['version 2.0', whole(GOOD, '<?xml version="2.0"?>')],
  ['version 1', whole(GOOD, '<?xml version="1"?>')],
  ['a declaration in other letters', whole(GOOD, '<?XML version="1.0"?>')],
  ['standalone="maybe"', whole(GOOD, '<?xml version="1.0" standalone="maybe"?>')],
  ['standalone before encoding', whole(GOOD, '<?xml version="1.0" standalone="yes" encoding="UTF-8"?>')],
  ['a declaration without quotes', whole(GOOD, '<?xml version=1.0?>')],
  ['a declaration without an end', whole(GOOD, '<?xml version="1.0">')],
  ['more in a declaration', whole(GOOD, '<?xml version="1.0" x="y"?>')],
  ['a target "XML"', whole(`${GOOD}<?XML x?>`)],
  ['a target with a colon', whole(`${GOOD}<?a:b x?>`)],
  ['a processing instruction without a name', whole(`${GOOD}<? x?>`)],
  ['a processing instruction without an end', whole(`${GOOD}<?x`)],
  ['an attribute twice', whole(`${GOOD}<sequence name="a" name="b"/>`)],
  [
    'an attribute twice by namespace',
    whole(`${GOOD}<sequence name="a" xmlns:p="urn:x" xmlns:q="urn:x" p:a="1" q:a="2"/>`)
  ],
  ['an attribute without quotes', whole(`${GOOD}<sequence name=a/>`)],
  ['an attribute without a value', whole(`${GOOD}<sequence name="a" trace/>`)],
  ['no space between attributes', whole(`${GOOD}<sequence name="a"trace="x"/>`)],
  ['an attribute in an end tag', whole(`${GOOD}<sequence name="a"></sequence x="y">`)],
  ['a quote without an end', whole(`${GOOD}<sequence name="a/>`)],
  ['tags that do not match', whole(`${GOOD}<sequence name="a"></sequences>`)],
  ['tags that cross', whole(`${GOOD}<sequence name="a"><in></sequence></in>`)],
  ['tags in other letters', whole(`${GOOD}<sequence name="a"></Sequence>`)],
  ['an end tag alone', whole(`${GOOD}</a>`)],
  ['no end of the root', whole(GOOD).replace('</definitions>', '')],
  ['a tag without an end', `${whole(GOOD)}<a`],
  ['a tag without a name', whole(`${GOOD}< a/>`)],
  ['a name that begins with a digit', whole(`${GOOD}<1a/>`)],
  ['a name that begins with "-"', whole(`${GOOD}<-a/>`)],
  ['a name with "$"', whole(`${GOOD}<a$/>`)],
  ['an attribute whose name begins with a digit', whole(`${GOOD}<sequence name="a" 1="x"/>`)],
  ['"/" inside a tag', whole(`${GOOD}<sequence / name="a"/>`)],
  ['space after "<"', whole(`${GOOD}< sequence name="a"/>`)],
  ['space after "</"', whole(`${GOOD}<sequence name="a"></ sequence>`)],
  ['"--" in a comment', whole(`${GOOD}<!-- a -- b -->`)],
  ['"--->" at the end of a comment', whole(`${GOOD}<!-- a --->`)],
  ['a comment without an end', whole(`${GOOD}<!-- a`)],
  ['a comment in a tag', whole(`${GOOD}<sequence <!-- c --> name="a"/>`)],
  ['"]]>" in text', whole(`${GOOD}<localEntry key="a">]]></localEntry>`)],
  ['CDATA without an end', whole(`${GOOD}<localEntry key="a"><![CDATA[x</localEntry>`)],
  ['"<![cdata["', whole(`${GOOD}<localEntry key="a"><![cdata[x]]></localEntry>`)],
  ['"<!" that begins nothing', whole(`${GOOD}<!x>`)],
  ['a DOCTYPE', whole(GOOD, '<!DOCTYPE definitions>')],
  [
    'a DOCTYPE with an entity',
    whole(`${GOOD}<localEntry key="a">&f;</localEntry>`, '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>')
  ],
  ['a DOCTYPE inside', whole(`${GOOD}<!DOCTYPE x>`)],
  ['an entity declaration alone', whole(GOOD, '<!ENTITY a "b">')],
  ['a prefix that is not declared', whole(`${GOOD}<a:b/>`)],
  ['a prefix of an attribute that is not declared', whole(`${GOOD}<sequence name="a" x:y="z"/>`)],
  ['a prefix that means nothing', whole(`${GOOD}<sequence name="a" xmlns:x=""/>`)],
  ['xmlns:xmlns', whole(`${GOOD}<sequence name="a" xmlns:xmlns="urn:x"/>`)],
  ['the prefix xml for another namespace', whole(`${GOOD}<sequence name="a" xmlns:xml="urn:x"/>`)],
  [
    'another prefix for the namespace of xml',
    whole(`${GOOD}<sequence name="a" xmlns:x="http://www.w3.org/XML/1998/namespace"/>`)
  ],
  ['two colons in a name', whole(`${GOOD}<a:b:c xmlns:a="urn:a"/>`)],
  ['a name that ends in a colon', whole(`${GOOD}<a: xmlns:a="urn:a"/>`)],
  ['a name that begins with a colon', whole(`${GOOD}<:a/>`)],
  ['an element in the namespace prefix xmlns', whole(`${GOOD}<xmlns:a/>`)],
  ['a file without an element', '<!-- nothing -->'],
  ['a declaration alone', '<?xml version="1.0"?>'],
  ['space alone', ' \n '],
  ['nothing', ''],
  ['100,000 elements in one another', whole('<a>'.repeat(100_000) + '</a>'.repeat(100_000))],
  ['100,000 open elements', whole('<a>'.repeat(100_000))]
]
for (const [what, file] of BROKEN) add('xml', `no configuration: ${what}`, file, unsound())

const FINE: readonly [string, string | Buffer][] = [
  ['as it is', whole(GOOD)],
  ['a byte order mark', `\ufeff${whole(GOOD)}`],
  ['CR and LF', whole(GOOD, '<?xml version="1.0"?>\n').replace(/\n/g, '\r\n')],
  ['CR alone', whole(GOOD).replace(/\n/g, '\r')],
  ['UTF-16, little end first', Buffer.from(`\ufeff${whole(GOOD)}`, 'utf16le')],
  [
    'UTF-16, big end first',
    Buffer.from(`\ufeff${whole(GOOD, '<?xml version="1.0" encoding="UTF-16"?>')}`, 'utf16le').swap16()
  ],
  [
    'ISO-8859-1',
    latin1(whole(`${GOOD}<localEntry key="a">\xe4</localEntry>`, '<?xml version="1.0" encoding="ISO-8859-1"?>'))
  ],
  ['US-ASCII', whole(GOOD, '<?xml version="1.0" encoding="us-ascii"?>')],
  ['single quotes and standalone', whole(GOOD, "<?xml version='1.0' encoding='utf-8' standalone='no'?>")],
  ['comments everywhere', `<!-- a -->${whole(`<!-- - -->${GOOD}<!---->`)}<!-- b -->\n`],
  ['processing instructions', `<?a?>${whole(`${GOOD}<?b c="d"?>`)}<?e?>`],
  ['CDATA', whole(`${GOOD}<localEntry key="a"><![CDATA[<&]]]]><![CDATA[>]]></localEntry>`)],
  ['references', whole(`${GOOD}<localEntry key="a">&lt;&gt;&amp;&quot;&apos;&#65;&#x42;</localEntry>`)],
  [
    '">" in text and attributes',
    whole(
      `${GOOD}<localEntry key="a">a>b</localEntry><sequence name="x"><log><property name="p" value="a>b"/></log></sequence>`
    )
  ],
  [
    'a prefix for all',
    whole(GOOD)
      .replace(/<(\/?)(\w)/g, '<$1s:$2')
      .replace('xmlns=', 'xmlns:s=')
  ],
  ['letters of other languages', whole(`${GOOD}<localEntry key="\u00e4">\u65e5\u672c \u{1f600}</localEntry>`)],
  ['space inside tags', whole(GOOD).replace(/">/g, '"\n\t>').replace(/="/g, ' = "')],
  [
    'one proxy alone',
    `<proxy xmlns="${NAMESPACE}" name="P"><target><inSequence><send>${ADDRESS}</send></inSequence></target></proxy>`
  ],
  [
    '1,000 proxies',
    whole(Array.from({ length: 1_000 }, (_, at) => proxy(`P${at}`, `<send>${ADDRESS}</send>`)).join('\n'))
  ],
  [
    'a chain of 1,000 sequences',
    whole(
      `${proxy('P', '<sequence key="s0"/>')}${Array.from({ length: 1_000 }, (_, at) => `<sequence name="s${at}">${at < 999 ? `<sequence key="s${at + 1}"/>` : '<drop/>'}</sequence>`).join('')}`
    )
  ],
  [
    'a chain of 1,000 sequences, the last one first',
    whole(
      `${proxy('P', '<sequence key="s0"/>')}${Array.from(
        { length: 1_000 },
        (_, at) => `<sequence name="s${at}">${at < 999 ? `<sequence key="s${at + 1}"/>` : '<drop/>'}</sequence>`
      )
        .reverse()
        .join('')}`
    )
  ],
  [
    '100 filters in one another',
    whole(proxy('P', '<filter xpath="true()"><then>'.repeat(100) + '<drop/>' + '</then></filter>'.repeat(100)))
  ],
  [
    'a sequence that two others use',
    whole(
      `${GOOD}<sequence name="a"><sequence key="c"/></sequence><sequence name="b"><sequence key="c"/></sequence><sequence name="c"><drop/></sequence>`
    )
  ]
]
for (const [what, file] of FINE) add('fine', `a configuration: ${what}`, file, sound)

// What contains itself. The problem names the way round.
const named = (name: string, inside: string): string => `<sequence name="${name}">${inside}</sequence>`
const use = (key: string): string => `<sequence key="${key}"/>`
const point = (key: string): string => `<endpoint key="${key}"/>`
const call = (target: string): string => `<call-template target="${target}"/>`
const template = (name: string, inside: string): string =>
  `<template name="${name}"><sequence>${inside}</sequence></template>`
const CIRCLES: readonly [string, string, string][] = [
  ['a sequence', named('a', use('a')), 'sequence "a" contains itself: a → a'],
  ['two sequences', named('a', use('b')) + named('b', use('a')), 'sequence "a" contains itself: a → b → a'],
  [
    'three sequences',
    named('a', use('b')) + named('b', use('c')) + named('c', use('a')),
    'sequence "a" contains itself: a → b → c → a'
  ],
  ['a sequence in <in>', named('a', `<in>${use('a')}</in>`), 'sequence "a" contains itself: a → a'],
  [
    'a sequence in a local entry',
    `<localEntry key="a"><sequence xmlns="${NAMESPACE}">${use('a')}</sequence></localEntry>`,
    'sequence "a" contains itself: a → a'
  ],
  [
    'sequences in two local entries',
    `<localEntry key="a"><sequence xmlns="${NAMESPACE}">${use('b')}</sequence></localEntry>` +
      `<localEntry key="b"><sequence xmlns="${NAMESPACE}">${use('a')}</sequence></localEntry>`,
    'sequence "a" contains itself: a → b → a'
  ],
  ['a template of sequences', named('a', call('t')) + template('t', call('t')), 'template "t" contains itself: t → t'],
  [
    'two templates of sequences',
    named('a', call('t')) + template('t', call('u')) + template('u', call('t')),
    'template "t" contains itself: t → u → t'
  ],
  [
    'a template of sequences, through a sequence',
    named('a', call('t')) + template('t', use('a')),
    'sequence "a" contains itself: a → t → a'
  ],
  ['an endpoint that is a reference', '<endpoint name="a" key="a"/>', 'endpoint "a" contains itself: a → a'],
  [
    'two endpoints that refer to each other',
    '<endpoint name="a" key="b"/><endpoint name="b" key="a"/>',
    'endpoint "a" contains itself: a → b → a'
  ],
  [
    'a group',
    `<endpoint name="a"><loadbalance>${point('a')}</loadbalance></endpoint>`,
    'endpoint "a" contains itself: a → a'
  ],
  [
    'two groups',
    `<endpoint name="a"><loadbalance>${point('b')}</loadbalance></endpoint><endpoint name="b"><failover>${point('a')}</failover></endpoint>`,
    'endpoint "a" contains itself: a → b → a'
  ],
  [
    'a recipient list',
    `<endpoint name="a"><recipientlist>${point('a')}</recipientlist></endpoint>`,
    'endpoint "a" contains itself: a → a'
  ],
  [
    'an endpoint in a local entry',
    `<localEntry key="a"><endpoint xmlns="${NAMESPACE}"><loadbalance>${point('a')}</loadbalance></endpoint></localEntry>`,
    'endpoint "a" contains itself: a → a'
  ],
  [
    'endpoints in two local entries',
    `<localEntry key="a"><endpoint xmlns="${NAMESPACE}"><loadbalance>${point('b')}</loadbalance></endpoint></localEntry>` +
      `<localEntry key="b"><endpoint xmlns="${NAMESPACE}" key="a"/></localEntry>`,
    'endpoint "a" contains itself: a → b → a'
  ],
  [
    'a template',
    '<template name="a"><endpoint template="a"/></template><endpoint name="e" template="a" uri="http://h/"/>',
    'template "a" contains itself: a → a'
  ],
  [
    'two templates',
    '<template name="a"><endpoint template="b"/></template><template name="b"><endpoint template="a"/></template>' +
      '<endpoint name="e" template="a" uri="http://h/"/>',
    'template "a" contains itself: a → b → a'
  ],
  [
    'a template of a group of itself',
    '<template name="a"><endpoint><failover><endpoint template="a" uri="$uri"/></failover></endpoint></template>' +
      '<endpoint name="e" template="a" uri="http://h/"/>',
    'template "a" contains itself: a → a'
  ],
  [
    'a circle that nothing uses',
    GOOD + named('x', use('y')) + named('y', use('x')),
    'sequence "x" contains itself: x → y → x'
  ],
  [
    'a circle after a long way',
    Array.from({ length: 50 }, (_, at) => named(`s${at}`, use(`s${(at + 1) % 50}`))).join(''),
    `sequence "s0" contains itself: ${Array.from({ length: 51 }, (_, at) => `s${at % 50}`).join(' → ')}`
  ]
]
/** Circles that a condition may end: messages that come round too often fail. */
const GUARDED: readonly [string, string][] = [
  ['a sequence in a filter', named('a', `<filter xpath="true()"><then>${use('a')}</then></filter>`)],
  [
    'a sequence in the other branch',
    named('a', `<filter xpath="true()"><then><drop/></then><else>${use('b')}</else></filter>`) + named('b', use('a'))
  ],
  ['a sequence in a case', named('a', `<switch source="1"><case regex="1">${use('a')}</case></switch>`)],
  [
    'a sequence in a default',
    named('a', `<switch source="1"><case regex="1"><drop/></case><default>${use('a')}</default></switch>`)
  ],
  [
    'a template in a filter',
    named('a', call('t')) + template('t', `<filter xpath="true()"><then>${call('t')}</then></filter>`)
  ]
]
for (const [what, inside] of GUARDED) add('circle', `what may contain itself: ${what}`, whole(proxy('P', use('a')) + inside), sound)

for (const [what, inside, way] of CIRCLES) {
  add(
    'circle',
    `what contains itself: ${what}`,
    whole(
      `${inside.includes('name="a"') || inside.includes('key="a"') ? proxy('P', inside.includes('<sequence') ? use('a') : inside.includes('template') ? `<send>${point('e')}</send>` : `<send>${point('a')}</send>`) : ''}${inside}`
    ),
    unsound(exactly(`the ${way} (`))
  )
}

export const plainConfigurations: readonly ConfigurationRow[] = rows
