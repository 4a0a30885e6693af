import t, { type Test } from 'tap'
import { problemsOf } from '../../../../lib/compiler/find-problems.js'
import { parse } from '../../../../lib/definitions/load.js'
import { formatProblem } from '../../../../lib/definitions/model/problem.js'
import { FIXED_RUNTIME } from '../../../support/flows/fixed-runtime.js'

/**
 * The rules that a configuration keeps (Synapse: the factories of its XML), one row for each: what breaks it, and
 * what is said of that.
 * `line:column`, what is wrong or expected, and what to do instead.
 */
const NS = 'http://ws.apache.org/ns/synapse'
/** The list of everything that there is grows with it. */
const withoutList = (line: string): string => line.replace(/ \(known: .*\)$/, ' (known …)')
const reported = (text: string): string[] =>
  problemsOf(parse(text, 'f'), FIXED_RUNTIME)
    .map(formatProblem)
    .map(line => withoutList(line).slice('f:'.length))

type Rows = readonly (readonly [xml: string, ...reported: string[]])[]
const check = (t: Test, rows: Rows, around: (xml: string) => string): void => {
  for (const [xml, ...expected] of rows) {
    t.strictSame(reported(`<definitions xmlns="${NS}">\n${around(xml)}\n</definitions>`), expected, xml)
  }
}

t.test('artefacts that break a rule are reported', async t => {
  check(
    t,
    [
      [
        '<endpoint><address uri="http://h:1"/></endpoint>',
        '2:1 <endpoint> needs a name (others refer to it by that)'
      ],
      [
        '<proxy><target><inSequence><drop/></inSequence></target></proxy>',
        '2:1 <proxy> needs a name (others refer to it by that)'
      ],
      [
        '<proxy name=" "><target><inSequence><drop/></inSequence></target></proxy>',
        '2:1 <proxy> needs a name (others refer to it by that)'
      ],
      [
        '<template><endpoint><address uri="http://h:1"/></endpoint></template>',
        '2:1 <template> needs a name (others refer to it by that)'
      ],
      ['<template name="t"/>', '2:1 <template> needs an <endpoint> or a <sequence>'],
      [
        '<sequence key="a"/>',
        '2:1 <sequence> needs a name (others refer to it by that)',
        '2:1 hint: the attribute key of <sequence> has no effect (known …)'
      ],
      [
        '<endpoint name="a" key="b"/>',
        '2:1 warning: no endpoint is called "b": every message to it fails (define it as <endpoint name="…">, or correct the key)'
      ],
      ['<sequence name="a" key="b"/>', '2:1 hint: the attribute key of <sequence> has no effect (known …)'],
      [
        '<proxy name="p"/>',
        '2:1 a proxy needs an endpoint, a sequence for requests, or both (<endpoint> and <inSequence> in its <target>; in JSON: endpoint and in)'
      ],
      [
        '<proxy name="p"><target/></proxy>',
        '2:1 a proxy needs an endpoint, a sequence for requests, or both (<endpoint> and <inSequence> in its <target>; in JSON: endpoint and in)'
      ],
      [
        '<proxy name="p"><target><outSequence><send/></outSequence></target></proxy>',
        '2:1 a proxy needs an endpoint, a sequence for requests, or both (<endpoint> and <inSequence> in its <target>; in JSON: endpoint and in)'
      ],
      [
        '<proxy name="p"><target><inSequence><drop/></inSequence></target><parameter>1</parameter></proxy>',
        '2:66 a <parameter> of a proxy needs a name'
      ],
      [
        '<proxy name="p"><target><inSequence><drop/></inSequence></target><publishWSDL endpoint="e"/></proxy>',
        '2:66 publishWSDL endpoint="…" is not supported (name the address of the document with uri="…")'
      ],
      [
        '<proxy name="p"><target><inSequence><drop/></inSequence></target><publishWSDL uri="file:x"><resource location="a"/></publishWSDL></proxy>',
        '2:92 a <resource> needs a location and a key (the location as the WSDL imports it, and the local entry that holds it)'
      ],
      [
        '<proxy name="p" startOnLoad="maybe"><target><inSequence><drop/></inSequence></target></proxy>',
        '2:1 hint: startOnLoad="maybe" means false, as in the real engines (write startOnLoad="false", or startOnLoad="true")'
      ],
      [
        '<proxy name="p"><target><inSequence><drop/></inSequence></target></proxy>\n<proxy name="p"><target><inSequence/></target></proxy>',
        '3:1 duplicate proxy "p" (the first is at f:2)'
      ],
      [
        '<template name="t"><endpoint><address uri="http://h:1"/></endpoint></template>\n<template name="t"><endpoint><default/></endpoint></template>',
        '3:1 duplicate template "t" (the first is at f:2)'
      ],
      [
        '<localEntry key="k">1</localEntry>\n<endpoint name="k"><default/></endpoint>',
        '3:1 duplicate endpoint "k" (the first is a local entry at f:2)'
      ],
      [
        '<template name="t"><endpoint><address uri="$uri"/></endpoint></template>\n<endpoint name="e" template="t"/>',
        '3:1 the template "t" needs a value for uri (name and uri are attributes, others are <parameter name="…" value="…"/>)'
      ],
      [
        '<template name="t"><parameter/><endpoint><address uri="http://h:1"/></endpoint></template>',
        '2:20 a <parameter> of a template needs a name'
      ],
      [
        '<template name="t"><parameter name="d"/><endpoint><address uri="$uri"><timeout><duration>$d</duration></timeout></address></endpoint></template>\n<endpoint name="e" template="t" uri="http://h:1"><parameter name="d" value="x"/></endpoint>',
        '3:1 invalid value "x" for "duration" at timeout of template "t": expected integer'
      ]
    ],
    xml => xml
  )
})

t.test('mediators that break a rule are reported', async t => {
  check(
    t,
    [
      [
        '<sequence/>',
        '3:1 a <sequence> in a list of mediators needs a key (define the sequence at the top level with a name, or write its mediators in its place)'
      ],
      [
        '<sequence name="x"><drop/></sequence>',
        '3:1 a <sequence> in a list of mediators needs a key (define the sequence at the top level with a name, or write its mediators in its place)'
      ],
      ['<send><endpoint key-expression="//a["/></send>', '3:7 unexpected end at character 5, expected a step'],
      ['<header value="1"/>', '3:1 header needs a name'],
      ['<header name="To"/>', '3:1 header needs a value, an expression or an element inside (or action="remove")'],
      [
        '<header name="Foo" value="1"/>',
        '3:1 unknown header "Foo" (one of To, From, Action, FaultTo, ReplyTo, RelatesTo, a name with a declared prefix, or scope="transport" for an HTTP header)'
      ],
      [
        '<header name="to" value="1"/>',
        '3:1 unknown header "to" (one of To, From, Action, FaultTo, ReplyTo, RelatesTo, a name with a declared prefix, or scope="transport" for an HTTP header)'
      ],
      [
        '<header name="p:a" value="1"/>',
        '3:1 the prefix p of header "p:a" is not declared (one of To, From, Action, FaultTo, ReplyTo, RelatesTo, a name with a declared prefix, or scope="transport" for an HTTP header)'
      ],
      [
        '<header name="To" value="1" scope="moon"/>',
        '3:1 unknown scope "moon" of header (remove it, or write scope="transport")'
      ],
      ['<header name="a b" value="1" scope="transport"/>', '3:1 "a b" is not a valid name of an HTTP header'],
      ['<property value="1"/>', '3:1 missing property "name" at sequences.s[0]'],
      [
        '<property name="a" value="1" type="NUMBER"/>',
        '3:1 invalid value "NUMBER" for "type" at sequences.s[0] (one of: STRING, BOOLEAN, INTEGER, LONG, SHORT, FLOAT, DOUBLE, OM, XML, JSON)'
      ],
      ['<property name="a" value="x" type="INTEGER"/>', '3:1 a property of type INTEGER cannot have the value "x"'],
      ['<property name="a" value="x" group="1"/>', '3:1 property has a group, but no pattern'],
      ['<property name="a" value="x" pattern="x" group="-1"/>', '3:1 group expects a whole number, not "-1"'],
      [
        '<property name="a" value="x" pattern="("/>',
        '3:1 "(" is not a regular expression that JavaScript accepts: Unterminated group'
      ],
      ['<property name="a" expression="//p:a"/>', '3:1 warning: the prefix p is not declared: every message that reaches this expression fails'],
      [
        '<property name="a" expression="json-eval($.a[)"/>',
        "3:1 invalid JSONPath: unclosed bracketed selection ('$.a[':4)"
      ],
      [
        '<log level="all"/>',
        '3:1 hint: unknown log level "all": simple is used (use one of simple, headers, full, custom)'
      ],
      [
        '<log category="LOUD"/>',
        '3:1 invalid value "LOUD" for "category" at sequences.s[0] (one of: INFO, TRACE, DEBUG, WARN, ERROR, FATAL)'
      ],
      ['<log><property value="1"/></log>', '3:1 "name" is empty at sequences.s[0].properties[0]'],
      ['<log><property name="a"/></log>', '3:6 a property of <log> needs a value or an expression'],
      ['<log><message>hi ${(}</message></log>', '3:1 unexpected end at character 2 of ${…}'],
      ['<filter><drop/></filter>', '3:1 <filter> needs a condition (xpath="…", or source="…" and regex="…")'],
      [
        '<filter source="//a"><drop/></filter>',
        '3:1 <filter> needs a condition (xpath="…", or source="…" and regex="…")'
      ],
      [
        '<filter regex="a"><drop/></filter>',
        '3:1 <filter> needs a condition (xpath="…", or source="…" and regex="…")'
      ],
      [
        '<filter source="//a" regex="["><drop/></filter>',
        '3:1 "[" is not a regular expression that JavaScript accepts: Unterminated character class'
      ],
      ['<filter xpath="//a["><drop/></filter>', '3:1 unexpected end at character 5, expected a step'],
      [
        '<filter xpath="true()"><then sequence="no"/><else sequence="none"/></filter>',
        '3:24 warning: unknown sequence "no": every message that reaches it fails (define it as <sequence name="…">, or correct the key)',
        '3:45 warning: unknown sequence "none": every message that reaches it fails (define it as <sequence name="…">, or correct the key)'
      ],
      ['<switch><case regex="a"><drop/></case></switch>', '3:1 missing property "source" at sequences.s[0]'],
      ['<switch source="//a"><case><drop/></case></switch>', '3:22 <case> needs a regex'],
      [
        '<switch source="//a"><case regex="*"><drop/></case></switch>',
        '3:1 "*" is not a regular expression that JavaScript accepts: Nothing to repeat'
      ],
      [
        '<makefault version="1.1"><code value="x:a" xmlns:x="u"/><reason value="r"/></makefault>',
        '3:1 invalid value "1.1" for "version" at sequences.s[0] (one of: soap11, soap12, pox)'
      ],
      ['<makefault/>', '3:1 <makefault> needs a <reason>', '3:1 <makefault> needs a <code>'],
      [
        '<makefault response="x" version="soap11"><code value="x:a" xmlns:x="u"/><reason value="r"/></makefault>',
        '3:1 response expects true or false, not "x"'
      ],
      ['<makefault><code/><reason/></makefault>', "3:1 makefault needs a code: a 'value' or an 'expression'"],
      [
        '<makefault version="soap11"><code value="Server"/><reason value="r"/></makefault>',
        '3:29 the code "Server" needs a prefix (a fault code is a qualified name: prefix:name, with xmlns:prefix="…")'
      ],
      [
        '<makefault version="soap11"><code value="p:Server"/><reason value="r"/></makefault>',
        '3:29 the prefix p of the code "p:Server" is not declared (a fault code is a qualified name: prefix:name, with xmlns:prefix="…")'
      ],
      [
        '<makefault version="soap12"><code value="x:Server" xmlns:x="http://www.w3.org/2003/05/soap-envelope"/><reason value="r"/></makefault>',
        '3:1 "Server" is not a code of SOAP 1.2: use one of DataEncodingUnknown, MustUnderstand, Receiver, Sender, VersionMismatch in the namespace http://www.w3.org/2003/05/soap-envelope, or write version="soap11"'
      ],
      [
        '<makefault version="soap11"><code value="x:a" xmlns:x="u"/><reason value="r"/><node>u</node></makefault>',
        '3:1 a SOAP 1.1 fault has no node'
      ],
      ['<send endpoint="x"/>', '3:1 hint: the attribute endpoint of <send> has no effect (known …)'],
      [
        '<call><source type="envelope">x</source></call>',
        '3:7 hint: <source type="envelope"> has no effect in <call> (one of: body, custom, property, inline)'
      ],
      [
        '<call><target>x</target></call>',
        '3:7 hint: <target type="custom"> has no effect in <call> (one of: body, property, variable)'
      ],
      [
        '<call><target type="property"/></call>',
        '3:7 <target type="property"> is empty (write the name of the property inside of it)'
      ],
      ['<respond><a/></respond>', '3:10 hint: <a> has no effect here'],
      ['<in sequence="a"/>', '3:1 hint: the attribute sequence of <in> has no effect (known …)'],
      [
        '<send receive="none"><endpoint><address uri="http://h:1"/></endpoint></send>',
        '3:1 warning: unknown sequence "none": every message that reaches it fails (define it as <sequence name="…">, or correct the key)'
      ],
      [
        '<send receive="{[}"><endpoint><address uri="http://h:1"/></endpoint></send>',
        '3:1 unexpected "[" at character 1, expected a step'
      ],
      [
        '<send><endpoint onError="none"><default/></endpoint></send>',
        '3:7 warning: unknown sequence "none": failures here are not handled by it (define it as <sequence name="…">, or correct the key)'
      ]
    ],
    xml => `<sequence name="s">\n${xml}\n</sequence>`
  )
})

t.test('endpoints that break a rule are reported', async t => {
  check(
    t,
    [
      ['<address uri="http://h:1"/><default/>', '3:44 hint: <default> has no effect here'],
      ['<session type="http"/><address uri="http://h:1"/>', '3:17 hint: <session> has no effect here'],
      [
        '<address uri="http://h:1"><markForSuspension><retriesBeforeSuspension>x</retriesBeforeSuspension></markForSuspension></address>',
        '3:62 <retriesBeforeSuspension> expects a number, not "x"'
      ],
      [
        '<address uri="http://h:1"><markForSuspension><retryDelay/></markForSuspension></address>',
        '3:62 <retryDelay> expects a number, not "" (in milliseconds)'
      ],
      [
        '<address uri="http://h:1"><markForSuspension><retryDelay>1.5</retryDelay></markForSuspension></address>',
        '3:7 invalid value 1.5 for "retryDelay" at sequences.s[0].endpoint.markForSuspension: expected integer'
      ],
      [
        '<address uri="http://h:1"><suspendOnFailure><maximumDuration>long</maximumDuration></suspendOnFailure></address>',
        '3:61 <maximumDuration> expects a number, not "long" (in milliseconds)'
      ],
      [
        '<address uri="http://h:1"><suspendOnFailure><initialDuration/></suspendOnFailure></address>',
        '3:61 <initialDuration> expects a number, not "" (in milliseconds)'
      ],
      [
        '<address uri="http://h:1"><suspendOnFailure><progressionFactor>fast</progressionFactor></suspendOnFailure></address>',
        '3:61 <progressionFactor> expects a number, not "fast"'
      ],
      [
        '<address uri="http://h:1"><retryConfig><disabledErrorCodes>1,a</disabledErrorCodes></retryConfig></address>',
        '3:56 <disabledErrorCodes> expects whole numbers separated by commas, not "a"'
      ],
      [
        '<address uri="http://h:1"><retryConfig><enabledErrorCodes>99999999999</enabledErrorCodes></retryConfig></address>',
        '3:56 <enabledErrorCodes> expects whole numbers separated by commas, not "99999999999"'
      ],
      [
        '<address uri="http://h:1"><suspendOnFailure><errorCodes>9999999999</errorCodes></suspendOnFailure></address>',
        '3:7 invalid value 9999999999 for "errorCodes" at sequences.s[0].endpoint.suspendOnFailure: expected integer to be less or equal to 2147483647'
      ],
      [
        '<loadbalance policy="roundRobin" algorithm="org.apache.synapse.endpoints.algorithms.RoundRobin"><endpoint><address uri="http://h:1"/></endpoint></loadbalance>',
        '3:17 a group has either an algorithm or a policy, not both (leave out the policy)'
      ],
      [
        '<loadbalance algorithm=""><endpoint><address uri="http://h:1"/></endpoint></loadbalance>',
        '3:17 unknown algorithm "" (known …)'
      ],
      [
        '<loadbalance><endpoint><address uri="http://h:1"/></endpoint><member hostName="h" httpPort="1"/></loadbalance>',
        '3:17 a group has either endpoints or members, not both (write a member as <endpoint><address uri="http://host:port/path"/></endpoint>)'
      ],
      [
        '<loadbalance></loadbalance>',
        '3:7 "members" is empty at sequences.s[0].endpoint (a group needs at least one endpoint)'
      ],
      [
        '<loadbalance><endpont/></loadbalance>',
        '3:7 "members" is empty at sequences.s[0].endpoint (a group needs at least one endpoint)',
        '3:30 hint: <endpont> has no effect here'
      ],
      [
        '<session/><loadbalance><endpoint><address uri="http://h:1"/></endpoint></loadbalance>',
        '3:17 <session> needs a type (known …)'
      ],
      [
        '<session type="http"><sessionTimeout>soon</sessionTimeout></session><loadbalance><endpoint><address uri="http://h:1"/></endpoint></loadbalance>',
        '3:38 <sessionTimeout> expects a number, not "soon" (in milliseconds)'
      ],
      [
        '<session type="http"><sessionTimeout>-1</sessionTimeout></session><loadbalance><endpoint><address uri="http://h:1"/></endpoint></loadbalance>',
        '3:17 invalid value -1 for "sessionTimeout" at sequences.s[0].endpoint.session: expected integer to be greater or equal to 0'
      ],
      [
        '<session type="http"/><loadbalance></loadbalance>',
        '3:7 "members" is empty at sequences.s[0].endpoint (a group needs at least one endpoint)'
      ],
      [
        '<session type="http"/><loadbalance><endpoint><address uri="http://h:1"/></endpoint><sessionTimeout>1</sessionTimeout></loadbalance>',
        '3:100 hint: <sessionTimeout> has no effect here'
      ],
      [
        '<loadbalance><member hostName="h" httpPort="80a"/></loadbalance>',
        '3:30 httpPort expects a port, not "80a"',
        '3:30 <member> needs an httpPort, an httpsPort or both'
      ],
      [
        '<loadbalance><member hostName="h" httpPort=" "/></loadbalance>',
        '3:30 <member> needs an httpPort, an httpsPort or both'
      ],
      [
        '<loadbalance><member hostName="h" httpsPort="70000"/></loadbalance>',
        '3:30 httpsPort expects a port, not "70000"',
        '3:30 <member> needs an httpPort, an httpsPort or both'
      ],
      ['<loadbalance><member hostName=" " httpPort="1"/></loadbalance>', '3:30 <member> needs a hostName'],
      [
        '<loadbalance algorithm="org.apache.synapse.endpoints.algorithms.WeightedRoundRobin"><endpoint><address uri="http://h:1"/><property name="loadbalance.weight" value="0"/></endpoint></loadbalance>',
        '3:7 loadbalance.weight of s http://h:1 must be a whole number of at least 1, not "0"'
      ],
      [
        '<loadbalance algorithm="org.apache.synapse.endpoints.algorithms.WeightedRoundRobin"><endpoint><address uri="http://h:1"/><property name="loadbalance.weight" value="heavy"/></endpoint></loadbalance>',
        '3:7 loadbalance.weight of s http://h:1 must be a whole number of at least 1, not "heavy"'
      ],
      [
        '<loadbalance algorithm="org.apache.synapse.endpoints.algorithms.WeightedRoundRobin"><endpoint><address uri="http://h:1"/><property name="loadbalance.weight" expression="1"/></endpoint></loadbalance>',
        '3:7 the property loadbalance.weight needs a value, it cannot be an expression here'
      ],
      [
        '<property name="loadbalance.weightedRRLC.roundsPerRecal" value="x"/><loadbalance algorithm="org.apache.synapse.endpoints.algorithms.WeightedRRLCAlgorithm"><endpoint><address uri="http://h:1"/><property name="loadbalance.weight" value="1"/></endpoint></loadbalance>',
        '3:7 loadbalance.weightedRRLC.roundsPerRecal of s http://h:1 must be a whole number of at least 1, not "x"'
      ],
      ['<failover/>', '3:7 "members" is empty at sequences.s[0].endpoint (a group needs at least one endpoint)'],
      [
        '<failover dynamic="x"><endpoint><address uri="http://h:1"/></endpoint></failover>',
        '3:17 hint: dynamic="x" means true, as in the real engines (write dynamic="true", or dynamic="false")'
      ],
      [
        '<recipientlist><endpoint><address uri="http://h:1"/></endpoint><member hostName="h" httpPort="1"/></recipientlist>',
        '3:17 a group has either endpoints or members, not both (write a member as <endpoint><address uri="http://host:port/path"/></endpoint>)'
      ],
      [
        '<recipientlist><endpoints value="{a[}"/></recipientlist>',
        '3:7 unexpected end at character 3, expected a step'
      ],
      [
        '<recipientlist><endpoint><address uri="http://h:1"/></endpoint><endpoints value="x"/></recipientlist>',
        '3:80 hint: the attribute value of <endpoints> has no effect'
      ],
      [
        '<wsdl/>',
        '3:17 <wsdl> needs a uri, or a WSDL inside',
        '3:17 <wsdl> needs a service (by its local name in the WSDL)',
        '3:17 <wsdl> needs a port (by its local name in the WSDL)'
      ],
      [
        '<http/>',
        '3:17 <http> needs a uri-template (write <http uri-template="http://host:port/path/{uri.var.id}"/>)'
      ],
      [
        '<default/><property name="a" value="1" scope="moon"/>',
        '3:27 "moon" is not possible in <property> (one of: default, transport, axis2, axis2-client)'
      ],
      ['<default/><property name="a" expression="]"/>', '3:7 unexpected "]" at character 1, expected a step'],
      ['<default/><property name=" " value="1"/>', '3:27 a property of an endpoint needs a name'],
      [
        '<dynamicLoadbalance><membership/></dynamicLoadbalance>',
        '3:7 missing property "dns" at sequences.s[0].endpoint.membership'
      ],
      [
        '<dynamicLoadbalance><membership dns="a" file="b" httpPort="1"/></dynamicLoadbalance>',
        '3:7 unknown property "file" at sequences.s[0].endpoint.membership (known …)'
      ],
      [
        '<dynamicLoadbalance><membership dns="a"/></dynamicLoadbalance>',
        '3:7 a membership by dns needs an httpPort, an httpsPort or both'
      ]
    ],
    xml => `<sequence name="s">\n<send><endpoint>${xml}</endpoint></send>\n</sequence>`
  )
})

t.test('allowed spellings are not reported', async t => {
  const address = '<endpoint><address uri="http://h:1"/></endpoint>'
  check(
    t,
    [
      [
        '<address uri="http://h:1"><suspendOnFailure><errorCodes>101500\n101501, 101503</errorCodes></suspendOnFailure></address>'
      ],
      [`<loadbalance policy="RoundRobin">${address}</loadbalance>`],
      ['<failover><member hostName="h" httpPort="1"/></failover>'],
      ['<session type="HTTP"/><loadbalance><member hostName="h" httpPort="1"/></loadbalance>']
    ],
    xml => `<sequence name="s">\n<send><endpoint>${xml}</endpoint></send>\n</sequence>`
  )
})

t.test('JSON that breaks a rule is reported', async t => {
  t.strictSame(reported('{ "proxies": { "p": { "transports": ["jms"], "in": [] } } }'), [
    '1:37 invalid value "jms" for "transports" at proxies.p (one of: http, https)'
  ])
  for (const proxy of ['{}', '{ "out": [{ "kind": "send" }] }', '{ "fault": [], "wsdl": { "uri": "http://h:1/" } }']) {
    t.strictSame(reported(`{ "proxies": { "p": ${proxy} } }`), [
      '1:21 a proxy needs an endpoint, a sequence for requests, or both (<endpoint> and <inSequence> in its <target>; in JSON: endpoint and in)'
    ], proxy)
  }
  t.strictSame(reported('{ "proxies": { "p": { "in": [] } } }'), [])
})
