/** Every page and state for everybody: axe-core in both themes, 200 % zoom, and the keyboard alone. One life of a page. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findingsOf } from '../helpers/axe.ts'
import { openBrowser, openPage, serveLab } from '../helpers/browser.ts'
import { fixture } from '../helpers/fixtures.ts'
import { describeWith } from '../helpers/requirements.ts'
import type { Running } from '../helpers/network.ts'
import { windowsServer } from '../helpers/windows-server.ts'

/** Everything that Tab should reach, with how it and what is around it look while it has no focus. */
const beginWalk = `
  document.querySelector('.rail-link').focus()
  globalThis.lookOf = (one) => JSON.stringify([one, one.parentElement, one.parentElement.parentElement, one.nextElementSibling, ...[...one.querySelectorAll('*')].slice(0, 8)].filter(Boolean).map((each) => {
    const { outlineStyle, outlineWidth, borderColor, boxShadow, backgroundColor, stroke } = getComputedStyle(each)
    return [outlineStyle, outlineWidth, borderColor, boxShadow, backgroundColor, stroke]
  }))
  globalThis.unreached = new Map([...document.querySelectorAll('a[href], button, input, select, textarea, [tabindex]')]
    .filter((one) => one.tabIndex >= 0 && !one.disabled && one.type !== 'file' && (one.type !== 'radio' || one.checked) && one.checkVisibility({ visibilityProperty: true }) && one !== document.activeElement)
    .map((one) => [one, lookOf(one)]))
  unreached.size`

/** After a Tab: what has the focus without showing it, or nothing; null where the walk is over. */
const stepOfWalk = `(() => {
  const one = document.activeElement
  const before = unreached.get(one)
  if (one === document.body || before === undefined) return null
  unreached.delete(one)
  return lookOf(one) === before ? one.outerHTML.slice(0, 120) : ''
})()`

describeWith(['chromium', 'built'], 'accessibility', () => {
  let folder: string
  let served: Running
  let browser: Browser
  let page: Page
  const consoleProblems: string[] = []
  const found: string[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pxe-lab-accessibility-'))
    let address: () => string
    ;({ served, address } = await serveLab({ file: join(folder, 'lab.yaml') }))
    browser = await openBrowser(folder)
    page = await openPage(browser, consoleProblems)
    await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'light' })
    await page.goto(address())
  })
  afterAll(async () => {
    await browser?.close()
    await served?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const goTo = async (address: string): Promise<void> => {
    await page.evaluate(`location.hash = ${JSON.stringify(address)}`)
  }
  const heading = (name: string | RegExp) => page.getByRole('heading', { name }).first().waitFor()
  const open = async (name: string): Promise<void> =>
    page
      .locator('input[type=file]')
      .first()
      .setInputFiles(fileURLToPath(fixture(name)))

  const look = async (name: string): Promise<void> =>
    void found.push(...(await findingsOf(page)).map((one) => `${name}, ${one}`))

  const states: readonly (readonly [name: string, reach: () => Promise<unknown>])[] = [
    ['start', () => page.getByRole('region', { name: 'Boot machines' }).waitFor()],
    ['first run', async () => {
      await goTo('#/lab')
      await heading('Set up this lab')
    }],
    ['lab with problems', async () => {
      writeFileSync(join(folder, 'lab.yaml'), 'interface: lo\nmode: dhcp\ndhcp:\n  subnets:\n    - subnet: 192.168.77.0/24\n      pools: [{ start: 192.168.77.100, end: 192.168.77.199 }]\n')
      await page.getByText('No machine gets anything to boot').first().waitFor()
    }],
    ['lab', async () => {
      mkdirSync(join(folder, 'boot'), { recursive: true })
      writeFileSync(join(folder, 'boot/undionly.kpxe'), Buffer.alloc(3000, 7))
      writeFileSync(join(folder, 'lab.yaml'), `${readFileSync(join(folder, 'lab.yaml'), 'utf8')}boot:\n  programs: [{ file: undionly.kpxe }]\n`)
      await page.getByText('No machine gets anything to boot').waitFor({ state: 'detached' })
    }],
    ['clients', async () => {
      await goTo('#/clients')
      await heading('No machine has been seen yet')
    }],
    ['leases', async () => {
      await goTo('#/clients/leases')
      await heading('Leases')
    }],
    ['leases of a Kea that does not answer', async () => {
      const text = readFileSync(join(folder, 'lab.yaml'), 'utf8')
      writeFileSync(join(folder, 'lab.yaml'), 'interface: lo\nmode: boot-server\nengine:\n  kea:\n    servers: [{ socket: /no-such-folder/kea4-ctrl-socket }]\n')
      await page.getByRole('region', { name: 'Kea' }).getByText('Not answering').waitFor()
      await look('Kea')
      writeFileSync(join(folder, 'lab.yaml'), text)
      await page.getByRole('region', { name: 'Kea' }).waitFor({ state: 'detached' })
    }],
    ['flows, empty', async () => {
      await goTo('#/flows')
      await heading('No packet yet')
    }],
    ['flows with a capture', async () => {
      await open('captures/fail-no4011-uefi-x64.pcap')
      await page.getByRole('figure', { name: 'Ladder' }).waitFor()
    }],
    ['flows, a packet', async () => {
      await page.getByRole('listbox', { name: 'Packets' }).getByRole('option').nth(1).click()
      await page.getByText(/^Frame 2 ·/).waitFor()
    }],
    ['doctor', async () => {
      await goTo('#/doctor')
      await page.getByRole('button', { name: 'Check again' }).waitFor()
    }],
    ['doctor, facts', async () => {
      const facts = join(folder, 'facts.json')
      const services = { DHCPServer: 'running', WDSServer: 'running' } as const
      writeFileSync(facts, JSON.stringify(windowsServer({ services, udp: [['0.0.0.0', 67, 'DHCPServer']] })))
      await page.locator('input[type=file]').first().setInputFiles(facts)
      await heading('WDS and DHCP both claim UDP port 67.')
    }],
    ['doctor, UseDHCPPorts', async () => {
      await page.getByRole('link', { name: 'UseDHCPPorts: two services, one port' }).click()
      await page.getByRole('row', { name: /UseDHCPPorts, REG_DWORD/ }).waitFor()
    }],
    ['find the cause', async () => {
      await goTo('#/doctor/ask')
      await heading('What does the screen show last?')
    }],
    ['a code', async () => {
      await goTo(`#/doctor/${encodeURIComponent('ask?code=PXE-E55')}`)
      await page.getByRole('region', { name: 'PXE-E55', exact: true }).waitFor()
      await heading(/possible causes$/)
    }],
    ['simulator', async () => {
      await goTo('#/simulator')
      await page.getByRole('link', { name: /Option 60 left over after WDS moved/ }).waitFor()
    }],
    ['lesson', async () => {
      await page.getByRole('link', { name: /Option 60 left over after WDS moved/ }).click()
      await page.getByText('bios-pc broadcasts a request on its network').waitFor()
    }],
    ['lesson, its screen', async () => {
      await page.keyboard.press('End')
      await page.getByRole('button', { name: 'bios-pc, PXE-E55' }).waitFor()
      await page.getByRole('tab', { name: 'Screen and logs' }).click()
    }],
    ['lesson, settings', async () => {
      await page.getByRole('tab', { name: 'Settings' }).click()
    }],
    ['matrix, map', async () => {
      await goTo('#/simulator/matrix')
      await page.getByText(/^864 setups: \d+ boot all machines/).waitFor()
    }],
    ['matrix, rows', async () => {
      await goTo(`#/simulator/${encodeURIComponent('matrix?view=rows')}`)
      await page.getByRole('grid', { name: '864 setups' }).waitFor()
    }],
    ['boot files', async () => {
      await goTo('#/files')
      await page.getByText('undionly.kpxe').first().waitFor()
    }],
    ['presets', async () => {
      await page.getByRole('button', { name: 'Presets' }).click()
      await page.getByRole('dialog').getByRole('heading').first().waitFor()
    }],
    ['a rule and its menu', async () => {
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await page.getByRole('row', { name: /undionly\.kpxe/ }).first().click({ button: 'right' })
      await page.getByRole('menuitem', { name: 'Edit line 1' }).click()
      await page.getByRole('button', { name: 'Save line' }).waitFor()
    }],
    ['menu editor', async () => {
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Create a menu' }).click()
      await page.getByRole('region', { name: 'iPXE boot menu' }).getByRole('group', { name: 'Entry 1' }).waitFor()
    }],
    ['planner, empty', async () => {
      await goTo('#/planner')
      await page.getByRole('button', { name: 'Open…' }).waitFor()
    }],
    ['planner, verdicts', async () => {
      await page.getByRole('button', { name: 'Open…' }).click()
      await page.getByRole('menuitem', { name: 'WDS and DHCP on one distribution point' }).click()
      await heading('4 rules are violated.')
    }],
    ['planner, text', async () => {
      await page.getByRole('radiogroup', { name: 'View the site file as' }).getByText('Text').click()
      await page.getByRole('textbox', { name: 'Site file' }).waitFor()
    }],
    ...['Upgrade', 'In place', 'Task sequence', 'Leaving WDS', 'Scale', 'Logs'].map((tab) => [`planner, ${tab}`, async () => {
      await page.getByRole('tab', { name: tab }).click()
      await page.getByRole('heading', { level: 1 }).waitFor()
    }] as const),
    ['settings', async () => {
      await goTo('#/settings')
      await page.getByRole('combobox', { name: /interface/i }).first().waitFor()
    }],
    ['settings, text', async () => {
      await page.getByRole('radiogroup', { name: 'View' }).getByText('Lab file').click()
      await page.getByRole('textbox', { name: 'Lab file' }).waitFor()
    }],
    ['palette', async () => {
      await page.keyboard.press('Control+k')
      await page.getByLabel('Search everything').fill('4011')
      await page.getByRole('dialog').getByRole('button').first().waitFor()
    }],
    ['shortcuts', async () => {
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await page.keyboard.press('Control+/')
      await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    }],
    ['about', async () => {
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await page.keyboard.press('Control+k')
      await page.getByLabel('Search everything').fill('About PXE Lab')
      await page.getByRole('dialog').getByRole('button', { name: /^About/ }).first().click()
      await page.getByRole('dialog', { name: /About|PXE Lab/ }).waitFor()
    }],
    ['help', async () => {
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await page.keyboard.press('F1')
      await page.getByRole('complementary', { name: 'Help' }).getByRole('heading').first().waitFor()
    }],
  ] // prettier-ignore

  test('no page and no state has a finding, and nothing is out of reach at 200 % zoom', async () => {
    for (const [name, reach] of states) {
      await reach()
      await look(name)
    }
    expect(found).toEqual([])
    expect(consoleProblems).toEqual([])
  })

  test('Tab reaches every control and shows where it is; a dialog keeps the focus and gives it back', async () => {
    const wrong: string[] = []
    for (const [address, shown] of [
      ['#/start', 'Boot machines'],
      ['#/lab', 'Ports'],
      ['#/doctor', /./],
      ['#/files', 'Boot files'],
      ['#/clients', /./],
      ['#/flows', /./],
      ['#/simulator', /./],
      ['#/doctor/ask', /./],
      ['#/planner', /./],
      ['#/settings', 'Settings'],
    ] as const) {
      await goTo(address)
      await heading(shown)
      const count = await page.evaluate<number>(beginWalk)
      for (let at = 0; at < 2 * count; at++) {
        await page.keyboard.press('Tab')
        const told = await page.evaluate<string | null>(stepOfWalk)
        if (told === null && (await page.evaluate<boolean>('document.activeElement === document.body'))) break
        if (told) wrong.push(`${address} shows no focus: ${told}`)
      }
      for (const one of await page.evaluate<string[]>("[...unreached.keys()].filter((one) => one.isConnected).map((one) => one.outerHTML.slice(0, 120))"))
        wrong.push(`${address} is not reached: ${one}`)
    }
    const isInside = () => page.evaluate<boolean>("document.activeElement.closest('[role=dialog]') !== null")
    const focused = () => page.evaluate<string>('document.activeElement.outerHTML')
    await page.getByRole('banner').getByRole('button').first().focus()
    const before = await focused()
    for (const key of ['Control+k', 'Control+/']) {
      await page.keyboard.press(key)
      const dialog = page.getByRole('dialog')
      await dialog.waitFor()
      // The focus moves there after the dialog is drawn.
      await expect.poll(isInside).toBe(true)
      for (let at = 0; at < 6; at++) {
        await page.keyboard.press('Tab')
        expect(await isInside()).toBe(true)
      }
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
      await expect.poll(focused).toBe(before)
    }
    expect(wrong).toEqual([])
    expect(consoleProblems).toEqual([])
  }) // prettier-ignore
})
