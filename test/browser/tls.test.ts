/** The pages over TLS, with the lab's own certificate: a browser that trusts its key, and one that does not. */
import { spawn } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chromiumFlags, chromiumPath } from '../helpers/browser.ts'
import { cli, LabFolder } from '../helpers/lab.ts'
import { Running } from '../helpers/network.ts'
import { describeWith } from '../helpers/requirements.ts'

describeWith(['chromium', 'built'], 'the application over TLS', () => {
  let folder: LabFolder
  let served: Running
  let url: string
  let browser: Browser | undefined

  beforeEach(async () => {
    folder = new LabFolder()
    folder.write({ interface: 'lo', mode: 'listen' })
    served = new Running(spawn(process.execPath, [cli, 'serve', '--config', folder.file, '--port', '0', '--tls'])) // prettier-ignore
    url = (await served.sees(/PXE Lab is at (\S+)/))[1]!
    await served.sees(/fingerprint of its certificate: \S+\n/)
  })
  afterEach(async () => {
    await browser?.close()
    browser = undefined
    await served.stop('SIGKILL')
    folder.remove()
  })

  const open = async (...flags: string[]) => {
    browser = await chromium.launch({ executablePath: chromiumPath, args: [...chromiumFlags, ...flags] })
    return browser.newPage()
  }

  test('trusted by its key: the page loads, its socket too, nothing complains', async () => {
    const certificate = new X509Certificate(readFileSync(join(folder.root, 'state/tls.pem')))
    const key = createHash('sha256').update(certificate.publicKey.export({ type: 'spki', format: 'der' })).digest('base64') // prettier-ignore
    const page = await open(`--ignore-certificate-errors-spki-list=${key}`)
    const problems: string[] = []
    const sockets: string[] = []
    page.on('console', (message) => void (['error', 'warning'].includes(message.type()) && problems.push(message.text()))) // prettier-ignore
    page.on('websocket', (socket) => sockets.push(socket.url()))
    expect(new URL(url).protocol).toBe('https:')
    await page.goto(url)
    // Comes from the lab over the socket.
    await page.getByText(/listen/i).first().waitFor() // prettier-ignore
    expect(sockets).toEqual([expect.stringMatching(/^wss:\/\/127\.0\.0\.1:/)])
    expect(await page.evaluate('[location.search, isSecureContext]')).toEqual(['', true])
    expect(problems).toEqual([])
  })

  test('not trusted: the browser stops before anything is sent', async () => {
    const page = await open()
    await expect(page.goto(url)).rejects.toThrow(/ERR_CERT_AUTHORITY_INVALID/)
  })
})
