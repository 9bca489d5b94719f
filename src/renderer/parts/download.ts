/** Gives the person a file. */
export function download(name: string, content: Uint8Array<ArrayBuffer> | string, type: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([content], { type }))
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
