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

/** One proxy, likewise. */
export function LazyProxy () {
  const [Page, setPage] = useState<ComponentType<{ name: string }>>()
  useEffect(() => {
    void import('./proxy.js').then(loaded => setPage(() => loaded.default))
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

/** Questions and answers, likewise. */
export function LazyExplain () {
  const [Page, setPage] = useState<ComponentType>()
  useEffect(() => {
    void import('./explain.js').then(loaded => setPage(() => loaded.default))
  }, [])
  return Page === undefined
    ? (
      <p class='loading' aria-busy='true'>
        Reading…
      </p>
      )
    : (
      <Page />
      )
}

/** Recorded messages, likewise. */
export function LazyMessages () {
  const [Page, setPage] = useState<ComponentType>()
  useEffect(() => {
    void import('./messages.js').then(loaded => setPage(() => loaded.default))
  }, [])
  return Page === undefined
    ? (
      <p class='loading' aria-busy='true'>
        Reading…
      </p>
      )
    : (
      <Page />
      )
}

/** Sessions, likewise. */
export function LazySessions () {
  const [Page, setPage] = useState<ComponentType>()
  useEffect(() => {
    void import('./sessions.js').then(loaded => setPage(() => loaded.default))
  }, [])
  return Page === undefined
    ? (
      <p class='loading' aria-busy='true'>
        Reading…
      </p>
      )
    : (
      <Page />
      )
}
