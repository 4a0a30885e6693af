import { linkTo } from './route.js'

const MAX_NAMED = 3

/** `A, B, C and 2 more`. */
export const ProxyLinks = ({ names }: { names: readonly string[] }) => (
  <>
    {names.slice(0, MAX_NAMED).map((name, index) => (
      <span key={name}>
        {index > 0 && ', '}
        <a href={linkTo('proxies', name)}>{name}</a>
      </span>
    ))}
    {names.length > MAX_NAMED && ` and ${names.length - MAX_NAMED} more`}
  </>
)
