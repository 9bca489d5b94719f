/** Text for spreadsheets. */

/** A cell by RFC 4180; one that a spreadsheet would take for a formula is kept a text. */
function csvCell(value: string): string {
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Rows as a CSV file (RFC 4180), the head first. */
export const csvFile = (rows: Iterable<readonly string[]>): string =>
  Array.from(rows, (row) => `${row.map(csvCell).join(',')}\r\n`).join('')
