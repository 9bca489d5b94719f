/** The simulator as a site of files: its own answers in place of a back end, and no other page. */
import { answerBy } from '../connection.ts'
import { mount } from '../mount.tsx'
import { SiteApp } from './app.tsx'
import { handlers } from './library.ts'

export function openSite(): void {
  answerBy(handlers)
  mount(<SiteApp home={document.documentElement.dataset.site!} />)
}
