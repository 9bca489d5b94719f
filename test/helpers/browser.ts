/** Debian's Chromium, optionally inside a network namespace, driven through its pipe. */
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { cli, type LabFolder } from './lab.ts'
import { Running, type Network } from './network.ts'

export const chromiumPath = '/usr/bin/chromium'
export const chromiumFlags = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
] // prettier-ignore

export async function openBrowser(folder: string, space?: Space): Promise<Browser> {
  let executablePath = chromiumPath
  if (space !== undefined) {
    await space.network.settled(space.namespace)
    executablePath = join(folder, 'chromium-there')
    writeFileSync(executablePath, `#!/bin/sh\nexec ip netns exec ${space.namespace} ${chromiumPath} "$@"\n`)
    chmodSync(executablePath, 0o755)
  }
  return chromium.launch({ executablePath, args: chromiumFlags })
}

/** The namespace that a lab and its browser run in. */
export interface Space {
  readonly network: Network
  readonly namespace: string
}

export interface Served {
  readonly served: Running
  /** Opens a window; each call gives another. */
  readonly address: () => string
}

/** The local web server with a lab file of that folder, which need not exist. */
export async function serveLab(
  folder: Pick<LabFolder, 'file'>,
  environment: NodeJS.ProcessEnv = process.env,
  space?: Space,
): Promise<Served> {
  const values = [cli, 'serve', '--config', folder.file]
  const served = space
    ? space.network.start(space.namespace, process.execPath, values, environment)
    : new Running(spawn(process.execPath, values, { stdio: ['ignore', 'pipe', 'pipe'], env: environment }), 'utf8')
  const [first] = await served.sees(/http:\/\/\S+/)
  return { served, address: () => nextAddress(served.stdout, first) }
}

/** A page of the usual size; what its console complains of is added to the list. */
export async function openPage(browser: Browser, consoleProblems: string[]): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  // A busy machine computes and draws slowly.
  page.setDefaultTimeout(60_000)
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') consoleProblems.push(message.text())
  })
  page.on('pageerror', (error) => consoleProblems.push(error.message))
  return page
}

/** The address that opens the next window of a lab that is served: each is good once. `said` is what serve has printed. */
export function nextAddress(said: string, first: string): string {
  const file = /use the address in (.*)/.exec(said)?.[1]
  return file !== undefined && existsSync(file) ? readFileSync(file, 'utf8').trim() : first
}
