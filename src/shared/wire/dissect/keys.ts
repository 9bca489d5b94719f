/** Every name that the dissector gives to fields, as Wireshark has them: what a filter may ask for. */
export const fieldKeys: ReadonlySet<string> = new Set(
  `
  arp.dst.hw_mac arp.dst.proto_ipv4 arp.opcode arp.src.hw_mac arp.src.proto_ipv4 capwap.header.length chdlc.protocol
  dhcp.file dhcp.flags dhcp.hops dhcp.hw.len dhcp.hw.mac_addr dhcp.hw.type dhcp.id dhcp.ip.client dhcp.ip.relay
  dhcp.ip.server dhcp.ip.your dhcp.option.bootfile_name dhcp.option.broadcast_address
  dhcp.option.client_system_architecture dhcp.option.dhcp dhcp.option.dhcp_max_message_size dhcp.option.dhcp_server_id
  dhcp.option.domain_name dhcp.option.domain_name_server dhcp.option.hostname dhcp.option.ip_address_lease_time
  dhcp.option.rebinding_time_value dhcp.option.renewal_time_value dhcp.option.request_list_item
  dhcp.option.requested_ip_address dhcp.option.root_path dhcp.option.router dhcp.option.subnet_mask
  dhcp.option.tftp_server_name dhcp.option.vendor_class_id dhcp.secs dhcp.server dhcp.type erspan.spanid
  erspan.version erspan.vlan eth.dst eth.len eth.src eth.type geneve.proto_type geneve.vni gre.key gre.proto
  http.request.method http.request.uri http.response.code icmp.checksum icmp.code icmp.type ieee8021ah.isid
  ip.checksum ip.dst ip.frag_offset ip.hdr_len ip.id ip.len ip.proto ip.src ip.ttl ipv6.dst ipv6.hlim ipv6.nxt
  ipv6.plen ipv6.src llc.dsap llc.oui llc.ssap llc.type mpls.bottom mpls.exp mpls.label mpls.ttl nsh.si nsh.spi
  null.family ppp.protocol pppoe.payload_length pppoe.session_id radiotap.length sll.etype sll.halen sll.src.eth
  tcp.ack_raw tcp.dstport tcp.flags tcp.hdr_len tcp.seq_raw tcp.srcport tcp.window_size_value tftp.block
  tftp.destination_file tftp.error.code tftp.error.message tftp.nextwindowsize tftp.opcode tftp.option.name
  tftp.option.value tftp.source_file tftp.type udp.checksum udp.dstport udp.length udp.srcport vlan.etype vlan.id
  vlan.len vlan.priority vxlan.vni wlan.da wlan.sa
`
    .trim()
    .split(/\s+/),
)
