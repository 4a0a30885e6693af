import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The configurations of the project whose names end so. */
export const configurations = (ending: '.xml' | '.json'): string[] =>
  ['config', 'test/fixtures/configurations'].flatMap(folder =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith(ending))
      .sort()
      .map(name => readFileSync(join(folder, name), 'utf8'))
  )

export const JSON_SEEDS: readonly string[] = [
  '{"a":{"b":[1,2,{"c":null}]},"d":false}',
  '{"store":{"book":[{"price":8.95,"title":"x","isbn":"0-553"},{"price":12.50,"category":"fiction"}],"bicycle":{"color":"red"}}}',
  '[1,"two",null,true,[],{}]',
  '{"@id":"7","$":"text","a b":{"1":1,"$x":2,"":3}}',
  '{"id":12345678901234567890,"price":1.50,"big":1e400,"zero":-0,"exponent":1E5}',
  '{"__proto__":{"admin":true},"constructor":1,"a":1,"a":2}',
  '"text with \\"quotes\\", \\u00e9 \\ud83d\\ude00 and \\n"',
  '[[1,2],[3,[4,[5]]]]',
  '{"jsonObject":{"jsonArray":[{"jsonElement":1}]}}',
  '-12.5e-3'
]

export const XML_SEEDS: readonly string[] = [
  '<a><b>1</b><b>2</b><c x="7">t</c></a>',
  '<p:order xmlns:p="urn:p"><p:item p:id="1">a &amp; b</p:item><p:item/></p:order>',
  '<jsonObject><a>1</a><a>true</a><b><jsonArray><jsonElement>x</jsonElement></jsonArray></b></jsonObject>',
  '<jsonArray><jsonElement>1</jsonElement><jsonElement><a>2</a></jsonElement></jsonArray>',
  '<a> \n <b><![CDATA[<x>]]></b> <!-- c --> <_JsonReader_PD_1>null</_JsonReader_PD_1></a>',
  '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><h xmlns="urn:h">1</h></s:Header>' +
    '<s:Body><o:order xmlns:o="urn:o"><o:item>1</o:item><o:item>2</o:item></o:order></s:Body></s:Envelope>',
  '<jsonValue>12</jsonValue>'
]
