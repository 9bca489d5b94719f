/** A lab that is served and Chromium before it, for all tests of a file or group; no console may complain in any of them. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { openBrowser, openPage, serveLab, type Served, type Space } from './browser.ts'
import { LabFolder } from './lab.ts'

export interface LabBrowser {
  /** Of the lab file, which need not exist. */
  readonly folder: LabFolder
  readonly browser: () => Browser
  /** Opens one window. */
  readonly address: () => string
  /** A new page of the usual size, with nothing in it; the page before is closed. */
  readonly newPage: () => Promise<Page>
  /** A new page at a place of the application, `#/doctor`; the page before is closed. */
  readonly open: (place: string) => Promise<Page>
}

/** Call it behind the `beforeAll` that writes what is served. */
export function labInBrowser({
  folder = new LabFolder(),
  environment,
  space,
}: { folder?: LabFolder; environment?: (folder: LabFolder) => NodeJS.ProcessEnv; space?: Space } = {}): LabBrowser {
  const consoleProblems: string[] = []
  let lab: Served
  let browser: Browser | undefined
  let page: Page | undefined

  beforeAll(async () => {
    lab = await serveLab(folder, environment?.(folder), space)
    browser = await openBrowser(folder.root, space)
  })
  afterAll(async () => {
    await browser?.close()
    await lab?.served.stop()
    folder.remove()
  })
  afterEach(() => expect(consoleProblems.splice(0)).toEqual([]))

  const newPage = async (): Promise<Page> => {
    await page?.close()
    page = await openPage(browser!, consoleProblems)
    return page
  }
  return {
    folder,
    browser: () => browser!,
    address: () => lab.address(),
    newPage,
    open: async (place) => {
      const opened = await newPage()
      await opened.goto(`${lab.address()}${place}`)
      return opened
    },
  }
}
