/**
 * Sockets, servers, threads, watched files and streams are opened in `src/main/io` alone, where each has its error handlers
 * before its first byte; programs of the system are started in `src/main/system`. An event "error" that nobody hears ends
 * the process.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'vite'
import { describe, expect, test } from 'vitest'

const source = fileURLToPath(new URL('../../src/main', import.meta.url))

/** What opens something, by the module it comes from. */
const openers: Readonly<Record<string, readonly string[]>> = {
  'node:dgram': ['createSocket', 'Socket'],
  'node:net': ['createServer', 'createConnection', 'connect', 'Socket', 'Server'],
  'node:http': ['createServer', 'request', 'get', 'Server'],
  'node:https': ['createServer', 'request', 'get', 'Server'],
  'node:http2': ['createServer', 'createSecureServer', 'connect'],
  'node:tls': ['createServer', 'connect', 'TLSSocket'],
  'node:worker_threads': ['Worker', 'MessageChannel'],
  'node:fs': ['watch', 'watchFile', 'createReadStream', 'createWriteStream'],
  'node:fs/promises': ['watch'],
  'node:child_process': ['spawn', 'fork', 'exec'],
  'node:stream': ['Readable', 'Writable', 'Duplex', 'Transform'],
}
const methods = /\.(createReadStream|createWriteStream|readableWebStream)\(/

const isOpenedThere = (file: string): boolean => file.startsWith('io/') || file.startsWith('system/')

function opened(file: string, code: string): string[] {
  if (isOpenedThere(file)) return []
  const { module } = parseSync(file, code)
  const names = module.staticImports.flatMap((one) => {
    const from = one.moduleRequest.value.startsWith('node:')
      ? one.moduleRequest.value
      : `node:${one.moduleRequest.value}`
    const known = openers[from]
    if (!known) return []
    return one.entries.flatMap((entry) => {
      if (entry.isType) return []
      // A whole module hides what of it is used.
      if (entry.importName.kind !== 'Name') return [`src/main/${file}: all of ${from}`]
      return known.includes(entry.importName.name ?? '')
        ? [`src/main/${file}: ${entry.importName.name} of ${from}`]
        : []
    })
  })
  const method = methods.exec(code)
  return method ? [...names, `src/main/${file}: ${method[1]}`] : names
}

/**
 * Processes apart from the rest, with packages that open their own sockets, and who starts one; the shell, whose streams
 * Electron reads and which serves nobody on a network.
 */
const apart = ['rivals/dhcp-process.ts', 'child-process.ts', 'probe/second-opinion.ts', 'electron/opened-files.ts']

describe('sockets, servers, threads, watched files and streams', () => {
  test('are opened in one place each', () => {
    const files = readdirSync(source, { recursive: true })
      .map((name) => String(name).replaceAll(sep, '/'))
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && !apart.includes(name))
    expect(files.length).toBeGreaterThan(50)
    expect(files.flatMap((file) => opened(file, readFileSync(join(source, file), 'utf8')))).toEqual([])
  })

  test('the rule finds what it is there for', () => {
    const found = (code: string, file = 'x/y.ts'): number => opened(file, code).length
    expect(found("import { createSocket } from 'node:dgram'")).toBe(1)
    expect(found("import { createSocket as open } from 'dgram'")).toBe(1)
    expect(found("import net from 'node:net'")).toBe(1)
    expect(found("import * as http from 'node:http'")).toBe(1)
    expect(found("import { createServer, type Server } from 'node:http'")).toBe(1)
    expect(found("import { Worker, parentPort } from 'node:worker_threads'")).toBe(1)
    expect(found("import { watchFile, statSync } from 'node:fs'")).toBe(1)
    expect(found('const stream = handle.createReadStream({ start })')).toBe(1)
    expect(found("import { type Socket } from 'node:dgram'")).toBe(0)
    expect(found("import { parentPort } from 'node:worker_threads'")).toBe(0)
    expect(found("import { createSocket } from 'node:dgram'", 'io/udp-socket.ts')).toBe(0)
  })
})
