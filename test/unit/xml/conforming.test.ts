import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { Random } from '../../support/random.js'
import { differenceOn, mutatedDocument, verdictOfReader } from '../../support/xml-oracle.js'

/** The reader of configurations and libxml2 accept and refuse the same documents. */
const DOCUMENTS: Readonly<Record<string, readonly string[]>> = {
  attributes: ['<a b="<"/>', '<a b=\'>\'/>', '<a b="&"/>', '<a b="a" b="b"/>', '<a b=c/>', '<a b/>', '<a b = "c"/>',
    '<a b="1"c="2"/>', '<a b="&lt;"/>', '<a b="&#60;"/>', '<a 1b="c"/>', '<a b="\n"/>', '<a\u00a0b="1"/>'],
  characters: ['<a>]]></a>', '<a>&#0;</a>', '<a>&#x1F;</a>', '<a>&#xFFFE;</a>', '<a>&#xD800;</a>', '<a>\x01</a>',
    '<a>\u0085</a>', '<a>\ufffe</a>', '<a>\u{10ffff}</a>', '<a/>\0', '\ufeff<a/>', '\ufeff\ufeff<a/>'],
  references: ['<a>&amp</a>', '<a>&nbsp;</a>', '<a>&#65;&#x41;</a>', '<a>&#X41;</a>', '<a>&#;</a>', '<a>& </a>'],
  names: ['<1a/>', '<é/>', '<a·/>', '<·a/>', '<_a/>', '< a/>', '<a></ a>', '<a></a >', '<:a/>', '<a:/>', '<a :b="1"/>'],
  namespaces: ['<x:a/>', '<a x:b="1"/>', '<a xmlns:x=""/>', '<a xmlns="u" xmlns:xml="v"/>', '<a xmlns:xmlns="u"/>',
    '<a:b:c xmlns:a="u"/>', '<a xmlns:x="u" xmlns:y="u" x:b="1" y:b="2"/>', '<a xmlns:x="u" xmlns:x="v"/>',
    '<a xmlns:b="u"><?b:c?></a>', '<a xmlns:="u"/>'],
  comments: ['<a><!-- -- --></a>', '<a><!-- --->x</a>', '<a><!---></a>', '<a><!></a>', '<!a><a/>', '<a/><!-- c -->'],
  instructions: ['<a><?xml version="1.0"?></a>', '<a><?XML x?></a>', '<?p?><a/>', '<?p\nx?><a/><?q\tx?>', '<a><??></a>',
    '<a><? b?></a>', '<a><![CDATA[<?p\nx?>]]></a>', '<a><?p a="1"" b=\'?></a>', '<?p "?><a/>', '<a><?p < x?><b/></a>',
    '<a><?p?>x<?q r?>y</a>', '<a><?p <!-- ?><b/><!-- <?q --></a>'],
  declarations: [' <?xml version="1.0"?><a/>', '<?xml version="1.0" standalone="maybe"?><a/>', '<?xml version="2.0"?><a/>',
    '<?xml encoding="UTF-8" version="1.0"?><a/>', '<?xml version="1.0"encoding="utf-8"?><a/>',
    '<?xml version="1.0"?>\n<?xml version="1.0"?><a/>', '<?xml version=\'1.0\' ?><a/>'],
  sections: ['<![CDATA[x]]><a/>', '<a><![cdata[x]]></a>', '<a><![CDATA[x]]', '<a><![CDATA[]]]]></a>'],
  structure: ['', '   ', '<a>', '</a>', '<a/><b/>', '<a/>text', 'text<a/>', '<a><b></a></b>', '<a>x<b/>y</a>']
}

for (const [kind, documents] of Object.entries(DOCUMENTS)) {
  t.test(`${kind} are accepted and refused as by libxml2`, async t => {
    for (const text of documents) t.equal(differenceOn(Buffer.from(text)), undefined, JSON.stringify(text))
  })
}

t.test('bytes that are no text of their encoding are refused as by libxml2', async t => {
  const broken = ['ff', 'c080', 'eda080', 'f4908080', 'e28', '80'].map(hex => Buffer.from(hex, 'hex'))
  for (const bytes of broken) {
    const document = Buffer.concat([Buffer.from('<a>'), bytes, Buffer.from('</a>')])
    t.equal(differenceOn(document), undefined, bytes.toString('hex'))
    t.not(verdictOfReader(document), true)
  }
})

t.test('a declaration after a byte order mark of UTF-8 names UTF-8, or the document is refused', async t => {
  const verdict = (name: string): true | string =>
    verdictOfReader(Buffer.from(`\ufeff<?xml version="1.0" encoding="${name}"?><a>\u00e9</a>`))
  t.equal(verdict('UTF-8'), true)
  t.equal(verdict('utf8'), true)
  t.match(verdict('ISO-8859-1'), /not in the encoding "ISO-8859-1", which its XML declaration names/)
  t.match(verdict('UTF-16'), /not in the encoding "UTF-16"/)
  t.match(verdict('nothing'), /the encoding "nothing" is unknown/)
  t.equal(verdictOfReader(Buffer.from('<?xml-stylesheet encoding="nothing"?><a/>')), true)
})

t.test('what libxml2 only warns of is no difference, beside a namespace that is no URI', async t => {
  for (const start of ['\ufeff<?xmlx?>', '<?xml-stylesheet href="a"?>', '\ufeff<?xml version="1.0" encoding="latin1"?>']) {
    t.equal(differenceOn(Buffer.from(`${start}<a xmlns=">"/>`)), undefined, start)
  }
})

t.test('2,000 mutated configurations are accepted and refused as by libxml2', async t => {
  const folder = new URL('../../../../config/', import.meta.url)
  const seeds = readdirSync(folder).filter(name => name.endsWith('.xml'))
    .map(name => readFileSync(new URL(name, folder), 'utf8'))
  const random = new Random(20_26)
  for (let at = 0; at < 2000; at++) {
    const text = mutatedDocument(random.oneOf(seeds), random)
    const difference = differenceOn(Buffer.from(text))
    if (difference !== undefined) t.fail(`${difference}\n${JSON.stringify(text)}`)
  }
})
