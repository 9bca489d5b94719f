/** LINKTYPE values whose frames are read (IANA registry PCAP-Related LinkTypes); `linkTypeName` names the others. */
export const linkTypes = {
  null: 0, ethernet: 1, ppp: 9, rawOfFreeBsd: 12, rawOfOpenBsd: 14, pppHdlc: 50, pppEther: 51, raw: 101, cHdlc: 104, wlan: 105,
  loop: 108, linuxCooked: 113, prism: 119, radiotap: 127, avs: 163, pppPppd: 166, ppi: 192, pppWithDirection: 204, rawIpv4: 228,
  rawIpv6: 229, upperPdu: 252, linuxCooked2: 276,
} as const // prettier-ignore

/** The names of link types, for what is told of frames that are not read (IANA registry PCAP-Related LinkTypes). */
const names: Readonly<Record<number, string>> = {
  0: 'NULL', 1: 'ETHERNET', 2: 'EXP_ETHERNET', 3: 'AX25', 4: 'PRONET', 5: 'CHAOS', 6: 'IEEE802_5', 7: 'ARCNET_BSD', 8: 'SLIP', 9: 'PPP',
  10: 'FDDI', 50: 'PPP_HDLC', 51: 'PPP_ETHER', 99: 'SYMANTEC_FIREWALL', 100: 'ATM_RFC1483', 101: 'RAW', 104: 'C_HDLC', 105: 'IEEE802_11',
  106: 'ATM_CLIP', 107: 'FRELAY', 108: 'LOOP', 109: 'ENC', 113: 'LINUX_SLL', 114: 'LTALK', 117: 'PFLOG', 118: 'CISCO_IOS',
  119: 'IEEE802_11_PRISM', 122: 'IP_OVER_FC', 123: 'SUNATM', 127: 'IEEE802_11_RADIOTAP', 129: 'ARCNET_LINUX',
  138: 'APPLE_IP_OVER_IEEE1394', 139: 'MTP2_WITH_PHDR', 140: 'MTP2', 141: 'MTP3', 142: 'SCCP', 143: 'DOCSIS', 144: 'LINUX_IRDA',
  163: 'IEEE802_11_AVS', 165: 'BACNET_MS_TP', 166: 'PPP_PPPD', 177: 'LINUX_LAPD', 187: 'BLUETOOTH_HCI_H4', 189: 'USB_LINUX', 192: 'PPI',
  195: 'IEEE802_15_4_WITHFCS', 197: 'ERF', 201: 'BLUETOOTH_HCI_H4_WITH_PHDR', 204: 'PPP_WITH_DIR', 215: 'IEEE802_15_4_NONASK_PHY',
  220: 'USB_LINUX_MMAPPED', 224: 'FC_2', 226: 'IPNET', 227: 'CAN_SOCKETCAN', 228: 'IPV4', 229: 'IPV6', 230: 'IEEE802_15_4_NOFCS',
  231: 'DBUS', 239: 'NFLOG', 240: 'NETANALYZER', 242: 'IPOIB', 247: 'INFINIBAND', 249: 'USBPCAP', 251: 'BLUETOOTH_LE_LL',
  252: 'WIRESHARK_UPPER_PDU', 253: 'NETLINK', 254: 'BLUETOOTH_LINUX_MONITOR', 256: 'BLUETOOTH_LE_LL_WITH_PHDR', 258: 'PKTAP',
  272: 'NORDIC_BLE', 276: 'LINUX_SLL2', 283: 'IEEE802_15_4_TAP',
} // prettier-ignore

/** The name without its prefix `LINKTYPE_`; 147 to 162 are private. */
export const linkTypeName = (linkType: number): string =>
  names[linkType] ?? (linkType >= 147 && linkType <= 162 ? `USER${linkType - 147}` : 'unknown')
