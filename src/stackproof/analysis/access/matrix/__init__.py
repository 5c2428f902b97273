"""Every permission of every identity, spelled out."""
