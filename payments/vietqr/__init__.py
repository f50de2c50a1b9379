"""VietQR: the payload a banking app reads, its picture and the poster for a stall. Pure."""
