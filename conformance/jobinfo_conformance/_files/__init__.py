"""Files that users give and those that are written, and what is decoded from them."""
