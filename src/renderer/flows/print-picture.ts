import { printPage } from '../parts/print-page.ts'

/** Prints a picture alone; paper is light whatever the window is. */
export const printPicture = (svg: string, title: string): Promise<void> =>
  printPage(
    `<!doctype html><html lang="en"><head><meta name="color-scheme" content="light"><title></title></head><body>${svg.replace(/@media \(prefers-color-scheme:dark\)\{[^}]*\}\}/, '')}</body></html>`,
    title,
  )
