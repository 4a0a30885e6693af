import { useRef } from 'preact/hooks'
import type { MemberForm, MemberKind } from '../../../../lib/definitions/group-form/group-form.js'
import { Icon } from '../elements/icons.js'

type Choice = readonly [kind: MemberKind, label: string, note: string]

const COMMON: readonly Choice[] = [
  ['address', 'Address', 'one http or https address'],
  ['failover', 'Failover group', 'the first member that is ready'],
  ['loadbalance', 'Load balance group', 'a group in this group'],
  ['reference', 'By name', 'an endpoint with a definition of its own']
]
const RARE: readonly Choice[] = [
  ['wsdl', 'WSDL', 'the address of a port of a WSDL'],
  ['http', 'HTTP', 'a URI template'],
  ['default', 'Default', 'the address in the message itself'],
  ['dynamicLoadbalance', 'Dynamic load balance group', 'members found in DNS or in a file'],
  ['recipientlist', 'Recipient list', 'all members; the first response counts'],
  ['member', 'Host and ports', "the path of the client's request"],
  ['dynamicReference', 'By expression', 'a name that is computed for each message'],
  ['template', 'From a template', 'a template of the configuration']
]

interface AddMemberProps {
  readonly members: readonly MemberForm[]
  readonly add: (kind: MemberKind) => void
}

/** The menu of kinds: common ones first. Endpoints and members by host and ports exclude each other. */
export function AddMember ({ members, add }: AddMemberProps) {
  const menu = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const place = (event: Pick<ToggleEvent, 'newState'>): void => {
    if (event.newState !== 'open') return
    const { right, bottom } = button.current!.getBoundingClientRect()
    menu.current!.style.left = `${Math.max(8, right - menu.current!.offsetWidth)}px`
    menu.current!.style.top = `${Math.max(8, Math.min(bottom + 4, innerHeight - menu.current!.offsetHeight - 8))}px`
    menu.current!.querySelector<HTMLElement>('button:enabled')?.focus()
  }
  const hasHosts = members.some(({ kind }) => kind === 'member')
  const entry = ([kind, label, note]: Choice) => {
    const isExcluded = members.length > 0 && (kind === 'member') !== hasHosts
    return (
      <button
        key={kind}
        type='button'
        disabled={isExcluded}
        onClick={() => {
          menu.current!.hidePopover()
          add(kind)
        }}
      >
        {label} <small class='muted'>{isExcluded ? excludedBecause(hasHosts) : note}</small>
      </button>
    )
  }
  return (
    <>
      <button ref={button} type='button' popovertarget='add-endpoint'>
        <Icon name='plus' /> Add endpoint
      </button>
      <div ref={menu} id='add-endpoint' popover='auto' class='menu' onToggle={place}>
        {COMMON.map(entry)}
        <p class='label muted'>More</p>
        {RARE.map(entry)}
      </div>
    </>
  )
}

const excludedBecause = (hasHosts: boolean): string =>
  hasHosts ? 'not beside members by host and ports' : 'not beside endpoints'
