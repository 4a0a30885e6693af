import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { route } from './route.js'

/** A page that is loaded when it is opened first. */
export function LazyGroup () {
  const [Page, setPage] = useState<ComponentType<{ name: string }>>()
  useEffect(() => {
    void import('./group.js').then(loaded => setPage(() => loaded.default))
  }, [])
  const { name } = route.value
  if (Page === undefined || name === undefined) {
    return (
      <p class='loading' aria-busy='true'>
        Reading…
      </p>
    )
  }
  return <Page key={name} name={name} />
}

/** Recorded messages, likewise. */
export function LazyMessages () {
  const [Page, setPage] = useState<ComponentType>()
  useEffect(() => { void import('./messages.js').then(loaded => setPage(() => loaded.default)) }, [])
  return Page === undefined ? <p class='loading' aria-busy='true'>Reading…</p> : <Page />
}

/** Sessions, likewise. */
export function LazySessions () {
  const [Page, setPage] = useState<ComponentType>()
  useEffect(() => { void import('./sessions.js').then(loaded => setPage(() => loaded.default)) }, [])
  return Page === undefined ? <p class='loading' aria-busy='true'>Reading…</p> : <Page />
}
