import { triedIn, differences, type Difference } from './compare.js'
import { DIFFERENCES, EVERYWHERE, type Expectation } from './differences.js'
import { faultIn, textOf, type SoapFault } from './meaning.js'
import { PENDING, type Pending } from './pending.js'
import type { CaseResult } from './run-case.js'
import type { Case, Seen } from './record.js'
import { statusOf, valuesOf, type Head } from './wire.js'

/** What is to be said of one exchange. */
export interface Verdict {
  readonly exchange: string
  /** Differences that a row of docs/differences.md explains, with its id. */
  readonly explained: readonly (Difference & { readonly row: string })[]
  /** Differences that nothing explains. */
  readonly open: readonly Difference[]
  /** What should be here instead of what is there, and is not. */
  readonly unmet: readonly Unmet[]
  readonly pending: Pending | undefined
}

export interface Unmet { readonly row: string, readonly what: string, readonly wanted: string, readonly here: string }

/** `name` stands for all exchanges of a case, `name 1 3` for the first and the third. */
export const covers = (where: string, name: string, number: number): boolean => {
  const [which, ...numbers] = where.split(' ')
  return which === name && (numbers.length === 0 || numbers.includes(String(number)))
}

const allows = (differs: readonly string[], { class: kind, what }: Difference): boolean =>
  differs.includes(kind) || differs.includes(`${kind} ${what}`)

/** One verdict for each exchange of a case. */
export const verdicts = (each: Case, result: CaseResult): Verdict[] => each.exchanges.map((exchange, at) => {
  const covering = ({ where }: { readonly where: string }): boolean => covers(where, each.name, at + 1)
  const known = DIFFERENCES.filter(covering)
  const found = 'refused' in result
    ? [{ class: 'start', what: 'the configuration', there: 'served', here: result.refused } as const]
    : differences(exchange, result.seen[at]!, each)
  const explains = (row: string): boolean => found.some(one => rowOf(one) === row)
  const rowOf = (one: Difference): string | undefined =>
    EVERYWHERE[one.class] ?? known.find(({ differs }) => allows(differs, one))?.row
  return {
    exchange: `${each.name} ${at + 1}${exchange.title === undefined ? '' : `: ${exchange.title}`}`,
    explained: found.flatMap(one => (rowOf(one) === undefined ? [] : [{ ...one, row: rowOf(one)! }])),
    open: found.filter(one => rowOf(one) === undefined),
    unmet: known.flatMap(({ row, expect = {} }) => [
      ...[...unmet(expect, result, at, exchange)].map(each => ({ row, ...each })),
      ...(explains(row)
        ? []
        : [
            {
              row,
              what: 'a difference to explain',
              wanted: 'one',
              here: 'none: it can leave test/compatibility/differences.ts'
            }
          ])
    ]),
    pending: PENDING.find(covering)
  }
})

const seconds = ({ time }: Seen): number => Number(/\d+/.exec(time)?.[0] ?? 0)

function * unmet (expect: Expectation, result: CaseResult, at: number, recorded: Seen): Generator<Omit<Unmet, 'row'>> {
  const refused = 'refused' in result ? result.refused : undefined
  if (expect.refused !== undefined && !refused?.includes(expect.refused)) yield { what: 'refused', wanted: `… ${expect.refused} …`, here: refused ?? 'served' }
  if ('refused' in result) return
  const seen: Seen = result.seen[at]!
  const { reply } = seen
  const fault: Partial<SoapFault> = reply === null ? {} : faultIn(reply) ?? {}
  const values = (head: Head, name: string): string =>
    valuesOf(head, name)
      .map(value => value || '(empty)')
      .join(' | ') || 'absent'
  const wanted: [what: string, wanted: unknown, here: unknown][] = [
    ['status', expect.status, reply === null ? 'none' : statusOf(reply.head)],
    ['attempts', expect.tried, triedIn(seen)],
    ['sooner', expect.sooner, seconds(seen) < seconds(recorded)],
    ['complete', expect.complete, reply?.complete !== false],
    ...Object.entries(expect.fault ?? {}).map(([part, value]): [string, unknown, unknown] => [
      `fault ${part}`,
      value,
      fault[part as keyof SoapFault]
    ]),
    ...Object.entries(expect.header ?? {}).map(([name, value]): [string, unknown, unknown] => [
      `header ${name}`,
      value ?? 'absent',
      reply && values(reply.head, name)
    ]),
    ...Object.entries(expect.toBackend ?? {}).map(([name, value]): [string, unknown, unknown] => [
      `header ${name} at the back-end`,
      value ?? 'absent',
      seen.atBackends.map(({ head }) => values(head, name)).join(', ')
    ]),
    ['path at the back-end', expect.path, seen.atBackends[0]?.head[0]?.split(' ')[1]]
  ]
  for (const [what, wants, has] of wanted) {
    if (wants !== undefined && wants !== has) yield { what, wanted: String(wants), here: String(has) }
  }
  if (expect.body !== undefined && !(reply !== null && textOf(reply).includes(expect.body))) yield { what: 'body', wanted: `… ${expect.body} …`, here: reply === null ? 'none' : textOf(reply) }
}

/** Whether nothing but time was different: a busy machine may be the reason. */
export const isOnlyLate = (all: readonly Verdict[]): boolean => {
  const open = all.filter(({ pending }) => pending === undefined).flatMap(({ open }) => open)
  return open.length > 0 && open.every(each => each.class === 'time')
}

/** What a topic comes to, in one line. */
export function summary (topic: string, cases: number, all: readonly Verdict[]): string {
  const pending = all.filter(
    ({ open, unmet, pending }) => pending !== undefined && open.length + unmet.length > 0
  ).length
  const wrong = all.filter(({ open, unmet, pending }) => pending === undefined && open.length + unmet.length > 0).length
  const explained = all.filter(
    ({ open, unmet, explained }) =>
      open.length + unmet.length === 0 && explained.some(each => !(each.class in EVERYWHERE))
  ).length
  return `${topic}: ${all.length} exchanges of ${cases} cases, ${all.length - pending - wrong - explained} alike, ${explained} explained, ${pending} pending${wrong > 0 ? `, ${wrong} WRONG` : ''}`
}
