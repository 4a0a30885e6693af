import { render } from 'preact'
import { App } from './app.js'
import { isReviewable, isReviewing } from './configuration-store.js'
import { connect } from './connection.js'
import { followFocus } from './focus.js'
import { undo } from './notice.js'
import { linkTo, type Page } from './route.js'
import { tick } from './store.js'
import { applyTheme } from './theme.js'

applyTheme()
render(<App />, document.getElementById('page')!)
setInterval(tick, 1_000)
void connect()
followFocus()

/** `g` and a letter go to a page, `/` to the filter; Ctrl Z undoes, Ctrl S reviews. No single key changes anything. */
const GO: Readonly<Record<string, Page>> = {
  o: 'overview', g: 'groups', p: 'proxies', m: 'messages', s: 'sessions', c: 'configuration', e: 'events', x: 'explain'
}
let isGoing = false
addEventListener('keydown', event => {
  const { key, target } = event
  // An editor is in a shadow root: the target is its host.
  if (key === 's' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault()
    if (isReviewable.value) isReviewing.value = true
    return
  }
  const isTyping = target instanceof HTMLElement && target.matches('input, select, textarea, .source')
  if (isTyping) return
  if (key === 'z' && (event.ctrlKey || event.metaKey)) return undo()
  if (event.ctrlKey || event.metaKey || event.altKey) return
  if (key === '/') {
    event.preventDefault()
    document.querySelector<HTMLInputElement>('input[type=search]')?.focus()
  }
  if (isGoing && GO[key] !== undefined) location.hash = linkTo(GO[key]).slice(1)
  isGoing = key === 'g' && !isGoing
})
