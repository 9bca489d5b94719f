/** Private enterprise numbers that network boot meets (IANA registry "Private Enterprise Numbers"). */
const names: Readonly<Record<number, string>> = {
  9: 'Cisco',
  11: 'Hewlett-Packard',
  42: 'Sun',
  311: 'Microsoft',
  343: 'Intel',
  674: 'Dell',
  2011: 'Huawei',
  2636: 'Juniper',
  3561: 'Broadband Forum',
  4491: 'CableLabs',
  6876: 'VMware',
  19_046: 'Lenovo',
  43_793: 'systemd',
}

/** In words with its number: `Intel (343)`. */
export const enterpriseName = (code: number): string => (names[code] === undefined ? String(code) : `${names[code]} (${code})`) // prettier-ignore

/** Under whom network boot names its class PXEClient or HTTPClient in the vendor class of DHCPv6, as EDK2 and iPXE do it. */
export const intelEnterprise = 343
