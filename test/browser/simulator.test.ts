import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Download, Locator, Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { changeScenario } from '#shared/simulation/changes.ts'
import { Simulation } from '#shared/simulation/simulation.ts'
import { cli } from '../helpers/lab.ts'
import { labInBrowser } from '../helpers/lab-browser.ts'
import { describeWith } from '../helpers/requirements.ts'

let page: Page
const { folder, address, newPage } = labInBrowser()

const goTo = async (item: string): Promise<void> => {
  await page.goto(`${address()}#/simulator${item === '' ? '' : `/${encodeURIComponent(item)}`}`)
}
/** Whether an element is wholly inside of what scrolls around it. */
const isInSight = (selector: string): Promise<boolean> =>
  page.evaluate(`(() => {
    const inner = document.querySelector('${selector}').getBoundingClientRect()
    const outer = document.querySelector('.ladder-box').getBoundingClientRect()
    return inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1
  })()`)
/** The least contrast of the letters of rows that are still to come. */
const paleness = `(() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((one) => {
      const share = Number(one) / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const paper = light(getComputedStyle(document.body).backgroundColor)
  return Math.min(...[...document.querySelectorAll('.ladder-row.future text')].map((one) => {
    let opacity = 1
    for (let at = one; at && at.tagName !== 'svg'; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity)
    const ink = light(getComputedStyle(one).fill) * opacity + paper * (1 - opacity)
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05)
  }))
})()`
const position = (): Promise<string | null> => page.locator('.transport-time').textContent()

describeWith(['chromium', 'built'], 'simulator', () => {
  beforeEach(async () => {
    page = await newPage()
  })

  test('a lesson from start to verified repair', async () => {
    await goTo('')
    await page.getByRole('link', { name: /Option 60 left over after WDS moved/ }).click()
    await page.getByRole('heading', { level: 1, name: 'Option 60 left over after WDS moved' }).waitFor()
    await page.getByText('bios-pc broadcasts a request on its network').waitFor()
    // Observe: to the end, where the screen says it.
    await page.keyboard.press('End')
    await page.getByLabel('Screen of bios-pc').getByText('PXE-E55').waitFor()
    await page.getByRole('button', { name: 'bios-pc, PXE-E55' }).waitFor()
    // The last row is the answer that never came: it is what is looked at, and in sight.
    const last = page.getByRole('option').last()
    await expect.poll(() => last.getAttribute('aria-selected')).toBe('true')
    await expect.poll(() => last.textContent()).toMatch(/did not come/)
    await expect.poll(() => isInSight('[role="option"]:last-child')).toBe(true)
    // Rows that are still to come keep the contrast of text (WCAG 2.2, 1.4.3).
    await page.keyboard.press('Home')
    await page.locator('.ladder-row.future').first().waitFor()
    expect(await page.evaluate<number>(paleness)).toBeGreaterThan(4.5)
    await page.keyboard.press('End')
    await page.setViewportSize({ width: 1024, height: 768 })
    await page.getByRole('button', { name: 'Show a hint' }).click()
    await page.getByText('Both servers answer. Why is WDS not asked?').waitFor()
    // A wrong repair is told to be one.
    await page.getByRole('radio', { name: 'Set UseDHCPPorts to 0 on the WDS server' }).check()
    await page.getByRole('button', { name: 'Verify' }).click()
    await page.getByRole('status').filter({ hasText: 'Not repaired' }).waitFor()
    // The right one verifies, for every machine, with the commands that do it.
    await page.getByRole('radio', { name: 'Delete option 60 from the DHCP server' }).check()
    await page.getByRole('button', { name: 'Verify' }).click()
    await page.getByText('Repaired: every machine boots').waitFor()
    await page.getByText('netsh dhcp server delete optionvalue 60').waitFor()
    // The answer is below the repairs: it comes into view by itself, on a small screen too.
    await expect
      .poll(async () => {
        const box = await page.getByText('Repaired: every machine boots').boundingBox()
        return box !== null && box.y > 0 && box.y + box.height < 768
      })
      .toBe(true)
    // Played with the change, it boots; the progress is kept.
    await page.getByRole('button', { name: 'Play with this change' }).click()
    await page.getByRole('button', { name: '1 change · Reset' }).waitFor()
    await expect
      .poll(async () => {
        // Keys are heard again when the changed boot is there.
        await page.keyboard.press('End')
        return page.getByRole('button', { name: 'bios-pc, booted' }).count()
      })
      .toBe(1)
    await page.reload()
    await page.getByRole('button', { name: '1 change · Reset' }).waitFor()
    await goTo('')
    await page.getByText('1 of ').filter({ hasText: 'faults repaired' }).waitFor()
  })

  test('plays, steps and scrubs; every step has an address', async () => {
    await goTo('wds-same-host?client=uefi-pc')
    await page.getByRole('figure', { name: 'Ladder' }).waitFor()
    await page.getByLabel('Step', { exact: true }).first().waitFor()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    expect(await position()).toMatch(/^3 of /)
    await page.getByText('uefi-pc broadcasts that it accepts').waitFor()
    const step = await page.evaluate('window.location.href')
    await page.keyboard.press('s')
    expect(await position()).not.toMatch(/^3 of /)
    await page.goto(String(step))
    await page.reload()
    await page.getByText('uefi-pc broadcasts that it accepts').waitFor()
    await page.keyboard.press('Home')
    expect(await position()).toMatch(/^1 of /)
    await page.getByRole('combobox', { name: 'Speed' }).click()
    await page.getByRole('option', { name: 'max' }).click()
    await page.getByRole('button', { name: 'Play', exact: true }).click()
    await page.getByRole('button', { name: 'uefi-pc, booted' }).waitFor()
    await page.getByRole('tab', { name: 'Screen and logs' }).click()
    await page.getByLabel('Screen of uefi-pc').getByText('Starting Windows').waitFor()
    await page.getByRole('region', { name: 'Logs' }).getByText('UseDHCPPorts is 0').waitFor()
  })

  test('presenting: one sentence a step, by clicker, and out again', async () => {
    await goTo('http-boot')
    await page.getByRole('button', { name: 'Present' }).click()
    const dialog = page.getByRole('dialog', { name: 'Presenting UEFI HTTP boot' })
    await dialog.waitFor()
    await page.keyboard.press('PageDown')
    await dialog.getByRole('status').filter({ hasText: 'offers 192.168.77.100, and the web address' }).waitFor()
    await page.keyboard.press('PageUp')
    await dialog.getByRole('status').filter({ hasText: 'broadcasts a request' }).waitFor()
    // Network, ladder, screen and sentence are on the screen of an old projector as well.
    const parts = [
      dialog.getByRole('group', { name: 'Network' }),
      dialog.getByRole('figure', { name: 'Ladder' }),
      dialog.getByLabel(/^Screen of /),
      dialog.getByRole('status'),
    ]
    for (const [width, height] of [
      [1024, 768],
      [1920, 1080],
    ] as const) {
      await page.setViewportSize({ width, height })
      for (const part of parts)
        await expect
          .poll(
            async () => {
              const box = await part.boundingBox()
              return (
                box !== null &&
                box.height > 20 &&
                box.x >= 0 &&
                box.x + box.width <= width &&
                box.y + box.height <= height
              )
            },
            { message: `${await part.getAttribute('aria-label')} at ${width}x${height}` },
          )
          .toBe(true)
    }
    expect(await dialog.getByRole('button', { name: 'Add', exact: true }).count()).toBe(0)
    // A browser that allows no second window: it is said, with what to do.
    await page.evaluate('{ window.ownOpen = window.open; window.open = () => null }')
    await dialog.getByRole('button', { name: 'Presenter notes' }).click()
    await dialog.getByRole('alert').filter({ hasText: 'Allow pop-up windows' }).waitFor()
    await page.evaluate('window.open = window.ownOpen')
    // The notes are where the presentation is, and their keys lead it.
    const opening = page.context().waitForEvent('page')
    await dialog.getByRole('button', { name: 'Presenter notes' }).click()
    const notes = await opening
    await dialog.getByRole('alert').waitFor({ state: 'detached' })
    await notes.getByRole('heading', { name: 'UEFI HTTP boot' }).waitFor()
    expect(await notes.title()).toBe('Presenter notes: UEFI HTTP boot')
    const now = notes.getByRole('region', { name: 'Now' })
    await now.getByText('broadcasts a request').waitFor()
    await notes.getByRole('region', { name: 'Next' }).getByText('offers 192.168.77.100, and the web address').waitFor()
    await notes.keyboard.press('ArrowRight')
    await now.getByText('offers 192.168.77.100, and the web address').waitFor()
    await dialog.getByRole('status').filter({ hasText: 'offers 192.168.77.100, and the web address' }).waitFor()
    await notes
      .getByLabel('Time since the start')
      .getByText(/^\d+:\d\d$/)
      .waitFor()
    expect(await notes.evaluate<string>(`getComputedStyle(document.querySelector('button')).cursor`)).toBe('pointer')
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await expect.poll(() => notes.isClosed()).toBe(true)
  })

  test('a setting is changed in the drawing, a machine is added, and the scenario is saved', async () => {
    await goTo('wds-separate')
    await page.getByRole('tab', { name: 'Settings' }).click()
    await page.getByRole('button', { name: /^WDS server/ }).click()
    await page.getByRole('combobox', { name: 'UseDHCPPorts' }).click()
    await page.getByRole('option', { name: '0', exact: true }).click()
    await page.getByRole('button', { name: '1 change · Reset' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Add a machine' }).click()
    await page.getByRole('menuitem', { name: 'UEFI x64 before April 2017' }).click()
    await page
      .getByRole('button', { name: /^edk2-2016-1/ })
      .first()
      .waitFor()
    await page.locator('h1, body').first().press('End')
    await page.getByRole('button', { name: 'bios-pc, PXE-E53' }).waitFor()
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Save as my scenario' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('My WDS, deaf')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.waitForURL(/my-wds-deaf/)
    await page
      .getByRole('button', { name: /^edk2-2016-1/ })
      .first()
      .waitFor()
    // As a text it is what the command line plays; what is wrong in it is refused with its line.
    await page.getByRole('tab', { name: 'Text' }).click()
    const title = page.locator('.cm-line', { hasText: 'title: WDS server' })
    await title.click()
    await page.keyboard.press('End')
    await page.keyboard.type(': of mine')
    await page
      .getByLabel('Problems in the scenario')
      .getByText(/^Line \d+: /)
      .first()
      .waitFor()
    for (let at = 0; at < ': of mine'.length; at++) await page.keyboard.press('Backspace')
    await page.keyboard.type(' of mine')
    await page.getByRole('button', { name: 'Apply and play' }).click()
    await page.waitForURL(/edited/)
    await page.reload()
    await page.getByRole('button', { name: /^WDS server of mine/ }).waitFor()
    await page
      .getByRole('button', { name: /^uefi-pc/ })
      .first()
      .press('Delete')
    await page.getByText('uefi-pc removed').waitFor()
    await page.getByRole('button', { name: '1 change · Reset' }).waitFor()
    await page.keyboard.press('Control+z')
    await page.getByRole('button', { name: '1 change · Reset' }).waitFor({ state: 'hidden' })
    await goTo('')
    await page.getByRole('heading', { name: 'Saved by you' }).waitFor()
  })

  test('a network is built in the drawing: added, connected by dragging, undone and done again; a draft stays', async () => {
    await goTo('wds-separate')
    const drawing = page.getByRole('group', { name: 'Network' })
    const card = (name: RegExp) => drawing.getByRole('button', { name }).first()
    const takeHoldOf = async (what: Locator): Promise<void> => {
      let before = ''
      // While a boot is computed the drawing may be fitted anew at any moment.
      await page.locator('.toolbar [aria-label="Running"]').waitFor({ state: 'detached' })
      await expect
        .poll(
          async () => {
            const last = before
            before = JSON.stringify(await what.boundingBox())
            return before === last
          },
          { interval: 300 },
        )
        .toBe(true)
      await what.hover()
      await page.mouse.down()
    }
    await card(/^uefi-pc,/).waitFor()
    const add = async (name: string): Promise<void> => {
      await drawing.getByRole('button', { name: 'Add', exact: true }).click()
      await page.getByRole('menuitem', { name, exact: true }).click()
    }
    await add('Router with relay agent')
    await card(/^Router,/).waitFor()
    await card(/^Segment segment1, 192\.168\.78\.0/).waitFor()
    // What was added is selected, and its settings are open.
    await page.getByRole('textbox', { name: 'Address on segment1' }).waitFor()
    // The wire of a machine is dragged from its handle to the other segment.
    const handle = drawing.locator('[data-id="uefi-pc"] .react-flow__handle')
    // The drawing is fitted to its place when the boot is computed: only what stands still is taken hold of.
    await takeHoldOf(handle)
    const to = (await card(/^Segment segment1/).boundingBox())!
    await page.mouse.move(to.x + to.width / 3, to.y + to.height / 2 + 6, { steps: 8 })
    await page.mouse.move(to.x + to.width / 3, to.y + to.height / 2, { steps: 4 })
    await page.mouse.up()
    const undo = (what: string) => page.getByRole('button', { name: `Undo: ${what}`, exact: true })
    const redo = (what: string) => page.getByRole('button', { name: `Redo: ${what}`, exact: true })
    await undo('uefi-pc moved to segment1').waitFor()
    await drawing.locator('[data-id="uefi-pc to segment1"]').waitFor({ state: 'attached' })
    // So is the end of a wire from its segment; where it is let go beside every wire, it stays.
    const end = drawing.locator('[data-id="bios-pc to lan"] .net-wire-end')
    for (const [says, share] of [
      ['uefi-pc moved to segment1', 0.5],
      ['bios-pc moved to segment1', 1],
    ] as const) {
      await takeHoldOf(end)
      const [at, there] = [(await end.boundingBox())!, (await card(/^Segment segment1/).boundingBox())!]
      await page.mouse.move(at.x + 20, at.y + (there.y + there.height / 2 - at.y) * share, { steps: 6 })
      await drawing.locator('.net-pulled').waitFor({ state: 'attached' })
      await page.mouse.up()
      await drawing.locator('.net-pulled').waitFor({ state: 'detached' })
      await undo(says).waitFor()
    }
    await page.locator('h1, body').first().press('Control+z')
    await undo('uefi-pc moved to segment1').waitFor()
    await drawing.locator('[data-id="bios-pc to lan"]').waitFor({ state: 'attached' })
    // By keyboard: a machine is moved by arrows, which is one thing to undo, and the network still boots it.
    await card(/^uefi-pc,/).press('ArrowRight')
    await card(/^uefi-pc,/).press('ArrowRight')
    await undo('uefi-pc placed').click()
    await undo('uefi-pc moved to segment1').waitFor()
    await page.locator('h1, body').first().press('Control+z')
    await undo('Router with relay added between lan and segment1').waitFor()
    await redo('uefi-pc moved to segment1').click()
    await undo('uefi-pc moved to segment1').waitFor()
    await card(/^uefi-pc,/).click()
    await expect
      .poll(async () => {
        await page.locator('h1, body').first().press('End')
        return drawing.getByRole('button', { name: 'uefi-pc, booted' }).count()
      })
      .toBe(1)
    // A wire of several is taken off, and Enter opens the settings.
    await drawing.getByRole('button', { name: 'Wire from Router to segment1' }).press('Delete')
    await undo('Router disconnected from segment1').waitFor()
    await page.keyboard.press('Control+z')
    await undo('uefi-pc moved to segment1').waitFor()
    await card(/^Segment lan/).press('Enter')
    await page.getByRole('textbox', { name: 'Network' }).waitFor()
    // A text that is not applied stays over another page, and says so.
    await page.getByRole('tab', { name: 'Text' }).click()
    await page.locator('.cm-line', { hasText: 'title: ' }).first().click()
    await page.keyboard.press('End')
    await page.keyboard.type(' with a draft')
    await page.getByText('Not applied.').waitFor()
    await goTo('')
    await page.getByRole('heading', { level: 1 }).waitFor()
    await goTo('wds-separate')
    await page.getByRole('tab', { name: 'Text, not applied' }).click()
    await page.locator('.cm-line', { hasText: 'with a draft' }).waitFor()
    await page.getByRole('button', { name: 'Discard changes' }).click()
    await page.getByRole('tab', { name: 'Text', exact: true }).waitFor()
  })

  test('the matrix: a row, a cell, its remedy, and playing it', async () => {
    await goTo('matrix')
    await page.getByText(/^864 setups: \d+ boot all machines, \d+ some, \d+ none$/).waitFor()
    // From afar first: a cell of the map tells its four set-ups, and leads to their rows.
    await page.getByRole('button', { name: /^DHCP runs on this host, PXE service on this host WDS, .* default, Option 60 not set, Options 66 and 67 not set: 0 boot all machines, 0 some, 4 none$/ }).click() // prettier-ignore
    const four = page.getByRole('region', { name: 'Setups in this cell' })
    await four
      .getByRole('button', { name: /^UEFI x64: PXE-E/ })
      .first()
      .click()
    await page.getByRole('region', { name: 'Cell', exact: true }).getByText('UEFI x64 (EDK2)').waitFor()
    await four.getByRole('button', { name: 'Show these as rows' }).click()
    await page.getByRole('grid', { name: '4 setups' }).waitFor()
    await goTo('')
    await goTo('matrix?view=rows')
    await page.getByRole('grid', { name: '864 setups' }).waitFor()
    const choose = async (name: string, value: string): Promise<void> => {
      await page.getByRole('combobox', { name }).click()
      await page.locator('[role="option"]:visible', { hasText: value }).first().click()
    }
    await choose('PXE service on this host', 'WDS')
    await choose('Option 60', 'not set')
    await choose('Options 66 and 67', 'not set')
    await page
      .getByRole('row')
      .filter({ hasText: /this host.*WDS.*default/ })
      .first()
      .getByRole('button')
      .first()
      .click()
    await page.getByText('wdsutil /Set-Server /UseDHCPPorts:No /DHCPOption60:Yes').waitFor()
    // By keyboard to the next machine of the set-up, and back.
    const cell = page.getByRole('region', { name: 'Cell', exact: true })
    await page.getByRole('grid', { name: /setups$/ }).press('ArrowRight')
    await cell.getByText('UEFI x64 (EDK2)').waitFor()
    await page.getByRole('grid', { name: /setups$/ }).press('ArrowLeft')
    await cell.getByText('UEFI x64 (EDK2)').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Play it' }).click()
    await page.getByRole('figure', { name: 'Ladder' }).waitFor()
    await page.keyboard.press('End')
    await page.getByRole('button', { name: /^BIOS, PXE-E5/ }).waitFor()
  })

  test('the same scenario gives the same bytes in the browser as here', async () => {
    await goTo('relay-two-helpers')
    await page.getByRole('figure', { name: 'Ladder' }).waitFor()
    await page.getByRole('button', { name: 'More' }).click()
    const [download] = (await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: /Export the packets/ }).click(),
    ])) as [Download, unknown]
    const file = join(folder.root, 'browser.pcapng')
    await download.saveAs(file)
    // A handout goes to the printer of the browser: A4, the exercise on pages of its own, the answers behind it.
    await page.getByRole('button', { name: 'More' }).click()
    // Without a printer it would be over at once, and its page with it.
    await page.addInitScript('window.print = () => undefined')
    await page.getByRole('menuitem', { name: 'Print a handout' }).click()
    const frame = page.locator('iframe[title="Handout: Behind a router, with a helper for each server"]')
    await frame.waitFor({ state: 'attached' })
    const paper = (await frame.getAttribute('srcdoc'))!
    await page.goto('about:blank')
    await page.setContent(paper)
    await page.getByRole('heading', { name: 'Answer 1: Behind a router, with a helper for each server' }).waitFor()
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1')
    expect(pdf.match(/\/Type \/Page\b/g)!.length).toBeGreaterThan(1)
    expect(pdf).toMatch(/\/MediaBox \[0 0 59[45][.\d]* 84[12][.\d]*\]/)
    const input = parse(
      readFileSync(new URL('../../resources/scenarios/relay-two-helpers.yaml', import.meta.url), 'utf8'),
    ) as unknown
    const checked = changeScenario(input, [])
    if (!checked.ok) throw new Error('the scenario does not fit together')
    const simulation = new Simulation(checked.scenario, { record: true })
    simulation.run()
    const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
    expect(hash(readFileSync(file))).toBe(hash(simulation.capture()))
    // And in a process of its own.
    const other = join(folder.root, 'cli.pcapng')
    execFileSync(process.execPath, [cli, 'simulate', 'relay-two-helpers', '--pcapng', other], { stdio: 'ignore' })
    expect(hash(readFileSync(other))).toBe(hash(simulation.capture()))
  })
})
