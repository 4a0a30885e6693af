import { DOMParser } from '@xmldom/xmldom'
import t from 'tap'
import { escapeAttribute, escapeText, inAscii } from '../../../lib/xml/escape.js'
import { isContent, isElement } from '../../../lib/xml/fragment.js'

const parse = (xml: string) =>
  new DOMParser({
    onError: (_, message) => {
      throw new Error(message)
    }
  }).parseFromString(xml, 'text/xml').documentElement!

const HOSTILE = ['<a>', '&amp;', ']]>', '</x><y>', '"><b c="', "' onload='", 'Grüße €', '😀', 'a\tb', ']]]>>', '&#0;']

t.test('escaped text is read as the original', async t => {
  for (const text of [...HOSTILE, 'one\rtwo\r\n']) { t.equal(parse(`<x>${escapeText(text)}</x>`).textContent, text, JSON.stringify(text)) }
})

t.test('attributes come back as they were, in quotes of either kind', async t => {
  for (const text of [...HOSTILE, 'one\rtwo\nthree']) {
    for (const quote of ['"', "'"] as const) {
      for (const quotes of [quote, '"\''] as const) {
        const markup = `<x a=${quote}${escapeAttribute(text, quotes)}${quote}/>`
        t.equal(parse(markup).getAttribute('a'), text, markup)
      }
    }
  }
})

t.test('of the quotation marks, those that an attribute value stands in are escaped', async t => {
  t.equal(escapeAttribute('"It\'s"'), '&quot;It\'s&quot;', 'in double ones unless said otherwise')
  t.equal(escapeAttribute('"It\'s"', "'"), '"It&apos;s"')
  t.equal(escapeAttribute('"It\'s"', '"\''), '&quot;It&apos;s&quot;', 'both where they are not known')
})

t.test('text is escaped no more than it needs', async t => {
  t.equal(escapeText('It\'s <broken> & "gone"'), 'It\'s &lt;broken> &amp; "gone"')
})

t.test('characters that XML does not allow become U+FFFD', async t => {
  for (const character of ['\0', '\x01', '\x08', '\x0b', '\x1f', '\ufffe', '\uffff', '\ud800', '\udc00']) {
    t.equal(escapeText(`a${character}b`), 'a\ufffdb')
    t.equal(escapeAttribute(`a${character}b`), 'a\ufffdb')
  }
  t.equal(escapeText('\ud83d\ude00'), '😀', 'a whole pair is a character')
})

t.test('markup that is rewritten in ASCII has the same content', async t => {
  for (const markup of [
    '<x a="ü" b=\'€\'>ß<y c="&lt;é"/>😀</x>',
    '<x><![CDATA[ü & <b> ]]]]><![CDATA[>]]></x>',
    '<x a="1>ü"/>'
  ]) {
    const ascii = inAscii(markup)
    t.match(ascii, /^[\x20-\x7e]*$/)
    t.equal(parse(ascii).textContent, parse(markup).textContent)
    t.equal(parse(ascii).getAttribute('a'), parse(markup).getAttribute('a'))
  }
})

t.test('names and comments have no other way to be written', async t => {
  t.equal(inAscii('<Größe>ü<!-- ä --></Größe>'), '<Größe>&#252;<!-- ä --></Größe>')
})

t.test('a tag of many megabytes is read in linear time', async t => {
  t.equal(inAscii(`<x${' '.repeat(5_000_000)}>ü</x>`).length, 5_000_000 + '<x>&#252;</x>'.length)
})

t.test('escaped text is content, never markup', async t => {
  for (const xml of [
    '',
    'text',
    'a<b/>c<d e="f">g</d>',
    '<![CDATA[<&]]>',
    '&#10;&lt;',
    '<p:a xmlns:p="u"><p:b p:c="d"/></p:a>',
    '<!-- - --><?go on?>',
    '<a xml:lang="en"/>'
  ]) { t.ok(isContent(xml), xml) }
  for (const xml of [
    '<',
    '&',
    '&nbsp;',
    ']]>',
    '<a>',
    '</a>',
    '</_><_>',
    '<a></b>',
    '<p:a/>',
    '<a p:b="c"/>',
    '<a b="c" b="d"/>',
    '<a b=c/>',
    '<a b="<"/>',
    '<!DOCTYPE a>',
    '<!-- -- -->',
    '<?xml version="1.0"?>',
    '\0',
    '\ud800',
    '<1/>',
    '<a:/>',
    '<:a/>',
    '<p:a xmlns:p="u"/><p:b/>',
    '<![CDATA[',
    '<!-- '
  ]) { t.notOk(isContent(xml), xml) }
})

t.test('an element is written with its attributes escaped', async t => {
  for (const xml of ['<a/>', '<test>some text</test>', ' <a>b</a>\n']) t.ok(isElement(xml), xml)
  for (const xml of ['', 'text', '<a/><b/>', 'a<b/>', '<a/>b', '<a']) t.notOk(isElement(xml), xml)
})
