/** What axe-core finds on a page in both themes, and what is out of reach at 200 % zoom. */
import axe from 'axe-core'
import type { Page } from 'playwright-core'

/**
 * Rule, element and what is wrong with it, one string each. As text: the tests are not compiled for a page.
 * A thing in a drawing has several captions, cut to fit: its name tells more, and need not hold them in a row.
 */
const findings = (rules: string): string => `
  axe.run(document, { resultTypes: ['violations'], elementRef: true, ${rules} }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) =>
      nodes.filter(({ element }) => id !== 'label-content-name-mismatch' || !element.closest('svg')).map(({ target, html, any, all, none }) =>
        id + ': ' + target.join(' ') + ' ' + html.slice(0, 160) + ' (' + [...any, ...all, ...none].map((one) => one.message).join('; ').slice(0, 300) + ')')))`

/** Controls that leave the window, or a box that cuts them, where nothing scrolls them back. */
const clipped = `
  [...document.querySelectorAll('button, input, select, textarea, a[href], [role=button], [role=tab], [role=radio]')]
    .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !one.closest('[aria-hidden=true], [inert]'))
    .flatMap((one) => {
      const box = one.getBoundingClientRect()
      // What only a screen reader sees is a pixel wide.
      if (box.width <= 1 || box.height <= 1) return []
      return [['X', 'left', 'right', innerWidth], ['Y', 'top', 'bottom', innerHeight]].flatMap(([axis, before, after, room]) => {
        let [from, to] = [0, room]
        for (let at = one.parentElement; at; at = at.parentElement) {
          const overflow = getComputedStyle(at)['overflow' + axis]
          if (overflow === 'auto' || overflow === 'scroll') return []
          if (overflow === 'visible') continue
          const edges = at.getBoundingClientRect()
          from = Math.max(from, edges[before])
          to = Math.min(to, edges[after])
        }
        const name = (one.getAttribute('aria-label') ?? one.textContent ?? '').trim().slice(0, 40)
        return box[before] < from - 1 || box[after] > to + 1
          ? [name + ' <' + one.tagName.toLowerCase() + ' class="' + one.className + '"> from ' + before + ' ' + Math.round(box[before]) + ' to ' + Math.round(box[after]) + ', seen ' + Math.round(from) + ' to ' + Math.round(to)]
          : []
      })
    })`

/** One string for each thing that is wrong with what is shown now; the page is then as it was, in its light theme. */
export async function findingsOf(page: Page): Promise<readonly string[]> {
  const found: string[] = []
  const tell = (where: string, what: readonly string[]): void =>
    void found.push(...what.map((one) => `${where}: ${one}`))
  await page.evaluate(`if (!globalThis.axe) { ${axe.source} }`)
  tell('light', await page.evaluate<string[]>(findings('')))
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.locator('html[data-mantine-color-scheme=dark]').waitFor()
  tell('dark', await page.evaluate<string[]>(findings("runOnly: ['color-contrast']")))
  await page.emulateMedia({ colorScheme: 'light' })
  await page.locator('html[data-mantine-color-scheme=light]').waitFor()
  await page.setViewportSize({ width: 720, height: 450 })
  tell('at 200 %', await page.evaluate<string[]>(`new Promise(requestAnimationFrame).then(() => ${clipped})`))
  await page.setViewportSize({ width: 1440, height: 900 })
  return found
}
