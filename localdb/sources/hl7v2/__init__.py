"""HL7 v2.1 to v2.8: bytes to records, pure (DESIGN §4). Nothing here touches a disk, a socket or a clock."""
