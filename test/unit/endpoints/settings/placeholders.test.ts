import t from 'tap'
import { parse } from '../../../../lib/definitions/load.js'
import { writeXml } from '../../../../lib/definitions/write-xml.js'
import {
  fileProperty,
  resolvePlaceholder,
  type PlaceholderSources
} from '../../../../lib/endpoints/settings/placeholders.js'
import { parseJavaProperties } from '../../../../lib/endpoints/settings/java-properties.js'
import { around, requestsOf, play, program, request } from '../../../support/flows/endpoint-harness.js'

/** Values that a configuration takes from outside of it: `$SYSTEM:`, `$FILE:`, `${configs.…}`. */

const environment = (name: string): string | undefined =>
  new Map([
    ['HOST', ' http://env:1 '],
    ['PORT', '9001'],
    ['BOTH', 'of the environment']
  ]).get(name)
const files =
  (all: Readonly<Record<string, string>>) =>
    (path: string): string => {
      if (!Object.hasOwn(all, path)) throw new Error('ENOENT')
      return all[path]!
    }
const PROPERTIES = 'epAddress=http://file:2/a\nBOTH: of the file\nport 9002\n'
const surroundings: PlaceholderSources = { environment, readFile: files({ 'conf/file.properties': PROPERTIES }) }

t.test('$SYSTEM: is an environment variable, $FILE: a property of file.properties, ${configs.…} either', async t => {
  const value = (text: string): string => resolvePlaceholder(text, surroundings)
  t.equal(value('$SYSTEM:HOST'), 'http://env:1')
  t.equal(value('$FILE:epAddress'), 'http://file:2/a')
  t.equal(value('${configs.HOST}'), 'http://env:1')
  t.equal(value('${configs.epAddress}'), 'http://file:2/a')
  t.equal(value('${configs.BOTH}'), 'of the environment', 'the environment precedes the file')
  for (const text of ['http://h/$SYSTEM:HOST', 'plain', '$HOST', '$SYSTEM', '${name}', '$SYSTEMS:HOST']) {
    t.equal(value(text), text, `${text} stays`)
  }
})

t.test('a -D of JAVA_OPTS is a value of ${configs.…}, and names the file of $FILE:', async t => {
  const options = '-DmyHost=http://java:3 -Dproperties.file.path=/etc/mine.properties'
  const own = {
    environment: (name: string) => (name === 'JAVA_OPTS' ? options : undefined),
    readFile: files({ '/etc/mine.properties': 'a=1', 'file.properties': 'a=2' })
  }
  t.equal(resolvePlaceholder('${configs.myHost}', own), 'http://java:3')
  t.equal(resolvePlaceholder('$FILE:a', own), '1')
})

t.test('a value that does not exist is reported with its name and its place', async t => {
  const cases: [string, RegExp][] = [
    ['$SYSTEM:NONE', /^the environment variable NONE is not set$/],
    ['$FILE:none', /^the file file\.properties has no property none$/],
    ['${configs.none}', /^none is neither an environment variable nor a property of file\.properties$/],
    ['$CUSTOM_Vault:a', /^\$CUSTOM_Vault needs a resolver in Java/]
  ]
  for (const [text, message] of cases) t.throws(() => resolvePlaceholder(text, surroundings), { message }, text)
  t.equal(fileProperty('a', { environment }), undefined, 'without files there are no properties')
})

t.test('what follows the name is dropped with a warning, as in the real engines', async t => {
  const warnings: string[] = []
  const value = resolvePlaceholder('$SYSTEM:HOST/path', { ...surroundings, warn: message => warnings.push(message) })
  t.equal(value, 'http://env:1')
  t.match(warnings, [/^"\/path" after \$SYSTEM:HOST is dropped/])
})

t.test('the file is read once for each configuration, and only if it is wanted', async t => {
  let reads = 0
  const readFile = (): string => {
    reads++
    return 'a=1'
  }
  resolvePlaceholder('$SYSTEM:HOST', { environment, readFile })
  t.equal(reads, 0)
  for (let i = 0; i < 3; i++) resolvePlaceholder('$FILE:a', { environment, readFile })
  t.equal(reads, 1)
})

t.test('addresses, URI templates, members and instances of templates take values from outside', async t => {
  const cases: [string, string][] = [
    ['<endpoint><address uri="$FILE:epAddress"/></endpoint>', 'POST http://file:2/a'],
    ['<endpoint><address uri="${configs.HOST}"/></endpoint>', 'POST http://env:1/'],
    ['<endpoint><http uri-template="$SYSTEM:HOST" method="get"/></endpoint>', 'GET http://env:1/'],
    [
      '<endpoint><loadbalance><member hostName="h" httpPort="$SYSTEM:PORT"/></loadbalance></endpoint>',
      'POST http://h:9001/'
    ],
    [
      '<endpoint><loadbalance><member hostName="h" httpPort="$FILE:port"/></loadbalance></endpoint>',
      'POST http://h:9002/'
    ],
    [
      '<endpoint template="T" uri="$FILE:epAddress"><parameter name="t" value="$SYSTEM:PORT"/></endpoint>',
      'POST http://file:2/a'
    ]
  ]
  const template =
    '<template name="T"><parameter name="t"/><endpoint><address uri="$uri"><timeout>' +
    '<duration>$t</duration></timeout></address></endpoint></template>'
  for (const [endpoint, sent] of cases) {
    const text = around(endpoint, template)
    t.match(requestsOf(play(program(text, surroundings), request())), [sent], endpoint)
    t.equal(writeXml(parse(text).definitions), writeXml(parse(writeXml(parse(text).definitions)).definitions))
    t.match(writeXml(parse(text).definitions), /\$(?:FILE|SYSTEM|\{configs)/, 'the reference is kept')
  }
  const wrong = '<endpoint><loadbalance><member hostName="h" httpPort="$SYSTEM:HOST"/></loadbalance></endpoint>'
  t.throws(() => program(around(wrong), surroundings), /\$SYSTEM:HOST expects a port, not "http:\/\/env:1"/)
})

t.test('property files are read as Java reads them', async t => {
  const text = '# comment = x\n  ! another\na = 1\nb:2\nc 3\nd\ne=one \\\n   two\nn=1\\\n  #2\n# no \\\nm=3\nf\\ g=\\u00e9\\t!\r\na=last\n\nh==x'
  t.strictSame(Object.fromEntries(parseJavaProperties(text)), {
    a: 'last',
    b: '2',
    c: '3',
    d: '',
    e: 'one two',
    n: '1#2',
    m: '3',
    'f g': 'é\t!',
    h: '=x'
  })
})
