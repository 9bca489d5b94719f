/** The Planner in Chromium: site files as form and text, verdicts, upgrades, the wizard, logs, facts of a server. */
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { fixture } from '../helpers/fixtures.ts'
import { wdsKey } from '#shared/lab/registry-keys.ts'
import { labInBrowser } from '../helpers/lab-browser.ts'
import { describeWith } from '../helpers/requirements.ts'
import { windowsServer } from '../helpers/windows-server.ts'

let page: Page
const { folder, open: openPage } = labInBrowser()

describeWith(['chromium', 'built'], 'planner', () => {
  beforeAll(async () => {
    page = await openPage('#/planner')
  })

  const as = (form: 'Form' | 'Text') =>
    page.getByRole('radiogroup', { name: 'View the site file as' }).getByText(form).click()
  const open = async (title: string, form: 'Form' | 'Text' | null = 'Text'): Promise<void> => {
    await page.getByRole('button', { name: 'Open…' }).click()
    await page.getByRole('menuitem', { name: title }).click()
    if (form !== null) await as(form)
  }
  const file = () => page.getByRole('textbox', { name: 'Site file' })
  const text = async (): Promise<string> => {
    await as('Text')
    return page.evaluate<string>("sessionStorage.getItem('planner')")
  }
  /** In place of the whole text, of which the editor draws what is in view. */
  const write = async (content: string): Promise<void> => {
    await file().click()
    await page.keyboard.press('Control+a')
    await page.keyboard.press('Delete')
    await page.keyboard.insertText(content)
  }
  const tab = (name: string) => page.getByRole('tab', { name }).click()
  const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor()
  const form = () => page.getByRole('group', { name: 'Site form' })
  /** Drops files where a person would: on the page. */
  const drop = async (name: string, content: string): Promise<void> => {
    const data = await page.evaluateHandle(`(() => {
      const data = new DataTransfer()
      data.items.add(new File([${JSON.stringify(content)}], ${JSON.stringify(name)}))
      return data
    })()`)
    const words = page.getByText('Drop a site file, a server report or a log; a capture opens in Flows')
    await page.locator('.planner').dispatchEvent('dragover', { dataTransfer: data })
    await words.waitFor()
    await page.locator('.planner').dispatchEvent('drop', { dataTransfer: data })
    await words.waitFor({ state: 'detached' })
  }

  test('open an example, see the violation, change the value, see it met, export', async () => {
    await open('WDS and DHCP on one distribution point')
    await page.getByRole('heading', { level: 1, name: '4 rules are violated.' }).waitFor()
    const rule = page.getByRole('group', { name: 'OSD-COHOST-01: violated' })
    await rule.getByText('UseDHCPPorts is not set, which means 1: both use UDP port 67.').waitFor()
    await write((await text()).replace('useDhcpPorts: null', 'useDhcpPorts: 0'))
    await page.getByRole('heading', { level: 1, name: '2 rules are violated.' }).waitFor()
    await page.getByRole('group', { name: 'OSD-COHOST-01: met' }).waitFor()
    await page.getByText('Violated 2').click()
    expect(await page.getByRole('region', { name: 'Rules' }).getByRole('group').count()).toBe(2)
    await page.getByRole('button', { name: 'Save as…' }).click()
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'Markdown' }).click(),
    ])
    const path = join(folder.root, 'plan.md')
    await saved.saveAs(path)
    expect(readFileSync(path, 'utf8')).toMatch(
      /^# WDS and DHCP on one distribution point\n[^]*\| OSD-COHOST-03 \| violated \|/,
    )
  })

  test('another site replaces what was changed, which can be undone, from another page too', async () => {
    const before = await text()
    expect(before).toContain('useDhcpPorts: 0')
    await open('Clean single site')
    await expect.poll(text).not.toBe(before)
    await page.getByRole('button', { name: 'Undo', exact: true }).click()
    await expect.poll(text).toBe(before)
    await page.getByRole('button', { name: 'Redo', exact: true }).click()
    await expect.poll(text).not.toBe(before)
    const next = await text()
    await page.keyboard.press('Escape')
    await page.getByRole('heading', { level: 1 }).click()
    await page.keyboard.press('Control+z')
    await expect.poll(text).toBe(before)
    await page.keyboard.press('Control+y')
    await expect.poll(text).toBe(next)
  })

  test('a file that is wrong says where, and what was known before stays away', async () => {
    await write('sites:\n  - { code: P01 }\nservers:\n  - { name: a, site: P02 }\n')
    await page
      .getByText('Line 4: servers[0].site names no site of this file (it is "P02"). Write one of: P01.')
      .waitFor()
    expect(await page.getByRole('region', { name: 'Rules' }).count()).toBe(0)
  })

  test('the hierarchy is drawn; the text is there again after a reload', async () => {
    await open('A hierarchy in the middle of an upgrade')
    const picture = page.getByRole('img', {
      name: /^Hierarchy: CAS 2409 newest, \d+ violated, P01 2403 older, \d+ violated$/,
    })
    await picture.waitFor()
    await page.reload()
    await picture.waitFor()
  })

  test('a fact that is not stated leads to its field; the form and the text say the same; what changed can be taken back', async () => {
    await open('WDS and DHCP on one distribution point', 'Form')
    await page.getByText('By topic').click()
    await page.getByRole('heading', { level: 2, name: 'WDS and DHCP on one server' }).waitFor()
    await page.getByText('By state').click()
    await page.getByRole('region', { name: 'Rules' }).locator('summary', { hasText: 'VER-13' }).click()
    await page
      .getByRole('group', { name: 'VER-13: unknown' })
      .getByRole('button', { name: 'servers[0].client' })
      .click()
    const client = form().getByRole('combobox', { name: 'Client' })
    await client.waitFor()
    await expect
      .poll(() =>
        client.evaluate(
          (one: unknown) => one === (globalThis as { document?: { activeElement: unknown } }).document?.activeElement,
        ),
      )
      .toBe(true)
    await client.selectOption('none')
    await form().getByRole('combobox', { name: 'UseDHCPPorts' }).selectOption('0')
    await heading('2 rules are violated.')
    const changes = page.getByRole('region', { name: 'Changed results' })
    await changes.getByText(/results have changed: .*now met/).click()
    await changes.getByText('Only one of WDS and DHCP on the same server may use UDP port 67: violated → met').waitFor()
    expect(await text()).toMatch(/useDhcpPorts: 0, .*\n.*\n {4}client: none/)
    await changes.getByRole('button', { name: 'Revert' }).click()
    await heading('4 rules are violated.')
    expect(await text()).toContain('useDhcpPorts: null')
    expect(await changes.count()).toBe(0)
  })

  test('a way out of WDS and MDT: what ends, what takes its place, what the lab shows', async () => {
    await open('WDS and MDT without Configuration Manager')
    await tab('Leaving WDS')
    await heading('3 of 5 things that depend on WDS or MDT end.')
    const own = page.getByRole('region', { name: /^Windows 11 from its installation media: / })
    await own.getByText('This combination is blocked', { exact: false }).waitFor()
    await own.locator('summary', { hasText: 'without WDS' }).click()
    await own.getByText('pxe-lab simulate http-boot').waitFor()
    await tab('Results')
    await heading('6 rules are violated.')
  })

  test('a site is described with the form alone; what is wrong is told at its field', async () => {
    await open('Clean single site')
    await write('')
    await as('Form')
    await form().locator('summary', { hasText: 'Sites' }).click()
    await form().getByRole('button', { name: 'Add a site' }).click()
    await form().locator('summary', { hasText: 'P01' }).click()
    const code = form().getByRole('textbox', { name: 'Code' })
    await code.fill('p1')
    await code.press('Enter')
    await form().getByText('is no site code of three letters or digits', { exact: false }).waitFor()
    await page
      .getByRole('status', { name: 'Problems in the file' })
      .getByText('sites[0].code is no site code')
      .waitFor()
    await code.fill('P07')
    await code.press('Enter')
    const version = form().getByRole('textbox', { name: 'Version' })
    await version.fill('2403')
    await version.press('Enter')
    await form().getByRole('combobox', { name: 'Role' }).selectOption('primary')
    await heading(/Nothing is violated; \d+ rules need more information/)
    expect(await text()).toBe('sites:\n  - code: P07\n    version: "2403"\n    role: primary\n')
    await as('Form')
    await form().locator('summary', { hasText: 'Sites' }).click()
    await form().locator('summary', { hasText: 'P07' }).click()
    await form().getByRole('button', { name: 'Add a site' }).click()
    await form().getByRole('button', { name: 'Remove P07, 2403, primary' }).click()
    await form().locator('summary', { hasText: 'P02' }).waitFor()
    expect(await form().getByRole('textbox', { name: 'Code' }).count()).toBe(0)
    await form().locator('summary', { hasText: 'P02' }).click()
    await form().getByRole('button', { name: 'Remove P02' }).click()
    await expect.poll(text).toBe('')
  })

  test('text that is no YAML makes no form, and says so', async () => {
    await open('Clean single site')
    await write('sites: [')
    await as('Form')
    await page.getByText('The text is not valid YAML, so the form cannot be shown.').waitFor()
    await heading('The file has a mistake: correct it to see results.')
    await page.getByRole('button', { name: 'Line 1' }).click()
    await file().waitFor()
  })

  test('the upgrade of a hierarchy, to the newest version and to a newer one', async () => {
    await open('A hierarchy in the middle of an upgrade')
    await tab('Upgrade')
    await heading('Next: Update the site P01 from 2403 to 2409.')
    const steps = page.getByRole('table', { name: 'Steps of the upgrade' })
    expect(await steps.getByRole('rowheader').allInnerTexts()).toEqual([
      expect.stringMatching(/^Now/), expect.stringMatching(/^1\. P01 to 2409/), expect.stringMatching(/^2\. Clients of P01/), expect.stringMatching(/^3\. By hand/),
    ]) // prettier-ignore
    expect(await steps.getByRole('row').nth(1).getByRole('cell').allInnerTexts()).toEqual(['unsafe', 'unsafe', 'unsafe', 'unsafe', 'unsafe', 'unsafe', 'open']) // prettier-ignore
    await page.getByRole('group', { name: 'Now' }).getByText('VER-12; safe again after "P01 to 2409"').waitFor()
    await page.getByRole('textbox', { name: 'Upgrade to version' }).fill('25x')
    await page.getByText('Not a version. Enter four digits, such as 2403.').waitFor()
    await page.getByRole('textbox', { name: 'Upgrade to version' }).fill('2503')
    await heading('Next: Update the site CAS from 2409 to 2503.')
    const gates = page.getByRole('region', { name: 'Features by version' })
    await expect.poll(() => gates.getByRole('row').count()).toBe(8)
    // The view has an address.
    expect(page.url()).toContain('#/planner/upgrade')
  })

  test('what can be upgraded in place, and what is traditional', async () => {
    await open('A Windows 11 in-place upgrade')
    await tab('In place')
    await heading('1 of 1 collection can be upgraded in place.')
    const list = page.getByRole('region', { name: 'Collections' })
    await list.getByText('can by feature update Windows 11 23H2').waitFor()
    await list.getByText('wipe-and-load: To Windows 11. The task sequence changes: base language.').waitFor()
    const row = page.getByRole('table', { name: 'Clients' }).getByRole('row', { name: /^Windows 10 / })
    expect(await row.getByRole('cell').allInnerTexts()).toEqual(['later build', 'can'])
  })

  test('the wizard checks a task sequence while it is written, and writes it into the file', async () => {
    await open('A Windows 11 in-place upgrade')
    await tab('Task sequence')
    await heading('To Windows 11 does not work yet: 2 problems.')
    await page
      .getByText(
        /The licence terms of a Windows 11 feature update must be accepted\. The licence terms are not accepted/,
      )
      .waitFor()
    await page.getByRole('combobox', { name: 'Task sequence', exact: true }).selectOption('New task sequence')
    const wizard = page.getByRole('form', { name: 'Task sequence' })
    await wizard.getByRole('textbox', { name: 'Name' }).fill('To Windows 11')
    await wizard.getByText('Another task sequence has this name.').waitFor()
    expect(await page.getByRole('button', { name: 'Add to the site file' }).isDisabled()).toBe(true)
    await wizard.getByRole('textbox', { name: 'Name' }).fill('Pilot')
    await wizard.getByRole('textbox', { name: 'Product key' }).fill('AAAAA-BBBBB')
    await wizard
      .getByText(/five groups of five/)
      .first()
      .waitFor()
    await wizard.getByRole('checkbox', { name: 'none', exact: true }).check()
    await wizard.getByRole('combobox', { name: 'Updates', exact: true }).selectOption('All updates')
    const summary = page.getByRole('region', { name: 'Summary' })
    await summary.getByText('none (volume licence)').waitFor()
    await summary.getByText('All updates, of those targeted to the collections of the device').waitFor()
    // What is not written yet is there again.
    await page.getByRole('link', { name: 'Doctor' }).click()
    await page.getByRole('link', { name: 'Planner' }).click()
    await tab('Task sequence')
    await page.getByRole('combobox', { name: 'Task sequence', exact: true }).selectOption('New task sequence')
    expect(await wizard.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Pilot')
    // What is not stated of this sequence leads to its field here.
    await page.getByRole('region', { name: 'Check' }).getByRole('button', { name: 'reviewed' }).click()
    await expect.poll(() => page.evaluate('document.activeElement.name')).toBe('reviewed')
    await page.getByRole('button', { name: 'Add to the site file' }).click()
    await heading(/No problem found with Pilot/)
    await wizard.getByRole('combobox', { name: 'Deployed to' }).selectOption('Office')
    await page.getByRole('button', { name: 'Update the site file' }).click()
    await expect.poll(text).toMatch(/- name: Pilot\n[^]*collection: Office\n/)
    expect(await text()).toMatch(/- name: Pilot\n +kind: upgrade\n[^]*productKey: ""\n/)
  })

  test('a log that is pasted, and one that is dropped', async () => {
    await tab('Logs')
    await heading('Paste or drop a log.')
    await page
      .getByRole('textbox', { name: 'Log' })
      .fill(
        '<![LOG[Failed to create media generator (0x80070490)]LOG]!><time="10:11:12.1-60" date="11-21-2026" component="CreateTsMedia" context="" type="3" thread="1" file="a">',
      )
    await heading('1 failure in 1 line.')
    const finding = page.getByRole('group', { name: 'Task sequence media' })
    await finding.getByText('A task sequence with a feature update cannot be put on stand-alone media').waitFor()
    await finding.getByRole('button', { name: 'Show rule' }).first().click()
    expect(await page.getByRole('textbox', { name: 'Find a rule' }).inputValue()).toBe('FU-09')
    await drop('SMSPXE.log', 'PXE::MP_GetList failed; 0x80092002\r\n')
    await heading('1 failure in 1 line.')
    await page.getByText('The list of issuing certificates is missing (IssuingCertificateList)').first().waitFor()
    await page.getByRole('textbox', { name: 'Machine' }).fill('52:54')
    await page
      .getByText('The list of issuing certificates is missing (IssuingCertificateList)')
      .first()
      .waitFor({ state: 'detached' })
  })

  test('a log stands beside the capture that is open in Flows, on one clock', async () => {
    await page.evaluate("location.hash = '#/planner'")
    await tab('Logs')
    if (await page.getByRole('button', { name: 'Clear' }).isEnabled())
      await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByRole('textbox', { name: 'Machine' }).fill('')
    const line = (time: string, type: string): string => `<![LOG[ Operation: BootRequest (1)  Addr type: 1 Addr Len: 6 Hop Count: 0 ID: 00001001\n Addr: 52:54:00:00:00:01:\n Type=53 Msg Type: ${type}]LOG]!><time="${time}+000" date="11-14-2023" component="SMSPXE" context="" type="1" thread="1" file="a">\n` // prettier-ignore
    await page
      .getByRole('textbox', { name: 'Log' })
      .fill(line('22:13:22.500', '1=Discover') + line('22:13:26.400', '3=Request'))
    const region = page.getByRole('region', { name: 'Log and capture' })
    await region.getByText('open a capture of the same time in Flows').waitFor()
    await page.evaluate("location.hash = '#/flows'")
    await page.locator('input[type=file]').setInputFiles(fileURLToPath(fixture('field/pxe-good.pcap')))
    await page.getByRole('figure', { name: 'Ladder' }).waitFor()
    await page.goBack()
    await page.goBack()
    await region
      .getByText('The clock of the log is 2.500 s ahead of that of the capture (2 packets are in both).')
      .waitFor()
    const rows = region.getByRole('group', { name: '52:54:00:00:00:01, log and capture' }).getByRole('row')
    expect((await rows.allTextContents()).slice(0, 3)).toEqual([
      'TimeFromWhat',
      '0.000 sframe 1DHCPDISCOVER',
      expect.stringMatching(/^0\.000 slog, line 1Operation: BootRequest/),
    ])
    await region.getByRole('link', { name: 'frame 1', exact: true }).click()
    await page.getByText(/^Frame 1 ·/).waitFor()
    await page.evaluate("location.hash = '#/planner'")
  })

  test('facts of a server fill what the file leaves open, and change nothing that it says', async () => {
    await open('WDS and DHCP on one distribution point')
    const facts = {
      ...windowsServer({
        services: { DHCPServer: 'running', WDSServer: 'running' },
        registry: { [wdsKey]: { UseDHCPPorts: 0 } },
      }),
      host: 'DP1',
    }
    await drop('facts.json', JSON.stringify(facts, undefined, 2))
    const differing = page.getByText('servers[0].wds.useDhcpPorts is null in the file, and 0 on the machine.')
    await differing.waitFor()
    expect(await text()).toContain('useDhcpPorts: null')
    await differing.getByRole('button', { name: 'Use 0' }).click()
    await expect.poll(text).toContain('useDhcpPorts: 0')
    await page.getByRole('button', { name: 'Add this machine' }).click()
    await expect.poll(text).toContain(`- name: ${hostname()}`)
  })

  test('a site file that is dropped is opened', async () => {
    await drop('ours.yaml', 'sites: [{ code: XYZ, version: 2403 }]\n')
    await expect.poll(text).toBe('sites: [{ code: XYZ, version: 2403 }]\n')
  })
})
