import { useRef, useState } from 'preact/hooks'
import { find, type Named } from '../../model/find.js'
import { glyphOf, Icon, StateIcon } from '../elements/icons.js'
import { linkTo, setQuery } from '../state/route.js'
import { endpoints, endpointsByName, groups, proxies } from '../state/store.js'

const KINDS = { proxy: 'Proxy', group: 'Group', endpoint: 'Endpoint' } as const

/** Finds proxies, groups and endpoints by name, as one types. Enter opens; the arrows choose. */
export function FindField () {
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState(0)
  const input = useRef<HTMLInputElement>(null)
  const found = text === '' ? [] : find(text, everything())
  const at = Math.min(chosen, found.length - 1)
  const close = (): void => {
    setText('')
    setChosen(0)
  }
  const open = (named: Named): void => {
    close()
    input.current?.blur()
    if (named.kind === 'endpoint') setQuery({ endpoint: named.name })
    else location.hash = linkTo(named.kind === 'proxy' ? 'proxies' : 'groups', named.name).slice(1)
  }
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (event.key === 'Escape') close()
    else if (event.key === 'Enter' && found[at] !== undefined) open(found[at])
    else if (step !== undefined && found.length > 0) setChosen((at + step + found.length) % found.length)
    else return
    event.preventDefault()
  }
  return (
    <div class='find'>
      <span class='search'>
        <Icon name='search' />
        <input
          ref={input}
          id='find'
          role='combobox'
          autocomplete='off'
          spellcheck={false}
          placeholder='Find a proxy, group or endpoint'
          aria-label='Find a proxy, group or endpoint'
          aria-keyshortcuts='/'
          aria-autocomplete='list'
          aria-expanded={text !== ''}
          aria-controls='found'
          aria-activedescendant={found.length > 0 ? `found-${at}` : undefined}
          value={text}
          onInput={event => {
            setText(event.currentTarget.value)
            setChosen(0)
          }}
          onKeyDown={onKey}
          onBlur={close}
        />
        <kbd aria-hidden='true'>/</kbd>
      </span>
      <ul id='found' role='listbox' aria-label='Found' class='menu' hidden={text === ''}>
        {found.map((named, index) => (
          <li
            key={`${named.kind} ${named.name}`}
            id={`found-${index}`}
            role='option'
            aria-selected={index === at}
            // Before the field loses the focus, which closes the list.
            onPointerDown={event => {
              event.preventDefault()
              open(named)
            }}
          >
            <Glyph named={named} />
            <b>{named.name}</b> <span class='muted'>{KINDS[named.kind]}</span>
          </li>
        ))}
        {text !== '' && found.length === 0 && (
          <li role='option' aria-selected='false' class='muted'>
            Nothing has this name.
          </li>
        )}
      </ul>
    </div>
  )
}

const everything = (): Named[] => [
  ...proxies.value.map(({ name, path }) => ({ kind: 'proxy', name, more: path }) as const),
  ...groups.value.map(({ name }) => ({ kind: 'group', name, more: '' }) as const),
  ...endpoints.value.map(({ name, address }) => ({ kind: 'endpoint', name, more: address }) as const)
]

function Glyph ({ named: { kind, name } }: { named: Named }) {
  const endpoint = kind === 'endpoint' ? endpointsByName.value.get(name) : undefined
  if (endpoint !== undefined) return <StateIcon state={glyphOf(endpoint)} />
  return <Icon name={kind === 'proxy' ? 'proxies' : 'groups'} />
}
