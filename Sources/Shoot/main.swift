print("shoot")
