import type { MessageSummary } from '../../../admin/messages/message-views.js'
import { reasonsOf, type Reason } from '../../model/message-reasons.js'
import { Icon } from './icons.js'

const ICONS: Readonly<Record<Reason['kind'], Parameters<typeof Icon>[0]['name']>> = {
  session: 'sessions',
  passed: 'chevron',
  trial: 'events',
  failed: 'close',
  answered: 'check',
  stops: 'hint',
  left: 'close'
}

const toneOf = (kind: Reason['kind']): string =>
  kind === 'failed' || kind === 'left' ? 'bad' : kind === 'answered' ? 'good' : ''

/** Why a message went where it went, in sentences. */
export const ReasonList = ({ message }: { message: MessageSummary }) => (
  <ul>
    {reasonsOf(message).map(({ kind, text }, index) => (
      <li key={`${index}`} class={toneOf(kind)}>
        <Icon name={ICONS[kind]} /> <span>{text}</span>
      </li>
    ))}
  </ul>
)
