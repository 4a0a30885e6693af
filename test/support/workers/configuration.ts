import { join } from 'node:path'
import type { Test } from 'tap'

export interface Member {
  readonly name: string
  readonly uri: string
}

export const definitions = (...parts: readonly string[]): string =>
  `<definitions xmlns="http://ws.apache.org/ns/synapse">\n${parts.join('\n')}\n</definitions>`

const endpoint = (proxy: string, { name, uri }: Member, suspension: number): string =>
  `<endpoint name="${proxy}-${name}"><address uri="${uri}"><suspendOnFailure><initialDuration>${suspension}</initialDuration></suspendOnFailure></address></endpoint>`

/** A proxy with one group with sessions. Suspensions last an hour by default, so that no test waits for one to end. */
export const proxy = (members: readonly Member[], name = 'P', suspension = 3_600_000): string =>
  `<proxy name="${name}"><target><inSequence><send><endpoint name="${name}Group"><session type="simpleClientSession"/><loadbalance>${members.map(each => endpoint(name, each, suspension)).join('')}</loadbalance></endpoint></send></inSequence><outSequence><send/></outSequence></target></proxy>`

/** Writes a configuration with one proxy. Returns its path. */
export const configurationOf = (t: Test, members: readonly Member[], suspension?: number): string =>
  join(t.testdir({ 'p.xml': definitions(proxy(members, 'P', suspension)) }), 'p.xml')
