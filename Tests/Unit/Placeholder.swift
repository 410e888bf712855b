// Unit
