/** What reg.exe prints. */

/** `reg query`: a line `    Name    REG_TYPE    data` for each value, in every language. */
export function parseRegQuery(text: string): Map<string, number | string | string[]> {
  const found = new Map<string, number | string | string[]>()
  for (const line of text.split(/\r?\n/)) {
    const match = /^ {4}(.+?) {4}(REG_[A-Z_]+)(?: {4}(.*))?$/.exec(line)
    if (!match) continue
    const [, name = '', type = '', data = ''] = match
    if (type === 'REG_DWORD' || type === 'REG_QWORD') {
      const number = Number(data)
      if (data !== '' && Number.isSafeInteger(number)) found.set(name, number)
    } else found.set(name, type === 'REG_MULTI_SZ' ? data.split('\\0').filter((one) => one !== '') : data)
  }
  return found
}
