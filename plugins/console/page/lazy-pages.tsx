import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Loading } from './elements/loading.js'
import { route } from './state/route.js'

type Loaded<P> = () => Promise<{ readonly default: ComponentType<P> }>

/** The component of a module, which is loaded when this is drawn first; undefined: not yet. */
function useLoaded<P> (load: Loaded<P>): ComponentType<P> | undefined {
  const [Page, setPage] = useState<ComponentType<P>>()
  useEffect(() => {
    void load().then(loaded => setPage(() => loaded.default))
  }, [])
  return Page
}

/** A page that is loaded when it is opened first. */
const lazy = (load: Loaded<object>) => () => {
  const Page = useLoaded(load)
  return Page === undefined ? <Loading /> : <Page />
}

/** Likewise, a page of the group or proxy that the address names. */
const lazyOfOne = (load: Loaded<{ name: string }>) => () => {
  const Page = useLoaded(load)
  const { name } = route.value
  return Page === undefined || name === undefined ? <Loading /> : <Page key={name} name={name} />
}

export const LazyGroup = lazyOfOne(async () => await import('./group/group.js'))
export const LazyProxy = lazyOfOne(async () => await import('./proxy/proxy.js'))
export const LazyExplain = lazy(async () => await import('./proxy/explain.js'))
export const LazyMessages = lazy(async () => await import('./messages/messages.js'))
export const LazySessions = lazy(async () => await import('./operation/sessions.js'))
