import { useEffect, useRef, useState } from 'preact/hooks'
import { inShownOrder, type TableLine } from '../../model/table-lines.js'

/** Tables with more lines follow a change of order at once: they are not read line by line. */
const MAX_STABLE = 500
/** The order follows what it is made of at most twice a second. */
const STABLE_MS = 500

/** Keeps the order while the pointer or the focus is on a line, and for half a second after each change. */
export function useStableOrder (lines: readonly TableLine[]) {
  const shown = useRef({ keys: [] as readonly string[], at: 0 })
  const held = useRef({ pointer: false, focus: false })
  const [, redraw] = useState(0)
  const wanted = lines.length <= MAX_STABLE ? lines.map(({ key }) => key) : []
  const elapsed = performance.now() - shown.current.at
  const isHeld = held.current.pointer || held.current.focus
  const isStable = lines.length <= MAX_STABLE && (isHeld || elapsed < STABLE_MS)
  const ordered = isStable ? inShownOrder(lines, shown.current.keys) : lines
  const isOutdated = ordered !== lines && ordered.some(({ key }, at) => key !== wanted[at])
  if (!isOutdated && wanted.some((key, at) => key !== shown.current.keys[at])) {
    shown.current = { keys: wanted, at: performance.now() }
  }
  const redrawNow = (): void => redraw(count => count + 1)
  useEffect(() => {
    if (!isOutdated || isHeld) return
    const timer = setTimeout(redrawNow, Math.max(0, STABLE_MS - elapsed))
    return () => clearTimeout(timer)
  })
  const hold = (by: 'pointer' | 'focus', isOn: boolean) => (): void => {
    held.current[by] = isOn
    if (!isOn) redrawNow()
  }
  return {
    ordered,
    holding: {
      onPointerEnter: hold('pointer', true),
      onPointerLeave: hold('pointer', false),
      onFocusIn: hold('focus', true),
      onFocusOut: hold('focus', false)
    }
  }
}
