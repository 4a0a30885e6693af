import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** Why tests of certificates are skipped; false: they are not. */
export const noOpenssl = spawnSync('openssl', ['version']).status !== 0 && 'openssl is not installed'

/** A certificate and its key: files, and what they contain. */
export interface Issued {
  readonly cert: string
  readonly key: string
  readonly pem: { readonly cert: string; readonly key: string }
}

const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

/** A certificate authority of one test, made with the command openssl. */
export class Authority {
  /** Its own certificate, a file. */
  readonly file: string
  readonly pem: string
  readonly #folder: string
  #count = 0

  constructor (t: Test, name = 'Test CA') {
    this.#folder = mkdtempSync(join(tmpdir(), 'authority-'))
    t.teardown(() => rmSync(this.#folder, { recursive: true }))
    this.file = join(this.#folder, 'ca.pem')
    this.#run([
      'req',
      '-x509',
      ...CURVE,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '10',
      '-subj',
      `/CN=${name}`
    ])
    this.pem = readFileSync(this.file, 'utf8')
    const database = join(this.#folder, 'index.txt')
    writeFileSync(database, '')
    writeFileSync(
      join(this.#folder, 'ca.cnf'),
      `[ca]\ndefault_ca = own\n[own]\ndatabase = ${database}\ndefault_md = sha256\ndefault_crl_days = 1\n`
    )
  }

  /** @param days until it ends; negative: it has ended */
  issue (subject: string, { names = 'DNS:localhost,IP:127.0.0.1', days = 5 } = {}): Issued {
    const [key, request, cert] = ['key', 'csr', 'pem'].map(end => `${this.#count}.${end}`) as [string, string, string]
    this.#count++
    const wanted = ['-subj', subject, '-addext', `subjectAltName=${names}`]
    this.#run(['req', '-new', ...CURVE, '-keyout', key, ...wanted, '-out', request])
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-copy_extensions', 'copy']
    this.#run(['x509', '-req', '-in', request, ...signed, '-days', String(days), '-out', cert])
    const files = { cert: join(this.#folder, cert), key: join(this.#folder, key) }
    return { ...files, pem: { cert: readFileSync(files.cert, 'utf8'), key: readFileSync(files.key, 'utf8') } }
  }

  /** Returns the list of revoked certificates after these are revoked, PEM. */
  revoke (...certificates: readonly Issued[]): string {
    const own = ['ca', '-config', 'ca.cnf', '-keyfile', 'ca.key', '-cert', 'ca.pem']
    for (const { cert } of certificates) this.#run([...own, '-revoke', cert])
    this.#run([...own, '-gencrl', '-out', 'crl.pem'])
    return readFileSync(join(this.#folder, 'crl.pem'), 'utf8')
  }

  #run (words: readonly string[]): void {
    execFileSync('openssl', words, { cwd: this.#folder, stdio: 'pipe' })
  }
}
