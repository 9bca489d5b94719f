/** Debian's Chromium, optionally inside a network namespace, driven through its pipe. */
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'

const chromiumPath = '/usr/bin/chromium'
const flags = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
] // prettier-ignore

export function openBrowser(folder: string, namespace?: string): Promise<Browser> {
  let executablePath = chromiumPath
  if (namespace !== undefined) {
    executablePath = join(folder, 'chromium-there')
    writeFileSync(executablePath, `#!/bin/sh\nexec ip netns exec ${namespace} ${chromiumPath} "$@"\n`)
    chmodSync(executablePath, 0o755)
  }
  return chromium.launch({ executablePath, args: flags })
}
