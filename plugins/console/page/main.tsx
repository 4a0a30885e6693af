import { render } from 'preact'
import { App } from './app.js'
import { isReviewable, isReviewing } from './state/configuration-store.js'
import { connect, followPresence } from './state/connection.js'
import { followFocus, isTypedIn, keepFocus } from './elements/focus.js'
import { afterInput, followInput } from './state/input-pause.js'
import { undo } from './state/notice.js'
import { hasLetters, isHelpOpen } from './state/preferences.js'
import { linkTo, type Page } from './state/route.js'
import { tick } from './state/store.js'
import { applyTheme } from './state/theme.js'

applyTheme()
render(<App />, document.getElementById('page')!)
followInput()
setInterval(() => {
  void afterInput().then(tick)
}, 1_000)
void connect()
followPresence()
followFocus()
keepFocus()

/** `g` and a letter go to a page, `/` finds, `?` lists the keys; Ctrl Z undoes, Ctrl S reviews. No single key changes
 * anything. */
const PAGES_BY_KEY: Readonly<Record<string, Page>> = {
  o: 'overview', g: 'groups', p: 'proxies', m: 'messages', s: 'sessions', c: 'configuration', e: 'events', x: 'explain'
}
let isAfterG = false
addEventListener('keydown', event => {
  const { key, target } = event
  if (key === 's' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault()
    if (isReviewable.value) isReviewing.value = true
    return
  }
  if (isTypedIn(target)) return
  if (key === 'z' && (event.ctrlKey || event.metaKey)) return undo()
  if (event.ctrlKey || event.metaKey || event.altKey || !hasLetters.value) return
  if (key === '/') {
    event.preventDefault()
    document.querySelector<HTMLInputElement>('#find, input[type=search]')?.focus()
  }
  if (key === '?') isHelpOpen.value = true
  if (isAfterG && PAGES_BY_KEY[key] !== undefined) location.hash = linkTo(PAGES_BY_KEY[key]).slice(1)
  isAfterG = key === 'g' && !isAfterG
})
