import { escapeText } from '../../xml/escape.js'
import { find, is, trimmedText, type Element } from './envelope.js'
import type { ServiceResult, OperationRequest, Service } from './service.js'

const NAMESPACE = 'http://services.samples'
const EXCEPTION = 'SimpleStockQuoteServiceException'
const DAYS = 365
const MAX_SYMBOLS = 1000

/**
 * SimpleStockQuoteService: quotes, and one-way orders. A quote depends on its symbol alone, so that every server
 * returns the same one. `log` gets a line for each operation; it is the only trace of an order.
 */
export function createStockQuoteService (
  { log = () => {} }: { log?: ((line: string) => void) | undefined } = {}
): Service {
  let orders = 0
  const print = (text: string): void => log(`samples.services.SimpleStockQuoteService :: ${text}`)
  const quoted =
    (operation: string, inside: (symbol: string) => string) => ({ content }: OperationRequest): ServiceResult =>
      resultOf(operation, content === undefined ? [] : [trimmedText(field(content, 'symbol'))], symbol => {
        print(`Generating quote for : ${plain(symbol)}`)
        return inside(symbol)
      })
  return {
    name: 'SimpleStockQuoteService',
    operations: {
      getQuote: quoted('getQuote', fieldsOf),
      getSimpleQuote: quoted('getSimpleQuote', fieldsOf),
      getFullQuote: quoted('getFullQuote', symbol => Array.from({ length: DAYS }, (_, day) =>
        element('tradeHistory', fieldElement('day', day) + element('quote', fieldsOf(symbol, day)))).join('')),
      getMarketActivity: ({ content }) => {
        const symbols = content === undefined
          ? []
          : (field(content, 'request') ?? content).children
              .filter(each => is(each, NAMESPACE, 'symbols'))
              .map(trimmedText)
        print(`Generating market activity for ${symbols.length} symbols`)
        return resultOf('getMarketActivity', symbols, symbol => element('quotes', fieldsOf(symbol)))
      },
      placeOrder: ({ content }) => {
        const [price, quantity, symbol] =
          ['price', 'quantity', 'symbol'].map(name => trimmedText(content && field(content, name)))
        print(`Accepted order #${++orders} for : ${plain(quantity)} stocks of ${plain(symbol)} at $ ${plain(price)}`)
        return 'accepted'
      }
    }
  }
}

function resultOf (operation: string, symbols: readonly string[], inside: (symbol: string) => string): ServiceResult {
  if (symbols.length === 0 || symbols.includes('')) return { fault: 'the request names no symbol', by: 'client' }
  if (symbols.length > MAX_SYMBOLS) return { fault: `the request names more than ${MAX_SYMBOLS} symbols`, by: 'client' }
  if (symbols.includes('ERR')) {
    const exception = element(EXCEPTION, fieldElement('Message', 'Invalid stock symbol : ERR'))
    return {
      fault: 'Invalid stock symbol : ERR',
      detail: `<ns:${EXCEPTION} xmlns:ns="${NAMESPACE}">${exception}</ns:${EXCEPTION}>`
    }
  }
  return {
    content: `<ns:${operation}Response xmlns:ns="${NAMESPACE}">${element('return',
      symbols.map(inside).join(''))}</ns:${operation}Response>`
  }
}

/** The fields of a quote, in alphabetical order. Prices in dollars, `volume` in shares. */
function fieldsOf (symbol: string, day = 0): string {
  const random = chance(`${symbol} ${day}`)
  const between = (least: number, most: number): number => Math.round((least + random() * (most - least)) * 100) / 100
  const prevClose = between(60, 180)
  const change = between(-5, 5)
  const last = prevClose + change
  const open = prevClose + between(-2, 2)
  return Object.entries({
    change,
    earnings: between(-10, 12),
    high: Math.max(last, open) + between(0, 5),
    last,
    lastTradeTimestamp: new Date(Date.UTC(2020, 0, 1) - day * 86_400_000).toUTCString(),
    low: Math.min(last, open) - between(0, 5),
    marketCap: between(10_000_000, 60_000_000),
    name: `${symbol} Company`,
    open,
    peRatio: between(-20, 25),
    percentageChange: change / prevClose * 100,
    prevClose,
    symbol,
    volume: Math.trunc(between(5000, 20_000))
  }).map(([name, value]) => fieldElement(name, value)).join('')
}

const element = (name: string, content: string): string => `<ns:${name}>${content}</ns:${name}>`
const fieldElement = (name: string, value: string | number): string => element(name, escapeText(String(value)))

const field = (within: Element, name: string): Element | undefined => {
  const found = find(within, name)
  return found !== undefined && is(found, NAMESPACE, name) ? found : undefined
}

/** Text of a client, made safe for one line of a log. */
const plain = (text = ''): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 40)

/** Pseudo-random numbers from 0 to 1, the same for the same seed (FNV-1a, then xorshift). */
function chance (seed: string): () => number {
  let state = 0x811c9dc5
  for (const byte of Buffer.from(seed)) state = Math.imul(state ^ byte, 0x01000193)
  state ||= 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 0x1_0000_0000
  }
}
