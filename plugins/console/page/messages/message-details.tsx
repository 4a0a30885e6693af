import { useEffect, useState } from 'preact/hooks'
import type { MessageDetail, MessageSummary, PartView } from '../../../admin/messages/message-views.js'
import { clock, count, plural } from '../../model/format.js'
import { ReasonList } from '../elements/reason-list.js'
import { curlOf, whyNotRepeatable } from '../../model/recorded-request.js'
import { api, messageOf } from '../state/api.js'
import { copyText } from '../elements/copy-text.js'
import { MessagePart } from './message-part.js'
import { Loading } from '../elements/loading.js'
import { linkTo } from '../state/route.js'
import { gateway } from '../state/store.js'

/**
 * One message: its attempts by time, why it went there, and what was sent and received at each hop.
 * @param summary as it is listed: where that changes, the message is read again
 */
export function MessageDetails ({ id, summary }: { id: number; summary: MessageSummary | undefined }) {
  const [detail, setDetail] = useState<MessageDetail>()
  const [problem, setProblem] = useState<string>()
  const version = JSON.stringify(summary)
  useEffect(() => {
    let isOver = false
    const take = <T,>(use: (value: T) => void) => (value: T): void => {
      if (!isOver) use(value)
    }
    void api<MessageDetail>(`messages/${id}`).then(take(setDetail), take(error => setProblem(messageOf(error))))
    return () => {
      isOver = true
    }
  }, [id, version])
  if (problem !== undefined) return <p class='empty muted'>{problem}</p>
  if (detail === undefined) {
    return <Loading />
  }
  const { proxy, method, operation, path, at, attempts, session, requestBytes, worker } = detail
  return (
    <div class='message-detail'>
      <div class='section-head'>
        <h2>
          {operation ?? method} <span class='muted'>{proxy}</span>
        </h2>
        <Actions detail={detail} />
      </div>
      <p class='muted'>
        {clock(at)} · {method} <code>{path}</code> · {plural(attempts.length, 'attempt')}
        {requestBytes === null ? '' : ` · ${count(requestBytes)} bytes`}
        {session === null ? '' : ` · session ${session}`}
        {worker === null ? '' : ` · worker ${worker}`}
      </p>
      <Waterfall detail={detail} />
      <section class='why'>
        <h3>Why it went there</h3>
        <ReasonList message={detail} />
      </section>
      <Hops detail={detail} />
    </div>
  )
}

/** What may be done with a recorded request. */
function Actions ({ detail }: { detail: MessageDetail }) {
  const { id, proxy } = detail
  const query = (more: Readonly<Record<string, string>>): string => `?${new URLSearchParams(more)}`
  const copy = async (): Promise<void> => {
    const { text, size } = detail.request.body
    const without = text === null && size !== 0 ? ' without its body, which is not kept' : ''
    await copyText(
      curlOf(detail),
      `Copied${without}. Set GATEWAY to the address for clients, such as http://localhost:8290; hidden values of ` +
        'headers are variables, too, such as $AUTHORIZATION.'
    )
  }
  const locked = whyNotRepeatable(detail.request)
  if (locked !== undefined) return <p class='muted'>It cannot be sent again: {locked}.</p>
  return (
    <div class='actions'>
      <button
        type='button'
        onClick={() => {
          void copy()
        }}
      >
        Copy as curl
      </button>
      <a class='button' href={`${linkTo('explain')}${query({ proxy, message: String(id) })}`}>
        Explain
      </a>
      {gateway.value?.mayChange === true && (
        <a class='button' href={`${linkTo('proxies', proxy)}${query({ message: String(id) })}`}>
          Try again
        </a>
      )}
    </div>
  )
}

/** A tab for the request, for each attempt, and for the response. */
function Hops ({ detail }: { detail: MessageDetail }) {
  const [tab, setTab] = useState(0)
  const [marks, setMarks] = useState(false)
  const { id, method, path, attempts, hops, request, response, status } = detail
  const tabs = ['Request', ...attempts.map(({ endpoint }, index) => `${index + 1} ${endpoint}`), 'Response']
  const hop = hops[tab - 1]
  const attempt = attempts[tab - 1]
  /** What the client would have got unchanged. */
  const last = hops.findLast(({ received }) => received !== null)?.received ?? undefined
  const part = (title: string, name: string, shown: PartView | null, original?: PartView | null) =>
    shown === null
      ? <p class='muted'>{title}: nothing</p>
      : (
        <MessagePart
          title={title}
          name={`message-${id}-${name}`}
          part={shown}
          original={marks ? original : undefined}
        />
        )
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step === undefined || !(event.currentTarget instanceof HTMLElement)) return
    const next = (tab + step + tabs.length) % tabs.length
    setTab(next)
    event.currentTarget.querySelectorAll('button')[next]?.focus()
  }
  return (
    <>
      <div class='section-head hop-head'>
        <div class='tabs' role='tablist' aria-label='Hops' onKeyDown={move}>
          {tabs.map((label, index) => (
            <button
              key={label}
              type='button'
              role='tab'
              id={`hop-${index}`}
              aria-controls='hop'
              aria-selected={index === tab}
              tabIndex={index === tab ? 0 : -1}
              onClick={() => setTab(index)}
            >
              {label}
            </button>
          ))}
        </div>
        <label class='check'>
          <input type='checkbox' checked={marks} onChange={() => setMarks(!marks)} />
          Mark what differs from what came in
        </label>
      </div>
      <div role='tabpanel' id='hop' aria-labelledby={`hop-${tab}`}>
        {tab === 0 && part(`${method} ${path}`, 'request', request)}
        {tab === tabs.length - 1 && part(`${status ?? 'The client left'}`, 'response', response, last)}
        {hop !== undefined && attempt !== undefined && (
          <>
            {part(`Sent: ${method} ${hop.path}`, `sent-${tab}`, hop.sent, request)}
            {part(`Received: ${attempt.status ?? attempt.cause ?? 'no response'}`, `received-${tab}`, hop.received)}
          </>
        )}
      </div>
    </>
  )
}

/** Attempts by time, from the start of the message to its end. */
function Waterfall ({ detail: { attempts, ms, status } }: { detail: MessageDetail }) {
  const total = Math.max(0.1, ms ?? 0, ...attempts.map(({ to, from }) => to ?? from))
  const bar = (label: string, from: number, to: number, tone: string, result: string) => (
    <tr key={`${label} ${from}`}>
      <th scope='row'>{label}</th>
      <td>
        <svg viewBox='0 0 100 4' preserveAspectRatio='none' aria-hidden='true'>
          <rect class='track' width='100' height='4' />
          <rect class={tone} x={(from / total) * 100} width={Math.max(1.5, ((to - from) / total) * 100)} height='4' />
        </svg>
      </td>
      <td class={tone === 'failed' ? 'bad' : ''}>{result}</td>
    </tr>
  )
  return (
    <table class='waterfall'>
      <caption class='aside'>Attempts by time</caption>
      <tbody>
        {attempts.map(({ endpoint, from, to, outcome, status: answered }) =>
          bar(
            endpoint,
            from,
            to ?? total,
            outcome === 'answered' ? 'answered' : 'failed',
            `${answered ?? outcome}, ${Math.round((to ?? total) - from)} ms`
          )
        )}
        {bar('for the client', 0, ms ?? total, 'client', `${status ?? 'left'}, ${Math.round(ms ?? total)} ms`)}
      </tbody>
    </table>
  )
}
