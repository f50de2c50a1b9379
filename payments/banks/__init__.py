"""The directory of banks that can receive a VietQR transfer."""
